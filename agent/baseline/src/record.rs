//! A baseline outside of memory: one fact per line of text, or per row of a store.
//!
//! A line is `client server protocol unit verb function target | state | count | first | last`,
//! sorted, so that two baselines can be compared and reviewed like any text. A target is what
//! policies write; `-` where there is none, `holding:*` for a whole area, `*` for anything; a name
//! that would read as one of these begins with `=`. A fact that is dangerous is never `learned`:
//! such a line is refused, also where a person wrote it.

use std::fmt::Write;

use model::{Place, Problem, Timestamp, Verb, closest};
use serde::Deserialize;
use serde::de::value::StrDeserializer;

use crate::baseline::{Baseline, Behaviour};
use crate::key::{Pair, Part, Station};
use crate::seen::{Seen, State};

/// A fact as stores keep it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    /// Who asks whom for what: `client server protocol unit verb function target`.
    pub key: String,
    /// `learned`, `pending` or `approved by NAME`.
    pub state: String,
    /// How often it was seen.
    pub count: u64,
    /// When it was seen first.
    pub first: Timestamp,
    /// When it was seen last.
    pub last: Timestamp,
}

impl Baseline {
    /// Every fact, in the order of client, server, protocol, unit, function and target.
    pub fn rows(&self) -> impl Iterator<Item = Row> {
        let mut rows = Vec::new();
        self.each(&mut |key, seen| rows.push(row(key, seen)));
        rows.into_iter()
    }

    /// The facts that await approval.
    pub fn pending(&self) -> impl Iterator<Item = Row> {
        let mut rows = Vec::new();
        self.each(&mut |key, seen| {
            if seen.state == State::Pending {
                rows.push(row(key, seen));
            }
        });
        rows.into_iter()
    }

    /// The baseline as text: a heading, then a line per fact.
    pub fn to_text(&self) -> String {
        let mut text = format!("{HEADING}\n{EXPLANATION}\n");
        self.each(&mut |key, seen| {
            let Seen {
                state,
                count,
                first,
                last,
            } = seen;
            // Writing to a text does not fail.
            let _ = writeln!(text, "{key} | {state} | {count} | {first} | {last}");
        });
        text
    }

    /// Reads a baseline from its text.
    ///
    /// # Errors
    /// Everything that is wrong in it.
    pub fn from_text(file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let mut lines = text.lines().zip(1..);
        let heading = lines.next().map(|(line, _)| line.trim_end());
        if heading != Some(HEADING) {
            let help = format!("a baseline begins with `{HEADING}`");
            return Err(vec![problem(
                file,
                1,
                1,
                "no baseline that can be read",
                Some(help),
            )]);
        }
        let facts = lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
        let rows = facts.map(|(line, number)| (number, fields(line)));
        Self::from_facts(file, rows)
    }

    /// Reads a baseline from the rows of a store.
    ///
    /// # Errors
    /// Everything that is wrong in them; a problem's line is the row's number.
    pub fn from_rows(
        file: &str,
        rows: impl IntoIterator<Item = Row>,
    ) -> Result<Self, Vec<Problem>> {
        let rows = rows.into_iter().zip(1..);
        Self::from_facts(file, rows.map(|(row, number)| (number, Ok(row))))
    }

    /// Approves every fact that awaits approval and whose key contains `matching`. Answers how many.
    pub fn approve(&mut self, matching: &str, by: &str) -> usize {
        let state = State::approved(by);
        let mut approved = 0;
        for (pair, peer) in &mut self.peers {
            for (protocol, service) in &mut peer.protocols {
                for (unit, device) in &mut service.units {
                    for (function, behaviour) in &mut device.functions {
                        let key = start(pair, protocol, &Part(*unit), behaviour.verb, function);
                        let wanted = |target: &str| format!("{key}{target}").contains(matching);
                        approved += behaviour.targets.approve(wanted, &state);
                    }
                }
            }
        }
        approved
    }

    fn from_facts(
        file: &str,
        facts: impl Iterator<Item = (u32, Result<Row, (u32, String)>)>,
    ) -> Result<Self, Vec<Problem>> {
        let mut baseline = Self::new();
        let mut problems = Vec::new();
        for (line, row) in facts {
            let inserted = row.and_then(|row| baseline.insert(&row));
            if let Err((column, what)) = inserted {
                problems.push(problem(file, line, column, &what, None));
            }
        }
        if problems.is_empty() {
            Ok(baseline)
        } else {
            Err(problems)
        }
    }

    /// Adds a fact; or says in which column what is wrong with it.
    fn insert(&mut self, row: &Row) -> Result<(), (u32, String)> {
        let mut words = Words {
            left: &row.key,
            column: 1,
        };
        let client = words.read("a client's address", Station::parse)?;
        let server = words.read("a server's address", Station::parse)?;
        let protocol = words.read("a protocol", Some)?;
        let Part(unit) = words.read("a unit: `unit:1`, `slot:0/2` or `-`", Part::parse)?;
        let column = words.column;
        let verb = words.verb()?;
        let function = words.read("a function", Some)?;
        let target = words.target()?;
        let state = State::parse(&row.state).ok_or_else(|| {
            let what = "expected `learned`, `pending` or `approved by NAME`".to_owned();
            (width(&row.key) + 4, what)
        })?;
        if verb.is_dangerous() && state == State::Learned {
            let what = format!("`{verb}` is never learned: it is pending or approved by somebody");
            return Err((column, what));
        }
        let seen = Seen {
            state,
            count: row.count,
            first: row.first,
            last: row.last,
        };
        let behaviour = self.behaviour(Pair { client, server }, (protocol, unit, function), verb);
        match behaviour {
            Some(behaviour) => behaviour.targets.insert(target, seen),
            None => self.dropped += 1,
        }
        Ok(())
    }

    /// Shows every fact with its key, in order.
    fn each(&self, see: &mut dyn FnMut(&str, &Seen)) {
        for (pair, peer) in &self.peers {
            for (protocol, service) in &peer.protocols {
                for (unit, device) in &service.units {
                    for (function, Behaviour { verb, targets }) in &device.functions {
                        let key = start(pair, protocol, &Part(*unit), *verb, function);
                        targets.each(&mut |target, seen| see(&format!("{key}{target}"), seen));
                    }
                }
            }
        }
    }
}

/// What stands before the target in a key.
fn start(pair: &Pair, protocol: &str, unit: &Part, verb: Verb, function: &str) -> String {
    let Pair { client, server } = pair;
    format!("{client} {server} {protocol} {unit} {verb} {function} ")
}

fn row(key: &str, seen: &Seen) -> Row {
    Row {
        key: key.to_owned(),
        state: seen.state.to_string(),
        count: seen.count,
        first: seen.first,
        last: seen.last,
    }
}

/// The fields of a line, from its end, as the target may hold anything.
fn fields(line: &str) -> Result<Row, (u32, String)> {
    let parts: Vec<_> = line.rsplitn(5, " | ").collect();
    let &[last, first, count, state, key] = parts.as_slice() else {
        return Err((
            1,
            "a fact is `key | state | count | first | last`".to_owned(),
        ));
    };
    let column = |before: &[&str]| 1 + before.iter().map(|part| width(part) + 3).sum::<u32>();
    let number = count.parse().map_err(|_| {
        let what = format!("`{count}` is no number");
        (column(&[key, state]), what)
    });
    Ok(Row {
        key: key.to_owned(),
        state: state.to_owned(),
        count: number?,
        first: time(first, column(&[key, state, count]))?,
        last: time(last, column(&[key, state, count, first]))?,
    })
}

fn time(text: &str, column: u32) -> Result<Timestamp, (u32, String)> {
    let text_of = StrDeserializer::<serde::de::value::Error>::new(text);
    Timestamp::deserialize(text_of).map_err(|_| (column, format!("`{text}` is no time")))
}

/// The words of a key, one by one.
struct Words<'k> {
    left: &'k str,
    column: u32,
}

impl<'k> Words<'k> {
    fn read<T>(
        &mut self,
        what: &str,
        parse: impl FnOnce(&'k str) -> Option<T>,
    ) -> Result<T, (u32, String)> {
        let (word, left) = self.left.split_once(' ').unwrap_or((self.left, ""));
        let column = self.column;
        let said = Some(word).filter(|word| !word.is_empty()).and_then(parse);
        let read = said.ok_or_else(|| (column, format!("`{word}` is not {what}")))?;
        self.left = left;
        self.column += width(word) + 1;
        Ok(read)
    }

    fn verb(&mut self) -> Result<Verb, (u32, String)> {
        let word = self.left.split(' ').next().unwrap_or_default();
        // what was meant is looked for only where it is not known: that takes longer than all the rest of a row
        let near = match word.parse::<Verb>() {
            Ok(_) => None,
            Err(_) => closest(word, Verb::ALL.map(Verb::name)),
        };
        let help = near.map(|near| format!("a verb; did you mean `{near}`?"));
        self.read(help.as_deref().unwrap_or("a verb"), |word| {
            word.parse().ok()
        })
    }

    fn target(&self) -> Result<&'k str, (u32, String)> {
        let target = Some(self.left).filter(|target| !target.is_empty());
        target.ok_or_else(|| {
            (
                self.column,
                "the target is missing; `-` stands for none".to_owned(),
            )
        })
    }
}

fn problem(file: &str, line: u32, column: u32, what: &str, help: Option<String>) -> Problem {
    let file = file.to_owned();
    let at = Place { file, line, column };
    let what = what.to_owned();
    Problem {
        at,
        width: 0,
        what,
        help,
    }
}

fn width(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

const HEADING: &str = "bulkhead baseline 1";
const EXPLANATION: &str =
    "# client server protocol unit verb function target | state | count | first | last";

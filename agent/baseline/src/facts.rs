//! The targets of one behaviour as facts: shown, read back and approved one by one.

use crate::runs::Run;
use crate::seen::{Seen, State};
use crate::targets::{Area, Targets, add};

impl Targets {
    /// Shows every fact with the text of its target, in order.
    pub(crate) fn each(&self, see: &mut dyn FnMut(&str, &Seen)) {
        let whole = [("-", &self.bare), ("*", &self.all)];
        for (target, seen) in whole {
            seen.iter().for_each(|seen| see(target, seen));
        }
        for (name, area) in &self.areas {
            area.any
                .iter()
                .for_each(|seen| see(&format!("{name}:*"), seen));
            area.runs
                .iter()
                .for_each(|run| see(&cells(name, run), &run.seen));
            area.names
                .iter()
                .for_each(|(target, seen)| see(&quoted(target), seen));
        }
    }

    /// Adds a fact. What was approved wins over what awaits approval.
    pub(crate) fn insert(&mut self, target: &str, seen: Seen) {
        match read(target) {
            Fact::None => put(&mut self.bare, seen),
            Fact::All => put(&mut self.all, seen),
            Fact::Any { area } => put(&mut self.area(area).any, seen),
            Fact::Cells { area, first, last } => {
                self.area(area).insert(Run { first, last, seen });
            }
            Fact::Name { target } => {
                let names = &mut self.area(area_of(target)).names;
                let mut known = names.remove(target);
                put(&mut known, seen);
                names.extend(known.map(|seen| (target.into(), seen)));
            }
        }
    }

    /// Approves every fact that awaits approval and whose target is `wanted`. Answers how many.
    pub(crate) fn approve(&mut self, wanted: impl Fn(&str) -> bool, state: &State) -> usize {
        let mut pending = Vec::new();
        self.each(&mut |target, seen| {
            if seen.state == State::Pending && wanted(target) {
                let state = state.clone();
                pending.push((
                    target.to_owned(),
                    Seen {
                        state,
                        ..seen.clone()
                    },
                ));
            }
        });
        let approved = pending.len();
        for (target, seen) in pending {
            self.insert(&target, seen);
        }
        approved
    }

    fn area(&mut self, name: &str) -> &mut Area {
        self.areas.entry(name.into()).or_default()
    }
}

impl Area {
    /// Adds a run that was read. What awaits approval gives way to what was approved, whichever
    /// comes first, as a store may hold both.
    fn insert(&mut self, run: Run) {
        let settled = |state: &State| *state != State::Pending;
        if settled(&run.seen.state) {
            let within = |old: &Run| run.first <= old.first && old.last <= run.last;
            self.runs
                .take(|old| !settled(&old.seen.state) && within(old));
        } else if self.runs.cover(run.first, run.last, settled) {
            return;
        }
        self.runs.add(run);
    }
}

/// Joins two facts of one target: the better state stays.
fn put(fact: &mut Option<Seen>, seen: Seen) {
    match fact {
        Some(old) if seen.state < old.state => *fact = Some(seen),
        Some(old) if seen.state == old.state => add(fact, &seen),
        Some(_) => {}
        None => *fact = Some(seen),
    }
}

/// The text of a target, understood.
enum Fact<'t> {
    None,
    All,
    Any {
        area: &'t str,
    },
    Cells {
        area: &'t str,
        first: u64,
        last: u64,
    },
    Name {
        target: &'t str,
    },
}

fn read(target: &str) -> Fact<'_> {
    if let Some(target) = target.strip_prefix('=') {
        return Fact::Name { target };
    }
    match (target, target.split_once(':')) {
        ("-", _) => Fact::None,
        ("*", _) => Fact::All,
        (_, Some((area, "*"))) => Fact::Any { area },
        (_, Some((area, range))) => numbers(range)
            .map(|(first, last)| Fact::Cells { area, first, last })
            .unwrap_or(Fact::Name { target }),
        (_, None) => Fact::Name { target },
    }
}

/// `7` or `7-9`.
fn numbers(range: &str) -> Option<(u64, u64)> {
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (first, last) =
        digits(range.replacen('-', "", 1).as_str()).then(|| (first.parse(), last.parse()))?;
    Some((first.ok()?, last.ok()?)).filter(|(first, last): &(u64, u64)| first <= last)
}

/// A name as it is, or marked where it would read as something else.
fn quoted(target: &str) -> String {
    let plain = matches!(read(target), Fact::Name { target: same } if same == target);
    let mark = if plain { "" } else { "=" };
    format!("{mark}{target}")
}

fn cells(area: &str, Run { first, last, .. }: &Run) -> String {
    if first == last {
        format!("{area}:{first}")
    } else {
        format!("{area}:{first}-{last}")
    }
}

/// The area of a name: the namespace of a node, else the kind before the colon.
fn area_of(name: &str) -> &str {
    if name.starts_with("ns=") {
        return name.split(';').next().unwrap_or(name);
    }
    if NODES.iter().any(|start| name.starts_with(start)) {
        return "ns=0";
    }
    name.split(':').next().unwrap_or(name)
}

/// How nodes of namespace 0 begin.
const NODES: [&str; 4] = ["i=", "s=", "g=", "b="];

//! `replay --format icsnpp` against logs that Zeek and the ICSNPP parsers wrote of the same
//! captures, row by row and field by field.
//!
//! `icsnpp-allow.tsv` lists what differs: capture, log, row, field, why. The row is `theirs:N`, their
//! N-th row, or `ours:N`; the field `-` means the whole row, which the other side does not have.
//! What is not listed fails, and so does what is listed and does not differ. Where no logs of
//! theirs are at hand, what is written is held against what their scripts say of the same bytes.

mod events;
mod folder;
mod made;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::captures::captures;
use crate::support::{logs_of, root, shared};

/// The logs that are compared.
const LOGS: [&str; 6] = [
    "cotp",
    "modbus",
    "s7comm",
    "s7comm_plus",
    "s7comm_read_szl",
    "s7comm_upload_download",
];

#[test]
fn every_row_of_zeek_and_icsnpp_is_written_field_by_field() {
    let Some(folder) = shared("captures") else {
        return;
    };
    let compared = compare(&folder, &allowed());
    assert!(compared.rows > 500, "only {} rows", compared.rows);
    assert!(
        compared.different.is_empty(),
        "{}",
        compared.different.join("\n")
    );
}

#[test]
fn every_log_that_zeek_and_icsnpp_left_is_compared() {
    let Some(folder) = shared("captures") else {
        return;
    };
    // Zeek's own logs of connections and of itself; those of OPC UA have a test of their own.
    let others = ["analyzer_debug", "conn", "weird"];
    for capture in captures(&folder) {
        let theirs = format!("{}.expected/zeek", capture.display());
        for entry in std::fs::read_dir(theirs).into_iter().flatten() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let Some(log) = name.strip_suffix(".log") else {
                continue;
            };
            let is_known = LOGS.contains(&log) || others.contains(&log);
            let is_compared = is_known || log.starts_with("opcua_binary");
            assert!(is_compared, "{log} of {}", capture.display());
        }
    }
}

#[test]
fn a_difference_that_is_not_listed_is_found() {
    let Some(folder) = shared("captures") else {
        return;
    };
    let listed = allowed();
    let captures: BTreeSet<_> = listed.iter().map(|it| &it.capture).collect();
    for capture in captures {
        let mut fewer = listed.clone();
        let place = fewer.iter().position(|it| it.capture == *capture);
        fewer.remove(place.unwrap());
        assert!(
            !compare(&folder, &fewer).different.is_empty(),
            "a difference in {capture} that is no longer listed is not found"
        );
    }
}

/// What a comparison came to.
#[derive(Default)]
struct Compared {
    rows: usize,
    different: Vec<String>,
}

/// A difference that is known.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Allowed {
    capture: String,
    log: String,
    row: String,
    field: String,
}

fn allowed() -> Vec<Allowed> {
    let text = std::fs::read_to_string(root().join("tests/icsnpp-allow.tsv")).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let entries = lines.map(|line| {
        let [capture, log, row, field, why] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("`{line}` has not five columns");
        };
        assert!(!why.is_empty(), "`{line}` does not say why");
        Allowed {
            capture: capture.to_owned(),
            log: log.to_owned(),
            row: row.to_owned(),
            field: field.to_owned(),
        }
    });
    entries.collect()
}

/// Compares every capture beside which they left logs.
fn compare(folder: &Path, allowed: &[Allowed]) -> Compared {
    let mut compared = Compared::default();
    let mut unused: BTreeSet<_> = allowed.iter().cloned().collect();
    for capture in captures(folder) {
        let name = capture.file_name().unwrap().to_str().unwrap().to_owned();
        let theirs = capture.with_file_name(format!("{name}.expected/zeek"));
        let logs = LOGS
            .iter()
            .map(|log| (log, theirs.join(format!("{log}.log"))));
        let logs: Vec<_> = logs.filter(|(_, path)| path.exists()).collect();
        if logs.is_empty() {
            continue;
        }
        let ours = logs_of(&capture);
        let mut flows = Flows::default();
        for (log, path) in logs {
            let mut comparison = Comparison {
                capture: &name,
                log,
                unused: &mut unused,
                flows: &mut flows,
                compared: 0,
                different: Vec::new(),
            };
            comparison.rows(&read(&path), &ours.get(*log).cloned().unwrap_or_default());
            compared.rows += comparison.compared;
            compared.different.append(&mut comparison.different);
        }
    }
    let unused = unused.into_iter();
    compared
        .different
        .extend(unused.map(|it| format!("listed, but the same: {it:?}")));
    compared
}

/// Which flow of ours is which of theirs, and the reverse: the same in every log of a capture.
type Flows = [BTreeMap<String, String>; 2];

/// A comparison of one log.
struct Comparison<'a> {
    capture: &'a str,
    log: &'a str,
    unused: &'a mut BTreeSet<Allowed>,
    flows: &'a mut Flows,
    compared: usize,
    different: Vec<String>,
}

impl Comparison<'_> {
    fn rows(&mut self, theirs: &Log, ours: &[Value]) {
        // Bro 2.x wrote a row where an answer came.
        let only_answers = self.log == "modbus" && !theirs.fields.iter().any(|it| it == "pdu_type");
        let ours = ours
            .iter()
            .filter(|row| !only_answers || row["pdu_type"] == "RESP");
        let ours = ours.zip(1..);
        let mut ours: Vec<_> = ours
            .filter(|(_, n)| !self.allows(&format!("ours:{n}"), "-"))
            .collect();
        ours.reverse();
        for (number, theirs_row) in (1..).zip(&theirs.rows) {
            let row = format!("theirs:{number}");
            if self.allows(&row, "-") {
                continue;
            }
            match ours.pop() {
                Some((ours, _)) => self.row(&row, &theirs.fields, theirs_row, ours),
                None => self.tell(&row, "-", &theirs_row.join(" "), "no row"),
            }
        }
        while let Some((row, number)) = ours.pop() {
            self.tell(&format!("ours:{number}"), "-", "no row", &row.to_string());
        }
    }

    fn row(&mut self, name: &str, fields: &[String], theirs: &[String], ours: &Value) {
        self.compared += 1;
        for (field, theirs) in fields.iter().zip(theirs) {
            let ours = zeek(&ours[field.as_str()], field);
            let same = match field.as_str() {
                "ts" if theirs.starts_with('X') => true,
                "uid" => self.is_same_flow(theirs, &ours),
                _ => *theirs == ours,
            };
            if !same && !self.allows(name, field) {
                self.tell(name, field, theirs, &ours);
            }
        }
        let is_old = self.log == "modbus" && !fields.iter().any(|field| field == "tid");
        let known: BTreeSet<_> = fields.iter().map(String::as_str).collect();
        for (field, value) in ours.as_object().unwrap() {
            if !is_old && !known.contains(field.as_str()) {
                self.tell(name, field, "no such field", &value.to_string());
            }
        }
    }

    /// Identifiers of flows differ, but each of theirs is one of ours.
    fn is_same_flow(&mut self, theirs: &str, ours: &str) -> bool {
        assert!(ours.starts_with('C') && ours.len() == 18, "{ours}");
        let [to_ours, to_theirs] = self.flows;
        let known = to_ours.entry(theirs.to_owned());
        let is_known = known.or_insert_with(|| ours.to_owned()) == ours;
        let known = to_theirs.entry(ours.to_owned());
        known.or_insert_with(|| theirs.to_owned()) == theirs && is_known
    }

    fn allows(&mut self, row: &str, field: &str) -> bool {
        self.unused.remove(&Allowed {
            capture: self.capture.to_owned(),
            log: self.log.to_owned(),
            row: row.to_owned(),
            field: field.to_owned(),
        })
    }

    fn tell(&mut self, row: &str, field: &str, theirs: &str, ours: &str) {
        let Self { capture, log, .. } = self;
        self.different.push(format!(
            "{capture}\t{log}\t{row}\t{field}\ttheirs: {theirs}, ours: {ours}"
        ));
    }
}

/// A value as Zeek writes it in columns.
fn zeek(value: &Value, field: &str) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "T".to_owned(),
        Value::Bool(false) => "F".to_owned(),
        Value::String(text) if text.is_empty() => "(empty)".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(seconds) if field == "ts" => format!("{:.6}", seconds.as_f64().unwrap()),
        Value::Array(values) => {
            let values: Vec<_> = values.iter().map(|value| zeek(value, field)).collect();
            values.join(",")
        }
        other => other.to_string(),
    }
}

/// A log in columns.
struct Log {
    fields: Vec<String>,
    rows: Vec<Vec<String>>,
}

fn read(path: &Path) -> Log {
    let text = std::fs::read_to_string(path).unwrap();
    let columns = |line: &str| line.split('\t').map(str::to_owned).collect::<Vec<_>>();
    let fields = text.lines().find_map(|line| line.strip_prefix("#fields\t"));
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    Log {
        fields: columns(fields.unwrap()),
        rows: rows.map(columns).collect(),
    }
}

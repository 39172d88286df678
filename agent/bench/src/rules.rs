//! Rules as many as a plant may have, none of which finds anything in the traffic of the bench.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::sync::Arc;

use detect::Rules;

use crate::setup::words;

/// Sixty rules: for each protocol sixteen that look at verbs, functions, targets, addresses and verdicts, and two that count what
/// two others match, one of them every write.
///
/// # Errors
///
/// When the folder that they are loaded from cannot be written, or they are wrong.
pub fn sixty_rules() -> io::Result<Arc<Rules>> {
    let folder = std::env::temp_dir().join(format!("bulkhead-rules-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    for protocol in ["modbus", "s7", "opcua"] {
        let plain = (0..16).map(|number| (number, plain(protocol, number)));
        let counting = (16..18).map(|number| (number, counting(protocol, number)));
        for (number, text) in plain.chain(counting) {
            fs::write(folder.join(format!("{protocol}-{number}.yml")), text)?;
        }
    }
    let rules = Rules::load(&folder, &words());
    fs::remove_dir_all(&folder)?;
    let told = |problems: Vec<model::Problem>| {
        let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
        io::Error::other(told.join("\n"))
    };
    rules.map(Arc::new).map_err(told)
}

fn plain(protocol: &str, number: usize) -> String {
    let selection = SELECTIONS.get(number % SELECTIONS.len());
    let selection = selection.copied().unwrap_or_default();
    let mut text = String::new();
    let name = format!("{protocol}.bench_{number}");
    let _ = write!(
        text,
        "title: Number {number} over {protocol}\nname: {name}\nstatus: test\ndescription: It is there to be passed over.\n\
         logsource: {{product: bulkhead, service: {protocol}}}\n\
         detection:\n  selection: {{{selection}, client.ip|cidr: 172.{number}.0.0/16}}\n  permitted: {{verdict: conforms}}\n  \
         condition: selection and not permitted\n{TAIL}"
    );
    let quiet = "{verb: read, client.ip: 10.0.0.1}";
    let address = format!("client.ip: 172.{number}.0.1");
    let fires = FIRES.get(number % FIRES.len()).copied().unwrap_or_default();
    let _ = write!(
        text,
        "    fire: [{{{fires}, {address}}}]\n    quiet: [{quiet}]\n"
    );
    text
}

fn counting(protocol: &str, number: usize) -> String {
    let counted = if number == 16 {
        "stage: request, verb: write"
    } else {
        "stage: response, outcome: refused, verb: write"
    };
    let name = format!("{protocol}.bench_{number}");
    let stage = if number == 16 {
        ""
    } else {
        "stage: response, outcome: refused, "
    };
    format!(
        "title: Many over {protocol}, {number}\nname: {name}\nstatus: test\ndescription: It counts what never is enough.\n\
         correlation:\n  type: event_count\n  rules: [{name}.one]\n  group-by: [client.ip, server.ip]\n  timespan: 10s\n  \
         condition: {{gte: 1000}}\n{TAIL}    fire: [{{{stage}verb: write, client.ip: 10.0.0.1, server.ip: 10.0.0.2, repeat: 1020, every: 1ms}}]\n    \
         quiet: [{{verb: read, client.ip: 10.0.0.1, server.ip: 10.0.0.2}}]\n---\n\
         title: One of many\nname: {name}.one\nlogsource: {{product: bulkhead, service: {protocol}}}\n\
         detection: {{selection: {{{counted}}}, condition: selection}}\n"
    )
}

const TAIL: &str = "falsepositives: [none]
level: low
tags: [attack.t0855]
bulkhead:
  owner: o
  action: Look.
  consequence: Nothing.
  respond_within: 1d
  examples:
";

/// What rules look at, and events that they match.
const SELECTIONS: [&str; 8] = [
    "stage: request, verb: write",
    "stage: request, verb: [write, call, download]",
    "stage: request, verb: read",
    "stage: request, verb: read, target|contains: '99'",
    "stage: response, outcome: refused",
    "stage: request, server.ip|startswith: '10.'",
    "stage: request, verb: [mode, delete, firmware]",
    "stage: request, target|re: '^(DB7|holding:7|ns=7).*$'",
];
const FIRES: [&str; 8] = [
    "verb: write",
    "verb: call",
    "verb: read",
    "verb: read, target: 'x:99'",
    "stage: response, outcome: refused",
    "server.ip: 10.1.1.1",
    "verb: mode",
    "target: 'holding:77'",
];

//! Policies for the pairs that [`Plant`](crate::Plant) has, as text: few statements, or a conduit for each pair.

use std::fmt::Write as _;

/// Whether what was judged may be remembered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Memory {
    /// No statement depends on time: a repeated operation is looked up.
    Kept,
    /// Every statement has a schedule: each operation is judged anew.
    Anew,
}

impl Memory {
    const fn condition(self) -> &'static str {
        match self {
            Self::Kept => "",
            Self::Anew => ", when: always",
        }
    }
}

/// Ten statements, which allow everything that pairs do.
pub fn ten_statements(memory: Memory) -> String {
    polling(memory, &TEN)
}

/// As [`ten_statements`], without those that allow writing: of what pairs do, every write violates it.
pub fn reading_alone() -> String {
    let reads: Vec<_> = TEN
        .into_iter()
        .filter(|it| !it.contains("[write]"))
        .collect();
    polling(Memory::Kept, &reads)
}

/// So many conduits, each from the client of a pair to its server, with two statements.
pub fn own_conduits(conduits: u16, memory: Memory) -> String {
    let mut text = format!("{HEAD}assets:\n");
    for number in 0..conduits {
        let [high, low] = number.to_be_bytes();
        for (name, net) in [('c', 1), ('s', 2)] {
            let _ = writeln!(text, "  {name}{number}: {{ip: 10.{net}.{high}.{low}}}");
        }
    }
    text.push_str("conduits:\n");
    let when = memory.condition();
    for number in 0..conduits {
        let _ = writeln!(
            text,
            "  own-{number}: {{from: {{asset: c{number}}}, to: {{asset: s{number}}}, allow: [{{protocols: any, \
             verbs: [connect, identify, read, subscribe]{when}}}, {{protocols: any, verbs: [write]{when}}}]}}"
        );
    }
    text
}

fn polling(memory: Memory, statements: &[&str]) -> String {
    let mut text = format!("{HEAD}{POLLING}");
    for statement in statements {
        let _ = writeln!(text, "      - {{{statement}{}}}", memory.condition());
    }
    text
}

const HEAD: &str = "version: 1
site: {name: bench, owner: o}
schedules: {always: {days: daily}}
zones:
  clients: {owner: o, members: {cidr: 10.1.0.0/16}}
  servers: {owner: o, members: {cidr: 10.2.0.0/16}}
";

const POLLING: &str = "conduits:
  polling:
    from: {zone: clients}
    to: {zone: servers}
    allow:
";

const TEN: [&str; 10] = [
    "protocol: modbus, verbs: [connect, identify, read]",
    "protocol: modbus, verbs: [write], targets: ['holding:40']",
    "protocol: modbus, verbs: [diagnose]",
    "protocol: s7, verbs: [connect, identify, read]",
    "protocol: s7, verbs: [write], targets: [DB10:4-7]",
    "protocol: s7, verbs: [upload]",
    "protocol: opcua, verbs: [connect, identify, read, subscribe]",
    "protocol: opcua, verbs: [write], targets: ['ns=2;s=Line1.Setpoint']",
    "protocol: opcua, verbs: [browse]",
    "protocol: opcua, verbs: [call], targets: ['ns=2;s=Line1.Reset']",
];

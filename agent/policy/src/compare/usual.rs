//! What usual messages look like, so that witnesses read like traffic: a target where none is asked for, and the function
//! that goes with a target. Nothing depends on it but how witnesses read.

use model::{Function, Verb};

use super::witness::{NodeName, Place};

/// A target for a message of which no statement asks for one.
pub(super) fn usual(protocol: &'static str, function: Function) -> Option<Place> {
    let cells = |area, block, first| Place::Cells {
        area,
        block,
        first,
        last: first,
    };
    match function.verb {
        Verb::Read | Verb::Write | Verb::Subscribe => Some(match protocol {
            "modbus" if function.name.contains("coil") => cells("coil", None, 0),
            "modbus" if function.name.contains("discrete") => cells("discrete", None, 0),
            "modbus" if function.name.contains("input") => cells("input", None, 0),
            "modbus" => cells("holding", None, 0),
            "s7" => cells("DB", Some(1), 0),
            "opcua" => Place::Node {
                namespace: 2,
                key: NodeName::Text("Node".to_owned()),
            },
            _ => return None,
        }),
        Verb::Call | Verb::Delete if protocol == "opcua" => Some(Place::Node {
            namespace: 2,
            key: NodeName::Text("Node".to_owned()),
        }),
        _ => None,
    }
}

/// Of functions that no statement tells apart the one that goes with a target.
pub(super) fn suited(choice: &[Function], place: Option<&Place>) -> Function {
    let word = match place {
        Some(Place::Cells { area, .. }) => match *area {
            "coil" => "coil",
            "discrete" => "discrete",
            "holding" => "holding",
            "input" => "input",
            _ => "var",
        },
        _ => "",
    };
    let named = |word: &str| {
        let single = |function: &&Function| function.name.contains("single");
        let fits: Vec<_> = choice.iter().filter(|it| it.name.contains(word)).collect();
        let first = fits.iter().copied().find(single);
        first.or_else(|| fits.first().copied()).copied()
    };
    let near = if word == "holding" || word == "input" {
        "register"
    } else {
        word
    };
    let found = named(word).or_else(|| named(near));
    found
        .or_else(|| choice.first().copied())
        .unwrap_or(NO_FUNCTION)
}

const NO_FUNCTION: Function = Function {
    code: 0,
    name: "unknown",
    verb: Verb::Other,
};

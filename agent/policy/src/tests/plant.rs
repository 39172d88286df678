//! The policy of the small plant that is shipped: it loads without a warning and says what its
//! comments say.

use model::{Bits, Element, Target, Verb, Verdict, Written};

use super::vocabulary::{Message, WORDS, cells, db, host, judge, node, repository};
use crate::{Criticality, Policy};

const HISTORIAN: &str = "10.10.30.20";
const ENG: &str = "10.10.30.10";
const HMI_1: &str = "10.10.10.10";
const HMI_2: &str = "10.10.20.10";
const MIXER: &str = "10.10.10.21";
const PRESS: &str = "10.10.10.31";
const TANK: &str = "10.10.20.41";
const LAPTOP: &str = "10.10.10.99";
const OFFICE: &str = "10.10.40.7";

fn plant() -> Policy {
    let loaded = Policy::load(&repository("policies/plant"), &WORDS).unwrap();
    assert_eq!(loaded.warnings, []);
    loaded.policy
}

#[test]
fn the_plant_allows_what_its_people_do_and_nothing_else() {
    let policy = plant();
    let check =
        |client: &str, server: &str, name: &str, target: Option<Target<'static>>, expected| {
            let mut message = Message::new(name);
            message.targets.extend(target);
            if message.function.verb == Verb::Write {
                message.written = target
                    .map(|target| (target, value(&target)))
                    .into_iter()
                    .collect();
            }
            let said = match judge(&policy, client, server, &message) {
                Verdict::Violates { because, .. } => because.name(),
                other => other.name(),
            };
            assert_eq!(said, expected, "{client:?} {server:?} {name} {target:?}");
        };
    let setpoint = Some(cells("holding", 100, 119));
    check(
        HMI_1,
        MIXER,
        "read_holding_registers",
        Some(cells("holding", 0, 99)),
        "conforms",
    );
    check(
        HMI_1,
        MIXER,
        "write_multiple_registers",
        setpoint,
        "conforms",
    );
    check(
        HMI_1,
        MIXER,
        "write_single_coil",
        Some(cells("coil", 7, 7)),
        "conforms",
    );
    check(
        HMI_1,
        MIXER,
        "write_single_coil",
        Some(cells("coil", 8, 8)),
        "target",
    );
    check(
        HMI_1,
        MIXER,
        "write_single_register",
        Some(cells("holding", 120, 120)),
        "target",
    );
    check(HMI_1, PRESS, "write_var", Some(db(1, 0, 31)), "conforms");
    check(HMI_1, PRESS, "read_var", Some(db(1, 30, 33)), "target");
    check(HMI_1, PRESS, "plc_stop", None, "role");
    check(
        HISTORIAN,
        MIXER,
        "read_holding_registers",
        setpoint,
        "conforms",
    );
    check(HISTORIAN, PRESS, "read_var", Some(db(7, 0, 3)), "conforms");
    check(
        HISTORIAN,
        TANK,
        "read",
        Some(node("Tank.Level")),
        "conforms",
    );
    check(HISTORIAN, MIXER, "write_single_register", setpoint, "role");
    check(ENG, PRESS, "start_upload", None, "conforms");
    check(ENG, PRESS, "request_download", None, "verb");
    check(ENG, PRESS, "plc_stop", None, "verb");
    check(ENG, TANK, "read", Some(node("Tank.Level")), "no_conduit");
    check(
        HMI_2,
        TANK,
        "write",
        Some(node("Tank.Setpoint")),
        "conforms",
    );
    check(HMI_2, TANK, "write", Some(node("Tank.Limit")), "target");
    check(HMI_2, TANK, "create_subscription", None, "conforms");
    check(HMI_2, MIXER, "read_coils", None, "no_conduit");
    check(
        LAPTOP,
        MIXER,
        "read_holding_registers",
        setpoint,
        "no_conduit",
    );
    check(LAPTOP, PRESS, "plc_stop", None, "no_conduit");
    check(
        OFFICE,
        MIXER,
        "read_holding_registers",
        setpoint,
        "no_conduit",
    );
    check(
        "192.0.2.9",
        MIXER,
        "read_holding_registers",
        setpoint,
        "unzoned",
    );
}

#[test]
fn the_plants_controllers_matter_more_than_its_office() {
    let policy = plant();
    let criticality = |ip| policy.criticality(policy.place(&host(ip)));
    assert_eq!(criticality(MIXER), Criticality::Critical);
    assert_eq!(criticality(OFFICE), Criticality::Low);
    assert!(
        policy
            .consequence(policy.place(&host(TANK)))
            .unwrap()
            .contains("overflows")
    );
    assert_eq!(policy.site(), "plant");
}

/// A value for each register, coil or byte: 50 degC for the mixer, 0 for all else.
fn value(target: &Target<'static>) -> Written<'static> {
    let Target::Cells {
        area, first, last, ..
    } = *target
    else {
        return Written::Other;
    };
    let cells = usize::try_from(last - first + 1).unwrap();
    match area {
        "coil" => Written::Bits(Bits::one(false)),
        "holding" => Written::Words(&SETPOINTS[..2 * cells]),
        _ => Written::Bytes {
            bytes: &[0; 32][..cells],
            element: Element::Byte,
        },
    }
}

/// The registers 100 to 119, of which 112 and 113 are a temperature.
const SETPOINTS: [u8; 40] = {
    let mut registers = [0; 40];
    let [high, low, ..] = 50_f32.to_be_bytes();
    (registers[24], registers[25]) = (high, low);
    registers
};

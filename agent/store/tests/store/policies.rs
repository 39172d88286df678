//! Signed policies: the highest number of a site wins, and is remembered.

use model::Timestamp;
use store::{Acceptance, SignedPolicy, Store};

fn policy(site: &str, number: u64, digest: &str) -> SignedPolicy {
    SignedPolicy {
        site: site.to_owned(),
        number,
        digest: digest.to_owned(),
    }
}

const fn at(nanos: i64) -> Timestamp {
    Timestamp::from_nanos(nanos)
}

#[test]
fn an_older_policy_is_refused_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sensor.db");
    let check = |number: u64, digest: &str, now: i64, expected: Acceptance| {
        let mut store = Store::open(&path).unwrap();
        let said = store.accept_policy(&policy("water", number, digest), false, at(now));
        assert_eq!(said.unwrap(), expected, "{number} {digest}");
    };
    check(7, "a", 1, Acceptance::Accepted);
    check(7, "a", 2, Acceptance::Accepted);
    check(7, "b", 3, Acceptance::Differs { at: at(1) });
    check(6, "c", 4, Acceptance::Older { than: 7, at: at(1) });
    check(9, "d", 5, Acceptance::Accepted);
    check(7, "a", 6, Acceptance::Older { than: 9, at: at(5) });
    check(u64::MAX, "e", 7, Acceptance::Accepted);
    check(
        10,
        "f",
        8,
        Acceptance::Older {
            than: u64::MAX,
            at: at(7),
        },
    );
}

#[test]
fn a_policy_for_another_site_is_refused_unless_the_sensor_may_move() {
    let mut store = Store::in_memory().unwrap();
    let mut check = |site: &str, number, may_move, expected: Acceptance| {
        let said = store.accept_policy(&policy(site, number, "a"), may_move, at(1));
        assert_eq!(said.unwrap(), expected, "{site} {number}");
    };
    let other = |site: &str| Acceptance::OtherSite {
        site: site.to_owned(),
    };
    check("water", 7, false, Acceptance::Accepted);
    check("power", 9, false, other("water"));
    check("power", 9, true, Acceptance::Accepted);
    check("water", 9, false, other("power"));
    check("water", 6, true, Acceptance::Older { than: 7, at: at(1) });
    check("water", 8, true, Acceptance::Accepted);
}

//! Judging by a large policy costs no memory, whatever conditions its statements have.

use bench::{ASKED_AT, Asked, large_policy};
use policy::{Policy, Standing, Text};

/// The operation to one of ten assets, each with a condition of its own: its verdict, the first time and
/// each time after, and that only the first time may take memory.
fn check(policy: &Policy, asset: usize, verdict: &str) {
    let asked = Asked::of(asset).unwrap();
    let operation = asked.operation();
    let (client, server) = (policy.place(&asked.client), policy.place(&asked.server));
    let edge = policy.edge(client, server, operation.protocol);
    let mut standing = Standing::default();
    let first = policy.judge(&edge, &mut standing, &operation, ASKED_AT);
    assert_eq!(first.name(), verdict, "{}", asked.condition());
    let spent = allocation_counter::measure(|| {
        for _ in 0..100 {
            let again = policy.judge(&edge, &mut standing, &operation, ASKED_AT);
            assert_eq!(again, first);
        }
    });
    assert_eq!(spent.count_total, 0, "{}", asked.condition());
}

#[test]
fn a_repeated_operation_is_judged_by_a_large_policy_without_allocating() {
    let words: Vec<_> = decode::PROTOCOLS.iter().map(|it| it.vocabulary).collect();
    let text = Text {
        name: "large.yaml".into(),
        text: large_policy(100),
    };
    let policy = Policy::read(&[text], &words).unwrap().policy;
    for asset in 0..1_000 {
        let verdict = if asset % 10 == 8 {
            "shadow"
        } else {
            "conforms"
        };
        check(&policy, asset, verdict);
    }
}

//! What a comparison does not ask although the sensor judges it: said where it could matter, so that nobody takes a difference for more
//! than it is.

use std::collections::HashSet;

use crate::policy::Policy;

/// What was left out of the comparison of two policies, in words.
pub(super) fn left_out(policies: [&Policy; 2]) -> Vec<&'static str> {
    let kinds: [(Asks, &str); 4] = [
        (
            has_neighbours,
            "writes that cover several tags with limits at once",
        ),
        (
            has_bits,
            "single bits written into a register, beyond all on and all off",
        ),
        (
            has_units,
            "requests whose unit was not seen, where units decide",
        ),
        (
            has_sessions,
            "sessions of which the sensor did not see the start",
        ),
    ];
    let any = |has: fn(&Policy) -> bool| policies.iter().any(|policy| has(policy));
    let said = kinds.into_iter().filter(|(has, _)| any(*has));
    said.map(|(_, what)| what).collect()
}

/// Whether an asset has two tags with limits.
fn has_neighbours(policy: &Policy) -> bool {
    let mut assets = HashSet::new();
    let mut limited = policy.tags.iter().filter(|tag| tag.is_limited());
    limited.any(|tag| !assets.insert(tag.asset))
}

fn has_bits(policy: &Policy) -> bool {
    policy.tags.iter().any(|tag| tag.is_bit())
}

fn has_units(policy: &Policy) -> bool {
    policy.grants.iter().any(|grant| grant.units.is_some()) || !policy.behind.is_empty()
}

fn has_sessions(policy: &Policy) -> bool {
    policy.grants.iter().any(|grant| grant.session.is_some())
}

/// Whether a policy states something.
type Asks = fn(&Policy) -> bool;

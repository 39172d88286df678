//! Random changes to sites: what somebody would change before asking what that changes.

use super::super::dice::Dice;
use super::super::number::Fixed;
use super::super::site::{Site, Statement};
use super::sites::{TARGETS, a_site, a_statement};

/// The site with one to three things changed; now and then another one.
pub(in super::super) fn changed(site: &Site, dice: &mut Dice) -> Site {
    if dice.chance(10) {
        return a_site(dice);
    }
    let mut new = site.clone();
    for _ in 0..1 + dice.below(3) {
        change(&mut new, dice);
    }
    new
}

fn change(site: &mut Site, dice: &mut Dice) {
    let fresh = a_statement(site, dice);
    let many = site.conduits.len();
    match dice.below(14) {
        0 if many > 1 => drop(site.conduits.remove(dice.below(many))),
        1 if !site.permits.is_empty() => drop(site.permits.pop()),
        2 => site.conduits[dice.below(many)].allow.push(fresh),
        3 => {
            let conduit = &mut site.conduits[dice.below(many)];
            conduit.both_directions = !conduit.both_directions;
        }
        4 => {
            let role = dice.below(site.roles.len());
            let role = &mut site.roles[role];
            if !role.verbs.is_empty() {
                role.verbs.remove(dice.below(role.verbs.len()));
            }
        }
        5 => {
            let zone = dice.below(site.zones.len());
            site.zones[zone].within.clear();
        }
        6 => {
            if let Some(tag) = site.tags.first_mut()
                && let Some(high) = &mut tag.high
            {
                *high = Fixed(high.0 + super::super::number::ONE);
            }
        }
        _ => {
            let conduit = &mut site.conduits[dice.below(many)];
            let at = dice.below(conduit.allow.len());
            turn(&mut conduit.allow[at], &fresh, dice);
        }
    }
}

fn turn(statement: &mut Statement, fresh: &Statement, dice: &mut Dice) {
    let speaks = |name: &str| statement.protocols.is_empty() || statement.protocols.contains(&name);
    match dice.below(9) {
        0 => statement.values.clone_from(&fresh.values),
        1 => statement.terms = fresh.terms.clone(),
        2 => statement.rate = fresh.rate,
        3 => statement.terms.shadow = Some(!statement.terms.shadow.unwrap_or(false)),
        4 => statement.units.clear(),
        5 => statement.targets.clear(),
        6 => {
            let fitting: Vec<_> = TARGETS
                .iter()
                .filter(|(_, of)| speaks(of))
                .map(|(text, _)| *text)
                .collect();
            statement.targets = dice.some(1, 3, &fitting);
        }
        // a function must keep its verb
        7 if statement.verbs.len() > 1 && statement.functions.is_empty() => {
            statement.verbs.pop();
        }
        _ => *statement = fresh.clone(),
    }
}

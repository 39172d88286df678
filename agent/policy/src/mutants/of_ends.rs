//! The changes of the ends of a conduit or permit: who asks, who answers, and whether both do.

use super::live::{Keys, Live};
use super::{Change, Made};
use crate::index::{ConduitId, Key, Side, Toggle, Way};
use crate::names::id;
use crate::policy::{Policy, at};
use crate::space::{RoleId, ZoneId};

impl Made<'_> {
    /// Every change of the ends of the conduit at a place.
    pub(super) fn of_ends(&mut self, place: usize, live: &Live<'_>) {
        let policy = self.policy;
        let conduit = ConduitId(id(place));
        let (Some(of), Some((from, to, both))) = (policy.conduits.get(place), live.ends(conduit))
        else {
            return;
        };
        let list: Vec<Key> = from
            .iter()
            .chain(to.iter().filter(|_| both))
            .copied()
            .collect();
        let ends = Ends { conduit, both };
        let counts = live.carries(of, &list);
        for (side, keys, at) in [(Side::From, from, of.ends[0]), (Side::To, to, of.ends[1])] {
            let word = match side {
                Side::From => "from",
                Side::To => "to",
            };
            for key in keys.iter().filter(|_| keys.len() > 1).take(MAX_NAMES) {
                let less: Keys = keys.iter().filter(|it| *it != key).copied().collect();
                // who asks in one direction answers in the other
                let able = match side {
                    Side::From if !both => live.carries(of, &[*key]),
                    _ => counts,
                };
                let counts = able && !live.is_among(*key, &less);
                let what = format!("`{word}` without {}", policy.called(*key));
                let change = ends.change(side, keys, &less);
                self.push(counts, (of.name.clone(), at), what, place, change);
            }
            for (what, more) in live.wider(keys).into_iter().filter(|(_, it)| it != keys) {
                // other clients may be able to do what these are not
                let counts = counts || both || side == Side::From;
                let change = ends.change(side, keys, &more);
                self.push(
                    counts,
                    (of.name.clone(), at),
                    format!("`{word}` {what}"),
                    place,
                    change,
                );
            }
        }
        if from != to {
            self.directions(ends, live, [from, to]);
        }
    }

    fn directions(&mut self, ends: Ends, live: &Live<'_>, [from, to]: [&Keys; 2]) {
        let Some(of) = at(&self.policy.conduits, ends.conduit.0) else {
            return;
        };
        let title = || (of.name.clone(), of.ends[0]);
        let place = usize::try_from(ends.conduit.0).unwrap_or(usize::MAX);
        let list = |keys: &Keys| keys.iter().copied().collect::<Vec<_>>();
        let there = live.carries(of, &list(from));
        let back = live.carries(of, &list(to));
        let [forth, behind] = [false, true].map(|back| ends.way(from, to, back));
        if ends.both {
            self.push(
                back,
                title(),
                "only from `from` to `to`",
                place,
                Change::Ends(behind),
            );
            self.push(
                there,
                title(),
                "only from `to` to `from`",
                place,
                Change::Ends(forth),
            );
            return;
        }
        let turned = forth.iter().chain(&behind).copied().collect();
        self.push(
            back,
            title(),
            "in both directions",
            place,
            Change::Ends(behind),
        );
        let either = there || back;
        self.push(either, title(), "turned round", place, Change::Ends(turned));
    }
}

/// A conduit whose ends are changed.
#[derive(Clone, Copy)]
struct Ends {
    conduit: ConduitId,
    both: bool,
}

impl Ends {
    /// Other names at one end, in both of the conduit's directions.
    fn change(self, side: Side, keys: &Keys, other: &Keys) -> Change {
        let mut toggles = Vec::new();
        for key in keys.symmetric_difference(other) {
            let mut add = |side, back| {
                let way = Way {
                    conduit: self.conduit,
                    back,
                };
                toggles.push(Toggle {
                    side,
                    key: *key,
                    way,
                });
            };
            add(side, false);
            if self.both {
                add(side.other(), true);
            }
        }
        Change::Ends(toggles)
    }

    /// The conduit in one of its directions, put there or taken away.
    fn way(self, from: &Keys, to: &Keys, back: bool) -> Vec<Toggle> {
        let way = Way {
            conduit: self.conduit,
            back,
        };
        let toggle = |side| {
            move |key: &Key| Toggle {
                side,
                key: *key,
                way,
            }
        };
        let (out, into) = if back { (to, from) } else { (from, to) };
        let out = out.iter().map(toggle(Side::From));
        out.chain(into.iter().map(toggle(Side::To))).collect()
    }
}

impl Side {
    const fn other(self) -> Self {
        match self {
            Self::From => Self::To,
            Self::To => Self::From,
        }
    }
}

impl Live<'_> {
    /// Who else could be meant: the zones of what is named one by one, a role wherever it is, and everybody.
    fn wider(&self, keys: &Keys) -> Vec<(&'static str, Keys)> {
        let zones = |key: &Key| match *key {
            Key::Asset(asset) => self.placed(asset).zone.map_or(*key, Key::Zone),
            Key::RoleInZone(_, zone) => Key::Zone(zone),
            key => key,
        };
        let anywhere = |key: &Key| match *key {
            Key::RoleInZone(role, _) => Key::Role(role),
            key => key,
        };
        let mut wider = vec![
            ("with all of the zones", keys.iter().map(zones).collect()),
            (
                "with the roles in all zones",
                keys.iter().map(anywhere).collect(),
            ),
        ];
        if keys
            .iter()
            .any(|key| matches!(key, Key::Zone(_) | Key::Role(_)))
        {
            let all = (0..self.policy().zones.len()).map(|place| Key::Zone(ZoneId(id(place))));
            wider.push(("with everybody", all.chain(keys.iter().copied()).collect()));
        }
        wider
    }

    /// Whether everybody with a name has one of the others, too.
    fn is_among(&self, key: Key, others: &Keys) -> bool {
        let lies_in = |zone: ZoneId, role: Option<RoleId>| {
            let around = at(&self.policy().zones, zone.0).map_or(&[][..], |zone| &zone.around);
            around.iter().any(|outer| {
                let of_role = role.map(|role| Key::RoleInZone(role, *outer));
                others.contains(&Key::Zone(*outer))
                    || of_role.is_some_and(|it| others.contains(&it))
            })
        };
        match key {
            Key::Zone(zone) => lies_in(zone, None),
            Key::Role(_) => false,
            Key::RoleInZone(role, zone) => {
                others.contains(&Key::Role(role)) || lies_in(zone, Some(role))
            }
            Key::Asset(asset) => self.placings(asset).into_iter().all(|placed| {
                let of_role = placed
                    .role
                    .is_some_and(|role| others.contains(&Key::Role(role)));
                of_role || placed.zone.is_some_and(|zone| lies_in(zone, placed.role))
            }),
        }
    }
}

impl Policy {
    /// A name in words.
    fn called(&self, key: Key) -> String {
        let zone = |zone: ZoneId| at(&self.zones, zone.0).map_or("", |it| &it.name);
        let role = |role| self.role_at(role).map_or("", |it| &it.name);
        match key {
            Key::Zone(of) => format!("zone `{}`", zone(of)),
            Key::Asset(of) => format!(
                "asset `{}`",
                at(&self.assets, of.0).map_or("", |it| &it.name)
            ),
            Key::Role(of) => format!("role `{}`", role(of)),
            Key::RoleInZone(of, place) => format!("role `{}` in zone `{}`", role(of), zone(place)),
        }
    }
}

/// The most names of one end that are left out, each in turn.
const MAX_NAMES: usize = 32;

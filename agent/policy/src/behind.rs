//! Assets behind another asset's address: units of a Modbus gateway, modules of an S7 rack.
//!
//! Such an asset has no address. It is told from its neighbours by the unit that a message is for,
//! and it never asks: what comes from the address comes from the gateway.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use model::Unit;

use crate::names::{Names, id};
use crate::node::Word;
use crate::policy::at;
use crate::problems::{Problems, Spot};
use crate::raw;
use crate::reach::{Units, shown};
use crate::space::{AssetId, Table};
use crate::words::number;

/// All assets that are behind another.
#[derive(Debug, Default)]
pub(crate) struct Behind {
    // INVARIANT: sorted, and no gateway has a unit twice.
    seats: Vec<Seat>,
    gateways: Table<AssetId, AssetId>,
}

/// One asset behind another.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Seat {
    pub(crate) gateway: AssetId,
    pub(crate) unit: Unit,
    pub(crate) asset: AssetId,
}

impl Behind {
    /// Looks up every gateway, and says which assets cannot be where they are said to be.
    pub(crate) fn read(assets: &[raw::Asset], names: &Names, problems: &mut Problems) -> Self {
        let mut first: HashMap<(AssetId, Unit), Spot> = HashMap::new();
        let mut behind = Self::default();
        for (place, raw) in assets.iter().enumerate() {
            let asset = AssetId(id(place));
            let unit = unit(raw, problems);
            let gateway = gateway(raw, asset, assets, names, problems);
            let (Some((unit, spot)), Some(gateway)) = (unit, gateway) else {
                continue;
            };
            behind.gateways.insert(asset, gateway);
            match first.entry((gateway, unit)) {
                Entry::Occupied(seen) => {
                    let name = at(assets, gateway.0).map_or("", |it| &it.name.text);
                    let what = format!("{} behind `{name}`", shown(unit));
                    problems.twice(spot, &what, *seen.get());
                }
                Entry::Vacant(free) => {
                    free.insert(spot);
                    behind.seats.push(Seat {
                        gateway,
                        unit,
                        asset,
                    });
                }
            }
        }
        behind.seats.sort_unstable();
        behind
    }

    /// Whether no asset is behind another.
    pub(crate) const fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }

    /// The assets behind one, by unit.
    pub(crate) fn of(&self, gateway: AssetId) -> &[Seat] {
        let first = self.seats.partition_point(|seat| seat.gateway < gateway);
        let end = self.seats.partition_point(|seat| seat.gateway <= gateway);
        self.seats.get(first..end).unwrap_or(&[])
    }

    /// The asset that one is behind.
    pub(crate) fn gateway(&self, asset: AssetId) -> Option<AssetId> {
        self.gateways.get(&asset).copied()
    }

    /// Warns of what a conduit says of assets that it does not reach.
    pub(crate) fn check(
        &self,
        conduit: &raw::Conduit,
        assets: &[raw::Asset],
        names: &Names,
        problems: &mut Problems,
    ) {
        if self.seats.is_empty() {
            return;
        }
        for word in conduit.from.iter().flat_map(|selector| &selector.assets) {
            let asset = names.find_asset(&word.text);
            if asset.is_some_and(|asset| self.gateway(asset).is_some()) {
                let what = format!("asset `{}` is behind another and never asks", word.text);
                problems.warn(word.at, what, "what its address asks is from its gateway");
            }
        }
        let to = conduit.to.iter();
        if to.clone().all(|selector| !selector.assets.is_empty()) {
            let to = to.flat_map(|selector| &selector.assets);
            let to: Vec<_> = to.filter_map(|word| names.find_asset(&word.text)).collect();
            self.check_units(&conduit.allow, &to, assets, problems);
        }
    }

    /// Warns of statements for units of a gateway that are assets of their own.
    fn check_units(
        &self,
        allow: &[raw::Statement],
        to: &[AssetId],
        assets: &[raw::Asset],
        problems: &mut Problems,
    ) {
        let name = |asset: AssetId| at(assets, asset.0).map_or("", |it| &it.name.text);
        for statement in allow.iter().filter(|it| !it.units.is_empty()) {
            // what is wrong with them is said where the statement is resolved
            let units = Units::read(&statement.units, &mut Problems::default());
            let seats = to.iter().flat_map(|gateway| self.of(*gateway));
            for seat in seats.filter(|it| units.contain(it.unit) && !to.contains(&it.asset)) {
                let (unit, gateway) = (shown(seat.unit), name(seat.gateway));
                let own = name(seat.asset);
                let what = format!("{unit} of `{gateway}` is an asset of its own, `{own}`");
                let help = format!("a conduit to `{gateway}` does not reach it; name `{own}`");
                problems.warn(statement.at, what, help);
            }
        }
    }
}

/// The unit that an asset says it is, and where it says so.
fn unit(raw: &raw::Asset, problems: &mut Problems) -> Option<(Unit, Spot)> {
    let raw::Seat {
        behind,
        unit,
        rack,
        slot,
    } = &raw.seat;
    let name = &raw.name.text;
    match (behind, unit, rack, slot) {
        (None, None, None, None) => None,
        (None, ..) => {
            let stray = unit.as_ref().or(rack.as_ref()).or(slot.as_ref())?;
            let what = format!("asset `{name}` has a unit, but is behind nothing");
            problems.error_with(
                stray.at,
                what,
                "write `behind:` with the name of its gateway",
            );
            None
        }
        (Some(_), Some(unit), None, None) => {
            let id = number(&unit.text, 0..=255, "unit", unit.at, problems)?;
            Some((Unit::Id(u8::try_from(id).ok()?), unit.at))
        }
        (Some(_), None, Some(rack), Some(slot)) => module(rack, slot, problems),
        (Some(behind), ..) => {
            let what = format!(
                "asset `{name}` does not say where it is behind `{}`",
                behind.text
            );
            let help = "write either `unit: 3` (Modbus) or `rack: 0` with `slot: 2` (S7)";
            problems.error_with(behind.at, what, help);
            None
        }
    }
}

fn module(rack: &Word, slot: &Word, problems: &mut Problems) -> Option<(Unit, Spot)> {
    let first = number(&rack.text, 0..=7, "rack", rack.at, problems);
    let second = number(&slot.text, 0..=31, "slot", slot.at, problems);
    let unit = Unit::Slot {
        rack: u8::try_from(first?).ok()?,
        slot: u8::try_from(second?).ok()?,
    };
    Some((unit, rack.at))
}

/// The asset that another says it is behind.
fn gateway(
    raw: &raw::Asset,
    asset: AssetId,
    assets: &[raw::Asset],
    names: &Names,
    problems: &mut Problems,
) -> Option<AssetId> {
    let word = raw.seat.behind.as_ref()?;
    let name = &raw.name.text;
    if !raw.ips.is_empty() || !raw.macs.is_empty() {
        let what = format!("asset `{name}` is behind another and has an address of its own");
        let help = "it is told by its unit: remove its address, or `behind`";
        problems.error_with(word.at, what, help);
    }
    let gateway = names.asset(word, problems)?;
    if gateway == asset {
        problems.error(word.at, format!("asset `{name}` is behind itself"));
        return None;
    }
    if let Some(next) = at(assets, gateway.0).and_then(|it| it.seat.behind.as_ref()) {
        let what = format!(
            "asset `{name}` is behind `{}`, which is behind another",
            word.text
        );
        let help = format!(
            "name the asset that has the address, such as `{}`",
            next.text
        );
        problems.error_with(word.at, what, help);
        return None;
    }
    Some(gateway)
}

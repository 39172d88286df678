//! The conduits of a draft: equal statements of several pairs together, each with names of its own.

use std::collections::{BTreeMap, BTreeSet};

use super::cast::{Cast, Id, NAME_CHARS, address, unique};
use super::grouping::{Product, products};
use super::shapes::{Evidence, Pair, Shape, Shaped, Statements};
use super::traffic::Traffic;

/// Every conduit.
pub(super) struct Plan {
    pub(super) granted: Vec<Conduit>,
    pub(super) proposed: Vec<Conduit>,
}

/// One conduit.
pub(super) struct Conduit {
    pub(super) name: String,
    pub(super) from: End,
    pub(super) to: End,
    pub(super) ends: Product,
    pub(super) statements: Vec<(Shape, Evidence)>,
}

/// One end of a conduit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum End {
    /// Everybody who plays a role.
    Role(String),
    /// These assets.
    Assets(Vec<String>),
}

impl Plan {
    pub(super) fn of(shaped: &Shaped, cast: &Cast, traffic: &Traffic) -> Self {
        let mut names = BTreeSet::new();
        let troupe = Troupe::of(cast);
        let granted = conduits(&shaped.granted, "", &mut names, (&troupe, traffic));
        let proposed = conduits(
            &shaped.proposed,
            "proposal ",
            &mut names,
            (&troupe, traffic),
        );
        Self { granted, proposed }
    }
}

fn conduits(
    all: &BTreeMap<Pair, Statements>,
    prefix: &str,
    names: &mut BTreeSet<String>,
    (troupe, traffic): (&Troupe<'_>, &Traffic),
) -> Vec<Conduit> {
    let mut alike: BTreeMap<Vec<&Shape>, BTreeSet<Pair>> = BTreeMap::new();
    for (pair, statements) in all {
        alike
            .entry(statements.keys().collect())
            .or_default()
            .insert(*pair);
    }
    let mut ends: Vec<(Product, Vec<&Shape>)> = alike
        .into_iter()
        .flat_map(|(shapes, pairs)| {
            let products = products(&pairs).into_iter();
            products
                .map(move |product| (product, shapes.clone()))
                .collect::<Vec<_>>()
        })
        .collect();
    ends.sort();
    let conduit = |(product, shapes): (Product, Vec<&Shape>)| {
        let (from, to) = (troupe.end(&product.from), troupe.end(&product.to));
        let name = troupe.named(prefix, &product);
        let statements = shapes.into_iter().map(|shape| {
            let mut evidence = Evidence::default();
            let of_pairs = product
                .pairs()
                .filter_map(|pair| all.get(&pair)?.get(shape));
            of_pairs.for_each(|more| evidence.join(more, traffic));
            (shape.clone(), evidence)
        });
        let statements = statements.collect();
        Conduit {
            name: unique(name, names),
            from,
            to,
            statements,
            ends: product,
        }
    };
    ends.into_iter().map(conduit).collect()
}

/// The assets, and who plays which role.
struct Troupe<'a> {
    cast: &'a Cast,
    players: BTreeMap<&'a str, Vec<Id>>,
}

impl<'a> Troupe<'a> {
    fn of(cast: &'a Cast) -> Self {
        let mut players: BTreeMap<&str, Vec<Id>> = BTreeMap::new();
        for (id, asset) in cast.assets.iter().enumerate() {
            players.entry(&asset.role).or_default().push(id);
        }
        Self { cast, players }
    }

    /// The one role that assets play, and whether they are all who play it.
    fn role(&self, ids: &[Id]) -> Option<(&str, bool)> {
        let roles = ids.iter().filter_map(|id| self.cast.at(*id));
        let roles: BTreeSet<&str> = roles.map(|asset| asset.role.as_str()).collect();
        let role = roles.first().filter(|_| roles.len() == 1)?;
        let all = self.players.get(role).is_some_and(|players| players == ids);
        Some((*role, all))
    }

    /// Assets as an end: by their role where they are all that play it, and more than one.
    fn end(&self, ids: &[Id]) -> End {
        match self.role(ids) {
            Some((role, true)) if ids.len() > 1 => End::Role(role.to_owned()),
            _ => End::Assets(
                ids.iter()
                    .map(|id| self.cast.name(*id).to_owned())
                    .collect(),
            ),
        }
    }

    /// What a conduit's name calls some assets.
    fn label(&self, ids: &[Id]) -> String {
        match (ids, self.role(ids)) {
            ([only], _) => self.cast.name(*only).to_owned(),
            (_, Some((role, true))) => format!("every {role}"),
            (several, Some((role, false))) => format!("{} of role {role}", several.len()),
            (several, None) => format!("{} of several roles", several.len()),
        }
    }

    /// A conduit's name: its ends, as shortly as needed.
    fn named(&self, prefix: &str, ends: &Product) -> String {
        let [from, to] = [&ends.from, &ends.to].map(|ids| self.label(ids));
        let short = |ids: &[Id], label: &String| match ids {
            [only] => short(*only, self.cast),
            _ => label.clone(),
        };
        let (client, server) = (short(&ends.from, &from), short(&ends.to, &to));
        let ways = [
            format!("{prefix}{from} to {to}"),
            format!("{prefix}{from} to {server}"),
            format!("{prefix}{client} to {server}"),
        ];
        let fits = |name: &&String| name.chars().count() <= NAME_CHARS;
        let name = ways.iter().find(fits).cloned();
        name.unwrap_or_else(|| format!("{prefix}conduit"))
    }
}

/// An asset by its address and unit.
fn short(id: Id, cast: &Cast) -> String {
    let Some(asset) = cast.at(id) else {
        return String::new();
    };
    let address = address(asset.station);
    match asset.unit {
        Some(unit) => format!("{address} {unit}"),
        None => address,
    }
}

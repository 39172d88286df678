//! A policy drafted from traffic: observations in, readable YAML out.
//!
//! [`Traffic`] remembers who asked whom for what, bounded by [`Bounds`]; [`draft`] turns that into the files of a
//! policy that allows what was seen and no more. Dangerous verbs are never allowed: they stand there as comments for
//! somebody to approve. What is guessed (roles, levels) is said to be guessed. The same traffic gives the same bytes.
//!
//! Everything that strangers name (nodes, products) goes through `yaml`, so that nothing can break out of a text or a
//! comment. A target that the language cannot state exactly is stated as the narrowest prefix or area that covers it, or not at
//! all; what is not allowed for that reason is said.
//!
//! Left out: schedules, rates, values other than those of proposals, and sessions, none of which short traffic proves.

mod behaviour;
mod cast;
mod conduit_page;
mod conduits;
mod evidence;
mod grouping;
mod guess;
mod ladder;
mod manner;
mod pages;
mod places;

mod roles;
mod shapes;
mod touched;
mod traffic;
mod yaml;

pub use traffic::{Bounds, Fact, Observed, Station, Traffic};

use crate::{Policy, Text};

/// How closely statements follow what was seen.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Exactness {
    /// The cells and names that were seen.
    #[default]
    Exact,
    /// From the lowest cell to the highest; names that begin alike.
    Range,
    /// Whole areas, blocks and namespaces.
    Area,
}

/// What the traffic does not tell.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The site's name.
    pub site: String,
    /// Who answers for everything; a placeholder where nobody is named.
    pub owner: Option<String>,
    /// How closely statements follow what was seen.
    pub exactness: Exactness,
    /// What it is drafted from, in words.
    pub source: String,
    /// What that could not tell, in sentences.
    pub untold: Vec<String>,
}

/// A policy as files, and what is in it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// `site.yaml`, `zones.yaml`, `assets.yaml`, `roles.yaml` and `conduits.yaml`.
    pub files: Vec<Text>,
    /// What is in them.
    pub counts: Counts,
}

/// How much of what is in a draft.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Zones.
    pub zones: usize,
    /// Assets, those behind others among them.
    pub assets: usize,
    /// Roles.
    pub roles: usize,
    /// Conduits.
    pub conduits: usize,
    /// Statements of conduits.
    pub statements: usize,
    /// Statements with dangerous verbs that somebody has to approve.
    pub proposals: usize,
    /// Operations that conduits allow.
    pub allowed: u64,
    /// Operations with dangerous verbs, which are proposed only.
    pub proposed: u64,
    /// Operations that cannot be stated, or whose meaning nobody knows.
    pub unstated: u64,
    /// Operations that were not remembered because a bound was reached.
    pub dropped: u64,
}

/// Drafts a policy from traffic. Hosts keep the names, roles and zones that `known` has for them.
pub fn draft(traffic: &Traffic, options: &Options, known: Option<&Policy>) -> Draft {
    let cast = cast::Cast::of(traffic, known);
    let places = places::Places::of(&cast, traffic, known);
    let shaped = shapes::Shaped::of(traffic, &cast, options.exactness);
    let plan = conduits::Plan::of(&shaped, &cast, traffic);
    let roles = roles::Roles::of(&plan, &cast);
    let unstated: Vec<String> = shaped.unstated.iter().map(|it| it.words(&cast)).collect();
    let pages = pages::Pages {
        traffic,
        options,
        cast: &cast,
        places: &places,
        plan: &plan,
        roles: &roles,
        unstated: &unstated,
    };
    let counts = Counts {
        zones: places.zones.len(),
        assets: cast.assets.len(),
        roles: roles.0.len(),
        conduits: plan.granted.len(),
        statements: plan.granted.iter().map(|it| it.statements.len()).sum(),
        proposals: plan.proposed.iter().map(|it| it.statements.len()).sum(),
        allowed: shaped.allowed,
        proposed: shaped.proposed_count,
        unstated: shaped.unstated.iter().map(|it| it.count).sum(),
        dropped: traffic.dropped(),
    };
    let files = pages.files();
    Draft { files, counts }
}

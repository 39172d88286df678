//! A policy in the shape of its documentation: what somebody would write, with every key that judging knows.

use jiff::civil::{Date, DateTime};
use model::{Mac, Target, Unit, Verb};

use super::number::Fixed;

/// Things are known by their places in these lists; in the text they are `z0`, `a0`, `r0`, `s0`, `t0`, `c0` and `w0`.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub(super) time_zone: &'static str,
    pub(super) zones: Vec<Zone>,
    pub(super) assets: Vec<Asset>,
    pub(super) roles: Vec<Role>,
    pub(super) schedules: Vec<Schedule>,
    pub(super) tags: Vec<Tag>,
    pub(super) conduits: Vec<Conduit>,
    pub(super) permits: Vec<Conduit>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Zone {
    pub(super) line: u32,
    pub(super) cidrs: Vec<&'static str>,
    pub(super) ranges: Vec<&'static str>,
    pub(super) macs: Vec<Mac>,
    pub(super) ouis: Vec<[u8; 3]>,
    pub(super) vlans: Vec<u16>,
    pub(super) assets: Vec<usize>,
    pub(super) zones: Vec<usize>,
    pub(super) within: Vec<Verb>,
    pub(super) shadow: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Asset {
    pub(super) ips: Vec<&'static str>,
    pub(super) macs: Vec<Mac>,
    pub(super) behind: Option<(usize, Unit)>,
    pub(super) role: Option<usize>,
}

#[derive(Clone, Debug)]
pub(super) struct Role {
    pub(super) line: u32,
    pub(super) verbs: Vec<Verb>,
    pub(super) protocols: Vec<(&'static str, Vec<Verb>)>,
    pub(super) shadow: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Schedule {
    /// Monday is 0.
    pub(super) days: Vec<i8>,
    /// Minutes of the day.
    pub(super) hours: Vec<(i16, i16)>,
    pub(super) time_zone: Option<&'static str>,
    pub(super) holidays: Vec<Date>,
}

#[derive(Clone, Debug)]
pub(super) struct Tag {
    pub(super) asset: usize,
    pub(super) place: Place,
    pub(super) order: &'static str,
    pub(super) scale: Fixed,
    pub(super) offset: Fixed,
    pub(super) low: Option<Fixed>,
    pub(super) high: Option<Fixed>,
}

/// Where a tag is, and what it is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) protocol: &'static str,
    pub(super) text: &'static str,
    pub(super) target: Target<'static>,
    pub(super) bit: Option<u8>,
    /// `bool` where there is a bit; empty of nodes.
    pub(super) kind: &'static str,
}

/// A conduit, or a permit.
#[derive(Clone, Debug)]
pub(super) struct Conduit {
    pub(super) from: Vec<End>,
    pub(super) to: Vec<End>,
    pub(super) both_directions: bool,
    /// What the client of a permit plays meanwhile.
    pub(super) role: Option<usize>,
    pub(super) terms: Terms,
    pub(super) allow: Vec<Statement>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum End {
    Assets(Vec<usize>),
    /// One of the roles, where there are some, in one of the zones, where there are some.
    Hosts {
        roles: Vec<usize>,
        zones: Vec<usize>,
    },
}

#[derive(Clone, Debug, Default)]
pub(super) struct Terms {
    pub(super) when: Option<usize>,
    pub(super) from: Option<Moment>,
    pub(super) until: Option<Moment>,
    pub(super) shadow: Option<bool>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Moment {
    Day(Date),
    At(DateTime),
}

/// What is empty is not said.
#[derive(Clone, Debug, Default)]
pub(super) struct Statement {
    pub(super) line: u32,
    /// Empty is `any`.
    pub(super) protocols: Vec<&'static str>,
    pub(super) verbs: Vec<Verb>,
    pub(super) functions: Vec<&'static str>,
    pub(super) units: Vec<(Unit, Unit)>,
    pub(super) targets: Vec<&'static str>,
    pub(super) tags: Vec<usize>,
    pub(super) values: Vec<(Option<Fixed>, Option<Fixed>)>,
    pub(super) security_modes: Vec<&'static str>,
    pub(super) security_policies: Vec<&'static str>,
    pub(super) encryption: bool,
    pub(super) identities: Vec<&'static str>,
    pub(super) users: Vec<&'static str>,
    pub(super) certificates: Vec<&'static str>,
    pub(super) applications: Vec<&'static str>,
    /// Requests, and seconds.
    pub(super) rate: Option<(u32, i64)>,
    pub(super) terms: Terms,
}

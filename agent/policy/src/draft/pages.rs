//! The files of a draft, as text with comments. What every conduit says stands in `conduit_page`.

use std::collections::BTreeMap;
use std::fmt::Write;

use model::{Mac, Verb};

use super::cast::{Asset, Cast, PARTS};
use super::conduit_page;
use super::conduits::Plan;
use super::evidence::{Hours, moment, plural};
use super::places::{Places, Zone};
use super::roles::{Role, Roles};
use super::traffic::{Station, Traffic};
use super::{Options, yaml};
use crate::Text;

/// Everything that is written down.
pub(super) struct Pages<'a> {
    pub(super) traffic: &'a Traffic,
    pub(super) options: &'a Options,
    pub(super) cast: &'a Cast,
    pub(super) places: &'a Places,
    pub(super) plan: &'a Plan,
    pub(super) roles: &'a Roles,
    /// What could not be stated, in lines.
    pub(super) unstated: &'a [String],
}

impl Pages<'_> {
    /// Every file, by its name.
    pub(super) fn files(&self) -> Vec<Text> {
        let file = |name: &str, text: String| Text {
            name: name.to_owned(),
            text,
        };
        vec![
            file("site.yaml", self.site()),
            file("zones.yaml", self.zones()),
            file("assets.yaml", self.assets()),
            file("roles.yaml", self.roles()),
            file("conduits.yaml", conduit_page::page(self)),
        ]
    }

    /// Who answers where nobody nearer is known.
    pub(super) fn owner(&self) -> &str {
        self.options.owner.as_deref().unwrap_or(NOBODY)
    }

    fn site(&self) -> String {
        let mut page = String::new();
        let mut say = |line: &str| line_of(&mut page, 0, line);
        say(
            "A draft: what was seen, and no more. Read it before you use it, above all where it says `guess`.",
        );
        say(&format!(
            "Drafted from {}.",
            yaml::comment(&self.options.source)
        ));
        let observed = &self.traffic.observed;
        match (observed.first, observed.last) {
            (Some(first), Some(last)) => {
                let hours = observed.hours.len();
                let hours = match hours {
                    0 => String::new(),
                    hours => format!(", in {}", plural(hours, "hour")),
                };
                let (first, last) = (moment(first), moment(last));
                say(&format!(
                    "{} operations, {first} to {last}{hours}.",
                    observed.count
                ));
            }
            _ => say("No operation was seen."),
        }
        self.options.untold.iter().for_each(|line| say(line));
        self.limits().iter().for_each(|line| say(line));
        let Options { site, owner, .. } = self.options;
        page.push_str("version: 1\n\nsite:\n");
        let _ = writeln!(page, "  name: {}", yaml::text(site));
        if owner.is_none() {
            line_of(
                &mut page,
                2,
                "Name who answers for everything for which nobody nearer is named (`--owner`).",
            );
        }
        let _ = writeln!(page, "  owner: {}", yaml::text(self.owner()));
        page
    }

    /// Which bounds were reached.
    fn limits(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let (traffic, bounds) = (self.traffic, &self.traffic.bounds);
        if traffic.dropped() > 0 {
            lines.push(format!(
                "A limit was reached: {} operations were not remembered ({} hosts, {} behaviours at most).",
                traffic.dropped(), bounds.hosts, bounds.behaviours,
            ));
        }
        if traffic.observed.hours.len() >= Hours::LIMIT {
            lines.push(format!(
                "A limit was reached: only {} hours are told apart.",
                Hours::LIMIT
            ));
        }
        lines
    }

    fn zones(&self) -> String {
        let mut page = String::new();
        let mut say = |line: &str| line_of(&mut page, 0, line);
        say(
            "Hosts by network prefix. Levels are guesses from what hosts do; move hosts, and name owners.",
        );
        say(
            "Nothing says `within`: two hosts of a zone may do what conduits allow, and nothing else.",
        );
        if self.places.zones.is_empty() {
            return page + "zones: {}\n";
        }
        page.push_str("zones:\n");
        for zone in &self.places.zones {
            self.zone(zone, &mut page);
        }
        page
    }

    fn zone(&self, zone: &Zone, page: &mut String) {
        let _ = writeln!(page, "  {}:", yaml::text(&zone.name));
        let vlans: Vec<String> = zone.vlans.iter().map(u16::to_string).collect();
        if !vlans.is_empty() {
            line_of(page, 4, &format!("seen in VLAN {}", vlans.join(", ")));
        }
        let hosts = plural(zone.hosts.len(), "host");
        line_of(page, 4, &format!("{hosts} seen to ask or to answer"));
        if let Some(why) = &zone.why {
            line_of(page, 4, why);
        }
        let mut key = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                let _ = writeln!(page, "    {key}: {value}");
            }
        };
        key("level", zone.level.clone());
        key(
            "security_level",
            zone.security_level.map(|level| level.to_string()),
        );
        key(
            "owner",
            Some(yaml::text(
                zone.owner.as_deref().unwrap_or_else(|| self.owner()),
            )),
        );
        key("criticality", zone.criticality.map(str::to_owned));
        key("consequence", zone.consequence.as_deref().map(yaml::text));
        page.push_str("    members:\n");
        for (key, texts) in &zone.members {
            let texts: Vec<String> = texts.iter().map(|text| yaml::text(text)).collect();
            let _ = writeln!(page, "      {key}:{}", yaml::list(&texts, 6));
        }
    }

    fn assets(&self) -> String {
        let mut page = String::new();
        let mut say = |line: &str| line_of(&mut page, 0, line);
        say(
            "Every host that asks or answers. Rename them as people call them; roles are guesses from what they do.",
        );
        say("What devices say of themselves is shown as they said it; nobody has verified it.");
        if self.cast.assets.is_empty() {
            return page + "assets: {}\n";
        }
        let shared = self.shared_macs();
        page.push_str("assets:\n");
        for asset in &self.cast.assets {
            self.asset(asset, &shared, &mut page);
        }
        page
    }

    /// How many hosts each hardware address was seen of.
    fn shared_macs(&self) -> BTreeMap<Mac, usize> {
        let mut shared = BTreeMap::new();
        for mac in self.traffic.hosts.values().flat_map(|host| &host.macs) {
            *shared.entry(*mac).or_default() += 1;
        }
        shared
    }

    fn asset(&self, asset: &Asset, shared: &BTreeMap<Mac, usize>, page: &mut String) {
        let _ = writeln!(page, "  {}:", yaml::text(&asset.name));
        if let Some(why) = &asset.why {
            line_of(page, 4, why);
        }
        let host = self.traffic.hosts.get(&asset.station);
        for (kind, value) in host
            .and_then(|host| host.facts.get(&asset.unit))
            .into_iter()
            .flatten()
        {
            line_of(
                page,
                4,
                &format!("{}: {}", yaml::comment(kind), yaml::comment(value)),
            );
        }
        let mut key = |key: &str, value: &str| {
            let _ = writeln!(page, "    {key}: {}", yaml::text(value));
        };
        match (asset.behind, asset.unit) {
            (Some(gateway), Some(unit)) => {
                key("behind", self.cast.name(gateway));
                match unit {
                    model::Unit::Id(id) => key("unit", &id.to_string()),
                    model::Unit::Slot { rack, slot } => {
                        key("rack", &rack.to_string());
                        key("slot", &slot.to_string());
                    }
                }
            }
            _ => match asset.station {
                Station::Ip(ip) => key("ip", &ip.to_string()),
                Station::Mac(mac) => key("mac", &mac.to_string()),
            },
        }
        if let (Station::Ip(_), None, Some(host)) = (asset.station, asset.unit, host) {
            macs(&host.macs.iter().copied().collect::<Vec<_>>(), shared, page);
            if host.units.len() > PARTS {
                let count = host.units.len();
                line_of(
                    page,
                    4,
                    &format!(
                        "{count} units answered; more than {PARTS} are no assets of their own"
                    ),
                );
            }
        }
        let _ = writeln!(page, "    role: {}", yaml::text(&asset.role));
    }

    fn roles(&self) -> String {
        let mut page = String::new();
        let mut say = |line: &str| line_of(&mut page, 0, line);
        say(
            "What those who play a role may do at all: what conduits.yaml allows them. A role allows nothing by itself.",
        );
        say("To take a proposal of conduits.yaml over, its verbs are needed here as well.");
        if self.roles.0.is_empty() {
            return page + "roles: {}\n";
        }
        page.push_str("roles:\n");
        for (name, role) in &self.roles.0 {
            let _ = writeln!(page, "  {}:", yaml::text(name));
            write_role(role, &mut page);
        }
        page
    }
}

/// A hardware address is an asset's own where nobody else has it; else it is a router's.
fn macs(all: &[Mac], shared: &BTreeMap<Mac, usize>, page: &mut String) {
    for mac in all {
        let others = shared.get(mac).copied().unwrap_or(1) - 1;
        if mac.is_group() {
            line_of(page, 4, &format!("seen as {mac}"));
        } else if others > 0 || all.len() > 1 {
            let others = plural(others, "other host");
            let line = format!("seen with {mac}, as {others}: perhaps a router's");
            line_of(page, 4, &line);
        } else {
            let _ = writeln!(page, "    mac: {}", yaml::text(&mac.to_string()));
        }
    }
}

fn write_role(role: &Role, page: &mut String) {
    let players = plural(role.players, "asset");
    line_of(page, 4, &format!("played by {players}"));
    let mut indent = 4;
    if role.protocols.is_empty() {
        page.push_str("    verbs: nothing\n");
    } else {
        page.push_str("    protocols:\n");
        indent = 6;
    }
    for (protocol, verbs) in &role.protocols {
        let _ = writeln!(page, "      {protocol}: {}", listed(verbs));
    }
    for (protocol, verbs) in &role.proposed {
        if role.protocols.get(protocol) != Some(verbs) {
            line_of(
                page,
                indent,
                &format!("with all proposals: {protocol}: {}", listed(verbs)),
            );
        }
    }
}

/// Verbs as a list.
fn listed<'v>(verbs: impl IntoIterator<Item = &'v Verb>) -> String {
    let names: Vec<&str> = verbs.into_iter().map(|verb| verb.name()).collect();
    format!("[{}]", names.join(", "))
}

/// Writes a comment.
pub(super) fn line_of(page: &mut String, indent: usize, text: &str) {
    let _ = writeln!(page, "{:indent$}# {text}", "");
}

/// Who answers where the draft was not told.
const NOBODY: &str = "nobody-yet";

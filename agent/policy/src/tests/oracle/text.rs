//! The text of a site's policy. Every statement gets the line on which it stands.

use std::fmt::{Display, Write};

use model::{Unit, Verb};

use super::site::{Conduit, End, Moment, Schedule, Site, Statement, Tag, Terms};

/// A file as it is written, line by line.
struct Page {
    text: String,
    lines: u32,
}

impl Page {
    fn line(&mut self, line: impl Display) -> u32 {
        writeln!(self.text, "{line}").unwrap();
        self.lines += 1;
        self.lines
    }
}

impl Site {
    /// The policy as a file.
    pub(super) fn write(&mut self) -> String {
        let mut page = Page {
            text: String::new(),
            lines: 0,
        };
        page.line("version: 1");
        let zone = self.time_zone;
        page.line(format!("site: {{name: s, owner: o, time_zone: {zone}}}"));
        self.write_zones(&mut page);
        page.line("assets:");
        for id in 0..self.assets.len() {
            page.line(self.asset(id));
        }
        self.write_roles(&mut page);
        if !self.schedules.is_empty() {
            page.line("schedules:");
        }
        for (id, schedule) in self.schedules.iter().enumerate() {
            page.line(format!("  s{id}: {{{}}}", schedule.text()));
        }
        if !self.tags.is_empty() {
            page.line("tags:");
        }
        for (id, tag) in self.tags.iter().enumerate() {
            page.line(format!("  t{id}: {{{}}}", tag.text()));
        }
        for (key, letter, list) in [
            ("conduits:", 'c', &mut self.conduits),
            ("permits:", 'w', &mut self.permits),
        ] {
            if !list.is_empty() {
                page.line(key);
            }
            for (id, conduit) in list.iter_mut().enumerate() {
                conduit.write(&format!("{letter}{id}"), &mut page);
            }
        }
        page.text
    }

    fn write_zones(&mut self, page: &mut Page) {
        page.line("zones:");
        for (id, zone) in self.zones.iter_mut().enumerate() {
            let oui = |[a, b, c]: &[u8; 3]| format!("{a:02x}:{b:02x}:{c:02x}");
            let members = keys(&[
                ("cidrs", list(&zone.cidrs)),
                ("ranges", list(&zone.ranges)),
                ("macs", list(&zone.macs)),
                ("ouis", list(&zone.ouis.iter().map(oui).collect::<Vec<_>>())),
                ("vlans", list(&zone.vlans)),
                ("assets", names('a', &zone.assets)),
                ("zones", names('z', &zone.zones)),
            ]);
            let within = verbs(&zone.within);
            let shadow = if zone.shadow { ", shadow: true" } else { "" };
            zone.line = page.line(format!(
                "  z{id}: {{owner: o, members: {{{members}}}, within: {within}{shadow}}}"
            ));
        }
    }

    fn asset(&self, id: usize) -> String {
        let asset = &self.assets[id];
        let behind = asset.behind.map(|(gateway, unit)| match unit {
            Unit::Id(unit) => format!("behind: a{gateway}, unit: {unit}"),
            Unit::Slot { rack, slot } => format!("behind: a{gateway}, rack: {rack}, slot: {slot}"),
        });
        let role = asset.role.map(|role| format!("role: r{role}"));
        let addresses = keys(&[("ips", list(&asset.ips)), ("macs", list(&asset.macs))]);
        let parts = [Some(addresses).filter(|it| !it.is_empty()), behind, role];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        format!("  a{id}: {{{}}}", parts.join(", "))
    }

    fn write_roles(&mut self, page: &mut Page) {
        page.line("roles:");
        for (id, role) in self.roles.iter_mut().enumerate() {
            let of = role.protocols.iter();
            let of: Vec<_> = of
                .map(|(name, list)| format!("{name}: {}", verbs(list)))
                .collect();
            let own = verbs(&role.verbs);
            let shadow = if role.shadow { ", shadow: true" } else { "" };
            let of = of.join(", ");
            role.line = page.line(format!(
                "  r{id}: {{verbs: {own}, protocols: {{{of}}}{shadow}}}"
            ));
        }
    }
}

impl Conduit {
    fn write(&mut self, name: &str, page: &mut Page) {
        page.line(format!("  {name}:"));
        let ends = |ends: &[End]| ends.iter().map(End::text).collect::<Vec<_>>().join(", ");
        page.line(format!("    from: [{}]", ends(&self.from)));
        page.line(format!("    to: [{}]", ends(&self.to)));
        if self.both_directions {
            page.line("    both_directions: true");
        }
        if let Some(role) = self.role {
            page.line(format!("    role: r{role}"));
        }
        for part in self.terms.parts() {
            page.line(format!("    {part}"));
        }
        page.line("    allow:");
        for statement in &mut self.allow {
            statement.line = page.line(format!("      - {{{}}}", statement.text()));
        }
    }
}

impl End {
    fn text(&self) -> String {
        match self {
            Self::Assets(assets) => format!("{{{}}}", keys(&[("assets", names('a', assets))])),
            Self::Hosts { roles, zones } => {
                let parts = [("roles", names('r', roles)), ("zones", names('z', zones))];
                format!("{{{}}}", keys(&parts))
            }
        }
    }
}

impl Terms {
    fn parts(&self) -> Vec<String> {
        let parts = [
            self.when.map(|id| format!("when: s{id}")),
            self.from.map(|it| format!("valid_from: {}", it.text())),
            self.until.map(|it| format!("valid_until: {}", it.text())),
            self.shadow.map(|it| format!("shadow: {it}")),
        ];
        parts.into_iter().flatten().collect()
    }
}

impl Moment {
    fn text(self) -> String {
        match self {
            Self::Day(date) => date.to_string(),
            Self::At(at) => at.strftime("%Y-%m-%dT%H:%M").to_string(),
        }
    }
}

impl Statement {
    fn text(&self) -> String {
        let protocols = if self.protocols.is_empty() {
            "any".to_owned()
        } else {
            list(&self.protocols)
        };
        let (some, all) = (list(&self.verbs), self.verbs.len() == Verb::ALL.len());
        let range = |(first, last): &(Unit, Unit)| match (first, last) {
            (Unit::Id(first), Unit::Id(last)) if first != last => format!("{first}-{last}"),
            (Unit::Id(id), _) => id.to_string(),
            (slot, _) => slot.to_string(),
        };
        let values = |(low, high): &(
            Option<super::number::Fixed>,
            Option<super::number::Fixed>,
        )| match (low, high) {
            (Some(low), Some(high)) if low == high => low.to_string(),
            (low, high) => {
                let text = |end: &Option<super::number::Fixed>| {
                    end.map_or(String::new(), |it| it.to_string())
                };
                format!("{}..{}", text(low), text(high))
            }
        };
        let own = [
            ("protocols", protocols),
            ("verbs", if all { "any".to_owned() } else { some }),
            ("functions", list(&self.functions)),
            (
                "units",
                list(&self.units.iter().map(range).collect::<Vec<_>>()),
            ),
            ("targets", quoted(&self.targets)),
            ("tags", names('t', &self.tags)),
            (
                "values",
                quoted(&self.values.iter().map(values).collect::<Vec<_>>()),
            ),
            ("security_modes", list(&self.security_modes)),
            ("security_policies", list(&self.security_policies)),
            (
                "encryption",
                if self.encryption {
                    "required".to_owned()
                } else {
                    String::new()
                },
            ),
            ("identities", list(&self.identities)),
            ("users", list(&self.users)),
            ("certificates", quoted(&self.certificates)),
            ("applications", quoted(&self.applications)),
        ];
        let rate = self
            .rate
            .map(|(requests, secs)| format!("rate: {requests}/{secs}s"));
        let parts = [keys(&own)]
            .into_iter()
            .chain(rate)
            .chain(self.terms.parts());
        parts.collect::<Vec<_>>().join(", ")
    }
}

impl Schedule {
    fn text(&self) -> String {
        const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let day = |day: &i8| DAYS[usize::try_from(*day).unwrap()];
        let clock = |minute: i16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let hours = |(from, to): &(i16, i16)| format!("{}-{}", clock(*from), clock(*to));
        keys(&[
            ("days", list(&self.days.iter().map(day).collect::<Vec<_>>())),
            (
                "hours",
                quoted(&self.hours.iter().map(hours).collect::<Vec<_>>()),
            ),
            ("time_zone", self.time_zone.unwrap_or_default().to_owned()),
            ("holidays", list(&self.holidays)),
        ])
    }
}

impl Tag {
    fn text(&self) -> String {
        let number = |number: Option<super::number::Fixed>| {
            number.map_or(String::new(), |it| it.to_string())
        };
        let Self { asset, place, .. } = self;
        let plain = place.kind.is_empty() || place.kind == "bool";
        let not = |plain: bool, text: String| if plain { String::new() } else { text };
        keys(&[
            ("asset", format!("a{asset}")),
            ("target", format!("\"{}\"", place.text)),
            ("type", place.kind.to_owned()),
            ("order", not(plain, self.order.to_owned())),
            ("scale", not(place.bit.is_some(), self.scale.to_string())),
            ("offset", not(place.bit.is_some(), self.offset.to_string())),
            ("low", number(self.low)),
            ("high", number(self.high)),
        ])
    }
}

/// Keys with their values; those without are left out.
fn keys(all: &[(&str, String)]) -> String {
    let said = all.iter().filter(|(_, value)| !value.is_empty());
    said.map(|(key, value)| format!("{key}: {value}"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn list<T: Display>(items: &[T]) -> String {
    let items: Vec<_> = items.iter().map(ToString::to_string).collect();
    if items.is_empty() {
        String::new()
    } else {
        format!("[{}]", items.join(", "))
    }
}

fn quoted<T: Display>(items: &[T]) -> String {
    list(
        &items
            .iter()
            .map(|item| format!("\"{item}\""))
            .collect::<Vec<_>>(),
    )
}

fn names(letter: char, ids: &[usize]) -> String {
    list(
        &ids.iter()
            .map(|id| format!("{letter}{id}"))
            .collect::<Vec<_>>(),
    )
}

fn verbs(list: &[Verb]) -> String {
    let words: Vec<_> = list.iter().map(|verb| verb.name()).collect();
    match words.len() {
        0 => "nothing".to_owned(),
        many if many == Verb::ALL.len() => "any".to_owned(),
        _ => format!("[{}]", words.join(", ")),
    }
}

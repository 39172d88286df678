//! From YAML to what was read: every key of every mapping, unknown, repeated and missing keys said.
//!
//! What a key may hold is checked where it is given meaning, in `resolve`.

use crate::fields::{Fields, entries, words};
use crate::node::{Kind, Node, Word};
use crate::problems::Problems;
use crate::raw::{
    Asset, Conduit, Duty, Members, Permit, Raw, Response, Role, Seat, Selector, Session, Site,
    Statement, Terms, Zone,
};
use crate::shapes::{
    ASSET, CONDUIT, FILE, MEMBERS, PERMIT, RESPONSE, ROLE, SELECTOR, SITE, STATEMENT, ZONE,
};
use crate::tags::raw::Tag;
use crate::when::raw::{Holidays, Schedule};

impl Raw {
    /// Adds what one file states.
    pub(crate) fn add(&mut self, file: &Node, problems: &mut Problems) {
        let fields = FILE.read(file, problems);
        self.add_version(&fields, problems);
        self.add_site(&fields, problems);
        let each = |key, noun, problems: &mut Problems| {
            fields
                .node(key)
                .map_or(&[][..], |node| entries(node, noun, problems))
        };
        for (name, node) in each("responses", "a set of responses", problems) {
            self.responses.push(Response::read(name, node, problems));
        }
        for (name, node) in each("zones", "a set of zones", problems) {
            self.zones.push(Zone::read(name, node, problems));
        }
        for (name, node) in each("assets", "a set of assets", problems) {
            self.assets.push(Asset::read(name, node, problems));
        }
        for (name, node) in each("roles", "a set of roles", problems) {
            self.roles.push(Role::read(name, node, problems));
        }
        for (name, node) in each("conduits", "a set of conduits", problems) {
            self.conduits.push(Conduit::read(name, node, problems));
        }
        for (name, node) in each("permits", "a set of permits", problems) {
            self.permits.push(Permit::read(name, node, problems));
        }
        for (name, node) in each("schedules", "a set of schedules", problems) {
            let name = named(name, "schedule", problems);
            self.schedules.push(Schedule::read(&name, node, problems));
        }
        for (name, node) in each("holidays", "a set of lists of holidays", problems) {
            self.holidays.push(Holidays::read(name, node, problems));
        }
        for (name, node) in each("tags", "a set of tags", problems) {
            self.tags.push(Tag::read(name, node, problems));
        }
        self.tag_files.extend(fields.words("tag_files", problems));
        self.invariants.extend(fields.words("invariants", problems));
    }

    fn add_version(&mut self, fields: &Fields<'_>, problems: &mut Problems) {
        let Some(version) = fields.word("version", problems) else {
            return;
        };
        if version.text != "1" {
            let what = format!("version `{}` of the language is not known", version.text);
            problems.error_with(version.at, what, "this sensor reads version 1");
        }
        self.version = Some(version);
    }

    fn add_site(&mut self, fields: &Fields<'_>, problems: &mut Problems) {
        let Some(node) = fields.node("site") else {
            return;
        };
        match &self.site {
            Some(first) => problems.twice(node.at, "`site`", first.at),
            None => self.site = Some(Site::read(node, problems)),
        }
    }
}

impl Site {
    fn read(node: &Node, problems: &mut Problems) -> Self {
        let fields = SITE.read(node, problems);
        Self {
            at: node.at,
            name: fields.needed("name", "the site", problems),
            owner: fields.needed("owner", "the site", problems),
            criticality: fields.word("criticality", problems),
            time_zone: fields.word("time_zone", problems),
        }
    }
}

impl Response {
    fn read(of: &Word, node: &Node, problems: &mut Problems) -> Self {
        let fields = RESPONSE.read(node, problems);
        Self {
            of: of.clone(),
            duty: Duty::read(&fields, problems),
            consequence: fields.word("consequence", problems),
        }
    }
}

impl Duty {
    fn read(fields: &Fields<'_>, problems: &mut Problems) -> Self {
        Self {
            owner: fields.word("owner", problems),
            action: fields.word("action", problems),
            severity: fields.word("severity", problems),
            respond_within: fields.word("respond_within", problems),
        }
    }
}

impl Zone {
    fn read(name: &Word, node: &Node, problems: &mut Problems) -> Self {
        let fields = ZONE.read(node, problems);
        let members = fields.node("members");
        if fields.lacks("members") {
            no_members(name, problems);
        }
        Self {
            name: named(name, "zone", problems),
            level: fields.word("level", problems),
            owner: fields.word("owner", problems),
            criticality: fields.word("criticality", problems),
            consequence: fields.word("consequence", problems),
            security_level: fields.word("security_level", problems),
            members: members
                .map_or_else(Members::default, |node| Members::read(name, node, problems)),
            within: fields
                .node("within")
                .map(|node| words(node, "within", problems)),
            shadow: fields.word("shadow", problems),
        }
    }
}

impl Members {
    fn read(zone: &Word, node: &Node, problems: &mut Problems) -> Self {
        let fields = MEMBERS.read(node, problems);
        if fields.is_empty() {
            no_members(zone, problems);
        }
        Self {
            cidrs: fields.words("cidrs", problems),
            ranges: fields.words("ranges", problems),
            macs: fields.words("macs", problems),
            ouis: fields.words("ouis", problems),
            vlans: fields.words("vlans", problems),
            assets: fields.words("assets", problems),
            zones: fields.words("zones", problems),
        }
    }
}

fn no_members(zone: &Word, problems: &mut Problems) {
    let what = format!("zone `{}` has no members", zone.text);
    problems.error_with(
        zone.at,
        what,
        "list `cidrs`, `ranges`, `macs`, `ouis`, `vlans`, `assets` or `zones`",
    );
}

impl Asset {
    fn read(name: &Word, node: &Node, problems: &mut Problems) -> Self {
        let fields = ASSET.read(node, problems);
        if ["ips", "macs", "behind"]
            .iter()
            .all(|key| fields.lacks(key))
        {
            let what = format!("asset `{}` has no address", name.text);
            problems.error_with(name.at, what, "write `ip:`, `mac:` or `behind:`");
        }
        Self {
            name: named(name, "asset", problems),
            ips: fields.words("ips", problems),
            macs: fields.words("macs", problems),
            role: fields.word("role", problems),
            criticality: fields.word("criticality", problems),
            owner: fields.word("owner", problems),
            consequence: fields.word("consequence", problems),
            location: fields.word("location", problems),
            seat: Seat::read(&fields, problems),
        }
    }
}

impl Seat {
    fn read(fields: &Fields<'_>, problems: &mut Problems) -> Self {
        Self {
            behind: fields.word("behind", problems),
            unit: fields.word("unit", problems),
            rack: fields.word("rack", problems),
            slot: fields.word("slot", problems),
        }
    }
}

impl Role {
    fn read(name: &Word, node: &Node, problems: &mut Problems) -> Self {
        let fields = ROLE.read(node, problems);
        let protocols = fields.node("protocols");
        let protocols = protocols.map_or(&[][..], |node| entries(node, "a map of verbs", problems));
        if fields.lacks("verbs") && fields.lacks("protocols") {
            let what = format!("role `{}` does not say what it may do", name.text);
            problems.error_with(
                node.at,
                what,
                "write `verbs:` with a list, `any` or `nothing`",
            );
        }
        Self {
            name: named(name, "role", problems),
            verbs: fields.words("verbs", problems),
            protocols: protocols
                .iter()
                .map(|(protocol, node)| (protocol.clone(), words(node, "verbs", problems)))
                .collect(),
            shadow: fields.word("shadow", problems),
        }
    }
}

impl Conduit {
    fn read(name: &Word, node: &Node, problems: &mut Problems) -> Self {
        let fields = CONDUIT.read(node, problems);
        Self::of(name, "conduit", &fields, problems)
    }

    fn of(name: &Word, noun: &str, fields: &Fields<'_>, problems: &mut Problems) -> Self {
        let whose = format!("{noun} `{}`", name.text);
        Self {
            name: named(name, noun, problems),
            from: Selector::read_all(fields, "from", &whose, problems),
            to: Selector::read_all(fields, "to", &whose, problems),
            both_directions: fields.word("both_directions", problems),
            allow: Statement::read_all(fields, &whose, problems),
            terms: Terms::read(fields, problems),
            duty: Duty::read(fields, problems),
        }
    }
}

impl Permit {
    fn read(name: &Word, node: &Node, problems: &mut Problems) -> Self {
        let fields = PERMIT.read(node, problems);
        for key in ["valid_from", "valid_until"] {
            if fields.lacks(key) {
                let what = format!("permit `{}` has no `{key}`", name.text);
                problems.error_with(name.at, what, "a permit ends with its work order");
            }
        }
        Self {
            conduit: Conduit::of(name, "permit", &fields, problems),
            role: fields.word("role", problems),
        }
    }
}

impl Terms {
    fn read(fields: &Fields<'_>, problems: &mut Problems) -> Self {
        Self {
            when: fields.word("when", problems),
            valid_from: fields.word("valid_from", problems),
            valid_until: fields.word("valid_until", problems),
            shadow: fields.word("shadow", problems),
        }
    }

    /// These terms, and for what they leave open the conduit's.
    pub(crate) fn or(&self, conduit: &Self) -> Self {
        let nearest =
            |own: &Option<Word>, other: &Option<Word>| own.clone().or_else(|| other.clone());
        Self {
            when: nearest(&self.when, &conduit.when),
            valid_from: nearest(&self.valid_from, &conduit.valid_from),
            valid_until: nearest(&self.valid_until, &conduit.valid_until),
            shadow: nearest(&self.shadow, &conduit.shadow),
        }
    }
}

impl Selector {
    fn read_all(fields: &Fields<'_>, key: &str, whose: &str, problems: &mut Problems) -> Vec<Self> {
        let list = items(fields, key, whose, problems);
        list.iter().map(|node| Self::read(node, problems)).collect()
    }

    fn read(node: &Node, problems: &mut Problems) -> Self {
        let fields = SELECTOR.read(node, problems);
        let selector = Self {
            zones: fields.words("zones", problems),
            assets: fields.words("assets", problems),
            roles: fields.words("roles", problems),
        };
        if fields.is_empty() {
            problems.error_with(
                node.at,
                "this names nobody",
                "write `zone:`, `asset:` or `role:`",
            );
        }
        if !selector.assets.is_empty() && (!selector.zones.is_empty() || !selector.roles.is_empty())
        {
            problems.error_with(
                node.at,
                "assets stand beside zones or roles",
                "an asset is one host already; for \"this or that\", write a list of two",
            );
        }
        selector
    }
}

impl Statement {
    fn read_all(fields: &Fields<'_>, whose: &str, problems: &mut Problems) -> Vec<Self> {
        let list = items(fields, "allow", whose, problems);
        list.iter().map(|node| Self::read(node, problems)).collect()
    }

    fn read(node: &Node, problems: &mut Problems) -> Self {
        let fields = STATEMENT.read(node, problems);
        if fields.lacks("protocols") {
            let help = "write `protocol:` with a name, or `any`";
            problems.error_with(node.at, "a statement without a protocol", help);
        }
        if fields.lacks("verbs") && fields.lacks("functions") {
            let help = "write `verbs:` with a list, or `any`";
            problems.error_with(node.at, "a statement without verbs or functions", help);
        }
        Self {
            at: node.at,
            protocols: fields.words("protocols", problems),
            verbs: fields.words("verbs", problems),
            functions: fields.words("functions", problems),
            units: fields.words("units", problems),
            targets: fields.words("targets", problems),
            tags: fields.words("tags", problems),
            values: fields.words("values", problems),
            session: Session::read(&fields, problems),
            encryption: fields.word("encryption", problems),
            rate: fields.word("rate", problems),
            terms: Terms::read(&fields, problems),
        }
    }
}

impl Session {
    fn read(fields: &Fields<'_>, problems: &mut Problems) -> Self {
        Self {
            security_modes: fields.words("security_modes", problems),
            security_policies: fields.words("security_policies", problems),
            identities: fields.words("identities", problems),
            users: fields.words("users", problems),
            certificates: fields.words("certificates", problems),
            applications: fields.words("applications", problems),
        }
    }
}

/// The items of a conduit's or permit's key, which must be there: a list of mappings, or one mapping.
fn items<'n>(fields: &Fields<'n>, key: &str, whose: &str, problems: &mut Problems) -> &'n [Node] {
    let Some(node) = fields.node(key) else {
        if fields.lacks(key) {
            problems.error(fields.at, format!("{whose} has no `{key}`"));
        }
        return &[];
    };
    match &node.kind {
        Kind::List(list) if !list.is_empty() => list,
        Kind::Map(_) => std::slice::from_ref(node),
        Kind::Nothing | Kind::List(_) => {
            problems.error(node.at, format!("`{key}` lists nothing"));
            &[]
        }
        Kind::Text(text) => {
            let what = format!("`{key}` needs a mapping, not `{text}`");
            problems.error_with(
                node.at,
                what,
                EXAMPLES
                    .iter()
                    .find(|(of, _)| *of == key)
                    .map_or("", |it| it.1),
            );
            &[]
        }
    }
}

/// A name that metrics and incidents can carry.
fn named(name: &Word, noun: &str, problems: &mut Problems) -> Word {
    let text = name.text.trim();
    let fits = (1..=MAX_NAME).contains(&text.chars().count());
    if !fits || text.chars().any(char::is_control) {
        let what = format!("the name of a {noun} must be 1 to {MAX_NAME} printable characters");
        problems.error(name.at, what);
    }
    Word {
        at: name.at,
        text: text.to_owned(),
    }
}

/// The most characters of a name: names are labels of metrics.
const MAX_NAME: usize = 64;

const EXAMPLES: &[(&str, &str)] = &[
    ("from", "write `{zone: …}`, `{asset: …}` or `{role: …}`"),
    ("to", "write `{zone: …}`, `{asset: …}` or `{role: …}`"),
    ("allow", "write a list of `{protocol: …, verbs: […]}`"),
];

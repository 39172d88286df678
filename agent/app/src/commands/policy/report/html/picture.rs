//! Zones and conduits as a picture: Purdue levels as bands, zones as boxes in them, conduits as arrows.
//!
//! The same policy gives the same picture: zones stand in the order of the policy, five in a row. A conduit inside one zone is a
//! line in that zone's box. Arrows carry the conduit's number, by which the table beside the picture lists it. A conduit to several zones
//! in one box is one arrow to that box.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use policy::report::Zone;

use super::write::{escape, short, short_name};
use crate::commands::policy::report::document::Document;

/// Where a zone's box is.
#[derive(Clone, Copy, Debug)]
struct Place {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

struct Picture<'a> {
    document: &'a Document,
    places: BTreeMap<&'a str, Place>,
    /// What is written in a box: conduits inside the zone, each with its state.
    inner: BTreeMap<&'a str, Vec<(String, String)>>,
    boxes: String,
    bands: String,
}

/// The picture.
pub(super) fn draw(document: &Document) -> String {
    let mut picture = Picture {
        document,
        places: BTreeMap::new(),
        inner: inner(document),
        boxes: String::new(),
        bands: String::new(),
    };
    let mut y = 4;
    for (key, title) in BANDS {
        y = picture.band(key, title, y);
    }
    let y = y.saturating_sub(BETWEEN - 4);
    // boxes hide ways that pass behind them, so that names stay readable
    let (ways, labels) = picture.arrows();
    let (site, count) = (&document.policy.site, document.policy.conduits.len());
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {y}\" role=\"img\" aria-labelledby=\"picture-title picture-desc\">\n\
         <title id=\"picture-title\">Zones and conduits of {}</title>\n\
         <desc id=\"picture-desc\">{} zones by Purdue level, the highest on top, and {count} conduits; the table of conduits \
         says the same in words.</desc>\n{}{ways}{}{labels}</svg>\n",
        escape(site),
        document.policy.zones.len(),
        picture.bands,
        picture.boxes,
    )
}

impl<'a> Picture<'a> {
    /// Draws a band and its zones; where the next one begins.
    fn band(&mut self, key: &str, title: &str, top: usize) -> usize {
        let zones = self.document.policy.zones.iter();
        let own = zones.filter(|zone| band_of(zone) == key && self.parent(zone).is_none());
        let own: Vec<&'a Zone> = own.collect();
        if own.is_empty() {
            return top;
        }
        let mut y = top + PAD;
        for row in own.chunks(COLUMNS) {
            let tallest = row.iter().map(|zone| self.height(zone)).max().unwrap_or(0);
            for (column, zone) in row.iter().enumerate() {
                let x = (WIDTH * (2 * column + 1) / row.len() - BOX) / 2;
                self.zone(zone, (x, y), BOX);
            }
            y += tallest + GAP;
        }
        let height = y + FOOT - GAP - top;
        let _ = writeln!(
            self.bands,
            "<rect class=\"band\" x=\"2\" y=\"{top}\" width=\"{}\" height=\"{height}\"/>\
             <text class=\"dim\" x=\"12\" y=\"{}\">{title}</text>",
            WIDTH - 4,
            top + 18,
        );
        top + height + BETWEEN
    }

    fn zone(&mut self, zone: &'a Zone, (x, y): (usize, usize), width: usize) {
        let height = self.height(zone);
        let place = Place {
            x,
            y,
            width,
            height,
        };
        self.places.insert(&zone.name, place);
        let sl = zone
            .security_level
            .map_or_else(String::new, |level| format!(", SL-T {level}"));
        let about = format!("{}{sl}, {} assets", zone.criticality, zone.assets.len());
        let _ = writeln!(
            self.boxes,
            "<g><title>{}</title><rect class=\"zone\" rx=\"5\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>\
             <text class=\"name\" x=\"{}\" y=\"{}\">{}</text><text class=\"dim\" x=\"{}\" y=\"{}\">{}</text></g>",
            escape(&zone.name),
            x + 8,
            y + 17,
            escape(&short_name(&zone.name, width / 9)),
            x + 8,
            y + 33,
            escape(&short(&about, width / 7)),
        );
        let mut at = y + HEAD;
        for (class, text) in self.inner.get(zone.name.as_str()).into_iter().flatten() {
            let _ = writeln!(
                self.boxes,
                "<g class=\"{class}\"><text class=\"label\" x=\"{}\" y=\"{}\">↻ {}</text></g>",
                x + 8,
                at + 10,
                escape(&short(text, width / 7)),
            );
            at += LINE;
        }
        for child in self.children(zone) {
            self.zone(child, (x + 8, at + 4), width.saturating_sub(16));
            at += self.height(child) + 8;
        }
    }

    fn height(&self, zone: &Zone) -> usize {
        let lines = self.inner.get(zone.name.as_str()).map_or(0, Vec::len) * LINE;
        let inner = self
            .children(zone)
            .into_iter()
            .map(|it| self.height(it) + 8);
        HEAD + lines + inner.sum::<usize>() + 6
    }

    /// The zone around one in whose box it is drawn: one of the same level.
    fn parent(&self, zone: &Zone) -> Option<&'a Zone> {
        let outer = zone.inside.first()?;
        let outer = self
            .document
            .policy
            .zones
            .iter()
            .find(|it| it.name == *outer)?;
        (band_of(outer) == band_of(zone)).then_some(outer)
    }

    fn children(&self, zone: &Zone) -> Vec<&'a Zone> {
        let zones = self.document.policy.zones.iter();
        let is_child = |it: &&Zone| self.parent(it).is_some_and(|of| of.name == zone.name);
        zones.filter(is_child).collect()
    }

    /// All ways between boxes, and all of their labels.
    fn arrows(&self) -> (String, String) {
        let mut ways = String::new();
        let mut labels = String::new();
        let mut used: BTreeMap<&str, usize> = BTreeMap::new();
        for arrow in self.conduits().chain(self.strays()) {
            let Arrow { from, to, .. } = &arrow;
            let (Some(a), Some(b)) = (self.places.get(from), self.places.get(to)) else {
                continue;
            };
            let mut port = |zone: &'a str| {
                let count = used.entry(zone).or_default();
                *count += 1;
                *count
            };
            let (way, label) = arrow.draw((a, b), (port(from), port(to)));
            let (class, title) = (&arrow.class, escape(&arrow.title));
            let _ = writeln!(ways, "<g class=\"{class}\"><title>{title}</title>{way}</g>");
            let _ = writeln!(
                labels,
                "<g class=\"{class}\"><title>{title}</title>{label}</g>"
            );
        }
        (ways, labels)
    }

    fn conduits(&self) -> impl Iterator<Item = Arrow<'a>> {
        let document = self.document;
        let conduits = document.policy.conduits.iter().zip(&document.conduits);
        conduits
            .enumerate()
            .flat_map(move |(number, (conduit, sheet))| {
                let froms = self.boxes_of(&conduit.from.zones);
                let tos = self.boxes_of(&conduit.to.zones);
                let tos = move |from| tos.clone().into_iter().map(move |to| (from, to));
                let pairs = froms.into_iter().flat_map(tos);
                let pairs = pairs.filter(|(from, to)| from != to).take(PAIRS);
                pairs.map(move |(from, to)| Arrow {
                    from,
                    to,
                    both: conduit.both_directions,
                    class: sheet.state.name().replace(' ', "-"),
                    title: format!("{}: {from} to {to}, {}", conduit.name, sheet.state.name()),
                    label: label(document, number),
                })
            })
    }

    /// The boxes that an end's arrows begin or end at: zones, and where it is about several in one box, that box.
    fn boxes_of(&self, zones: &'a [String]) -> BTreeSet<&'a str> {
        let outer = |name: &str| {
            let zone = self.document.policy.zones.iter().find(|it| it.name == name);
            zone.and_then(|zone| self.parent(zone))
                .map(|it| it.name.as_str())
        };
        let mut count: BTreeMap<&str, usize> = BTreeMap::new();
        for outer in zones.iter().filter_map(|zone| outer(zone)) {
            *count.entry(outer).or_default() += 1;
        }
        let folded = |zone: &'a String| {
            let outer = outer(zone);
            outer.filter(|outer| count.get(outer).is_some_and(|count| *count >= SEVERAL))
        };
        zones
            .iter()
            .map(|zone| folded(zone).unwrap_or(zone.as_str()))
            .collect()
    }

    fn strays(&self) -> impl Iterator<Item = Arrow<'a>> {
        let strays = self.document.observed.iter().flat_map(|it| &it.strays);
        let strays = strays.filter(|(from, to, _)| from != to);
        strays.map(|(from, to, count)| Arrow {
            from,
            to,
            both: false,
            class: "violated".to_owned(),
            title: format!("{count} operations from {from} to {to} without a conduit"),
            label: format!("✗ {count} without a conduit"),
        })
    }
}

/// A way between two zones.
struct Arrow<'a> {
    from: &'a str,
    to: &'a str,
    both: bool,
    class: String,
    title: String,
    label: String,
}

impl Arrow<'_> {
    /// The way between two boxes with its head, and the label.
    fn draw(&self, (a, b): (&Place, &Place), ports: (usize, usize)) -> (String, String) {
        let along = |it: &Place, port: usize| {
            it.x + (port * PORT) % it.width.saturating_sub(20).max(1) + 10
        };
        let (x1, x2) = (along(a, ports.0), along(b, ports.1));
        // the way leaves and enters below where the other is lower, else above; of one row both leave above
        let down = a.y + a.height <= b.y;
        let up = b.y + b.height <= a.y;
        let (y1, y2) = match (down, up) {
            (true, _) => (a.y + a.height, b.y),
            (_, true) => (a.y, b.y + b.height),
            _ => (a.y, b.y),
        };
        let bend = if down || up { y1.abs_diff(y2) / 2 } else { 34 };
        let (c1, c2) = match (down, up) {
            (true, _) => (y1 + bend, y2.saturating_sub(bend)),
            (_, true) => (y1.saturating_sub(bend), y2 + bend),
            _ => (y1.saturating_sub(bend), y2.saturating_sub(bend)),
        };
        let head = |x: usize, y: usize, upward: bool| {
            let back = if upward { y + 9 } else { y.saturating_sub(9) };
            format!(
                "<path class=\"head\" d=\"M{x} {y}L{} {back}L{} {back}Z\"/>",
                x.saturating_sub(4),
                x + 4
            )
        };
        let mut way = format!(
            "<path class=\"way\" d=\"M{x1} {y1}C{x1} {c1} {x2} {c2} {x2} {y2}\"/>{}",
            head(x2, y2, up)
        );
        if self.both {
            way.push_str(&head(x1, y1, down));
        }
        // right where the way leaves, one of three lines, so that labels seldom meet and cover no box
        let line = ports.0 % 3 * LABEL;
        let y = if down {
            y1 + 14 + line
        } else {
            y1.saturating_sub(6 + line)
        };
        let label = format!(
            "<text class=\"label\" x=\"{}\" y=\"{y}\">{}</text>",
            x1 + 5,
            escape(&short(&self.label, 32)),
        );
        (way, label)
    }
}

/// A conduit's number and protocols.
pub(super) fn label(document: &Document, number: usize) -> String {
    let conduit = document.policy.conduits.get(number);
    let statements = conduit.into_iter().flat_map(|it| &it.statements);
    let mut protocols: Vec<_> = statements
        .flat_map(|it| it.protocols.iter().map(String::as_str))
        .collect();
    protocols.sort_unstable();
    protocols.dedup();
    let protocols = if protocols.is_empty() {
        "any".to_owned()
    } else {
        protocols.join(", ")
    };
    format!("{} {protocols}", number + 1)
}

/// The conduits inside each zone, as class and text.
fn inner(document: &Document) -> BTreeMap<&str, Vec<(String, String)>> {
    let mut inner: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    let conduits = document.policy.conduits.iter().zip(&document.conduits);
    for (number, (conduit, sheet)) in conduits.enumerate() {
        let class = sheet.state.name().replace(' ', "-");
        for zone in conduit
            .from
            .zones
            .iter()
            .filter(|it| conduit.to.zones.contains(it))
        {
            let text = label(document, number);
            inner.entry(zone).or_default().push((class.clone(), text));
        }
    }
    let strays = document.observed.iter().flat_map(|it| &it.strays);
    for (zone, _, count) in strays.filter(|(from, to, _)| from == to) {
        let text = format!("✗ {count} without a conduit");
        inner
            .entry(zone)
            .or_default()
            .push(("violated".to_owned(), text));
    }
    inner
}

fn band_of(zone: &Zone) -> &str {
    zone.level.as_deref().unwrap_or_default()
}

/// Levels as policies write them, the highest first, and what they are called.
const BANDS: [(&str, &str); 8] = [
    ("5", "Level 5: enterprise"),
    ("4", "Level 4: business"),
    ("3.5", "Level 3.5: DMZ"),
    ("3", "Level 3: operations"),
    ("2", "Level 2: supervision"),
    ("1", "Level 1: control"),
    ("0", "Level 0: process"),
    ("", "No level stated"),
];

const WIDTH: usize = 1240;
const BOX: usize = 200;
/// Room between two rows of boxes, for arrows.
const GAP: usize = 46;
const COLUMNS: usize = 5;
const PAD: usize = 34;
const FOOT: usize = 14;
/// Room between two bands, for labels.
const BETWEEN: usize = 56;
/// A box's name and what it is.
const HEAD: usize = 42;
const LINE: usize = 16;
/// How far apart labels at one box are.
const LABEL: usize = 12;
/// How far apart arrows leave a box.
const PORT: usize = 47;
/// How many zones in a box make one arrow.
const SEVERAL: usize = 2;
/// The most arrows of one conduit; the table has all its ends.
const PAIRS: usize = 24;

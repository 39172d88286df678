//! What a statement reaches (docs/POLICIES.md, table of targets): cell by cell, text by text.

use model::{NodeKey, Target};

use super::site::{Site, Statement};
use super::zones::Party;

impl Site {
    /// Whether a statement lists what it reaches.
    pub(super) fn lists_targets(statement: &Statement) -> bool {
        !statement.targets.is_empty() || !statement.tags.is_empty()
    }

    /// Whether all of a target is among the targets of a statement, or the tags of the server that it names.
    pub(super) fn reaches(
        &self,
        statement: &Statement,
        server: Party,
        target: &Target<'_>,
    ) -> bool {
        if !Self::lists_targets(statement) {
            return true;
        }
        let texts = self.texts(statement, server);
        match *target {
            Target::Cells {
                area,
                block,
                first,
                last,
            } => (first..=last).all(|cell| {
                texts
                    .iter()
                    .any(|text| covers_cell(text, area, block, cell))
            }),
            _ => texts.iter().any(|text| covers(text, target)),
        }
    }

    /// Whether a statement lists something of the same area, block, namespace or kind.
    pub(super) fn is_near(
        &self,
        statement: &Statement,
        server: Party,
        target: &Target<'_>,
    ) -> bool {
        self.texts(statement, server)
            .iter()
            .any(|text| match *target {
                Target::Cells { area, block, .. } => text
                    .split_once(':')
                    .is_some_and(|(head, _)| of_area(head, area, block)),
                Target::Block { .. } => text.starts_with("block:"),
                Target::Node { namespace, .. } => {
                    let of = text.strip_prefix(&format!("ns={namespace};"));
                    of.is_some_and(|rest| rest != "*") || namespace == 0 && text.starts_with("i=")
                }
                Target::Named { kind, .. } => text.starts_with(&format!("{kind}:")),
            })
    }

    fn texts(&self, statement: &Statement, server: Party) -> Vec<String> {
        let own = statement.targets.iter().map(|text| (*text).to_owned());
        let tags = statement.tags.iter().map(|id| &self.tags[*id]);
        let of_server = tags.filter(|tag| server.asset == Some(tag.asset));
        own.chain(of_server.map(|tag| tag.place.target.to_string()))
            .collect()
    }
}

fn of_area(head: &str, area: &str, block: Option<u32>) -> bool {
    head == area || block.is_some_and(|block| head == format!("{area}{block}"))
}

fn covers_cell(text: &str, area: &str, block: Option<u32>, cell: u64) -> bool {
    let Some((head, tail)) = text.split_once(':') else {
        return false;
    };
    if tail == "*" {
        return of_area(head, area, block);
    }
    let (first, last) = tail.split_once('-').unwrap_or((tail, tail));
    let named = block.map_or_else(|| area.to_owned(), |block| format!("{area}{block}"));
    let (Ok(first), Ok(last)) = (first.parse::<u64>(), last.parse::<u64>()) else {
        return false;
    };
    head == named && first <= cell && cell <= last
}

fn covers(text: &str, target: &Target<'_>) -> bool {
    let all_that_start_so = text.strip_suffix('*');
    match target {
        Target::Node {
            namespace,
            key: NodeKey::Text(_),
        } => {
            let shown = target.to_string();
            text == shown
                || text == format!("ns={namespace};*")
                || all_that_start_so.is_some_and(|it| shown.starts_with(it))
        }
        _ => {
            let shown = target.to_string();
            text == shown || all_that_start_so.is_some_and(|it| shown.starts_with(it))
        }
    }
}

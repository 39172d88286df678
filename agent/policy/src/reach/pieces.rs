//! The pieces of a set of targets, and smaller sets: what is tried in its place to see whether anybody would notice.

use super::{Run, Targets};
use crate::pattern::{Blocks, Name};
use model::NodeKey;

impl Targets {
    /// Smaller sets, each with what it lacks, in words: without one of several pieces, and with half of a run of cells. At most
    /// `limit`.
    pub(crate) fn smaller(&self, limit: usize) -> Vec<(String, Self)> {
        let mut smaller = Vec::new();
        if self.pieces() > 1 {
            self.without_one(&mut smaller);
        }
        for (at, run) in self.cells.iter().enumerate() {
            for (place, (first, last)) in run.cells.iter().enumerate() {
                if first == last {
                    continue;
                }
                let middle = first + (last - first) / 2;
                let mut half = self.clone();
                if let Some(cells) = half
                    .cells
                    .get_mut(at)
                    .and_then(|it| it.cells.get_mut(place))
                {
                    cells.1 = middle;
                }
                let gone = format!("without `{}`", run.shown(middle + 1, *last));
                smaller.push((gone, half));
            }
        }
        smaller.truncate(limit);
        smaller
    }

    fn pieces(&self) -> usize {
        let cells: usize = self.cells.iter().map(|run| run.cells.len()).sum();
        let nodes = self.nodes.len() + self.node_names.len() + self.namespaces.len();
        cells + self.blocks.len() + nodes + self.named.len()
    }

    fn without_one(&self, smaller: &mut Vec<(String, Self)>) {
        let mut push = |gone: String, less: Self| smaller.push((format!("without `{gone}`"), less));
        for (at, run) in self.cells.iter().enumerate() {
            for (place, (first, last)) in run.cells.iter().enumerate() {
                let mut less = self.clone();
                if let Some(run) = less.cells.get_mut(at) {
                    run.cells.remove(place);
                }
                push(run.shown(*first, *last), less);
            }
        }
        for (at, (kind, number)) in self.blocks.iter().enumerate() {
            let mut less = self.clone();
            less.blocks.remove(at);
            let number = number.map_or_else(|| "*".to_owned(), |number| number.to_string());
            push(format!("block:{}{number}", kind.unwrap_or("")), less);
        }
        for (at, (namespace, key)) in self.nodes.iter().enumerate() {
            let mut less = self.clone();
            let (namespace, key) = (*namespace, key.as_model());
            less.nodes.remove(at);
            // what another piece reaches is not gone
            if !less.cover_node(namespace, key) {
                push(model::Target::Node { namespace, key }.to_string(), less);
            }
        }
        for (at, (namespace, prefix)) in self.node_names.iter().enumerate() {
            let mut less = self.clone();
            less.node_names.remove(at);
            if !less.cover_node(*namespace, NodeKey::Text(prefix)) {
                push(format!("ns={namespace};s={prefix}*"), less);
            }
        }
        for (at, namespace) in self.namespaces.iter().enumerate() {
            let mut less = self.clone();
            less.namespaces.remove(at);
            push(format!("ns={namespace};*"), less);
        }
        for (at, (kind, name)) in self.named.iter().enumerate() {
            let mut less = self.clone();
            less.named.remove(at);
            let name = match name {
                Name::Exact(name) => name.to_string(),
                Name::Prefix(prefix) => format!("{prefix}*"),
                Name::All => "*".to_owned(),
            };
            push(format!("{kind}:{name}"), less);
        }
    }
}

impl Run {
    fn shown(&self, first: u64, last: u64) -> String {
        let block = match self.blocks {
            Blocks::Undivided => String::new(),
            Blocks::One(number) => number.to_string(),
            Blocks::All => "*".to_owned(),
        };
        let area = self.area;
        if first == last {
            format!("{area}{block}:{first}")
        } else {
            format!("{area}{block}:{first}-{last}")
        }
    }
}

//! All tags of a policy: by name, and by what is written.

use model::Target;

use super::exact::Exact;
use super::tag::Tag;
use crate::node::Word;
use crate::number::Number;
use crate::problems::Problems;
use crate::space::AssetId;

/// A tag, by its place in the map.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct TagId(pub(crate) u32);

/// The tags of a policy, for lookup without allocating.
#[derive(Debug, Default)]
pub(crate) struct TagMap {
    // INVARIANT: sorted by name.
    tags: Vec<Tag>,
    // INVARIANT: sorted by home, first and last cell.
    cells: Vec<Run>,
    // INVARIANT: sorted by asset, protocol and target.
    nodes: Vec<TagId>,
    // INVARIANT: sorted.
    limited: Vec<AssetId>,
}

/// Where the cells of a tag are.
#[derive(Debug)]
struct Run {
    home: Home<'static>,
    first: u64,
    last: u64,
    /// The highest last cell of this and all runs before it in the same home.
    reach: u64,
    tag: TagId,
}

/// Cells that are counted together.
type Home<'a> = (AssetId, &'a str, &'a str, Option<u32>);

impl TagMap {
    /// The map of tags; two that mean the same are said.
    pub(super) fn of(mut tags: Vec<Tag>, problems: &mut Problems) -> Self {
        tags.sort_by(|one, two| (&one.name, one.at).cmp(&(&two.name, two.at)));
        let mut map = Self {
            tags,
            ..Self::default()
        };
        map.add_cells();
        map.add_nodes();
        map.limited = map
            .tags
            .iter()
            .filter(|tag| tag.is_limited())
            .map(|tag| tag.asset)
            .collect();
        map.limited.sort_unstable();
        map.limited.dedup();
        map.check(problems);
        map
    }

    fn add_cells(&mut self) {
        for (id, tag) in (0..).map(TagId).zip(&self.tags) {
            if let Exact::Cells {
                area,
                block,
                first,
                last,
                ..
            } = tag.exact
            {
                let home = (tag.asset, tag.protocol, area, block);
                self.cells.push(Run {
                    home,
                    first,
                    last,
                    reach: last,
                    tag: id,
                });
            }
        }
        self.cells
            .sort_by_key(|run| (run.home, run.first, run.last));
        let mut before: Option<(Home<'static>, u64)> = None;
        for run in &mut self.cells {
            run.reach = match before {
                Some((home, reach)) if home == run.home => reach.max(run.last),
                _ => run.last,
            };
            before = Some((run.home, run.reach));
        }
    }

    fn add_nodes(&mut self) {
        let tags = &self.tags;
        let ids = (0..).map(TagId).zip(tags);
        let nodes = ids.filter(|(_, tag)| matches!(tag.exact, Exact::Node { .. }));
        let mut nodes: Vec<_> = nodes.map(|(id, tag)| (node(tag), id)).collect();
        nodes.sort_unstable();
        self.nodes = nodes.into_iter().map(|(_, id)| id).collect();
    }

    fn check(&self, problems: &mut Problems) {
        let mut by_place: Vec<_> = self.tags.iter().collect();
        by_place.sort_by_key(|tag| (node(tag), tag.exact.bit(), tag.at));
        for pair in by_place.array_windows() {
            let [one, two] = pair;
            if (node(one), one.exact.bit()) == (node(two), two.exact.bit()) && one.name != two.name
            {
                let what = format!("tags `{}` and `{}` are the same place", one.name, two.name);
                let help = format!("the other stands at {}", problems.place(one.at));
                problems.warn(two.at, what, help);
            }
        }
    }

    /// The tag of that name; where there is none, that is said.
    pub(crate) fn find(&self, word: &Word, problems: &mut Problems) -> Option<TagId> {
        let found = self.named(&word.text);
        if found.is_none() {
            let names = self.tags.iter().map(|tag| tag.name.as_str());
            problems.unknown(
                word.at,
                format!("no tag `{}`", word.text),
                &word.text,
                names,
            );
        }
        found
    }

    /// The tag of that name.
    pub(crate) fn named(&self, name: &str) -> Option<TagId> {
        let place = self
            .tags
            .binary_search_by(|tag| tag.name.as_str().cmp(name))
            .ok()?;
        u32::try_from(place).ok().map(TagId)
    }

    pub(crate) fn tag(&self, id: TagId) -> Option<&Tag> {
        self.tags.get(usize::try_from(id.0).ok()?)
    }

    /// Whether a tag of an asset has limits.
    pub(crate) fn has_limits(&self, asset: AssetId) -> bool {
        self.limited.binary_search(&asset).is_ok()
    }

    /// Gives a tag, by its place among the names, other limits, and hands out those that it had. One without limits must not
    /// get any.
    pub(crate) fn swap_limits(&mut self, place: usize, limits: &mut [Option<Number>; 2]) {
        if let Some(tag) = self.tags.get_mut(place) {
            let [low, high] = limits;
            std::mem::swap(&mut tag.low, low);
            std::mem::swap(&mut tag.high, high);
        }
    }

    /// All tags, by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Tag> {
        self.tags.iter()
    }

    /// The tags that have anything in common with a target of an asset, in the order of their places.
    pub(crate) fn on<'m>(
        &'m self,
        asset: AssetId,
        protocol: &str,
        target: Target<'_>,
    ) -> impl Iterator<Item = &'m Tag> + use<'m> {
        let (runs, first) = self.runs(asset, protocol, target);
        let runs = runs
            .iter()
            .filter(move |run| run.last >= first)
            .map(|run| run.tag);
        let nodes = self.nodes_of(asset, protocol, target).iter().copied();
        runs.chain(nodes).filter_map(|id| self.tag(id))
    }

    /// The runs among which are all that overlap a target, and its first cell.
    fn runs(&self, asset: AssetId, protocol: &str, target: Target<'_>) -> (&[Run], u64) {
        let Target::Cells {
            area,
            block,
            first,
            last,
        } = target
        else {
            return (&[], 0);
        };
        let home: Home<'_> = (asset, protocol, area, block);
        let start = self
            .cells
            .partition_point(|run| (run.home, run.reach) < (home, first));
        let end = self
            .cells
            .partition_point(|run| (run.home, run.first) <= (home, last));
        (self.cells.get(start..end).unwrap_or_default(), first)
    }

    fn nodes_of(&self, asset: AssetId, protocol: &str, target: Target<'_>) -> &[TagId] {
        let sought = (asset, protocol, target);
        let place = |id: &TagId| self.tag(*id).map(node);
        let start = self.nodes.partition_point(|id| place(id) < Some(sought));
        let end = self.nodes.partition_point(|id| place(id) <= Some(sought));
        self.nodes.get(start..end).unwrap_or_default()
    }
}

/// Where a tag is.
fn node(tag: &Tag) -> (AssetId, &str, Target<'_>) {
    (tag.asset, tag.protocol, tag.exact.target())
}

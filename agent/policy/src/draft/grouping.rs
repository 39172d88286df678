//! Pairs with equal statements as products of lists: everybody on the left with everybody on the right, and nobody else.

use std::collections::{BTreeMap, BTreeSet};

use super::cast::Id;
use super::shapes::Pair;

/// Who may ask whom.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Product {
    pub(super) from: Vec<Id>,
    pub(super) to: Vec<Id>,
}

impl Product {
    /// Each pair of it.
    pub(super) fn pairs(&self) -> impl Iterator<Item = Pair> {
        self.from
            .iter()
            .flat_map(|from| self.to.iter().map(move |to| (*from, *to)))
    }
}

/// Pairs as products that together are exactly the pairs.
pub(super) fn products(pairs: &BTreeSet<Pair>) -> Vec<Product> {
    let mut servers: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    for (client, server) in pairs {
        servers.entry(*client).or_default().push(*server);
    }
    let mut clients: BTreeMap<Vec<Id>, Vec<Id>> = BTreeMap::new();
    for (client, servers) in servers {
        clients.entry(servers).or_default().push(client);
    }
    let mut products: Vec<_> = clients
        .into_iter()
        .map(|(to, from)| Product { from, to })
        .collect();
    products.sort();
    products
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_hold_every_pair_and_no_other() {
        let check = |pairs: &[Pair], products_wanted: usize| {
            let pairs: BTreeSet<Pair> = pairs.iter().copied().collect();
            let found = products(&pairs);
            let back: BTreeSet<Pair> = found.iter().flat_map(Product::pairs).collect();
            assert_eq!(back, pairs);
            assert_eq!(found.len(), products_wanted, "{found:?}");
        };
        check(&[], 0);
        check(&[(1, 5), (1, 6), (2, 5), (2, 6)], 1);
        check(&[(1, 5), (1, 6), (2, 5)], 2);
        check(&[(1, 2), (2, 1)], 2);
    }
}

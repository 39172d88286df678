//! A smaller site that still shows the same: what is left of a disagreement for a person to read.

use super::site::{Conduit, Site, Statement, Terms};

/// The site with everything taken out without which it still `fails`.
pub(super) fn smallest(site: &Site, fails: &dyn Fn(&Site) -> bool) -> Site {
    let mut site = site.clone();
    loop {
        let smaller = all_smaller(&site)
            .into_iter()
            .find(|smaller| fails(smaller));
        match smaller {
            Some(smaller) => site = smaller,
            None => return site,
        }
    }
}

fn all_smaller(site: &Site) -> Vec<Site> {
    let mut all = Vec::new();
    let mut without = |change: &dyn Fn(&mut Site)| {
        let mut smaller = site.clone();
        change(&mut smaller);
        all.push(smaller);
    };
    for id in 0..site.conduits.len() {
        without(&|site| drop(site.conduits.remove(id)));
    }
    for id in 0..site.permits.len() {
        without(&|site| drop(site.permits.remove(id)));
    }
    for (id, zone) in site.zones.iter().enumerate() {
        if !zone.within.is_empty() {
            without(&|site| site.zones[id].within.clear());
        }
    }
    for permits in [false, true] {
        for (id, conduit) in list(site, permits).iter().enumerate() {
            if conduit.allow.len() > 1 {
                for at in 0..conduit.allow.len() {
                    without(&|site| drop(list_mut(site, permits)[id].allow.remove(at)));
                }
            }
            for at in 0..conduit.allow.len() {
                for change in SIMPLER {
                    let mut simpler = conduit.allow[at].clone();
                    change(&mut simpler);
                    if format!("{simpler:?}") != format!("{:?}", conduit.allow[at]) {
                        without(&|site| change(&mut list_mut(site, permits)[id].allow[at]));
                    }
                }
            }
            if !permits && format!("{:?}", conduit.terms) != format!("{:?}", Terms::default()) {
                without(&|site| list_mut(site, permits)[id].terms = Terms::default());
            }
        }
    }
    all
}

fn list(site: &Site, permits: bool) -> &[Conduit] {
    if permits {
        &site.permits
    } else {
        &site.conduits
    }
}

fn list_mut(site: &mut Site, permits: bool) -> &mut Vec<Conduit> {
    if permits {
        &mut site.permits
    } else {
        &mut site.conduits
    }
}

const SIMPLER: [fn(&mut Statement); 12] = [
    |it| it.functions.clear(),
    |it| it.units.clear(),
    |it| it.targets.clear(),
    |it| it.tags.clear(),
    |it| it.values.clear(),
    |it| it.security_modes.clear(),
    |it| it.identities.clear(),
    |it| it.users.clear(),
    |it| it.certificates.clear(),
    |it| it.encryption = false,
    |it| it.rate = None,
    |it| it.terms = Terms::default(),
];

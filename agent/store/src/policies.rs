//! Which signed policies were accepted: the highest version number of each site, so that an older one is
//! refused also after a restart.

use model::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::{Store, StoreError};

/// A signed policy that asks to be accepted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignedPolicy {
    /// The site that it is for.
    pub site: String,
    /// Its version number.
    pub number: u64,
    /// The hash of its bundle.
    pub digest: String,
}

/// What became of a signed policy.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Acceptance {
    /// It is the one that counts now.
    Accepted,
    /// A higher number was accepted before.
    Older {
        /// That number.
        than: u64,
        /// When it was accepted.
        at: Timestamp,
    },
    /// Another bundle with the same number was accepted before.
    Differs {
        /// When that one was accepted.
        at: Timestamp,
    },
    /// The policy that counts is for another site.
    OtherSite {
        /// That site.
        site: String,
    },
}

impl Store {
    /// Accepts a signed policy, unless one with a higher number was accepted for its site, another with the
    /// same number, or, where `may_move` does not say otherwise, the newest one was for another site.
    /// What is accepted is on disk when this returns.
    ///
    /// # Errors
    /// When the file cannot be read or written; then nothing was accepted.
    pub fn accept_policy(
        &mut self,
        policy: &SignedPolicy,
        may_move: bool,
        at: Timestamp,
    ) -> Result<Acceptance, StoreError> {
        let result = accept(&mut self.db, policy, may_move, at);
        result.map_err(|error| self.words(error))
    }
}

impl Store {
    /// What [`Store::accept_policy`] would say of a signed policy; nothing is remembered.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn weigh_policy(
        &self,
        policy: &SignedPolicy,
        may_move: bool,
    ) -> Result<Acceptance, StoreError> {
        let result = weigh(&self.db, policy, may_move).map(|(acceptance, _)| acceptance);
        result.map_err(|error| self.words(error))
    }
}

fn accept(
    db: &mut Connection,
    policy: &SignedPolicy,
    may_move: bool,
    now: Timestamp,
) -> rusqlite::Result<Acceptance> {
    let SignedPolicy {
        site,
        number,
        digest,
    } = policy;
    let transaction = db.transaction()?;
    let (acceptance, is_current) = weigh(&transaction, policy, may_move)?;
    if acceptance != Acceptance::Accepted || is_current {
        return Ok(acceptance);
    }
    transaction.execute("UPDATE policies SET current = FALSE", [])?;
    transaction.execute(
        "INSERT INTO policies (site, number, digest, at, current) VALUES (?1, ?2, ?3, ?4, TRUE)
         ON CONFLICT (site) DO UPDATE SET current = TRUE,
         at = CASE number WHEN excluded.number THEN at ELSE excluded.at END,
         number = excluded.number, digest = excluded.digest",
        params![site, number.cast_signed(), digest, now.as_nanos()],
    )?;
    transaction.commit()?;
    Ok(Acceptance::Accepted)
}

/// What a signed policy is, and whether it is the one that counts already.
fn weigh(
    db: &Connection,
    policy: &SignedPolicy,
    may_move: bool,
) -> rusqlite::Result<(Acceptance, bool)> {
    let SignedPolicy {
        site,
        number,
        digest,
    } = policy;
    let current = "SELECT site FROM policies WHERE current";
    let current: Option<String> = db.query_row(current, [], |row| row.get(0)).optional()?;
    if let Some(other) = current.filter(|current| current != site && !may_move) {
        return Ok((Acceptance::OtherSite { site: other }, false));
    }
    let known = "SELECT number, digest, at, current FROM policies WHERE site = ?1";
    let known: Option<(i64, String, i64, bool)> = db
        .query_row(known, [site], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    if let Some((highest, accepted, at, is_current)) = known {
        let at = Timestamp::from_nanos(at);
        let highest = highest.cast_unsigned();
        if highest > *number {
            return Ok((Acceptance::Older { than: highest, at }, false));
        }
        if highest == *number && accepted != *digest {
            return Ok((Acceptance::Differs { at }, false));
        }
        // nothing to write: a sensor starts by the policy that it has also where the disk is full
        if highest == *number && is_current {
            return Ok((Acceptance::Accepted, true));
        }
    }
    Ok((Acceptance::Accepted, false))
}

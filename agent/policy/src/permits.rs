//! Work orders: what was planned, so that what came of it can be held against it.

use model::{StatementId, Timestamp};

use crate::policy::{Permit, Policy};

/// A work order of a policy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PermitTerms<'a> {
    /// Its name.
    pub order: &'a str,
    /// The file, as it was named at loading.
    pub file: &'a str,
    /// The line, counted from 1.
    pub line: u32,
    /// From when it allows.
    pub from: Option<Timestamp>,
    /// The first moment at which it allows no longer.
    pub until: Option<Timestamp>,
    /// Who answers for it.
    pub owner: &'a str,
}

impl Policy {
    /// Every work order, in the order in which they stand.
    pub fn permits(&self) -> impl Iterator<Item = PermitTerms<'_>> {
        self.permits.iter().map(|permit| self.terms(permit))
    }

    /// The place in [`Policy::permits`] of the work order that a statement belongs to.
    pub fn permit(&self, statement: StatementId) -> Option<usize> {
        let permit = self.grant(statement)?.permit?;
        usize::try_from(permit.0).ok()
    }

    /// The work order that a statement belongs to.
    pub fn order(&self, statement: StatementId) -> Option<PermitTerms<'_>> {
        let permit = self.permits.get(self.permit(statement)?)?;
        Some(self.terms(permit))
    }

    fn terms<'a>(&'a self, permit: &'a Permit) -> PermitTerms<'a> {
        PermitTerms {
            order: &permit.name,
            file: self.files.name(permit.at),
            line: permit.at.line,
            from: permit.period.from,
            until: permit.period.until,
            owner: permit.owner.as_deref().unwrap_or(&self.site.owner),
        }
    }
}

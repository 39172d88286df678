//! How urgent an incident is: severity x criticality of the asset x outcome x confidence.
//!
//! When everything is urgent nothing is: the scale is multiplicative, so that a program download
//! to a spare controller that refused it does not stand beside one that stopped the mixer.

use model::{IncidentOutcome, Severity};
use policy::Criticality;

/// The priority, 1 (now) to 4 (when there is time).
pub(crate) fn priority(
    severity: Severity,
    criticality: Criticality,
    outcome: IncidentOutcome,
    confidence: u8,
) -> u8 {
    let score = severity_points(severity)
        * criticality_percent(criticality)
        * outcome_percent(outcome)
        * u32::from(confidence.min(100));
    match score / 10_000 {
        1200.. => 1,
        600.. => 2,
        250.. => 3,
        _ => 4,
    }
}

const fn severity_points(severity: Severity) -> u32 {
    match severity {
        Severity::Informational => 1,
        Severity::Low => 2,
        Severity::Medium => 4,
        Severity::High => 7,
        Severity::Critical => 10,
    }
}

const fn criticality_percent(criticality: Criticality) -> u32 {
    match criticality {
        Criticality::Low => 50,
        Criticality::Medium => 100,
        Criticality::High => 150,
        Criticality::Critical => 200,
    }
}

const fn outcome_percent(outcome: IncidentOutcome) -> u32 {
    match outcome {
        IncidentOutcome::Refused => 50,
        IncidentOutcome::Unanswered => 60,
        IncidentOutcome::Attempted => 80,
        IncidentOutcome::Succeeded => 100,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(severity: Severity, criticality: Criticality, outcome: IncidentOutcome, want: u8) {
        let got = priority(severity, criticality, outcome, 100);
        assert_eq!(got, want, "{severity} {criticality:?} {outcome}");
    }

    #[test]
    fn the_same_stop_is_urgent_on_a_critical_asset_and_not_on_a_spare_one() {
        check(
            Severity::Critical,
            Criticality::Critical,
            IncidentOutcome::Succeeded,
            1,
        );
        check(
            Severity::Critical,
            Criticality::Low,
            IncidentOutcome::Succeeded,
            3,
        );
    }

    #[test]
    fn what_was_refused_is_less_urgent_than_what_worked() {
        check(
            Severity::High,
            Criticality::High,
            IncidentOutcome::Succeeded,
            2,
        );
        check(
            Severity::High,
            Criticality::High,
            IncidentOutcome::Refused,
            3,
        );
    }

    #[test]
    fn a_doubtful_finding_is_less_urgent_than_a_sure_one() {
        let rank = |confidence| {
            priority(
                Severity::High,
                Criticality::High,
                IncidentOutcome::Succeeded,
                confidence,
            )
        };
        assert!(rank(30) > rank(100));
    }
}

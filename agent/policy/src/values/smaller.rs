//! Smaller sets of values: what is tried in the place of a set to see whether anybody would notice.

use super::Ranges;
use crate::number::Number;

impl Ranges {
    /// Smaller sets, each with what it lacks, in words: without one of several ranges, and with the lower half of a range.
    pub(crate) fn smaller(&self) -> Vec<(String, Self)> {
        let mut smaller = Vec::new();
        for (first, last) in &self.0 {
            let range = Self::from_to(*first, *last);
            if self.0.len() > 1 {
                smaller.push((format!("without {range}"), self.subtract(&range)));
            }
            let closed = *first != Number::MIN && *last != Number::MAX && first < last;
            let middle = first.halfway(*last).rounded_down(0);
            let upper = middle.next().filter(|upper| closed && first <= upper);
            if let Some(upper) = upper.map(|upper| Self::from_to(upper, *last)) {
                smaller.push((
                    format!("without what is above {middle}"),
                    self.subtract(&upper),
                ));
            }
        }
        smaller
    }
}

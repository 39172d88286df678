//! Values that may be written: ranges of numbers, both ends included, as statements list them.
//!
//! | text | holds |
//! |---|---|
//! | `0..900` | 0, 900 and all between |
//! | `..380`, `20..` | all up to 380, all from 20 on |
//! | `5`, `-20..380.5`, `1.5e3` | one value; negatives, decimals and powers of ten |
//! | `20..380 degC` | the same with its unit, which is checked against the tag's |
//!
//! Sets of values are [`Number`]s, so that they can be subtracted and compared without a rounding error; what
//! policies are compared with asks for witnesses ([`Ranges::a_value_in`]).

use std::fmt;

use crate::node::Word;
use crate::number::{Decimal, Number};
use crate::pattern::Refused;
use crate::problems::Problems;

/// A set of numbers.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
// INVARIANT: each range's first is not above its last; sorted; no two touch.
pub(crate) struct Ranges(Vec<Range>);

/// The numbers from the first to the last.
type Range = (Number, Number);

/// How a value is outside of what it may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Breach<'r> {
    /// It is lower than the lowest.
    Below(Number),
    /// It is higher than the highest.
    Above(Number),
    /// It is between two ranges, or there is none.
    Outside(&'r Ranges),
}

impl Ranges {
    /// No number.
    #[cfg(test)]
    pub(crate) const NONE: Self = Self(Vec::new());

    /// All numbers.
    pub(crate) fn all() -> Self {
        Self(vec![(Number::MIN, Number::MAX)])
    }

    /// The numbers from `first` to `last`; none where they run backwards.
    pub(crate) fn from_to(first: Number, last: Number) -> Self {
        Self::of(vec![(first, last)])
    }

    fn of(mut ranges: Vec<Range>) -> Self {
        ranges.retain(|(first, last)| first <= last);
        ranges.sort_unstable();
        let mut merged: Vec<Range> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match merged.last_mut() {
                Some((_, end)) if end.next().is_none_or(|next| first <= next) => {
                    *end = last.max(*end)
                }
                _ => merged.push((first, last)),
            }
        }
        Self(merged)
    }

    /// Reads what a statement's `values` list, and the words of units that stand with them.
    pub(crate) fn read(list: &[Word], problems: &mut Problems) -> (Self, Vec<Word>) {
        let (mut ranges, mut units) = (Vec::new(), Vec::new());
        for word in list {
            match read_one(&word.text) {
                Ok((range, unit)) => {
                    ranges.push(range);
                    units.extend(unit.map(|text| Word {
                        at: word.at,
                        text: text.to_owned(),
                    }));
                }
                Err(refused) => problems.refuse(word.at, refused.what, refused.help),
            }
        }
        (Self::of(ranges), units)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn contain(&self, value: Number) -> bool {
        self.around(value).is_some()
    }

    /// Whether all of `other` is in the set.
    pub(crate) fn cover(&self, other: &Self) -> bool {
        let mut ranges = other.0.iter();
        ranges.all(|(first, last)| self.around(*first).is_some_and(|(_, end)| last <= end))
    }

    /// The range that holds a value.
    fn around(&self, value: Number) -> Option<&Range> {
        let after = self.0.partition_point(|(first, _)| *first <= value);
        let range = after.checked_sub(1).and_then(|at| self.0.get(at))?;
        (value <= range.1).then_some(range)
    }

    /// How a value is outside of the set, if it is.
    pub(crate) fn breach(&self, value: Number) -> Option<Breach<'_>> {
        if self.contain(value) {
            return None;
        }
        Some(match (self.0.first(), self.0.last()) {
            (Some((first, _)), _) if value < *first => Breach::Below(*first),
            (_, Some((_, last))) if value > *last => Breach::Above(*last),
            _ => Breach::Outside(self),
        })
    }

    /// What is in either set.
    #[cfg(test)]
    pub(crate) fn union(&self, other: &Self) -> Self {
        Self::of(self.0.iter().chain(&other.0).copied().collect())
    }

    /// What is in both sets.
    pub(crate) fn intersect(&self, other: &Self) -> Self {
        let (mut ours, mut theirs) = (self.0.as_slice(), other.0.as_slice());
        let mut both = Vec::new();
        while let ([one, our_rest @ ..], [two, their_rest @ ..]) = (ours, theirs) {
            both.push((one.0.max(two.0), one.1.min(two.1)));
            if one.1 <= two.1 {
                ours = our_rest;
            } else {
                theirs = their_rest;
            }
        }
        Self::of(both)
    }

    /// What is in this set and not in the other.
    pub(crate) fn subtract(&self, other: &Self) -> Self {
        self.intersect(&other.complement())
    }

    /// What is not in the set.
    pub(crate) fn complement(&self) -> Self {
        let mut gaps = Vec::with_capacity(self.0.len() + 1);
        let mut next = Some(Number::MIN);
        for (first, last) in &self.0 {
            gaps.extend(next.zip(first.previous()));
            next = last.next();
        }
        gaps.extend(next.map(|next| (next, Number::MAX)));
        Self::of(gaps)
    }

    /// The whole numbers of the set.
    pub(crate) fn whole(&self) -> Self {
        let ranges = self.0.iter();
        Self::of(
            ranges
                .map(|(first, last)| (first.rounded_up(0), last.rounded_down(0)))
                .collect(),
        )
    }

    /// The set in words that leave out how finely numbers are told apart: `>380..400` begins behind 380.
    pub(crate) fn words(&self) -> String {
        let is_round = |number: Number| number.rounded_up(ROUND) == number;
        let ranges = self.0.iter().map(|(first, last)| {
            let before = first
                .previous()
                .filter(|it| is_round(*it) && !is_round(*first));
            let behind = last.next().filter(|it| is_round(*it) && !is_round(*last));
            let from = match (before, *first == Number::MIN) {
                (_, true) => String::new(),
                (Some(before), _) => format!(">{before}"),
                (None, _) => first.to_string(),
            };
            let to = match (behind, *last == Number::MAX) {
                (_, true) => String::new(),
                (Some(behind), _) => format!("<{behind}"),
                (None, _) => last.to_string(),
            };
            if first == last {
                from
            } else {
                format!("{from}..{to}")
            }
        });
        ranges.collect::<Vec<_>>().join(", ")
    }

    /// A number in the set, as round as there is: a whole one where there is a whole one, near the end of its range.
    pub(crate) fn a_value_in(&self) -> Option<Number> {
        (0..=12).find_map(|places| self.0.iter().find_map(|range| round(*range, places)))
    }

    /// A number outside of the set, as round as there is: above it if that can be, because that is what people ask for.
    #[cfg(test)]
    pub(crate) fn a_value_outside(&self) -> Option<Number> {
        let mut outside = self.complement();
        outside.0.reverse();
        outside.a_value_in()
    }
}

/// The number with so many decimals that is nearest to the range's closed end.
fn round((first, last): Range, places: u32) -> Option<Number> {
    let value = match (first == Number::MIN, last == Number::MAX) {
        (true, true) => Number::ZERO,
        (true, false) => last.rounded_down(places),
        (false, _) => first.rounded_up(places),
    };
    (first <= value && value <= last).then_some(value)
}

impl fmt::Display for Ranges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing");
        }
        for (place, (first, last)) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(", ")?;
            }
            show(*first, *last, f)?;
        }
        Ok(())
    }
}

fn show(first: Number, last: Number, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match (first == Number::MIN, last == Number::MAX) {
        (true, true) => f.write_str(".."),
        (true, false) => write!(f, "..{last}"),
        (false, true) => write!(f, "{first}.."),
        (false, false) if first == last => write!(f, "{first}"),
        (false, false) => write!(f, "{first}..{last}"),
    }
}

impl fmt::Display for Breach<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Below(first) => write!(f, "< {first}"),
            Self::Above(last) => write!(f, "> {last}"),
            Self::Outside(ranges) => write!(f, "not in {ranges}"),
        }
    }
}

/// Reads one value or range, and the unit behind it.
fn read_one(text: &str) -> Result<(Range, Option<&str>), Refused> {
    let Some((first, rest)) = text.split_once("..") else {
        return read_value(text);
    };
    if rest.starts_with(['.', '=']) {
        let help = format!("write `{first}..{}`", rest.trim_start_matches(['.', '=']));
        return Err(refused(format!("`{text}` is no range"), help));
    }
    let (last, unit) = split_unit(rest);
    let first = end(first.trim(), Number::MIN)?;
    let last = end(last, Number::MAX)?;
    if first > last {
        let help = format!("write `{last}..{first}`");
        return Err(refused(format!("range `{text}` runs backwards"), help));
    }
    Ok(((first, last), unit))
}

fn end(text: &str, open: Number) -> Result<Number, Refused> {
    if text.is_empty() {
        Ok(open)
    } else {
        read_number(text)
    }
}

fn read_value(text: &str) -> Result<(Range, Option<&str>), Refused> {
    if let Some(meant) = meant(text) {
        return Err(refused(
            format!("`{text}` is no range"),
            format!("write `{meant}`"),
        ));
    }
    let (number, unit) = split_unit(text);
    if number.is_empty() || unit.is_some_and(starts_with_digit) {
        return Err(refused(format!("`{text}` is no number"), SUCH));
    }
    let number = read_number(number)?;
    Ok(((number, number), unit))
}

/// The number at the start of a text, and the unit behind it; a text that starts with a letter has no number.
pub(crate) fn split_unit(text: &str) -> (&str, Option<&str>) {
    let text = text.trim();
    if !text.starts_with(|c: char| c.is_ascii_digit() || "+-.,".contains(c)) {
        return ("", Some(text).filter(|text| !text.is_empty()));
    }
    match text.split_once(char::is_whitespace) {
        Some((number, unit)) => (number, Some(unit.trim_start())),
        None => (text, None),
    }
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// Reads a number that people write in a policy.
pub(crate) fn read_number(text: &str) -> Result<Number, Refused> {
    let decimal = Decimal::read(text).ok_or_else(|| no_number(text))?;
    decimal.exactly().ok_or_else(|| {
        let what = format!("`{text}` cannot be compared exactly");
        refused(
            what,
            "numbers have at most 12 decimals and lie between -1e26 and 1e26",
        )
    })
}

fn no_number(text: &str) -> Refused {
    let pointed = text.replacen(',', ".", 1);
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = text.strip_prefix(digits).unwrap_or_default();
    let help = if Decimal::read(&pointed).is_some() {
        format!("write `{pointed}`")
    } else if Decimal::read(&format!("0{text}")).is_some() {
        format!("write `0{text}`")
    } else if text
        .split_once(' ')
        .is_some_and(|(number, unit)| Decimal::read(number).is_some() && !starts_with_digit(unit))
    {
        "write the unit once, behind the range".to_owned()
    } else if Decimal::read(digits).is_some() && unit.chars().any(char::is_alphabetic) {
        format!("write `{digits} {unit}`")
    } else {
        SUCH.to_owned()
    };
    refused(format!("`{text}` is no number"), help)
}

/// The range that was meant by another way to write one: `0-900`, `0 to 900`, `<= 900`, `> 5`.
fn meant(text: &str) -> Option<String> {
    let is_number = |text: &str| Decimal::read(text).is_some();
    let high = text.strip_prefix(['<', '≤']);
    let low = text.strip_prefix(['>', '≥']);
    if let Some(bound) = high.or(low) {
        let bound = split_unit(bound.trim_start_matches('=')).0;
        let range = if high.is_some() {
            format!("..{bound}")
        } else {
            format!("{bound}..")
        };
        return is_number(bound).then_some(range);
    }
    let marks = text
        .match_indices(['-', '–', '—', ':', '~'])
        .chain(text.match_indices(" to "));
    for (at, mark) in marks {
        let (first, rest) = text.split_at_checked(at)?;
        let (first, last) = (first.trim(), split_unit(rest.strip_prefix(mark)?).0);
        if is_number(first) && is_number(last) {
            return Some(format!("{first}..{last}"));
        }
    }
    None
}

fn refused(what: String, help: impl Into<String>) -> Refused {
    Refused {
        what,
        help: Some(help.into()),
    }
}

/// With how many decimals people write limits at most.
const ROUND: u32 = 9;

const SUCH: &str = "such as `5`, `-20.5` or `1e3`";

mod smaller;
#[cfg(test)]
mod tests;

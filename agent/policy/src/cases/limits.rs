//! A case with `limits`: what may be written to one place, and nothing beyond. It is read as up to four cases, one write each: at the
//! least and at the most, which must be allowed, and one step below and above, which must not be.
//!
//! A step is what the tag's type can tell apart; where it is a floating-point number, or a node, a sixty-fourth of the range.

use model::{Reason, Verdict};

use super::read::{Scene, asked};
use super::{Act, Expected};
use crate::fields::Fields;
use crate::node::{Node, Word};
use crate::number::{Decimal, Number};
use crate::pattern::Refused;
use crate::policy::Policy;
use crate::problems::{Problems, Spot};
use crate::values::{read_number, split_unit};

/// What may be written: from the least to the most, either of which may be open.
#[derive(Clone, Copy)]
struct Range([Option<Number>; 2]);

impl Scene<'_> {
    /// The writes that limits mean, each with what is expected of it, and its value in words.
    pub(super) fn limits(
        self,
        limits: &Word,
        fields: &Fields<'_>,
        (expect, at): (&Node, Spot),
        problems: &mut Problems,
    ) -> Vec<(String, Act)> {
        for key in ["capture", "values", "because"] {
            if let Some(node) = fields.node(key) {
                let what = format!("a case with `limits` has no `{key}` of its own");
                problems.error_with(node.at, what, "leave it out, or leave out `limits`");
            }
        }
        let Some(expected) = self.expected(fields, expect, problems) else {
            return Vec::new();
        };
        if expected.verdict != "conforms" {
            let help =
                "write `expect: conforms`: within the limits it does, beyond them it must not";
            problems.error_with(expect.at, "`limits` are what conforms", help);
            return Vec::new();
        }
        let (range, unit) = match read(&limits.text) {
            Ok(read) => read,
            Err(Refused { what, help }) => {
                problems.refuse(limits.at, what, help);
                return Vec::new();
            }
        };
        let asked = asked(fields, problems);
        let mut acts = Vec::new();
        for (value, within) in self.values(range, &asked) {
            let text = format!("{value} {unit}").trim_end().to_owned();
            let mut asked = asked.clone();
            let word = Word {
                at: limits.at,
                text: text.clone(),
            };
            asked.0.push(("values", word));
            let supposed = self
                .policy
                .supposed(&asked, at, (self.words, self.now), problems);
            let Some(supposed) = supposed else {
                return acts;
            };
            let expected = if within { expected.clone() } else { beyond() };
            let what = if within { text } else { format!("not {text}") };
            acts.push((what, Act::Operation(Box::new(supposed), expected)));
        }
        acts
    }

    /// The values at the limits and beyond them, and whether they are within.
    fn values(
        self,
        Range([low, high]): Range,
        asked: &crate::suppose::Asked,
    ) -> Vec<(Number, bool)> {
        let mut targets = asked.words("targets");
        let tag = targets
            .next()
            .and_then(|word| self.policy.tag_named(&word.text));
        let one = Decimal::ONE.number();
        let step = match tag {
            Some(tag) => tag.step().or_else(|| share(low?, high?)).unwrap_or(one),
            None => one,
        };
        let fits = |value: &Number| match tag {
            Some(tag) => tag.encode(*value).is_ok(),
            None => *value >= Number::ZERO,
        };
        let below = low.map(|low| low.minus(step)).filter(fits);
        let above = high.map(|high| high.plus(step)).filter(fits);
        let all = [(low, true), (high, true), (below, false), (above, false)];
        let mut values: Vec<_> = all
            .into_iter()
            .filter_map(|(it, within)| Some((it?, within)))
            .collect();
        values.dedup();
        values
    }
}

/// A small part of a range.
fn share(low: Number, high: Number) -> Option<Number> {
    let part = (0..6).fold(high, |end, _| low.halfway(end)).minus(low);
    (part > Number::ZERO).then_some(part)
}

/// What is expected of a write beyond the limits.
fn beyond() -> Expected {
    Expected {
        verdict: Verdict::NAMES
            .into_iter()
            .find(|name| *name == "violates")
            .unwrap_or_default(),
        because: Some(Reason::Value),
        by: None,
    }
}

/// Reads `20..380 degC`, `..380` or `20..`.
fn read(text: &str) -> Result<(Range, String), Refused> {
    let (range, unit) = split_unit(text);
    let (low, high) = range.split_once("..").ok_or_else(|| Refused {
        what: format!("`{text}` are no limits"),
        help: Some(
            "write the least and the most, such as `20..380`, `..380` or `20.. degC`".to_owned(),
        ),
    })?;
    let end = |text: &str| match text {
        "" => Ok(None),
        text => read_number(text).map(Some),
    };
    let (low, high) = (end(low)?, end(high)?);
    if low.zip(high).is_some_and(|(low, high)| low > high) {
        return Err(Refused {
            what: format!("`{text}` run backwards"),
            help: Some("write the least first".to_owned()),
        });
    }
    Ok((Range([low, high]), unit.unwrap_or_default().to_owned()))
}

impl Policy {
    fn tag_named(&self, name: &str) -> Option<&crate::tags::Tag> {
        self.tags.named(name).and_then(|id| self.tags.tag(id))
    }
}

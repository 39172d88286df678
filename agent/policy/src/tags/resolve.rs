//! From tags as they are written to tags that cannot be wrong: names are looked up, types are fitted to cells, limits are compared.

use model::Vocabulary;

use super::exact::Exact;
use super::kind::Type;
use super::map::TagMap;
use super::order::Order;
use super::raw;
use super::tag::Tag;
use crate::node::Word;
use crate::number::{Decimal, Number};
use crate::pattern::Refused;
use crate::problems::Problems;
use crate::space::AssetId;
use crate::values::read_number;
use crate::words::{self, Words};

/// What tags may name.
pub(crate) struct Known<'k> {
    /// The protocols.
    pub(crate) words: Words<'k>,
    /// The asset of that name; where there is none, that is said.
    pub(crate) asset: &'k dyn Fn(&Word, &mut Problems) -> Option<AssetId>,
}

/// Resolves all tags of a policy, from YAML and from tables alike; what is wrong is said and left out.
pub(crate) fn resolve(raw: &[raw::Tag], known: &Known<'_>, problems: &mut Problems) -> TagMap {
    raw::check_names(raw, problems);
    let tags = raw.iter().filter_map(|raw| tag(raw, known, problems));
    let tags = tags.collect();
    TagMap::of(tags, problems)
}

fn tag(raw: &raw::Tag, known: &Known<'_>, problems: &mut Problems) -> Option<Tag> {
    let asset = raw
        .asset
        .as_ref()
        .and_then(|word| (known.asset)(word, problems));
    let exact = exact(raw, known.words, problems);
    let kind = kind(raw, exact.as_ref().map(|(_, exact)| exact), problems);
    let order = order(raw, kind.flatten(), problems);
    let scaling = scaling(raw, problems);
    let [low, high] = [&raw.low, &raw.high].map(|word| number(word.as_ref(), problems));
    check_number(raw, kind.flatten(), problems);
    let (protocol, exact) = exact?;
    let (scale, offset) = scaling?;
    let tag = Tag {
        name: raw.name.text.clone(),
        at: raw.name.at,
        asset: asset?,
        protocol,
        exact,
        kind: kind?,
        order: order?,
        scale,
        offset,
        unit: short(raw.unit.as_ref(), MAX_UNIT, "unit", problems),
        low,
        high,
        text: short(raw.text.as_ref(), MAX_TEXT, "text", problems),
    };
    check_limits(raw, &tag, problems);
    Some(tag)
}

/// The protocol and the place.
fn exact(
    raw: &raw::Tag,
    words: Words<'_>,
    problems: &mut Problems,
) -> Option<(&'static str, Exact)> {
    let one: [&'static Vocabulary; 1];
    let known = match &raw.protocol {
        Some(name) => {
            one = [words::protocol(name, words, problems)?];
            &one
        }
        None => words,
    };
    let target = raw.target.as_ref()?;
    said(target, Exact::read(&target.text, known), problems)
}

/// The type, `Some(None)` of a node; none where that is wrong.
fn kind(raw: &raw::Tag, exact: Option<&Exact>, problems: &mut Problems) -> Option<Option<Type>> {
    let Some(word) = &raw.kind else {
        let exact = exact?;
        let kind = exact.kind();
        if kind.is_none() && matches!(exact, Exact::Cells { .. }) {
            let what = format!("tag `{}` has no `type`", raw.name.text);
            problems.error_with(raw.name.at, what, "such as `uint16`, `int16` or `float32`");
            return None;
        }
        if let Some(kind) = kind {
            said(raw.target.as_ref()?, exact.fits(kind), problems)?;
        }
        return Some(kind);
    };
    let Some(kind) = Type::of(&word.text) else {
        choose(word, "type", Type::names(), problems);
        return None;
    };
    said(word, exact?.fits(kind), problems)?;
    Some(Some(kind))
}

fn order(raw: &raw::Tag, kind: Option<Type>, problems: &mut Problems) -> Option<Order> {
    let Some(word) = &raw.order else {
        return Some(Order::default());
    };
    let order = Order::of(&word.text);
    if order.is_none() {
        choose(word, "order", Order::names(), problems);
    }
    if kind.is_none() && raw.kind.is_none() {
        problems.error_with(
            word.at,
            "an `order` without a `type`",
            "state what the bytes are, or leave it out",
        );
    }
    order
}

fn scaling(raw: &raw::Tag, problems: &mut Problems) -> Option<(Decimal, Number)> {
    let offset = match &raw.offset {
        Some(word) => said(word, read_number(&word.text), problems),
        None => Some(Number::ZERO),
    };
    let scale = match &raw.scale {
        Some(word) => said(word, factor(&word.text), problems),
        None => Some(Decimal::ONE),
    };
    scale.zip(offset)
}

fn factor(text: &str) -> Result<Decimal, Refused> {
    let Some(decimal) = Decimal::read(text) else {
        return Err(read_number(text).err().unwrap_or_else(|| no_factor(text)));
    };
    if decimal.is_factor() {
        Ok(decimal)
    } else {
        Err(no_factor(text))
    }
}

fn no_factor(text: &str) -> Refused {
    Refused {
        what: format!("`{text}` is no scale"),
        help: Some("a scale is not 0 and has at most 18 digits".to_owned()),
    }
}

fn number(word: Option<&Word>, problems: &mut Problems) -> Option<Number> {
    word.and_then(|word| said(word, read_number(&word.text), problems))
}

/// Says which keys mean nothing for a type that is no number.
fn check_number(raw: &raw::Tag, kind: Option<Type>, problems: &mut Problems) {
    let Some(kind) = kind.filter(|kind| !kind.is_number()) else {
        return;
    };
    let limits = [("low", &raw.low), ("high", &raw.high)];
    let limits = limits.into_iter().filter(|_| kind == Type::Text);
    let keys = [("scale", &raw.scale), ("offset", &raw.offset)];
    for (key, word) in keys.into_iter().chain(limits) {
        if let Some(word) = word {
            let what = format!("a `{}` has no `{key}`", kind.name());
            problems.error_with(word.at, what, format!("leave `{key}` out"));
        }
    }
}

fn check_limits(raw: &raw::Tag, tag: &Tag, problems: &mut Problems) {
    let Some(word) = raw.high.as_ref().or(raw.low.as_ref()) else {
        return;
    };
    let (limits, possible) = (tag.limits(), tag.possible());
    if let (Some(low), Some(high), true) = (tag.low, tag.high, limits.is_empty()) {
        let what = format!("the limits of tag `{}` run backwards", tag.name);
        problems.error_with(word.at, what, format!("`low` is {low}, `high` is {high}"));
    } else if limits.intersect(&possible).is_empty() {
        let what = format!("tag `{}` never is within its limits", tag.name);
        problems.error_with(
            word.at,
            what,
            format!("by its type and scale its values are {possible}"),
        );
    }
}

/// A text that fits into a sentence.
fn short(word: Option<&Word>, most: usize, key: &str, problems: &mut Problems) -> Option<String> {
    let word = word?;
    let text = word.text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > most {
        problems.error(word.at, format!("`{key}` is longer than {most} characters"));
    }
    Some(text)
}

/// What was read; why not is said otherwise.
fn said<T>(word: &Word, read: Result<T, Refused>, problems: &mut Problems) -> Option<T> {
    read.map_err(|refused| problems.refuse(word.at, refused.what, refused.help))
        .ok()
}

/// Says that a word is none of a short list.
fn choose(
    word: &Word,
    noun: &str,
    known: impl Iterator<Item = &'static str> + Clone,
    problems: &mut Problems,
) {
    let near = model::closest(&word.text, known.clone());
    let help = near.map_or_else(
        || format!("it is one of {}", known.collect::<Vec<_>>().join(", ")),
        |near| format!("did you mean `{near}`?"),
    );
    problems.error_with(word.at, format!("no {noun} `{}`", word.text), help);
}

/// The most characters of a unit.
const MAX_UNIT: usize = 32;

/// The most characters of a text.
const MAX_TEXT: usize = 256;

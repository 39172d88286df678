//! Examples: events in a rule's own words that must make it fire or leave it quiet.
//!
//! An example is one event, or a list of events one after the other; an event may repeat, and
//! `{n}` in its texts then counts from 1. What an example does not name is absent.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use rsigma_eval::EventValue;

use crate::duration;
use crate::gate::{self, Traits};
use crate::header::Context;
use crate::report::Report;
use crate::words::ANY;
use crate::yaml::{Map, Node, Shape};

/// One example: what is seen, in order.
#[derive(Clone, Debug)]
pub struct Example {
    /// Its line in the rule's file.
    pub line: u32,
    /// Its column there.
    pub column: u32,
    /// The events.
    pub steps: Vec<Step>,
}

/// An event of an example, perhaps several times.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its fields; `{n}` stands for the number of the repetition.
    pub fields: BTreeMap<String, Vec<String>>,
    /// How often it is seen.
    pub repeat: u32,
    /// The time from one to the next, also to the next step.
    pub every: Duration,
}

impl Step {
    /// The event of the `n`th repetition, counted from 1.
    pub(crate) fn sketch(&self, n: u32) -> Sketch {
        let number = n.to_string();
        let fill = |text: &String| text.replace("{n}", &number);
        let fields = self.fields.iter();
        let fields = fields.map(|(name, all)| (name.clone(), all.iter().map(fill).collect()));
        Sketch(fields.collect())
    }
}

/// An event that has the fields that an example gives it and no others.
pub(crate) struct Sketch(BTreeMap<String, Vec<String>>);

impl Sketch {
    /// What gates look at.
    pub(crate) fn traits(&self) -> Traits<'_> {
        Traits {
            protocol: self.first("protocol").unwrap_or_default(),
            stage: self.first("stage").and_then(gate::stage),
            verb: self.first("verb").and_then(|verb| verb.parse().ok()),
            refused: self.first("outcome").and_then(gate::refused),
        }
    }

    fn first(&self, field: &str) -> Option<&str> {
        self.0.get(field)?.first().map(String::as_str)
    }
}

impl rsigma_eval::Event for Sketch {
    fn get_field(&self, path: &str) -> Option<EventValue<'_>> {
        match self.0.get(path)?.as_slice() {
            [one] => Some(value(one)),
            many => Some(EventValue::Array(
                many.iter().map(|text| value(text)).collect(),
            )),
        }
    }

    fn any_string_value(&self, _: &dyn Fn(&str) -> bool) -> bool {
        false
    }

    fn all_string_values(&self) -> Vec<Cow<'_, str>> {
        Vec::new()
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::Value::Null
    }
}

/// A number or a truth where the text reads as one, as it would in a live event.
fn value(text: &str) -> EventValue<'_> {
    match (text, text.parse()) {
        (_, Ok(number)) => EventValue::Int(number),
        ("true", _) => EventValue::Bool(true),
        ("false", _) => EventValue::Bool(false),
        _ => EventValue::Str(Cow::Borrowed(text)),
    }
}

/// Reads a list of examples.
pub(crate) fn read(report: &mut Report<'_>, node: &Node, context: &Context<'_>) -> Vec<Example> {
    let Shape::List(list) = &node.value else {
        report.say(node.referenced, "examples are a list", None);
        return Vec::new();
    };
    list.iter()
        .map(|node| example(report, node, context))
        .collect()
}

fn example(report: &mut Report<'_>, node: &Node, context: &Context<'_>) -> Example {
    let number = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    let steps = node.value.each(node).iter();
    let steps = steps.filter_map(|node| {
        let map = report.map(node, "an example")?;
        step(report, map, context)
    });
    Example {
        steps: steps.collect(),
        line: number(node.referenced.line()),
        column: number(node.referenced.column()),
    }
}

fn step(report: &mut Report<'_>, map: &Map, context: &Context<'_>) -> Option<Step> {
    let mut step = Step {
        fields: usual(context.service),
        repeat: 1,
        every: Duration::from_secs(1),
    };
    for (key, node) in map.iter() {
        match key.value.as_str() {
            "repeat" => step.repeat = repeat(report, node)?,
            "every" => step.every = every(report, node)?,
            field => {
                context.words.field(report, key.referenced, field);
                step.fields
                    .insert(field.to_owned(), values(report, field, node, context));
            }
        }
    }
    Some(step)
}

/// What an example means without saying it.
fn usual(service: &str) -> BTreeMap<String, Vec<String>> {
    let mut fields = BTreeMap::from([("stage".to_owned(), vec!["request".to_owned()])]);
    if service != ANY {
        fields.insert("protocol".to_owned(), vec![service.to_owned()]);
    }
    fields
}

fn repeat(report: &mut Report<'_>, node: &Node) -> Option<u32> {
    let number = match node.value {
        Shape::Int(number) => u32::try_from(number).ok(),
        _ => None,
    };
    let number = number.filter(|number| (1..=MOST_REPEATS).contains(number));
    if number.is_none() {
        let what = format!("`repeat` is a number, 1 to {MOST_REPEATS}");
        report.say(node.referenced, what, None);
    }
    number
}

fn every(report: &mut Report<'_>, node: &Node) -> Option<Duration> {
    let span = node.value.text().and_then(duration::parse);
    if span.is_none() {
        let what = "`every` is a span of time, such as `100ms` or `5m`";
        report.say(node.referenced, what, None);
    }
    span
}

fn values(report: &mut Report<'_>, field: &str, node: &Node, context: &Context<'_>) -> Vec<String> {
    let mut all = Vec::new();
    for item in node.value.each(node) {
        context.words.value(report, context.service, field, item);
        match &item.value {
            Shape::Text(text) => all.push(text.clone()),
            Shape::Int(number) => all.push(number.to_string()),
            Shape::Bool(truth) => all.push(truth.to_string()),
            _ => report.say(
                item.referenced,
                format!("`{field}` is no plain value"),
                None,
            ),
        }
    }
    all
}

const MOST_REPEATS: u32 = 100_000;

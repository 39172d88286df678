//! What a request writes to nodes, and gives to methods.
//!
//! Follows OPC 10000-4, 5.11.4 (write), 5.11.5 (history update) and 5.12.2 (call). Of an array each element is shown. What is
//! written to another attribute than a node's value is no value of the process. Arguments of methods that are given secrets
//! are not shown.

use model::{Target, Written};

use super::content::Content;
use super::items::{Item, VALUE};
use super::operation::Shown;
use super::services::{Half, Items as Layout};
use super::variant::{Scalar, Variant};

/// Hears what is written to a node or given to a method.
type See<'s> = &'s mut dyn FnMut(Target<'_>, Written<'_>);

/// Shows every node that a request writes with each value, and every method with each argument.
pub(super) fn written(shown: &Shown<'_>, see: See<'_>) {
    let asks = matches!(
        shown.body.and_then(|body| body.service()),
        Some((_, Half::Request))
    );
    let Some(items) = shown.items().filter(|_| asks) else {
        return;
    };
    let show: fn(&Item<'_>, See<'_>) = match items.layout() {
        Layout::Write => node,
        Layout::HistoryUpdate => history,
        Layout::Call => method,
        _ => return,
    };
    items.for_each(|item| show(&item, see));
}

fn node(item: &Item<'_>, see: See<'_>) {
    let Some(target) = item.node.map(|node| node.target()) else {
        return;
    };
    match item.value {
        Some(content) if item.attribute == Some(VALUE) => {
            self::content(content, &mut |value| see(target, value));
        }
        _ => see(target, Written::Other),
    }
}

fn history(item: &Item<'_>, see: See<'_>) {
    let Some(target) = item.node.map(|node| node.target()) else {
        return;
    };
    match item.value {
        Some(content) => self::content(content, &mut |value| see(target, value)),
        None => see(target, Written::Other),
    }
}

fn method(item: &Item<'_>, see: See<'_>) {
    let Some(target) = item.other.or(item.node).map(|node| node.target()) else {
        return;
    };
    match item.arguments {
        Some(row) => row
            .values()
            .for_each(|value| each(value, &mut |value| see(target, value))),
        None => see(target, Written::Unseen),
    }
}

fn content(content: Content<'_>, see: &mut dyn FnMut(Written<'_>)) {
    match content {
        Content::One(value) => each(Some(value), see),
        Content::Row(row) => row.values().for_each(|value| each(value, see)),
    }
}

/// Shows a value, or each element of an array.
fn each(value: Option<Variant<'_>>, see: &mut dyn FnMut(Written<'_>)) {
    match value {
        Some(Variant::Scalar(scalar)) => one(scalar, see),
        Some(array @ Variant::Array { count: 1.., .. }) => {
            array.elements().for_each(|scalar| one(scalar, see));
        }
        Some(Variant::Array { count: 0, .. }) | None => see(Written::Other),
    }
}

fn one(scalar: Scalar<'_>, see: &mut dyn FnMut(Written<'_>)) {
    match scalar {
        Scalar::Bool(truth) => see(Written::Bool(truth)),
        Scalar::Int(number) => see(Written::Int(number)),
        Scalar::Unsigned(number) => see(Written::UInt(number)),
        Scalar::Float(number) => see(Written::Number(number.into())),
        Scalar::Double(number) => see(Written::Number(number)),
        Scalar::Text(Some(text)) => see(Written::Text(text)),
        Scalar::Within(..) => each(scalar.inner(), see),
        Scalar::Null
        | Scalar::Text(None)
        | Scalar::Time(_)
        | Scalar::Guid(_)
        | Scalar::Bytes(_)
        | Scalar::Node(_)
        | Scalar::Status(_)
        | Scalar::Name(_)
        | Scalar::Structure(_) => see(Written::Other),
    }
}

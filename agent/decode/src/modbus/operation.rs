//! A message, and the request that it answers, in the model's words.

use std::hash::{Hash, Hasher};

use foldhash::quality::RandomState;
use model::{
    Detail, Fact, Function, Identity, Operation, Outcome, Request, Side, Stage, Stamp, Target,
    Unit, Value, Written,
};

use super::body::{self, Item, See};
use super::dissect::Dissection;
use super::frame::Framing;
use super::functions::{self, DIAGNOSTICS, ENCAPSULATED, UMAS, UMAS_READ_ID};
use super::identity::{fact, longest_text, text};
use super::layout::UMAS_ERROR;
use super::message::{Cells, Message, Span};
use super::pending::Asked;
use crate::signature::signature;

/// A message with what is known of its request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exchange<'a> {
    pub(super) message: Message<'a>,
    asked: Option<&'a Asked>,
    pub(super) framing: Framing,
    /// Who holds the reservation that the message shows the key of.
    owner: Option<&'a str>,
    /// What the request asks for, or what the message itself says where it was not seen.
    function: Function,
    /// The runs of cells that the request asks for, or those of the message itself where it was not seen.
    spans: [Option<Span>; 2],
}

/// The operation of an exchange.
pub(super) fn of<'a>(exchange: &'a Exchange<'a>, signature: u64) -> Operation<'a> {
    Operation {
        protocol: super::NAME,
        stage: exchange.message.stage,
        function: exchange.function,
        unit: Some(exchange.unit()),
        outcome: exchange.outcome(),
        signature,
        answers: exchange.asked.map(|asked| Request {
            signature: asked.signature,
            asked: asked.stamp,
        }),
        detail: exchange,
    }
}

impl<'a> Exchange<'a> {
    /// A message and, where they were seen, the request that it answers and who reserved the controller.
    #[inline(always)]
    pub(super) fn new(
        message: Message<'a>,
        asked: Option<&'a Asked>,
        framing: Framing,
        owner: Option<&'a str>,
    ) -> Self {
        Self {
            message,
            asked,
            framing,
            owner,
            function: asked.map_or_else(|| message.function(), |asked| asked.function),
            spans: asked.map_or_else(|| message.spans(), |asked| asked.spans),
        }
    }

    /// What is to be remembered of a request.
    pub(super) fn remembered(&self, stamp: Stamp, signature: u64) -> Asked {
        Asked::of(&self.message, self.function, stamp, signature, self.spans)
    }

    /// One number for all that judges may look at.
    pub(super) fn signature(&self, seed: &RandomState) -> u64 {
        signature(seed, self)
    }

    /// Serial framing has none.
    pub(super) fn transaction_id(&self) -> Option<u16> {
        (self.framing != Framing::Rtu).then_some(self.message.frame.transaction_id)
    }

    /// Shows the fields of a body that holds more than cells.
    pub(super) fn walk(&self, see: See<'_, 'a>) {
        if matches!(self.message.frame.code, 1..=6 | 15 | 16) {
            return;
        }
        body::walk(&self.message, self.sub(UMAS), see);
        if let Some(owner) = self.owner {
            see("umas_owner", Item::Text(owner.into()));
        }
    }

    const fn unit(&self) -> Unit {
        Unit::Id(self.message.frame.unit_id)
    }

    fn outcome(&self) -> Option<Outcome> {
        let message = &self.message;
        match (message.stage, message.exception(), message.umas_done()) {
            (Stage::Request | Stage::Other, ..) => None,
            (Stage::Response, Some(code), _) => Some(functions::outcome(code)),
            (Stage::Response, None, Some(false)) => Some(Outcome::Refused {
                code: UMAS_ERROR.into(),
                name: "umas_error",
            }),
            (Stage::Response, None, _) if message.frame.is_exception() => Some(Outcome::Refused {
                code: 0,
                name: "unknown",
            }),
            (Stage::Response, None, _) => Some(Outcome::Done),
        }
    }

    fn body_field(&self, name: &str) -> Option<Value<'a>> {
        let mut found = None;
        self.walk(&mut |field, item| {
            if field == name {
                found = Some(item.value());
            }
        });
        found
    }

    /// The sub-function, if the function is `code`.
    pub(super) fn sub(&self, code: u8) -> Option<u16> {
        let asked = self.asked.and_then(|asked| asked.sub);
        let is_meant = self.message.frame.function() == code;
        self.message.sub().or(asked).filter(|_| is_meant)
    }

    pub(super) fn values(&self) -> Option<Cells<'a>> {
        self.message.values(self.asked.and_then(Asked::quantity))
    }

    /// The cells that the answer to a write repeats, where the write was seen.
    fn answered_span(&self) -> Option<Span> {
        let message = &self.message;
        match (message.stage, self.asked, message.frame.code) {
            (Stage::Response, Some(_), 5 | 6 | 15 | 16 | 22) => {
                let [span, _] = message.spans();
                span
            }
            _ => None,
        }
    }

    /// The sub-function, where the function has such.
    fn any_sub(&self) -> Option<u16> {
        match self.message.frame.function() {
            code @ (DIAGNOSTICS | ENCAPSULATED | UMAS) => self.sub(code),
            _ => None,
        }
    }

    /// Whether it is for files.
    const fn is_for_files(&self) -> bool {
        matches!(self.message.frame.function(), 20 | 21)
    }

    fn see_files(&self, see: &mut dyn FnMut(u16)) {
        match self.asked {
            Some(asked) => asked.files.iter().copied().for_each(see),
            None => self.message.files().filter_map(|it| it.file).for_each(see),
        }
    }
}

/// Everything but transaction, values and masks.
impl Hash for Exchange<'_> {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        let message = &self.message;
        let frame = &message.frame;
        let [span, second] = self.spans;
        let code = u64::from(frame.code);
        let head = code << 40
            | u64::from(frame.unit_id) << 32
            | (message.stage as u64) << 16
            | (self.framing as u64) << 8;
        if is_plain_read(frame.code) {
            // what a plant is full of: the cells are all there is
            state.write_u64(head);
            return state.write_u64(span.map_or(u64::MAX, packed));
        }
        let answered = self.answered_span();
        let sub = self.any_sub();
        let parts = [second.is_some(), answered.is_some(), sub.is_some()];
        let parts = parts.iter().fold(0, |bits, is| bits << 1 | u64::from(*is));
        let exception = message.exception().map_or(0, u64::from);
        state.write_u64(parts << 48 | head | exception);
        state.write_u64(span.map_or(u64::MAX, packed));
        for span in [second, answered].into_iter().flatten() {
            state.write_u64(packed(span));
        }
        if let Some(sub) = sub {
            state.write_u64(u64::from(sub) | u64::from(message.umas_done() == Some(false)) << 16);
        }
        if self.is_for_files() {
            self.see_files(&mut |file| state.write_u16(file));
        }
    }
}

/// Whether a code is that of a read of cells, which its span alone tells from others.
pub(super) const fn is_plain_read(code: u8) -> bool {
    matches!(code, 1..=4)
}

/// A run of cells as one number.
fn packed((first, count): Span) -> u64 {
    u64::from(first) << 32 | count.map_or(1 << 16, u64::from)
}

impl Detail for Exchange<'_> {
    fn targets(&self, see: &mut dyn FnMut(Target<'_>)) {
        if let Some(area) = area(self.message.frame.function()) {
            for (first, count) in self.spans.into_iter().flatten() {
                see(cells(area, first, count));
            }
        }
        self.see_files(&mut |file| files(&mut std::iter::once(file), see));
    }

    fn written(&self, see: &mut dyn FnMut(Target<'_>, Written<'_>)) {
        super::written::written(&self.message, see);
    }

    fn field(&self, name: &str) -> Option<Value<'_>> {
        let message = &self.message;
        let word = |word: Option<u16>| word.map(|word| Value::Int(word.into()));
        let byte = |byte: Option<u8>| byte.map(|byte| Value::Int(byte.into()));
        match name {
            "transaction_id" => word(self.transaction_id()),
            "unit_id" => byte(Some(message.frame.unit_id)),
            "function" => byte(Some(message.frame.function())),
            "exception" => byte(message.exception()),
            "subfunction" => word(self.sub(DIAGNOSTICS)),
            "mei" => word(self.sub(ENCAPSULATED)),
            "address" => word(message.address()),
            "quantity" => word(message.quantity()),
            "write_address" => word(message.write_address()),
            "write_quantity" => word(message.write_quantity()),
            "values" => {
                let values = self.values()?.map(|value| Value::Int(value.into()));
                Some(Value::List(values.collect()))
            }
            "and_mask" => word(message.and_mask()),
            "or_mask" => word(message.or_mask()),
            "objects" => {
                let mut objects = message.objects().peekable();
                objects.peek()?;
                let texts = objects.map(|(_, value)| Value::Text(text(value)));
                Some(Value::List(texts.collect()))
            }
            "umas" => word(self.sub(UMAS)),
            "framing" => Some(self.framing.name().into()),
            "encrypted" => Some(Value::Bool(false)),
            _ => self.body_field(name),
        }
    }

    fn dissect(&self, see: &mut dyn FnMut(&dyn erased_serde::Serialize)) {
        let asked = self.asked.and_then(Asked::quantity);
        see(&Dissection::of(&self.message, asked));
    }

    fn identity(&self, see: &mut dyn FnMut(Identity<'_>)) {
        let mut state = |fact, value: &[u8]| {
            let value = text(value.trim_ascii());
            if !value.is_empty() {
                see(Identity {
                    of: Side::Server,
                    unit: Some(self.unit()),
                    fact,
                    value,
                });
            }
        };
        for (id, value) in self.message.objects() {
            if let Some(fact) = fact(id) {
                state(fact, value);
            }
        }
        if let Some(id) = self.message.server_id() {
            state(Fact::Product, longest_text(id));
        }
        if (self.sub(UMAS), self.message.umas_done()) == (Some(UMAS_READ_ID), Some(true)) {
            state(Fact::Model, longest_text(self.message.frame.body));
        }
    }
}

/// A run of cells of an area; one where it is not said how many.
pub(super) fn cells(area: &str, first: u16, count: Option<u16>) -> Target<'_> {
    let count = u64::from(count.unwrap_or(1).max(1));
    let first = u64::from(first);
    Target::Cells {
        area,
        block: None,
        first,
        last: (first + count - 1).min(super::LAST_CELL),
    }
}

/// Shows files by their numbers.
pub(super) fn files(numbers: &mut dyn Iterator<Item = u16>, see: &mut dyn FnMut(Target<'_>)) {
    for number in numbers {
        let mut digits = [0; 5];
        see(Target::Named {
            kind: super::FILE,
            name: decimal(number, &mut digits),
        });
    }
}

/// The area that a function's cells are in.
pub(super) const fn area(code: u8) -> Option<&'static str> {
    match code {
        1 | 5 | 15 => Some(super::COIL),
        2 => Some(super::DISCRETE),
        4 => Some(super::INPUT),
        3 | 6 | 16 | 22..=24 => Some(super::HOLDING),
        _ => None,
    }
}

/// A number in decimal digits.
fn decimal(number: u16, digits: &mut [u8; 5]) -> &str {
    let mut rest = number;
    let mut used = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        used += 1;
        if rest == 0 {
            break;
        }
    }
    let digits = digits.get(5 - used..).unwrap_or(&[]);
    str::from_utf8(digits).unwrap_or("")
}

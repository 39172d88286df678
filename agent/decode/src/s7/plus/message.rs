//! A whole message and what it means.
//!
//! The function is told by head and body: writing the operating state that is asked for is starting or stopping the
//! controller, creating an object that the client numbers itself is loading a part of the program, and so
//! on. Objects that live as long as a connection have numbers that differ from one to the next; they are shown as
//! `session` or `passing`, so that the same operation looks the same tomorrow.

use std::hash::{Hash, Hasher};

use model::{Anomaly, Function, Identity, Outcome, Target, Unit, Value as Field, Verb};

use super::super::{functions, items};
use super::address::{Address, Addresses};
use super::body::{self, Body, Entry};
use super::head::Head;
use super::ids;
use super::tree::{Object, Tree};
use super::value::Value;
use crate::reader::Reader;

/// A whole message, borrowed from the bytes that carried it.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Message<'a> {
    /// What all messages begin with.
    pub(in super::super) head: Head,
    /// Whether a digest protects it.
    pub(in super::super) integrity: bool,
    pub(super) body: Body<'a>,
    content: &'a [u8],
}

/// One thing that is written.
struct Written<'a> {
    object: u32,
    attribute: u32,
    value: Option<Value<'a>>,
}

impl<'a> Message<'a> {
    /// Reads the joined content of a message's parts.
    pub(in super::super) fn parse(version: u8, digest: bool, content: &'a [u8]) -> Self {
        let mut reader = Reader::new(content);
        let head = Head::read(version, &mut reader);
        let body = Body::read(&head, &mut reader);
        Self {
            head,
            integrity: digest || ends_with_digest(content),
            body,
            content,
        }
    }

    /// Reads what was remembered of a request: its version, then its content.
    pub(in super::super) fn recall(bytes: &'a [u8]) -> Option<Self> {
        let (version, content) = bytes.split_first()?;
        Some(Self::parse(*version, false, content))
    }

    /// What is remembered of a request, after its version.
    pub(in super::super) const fn content(&self) -> &'a [u8] {
        self.content
    }

    /// Why the body could not be read, where that is an anomaly.
    pub(in super::super) fn anomaly(&self) -> Option<Anomaly> {
        self.body.fault?.anomaly()
    }

    /// Whether the body was not read to its end.
    pub(super) const fn is_unread(&self) -> bool {
        self.body.fault.is_some()
    }

    /// How an answer ended: its own result, else that of the first item that failed.
    pub(in super::super) fn outcome(&self) -> Option<Outcome> {
        let own = self.body.result?;
        let refusal = ids::refusal(own).or_else(|| {
            let item = body::failed(self.body.errors).next()?;
            ids::refusal(item.error?)
        });
        Some(match refusal {
            Some((code, name)) => Outcome::Refused { code, name },
            None => Outcome::Done,
        })
    }

    /// Which function it is.
    pub(in super::super) fn function(&self) -> Function {
        match (self.head.opcode, self.head.function) {
            (Some(0x33), _) => match self.object_made() {
                Some(Object {
                    class: ids::ALARM, ..
                }) => functions::PLUS_ALARM,
                _ => functions::PLUS_NOTIFICATION,
            },
            (Some(0x31), Some(code)) => self.asks(code),
            (_, Some(code)) => functions::plus(code),
            _ if self.head.version >= 0xfe => functions::PLUS_SYSTEM_EVENT,
            (opcode, None) => functions::unknown(0x72_0000 | u32::from(opcode.unwrap_or(0))),
        }
    }

    fn asks(&self, code: u16) -> Function {
        let plain = functions::plus(code);
        let session = self.head.session;
        match (code, self.body.object) {
            (0x04ca, _) if session == Some(ids::NO_SESSION) => functions::PLUS_CREATE_SESSION,
            (0x04ca, _) => match self.object_made() {
                Some(Object {
                    class: ids::SESSION,
                    ..
                }) => functions::PLUS_CREATE_SESSION,
                Some(Object {
                    class: ids::SUBSCRIPTION,
                    ..
                }) => functions::PLUS_CREATE_SUBSCRIPTION,
                Some(Object { id, .. }) if !ids::is_passing(id) => functions::PLUS_DOWNLOAD,
                _ => plain,
            },
            (0x04d4, Some(object)) if session == Some(object) => functions::PLUS_DELETE_SESSION,
            (0x04d4, Some(object)) if ids::is_passing(object) => functions::PLUS_RELEASE_OBJECT,
            (0x04f2 | 0x0542 | 0x057c, _) => self.writes_what(plain),
            (0x0586, Some(ids::CPU_PROXY)) if self.names(&[ids::IDENTIFICATION]) => {
                functions::PLUS_IDENTIFY
            }
            (0x0586, Some(object)) if ids::block(object).is_some() && self.names(&ids::CODE) => {
                functions::PLUS_UPLOAD
            }
            (0x04bb, Some(object)) if self.explores_code(object) => functions::PLUS_UPLOAD,
            _ => plain,
        }
    }

    fn names(&self, wanted: &[u32]) -> bool {
        self.body.attributes.iter().any(|id| wanted.contains(&id))
    }

    /// Whether the answer holds the code or source of blocks: they are asked for, or a code block is asked for
    /// as a whole, which is what an empty list of attributes means.
    fn explores_code(&self, object: u32) -> bool {
        let code_block = ids::block(object).is_some_and(|(kind, _)| kind != "DB");
        self.names(&ids::CODE)
            || (code_block && self.body.attributes.is_empty() && !self.is_unread())
    }

    /// The gravest of what is written decides.
    fn writes_what(&self, plain: Function) -> Function {
        let gravity = |function: &Function| match function.verb {
            Verb::Mode if *function != functions::PLUS_CHANGE_MODE => 6,
            Verb::Mode => 5,
            Verb::Time => 4,
            Verb::Credential => 3,
            Verb::Subscribe => 1,
            Verb::Connect => 0,
            _ => 2,
        };
        self.writes()
            .map(|write| self.write(&write).unwrap_or(plain))
            .max_by_key(gravity)
            .unwrap_or(plain)
    }

    fn write(&self, write: &Written<'_>) -> Option<Function> {
        Some(match (write.object, write.attribute) {
            (ids::EXECUTION_UNIT, ids::STATE_REQUEST) => {
                match write.value.and_then(|it| it.int()) {
                    Some(1) => functions::PLUS_STOP_PLC,
                    Some(3) => functions::PLUS_START_PLC,
                    _ => functions::PLUS_CHANGE_MODE,
                }
            }
            (_, ids::CLOCK) => functions::PLUS_SET_CLOCK,
            (object, attribute) if self.head.session == Some(object) => {
                if ids::is_credential(attribute) {
                    functions::PLUS_LEGITIMATE
                } else {
                    functions::PLUS_SET_SESSION
                }
            }
            (object, attribute)
                if ids::is_passing(object) && ids::is_of_subscription(attribute) =>
            {
                functions::PLUS_SET_SUBSCRIPTION
            }
            _ => return None,
        })
    }

    /// Everything that is written, with its value where that matters.
    fn writes(&self) -> impl Iterator<Item = Written<'a>> {
        let (body, mut sought) = (self.body, 1);
        let write = move |(number, object, attribute)| {
            let state = object == ids::EXECUTION_UNIT && attribute == ids::STATE_REQUEST;
            // One search at most, whatever a list repeats.
            let value = if state && sought > 0 {
                sought -= 1;
                body.values.of(number)
            } else {
                None
            };
            Written {
                object,
                attribute,
                value,
            }
        };
        let addressed = (1..)
            .zip(body.addresses.iter())
            .filter_map(|(number, it)| Some((number, it.area, it.attribute()?)));
        let named = (1..)
            .zip(body.attributes.iter())
            .filter_map(move |(number, attribute)| Some((number, body.object?, attribute)));
        addressed.chain(named).map(write)
    }

    /// The first object that is made, or that a notification carries.
    pub(super) fn object_made(&self) -> Option<Object> {
        Tree::new(self.body.tree).object()
    }

    /// The variables that are read, written or subscribed to.
    pub(super) fn addresses(&self) -> Addresses<'a> {
        self.subscribed().unwrap_or(self.body.addresses)
    }

    fn subscribed(&self) -> Option<Addresses<'a>> {
        if self.head.opcode != Some(0x31) || self.object_made()?.class != ids::SUBSCRIPTION {
            return None;
        }
        let list = Tree::new(self.body.tree).attribute(ids::REFERENCES)?;
        Addresses::of_subscription(list.quantities()?.1)
    }

    /// The name of an object in this message.
    pub(super) fn object_name(&self, object: u32) -> Name {
        let named = match object {
            _ if self.head.session == Some(object) => Some("session"),
            _ if ids::is_passing(object) => Some("passing"),
            _ => ids::object(object),
        };
        named.map_or_else(|| Name::hex(object), Name::Known)
    }

    /// The object that it is about; for objects that are made, the first of them. Answers repeat objects under
    /// numbers that only their request can name.
    pub(super) fn object(&self) -> Option<u32> {
        match self.head.opcode {
            Some(0x31) => match self.object_made() {
                Some(made) => Some(made.id),
                // The parent of what could not be read.
                None if self.head.function == Some(0x04ca) => None,
                None => self.body.object,
            },
            Some(0x33) => self.body.object,
            _ => None,
        }
    }

    /// Shows every target of a request.
    pub(in super::super) fn targets(&self, see: &mut dyn FnMut(Target<'_>)) {
        if self.head.opcode != Some(0x31) {
            return;
        }
        if let Some(object) = self.object() {
            self.about(object, see);
        }
        let mut last = None;
        for address in self.addresses().iter() {
            let place = (address.area, address.bytes());
            if last.replace(place) != Some(place) {
                self.variable(&address, see);
            }
        }
    }

    fn about(&self, object: u32, see: &mut dyn FnMut(Target<'_>)) {
        let values = matches!(
            self.head.function,
            Some(0x04f2 | 0x0542 | 0x054c | 0x057c | 0x0586)
        );
        match ids::block(object) {
            _ if values && ids::area(object).is_some() => self.whole(object, see),
            Some((kind, number)) => see(Target::Block { kind, number }),
            // Everything is said by the function.
            None if self
                .head
                .session
                .is_none_or(|it| it == object || it == ids::NO_SESSION) => {}
            None => self.named(object, see),
        }
    }

    fn named(&self, object: u32, see: &mut dyn FnMut(Target<'_>)) {
        see(Target::Named {
            kind: "object",
            name: self.object_name(object).text(),
        });
    }

    fn variable(&self, address: &Address<'_>, see: &mut dyn FnMut(Target<'_>)) {
        match (address.bytes(), area_of(address.area)) {
            (Some((first, last)), Some((area, block))) if !area.1 => see(Target::Cells {
                area: area.0,
                block,
                first: u64::from(first).min(items::LAST),
                last: u64::from(last).min(items::LAST),
            }),
            _ => self.whole(address.area, see),
        }
    }

    fn whole(&self, object: u32, see: &mut dyn FnMut(Target<'_>)) {
        match area_of(object) {
            Some(((area, numbered), block)) => see(Target::Cells {
                area,
                block,
                first: 0,
                last: if numbered {
                    items::LAST_NUMBER
                } else {
                    items::LAST
                },
            }),
            None => self.named(object, see),
        }
    }

    /// Shows what it says about who client or server is; `asked` is what it answers.
    pub(in super::super) fn facts(
        &self,
        asked: Option<&Self>,
        unit: Option<Unit>,
        see: &mut dyn FnMut(Identity<'_>),
    ) {
        super::facts::facts(self, asked, unit, see);
    }

    /// The errors of single items.
    pub(super) fn failed(&self) -> impl Iterator<Item = Entry<'a>> {
        body::failed(self.body.errors)
    }

    /// The field of that name, as the vocabulary lists it.
    pub(in super::super) fn field(&self, name: &str) -> Option<Field<'a>> {
        let number = |number: u32| Some(Field::from(number));
        match name {
            "version" => number(self.head.version.into()),
            "opcode" => number(self.head.opcode?.into()),
            "plus_function" => number(self.head.function?.into()),
            "sequence" => number(self.head.sequence?.into()),
            "plus_session" => number(self.head.session?),
            "plus_object" => {
                let name = self.object_name(self.object()?);
                Some(Field::Text(name.text().to_owned().into()))
            }
            "plus_class" => number(self.object_made()?.class),
            "plus_attribute" => list(self.body.attributes.iter()),
            "plus_method" => number(self.body.method?),
            "plus_return_code" => Some(Field::Text(format!("{:x}", self.body.result?).into())),
            "plus_unread" if self.is_unread() => Some(Field::Bool(true)),
            "integrity" if self.integrity => Some(Field::Bool(true)),
            "client" => super::facts::host(self).map(|host| Field::Text(host.into())),
            "symbol_crc" => list(self.addresses().iter().map(|it| it.crc)),
            "area" => {
                let areas = self.addresses().iter().filter_map(|it| area_of(it.area));
                some(areas.map(|((area, _), _)| area.into()).collect())
            }
            "db" => list(self.addresses().iter().filter_map(|it| area_of(it.area)?.1)),
            "values" if !self.is_secret() => {
                let values = self.body.values.iter().filter_map(|it| it.value?.int());
                some(values.map(Field::Int).collect())
            }
            _ => None,
        }
    }

    /// Whether its values must not be shown.
    pub(super) fn is_secret(&self) -> bool {
        self.body.attributes.iter().any(ids::is_secret)
            || self
                .addresses()
                .iter()
                .any(|it| it.path.iter().any(ids::is_secret))
    }
}

/// What judges may look at: neither sequences, values nor the numbers of passing objects.
impl Hash for Message<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let head = &self.head;
        (head.version, head.opcode, head.function, self.integrity).hash(state);
        (self.is_unread(), self.body.result, self.body.method).hash(state);
        if head.opcode != Some(0x31) {
            self.failed()
                .for_each(|it| (it.number, it.error).hash(state));
        }
        let name = |object: u32, state: &mut H| self.object_name(object).text().hash(state);
        if let Some(object) = self.object() {
            name(object, state);
        }
        self.object_made().map(|it| it.class).hash(state);
        self.body.attributes.iter().for_each(|id| id.hash(state));
        for address in self.addresses().iter() {
            name(address.area, state);
            address.crc.hash(state);
            address.path.iter().for_each(|id| id.hash(state));
        }
    }
}

/// The name of an object.
#[derive(Clone, Copy, Debug)]
pub(super) enum Name {
    Known(&'static str),
    /// Hexadecimal digits.
    Digits([u8; 8]),
}

impl Name {
    fn hex(object: u32) -> Self {
        let digit = |place: u32| {
            let nibble = object >> (28 - 4 * place) & 0xf;
            char::from_digit(nibble, 16).unwrap_or('0') as u8
        };
        Self::Digits([0, 1, 2, 3, 4, 5, 6, 7].map(digit))
    }

    /// The name as text.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Known(name) => name,
            Self::Digits(digits) => std::str::from_utf8(digits).unwrap_or_default(),
        }
    }
}

/// The area of an object that is memory, whether its cells are numbered, and its block.
fn area_of(object: u32) -> Option<((&'static str, bool), Option<u32>)> {
    let code = ids::area(object)?;
    let block = (code == 0x84).then_some(object & 0xffff);
    Some(((items::area_name(code)?, items::is_numbered(code)), block))
}

/// Some controllers put the digest of version 2 behind the message: a length of 32, then as many bytes.
fn ends_with_digest(content: &[u8]) -> bool {
    let tail = content
        .len()
        .checked_sub(33)
        .and_then(|at| content.get(at..));
    tail.is_some_and(|tail| tail.first() == Some(&32) && !tail.ends_with(&[0; 4]))
}

fn list<'a>(numbers: impl Iterator<Item = u32>) -> Option<Field<'a>> {
    some(numbers.map(|number| Field::Int(number.into())).collect())
}

fn some<'a>(list: Vec<Field<'a>>) -> Option<Field<'a>> {
    (!list.is_empty()).then_some(Field::List(list))
}

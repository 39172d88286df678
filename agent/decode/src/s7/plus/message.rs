//! A whole message: how it ended, what it is about, what judges may look at.

use std::hash::{Hash, Hasher};

use model::{Anomaly, Identity, Outcome, Unit, Value as Field};

use super::address::Addresses;
use super::body::Body;
use super::entries::{self, Entry};
use super::head::Head;
use super::ids;
use super::targets::area_of;
use super::tree::{Object, Tree};
use crate::reader::Reader;

/// A whole message, borrowed from the bytes that carried it.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Message<'a> {
    /// What all messages begin with.
    pub(in super::super) head: Head,
    /// Whether a digest protects it.
    pub(in super::super) integrity: bool,
    /// Whether it came in several parts.
    pub(in super::super) in_parts: bool,
    pub(super) body: Body<'a>,
    content: &'a [u8],
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
            in_parts: false,
            body,
            content,
        }
    }

    /// Reads what was remembered of a request: its version, then its content.
    pub(in super::super) fn recall(bytes: &'a [u8]) -> Option<Self> {
        let (version, content) = bytes.split_first()?;
        Some(Self::parse(*version, false, content))
    }

    /// The function of a request that was remembered.
    pub(in super::super) fn recall_function(bytes: &[u8]) -> Option<u16> {
        let (version, content) = bytes.split_first()?;
        Head::read(*version, &mut Reader::new(content)).function
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
            let item = entries::failed(self.body.errors).next()?;
            ids::refusal(item.error?)
        });
        Some(match refusal {
            Some((code, name)) => Outcome::Refused { code, name },
            None => Outcome::Done,
        })
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
        entries::failed(self.body.errors)
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
            "plus_client" => super::facts::host(self).map(|host| Field::Text(host.into())),
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

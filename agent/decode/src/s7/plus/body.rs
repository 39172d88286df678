//! What follows the head, by opcode and function.
//!
//! | function | request | answer, after its result |
//! |---|---|---|
//! | CreateObject | parent, value, 0, objects | ids of what was made; the session as an object |
//! | DeleteObject | object | object |
//! | Explore | object, a number, how far, a filter (a structure), attributes | object, objects |
//! | GetMultiVariables | 0, addresses; or object, attributes | values by number, then errors by number |
//! | SetMultiVariables | the same, then values by number | errors by number |
//! | SetVariable | object, attributes, value | |
//! | GetVarSubStreamed | object, attributes | a byte, value |
//! | SetVarSubStreamed | object, attributes | |
//! | GetLink | object, a relation | |
//! | Invoke | object, method | |
//!
//! Numbers are quantities, but for objects, which have 32 bits. From version 2 on a quantity may stand before
//! objects. What follows (an object qualifier, numbers of the integrity check) is not read. A
//! body that ends early or is of no known layout keeps what was read of it, and says so.

use super::address::{Addresses, Ids};
use super::entries::{Values, errors, notified, numbered};
use super::fault::Fault;
use super::head::Head;
use super::tree::{self, Tree};
use super::value::Value;
use super::vlq;
use crate::reader::Reader;

/// What a message carries. What its function has none of is empty.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Body<'a> {
    /// The object that it is about.
    pub(super) object: Option<u32>,
    /// The variables.
    pub(super) addresses: Addresses<'a>,
    /// The attributes of the object.
    pub(super) attributes: Ids<'a>,
    /// What is written, or was read.
    pub(super) values: Values<'a>,
    /// The objects.
    pub(super) tree: &'a [u8],
    /// The objects that were made.
    pub(super) created: Ids<'a>,
    /// How it ended.
    pub(super) result: Option<u64>,
    /// The items that failed.
    pub(super) errors: &'a [u8],
    /// The method that is called.
    pub(super) method: Option<u32>,
    /// Why it could not be read to its end.
    pub(super) fault: Option<Fault>,
}

impl<'a> Body<'a> {
    /// Reads as much as can be read.
    pub(super) fn read(head: &Head, reader: &mut Reader<'a>) -> Self {
        let mut body = Self::default();
        let result = match (head.opcode, head.function) {
            (Some(0x31), Some(function)) => body.request(function, reader),
            (Some(0x32 | 0x02), Some(function)) => body.answer(function, reader),
            (Some(0x33), _) => body.notification(reader),
            _ => Ok(()),
        };
        body.fault = result.err();
        body
    }

    fn request(&mut self, function: u16, reader: &mut Reader<'a>) -> Result<(), Fault> {
        match function {
            0x04ca => self.create(reader),
            0x04d4 | 0x04fc => self.about(reader),
            0x04bb => self.explore(reader),
            0x0542 | 0x054c => self.variables(function == 0x0542, reader),
            0x04f2 => {
                self.about(reader)?;
                self.attributes = Ids::counted(reader)?;
                self.values = Values::One(Value::read(reader)?);
                Ok(())
            }
            0x0524 => {
                self.about(reader)?;
                self.attributes = Ids::take(reader, 1)?;
                Ok(())
            }
            0x057c | 0x0586 => self.path(reader),
            0x056b => {
                self.about(reader)?;
                self.method = Some(reader.u32("plus_method")?);
                Ok(())
            }
            0x0556 => {
                reader.take("plus_sequence_kind", 4)?;
                self.trees(reader)
            }
            0x0560 => Ok(()),
            _ => Err(Fault::Unknown),
        }
    }

    fn answer(&mut self, function: u16, reader: &mut Reader<'a>) -> Result<(), Fault> {
        if super::super::functions::plus(function).name == "unknown" {
            return Err(Fault::Unknown);
        }
        let result = vlq::u64(reader, "plus_result")?;
        self.result = Some(result);
        let refused = (result as i16) < 0;
        match function {
            _ if refused => Ok(()),
            0x04ca => {
                let count = reader.u8("plus_count")?;
                self.created = Ids::take(reader, count.into())?;
                self.trees(reader)
            }
            0x04d4 => self.about(reader),
            0x04bb => {
                self.about(reader)?;
                self.trees(reader)
            }
            0x054c => {
                let values = run(reader, |reader| numbered(reader, u32::MAX))?;
                self.values = Values::Numbered(values);
                self.errors = run(reader, errors)?;
                Ok(())
            }
            0x0542 => {
                self.errors = run(reader, errors)?;
                Ok(())
            }
            0x0586 => {
                reader.u8("plus_reserved")?;
                self.values = Values::One(Value::read(reader)?);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn about(&mut self, reader: &mut Reader<'a>) -> Result<(), Fault> {
        self.object = Some(reader.u32("plus_object")?);
        Ok(())
    }

    fn create(&mut self, reader: &mut Reader<'a>) -> Result<(), Fault> {
        self.about(reader)?;
        Value::read(reader)?;
        reader.u32("plus_reserved")?;
        self.trees(reader)
    }

    /// Objects, after a quantity that only some versions put before them.
    fn trees(&mut self, reader: &mut Reader<'a>) -> Result<(), Fault> {
        if !tree::is_tree(reader.peek()) && !reader.is_empty() {
            vlq::u32(reader, "plus_integrity")?;
        }
        let (tree, result) = Tree::read(reader);
        self.tree = tree;
        result
    }

    fn explore(&mut self, reader: &mut Reader<'a>) -> Result<(), Fault> {
        self.about(reader)?;
        vlq::u32(reader, "plus_explore_request")?;
        reader.take("plus_explore_flags", 4)?;
        if let [1, 0, 0x17, ..] = reader.peek() {
            reader.u8("plus_filters")?;
            Value::read(reader)?;
            reader.u8("plus_filters")?;
        }
        self.attributes = Ids::counted(reader)?;
        Ok(())
    }

    fn variables(&mut self, writes: bool, reader: &mut Reader<'a>) -> Result<(), Fault> {
        let object = reader.u32("plus_object")?;
        let count = if object == 0 {
            self.addresses = Addresses::read(reader)?;
            self.addresses.count()
        } else {
            self.object = Some(object);
            let count = super::value::counted(reader)?;
            self.attributes = Ids::counted(reader)?;
            count
        };
        if writes {
            let values = run(reader, |reader| numbered(reader, count))?;
            self.values = Values::Numbered(values);
        }
        Ok(())
    }

    fn path(&mut self, reader: &mut Reader<'a>) -> Result<(), Fault> {
        self.about(reader)?;
        let path = Value::read(reader)?;
        let (count, bytes) = path.quantities().ok_or(Fault::Unknown)?;
        self.attributes = Ids::new(count, bytes);
        Ok(())
    }

    /// Subscription, six bytes, the credit used up, a sequence number, a count of changes (or, on newer
    /// firmware, a time and that count), then entries up to 0; after those, an alarm as an object.
    fn notification(&mut self, reader: &mut Reader<'a>) -> Result<(), Fault> {
        self.about(reader)?;
        if reader.u16("plus_notification_kind")? != 0x0400 {
            return Err(Fault::Unknown);
        }
        reader.take("plus_reserved", 4)?;
        reader.u8("plus_credit")?;
        vlq::u32(reader, "plus_notification")?;
        match reader.peek() {
            [1..=0x0f, ..] => _ = reader.u8("plus_changes")?,
            [0, 5..=7, ..] => _ = reader.take("plus_time", 9)?,
            _ => {}
        }
        self.values = Values::Notified(run(reader, |reader| {
            while notified(reader)?.is_some() {}
            Ok(())
        })?);
        if let [_, _, _, _, _, _, 0x81, rest @ ..] = reader.peek()
            && tree::is_tree(rest)
        {
            reader.take("plus_alarm", 7)?;
            return self.trees(reader);
        }
        Ok(())
    }
}

/// The bytes that a reading takes.
fn run<'a>(
    reader: &mut Reader<'a>,
    read: impl FnOnce(&mut Reader<'a>) -> Result<(), Fault>,
) -> Result<&'a [u8], Fault> {
    let bytes = reader.peek();
    read(reader)?;
    Ok(bytes.get(..bytes.len() - reader.left()).unwrap_or_default())
}

//! Which function a message is, by head and body.
//!
//! Writing the operating state that is asked for is starting or stopping the controller; creating an object that the
//! client numbers itself is loading a part of the program; and so on. Where a message writes several things, the gravest
//! decides, so that none hides another.

use model::{Function, Verb};

use super::super::functions;
use super::ids;
use super::message::Message;
use super::tree::Object;
use super::value::Value;

/// One thing that is written.
struct Written<'a> {
    object: u32,
    attribute: u32,
    value: Option<Value<'a>>,
}

impl<'a> Message<'a> {
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
}

//! The head of a message: what every request, answer and notification begins with.

use model::Malformed;

use crate::reader::Reader;

/// The head of a message.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(in super::super) struct Head {
    /// The protocol version: 1 to 3, or from 0xfe for signs of life.
    pub(in super::super) version: u8,
    /// Request 0x31, response 0x32, notification 0x33; signs of life have none.
    pub(in super::super) opcode: Option<u8>,
    /// The function, in requests and responses.
    pub(in super::super) function: Option<u16>,
    /// The number that a response repeats.
    pub(in super::super) sequence: Option<u16>,
    /// The session that a request belongs to.
    pub(in super::super) session: Option<u32>,
    flags: u8,
}

impl Head {
    /// Reads a head as far as it goes: one that ends early tells what it tells.
    pub(super) fn read(version: u8, reader: &mut Reader<'_>) -> Self {
        let mut head = Self {
            version,
            opcode: None,
            function: None,
            sequence: None,
            session: None,
            flags: 0,
        };
        if version < 0xfe {
            _ = head.fields(reader);
        }
        head
    }

    fn fields(&mut self, reader: &mut Reader<'_>) -> Result<(), Malformed> {
        let opcode = reader.u8("plus_opcode")?;
        self.opcode = Some(opcode);
        if !matches!(opcode, 0x31 | 0x32 | 0x02) {
            return Ok(());
        }
        reader.u16("plus_reserved")?;
        self.function = Some(reader.u16("plus_function")?);
        reader.u16("plus_reserved")?;
        self.sequence = Some(reader.u16("plus_sequence")?);
        if opcode == 0x31 {
            self.session = Some(reader.u32("plus_session")?);
        }
        self.flags = reader.u8("plus_flags")?;
        Ok(())
    }

    /// Whether the client says that it wants no answer.
    pub(in super::super) const fn wants_no_answer(&self) -> bool {
        self.flags & 0x40 != 0
    }
}

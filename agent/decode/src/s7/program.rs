//! Blocks on their way (functions 0x1a to 0x1f) and program invocations (0x28, 0x29).
//!
//! A block's name on the wire is nine characters, such as `_0A00001P`: the kind of file, the kind
//! of block, five digits, the file system. A transfer names its block when it starts; later steps
//! name an identifier, which the session keeps. What does not read as a block names none; the
//! message is still shown.

use model::{Function, Malformed, Target, Verb};

use super::functions;
use crate::reader::Reader;

/// A block of a controller's program.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Block {
    kind: [u8; 2],
    /// Its number.
    pub(super) number: u32,
    filesystem: u8,
}

impl Block {
    /// Reads eight characters: kind, number, file system.
    fn parse(name: &[u8]) -> Option<Self> {
        let (&kind, rest) = name.split_first_chunk::<2>()?;
        let (digits, rest) = rest.split_first_chunk::<5>()?;
        let number = std::str::from_utf8(digits).ok()?.parse().ok()?;
        let &[filesystem] = rest else { return None };
        Some(Self {
            kind,
            number,
            filesystem,
        })
    }

    /// Whether it is the same block, in whatever file system.
    pub(super) fn is(&self, other: &Self) -> bool {
        (self.kind, self.number) == (other.kind, other.number)
    }

    /// Its kind, such as `OB`.
    pub(super) const fn kind(&self) -> &'static str {
        match &self.kind {
            b"08" => "OB",
            b"0A" => "DB",
            b"0B" => "SDB",
            b"0C" => "FC",
            b"0D" => "SFC",
            b"0E" => "FB",
            b"0F" => "SFB",
            _ => "block",
        }
    }

    /// The file system's letter: `P` passive, `A` active, `B` both.
    pub(super) fn filesystem(&self) -> &str {
        std::str::from_utf8(std::slice::from_ref(&self.filesystem)).unwrap_or("?")
    }

    /// The block as a target.
    pub(super) const fn target<'a>(&self) -> Target<'a> {
        Target::Block {
            kind: self.kind(),
            number: self.number,
        }
    }
}

/// One step of copying a block.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Transfer<'a> {
    /// The identifier that the controller gave an upload.
    pub(super) id: Option<u32>,
    /// How many bytes the block takes in load memory, as the start of its transfer says.
    pub(super) stated: Option<u32>,
    /// How many of them are code or data.
    pub(super) code: Option<u32>,
    /// The error number that the end of a transfer names; 0 where it went well.
    pub(super) error: u16,
    /// Whether a part is not the last.
    pub(super) continues: bool,
    /// The block's name on the wire.
    name: &'a [u8],
    /// A part of the block.
    pub(super) part: Option<&'a [u8]>,
}

impl<'a> Transfer<'a> {
    /// The step that a job asks for.
    pub(super) fn job(function: u8, parameters: &Reader<'a>) -> Self {
        let mut reader = *parameters;
        let mut transfer = Self::default();
        // A job that ends early names what it names.
        _ = transfer.read_job(function, &mut reader);
        transfer
    }

    fn read_job(&mut self, function: u8, reader: &mut Reader<'a>) -> Result<(), Malformed> {
        reader.u8("transfer_status")?;
        let error = reader.u16("transfer_error")?;
        let id = reader.u32("upload_id")?;
        match function {
            0x1e => self.id = Some(id),
            0x1f => (self.id, self.error) = (Some(id), error),
            0x1c => self.error = error,
            _ => {}
        }
        let len = reader.u8("block_name_length")?;
        self.name = reader.take("block_name", len.into())?;
        let len = reader.u8("block_lengths_length")?;
        let mut lengths = reader.sub("block_lengths", len.into())?;
        lengths.u8("block_lengths_kind")?;
        self.stated = decimal(lengths.take("load_memory_length", 6)?);
        self.code = decimal(lengths.take("code_length", 6)?);
        Ok(())
    }

    /// The answer to the start of an upload; its status byte was read already.
    pub(super) fn started(parameters: &Reader<'a>) -> Self {
        let mut reader = *parameters;
        let mut transfer = Self::default();
        // An answer that ends early tells what it tells.
        _ = transfer.read_start(&mut reader);
        transfer
    }

    fn read_start(&mut self, reader: &mut Reader<'a>) -> Result<(), Malformed> {
        reader.u16("reserved")?;
        self.id = Some(reader.u32("upload_id")?);
        let len = reader.u8("block_length_length")?;
        self.stated = decimal(reader.take("block_length", len.into())?);
        Ok(())
    }

    /// A part of a block: its length, two bytes of no known meaning, then so many bytes. The lowest
    /// bit of the status says whether more parts follow.
    pub(super) fn part(status: u8, mut data: Reader<'a>) -> Self {
        let read = |reader: &mut Reader<'a>| {
            let len = reader.u16("part_length")?;
            reader.u16("part_head")?;
            reader.take("part", len.into())
        };
        Self {
            continues: status & 1 != 0,
            part: read(&mut data).ok(),
            ..Self::default()
        }
    }

    /// The block that the step names.
    pub(super) fn block(&self) -> Option<Block> {
        let (_, name) = self.name.split_first()?;
        Block::parse(name)
    }
}

/// A program invocation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Service<'a> {
    name: &'a [u8],
    /// What it is given.
    argument: &'a [u8],
    stops: bool,
}

impl<'a> Service<'a> {
    /// Reads function 0x28.
    pub(super) fn start(parameters: &Reader<'a>) -> Self {
        let mut reader = *parameters;
        let read = |reader: &mut Reader<'a>| {
            reader.take("pi_reserved", 7).ok()?;
            let len = reader.u16("pi_argument_length").ok()?;
            let argument = reader.take("pi_argument", len.into()).ok()?;
            let len = reader.u8("pi_name_length").ok()?;
            Some((argument, reader.take("pi_name", len.into()).ok()?))
        };
        let (argument, name) = read(&mut reader).unwrap_or_default();
        Self {
            name,
            argument,
            stops: false,
        }
    }

    /// Reads function 0x29.
    pub(super) fn stop(parameters: &Reader<'a>) -> Self {
        let mut reader = *parameters;
        let read = |reader: &mut Reader<'a>| {
            reader.take("pi_reserved", 5).ok()?;
            let len = reader.u8("pi_name_length").ok()?;
            reader.take("pi_name", len.into()).ok()
        };
        Self {
            name: read(&mut reader).unwrap_or_default(),
            argument: &[],
            stops: true,
        }
    }

    /// Which function it is.
    pub(super) fn function(&self) -> Function {
        if self.stops {
            functions::job(0x29)
        } else {
            functions::service(self.name)
        }
    }

    /// Its name, where it is text.
    pub(super) fn name(&self) -> Option<&'a str> {
        text(self.name)
    }

    /// Its argument, where it is text and neither a list of blocks nor a secret.
    pub(super) fn argument(&self) -> Option<&'a str> {
        text(self.argument).filter(|_| !self.is_secret())
    }

    /// The arguments of a service of a numerical control: texts, each after its length, filled up to
    /// an even place.
    pub(super) fn arguments(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let listed = self.name.starts_with(b"_N_") && !self.is_secret();
        let mut reader = Reader::new(if listed { self.argument } else { &[] });
        std::iter::from_fn(move || {
            let len = reader.u8("pi_argument_length").ok()?;
            let argument = reader.take("pi_argument", len.into()).ok()?;
            if len % 2 == 0 {
                _ = reader.u8("pi_argument_filling");
            }
            std::str::from_utf8(argument).ok()
        })
    }

    /// How the controller is told to start: `cold` where the argument says so, else `warm`.
    pub(super) fn restart(&self) -> Option<&'static str> {
        match self.argument.trim_ascii() {
            _ if self.stops || self.name != b"P_PROGRAM" => None,
            b"C" => Some("cold"),
            b"" => Some("warm"),
            _ => None,
        }
    }

    /// Whether it makes downloaded blocks a part of the running program.
    pub(super) fn inserts(&self) -> bool {
        matches!(self.name, b"_INSE" | b"_INS2")
    }

    /// Whether it deletes blocks.
    pub(super) fn deletes(&self) -> bool {
        self.name == b"_DELE"
    }

    /// Logins and new passwords carry what nobody may write down.
    fn is_secret(&self) -> bool {
        self.function().verb == Verb::Credential
    }

    /// The blocks that its argument lists: a count, a byte, then eight characters each.
    pub(super) fn blocks(&self) -> impl Iterator<Item = Block> + use<'a> {
        let list = match self.argument {
            [count, 0, list @ ..] if list.len() == usize::from(*count) * 8 => list,
            _ => &[],
        };
        list.chunks_exact(8).filter_map(Block::parse)
    }

    /// Shows the service and its blocks.
    pub(super) fn targets(&self, see: &mut dyn FnMut(Target<'_>)) {
        let name = self.name().unwrap_or("unknown");
        see(Target::Named { kind: "pi", name });
        self.blocks().for_each(|block| see(block.target()));
    }
}

fn decimal(digits: &[u8]) -> Option<u32> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn text(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let plain = text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    (plain && !text.is_empty()).then_some(text)
}

/// The block that a question about a block names (userdata group 3, subfunction 3).
pub(super) fn asked(name: &[u8]) -> Option<Block> {
    Block::parse(name)
}

//! The pcapng format: sections of blocks, and in each section its own interfaces.
//!
//! Follows draft-ietf-opsawg-pcapng: general block structure (3.1), section header (4.1),
//! interface description (4.2), enhanced packet (4.3), simple packet (4.4), and the obsolete packet
//! block (appendix A). All other blocks are passed over, whatever their length; options are read
//! only where they tell how times count. A simple packet has no time: it is given that of the frame
//! before it.

mod clock;

use model::LinkType;

use self::clock::Clock;
use crate::record::{FRAME_LIMIT, Flaw, Order, Record};
use crate::window::Window;

/// Where reading stands within a section.
#[derive(Debug)]
pub(crate) struct Reader {
    order: Order,
    // INVARIANT: interfaces.len() <= INTERFACE_LIMIT
    interfaces: Vec<Interface>,
}

/// What a section says of one interface.
#[derive(Clone, Copy, Debug)]
struct Interface {
    link: LinkType,
    snap_len: u32,
    clock: Clock,
}

/// A block's outside: what it is, how long, and where in the file.
#[derive(Clone, Copy, Debug)]
struct Block {
    kind: u32,
    len: usize,
    offset: u64,
}

/// What a packet block says of its frame.
#[derive(Clone, Copy, Debug)]
struct Packet {
    interface: usize,
    /// In the interface's units; none where the block has no time.
    ticks: Option<u64>,
    captured: u32,
    wire_len: u32,
    /// How much of the block lies before the frame's bytes.
    head_len: usize,
}

impl Reader {
    /// Reads the first section's header, if the file starts with one.
    ///
    /// # Errors
    ///
    /// When the header is cut short or of an unknown version.
    pub(crate) fn open(magic: [u8; 4], window: &mut Window) -> Result<Option<Self>, Box<Flaw>> {
        if u32::from_be_bytes(magic) != SECTION {
            return Ok(None);
        }
        let mut reader = Self {
            order: Order::Little,
            interfaces: Vec::new(),
        };
        let Some(block) = reader.block(window)? else {
            return Ok(None);
        };
        reader.section(block, window)?;
        Ok(Some(reader))
    }

    /// Moves `record` to the next frame; false where the file ends between two blocks.
    ///
    /// # Errors
    ///
    /// When the file ends within a block, or a block contradicts itself.
    #[inline]
    pub(crate) fn next(
        &mut self,
        window: &mut Window,
        record: &mut Record,
    ) -> Result<bool, Box<Flaw>> {
        while let Some(block) = self.block(window)? {
            let packet = match block.kind {
                ENHANCED => self.enhanced(block, window)?,
                SIMPLE => self.simple(block, window)?,
                OBSOLETE => self.obsolete(block, window)?,
                _ => {
                    self.describe(block, window)?;
                    continue;
                }
            };
            self.settle(block, packet, window, record)?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Reads the next block's outside. A section header tells its own byte order.
    #[inline]
    fn block(&mut self, window: &mut Window) -> Result<Option<Block>, Box<Flaw>> {
        let offset = window.offset();
        let head = match window.peek(BLOCK_MIN) {
            Ok(head) => head,
            Err(short) if short.have == 0 && short.failed.is_none() => return Ok(None),
            Err(short) => return Err(Flaw::cut(offset, "a block", short)),
        };
        let &[kind, len, mark] = head.as_chunks::<4>().0 else {
            return Err(Flaw::new(offset, "a block is short"));
        };
        if u32::from_be_bytes(kind) == SECTION {
            self.order = byte_order(mark, offset)?;
        }
        let (kind, len) = (self.order.u32(kind), self.order.u32(len) as usize);
        if len < BLOCK_MIN || len % 4 != 0 {
            let why = format!("no block can be {len} bytes long");
            return Err(Flaw::new(offset, why));
        }
        Ok(Some(Block { kind, len, offset }))
    }

    #[inline]
    fn enhanced(&self, block: Block, window: &mut Window) -> Result<Packet, Box<Flaw>> {
        let order = self.order;
        let &[_, _, interface, high, low, captured, wire, _, ..] = self.words(block, window)?
        else {
            return Err(block.too_short());
        };
        Ok(Packet {
            interface: order.u32(interface) as usize,
            ticks: Some(u64::from(order.u32(high)) << 32 | u64::from(order.u32(low))),
            captured: order.u32(captured),
            wire_len: order.u32(wire),
            head_len: 28,
        })
    }

    #[cold]
    fn obsolete(&self, block: Block, window: &mut Window) -> Result<Packet, Box<Flaw>> {
        let order = self.order;
        let &[_, _, source, high, low, captured, wire, _, ..] = self.words(block, window)? else {
            return Err(block.too_short());
        };
        let (interface, _drops) = order.halves(source);
        Ok(Packet {
            interface: usize::from(interface),
            ticks: Some(u64::from(order.u32(high)) << 32 | u64::from(order.u32(low))),
            captured: order.u32(captured),
            wire_len: order.u32(wire),
            head_len: 28,
        })
    }

    /// A simple packet is as long as it was on the wire, or as the first interface's limit.
    #[cold]
    fn simple(&self, block: Block, window: &mut Window) -> Result<Packet, Box<Flaw>> {
        let &[_, _, wire, _, ..] = self.words(block, window)? else {
            return Err(block.too_short());
        };
        let wire_len = self.order.u32(wire);
        let limit = match self.interfaces.first() {
            Some(interface) if interface.snap_len > 0 => interface.snap_len,
            _ => u32::MAX,
        };
        Ok(Packet {
            interface: 0,
            ticks: None,
            captured: wire_len.min(limit),
            wire_len,
            head_len: 12,
        })
    }

    /// Uses up a packet block, once everything about it is known to hold.
    #[inline]
    fn settle(
        &self,
        block: Block,
        packet: Packet,
        window: &mut Window,
        record: &mut Record,
    ) -> Result<(), Box<Flaw>> {
        if packet.captured > FRAME_LIMIT {
            return Err(Flaw::implausible(block.offset, packet.captured));
        }
        let captured = packet.captured as usize;
        if captured > block.len - packet.head_len - TRAILER_LEN {
            let why = format!("a block of {} bytes holds a frame of {captured}", block.len);
            return Err(Flaw::new(block.offset, why));
        }
        let Some(interface) = self.interfaces.get(packet.interface) else {
            return Err(self.unknown_interface(block, packet.interface));
        };
        if let Some(ticks) = packet.ticks {
            record.time = interface.clock.time(ticks);
        }
        record.link = interface.link;
        record.wire_len = packet.wire_len;
        let start = window.take(block.len).start + packet.head_len;
        record.place = start..start + captured;
        Ok(())
    }

    #[cold]
    fn unknown_interface(&self, block: Block, number: usize) -> Box<Flaw> {
        let known = self.interfaces.len();
        let why = format!("a frame is of interface {number}, but {known} are described");
        Flaw::new(block.offset, why)
    }

    /// Takes in, or passes over, a block that holds no frame.
    #[cold]
    fn describe(&mut self, block: Block, window: &mut Window) -> Result<(), Box<Flaw>> {
        match block.kind {
            SECTION => self.section(block, window),
            INTERFACE => self.interface(block, window),
            _ => self.pass_over(block, window),
        }
    }

    /// Starts a section: the interfaces of the one before are forgotten.
    fn section(&mut self, block: Block, window: &mut Window) -> Result<(), Box<Flaw>> {
        let &[_, _, _, version, _, _, _, ..] = self.words(block, window)? else {
            return Err(block.too_short());
        };
        let (major, minor) = self.order.halves(version);
        if major != 1 {
            let why = format!("pcapng version {major}.{minor} is not read, only 1.x");
            return Err(Flaw::new(block.offset, why));
        }
        self.interfaces.clear();
        window.take(block.len);
        Ok(())
    }

    fn interface(&mut self, block: Block, window: &mut Window) -> Result<(), Box<Flaw>> {
        let order = self.order;
        let &[_, _, link, snap_len, ref options @ .., _] = self.words(block, window)? else {
            return Err(block.too_short());
        };
        let interface = Interface {
            link: LinkType::from(u32::from(order.halves(link).0)),
            snap_len: order.u32(snap_len),
            clock: Clock::from_options(order, options.as_flattened()),
        };
        if self.interfaces.len() >= INTERFACE_LIMIT {
            let why = format!("a section describes more than {INTERFACE_LIMIT} interfaces");
            return Err(Flaw::new(block.offset, why));
        }
        self.interfaces.push(interface);
        window.take(block.len);
        Ok(())
    }

    /// Passes over a block that tells nothing about frames; it may be larger than any window.
    fn pass_over(&self, block: Block, window: &mut Window) -> Result<(), Box<Flaw>> {
        let cut = |short| Flaw::cut(block.offset, "a block", short);
        window.skip(block.len - TRAILER_LEN).map_err(cut)?;
        let trailer = window.peek(TRAILER_LEN).map_err(cut)?;
        self.check_trailer(block, trailer.as_chunks().0)?;
        window.take(TRAILER_LEN);
        Ok(())
    }

    /// A whole block, as words, once its two lengths agree.
    #[inline]
    fn words<'w>(&self, block: Block, window: &'w mut Window) -> Result<&'w [[u8; 4]], Box<Flaw>> {
        if block.len > BLOCK_LIMIT {
            let why = format!("a block of {} bytes is beyond belief", block.len);
            return Err(Flaw::new(block.offset, why));
        }
        let bytes = window.peek(block.len);
        let bytes = bytes.map_err(|short| Flaw::cut(block.offset, "a block", short))?;
        let words = bytes.as_chunks().0;
        self.check_trailer(block, words)?;
        Ok(words)
    }

    #[inline]
    fn check_trailer(&self, block: Block, words: &[[u8; 4]]) -> Result<(), Box<Flaw>> {
        let trailer = words.last().map_or(0, |word| self.order.u32(*word)) as usize;
        if trailer == block.len {
            return Ok(());
        }
        let why = format!(
            "a block is {} bytes long at its start and {trailer} at its end",
            block.len
        );
        Err(Flaw::new(block.offset, why))
    }
}

impl Block {
    #[cold]
    fn too_short(self) -> Box<Flaw> {
        let why = format!(
            "a block of type {:#x} has only {} bytes",
            self.kind, self.len
        );
        Flaw::new(self.offset, why)
    }
}

/// The byte order that a section's byte-order mark stands for.
fn byte_order(mark: [u8; 4], offset: u64) -> Result<Order, Box<Flaw>> {
    [Order::Little, Order::Big]
        .into_iter()
        .find(|order| order.u32(mark) == 0x1a2b_3c4d)
        .ok_or_else(|| Flaw::new(offset, "a section has no byte-order mark"))
}

/// Block types; that of a section reads alike in both byte orders.
const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const OBSOLETE: u32 = 2;
const SIMPLE: u32 = 3;
const ENHANCED: u32 = 6;

/// The shortest block: type, length, length again.
const BLOCK_MIN: usize = 12;

/// The length that closes a block.
const TRAILER_LEN: usize = 4;

/// The longest block that is held whole: a frame at its limit, and its comments.
const BLOCK_LIMIT: usize = 1 << 20;

/// The most interfaces of one section.
const INTERFACE_LIMIT: usize = 1 << 16;

//! The pcapng format: sections of blocks, and in each section its own interfaces.
//!
//! Follows draft-ietf-opsawg-pcapng: general block structure (3.1), section header (4.1),
//! interface description (4.2), enhanced packet (4.3), simple packet (4.4), and the obsolete packet
//! block (appendix A). All other blocks are passed over, whatever their length; options are read
//! only where they tell how times count. A simple packet has no time: it is given that of the frame
//! before it.

mod block;
mod clock;

use model::LinkType;

use self::block::{Block, SECTION, TRAILER_LEN};
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

    /// Reads the next block's outside. A section header sets the byte order of what follows.
    #[inline]
    fn block(&mut self, window: &mut Window) -> Result<Option<Block>, Box<Flaw>> {
        let block = Block::read(self.order, window)?;
        self.order = block.map_or(self.order, |block| block.order);
        Ok(block)
    }

    #[inline]
    fn enhanced(&self, block: Block, window: &mut Window) -> Result<Packet, Box<Flaw>> {
        let order = self.order;
        let &[_, _, interface, high, low, captured, wire, _, ..] = block.words(window)? else {
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
        let &[_, _, source, high, low, captured, wire, _, ..] = block.words(window)? else {
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
        let &[_, _, wire, _, ..] = block.words(window)? else {
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
            _ => block.pass_over(window),
        }
    }

    /// Starts a section: the interfaces of the one before are forgotten.
    fn section(&mut self, block: Block, window: &mut Window) -> Result<(), Box<Flaw>> {
        let &[_, _, _, version, _, _, _, ..] = block.words(window)? else {
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
        let &[_, _, link, snap_len, ref options @ .., _] = block.words(window)? else {
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
}

/// Block types that hold frames, or tell how to read them.
const INTERFACE: u32 = 1;
const OBSOLETE: u32 = 2;
const SIMPLE: u32 = 3;
const ENHANCED: u32 = 6;

/// The most interfaces of one section.
const INTERFACE_LIMIT: usize = 1 << 16;

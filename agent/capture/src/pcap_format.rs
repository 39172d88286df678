//! The classic pcap format: one header, then records.
//!
//! Follows draft-ietf-opsawg-pcap: the file header (4) and the packet record (5), in both byte
//! orders, with times in microseconds or nanoseconds. Of the variants that came before, the
//! "modified" one (magic `a1b2cd34`), whose record headers have eight bytes more, is read as well.
//! The time zone field is always zero in practice and is passed over.

use model::{LinkType, Timestamp};

use crate::record::{FRAME_LIMIT, Flaw, Order, Record};
use crate::window::Window;

/// What a pcap file's header says of its records.
#[derive(Debug)]
pub(crate) struct Reader {
    order: Order,
    link: LinkType,
    /// How many nanoseconds a unit of the time's second field is.
    unit_nanos: i64,
    /// How long the header of a record is: 16 or 24 bytes.
    head_len: usize,
}

impl Reader {
    /// Reads the file header, if the magic number is one of pcap's.
    ///
    /// # Errors
    ///
    /// When the header is cut short, or of a version that nobody writes any more.
    pub(crate) fn open(magic: [u8; 4], window: &mut Window) -> Result<Option<Self>, Box<Flaw>> {
        let Some((order, variant)) = variant(magic) else {
            return Ok(None);
        };
        let part = "the file header";
        let header = window.peek(HEADER_LEN);
        let header = header.map_err(|short| Flaw::cut(0, part, short))?;
        let (words, _) = header.as_chunks::<4>();
        let &[_, version, _, _, _, link] = words else {
            return Err(Flaw::new(0, "the file header is short"));
        };
        let (major, minor) = order.halves(version);
        if major != 2 || minor < 3 {
            let why = format!("pcap version {major}.{minor} is not read, only 2.3 and later");
            return Err(Flaw::new(4, why));
        }
        let link = LinkType::from(order.u32(link) & LINK_MASK);
        window.take(HEADER_LEN);
        Ok(Some(Self::new(order, link, variant)))
    }

    fn new(order: Order, link: LinkType, variant: Variant) -> Self {
        let (unit_nanos, head_len) = match variant {
            Variant::Micros => (1_000, 16),
            Variant::Nanos => (1, 16),
            Variant::Modified => (1_000, 24),
        };
        Self {
            order,
            link,
            unit_nanos,
            head_len,
        }
    }

    /// Moves `record` to the next frame; false where the file ends between two records.
    ///
    /// # Errors
    ///
    /// When the file ends within a record, or a record's length is beyond belief.
    #[inline]
    pub(crate) fn next(&self, window: &mut Window, record: &mut Record) -> Result<bool, Box<Flaw>> {
        let ahead = window.ahead();
        let head = match self.head(ahead) {
            Some(head) if head.captured <= FRAME_LIMIT && self.whole(&head) <= ahead.len() => head,
            _ => match self.wait(window)? {
                Some(head) => head,
                None => return Ok(false),
            },
        };
        let place = window.take(self.whole(&head));
        record.link = self.link;
        record.time = self.time(head.seconds, head.fraction);
        record.wire_len = head.wire;
        record.place = place.start + self.head_len..place.end;
        Ok(true)
    }

    /// Reads on until the next record is there; none where the file ends before it.
    #[cold]
    fn wait(&self, window: &mut Window) -> Result<Option<Head>, Box<Flaw>> {
        let offset = window.offset();
        let head = match window.peek(self.head_len) {
            Ok(bytes) => self.head(bytes),
            Err(short) => {
                Flaw::unless_end(offset, "a record header", short)?;
                return Ok(None);
            }
        };
        let Some(head) = head else {
            return Err(Flaw::new(offset, "a record header is short"));
        };
        if head.captured > FRAME_LIMIT {
            return Err(Flaw::implausible(offset, head.captured));
        }
        if let Err(short) = window.peek(self.whole(&head)) {
            return Err(Flaw::cut(offset, "a frame", short));
        }
        Ok(Some(head))
    }

    /// What the header of a record says that bytes start with.
    #[inline]
    fn head(&self, bytes: &[u8]) -> Option<Head> {
        let &[seconds, fraction, captured, wire] = bytes.first_chunk::<16>()?.as_chunks().0 else {
            return None;
        };
        let order = self.order;
        Some(Head {
            seconds: order.u32(seconds),
            fraction: order.u32(fraction),
            captured: order.u32(captured),
            wire: order.u32(wire),
        })
    }

    /// How many bytes a record has, with its header.
    #[inline]
    const fn whole(&self, head: &Head) -> usize {
        self.head_len + head.captured as usize
    }

    #[inline]
    fn time(&self, seconds: u32, fraction: u32) -> Timestamp {
        Timestamp::from_nanos(
            i64::from(seconds) * 1_000_000_000 + i64::from(fraction) * self.unit_nanos,
        )
    }
}

/// The header of a record.
#[derive(Clone, Copy, Debug)]
struct Head {
    seconds: u32,
    fraction: u32,
    /// How many bytes of the frame follow.
    captured: u32,
    /// How many it had on the wire.
    wire: u32,
}

/// The kinds of pcap file that magic numbers tell apart.
#[derive(Clone, Copy, Debug)]
enum Variant {
    Micros,
    Nanos,
    Modified,
}

/// The byte order and the variant that a magic number stands for.
fn variant(magic: [u8; 4]) -> Option<(Order, Variant)> {
    let of = |number| match number {
        0xa1b2_c3d4 => Some(Variant::Micros),
        0xa1b2_3c4d => Some(Variant::Nanos),
        0xa1b2_cd34 => Some(Variant::Modified),
        _ => None,
    };
    [Order::Little, Order::Big]
        .into_iter()
        .find_map(|order| Some((order, of(order.u32(magic))?)))
}

/// The length of the file header.
const HEADER_LEN: usize = 24;

/// The bits of the link field that are the link type; those above tell of check sequences.
const LINK_MASK: u32 = 0xffff;

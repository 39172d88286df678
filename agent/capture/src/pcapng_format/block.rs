//! A pcapng block from outside: type, length, and the length again at its end
//! (draft-ietf-opsawg-pcapng, 3.1).

use crate::record::{Flaw, Order};
use crate::window::Window;

/// A block that lies ahead in the window, or starts there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub(super) kind: u32,
    /// From its type to the end of its second length: a multiple of 4, and at least 12.
    pub(super) len: usize,
    /// Where in the file it starts.
    pub(super) offset: u64,
    pub(super) order: Order,
}

impl Block {
    /// Reads the next block's outside, in the section's byte order; a section header brings its
    /// own. None where the file ends before it.
    #[inline]
    pub(super) fn read(order: Order, window: &mut Window) -> Result<Option<Self>, Box<Flaw>> {
        let offset = window.offset();
        let head = match window.peek(LEN_MIN) {
            Ok(head) => head,
            Err(short) => {
                return Flaw::unless_end(offset, "a block", short).map(|_| None);
            }
        };
        let &[kind, len, mark] = head.as_chunks::<4>().0 else {
            return Err(Flaw::new(offset, "a block is short"));
        };
        let order = match u32::from_be_bytes(kind) {
            SECTION => byte_order(mark, offset)?,
            _ => order,
        };
        let (kind, len) = (order.u32(kind), order.u32(len) as usize);
        if len < LEN_MIN || len % 4 != 0 {
            return Err(Flaw::new(
                offset,
                format!("no block can be {len} bytes long"),
            ));
        }
        Ok(Some(Self {
            kind,
            len,
            offset,
            order,
        }))
    }

    /// The whole block, as words, once its two lengths agree. It stays ahead.
    #[inline]
    pub(super) fn words(self, window: &mut Window) -> Result<&[[u8; 4]], Box<Flaw>> {
        if self.len > LEN_LIMIT {
            let why = format!("a block of {} bytes is beyond belief", self.len);
            return Err(Flaw::new(self.offset, why));
        }
        let bytes = window.peek(self.len);
        let bytes = bytes.map_err(|short| Flaw::cut(self.offset, "a block", short))?;
        let words = bytes.as_chunks().0;
        self.check_end(words)?;
        Ok(words)
    }

    /// Uses up a block that tells nothing about frames; it may be larger than any window.
    pub(super) fn pass_over(self, window: &mut Window) -> Result<(), Box<Flaw>> {
        let cut = |short| Flaw::cut(self.offset, "a block", short);
        window.skip(self.len - TRAILER_LEN).map_err(cut)?;
        let trailer = window.peek(TRAILER_LEN).map_err(cut)?;
        self.check_end(trailer.as_chunks().0)?;
        window.take(TRAILER_LEN);
        Ok(())
    }

    /// The block has fewer bytes than its type takes.
    #[cold]
    pub(super) fn too_short(self) -> Box<Flaw> {
        let why = format!(
            "a block of type {:#x} has only {} bytes",
            self.kind, self.len
        );
        Flaw::new(self.offset, why)
    }

    /// Compares the length at the block's end with that at its start.
    #[inline]
    fn check_end(self, words: &[[u8; 4]]) -> Result<(), Box<Flaw>> {
        let len = self.len;
        let end = words.last().map_or(0, |word| self.order.u32(*word)) as usize;
        if end == len {
            return Ok(());
        }
        let why = format!("a block is {len} bytes long at its start and {end} at its end");
        Err(Flaw::new(self.offset, why))
    }
}

/// The byte order that a section's byte-order mark stands for.
fn byte_order(mark: [u8; 4], offset: u64) -> Result<Order, Box<Flaw>> {
    [Order::Little, Order::Big]
        .into_iter()
        .find(|order| order.u32(mark) == 0x1a2b_3c4d)
        .ok_or_else(|| Flaw::new(offset, "a section has no byte-order mark"))
}

/// The type of a section header; it reads alike in both byte orders.
pub(super) const SECTION: u32 = 0x0a0d_0d0a;

/// The length that closes a block.
pub(super) const TRAILER_LEN: usize = 4;

/// The shortest block: type, length, length again.
const LEN_MIN: usize = 12;

/// The longest block that is held whole: a frame at its limit, and its comments.
const LEN_LIMIT: usize = 1 << 20;

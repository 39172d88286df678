//! The frame that a plant is full of: TCP in IPv4 in Ethernet, captured whole, without tags, options of IP or fragments,
//! going on where its flow stands.
//!
//! Such a frame is read at fixed places and followed at once. It is nothing that [`walk`](crate::walk) and
//! [`conversation`](crate::conversation) do not do as well: whatever is not exactly as expected here goes their way, and a
//! test holds the two against each other.

use model::{Counter, Frame, LinkType, Mac, Stamp, Transport};

use crate::Listener;
use crate::checksum;
use crate::conversation::{ACK, FIN, Onward, RST, SYN};
use crate::duplicate::Print;
use crate::flows::Flows;
use crate::outlet::Outlet;
use crate::table::{Class, Short};

/// What was read of such a frame.
pub(crate) struct Glance<'a> {
    source: Mac,
    /// The IP identification, which is not 0.
    id: u16,
    /// Address and port of source and destination.
    ends: [(u32, u16); 2],
    onward: Onward<'a>,
    /// The transport's header and what it carries.
    segment: &'a [u8],
    words: [u64; 2],
}

impl<'a> Glance<'a> {
    /// Reads a frame; nothing where it is another kind.
    #[inline(always)]
    pub(crate) fn of(frame: &Frame<'a>) -> Option<Self> {
        let bytes = frame.bytes;
        if frame.link != LinkType::Ethernet || frame.wire_len as usize > bytes.len() {
            return None;
        }
        let head = bytes.first_chunk::<HEAD>()?;
        let byte = |at: usize| head.get(at).copied().unwrap_or(0);
        let word = |at: usize| u16::from_be_bytes([byte(at), byte(at + 1)]);
        let long = |at: usize| u32::from(word(at)) << 16 | u32::from(word(at + 2));
        let flags = byte(47);
        let is_usual = word(12) == ETHERTYPE
            && byte(14) == VERSION_AND_LENGTH
            && word(20) & FRAGMENT == 0
            && byte(23) == TCP
            && word(18) != 0
            && flags & (SYN | FIN | RST | ACK) == ACK;
        if !is_usual {
            return None;
        }
        let segment = bytes.get(34..14 + usize::from(word(16)))?;
        let header_len = usize::from(byte(46) >> 4) * 4;
        let payload = segment.get(header_len.max(20)..)?;
        if header_len < 20 {
            return None;
        }
        let (seq, ack) = (long(38), long(42));
        let [_, _, _, _, _, _, source @ .., _, _] = *bytes.first_chunk::<14>()?;
        Some(Self {
            source: Mac(source),
            id: word(18),
            ends: [(long(26), word(34)), (long(30), word(36))],
            onward: Onward {
                seq,
                ack,
                bytes: payload,
            },
            segment,
            words: words(seq, ack, [word(50), word(48)], flags, segment.len()),
        })
    }
}

/// What the transport adds to the print of a segment: `fields` are its checksum and window.
#[inline(always)]
pub(crate) fn words(seq: u32, ack: u32, fields: [u16; 2], flags: u8, len: usize) -> [u64; 2] {
    let [checksum, window] = fields.map(u64::from);
    [
        (u64::from(seq) << 32) | u64::from(ack),
        (checksum << 48) | (window << 32) | (u64::from(flags) << 24) | len as u64,
    ]
}

impl<S: Default> Flows<S> {
    /// Follows a frame if it goes on where its flow stands; whether it did.
    #[inline(always)]
    pub(crate) fn follow<L: Listener<State = S>>(
        &mut self,
        glance: &Glance<'_>,
        stamp: Stamp,
        listener: &mut L,
    ) -> bool {
        let short = Short::of(glance.ends, Transport::Tcp);
        let Some((slot, from)) = self.table.find_short(short) else {
            return false;
        };
        let goes_on = slot.class == Class::Established
            && !slot.queued
            && slot.is_fresh(stamp.time)
            && *from.of(&slot.flow.macs) == glance.source
            && slot.conversation.goes_on(&glance.onward, from)
            && checksum::is_right(glance.ends.map(|(ip, _)| ip), glance.segment);
        if !goes_on {
            return false;
        }
        let shared = &mut self.shared;
        let print = Print::numbered(&shared.seed, glance.words, glance.id, stamp.time);
        if glance.onward.bytes.is_empty()
            && slot
                .conversation
                .has_copy(print, from, shared.limits.duplicate_within)
        {
            return false;
        }
        if !glance.onward.bytes.is_empty() {
            shared.count(Counter::SegmentsInOrder);
        }
        slot.conversation.go_on(
            &glance.onward,
            print,
            stamp,
            &mut Outlet {
                flow: &mut slot.flow,
                listener,
                shared,
                from,
            },
        );
        true
    }
}

/// Ethernet without tags, IP without options, TCP up to its urgent pointer.
const HEAD: usize = 54;
const ETHERTYPE: u16 = 0x0800;
const VERSION_AND_LENGTH: u8 = 0x45;
/// More fragments, or an offset (RFC 791, 3.1).
const FRAGMENT: u16 = 0x3fff;
const TCP: u8 = 6;

//! The frame that a plant is full of: TCP in IPv4 in Ethernet, captured whole, without tags, options of IP or fragments,
//! going on where its flow stands.
//!
//! Such a frame is read at fixed places and followed at once. It is nothing that [`walk`](crate::walk) and
//! [`conversation`](crate::conversation) do not do as well: whatever is not exactly as expected here goes their way, and a
//! test holds the two against each other.

use std::num::NonZeroU16;

use foldhash::quality::RandomState;
use model::{Counter, Frame, LinkType, Mac, Tag, Tagger, Transport};

use crate::Listener;
use crate::checksum;
use crate::conversation::{ACK, FIN, Onward, RST, SYN};
use crate::duplicate::Print;
use crate::flows::Flows;
use crate::outlet::Outlet;
use crate::table::{Class, Near, Short};

/// What glances share: how ends and prints are hashed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seeds {
    pub(crate) ends: RandomState,
    pub(crate) prints: RandomState,
}

impl Seeds {
    /// Reads a frame; nothing where it is another kind. Every byte of it has its say, so that it need not be read twice.
    #[inline(always)]
    pub(crate) fn tag(&self, frame: &Frame<'_>) -> Option<Tag> {
        let bytes = frame.bytes;
        if frame.link != LinkType::Ethernet || frame.wire_len as usize > bytes.len() {
            return None;
        }
        let head = bytes.first_chunk::<HEAD>()?;
        let byte = |at: usize| head.get(at).copied().unwrap_or(0);
        let word = |at: usize| u16::from_be_bytes([byte(at), byte(at + 1)]);
        let long = |at: usize| u32::from(word(at)) << 16 | u32::from(word(at + 2));
        let (flags, id) = (byte(47), word(18));
        let is_usual = word(12) == ETHERTYPE
            && byte(14) == VERSION_AND_LENGTH
            && word(20) & FRAGMENT == 0
            && byte(23) == TCP
            && id != 0
            && flags & (SYN | FIN | RST | ACK) == ACK;
        if !is_usual {
            return None;
        }
        let segment = bytes.get(SEGMENT..14 + usize::from(word(16)))?;
        let header_len = usize::from(byte(46) >> 4) * 4;
        let payload_len = segment.len().checked_sub(header_len)?;
        let ips = [long(26), long(30)];
        if header_len < 20 || !checksum::is_right(ips, segment) {
            return None;
        }
        let (seq, ack) = (long(38), long(42));
        let ports = [word(34), word(36)];
        let [_, _, _, _, _, _, source @ .., _, _] = *bytes.first_chunk::<14>()?;
        let words = words(seq, ack, [word(50), word(48)], flags, segment.len());
        Some(Tag {
            flow: Short::of(ips, ports, Transport::Tcp).hash(&self.ends),
            ips,
            ports,
            seq,
            ack,
            print: Print::what(&self.prints, words, id),
            payload_start: NonZeroU16::new((SEGMENT + header_len) as u16)?,
            payload_len: payload_len as u16,
            source: Mac(source),
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
    /// Who tells of frames what can be told of them before their turn, for [`tagged`](Self::tagged).
    pub fn tagger(&self) -> Tagger {
        let seeds = self.seeds.clone();
        Tagger::of_tags(move |frame| seeds.tag(frame))
    }

    /// What can be told of a frame before its turn.
    #[inline]
    pub fn tag(&self, frame: &Frame<'_>) -> Option<Tag> {
        self.seeds.tag(frame)
    }

    /// Follows a frame if it goes on where its flow stands; whether it did.
    #[inline(always)]
    pub(crate) fn follow<L: Listener<State = S>>(
        &mut self,
        frame: &Frame<'_>,
        tag: &Tag,
        near: Near,
        listener: &mut L,
    ) -> bool {
        let short = Short::of(tag.ips, tag.ports, Transport::Tcp);
        let start = usize::from(tag.payload_start.get());
        let end = start + usize::from(tag.payload_len);
        let (Some((slot, from)), Some(bytes)) = (
            self.table.find_short(short, tag.flow, near),
            frame.bytes.get(start..end),
        ) else {
            return false;
        };
        let onward = Onward {
            seq: tag.seq,
            ack: tag.ack,
            bytes,
        };
        let stamp = frame.stamp();
        let goes_on = slot.class == Class::Established
            && !slot.queued
            && slot.is_fresh(stamp.time, self.shared.relisted_nanos)
            && *from.of(&slot.flow.macs) == tag.source
            && slot.conversation.goes_on(&onward, from);
        if !goes_on {
            return false;
        }
        let shared = &mut self.shared;
        let print = Print::told(tag.print, stamp.time);
        if bytes.is_empty() {
            if slot.conversation.has_copy(print, from, shared.copy_ticks) {
                return false;
            }
        } else {
            shared.count(Counter::SegmentsInOrder);
        }
        slot.conversation.go_on(
            &onward,
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
/// Where the transport's header starts.
const SEGMENT: usize = 34;

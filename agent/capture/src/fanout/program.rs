//! The program that tells the kernel which socket of a group gets a frame: the one that is all that its two hosts
//! say to each other.
//!
//! It is written in classic BPF (Linux, networking/filter), which the kernel checks when it is set: jumps lead
//! forward only, and what reads beyond the frame ends with 0. It starts at the **network header**: the kernel has
//! taken off one tag of 0x8100 or 0x88a8, and says of the frame what lies behind it. A tag of 0x9100 is still there.
//!
//! The two addresses are mixed so that their order does not matter. Where a tunnel is opened ([`LEVELS`] deep: GRE with
//! its options, ERSPAN, VXLAN, IP in IP), they are those of the packet inside, as the flow layer takes them; of a
//! fragment they are always those outside, for only the first has more. A frame without IP goes by its MAC addresses.

use libc::sock_filter;

/// How many tunnels deep the pair is looked for; deeper ones go by the pair of the last.
const LEVELS: u32 = 2;

/// The program.
pub(super) fn by_pair() -> Vec<sock_filter> {
    let mut code = Code::default();
    code.op(LOAD_HALF, OFFSET_PROTOCOL);
    code.op(X_NUMBER, 0);
    let done = code.label();
    for level in 0..=LEVELS {
        code.level(level, done);
    }
    code.mark(done);
    code.mix();
    code.finish()
}

/// A place in the program that is jumped to.
#[derive(Clone, Copy)]
struct Label(usize);

/// The program as it is written.
#[derive(Default)]
struct Code {
    steps: Vec<sock_filter>,
    /// Steps that jump, and where to.
    jumps: Vec<(usize, Label)>,
    /// Where each label is; none is used before it is set.
    places: Vec<usize>,
}

impl Code {
    /// One header and what it carries. A is the Ethernet type and X where it begins.
    fn level(&mut self, level: u32, done: Label) {
        let [v4, v6, carried, next] = [(); 4].map(|()| self.label());
        for _ in 0..TAGS {
            self.tag();
        }
        self.when(EQUAL, IPV4, v4);
        self.when(EQUAL, IPV6, v6);
        if level == 0 {
            self.macs();
        }
        self.go(done);

        self.mark(v4);
        self.pair_v4();
        self.op(LOAD_HALF_AT_X, 6);
        self.when(ANY_OF, 0x3fff, done); // a fragment
        self.op(LOAD_BYTE_AT_X, 9);
        self.op(STORE, PROTOCOL);
        self.op(LOAD_BYTE_AT_X, 0);
        self.op(AND, 0xf);
        self.op(SHIFT_LEFT, 2);
        self.op(ADD_X, 0);
        self.op(TO_X, 0);
        self.op(LOAD, PROTOCOL);
        self.go(carried);

        self.mark(v6);
        self.pair_v6();
        self.op(LOAD_BYTE_AT_X, 6);
        self.skip(40);
        self.mark(carried);
        if level < LEVELS {
            self.carried(done, next);
        } else {
            self.go(done);
        }
        self.mark(next);
    }

    /// Passes over a tag, where there is one.
    fn tag(&mut self) {
        let [tag, on] = [(); 2].map(|()| self.label());
        for kind in [0x8100, 0x88a8, 0x9100] {
            self.when(EQUAL, kind, tag);
        }
        self.go(on);
        self.mark(tag);
        self.op(LOAD_HALF_AT_X, 2);
        self.skip(4);
        self.mark(on);
    }

    /// What an IP packet carries. A is its protocol and X where it begins; goes to `next` with the type of what
    /// is inside a tunnel.
    fn carried(&mut self, done: Label, next: Label) {
        let [v4, v6, gre, udp, frame] = [(); 5].map(|()| self.label());
        self.when(EQUAL, 4, v4);
        self.when(EQUAL, 41, v6);
        self.when(EQUAL, 47, gre);
        self.when(EQUAL, 17, udp);
        self.go(done);
        for (label, kind) in [(v4, IPV4), (v6, IPV6)] {
            self.mark(label);
            self.op(NUMBER, kind);
            self.go(next);
        }
        self.mark(udp);
        let vxlan = self.label();
        self.op(LOAD_HALF_AT_X, 2);
        self.when(EQUAL, 4789, vxlan);
        self.go(done);
        self.mark(vxlan);
        let marked = self.label();
        self.op(LOAD_BYTE_AT_X, 8);
        self.when(ANY_OF, 8, marked);
        self.go(done);
        self.mark(marked);
        self.skip(16);
        self.go(frame);
        self.mark(gre);
        self.gre(done, next, frame);
        self.mark(frame);
        self.op(LOAD_HALF_AT_X, 12);
        self.skip(14);
        self.go(next);
    }

    /// GRE, as the flow layer reads it.
    fn gre(&mut self, done: Label, next: Label, frame: Label) {
        self.op(LOAD_HALF_AT_X, 0);
        self.when(ANY_OF, 7, done); // another version
        self.op(STORE, FLAGS);
        self.op(LOAD_HALF_AT_X, 2);
        self.op(STORE, PROTOCOL);
        self.skip(4);
        for option in [0xc000, 0x2000, 0x1000] {
            let [there, on] = [(); 2].map(|()| self.label());
            self.op(LOAD, FLAGS);
            self.when(ANY_OF, option, there);
            self.go(on);
            self.mark(there);
            self.skip(4);
            self.mark(on);
        }
        let [second, third, numbered, long, packet, six] = [(); 6].map(|()| self.label());
        self.op(LOAD, PROTOCOL);
        self.when(EQUAL, IPV4, next);
        self.when(EQUAL, IPV6, next);
        self.when(EQUAL, 0x6558, frame);
        self.when(EQUAL, 0x88be, second);
        self.when(EQUAL, 0x22eb, third);
        self.go(done);

        self.mark(second);
        self.op(LOAD, FLAGS);
        self.when(ANY_OF, 0x1000, numbered);
        self.go(frame);
        self.mark(numbered);
        self.skip(8);
        self.go(frame);

        self.mark(third);
        self.op(LOAD_BYTE_AT_X, 10);
        self.op(AND, 0x7c);
        self.op(STORE, PROTOCOL);
        self.op(LOAD_BYTE_AT_X, 11);
        self.skip(12);
        let short = self.label();
        self.when(ANY_OF, 1, long);
        self.go(short);
        self.mark(long);
        self.skip(8);
        self.mark(short);
        self.op(LOAD, PROTOCOL);
        self.when(EQUAL, 0, frame);
        self.when(EQUAL, 2 << 2, packet);
        self.go(done);
        self.mark(packet);
        self.op(LOAD_BYTE_AT_X, 0);
        self.op(AND, 0xf0);
        self.when(EQUAL, 0x60, six);
        self.op(NUMBER, IPV4);
        self.go(next);
        self.mark(six);
        self.op(NUMBER, IPV6);
        self.go(next);
    }

    /// The pair of an IPv4 packet at X.
    fn pair_v4(&mut self) {
        self.begin_pair();
        self.word(LOAD_WORD_AT_X, 12, 16);
    }

    /// The pair of an IPv6 packet at X.
    fn pair_v6(&mut self) {
        self.begin_pair();
        for word in 0..4 {
            self.word(LOAD_WORD_AT_X, 8 + 4 * word, 24 + 4 * word);
        }
    }

    /// The pair of MAC addresses, which come before the network header.
    fn macs(&mut self) {
        self.begin_pair();
        self.word(LOAD_WORD, OFFSET_LINK, OFFSET_LINK + 6);
        self.word(LOAD_HALF, OFFSET_LINK + 4, OFFSET_LINK + 10);
    }

    fn begin_pair(&mut self) {
        self.op(STORE_X, PLACE);
        self.op(NUMBER, 0);
        self.op(STORE, DIFFERENCE);
        self.op(STORE, SUM);
    }

    /// Adds one word of both addresses to what is known of the pair; X stays.
    fn word(&mut self, load: u16, first: u32, second: u32) {
        self.op(load, first);
        self.op(STORE, FIRST);
        self.op(load, second);
        self.op(STORE, SECOND);
        self.op(LOAD_X, FIRST);
        self.op(XOR_X, 0);
        self.gather(DIFFERENCE);
        self.op(LOAD_X, FIRST);
        self.op(LOAD, SECOND);
        self.op(ADD_X, 0);
        self.gather(SUM);
        self.op(LOAD_X, PLACE);
    }

    /// `slot = slot * 31 + A`.
    fn gather(&mut self, slot: u32) {
        self.op(TO_X, 0);
        self.op(LOAD, slot);
        self.op(MULTIPLY, 31);
        self.op(ADD_X, 0);
        self.op(STORE, slot);
    }

    /// Spreads what is known of the pair over all bits, for the kernel takes the remainder by the number of sockets.
    fn mix(&mut self) {
        self.op(LOAD, SUM);
        self.op(MULTIPLY, 0x85eb_ca77);
        self.op(TO_X, 0);
        self.op(LOAD, DIFFERENCE);
        self.op(MULTIPLY, 0x9e37_79b1);
        self.op(XOR_X, 0);
        self.op(TO_X, 0);
        self.op(SHIFT_RIGHT, 15);
        self.op(XOR_X, 0);
        self.op(MULTIPLY, 0xc2b2_ae3d);
        self.op(TO_X, 0);
        self.op(SHIFT_RIGHT, 16);
        self.op(XOR_X, 0);
        self.op(RETURN_A, 0);
    }

    /// `X += bytes`; A stays.
    fn skip(&mut self, bytes: u32) {
        self.op(STORE, HELD);
        self.op(FROM_X, 0);
        self.op(ADD, bytes);
        self.op(TO_X, 0);
        self.op(LOAD, HELD);
    }

    fn op(&mut self, code: u16, k: u32) {
        let (jt, jf) = (0, 0);
        self.steps.push(sock_filter { code, jt, jf, k });
    }

    /// Jumps where A holds against a number. Conditions reach 255 steps only, so a plain jump follows.
    fn when(&mut self, condition: u16, k: u32, label: Label) {
        let (code, jt, jf) = (condition, 0, 1);
        self.steps.push(sock_filter { code, jt, jf, k });
        self.go(label);
    }

    fn go(&mut self, label: Label) {
        self.jumps.push((self.steps.len(), label));
        self.op(JUMP, 0);
    }

    fn label(&mut self) -> Label {
        self.places.push(0);
        Label(self.places.len() - 1)
    }

    fn mark(&mut self, label: Label) {
        if let Some(place) = self.places.get_mut(label.0) {
            *place = self.steps.len();
        }
    }

    /// The program with its jumps filled in.
    fn finish(mut self) -> Vec<sock_filter> {
        for (at, label) in self.jumps {
            let to = self.places.get(label.0).copied().unwrap_or_default();
            let over = to.saturating_sub(at + 1);
            if let Some(step) = self.steps.get_mut(at) {
                step.k = u32::try_from(over).unwrap_or_default();
            }
        }
        self.steps
    }
}

/// How many tags may lie before a packet, beside the one that the kernel takes off.
const TAGS: u32 = 2;
const IPV4: u32 = 0x0800;
const IPV6: u32 = 0x86dd;

// Places of memory.
const DIFFERENCE: u32 = 0;
const SUM: u32 = 1;
const FIRST: u32 = 2;
const SECOND: u32 = 3;
const PLACE: u32 = 4;
const PROTOCOL: u32 = 5;
const FLAGS: u32 = 6;
const HELD: u32 = 7;

/// `SKF_AD_OFF + SKF_AD_PROTOCOL`: the type of what the network header is of.
const OFFSET_PROTOCOL: u32 = 0xffff_f000;
/// `SKF_LL_OFF`: before it lies nothing but the link's header.
const OFFSET_LINK: u32 = 0xffe0_0000;

// Codes of linux/bpf_common.h and linux/filter.h.
const NUMBER: u16 = 0x00;
const X_NUMBER: u16 = 0x01;
const STORE: u16 = 0x02;
const STORE_X: u16 = 0x03;
const ADD: u16 = 0x04;
const JUMP: u16 = 0x05;
const TO_X: u16 = 0x07;
const ADD_X: u16 = 0x0c;
const EQUAL: u16 = 0x15;
const RETURN_A: u16 = 0x16;
const LOAD_WORD: u16 = 0x20;
const MULTIPLY: u16 = 0x24;
const LOAD_HALF: u16 = 0x28;
const LOAD_WORD_AT_X: u16 = 0x40;
const ANY_OF: u16 = 0x45;
const LOAD_HALF_AT_X: u16 = 0x48;
const LOAD_BYTE_AT_X: u16 = 0x50;
const AND: u16 = 0x54;
const LOAD: u16 = 0x60;
const LOAD_X: u16 = 0x61;
const SHIFT_LEFT: u16 = 0x64;
const SHIFT_RIGHT: u16 = 0x74;
const FROM_X: u16 = 0x87;
const XOR_X: u16 = 0xac;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_jump_leads_forward_within_the_program() {
        let program = by_pair();
        assert!(program.len() < 4096, "{}", program.len());
        for (at, step) in program.iter().enumerate() {
            match step.code {
                JUMP => assert!(at + 1 + (step.k as usize) < program.len(), "{at}"),
                EQUAL | ANY_OF => assert!(at + 2 < program.len(), "{at}"),
                _ => {}
            }
        }
        assert_eq!(program.last().unwrap().code, RETURN_A);
    }
}

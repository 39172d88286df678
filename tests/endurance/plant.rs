//! Who speaks in a soak: clients that poll their servers in connections that last, strangers that each write once, and the
//! project's captures. Every day all but the strangers have other addresses, those of six plants in turn; a stranger has one
//! of its own for ever.

use std::fs::File;
use std::io::IoSlice;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::Path;

use nix::ifaddrs::getifaddrs;
use nix::sched::{CloneFlags, setns};
use nix::sys::socket::{
    AddressFamily, LinkAddr, MsgFlags, MultiHeaders, SockFlag, SockType, bind, sendmmsg, socket,
};

use crate::records::{self, Conversation, End, Record};
use crate::support::own_captures;

/// A plant at the far end of a mirror port.
pub(super) struct Plant {
    socket: OwnedFd,
    day: u8,
    /// The connections of each of the plants that spoke already.
    polling: Vec<Vec<Conversation>>,
    turn: u16,
    strangers: u16,
    sent: u64,
}

impl Plant {
    /// One that speaks from an interface of a network namespace.
    pub(super) fn open(namespace: &str, interface: &'static str) -> Self {
        Self {
            socket: open(namespace, interface),
            day: 0,
            polling: Vec::new(),
            turn: 0,
            strangers: 0,
            sent: 0,
        }
    }

    /// How many frames it sent.
    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    /// How many strangers wrote.
    pub(super) fn strangers(&self) -> u16 {
        self.strangers
    }

    /// Lets a day begin. Who is not known yet opens connections.
    pub(super) fn wake(&mut self, day: u8) {
        self.day = day;
        let plant = plant(day);
        if usize::from(plant) == self.polling.len() {
            let open = |pair| Conversation::open(client(plant, pair), server(plant, pair));
            self.polling.push((1..=PAIRS).map(open).collect());
        }
        self.send_what_is_new();
    }

    /// Every client asks its server again and again, with so many frames in all, or a few more.
    pub(super) fn poll(&mut self, frames: u64) {
        let until = self.sent + frames;
        while self.sent < until {
            self.turn = self.turn.wrapping_add(1);
            let [high, low] = self.turn.to_be_bytes();
            let read = [high, low, 0, 0, 0, 6, 1, 3, 0, 100, 0, 2];
            let answer = [high, low, 0, 0, 0, 7, 1, 3, 4, 0, 7, 0, low & 7];
            for conversation in &mut self.polling[usize::from(plant(self.day))] {
                conversation.exchange(&read, &answer);
            }
            self.send_what_is_new();
        }
    }

    /// A stranger writes once to a server.
    pub(super) fn intrude(&mut self) {
        self.strangers += 1;
        let victim = server(
            plant(self.day),
            (self.strangers % u16::from(PAIRS)) as u8 + 1,
        );
        let mut conversation = Conversation::open(stranger(self.strangers), victim);
        let write = [0, 1, 0, 0, 0, 6, 1, 6, 0, 200, 0, 2];
        conversation.exchange(&write, &write);
        self.send(&conversation.records);
    }

    /// Plays the project's captures, with the addresses of the day.
    pub(super) fn play(&mut self, captures: &[Record]) {
        let shifted: Vec<_> = captures
            .iter()
            .map(|record| shifted(record, self.day))
            .collect();
        self.send(&shifted);
    }

    /// Sends what the pollers have to say, one frame of each after the other, as they come side by side.
    fn send_what_is_new(&mut self) {
        let polling = self.polling[usize::from(plant(self.day))].iter_mut();
        let new: Vec<_> = polling.map(|it| std::mem::take(&mut it.records)).collect();
        let longest = new.iter().map(Vec::len).max().unwrap_or(0);
        let rounds = (0..longest).flat_map(|place| new.iter().filter_map(move |it| it.get(place)));
        self.send(rounds);
    }

    fn send<'r>(&mut self, records: impl IntoIterator<Item = &'r Record>) {
        let slice = |record: &'r Record| [IoSlice::new(&record.bytes)];
        let slices: Vec<_> = records.into_iter().map(slice).collect();
        for mut batch in slices.chunks(BATCH) {
            while !batch.is_empty() {
                let mut headers = MultiHeaders::<LinkAddr>::preallocate(batch.len(), None);
                let nowhere = vec![None; batch.len()];
                let socket = self.socket.as_raw_fd();
                let taken = sendmmsg(socket, &mut headers, batch, nowhere, [], MsgFlags::empty());
                let taken = taken.unwrap().count();
                self.sent += taken as u64;
                batch = &batch[taken..];
            }
        }
    }
}

/// The frames of the project's captures, one capture after the other, a third of a millisecond between any two.
pub(super) fn captures() -> Vec<Record> {
    let all = own_captures().into_iter();
    let frames = all.flat_map(|path| records::read(&path));
    let numbered = frames.zip(0..).map(|(record, number)| Record {
        micros: START + number * 333,
        ..record
    });
    numbered.collect()
}

/// Writes them as a capture with the addresses of a day.
pub(super) fn write(path: &Path, captures: &[Record], day: u8) {
    let shifted: Vec<_> = captures.iter().map(|it| shifted(it, day)).collect();
    records::write(path, &shifted);
}

/// Which plant speaks on a day.
fn plant(day: u8) -> u8 {
    (day - 1) % PLANTS
}

/// The second part of the addresses that captures have on a day.
pub(super) fn network(day: u8) -> u8 {
    100 + plant(day)
}

/// The same frame on a day: its hosts have the MAC and IPv4 addresses of the day's plant, and connections begin at other bytes
/// than on days before. TCP checksums are left empty.
fn shifted(record: &Record, day: u8) -> Record {
    let mut bytes = record.bytes.clone();
    for mac in [0, 6] {
        if bytes[mac] & 1 == 0 {
            bytes[mac..mac + 2].copy_from_slice(&[2, plant(day)]);
        }
    }
    match [bytes[12], bytes[13]] {
        [8, 0] => shift_ipv4(&mut bytes[14..], day),
        [8, 6] => shift_arp(&mut bytes[14..], day),
        _ => (),
    }
    Record { bytes, ..*record }
}

fn shift_ipv4(packet: &mut [u8], day: u8) {
    shift_address(&mut packet[12..16], day);
    shift_address(&mut packet[16..20], day);
    packet[10..12].fill(0);
    let (is_tcp, header) = (packet[9] == 6, usize::from(packet[0] & 15) * 4);
    let checksum = records::checksum(&packet[..header]);
    packet[10..12].copy_from_slice(&checksum);
    let segment = &mut packet[header..];
    if is_tcp {
        // sequence and acknowledgement
        segment[4] = segment[4].wrapping_add(day);
        segment[8] = segment[8].wrapping_add(day);
        segment[16..18].fill(0);
    } else {
        segment[6..8].fill(0);
    }
}

fn shift_arp(packet: &mut [u8], day: u8) {
    for (mac, ip) in [(8, 14), (18, 24)] {
        if packet[mac..mac + 6] != [0; 6] {
            packet[mac..mac + 2].copy_from_slice(&[2, plant(day)]);
        }
        shift_address(&mut packet[ip..ip + 4], day);
    }
}

fn shift_address(ip: &mut [u8], day: u8) {
    if ip[..2] == [10, 10] {
        ip[1] = network(day);
    }
}

fn client(plant: u8, pair: u8) -> End {
    end([10, 20, plant, pair], 41_000)
}

fn server(plant: u8, pair: u8) -> End {
    end([10, 30, plant, pair], 502)
}

/// The address of a stranger, who is in the office.
pub(super) fn stranger(number: u16) -> End {
    let [high, low] = number.to_be_bytes();
    end([10, 66, high, low], 50_000)
}

fn end(ip: [u8; 4], port: u16) -> End {
    End {
        mac: [2, 0, ip[0], ip[1], ip[2], ip[3]],
        ip,
        port,
    }
}

/// A packet socket that sends into an interface of a namespace and hears nothing. A thread of its own enters the
/// namespace, and leaves the socket there.
fn open(namespace: &str, interface: &'static str) -> OwnedFd {
    let namespace = File::open(Path::new("/run/netns").join(namespace)).unwrap();
    let opening = std::thread::spawn(move || {
        setns(namespace, CloneFlags::CLONE_NEWNET).unwrap();
        let address = getifaddrs()
            .unwrap()
            .filter(|found| found.interface_name == interface)
            .filter_map(|found| found.address)
            .find_map(|address| address.as_link_addr().copied())
            .unwrap();
        let socket = socket(
            AddressFamily::Packet,
            SockType::Raw,
            SockFlag::SOCK_CLOEXEC,
            None,
        )
        .unwrap();
        bind(socket.as_raw_fd(), &address).unwrap();
        socket
    });
    opening.join().unwrap()
}

/// How many plants there are.
pub(super) const PLANTS: u8 = 6;
/// How many clients poll a server each.
const PAIRS: u8 = 20;
const BATCH: usize = 64;
const START: u64 = 1_767_225_600_000_000;

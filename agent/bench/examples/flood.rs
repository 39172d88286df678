//! Sends the polling of the benchmarks into an interface, many frames to a call, as fast as it goes or at a rate.
//!
//! `flood INTERFACE PAIRS TURNS [FRAMES_PER_SECOND [VLAN]]`: every frame is sent once and is new to whoever listens;
//! a rate of 0 is no limit. It says how many frames went out and how fast. Where INTERFACE ends in `.pcap` it is a file
//! that the frames are written to instead, seven microseconds apart.

use std::io::IoSlice;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::time::{Duration, Instant};

use bench::Kind;
use nix::ifaddrs::getifaddrs;
use nix::sys::socket::{
    AddressFamily, LinkAddr, MsgFlags, MultiHeaders, SockFlag, SockType, bind, sendmmsg, socket,
};

type Error = Box<dyn std::error::Error>;

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let interface = arguments
        .next()
        .ok_or("flood INTERFACE PAIRS TURNS [RATE [VLAN]]")?;
    let mut number = || arguments.next().unwrap_or_default().parse::<u32>();
    let (pairs, turns) = (number()?, number()?);
    let (rate, vlan) = (number().unwrap_or(0), number().ok());
    let traffic = bench::traffic(Kind::Modbus, u16::try_from(pairs)?, turns);
    let frames = traffic.frames().map(|frame| tagged(frame.bytes, vlan));
    let frames: Vec<Vec<u8>> = frames.collect();

    if interface.ends_with(".pcap") {
        return Ok(std::fs::write(interface, capture(&frames))?);
    }
    let socket = open(&interface)?;
    let begun = Instant::now();
    let mut sent = 0;
    let slices: Vec<_> = frames.iter().map(|frame| [IoSlice::new(frame)]).collect();
    for batch in slices.chunks(BATCH) {
        sent += send(&socket, batch)?;
        keep_to(rate, sent, begun);
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{sent} frames sent in {seconds:.2} s, {:.0} frames/s",
        sent as f64 / seconds
    );
    Ok(())
}

/// A frame with a tag, where one is asked for.
fn tagged(frame: &[u8], vlan: Option<u32>) -> Vec<u8> {
    match (vlan, frame.split_at_checked(12)) {
        (Some(vlan), Some((addresses, rest))) => {
            let [.., high, low] = vlan.to_be_bytes();
            [addresses, &[0x81, 0, high, low], rest].concat()
        }
        _ => frame.to_vec(),
    }
}

/// Frames as a classic capture file.
fn capture(frames: &[Vec<u8>]) -> Vec<u8> {
    let mut file = bytes([0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 1]);
    for (micros, frame) in (0..).step_by(7).zip(frames) {
        let len = u32::try_from(frame.len()).unwrap_or(0);
        let time = [1_700_000_000 + micros / 1_000_000, micros % 1_000_000];
        file.extend(bytes([time[0], time[1], len, len]));
        file.extend(frame);
    }
    file
}

fn bytes<const N: usize>(words: [u32; N]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// A packet socket that sends into an interface and hears nothing.
fn open(interface: &str) -> Result<OwnedFd, Error> {
    let address = getifaddrs()?
        .filter(|found| found.interface_name == interface)
        .filter_map(|found| found.address)
        .find_map(|address| address.as_link_addr().copied())
        .ok_or_else(|| format!("there is no `{interface}`"))?;
    let socket = socket(
        AddressFamily::Packet,
        SockType::Raw,
        SockFlag::empty(),
        None,
    )?;
    bind(socket.as_raw_fd(), &address)?;
    Ok(socket)
}

/// Sends a batch, whole.
fn send(socket: &OwnedFd, mut batch: &[[IoSlice<'_>; 1]]) -> Result<u64, Error> {
    let mut sent = 0;
    while !batch.is_empty() {
        let mut headers = MultiHeaders::<LinkAddr>::preallocate(batch.len(), None);
        let nowhere = vec![None; batch.len()];
        let socket = socket.as_raw_fd();
        let taken = sendmmsg(socket, &mut headers, batch, nowhere, [], MsgFlags::empty())?.count();
        sent += taken as u64;
        batch = batch.get(taken..).unwrap_or_default();
    }
    Ok(sent)
}

/// Waits where more was sent than the rate allows so far.
fn keep_to(rate: u32, sent: u64, begun: Instant) {
    if rate > 0 {
        let due = Duration::from_secs_f64(sent as f64 / f64::from(rate));
        std::thread::sleep(due.saturating_sub(begun.elapsed()));
    }
}

/// How many frames a call takes.
const BATCH: usize = 64;

//! What a decoded message costs inside the decoders, on captures of real traffic.
//!
//! `cargo bench -p bench --bench decoders [-- CAPTURE…]` prints, for each capture and protocol,
//! messages a second on one core (the best of several rounds), and what a message allocates while
//! it is fed. Flows are put together before the clock runs; decoders are opened before it, too.
//! Without arguments: the largest captures that stand beside the repository, and the project's own.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bench::{Stream, streams};
use decode::{Decoder, Limits};
use model::Said;

fn main() {
    println!(
        "{:<66} {:<7} {:>9} {:>7} {:>8} {:>9} {:>9}",
        "capture", "", "messages", "M/s", "ns each", "allocated", "bytes"
    );
    for path in captures() {
        let streams = streams(&path);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if streams.is_empty() {
            println!("{name:<66} skipped: not there, or nothing of ours in it");
        }
        for protocol in PROTOCOLS {
            let of_this = || streams.iter().filter(|it| it.protocol() == protocol);
            if of_this().next().is_some() {
                row(&name, protocol, &of_this().collect::<Vec<_>>());
            }
        }
    }
}

/// The captures that are named, or those that are usual.
fn captures() -> Vec<PathBuf> {
    let named = std::env::args_os().skip(1).filter(|it| it != "--bench");
    let named: Vec<PathBuf> = named.map(PathBuf::from).collect();
    if !named.is_empty() {
        return named;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    USUAL.iter().map(|name| root.join(name)).collect()
}

/// Measures the flows of one protocol.
fn row(name: &str, protocol: &str, streams: &[&Stream]) {
    let (mut best, mut messages, mut spent) = (f64::INFINITY, 0_u64, Duration::ZERO);
    while spent < ENOUGH {
        let mut decoders = open(streams);
        let start = Instant::now();
        messages = feed(streams, &mut decoders);
        let took = start.elapsed();
        spent += took;
        best = best.min(took.as_secs_f64());
    }
    let mut decoders = open(streams);
    let memory = allocation_counter::measure(|| {
        feed(streams, &mut decoders);
    });
    let each = |sum: f64| sum / messages.max(1) as f64;
    println!(
        "{name:<66} {protocol:<7} {messages:>9} {:>7.2} {:>8.1} {:>9.4} {:>9.2}",
        messages as f64 / best / 1e6,
        each(best * 1e9),
        each(memory.count_total as f64),
        each(memory.bytes_total as f64),
    );
}

fn open(streams: &[&Stream]) -> Vec<Box<dyn Decoder>> {
    let limits = Limits::default();
    streams.iter().map(|stream| stream.open(&limits)).collect()
}

/// Feeds every decoder its flow; how many messages that were.
fn feed(streams: &[&Stream], decoders: &mut [Box<dyn Decoder>]) -> u64 {
    let mut messages = 0;
    for (stream, decoder) in streams.iter().zip(decoders) {
        stream.feed(decoder.as_mut(), &mut |said| {
            messages += u64::from(matches!(std::hint::black_box(&said), Said::Operation(_)));
        });
    }
    messages
}

/// How long each row is measured.
const ENOUGH: Duration = Duration::from_secs(1);

const PROTOCOLS: [&str; 3] = ["modbus", "s7", "opcua"];

const USUAL: [&str; 13] = [
    "../shared/captures/modbus/lemay__channel_5d_3s.pcap",
    "../shared/captures/modbus/ct-samples__Plant1_ModbusTCP.pcap",
    "../shared/captures/modbus/licster__capture_producing.pcap",
    "../shared/captures/mixed/iti__mb2.pcap",
    "../shared/captures/s7comm/qut2017__20161215191717.ChangeUpperThreshold_Flooding.master.pcap",
    "../shared/captures/s7comm/ct-samples__Plant1_S7comm.pcap",
    "../shared/captures/s7comm/wireshark-wiki__s7comm_varservice_libnodavedemo_bench.pcap",
    "../shared/captures/s7commplus/agentcarter1__s71200_GoOffline_HWCompileDownload.pcapng",
    "../shared/captures/opcua/jonathantsilva__normal_local_server.pcapng",
    "../shared/captures/opcua/wireshark__opcua-signed.pcapng",
    "../shared/captures/opcua/node-opcua__OpcUaConversation1.pcapng",
    "pcaps/normal.pcap",
    "pcaps/browse-walk.pcap",
];

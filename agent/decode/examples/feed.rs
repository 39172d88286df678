//! throw-away
use decode::{Conversation, Limits};
use model::*;
use std::collections::HashMap;
use std::io::{BufRead, Write};
fn main() {
    let mut args = std::env::args().skip(1);
    let input = std::io::BufReader::new(std::fs::File::open(args.next().unwrap()).unwrap());
    let mut out = std::io::BufWriter::new(std::fs::File::create(args.next().unwrap()).unwrap());
    let limits = Limits::default();
    let mut flows: HashMap<u32, (Conversation, [u16; 2])> = HashMap::new();
    let mut counts: std::collections::BTreeMap<String, u64> = Default::default();
    for line in input.lines() {
        let line = line.unwrap();
        let p: Vec<&str> = line.split(' ').collect();
        let id: u32 = p[1].parse().unwrap();
        let frame = || Stamp { frame: p[2].parse().unwrap(), ..Stamp::default() };

        let mut say = |stamp: Stamp, from: Direction, said: Said<'_>| match said {
            Said::Operation(op) => {
                *counts.entry(format!("operation {:?}", op.stage)).or_default() += 1;
                let mut targets = Vec::new();
                op.detail.targets(&mut |t| targets.push(t.to_string()));
                let mut ids = Vec::new();
                op.detail.identity(&mut |t| ids.push(format!("{:?}={}", t.fact, t.value)));
                let v = serde_json::json!({"flow": id, "dir": from.index(), "frame": stamp.frame, "stage": op.stage, "function": op.function, "verb": op.function.verb, "outcome": format!("{:?}", op.outcome), "answers": op.answers.map(|a| a.asked.frame), "targets": targets, "ids": ids, op.protocol: serde_json::to_value(op.detail).unwrap()});
                writeln!(out, "{v}").unwrap();
            }
            other => {
                let k = format!("{other:?}");
                let k2 = match &other { Said::Anomaly(a) => format!("{:?}", a.kind), Said::Malformed(m) => format!("malformed {} {}", m.field, m.why), Said::Unanswered{..} => "unanswered".into(), Said::Resynchronised{..} => "resync".into(), _ => k.clone() };
                *counts.entry(k2).or_default() += 1;
                writeln!(out, "# flow {id} frame {} {k}", p[2]).unwrap();
            }
        };
        match p[0] {
            "O" => {
                let t = if p[5] == "udp" { Transport::Udp } else { Transport::Tcp };
                flows.insert(id, (Conversation::new(t, p[2] == "1"), [p[3].parse().unwrap(), p[4].parse().unwrap()]));
            }
            "B" => {

                let d = if p[3] == "0" { Direction::Forward } else { Direction::Backward };
                let bytes: Vec<u8> = (0..p[4].len() / 2).map(|i| u8::from_str_radix(&p[4][2 * i..2 * i + 2], 16).unwrap()).collect();
                if let Some((c, ports)) = flows.get_mut(&id) { c.feed(&limits, *ports, frame(), d, &bytes, &mut say); }
            }
            "G" => {
                let d = if p[3] == "0" { Direction::Forward } else { Direction::Backward };
                if let Some((c, _)) = flows.get_mut(&id) { c.gap(frame(), d, p[4].parse().unwrap(), &mut say); }
            }
            "C" => { if let Some((mut c, _)) = flows.remove(&id) { c.close(frame(), &mut say); } }
            _ => {}
        }
    }
    println!("{counts:?}");
}

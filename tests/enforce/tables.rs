//! Access lists of Cisco IOS and the table, read as they are written.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

use model::Transport;

use super::boxes::{Allowed, Box, Run, product, run};
use super::listing::transport;

/// Reads both lists; each entry must have the one that lets its answers pass, and the rest is denied.
pub(super) fn access_lists(text: &str) -> Allowed {
    let mut groups: HashMap<&str, Vec<Run>> = HashMap::new();
    let (mut asked, mut answered) = (Vec::new(), Vec::new());
    let (mut group, mut denied) = ("", 0);
    for line in text.lines().filter(|line| !line.starts_with('!')) {
        let words: Vec<_> = line.split_whitespace().collect();
        match &words[..] {
            ["object-group", "network", name] => group = name,
            ["host", ip] => groups.entry(group).or_default().push(run(ip)),
            ["permit", carrier @ ("tcp" | "udp"), rest @ ..] => {
                entry(transport(carrier), rest, &groups, &mut asked, &mut answered);
            }
            ["deny", "ip" | "ipv6", "any", "any", "log"] => denied += 1,
            ["permit", "icmp", "any", "any", _] | ["no" | "ip" | "ipv6" | "remark" | "end", ..] => {
            }
            [net, mask] => groups
                .entry(group)
                .or_default()
                .push(masked(net, mask, false)),
            other => panic!("{other:?}"),
        }
        assert!(line.len() <= 200, "{line}");
    }
    assert_eq!(denied, 2);
    let asked = Allowed::of(asked);
    assert_eq!(
        Allowed::of(answered),
        asked,
        "answers to all that may be asked, and to nothing else"
    );
    asked
}

/// Reads an entry into what it lets be asked, or into what it lets be asked for its answers to pass.
fn entry(
    carrier: Transport,
    words: &[&str],
    groups: &HashMap<&str, Vec<Run>>,
    asked: &mut Vec<Box>,
    answered: &mut Vec<Box>,
) {
    let (first, rest) = end(words, groups);
    if let ["eq", port, rest @ ..] = rest {
        let (second, rest) = end(rest, groups);
        let expected: &[&str] = if carrier == Transport::Tcp {
            &["established"]
        } else {
            &[]
        };
        assert_eq!(rest, expected);
        answered.extend(product(
            &second,
            &first,
            &[(carrier, port.parse().unwrap())],
        ));
        return;
    }
    let (second, rest) = end(rest, groups);
    let ["eq", port] = rest else {
        panic!("{words:?}")
    };
    asked.extend(product(
        &first,
        &second,
        &[(carrier, port.parse().unwrap())],
    ));
}

/// One end of an entry, and what stands behind it.
fn end<'a, 'w>(
    words: &'a [&'w str],
    groups: &HashMap<&str, Vec<Run>>,
) -> (Vec<Run>, &'a [&'w str]) {
    match words {
        ["host", ip, rest @ ..] => (vec![run(ip)], rest),
        ["object-group", name, rest @ ..] => (groups[name].clone(), rest),
        [net, rest @ ..] if net.contains(':') => (vec![run(net)], rest),
        [net, wildcard, rest @ ..] => (vec![masked(net, wildcard, true)], rest),
        other => panic!("{other:?}"),
    }
}

fn masked(net: &str, mask: &str, is_wildcard: bool) -> Run {
    let (first, mask): (Ipv4Addr, Ipv4Addr) = (net.parse().unwrap(), mask.parse().unwrap());
    let rest = if is_wildcard {
        u32::from(mask)
    } else {
        !u32::from(mask)
    };
    let last = Ipv4Addr::from(u32::from(first) | rest);
    (IpAddr::V4(first), IpAddr::V4(last))
}

/// Reads the table; its last line denies the rest.
pub(super) fn csv(text: &str) -> Allowed {
    let lines: Vec<_> = text.lines().map(fields).collect();
    let (header, lines) = lines.split_first().unwrap();
    let (last, lines) = lines.split_last().unwrap();
    let column = |name: &str| header.iter().position(|field| field == name).unwrap();
    assert_eq!(last[column("action")], "deny");
    let mut boxes = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        assert_eq!(line.len(), header.len());
        assert_eq!(line[0], (number + 1).to_string());
        assert_eq!(line[column("action")], "allow");
        let runs = |name: &str| line[column(name)].split(' ').map(run).collect::<Vec<_>>();
        let carrier = transport(&line[column("transport")]);
        let ports = line[column("ports")].split(' ');
        let ports: Vec<_> = ports.map(|port| (carrier, port.parse().unwrap())).collect();
        boxes.extend(product(
            &runs("from_addresses"),
            &runs("to_addresses"),
            &ports,
        ));
    }
    Allowed::of(boxes)
}

/// The fields of a line (RFC 4180).
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            letter => field.push(letter),
        }
    }
    fields.push(field);
    fields
}

//! What the kernel lists, read: `nft -j list ruleset` and `iptables-save`.

use std::collections::HashMap;
use std::net::IpAddr;

use model::Transport;
use serde_json::Value;

use super::boxes::{Allowed, Run, product, run};

/// Reads the table of Bulkhead; it must drop what no rule accepts.
pub(super) fn nftables(text: &str) -> Allowed {
    let document: Value = serde_json::from_str(text).unwrap();
    let items = document["nftables"].as_array().unwrap();
    let sets = items.iter().filter_map(|item| item.get("set"));
    let sets: HashMap<_, _> = sets
        .map(|set| (set["name"].as_str().unwrap(), elements(&set["elem"])))
        .collect();
    let chain = items.iter().find_map(|item| item.get("chain")).unwrap();
    assert_eq!(chain["hook"], "forward");
    assert_eq!(chain["policy"], "drop");
    let rules: Vec<_> = items.iter().filter_map(|item| item.get("rule")).collect();
    let verdicts: Vec<_> = rules.iter().map(|rule| verdict(rule)).collect();
    let count = verdicts.len();
    assert_eq!(
        verdicts[..2],
        ["accept", "drop"],
        "open conversations, then none"
    );
    assert_eq!(verdicts[count - 2..], ["log", "drop"]);
    let boxes = rules[2..count - 2].iter().flat_map(|rule| {
        assert_eq!(verdict(rule), "accept");
        let (mut from, mut to, mut ports, mut new) = (vec![], vec![], vec![], false);
        for expression in rule["expr"].as_array().unwrap() {
            let Some(test) = expression.get("match") else {
                continue;
            };
            let right = &test["right"];
            match test["left"]["payload"]["field"].as_str() {
                Some("saddr") => from = addresses(right, &sets),
                Some("daddr") => to = addresses(right, &sets),
                Some("dport") => {
                    let carrier = transport(test["left"]["payload"]["protocol"].as_str().unwrap());
                    let numbers = right.get("set").map_or_else(
                        || vec![right.clone()],
                        |set| set.as_array().unwrap().clone(),
                    );
                    let numbers = numbers.iter().flat_map(port_range);
                    ports = numbers.map(|port| (carrier, port)).collect();
                }
                other => {
                    assert_eq!((other, right), (None, &Value::from("new")), "{test}");
                    new = true;
                }
            }
        }
        assert!(new);
        product(&from, &to, &ports)
    });
    Allowed::of(boxes.collect::<Vec<_>>())
}

fn verdict(rule: &Value) -> &'static str {
    let expressions = rule["expr"].as_array().unwrap();
    let verdicts = ["accept", "drop", "log"];
    let found = verdicts
        .iter()
        .find(|verdict| expressions.iter().any(|it| it.get(**verdict).is_some()));
    found.unwrap()
}

fn addresses(right: &Value, sets: &HashMap<&str, Vec<Run>>) -> Vec<Run> {
    match right.as_str().and_then(|text| text.strip_prefix('@')) {
        Some(name) => sets[name].clone(),
        None => vec![element(right)],
    }
}

fn elements(list: &Value) -> Vec<Run> {
    list.as_array().unwrap().iter().map(element).collect()
}

fn element(value: &Value) -> Run {
    if let Some(prefix) = value.get("prefix") {
        return run(&format!(
            "{}/{}",
            prefix["addr"].as_str().unwrap(),
            prefix["len"]
        ));
    }
    if let Some(range) = value.get("range") {
        let end = |at: usize| range[at].as_str().unwrap();
        return run(&format!("{}-{}", end(0), end(1)));
    }
    run(value.as_str().unwrap())
}

fn port_range(value: &Value) -> Vec<u16> {
    let number = |value: &Value| u16::try_from(value.as_u64().unwrap()).unwrap();
    match value.get("range") {
        Some(range) => (number(&range[0])..=number(&range[1])).collect(),
        None => vec![number(value)],
    }
}

pub(super) fn transport(word: &str) -> Transport {
    match word {
        "tcp" => Transport::Tcp,
        "udp" => Transport::Udp,
        other => panic!("{other}"),
    }
}

/// Reads what `iptables-save` and `ip6tables-save` print, one after the other.
pub(super) fn iptables(text: &str) -> Allowed {
    let tables: Vec<_> = text.split("*filter").skip(1).collect();
    assert_eq!(tables.len(), 2);
    let everything = [run("0.0.0.0/0"), run("::/0")];
    let boxes = tables.iter().zip(everything).flat_map(|(table, all)| {
        assert!(table.contains(":FORWARD DROP"), "{table}");
        let rules: Vec<_> = table.lines().filter_map(Line::read).collect();
        let jumps = rules.iter().filter(|rule| rule.chain == "FORWARD");
        assert_eq!(
            jumps.map(|rule| rule.target.as_str()).collect::<Vec<_>>(),
            ["BULKHEAD"]
        );
        let main: Vec<_> = rules
            .iter()
            .filter(|rule| rule.chain == "BULKHEAD")
            .collect();
        let last = main.last().unwrap();
        assert_eq!((last.target.as_str(), last.from), ("DROP", None));
        let mut boxes = Vec::new();
        for rule in main.iter().filter(|rule| rule.state == "NEW") {
            let from = rule.from.unwrap_or(all);
            let chained = rules.iter().filter(|inner| inner.chain == rule.target);
            let accepting: Vec<&Line> = if rule.target == "ACCEPT" {
                vec![rule]
            } else {
                chained.collect()
            };
            for accepting in accepting {
                assert_eq!(
                    (accepting.target.as_str(), accepting.state.as_str()),
                    ("ACCEPT", "NEW")
                );
                let to = accepting.to.unwrap_or(all);
                boxes.extend(product(&[from], &[to], &accepting.ports));
            }
        }
        let others = main.iter().filter(|rule| rule.state != "NEW");
        let others: Vec<_> = others
            .map(|rule| (rule.state.as_str(), rule.target.as_str()))
            .collect();
        let expected = [
            ("RELATED,ESTABLISHED", "ACCEPT"),
            ("INVALID", "DROP"),
            ("", "LOG"),
            ("", "DROP"),
        ];
        assert_eq!(others, expected);
        boxes
    });
    Allowed::of(boxes.collect::<Vec<_>>())
}

/// One rule of `iptables-save`.
#[derive(Default)]
struct Line {
    chain: String,
    from: Option<Run>,
    to: Option<Run>,
    ports: Vec<(Transport, u16)>,
    state: String,
    target: String,
}

impl Line {
    fn read(text: &str) -> Option<Self> {
        // Comments are quoted where they have spaces; none has an option's name in it.
        let words: Vec<_> = text.split(' ').collect();
        let after = |name: &str| {
            let place = words.iter().position(|word| *word == name)?;
            words.get(place + 1).copied()
        };
        let carrier = after("-p").map(transport);
        let ports = after("--dports").or_else(|| after("--dport")).into_iter();
        let ports = ports.flat_map(|list| list.split(','));
        Some(Self {
            chain: after("-A")?.to_owned(),
            from: after("-s").map(run),
            to: after("-d").map(run),
            ports: ports
                .map(|port| (carrier.unwrap(), port.parse().unwrap()))
                .collect(),
            state: after("--ctstate").unwrap_or_default().to_owned(),
            target: after("-j").unwrap_or_default().to_owned(),
        })
    }
}

/// The last address counts, too.
#[test]
fn a_line_of_iptables_is_read() {
    let line = "-A BULKHEAD -s 10.0.0.0/24 -d 10.0.1.1/32 -p tcp -m conntrack --ctstate NEW \
                -m multiport --dports 502,802 -m comment --comment \"a b\" -j ACCEPT";
    let line = Line::read(line).unwrap();
    let last: IpAddr = "10.0.0.255".parse().unwrap();
    assert_eq!(line.from.unwrap().1, last);
    assert_eq!(line.ports, [(Transport::Tcp, 502), (Transport::Tcp, 802)]);
    assert_eq!(
        (line.state.as_str(), line.target.as_str()),
        ("NEW", "ACCEPT")
    );
}

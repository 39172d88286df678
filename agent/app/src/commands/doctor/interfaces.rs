//! Mirror ports: there, up, silent, and showing frames as they were on the wire.

use std::fs;
use std::process::Command;

use capture::{Objection, PortConfig, Suitability};

use super::Finding;
use crate::config::Port;

/// Everything that can be told of a port.
pub(super) fn examine(port: &Port) -> Vec<Finding> {
    let about = format!("interface {}", port.name);
    let all = capture::interfaces();
    let Some(interface) = all.iter().find(|interface| interface.name == port.name) else {
        let what = "there is no such interface";
        return vec![Finding::wrong(&about, what, "bulkhead interfaces")];
    };
    let mut findings = match interface.suitability() {
        Suitability::Suitable => vec![Finding::fine(&about, speed(&port.name))],
        Suitability::Unsuitable(objections) => objections
            .into_iter()
            .map(|objection| objected(&about, &port.name, objection))
            .collect(),
    };
    if interface.up {
        findings.push(opened(&about, port));
    }
    findings.extend(offloads(&about, &port.name));
    findings
}

fn objected(about: &str, name: &str, objection: Objection) -> Finding {
    let what = objection.to_string();
    match objection {
        Objection::Loopback => Finding::wrong(about, what, "bulkhead interfaces"),
        Objection::Down => Finding::wrong(about, what, format!("ip link set {name} up")),
        Objection::NoCarrier => Finding::wrong(
            about,
            what,
            "plug it in, and see that the switch's port is on",
        ),
        Objection::NoMac => Finding::doubtful(about, what, "bulkhead interfaces"),
        Objection::Address(_) => Finding::doubtful(
            about,
            what,
            format!("ip address flush dev {name} && sysctl -w net.ipv6.conf.{name}.disable_ipv6=1"),
        ),
    }
}

/// Whether it can be listened on as the sensor will.
fn opened(about: &str, port: &Port) -> Finding {
    let config = PortConfig {
        filter: port.filter.clone(),
        promiscuous: port.promiscuous,
        ..PortConfig::new(&port.name)
    };
    match capture::Port::open(&config) {
        Ok(_) if port.promiscuous => Finding::fine(about, "can be listened on, promiscuous"),
        Ok(_) => Finding::doubtful(
            about,
            "takes only frames that are for it, which a mirror's are not",
            "write `promiscuous: true`",
        ),
        Err(problem) => Finding::wrong(
            about,
            problem.to_string(),
            "run this as root, or as the service does (`AmbientCapabilities=CAP_NET_RAW`)",
        ),
    }
}

/// What the driver does to frames before anybody sees them.
fn offloads(about: &str, name: &str) -> Vec<Finding> {
    let Ok(output) = Command::new("ethtool").args(["-k", name]).output() else {
        let what = "what its driver merges or strips cannot be told: there is no ethtool";
        return vec![Finding::doubtful(about, what, "apt-get install ethtool")];
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let on = merging(&text);
    if on.is_empty() {
        return vec![Finding::fine(
            about,
            "frames are shown as they were on the wire",
        )];
    }
    let switches: Vec<_> = on.iter().map(|(_, short)| format!("{short} off")).collect();
    let names: Vec<_> = on.iter().map(|(long, _)| *long).collect();
    let what = format!(
        "frames are merged before they are seen ({}): their number, sizes and times are not those \
         of the wire",
        names.join(", ")
    );
    let advice = format!("ethtool -K {name} {}", switches.join(" "));
    vec![Finding::doubtful(about, what, advice)]
}

/// Which of the features that merge frames are on, and can be switched off.
fn merging(text: &str) -> Vec<(&'static str, &'static str)> {
    let is_on = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.trim().split_once(": "));
        lines.any(|(feature, state)| feature == name && state == "on")
    };
    MERGING
        .iter()
        .copied()
        .filter(|(name, _)| is_on(name))
        .collect()
}

fn speed(name: &str) -> String {
    let text = fs::read_to_string(format!("/sys/class/net/{name}/speed")).unwrap_or_default();
    match text.trim().parse::<u32>() {
        Ok(megabits) if megabits > 0 => format!("up, {megabits} Mbit/s, without address"),
        _ => "up, without address".to_owned(),
    }
}

/// Features of ethtool(8) that merge frames: their names, and the words that switch them.
const MERGING: &[(&str, &str)] = &[
    ("generic-receive-offload", "gro"),
    ("large-receive-offload", "lro"),
    ("rx-gro-hw", "rx-gro-hw"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_merges_frames_is_found_among_the_features() {
        let text = "Features for eth1:\nrx-checksumming: on\ngeneric-receive-offload: on\n\
                    large-receive-offload: off [fixed]\nrx-gro-hw: off\nrx-vlan-offload: on\n";
        assert_eq!(merging(text), [("generic-receive-offload", "gro")]);
        assert_eq!(merging(""), []);
    }
}

//! What can be wrong with a mirror, and what a person reads of it.

use model::{Because, Finding, Kind, Response, Severity};

/// What can be wrong with a mirror.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Fault {
    /// A port's interface cannot bring frames.
    PortDown,
    /// No frame comes.
    Silence,
    /// Frames of one end of conversations only.
    OneDirection,
    /// Frames come twice.
    Duplicates,
    /// VLAN tags are gone.
    TagsStripped,
    /// Frames are cut short.
    CutShort,
    /// Stream bytes are missing that their receiver has.
    Loss,
    /// Kernel or interface had no room for frames.
    Drops,
    /// Frames come faster than they can be judged.
    Overload,
    /// The two directions of conversations come on two ports.
    Split,
    /// The clock that frames are stamped by was set.
    ClockStep,
}

/// What is the same for every incident of a fault.
struct Words {
    title: &'static str,
    severity: Severity,
    confidence: u8,
    owner: &'static str,
    action: &'static str,
    consequence: &'static str,
    respond_within: &'static str,
}

impl Fault {
    pub(crate) const ALL: [Self; 11] = [
        Self::PortDown,
        Self::Silence,
        Self::OneDirection,
        Self::Duplicates,
        Self::TagsStripped,
        Self::CutShort,
        Self::Loss,
        Self::Drops,
        Self::Overload,
        Self::Split,
        Self::ClockStep,
    ];

    /// The word that metrics use.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::PortDown => "port_down",
            Self::Silence => "no_traffic",
            Self::OneDirection => "one_direction",
            Self::Duplicates => "duplicates",
            Self::TagsStripped => "vlan_tags_stripped",
            Self::CutShort => "cut_short",
            Self::Loss => "loss",
            Self::Drops => "drops",
            Self::Overload => "overload",
            Self::Split => "split_directions",
            Self::ClockStep => "clock_step",
        }
    }

    /// The stable identifier of its incidents.
    pub(crate) fn rule(self) -> String {
        format!("sensor.{}", self.name())
    }

    /// The finding, with the reason that this time has.
    pub(crate) fn finding(self, reason: String) -> Finding {
        let words = self.words();
        Finding {
            kind: Kind::Sensor,
            rule: self.rule(),
            title: words.title.to_owned(),
            severity: words.severity,
            confidence: words.confidence,
            because: Because {
                reason,
                ..Because::default()
            },
            technique: None,
            response: Response {
                owner: words.owner.to_owned(),
                action: words.action.to_owned(),
                consequence: words.consequence.to_owned(),
                respond_within: words.respond_within.to_owned(),
            },
        }
    }

    const fn words(self) -> Words {
        match self {
            Self::PortDown => Words {
                title: "A mirror port is down",
                severity: Severity::High,
                confidence: 100,
                owner: MONITORING,
                action: "Switched off: `ip link set PORT up`. No carrier: check the cable and what \
                         is at its other end. Gone: find out who removed it, or what its driver \
                         says. It is listened to again as soon as it is back.",
                consequence: "Nothing is watched on this port until it is back.",
                respond_within: "1h",
            },
            Self::Silence => Words {
                title: "No traffic on a mirror port",
                severity: Severity::High,
                confidence: 100,
                owner: NETWORK,
                action: "Check the cable and the link of the port, then the mirror session on the \
                         switch: `bulkhead doctor` says what the machine sees of the port.",
                consequence: "Nothing is watched on this port until frames come again.",
                respond_within: "1h",
            },
            Self::OneDirection => Words {
                title: "Only one direction of conversations is mirrored",
                severity: Severity::High,
                confidence: 90,
                owner: NETWORK,
                action: "Mirror both directions (`both`, not `rx` or `tx`) of the ports, or \
                         connect the second output of the TAP; where routing takes two paths, mirror \
                         both.",
                consequence: "Whether commands were carried out is not seen, and half of what \
                              devices say is not judged.",
                respond_within: "4h",
            },
            Self::Duplicates => Words {
                title: "The mirror shows frames twice",
                severity: Severity::Low,
                confidence: 100,
                owner: NETWORK,
                action: "Mirror a VLAN or its ports but not both, and each link at one of its ends \
                         only.",
                consequence: "Copies are left out of every judgement, but they take half of what \
                              the mirror port can carry.",
                respond_within: "2d",
            },
            Self::TagsStripped => Words {
                title: "VLAN tags are missing on the mirror",
                severity: Severity::Medium,
                confidence: 80,
                owner: NETWORK,
                action: "Let the mirror session keep tags (`encapsulation replicate` or its like) \
                         and switch the stripping of tags off on the sensor's port (`ethtool -K PORT rxvlan \
                         off`). Where the mirror never carries tags, give zones addresses instead \
                         of `vlans`.",
                consequence: "Hosts that only their VLAN places are in no zone.",
                respond_within: "1d",
            },
            Self::CutShort => Words {
                title: "Frames are cut short before they are read",
                severity: Severity::Medium,
                confidence: 100,
                owner: NETWORK,
                action: "Take the snap length off the capture, and slicing or truncation off the \
                         mirror session or the packet broker; for a tunnelled mirror raise the \
                         MTU on its way.",
                consequence: "The messages that were cut are not judged, and those behind them \
                              are found again late.",
                respond_within: "1d",
            },
            Self::Loss => Words {
                title: "Parts of conversations were not seen",
                severity: Severity::Low,
                confidence: 100,
                owner: NETWORK,
                action: "Compare the load of the mirrored ports with the speed of the mirror port; \
                         the summary and `bulkhead_flow_gap_bytes_total` say how much was lost, \
                         `sensor.drops` whether the sensor lost it.",
                consequence: "What was not seen was not judged.",
                respond_within: "2d",
            },
            Self::Drops => Words {
                title: "The sensor loses frames of a mirror port",
                severity: Severity::Medium,
                confidence: 100,
                owner: MONITORING,
                action: "Lost in the ring: raise `ring_mib`, watch less by `filter`, or give the \
                         sensor a faster core. Lost by the interface: raise its own ring \
                         (`ethtool -G PORT rx N`).",
                consequence: "What was not seen was not judged.",
                respond_within: "1d",
            },
            Self::Overload => Words {
                title: "Frames come faster than the sensor can judge them",
                severity: Severity::Medium,
                confidence: 100,
                owner: MONITORING,
                action: "Give the sensor a faster core of its own (`cpus`), or watch less by \
                         `filter`; where it is only bursts, raise `ring_mib`.",
                consequence: "What was left out was not judged: repeated messages first, then quiet \
                              conversations; new ones and those that write last.",
                respond_within: "1d",
            },
            Self::Split => Words {
                title: "The two directions of conversations come on two ports",
                severity: Severity::Informational,
                confidence: 90,
                owner: NETWORK,
                action: "Nothing where a TAP gives each direction a port of its own: they are \
                         joined. Else mirror both directions to one port.",
                consequence: "None as long as both ports are read.",
                respond_within: "7d",
            },
            Self::ClockStep => Words {
                title: "The clock of the capture was set",
                severity: Severity::Medium,
                confidence: 80,
                owner: MONITORING,
                action: "Find out who or what set the clock of the sensor, and let NTP or PTP hold \
                         it by slewing; compare times across this moment with care.",
                consequence: "Times of incidents and what the policy says of hours are wrong on \
                              one side of the step.",
                respond_within: "1d",
            },
        }
    }
}

const NETWORK: &str = "network";
const MONITORING: &str = "monitoring";

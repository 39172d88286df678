//! What an operation means, on any protocol: one closed list.
//!
//! Every function and service of every protocol maps to exactly one verb, so that one policy
//! statement reads alike for all of them. The list follows the operational-technology message
//! tree of MITRE D3FEND.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The meaning of an operation, whatever protocol carries it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// Opens, negotiates or closes a conversation.
    Connect,
    /// Asks a device who it is.
    Identify,
    /// Walks what a device offers.
    Browse,
    /// Reads process values or files.
    Read,
    /// Asks for values to be reported on change.
    Subscribe,
    /// Changes process values or files.
    Write,
    /// Runs a method or routine on the device.
    Call,
    /// Asks for counters, status or logs.
    Diagnose,
    /// Copies program or configuration out of the device.
    Upload,
    /// Copies program or configuration into the device.
    Download,
    /// Starts, stops or otherwise changes the operating mode.
    Mode,
    /// Changes how the device is set up.
    Configure,
    /// Sets the clock.
    Time,
    /// Presents, sets or clears a credential.
    Credential,
    /// Replaces firmware.
    Firmware,
    /// Removes a program block, node or file.
    Delete,
    /// Raises, acknowledges or suppresses alarms.
    Alarm,
    /// Anything else, the unknown included.
    Other,
}

impl Verb {
    /// Every verb, in the order of the glossary.
    pub const ALL: [Self; 18] = [
        Self::Connect,
        Self::Identify,
        Self::Browse,
        Self::Read,
        Self::Subscribe,
        Self::Write,
        Self::Call,
        Self::Diagnose,
        Self::Upload,
        Self::Download,
        Self::Mode,
        Self::Configure,
        Self::Time,
        Self::Credential,
        Self::Firmware,
        Self::Delete,
        Self::Alarm,
        Self::Other,
    ];

    /// The word that policies, rules, records and metrics use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Identify => "identify",
            Self::Browse => "browse",
            Self::Read => "read",
            Self::Subscribe => "subscribe",
            Self::Write => "write",
            Self::Call => "call",
            Self::Diagnose => "diagnose",
            Self::Upload => "upload",
            Self::Download => "download",
            Self::Mode => "mode",
            Self::Configure => "configure",
            Self::Time => "time",
            Self::Credential => "credential",
            Self::Firmware => "firmware",
            Self::Delete => "delete",
            Self::Alarm => "alarm",
            Self::Other => "other",
        }
    }

    /// Whether learning must never grant this verb by itself.
    pub const fn is_dangerous(self) -> bool {
        matches!(
            self,
            Self::Write
                | Self::Call
                | Self::Download
                | Self::Mode
                | Self::Configure
                | Self::Time
                | Self::Credential
                | Self::Firmware
                | Self::Delete
        )
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Verb {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|verb| verb.name() == text)
            .ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_verbs_agree_both_ways() {
        for verb in Verb::ALL {
            assert_eq!(verb.name().parse(), Ok(verb));
        }
        assert_eq!("stop".parse::<Verb>(), Err(()));
    }

    #[test]
    fn reading_is_not_dangerous_and_changing_is() {
        assert!(!Verb::Read.is_dangerous());
        assert!(!Verb::Upload.is_dangerous());
        assert!(Verb::Download.is_dangerous());
        assert!(Verb::Write.is_dangerous());
    }
}

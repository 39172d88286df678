//! The techniques that a rule can be tagged with.
//!
//! Follows MITRE ATT&CK for ICS v18.1: its 83 active techniques.

/// A technique of ATT&CK for ICS.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Technique {
    /// Its identifier, such as `T0858`.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
}

impl Technique {
    /// The technique that a Sigma tag such as `attack.t0858` names.
    pub fn tagged(tag: &str) -> Option<&'static Self> {
        let id = tag.strip_prefix("attack.")?;
        TECHNIQUES
            .iter()
            .find(|technique| technique.id.eq_ignore_ascii_case(id))
    }
}

const fn technique(id: &'static str, name: &'static str) -> Technique {
    Technique { id, name }
}

/// Every active technique, by identifier.
pub const TECHNIQUES: &[Technique] = &[
    technique("T0800", "Activate Firmware Update Mode"),
    technique("T0801", "Monitor Process State"),
    technique("T0802", "Automated Collection"),
    technique("T0803", "Block Command Message"),
    technique("T0804", "Block Reporting Message"),
    technique("T0805", "Block Serial COM"),
    technique("T0806", "Brute Force I/O"),
    technique("T0807", "Command-Line Interface"),
    technique("T0809", "Data Destruction"),
    technique("T0811", "Data from Information Repositories"),
    technique("T0812", "Default Credentials"),
    technique("T0813", "Denial of Control"),
    technique("T0814", "Denial of Service"),
    technique("T0815", "Denial of View"),
    technique("T0816", "Device Restart/Shutdown"),
    technique("T0817", "Drive-by Compromise"),
    technique("T0819", "Exploit Public-Facing Application"),
    technique("T0820", "Exploitation for Evasion"),
    technique("T0821", "Modify Controller Tasking"),
    technique("T0822", "External Remote Services"),
    technique("T0823", "Graphical User Interface"),
    technique("T0826", "Loss of Availability"),
    technique("T0827", "Loss of Control"),
    technique("T0828", "Loss of Productivity and Revenue"),
    technique("T0829", "Loss of View"),
    technique("T0830", "Adversary-in-the-Middle"),
    technique("T0831", "Manipulation of Control"),
    technique("T0832", "Manipulation of View"),
    technique("T0834", "Native API"),
    technique("T0835", "Manipulate I/O Image"),
    technique("T0836", "Modify Parameter"),
    technique("T0837", "Loss of Protection"),
    technique("T0838", "Modify Alarm Settings"),
    technique("T0839", "Module Firmware"),
    technique("T0840", "Network Connection Enumeration"),
    technique("T0842", "Network Sniffing"),
    technique("T0843", "Program Download"),
    technique("T0845", "Program Upload"),
    technique("T0846", "Remote System Discovery"),
    technique("T0847", "Replication Through Removable Media"),
    technique("T0848", "Rogue Master"),
    technique("T0849", "Masquerading"),
    technique("T0851", "Rootkit"),
    technique("T0852", "Screen Capture"),
    technique("T0853", "Scripting"),
    technique("T0855", "Unauthorized Command Message"),
    technique("T0856", "Spoof Reporting Message"),
    technique("T0857", "System Firmware"),
    technique("T0858", "Change Operating Mode"),
    technique("T0859", "Valid Accounts"),
    technique("T0860", "Wireless Compromise"),
    technique("T0861", "Point & Tag Identification"),
    technique("T0862", "Supply Chain Compromise"),
    technique("T0863", "User Execution"),
    technique("T0864", "Transient Cyber Asset"),
    technique("T0865", "Spearphishing Attachment"),
    technique("T0866", "Exploitation of Remote Services"),
    technique("T0867", "Lateral Tool Transfer"),
    technique("T0868", "Detect Operating Mode"),
    technique("T0869", "Standard Application Layer Protocol"),
    technique("T0871", "Execution through API"),
    technique("T0872", "Indicator Removal on Host"),
    technique("T0873", "Project File Infection"),
    technique("T0874", "Hooking"),
    technique("T0877", "I/O Image"),
    technique("T0878", "Alarm Suppression"),
    technique("T0879", "Damage to Property"),
    technique("T0880", "Loss of Safety"),
    technique("T0881", "Service Stop"),
    technique("T0882", "Theft of Operational Information"),
    technique("T0883", "Internet Accessible Device"),
    technique("T0884", "Connection Proxy"),
    technique("T0885", "Commonly Used Port"),
    technique("T0886", "Remote Services"),
    technique("T0887", "Wireless Sniffing"),
    technique("T0888", "Remote System Information Discovery"),
    technique("T0889", "Modify Program"),
    technique("T0890", "Exploitation for Privilege Escalation"),
    technique("T0891", "Hardcoded Credentials"),
    technique("T0892", "Change Credential"),
    technique("T0893", "Data from Local System"),
    technique("T0894", "System Binary Proxy Execution"),
    technique("T0895", "Autorun Image"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_names_a_technique_in_either_case() {
        assert_eq!(
            Technique::tagged("attack.t0858").map(|technique| technique.name),
            Some("Change Operating Mode")
        );
        assert!(Technique::tagged("attack.T0843").is_some());
        for wrong in ["t0858", "attack.t0808", "attack.t1059", "attack.impact"] {
            assert_eq!(Technique::tagged(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_table_is_sorted_and_whole() {
        assert!(TECHNIQUES.is_sorted_by(|a, b| a.id < b.id));
        assert_eq!(TECHNIQUES.len(), 83);
    }
}

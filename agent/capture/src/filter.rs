//! Makes a capture filter see behind VLAN tags.
//!
//! The kernel takes the outer tag off every frame before a live filter sees it, so a filter for
//! `tcp port 502` matches frames with one tag by itself. With two (QinQ) the inner tag is still
//! where the filter looks for the protocol, and nothing matches. In libpcap's language the word
//! `vlan` shifts everything that is written after it by one tag, also behind `or`
//! (pcap-filter(7)), so the deeper case has to come last.

/// The filter, made to treat frames with two VLAN tags like those with one or none. A filter that
/// speaks of tags or tunnels itself is left as it is: its writer is in charge.
pub(crate) fn vlan_aware(filter: &str) -> String {
    if filter.trim().is_empty() || shifts(filter) {
        return filter.to_owned();
    }
    format!("(not ({TAGGED}) and ({filter})) or (vlan and vlan and ({filter}))")
}

/// Whether a filter has a word that shifts what is written after it.
fn shifts(filter: &str) -> bool {
    let words = filter.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.into_iter().any(|word| SHIFTING.contains(&word))
}

/// The frame has a tag where the protocol should be (IEEE 802.1Q, 802.1ad, and before that).
const TAGGED: &str = "ether[12:2] = 0x8100 or ether[12:2] = 0x88a8 or ether[12:2] = 0x9100";

/// Words of pcap-filter(7) that shift what is written after them.
const SHIFTING: [&str; 5] = ["vlan", "mpls", "pppoed", "pppoes", "geneve"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_speaks_of_tags_is_left_as_it_is() {
        for filter in ["vlan 5 and tcp", "not(vlan)", "mpls", "pppoes 7", ""] {
            assert_eq!(vlan_aware(filter), filter);
        }
        assert_ne!(vlan_aware("host vlan5"), "host vlan5");
    }

    #[test]
    fn the_deeper_case_comes_last() {
        let (first, last) = ("(not (ether[12:2]", "or (vlan and vlan and (tcp))");
        let filter = vlan_aware("tcp");
        assert!(
            filter.starts_with(first) && filter.ends_with(last),
            "{filter}"
        );
    }
}

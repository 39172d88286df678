//! Who makes a device, by the organisation part of its hardware address.

use model::Mac;

/// The organisation that IEEE lists for a hardware address.
pub(crate) fn vendor(mac: Mac) -> Option<&'static str> {
    oui_data::lookup(&mac.to_string())
        .map(|entry| entry.organization().trim_end_matches([',', ' ']))
}

//! The numbers that name objects, classes, attributes and results.
//!
//! Controllers number what they consist of: relation ids name objects, class ids their classes. The number of
//! a program block is its class's, then its own. Facts that public drivers and decoders agree on; those that
//! decide what an operation means were seen in captures.

/// Object: the session that a client without one names.
pub(super) const NO_SESSION: u32 = 0x120;
/// Object: identity of the controller.
pub(super) const CPU_PROXY: u32 = 49;
/// Object: what runs the program.
pub(super) const EXECUTION_UNIT: u32 = 52;

/// Class: a session.
pub(super) const SESSION: u32 = 287;
/// Class: a subscription.
pub(super) const SUBSCRIPTION: u32 = 1001;
/// Class: an alarm, as notifications carry it.
pub(super) const ALARM: u32 = 2681;

/// Attribute: an object's name.
pub(super) const NAME: u32 = 233;
/// Attributes of a session: where the client is, user, application, host, role, relation id.
pub(super) const CLIENT: [u32; 6] = [289, 296, 297, 298, 299, 300];
/// Attribute of a session: versions of client or server, a structure.
pub(super) const SESSION_VERSION: u32 = 306;
/// Member of the session's version: the server's order number and firmware.
pub(super) const SYSTEM: u32 = 319;
/// Attribute of a subscription: the addresses that it reports.
pub(super) const REFERENCES: u32 = 1048;
/// Attribute of the execution unit: the operating state that is asked for.
pub(super) const STATE_REQUEST: u32 = 2167;
/// Attribute: the controller's clock.
pub(super) const CLOCK: u32 = 2421;
/// Attribute: order number, serial number and firmware.
pub(super) const IDENTIFICATION: u32 = 3753;
/// Attributes: a block's machine code and its source.
pub(super) const CODE: [u32; 2] = [2580, 2533];
/// Attributes of a subscription, and of the reference to what it subscribes to.
pub(super) const fn is_of_subscription(attribute: u32) -> bool {
    matches!(attribute, 1001..=1082 | 2711)
}
/// Attributes of a session that carry a password or the answer to a challenge.
pub(super) const fn is_credential(attribute: u32) -> bool {
    matches!(attribute, 303 | 304 | 309 | 1846)
}
/// Attributes whose values are never shown: credentials, keys, and the members that carry them.
pub(super) const fn is_secret(attribute: u32) -> bool {
    is_credential(attribute) || matches!(attribute, 1805 | 1830 | 3449 | 40403)
}

/// Whether an object lives only as long as the connection that made it.
pub(super) const fn is_passing(object: u32) -> bool {
    matches!(object, 211 | 0x1000_0000..=0x1000_ffff | 0x7000_0000..=0x7fff_ffff)
}

/// The kind and number of a program block.
pub(super) const fn block(object: u32) -> Option<(&'static str, u32)> {
    let kind = match object >> 16 {
        0x8a0e => "DB",
        0x8a12 => "FB",
        0x8a13 => "FC",
        0x8a32 => "OB",
        _ => return None,
    };
    Some((kind, object & 0xffff))
}

/// The memory area that an object is, as S7comm numbers areas.
pub(super) const fn area(object: u32) -> Option<u8> {
    match object {
        0x50 => Some(0x81),
        0x51 => Some(0x82),
        0x52 => Some(0x83),
        0x53 => Some(0x1c),
        0x54 => Some(0x1d),
        0x8a0e_0000..=0x8a0e_ffff => Some(0x84),
        _ => None,
    }
}

/// The name of an object that every controller has.
pub(super) const fn object(object: u32) -> Option<&'static str> {
    Some(match object {
        1 => "ASRoot",
        2 => "HWConfiguration",
        3 => "PLCProgram",
        4 => "Folders",
        5 => "Logs",
        8 => "AlarmSubsystem",
        10 => "SWEvents",
        11 => "TISSubsystem",
        12 => "CommCont",
        30 => "StationConfiguration",
        35 => "RoutingTables",
        48 => "CPU",
        CPU_PROXY => "CPUProxy",
        50 => "CPUCommon",
        51 => "CardReaderWriter",
        EXECUTION_UNIT => "CPUexecUnit",
        53 => "WebServer",
        54 => "CPUDisplay",
        56 => "PLCProgramChange",
        0x50 => "IArea",
        0x51 => "QArea",
        0x52 => "MArea",
        0x53 => "S7Counters",
        0x54 => "S7Timers",
        201 => "ObjectRoot",
        285 => "ServerSessionContainer",
        537 => "OMSTypeInfoContainer",
        _ => return None,
    })
}

/// How a result ended: the signed number in its lowest 16 bits tells.
///
/// Negative numbers are failures. Of the positive ones, most tell that only a part was done, or nothing.
pub(super) fn refusal(result: u64) -> Option<(u32, &'static str)> {
    let code = result as i16;
    let name = match code {
        0 | 17 | 23 | 25 | 26 | 33 | 35 | 40 => return None,
        18 => "service ignored",
        19 => "executed in part",
        21 => "too many notifications",
        22 => "session delegitimated",
        24 => "subscription disabled",
        34 => "transaction aborted",
        37 => "temporarily out of resources",
        38 => "legitimation disabled",
        -2 => "invalid type of value",
        -3 => "invalid value",
        -4 => "not enough memory",
        -12 => "object not found",
        -17 => "invalid CRC",
        -134 => "several engineering stations are not supported",
        -255 => "invalid LID",
        1.. => return None,
        _ => "refused",
    };
    Some((u32::from(result as u16), name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_a_refusal_where_its_lowest_bits_are_negative_or_say_part() {
        assert_eq!(refusal(0), None);
        assert_eq!(refusal(0x11), None);
        let (code, name) = refusal(0x8020_ab00_19d9_fff4).unwrap();
        assert_eq!((code, name), (0xfff4, "object not found"));
        assert_eq!(refusal(0x13), Some((0x13, "executed in part")));
        assert_eq!(refusal(0xa605_9400_096d_ff95), Some((0xff95, "refused")));
    }

    #[test]
    fn a_block_is_named_by_its_class_and_number() {
        assert_eq!(block(0x8a32_0001), Some(("OB", 1)));
        assert_eq!(block(0x8a0e_0005), Some(("DB", 5)));
        assert_eq!(block(0x8a11_ffff), None);
    }
}

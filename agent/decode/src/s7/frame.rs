//! From stream bytes to transport units: TPKT (RFC 1006, 6; RFC 2126, 4.3) and COTP (ISO 8073, 13).
//!
//! [`next`] follows a stream that is in step. [`search`] finds the next boundary of a stream that
//! is not: a place counts only where TPKT, COTP and what they carry agree with each other, so that
//! a byte 0x03 in the middle of a value is no boundary. Classes above 0 are read as far as their
//! headers are alike; their acknowledgements and expedited data are passed over.

use model::Malformed;

use super::selector::Kind;
use super::{message, plus};
use crate::reader::Reader;

/// The length of a TPKT header.
const HEADER: usize = 4;
/// The word that records use for a data unit.
pub(super) const DATA: &str = "data";
/// The shortest unit: a TPKT header and the header of an empty data TPDU.
const SHORTEST: usize = 7;

/// What the bytes of a stream in step begin with.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Step<'a> {
    /// A whole unit of `len` bytes in all.
    Whole {
        /// What the TPKT holds.
        tpdu: &'a [u8],
        /// How many bytes of the stream it takes.
        len: usize,
    },
    /// So many more bytes are needed before anything can be told.
    More(usize),
    /// No TPKT.
    Broken(Malformed),
}

/// Cuts the first unit off a stream that is in step.
pub(super) fn next(bytes: &[u8]) -> Step<'_> {
    let Some((&[version, _, high, low], _)) = bytes.split_first_chunk::<HEADER>() else {
        return match bytes.first() {
            Some(&version) if version != 3 => Step::Broken(no_version()),
            _ => Step::More(HEADER - bytes.len()),
        };
    };
    if version != 3 {
        return Step::Broken(no_version());
    }
    let len = usize::from(u16::from_be_bytes([high, low]));
    if len < SHORTEST {
        let why = "shorter than the smallest unit";
        return Step::Broken(malformed("tpkt_length", 2, why));
    }
    match bytes.get(HEADER..len) {
        Some(tpdu) => Step::Whole { tpdu, len },
        None => Step::More(len - bytes.len()),
    }
}

const fn no_version() -> Malformed {
    malformed("tpkt_version", 0, "not 3")
}

const fn malformed(field: &'static str, offset: usize, why: &'static str) -> Malformed {
    Malformed { field, offset, why }
}

/// A transport protocol data unit.
#[derive(Clone, Copy, Debug)]
pub(super) enum Tpdu<'a> {
    /// Opens, confirms or closes a connection.
    Connection(Connection<'a>),
    /// Carries a part of a message.
    Data {
        /// Whether it is the last part.
        last: bool,
        /// The part.
        payload: &'a [u8],
    },
    /// Acknowledgements and expedited data: the word for it.
    Other(&'static str),
    /// What no standard names.
    Unknown,
}

/// What a connection unit is for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Purpose {
    /// CR
    ConnectRequest,
    /// CC
    ConnectConfirm,
    /// DR
    Disconnect,
    /// DC
    DisconnectConfirm,
    /// ER
    Error,
}

impl Purpose {
    /// The word that records use.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ConnectRequest => "connect_request",
            Self::ConnectConfirm => "connect_confirm",
            Self::Disconnect => "disconnect",
            Self::DisconnectConfirm => "disconnect_confirm",
            Self::Error => "error",
        }
    }
}

/// A connection unit's own fields.
#[derive(Clone, Copy, Debug)]
pub(super) struct Connection<'a> {
    /// What it is for.
    pub(super) purpose: Purpose,
    /// The calling transport selector.
    pub(super) src_tsap: Option<&'a [u8]>,
    /// The called transport selector.
    pub(super) dst_tsap: Option<&'a [u8]>,
    /// Why, where it says no.
    pub(super) reason: Option<u8>,
    /// The class of protocol that is preferred (ISO 8073, 13.3.3).
    pub(super) class: Option<u8>,
    /// The largest unit, as a power of two (ISO 8073, 13.3.4 b).
    size: Option<u8>,
    /// How long the header says that the unit is, and how long it is.
    pub(super) lengths: (usize, usize),
}

impl Connection<'_> {
    /// The largest unit in bytes.
    pub(super) const fn tpdu_size(&self) -> Option<u32> {
        match self.size {
            Some(power @ 7..=13) => Some(1 << power),
            _ => None,
        }
    }

    /// What kind of connection is asked for: the called selector says so, else the calling one.
    pub(super) fn kind(&self) -> Option<Kind> {
        let kind = |selector: Option<&[u8]>| selector.and_then(Kind::of);
        kind(self.dst_tsap).or_else(|| kind(self.src_tsap))
    }

    /// The rack and slot that the called selector names.
    ///
    /// A selector of two bytes whose first is a kind of connection (1 programming device, 2
    /// operator panel, 3 other) or a configured connection's resource (0x10 to 0xdf).
    pub(super) const fn place(&self) -> Option<(u8, u8)> {
        match self.dst_tsap {
            Some(&[1..=3 | 0x10..=0xdf, place]) => Some((place >> 5, place & 0x1f)),
            _ => None,
        }
    }
}

/// Reads what a TPKT holds.
///
/// # Errors
///
/// Where a header or its variable part is longer than the unit.
pub(super) fn tpdu(bytes: &[u8]) -> Result<Tpdu<'_>, Malformed> {
    let mut reader = Reader::at(bytes, HEADER);
    let length = reader.u8("cotp_length")?;
    let mut header = reader.sub("cotp_header", length.into())?;
    let code = header.u8("cotp_type")?;
    let purpose = match code & 0xf0 {
        0xf0 => return data(header, reader),
        0xe0 => Purpose::ConnectRequest,
        0xd0 => Purpose::ConnectConfirm,
        0x80 => Purpose::Disconnect,
        0xc0 => Purpose::DisconnectConfirm,
        0x70 => Purpose::Error,
        0x10 => return Ok(Tpdu::Other("expedited_data")),
        0x20 => return Ok(Tpdu::Other("expedited_data_acknowledgement")),
        0x50 => return Ok(Tpdu::Other("reject")),
        0x60 => return Ok(Tpdu::Other("data_acknowledgement")),
        _ => return Ok(Tpdu::Unknown),
    };
    let lengths = (usize::from(length) + 1, bytes.len());
    connection(purpose, header, lengths).map(Tpdu::Connection)
}

fn data<'a>(mut header: Reader<'a>, mut body: Reader<'a>) -> Result<Tpdu<'a>, Malformed> {
    if header.left() > 2 {
        header.u16("cotp_destination")?;
    }
    let number = header.u8("cotp_number")?;
    Ok(Tpdu::Data {
        last: number & 0x80 != 0,
        payload: body.rest(),
    })
}

fn connection(
    purpose: Purpose,
    mut header: Reader<'_>,
    lengths: (usize, usize),
) -> Result<Connection<'_>, Malformed> {
    let mut connection = Connection {
        purpose,
        src_tsap: None,
        dst_tsap: None,
        reason: None,
        class: None,
        size: None,
        lengths,
    };
    header.u16("cotp_destination")?;
    match purpose {
        Purpose::Error => connection.reason = Some(header.u8("cotp_reason")?),
        Purpose::DisconnectConfirm => _ = header.u16("cotp_source")?,
        Purpose::Disconnect => {
            header.u16("cotp_source")?;
            connection.reason = Some(header.u8("cotp_reason")?);
        }
        Purpose::ConnectRequest | Purpose::ConnectConfirm => {
            header.u16("cotp_source")?;
            connection.class = Some(header.u8("cotp_class")? >> 4);
        }
    }
    while !header.is_empty() {
        let code = header.u8("cotp_parameter")?;
        let len = header.u8("cotp_parameter_length")?;
        let value = header.take("cotp_parameter_value", len.into())?;
        match code {
            0xc0 => connection.size = value.first().copied(),
            0xc1 => connection.src_tsap = Some(value),
            0xc2 => connection.dst_tsap = Some(value),
            _ => {}
        }
    }
    Ok(connection)
}

/// How much bytes look like the start of a unit of this protocol.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Likeness {
    /// Every header agrees with the others.
    Full,
    /// More bytes are needed to tell.
    Short,
    /// A unit of some other protocol over TPKT and COTP.
    Foreign,
    /// No unit at all.
    None,
}

/// Judges bytes that may start a unit, by all that stands in their headers.
pub(super) fn likeness(bytes: &[u8]) -> Likeness {
    let (len, code, length) = match bytes {
        [3, 0, high, low, length, code, ..] => {
            let len = u16::from_be_bytes([*high, *low]);
            (usize::from(len), *code, usize::from(*length))
        }
        [] | [3] | [3, 0] | [3, 0, _] | [3, 0, _, _] | [3, 0, _, _, _] => return Likeness::Short,
        _ => return Likeness::None,
    };
    let body = bytes.get(HEADER..).unwrap_or_default();
    let whole = len.wrapping_sub(HEADER);
    match code {
        _ if len < SHORTEST || length < 2 || length + 1 > whole => Likeness::None,
        0xf0 if length == 2 => payload(body, whole - 3),
        0xe0 | 0xd0 if length + 1 == whole => selectors(body, whole),
        0x80 if length >= 6 && length + 1 == whole => Likeness::Full,
        _ => Likeness::None,
    }
}

fn payload(body: &[u8], len: usize) -> Likeness {
    match body {
        [_, _, number, payload @ ..] => match number & 0x7f {
            0 if len == 0 => Likeness::Full,
            0 => carried(payload, len, number & 0x80 != 0),
            _ => Likeness::None,
        },
        _ => Likeness::Short,
    }
}

/// Judges the first bytes of a message of `len` bytes; `last` says that all of it is in this unit.
pub(super) fn carried(payload: &[u8], len: usize, last: bool) -> Likeness {
    match payload {
        [] => Likeness::Short,
        [message::PROTOCOL_ID, ..] => message::likeness(payload, len, last),
        [plus::PROTOCOL_ID, ..] => plus::likeness(payload, len),
        [0x14..=0x17, rest @ ..] => match rest {
            [3, 0..=4, ..] => Likeness::Full,
            [] | [3] => Likeness::Short,
            _ => Likeness::Foreign,
        },
        _ => Likeness::Foreign,
    }
}

/// How deep units are wrapped in units: how often bytes are a whole unit again, or begin with one
/// that is unmistakable. Counts as far as [`DEEPEST`].
pub(super) fn nesting(mut bytes: &[u8]) -> u64 {
    let mut depth = 0;
    while depth < DEEPEST
        && let Step::Whole { tpdu, len } = next(bytes)
        && (len == bytes.len() || likeness(bytes) == Likeness::Full)
    {
        depth += 1;
        match self::tpdu(tpdu) {
            Ok(Tpdu::Data { payload, .. }) => bytes = payload,
            Ok(Tpdu::Connection(_)) => return depth,
            Ok(Tpdu::Other(_) | Tpdu::Unknown) | Err(_) => return depth - 1,
        }
    }
    depth
}

/// How deep [`nesting`] looks.
const DEEPEST: u64 = 16;

/// Remote desktops also begin with a connect request; they name no transport selector.
fn selectors(body: &[u8], whole: usize) -> Likeness {
    let Some(body) = body.get(..whole) else {
        return Likeness::Short;
    };
    match tpdu(body) {
        Ok(Tpdu::Connection(it)) if it.src_tsap.or(it.dst_tsap).is_some() => Likeness::Full,
        _ => Likeness::None,
    }
}

/// Where a search for a boundary ended.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Search {
    /// How many bytes surely start no unit.
    pub(super) passed: usize,
    /// Whether a unit starts after them; else more bytes are needed.
    pub(super) found: bool,
}

/// Looks for the first boundary in a stream that is out of step.
pub(super) fn search(bytes: &[u8]) -> Search {
    let mut passed = 0;
    loop {
        let rest = bytes.get(passed..).unwrap_or_default();
        match likeness(rest) {
            Likeness::Full => {
                break Search {
                    passed,
                    found: true,
                };
            }
            Likeness::Short => {
                break Search {
                    passed,
                    found: false,
                };
            }
            Likeness::Foreign | Likeness::None => {}
        }
        let later = rest.get(1..).unwrap_or_default();
        let step = later.iter().position(|&byte| byte == 3);
        passed += 1 + step.unwrap_or(later.len());
    }
}

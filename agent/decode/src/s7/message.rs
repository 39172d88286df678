//! One S7comm message: header, parameters and data, checked and borrowed.
//!
//! Siemens publishes no specification of protocol 0x32; field names follow the usage of independent
//! decoders. Parameters must fit the message; data that is shorter than the header says is read as
//! far as it goes, because a controller may take it, and is said to be an anomaly by the session.

use model::{Function, Malformed};

use super::frame::Likeness;
use super::items::{Items, Values};
use super::program::{Service, Transfer};
use super::userdata::{Kind, Userdata};
use super::{codes, functions};
use crate::reader::Reader;

/// The first byte of every message.
pub(super) const PROTOCOL_ID: u8 = 0x32;

/// What a message is for: its `rosctr`, the remote operating service control.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Rosctr {
    /// A request.
    Job,
    /// An answer without data.
    Ack,
    /// An answer.
    AckData,
    /// An extension with requests, answers and notifications of its own.
    Userdata,
}

impl Rosctr {
    const fn of(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Job),
            2 => Some(Self::Ack),
            3 => Some(Self::AckData),
            7 => Some(Self::Userdata),
            _ => None,
        }
    }

    /// The number on the wire.
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Job => 1,
            Self::Ack => 2,
            Self::AckData => 3,
            Self::Userdata => 7,
        }
    }

    const fn header(self) -> usize {
        match self {
            Self::Job | Self::Userdata => 10,
            Self::Ack | Self::AckData => 12,
        }
    }
}

/// A whole message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message<'a> {
    /// What it is for.
    pub(super) rosctr: Rosctr,
    /// The reference that an answer repeats.
    pub(super) reference: u16,
    /// Error class and code of an answer, as one number.
    pub(super) error: Option<u16>,
    /// The function byte, where it has one.
    pub(super) function: Option<u8>,
    /// What it says.
    pub(super) body: Body<'a>,
    /// The parameters as they stand on the wire.
    pub(super) parameters: &'a [u8],
    /// The data, as much as there is.
    pub(super) data: &'a [u8],
    /// How long the header says that the message is, and how long it is.
    pub(super) lengths: (usize, usize),
}

/// What a message says.
#[derive(Clone, Copy, Debug)]
pub(super) enum Body<'a> {
    /// Nothing beyond its function.
    Bare,
    /// How much both sides can take.
    Setup {
        /// How many jobs at once the client takes, and how many the server.
        jobs: [u16; 2],
        /// The longest message in bytes.
        pdu_size: u16,
    },
    /// What to read, or to write: then with the values.
    Items(Items<'a>, Values<'a>),
    /// What was read, or what came of a write.
    Values(Values<'a>),
    /// A step of copying a block.
    Transfer(Transfer<'a>),
    /// A program invocation.
    Service(Service<'a>),
    /// An extension.
    Userdata(Userdata<'a>),
}

impl<'a> Message<'a> {
    /// Reads a message.
    ///
    /// # Errors
    ///
    /// Where the header or the parameters end before they are whole, or an item list is longer
    /// than the parameters that hold it.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        if reader.u8("protocol_id")? != PROTOCOL_ID {
            return Err(Reader::new(bytes).malformed("protocol_id", "not 0x32"));
        }
        let code = reader.u8("rosctr")?;
        let Some(rosctr) = Rosctr::of(code) else {
            return Err(Reader::at(&[], 1).malformed("rosctr", "no known kind of message"));
        };
        reader.u16("redundancy_id")?;
        let reference = reader.u16("pdu_ref")?;
        let parameters_len = usize::from(reader.u16("parameter_length")?);
        let data_len = usize::from(reader.u16("data_length")?);
        let error = match rosctr {
            Rosctr::Ack | Rosctr::AckData => Some(reader.u16("error")?),
            Rosctr::Job | Rosctr::Userdata => None,
        };
        let mut parameters = reader.sub("parameters", parameters_len)?;
        let lengths = (rosctr.header() + parameters_len + data_len, bytes.len());
        let mut data = reader;
        if data.left() > data_len {
            data = data.sub("data", data_len)?;
        }
        let raw = (parameters.peek(), data.peek());
        let (function, body) = content(rosctr, &mut parameters, data)?;
        Ok(Self {
            rosctr,
            reference,
            error,
            function,
            body,
            parameters: raw.0,
            data: raw.1,
            lengths,
        })
    }

    /// The function that the message itself names.
    pub(super) fn names(&self) -> Option<Function> {
        match (&self.body, self.function) {
            (Body::Service(service), _) => Some(service.function()),
            (Body::Userdata(userdata), _) => Some(userdata.function()),
            (_, Some(code)) => Some(functions::job(code)),
            (_, None) => None,
        }
    }

    /// Whether it asks the controller to pull a block.
    pub(super) fn requests_download(&self) -> bool {
        (self.rosctr, self.function) == (Rosctr::Job, Some(0x1a))
    }

    /// Whether a job of this function is sent by the controller that is being programmed, not by
    /// the station that programs it: the controller asks for the parts of a block one by one.
    pub(super) const fn is_pulled(&self) -> bool {
        matches!(self.function, Some(0x1b | 0x1c))
    }

    /// Whether the message is a question that an answer is expected to.
    pub(super) const fn asks(&self) -> bool {
        match (&self.body, self.rosctr) {
            (Body::Userdata(userdata), _) => matches!(userdata.kind, Kind::Request),
            (_, Rosctr::Job) => true,
            _ => false,
        }
    }

    /// The first code that says no, with its name.
    pub(super) fn refusal(&self) -> Option<(u32, &'static str)> {
        let error = match &self.body {
            Body::Userdata(userdata) => userdata.error,
            _ => self.error,
        };
        if let Some(error) = error.filter(|&error| error != 0) {
            return Some((error.into(), codes::error(error)));
        }
        let code = match &self.body {
            Body::Values(values) => values.codes().find(|&code| code != codes::SUCCESS),
            Body::Userdata(userdata) => userdata.refusal(),
            _ => None,
        };
        code.map(|code| (code.into(), codes::return_code(code)))
    }
}

/// What the parameters and data of a request say, once more: for the targets of its answer.
pub(super) fn asked<'a>(rosctr: Rosctr, parameters: &'a [u8], data: &'a [u8]) -> Body<'a> {
    if let (Rosctr::Job, [0x04 | 0x05, count, items @ ..]) = (rosctr, parameters) {
        let items = Items::remembered(*count, items);
        return Body::Items(items, Values::codes_only(0, &[]));
    }
    content(rosctr, &mut Reader::new(parameters), Reader::new(data))
        .map_or(Body::Bare, |(_, body)| body)
}

fn content<'a>(
    rosctr: Rosctr,
    parameters: &mut Reader<'a>,
    data: Reader<'a>,
) -> Result<(Option<u8>, Body<'a>), Malformed> {
    if rosctr == Rosctr::Userdata {
        let userdata = Userdata::parse(parameters, data)?;
        return Ok((None, Body::Userdata(userdata)));
    }
    if parameters.is_empty() {
        return Ok((None, Body::Bare));
    }
    let function = parameters.u8("function")?;
    let body = match rosctr {
        Rosctr::Job => job(function, parameters, data)?,
        _ => answer(function, parameters, data),
    };
    Ok((Some(function), body))
}

fn job<'a>(
    function: u8,
    parameters: &mut Reader<'a>,
    mut data: Reader<'a>,
) -> Result<Body<'a>, Malformed> {
    Ok(match function {
        0x04 | 0x05 => {
            let count = parameters.u8("item_count")?;
            let items = Items::parse(count, parameters)?;
            Body::Items(items, Values::with_data(count, data.rest()))
        }
        0x1a..=0x1f => Body::Transfer(Transfer::job(function, parameters)),
        0x28 => Body::Service(Service::start(parameters)),
        0x29 => Body::Service(Service::stop(parameters)),
        0xf0 => setup(parameters),
        _ => Body::Bare,
    })
}

fn answer<'a>(function: u8, parameters: &mut Reader<'a>, mut data: Reader<'a>) -> Body<'a> {
    // The same place holds the status of a transfer.
    let count = parameters.u8("item_count").unwrap_or(0);
    match function {
        0x04 => Body::Values(Values::with_data(count, data.rest())),
        0x05 => Body::Values(Values::codes_only(count, data.rest())),
        0x1d => Body::Transfer(Transfer::started(parameters)),
        0x1b | 0x1e => Body::Transfer(Transfer::part(count, data)),
        0xf0 => setup(parameters),
        _ => Body::Bare,
    }
}

/// The two job queues come before the size; an answer's reserved byte was read as its count.
fn setup<'a>(parameters: &Reader<'a>) -> Body<'a> {
    match parameters.peek() {
        [.., a, b, c, d, high, low] => Body::Setup {
            jobs: [u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d])],
            pdu_size: u16::from_be_bytes([*high, *low]),
        },
        _ => Body::Bare,
    }
}

/// How much a message of `len` bytes, of which some are shown, looks like S7comm: its lengths must
/// add up. `last` says that it is whole.
pub(super) fn likeness(shown: &[u8], len: usize, last: bool) -> Likeness {
    let rosctr = match shown {
        [_, code, ..] => Rosctr::of(*code),
        _ => return Likeness::Short,
    };
    let Some(rosctr) = rosctr else {
        return Likeness::Foreign;
    };
    match shown {
        [_, _, 0, 0, _, _, a, b, c, d, ..] => {
            let parameters = usize::from(u16::from_be_bytes([*a, *b]));
            let data = usize::from(u16::from_be_bytes([*c, *d]));
            let want = rosctr.header() + parameters + data;
            let fits = if last { want == len } else { want >= len };
            if fits {
                Likeness::Full
            } else {
                Likeness::Foreign
            }
        }
        [_, _] | [_, _, 0] | [_, _, 0, 0, ..] if len >= 10 => Likeness::Short,
        _ => Likeness::Foreign,
    }
}

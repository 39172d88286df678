//! Who client and server say they are.
//!
//! A client that opens a session names its host, application and user. The server answers with its order
//! number and firmware (`1;6ES7 215-1AG40-0XB0 ;V4.3`). Attribute 3753 of its identity object is the record I&M0 of
//! PROFIBUS and PROFINET (IEC 61158-6-10): vendor, order number, serial number, firmware.

use std::borrow::Cow;

use model::{Fact, Identity, Side, Unit};

use super::ids;
use super::message::Message;
use super::tree::Tree;
use crate::reader::Reader;

/// Siemens' number among the vendors of PROFIBUS.
const SIEMENS: u16 = 0x2a;

/// Shows every fact that a message states; `asked` is what it answers.
pub(super) fn facts(
    message: &Message<'_>,
    asked: Option<&Message<'_>>,
    unit: Option<Unit>,
    see: &mut dyn FnMut(Identity<'_>),
) {
    let mut tell = |of, fact, text: &str| {
        let value = printable(text);
        let unit = unit.filter(|_| of == Side::Server);
        if !value.is_empty() {
            see(Identity {
                of,
                unit,
                fact,
                value,
            });
        }
    };
    match message.head.opcode {
        Some(0x31) => client(message, &mut tell),
        Some(0x32 | 0x02) => {
            system(message, &mut tell);
            _ = identification(message, asked, &mut tell);
        }
        _ => {}
    }
}

type Tell<'a> = &'a mut dyn FnMut(Side, Fact, &str);

/// The host that a client which opens a session names.
pub(super) fn host<'a>(message: &Message<'a>) -> Option<&'a str> {
    attribute(message, 298).filter(|host| !host.is_empty())
}

fn attribute<'a>(message: &Message<'a>, id: u32) -> Option<&'a str> {
    if message.head.session != Some(ids::NO_SESSION) {
        return None;
    }
    Tree::new(message.body.tree).attribute(id)?.text()
}

fn client(message: &Message<'_>, tell: Tell<'_>) {
    // The name of a computer, before the number that engineering tools add; others put a sentence here.
    if let Some(host) = host(message)
        && !host.contains(|letter: char| !letter.is_alphanumeric() && !"-_.".contains(letter))
    {
        let bare = host.trim_end_matches(|letter: char| letter.is_ascii_digit());
        let bare = bare.strip_suffix('_').unwrap_or(host);
        tell(Side::Client, Fact::Name, bare);
    }
    if let Some(application) = attribute(message, 297) {
        tell(Side::Client, Fact::Application, application);
    }
}

fn system(message: &Message<'_>, tell: Tell<'_>) {
    let version = Tree::new(message.body.tree).attribute(ids::SESSION_VERSION);
    let system = version.and_then(|it| it.member(ids::SYSTEM));
    let Some(text) = system.and_then(|it| it.text()) else {
        return;
    };
    let mut fields = text.split(';').skip(1).map(str::trim);
    if let Some(model) = fields.next() {
        order(model, tell);
    }
    if let Some(version) = fields.next() {
        tell(Side::Server, Fact::Version, version);
    }
}

fn order(model: &str, tell: Tell<'_>) {
    if model.starts_with('6') {
        tell(Side::Server, Fact::Vendor, "Siemens");
    }
    tell(Side::Server, Fact::Model, model);
}

fn identification(
    message: &Message<'_>,
    asked: Option<&Message<'_>>,
    tell: Tell<'_>,
) -> Option<()> {
    let asked = asked?;
    let wanted = asked.body.attributes.iter().eq([ids::IDENTIFICATION]);
    if !wanted || asked.body.object != Some(ids::CPU_PROXY) {
        return None;
    }
    let record = message.body.values.of(1)?.bytes()?;
    module(Reader::new(record), tell).ok()
}

fn module(mut reader: Reader<'_>, tell: Tell<'_>) -> Result<(), model::Malformed> {
    reader.take("im0_block", 6)?;
    if reader.u16("im0_vendor")? != SIEMENS {
        return Ok(());
    }
    let model = text(reader.take("im0_order", 20)?);
    let serial = text(reader.take("im0_serial", 16)?);
    reader.u16("im0_hardware")?;
    let release = reader.u8("im0_release")?;
    let [major, minor, patch] = reader.array("im0_software")?;
    order(model, tell);
    tell(Side::Server, Fact::Serial, serial);
    if release == b'V' {
        tell(
            Side::Server,
            Fact::Version,
            &format!("V{major}.{minor}.{patch}"),
        );
    }
    Ok(())
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default().trim()
}

fn printable(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if text.contains(char::is_control) {
        text.chars().filter(|letter| !letter.is_control()).collect()
    } else {
        text.into()
    }
}

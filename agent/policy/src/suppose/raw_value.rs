//! From a value as people write it to the bytes that a write would carry.
//!
//! | target | value |
//! |---|---|
//! | registers | whole numbers, one for each register or one for all: `900`, `-5`, `1, 2, 3` |
//! | coils | `on`, `off`, `true`, `false`, `1`, `0` |
//! | S7 bytes | one number as wide as the run (1, 2, 4 or 8 bytes; with a fraction a REAL or LREAL), or one for each byte |
//! | a node | a number, `true`, `false`, or a text |
//! | a tag | a number in its unit, with or without the unit's word: `412 degC` |

use model::Element;

use super::words::Aim;
use super::{Put, Thing};
use crate::number::Decimal;
use crate::pattern::Refused;
use crate::tags::{Tag, cell_bytes};
use crate::values::{read_number, split_unit};

/// What a write of a value to a target carries.
pub(super) fn encode(aim: &Aim<'_>, text: &str) -> Result<Put, Refused> {
    if let Some(tag) = aim.tag {
        return of_tag(tag, text);
    }
    match &aim.thing {
        Thing::Cells {
            area, first, last, ..
        } => {
            let cells = usize::try_from(last - first + 1).unwrap_or(usize::MAX);
            if cells > MAX_CELLS {
                let what = format!("`{}` is longer than a write can be", aim.thing.target());
                return Err(refused(what, "write fewer cells"));
            }
            of_cells(area, cells, text)
        }
        Thing::Node { .. } => Ok(of_node(text)),
        thing @ (Thing::Block { .. } | Thing::Named { .. }) => {
            let what = format!("`{}` takes no value", thing.target());
            Err(refused(what, "leave `value` out"))
        }
    }
}

fn of_tag(tag: &Tag, text: &str) -> Result<Put, Refused> {
    if let Some(on) = truth(text) {
        return tag.encode(Decimal::from(u64::from(on)).number());
    }
    let (number, unit) = split_unit(text);
    if let Some(unit) = unit.filter(|unit| tag.unit.as_deref() != Some(unit)) {
        let what = format!("tag `{}` is not in `{unit}`", tag.name);
        let help = tag.unit.as_ref().map_or_else(
            || "leave the unit out: it has none".to_owned(),
            |own| format!("give the value in `{own}`"),
        );
        return Err(refused(what, help));
    }
    tag.encode(read_number(number)?)
}

fn of_cells(area: &str, cells: usize, text: &str) -> Result<Put, Refused> {
    let parts: Vec<_> = text.split(',').map(str::trim).collect();
    if parts.len() != 1 && parts.len() != cells {
        let what = format!("{} values for {cells} cell(s)", parts.len());
        return Err(refused(what, "give one for each cell, or one for all"));
    }
    let all = || parts.iter().copied().cycle().take(cells);
    match cell_bytes(area) {
        None => bits(all()),
        Some(1) if parts.len() == 1 => bytes(text, cells),
        Some(1) => {
            let each: Result<Vec<_>, _> = all().map(|part| integer(part, 1)).collect();
            Ok(Put::Bytes(each?.concat(), Element::Byte))
        }
        Some(width) => {
            let each: Result<Vec<_>, _> = all().map(|part| integer(part, width)).collect();
            Ok(Put::Words(each?.concat()))
        }
    }
}

fn bits<'t>(parts: impl Iterator<Item = &'t str>) -> Result<Put, Refused> {
    let (mut bytes, mut count) = (Vec::new(), 0_usize);
    for part in parts {
        let on = truth(part).ok_or_else(|| {
            let what = format!("`{part}` is no state of a bit");
            refused(what, "write `on` or `off`")
        })?;
        if count.is_multiple_of(8) {
            bytes.push(0);
        }
        if let Some(last) = bytes.last_mut() {
            *last |= u8::from(on) << (count % 8);
        }
        count += 1;
    }
    Ok(Put::Bits(bytes, count))
}

/// One number that fills so many bytes.
fn bytes(text: &str, width: usize) -> Result<Put, Refused> {
    let negative = text.starts_with('-');
    let fraction = text.contains(['.', 'e', 'E']);
    let element = match (width, negative, fraction) {
        (1, false, false) => Element::Byte,
        (1, true, false) => Element::SInt,
        (2, false, false) => Element::Word,
        (2, true, false) => Element::Int,
        (4, false, false) => Element::DWord,
        (4, true, false) => Element::DInt,
        (4, _, true) => Element::Real,
        (8, false, false) => Element::LWord,
        (8, true, false) => Element::LInt,
        (8, _, true) => Element::LReal,
        (1 | 2, _, true) => {
            let what = format!("`{text}` takes more than {width} byte(s)");
            return Err(refused(what, "a number with a fraction takes 4 or 8"));
        }
        _ => {
            let what = format!("no number takes {width} bytes");
            return Err(refused(what, "give one for each byte, parted by commas"));
        }
    };
    let no_number = |_| refused(format!("`{text}` is no number"), "such as `5` or `-20.5`");
    let bytes = match element {
        Element::Real => text.parse::<f32>().map_err(no_number)?.to_be_bytes().into(),
        Element::LReal => text.parse::<f64>().map_err(no_number)?.to_be_bytes().into(),
        _ => integer(text, width)?,
    };
    Ok(Put::Bytes(bytes, element))
}

/// A whole number, with or without a sign, as so many bytes, the most significant first.
fn integer(text: &str, width: usize) -> Result<Vec<u8>, Refused> {
    let bits = u32::try_from(width).unwrap_or(8) * 8;
    let (low, high) = (-(1_i128 << (bits - 1)), (1_i128 << bits) - 1);
    let number = text.parse::<i128>().ok();
    let number = number.filter(|number| (low..=high).contains(number));
    let number = number.ok_or_else(|| {
        let what = format!("`{text}` does not fit into {width} byte(s)");
        let help = format!("a whole number from {low} to {high}; for other types name a tag");
        refused(what, help)
    })?;
    let bytes = number.to_be_bytes();
    Ok(bytes
        .get(bytes.len() - width..)
        .unwrap_or_default()
        .to_vec())
}

fn of_node(text: &str) -> Put {
    match (
        text.parse::<i64>(),
        text.parse::<u64>(),
        text.parse::<f64>(),
    ) {
        _ if matches!(text, "true" | "false") => Put::Bool(text == "true"),
        (Ok(number), ..) => Put::Int(number),
        (_, Ok(number), _) => Put::UInt(number),
        (_, _, Ok(number)) => Put::Number(number),
        _ => Put::Text(text.to_owned()),
    }
}

fn truth(text: &str) -> Option<bool> {
    match text {
        "1" | "on" | "true" => Some(true),
        "0" | "off" | "false" => Some(false),
        _ => None,
    }
}

fn refused(what: String, help: impl Into<String>) -> Refused {
    Refused {
        what,
        help: Some(help.into()),
    }
}

/// The most cells that one message writes, with room: 1968 coils (MODBUS Application Protocol V1.1b3, 6.11).
const MAX_CELLS: usize = 4_096;

//! How members of a message become columns of a log.

use serde_json::{Number, Value};

use super::super::message::{escaped, unhex};
use super::super::row::Row;

/// A column: its name, the path of the member, how it is written.
pub(super) type Column = (&'static str, &'static str, Cell);

/// How a member is written.
#[derive(Clone, Copy)]
pub(super) enum Cell {
    /// As it is.
    Plain,
    /// A text that is not empty.
    Text,
    /// A text, also where it is empty or null.
    AnyText,
    /// A double as a whole number.
    Whole,
    /// A number as two hexadecimal digits.
    Hex8,
    /// A number as eight hexadecimal digits.
    Hex32,
    /// The number of an enumeration.
    Code,
    /// The word of an enumeration.
    Word,
    /// A moment.
    Time,
    /// The first bytes as hexadecimal digits, where there are any.
    Bytes,
    /// The bytes themselves, also where there are none.
    Raw,
    /// How many bytes there are, where there are any.
    Length,
    /// How many bytes there are; -1 where there is no list of them.
    AnyLength,
    /// A node identifier, whose parts have columns of their own.
    Node(&'static [&'static str]),
}

/// A member by its path.
pub(super) fn member<'v>(of: &'v Value, path: &str) -> Option<&'v Value> {
    let found = match path {
        "" => Some(of),
        _ => path.split('.').try_fold(of, |object, key| object.get(key)),
    };
    found.filter(|value| !value.is_null())
}

/// A list by its path; empty where there is none.
pub(super) fn list<'v>(of: &'v Value, path: &str) -> &'v [Value] {
    member(of, path)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// Sets the columns that the members of `of` have something for.
pub(super) fn fill(row: &mut Row, of: &Value, columns: &[Column]) {
    for (name, path, cell) in columns {
        match (cell, member(of, path)) {
            (Cell::Node(names), Some(node)) => set_node(row, node, names),
            (Cell::AnyText | Cell::Raw, None) => row.set(name, ""),
            (Cell::AnyLength, None) => row.set(name, -1),
            (_, Some(value)) => row.maybe(name, cell.written(value)),
            (_, None) => {}
        }
    }
}

impl Cell {
    fn written(self, value: &Value) -> Option<Value> {
        let length = || member(value, "length");
        Some(match self {
            Self::Plain | Self::AnyText => value.clone(),
            Self::Text => return value.as_str().filter(|it| !it.is_empty()).map(Value::from),
            Self::Whole => Value::from(value.as_f64()? as u64),
            Self::Hex8 => Value::from(format!("0x{:02x}", value.as_u64()?)),
            Self::Hex32 => Value::from(format!("0x{:08x}", value.as_u64()?)),
            Self::Code => Value::from(code(value)?),
            Self::Word => Value::from(word(value)?),
            Self::Time => seconds(value.as_str()?)?,
            Self::Bytes => Value::from(clipped(value)?),
            Self::Raw => Value::from(escaped(&unhex(digits(value)?)?)),
            Self::Length => length()?.as_u64().filter(|length| *length > 0)?.into(),
            Self::AnyLength => length()?.clone(),
            Self::Node(_) => return None,
        })
    }
}

/// The number of an enumeration, which is shown as `Name_1`.
pub(super) fn code(value: &Value) -> Option<u64> {
    let text = value.as_str()?;
    let digits = text.rsplit_once('_').map_or(text, |(_, digits)| digits);
    digits.parse().ok()
}

fn word(value: &Value) -> Option<&str> {
    let text = value.as_str()?;
    text.rsplit_once('_').map(|(word, _)| word)
}

fn digits(value: &Value) -> Option<&str> {
    Some(member(value, "hex")?.as_str()?.trim_end_matches('…'))
}

/// The first bytes, as many as ICSNPP shows.
fn clipped(value: &Value) -> Option<String> {
    const SHOWN: usize = 24;
    let digits = digits(value).filter(|digits| !digits.is_empty())?;
    Some(match digits.get(..2 * SHOWN) {
        Some(first) if first.len() < digits.len() => format!("0x{first}..."),
        _ => format!("0x{digits}"),
    })
}

/// Sets the parts of a node identifier: mask, namespace, number, text, GUID, bytes, and where the names go on, the
/// namespace's URI and the server.
fn set_node(row: &mut Row, node: &Value, names: &[&'static str]) {
    let paths = [
        ("encodingMask", Cell::Hex8),
        ("namespaceIndex", Cell::Plain),
        ("numeric", Cell::Plain),
        ("string", Cell::Text),
        ("guid", Cell::Plain),
        ("opaque", Cell::Plain),
        ("namespaceUri", Cell::Text),
        ("serverIndex", Cell::Plain),
    ];
    for (name, (path, cell)) in names.iter().copied().zip(paths) {
        fill(row, node, &[(name, path, cell)]);
    }
}

/// A moment in seconds since 1970, from its text; what no calendar shows is in 100 ns since 1601.
pub(super) fn seconds(text: &str) -> Option<Value> {
    const FROM_1601_TO_1970: f64 = 11_644_473_600.0;
    if let Ok(ticks) = text.parse::<i64>() {
        return Number::from_f64(ticks as f64 / 1e7 - FROM_1601_TO_1970).map(Value::Number);
    }
    let (date, time) = text.trim_end_matches('Z').split_once('T')?;
    let mut date = date.rsplitn(3, '-');
    let (day, month) = (number(date.next())?, number(date.next())?);
    let year = number(date.next())?;
    let mut time = time.splitn(3, ':');
    let (hour, minute) = (number(time.next())?, number(time.next())?);
    let second: f64 = time.next()?.parse().ok()?;
    let whole = (days(year, month, day) * 24 + hour) * 3600 + minute * 60;
    let seconds = (whole as f64 + second) * 1e6;
    Number::from_f64(seconds.round() / 1e6).map(Value::Number)
}

fn number(text: Option<&str>) -> Option<i64> {
    text?.parse().ok()
}

/// Days since 1970 in the Gregorian calendar; years begin in March, so that a leap day ends one.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leap_days + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn moments_are_seconds_since_1970() {
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some(json!(0.0)));
        let leap = seconds("2024-02-29T12:30:01.250000000Z");
        assert_eq!(leap, Some(json!(1_709_209_801.25)));
        let never = seconds("1601-01-01T00:00:00Z");
        assert_eq!(never, Some(json!(-11_644_473_600.0)));
        assert_eq!(seconds("0"), never);
        assert_eq!(seconds("soon"), None);
    }

    #[test]
    fn bytes_are_shown_as_far_as_icsnpp_shows_them() {
        let short = json!({"length": 2, "hex": "0aff"});
        assert_eq!(Cell::Bytes.written(&short), Some(json!("0x0aff")));
        let long = json!({"length": 40, "hex": "ab".repeat(40)});
        let want = format!("0x{}...", "ab".repeat(24));
        assert_eq!(Cell::Bytes.written(&long), Some(json!(want)));
        assert_eq!(Cell::Bytes.written(&json!({"length": 0, "hex": ""})), None);
    }

    #[test]
    fn enumerations_are_number_and_word() {
        let both = json!("Both_2");
        assert_eq!(Cell::Code.written(&both), Some(json!(2)));
        assert_eq!(Cell::Word.written(&both), Some(json!("Both")));
        assert_eq!(Cell::Code.written(&json!("7")), Some(json!(7)));
    }
}

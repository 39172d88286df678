//! A short text on the stack, so that asking what is known costs no memory.

use std::fmt::{self, Write};

/// At most [`Text::LIMIT`] bytes of printable text.
///
/// What is longer is cut and ends in `~` and a number that stands for the rest, so that two long
/// texts of one beginning stay two. Control characters are written as escapes.
#[derive(Clone)]
pub(crate) struct Text {
    // INVARIANT: the first `len` bytes are whole characters of UTF-8, and `len <= LIMIT`.
    bytes: [u8; Self::LIMIT],
    len: usize,
    /// The hash of what did not fit.
    rest: Option<u64>,
}

impl Text {
    /// How long a text can be.
    const LIMIT: usize = 200;

    /// The end of what may be written, so that the number of the rest still fits.
    const ROOM: usize = Self::LIMIT - 17;

    /// The text of a thing.
    pub(crate) fn of(thing: impl fmt::Display) -> Self {
        let mut text = Self {
            bytes: [0; Self::LIMIT],
            len: 0,
            rest: None,
        };
        // Writing here does not fail.
        let _ = write!(text, "{thing}");
        text.seal();
        text
    }

    pub(crate) fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..self.len).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// Adds the number of what did not fit.
    fn seal(&mut self) {
        if let Some(rest) = self.rest.take() {
            self.push('~');
            for place in (0..16).rev() {
                let digit = u32::try_from(rest >> (place * 4) & 0xf).unwrap_or_default();
                self.push(char::from_digit(digit, 16).unwrap_or('0'));
            }
        }
    }

    /// Adds a character where the array has room for it.
    fn push(&mut self, letter: char) -> bool {
        let end = self.len + letter.len_utf8();
        let room = self.bytes.get_mut(self.len..end);
        let fits = room.map(|room| letter.encode_utf8(room)).is_some();
        self.len = if fits { end } else { self.len };
        fits
    }

    fn add(&mut self, letter: char) {
        if self.rest.is_none() && self.len + letter.len_utf8() <= Self::ROOM {
            self.push(letter);
        } else {
            // FNV-1a: the number is written to files, so it must never change.
            let rest = self.rest.unwrap_or(0xcbf2_9ce4_8422_2325);
            let mixed = (rest ^ u64::from(letter)).wrapping_mul(0x0000_0100_0000_01b3);
            self.rest = Some(mixed);
        }
    }
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for letter in text.chars() {
            if letter.is_control() {
                letter.escape_default().for_each(|letter| self.add(letter));
            } else {
                self.add(letter);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_stays_as_it_is_and_control_characters_show() {
        assert_eq!(Text::of("ns=2;s=Pumpe 1°").as_str(), "ns=2;s=Pumpe 1°");
        assert_eq!(Text::of("a\n\tb").as_str(), "a\\n\\tb");
    }

    #[test]
    fn long_texts_are_cut_and_stay_apart() {
        let long = |end: &str| {
            Text::of(format!("{}{end}", "ä".repeat(300)))
                .as_str()
                .to_owned()
        };
        assert_ne!(long("1"), long("2"));
        assert_eq!(long("1"), long("1"));
        assert!(long("1").len() <= Text::LIMIT);
        assert!(long("1").starts_with("ää"));
    }
}

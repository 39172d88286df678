//! The one way to read a message: a cursor that cannot panic and names every field it reads.

use model::Malformed;

/// A cursor over the bytes of one message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    // INVARIANT: `rest` is a suffix of the message that starts at byte `offset`.
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    /// Reads `bytes` from their start.
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            offset: 0,
        }
    }

    /// Reads `bytes` that stand at `offset` within their message.
    pub(crate) const fn at(bytes: &'a [u8], offset: usize) -> Self {
        Self {
            rest: bytes,
            offset,
        }
    }

    /// How many bytes are left.
    pub(crate) const fn left(&self) -> usize {
        self.rest.len()
    }

    /// Whether nothing is left.
    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Where the cursor stands within the message.
    pub(crate) const fn offset(&self) -> usize {
        self.offset
    }

    /// What is left, without moving.
    pub(crate) const fn peek(&self) -> &'a [u8] {
        self.rest
    }

    /// All that is left.
    pub(crate) fn rest(&mut self) -> &'a [u8] {
        let rest = std::mem::take(&mut self.rest);
        self.offset += rest.len();
        rest
    }

    /// The next `len` bytes.
    pub(crate) fn take(&mut self, field: &'static str, len: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self
            .rest
            .split_at_checked(len)
            .ok_or_else(|| self.short(field))?;
        self.rest = rest;
        self.offset += len;
        Ok(taken)
    }

    /// The next `N` bytes.
    pub(crate) fn array<const N: usize>(
        &mut self,
        field: &'static str,
    ) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self
            .rest
            .split_first_chunk()
            .ok_or_else(|| self.short(field))?;
        self.rest = rest;
        self.offset += N;
        Ok(*taken)
    }

    /// A cursor over the next `len` bytes.
    pub(crate) fn sub(&mut self, field: &'static str, len: usize) -> Result<Self, Malformed> {
        let offset = self.offset;
        self.take(field, len).map(|rest| Self { rest, offset })
    }

    /// One byte.
    pub(crate) fn u8(&mut self, field: &'static str) -> Result<u8, Malformed> {
        self.array(field).map(|[byte]| byte)
    }

    /// Two bytes, most significant first.
    pub(crate) fn u16(&mut self, field: &'static str) -> Result<u16, Malformed> {
        self.array(field).map(u16::from_be_bytes)
    }

    /// Two bytes, least significant first.
    pub(crate) fn u16_le(&mut self, field: &'static str) -> Result<u16, Malformed> {
        self.array(field).map(u16::from_le_bytes)
    }

    /// Three bytes, most significant first.
    pub(crate) fn u24(&mut self, field: &'static str) -> Result<u32, Malformed> {
        self.array(field)
            .map(|[a, b, c]| u32::from_be_bytes([0, a, b, c]))
    }

    /// Four bytes, most significant first.
    pub(crate) fn u32(&mut self, field: &'static str) -> Result<u32, Malformed> {
        self.array(field).map(u32::from_be_bytes)
    }

    /// Four bytes, least significant first.
    pub(crate) fn u32_le(&mut self, field: &'static str) -> Result<u32, Malformed> {
        self.array(field).map(u32::from_le_bytes)
    }

    /// Eight bytes, least significant first.
    pub(crate) fn u64_le(&mut self, field: &'static str) -> Result<u64, Malformed> {
        self.array(field).map(u64::from_le_bytes)
    }

    /// A complaint about the field at the cursor.
    pub(crate) const fn malformed(&self, field: &'static str, why: &'static str) -> Malformed {
        Malformed {
            field,
            offset: self.offset,
            why,
        }
    }

    const fn short(&self, field: &'static str) -> Malformed {
        self.malformed(field, "the message ends before it")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_move_on_and_name_what_is_missing() {
        let mut reader = Reader::new(&[1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(reader.u8("a"), Ok(1));
        assert_eq!(reader.u16("b"), Ok(0x0203));
        assert_eq!(reader.u16_le("c"), Ok(0x0504));
        let want = Malformed {
            field: "d",
            offset: 5,
            why: "the message ends before it",
        };
        assert_eq!(reader.u32("d"), Err(want));
        assert_eq!(reader.left(), 2, "a failed read takes nothing");
        assert_eq!(reader.rest(), [6, 7]);
        assert!(reader.is_empty());
    }

    #[test]
    fn a_sub_reader_keeps_the_offset_of_its_message() {
        let mut reader = Reader::new(&[0; 10]);
        reader.take("head", 4).unwrap();
        let mut body = reader.sub("body", 3).unwrap();
        body.take("x", 3).unwrap();
        assert_eq!(body.u8("y").unwrap_err().offset, 7);
        assert_eq!(reader.offset(), 7);
    }
}

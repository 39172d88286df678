//! Quantities of variable length: seven bits a byte, most significant first, while the top bit is set.
//!
//! Eight bytes of seven bits leave eight bits of a 64-bit number, so a ninth byte counts whole. Of signed
//! quantities the first byte's bit 6 is the sign.

use model::Malformed;

use crate::reader::Reader;

/// An unsigned number of 32 bits, in up to five bytes.
pub(super) fn u32(reader: &mut Reader<'_>, field: &'static str) -> Result<u32, Malformed> {
    let (value, _) = septets(reader, field, 5)?;
    value
        .ok_or_else(|| reader.malformed(field, "longer than five bytes"))
        .map(|value| value as u32)
}

/// An unsigned number of 64 bits, in up to nine bytes.
pub(super) fn u64(reader: &mut Reader<'_>, field: &'static str) -> Result<u64, Malformed> {
    match septets(reader, field, 8)? {
        (Some(value), _) => Ok(value),
        (None, high) => Ok(high << 8 | u64::from(reader.u8(field)?)),
    }
}

/// A signed number, of 32 bits in up to five bytes or of 64 bits in up to nine.
pub(super) fn signed(
    reader: &mut Reader<'_>,
    field: &'static str,
    wide: bool,
) -> Result<i64, Malformed> {
    let before = reader.left();
    let negative = reader.peek().first().is_some_and(|byte| byte & 0x40 != 0);
    let value = if wide {
        u64(reader, field)?
    } else {
        u32(reader, field)?.into()
    };
    let bits = match before - reader.left() {
        9.. => 64,
        len => len * 7,
    };
    let sign = u64::MAX.checked_shl(bits as u32).unwrap_or(0);
    Ok(if negative { value | sign } else { value } as i64)
}

/// Up to `most` bytes of seven bits: the number where the last of them ends it, and its bits so far.
fn septets(
    reader: &mut Reader<'_>,
    field: &'static str,
    most: usize,
) -> Result<(Option<u64>, u64), Malformed> {
    let mut value = 0;
    for _ in 0..most {
        let byte = reader.u8(field)?;
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok((Some(value), value));
        }
    }
    Ok((None, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsigned_quantities_read_as_independent_drivers_write_them() {
        for (bytes, value) in [
            (&[0x00][..], 0),
            (&[0x7f], 0x7f),
            (&[0x84, 0x40], 0x240),
            (&[0x88, 0xd0, 0xb8, 0x80, 0x02], 0x8a0e_0002),
            (&[0x8f, 0xff, 0xff, 0xff, 0x7f], 0xffff_ffff),
        ] {
            assert_eq!(u32(&mut Reader::new(bytes), "x"), Ok(value), "{bytes:02x?}");
            assert_eq!(u64(&mut Reader::new(bytes), "x"), Ok(value.into()));
        }
        let long = [0xc0, 0x88, 0x95, 0xb0, 0x80, 0xe7, 0xb3, 0xff, 0xf4];
        let read = u64(&mut Reader::new(&long), "x");
        assert_eq!(read, Ok(0x8020_ab00_19d9_fff4));
        assert!(u32(&mut Reader::new(&[0x80; 9]), "x").is_err());
        assert!(u64(&mut Reader::new(&[0x80; 8]), "x").is_err());
    }

    #[test]
    fn signed_quantities_extend_the_sign_of_their_first_byte() {
        for (bytes, wide, value) in [
            (&[0x03][..], false, 3),
            (&[0x7f], false, -1),
            (&[0xfe, 0x01], false, -255),
            (&[0xff, 0xb4, 0xd2, 0x79], false, -1_234_567),
            (&[0x80, 0x40], false, 64),
            (&[0xff; 9], true, -1),
            (
                &[0x80, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
                true,
                0x01ff_ffff_ffff_ffff,
            ),
        ] {
            let read = signed(&mut Reader::new(bytes), "x", wide);
            assert_eq!(read, Ok(value), "{bytes:02x?}");
        }
    }
}

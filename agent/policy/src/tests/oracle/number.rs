//! Numbers as the documentation means them: decimals, compared exactly. In steps of a millionth of a millionth.
//!
//! What is larger than fits, as floating-point numbers can be, stays at the largest: no limit is near it.

use std::fmt;

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Fixed(pub(super) i128);

pub(super) const ONE: i128 = 1_000_000_000_000;

impl Fixed {
    /// The number that a decimal text is; what has more than twelve places is cut.
    pub(super) fn read(text: &str) -> Self {
        let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let fraction: String = fraction
            .chars()
            .chain("000000000000".chars())
            .take(12)
            .collect();
        let whole: i128 = whole.parse().unwrap_or(i128::MAX);
        let fraction: i128 = fraction.parse().unwrap();
        Self(sign * whole.saturating_mul(ONE).saturating_add(fraction))
    }

    /// The shortest decimal that stands for a number of single precision; none of what is no number.
    pub(super) fn single(number: f32) -> Option<Self> {
        number.is_finite().then(|| Self::read(&format!("{number}")))
    }

    /// The same of double precision.
    pub(super) fn double(number: f64) -> Option<Self> {
        number.is_finite().then(|| Self::read(&format!("{number}")))
    }

    pub(super) const fn whole(number: i128) -> Self {
        Self(number.saturating_mul(ONE))
    }

    /// `self * scale + offset`, for scales with at most six places.
    pub(super) const fn scaled(self, scale: Self, offset: Self) -> Self {
        let scaled = self.0.saturating_mul(scale.0 / 1_000_000) / 1_000_000;
        Self(scaled.saturating_add(offset.0))
    }
}

impl fmt::Display for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let size = self.0.unsigned_abs();
        let (whole, fraction) = (size / ONE.unsigned_abs(), size % ONE.unsigned_abs());
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        let fraction = format!("{fraction:012}");
        write!(f, "{sign}{whole}.{}", fraction.trim_end_matches('0'))
    }
}

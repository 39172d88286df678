//! Numbers as people write limits: decimals, compared exactly.
//!
//! A [`Number`] is a whole multiple of 10^-12 between -10^26 and 10^26. So every integer of 64 bits and every
//! decimal with up to 12 places is itself, `0.1` times three is `0.3`, and comparing never rounds. What is
//! finer than 10^-12 is rounded to the nearest step, what is larger than 10^26 counts as that; limits that would
//! be rounded are refused where they are read. What is no number on the wire (NaN, infinities) makes none.
//!
//! A floating-point number counts as the shortest decimal that stands for it, which is what operator stations show:
//! a written float32 `0.1` is within a limit of `0.1`, although its bits mean 0.100000001490116.

use std::fmt::{self, Write};

/// A number between -10^26 and 10^26 in steps of 10^-12.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
// INVARIANT: -LIMIT <= 0 <= LIMIT, in steps.
pub(crate) struct Number(i128);

/// A decimal as it was written or measured: `digits` times ten to the power of `exponent`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
// INVARIANT: digits and exponent of what was measured fit into 65 bits and four decimal digits.
pub(crate) struct Decimal {
    digits: i128,
    exponent: i32,
}

impl Number {
    /// The lowest number, which stands for everything below it.
    pub(crate) const MIN: Self = Self(-LIMIT);

    /// The highest number, which stands for everything above it.
    pub(crate) const MAX: Self = Self(LIMIT);

    pub(crate) const ZERO: Self = Self(0);

    /// The next higher number, if there is one.
    pub(crate) fn next(self) -> Option<Self> {
        Some(Self(self.0 + 1)).filter(|next| *next <= Self::MAX)
    }

    /// The next lower number, if there is one.
    pub(crate) fn previous(self) -> Option<Self> {
        Some(Self(self.0 - 1)).filter(|previous| *previous >= Self::MIN)
    }

    /// The sum, within bounds.
    pub(crate) fn plus(self, other: Self) -> Self {
        bounded(self.0.saturating_add(other.0))
    }

    /// The difference, within bounds.
    pub(crate) fn minus(self, other: Self) -> Self {
        bounded(self.0.saturating_sub(other.0))
    }

    /// The number in the middle between this and another, about.
    pub(crate) const fn halfway(self, other: Self) -> Self {
        Self(self.0 / 2 + other.0 / 2)
    }

    /// The lowest number that is not below this one and has at most `places` decimals.
    pub(crate) fn rounded_up(self, places: u32) -> Self {
        let step = power(PLACES.saturating_sub(places));
        let rest = self.0.rem_euclid(step);
        bounded(if rest == 0 {
            self.0
        } else {
            self.0 - rest + step
        })
    }

    /// The highest number that is not above this one and has at most `places` decimals.
    pub(crate) fn rounded_down(self, places: u32) -> Self {
        let step = power(PLACES.saturating_sub(places));
        bounded(self.0 - self.0.rem_euclid(step))
    }
}

impl Decimal {
    pub(crate) const ONE: Self = Self {
        digits: 1,
        exponent: 0,
    };

    /// Reads `5`, `-20`, `380.5`, `1.5e-3`: digits on both sides of a point, at most 38 that matter.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (plain, exponent) = match text.split_once(['e', 'E']) {
            Some((plain, exponent)) => (plain, exponent.parse().ok()?),
            None => (text, 0_i32),
        };
        let unsigned = plain.strip_prefix(['-', '+']).unwrap_or(plain);
        let (whole, fraction) = match unsigned.split_once('.') {
            Some((_, "")) => return None,
            Some((whole, fraction)) => (whole, fraction.trim_end_matches('0')),
            None => (unsigned, ""),
        };
        let sound = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !sound(whole) || !sound(fraction) || exponent.abs() > MAX_EXPONENT {
            return None;
        }
        let digits = whole.chars().chain(fraction.chars());
        let digits = digits.filter_map(|digit| digit.to_digit(10));
        let digits = digits
            .map(i128::from)
            .try_fold(0_i128, |sum, digit| sum.checked_mul(10)?.checked_add(digit))?;
        Some(Self {
            digits: if plain.starts_with('-') {
                -digits
            } else {
                digits
            },
            exponent: exponent - i32::try_from(fraction.len()).ok()?,
        })
    }

    /// The shortest decimal that stands for a finite number.
    pub(crate) fn of_f64(number: f64) -> Option<Self> {
        Self::shown(number.is_finite(), &number)
    }

    /// The shortest decimal that stands for a finite number of single precision.
    pub(crate) fn of_f32(number: f32) -> Option<Self> {
        Self::shown(number.is_finite(), &number)
    }

    /// The same for a number that may have been of single precision before it was widened: it counts as single where
    /// nothing is lost by that and whole numbers are exact. Next to such a number the order of fractions beyond the
    /// seventh digit is not kept.
    pub(crate) fn of_either(number: f64) -> Option<Self> {
        let single = number as f32;
        if f64::from(single) == number && number.abs() < WHOLE_IN_SINGLE {
            Self::of_f32(single)
        } else {
            Self::of_f64(number)
        }
    }

    fn shown(finite: bool, number: &dyn fmt::LowerExp) -> Option<Self> {
        let mut text = Short::default();
        write!(text, "{number:e}").ok()?;
        Self::read(text.as_str()?).filter(|_| finite)
    }

    /// The nearest number.
    pub(crate) fn number(self) -> Number {
        steps(self.digits, self.exponent).0
    }

    /// The number, where it is one without rounding.
    pub(crate) fn exactly(self) -> Option<Number> {
        let (number, exact) = steps(self.digits, self.exponent);
        exact.then_some(number)
    }

    /// The product with a factor that [is one](Self::is_factor), rounded once.
    pub(crate) fn times(self, factor: Self) -> Number {
        let digits = self.digits.saturating_mul(factor.digits);
        steps(digits, self.exponent + factor.exponent).0
    }

    /// Whether the product of this with what was measured is never out of range before it is rounded.
    pub(crate) const fn is_factor(self) -> bool {
        self.digits != 0 && self.digits.unsigned_abs() < 1_000_000_000_000_000_000
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self {
            digits: number.into(),
            exponent: 0,
        }
    }
}

impl From<u64> for Decimal {
    fn from(number: u64) -> Self {
        Self {
            digits: number.into(),
            exponent: 0,
        }
    }
}

/// `digits` times ten to the power of `exponent` in steps, and whether that is all of it.
fn steps(digits: i128, exponent: i32) -> (Number, bool) {
    let shift = exponent + PLACES.cast_signed();
    if digits == 0 || shift < -MAX_POWER {
        return (Number(0), digits == 0);
    }
    if shift >= 0 {
        let whole = digits.checked_mul(power(shift.unsigned_abs()));
        let whole = whole.filter(|_| shift <= MAX_POWER);
        let number = whole.map_or_else(|| bounded(digits.signum() * i128::MAX), bounded);
        return (number, whole == Some(number.0));
    }
    let divisor = power(shift.unsigned_abs());
    let (whole, rest) = (digits / divisor, digits % divisor);
    let away = if rest.abs() >= divisor - rest.abs() {
        digits.signum()
    } else {
        0
    };
    let number = bounded(whole + away);
    (number, rest == 0 && number.0 == whole)
}

/// Ten to a power that is at most [`MAX_POWER`].
fn power(of: u32) -> i128 {
    10_i128.checked_pow(of).unwrap_or(i128::MAX)
}

fn bounded(steps: i128) -> Number {
    Number(steps.clamp(-LIMIT, LIMIT))
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_char('-')?;
        }
        if size == LIMIT.unsigned_abs() {
            return f.write_str("1e26");
        }
        let (whole, mut fraction) = (size / ONE, size % ONE);
        write!(f, "{whole}")?;
        if fraction == 0 {
            return Ok(());
        }
        let mut width = 12_usize;
        while fraction.is_multiple_of(10) {
            (fraction, width) = (fraction / 10, width - 1);
        }
        write!(f, ".{fraction:0width$}")
    }
}

/// The number that a plain decimal is.
pub(crate) fn read_plain(text: &str) -> Option<Number> {
    Decimal::read(text)?.exactly()
}

/// A text as long as the longest floating-point number in scientific form, without a heap.
#[derive(Default)]
struct Short {
    bytes: [u8; 32],
    // INVARIANT: used <= 32.
    used: usize,
}

impl Short {
    fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.bytes.get(..self.used)?).ok()
    }
}

impl Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.used + text.len();
        let place = self.bytes.get_mut(self.used..end).ok_or(fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.used = end;
        Ok(())
    }
}

/// The decimal places of a step.
const PLACES: u32 = 12;

/// The steps of one.
const ONE: u128 = 1_000_000_000_000;

/// The steps of the highest number.
const LIMIT: i128 = 100_000_000_000_000_000_000_000_000_000_000_000_000;

/// The highest power of ten that fits.
const MAX_POWER: i32 = 38;

/// The largest exponent that is read, beyond those of floating-point numbers.
const MAX_EXPONENT: i32 = 400;

/// Below this every whole number is one of single precision, 2^24.
const WHOLE_IN_SINGLE: f64 = 16_777_216.0;

#[cfg(test)]
mod tests;

//! How an interface of a pcapng section counts time: `if_tsresol` and `if_tsoffset`
//! (draft-ietf-opsawg-pcapng, 4.2).

use model::Timestamp;

use crate::record::Order;

/// Turns the units of one interface into capture time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Clock {
    unit: Unit,
    /// Nanoseconds to add to every time.
    offset_nanos: i64,
}

/// How long a unit is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Unit {
    /// So many nanoseconds.
    Nanos(u64),
    /// So many of them are a nanosecond.
    PerNano(u64),
    /// So many powers of two of them are a second.
    PerSecond(u8),
}

impl Clock {
    /// Microseconds since 1970, unless the options of an interface say otherwise. Options that
    /// are cut short end the list.
    pub(super) fn from_options(order: Order, mut options: &[u8]) -> Self {
        let mut clock = Self {
            unit: Unit::Nanos(1_000),
            offset_nanos: 0,
        };
        while let Some((code, value, rest)) = option(order, options) {
            match (code, value) {
                (RESOLUTION, &[resolution]) => clock.unit = Unit::new(resolution),
                (OFFSET, &[a, b, c, d, e, f, g, h]) => {
                    clock.offset_nanos = offset_nanos(order, [a, b, c, d], [e, f, g, h]);
                }
                _ => {}
            }
            options = rest;
        }
        clock
    }

    /// The moment `ticks` units after the start of the count.
    #[inline]
    pub(super) fn time(&self, ticks: u64) -> Timestamp {
        let nanos = match self.unit {
            Unit::Nanos(nanos) => ticks.saturating_mul(nanos),
            Unit::PerNano(units) => ticks / units,
            Unit::PerSecond(power) => binary_nanos(ticks, power),
        };
        let nanos = i64::try_from(nanos).unwrap_or(i64::MAX);
        Timestamp::from_nanos(nanos.saturating_add(self.offset_nanos))
    }
}

impl Unit {
    /// The unit that the byte of `if_tsresol` stands for: a negative power of ten, or of two where
    /// the highest bit is set.
    fn new(resolution: u8) -> Self {
        let power = resolution & 0x7f;
        match power.checked_sub(9) {
            _ if resolution & 0x80 != 0 => Self::PerSecond(power),
            None | Some(0) => Self::Nanos(10_u64.saturating_pow(u32::from(9 - power))),
            Some(finer) => Self::PerNano(10_u64.saturating_pow(u32::from(finer))),
        }
    }
}

fn binary_nanos(ticks: u64, power: u8) -> u64 {
    let nanos = (u128::from(ticks) * 1_000_000_000) >> power.min(127);
    u64::try_from(nanos).unwrap_or(u64::MAX)
}

/// The next option: its code, its value, and what follows it.
fn option(order: Order, options: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (head, rest) = options.split_first_chunk()?;
    let (code, len) = order.halves(*head);
    let len = usize::from(len);
    let value = rest.get(..len).filter(|_| code != END)?;
    Some((code, value, rest.get(len.next_multiple_of(4)..)?))
}

/// Seconds as the two words of a signed number, in nanoseconds.
fn offset_nanos(order: Order, first: [u8; 4], second: [u8; 4]) -> i64 {
    let (first, second) = (order.u32(first), order.u32(second));
    let (high, low) = match order {
        Order::Little => (second, first),
        Order::Big => (first, second),
    };
    let seconds = (u64::from(high) << 32 | u64::from(low)).cast_signed();
    seconds.saturating_mul(1_000_000_000)
}

/// Option codes.
const END: u16 = 0;
const RESOLUTION: u16 = 9;
const OFFSET: u16 = 14;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(options: &[u8], ticks: u64, nanos: i64) {
        let clock = Clock::from_options(Order::Little, options);
        assert_eq!(clock.time(ticks).as_nanos(), nanos, "{options:02x?}");
    }

    #[test]
    fn a_clock_counts_in_the_unit_that_its_interface_names() {
        check(&[], 7, 7_000);
        check(&[9, 0, 1, 0, 9, 0, 0, 0], 7, 7);
        check(&[9, 0, 1, 0, 3, 0, 0, 0], 7, 7_000_000);
        check(&[9, 0, 1, 0, 0, 0, 0, 0], 7, 7_000_000_000);
        check(&[9, 0, 1, 0, 12, 0, 0, 0], 7_999, 7);
        check(&[9, 0, 1, 0, 0x80 | 1, 0, 0, 0], 3, 1_500_000_000);
        check(&[9, 0, 1, 0, 0x80 | 32, 0, 0, 0], 1 << 31, 500_000_000);
    }

    #[test]
    fn a_clock_is_set_off_by_the_seconds_that_its_interface_names() {
        check(&[14, 0, 8, 0, 2, 0, 0, 0, 0, 0, 0, 0], 1, 2_000_001_000);
        check(
            &[14, 0, 8, 0, 255, 255, 255, 255, 255, 255, 255, 255],
            1_000_000,
            0,
        );
    }

    #[test]
    fn other_options_are_passed_over_and_broken_ones_end_the_list() {
        let name = [2, 0, 3, 0, b'e', b't', b'h', 0];
        let nanos = [9, 0, 1, 0, 9, 0, 0, 0];
        check(&[name, nanos].concat(), 7, 7);
        check(&[&name[..], &[0; 4], &nanos].concat(), 7, 7_000);
        check(&[&name[..5], &nanos].concat(), 7, 7_000);
        check(&[9, 0, 1, 0], 7, 7_000);
    }

    #[test]
    fn times_beyond_the_end_of_time_are_the_end_of_time() {
        check(&[], u64::MAX, i64::MAX);
        check(&[9, 0, 1, 0, 127, 0, 0, 0], u64::MAX - 1, 0);
        check(&[9, 0, 1, 0, 255, 0, 0, 0], u64::MAX - 1, 0);
    }
}

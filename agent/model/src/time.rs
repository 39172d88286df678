//! Capture time.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A moment in capture time, as nanoseconds since 1970-01-01T00:00:00Z.
///
/// Shown and serialised as RFC 3339 in UTC with nine decimals.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `nanos` nanoseconds after the epoch.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// The moment as nanoseconds since the epoch.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// The time from `earlier` to this moment; zero where the clock went backwards.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Whether the clock was set back between `earlier` and this moment: by a second or more, which is more than frames
    /// come out of order.
    pub fn is_set_back(self, earlier: Self) -> bool {
        earlier.since(self) >= SET_BACK
    }

    /// The moment `duration` later, as late as can be told at most.
    pub fn after(self, duration: Duration) -> Self {
        let nanos = i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(nanos))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment =
            jiff::Timestamp::from_nanosecond(i128::from(self.0)).map_err(|_| fmt::Error)?;
        write!(f, "{moment:.9}")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let moment = jiff::Timestamp::deserialize(deserializer)?;
        i64::try_from(moment.as_nanosecond())
            .map(Self)
            .map_err(de::Error::custom)
    }
}

const SET_BACK: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_as_rfc_3339_with_nine_decimals() {
        let moment = Timestamp::from_nanos(1_767_323_045_123_456_789);
        assert_eq!(moment.to_string(), "2026-01-02T03:04:05.123456789Z");
        assert_eq!(
            Timestamp::default().to_string(),
            "1970-01-01T00:00:00.000000000Z"
        );
    }

    #[test]
    fn a_clock_that_steps_back_gives_no_negative_time() {
        let (a, b) = (Timestamp::from_nanos(5), Timestamp::from_nanos(9));
        assert_eq!(b.since(a), Duration::from_nanos(4));
        assert_eq!(a.since(b), Duration::ZERO);
    }

    #[test]
    fn a_clock_was_set_back_where_time_is_a_second_earlier() {
        let [then, now] = [5_000_000_000, 4_000_000_000].map(Timestamp::from_nanos);
        assert!(now.is_set_back(then));
        assert!(!Timestamp::from_nanos(4_000_000_001).is_set_back(then));
        assert!(!then.is_set_back(now));
    }
}

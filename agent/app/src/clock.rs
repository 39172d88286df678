//! The machine's clock, for commands that judge by the time of the day.

use std::time::SystemTime;

use model::Timestamp;

/// What it shows.
pub(crate) fn now() -> Timestamp {
    let since_epoch = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_nanos(i64::try_from(since_epoch.as_nanos()).unwrap_or(i64::MAX))
}

/// The second that has begun, which reads better where a person compares.
pub(crate) fn this_second() -> Timestamp {
    let nanos = now().as_nanos();
    Timestamp::from_nanos(nanos - nanos.rem_euclid(1_000_000_000))
}

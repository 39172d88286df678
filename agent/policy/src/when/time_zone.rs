//! Time zones by their names in the IANA database, and what the clocks show there.
//!
//! The database is the one that was built in, never the machine's: minimal machines have none, and
//! the same capture must give the same incidents on every machine. Offsets change on whole seconds.

use std::sync::LazyLock;

use jiff::Timestamp as Moment;
use jiff::civil::{Date, DateTime};
use jiff::tz::{self, AmbiguousOffset, Offset, TimeZoneDatabase};
use model::Timestamp;

use crate::node::Word;
use crate::problems::Problems;

/// A time zone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct TimeZone(tz::TimeZone);

impl TimeZone {
    /// Coordinated universal time.
    pub(crate) const UTC: Self = Self(tz::TimeZone::UTC);

    /// Looks up a name; an unknown one is said.
    pub(crate) fn read(word: &Word, problems: &mut Problems) -> Option<Self> {
        let found = TimeZoneDatabase::bundled().get(&word.text);
        let known = found.ok().filter(|zone| !zone.is_unknown());
        if known.is_none() {
            refuse(word, problems);
        }
        known.map(Self::canonical)
    }

    fn canonical(zone: tz::TimeZone) -> Self {
        if zone.primary_iana_name() == Some("UTC") {
            return Self::UTC;
        }
        Self(zone)
    }

    /// Its name in the database.
    pub(crate) fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// How far the clocks are ahead of UTC, in seconds, at a second since 1970.
    pub(super) fn offset_secs(&self, second: i64) -> i64 {
        i64::from(self.0.to_offset(moment(second)).seconds())
    }

    /// The next second after this one at which the clocks are changed.
    pub(super) fn next_change(&self, second: i64) -> Option<i64> {
        let mut changes = self.0.following(moment(second));
        changes.next().map(|change| change.timestamp().as_second())
    }

    /// The last second up to this one at which the clocks were changed.
    pub(super) fn last_change(&self, second: i64) -> Option<i64> {
        let mut changes = self.0.preceding(moment(second.saturating_add(1)));
        changes.next().map(|change| change.timestamp().as_second())
    }

    /// What calendar and clocks show at a moment.
    pub(super) fn local(&self, at: Timestamp) -> DateTime {
        let moment = Moment::from_nanosecond(i128::from(at.as_nanos()));
        self.0.to_datetime(moment.unwrap_or(Moment::UNIX_EPOCH))
    }

    /// The offset or offsets that a local time has.
    pub(super) fn offsets(&self, local: DateTime) -> AmbiguousOffset {
        self.0.to_ambiguous_timestamp(local).offset()
    }

    /// The moment at which a date begins; none where it cannot be told.
    pub(super) fn start_of(&self, date: Date) -> Option<Timestamp> {
        let ambiguous = self.0.to_ambiguous_timestamp(date.at(0, 0, 0, 0));
        timestamp(ambiguous.compatible().ok()?)
    }
}

/// The moment of a local time and its offset; none where it cannot be told.
pub(super) fn at_offset(local: DateTime, offset: Offset) -> Option<Timestamp> {
    timestamp(offset.to_timestamp(local).ok()?)
}

fn timestamp(moment: Moment) -> Option<Timestamp> {
    let nanos = i64::try_from(moment.as_nanosecond()).ok()?;
    Some(Timestamp::from_nanos(nanos))
}

/// Timestamps reach from 1677 to 2262, jiff's moments far beyond.
fn moment(second: i64) -> Moment {
    Moment::from_second(second).unwrap_or(if second < 0 { Moment::MIN } else { Moment::MAX })
}

/// Offers a name that is written nearly so, or the zone of a city.
fn refuse(word: &Word, problems: &mut Problems) {
    let what = format!("no time zone `{}` in the IANA database", word.text);
    let city = word.text.replace(' ', "_");
    let is_city = |name: &&str| {
        let last = name.rsplit('/').next();
        last.is_some_and(|last| last.eq_ignore_ascii_case(&city))
    };
    let names = || NAMES.iter().map(String::as_str);
    match names().find(is_city) {
        Some(name) => problems.error_with(word.at, what, format!("did you mean `{name}`?")),
        None => problems.unknown(word.at, what, &word.text, names()),
    }
}

static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let names = TimeZoneDatabase::bundled();
    let names = names.available().map(|name| name.to_string());
    names.collect()
});

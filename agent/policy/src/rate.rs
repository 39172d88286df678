//! How often a statement may be used: so many requests in a span of time, each client and server on their own.
//!
//! The first request opens a window; when the span is over, the next request opens another one. So does one behind
//! which the clock was set back: by the clock that shows now, nobody knows how long the window was open.

use std::fmt;
use std::time::Duration;

use model::Timestamp;

use crate::node::Word;
use crate::problems::Problems;

/// So many requests in a span of time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Rate {
    pub(crate) requests: u32,
    pub(crate) span: Duration,
}

/// How often a statement was used in the window that is open.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Window {
    opened: Timestamp,
    used: u32,
}

impl Rate {
    /// Reads `10/1m`.
    pub(crate) fn read(word: &Word, problems: &mut Problems) -> Option<Self> {
        let rate = parse(&word.text);
        if rate.is_none() {
            let what = format!("`{}` is no rate", word.text);
            let help = "write how many requests in which time, such as `10/1m`, `1/8h` or `2/1d`";
            problems.error_with(word.at, what, help);
        }
        rate
    }
}

impl Window {
    /// Whether one more request fits.
    pub(crate) fn has_room(&self, rate: Rate, now: Timestamp) -> bool {
        self.is_over(rate, now) || self.used < rate.requests
    }

    /// Counts a request.
    pub(crate) fn count(&mut self, rate: Rate, now: Timestamp) {
        if self.is_over(rate, now) {
            *self = Self {
                opened: now,
                used: 0,
            };
        }
        self.used = self.used.saturating_add(1);
    }

    fn is_over(&self, rate: Rate, now: Timestamp) -> bool {
        self.used == 0 || now.since(self.opened) >= rate.span || now.is_set_back(self.opened)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secs = self.span.as_secs();
        let unit = UNITS.iter().find(|(_, of)| secs.is_multiple_of(*of));
        let (unit, of) = unit.copied().unwrap_or(('s', 1));
        write!(f, "{}/{}{unit}", self.requests, secs / of)
    }
}

fn parse(text: &str) -> Option<Rate> {
    let (requests, span) = text.split_once('/')?;
    let unit = span.chars().last()?;
    let (_, secs) = UNITS.iter().find(|(known, _)| *known == unit)?;
    let number: u32 = number(span.strip_suffix(unit)?)?;
    Some(Rate {
        requests: self::number(requests)?,
        span: Duration::from_secs(u64::from(number) * secs),
    })
}

/// A whole number from 1 to a million.
fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.then(|| text.parse().ok()).flatten();
    number.filter(|number| (1..=1_000_000).contains(number))
}

/// Units of time in seconds, the longest first.
const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

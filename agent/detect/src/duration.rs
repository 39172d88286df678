//! Spans of time as rules write them: `100ms`, `30s`, `15m`, `4h`, `2d`.

use std::time::Duration;

/// Reads a whole number with its unit.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at_checked(digits)?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    let number: u64 = number.parse().ok().filter(|&number| number > 0)?;
    number.checked_mul(millis).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_a_number_and_a_unit() {
        for (text, millis) in [
            ("100ms", 100),
            ("30s", 30_000),
            ("15m", 900_000),
            ("4h", 14_400_000),
            ("2d", 172_800_000),
        ] {
            assert_eq!(parse(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for bad in [
            "",
            "5",
            "m",
            "0s",
            "-1s",
            "1 h",
            "1w",
            "99999999999999999999s",
            "1.5h",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}

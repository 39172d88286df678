//! The sensor under test: what it answers, and how it ends.

use super::{Running, inside, wait_until};
use crate::support::stdout;

/// The sensor under test.
pub(crate) struct Sensor {
    pub(crate) running: Running,
    pub(super) namespace: String,
    pub(super) port: String,
}

impl Sensor {
    /// Asks the sensor over HTTP: the status line and the body.
    pub(crate) fn ask(&self, path: &str) -> (String, String) {
        let script = format!(
            "exec 3<>/dev/tcp/127.0.0.1/{} && printf 'GET {path} HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3",
            self.port
        );
        let output = inside(&self.namespace, "bash")
            .args(["-c", &script])
            .output()
            .unwrap();
        let answer = stdout(&output);
        let (head, body) = answer
            .split_once("\r\n\r\n")
            .unwrap_or_else(|| panic!("{answer}"));
        (head.lines().next().unwrap().to_owned(), body.to_owned())
    }

    /// Asks it to end, which it does without a complaint.
    pub(crate) fn ends_well(&mut self) {
        let (code, _) = self.running.stop();
        assert_eq!(code, Some(0), "{}", self.running.said());
    }

    /// The port that it serves metrics on.
    pub(crate) fn port(&self) -> &str {
        &self.port
    }

    /// The value of a series, by its name and labels as `/metrics` shows them.
    pub(crate) fn metric(&self, series: &str) -> u64 {
        let (_, body) = self.ask("/metrics");
        value(&body, series).unwrap_or_else(|| panic!("no {series} in {body}"))
    }

    /// Waits for a series, which may not be there yet, to reach a value.
    pub(crate) fn wait_for_more(&self, series: &str, least: u64) {
        wait_until(&format!("{series} {least}"), || {
            let (_, body) = self.ask("/metrics");
            value(&body, series).filter(|value| *value >= least)
        });
    }

    pub(crate) fn wait_for_metric(&self, series: &str, value: u64) {
        self.wait_for_more(series, value);
        assert_eq!(self.metric(series), value, "{series}");
    }
}

/// The value of a series on the page of metrics.
pub(crate) fn value(page: &str, series: &str) -> Option<u64> {
    let mut lines = page.lines();
    let line = lines.find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.map(|value| value.parse().unwrap())
}

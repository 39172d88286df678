//! What a site says about export, as it stands in its configuration file.
//!
//! ```yaml
//! sinks:
//!   - name: archive
//!     file: { path: /var/log/bulkhead/incidents.jsonl }
//!   - name: soc
//!     syslog:
//!       transport: tls
//!       address: siem.example.net:6514
//!       tls: { ca: /etc/bulkhead/soc-ca.pem, certificate: /etc/bulkhead/sensor.pem, key: /etc/bulkhead/sensor.key }
//! http:
//!   listen: 127.0.0.1:9464
//! ```
//! Unknown fields are refused. [`check`] reads the certificate files too, so that what it passes
//! can start, but opens no connection.

mod http;
mod sink;

use std::collections::BTreeSet;

pub use http::{HttpConfig, TlsServerConfig};
pub(crate) use sink::{Destination, Receiver, SinkPlan, TlsPlan};
pub use sink::{Facility, FileConfig, SinkConfig, SyslogConfig, TlsClientConfig, Transport};

use crate::ConfigProblem;

/// Everything that is wrong in the sinks and the HTTP server, in the order of the file.
pub fn check(sinks: &[SinkConfig], http: Option<&HttpConfig>) -> Vec<ConfigProblem> {
    let mut problems = plans(sinks).err().unwrap_or_default();
    problems.extend(
        http.and_then(|http| http.plan("http").err())
            .unwrap_or_default(),
    );
    problems
}

/// The sinks as they will be used, or everything that is wrong with them.
pub(crate) fn plans(sinks: &[SinkConfig]) -> Result<Vec<SinkPlan>, Vec<ConfigProblem>> {
    let mut names = BTreeSet::new();
    let (mut plans, mut problems) = (Vec::new(), Vec::new());
    for (number, sink) in sinks.iter().enumerate() {
        let at = format!("sinks[{number}]");
        if !names.insert(&sink.name) {
            let what = format!("a second sink is named `{}`", sink.name);
            problems.push(ConfigProblem::new(format!("{at}.name"), what));
        }
        match sink.plan(&at) {
            Ok(plan) => plans.push(plan),
            Err(more) => problems.extend(more),
        }
    }
    if problems.is_empty() {
        Ok(plans)
    } else {
        Err(problems)
    }
}

/// What the sinks with certificates connect by, by name, read from their files; or everything that is wrong.
pub(crate) fn certificates(
    sinks: &[SinkConfig],
) -> Result<Vec<(String, TlsPlan)>, Vec<ConfigProblem>> {
    let (mut read, mut problems) = (Vec::new(), Vec::new());
    let all = sinks.iter().enumerate();
    for (number, sink) in all.filter(|(_, sink)| sink.has_certificates()) {
        match sink.plan(&format!("sinks[{number}]")) {
            Ok(plan) => read.extend(plan.certificates()),
            Err(more) => problems.extend(more),
        }
    }
    if problems.is_empty() {
        Ok(read)
    } else {
        Err(problems)
    }
}

/// Refuses a number outside its bounds.
fn within<T: PartialOrd + std::fmt::Display>(
    field: String,
    value: T,
    least: T,
    most: T,
) -> Option<ConfigProblem> {
    let inside = least <= value && value <= most;
    (!inside).then(|| {
        let what = format!("`{value}` is not within {least} to {most}");
        ConfigProblem::new(field, what)
    })
}

#[cfg(test)]
mod tests;

//! Certificates that are renewed while the sensor runs.
//!
//! Those of the server and those of the sinks stand for themselves: what is wrong with the one keeps nobody from the
//! other's new ones.

use export::{ConfigProblem, Exporter, Server};
use model::Counter;
use tracing::{info, warn};

use crate::config::Config;

/// Reads every certificate and key again. What is wrong with them is said, and the old ones stay.
/// What came of it; `None` where there are none.
pub(crate) fn renew(
    config: &Config,
    exporter: &Exporter,
    server: Option<&Server>,
) -> Option<Counter> {
    let served = config.http.as_ref().zip(server);
    let served = served.map_or(Ok(false), |(http, server)| server.renew(http));
    let renewed = [served, exporter.renew(&config.sinks)];
    if renewed == [Ok(false), Ok(false)] {
        return None;
    }
    let problems: Vec<ConfigProblem> = renewed
        .into_iter()
        .filter_map(Result::err)
        .flatten()
        .collect();
    for problem in &problems {
        warn!("{problem}");
    }
    if problems.is_empty() {
        info!("certificates were read again");
        return Some(Counter::CertificatesRenewed);
    }
    warn!(
        "certificates refused, {} problem(s): the old ones stay",
        problems.len()
    );
    Some(Counter::CertificatesRefused)
}

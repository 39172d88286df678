//! Where Prometheus and the service manager ask.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::ServerConfig;
use serde::Deserialize;

use super::within;
use crate::{ConfigProblem, tls};

/// The server of `/metrics`, `/healthz` and `/readyz`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct HttpConfig {
    /// `address:port` to listen on. Default `127.0.0.1:9464`; port 0 takes a free one.
    pub listen: String,
    /// The most connections at a time. Default 32, bounds 1 to 1024. One more makes the oldest give way.
    pub max_connections: usize,
    /// Serve HTTPS instead of HTTP. Default none.
    pub tls: Option<TlsServerConfig>,
}

/// Who we are, and whom we let in. All files are PEM.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct TlsServerConfig {
    /// Our certificate with its chain. No default.
    pub certificate: PathBuf,
    /// Its key. No default.
    pub key: PathBuf,
    /// The certificates that a client's must be signed by. Default none: any client is let in.
    #[serde(default)]
    pub client_ca: Option<PathBuf>,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:9464".into(),
            max_connections: 32,
            tls: None,
        }
    }
}

/// The server as it will run.
pub(crate) struct HttpPlan {
    pub(crate) listen: SocketAddr,
    pub(crate) max_connections: usize,
    pub(crate) tls: Option<Arc<ServerConfig>>,
}

impl HttpConfig {
    /// Every file that it names, for whoever knows what relative ones are relative to.
    pub fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        self.tls.iter_mut().flat_map(|tls| {
            [&mut tls.certificate, &mut tls.key]
                .into_iter()
                .chain(tls.client_ca.as_mut())
        })
    }

    /// What it shows to clients and wants of them, read from its files; `at` is its place in the configuration.
    pub(crate) fn certificates(
        &self,
        at: &str,
    ) -> Result<Option<Arc<ServerConfig>>, Vec<ConfigProblem>> {
        let tls = self.tls.as_ref();
        tls.map(|tls| tls::server(tls, &format!("{at}.tls")))
            .transpose()
    }

    /// The server as it will run; `at` is its place in the configuration.
    pub(crate) fn plan(&self, at: &str) -> Result<HttpPlan, Vec<ConfigProblem>> {
        let mut problems = Vec::new();
        let listen = self.listen.parse().map_err(|_| {
            let what = format!("`{}` is not `address:port`", self.listen);
            let problem = ConfigProblem::new(format!("{at}.listen"), what);
            problem.help("write an IP address, such as `127.0.0.1:9464` or `[::]:9464`")
        });
        let tls = self.certificates(at);
        let field = format!("{at}.max_connections");
        problems.extend(listen.as_ref().err().cloned());
        problems.extend(within(field, self.max_connections, 1, 1024));
        match (listen, tls) {
            (_, Err(more)) => problems.extend(more),
            (Ok(listen), Ok(tls)) if problems.is_empty() => {
                return Ok(HttpPlan {
                    listen,
                    max_connections: self.max_connections,
                    tls,
                });
            }
            _ => {}
        }
        Err(problems)
    }
}

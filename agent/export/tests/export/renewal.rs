//! Certificates that are renewed while the server and the sinks run, seen by real TLS peers.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use export::{HttpConfig, Server, SinkConfig, TlsServerConfig};
use model::Metric;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use serde_json::json;
use tempfile::{TempDir, tempdir};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::http::probes;
use crate::rig::{Rig, SINK, certificates, incidents, until};

/// A folder of certificates, and a server that shows one of them.
struct Served {
    folder: TempDir,
    config: HttpConfig,
    server: Server,
}

impl Served {
    async fn start() -> Self {
        let folder = tempdir().unwrap();
        certificates(folder.path());
        let tls = TlsServerConfig {
            certificate: folder.path().join("server.pem"),
            key: folder.path().join("server.key"),
            client_ca: None,
        };
        let config = HttpConfig {
            listen: "127.0.0.1:0".into(),
            tls: Some(tls),
            ..HttpConfig::default()
        };
        let server = Server::start(&config, probes()).await.unwrap();
        Self {
            folder,
            config,
            server,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What a client is shown that trusts `authority`; `None` where it does not trust it.
    async fn shown(&self, authority: &Path) -> Option<CertificateDer<'static>> {
        let connector = TlsConnector::from(Arc::new(client(authority)));
        let tcp = TcpStream::connect(self.server.address()).await.unwrap();
        let name = ServerName::try_from("server").unwrap();
        let stream = connector.connect(name, tcp).await.ok()?;
        let (_, session) = stream.get_ref();
        session.peer_certificates().map(|chain| chain[0].clone())
    }
}

fn client(authority: &Path) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(certificate(authority)).unwrap();
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

fn certificate(path: &Path) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(path).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_after_a_renewal_is_shown_the_new_certificate() {
    let served = Served::start().await;
    let old = certificate(&served.path("server.pem"));
    fs::copy(served.path("ca.pem"), served.path("old-ca.pem")).unwrap();
    certificates(served.folder.path());
    let new = certificate(&served.path("server.pem"));
    assert_ne!(old, new);
    let (old_ca, new_ca) = (served.path("old-ca.pem"), served.path("ca.pem"));
    assert_eq!(served.shown(&old_ca).await, Some(old));
    assert_eq!(served.server.renew(&served.config), Ok(true));
    assert_eq!(served.shown(&new_ca).await, Some(new));
    assert_eq!(served.shown(&old_ca).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_cannot_be_used_is_refused_and_the_old_one_stays() {
    let served = Served::start().await;
    let (old, ca) = (
        certificate(&served.path("server.pem")),
        served.path("ca.pem"),
    );
    let key = fs::read(served.path("sensor.key")).unwrap();
    for (file, bytes, field) in [
        ("server.key", key.as_slice(), "http.tls.key"),
        ("server.key", b"nothing", "http.tls.key"),
        ("server.pem", b"", "http.tls.certificate"),
    ] {
        let kept = fs::read(served.path(file)).unwrap();
        fs::write(served.path(file), bytes).unwrap();
        let problems = served.server.renew(&served.config).unwrap_err();
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].field, field);
        assert_eq!(served.shown(&ca).await.as_ref(), Some(&old));
        fs::write(served.path(file), kept).unwrap();
    }
    assert_eq!(served.server.renew(&served.config), Ok(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_certificates_has_none_to_renew() {
    let config = HttpConfig {
        listen: "127.0.0.1:0".into(),
        ..HttpConfig::default()
    };
    let server = Server::start(&config, probes()).await.unwrap();
    assert_eq!(server.renew(&config), Ok(false));
}

/// A sink that sends to this address under TLS, with the certificates of a folder.
fn sink(folder: &Path, address: &str) -> serde_json::Value {
    let file = |name: &str| folder.join(name).display().to_string();
    json!({"transport": "tls", "address": address, "tls": {"ca": file("ca.pem"),
        "certificate": file("sensor.pem"), "key": file("sensor.key"), "server_name": "server"}})
}

/// Takes connections under TLS with the certificate of a folder, and reads them to their end.
async fn receive(listener: TcpListener, folder: PathBuf) {
    let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).unwrap();
    let chain = vec![certificate(&folder.join("server.pem"))];
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    loop {
        let (tcp, _) = listener.accept().await.unwrap();
        if let Ok(mut stream) = acceptor.accept(tcp).await {
            tokio::spawn(async move { stream.read_to_end(&mut Vec::new()).await });
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sink_connects_by_its_new_certificates_once_they_are_renewed() {
    let folder = tempdir().unwrap();
    certificates(folder.path());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let fields = sink(folder.path(), &listener.local_addr().unwrap().to_string());
    let rig = Rig::start("syslog", fields.clone()).await;
    // the receiver has moved to a new authority, which the sink does not know yet
    certificates(folder.path());
    let receiver = tokio::spawn(receive(listener, folder.path().to_owned()));
    rig.record(&incidents(0..5));
    until("the sink refuses the receiver", || {
        rig.value(Metric::SendErrors) >= 1.0
    })
    .await;
    assert_eq!(rig.owed(), 5);
    let config = json!({"name": SINK, "retry_cap_secs": 1, "syslog": fields});
    let config: SinkConfig = serde_json::from_value(config).unwrap();
    assert_eq!(rig.exporter.renew(std::slice::from_ref(&config)), Ok(true));
    rig.until_taken().await;
    fs::write(folder.path().join("sensor.key"), "").unwrap();
    let problems = rig.exporter.renew(&[config]).unwrap_err();
    assert_eq!(problems[0].field, "sinks[0].syslog.tls.key");
    receiver.abort();
}

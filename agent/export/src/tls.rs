//! Certificates from files to what rustls wants. ring is the one provider; nothing relies on a
//! process-wide default.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};

use crate::{ConfigProblem, TlsClientConfig, TlsServerConfig};

/// What a client needs, from its files; `at` is their place in the configuration.
pub(crate) fn client(
    config: &TlsClientConfig,
    at: &str,
) -> Result<Arc<ClientConfig>, Vec<ConfigProblem>> {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| one(at, error.to_string()))?
        .with_root_certificates(roots(&config.ca, &format!("{at}.ca"))?);
    let client = match (&config.certificate, &config.key) {
        (Some(certificate), Some(key)) => {
            let (chain, key) = identity(certificate, key, at)?;
            let client = builder.with_client_auth_cert(chain, key);
            client.map_err(|error| one(&format!("{at}.key"), mismatch(&error)))?
        }
        (None, None) => builder.with_no_client_auth(),
        _ => return Err(one(at, "`certificate` and `key` belong together".into())),
    };
    Ok(Arc::new(client))
}

/// What a server needs, from its files; `at` is their place in the configuration.
pub(crate) fn server(
    config: &TlsServerConfig,
    at: &str,
) -> Result<Arc<ServerConfig>, Vec<ConfigProblem>> {
    let builder = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| one(at, error.to_string()))?;
    let builder = match &config.client_ca {
        None => builder.with_no_client_auth(),
        Some(ca) => {
            let field = format!("{at}.client_ca");
            let roots = Arc::new(roots(ca, &field)?);
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider()).build();
            let verifier = verifier.map_err(|error| one(&field, error.to_string()))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let (chain, key) = identity(&config.certificate, &config.key, at)?;
    let server = builder.with_single_cert(chain, key);
    let server = server.map_err(|error| one(&format!("{at}.key"), mismatch(&error)))?;
    Ok(Arc::new(server))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn roots(path: &Path, field: &str) -> Result<RootCertStore, Vec<ConfigProblem>> {
    let mut roots = RootCertStore::empty();
    for certificate in chain(path, field)? {
        let added = roots.add(certificate);
        added.map_err(|error| one(field, format!("`{}`: {error}", path.display())))?;
    }
    Ok(roots)
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn identity(certificate: &Path, key: &Path, at: &str) -> Result<Identity, Vec<ConfigProblem>> {
    let chain = chain(certificate, &format!("{at}.certificate"))?;
    let private = PrivateKeyDer::from_pem_file(key);
    let private = private.map_err(|error| unreadable(&format!("{at}.key"), key, "key", &error))?;
    Ok((chain, private))
}

fn chain(path: &Path, field: &str) -> Result<Vec<CertificateDer<'static>>, Vec<ConfigProblem>> {
    let words = |error| unreadable(field, path, "certificate", &error);
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path)
        .map_err(words)?
        .collect();
    let found = found.map_err(words)?;
    if found.is_empty() {
        return Err(words(PemError::NoItemsFound));
    }
    Ok(found)
}

fn unreadable(field: &str, path: &Path, wanted: &str, error: &PemError) -> Vec<ConfigProblem> {
    let path = path.display();
    one(
        field,
        match error {
            PemError::Io(error) => format!("cannot read `{path}`: {error}"),
            PemError::NoItemsFound => format!("`{path}` holds no {wanted} in PEM"),
            error => format!("`{path}` is no PEM file: {error}"),
        },
    )
}

fn mismatch(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InconsistentKeys(_) => "the key is not the certificate's".into(),
        error => format!("certificate and key cannot be used: {error}"),
    }
}

fn one(field: &str, what: String) -> Vec<ConfigProblem> {
    vec![ConfigProblem::new(field, what)]
}

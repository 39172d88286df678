//! Modbus/TCP Security: handshakes of a real TLS stack, and what is left of them when bytes are bent.

use std::io::Cursor;
use std::sync::Arc;

use model::Direction::{self, Backward, Forward};
use model::{Operation, Said, Stamp, Transport};
use rcgen::{CertificateParams, CustomExtension, DnType, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};

use crate::modbus::{SECURE, secure};
use crate::{Conversation, Decoder, Limits, Probe};

/// What both ends send, in order.
pub(crate) type Flow = Vec<(Direction, Vec<u8>)>;

struct Identity {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

fn identity(name: &str, role: Option<&str>) -> Identity {
    let mut params = CertificateParams::new(["plc-7.plant".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    if let Some(role) = role {
        let der = [&[0x0c, role.len() as u8], role.as_bytes()].concat();
        let oid = [1, 3, 6, 1, 4, 1, 50316, 802, 1];
        let extension = CustomExtension::from_oid_content(&oid, der);
        params.custom_extensions.push(extension);
    }
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap().der().clone();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Identity { certificate, key }
}

fn roots(of: &Identity) -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add(of.certificate.clone()).unwrap();
    Arc::new(roots)
}

/// A client with a role and a server shake hands, then the client sends a request and is answered.
fn talk(version: &'static rustls::SupportedProtocolVersion, role: Option<&str>) -> Flow {
    let (client, server) = (identity("hmi 1", role), identity("pump controller", None));
    let provider = || Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(roots(&client), provider())
        .build()
        .unwrap();
    let to_server = roots(&server);
    let server = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[version])
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![server.certificate], server.key)
        .unwrap();
    let client = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(to_server)
        .with_client_auth_cert(vec![client.certificate], client.key)
        .unwrap();
    let name = ServerName::try_from("plc-7.plant").unwrap();
    let client = ClientConnection::new(Arc::new(client), name).unwrap();
    let server = ServerConnection::new(Arc::new(server)).unwrap();
    carried(client, server)
}

fn carried(mut client: ClientConnection, mut server: ServerConnection) -> Flow {
    use std::io::Write;
    let mut flow = Flow::new();
    let mut is_asked = false;
    for _ in 0..10 {
        if !client.is_handshaking() && !is_asked {
            is_asked = true;
            client
                .writer()
                .write_all(&super::framed(1, "03 006b 0001"))
                .unwrap();
        }
        let mut bytes = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut bytes).unwrap();
        }
        server.read_tls(&mut Cursor::new(&bytes)).unwrap();
        server.process_new_packets().unwrap();
        flow.push((Forward, bytes));
        if is_asked && !server.is_handshaking() {
            server
                .writer()
                .write_all(&super::framed(1, "03 02 0007"))
                .unwrap();
        }
        let mut bytes = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut bytes).unwrap();
        }
        client.read_tls(&mut Cursor::new(&bytes)).unwrap();
        client.process_new_packets().unwrap();
        flow.push((Backward, bytes));
    }
    flow.retain(|(_, bytes)| !bytes.is_empty());
    flow
}

/// What is said of a flow, with the parts of it that change from run to run left out.
fn heard(session: &mut dyn Decoder, flow: &[(Direction, Vec<u8>)]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut say = |said: Said<'_>| lines.push(line(&said));
    for (from, bytes) in flow {
        session.feed(Stamp::default(), *from, bytes, &mut say);
    }
    session.close(Stamp::default(), &mut say);
    lines
}

fn line(said: &Said<'_>) -> String {
    let Said::Operation(operation) = said else {
        return super::shown(said);
    };
    let Operation {
        stage, function, ..
    } = operation;
    let record = serde_json::to_value(operation.detail).unwrap();
    let tls = &record["tls"];
    let mut line = format!("{} {}", stage.name(), function.name);
    for name in ["version", "server_name", "certificate_requested"] {
        if let Some(value) = tls.get(name) {
            line += &format!(" {name}={value}");
        }
    }
    if let Some(certificate) = tls.get("certificate") {
        line += &format!(" subject={}", certificate["subject"]);
    }
    for name in ["role", "encrypted"] {
        if let Some(value) = operation.detail.field(name) {
            line += &format!(" {name}={value:?}");
        }
    }
    line
}

/// A conversation that shows a role.
pub(crate) fn samples() -> Flow {
    talk(&TLS12, Some("operator"))
}

fn session() -> secure::Session {
    secure::Session::new(&Limits::default())
}

const TLS_1_2_SAID: [&str; 5] = [
    "request tls_handshake version=\"TLS 1.2\" server_name=\"plc-7.plant\" encrypted=Bool(true)",
    "response tls_handshake version=\"TLS 1.2\" certificate_requested=true subject=\"CN=pump controller\" encrypted=Bool(true)",
    "request tls_handshake subject=\"CN=hmi 1\" role=Text(\"operator\") encrypted=Bool(true)",
    "request tls_application_data version=\"TLS 1.2\" role=Text(\"operator\") encrypted=Bool(true)",
    "other tls_close version=\"TLS 1.2\" role=Text(\"operator\") encrypted=Bool(true)",
];

#[test]
fn up_to_tls_1_2_both_sides_and_the_role_are_shown() {
    let flow = talk(&TLS12, Some("operator"));
    assert_eq!(heard(&mut session(), &flow), TLS_1_2_SAID);
}

#[test]
fn what_follows_a_clients_certificate_is_told_with_its_holder() {
    let mut session = session();
    let mut told = Vec::new();
    let mut say = |said: Said<'_>| {
        if let Said::Operation(operation) = said {
            let field = |name| operation.detail.field(name);
            told.push(
                ["subject", "thumbprint", "certificate_thumbprint"]
                    .map(field)
                    .map(|value| match value {
                        Some(model::Value::Text(text)) => text.into_owned(),
                        _ => String::new(),
                    }),
            );
        }
    };
    for (from, bytes) in talk(&TLS12, Some("operator")) {
        session.feed(Stamp::default(), from, &bytes, &mut say);
    }
    session.close(Stamp::default(), &mut say);
    let thumbprint = told[2][1].clone();
    assert_eq!(thumbprint.len(), 40);
    assert_eq!(told[1][2], "");
    assert_eq!(told[2][2], thumbprint);
    for later in &told[3..] {
        assert_eq!(*later, ["CN=hmi 1", "", &thumbprint]);
    }
    assert_eq!(told.len(), TLS_1_2_SAID.len());
}

#[test]
fn records_cut_anywhere_say_the_same() {
    let flow = talk(&TLS12, Some("operator"));
    for len in [1, 2, 3, 7, 100] {
        let cut: Flow = flow
            .iter()
            .flat_map(|(from, bytes)| bytes.chunks(len).map(|piece| (*from, piece.to_vec())))
            .collect();
        assert_eq!(heard(&mut session(), &cut), TLS_1_2_SAID, "{len}");
    }
}

#[test]
fn a_handshake_message_over_several_records_is_read() {
    let flow = talk(&TLS12, Some("operator"));
    let split = |(from, bytes): &(Direction, Vec<u8>)| {
        let mut records = Vec::new();
        let mut rest = bytes.as_slice();
        while let [content, major, minor, high, low, behind @ ..] = rest {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            let step = if *content == 22 { 50 } else { length };
            for part in behind[..length].chunks(step) {
                records.extend([*content, *major, *minor, 0, 0]);
                let at = records.len() - 2;
                records[at..].copy_from_slice(&(part.len() as u16).to_be_bytes());
                records.extend(part);
            }
            rest = &behind[length..];
        }
        (*from, records)
    };
    let flow: Flow = flow.iter().map(split).collect();
    assert_eq!(heard(&mut session(), &flow), TLS_1_2_SAID);
}

#[test]
fn from_tls_1_3_on_no_certificate_is_shown() {
    let wanted = [
        "request tls_handshake version=\"TLS 1.3\" server_name=\"plc-7.plant\" encrypted=Bool(true)",
        "response tls_handshake version=\"TLS 1.3\" encrypted=Bool(true)",
        "request tls_application_data version=\"TLS 1.3\" encrypted=Bool(true)",
        "other tls_close version=\"TLS 1.3\" encrypted=Bool(true)",
    ];
    assert_eq!(
        heard(&mut session(), &talk(&TLS13, Some("operator"))),
        wanted
    );
}

#[test]
fn what_cannot_be_read_is_counted_once_and_not_record_by_record() {
    let mut flow = talk(&TLS12, None);
    let data = flow.last().unwrap().1.clone();
    flow.extend((0..1_000).map(|_| (Backward, data.clone())));
    let mut volumes = Vec::new();
    let mut operations = 0;
    let mut say = |said: Said<'_>| {
        if let Said::Operation(operation) = said {
            operations += 1;
            let record = serde_json::to_value(operation.detail).unwrap();
            volumes.extend(record["tls"].get("received").cloned());
        }
    };
    let mut session = session();
    for (from, bytes) in &flow {
        session.feed(Stamp::default(), *from, bytes, &mut say);
    }
    session.close(Stamp::default(), &mut say);
    assert_eq!(operations, TLS_1_2_SAID.len());
    assert!(volumes[0]["records"].as_u64().unwrap() > 1_000);
    assert_eq!(volumes.len(), 1);
}

#[test]
fn a_handshake_that_is_refused_says_why() {
    let hello = talk(&TLS12, None).remove(0);
    let flow = [hello, (Backward, vec![21, 3, 3, 0, 2, 2, 48])];
    let mut outcomes = Vec::new();
    for (from, bytes) in &flow {
        session().feed(Stamp::default(), *from, bytes, &mut |said| {
            if let Said::Operation(operation) = said {
                outcomes.push((operation.function.name, operation.outcome));
            }
        });
    }
    let refused = model::Outcome::Refused {
        code: 48,
        name: "unknown_ca",
    };
    assert_eq!(
        outcomes,
        [("tls_handshake", None), ("tls_alert", Some(refused))]
    );
}

#[test]
fn a_hello_without_an_answer_is_unanswered() {
    let hello = talk(&TLS12, None).remove(0);
    let said = heard(&mut session(), &[hello]);
    assert_eq!(said[1..], ["unanswered tls_handshake of 0"]);
}

/// A server hello of this version and cipher suite, without extensions.
fn server_hello(version: u16, suite: u16) -> (Direction, Vec<u8>) {
    let mut body = version.to_be_bytes().to_vec();
    body.extend([0; 33]);
    body.extend(suite.to_be_bytes());
    body.push(0);
    let mut bytes = vec![22, 3, 3, 0, body.len() as u8 + 4, 2, 0, 0, body.len() as u8];
    bytes.extend(body);
    bytes.extend([22, 3, 3, 0, 4, 14, 0, 0, 0]);
    (Backward, bytes)
}

#[test]
fn less_protection_than_the_specification_wants_is_said() {
    let hello = talk(&TLS12, None).remove(0);
    let said = heard(
        &mut session(),
        &[hello.clone(), server_hello(0x0301, 0x002f)],
    );
    assert_eq!(said[1], "security_downgrade expected:771 found:769");
    let said = heard(&mut session(), &[hello, server_hello(0x0303, 0x003b)]);
    assert_eq!(said[1], "security_downgrade expected:771 found:770");
    assert!(said[2].ends_with("encrypted=Bool(false)"), "{said:?}");
}

#[test]
fn after_a_gap_the_next_record_is_found() {
    let flow = talk(&TLS12, None);
    let mut session = session();
    let mut lines = Vec::new();
    let mut say = |said: Said<'_>| lines.push(line(&said));
    session.feed(Stamp::default(), flow[0].0, &flow[0].1, &mut say);
    session.gap(Stamp::default(), Backward, 40, &mut say);
    session.feed(Stamp::default(), Backward, &[9; 10], &mut say);
    session.feed(
        Stamp::default(),
        Backward,
        &[23, 3, 3, 0, 2, 7, 7],
        &mut say,
    );
    session.feed(Stamp::default(), Forward, &[23, 3, 3, 0, 2, 7, 7], &mut say);
    assert_eq!(
        lines[1..],
        [
            "resynchronised 10",
            "request tls_application_data encrypted=Bool(true)"
        ]
    );
}

#[test]
fn bytes_that_are_bent_do_no_harm_and_fill_no_memory() {
    let flow = talk(&TLS12, Some("operator"));
    for (place, (_, bytes)) in flow.iter().enumerate() {
        for at in 0..bytes.len().min(1_500) {
            let mut bent = flow.clone();
            bent[place].1[at] ^= 0xff;
            let mut session = session();
            for (from, bytes) in &bent {
                session.feed(Stamp::default(), *from, bytes, &mut |_| {});
                assert!(session.held_bytes() <= 128 << 10);
            }
        }
    }
}

#[test]
fn a_message_that_never_ends_is_given_up() {
    let mut session = session();
    let mut said = Vec::new();
    let mut say = |heard: Said<'_>| said.push(line(&heard));
    session.feed(
        Stamp::default(),
        Forward,
        &[22, 3, 3, 0x40, 0, 11, 0, 0xff, 0xff],
        &mut say,
    );
    for _ in 0..1_000 {
        session.feed(Stamp::default(), Forward, &[0; 500], &mut say);
        assert!(session.held_bytes() <= 64 << 10);
    }
    assert_eq!(said[0], "too_large expected:24576 found:65539");
}

/// Which protocol a conversation on these ports turns out to be, whole flow seen.
fn taken(ports: [u16; 2], flow: &Flow) -> Vec<String> {
    let limits = Limits::default();
    let mut conversation = Conversation::new(Transport::Tcp, false);
    let mut said = Vec::new();
    let mut say = |_: Stamp, _: Direction, heard: Said<'_>| {
        if let Said::Operation(operation) = heard {
            said.push(operation.function.name.to_owned());
        }
    };
    for (from, bytes) in flow {
        conversation.feed(&limits, ports, Stamp::default(), *from, bytes, &mut say);
    }
    conversation.close(&limits, ports, Stamp::default(), &mut say);
    said
}

#[test]
fn tls_is_modbus_on_its_port_or_where_a_certificate_says_so() {
    let named = [
        "tls_handshake",
        "tls_handshake",
        "tls_handshake",
        "tls_application_data",
        "tls_close",
    ];
    let (with, without) = (talk(&TLS12, Some("operator")), talk(&TLS12, None));
    assert_eq!(taken([50_000, 802], &without), named);
    assert_eq!(taken([50_000, 443], &with), named);
    let none: [&str; 0] = [];
    assert_eq!(taken([50_000, 443], &without), none);
    assert_eq!(taken([50_000, 502], &without), none);
    assert_eq!(taken([50_000, 443], &talk(&TLS13, Some("operator"))), none);
}

#[test]
fn other_first_bytes_are_no_tls() {
    for text in [
        "'GET / HTTP'",
        "0001 0000 0006 11 03",
        "1603 00",
        "1603 0500",
        "16 03 01 ffff",
        "16 03 01 0000",
        "16 03 01 0050 07",
    ] {
        let thought = (SECURE.probe)(Transport::Tcp, &super::bytes(text));
        let wanted = if text.ends_with("07") {
            Probe::Unsure
        } else {
            Probe::Never
        };
        assert_eq!(thought, wanted, "{text}");
    }
    assert_eq!(
        (SECURE.probe)(Transport::Udp, &super::bytes("1603 0100 5001")),
        Probe::Never
    );
}

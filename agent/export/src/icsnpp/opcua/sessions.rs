//! The logs of channels, endpoints and sessions.

use serde_json::Value;

use super::cells::{Cell, Column, list};
use super::page::Page;
use super::status::{self, Source};

pub(super) const OPEN_SECURE_CHANNEL: &str = "opcua_binary_opensecure_channel";
pub(super) const GET_ENDPOINTS: &str = "opcua_binary_get_endpoints";
pub(super) const GET_ENDPOINTS_DESCRIPTION: &str = "opcua_binary_get_endpoints_description";
pub(super) const GET_ENDPOINTS_DISCOVERY: &str = "opcua_binary_get_endpoints_discovery";
pub(super) const GET_ENDPOINTS_LOCALE_ID: &str = "opcua_binary_get_endpoints_locale_id";
pub(super) const GET_ENDPOINTS_PROFILE_URI: &str = "opcua_binary_get_endpoints_profile_uri";
pub(super) const GET_ENDPOINTS_USER_TOKEN: &str = "opcua_binary_get_endpoints_user_token";
pub(super) const CREATE_SESSION: &str = "opcua_binary_create_session";
pub(super) const CREATE_SESSION_DISCOVERY: &str = "opcua_binary_create_session_discovery";
pub(super) const CREATE_SESSION_ENDPOINTS: &str = "opcua_binary_create_session_endpoints";
pub(super) const CREATE_SESSION_USER_TOKEN: &str = "opcua_binary_create_session_user_token";
pub(super) const ACTIVATE_SESSION: &str = "opcua_binary_activate_session";
pub(super) const CERTIFICATE: &str = "opcua_binary_activate_session_client_software_cert";
pub(super) const LOCALE: &str = "opcua_binary_activate_session_locale_id";
pub(super) const CLOSE_SESSION: &str = "opcua_binary_close_session";

/// The asking and the answering half of a channel.
pub(super) fn open_secure_channel(page: &mut Page<'_, '_>, link: &str, parameters: &Value) {
    let links = [("opcua_link_id", Some(link))];
    let columns = match page.message.asks() {
        true => CHANNEL_ASKED,
        false => CHANNEL_OPENED,
    };
    page.put(OPEN_SECURE_CHANNEL, &links, parameters, columns);
}

/// Which endpoints are asked for, and which there are.
pub(super) fn get_endpoints(page: &mut Page<'_, '_>, link: &str, parameters: &Value) {
    let locales = page.link_to(list(parameters, "localeIds"));
    let profiles = page.link_to(list(parameters, "profileUris"));
    let endpoints = page.link_to(list(parameters, "endpoints"));
    let links = [
        ("opcua_link_id", Some(link)),
        ("locale_link_id", locales.as_deref()),
        ("profile_uri_link_id", profiles.as_deref()),
        ("endpoint_description_link_id", endpoints.as_deref()),
    ];
    let url = [("endpoint_url", "endpointUrl", Cell::Text)];
    page.put(GET_ENDPOINTS, &links, parameters, &url);
    texts(
        page,
        GET_ENDPOINTS_LOCALE_ID,
        ("locale_link_id", locales.as_deref()),
        "locale_id",
        list(parameters, "localeIds"),
    );
    texts(
        page,
        GET_ENDPOINTS_PROFILE_URI,
        ("profile_uri_link_id", profiles.as_deref()),
        "profile_uri",
        list(parameters, "profileUris"),
    );
    let logs = Endpoints {
        log: GET_ENDPOINTS_DESCRIPTION,
        link: "endpoint_description_link_id",
        url: "endpoint_uri",
        discovery: GET_ENDPOINTS_DISCOVERY,
        tokens: GET_ENDPOINTS_USER_TOKEN,
    };
    logs.write(page, endpoints.as_deref(), list(parameters, "endpoints"));
}

/// Writes a row for each text of a list.
fn texts(
    page: &mut Page<'_, '_>,
    log: &'static str,
    link: (&'static str, Option<&str>),
    name: &'static str,
    list: &[Value],
) {
    for text in list {
        let mut row = page.row(&[link], text, &[]);
        row.set(name, text.clone());
        page.write(log, &row);
    }
}

/// Where the endpoints of a service are written.
struct Endpoints {
    log: &'static str,
    link: &'static str,
    url: &'static str,
    discovery: &'static str,
    tokens: &'static str,
}

impl Endpoints {
    fn write(&self, page: &mut Page<'_, '_>, link: Option<&str>, endpoints: &[Value]) {
        for endpoint in endpoints {
            let urls = list(endpoint, "server.discoveryUrls");
            let discovery = page.link_to(urls);
            let tokens = page.link_to(list(endpoint, "userIdentityTokens"));
            let links = [
                (self.link, link),
                ("discovery_profile_link_id", discovery.as_deref()),
                ("user_token_link_id", tokens.as_deref()),
            ];
            let columns: Vec<Column> =
                [&[(self.url, "endpointUrl", Cell::Text)], ENDPOINT].concat();
            page.put(self.log, &links, endpoint, &columns);
            let link = ("discovery_profile_link_id", discovery.as_deref());
            texts(page, self.discovery, link, "discovery_profile_url", urls);
            for token in list(endpoint, "userIdentityTokens") {
                let links = [("user_token_link_id", tokens.as_deref())];
                page.put(self.tokens, &links, token, TOKEN);
            }
        }
    }
}

/// Who asks for a session.
pub(super) fn create_session(page: &mut Page<'_, '_>, link: &str, parameters: &Value) {
    let urls = list(parameters, "clientDescription.discoveryUrls");
    let discovery = page.link_to(urls);
    let links = [
        ("opcua_link_id", Some(link)),
        ("discovery_profile_link_id", discovery.as_deref()),
    ];
    page.put(CREATE_SESSION, &links, parameters, SESSION_ASKED);
    let link = ("discovery_profile_link_id", discovery.as_deref());
    texts(
        page,
        CREATE_SESSION_DISCOVERY,
        link,
        "discovery_profile_url",
        urls,
    );
}

/// The session that was made.
pub(super) fn created_session(page: &mut Page<'_, '_>, link: &str, parameters: &Value) {
    let endpoints = page.link_to(list(parameters, "serverEndpoints"));
    let links = [
        ("opcua_link_id", Some(link)),
        ("endpoint_link_id", endpoints.as_deref()),
    ];
    page.put(CREATE_SESSION, &links, parameters, SESSION_CREATED);
    let logs = Endpoints {
        log: CREATE_SESSION_ENDPOINTS,
        link: "endpoint_link_id",
        url: "endpoint_url",
        discovery: CREATE_SESSION_DISCOVERY,
        tokens: CREATE_SESSION_USER_TOKEN,
    };
    logs.write(
        page,
        endpoints.as_deref(),
        list(parameters, "serverEndpoints"),
    );
}

/// Who wants to use a session. Of a password nothing is written.
pub(super) fn activate_session(page: &mut Page<'_, '_>, link: &str, parameters: &Value) {
    let certificates = list(parameters, "clientSoftwareCertificates");
    let locales = list(parameters, "localeIds");
    let (certificate, locale) = (page.link_to(certificates), page.link_to(locales));
    let links = [
        ("opcua_link_id", Some(link)),
        ("client_software_cert_link_id", certificate.as_deref()),
        ("opcua_locale_link_id", locale.as_deref()),
    ];
    page.put(ACTIVATE_SESSION, &links, parameters, ACTIVATION);
    for one in certificates {
        let links = [("client_software_cert_link_id", certificate.as_deref())];
        page.put(CERTIFICATE, &links, one, SOFTWARE);
    }
    let link = ("opcua_locale_link_id", locale.as_deref());
    texts(page, LOCALE, link, "local_id", locales);
}

/// Whether the user may.
pub(super) fn activated_session(page: &mut Page<'_, '_>, link: &str, parameters: &Value) {
    let (results, told) = (
        list(parameters, "results"),
        list(parameters, "diagnosticInfos"),
    );
    let (status, diagnostics) = (page.link_to(results), page.link_to(told));
    let links = [
        ("opcua_link_id", Some(link)),
        ("status_code_link_id", status.as_deref()),
        ("activate_session_diag_info_link_id", diagnostics.as_deref()),
    ];
    let nonce = [("server_nonce", "serverNonce", Cell::Bytes)];
    page.put(ACTIVATE_SESSION, &links, parameters, &nonce);
    for result in results {
        status::write(
            page,
            status.as_deref().unwrap_or_default(),
            Source::ActivateSession,
            result,
        );
    }
    status::diagnose(
        page,
        diagnostics.as_deref().unwrap_or_default(),
        Source::ActivateSession,
        told,
    );
}

/// Whether the session's subscriptions go with it.
pub(super) fn close_session(page: &mut Page<'_, '_>, link: &str, parameters: &Value) {
    let links = [("opcua_link_id", Some(link))];
    let columns = [("del_subscriptions", "deleteSubscriptions", Cell::Plain)];
    page.put(CLOSE_SESSION, &links, parameters, &columns);
}

#[rustfmt::skip]
const CHANNEL_ASKED: &[Column] = &[
    ("client_proto_ver", "clientProtocolVersion", Cell::Plain),
    ("sec_token_request_type", "requestType", Cell::Code),
    ("message_security_mode", "securityMode", Cell::Code),
    ("client_nonce", "clientNonce", Cell::Raw),
    ("req_lifetime", "requestedLifetime", Cell::Plain),
];

#[rustfmt::skip]
const CHANNEL_OPENED: &[Column] = &[
    ("server_proto_ver", "serverProtocolVersion", Cell::Plain),
    ("sec_token_sec_channel_id", "securityToken.channelId", Cell::Plain),
    ("sec_token_id", "securityToken.tokenId", Cell::Plain),
    ("sec_token_created_at", "securityToken.createdAt", Cell::Time),
    ("sec_token_revised_time", "securityToken.revisedLifetime", Cell::Plain),
    ("server_nonce", "serverNonce", Cell::Raw),
];

#[rustfmt::skip]
const ENDPOINT: &[Column] = &[
    ("application_uri", "server.applicationUri", Cell::Text),
    ("product_uri", "server.productUri", Cell::Text),
    ("encoding_mask", "server.applicationName.encodingMask", Cell::Plain),
    ("locale", "server.applicationName.locale", Cell::Text),
    ("text", "server.applicationName.text", Cell::Text),
    ("application_type", "server.applicationType", Cell::Code),
    ("gateway_server_uri", "server.gatewayServerUri", Cell::Text),
    ("discovery_profile_uri", "server.discoveryProfileUri", Cell::Text),
    ("cert_size", "serverCertificate", Cell::Length),
    ("server_cert", "serverCertificate", Cell::Bytes),
    ("message_security_mode", "securityMode", Cell::Code),
    ("security_policy_uri", "securityPolicyUri", Cell::Text),
    ("transport_profile_uri", "transportProfileUri", Cell::Text),
    ("security_level", "securityLevel", Cell::Plain),
];

#[rustfmt::skip]
const TOKEN: &[Column] = &[
    ("user_token_policy_id", "policyId", Cell::Text),
    ("user_token_type", "tokenType", Cell::Code),
    ("user_token_issued_type", "issuedTokenType", Cell::Text),
    ("user_token_endpoint_url", "issuerEndpointUrl", Cell::Text),
    ("user_token_sec_policy_uri", "securityPolicyUri", Cell::Text),
];

#[rustfmt::skip]
const SESSION_ASKED: &[Column] = &[
    ("application_uri", "clientDescription.applicationUri", Cell::Text),
    ("product_uri", "clientDescription.productUri", Cell::Text),
    ("encoding_mask", "clientDescription.applicationName.encodingMask", Cell::Plain),
    ("locale", "clientDescription.applicationName.locale", Cell::Text),
    ("text", "clientDescription.applicationName.text", Cell::Text),
    ("application_type", "clientDescription.applicationType", Cell::Code),
    ("gateway_server_uri", "clientDescription.gatewayServerUri", Cell::Text),
    ("discovery_profile_uri", "clientDescription.discoveryProfileUri", Cell::Text),
    ("server_uri", "serverUri", Cell::Text),
    ("endpoint_url", "endpointUrl", Cell::Text),
    ("session_name", "sessionName", Cell::Text),
    ("client_nonce", "clientNonce", Cell::Bytes),
    ("client_cert_size", "clientCertificate", Cell::Length),
    ("client_cert", "clientCertificate", Cell::Bytes),
    ("req_session_timeout", "requestedSessionTimeout", Cell::Whole),
    ("max_res_msg_size", "maxResponseMessageSize", Cell::Plain),
];

#[rustfmt::skip]
const SESSION_CREATED: &[Column] = &[
    ("", "sessionId", Cell::Node(&[
        "session_id_encoding_mask", "session_id_namespace_idx", "session_id_numeric",
        "session_id_string", "session_id_guid", "session_id_opaque",
    ])),
    ("", "authenticationToken", Cell::Node(&[
        "auth_token_encoding_mask", "auth_token_namespace_idx", "auth_token_numeric",
        "auth_token_string", "auth_token_guid", "auth_token_opaque",
    ])),
    ("revised_session_timeout", "revisedSessionTimeout", Cell::Whole),
    ("server_nonce", "serverNonce", Cell::Bytes),
    ("server_cert_size", "serverCertificate", Cell::Length),
    ("server_cert", "serverCertificate", Cell::Bytes),
    ("algorithm", "serverSignature.algorithm", Cell::Text),
    ("signature", "serverSignature.signature", Cell::Bytes),
    ("max_req_msg_size", "maxRequestMessageSize", Cell::Plain),
];

#[rustfmt::skip]
const ACTIVATION: &[Column] = &[
    ("client_algorithm", "clientSignature.algorithm", Cell::Text),
    ("client_signature", "clientSignature.signature", Cell::Bytes),
    ("", "userIdentityToken.typeId", Cell::Node(&[
        "ext_obj_type_id_encoding_mask", "ext_obj_type_id_namespace_idx", "ext_obj_type_id_numeric",
        "ext_obj_type_id_string", "ext_obj_type_id_guid", "ext_obj_type_id_opaque",
    ])),
    ("ext_obj_type_id_str", "userIdentityToken.type", Cell::Text),
    ("ext_obj_encoding", "userIdentityToken.encodingMask", Cell::Hex8),
    ("ext_obj_policy_id", "userIdentityToken.body.policyId", Cell::Text),
    ("ext_obj_user_name", "userIdentityToken.body.userName", Cell::Text),
    ("ext_obj_encryption_algorithom", "userIdentityToken.body.encryptionAlgorithm", Cell::Text),
    ("ext_obj_certificate_data", "userIdentityToken.body.certificateData", Cell::Bytes),
    ("user_token_algorithm", "userTokenSignature.algorithm", Cell::Text),
    ("user_token_signature", "userTokenSignature.signature", Cell::Bytes),
];

#[rustfmt::skip]
const SOFTWARE: &[Column] = &[
    ("cert_data", "certificateData", Cell::Bytes),
    ("cert_signature", "signature", Cell::Bytes),
];

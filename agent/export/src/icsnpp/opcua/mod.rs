//! ICSNPP's logs of OPC UA.
//!
//! The main log has a row for a greeting and one for a request with its answer; each service that ICSNPP follows has logs of its
//! own, tied to that row by identifiers. Field lists follow cisagov/icsnpp-opcua-binary (BSD-3-Clause). Where these logs differ on
//! purpose, first of all in never holding a password: `docs/protocols/opcua.md`.
//!
//! **Bounds.** At most [`WAITING`] rows of a flow wait for their other half, an answer without its request until the flow is over; the
//! oldest is written as it is.

mod attributes;
mod cells;
mod page;
mod sessions;
mod status;
mod subscriptions;
mod variants;
mod views;

use std::collections::VecDeque;

use model::{Stage, Stamp};
use serde_json::{Value, json};

use super::conn::Conn;
use super::folder::Folder;
use super::message::Message;
use super::row::Row;
use super::{Pen, Protocol};

use cells::{Cell, Column, fill, member};
use page::Page;

/// The logs of OPC UA.
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "opcua",
    logs: &[
        MAIN,
        attributes::READ,
        attributes::NODES_TO_READ,
        attributes::READ_RESULTS,
        attributes::WRITE,
        sessions::ACTIVATE_SESSION,
        sessions::CERTIFICATE,
        sessions::LOCALE,
        sessions::CLOSE_SESSION,
        sessions::CREATE_SESSION,
        sessions::CREATE_SESSION_DISCOVERY,
        sessions::CREATE_SESSION_ENDPOINTS,
        sessions::CREATE_SESSION_USER_TOKEN,
        sessions::GET_ENDPOINTS,
        sessions::GET_ENDPOINTS_DESCRIPTION,
        sessions::GET_ENDPOINTS_DISCOVERY,
        sessions::GET_ENDPOINTS_LOCALE_ID,
        sessions::GET_ENDPOINTS_PROFILE_URI,
        sessions::GET_ENDPOINTS_USER_TOKEN,
        sessions::OPEN_SECURE_CHANNEL,
        status::DIAGNOSTICS,
        status::STATUS,
        subscriptions::CREATE_ITEM,
        subscriptions::CREATE_MONITORED_ITEMS,
        subscriptions::CREATE_SUBSCRIPTION,
        variants::DATA,
        variants::DIMENSIONS,
        variants::METADATA,
        variants::OBJECT,
        views::BROWSE,
        views::CONTINUATION_POINT,
        views::DESCRIPTION,
        views::REFERENCES,
        views::RESULT,
    ],
    pen: || Box::<Opcua>::default(),
};

const MAIN: &str = "opcua_binary";

/// The most rows of a flow that wait for their other half.
const WAITING: usize = 256;

/// Writes what is said in one flow.
#[derive(Default)]
struct Opcua {
    waiting: VecDeque<Half>,
    /// How many links were made.
    links: u64,
}

/// A row that waits for its other half.
struct Half {
    request_id: u64,
    /// Whether it has its answer and waits in vain: its request was not seen.
    answered: bool,
    size: u64,
    channels: Vec<Value>,
    row: Row,
}

impl Pen for Opcua {
    fn message(&mut self, message: &Message<'_>, folder: &mut Folder) {
        let mut page = Page::new(message, folder, self.links);
        match (message.operation.stage, message.number("requestId")) {
            _ if message.field("secureChannelId").is_none() => greet(&mut page),
            (Stage::Request, Some(request_id)) => self.ask(request_id, &mut page),
            (Stage::Response, Some(request_id)) => self.answer(request_id, &mut page),
            _ => seal(&mut page),
        }
        self.links = page.links();
    }

    fn closed(&mut self, _: &Conn, _: Stamp, folder: &mut Folder) {
        for half in self.waiting.drain(..) {
            folder.write(MAIN, &half.row);
        }
    }
}

impl Opcua {
    fn ask(&mut self, request_id: u64, page: &mut Page<'_, '_>) {
        let link = page.link();
        let mut row = begin(page);
        row.set("request_id", request_id);
        row.set("req_opcua_link_id", link.as_str());
        fill(&mut row, page.message.fields(), REQUEST);
        let size = page.message.number("messageSize").unwrap_or(0);
        if page.message.text("messageType") == Some("CLO") {
            page.write(MAIN, &row);
        } else {
            let half = Half {
                request_id,
                answered: false,
                size,
                channels: channel(page).into_iter().collect(),
                row,
            };
            self.wait(half, page);
        }
        service(page, &link);
    }

    fn wait(&mut self, half: Half, page: &mut Page<'_, '_>) {
        if self.waiting.len() >= WAITING
            && let Some(oldest) = self.waiting.pop_front()
        {
            page.write(MAIN, &oldest.row);
        }
        self.waiting.push_back(half);
    }

    fn answer(&mut self, request_id: u64, page: &mut Page<'_, '_>) {
        let (link, status) = (page.link(), page.link());
        let waits = |half: &Half| half.request_id == request_id && !half.answered;
        let place = self.waiting.iter().position(waits);
        let half = place.and_then(|place| self.waiting.remove(place));
        let mut half = half.unwrap_or_else(|| Half {
            request_id,
            answered: true,
            size: 0,
            channels: Vec::new(),
            row: begin(page),
        });
        let size = half.size + page.message.number("messageSize").unwrap_or(0);
        let channels = channel(page).into_iter();
        let channels = channels.filter(|channel| !half.channels.contains(channel));
        half.channels.extend(channels.collect::<Vec<_>>());
        let row = &mut half.row;
        row.set("total_size", size);
        row.set("sec_channel_id", half.channels.clone());
        row.set("request_id", request_id);
        row.set("res_opcua_link_id", link.as_str());
        fill(row, page.message.fields(), RESPONSE);
        row.set("status_code_link_id", status.as_str());
        if half.answered {
            self.wait(half, page);
        } else {
            page.write(MAIN, &half.row);
        }
        if let Some(result) = page.message.field("header.serviceResult") {
            status::write(page, &status, status::Source::ResponseHeader, result);
        }
        if let Some(diagnostics) = page.message.field("header.serviceDiagnostics") {
            let source = status::Source::ResponseHeader;
            status::diagnose(page, &link, source, std::slice::from_ref(diagnostics));
        }
        service(page, &link);
    }
}

/// A greeting, or an error, which stand alone.
fn greet(page: &mut Page<'_, '_>) {
    let mut row = begin(page);
    fill(&mut row, page.message.fields(), GREETING);
    page.write(MAIN, &row);
}

/// A message that cannot be read, or whose role cannot be told.
fn seal(page: &mut Page<'_, '_>) {
    let row = begin(page);
    page.write(MAIN, &row);
}

/// What every row of the main log begins with.
fn begin(page: &Page<'_, '_>) -> Row {
    let mut row = page.message.row();
    fill(&mut row, page.message.fields(), HEADER);
    if let Some(channel) = channel(page) {
        row.set("sec_channel_id", json!([channel]));
    }
    if page.message.text("messageType") == Some("OPN") {
        fill(&mut row, page.message.fields(), ASYMMETRIC);
        let policy = page.message.text("security.securityPolicyUri");
        row.set("sec_policy_uri_len", policy.unwrap_or_default().len());
    }
    row
}

fn channel(page: &Page<'_, '_>) -> Option<Value> {
    page.message.field("secureChannelId").cloned()
}

/// Writes the logs of the service.
fn service(page: &mut Page<'_, '_>, link: &str) {
    let fields = page.message.fields();
    let (Some(name), Some(parameters)) = (fields.get("type"), member(fields, "parameters")) else {
        return;
    };
    match name.as_str().unwrap_or_default() {
        "OpenSecureChannelRequest" | "OpenSecureChannelResponse" => {
            sessions::open_secure_channel(page, link, parameters);
        }
        "GetEndpointsRequest" | "GetEndpointsResponse" => {
            sessions::get_endpoints(page, link, parameters);
        }
        "CreateSessionRequest" => sessions::create_session(page, link, parameters),
        "CreateSessionResponse" => sessions::created_session(page, link, parameters),
        "ActivateSessionRequest" => sessions::activate_session(page, link, parameters),
        "ActivateSessionResponse" => sessions::activated_session(page, link, parameters),
        "CloseSessionRequest" => sessions::close_session(page, link, parameters),
        "BrowseRequest" | "BrowseNextRequest" => views::browse(page, link, parameters),
        "BrowseResponse" | "BrowseNextResponse" => views::browsed(page, link, parameters),
        "ReadRequest" => attributes::read(page, link, parameters),
        "ReadResponse" => attributes::results(page, link, parameters),
        "WriteRequest" => attributes::write(page, link, parameters),
        "WriteResponse" => attributes::written(page, link, parameters),
        "CreateSubscriptionRequest" | "CreateSubscriptionResponse" => {
            subscriptions::create_subscription(page, link, parameters);
        }
        "CreateMonitoredItemsRequest" => subscriptions::create(page, link, parameters),
        "CreateMonitoredItemsResponse" => subscriptions::created(page, link, parameters),
        _ => {}
    }
}

#[rustfmt::skip]
const HEADER: &[Column] = &[
    ("msg_type", "messageType", Cell::Plain),
    ("is_final", "chunkType", Cell::Plain),
    ("total_size", "messageSize", Cell::Plain),
];

#[rustfmt::skip]
const GREETING: &[Column] = &[
    ("error", "parameters.error.code", Cell::Plain),
    ("reason", "parameters.reason", Cell::Text),
    ("version", "parameters.protocolVersion", Cell::Plain),
    ("rcv_buf_size", "parameters.receiveBufferSize", Cell::Plain),
    ("snd_buf_size", "parameters.sendBufferSize", Cell::Plain),
    ("max_msg_size", "parameters.maxMessageSize", Cell::Plain),
    ("max_chunk_cnt", "parameters.maxChunkCount", Cell::Plain),
    ("endpoint_url", "parameters.endpointUrl", Cell::Text),
];

#[rustfmt::skip]
const ASYMMETRIC: &[Column] = &[
    ("sec_policy_uri", "security.securityPolicyUri", Cell::Text),
    ("snd_cert_len", "security.senderCertificate", Cell::AnyLength),
    ("snd_cert", "security.senderCertificate", Cell::Bytes),
    ("rcv_cert_len", "security.receiverCertificateThumbprint", Cell::AnyLength),
    ("rcv_cert", "security.receiverCertificateThumbprint", Cell::Bytes),
];

#[rustfmt::skip]
const REQUEST: &[Column] = &[
    ("req_msg_size", "messageSize", Cell::Plain),
    ("req_seq_number", "sequenceNumber", Cell::Plain),
    ("req_encoding_mask", "typeId.encodingMask", Cell::Plain),
    ("req_namespace_idx", "typeId.namespaceIndex", Cell::Plain),
    ("req_identifier", "typeId.numeric", Cell::Plain),
    ("req_identifier_str", "type", Cell::Plain),
    ("", "header.authenticationToken", Cell::Node(&[
        "req_hdr_node_id_type", "req_hdr_node_id_namespace_idx", "req_hdr_node_id_numeric",
        "req_hdr_node_id_string", "req_hdr_node_id_guid", "req_hdr_node_id_opaque",
    ])),
    ("req_hdr_timestamp", "header.timestamp", Cell::Time),
    ("req_hdr_request_handle", "header.requestHandle", Cell::Plain),
    ("req_hdr_return_diag", "header.returnDiagnostics", Cell::Plain),
    ("req_hdr_audit_entry_id", "header.auditEntryId", Cell::AnyText),
    ("req_hdr_timeout_hint", "header.timeoutHint", Cell::Plain),
    ("req_hdr_add_hdr_type_id", "header.additionalHeader.typeId.numeric", Cell::Plain),
    ("req_hdr_add_hdr_enc_mask", "header.additionalHeader.encodingMask", Cell::Plain),
];

#[rustfmt::skip]
const RESPONSE: &[Column] = &[
    ("res_msg_size", "messageSize", Cell::Plain),
    ("res_seq_number", "sequenceNumber", Cell::Plain),
    ("res_encoding_mask", "typeId.encodingMask", Cell::Plain),
    ("res_namespace_idx", "typeId.namespaceIndex", Cell::Plain),
    ("res_identifier", "typeId.numeric", Cell::Plain),
    ("res_identifier_str", "type", Cell::Plain),
    ("res_hdr_timestamp", "header.timestamp", Cell::Time),
    ("res_hdr_request_handle", "header.requestHandle", Cell::Plain),
    ("res_hdr_service_diag_encoding", "header.serviceDiagnostics.encodingMask", Cell::Plain),
    ("res_hdr_add_hdr_type_id", "header.additionalHeader.typeId.numeric", Cell::Plain),
    ("res_hdr_add_hdr_enc_mask", "header.additionalHeader.encodingMask", Cell::Plain),
];

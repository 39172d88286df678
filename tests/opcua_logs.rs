//! `replay --format icsnpp` against the OPC UA logs that Zeek with ICSNPP wrote of the same captures, row by row and field by
//! field.
//!
//! Their logs were cut by column and lost their headers, so [`FIELDS`] has the columns that are left; gone are the
//! random links, which must tie our rows instead. Their times are masked. `opcua-logs-allow.tsv` lists what differs: capture, log,
//! row of theirs, field, why. What is not listed fails, and so does what is listed and does not differ.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{logs_of, root, shared};

#[test]
fn every_row_of_icsnpp_is_written_field_by_field() {
    let Some(folder) = shared("captures/opcua") else {
        return;
    };
    let mut allowed = allowed();
    let (mut rows, mut different) = (0, Vec::new());
    for (capture, theirs) in compared(&folder) {
        let name = capture.file_name().unwrap().to_str().unwrap().to_owned();
        let ours = logs_of(&capture);
        for (log, fields) in FIELDS {
            let Ok(text) = std::fs::read_to_string(theirs.join(format!("{log}.log"))) else {
                continue;
            };
            let none = Vec::new();
            let ours = ours.get(*log).unwrap_or(&none);
            let mut known = Known {
                capture: &name,
                log,
                allowed: &mut allowed,
            };
            let comparison = compare(fields, &text, ours, &mut known);
            rows += comparison.rows;
            let told = |what| format!("{name}\t{log}\t{what}");
            different.extend(comparison.different.into_iter().map(told));
        }
    }
    assert!(rows > 300, "only {rows} rows");
    assert!(different.is_empty(), "{}", different.join("\n"));
    assert!(allowed.is_empty(), "listed, but the same: {allowed:?}");
}

#[test]
fn every_log_that_icsnpp_left_is_compared() {
    let Some(folder) = shared("captures/opcua") else {
        return;
    };
    for (capture, theirs) in compared(&folder) {
        for entry in std::fs::read_dir(theirs).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let log = name.strip_suffix(".log").unwrap_or(&name);
            let is_known = FIELDS.iter().any(|(known, _)| *known == log);
            // Zeek's own log of connections, which tells nothing of OPC UA.
            assert!(is_known || log == "conn", "{log} of {}", capture.display());
        }
    }
}

#[test]
fn links_tie_rows_to_rows_and_no_password_is_written() {
    let Some(folder) = shared("captures/opcua") else {
        return;
    };
    for (capture, theirs) in compared(&folder) {
        let ours = logs_of(&capture);
        let main = ours.get("opcua_binary").into_iter().flatten();
        let links: BTreeSet<_> = main
            .flat_map(|row| [&row["req_opcua_link_id"], &row["res_opcua_link_id"]])
            .filter_map(Value::as_str)
            .collect();
        let others = ours.iter().filter(|(log, _)| *log != "opcua_binary");
        let tied = others.flat_map(|(_, rows)| rows);
        let tied = tied.filter_map(|row| row["opcua_link_id"].as_str());
        assert!(tied.clone().count() > 0, "{}", capture.display());
        for link in tied {
            assert!(links.contains(link), "{link} of {}", capture.display());
        }
        // Theirs says what must not be there.
        let activated = theirs.join("opcua_binary_activate_session.log");
        let text = std::fs::read_to_string(activated).unwrap_or_default();
        assert!(text.is_empty() || text.contains("\tpassword\t"), "{text}");
        for row in ours
            .get("opcua_binary_activate_session")
            .into_iter()
            .flatten()
        {
            assert_eq!(row.get("ext_obj_password"), None);
            assert!(!row.to_string().contains("\"password\""), "{row}");
        }
    }
}

type Difference = (String, String, String, String);

fn allowed() -> BTreeSet<Difference> {
    let text = std::fs::read_to_string(root().join("tests/opcua-logs-allow.tsv")).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let entry = |line: &str| {
        let [capture, log, row, field, why] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("`{line}` has not five columns");
        };
        assert!(!why.is_empty(), "`{line}` does not say why");
        let own = |text: &str| text.to_owned();
        (own(capture), own(log), own(row), own(field))
    };
    lines.map(entry).collect()
}

/// The captures beside which they left logs, and where.
fn compared(folder: &Path) -> Vec<(PathBuf, PathBuf)> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut found: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter_map(|path| {
            let capture = path.to_str()?.strip_suffix(".expected")?.into();
            let logs = path.join("zeek");
            logs.exists().then_some((capture, logs))
        })
        .collect();
    found.sort();
    assert!(found.len() >= 4, "{found:?}");
    found
}

/// What is known to differ in one log.
struct Known<'a> {
    capture: &'a str,
    log: &'a str,
    allowed: &'a mut BTreeSet<Difference>,
}

impl Known<'_> {
    fn entry(&self, row: &str, field: &str) -> Difference {
        let own = |text: &str| text.to_owned();
        (own(self.capture), own(self.log), own(row), own(field))
    }

    fn has(&self, row: &str, field: &str) -> bool {
        self.allowed.contains(&self.entry(row, field))
    }

    fn take(&mut self, row: &str, field: &str) -> bool {
        let entry = self.entry(row, field);
        self.allowed.remove(&entry)
    }
}

/// What a comparison of one log came to.
struct Comparison {
    rows: usize,
    different: Vec<String>,
}

/// Compares each row of theirs with the one of ours in its place. Where rows of ours are known to be more, it is the next one that
/// differs in nothing else that is not known.
fn compare(fields: &str, theirs: &str, ours: &[Value], known: &mut Known<'_>) -> Comparison {
    let fields: Vec<_> = ID.split(' ').chain(fields.split_whitespace()).collect();
    let theirs = theirs.lines().filter(|line| !line.starts_with('#'));
    let theirs: Vec<Vec<_>> = theirs.map(|line| line.split('\t').collect()).collect();
    let mut different = Vec::new();
    let more = theirs.len() != ours.len() && known.take("-", "-");
    if !more && theirs.len() != ours.len() {
        different.push(format!("-\t-\t{} rows, ours {}", theirs.len(), ours.len()));
    }
    let mut place = 0;
    for (number, theirs) in (1..).zip(&theirs) {
        assert_eq!(theirs.len(), fields.len(), "{theirs:?}");
        let number = number.to_string();
        let rest = &ours[place..];
        let is_known = |(field, _): &(String, String)| known.has(&number, field);
        let equal = |ours: &Value| differing(&fields, theirs, ours).iter().all(is_known);
        let skipped = if more {
            rest.iter().position(equal)
        } else {
            None
        };
        let skipped = skipped.unwrap_or(0);
        let Some(ours) = rest.get(skipped) else {
            different.push(format!("{number}\t-\tno row"));
            continue;
        };
        place += skipped + 1;
        for (field, what) in differing(&fields, theirs, ours) {
            if !known.take(&number, &field) {
                different.push(format!("{number}\t{field}\t{what}"));
            }
        }
    }
    Comparison {
        rows: theirs.len(),
        different,
    }
}

/// In which fields two rows differ, and how.
fn differing(fields: &[&str], theirs: &[&str], ours: &Value) -> Vec<(String, String)> {
    let mut different = Vec::new();
    for (field, theirs) in fields.iter().zip(theirs) {
        let shown = shown(&ours[*field]);
        let same = match *field {
            "uid" => shown.starts_with('C') && shown.len() == 18,
            _ if theirs.starts_with('X') => ours[*field].is_f64(),
            _ if field.ends_with("_guid") => shown == in_order(theirs),
            _ => shown == *theirs,
        };
        if !same {
            different.push((
                field.to_string(),
                format!("theirs: {theirs}, ours: {shown}"),
            ));
        }
    }
    let links = ["_link_id", "root_object_id", "inner_stat_code"];
    for field in ours.as_object().unwrap().keys() {
        let is_link = links.iter().any(|ending| field.ends_with(ending));
        if !is_link && !fields.contains(&field.as_str()) {
            different.push((field.clone(), "no such field".to_owned()));
        }
    }
    different
}

/// A GUID of theirs as it should be: they write the bytes of its first three numbers as they are sent, least significant
/// first (OPC 10000-6, 5.2.2.6).
fn in_order(guid: &str) -> String {
    let turned = |group: &str| {
        let pairs = group.as_bytes().chunks(2).rev();
        pairs
            .map(|pair| std::str::from_utf8(pair).unwrap())
            .collect::<String>()
    };
    match guid.split('-').collect::<Vec<_>>()[..] {
        [a, b, c, d, e] => format!("{}-{}-{}-{d}-{e}", turned(a), turned(b), turned(c)),
        _ => guid.to_owned(),
    }
}

/// A value as Zeek writes it in columns.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(truth) => if *truth { "T" } else { "F" }.to_owned(),
        Value::String(text) if text.is_empty() => "(empty)".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(shown).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

const ID: &str = "ts uid id.orig_h id.orig_p id.resp_h id.resp_p";

/// The columns of each log after those, without the links.
const FIELDS: &[(&str, &str)] = &[
    (
        "opcua_binary",
        "msg_type is_final total_size error reason version rcv_buf_size snd_buf_size max_msg_size max_chunk_cnt endpoint_url
        sec_channel_id sec_policy_uri_len sec_policy_uri snd_cert_len snd_cert rcv_cert_len rcv_cert request_id
        req_msg_size req_seq_number req_encoding_mask req_namespace_idx req_identifier req_identifier_str
        req_hdr_node_id_type req_hdr_node_id_namespace_idx req_hdr_node_id_numeric req_hdr_node_id_string req_hdr_node_id_guid
        req_hdr_node_id_opaque req_hdr_timestamp req_hdr_request_handle req_hdr_return_diag req_hdr_audit_entry_id
        req_hdr_timeout_hint req_hdr_add_hdr_type_id req_hdr_add_hdr_enc_mask
        res_msg_size res_seq_number res_encoding_mask res_namespace_idx res_identifier res_identifier_str
        res_hdr_timestamp res_hdr_request_handle res_hdr_service_diag_encoding res_hdr_add_hdr_type_id res_hdr_add_hdr_enc_mask",
    ),
    (
        "opcua_binary_opensecure_channel",
        "is_orig source_h source_p destination_h destination_p
        client_proto_ver sec_token_request_type message_security_mode client_nonce req_lifetime
        server_proto_ver sec_token_sec_channel_id sec_token_id sec_token_created_at sec_token_revised_time server_nonce",
    ),
    (
        "opcua_binary_get_endpoints",
        "is_orig source_h source_p destination_h destination_p endpoint_url",
    ),
    (
        "opcua_binary_get_endpoints_description",
        "is_orig source_h source_p destination_h destination_p
        endpoint_uri application_uri product_uri encoding_mask locale text application_type gateway_server_uri discovery_profile_uri
        discovery_profile_link_id cert_size server_cert message_security_mode security_policy_uri transport_profile_uri security_level",
    ),
    (
        "opcua_binary_get_endpoints_user_token",
        "is_orig source_h source_p destination_h destination_p
        user_token_policy_id user_token_type user_token_issued_type user_token_endpoint_url user_token_sec_policy_uri",
    ),
    (
        "opcua_binary_create_session",
        "is_orig source_h source_p destination_h destination_p
        application_uri product_uri encoding_mask locale text application_type gateway_server_uri discovery_profile_uri
        server_uri endpoint_url session_name client_nonce client_cert_size client_cert req_session_timeout max_res_msg_size
        session_id_encoding_mask session_id_namespace_idx session_id_numeric session_id_string session_id_guid session_id_opaque
        auth_token_encoding_mask auth_token_namespace_idx auth_token_numeric auth_token_string auth_token_guid auth_token_opaque
        revised_session_timeout server_nonce server_cert_size server_cert algorithm signature max_req_msg_size",
    ),
    (
        "opcua_binary_create_session_endpoints",
        "is_orig source_h source_p destination_h destination_p
        endpoint_url application_uri product_uri encoding_mask locale text application_type gateway_server_uri discovery_profile_uri
        discovery_profile_link_id cert_size server_cert message_security_mode security_policy_uri transport_profile_uri security_level",
    ),
    (
        "opcua_binary_create_session_user_token",
        "is_orig source_h source_p destination_h destination_p
        user_token_policy_id user_token_type user_token_issued_type user_token_endpoint_url user_token_sec_policy_uri",
    ),
    (
        "opcua_binary_activate_session",
        "is_orig source_h source_p destination_h destination_p client_algorithm client_signature
        ext_obj_type_id_encoding_mask ext_obj_type_id_namespace_idx ext_obj_type_id_numeric ext_obj_type_id_string
        ext_obj_type_id_guid ext_obj_type_id_opaque ext_obj_type_id_str ext_obj_encoding ext_obj_policy_id ext_obj_user_name
        ext_obj_password ext_obj_encryption_algorithom ext_obj_certificate_data ext_obj_token_data
        user_token_algorithm user_token_signature server_nonce",
    ),
    (
        "opcua_binary_close_session",
        "is_orig source_h source_p destination_h destination_p del_subscriptions",
    ),
    (
        "opcua_binary_browse",
        "is_orig source_h source_p destination_h destination_p browse_service_type
        browse_view_id_encoding_mask browse_view_id_namespace_idx browse_view_id_numeric browse_view_id_string browse_view_id_guid
        browse_view_id_opaque browse_view_description_timestamp browse_view_description_view_version req_max_ref_nodes
        browse_next_release_continuation_point",
    ),
    (
        "opcua_binary_browse_description",
        "is_orig source_h source_p destination_h destination_p
        browse_description_encoding_mask browse_description_namespace_idx browse_description_numeric browse_description_string
        browse_description_guid browse_description_opaque browse_direction
        browse_description_ref_encoding_mask browse_description_ref_namespace_idx browse_description_ref_numeric
        browse_description_ref_string browse_description_ref_guid browse_description_ref_opaque
        browse_description_include_subtypes browse_node_class_mask browse_result_mask",
    ),
    (
        "opcua_binary_browse_result",
        "is_orig source_h source_p destination_h destination_p browse_result_continuation_point",
    ),
    (
        "opcua_binary_browse_response_references",
        "is_orig source_h source_p destination_h destination_p
        browse_response_ref_encoding_mask browse_response_ref_namespace_idx browse_response_ref_numeric browse_response_ref_string
        browse_response_ref_guid browse_response_ref_opaque browse_response_is_forward
        browse_response_ref_type_encoding_mask browse_response_ref_type_namespace_idx browse_response_ref_type_numeric
        browse_response_ref_type_string browse_response_ref_type_guid browse_response_ref_type_opaque
        browse_response_ref_type_namespace_uri browse_response_ref_type_server_idx
        browse_response_ref_name_idx browse_response_ref_name browse_response_display_name_mask
        browse_response_display_name_locale browse_response_display_name_text browse_response_node_class
        browse_response_type_def_encoding_mask browse_response_type_def_namespace_idx browse_response_type_def_numeric
        browse_response_type_def_string browse_response_type_def_guid browse_response_type_def_opaque
        browse_response_type_def_namespace_uri browse_response_type_def_server_idx",
    ),
    (
        "opcua_binary_read",
        "is_orig source_h source_p destination_h destination_p max_age timestamps_to_return timestamps_to_return_str",
    ),
    (
        "opcua_binary_read_nodes_to_read",
        "is_orig source_h source_p destination_h destination_p
        node_id_encoding_mask node_id_namespace_idx node_id_numeric node_id_string node_id_guid node_id_opaque
        attribute_id attribute_id_str index_range data_encoding_name_idx data_encoding_name",
    ),
    (
        "opcua_binary_read_results",
        "is_orig source_h source_p destination_h destination_p level data_value_encoding_mask
        source_timestamp source_pico_sec server_timestamp server_pico_sec",
    ),
    (
        "opcua_binary_write",
        "is_orig source_h source_p destination_h destination_p
        node_id_encoding_mask node_id_namespace_idx node_id_numeric node_id_string node_id_guid node_id_opaque
        attribute_id attribute_id_str index_range data_value_encoding_mask
        source_timestamp source_pico_sec server_timestamp server_pico_sec",
    ),
    (
        "opcua_binary_create_subscription",
        "is_orig source_h source_p destination_h destination_p
        requested_publishing_interval requested_lifetime_count requested_max_keep_alive_count max_notifications_per_publish
        publishing_enabled priority subscription_id revised_publishing_interval revised_lifetime_count revised_max_keep_alive_count",
    ),
    (
        "opcua_binary_create_monitored_items",
        "is_orig source_h source_p destination_h destination_p subscription_id timestamps_to_return timestamps_to_return_str",
    ),
    (
        "opcua_binary_create_monitored_items_create_item",
        "is_orig source_h source_p destination_h destination_p
        item_to_monitor_node_id_encoding_mask item_to_monitor_node_id_namespace_idx item_to_monitor_node_id_numeric
        item_to_monitor_node_id_string item_to_monitor_node_id_guid item_to_monitor_node_id_opaque item_to_monitor_attribute_id
        item_to_monitor_index_range item_to_monitor_namespace_idx item_to_monitor_name monitoring_mode
        monitoring_parameters_client_handle monitoring_parameters_sampling_interval monitoring_parameters_queue_size
        monitoring_parameters_discard_oldest
        monitoring_parameters_filter_info_type_id_node_id_encoding_mask monitoring_parameters_filter_info_type_id_node_id_namespace_idx
        monitoring_parameters_filter_info_type_id_node_id_numeric monitoring_parameters_filter_info_type_id_node_id_string
        monitoring_parameters_filter_info_type_id_node_id_guid monitoring_parameters_filter_info_type_id_node_id_opaque
        monitoring_parameters_filter_info_type_id_string monitoring_parameters_filter_info_type_id_encoding
        monitored_item_index_id monitoring_parameters_revised_sampling_interval monitoring_parameters_revised_queue_size",
    ),
    (
        "opcua_binary_status_code_detail",
        "is_orig source_h source_p destination_h destination_p source source_str source_level status_code severity severity_str
        sub_code sub_code_str structure_changed semantics_changed info_type info_type_str limit_bits limit_bits_str overflow
        historian_bits historian_bits_str historianPartial historianExtraData historianMultiValue",
    ),
];

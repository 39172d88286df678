//! The logs of browsing.

use serde_json::Value;

use super::cells::{Cell, Column, code, fill, list, member};
use super::page::Page;
use super::status::{self, Source};

pub(super) const BROWSE: &str = "opcua_binary_browse";
pub(super) const DESCRIPTION: &str = "opcua_binary_browse_description";
pub(super) const CONTINUATION_POINT: &str = "opcua_binary_browse_request_continuation_point";
pub(super) const RESULT: &str = "opcua_binary_browse_result";
pub(super) const REFERENCES: &str = "opcua_binary_browse_response_references";

/// Where to look, or to look on.
pub(super) fn browse(page: &mut Page<'_, '_>, link: &str, parameters: &Value) {
    let (nodes, points) = (
        list(parameters, "nodesToBrowse"),
        list(parameters, "continuationPoints"),
    );
    let (described, next) = (page.link_to(nodes), page.link_to(points));
    let links = [
        ("opcua_link_id", Some(link)),
        ("browse_description_link_id", described.as_deref()),
        ("browse_next_link_id", next.as_deref()),
    ];
    let mut row = page.row(&links, page.message.fields(), SERVICE);
    fill(&mut row, parameters, ASKED);
    page.write(BROWSE, &row);
    for node in nodes {
        let links = [("browse_description_link_id", described.as_deref())];
        let mut row = page.row(&links, node, NODE);
        let direction = member(node, "browseDirection").and_then(code);
        let words = ["FWD", "INVERSE", "BOTH"];
        let word = direction.and_then(|it| words.get(usize::try_from(it).ok()?));
        row.maybe("browse_direction", word.copied());
        let mask = member(node, "nodeClassMask").and_then(Value::as_u64);
        row.maybe("browse_node_class_mask", mask.and_then(classes));
        page.write(DESCRIPTION, &row);
    }
    for point in points {
        let links = [("browse_next_link_id", next.as_deref())];
        page.put(
            CONTINUATION_POINT,
            &links,
            point,
            &[("continuation_point", "", Cell::Bytes)],
        );
    }
}

/// What was found.
pub(super) fn browsed(page: &mut Page<'_, '_>, link: &str, parameters: &Value) {
    let (results, told) = (
        list(parameters, "results"),
        list(parameters, "diagnosticInfos"),
    );
    let (result, diagnostics) = (page.link_to(results), page.link_to(told));
    let links = [
        ("opcua_link_id", Some(link)),
        ("browse_response_link_id", result.as_deref()),
        ("browse_diag_info_link_id", diagnostics.as_deref()),
    ];
    page.put(BROWSE, &links, page.message.fields(), SERVICE);
    for one in results {
        let status = page.link();
        let references = page.link_to(list(one, "references"));
        let links = [
            ("browse_response_link_id", result.as_deref()),
            ("status_code_link_id", Some(status.as_str())),
            ("browse_reference_link_id", references.as_deref()),
        ];
        let point = [(
            "browse_result_continuation_point",
            "continuationPoint",
            Cell::Bytes,
        )];
        page.put(RESULT, &links, one, &point);
        if let Some(code) = member(one, "statusCode") {
            status::write(page, &status, Source::Browse, code);
        }
        for reference in list(one, "references") {
            let links = [("browse_reference_link_id", references.as_deref())];
            let mut row = page.row(&links, reference, REFERENCE);
            let class = member(reference, "nodeClass").and_then(code);
            let class = class.filter(|class| *class != 0).and_then(classes);
            row.maybe("browse_response_node_class", class);
            let index = member(reference, "browseName.namespaceIndex").and_then(Value::as_u64);
            row.maybe(
                "browse_response_ref_name_idx",
                index.filter(|index| *index != 0),
            );
            page.write(REFERENCES, &row);
        }
    }
    status::diagnose(
        page,
        diagnostics.as_deref().unwrap_or_default(),
        Source::Browse,
        told,
    );
}

/// A node class, or a mask of one alone.
fn classes(mask: u64) -> Option<String> {
    let name = match mask {
        0 => return Some("All".to_owned()),
        1 => "Object",
        2 => "Variable",
        4 => "Method",
        8 => "ObjectType",
        16 => "VariableType",
        32 => "ReferenceType",
        64 => "DataType",
        128 => "View",
        several => return Some(format!("0x{several:08x}")),
    };
    Some(format!("{name}NodeClass"))
}

const SERVICE: &[Column] = &[("browse_service_type", "type", Cell::Plain)];

#[rustfmt::skip]
const ASKED: &[Column] = &[
    ("", "view.viewId", Cell::Node(&[
        "browse_view_id_encoding_mask", "browse_view_id_namespace_idx", "browse_view_id_numeric",
        "browse_view_id_string", "browse_view_id_guid", "browse_view_id_opaque",
    ])),
    ("browse_view_description_timestamp", "view.timestamp", Cell::Time),
    ("browse_view_description_view_version", "view.viewVersion", Cell::Plain),
    ("req_max_ref_nodes", "requestedMaxReferencesPerNode", Cell::Plain),
    ("browse_next_release_continuation_point", "releaseContinuationPoints", Cell::Plain),
];

#[rustfmt::skip]
const NODE: &[Column] = &[
    ("", "nodeId", Cell::Node(&[
        "browse_description_encoding_mask", "browse_description_namespace_idx", "browse_description_numeric",
        "browse_description_string", "browse_description_guid", "browse_description_opaque",
    ])),
    ("", "referenceTypeId", Cell::Node(&[
        "browse_description_ref_encoding_mask", "browse_description_ref_namespace_idx", "browse_description_ref_numeric",
        "browse_description_ref_string", "browse_description_ref_guid", "browse_description_ref_opaque",
    ])),
    ("browse_description_include_subtypes", "includeSubtypes", Cell::Plain),
    ("browse_result_mask", "resultMask", Cell::Hex32),
];

#[rustfmt::skip]
const REFERENCE: &[Column] = &[
    ("", "referenceTypeId", Cell::Node(&[
        "browse_response_ref_encoding_mask", "browse_response_ref_namespace_idx", "browse_response_ref_numeric",
        "browse_response_ref_string", "browse_response_ref_guid", "browse_response_ref_opaque",
    ])),
    ("browse_response_is_forward", "isForward", Cell::Plain),
    ("", "nodeId", Cell::Node(&[
        "browse_response_ref_type_encoding_mask", "browse_response_ref_type_namespace_idx", "browse_response_ref_type_numeric",
        "browse_response_ref_type_string", "browse_response_ref_type_guid", "browse_response_ref_type_opaque",
        "browse_response_ref_type_namespace_uri", "browse_response_ref_type_server_idx",
    ])),
    ("browse_response_ref_name", "browseName.name", Cell::Text),
    ("browse_response_display_name_mask", "displayName.encodingMask", Cell::Hex8),
    ("browse_response_display_name_locale", "displayName.locale", Cell::Text),
    ("browse_response_display_name_text", "displayName.text", Cell::Text),
    ("", "typeDefinition", Cell::Node(&[
        "browse_response_type_def_encoding_mask", "browse_response_type_def_namespace_idx", "browse_response_type_def_numeric",
        "browse_response_type_def_string", "browse_response_type_def_guid", "browse_response_type_def_opaque",
        "browse_response_type_def_namespace_uri", "browse_response_type_def_server_idx",
    ])),
];

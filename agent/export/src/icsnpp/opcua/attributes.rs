//! The logs of reading and writing.

use serde_json::Value;

use super::super::row::Row;
use super::cells::{Cell, Column, fill, list, member};
use super::page::Page;
use super::status::{self, Source};
use super::variants;

pub(super) const READ: &str = "opcua_binary_read";
pub(super) const NODES_TO_READ: &str = "opcua_binary_read_nodes_to_read";
pub(super) const READ_RESULTS: &str = "opcua_binary_read_results";
pub(super) const WRITE: &str = "opcua_binary_write";

/// What to read.
pub(super) fn read(page: &mut Page<'_, '_>, link: &str, parameters: &Value) {
    let nodes = list(parameters, "nodesToRead");
    let to_read = page.link_to(nodes);
    let links = [
        ("opcua_link_id", Some(link)),
        ("nodes_to_read_link_id", to_read.as_deref()),
    ];
    page.put(READ, &links, parameters, ASKED);
    for node in nodes {
        let links = [("nodes_to_read_link_id", to_read.as_deref())];
        let mut row = page.row(&links, node, NODE);
        fill(&mut row, node, ENCODING);
        name_attribute(&mut row, "attribute_id_str", node);
        page.write(NODES_TO_READ, &row);
    }
}

/// What was read.
pub(super) fn results(page: &mut Page<'_, '_>, link: &str, parameters: &Value) {
    let (results, told) = (
        list(parameters, "results"),
        list(parameters, "diagnosticInfos"),
    );
    let (result, diagnostics) = (page.link_to(results), page.link_to(told));
    let links = [
        ("opcua_link_id", Some(link)),
        ("read_results_link_id", result.as_deref()),
        ("diag_info_link_id", diagnostics.as_deref()),
    ];
    page.put(READ, &links, parameters, &[]);
    for one in results {
        let ties = Ties::of(page, one);
        let mut links = vec![("results_link_id", result.as_deref())];
        links.extend(ties.columns(
            "status_code_link_id",
            "read_results_variant_metadata_link_id",
        ));
        let mut row = page.row(&links, one, &[]);
        row.set("level", 0);
        fill(&mut row, one, VALUE);
        page.write(READ_RESULTS, &row);
        ties.write(page, one, (Source::Read, variants::Source::Read));
    }
    status::diagnose(
        page,
        diagnostics.as_deref().unwrap_or_default(),
        Source::Read,
        told,
    );
}

/// What to write, a row for each node.
pub(super) fn write(page: &mut Page<'_, '_>, link: &str, parameters: &Value) {
    for node in list(parameters, "nodesToWrite") {
        let value = member(node, "value").unwrap_or(&Value::Null);
        let ties = Ties::of(page, value);
        let mut links = vec![("opcua_link_id", Some(link))];
        links.extend(ties.columns(
            "req_status_code_link_id",
            "write_results_variant_metadata_link_id",
        ));
        let mut row = page.row(&links, node, NODE);
        name_attribute(&mut row, "attribute_id_str", node);
        fill(&mut row, value, VALUE);
        page.write(WRITE, &row);
        ties.write(page, value, (Source::Write, variants::Source::Write));
    }
}

/// How that went, all in one row.
pub(super) fn written(page: &mut Page<'_, '_>, link: &str, parameters: &Value) {
    let (results, told) = (
        list(parameters, "results"),
        list(parameters, "diagnosticInfos"),
    );
    let (result, diagnostics) = (page.link_to(results), page.link_to(told));
    let links = [
        ("opcua_link_id", Some(link)),
        ("res_status_code_link_id", result.as_deref()),
        ("diag_info_link_id", diagnostics.as_deref()),
    ];
    page.put(WRITE, &links, parameters, &[]);
    for code in results {
        status::write(
            page,
            result.as_deref().unwrap_or_default(),
            Source::Write,
            code,
        );
    }
    status::diagnose(
        page,
        diagnostics.as_deref().unwrap_or_default(),
        Source::Write,
        told,
    );
}

/// What ties a value to its status code and its parts.
struct Ties {
    status: Option<String>,
    variant: Option<String>,
}

impl Ties {
    fn of(page: &mut Page<'_, '_>, value: &Value) -> Self {
        let mut tie = |path| member(value, path).is_some().then(|| page.link());
        Self {
            status: tie("statusCode"),
            variant: tie("value"),
        }
    }

    fn columns(
        &self,
        status: &'static str,
        variant: &'static str,
    ) -> [(&'static str, Option<&str>); 2] {
        [
            (status, self.status.as_deref()),
            (variant, self.variant.as_deref()),
        ]
    }

    fn write(&self, page: &mut Page<'_, '_>, value: &Value, of: (Source, variants::Source)) {
        if let (Some(link), Some(code)) = (&self.status, member(value, "statusCode")) {
            status::write(page, link, of.0, code);
        }
        if let (Some(link), Some(variant)) = (&self.variant, member(value, "value")) {
            variants::write(page, link, of.1, variant);
        }
    }
}

/// Sets the word of an attribute (OPC 10000-6, A.1).
pub(super) fn name_attribute(row: &mut Row, column: &'static str, node: &Value) {
    let names = [
        "NodeId",
        "NodeClass",
        "BrowseName",
        "DisplayName",
        "Description",
        "WriteMask",
        "UserWriteMask",
        "IsAbstract",
        "Symmetric",
        "InverseName",
        "ContainsNoLoops",
        "EventNotifier",
        "Value",
        "DataType",
        "ValueRank",
        "ArrayDimensions",
        "AccessLevel",
        "UserAccessLevel",
        "MinimumSamplingInterval",
        "Historizing",
        "Executable",
        "UserExecutable",
        "DataTypeDefinition",
        "RolePermissions",
        "UserRolePermissions",
        "AccessRestrictions",
        "AccessLevelEx",
    ];
    let attribute = member(node, "attributeId").and_then(Value::as_u64);
    let place = attribute.and_then(|it| usize::try_from(it).ok()?.checked_sub(1));
    row.maybe(column, place.and_then(|place| names.get(place)).copied());
}

#[rustfmt::skip]
const ASKED: &[Column] = &[
    ("max_age", "maxAge", Cell::Whole),
    ("timestamps_to_return", "timestampsToReturn", Cell::Code),
    ("timestamps_to_return_str", "timestampsToReturn", Cell::Word),
];

#[rustfmt::skip]
const NODE: &[Column] = &[
    ("", "nodeId", Cell::Node(&[
        "node_id_encoding_mask", "node_id_namespace_idx", "node_id_numeric",
        "node_id_string", "node_id_guid", "node_id_opaque",
    ])),
    ("attribute_id", "attributeId", Cell::Plain),
    ("index_range", "indexRange", Cell::Text),
];

#[rustfmt::skip]
const ENCODING: &[Column] = &[
    ("data_encoding_name_idx", "dataEncoding.namespaceIndex", Cell::Plain),
    ("data_encoding_name", "dataEncoding.name", Cell::Text),
];

#[rustfmt::skip]
const VALUE: &[Column] = &[
    ("data_value_encoding_mask", "encodingMask", Cell::Hex8),
    ("source_timestamp", "sourceTimestamp", Cell::Time),
    ("source_pico_sec", "sourcePicoseconds", Cell::Plain),
    ("server_timestamp", "serverTimestamp", Cell::Time),
    ("server_pico_sec", "serverPicoseconds", Cell::Plain),
];

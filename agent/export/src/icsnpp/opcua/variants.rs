//! The logs of values.

use serde_json::Value;

use super::cells::{Cell, Column, fill, list, member, seconds};
use super::page::Page;
use super::status;

pub(super) const METADATA: &str = "opcua_binary_variant_metadata";
pub(super) const DATA: &str = "opcua_binary_variant_data";
pub(super) const DIMENSIONS: &str = "opcua_binary_variant_array_dims";
pub(super) const OBJECT: &str = "opcua_binary_variant_extension_object";

/// Where a value stood.
#[derive(Clone, Copy)]
pub(super) enum Source {
    Read,
    ReadInner,
    Write,
}

impl Source {
    const fn named(self) -> (u64, &'static str) {
        match self {
            Self::Read => (0, "Read_Variant"),
            Self::ReadInner => (1, "Read_InnerVariant"),
            Self::Write => (4, "Write_Variant"),
        }
    }

    /// Of what lies within.
    const fn inner(self) -> Self {
        match self {
            Self::Read | Self::ReadInner => Self::ReadInner,
            Self::Write => Self::Write,
        }
    }
}

/// Writes what a value is, and each of its elements.
pub(super) fn write(page: &mut Page<'_, '_>, link: &str, source: Source, variant: &Value) {
    let mask = member(variant, "encodingMask")
        .and_then(Value::as_u64)
        .unwrap_or(0);
    let (shape, word) = match mask & 0xc0 {
        0xc0 => (2, "MultiDimArray"),
        0x80 => (1, "Array"),
        _ => (0, "Value"),
    };
    let value = member(variant, "value").unwrap_or(&Value::Null);
    let elements = match shape {
        0 => std::slice::from_ref(value),
        _ => value.as_array().map_or(&[][..], Vec::as_slice),
    };
    let dimensions = list(variant, "dimensions");
    let (data, sizes) = (page.link(), page.link_to(dimensions));
    let links = [
        ("variant_source_data_link_id", Some(link)),
        ("variant_data_link_id", Some(data.as_str())),
        ("variant_data_array_multi_dim_link_id", sizes.as_deref()),
    ];
    let mut row = page.row(&links, variant, TYPE);
    row.set("variant_data_source", source.named().0);
    row.set("variant_data_source_str", source.named().1);
    row.set("data_variant_data_type", shape);
    row.set("data_variant_data_type_str", word);
    row.set("built_in_data_type", mask & 0x3f);
    match shape {
        0 => {}
        1 => row.set("variant_data_array_dim", elements.len()),
        _ => row.set("variant_data_array_dim", dimensions.len()),
    }
    page.write(METADATA, &row);
    for size in dimensions {
        let mut row = page.row(&[("array_dim_link_id", sizes.as_deref())], size, &[]);
        row.set("dimension", size.clone());
        page.write(DIMENSIONS, &row);
    }
    for element in elements {
        one(page, &data, source, mask & 0x3f, element);
    }
}

/// Writes one element, by the number of its built-in type (OPC 10000-6, 5.1.2).
fn one(page: &mut Page<'_, '_>, link: &str, source: Source, kind: u64, value: &Value) {
    let mut row = page.row(&[("variant_data_link_id", Some(link))], value, &[]);
    let within = page.link();
    let unsigned = || value.as_bool().map(u64::from).or_else(|| value.as_u64());
    match kind {
        2 | 4 | 6 | 8 => row.maybe("variant_data_value_signed_numeric", value.as_i64()),
        1 | 3 | 5 | 7 | 9 => row.maybe("variant_data_value_unsigned_numeric", unsigned()),
        10 | 11 => row.maybe("variant_data_value_decimal", value.as_f64()),
        12 | 14 | 16 => row.maybe("variant_data_value_string", value.as_str()),
        13 => row.maybe("variant_data_value_time", value.as_str().and_then(seconds)),
        17 | 18 => fill(&mut row, value, NODE),
        19 => row.set("variant_data_status_code_link_id", within.as_str()),
        20 => fill(&mut row, value, NAME),
        21 => fill(&mut row, value, LOCALIZED),
        22 => row.set("variant_data_ext_obj_link_id", within.as_str()),
        23 | 24 => row.set("variant_metadata_data_link_id", within.as_str()),
        25 => row.set("variant_data_diag_info_link_id", within.as_str()),
        _ => fill(&mut row, value, BYTES),
    }
    page.write(DATA, &row);
    write_within(page, &within, source, kind, value);
}

/// Writes what has a log of its own.
fn write_within(page: &mut Page<'_, '_>, link: &str, source: Source, kind: u64, value: &Value) {
    let of_variant = status::Source::Variant;
    match kind {
        19 => status::write(page, link, of_variant, value),
        22 => page.put(OBJECT, &[("ext_obj_link_id", Some(link))], value, STRUCTURE),
        23 => {
            if let Some(inner) = member(value, "value") {
                write(page, link, source.inner(), inner);
            }
        }
        24 => write(page, link, source.inner(), value),
        25 => status::diagnose(page, link, of_variant, std::slice::from_ref(value)),
        _ => {}
    }
}

#[rustfmt::skip]
const TYPE: &[Column] = &[
    // ICSNPP's spelling.
    ("dara_variant_encoding_mask", "encodingMask", Cell::Hex8),
    ("built_in_data_type_str", "type", Cell::Plain),
];

#[rustfmt::skip]
const NODE: &[Column] = &[
    ("", "", Cell::Node(&[
        "variant_data_node_id_encoding_mask", "variant_data_node_id_namespace_idx", "variant_data_node_id_numeric",
        "variant_data_node_id_string", "variant_data_node_id_guid", "variant_data_node_id_opaque",
        "variant_data_node_id_namespace_uri", "variant_data_node_id_server_idx",
    ])),
];

#[rustfmt::skip]
const NAME: &[Column] = &[
    ("variant_data_encoding_name_idx", "namespaceIndex", Cell::Plain),
    ("variant_data_encoding_name", "name", Cell::Text),
];

#[rustfmt::skip]
const LOCALIZED: &[Column] = &[
    ("variant_data_mask", "encodingMask", Cell::Hex8),
    ("variant_data_locale", "locale", Cell::Text),
    ("variant_data_text", "text", Cell::Text),
];

#[rustfmt::skip]
const BYTES: &[Column] = &[("variant_data_value_string", "", Cell::Bytes)];

#[rustfmt::skip]
const STRUCTURE: &[Column] = &[
    ("", "typeId", Cell::Node(&[
        "ext_obj_node_id_encoding_mask", "ext_obj_node_id_namespace_idx", "ext_obj_node_id_numeric",
        "ext_obj_node_id_string", "ext_obj_node_id_guid", "ext_obj_node_id_opaque",
    ])),
    ("ext_obj_type_id_str", "type", Cell::Text),
    ("ext_obj_encoding", "encodingMask", Cell::Hex8),
];

//! The logs of status codes and diagnostics, which every other log links to.

use serde_json::Value;

use super::cells::{Cell, Column, fill, member};
use super::page::Page;

pub(super) const STATUS: &str = "opcua_binary_status_code_detail";
pub(super) const DIAGNOSTICS: &str = "opcua_binary_diag_info_detail";

/// Where a status code or a diagnostic stood.
#[derive(Clone, Copy)]
pub(super) enum Source {
    ResponseHeader = 0,
    Browse = 2,
    ActivateSession = 4,
    Read = 6,
    CreateMonitoredItems = 8,
    Variant = 16,
    Write = 18,
}

impl Source {
    const fn name(self) -> &'static str {
        match self {
            Self::ResponseHeader => "ResponseHeader",
            Self::Browse => "Browse",
            Self::ActivateSession => "ActivateSession",
            Self::Read => "Read",
            Self::CreateMonitoredItems => "CreateMonitoredItems",
            Self::Variant => "Variant",
            Self::Write => "Write",
        }
    }
}

/// Writes one status code.
pub(super) fn write(page: &mut Page<'_, '_>, link: &str, source: Source, status: &Value) {
    put(page, link, (source as u64, source.name(), 0), status);
}

/// Writes what kind of code it is, by its bits (OPC 10000-4, 7.39.1).
fn put(
    page: &mut Page<'_, '_>,
    link: &str,
    (source, name, level): (u64, &str, u64),
    status: &Value,
) {
    let Some(code) = member(status, "code").and_then(Value::as_u64) else {
        return;
    };
    let severity = code >> 30;
    let words = ["Severity_Good", "Severity_Uncertain", "Severity_Bad"];
    let mut row = page.row(&[("status_code_link_id", Some(link))], status, &[]);
    row.set("source", source);
    row.set("source_str", name);
    row.set("source_level", level);
    row.set("status_code", format!("0x{code:08x}"));
    row.set("severity", severity);
    row.maybe("severity_str", words.get(severity as usize).copied());
    row.set("sub_code", code >> 16 & 0xfff);
    row.maybe("sub_code_str", member(status, "symbol").cloned());
    row.set("structure_changed", code & 1 << 15 != 0);
    row.set("semantics_changed", code & 1 << 14 != 0);
    let of_value = code >> 10 & 3 == 1;
    row.set("info_type", code >> 10 & 3);
    let word = match of_value {
        true => "InfoType_DataValue",
        false => "InfoType_NotUsed",
    };
    row.set("info_type_str", word);
    if of_value {
        row.set("limit_bits", code >> 8 & 3);
        row.set("overflow", code & 1 << 7 != 0);
        row.set("historian_bits", code & 3);
        row.set("historianPartial", code & 1 << 2 != 0);
        row.set("historianExtraData", code & 1 << 3 != 0);
        row.set("historianMultiValue", code & 1 << 4 != 0);
    }
    page.write(STATUS, &row);
}

/// Writes diagnostics, each with those within it.
pub(super) fn diagnose(page: &mut Page<'_, '_>, link: &str, source: Source, all: &[Value]) {
    for diagnostic in all {
        let root = page.link();
        let (mut at, mut level) = (Some(diagnostic), 0);
        while let Some(diagnostic) = at {
            one(page, (link, &root), source, level, diagnostic);
            at = member(diagnostic, "innerDiagnosticInfo");
            level += 1;
        }
    }
}

fn one(
    page: &mut Page<'_, '_>,
    (link, root): (&str, &str),
    source: Source,
    level: u64,
    diagnostic: &Value,
) {
    let mask = member(diagnostic, "encodingMask").and_then(Value::as_u64);
    // A header without diagnostics has an empty one.
    let Some(mask) = mask.filter(|mask| *mask != 0 || !matches!(source, Source::ResponseHeader))
    else {
        return;
    };
    let links = [
        ("diag_info_link_id", Some(link)),
        ("root_object_id", Some(root)),
    ];
    let mut row = page.row(&links, diagnostic, &[]);
    let inner = level > 0;
    row.set("source", source as u64 + u64::from(inner));
    let ending = if inner { "InnerDiagInfo" } else { "DiagInfo" };
    row.set("source_str", format!("{}_{ending}", source.name()));
    row.set("inner_diag_level", level);
    let named = [
        (
            "symbolicId",
            0x01,
            "has_symbolic_id",
            "symbolic_id",
            "symbolic_id_str",
        ),
        (
            "namespaceUri",
            0x02,
            "has_namespace_uri",
            "namespace_uri",
            "namespace_uri_str",
        ),
        ("locale", 0x08, "has_locale", "locale", "locale_str"),
        (
            "localizedText",
            0x04,
            "has_locale_txt",
            "locale_txt",
            "locale_txt_str",
        ),
    ];
    for (path, bit, has, name, text) in named {
        row.set(has, mask & bit != 0);
        let place = member(diagnostic, path);
        row.maybe(name, place.cloned());
        row.maybe(text, place.and_then(|place| string(page, place)));
    }
    row.set("has_addl_info", mask & 0x10 != 0);
    fill(&mut row, diagnostic, ADDITIONAL);
    row.set("has_inner_stat_code", mask & 0x20 != 0);
    let status = member(diagnostic, "innerStatusCode").map(|status| (page.link(), status));
    row.maybe(
        "inner_stat_code",
        status.as_ref().map(|(link, _)| link.as_str()),
    );
    row.set("has_inner_diag_info", mask & 0x40 != 0);
    page.write(DIAGNOSTICS, &row);
    if let Some((link, status)) = status {
        let name = format!("{}_DiagInfo", source.name());
        put(page, &link, (source as u64 + 1, &name, level), status);
    }
}

/// A text of the header's table.
fn string(page: &Page<'_, '_>, place: &Value) -> Option<Value> {
    let table = page.message.list("header.stringTable")?;
    table.get(usize::try_from(place.as_u64()?).ok()?).cloned()
}

const ADDITIONAL: &[Column] = &[("addl_info", "additionalInfo", Cell::Text)];

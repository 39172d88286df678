//! The logs of subscriptions and what they watch.

use serde_json::Value;

use super::attributes::name_attribute;
use super::cells::{Cell, Column, fill, list, member};
use super::page::Page;
use super::status::{self, Source};

pub(super) const CREATE_SUBSCRIPTION: &str = "opcua_binary_create_subscription";
pub(super) const CREATE_MONITORED_ITEMS: &str = "opcua_binary_create_monitored_items";
pub(super) const CREATE_ITEM: &str = "opcua_binary_create_monitored_items_create_item";

/// The asking and the answering half of a subscription.
pub(super) fn create_subscription(page: &mut Page<'_, '_>, link: &str, parameters: &Value) {
    let links = [("opcua_link_id", Some(link))];
    let columns = match page.message.asks() {
        true => ASKED,
        false => CREATED,
    };
    page.put(CREATE_SUBSCRIPTION, &links, parameters, columns);
}

/// What to watch.
pub(super) fn create(page: &mut Page<'_, '_>, link: &str, parameters: &Value) {
    let items = list(parameters, "itemsToCreate");
    let item = page.link_to(items);
    let links = [
        ("opcua_link_id", Some(link)),
        ("create_item_link_id", item.as_deref()),
    ];
    page.put(CREATE_MONITORED_ITEMS, &links, parameters, ITEMS);
    for one in items {
        let links = [("create_item_link_id", item.as_deref())];
        let mut row = page.row(&links, one, ITEM);
        let watched = member(one, "itemToMonitor").unwrap_or(&Value::Null);
        name_attribute(&mut row, "item_to_monitor_attribute_id", watched);
        let index = member(watched, "dataEncoding.namespaceIndex").and_then(Value::as_u64);
        let index = index.filter(|index| *index != 0);
        row.maybe("item_to_monitor_namespace_idx", index);
        if member(one, "requestedParameters.filter.body").is_some() {
            fill(&mut row, one, FILTER);
        }
        page.write(CREATE_ITEM, &row);
    }
}

/// How that went.
pub(super) fn created(page: &mut Page<'_, '_>, link: &str, parameters: &Value) {
    let (results, told) = (
        list(parameters, "results"),
        list(parameters, "diagnosticInfos"),
    );
    let (item, diagnostics) = (page.link_to(results), page.link_to(told));
    let links = [
        ("opcua_link_id", Some(link)),
        ("create_item_link_id", item.as_deref()),
        (
            "create_monitored_items_diag_info_link_id",
            diagnostics.as_deref(),
        ),
    ];
    page.put(CREATE_MONITORED_ITEMS, &links, parameters, &[]);
    for one in results {
        let status = page.link();
        let links = [
            ("create_item_link_id", item.as_deref()),
            (
                "monitoring_parameters_status_code_link_id",
                Some(status.as_str()),
            ),
        ];
        page.put(CREATE_ITEM, &links, one, RESULT);
        if let Some(code) = member(one, "statusCode") {
            status::write(page, &status, Source::CreateMonitoredItems, code);
        }
    }
    let source = Source::CreateMonitoredItems;
    status::diagnose(
        page,
        diagnostics.as_deref().unwrap_or_default(),
        source,
        told,
    );
}

#[rustfmt::skip]
const ASKED: &[Column] = &[
    ("requested_publishing_interval", "requestedPublishingInterval", Cell::Whole),
    ("requested_lifetime_count", "requestedLifetimeCount", Cell::Plain),
    ("requested_max_keep_alive_count", "requestedMaxKeepAliveCount", Cell::Plain),
    ("max_notifications_per_publish", "maxNotificationsPerPublish", Cell::Plain),
    ("publishing_enabled", "publishingEnabled", Cell::Plain),
    ("priority", "priority", Cell::Plain),
];

#[rustfmt::skip]
const CREATED: &[Column] = &[
    ("subscription_id", "subscriptionId", Cell::Plain),
    ("revised_publishing_interval", "revisedPublishingInterval", Cell::Whole),
    ("revised_lifetime_count", "revisedLifetimeCount", Cell::Plain),
    ("revised_max_keep_alive_count", "revisedMaxKeepAliveCount", Cell::Plain),
];

#[rustfmt::skip]
const ITEMS: &[Column] = &[
    ("subscription_id", "subscriptionId", Cell::Plain),
    ("timestamps_to_return", "timestampsToReturn", Cell::Code),
    ("timestamps_to_return_str", "timestampsToReturn", Cell::Word),
];

#[rustfmt::skip]
const ITEM: &[Column] = &[
    ("", "itemToMonitor.nodeId", Cell::Node(&[
        "item_to_monitor_node_id_encoding_mask", "item_to_monitor_node_id_namespace_idx", "item_to_monitor_node_id_numeric",
        "item_to_monitor_node_id_string", "item_to_monitor_node_id_guid", "item_to_monitor_node_id_opaque",
    ])),
    ("item_to_monitor_index_range", "itemToMonitor.indexRange", Cell::Text),
    ("item_to_monitor_name", "itemToMonitor.dataEncoding.name", Cell::Text),
    ("monitoring_mode", "monitoringMode", Cell::Word),
    ("monitoring_parameters_client_handle", "requestedParameters.clientHandle", Cell::Plain),
    ("monitoring_parameters_sampling_interval", "requestedParameters.samplingInterval", Cell::Plain),
    ("monitoring_parameters_queue_size", "requestedParameters.queueSize", Cell::Plain),
    ("monitoring_parameters_discard_oldest", "requestedParameters.discardOldest", Cell::Plain),
];

#[rustfmt::skip]
const FILTER: &[Column] = &[
    ("", "requestedParameters.filter.typeId", Cell::Node(&[
        "monitoring_parameters_filter_info_type_id_node_id_encoding_mask",
        "monitoring_parameters_filter_info_type_id_node_id_namespace_idx",
        "monitoring_parameters_filter_info_type_id_node_id_numeric",
        "monitoring_parameters_filter_info_type_id_node_id_string",
        "monitoring_parameters_filter_info_type_id_node_id_guid",
        "monitoring_parameters_filter_info_type_id_node_id_opaque",
    ])),
    ("monitoring_parameters_filter_info_type_id_string", "requestedParameters.filter.type", Cell::Text),
    ("monitoring_parameters_filter_info_type_id_encoding", "requestedParameters.filter.encodingMask", Cell::Hex8),
];

#[rustfmt::skip]
const RESULT: &[Column] = &[
    ("monitored_item_index_id", "monitoredItemId", Cell::Plain),
    ("monitoring_parameters_revised_sampling_interval", "revisedSamplingInterval", Cell::Plain),
    ("monitoring_parameters_revised_queue_size", "revisedQueueSize", Cell::Plain),
];

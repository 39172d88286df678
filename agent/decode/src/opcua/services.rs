//! The services: for each its two binary encoding identifiers, its word, its one verb, and how its
//! items are laid out.
//!
//! Follows OPC 10000-4, 5.5 to 5.14 (the services), OPC 10000-6, 5.2.2.15 (a message is its type's
//! binary encoding) and A.3 (the identifiers of the encodings, all in namespace 0).

use model::{Function, Verb};

use Answers as A;
use Items as I;

/// One service.
#[derive(Debug)]
pub(super) struct Service {
    /// Its request's identifier as the code, its word, its verb.
    pub(super) function: Function,
    /// The type of its request.
    pub(super) request: &'static str,
    /// The type of its response.
    pub(super) response: &'static str,
    /// The identifier of its response's binary encoding.
    pub(super) response_id: u32,
    /// How the nodes of its request are laid out.
    pub(super) items: Items,
    /// How the results of its response are laid out.
    pub(super) answers: Answers,
}

impl Service {
    /// Whether the table's row is the one with this request identifier.
    pub(super) const fn is(&self, request_id: u32) -> bool {
        self.function.code == request_id
    }
}

/// Which half of a service a message is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Half {
    /// What the client sends.
    Request,
    /// What the server sends.
    Response,
}

/// How a request lays out the nodes that it names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Items {
    /// None that the decoder reads.
    None,
    /// `AddNodesItem`.
    AddNodes,
    /// `AddReferencesItem`.
    AddReferences,
    /// `BrowseDescription`, after a view.
    Browse,
    /// `CallMethodRequest`.
    Call,
    /// `DeleteNodesItem`.
    DeleteNodes,
    /// `DeleteReferencesItem`.
    DeleteReferences,
    /// `HistoryReadValueId`, after details.
    HistoryRead,
    /// Extension objects that begin with a node.
    HistoryUpdate,
    /// `MonitoredItemCreateRequest`.
    Monitored,
    /// Bare node identifiers.
    Nodes,
    /// `BrowsePath`.
    Paths,
    /// `ReadValueId`.
    Read,
    /// `WriteValue`.
    Write,
}

/// How a response lays out one result per item.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Answers {
    /// None that the decoder reads.
    None,
    /// `AddNodesResult`.
    AddedNode,
    /// `BrowseResult`.
    Browse,
    /// `HistoryReadResult`.
    History,
    /// `CallMethodResult`.
    Method,
    /// `MonitoredItemCreateResult`.
    Monitored,
    /// `BrowsePathResult`.
    Path,
    /// Bare status codes.
    Status,
    /// `HistoryUpdateResult`.
    Updated,
    /// `DataValue`.
    Value,
}

/// `ActivateSession`: its request may carry a password.
pub(super) const ACTIVATE_SESSION: u32 = 467;
/// `CloseSecureChannel`.
pub(super) const CLOSE_SECURE_CHANNEL: u32 = 452;
/// `CloseSession`.
pub(super) const CLOSE_SESSION: u32 = 473;
/// `CreateSession`.
pub(super) const CREATE_SESSION: u32 = 461;
/// `FindServers`.
pub(super) const FIND_SERVERS: u32 = 422;
/// `GetEndpoints`.
pub(super) const GET_ENDPOINTS: u32 = 428;
/// `OpenSecureChannel`.
pub(super) const OPEN_SECURE_CHANNEL: u32 = 446;
/// `Publish`: open until there is something to report.
pub(super) const PUBLISH: u32 = 826;
/// `ServiceFault`, the response that any request may get (OPC 10000-4, 7.34).
pub(super) const SERVICE_FAULT: u32 = 397;

/// The service and half with this identifier of a binary encoding in namespace 0.
pub(super) fn find(id: u32) -> Option<(&'static Service, Half)> {
    let place = SERVICES.partition_point(|service| service.function.code <= id);
    let service = place.checked_sub(1).and_then(|place| SERVICES.get(place))?;
    if service.is(id) {
        return Some((service, Half::Request));
    }
    // Responses are in the order of their requests, though not always next to them.
    let place = SERVICES.partition_point(|service| service.response_id < id);
    let service = SERVICES.get(place)?;
    (service.response_id == id).then_some((service, Half::Response))
}

/// Every service, in the order of its request's identifier.
#[rustfmt::skip]
pub(super) static SERVICES: [Service; 40] = [
    row([422, 425], "find_servers", ["FindServersRequest", "FindServersResponse"], Verb::Identify, I::None, A::None),
    row([428, 431], "get_endpoints", ["GetEndpointsRequest", "GetEndpointsResponse"], Verb::Identify, I::None, A::None),
    row([437, 440], "register_server", ["RegisterServerRequest", "RegisterServerResponse"], Verb::Configure, I::None, A::None),
    row([446, 449], "open_secure_channel", ["OpenSecureChannelRequest", "OpenSecureChannelResponse"], Verb::Connect, I::None, A::None),
    row([452, 455], "close_secure_channel", ["CloseSecureChannelRequest", "CloseSecureChannelResponse"], Verb::Connect, I::None, A::None),
    row([461, 464], "create_session", ["CreateSessionRequest", "CreateSessionResponse"], Verb::Connect, I::None, A::None),
    row([467, 470], "activate_session", ["ActivateSessionRequest", "ActivateSessionResponse"], Verb::Connect, I::None, A::None),
    row([473, 476], "close_session", ["CloseSessionRequest", "CloseSessionResponse"], Verb::Connect, I::None, A::None),
    row([479, 482], "cancel", ["CancelRequest", "CancelResponse"], Verb::Other, I::None, A::None),
    row([488, 491], "add_nodes", ["AddNodesRequest", "AddNodesResponse"], Verb::Configure, I::AddNodes, A::AddedNode),
    row([494, 497], "add_references", ["AddReferencesRequest", "AddReferencesResponse"], Verb::Configure, I::AddReferences, A::Status),
    row([500, 503], "delete_nodes", ["DeleteNodesRequest", "DeleteNodesResponse"], Verb::Delete, I::DeleteNodes, A::Status),
    row([506, 509], "delete_references", ["DeleteReferencesRequest", "DeleteReferencesResponse"], Verb::Delete, I::DeleteReferences, A::Status),
    row([527, 530], "browse", ["BrowseRequest", "BrowseResponse"], Verb::Browse, I::Browse, A::Browse),
    row([533, 536], "browse_next", ["BrowseNextRequest", "BrowseNextResponse"], Verb::Browse, I::None, A::None),
    row([554, 557], "translate_browse_paths_to_node_ids", ["TranslateBrowsePathsToNodeIdsRequest", "TranslateBrowsePathsToNodeIdsResponse"], Verb::Browse, I::Paths, A::Path),
    row([560, 563], "register_nodes", ["RegisterNodesRequest", "RegisterNodesResponse"], Verb::Browse, I::Nodes, A::None),
    row([566, 569], "unregister_nodes", ["UnregisterNodesRequest", "UnregisterNodesResponse"], Verb::Browse, I::Nodes, A::None),
    row([615, 618], "query_first", ["QueryFirstRequest", "QueryFirstResponse"], Verb::Browse, I::None, A::None),
    row([621, 624], "query_next", ["QueryNextRequest", "QueryNextResponse"], Verb::Browse, I::None, A::None),
    row([631, 634], "read", ["ReadRequest", "ReadResponse"], Verb::Read, I::Read, A::Value),
    row([664, 667], "history_read", ["HistoryReadRequest", "HistoryReadResponse"], Verb::Read, I::HistoryRead, A::History),
    row([673, 676], "write", ["WriteRequest", "WriteResponse"], Verb::Write, I::Write, A::Status),
    row([700, 703], "history_update", ["HistoryUpdateRequest", "HistoryUpdateResponse"], Verb::Write, I::HistoryUpdate, A::Updated),
    row([712, 715], "call", ["CallRequest", "CallResponse"], Verb::Call, I::Call, A::Method),
    row([751, 754], "create_monitored_items", ["CreateMonitoredItemsRequest", "CreateMonitoredItemsResponse"], Verb::Subscribe, I::Monitored, A::Monitored),
    row([763, 766], "modify_monitored_items", ["ModifyMonitoredItemsRequest", "ModifyMonitoredItemsResponse"], Verb::Subscribe, I::None, A::None),
    row([769, 772], "set_monitoring_mode", ["SetMonitoringModeRequest", "SetMonitoringModeResponse"], Verb::Subscribe, I::None, A::None),
    row([775, 778], "set_triggering", ["SetTriggeringRequest", "SetTriggeringResponse"], Verb::Subscribe, I::None, A::None),
    row([781, 784], "delete_monitored_items", ["DeleteMonitoredItemsRequest", "DeleteMonitoredItemsResponse"], Verb::Subscribe, I::None, A::None),
    row([787, 790], "create_subscription", ["CreateSubscriptionRequest", "CreateSubscriptionResponse"], Verb::Subscribe, I::None, A::None),
    row([793, 796], "modify_subscription", ["ModifySubscriptionRequest", "ModifySubscriptionResponse"], Verb::Subscribe, I::None, A::None),
    row([799, 802], "set_publishing_mode", ["SetPublishingModeRequest", "SetPublishingModeResponse"], Verb::Subscribe, I::None, A::None),
    row([826, 829], "publish", ["PublishRequest", "PublishResponse"], Verb::Subscribe, I::None, A::None),
    row([832, 835], "republish", ["RepublishRequest", "RepublishResponse"], Verb::Subscribe, I::None, A::None),
    row([841, 844], "transfer_subscriptions", ["TransferSubscriptionsRequest", "TransferSubscriptionsResponse"], Verb::Subscribe, I::None, A::None),
    row([847, 850], "delete_subscriptions", ["DeleteSubscriptionsRequest", "DeleteSubscriptionsResponse"], Verb::Subscribe, I::None, A::None),
    row([12208, 12209], "find_servers_on_network", ["FindServersOnNetworkRequest", "FindServersOnNetworkResponse"], Verb::Identify, I::None, A::None),
    row([12211, 12212], "register_server2", ["RegisterServer2Request", "RegisterServer2Response"], Verb::Configure, I::None, A::None),
    row([15903, 21001], "sessionless_invoke", ["SessionlessInvokeRequest", "SessionlessInvokeResponse"], Verb::Other, I::None, A::None),
];

const fn row(
    [request_id, response_id]: [u32; 2],
    name: &'static str,
    [request, response]: [&'static str; 2],
    verb: Verb,
    items: Items,
    answers: Answers,
) -> Service {
    let function = Function {
        code: request_id,
        name,
        verb,
    };
    Service {
        function,
        request,
        response,
        response_id,
        items,
        answers,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_identifier_finds_its_half_and_no_other_does() {
        assert!(SERVICES.is_sorted_by_key(|service| service.function.code));
        assert!(SERVICES.is_sorted_by_key(|service| service.response_id));
        for service in &SERVICES {
            let (found, half) = find(service.function.code).unwrap();
            assert_eq!((found.request, half), (service.request, Half::Request));
            let (found, half) = find(service.response_id).unwrap();
            assert_eq!((found.response, half), (service.response, Half::Response));
        }
        for id in [0, 397, 421, 423, 632, 635, 12210, 21002, u32::MAX] {
            assert!(find(id).is_none(), "{id}");
        }
    }
}

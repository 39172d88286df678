//! The services: for each its two binary encoding identifiers, its word, its one verb, and how its
//! items are laid out.
//!
//! Follows OPC 10000-4, 5.5 to 5.14 (the services), OPC 10000-6, 5.2.2.15 (a message is its type's
//! binary encoding) and A.3 (the identifiers of the encodings, all in namespace 0).

use model::{Function, Verb};

use super::schema::{Structure, messages as m};

use Answers as A;
use Items as I;

/// One service.
#[derive(Debug)]
pub(super) struct Service {
    /// Its request's identifier as the code, its word, its verb.
    pub(super) function: Function,
    /// The parameters of its request.
    pub(super) request: &'static Structure,
    /// The parameters of its response.
    pub(super) response: &'static Structure,
    /// The identifier of its response's binary encoding.
    pub(super) response_id: u32,
    /// How the nodes of its request are laid out.
    pub(super) items: Items,
    /// How the results of its response are laid out.
    pub(super) answers: Answers,
}

impl Service {
    /// Whether its requests change what subscriptions watch.
    pub(super) const fn watches(&self) -> bool {
        matches!(
            self.function.code,
            CREATE_MONITORED_ITEMS
                | DELETE_MONITORED_ITEMS
                | DELETE_SUBSCRIPTIONS
                | MODIFY_MONITORED_ITEMS
                | TRANSFER_SUBSCRIPTIONS
        )
    }

    /// Whether a server's other connections learn from it which subscriptions there are.
    pub(super) const fn subscribes(&self) -> bool {
        self.watches() || matches!(self.function.code, CREATE_SUBSCRIPTION | CLOSE_SESSION)
    }

    /// Whether its requests begin with the subscription that they are about.
    pub(super) const fn names_subscription(&self) -> bool {
        matches!(
            self.function.code,
            CREATE_MONITORED_ITEMS
                | DELETE_MONITORED_ITEMS
                | MODIFY_MONITORED_ITEMS
                | MODIFY_SUBSCRIPTION
                | REPUBLISH
                | SET_MONITORING_MODE
                | SET_TRIGGERING
        )
    }

    /// Whether its answer is told, or learned from, by its request.
    pub(super) fn tells_its_answer(&self) -> bool {
        let code = self.function.code;
        let besides = [
            CANCEL,
            CLOSE_SESSION,
            CREATE_SESSION,
            MODIFY_SUBSCRIPTION,
            REPUBLISH,
        ];
        (self.items != Items::None && code != PUBLISH) || besides.contains(&code)
    }

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

/// How a request lays out the nodes, monitored items or subscriptions that it names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Items {
    /// None that the decoder reads.
    None,
    /// `SubscriptionAcknowledgement`.
    Acknowledgements,
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
    /// Bare monitored items, after a subscription and a mode.
    Mode,
    /// `MonitoredItemModifyRequest`.
    Modified,
    /// `MonitoredItemCreateRequest`.
    Monitored,
    /// Bare node identifiers.
    Nodes,
    /// `BrowsePath`.
    Paths,
    /// Bare subscriptions, after whether to publish.
    Publishing,
    /// `NodeTypeDescription`, after a view.
    Query,
    /// `ReadValueId`.
    Read,
    /// Bare subscriptions.
    Subscriptions,
    /// Bare monitored items to link and to unlink, after a subscription and the item that triggers them.
    Triggered,
    /// Bare monitored items, after a subscription.
    Unmonitored,
    /// `WriteValue`.
    Write,
}

impl Items {
    /// Whether the items are subscriptions.
    pub(super) const fn are_subscriptions(self) -> bool {
        matches!(
            self,
            Self::Acknowledgements | Self::Publishing | Self::Subscriptions
        )
    }
}

/// How a response lays out one result per item, or what it tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Answers {
    /// None that the decoder reads.
    None,
    /// `AddNodesResult`.
    AddedNode,
    /// `BrowseResult`.
    Browse,
    /// `QueryDataSet`.
    DataSets,
    /// `HistoryReadResult`.
    History,
    /// `CallMethodResult`.
    Method,
    /// `MonitoredItemModifyResult`.
    Modified,
    /// `MonitoredItemCreateResult`.
    Monitored,
    /// `NotificationMessage`, after its subscription.
    Notifications,
    /// `BrowsePathResult`.
    Path,
    /// Bare node identifiers.
    Registered,
    /// `NotificationMessage`.
    Republished,
    /// Bare status codes.
    Status,
    /// `TransferResult`.
    Transferred,
    /// Bare status codes of links that were made, and of links that were cut.
    Triggered,
    /// `HistoryUpdateResult`.
    Updated,
    /// `DataValue`.
    Value,
}

/// `ActivateSession`: its request may carry a password.
pub(super) const ACTIVATE_SESSION: u32 = 467;
/// `Call`.
pub(super) const CALL: u32 = 712;
/// `Cancel`.
pub(super) const CANCEL: u32 = 479;
/// `CloseSecureChannel`.
pub(super) const CLOSE_SECURE_CHANNEL: u32 = 452;
/// `CloseSession`.
pub(super) const CLOSE_SESSION: u32 = 473;
/// `CreateMonitoredItems`.
pub(super) const CREATE_MONITORED_ITEMS: u32 = 751;
/// `CreateSession`.
pub(super) const CREATE_SESSION: u32 = 461;
/// `CreateSubscription`.
pub(super) const CREATE_SUBSCRIPTION: u32 = 787;
/// `DeleteMonitoredItems`.
pub(super) const DELETE_MONITORED_ITEMS: u32 = 781;
/// `DeleteSubscriptions`.
pub(super) const DELETE_SUBSCRIPTIONS: u32 = 847;
/// `FindServers`.
pub(super) const FIND_SERVERS: u32 = 422;
/// `GetEndpoints`.
pub(super) const GET_ENDPOINTS: u32 = 428;
/// `ModifyMonitoredItems`.
pub(super) const MODIFY_MONITORED_ITEMS: u32 = 763;
/// `ModifySubscription`.
pub(super) const MODIFY_SUBSCRIPTION: u32 = 793;
/// `OpenSecureChannel`.
pub(super) const OPEN_SECURE_CHANNEL: u32 = 446;
/// `Publish`: open until there is something to report.
pub(super) const PUBLISH: u32 = 826;
/// `Republish`.
pub(super) const REPUBLISH: u32 = 832;
/// `SetMonitoringMode`.
pub(super) const SET_MONITORING_MODE: u32 = 769;
/// `SetTriggering`.
pub(super) const SET_TRIGGERING: u32 = 775;
/// `TransferSubscriptions`.
pub(super) const TRANSFER_SUBSCRIPTIONS: u32 = 841;
/// `ServiceFault`, the response that any request may get (OPC 10000-4, 7.34).
pub(super) const SERVICE_FAULT: u32 = 397;
/// `SessionlessInvoke`: an envelope for another service.
pub(super) const SESSIONLESS_INVOKE: u32 = 15903;

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
    row([422, 425], "find_servers", [&m::FIND_SERVERS_REQUEST, &m::FIND_SERVERS_RESPONSE], Verb::Identify, I::None, A::None),
    row([428, 431], "get_endpoints", [&m::GET_ENDPOINTS_REQUEST, &m::GET_ENDPOINTS_RESPONSE], Verb::Identify, I::None, A::None),
    row([437, 440], "register_server", [&m::REGISTER_SERVER_REQUEST, &m::REGISTER_SERVER_RESPONSE], Verb::Configure, I::None, A::None),
    row([446, 449], "open_secure_channel", [&m::OPEN_SECURE_CHANNEL_REQUEST, &m::OPEN_SECURE_CHANNEL_RESPONSE], Verb::Connect, I::None, A::None),
    row([452, 455], "close_secure_channel", [&m::CLOSE_SECURE_CHANNEL_REQUEST, &m::CLOSE_SECURE_CHANNEL_RESPONSE], Verb::Connect, I::None, A::None),
    row([461, 464], "create_session", [&m::CREATE_SESSION_REQUEST, &m::CREATE_SESSION_RESPONSE], Verb::Connect, I::None, A::None),
    row([467, 470], "activate_session", [&m::ACTIVATE_SESSION_REQUEST, &m::ACTIVATE_SESSION_RESPONSE], Verb::Connect, I::None, A::None),
    row([473, 476], "close_session", [&m::CLOSE_SESSION_REQUEST, &m::CLOSE_SESSION_RESPONSE], Verb::Connect, I::None, A::None),
    row([479, 482], "cancel", [&m::CANCEL_REQUEST, &m::CANCEL_RESPONSE], Verb::Other, I::None, A::None),
    row([488, 491], "add_nodes", [&m::ADD_NODES_REQUEST, &m::ADD_NODES_RESPONSE], Verb::Configure, I::AddNodes, A::AddedNode),
    row([494, 497], "add_references", [&m::ADD_REFERENCES_REQUEST, &m::ADD_REFERENCES_RESPONSE], Verb::Configure, I::AddReferences, A::Status),
    row([500, 503], "delete_nodes", [&m::DELETE_NODES_REQUEST, &m::DELETE_NODES_RESPONSE], Verb::Delete, I::DeleteNodes, A::Status),
    row([506, 509], "delete_references", [&m::DELETE_REFERENCES_REQUEST, &m::DELETE_REFERENCES_RESPONSE], Verb::Delete, I::DeleteReferences, A::Status),
    row([527, 530], "browse", [&m::BROWSE_REQUEST, &m::BROWSE_RESPONSE], Verb::Browse, I::Browse, A::Browse),
    row([533, 536], "browse_next", [&m::BROWSE_NEXT_REQUEST, &m::BROWSE_NEXT_RESPONSE], Verb::Browse, I::None, A::Browse),
    row([554, 557], "translate_browse_paths_to_node_ids", [&m::TRANSLATE_BROWSE_PATHS_TO_NODE_IDS_REQUEST, &m::TRANSLATE_BROWSE_PATHS_TO_NODE_IDS_RESPONSE], Verb::Browse, I::Paths, A::Path),
    row([560, 563], "register_nodes", [&m::REGISTER_NODES_REQUEST, &m::REGISTER_NODES_RESPONSE], Verb::Browse, I::Nodes, A::Registered),
    row([566, 569], "unregister_nodes", [&m::UNREGISTER_NODES_REQUEST, &m::UNREGISTER_NODES_RESPONSE], Verb::Browse, I::Nodes, A::None),
    row([615, 618], "query_first", [&m::QUERY_FIRST_REQUEST, &m::QUERY_FIRST_RESPONSE], Verb::Browse, I::Query, A::DataSets),
    row([621, 624], "query_next", [&m::QUERY_NEXT_REQUEST, &m::QUERY_NEXT_RESPONSE], Verb::Browse, I::None, A::DataSets),
    row([631, 634], "read", [&m::READ_REQUEST, &m::READ_RESPONSE], Verb::Read, I::Read, A::Value),
    row([664, 667], "history_read", [&m::HISTORY_READ_REQUEST, &m::HISTORY_READ_RESPONSE], Verb::Read, I::HistoryRead, A::History),
    row([673, 676], "write", [&m::WRITE_REQUEST, &m::WRITE_RESPONSE], Verb::Write, I::Write, A::Status),
    row([700, 703], "history_update", [&m::HISTORY_UPDATE_REQUEST, &m::HISTORY_UPDATE_RESPONSE], Verb::Write, I::HistoryUpdate, A::Updated),
    row([712, 715], "call", [&m::CALL_REQUEST, &m::CALL_RESPONSE], Verb::Call, I::Call, A::Method),
    row([751, 754], "create_monitored_items", [&m::CREATE_MONITORED_ITEMS_REQUEST, &m::CREATE_MONITORED_ITEMS_RESPONSE], Verb::Subscribe, I::Monitored, A::Monitored),
    row([763, 766], "modify_monitored_items", [&m::MODIFY_MONITORED_ITEMS_REQUEST, &m::MODIFY_MONITORED_ITEMS_RESPONSE], Verb::Subscribe, I::Modified, A::Modified),
    row([769, 772], "set_monitoring_mode", [&m::SET_MONITORING_MODE_REQUEST, &m::SET_MONITORING_MODE_RESPONSE], Verb::Subscribe, I::Mode, A::Status),
    row([775, 778], "set_triggering", [&m::SET_TRIGGERING_REQUEST, &m::SET_TRIGGERING_RESPONSE], Verb::Subscribe, I::Triggered, A::Triggered),
    row([781, 784], "delete_monitored_items", [&m::DELETE_MONITORED_ITEMS_REQUEST, &m::DELETE_MONITORED_ITEMS_RESPONSE], Verb::Subscribe, I::Unmonitored, A::Status),
    row([787, 790], "create_subscription", [&m::CREATE_SUBSCRIPTION_REQUEST, &m::CREATE_SUBSCRIPTION_RESPONSE], Verb::Subscribe, I::None, A::None),
    row([793, 796], "modify_subscription", [&m::MODIFY_SUBSCRIPTION_REQUEST, &m::MODIFY_SUBSCRIPTION_RESPONSE], Verb::Subscribe, I::None, A::None),
    row([799, 802], "set_publishing_mode", [&m::SET_PUBLISHING_MODE_REQUEST, &m::SET_PUBLISHING_MODE_RESPONSE], Verb::Subscribe, I::Publishing, A::Status),
    row([826, 829], "publish", [&m::PUBLISH_REQUEST, &m::PUBLISH_RESPONSE], Verb::Subscribe, I::Acknowledgements, A::Notifications),
    row([832, 835], "republish", [&m::REPUBLISH_REQUEST, &m::REPUBLISH_RESPONSE], Verb::Subscribe, I::None, A::Republished),
    row([841, 844], "transfer_subscriptions", [&m::TRANSFER_SUBSCRIPTIONS_REQUEST, &m::TRANSFER_SUBSCRIPTIONS_RESPONSE], Verb::Subscribe, I::Subscriptions, A::Transferred),
    row([847, 850], "delete_subscriptions", [&m::DELETE_SUBSCRIPTIONS_REQUEST, &m::DELETE_SUBSCRIPTIONS_RESPONSE], Verb::Subscribe, I::Subscriptions, A::Status),
    row([12208, 12209], "find_servers_on_network", [&m::FIND_SERVERS_ON_NETWORK_REQUEST, &m::FIND_SERVERS_ON_NETWORK_RESPONSE], Verb::Identify, I::None, A::None),
    row([12211, 12212], "register_server2", [&m::REGISTER_SERVER2_REQUEST, &m::REGISTER_SERVER2_RESPONSE], Verb::Configure, I::None, A::Status),
    row([15903, 21001], "sessionless_invoke", [&m::SESSIONLESS_INVOKE_REQUEST, &m::SESSIONLESS_INVOKE_RESPONSE], Verb::Other, I::None, A::None),
];

const fn row(
    [request_id, response_id]: [u32; 2],
    name: &'static str,
    [request, response]: [&'static Structure; 2],
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
            assert_eq!(
                (found.request.name, half),
                (service.request.name, Half::Request)
            );
            let (found, half) = find(service.response_id).unwrap();
            assert_eq!(
                (found.response.name, half),
                (service.response.name, Half::Response)
            );
        }
        for id in [0, 397, 421, 423, 632, 635, 12210, 21002, u32::MAX] {
            assert!(find(id).is_none(), "{id}");
        }
    }
}

//! The structures that messages are made of.
//!
//! Follows OPC 10000-4, 7 (common parameters) and the services' own clauses; the order of members is that of
//! OPC 10000-6, Annex C.

use super::{Kind as K, Structure, enumerations as e, many, of, one};

pub(super) static ADD_NODES_ITEM: Structure = of("AddNodesItem", &[one("parentNodeId", K::ExpandedNode), one("referenceTypeId", K::Node), one("requestedNewNodeId", K::ExpandedNode), one("browseName", K::Name), one("nodeClass", K::Enumeration(&e::NODE_CLASS)), one("nodeAttributes", K::Extension), one("typeDefinition", K::ExpandedNode)]);
pub(super) static ADD_NODES_RESULT: Structure = of("AddNodesResult", &[one("statusCode", K::Status), one("addedNodeId", K::Node)]);
pub(super) static ADD_REFERENCES_ITEM: Structure = of("AddReferencesItem", &[one("sourceNodeId", K::Node), one("referenceTypeId", K::Node), one("isForward", K::Boolean), one("targetServerUri", K::Text), one("targetNodeId", K::ExpandedNode), one("targetNodeClass", K::Enumeration(&e::NODE_CLASS))]);
pub(super) static AGGREGATE_CONFIGURATION: Structure = of("AggregateConfiguration", &[one("useServerCapabilitiesDefaults", K::Boolean), one("treatUncertainAsBad", K::Boolean), one("percentDataBad", K::Byte), one("percentDataGood", K::Byte), one("useSlopedExtrapolation", K::Boolean)]);
pub(super) static BROWSE_DESCRIPTION: Structure = of("BrowseDescription", &[one("nodeId", K::Node), one("browseDirection", K::Enumeration(&e::BROWSE_DIRECTION)), one("referenceTypeId", K::Node), one("includeSubtypes", K::Boolean), one("nodeClassMask", K::UInt32), one("resultMask", K::UInt32)]);
pub(super) static BROWSE_PATH: Structure = of("BrowsePath", &[one("startingNode", K::Node), one("relativePath", K::Structure(&RELATIVE_PATH))]);
pub(super) static BROWSE_PATH_RESULT: Structure = of("BrowsePathResult", &[one("statusCode", K::Status), many("targets", K::Structure(&BROWSE_PATH_TARGET))]);
pub(super) static BROWSE_PATH_TARGET: Structure = of("BrowsePathTarget", &[one("targetId", K::ExpandedNode), one("remainingPathIndex", K::UInt32)]);
pub(super) static BROWSE_RESULT: Structure = of("BrowseResult", &[one("statusCode", K::Status), one("continuationPoint", K::Bytes), many("references", K::Structure(&REFERENCE_DESCRIPTION))]);
pub(super) static CALL_METHOD_REQUEST: Structure = of("CallMethodRequest", &[one("objectId", K::Node), one("methodId", K::Node), many("inputArguments", K::Argument)]);
pub(super) static CALL_METHOD_RESULT: Structure = of("CallMethodResult", &[one("statusCode", K::Status), many("inputArgumentResults", K::Status), many("inputArgumentDiagnosticInfos", K::Diagnostic), many("outputArguments", K::Argument)]);
pub(super) static CHANNEL_SECURITY_TOKEN: Structure = of("ChannelSecurityToken", &[one("channelId", K::UInt32), one("tokenId", K::UInt32), one("createdAt", K::Time), one("revisedLifetime", K::UInt32)]);
pub(super) static CONTENT_FILTER_ELEMENT: Structure = of("ContentFilterElement", &[one("filterOperator", K::Enumeration(&e::FILTER_OPERATOR)), many("filterOperands", K::Extension)]);
pub(super) static CONTENT_FILTER_ELEMENT_RESULT: Structure = of("ContentFilterElementResult", &[one("statusCode", K::Status), many("operandStatusCodes", K::Status), many("operandDiagnosticInfos", K::Diagnostic)]);
pub(super) static CONTENT_FILTER_RESULT: Structure = of("ContentFilterResult", &[many("elementResults", K::Structure(&CONTENT_FILTER_ELEMENT_RESULT)), many("elementDiagnosticInfos", K::Diagnostic)]);
pub(super) static DELETE_NODES_ITEM: Structure = of("DeleteNodesItem", &[one("nodeId", K::Node), one("deleteTargetReferences", K::Boolean)]);
pub(super) static DELETE_REFERENCES_ITEM: Structure = of("DeleteReferencesItem", &[one("sourceNodeId", K::Node), one("referenceTypeId", K::Node), one("isForward", K::Boolean), one("targetNodeId", K::ExpandedNode), one("deleteBidirectional", K::Boolean)]);
pub(super) static EVENT_FIELD_LIST: Structure = of("EventFieldList", &[one("clientHandle", K::UInt32), many("eventFields", K::Variant)]);
pub(super) static GENERIC_ATTRIBUTE_VALUE: Structure = of("GenericAttributeValue", &[one("attributeId", K::UInt32), one("value", K::Variant)]);
pub(super) static HISTORY_EVENT_FIELD_LIST: Structure = of("HistoryEventFieldList", &[many("eventFields", K::Variant)]);
pub(super) static HISTORY_READ_RESULT: Structure = of("HistoryReadResult", &[one("statusCode", K::Status), one("continuationPoint", K::Bytes), one("historyData", K::Extension)]);
pub(super) static HISTORY_READ_VALUE_ID: Structure = of("HistoryReadValueId", &[one("nodeId", K::Node), one("indexRange", K::Text), one("dataEncoding", K::Name), one("continuationPoint", K::Bytes)]);
pub(super) static HISTORY_UPDATE_RESULT: Structure = of("HistoryUpdateResult", &[one("statusCode", K::Status), many("operationResults", K::Status), many("diagnosticInfos", K::Diagnostic)]);
pub(super) static KEY_VALUE_PAIR: Structure = of("KeyValuePair", &[one("key", K::Name), one("value", K::Variant)]);
pub(super) static MODIFICATION_INFO: Structure = of("ModificationInfo", &[one("modificationTime", K::Time), one("updateType", K::Enumeration(&e::HISTORY_UPDATE_TYPE)), one("userName", K::Text)]);
pub(super) static MONITORED_ITEM_CREATE_REQUEST: Structure = of("MonitoredItemCreateRequest", &[one("itemToMonitor", K::Structure(&READ_VALUE_ID)), one("monitoringMode", K::Enumeration(&e::MONITORING_MODE)), one("requestedParameters", K::Structure(&MONITORING_PARAMETERS))]);
pub(super) static MONITORED_ITEM_CREATE_RESULT: Structure = of("MonitoredItemCreateResult", &[one("statusCode", K::Status), one("monitoredItemId", K::UInt32), one("revisedSamplingInterval", K::Double), one("revisedQueueSize", K::UInt32), one("filterResult", K::Extension)]);
pub(super) static MONITORED_ITEM_MODIFY_REQUEST: Structure = of("MonitoredItemModifyRequest", &[one("monitoredItemId", K::UInt32), one("requestedParameters", K::Structure(&MONITORING_PARAMETERS))]);
pub(super) static MONITORED_ITEM_MODIFY_RESULT: Structure = of("MonitoredItemModifyResult", &[one("statusCode", K::Status), one("revisedSamplingInterval", K::Double), one("revisedQueueSize", K::UInt32), one("filterResult", K::Extension)]);
pub(super) static MONITORED_ITEM_NOTIFICATION: Structure = of("MonitoredItemNotification", &[one("clientHandle", K::UInt32), one("value", K::Data)]);
pub(super) static MONITORING_PARAMETERS: Structure = of("MonitoringParameters", &[one("clientHandle", K::UInt32), one("samplingInterval", K::Double), one("filter", K::Extension), one("queueSize", K::UInt32), one("discardOldest", K::Boolean)]);
pub(super) static NODE_TYPE_DESCRIPTION: Structure = of("NodeTypeDescription", &[one("typeDefinitionNode", K::ExpandedNode), one("includeSubTypes", K::Boolean), many("dataToReturn", K::Structure(&QUERY_DATA_DESCRIPTION))]);
pub(super) static NOTIFICATION_MESSAGE: Structure = of("NotificationMessage", &[one("sequenceNumber", K::UInt32), one("publishTime", K::Time), many("notificationData", K::Extension)]);
pub(super) static PARSING_RESULT: Structure = of("ParsingResult", &[one("statusCode", K::Status), many("dataStatusCodes", K::Status), many("dataDiagnosticInfos", K::Diagnostic)]);
pub(super) static QUERY_DATA_DESCRIPTION: Structure = of("QueryDataDescription", &[one("relativePath", K::Structure(&RELATIVE_PATH)), one("attributeId", K::UInt32), one("indexRange", K::Text)]);
pub(super) static QUERY_DATA_SET: Structure = of("QueryDataSet", &[one("nodeId", K::ExpandedNode), one("typeDefinitionNode", K::ExpandedNode), many("values", K::Variant)]);
pub(super) static READ_VALUE_ID: Structure = of("ReadValueId", &[one("nodeId", K::Node), one("attributeId", K::UInt32), one("indexRange", K::Text), one("dataEncoding", K::Name)]);
pub(super) static REFERENCE_DESCRIPTION: Structure = of("ReferenceDescription", &[one("referenceTypeId", K::Node), one("isForward", K::Boolean), one("nodeId", K::ExpandedNode), one("browseName", K::Name), one("displayName", K::Localized), one("nodeClass", K::Enumeration(&e::NODE_CLASS)), one("typeDefinition", K::ExpandedNode)]);
pub(super) static REGISTERED_SERVER: Structure = of("RegisteredServer", &[one("serverUri", K::Text), one("productUri", K::Text), many("serverNames", K::Localized), one("serverType", K::Enumeration(&e::APPLICATION_TYPE)), one("gatewayServerUri", K::Text), many("discoveryUrls", K::Text), one("semaphoreFilePath", K::Text), one("isOnline", K::Boolean)]);
pub(super) static RELATIVE_PATH: Structure = of("RelativePath", &[many("elements", K::Structure(&RELATIVE_PATH_ELEMENT))]);
pub(super) static RELATIVE_PATH_ELEMENT: Structure = of("RelativePathElement", &[one("referenceTypeId", K::Node), one("isInverse", K::Boolean), one("includeSubtypes", K::Boolean), one("targetName", K::Name)]);
pub(super) static SERVER_ON_NETWORK: Structure = of("ServerOnNetwork", &[one("recordId", K::UInt32), one("serverName", K::Text), one("discoveryUrl", K::Text), many("serverCapabilities", K::Text)]);
pub(super) static SIGNATURE_DATA: Structure = of("SignatureData", &[one("algorithm", K::Text), one("signature", K::Bytes)]);
pub(super) static SUBSCRIPTION_ACKNOWLEDGEMENT: Structure = of("SubscriptionAcknowledgement", &[one("subscriptionId", K::UInt32), one("sequenceNumber", K::UInt32)]);
pub(super) static TRANSFER_RESULT: Structure = of("TransferResult", &[one("statusCode", K::Status), many("availableSequenceNumbers", K::UInt32)]);
pub(super) static VIEW_DESCRIPTION: Structure = of("ViewDescription", &[one("viewId", K::Node), one("timestamp", K::Time), one("viewVersion", K::UInt32)]);
pub(super) static WRITE_VALUE: Structure = of("WriteValue", &[one("nodeId", K::Node), one("attributeId", K::UInt32), one("indexRange", K::Text), one("value", K::Data)]);

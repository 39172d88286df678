//! The structures that travel in envelopes of their own.
//!
//! Follows OPC 10000-4, 7 (filters, identity tokens, notifications, node attributes), OPC 10000-11, 6.4 to 6.9 (history), and
//! OPC 10000-5, 12 (what servers say of themselves); the identifiers are those of OPC 10000-6, A.3.

use super::{Kind as K, Structure, enumerations as e, many, of, one, structures as s};

/// Every structure that is known by the identifier of its binary encoding in namespace 0, in the order of the identifiers.
pub(super) static EXTENSIONS: [(u32, &Structure); 67] = [
    (298, &ARGUMENT),
    (301, &STATUS_RESULT),
    (306, &USER_TOKEN_POLICY),
    (310, &APPLICATION_DESCRIPTION),
    (314, &ENDPOINT_DESCRIPTION),
    (321, &ANONYMOUS_IDENTITY_TOKEN),
    (324, &USER_NAME_IDENTITY_TOKEN),
    (327, &X509_IDENTITY_TOKEN),
    (340, &BUILD_INFO),
    (346, &SIGNED_SOFTWARE_CERTIFICATE),
    (354, &OBJECT_ATTRIBUTES),
    (357, &VARIABLE_ATTRIBUTES),
    (360, &METHOD_ATTRIBUTES),
    (363, &OBJECT_TYPE_ATTRIBUTES),
    (366, &VARIABLE_TYPE_ATTRIBUTES),
    (369, &REFERENCE_TYPE_ATTRIBUTES),
    (372, &DATA_TYPE_ATTRIBUTES),
    (375, &VIEW_ATTRIBUTES),
    (582, &NODE_REFERENCE),
    (588, &CONTENT_FILTER),
    (594, &ELEMENT_OPERAND),
    (597, &LITERAL_OPERAND),
    (600, &ATTRIBUTE_OPERAND),
    (603, &SIMPLE_ATTRIBUTE_OPERAND),
    (646, &READ_EVENT_DETAILS),
    (649, &READ_RAW_MODIFIED_DETAILS),
    (652, &READ_PROCESSED_DETAILS),
    (655, &READ_AT_TIME_DETAILS),
    (658, &HISTORY_DATA),
    (661, &HISTORY_EVENT),
    (682, &UPDATE_DATA_DETAILS),
    (685, &UPDATE_EVENT_DETAILS),
    (688, &DELETE_RAW_MODIFIED_DETAILS),
    (691, &DELETE_AT_TIME_DETAILS),
    (694, &DELETE_EVENT_DETAILS),
    (724, &DATA_CHANGE_FILTER),
    (727, &EVENT_FILTER),
    (730, &AGGREGATE_FILTER),
    (736, &EVENT_FILTER_RESULT),
    (739, &AGGREGATE_FILTER_RESULT),
    (811, &DATA_CHANGE_NOTIFICATION),
    (820, &STATUS_CHANGE_NOTIFICATION),
    (855, &REDUNDANT_SERVER_DATA_TYPE),
    (858, &SAMPLING_INTERVAL_DIAGNOSTICS_DATA_TYPE),
    (861, &SERVER_DIAGNOSTICS_SUMMARY_DATA_TYPE),
    (864, &SERVER_STATUS_DATA_TYPE),
    (867, &SESSION_DIAGNOSTICS_DATA_TYPE),
    (870, &SESSION_SECURITY_DIAGNOSTICS_DATA_TYPE),
    (873, &SERVICE_COUNTER_DATA_TYPE),
    (876, &SUBSCRIPTION_DIAGNOSTICS_DATA_TYPE),
    (879, &MODEL_CHANGE_STRUCTURE_DATA_TYPE),
    (886, &RANGE),
    (889, &EUINFORMATION),
    (893, &ANNOTATION),
    (899, &SEMANTIC_CHANGE_STRUCTURE_DATA_TYPE),
    (916, &EVENT_NOTIFICATION_LIST),
    (940, &ISSUED_IDENTITY_TOKEN),
    (8251, &ENUM_VALUE_TYPE),
    (8917, &TIME_ZONE_DATA_TYPE),
    (11227, &HISTORY_MODIFIED_DATA),
    (11300, &UPDATE_STRUCTURE_DATA_DETAILS),
    (12090, &XVTYPE),
    (12901, &MDNS_DISCOVERY_CONFIGURATION),
    (17537, &ADDITIONAL_PARAMETERS_TYPE),
    (17549, &EPHEMERAL_KEY_TYPE),
    (17611, &GENERIC_ATTRIBUTES),
    (23500, &READ_ANNOTATION_DATA_DETAILS),
];

pub(super) static ARGUMENT: Structure = of("Argument", &[one("name", K::Text), one("dataType", K::Node), one("valueRank", K::Int32), many("arrayDimensions", K::UInt32), one("description", K::Localized)]);
pub(super) static STATUS_RESULT: Structure = of("StatusResult", &[one("statusCode", K::Status), one("diagnosticInfo", K::Diagnostic)]);
pub(super) static USER_TOKEN_POLICY: Structure = of("UserTokenPolicy", &[one("policyId", K::Text), one("tokenType", K::Enumeration(&e::USER_TOKEN_TYPE)), one("issuedTokenType", K::Text), one("issuerEndpointUrl", K::Text), one("securityPolicyUri", K::Text)]);
pub(super) static APPLICATION_DESCRIPTION: Structure = of("ApplicationDescription", &[one("applicationUri", K::Text), one("productUri", K::Text), one("applicationName", K::Localized), one("applicationType", K::Enumeration(&e::APPLICATION_TYPE)), one("gatewayServerUri", K::Text), one("discoveryProfileUri", K::Text), many("discoveryUrls", K::Text)]);
pub(super) static ENDPOINT_DESCRIPTION: Structure = of("EndpointDescription", &[one("endpointUrl", K::Text), one("server", K::Structure(&APPLICATION_DESCRIPTION)), one("serverCertificate", K::Bytes), one("securityMode", K::Enumeration(&e::MESSAGE_SECURITY_MODE)), one("securityPolicyUri", K::Text), many("userIdentityTokens", K::Structure(&USER_TOKEN_POLICY)), one("transportProfileUri", K::Text), one("securityLevel", K::Byte)]);
pub(super) static ANONYMOUS_IDENTITY_TOKEN: Structure = of("AnonymousIdentityToken", &[one("policyId", K::Text)]);
pub(super) static USER_NAME_IDENTITY_TOKEN: Structure = of("UserNameIdentityToken", &[one("policyId", K::Text), one("userName", K::Text), one("password", K::Secret), one("encryptionAlgorithm", K::Text)]);
pub(super) static X509_IDENTITY_TOKEN: Structure = of("X509IdentityToken", &[one("policyId", K::Text), one("certificateData", K::Bytes)]);
pub(super) static BUILD_INFO: Structure = of("BuildInfo", &[one("productUri", K::Text), one("manufacturerName", K::Text), one("productName", K::Text), one("softwareVersion", K::Text), one("buildNumber", K::Text), one("buildDate", K::Time)]);
pub(super) static SIGNED_SOFTWARE_CERTIFICATE: Structure = of("SignedSoftwareCertificate", &[one("certificateData", K::Bytes), one("signature", K::Bytes)]);
pub(super) static OBJECT_ATTRIBUTES: Structure = of("ObjectAttributes", &[one("specifiedAttributes", K::UInt32), one("displayName", K::Localized), one("description", K::Localized), one("writeMask", K::UInt32), one("userWriteMask", K::UInt32), one("eventNotifier", K::Byte)]);
pub(super) static VARIABLE_ATTRIBUTES: Structure = of("VariableAttributes", &[one("specifiedAttributes", K::UInt32), one("displayName", K::Localized), one("description", K::Localized), one("writeMask", K::UInt32), one("userWriteMask", K::UInt32), one("value", K::Variant), one("dataType", K::Node), one("valueRank", K::Int32), many("arrayDimensions", K::UInt32), one("accessLevel", K::Byte), one("userAccessLevel", K::Byte), one("minimumSamplingInterval", K::Double), one("historizing", K::Boolean)]);
pub(super) static METHOD_ATTRIBUTES: Structure = of("MethodAttributes", &[one("specifiedAttributes", K::UInt32), one("displayName", K::Localized), one("description", K::Localized), one("writeMask", K::UInt32), one("userWriteMask", K::UInt32), one("executable", K::Boolean), one("userExecutable", K::Boolean)]);
pub(super) static OBJECT_TYPE_ATTRIBUTES: Structure = of("ObjectTypeAttributes", &[one("specifiedAttributes", K::UInt32), one("displayName", K::Localized), one("description", K::Localized), one("writeMask", K::UInt32), one("userWriteMask", K::UInt32), one("isAbstract", K::Boolean)]);
pub(super) static VARIABLE_TYPE_ATTRIBUTES: Structure = of("VariableTypeAttributes", &[one("specifiedAttributes", K::UInt32), one("displayName", K::Localized), one("description", K::Localized), one("writeMask", K::UInt32), one("userWriteMask", K::UInt32), one("value", K::Variant), one("dataType", K::Node), one("valueRank", K::Int32), many("arrayDimensions", K::UInt32), one("isAbstract", K::Boolean)]);
pub(super) static REFERENCE_TYPE_ATTRIBUTES: Structure = of("ReferenceTypeAttributes", &[one("specifiedAttributes", K::UInt32), one("displayName", K::Localized), one("description", K::Localized), one("writeMask", K::UInt32), one("userWriteMask", K::UInt32), one("isAbstract", K::Boolean), one("symmetric", K::Boolean), one("inverseName", K::Localized)]);
pub(super) static DATA_TYPE_ATTRIBUTES: Structure = of("DataTypeAttributes", &[one("specifiedAttributes", K::UInt32), one("displayName", K::Localized), one("description", K::Localized), one("writeMask", K::UInt32), one("userWriteMask", K::UInt32), one("isAbstract", K::Boolean)]);
pub(super) static VIEW_ATTRIBUTES: Structure = of("ViewAttributes", &[one("specifiedAttributes", K::UInt32), one("displayName", K::Localized), one("description", K::Localized), one("writeMask", K::UInt32), one("userWriteMask", K::UInt32), one("containsNoLoops", K::Boolean), one("eventNotifier", K::Byte)]);
pub(super) static NODE_REFERENCE: Structure = of("NodeReference", &[one("nodeId", K::Node), one("referenceTypeId", K::Node), one("isForward", K::Boolean), many("referencedNodeIds", K::Node)]);
pub(super) static CONTENT_FILTER: Structure = of("ContentFilter", &[many("elements", K::Structure(&s::CONTENT_FILTER_ELEMENT))]);
pub(super) static ELEMENT_OPERAND: Structure = of("ElementOperand", &[one("index", K::UInt32)]);
pub(super) static LITERAL_OPERAND: Structure = of("LiteralOperand", &[one("value", K::Variant)]);
pub(super) static ATTRIBUTE_OPERAND: Structure = of("AttributeOperand", &[one("nodeId", K::Node), one("alias", K::Text), one("browsePath", K::Structure(&s::RELATIVE_PATH)), one("attributeId", K::UInt32), one("indexRange", K::Text)]);
pub(super) static SIMPLE_ATTRIBUTE_OPERAND: Structure = of("SimpleAttributeOperand", &[one("typeDefinitionId", K::Node), many("browsePath", K::Name), one("attributeId", K::UInt32), one("indexRange", K::Text)]);
pub(super) static READ_EVENT_DETAILS: Structure = of("ReadEventDetails", &[one("numValuesPerNode", K::UInt32), one("startTime", K::Time), one("endTime", K::Time), one("filter", K::Structure(&EVENT_FILTER))]);
pub(super) static READ_RAW_MODIFIED_DETAILS: Structure = of("ReadRawModifiedDetails", &[one("isReadModified", K::Boolean), one("startTime", K::Time), one("endTime", K::Time), one("numValuesPerNode", K::UInt32), one("returnBounds", K::Boolean)]);
pub(super) static READ_PROCESSED_DETAILS: Structure = of("ReadProcessedDetails", &[one("startTime", K::Time), one("endTime", K::Time), one("processingInterval", K::Double), many("aggregateType", K::Node), one("aggregateConfiguration", K::Structure(&s::AGGREGATE_CONFIGURATION))]);
pub(super) static READ_AT_TIME_DETAILS: Structure = of("ReadAtTimeDetails", &[many("reqTimes", K::Time), one("useSimpleBounds", K::Boolean)]);
pub(super) static HISTORY_DATA: Structure = of("HistoryData", &[many("dataValues", K::Data)]);
pub(super) static HISTORY_EVENT: Structure = of("HistoryEvent", &[many("events", K::Structure(&s::HISTORY_EVENT_FIELD_LIST))]);
pub(super) static UPDATE_DATA_DETAILS: Structure = of("UpdateDataDetails", &[one("nodeId", K::Node), one("performInsertReplace", K::Enumeration(&e::PERFORM_UPDATE_TYPE)), many("updateValues", K::Data)]);
pub(super) static UPDATE_EVENT_DETAILS: Structure = of("UpdateEventDetails", &[one("nodeId", K::Node), one("performInsertReplace", K::Enumeration(&e::PERFORM_UPDATE_TYPE)), one("filter", K::Structure(&EVENT_FILTER)), many("eventData", K::Structure(&s::HISTORY_EVENT_FIELD_LIST))]);
pub(super) static DELETE_RAW_MODIFIED_DETAILS: Structure = of("DeleteRawModifiedDetails", &[one("nodeId", K::Node), one("isDeleteModified", K::Boolean), one("startTime", K::Time), one("endTime", K::Time)]);
pub(super) static DELETE_AT_TIME_DETAILS: Structure = of("DeleteAtTimeDetails", &[one("nodeId", K::Node), many("reqTimes", K::Time)]);
pub(super) static DELETE_EVENT_DETAILS: Structure = of("DeleteEventDetails", &[one("nodeId", K::Node), many("eventIds", K::Bytes)]);
pub(super) static DATA_CHANGE_FILTER: Structure = of("DataChangeFilter", &[one("trigger", K::Enumeration(&e::DATA_CHANGE_TRIGGER)), one("deadbandType", K::Enumeration(&e::DEADBAND_TYPE)), one("deadbandValue", K::Double)]);
pub(super) static EVENT_FILTER: Structure = of("EventFilter", &[many("selectClauses", K::Structure(&SIMPLE_ATTRIBUTE_OPERAND)), one("whereClause", K::Structure(&CONTENT_FILTER))]);
pub(super) static AGGREGATE_FILTER: Structure = of("AggregateFilter", &[one("startTime", K::Time), one("aggregateType", K::Node), one("processingInterval", K::Double), one("aggregateConfiguration", K::Structure(&s::AGGREGATE_CONFIGURATION))]);
pub(super) static EVENT_FILTER_RESULT: Structure = of("EventFilterResult", &[many("selectClauseResults", K::Status), many("selectClauseDiagnosticInfos", K::Diagnostic), one("whereClauseResult", K::Structure(&s::CONTENT_FILTER_RESULT))]);
pub(super) static AGGREGATE_FILTER_RESULT: Structure = of("AggregateFilterResult", &[one("revisedStartTime", K::Time), one("revisedProcessingInterval", K::Double), one("revisedAggregateConfiguration", K::Structure(&s::AGGREGATE_CONFIGURATION))]);
pub(super) static DATA_CHANGE_NOTIFICATION: Structure = of("DataChangeNotification", &[many("monitoredItems", K::Structure(&s::MONITORED_ITEM_NOTIFICATION)), many("diagnosticInfos", K::Diagnostic)]);
pub(super) static STATUS_CHANGE_NOTIFICATION: Structure = of("StatusChangeNotification", &[one("status", K::Status), one("diagnosticInfo", K::Diagnostic)]);
pub(super) static REDUNDANT_SERVER_DATA_TYPE: Structure = of("RedundantServerDataType", &[one("serverId", K::Text), one("serviceLevel", K::Byte), one("serverState", K::Enumeration(&e::SERVER_STATE))]);
pub(super) static SAMPLING_INTERVAL_DIAGNOSTICS_DATA_TYPE: Structure = of("SamplingIntervalDiagnosticsDataType", &[one("samplingInterval", K::Double), one("monitoredItemCount", K::UInt32), one("maxMonitoredItemCount", K::UInt32), one("disabledMonitoredItemCount", K::UInt32)]);
pub(super) static SERVER_DIAGNOSTICS_SUMMARY_DATA_TYPE: Structure = of("ServerDiagnosticsSummaryDataType", &[one("serverViewCount", K::UInt32), one("currentSessionCount", K::UInt32), one("cumulatedSessionCount", K::UInt32), one("securityRejectedSessionCount", K::UInt32), one("rejectedSessionCount", K::UInt32), one("sessionTimeoutCount", K::UInt32), one("sessionAbortCount", K::UInt32), one("currentSubscriptionCount", K::UInt32), one("cumulatedSubscriptionCount", K::UInt32), one("publishingIntervalCount", K::UInt32), one("securityRejectedRequestsCount", K::UInt32), one("rejectedRequestsCount", K::UInt32)]);
pub(super) static SERVER_STATUS_DATA_TYPE: Structure = of("ServerStatusDataType", &[one("startTime", K::Time), one("currentTime", K::Time), one("state", K::Enumeration(&e::SERVER_STATE)), one("buildInfo", K::Structure(&BUILD_INFO)), one("secondsTillShutdown", K::UInt32), one("shutdownReason", K::Localized)]);
pub(super) static SESSION_DIAGNOSTICS_DATA_TYPE: Structure = of("SessionDiagnosticsDataType", &[one("sessionId", K::Node), one("sessionName", K::Text), one("clientDescription", K::Structure(&APPLICATION_DESCRIPTION)), one("serverUri", K::Text), one("endpointUrl", K::Text), many("localeIds", K::Text), one("actualSessionTimeout", K::Double), one("maxResponseMessageSize", K::UInt32), one("clientConnectionTime", K::Time), one("clientLastContactTime", K::Time), one("currentSubscriptionsCount", K::UInt32), one("currentMonitoredItemsCount", K::UInt32), one("currentPublishRequestsInQueue", K::UInt32), one("totalRequestCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("unauthorizedRequestCount", K::UInt32), one("readCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("historyReadCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("writeCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("historyUpdateCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("callCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("createMonitoredItemsCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("modifyMonitoredItemsCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("setMonitoringModeCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("setTriggeringCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("deleteMonitoredItemsCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("createSubscriptionCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("modifySubscriptionCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("setPublishingModeCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("publishCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("republishCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("transferSubscriptionsCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("deleteSubscriptionsCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("addNodesCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("addReferencesCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("deleteNodesCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("deleteReferencesCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("browseCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("browseNextCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("translateBrowsePathsToNodeIdsCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("queryFirstCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("queryNextCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("registerNodesCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE)), one("unregisterNodesCount", K::Structure(&SERVICE_COUNTER_DATA_TYPE))]);
pub(super) static SESSION_SECURITY_DIAGNOSTICS_DATA_TYPE: Structure = of("SessionSecurityDiagnosticsDataType", &[one("sessionId", K::Node), one("clientUserIdOfSession", K::Text), many("clientUserIdHistory", K::Text), one("authenticationMechanism", K::Text), one("transportProtocol", K::Text), one("securityMode", K::Enumeration(&e::MESSAGE_SECURITY_MODE)), one("securityPolicyUri", K::Text), one("clientCertificate", K::Bytes)]);
pub(super) static SERVICE_COUNTER_DATA_TYPE: Structure = of("ServiceCounterDataType", &[one("totalCount", K::UInt32), one("errorCount", K::UInt32)]);
pub(super) static SUBSCRIPTION_DIAGNOSTICS_DATA_TYPE: Structure = of("SubscriptionDiagnosticsDataType", &[one("sessionId", K::Node), one("subscriptionId", K::UInt32), one("priority", K::Byte), one("publishingInterval", K::Double), one("maxKeepAliveCount", K::UInt32), one("maxLifetimeCount", K::UInt32), one("maxNotificationsPerPublish", K::UInt32), one("publishingEnabled", K::Boolean), one("modifyCount", K::UInt32), one("enableCount", K::UInt32), one("disableCount", K::UInt32), one("republishRequestCount", K::UInt32), one("republishMessageRequestCount", K::UInt32), one("republishMessageCount", K::UInt32), one("transferRequestCount", K::UInt32), one("transferredToAltClientCount", K::UInt32), one("transferredToSameClientCount", K::UInt32), one("publishRequestCount", K::UInt32), one("dataChangeNotificationsCount", K::UInt32), one("eventNotificationsCount", K::UInt32), one("notificationsCount", K::UInt32), one("latePublishRequestCount", K::UInt32), one("currentKeepAliveCount", K::UInt32), one("currentLifetimeCount", K::UInt32), one("unacknowledgedMessageCount", K::UInt32), one("discardedMessageCount", K::UInt32), one("monitoredItemCount", K::UInt32), one("disabledMonitoredItemCount", K::UInt32), one("monitoringQueueOverflowCount", K::UInt32), one("nextSequenceNumber", K::UInt32), one("eventQueueOverflowCount", K::UInt32)]);
pub(super) static MODEL_CHANGE_STRUCTURE_DATA_TYPE: Structure = of("ModelChangeStructureDataType", &[one("affected", K::Node), one("affectedType", K::Node), one("verb", K::Byte)]);
pub(super) static RANGE: Structure = of("Range", &[one("low", K::Double), one("high", K::Double)]);
pub(super) static EUINFORMATION: Structure = of("EUInformation", &[one("namespaceUri", K::Text), one("unitId", K::Int32), one("displayName", K::Localized), one("description", K::Localized)]);
pub(super) static ANNOTATION: Structure = of("Annotation", &[one("message", K::Text), one("userName", K::Text), one("annotationTime", K::Time)]);
pub(super) static SEMANTIC_CHANGE_STRUCTURE_DATA_TYPE: Structure = of("SemanticChangeStructureDataType", &[one("affected", K::Node), one("affectedType", K::Node)]);
pub(super) static EVENT_NOTIFICATION_LIST: Structure = of("EventNotificationList", &[many("events", K::Structure(&s::EVENT_FIELD_LIST))]);
pub(super) static ISSUED_IDENTITY_TOKEN: Structure = of("IssuedIdentityToken", &[one("policyId", K::Text), one("tokenData", K::Secret), one("encryptionAlgorithm", K::Text)]);
pub(super) static ENUM_VALUE_TYPE: Structure = of("EnumValueType", &[one("value", K::Int64), one("displayName", K::Localized), one("description", K::Localized)]);
pub(super) static TIME_ZONE_DATA_TYPE: Structure = of("TimeZoneDataType", &[one("offset", K::Int16), one("daylightSavingInOffset", K::Boolean)]);
pub(super) static HISTORY_MODIFIED_DATA: Structure = of("HistoryModifiedData", &[many("dataValues", K::Data), many("modificationInfos", K::Structure(&s::MODIFICATION_INFO))]);
pub(super) static UPDATE_STRUCTURE_DATA_DETAILS: Structure = of("UpdateStructureDataDetails", &[one("nodeId", K::Node), one("performInsertReplace", K::Enumeration(&e::PERFORM_UPDATE_TYPE)), many("updateValues", K::Data)]);
pub(super) static XVTYPE: Structure = of("XVType", &[one("x", K::Double), one("value", K::Float)]);
pub(super) static MDNS_DISCOVERY_CONFIGURATION: Structure = of("MdnsDiscoveryConfiguration", &[one("mdnsServerName", K::Text), many("serverCapabilities", K::Text)]);
pub(super) static ADDITIONAL_PARAMETERS_TYPE: Structure = of("AdditionalParametersType", &[many("parameters", K::Structure(&s::KEY_VALUE_PAIR))]);
pub(super) static EPHEMERAL_KEY_TYPE: Structure = of("EphemeralKeyType", &[one("publicKey", K::Bytes), one("signature", K::Bytes)]);
pub(super) static GENERIC_ATTRIBUTES: Structure = of("GenericAttributes", &[one("specifiedAttributes", K::UInt32), one("displayName", K::Localized), one("description", K::Localized), one("writeMask", K::UInt32), one("userWriteMask", K::UInt32), many("attributeValues", K::Structure(&s::GENERIC_ATTRIBUTE_VALUE))]);
pub(super) static READ_ANNOTATION_DATA_DETAILS: Structure = of("ReadAnnotationDataDetails", &[many("reqTimes", K::Time)]);

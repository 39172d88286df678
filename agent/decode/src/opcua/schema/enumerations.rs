//! What the numbers of enumerations mean.
//!
//! Follows OPC 10000-4, 7 and 5.11 to 5.13, OPC 10000-3, 8.29 (node classes), OPC 10000-5, 12.6 (server states) and
//! OPC 10000-11, 6.9 (updates of history).

use super::Enumeration;

pub(super) static APPLICATION_TYPE: Enumeration = &[(0, "Server"), (1, "Client"), (2, "ClientAndServer"), (3, "DiscoveryServer")];
pub(super) static BROWSE_DIRECTION: Enumeration = &[(0, "Forward"), (1, "Inverse"), (2, "Both"), (3, "Invalid")];
pub(super) static DATA_CHANGE_TRIGGER: Enumeration = &[(0, "Status"), (1, "StatusValue"), (2, "StatusValueTimestamp")];
pub(super) static DEADBAND_TYPE: Enumeration = &[(0, "None"), (1, "Absolute"), (2, "Percent")];
pub(super) static FILTER_OPERATOR: Enumeration = &[(0, "Equals"), (1, "IsNull"), (2, "GreaterThan"), (3, "LessThan"), (4, "GreaterThanOrEqual"), (5, "LessThanOrEqual"), (6, "Like"), (7, "Not"), (8, "Between"), (9, "InList"), (10, "And"), (11, "Or"), (12, "Cast"), (13, "InView"), (14, "OfType"), (15, "RelatedTo"), (16, "BitwiseAnd"), (17, "BitwiseOr")];
pub(super) static HISTORY_UPDATE_TYPE: Enumeration = &[(1, "Insert"), (2, "Replace"), (3, "Update"), (4, "Delete")];
pub(super) static MESSAGE_SECURITY_MODE: Enumeration = &[(0, "Invalid"), (1, "None"), (2, "Sign"), (3, "SignAndEncrypt")];
pub(super) static MONITORING_MODE: Enumeration = &[(0, "Disabled"), (1, "Sampling"), (2, "Reporting")];
pub(super) static NODE_CLASS: Enumeration = &[(0, "Unspecified"), (1, "Object"), (2, "Variable"), (4, "Method"), (8, "ObjectType"), (16, "VariableType"), (32, "ReferenceType"), (64, "DataType"), (128, "View")];
pub(super) static PERFORM_UPDATE_TYPE: Enumeration = &[(1, "Insert"), (2, "Replace"), (3, "Update"), (4, "Remove")];
pub(super) static SECURITY_TOKEN_REQUEST_TYPE: Enumeration = &[(0, "Issue"), (1, "Renew")];
pub(super) static SERVER_STATE: Enumeration = &[(0, "Running"), (1, "Failed"), (2, "NoConfiguration"), (3, "Suspended"), (4, "Shutdown"), (5, "Test"), (6, "CommunicationFault"), (7, "Unknown")];
pub(super) static TIMESTAMPS_TO_RETURN: Enumeration = &[(0, "Source"), (1, "Server"), (2, "Both"), (3, "Neither"), (4, "Invalid")];
pub(super) static USER_TOKEN_TYPE: Enumeration = &[(0, "Anonymous"), (1, "UserName"), (2, "Certificate"), (3, "IssuedToken")];

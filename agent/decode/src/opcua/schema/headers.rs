//! What stands around the parameters of a service.
//!
//! Follows OPC 10000-6, 7.1.2 (hello to error), 6.7.2.3 and 6.7.2.4 (security and sequence headers), and OPC 10000-4, 7.32 and 7.33
//! (the headers of requests and responses).

use super::{Kind as K, Structure, many, of, one};

pub(in super::super) static HELLO: Structure = of("Hello", &[one("protocolVersion", K::UInt32), one("receiveBufferSize", K::UInt32), one("sendBufferSize", K::UInt32), one("maxMessageSize", K::UInt32), one("maxChunkCount", K::UInt32), one("endpointUrl", K::Text)]);
pub(in super::super) static ACKNOWLEDGE: Structure = of("Acknowledge", &[one("protocolVersion", K::UInt32), one("receiveBufferSize", K::UInt32), one("sendBufferSize", K::UInt32), one("maxMessageSize", K::UInt32), one("maxChunkCount", K::UInt32)]);
pub(in super::super) static ERROR: Structure = of("Error", &[one("error", K::Status), one("reason", K::Text)]);
pub(in super::super) static REVERSE_HELLO: Structure = of("ReverseHello", &[one("serverUri", K::Text), one("endpointUrl", K::Text)]);
pub(in super::super) static ASYMMETRIC: Structure = of("AsymmetricSecurityHeader", &[one("securityPolicyUri", K::Text), one("senderCertificate", K::Bytes), one("receiverCertificateThumbprint", K::Bytes)]);
pub(in super::super) static SYMMETRIC: Structure = of("SymmetricSecurityHeader", &[one("tokenId", K::UInt32)]);
pub(in super::super) static REQUEST: Structure = of("RequestHeader", &[one("authenticationToken", K::Node), one("timestamp", K::Time), one("requestHandle", K::UInt32), one("returnDiagnostics", K::UInt32), one("auditEntryId", K::Text), one("timeoutHint", K::UInt32), one("additionalHeader", K::Extension)]);
pub(in super::super) static RESPONSE: Structure = of("ResponseHeader", &[one("timestamp", K::Time), one("requestHandle", K::UInt32), one("serviceResult", K::Status), one("serviceDiagnostics", K::Diagnostic), many("stringTable", K::Text), one("additionalHeader", K::Extension)]);

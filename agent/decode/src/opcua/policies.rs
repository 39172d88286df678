//! The security policies and modes: how much each protects, and what can be told of its messages.
//!
//! Follows OPC 10000-7, 6.6 (the policies), OPC 10000-4, 7.20 (the modes) and OPC 10000-6, 6.7.2.5 (padding
//! and signature). A policy is known by what stands behind the `#` of its URI. What no table names counts as
//! strong as the newest, and nothing is told of its messages.

use std::borrow::Cow;

/// The URI of the policy that protects nothing.
pub(super) const NO_POLICY: &str = "http://opcfoundation.org/UA/SecurityPolicy#None";

/// How a channel protects its messages (OPC 10000-4, 7.20), the weakest first.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) enum Mode {
    None,
    Sign,
    SignAndEncrypt,
}

impl Mode {
    /// The word that records and rules use.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Sign => "sign",
            Self::SignAndEncrypt => "sign_and_encrypt",
        }
    }

    /// The mode that an `OpenSecureChannel` request or an endpoint names.
    pub(super) const fn from_code(code: u32) -> Option<Self> {
        match code {
            1 => Some(Self::None),
            2 => Some(Self::Sign),
            3 => Some(Self::SignAndEncrypt),
            _ => None,
        }
    }
}

/// How much a policy and mode protect.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Protection {
    policy: u8,
    mode: Mode,
}

impl Protection {
    pub(super) fn of(policy: &str, mode: Mode) -> Self {
        let policy = rank(policy);
        let mode = if policy == 0 { Mode::None } else { mode };
        Self { policy, mode }
    }

    /// Whether the policy or the mode is weaker than another's.
    pub(super) fn is_weaker_than(self, other: Self) -> bool {
        self.policy < other.policy || self.mode < other.mode
    }

    /// The stronger of two: by mode, then by policy.
    pub(super) fn stronger(self, other: Self) -> Self {
        if (self.mode, self.policy) < (other.mode, other.policy) {
            other
        } else {
            self
        }
    }

    /// The two as one number: the policy's rank in tens, the mode's in units.
    pub(super) fn number(self) -> u64 {
        u64::from(self.policy) * 10 + self.mode as u64
    }
}

/// What is known of one policy.
struct Policy {
    name: &'static str,
    rank: u8,
    /// How many bytes sign a message.
    signature: usize,
    /// Encrypted messages are whole blocks of so many bytes; 0 where they may have any length.
    block: usize,
}

const fn policy(name: &'static str, rank: u8, signature: usize, block: usize) -> Policy {
    Policy {
        name,
        rank,
        signature,
        block,
    }
}

/// How strong every policy counts that is neither none nor withdrawn.
const STRONG: u8 = 3;

static POLICIES: [Policy; 12] = [
    policy("None", 0, 0, 0),
    policy("Basic128Rsa15", 1, 20, AES),
    policy("Basic256", 2, 20, AES),
    policy("Basic256Sha256", STRONG, 32, AES),
    policy("Aes128_Sha256_RsaOaep", STRONG, 32, AES),
    policy("Aes256_Sha256_RsaPss", STRONG, 32, AES),
    policy("ECC_nistP256", STRONG, 32, AES),
    policy("ECC_brainpoolP256r1", STRONG, 32, AES),
    policy("ECC_nistP384", STRONG, 48, AES),
    policy("ECC_brainpoolP384r1", STRONG, 48, AES),
    policy("ECC_curve25519", STRONG, 16, 0),
    policy("ECC_curve448", STRONG, 16, 0),
];

/// The names of the policies, as they stand behind the `#` of their URIs.
pub(super) static NAMES: [&str; POLICIES.len()] = [
    "None",
    "Basic128Rsa15",
    "Basic256",
    "Basic256Sha256",
    "Aes128_Sha256_RsaOaep",
    "Aes256_Sha256_RsaPss",
    "ECC_nistP256",
    "ECC_brainpoolP256r1",
    "ECC_nistP384",
    "ECC_brainpoolP384r1",
    "ECC_curve25519",
    "ECC_curve448",
];

/// The block of AES in CBC mode.
const AES: usize = 16;

/// A URI to keep: of a usual one, the text that all channels share.
pub(super) fn uri(uri: &str) -> Cow<'static, str> {
    let shared = URIS.iter().find(|shared| **shared == uri);
    shared.map_or_else(
        || Cow::Owned(uri.to_owned()),
        |shared| Cow::Borrowed(*shared),
    )
}

/// The URIs of the policies that are usual.
static URIS: [&str; 6] = [
    NO_POLICY,
    "http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256",
    "http://opcfoundation.org/UA/SecurityPolicy#Aes128_Sha256_RsaOaep",
    "http://opcfoundation.org/UA/SecurityPolicy#Aes256_Sha256_RsaPss",
    "http://opcfoundation.org/UA/SecurityPolicy#Basic256",
    "http://opcfoundation.org/UA/SecurityPolicy#Basic128Rsa15",
];

fn find(uri: &str) -> Option<&'static Policy> {
    let name = uri.rsplit('#').next().unwrap_or("");
    POLICIES.iter().find(|policy| policy.name == name)
}

fn rank(uri: &str) -> u8 {
    find(uri).map_or(STRONG, |policy| policy.rank)
}

/// The length of a symmetric signature; 0 where it is not known.
pub(super) fn signature_bytes(uri: &str) -> usize {
    find(uri).map_or(0, |policy| policy.signature)
}

/// Whether so many bytes behind the security header cannot be encrypted, for they are no whole blocks.
pub(super) fn is_never_encrypted(uri: &str, bytes: usize) -> bool {
    find(uri).is_some_and(|policy| policy.block != 0 && !bytes.is_multiple_of(policy.block))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_is_named() {
        assert_eq!(POLICIES.each_ref().map(|policy| policy.name), NAMES);
    }

    #[test]
    fn protection_is_ranked_by_policy_and_by_mode() {
        let of = |name: &str, mode| Protection::of(&format!("http://x#{name}"), mode);
        let ranked = [
            (of("None", Mode::Sign), 0),
            (of("Basic128Rsa15", Mode::Sign), 11),
            (of("Basic256", Mode::SignAndEncrypt), 22),
            (of("Basic256Sha256", Mode::Sign), 31),
            (of("Next_Year", Mode::SignAndEncrypt), 32),
        ];
        for (protection, number) in ranked {
            assert_eq!(protection.number(), number);
        }
        let [none, rsa15, basic256, signed, both] = ranked.map(|(protection, _)| protection);
        assert!(none.is_weaker_than(rsa15) && !rsa15.is_weaker_than(none));
        assert!(signed.is_weaker_than(basic256) && basic256.is_weaker_than(signed));
        assert_eq!(signed.stronger(both), both);
        assert_eq!(basic256.stronger(signed), basic256);
        assert!(!both.is_weaker_than(both));
    }

    #[test]
    fn only_whole_blocks_can_be_encrypted_where_the_cipher_has_blocks() {
        let uri = |name: &str| format!("http://opcfoundation.org/UA/SecurityPolicy#{name}");
        assert!(is_never_encrypted(&uri("Basic256Sha256"), 63));
        assert!(!is_never_encrypted(&uri("Basic256Sha256"), 64));
        for free in ["ECC_curve25519", "None", "Next_Year"] {
            assert!(!is_never_encrypted(&uri(free), 63));
        }
    }
}

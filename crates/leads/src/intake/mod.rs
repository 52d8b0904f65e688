//! Intake: from a payload on the public edge to a stored, routed lead (spec 5.1).
//!
//! Failure policy: fail-closed, nothing lost. What cannot be used is kept in quarantine; what is stored but cannot be
//! routed stays and is swept later.

pub mod batcher;
pub mod edge;
pub mod http;
pub mod judge;
pub mod ops;
pub mod payload;
pub mod store;

use payload::Payload;

use crate::rules::intake as rules;

/// What a caller presented (L-22: present but unknown is refused, never downgraded).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// Nothing.
    Anonymous,
    /// A supplier's key, to be looked up.
    ProviderKey(String),
    /// Something that is no key of ours.
    Unknown,
}

/// The credential of a submission: the body's key first, then the header's.
pub fn credential(body_key: &str, authorization: Option<&str>) -> Credential {
    match rules::credential(Some(body_key), authorization) {
        rules::Credential::Anonymous => Credential::Anonymous,
        rules::Credential::SupplierKey(secret) => Credential::ProviderKey(secret.to_owned()),
        rules::Credential::Refused => Credential::Unknown,
    }
}

/// A payload with what the edge knows of its caller.
#[derive(Clone, Debug)]
pub struct Submission {
    /// What was sent.
    pub payload: Payload,
    /// The hash of the supplier's key, if one was presented.
    pub key_hash: Option<Vec<u8>>,
    /// The browser's origin, when it is not this service's own.
    pub origin: Option<String>,
    /// The caller's address.
    pub ip: String,
    /// The caller's wish to be served once.
    pub idempotency_key: Option<String>,
    /// The request it came with.
    pub request_id: String,
}

//! Events: what happened, recorded for good in the transaction of the change. At once the audit trail, the activity
//! feed of every screen and the source of reactions.

mod file;
pub mod http;
pub mod seal;
pub(crate) mod store;

use std::borrow::Cow;

use kernel::{EntityId, EventId, Limit, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{Actor, Ctx, Result, Tx};

crate::words! {
    /// How much an event matters to who watches.
    #[derive(Default)]
    Severity {
        /// As it should be.
        #[default]
        Info = "info",
        /// Somebody should look.
        Warning = "warning",
        /// Something went wrong.
        Error = "error",
    }
}

/// The id that stands for a thing with a key, such as a setting: events know things by their ids.
pub fn word_id(key: &str) -> Uuid {
    use sha2::Digest as _;
    let hash = sha2::Sha256::digest(key.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// An event about to be recorded with [`Tx::emit`](crate::Tx::emit).
#[derive(Clone, Debug)]
pub struct Event {
    action: &'static str,
    entity: Option<EntityId>,
    subject_kind: &'static str,
    subject_id: Uuid,
    related: Vec<Uuid>,
    details: Value,
    severity: Severity,
    request_id: Option<String>,
}

impl Event {
    /// `action` happened to the thing `subject_kind`/`subject_id`.
    pub fn new(action: &'static str, subject_kind: &'static str, subject_id: impl Into<Uuid>) -> Self {
        Self {
            action,
            entity: None,
            subject_kind,
            subject_id: subject_id.into(),
            related: Vec::new(),
            details: Value::Object(serde_json::Map::new()),
            severity: Severity::Info,
            request_id: None,
        }
    }

    /// The entity it happened in: who may read it.
    #[must_use]
    pub fn entity(mut self, entity: impl Into<Option<EntityId>>) -> Self {
        self.entity = entity.into();
        self
    }

    /// Something else it is about, in whose activity it shows.
    #[must_use]
    pub fn related(mut self, id: impl Into<Uuid>) -> Self {
        self.related.push(id.into());
        self
    }

    /// What changed, as a JSON object. Never a secret; no names, mails or whole phone numbers of consumers.
    #[must_use]
    pub fn details(mut self, details: Value) -> Self {
        self.details = details;
        self
    }

    /// How much it matters.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// The request it belongs to, where one transaction serves several.
    #[must_use]
    pub fn request(mut self, id: impl Into<String>) -> Self {
        self.request_id = Some(id.into());
        self
    }

    pub(crate) fn stored(self, ctx: &Ctx, at: Timestamp) -> StoredEvent {
        self.stored_by(ctx.actor(), ctx.request_id(), at)
    }

    pub(crate) fn stored_by(self, actor: &Actor, request_id: &str, at: Timestamp) -> StoredEvent {
        StoredEvent {
            id: EventId::generate(at),
            at,
            entity_id: self.entity,
            actor_kind: actor.kind().into(),
            actor_id: actor.id(),
            actor_name: actor.name().to_owned(),
            action: self.action.into(),
            subject_kind: self.subject_kind.into(),
            subject_id: self.subject_id,
            related: self.related,
            details: self.details,
            severity: self.severity,
            request_id: self.request_id.unwrap_or_else(|| request_id.to_owned()),
        }
    }
}

/// An event as it is stored, read and handed to reactions.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StoredEvent {
    /// The event.
    pub id: EventId,
    /// When it happened.
    pub at: Timestamp,
    /// The entity it happened in.
    pub entity_id: Option<EntityId>,
    /// `user`, `provider` or `system`.
    #[schema(value_type = String)]
    pub actor_kind: Cow<'static, str>,
    /// Who did it, where he has an id.
    pub actor_id: Option<Uuid>,
    /// Who did it.
    pub actor_name: String,
    /// What happened, such as `reject_lead`.
    #[schema(value_type = String)]
    pub action: Cow<'static, str>,
    /// What it happened to, such as `delivery`.
    #[schema(value_type = String)]
    pub subject_kind: Cow<'static, str>,
    /// The thing it happened to.
    pub subject_id: Uuid,
    /// What else it is about.
    #[serde(default)]
    pub related: Vec<Uuid>,
    /// What changed.
    pub details: Value,
    /// How much it matters.
    pub severity: Severity,
    /// The request it belongs to.
    pub request_id: String,
}

/// What happened to a thing or is related to it, within the caller's scope: newest first, one more than `limit`, only
/// older than the event `before`.
pub async fn list_events_about(
    tx: &mut Tx,
    about: Uuid,
    before: Option<Uuid>,
    limit: Limit,
) -> Result<Vec<StoredEvent>> {
    let filter = store::EventFilter {
        about: Some(about),
        before: before.map(EventId::from_uuid),
        ..store::EventFilter::default()
    };
    store::list_events(tx, &filter, limit).await
}

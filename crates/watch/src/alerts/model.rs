//! An alert, and when a person is told of it again.

use jiff::SignedDuration;
use kernel::{AlertId, EntityId, Timestamp};
use platform::Role;
use platform::check::CheckSeverity;
use serde::Serialize;
use serde_json::Value;

platform::lifecycle! {
    /// Where an alert stands.
    pub enum AlertState: "alert" {
        /// What it tells of is going on.
        Open = "open" => [Acknowledged, Resolved],
        /// A person knows, and it is going on.
        Acknowledged = "acknowledged" => [Open, Resolved],
        /// It is over.
        Resolved = "resolved" => [],
    }
    born: [Open]
}

/// Who has not acknowledged what is still going on is told again after this.
pub const TELL_AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// An alert as it is stored and shown.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Alert {
    /// The alert.
    pub id: AlertId,
    /// What kind of alert, such as `invoice_overdue_30days`.
    pub kind: String,
    /// The entity it belongs to.
    pub entity_id: Option<EntityId>,
    /// What kind of thing it is about.
    pub subject_kind: String,
    /// The thing: its id, or a word that names it.
    pub subject: String,
    /// What distinguishes the thing.
    pub text: String,
    /// What is known of it.
    pub details: Value,
    /// How much it weighs.
    pub severity: CheckSeverity,
    /// Where it stands.
    pub state: AlertState,
    /// When it was first seen.
    pub opened_at: Timestamp,
    /// When it was last seen.
    pub last_seen_at: Timestamp,
    /// When people were last told.
    pub told_at: Timestamp,
    /// When a person took note.
    pub acknowledged_at: Option<Timestamp>,
    /// Who.
    pub acknowledged_by: Option<String>,
    /// What he wrote.
    pub note: Option<String>,
    /// When it was over.
    pub resolved_at: Option<Timestamp>,
}

/// Why people are told of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// It is new.
    Opened,
    /// It goes on for a day, or weighs more or less than it did.
    Repeated,
}

/// Whom a kind of alert is for, and how much each weighs.
#[derive(Clone, Debug, PartialEq)]
pub struct Audience {
    /// How much one weighs, unless its sighting says otherwise.
    pub severity: CheckSeverity,
    /// Who is told.
    pub roles: Vec<Role>,
}

//! Whose data is erased, and how much it was.

use kernel::Email;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whose data is erased.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ErasePerson {
    /// The person's phone, in any French spelling.
    pub phone: Option<String>,
    /// The person's e-mail address.
    pub email: Option<Email>,
}

/// What was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Erased {
    /// Leads whose personal data is gone.
    pub leads: i64,
    /// Open deliveries that were given up for it.
    pub cancelled: i64,
    /// Files that were removed, as the person was in them.
    pub files: i64,
    /// Visits.
    pub visits: i64,
    /// Payloads in quarantine.
    pub payloads: i64,
}

/// Whom to look for.
pub(super) struct Person {
    /// The normalised phone.
    pub(super) phone: Option<String>,
    /// The address in lower case.
    pub(super) email: Option<String>,
}

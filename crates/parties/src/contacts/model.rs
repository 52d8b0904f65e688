//! What a contact is.

use kernel::{Email, PartyContactId, PartyId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

platform::words! {
    /// What somebody is to be asked about.
    ContactKind {
        /// Anything.
        General = "general",
        /// Invoices and payments.
        Billing = "billing",
        /// The work itself.
        Technical = "technical",
        /// Something else.
        Other = "other",
    }
}

/// Somebody to ask for at a party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PartyContact {
    /// The contact.
    pub id: PartyContactId,
    /// The party.
    pub party_id: PartyId,
    /// What to ask about.
    pub kind: ContactKind,
    /// Whether this is the one to ask of the kind.
    pub is_default: bool,
    /// The name.
    pub name: String,
    /// What he does there.
    pub job_title: String,
    /// The e-mail address.
    pub email: Option<Email>,
    /// The phone.
    pub phone: String,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What a contact is to be.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SavePartyContact {
    /// What to ask about.
    pub kind: ContactKind,
    /// Whether this is the one to ask of the kind, instead of the one that was. Off unless told.
    #[serde(default)]
    pub is_default: bool,
    /// The name.
    pub name: String,
    /// What he does there.
    #[serde(default)]
    pub job_title: String,
    /// The e-mail address.
    pub email: Option<Email>,
    /// The phone.
    #[serde(default)]
    pub phone: String,
}

impl SavePartyContact {
    /// The same with outer blanks gone, or the field that is wrong and a sentence.
    pub(super) fn checked(self) -> Result<Self, (&'static str, &'static str)> {
        let trim = |text: &String| text.trim().to_owned();
        let (name, job_title, phone) = (trim(&self.name), trim(&self.job_title), trim(&self.phone));
        if name.is_empty() {
            return Err(("name", "must not be empty"));
        }
        let texts = [("name", &name, 200), ("job_title", &job_title, 100), ("phone", &phone, 40)];
        if let Some((field, ..)) = texts.into_iter().find(|(_, text, most)| text.chars().count() > *most) {
            return Err((field, "is too long"));
        }
        Ok(Self { name, job_title, phone, ..self })
    }
}

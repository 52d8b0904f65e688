//! What a party is.

use kernel::{Email, EntityId, PartyId, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What kind of party it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A human being.
    Person,
    /// A company or another body.
    Organisation,
}

impl Kind {
    /// The stored form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organisation => "organisation",
        }
    }
}

/// What a party is to the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartyRole {
    /// Buys leads.
    Buyer,
    /// Buys anything else.
    Customer,
    /// Sells to us.
    Supplier,
}

impl PartyRole {
    /// The stored form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Buyer => "buyer",
            Self::Customer => "customer",
            Self::Supplier => "supplier",
        }
    }
}

/// What may be written of a party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartyFields {
    /// Its name.
    pub name: String,
    /// Whom to ask for.
    pub contact_name: String,
    /// The main address.
    pub email: Email,
    /// The phone.
    pub phone: String,
    /// Free text.
    pub notes: String,
    /// The one source of this party's VAT rate, in percent (L-59).
    pub vat_rate: Decimal,
    /// Days it may take to pay.
    pub payment_terms_days: i32,
}

impl PartyFields {
    /// What is wrong with them, as field and sentence.
    pub fn refusal(&self) -> Option<(&'static str, &'static str)> {
        if self.name.trim().is_empty() {
            return Some(("name", "must not be empty"));
        }
        if self.vat_rate < Decimal::ZERO || self.vat_rate > Decimal::ONE_HUNDRED {
            return Some(("vat_rate", "must be between 0 and 100"));
        }
        if !(0..=365).contains(&self.payment_terms_days) {
            return Some(("payment_terms_days", "must be between 0 and 365"));
        }
        None
    }

    /// The same with outer blanks gone.
    #[must_use]
    pub fn trimmed(self) -> Self {
        let trim = |text: String| text.trim().to_owned();
        Self {
            name: trim(self.name),
            contact_name: trim(self.contact_name),
            phone: trim(self.phone),
            notes: trim(self.notes),
            ..self
        }
    }
}

/// A party as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// The party.
    pub id: PartyId,
    /// The entity it belongs to; none = every entity sees it.
    pub entity_id: Option<EntityId>,
    /// What is written of it.
    pub fields: PartyFields,
    /// When it was archived.
    pub archived_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> PartyFields {
        PartyFields {
            name: "Toits SA".into(),
            contact_name: String::new(),
            email: "a@toits.example".parse().unwrap(),
            phone: String::new(),
            notes: String::new(),
            vat_rate: Decimal::new(20, 0),
            payment_terms_days: 30,
        }
    }

    #[test]
    fn bad_fields_are_named() {
        assert_eq!(fields().refusal(), None);
        let field = |fields: PartyFields| fields.refusal().map(|(field, _)| field);
        assert_eq!(field(PartyFields { name: "  ".into(), ..fields() }), Some("name"));
        assert_eq!(field(PartyFields { vat_rate: Decimal::new(-1, 0), ..fields() }), Some("vat_rate"));
        assert_eq!(field(PartyFields { payment_terms_days: 366, ..fields() }), Some("payment_terms_days"));
    }
}

//! What an address of a party is.

use kernel::{Address, Country, PartyAddressId, PartyId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

platform::words! {
    /// What an address is for.
    AddressKind {
        /// Goods go there.
        Delivery = "delivery",
        /// Work is done there.
        Site = "site",
        /// Something else.
        Other = "other",
    }
}

/// A place where a party is, besides its billing address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PartyAddress {
    /// The address.
    pub id: PartyAddressId,
    /// The party.
    pub party_id: PartyId,
    /// What it is for.
    pub kind: AddressKind,
    /// Whether it is the one to take of its kind.
    pub is_default: bool,
    /// What people call it.
    pub label: String,
    /// Number and street.
    pub line1: String,
    /// What else the postman needs.
    pub line2: String,
    /// The postal code.
    pub postal_code: String,
    /// The town.
    pub city: String,
    /// The country.
    pub country: Country,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What an address is to be.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SavePartyAddress {
    /// What it is for.
    pub kind: AddressKind,
    /// Whether it is the one to take of its kind, instead of the one that was. Off unless told.
    #[serde(default)]
    pub is_default: bool,
    /// What people call it.
    #[serde(default)]
    pub label: String,
    /// Number and street.
    pub line1: String,
    /// What else the postman needs.
    #[serde(default)]
    pub line2: String,
    /// The postal code.
    #[serde(default)]
    pub postal_code: String,
    /// The town.
    pub city: String,
    /// The country; `FR` unless told.
    #[serde(default)]
    pub country: Country,
}

impl SavePartyAddress {
    /// Where it is, with outer blanks gone, or the field that is wrong and a sentence.
    pub(super) fn checked(self) -> Result<Self, (&'static str, &'static str)> {
        let Self { line1, line2, postal_code, city, country, .. } = self;
        let place = Address { line1, line2, postal_code, city, country }.trimmed();
        if place.line1.is_empty() {
            return Err(("line1", "must not be empty"));
        }
        if place.city.is_empty() {
            return Err(("city", "must not be empty"));
        }
        let label = self.label.trim().to_owned();
        if label.chars().count() > 100 {
            return Err(("label", "must have at most 100 characters"));
        }
        place.refusal().map_or(Ok(()), Err)?;
        let Address { line1, line2, postal_code, city, country } = place;
        Ok(Self { label, line1, line2, postal_code, city, country, ..self })
    }
}

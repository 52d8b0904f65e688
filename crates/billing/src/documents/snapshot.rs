//! Who sold and who bought, as they were when a document was issued. Kept with it, whatever becomes of them.

use kernel::{Email, PartyId};
use parties::{Party, PartyIdentity};
use platform::tenancy::legal::Legal;
use serde::Serialize;

use crate::house::House;

/// Who issued a document.
#[derive(Clone, Debug, Serialize)]
pub struct Seller<'a> {
    /// The entity's code.
    pub code: &'a str,
    /// Its legal identity.
    #[serde(flatten)]
    pub legal: &'a Legal,
}

/// Whom it was issued to.
#[derive(Clone, Debug, Serialize)]
pub struct Buyer<'a> {
    /// The party.
    pub party_id: PartyId,
    /// Its code.
    pub code: &'a str,
    /// The name it goes by.
    pub name: &'a str,
    /// Whom to ask for.
    pub contact_name: &'a str,
    /// Its mail address.
    pub email: Option<&'a Email>,
    /// Its phone.
    pub phone: &'a str,
    /// Whether it buys for itself.
    pub is_consumer: bool,
    /// What invoices say of it.
    #[serde(flatten)]
    pub identity: &'a PartyIdentity,
}

impl<'a> Seller<'a> {
    /// The entity as it is.
    pub fn of(house: &'a House) -> Self {
        Self { code: &house.code, legal: &house.legal }
    }
}

impl<'a> Buyer<'a> {
    /// The party as it is.
    pub fn of(party: &'a Party) -> Self {
        Self {
            party_id: party.id,
            code: &party.code,
            name: &party.fields.name,
            contact_name: &party.fields.contact_name,
            email: party.fields.email.as_ref(),
            phone: &party.fields.phone,
            is_consumer: party.fields.is_consumer,
            identity: &party.fields.identity,
        }
    }
}

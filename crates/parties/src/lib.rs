//! Parties: the people and organisations known to a tenant, what invoices need to know of them, and what was written about
//! them.
//!
//! Tables owned: everything in the schema `parties`.
//!
//! Invariants: an e-mail names one living buyer of an entity (L-56); a party's code is unique in its tenant and never
//! changes: it is its auxiliary account in the books (spec/field.md 5.9); of each kind of address and of contact a party
//! has one default at most; a note never changes; a party with history is archived, never deleted. What was checked when it
//! was written (SIREN, SIRET, VAT number, IBAN, country) agrees with itself. Failure policy: fail-closed.
//!
//! Events out: `party_created`, `party_updated`, `party_address_added`, `party_address_changed`, `party_address_removed`,
//! `party_contact_added`, `party_contact_changed`, `party_contact_removed`. A module above that writes a party tells of it
//! in its own words. Events tell no names and addresses of consumers.

pub mod addresses;
pub mod contacts;
pub mod notes;
pub mod parties;
pub mod rules;

use platform::http::Api;

pub use addresses::model::{AddressKind, PartyAddress};
pub use contacts::model::{ContactKind, PartyContact};
pub use notes::model::Note;
pub use parties::identity::PartyIdentity;
pub use parties::model::{Kind, Likeness, NewParty, Party, PartyFields, PartyRole};
pub use parties::ops::{find_by_iban, lock_party};
pub use parties::store::{get_party, list_resembling};

/// Every route of parties.
pub fn routes(api: Api) -> Api {
    api.with(parties::http::routes).with(addresses::http::routes).with(contacts::http::routes)
}

//! Parties: the people and organisations known to a tenant, and what was written about them.
//!
//! Tables owned: everything in the schema `parties`.
//!
//! Invariants: an e-mail names one living buyer of an entity (L-56); a note never changes; a party with history is
//! archived, never deleted. Failure policy: fail-closed. Events: emitted by the modules above, in their own words.

pub mod notes;
pub mod parties;

pub use notes::model::Note;
pub use parties::model::{Kind, Party, PartyFields, PartyRole};

//! The legal identity of an entity: what its invoices, its books and its mails say of it.
//!
//! Tables owned: the column `legal` of `platform.entity`; `platform.entity_logo`.
//!
//! Invariants: what is stored was checked when it was written (SIREN, SIRET, VAT number, IBAN, BIC, country), and agrees
//! with itself; a logo is a PNG or a JPEG, which nothing executes. SVG is not accepted: it can carry scripts and refer to
//! the outside, and no check of it is as safe as its absence.
//!
//! Events out: `entity_legal_updated`, `entity_logo_updated`, `entity_logo_removed`.

mod bare;
mod defaults;
pub(super) mod http;
mod logo;
mod model;
mod ops;
mod store;

use kernel::EntityId;

pub use logo::{Logo, LogoKind};
pub use model::{FiscalYearEnd, Insurance, Legal, Mediator, Register, VatRegime};

use crate::{Result, Tx, constraint};

constraint!("entity_logo_content_type_check", "logo", "A logo is a PNG or a JPEG.");
constraint!("entity_logo_bytes_check", "logo", "A logo has at most 200 KB.");
constraint!("entity_logo_size_check", "logo", "A logo has at most 4000 pixels a side.");

/// The legal identity of an entity, whichever entities are in scope: documents name who they are from.
///
/// Not found when there is no such entity in the tenant.
pub async fn legal(tx: &mut Tx, id: EntityId) -> Result<Legal> {
    store::get_legal(tx, id).await
}

/// The logo of an entity that is in scope, if it has one.
pub async fn logo(tx: &mut Tx, id: EntityId) -> Result<Option<Logo>> {
    store::find_logo(tx, id).await
}

//! E-invoices: what a document says in the terms of EN 16931, its XML, its page, and documents that come in.
//!
//! [`Invoice`] is the semantic invoice as plain values. [`check`] says what is wrong with it. [`cii::write`] and
//! [`ubl::write`] give its XML, [`Renderer::render`] its page as PDF/A-3b with the CII inside (Factur-X), [`Renderer::render_statement`] the page of a
//! customer's account. [`read`] goes the
//! other way, from bytes of strangers to the same values.
//!
//! # Invariants
//! - Pure: no clock, no randomness, no file, no network. The same values give the same bytes, so that a stored hash holds.
//! - Money is never computed here. The caller computed and froze it (field 5.6); [`check`] recomputes only to compare.
//! - What [`check`] finds nothing wrong with passes the schema of Factur-X, the Schematron of EN 16931 and the French BR-FR, as
//!   CII and as UBL. `tests/it/gates.rs` holds that with validators that were not written here, over each kind of document
//!   and a thousand random ones.
//! - The XML in the PDF is the XML of [`cii::write`], byte for byte.
//! - No text becomes markup: the template reads data. No character fails a page: what no font has is drawn as a box.
//! - Nothing that comes in makes [`read`] panic, loop, or unpack more than it has bounds for. A document type is refused, so
//!   there are no entities.
//!
//! # Sources
//! EN 16931-1 (BT, BG and BR names), CEN/TS 16931-3-2 (UBL 2.1) and -3-3 (CII), Factur-X 1.0 in its releases 1.07 to 1.09
//! (CII D22B, XMP, attachment), XP Z12-012 with its rules BR-FR and CGI annexe II article 242 nonies A (France), ISO 19005-3
//! (PDF/A-3). Fonts: Inter (SIL OFL 1.1), and DejaVu Sans Mono for what Inter lacks.
//!
//! # Failure
//! Closed. A document that cannot be written, set or read is an error that names why, and nothing is half made. Of what is
//! read, whatever could not be taken over is a [`Warning`] beside the values. A broken logo is the one thing that keeps a sound
//! document from being set; it shows when the logo is chosen, by setting any document with it.

mod check;
pub mod cii;
mod model;
mod pdf;
mod read;
pub mod ubl;
mod xml;

pub use check::{Finding, check};
pub use model::{
    Address, Adjustment, BuyerKind, Contact, Country, Delivery, Direction, DocumentAdjustment, Identifier, Invoice,
    Kind, Line, Note, Party, Payee, PaymentMeans, Period, Preceding, References, Totals, UnknownCountry, VatBreakdown,
    VatCategory, VatInBooks, scheme,
};
pub use pdf::figures;
pub use pdf::{
    Accent, AccountStatement, InvalidAccent, Language, Logo, LogoRefused, OpenItem, Presentation, RenderError,
    Renderer, StatementLine,
};
pub use read::{Format, MAX_FILE, MAX_XML, ReadError, Received, Warning, read};
pub use xml::WriteError;

//! The words of Comptoir: typed ids, money, instants, dates, ISO weeks, basis points, e-mail and postal addresses,
//! countries, the numbers of companies and bank accounts, pages, the clock.
//!
//! Everything here is a plain value. There is no async and no I/O; the database and OpenAPI traits are implemented
//! so that the words can be used as they are in every crate above.

mod address;
mod basis_points;
mod clock;
mod country;
mod email;
mod id;
mod identifier;
mod money;
mod page;
pub mod spreadsheet;
mod supply;
mod time;
mod vat;
mod vat_number;
mod week;

pub use address::{Address, Language};
pub use basis_points::BasisPoints;
pub use clock::{Clock, ManualClock, SystemClock};
pub use country::{Country, UnknownCountry};
pub use email::{Email, InvalidEmail};
pub use id::{
    AccountId, AlertId, ApiKeyId, AuditRunId, BackupId, BankAccountId, BankLineId, BatchId, BillingRecordId, BuyerId,
    CreditId, DeliveryId, DocumentId, DocumentLineId, EntityId, EntryId, EntryLineId, EventId, IncomingInvoiceId,
    ItemId, JobId, LeadId, LetteringId, MailId, MembershipId, NoteId, OrderId, PartyAddressId, PartyContactId, PartyId,
    PasswordResetId, PaymentId, PeriodLockId, PricingId, ProofId, ProviderId, QuarantineId, ReminderId, RunId,
    SavedViewId, SendAttemptId, SessionId, StatementId, TenantId, TransferId, UserId, VisitorSessionId,
    WebhookAttemptId, WebhookId,
};
pub use identifier::{ActivityCode, Bic, Iban, InvalidIdentifier, Siren, Siret};
pub use money::{Currency, MixedCurrencies, Money, Rounding, UnknownCurrency, is_exact, round, split};
pub use page::{Cursor, InvalidCursor, Limit, Page};
pub use supply::{Supply, VatCategory};
pub use time::{Date, Timestamp, Zone};
pub use vat::{UnknownVatCode, VatCode};
pub use vat_number::VatNumber;
pub use week::{InvalidWeek, Week};

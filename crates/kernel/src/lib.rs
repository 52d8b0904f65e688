//! The words of Comptoir: typed ids, money, instants, dates, ISO weeks, basis points, e-mail addresses, pages, the clock.
//!
//! Everything here is a plain value. There is no async and no I/O; the database and OpenAPI traits are implemented
//! so that the words can be used as they are in every crate above.

mod basis_points;
mod clock;
mod email;
mod id;
mod money;
mod page;
pub mod spreadsheet;
mod time;
mod vat;
mod week;

pub use basis_points::BasisPoints;
pub use clock::{Clock, ManualClock, SystemClock};
pub use email::{Email, InvalidEmail};
pub use id::{
    AccountId, ApiKeyId, BankAccountId, BankLineId, BatchId, BillingRecordId, BuyerId, CreditId, DeliveryId,
    DocumentId, DocumentLineId, EntityId, EntryId, EntryLineId, EventId, ItemId, JobId, LeadId, LetteringId, MailId,
    MembershipId, NoteId, OrderId, PartyId, PasswordResetId, PaymentId, PeriodLockId, PricingId, ProviderId,
    QuarantineId, ReminderId, RunId, SavedViewId, SendAttemptId, SessionId, StatementId, TenantId, TransferId, UserId,
    VisitorSessionId,
};
pub use money::{Currency, MixedCurrencies, Money, Rounding, UnknownCurrency, is_exact, round, split};
pub use page::{Cursor, InvalidCursor, Limit, Page};
pub use time::{Date, Timestamp, Zone};
pub use vat::{UnknownVatCode, VatCode};
pub use week::{InvalidWeek, Week};

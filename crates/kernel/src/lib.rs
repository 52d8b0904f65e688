//! The words of Comptoir: typed ids, instants, dates, ISO weeks, basis points, e-mail addresses, pages, the clock.
//!
//! Everything here is a plain value. There is no async and no I/O; the database and OpenAPI traits are implemented
//! so that the words can be used as they are in every crate above.

mod basis_points;
mod clock;
mod email;
mod id;
mod page;
pub mod spreadsheet;
mod time;
mod week;

pub use basis_points::BasisPoints;
pub use clock::{Clock, ManualClock, SystemClock};
pub use email::{Email, InvalidEmail};
pub use id::{
    ApiKeyId, BatchId, BuyerId, DeliveryId, EntityId, EventId, ItemId, JobId, LeadId, MailId, MembershipId, NoteId,
    OrderId, PartyId, PasswordResetId, ProviderId, QuarantineId, RunId, SavedViewId, SendAttemptId, SessionId,
    TenantId, UserId, VisitorSessionId,
};
pub use page::{Cursor, InvalidCursor, Limit, Page};
pub use time::{Date, Timestamp, Zone};
pub use week::{InvalidWeek, Week};

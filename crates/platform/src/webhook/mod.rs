//! Webhooks: other systems are told what happens, signed as the Standard Webhooks specification says.
//!
//! Tables owned: `platform.webhook`, `platform.webhook_attempt`.
//!
//! Invariants: writing an event enqueues one job for each webhook that wants it, in the same statement; a webhook of an entity is told
//! of that entity's events alone; the id of a message is that of its event, however often it is sent; nothing personal leaves; what
//! webhooks do is told to no webhook. A secret is shown when it is made and never again. Calls run in a lane of their own, so that who
//! does not answer keeps nobody's business waiting.
//!
//! Events out: `webhook_created`, `webhook_changed`, `webhook_deleted`, `webhook_secret_rotated`, `webhook_tested`, `webhook_resent`,
//! `webhook_switched_off`.
//!
//! Failure policy: fail-open for the business, whose transaction is done; fail-closed for the call, which is made through the
//! [guard](crate::egress) or not at all. What was not taken is sent again (desk 6.4) and ends as a dead letter.

mod deliver;
pub mod http;
mod message;
mod model;
mod ops;
mod sealed;
mod store;

pub(crate) use deliver::Deliver;
pub use deliver::jobs;
pub(crate) use store::delete_attempts_before;

use crate::constraint;

constraint!("webhook_name_key", "name", "There is a webhook of this name already.");
constraint!("webhook_name_check", "name", "must have 1 to 80 characters");

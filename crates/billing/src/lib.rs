//! Billing: quotes, invoices, credit notes, what is paid on them, and how they reach the books (spec/field.md 3.3, 4.6–4.8,
//! 5.6–5.8; spec/leads.md 5.12; spec/trade.md 5.4, 5.11).
//!
//! Tables owned: everything in the schema `billing`.
//!
//! Invariants: an issued document is never changed, nor are its lines, its VAT and its stored page; numbers run without a gap
//! within an entity, series and year, and rise with their dates; issuing draws the number, sets the page, posts the entry and
//! freezes the document in one transaction; all credit notes of an invoice take back no more than it amounts to; nothing is
//! paid beyond what is open: what is over is the party's credit, on account 4191, and can be used or given back.
//!
//! Events out: `invoice_created`, `invoice_updated`, `invoice_deleted`, `invoice_issued`, `invoice_credited`, `invoice_paid`,
//! `invoice_reopened`, `invoice_overdue`, `quote_sent`, `quote_accepted`, `quote_refused`, `quote_expired`, `quote_converted`,
//! `purchase_entered`, `payment_recorded`, `payment_bounced`, `payment_refunded`, `payment_drift`, `document_page_changed`,
//! `bank_account_created`, `bank_account_changed`, `bank_statement_imported`, `bank_line_matched`, `bank_line_unmatched`,
//! `bank_line_ignored`, `document_mailed`, `document_mail_failed`, `reminder_sent`, `reminder_failed`, `reminder_bounced`,
//! `reminder_cancelled`, `reminders_suspended`, `reminders_resumed`,
//! `incoming_invoice_received`, `incoming_invoice_linked`, `incoming_invoice_approved`,
//! `incoming_invoice_refused`, `incoming_invoice_reopened`, `incoming_invoice_booked`.
//!
//! Failure policy: fail-closed. What cannot be issued or recorded whole leaves nothing behind, not even a number. What is
//! mailed is an addition and fails open: a document stands whether or not a mail about it left.

pub mod bank;
pub mod documents;
pub mod house;
pub mod incoming;
pub mod jobs;
pub mod numbering;
pub mod payments;
pub mod reminders;
pub mod sending;
pub mod statement;
mod watching;

use platform::http::Api;

/// Every route of billing.
pub fn routes(api: Api) -> Api {
    api.with(documents::http::routes)
        .with(payments::http::routes)
        .with(bank::http::routes)
        .with(sending::http::routes)
        .with(reminders::http::routes)
        .with(statement::http::routes)
        .with(incoming::http::routes)
        .with(numbering::http::routes)
}

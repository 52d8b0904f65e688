//! The ledger: double entry for every entity, the one set of books that all of Comptoir's businesses post to
//! (spec/field.md 5.9, spec/trade.md 5.1, 5.2, 5.5, 5.14, 5.15, 5.24).
//!
//! Tables owned: everything in the schema `ledger`.
//!
//! Invariants, each kept by the database whoever writes: debit and credit of an entry are equal in each currency; an entry is
//! written together with its lines, in one statement, and neither ever changes: what is wrong is reversed; numbers of a journal run
//! without a gap within a fiscal year, drawn by the database in the transaction that posts; nothing is posted into a locked period or
//! a closed year; a source posts once in a journal; what settles each other is of one account and party and sums to nothing;
//! `account_day` is the sum of the lines.
//!
//! Whoever posts, locks, letters or closes holds the book of the entity until his transaction ends. Take the locks of your own
//! documents first.
//!
//! Events out: `book_opened`, `account_created`, `account_changed`, `account_role_changed`, `ledger_entry_posted` and
//! `ledger_entry_reversed` (those entered by hand alone), `period_locked`, `period_unlocked`, `fiscal_year_closed`, `rate_changed`,
//! `lettered`, `unlettered`, `opening_imported`, `fec_exported`.
//!
//! Failure policy: fail-closed. What cannot be posted whole is not posted, and neither is what it was posted for.

pub mod accounts;
pub mod book;
pub mod entries;
pub mod fec;
pub mod lettering;
pub mod opening;
pub mod periods;
pub mod rates;
pub mod reports;
pub mod rules;
pub mod watching;
mod wire;

use kernel::{Currency, Date, EntityId};
use platform::http::Api;
use platform::{Result, Tx};

pub use accounts::model::{Account, AccountClass, Aux};
pub use accounts::ops::cost_account;
pub use accounts::role::Role;
pub use book::model::{Book, SecondCurrency};
pub use book::ops::{book, peek};
pub use entries::model::{Journal, NewEntry, NewLine, Posted, Second, VatDirection, VatLine, label};
pub use entries::ops::{post, post_all, reverse};
pub use kernel::{EntryId, EntryLineId, LetteringId};
pub use lettering::ops::{letter, unletter, unletter_line};
pub use periods::ops::expect_open;
pub use reports::store::{OwnLine, list_own_lines, receivables};
pub use rules::aged::{AgedAmounts, age};
pub use rules::derive::Conversion;
pub use rules::rates::{FoundRate, RateType};
pub use rules::vat::{Pair, vat, vat_pair};

/// What one `from` is worth in `to` on a day, by rates of one type: those of the day, else the latest before it, told as stale when
/// it is older than seven days.
///
/// Refused as `rate_missing` when there is none; never a rate of another type.
pub async fn rate(
    tx: &mut Tx,
    entity: EntityId,
    from: Currency,
    to: Currency,
    rate_type: RateType,
    on: Date,
) -> Result<FoundRate> {
    rates::ops::rate(tx, entity, from, to, (rate_type, on)).await
}

/// Every route of the ledger.
pub fn routes(api: Api) -> Api {
    api.with(book::http::routes)
        .with(accounts::http::routes)
        .with(entries::http::routes)
        .with(lettering::http::routes)
        .with(periods::http::routes)
        .with(rates::http::routes)
        .with(opening::http::routes)
        .with(reports::http::routes)
        .with(fec::http::routes)
}

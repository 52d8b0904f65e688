//! The trial balance as a file.

use kernel::{Date, EntityId};
use platform::export::{Part, Sheet};
use platform::{Ctx, Result};
use rust_decimal::Decimal;

use super::store::{self, TrialRow};
use crate::book;
use crate::wire::comma;

/// The file.
pub(super) const SHEET: Sheet<9> = Sheet {
    name: "balance",
    columns: [
        "compte",
        "libelle",
        "classe",
        "solde_initial_debit",
        "solde_initial_credit",
        "mouvement_debit",
        "mouvement_credit",
        "solde_debit",
        "solde_credit",
    ],
};

/// All of its lines at once: there are as many as accounts.
pub(super) async fn read(
    ctx: Ctx,
    (entity, from, to): (EntityId, Option<Date>, Date),
) -> Result<Part<9, (EntityId, Option<Date>, Date)>> {
    let mut tx = ctx.read().await?;
    let book = book::store::find_book(&mut tx, entity).await?;
    let second = book.and_then(|book| book.second).map(|second| second.currency.code());
    let rows = store::trial_balance(&mut tx, entity, (from, to), second).await?;
    Ok((rows.into_iter().map(cells).collect(), None))
}

fn cells(row: TrialRow) -> [String; 9] {
    let sides = |net: Decimal| (comma(net.max(Decimal::ZERO)), comma((-net).max(Decimal::ZERO)));
    let (opening_debit, opening_credit) = sides(row.opening);
    let (debit, credit) = sides(row.opening + row.debit - row.credit);
    [
        row.code,
        row.name_fr,
        row.class,
        opening_debit,
        opening_credit,
        comma(row.debit),
        comma(row.credit),
        debit,
        credit,
    ]
}

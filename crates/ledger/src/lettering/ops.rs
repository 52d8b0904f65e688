//! The only writers of letterings.

use std::collections::BTreeSet;

use kernel::{EntryLineId, LetteringId};
use platform::{Error, Event, Result, Tx};
use rust_decimal::Decimal;
use serde_json::json;

use super::store;
use crate::book;
use crate::periods::today;
use crate::rules::letters;

/// Letters lines of one account and one party that sum to nothing in the functional currency.
///
/// Not found when a line is outside the caller's scope; refused when the lines are of several accounts or parties, do not sum to
/// nothing, carry a closed year forward or are lettered already.
pub async fn letter(tx: &mut Tx, lines: &[EntryLineId]) -> Result<LetteringId> {
    let wanted: BTreeSet<_> = lines.iter().copied().collect();
    if wanted.len() < 2 || wanted.len() > 10_000 || wanted.len() != lines.len() {
        return Err(Error::invalid("lines", "must name 2 to 10000 lines, each once"));
    }
    // Once to know the book, and again when it is held.
    let found = store::list_lines(tx, lines).await?;
    let first = found.first().ok_or_else(|| Error::not_found("line"))?;
    let (entity, account) = (first.entity_id, first.account_id);
    book::ops::book(tx, entity).await?;
    let found = store::list_lines(tx, lines).await?;
    let Some(first) = found.first().filter(|_| found.len() == wanted.len()) else {
        return Err(Error::not_found("line"));
    };
    if found.iter().any(|line| line.account_id != account || line.party != first.party) {
        return Err(Error::refused("lettering_mixed", "The lines are of several accounts or parties."));
    }
    if !first.is_auxiliary && found.iter().any(|line| line.party.is_some()) {
        return Err(Error::refused("lettering_mixed", "The lines are of several accounts or parties."));
    }
    if found.iter().any(|line| line.carried) {
        return Err(Error::refused(
            "lettering_carried",
            "A line carries a closed year forward: letter the lines it stands for.",
        ));
    }
    if found.iter().any(|line| line.is_settled) {
        return Err(Error::refused("lettered_already", "One of the lines is lettered already."));
    }
    let off: Decimal = found.iter().map(|line| line.net).sum();
    if !off.is_zero() {
        return Err(Error::refused("lettering_unbalanced", format!("Debit and credit of the lines differ by {off}.")));
    }
    let drawn = store::draw_letter(tx, account).await?;
    let code = letters::code(u32::try_from(drawn).unwrap_or(0));
    let ids: Vec<_> = found.iter().map(|line| line.id).collect();
    let on = today(tx, entity);
    let id = store::insert_lettering(tx, (entity, account), (&code, on), &ids).await?;
    tx.emit(
        Event::new("lettered", "lettering", id).entity(entity).details(json!({ "code": code, "lines": ids.len() })),
    );
    Ok(id)
}

/// Takes a lettering apart. Its rows stay, with who took it apart and when.
///
/// Refused when it was taken apart already.
pub async fn unletter(tx: &mut Tx, id: LetteringId) -> Result<()> {
    let row = store::get_lettering(tx, id).await?;
    book::ops::book(tx, row.entity_id).await?;
    if !store::update_undone(tx, id).await? {
        return Err(Error::refused("lettering_undone", "This lettering was taken apart already."));
    }
    let details = json!({ "code": row.code, "lines": row.line_ids.len() });
    tx.emit(Event::new("unlettered", "lettering", id).entity(row.entity_id).details(details));
    Ok(())
}

/// Takes apart the lettering that a line is in, if it is in one.
pub async fn unletter_line(tx: &mut Tx, line: EntryLineId) -> Result<()> {
    match store::find_live_of_line(tx, line).await? {
        Some(id) => unletter(tx, id).await,
        None => Ok(()),
    }
}

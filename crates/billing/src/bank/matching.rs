//! Suggestions for the lines of an account, and the confirmation of those that nothing else can be (spec/field.md 5.8).

use std::time::Duration;

use kernel::{BankAccountId, BankLineId};
use platform::{Ctx, Error, Result, Tx};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use statements::matching::suggest_all;
use utoipa::ToSchema;

use super::ops;
use super::settle::MatchLine;
use super::store::accounts;
use super::store::candidates;
use super::store::lines::{self, BankLineRow};
use super::suggestion::{BankSuggestion, BankSuggestionKind, Known, RECORDED_DAYS};

/// The most lines that are looked at in one go; the rest waits for those to be matched.
const MOST: i64 = 50_000;
/// So many lines are confirmed in one transaction: whoever else needs the book waits no longer than for these.
const PART: usize = 50;
/// The longest that confirming one line may take.
const LIMIT: Duration = Duration::from_secs(10);
/// So many lines are confirmed while the sender of a file waits; the rest is left to a job.
pub const AT_ONCE: usize = 200;

/// What matching an account did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct BankMatching {
    /// Lines that waited.
    pub lines: usize,
    /// Of those, matched by themselves.
    pub matched: usize,
    /// Of those, with suggestions for a person.
    pub suggested: usize,
    /// Of those, nothing fits.
    pub unmatched: usize,
    /// Lines that will be matched by themselves in the background.
    pub queued: usize,
}

/// Goes on confirming what is automatic on an account.
#[derive(Debug, Serialize, Deserialize)]
pub struct MatchAccount {
    /// The account.
    pub account: BankAccountId,
}

impl platform::Job for MatchAccount {
    const KIND: &'static str = "billing.match_bank_account";
}

/// Computes what the waiting lines of an account may be and stores it. Returns how many wait, how many of them fit something, and
/// those that are automatic.
pub async fn match_lines(
    tx: &mut Tx,
    account: BankAccountId,
) -> Result<(BankMatching, Vec<(BankLineId, BankSuggestion)>)> {
    let account = accounts::lock_account(tx, account).await?;
    let waiting = lines::list_waiting(tx, account.id, MOST).await?;
    let days = waiting.last().zip(waiting.first()).map(|(first, last)| (first.booked_on, last.booked_on));
    let Some((first, last)) = days else { return Ok(Default::default()) };
    let items = candidates::list_open_items(tx, &account).await?;
    let returnable = if waiting.iter().any(|line| line.amount.is_sign_negative()) {
        candidates::list_returnable(tx, &account, first).await?
    } else {
        Vec::new()
    };
    let amounts: Vec<Decimal> = waiting.iter().map(|line| line.amount.abs()).collect();
    let bounds = (first.plus_days(-RECORDED_DAYS), last.plus_days(RECORDED_DAYS));
    let recorded = candidates::list_recorded(tx, &account, &amounts, bounds).await?;
    // Pure, and long for many lines: not on a thread that serves others.
    let work = tokio::task::spawn_blocking(move || {
        let read: Vec<_> = waiting.iter().map(BankLineRow::statement_line).collect();
        let found = suggest_all(&read, &items, &returnable);
        let known = Known::new(&items, &recorded);
        let combined = waiting.into_iter().zip(found).map(|(line, found)| {
            let text = line.text();
            (line.id, known.combine(line.facts(&text), found))
        });
        combined.collect::<Vec<_>>()
    });
    let found = work.await.map_err(|lost| Error::internal("matching bank lines", lost))?;
    let values: Vec<_> = found.iter().map(|(id, suggestions)| (*id, json!(suggestions))).collect();
    lines::update_suggestions(tx, &values).await?;
    tx.touch(Some(account.entity_id), "bank_line");
    let suggested = found.iter().filter(|(_, suggestions)| !suggestions.is_empty()).count();
    let outcome =
        BankMatching { lines: found.len(), suggested, unmatched: found.len() - suggested, ..BankMatching::default() };
    let automatic = found.into_iter().filter_map(|(id, suggestions)| {
        suggestions.into_iter().next().filter(|first| first.automatic).map(|first| (id, first))
    });
    Ok((outcome, automatic.collect()))
}

/// Matches an account: stores what its lines may be and confirms up to `at_once` of those that are automatic, a few at a time; a
/// job is enqueued for the rest. A line that cannot be confirmed (its period is closed, its document was paid meanwhile) keeps its
/// suggestion.
pub async fn match_account(ctx: &Ctx, account: BankAccountId, at_once: usize) -> Result<BankMatching> {
    let mut tx = ctx.begin().await?;
    let (mut outcome, mut automatic) = match_lines(&mut tx, account).await?;
    let rest = automatic.len().saturating_sub(at_once);
    if rest > 0 {
        automatic.truncate(at_once);
        tx.enqueue_once(&MatchAccount { account })?;
    }
    tx.commit().await?;
    for part in automatic.chunks(PART) {
        let mut tx = ctx.begin().await?;
        outcome.matched += confirm(&mut tx, account, part).await?;
        tx.commit().await?;
    }
    outcome.queued = rest;
    outcome.suggested -= outcome.matched + rest;
    Ok(outcome)
}

/// Confirms suggestions; returns how many were.
async fn confirm(tx: &mut Tx, account: BankAccountId, automatic: &[(BankLineId, BankSuggestion)]) -> Result<usize> {
    accounts::lock_account(tx, account).await?;
    let ids: Vec<_> = automatic.iter().map(|(id, _)| *id).collect();
    let rows = lines::lock_lines(tx, &ids).await?;
    let mut confirmed = 0;
    for row in rows {
        let Some((_, suggestion)) = automatic.iter().find(|(id, _)| *id == row.id) else { continue };
        let Some(command) = command(suggestion) else { continue };
        let done = tx.attempt(LIMIT, async |tx: &mut Tx| ops::match_locked(tx, &row, &command, true).await).await?;
        match done {
            Ok(()) => confirmed += 1,
            Err(error) => {
                tracing::info!(bank_line.id = %row.id, error = error.logged(), "a bank line was not matched by itself");
            }
        }
    }
    Ok(confirmed)
}

/// What confirming a suggestion says; none for what a person has to see.
fn command(suggestion: &BankSuggestion) -> Option<MatchLine> {
    let is_plain = matches!(suggestion.kind, BankSuggestionKind::Payment | BankSuggestionKind::Refund)
        && suggestion.unallocated.is_zero();
    let documents = suggestion.documents.iter().map(|document| (document.document_id, document.amount)).collect();
    is_plain.then(|| MatchLine { documents, ..MatchLine::default() })
}

/// Matches every account in use, and looks for balances that drifted from what settles them.
pub(crate) async fn reconcile(ctx: &Ctx) -> Result<Value> {
    let accounts = accounts::list_accounts(&mut ctx.read().await?).await?;
    let (mut sum, mut failure) = (BankMatching::default(), None);
    for account in accounts.iter().filter(|account| account.active) {
        match match_account(ctx, account.id, usize::MAX).await {
            Ok(outcome) => {
                sum.lines += outcome.lines;
                sum.matched += outcome.matched;
                sum.suggested += outcome.suggested;
                sum.unmatched += outcome.unmatched;
            }
            // One account keeps no other from being matched; the run fails in the end, and a person sees it.
            Err(error) => failure = Some(error),
        }
    }
    let mut tx = ctx.begin().await?;
    let drifted = super::drift::report(&mut tx).await?;
    tx.commit().await?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    Ok(json!({ "accounts": accounts.len(), "lines": sum.lines, "matched": sum.matched, "suggested": sum.suggested,
        "unmatched": sum.unmatched, "drifted": drifted }))
}

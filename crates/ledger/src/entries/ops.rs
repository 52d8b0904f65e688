//! The only writers of entries.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{AccountId, Date, EntityId, EntryId, EntryLineId};
use platform::{Error, Result, Tx};
use uuid::Uuid;

use super::check::check;
use super::model::{Aux, Journal, LABEL, NewEntry, Posted, Second, VatDirection, VatLine};
use super::store::{self, LineRow, VatRow};
use crate::accounts::ops::find_accounts;
use crate::book::{self, model::Book};
use crate::periods;
use crate::rules::balance::Amounts;
use crate::rules::rates::RateType;

/// What reverses an entry comes from.
const REVERSAL: &str = "reversal";

/// An entry as it is written.
pub(crate) struct Ready {
    pub(crate) id: EntryId,
    pub(crate) journal: Journal,
    pub(crate) fiscal_year: Uuid,
    pub(crate) on: Date,
    pub(crate) piece_ref: String,
    pub(crate) piece_on: Date,
    pub(crate) label: String,
    pub(crate) source_kind: String,
    pub(crate) source_id: Uuid,
    pub(crate) second: Option<Second>,
    pub(crate) lines: Vec<ReadyLine>,
    pub(crate) vat: Vec<VatLine>,
    pub(crate) carried: bool,
    pub(crate) reverses: Option<EntryId>,
}

/// A line as it is written.
pub(crate) struct ReadyLine {
    pub(crate) id: EntryLineId,
    pub(crate) number: i32,
    pub(crate) of: LineParts,
}

/// What a line says, before it has an id and a number.
pub(crate) struct LineParts {
    pub(crate) account: AccountId,
    pub(crate) aux: Option<Aux>,
    pub(crate) label: Option<String>,
    pub(crate) amounts: Amounts,
    pub(crate) due_on: Option<Date>,
}

/// Posts an entry; opens the book and the fiscal year when it is the first of them.
///
/// Invalid, naming the field, when it may not stand in the book (`entry_unbalanced`, `account_role_missing`, an account that is
/// unknown or takes no lines); refused as `period_locked`; conflict when its source has an entry in the journal already.
pub async fn post(tx: &mut Tx, entry: NewEntry) -> Result<Posted> {
    let posted = post_all(tx, vec![entry]).await?;
    posted.into_iter().next().ok_or_else(|| Error::internal("posting an entry", "nothing came back"))
}

/// Posts entries, of any entities, in a handful of statements for each entity; what was posted, in the same order. All or none.
///
/// Fails as [`post`] does.
pub async fn post_all(tx: &mut Tx, entries: Vec<NewEntry>) -> Result<Vec<Posted>> {
    let mut by_entity: BTreeMap<EntityId, Vec<(usize, NewEntry)>> = BTreeMap::new();
    for (place, entry) in entries.into_iter().enumerate() {
        by_entity.entry(entry.entity).or_default().push((place, entry));
    }
    let mut posted = Vec::new();
    // Books are held in the order of their ids, so that two transactions never wait for each other.
    for (entity, placed) in by_entity {
        let book = book::ops::book(tx, entity).await?;
        let (places, entries): (Vec<_>, Vec<_>) = placed.into_iter().unzip();
        posted.extend(places.into_iter().zip(post_in(tx, &book, entries).await?));
    }
    posted.sort_by_key(|(place, _)| *place);
    Ok(posted.into_iter().map(|(_, posted)| posted).collect())
}

async fn post_in(tx: &mut Tx, book: &Book, mut entries: Vec<NewEntry>) -> Result<Vec<Posted>> {
    for entry in &mut entries {
        let rounding = check(book, entry)?;
        entry.lines.extend(rounding);
    }
    let wanted: BTreeSet<_> = entries.iter().flat_map(|entry| &entry.lines).map(|line| line.account.clone()).collect();
    let accounts = find_accounts(tx, book, wanted).await?;
    let years = periods::ops::open_years(tx, book, entries.iter().map(|entry| entry.on).collect()).await?;
    let mut ready = Vec::with_capacity(entries.len());
    for entry in entries {
        let lines = entry.lines.iter().map(|line| {
            let account = accounts
                .get(&line.account)
                .ok_or_else(|| Error::internal("posting an entry", "an account was not found"))?;
            if line.aux.is_some() && !account.is_auxiliary {
                return Err(Error::invalid("account", format!("lines of the account {} name no party", account.code)));
            }
            Ok(LineParts {
                account: account.id,
                aux: line.aux.clone(),
                label: line.label.clone(),
                amounts: line.amounts(),
                due_on: line.due_on,
            })
        });
        let lines = numbered(tx, lines.collect::<Result<Vec<_>>>()?);
        ready.push(Ready {
            id: EntryId::generate(tx.now()),
            journal: entry.journal,
            fiscal_year: periods::ops::year_of(&years, entry.on)?,
            on: entry.on,
            piece_ref: entry.piece_ref.trim().to_owned(),
            piece_on: entry.piece_on,
            label: entry.label.trim().to_owned(),
            source_kind: entry.source_kind.to_owned(),
            source_id: entry.source_id,
            second: entry.second,
            lines,
            vat: entry.vat,
            carried: false,
            reverses: entry.reverses,
        });
    }
    write(tx, book.entity, ready).await
}

/// Gives lines their numbers, and ids that sort like them.
pub(crate) fn numbered(tx: &Tx, lines: Vec<LineParts>) -> Vec<ReadyLine> {
    let mut ids: Vec<_> = lines.iter().map(|_| EntryLineId::generate(tx.now())).collect();
    ids.sort_unstable();
    (1..).zip(ids).zip(lines).map(|((number, id), of)| ReadyLine { id, number, of }).collect()
}

/// Writes entries that are ready.
pub(crate) async fn write(tx: &mut Tx, entity: EntityId, mut ready: Vec<Ready>) -> Result<Vec<Posted>> {
    let mut ids: Vec<_> = ready.iter().map(|entry| entry.id).collect();
    ids.sort_unstable();
    for (entry, id) in ready.iter_mut().zip(ids) {
        entry.id = id;
    }
    let numbered = store::insert_entries(tx, entity, &ready).await?;
    tx.touch(Some(entity), "entry");
    let posted = ready.into_iter().zip(numbered).map(|(entry, drawn)| Posted {
        id: entry.id,
        journal: entry.journal,
        number: drawn.number,
        reference: drawn.reference,
        line_ids: entry.lines.into_iter().map(|line| line.id).collect(),
    });
    Ok(posted.collect())
}

/// Takes an entry back by its exact mirror on `on`: both currencies, parties and VAT lines.
///
/// Refused when it was reversed already, is a reversal itself or carries a closed year forward, and as `period_locked`.
pub async fn reverse(tx: &mut Tx, entry: EntryId, on: Date, label: &str) -> Result<Posted> {
    let row = store::get_entry(tx, entry).await?;
    let book = book::ops::book(tx, row.entity_id).await?;
    if row.reverses.is_some() {
        return Err(Error::refused(
            "entry_is_reversal",
            "This entry takes another back: it cannot be taken back itself.",
        ));
    }
    if row.carried {
        return Err(Error::refused("entry_carried", "This entry carries a closed year forward: it stays."));
    }
    if store::lock_reversed(tx, entry).await? {
        return Err(Error::refused("entry_reversed", "This entry was reversed already."));
    }
    let label = label.trim();
    if label.is_empty() || label.chars().count() > LABEL {
        return Err(Error::invalid("label", "must have 1 to 500 characters"));
    }
    if !(1990..=2199).contains(&on.jiff().year()) {
        return Err(Error::invalid("on", "must lie between 1990 and 2199"));
    }
    let years = periods::ops::open_years(tx, &book, vec![on]).await?;
    let lines = store::list_lines(tx, entry).await?;
    let vat = store::list_vat_lines(tx, entry).await?;
    let lines = numbered(tx, lines.into_iter().map(|line| mirrored(line, label)).collect());
    let journal =
        Journal::of(&row.journal).ok_or_else(|| Error::internal("reversing an entry", "its journal is unknown"))?;
    let second = row.second_currency.as_deref().map(|code| {
        let currency = code.parse().map_err(|_| Error::internal("reversing an entry", "its currency is unknown"))?;
        Ok::<_, Error>(Second {
            currency,
            rate: row.second_rate,
            rate_type: row.second_rate_type.as_deref().and_then(RateType::of),
        })
    });
    let ready = Ready {
        id: EntryId::generate(tx.now()),
        journal,
        fiscal_year: periods::ops::year_of(&years, on)?,
        on,
        piece_ref: row.piece_ref,
        piece_on: row.piece_on,
        label: label.to_owned(),
        source_kind: REVERSAL.to_owned(),
        source_id: entry.uuid(),
        second: second.transpose()?,
        lines,
        vat: vat.into_iter().map(|line| negated(line, on)).collect(),
        carried: false,
        reverses: Some(entry),
    };
    let posted = write(tx, row.entity_id, vec![ready]).await?;
    posted.into_iter().next().ok_or_else(|| Error::internal("reversing an entry", "nothing came back"))
}

fn mirrored(line: LineRow, label: &str) -> LineParts {
    let aux = line.aux_party_id.zip(line.aux_code).zip(line.aux_name);
    let amounts = Amounts {
        debit: line.debit,
        credit: line.credit,
        second_debit: line.second_debit,
        second_credit: line.second_credit,
    };
    LineParts {
        account: line.account_id,
        aux: aux.map(|((party_id, code), name)| Aux { party_id, code, name }),
        label: Some(label.to_owned()),
        amounts: amounts.mirrored(),
        due_on: line.due_on,
    }
}

fn negated(line: VatRow, on: Date) -> VatLine {
    VatLine {
        direction: if line.direction == "input" { VatDirection::Input } else { VatDirection::Output },
        category: line.category,
        rate: line.rate,
        base: -line.base,
        vat: -line.vat,
        second: Some((-line.second_base, -line.second_vat)),
        tax_on: on,
    }
}

/// What people enter by hand comes from nowhere else.
pub(crate) const MANUAL: &str = "manual";

/// Posts an entry that a person entered, in the journal of miscellaneous operations, and tells of it.
pub async fn post_by_hand(tx: &mut Tx, entry: NewEntry) -> Result<Posted> {
    let (entity, label, lines) = (entry.entity, entry.label.clone(), entry.lines.len());
    let posted = post(tx, entry).await?;
    let details = serde_json::json!({ "reference": posted.reference, "label": label, "lines": lines });
    tx.emit(platform::Event::new("ledger_entry_posted", "entry", posted.id).entity(entity).details(details));
    Ok(posted)
}

/// Takes back an entry that a person entered. Those of a document are taken back by their document alone (T-84).
///
/// Refused for entries whose source is a document, and as [`reverse`] does.
pub async fn reverse_by_hand(tx: &mut Tx, entry: EntryId, on: Date, label: &str) -> Result<Posted> {
    let row = store::get_entry(tx, entry).await?;
    if row.source_kind != MANUAL {
        let detail = "This entry comes from a document: cancel the document, and its entry goes with it.";
        return Err(Error::refused("entry_of_document", detail));
    }
    let posted = reverse(tx, entry, on, label).await?;
    let details = serde_json::json!({ "reverses": row.reference, "reference": posted.reference, "label": label });
    tx.emit(
        platform::Event::new("ledger_entry_reversed", "entry", posted.id)
            .entity(row.entity_id)
            .related(entry)
            .details(details),
    );
    Ok(posted)
}

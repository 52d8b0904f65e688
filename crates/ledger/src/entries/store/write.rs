//! Writing entries: whole, in one statement, however many.

use kernel::{AccountId, Date, EntityId, EntryId, EntryLineId, Timestamp};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::entries::model::VatLine;
use crate::entries::ops::{Ready, ReadyLine};
use crate::rules::balance::Amounts;

/// The number and reference of an entry that was written.
pub(crate) struct Numbered {
    pub(crate) number: i64,
    pub(crate) reference: String,
}

/// Writes entries of one entity with their lines; their numbers in the same order, drawn by the database.
///
/// Conflict when a source has an entry in the journal already, or a period is locked.
pub(crate) async fn insert_entries(tx: &mut Tx, entity: EntityId, entries: &[Ready]) -> Result<Vec<Numbered>> {
    let lines: Vec<(&Ready, &ReadyLine)> =
        entries.iter().flat_map(|entry| entry.lines.iter().map(move |line| (entry, line))).collect();
    let vat: Vec<(EntryId, i32, &VatLine)> = entries
        .iter()
        .flat_map(|entry| (1..).zip(&entry.vat).map(move |(number, line)| (entry.id, number, line)))
        .collect();
    let heads = Heads::of(entries);
    let columns = Lines::of(&lines);
    let vats = Vats::of(&vat, tx.now());
    let (tenant, now, actor) = (tx.tenant().uuid(), tx.now(), tx.ctx().actor().name().to_owned());
    let rows = sqlx::query!(
        r#"with entries as (
            insert into ledger.entry (tenant_id, id, entity_id, journal, fiscal_year_id, entry_on, piece_ref, piece_on, label,
                source_kind, source_id, second_currency, second_rate, second_rate_type, line_count, vat_count, carried, reverses,
                posted_at, posted_by)
            select $1, e.id, $2, e.journal, e.year, e.entry_on, e.piece_ref, e.piece_on, e.label, e.source_kind, e.source_id,
                e.second_currency, e.second_rate, e.second_rate_type, e.lines, e.vats, e.carried, e.reverses, $3, $4
            from unnest($5::uuid[], $6::text[], $7::uuid[], $8::date[], $9::text[], $10::date[], $11::text[], $12::text[],
                $13::uuid[], $14::text[], $15::numeric[], $16::text[], $17::integer[], $18::integer[], $19::boolean[], $20::uuid[])
                with ordinality as e (id, journal, year, entry_on, piece_ref, piece_on, label, source_kind, source_id,
                    second_currency, second_rate, second_rate_type, lines, vats, carried, reverses, place)
            order by e.place
            returning id, number, reference
        ), lines as (
            insert into ledger.entry_line (tenant_id, id, entity_id, entry_id, line_no, account_id, entry_on, carried, aux_party_id,
                aux_code, aux_name, label, debit, credit, second_debit, second_credit, due_on)
            select $1, l.id, $2, l.entry_id, l.line_no, l.account_id, l.entry_on, l.carried, l.party, l.aux_code, l.aux_name, l.label,
                l.debit, l.credit, l.second_debit, l.second_credit, l.due_on
            from unnest($21::uuid[], $22::uuid[], $23::integer[], $24::uuid[], $25::date[], $26::boolean[], $27::uuid[], $28::text[],
                $29::text[], $30::text[], $31::numeric[], $32::numeric[], $33::numeric[], $34::numeric[], $35::date[])
                as l (id, entry_id, line_no, account_id, entry_on, carried, party, aux_code, aux_name, label, debit, credit,
                    second_debit, second_credit, due_on)
            returning 1
        ), vats as (
            insert into ledger.vat_line (tenant_id, id, entity_id, entry_id, line_no, direction, category, rate, base, vat, second_base,
                second_vat, tax_on)
            select $1, v.id, $2, v.entry_id, v.line_no, v.direction, v.category, v.rate, v.base, v.vat, v.second_base, v.second_vat,
                v.tax_on
            from unnest($36::uuid[], $37::uuid[], $38::integer[], $39::text[], $40::text[], $41::numeric[], $42::numeric[],
                $43::numeric[], $44::numeric[], $45::numeric[], $46::date[])
                as v (id, entry_id, line_no, direction, category, rate, base, vat, second_base, second_vat, tax_on)
            returning 1
        )
        select id as "id!: EntryId", number as "number!", reference as "reference!" from entries"#,
        tenant,
        entity.uuid(),
        now as Timestamp,
        actor,
        &heads.ids,
        &heads.journals,
        &heads.years,
        &heads.on as &[Date],
        &heads.piece_refs,
        &heads.piece_on as &[Date],
        &heads.labels,
        &heads.source_kinds,
        &heads.source_ids,
        &heads.currencies as &[Option<String>],
        &heads.rates as &[Option<Decimal>],
        &heads.rate_types as &[Option<String>],
        &heads.line_counts,
        &heads.vat_counts,
        &heads.carried,
        &heads.reverses as &[Option<Uuid>],
        &columns.ids,
        &columns.entries,
        &columns.numbers,
        &columns.accounts,
        &columns.on as &[Date],
        &columns.carried,
        &columns.parties as &[Option<Uuid>],
        &columns.aux_codes as &[Option<String>],
        &columns.aux_names as &[Option<String>],
        &columns.labels,
        &columns.debits,
        &columns.credits,
        &columns.second_debits,
        &columns.second_credits,
        &columns.due_on as &[Option<Date>],
        &vats.ids,
        &vats.entries,
        &vats.numbers,
        &vats.directions,
        &vats.categories,
        &vats.rates,
        &vats.bases,
        &vats.taxes,
        &vats.second_bases,
        &vats.second_taxes,
        &vats.on as &[Date]
    )
    .fetch_all(tx.conn())
    .await?;
    let mut by_id: std::collections::HashMap<EntryId, Numbered> =
        rows.into_iter().map(|row| (row.id, Numbered { number: row.number, reference: row.reference })).collect();
    let numbered: Option<_> = entries.iter().map(|entry| by_id.remove(&entry.id)).collect();
    numbered.ok_or_else(|| Error::internal("writing entries", "one of them came back without a number"))
}

struct Heads {
    ids: Vec<Uuid>,
    journals: Vec<String>,
    years: Vec<Uuid>,
    on: Vec<Date>,
    piece_refs: Vec<String>,
    piece_on: Vec<Date>,
    labels: Vec<String>,
    source_kinds: Vec<String>,
    source_ids: Vec<Uuid>,
    currencies: Vec<Option<String>>,
    rates: Vec<Option<Decimal>>,
    rate_types: Vec<Option<String>>,
    line_counts: Vec<i32>,
    vat_counts: Vec<i32>,
    carried: Vec<bool>,
    reverses: Vec<Option<Uuid>>,
}

impl Heads {
    fn of(entries: &[Ready]) -> Self {
        let count = |rows: usize| i32::try_from(rows).unwrap_or(i32::MAX);
        Self {
            ids: each(entries, |entry| entry.id.uuid()),
            journals: each(entries, |entry| entry.journal.code().to_owned()),
            years: each(entries, |entry| entry.fiscal_year),
            on: each(entries, |entry| entry.on),
            piece_refs: each(entries, |entry| entry.piece_ref.clone()),
            piece_on: each(entries, |entry| entry.piece_on),
            labels: each(entries, |entry| entry.label.clone()),
            source_kinds: each(entries, |entry| entry.source_kind.clone()),
            source_ids: each(entries, |entry| entry.source_id),
            currencies: each(entries, |entry| entry.second.map(|second| second.currency.code().to_owned())),
            rates: each(entries, |entry| entry.second.and_then(|second| second.rate)),
            rate_types: each(entries, |entry| {
                entry.second.and_then(|second| second.rate_type).map(|kind| kind.as_str().to_owned())
            }),
            line_counts: each(entries, |entry| count(entry.lines.len())),
            vat_counts: each(entries, |entry| count(entry.vat.len())),
            carried: each(entries, |entry| entry.carried),
            reverses: each(entries, |entry| entry.reverses.map(EntryId::uuid)),
        }
    }
}

fn each<T, U>(rows: &[T], field: impl Fn(&T) -> U) -> Vec<U> {
    rows.iter().map(field).collect()
}

struct Lines {
    ids: Vec<Uuid>,
    entries: Vec<Uuid>,
    numbers: Vec<i32>,
    accounts: Vec<Uuid>,
    on: Vec<Date>,
    carried: Vec<bool>,
    parties: Vec<Option<Uuid>>,
    aux_codes: Vec<Option<String>>,
    aux_names: Vec<Option<String>>,
    labels: Vec<String>,
    debits: Vec<Decimal>,
    credits: Vec<Decimal>,
    second_debits: Vec<Decimal>,
    second_credits: Vec<Decimal>,
    due_on: Vec<Option<Date>>,
}

impl Lines {
    fn of(lines: &[(&Ready, &ReadyLine)]) -> Self {
        let line = |field: fn(&Amounts) -> Decimal| lines.iter().map(|(_, line)| field(&line.of.amounts)).collect();
        Self {
            ids: each(lines, |(_, line)| EntryLineId::uuid(line.id)),
            entries: each(lines, |(entry, _)| entry.id.uuid()),
            numbers: each(lines, |(_, line)| line.number),
            accounts: each(lines, |(_, line)| AccountId::uuid(line.of.account)),
            on: each(lines, |(entry, _)| entry.on),
            carried: each(lines, |(entry, _)| entry.carried),
            parties: each(lines, |(_, line)| line.of.aux.as_ref().map(|aux| aux.party_id.uuid())),
            aux_codes: each(lines, |(_, line)| line.of.aux.as_ref().map(|aux| aux.code.clone())),
            aux_names: each(lines, |(_, line)| line.of.aux.as_ref().map(|aux| aux.name.clone())),
            labels: each(lines, |(entry, line)| line.of.label.clone().unwrap_or_else(|| entry.label.clone())),
            debits: line(|amounts| amounts.debit),
            credits: line(|amounts| amounts.credit),
            second_debits: line(|amounts| amounts.second_debit),
            second_credits: line(|amounts| amounts.second_credit),
            due_on: each(lines, |(_, line)| line.of.due_on),
        }
    }
}

struct Vats {
    ids: Vec<Uuid>,
    entries: Vec<Uuid>,
    numbers: Vec<i32>,
    directions: Vec<String>,
    categories: Vec<String>,
    rates: Vec<Decimal>,
    bases: Vec<Decimal>,
    taxes: Vec<Decimal>,
    second_bases: Vec<Decimal>,
    second_taxes: Vec<Decimal>,
    on: Vec<Date>,
}

impl Vats {
    fn of(lines: &[(EntryId, i32, &VatLine)], now: Timestamp) -> Self {
        Self {
            ids: each(lines, |_| EntryLineId::generate(now).uuid()),
            entries: each(lines, |(entry, ..)| entry.uuid()),
            numbers: each(lines, |(_, number, _)| *number),
            directions: each(lines, |(.., line)| line.direction.as_str().to_owned()),
            categories: each(lines, |(.., line)| line.category.clone()),
            rates: each(lines, |(.., line)| line.rate),
            bases: each(lines, |(.., line)| line.base),
            taxes: each(lines, |(.., line)| line.vat),
            second_bases: each(lines, |(.., line)| line.second.unwrap_or_default().0),
            second_taxes: each(lines, |(.., line)| line.second.unwrap_or_default().1),
            on: each(lines, |(.., line)| line.tax_on),
        }
    }
}

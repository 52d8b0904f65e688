//! The read-only statements of the reports. Balances come from `ledger.account_day`; a year that follows a closed one begins with
//! what its opening entry carried, so that nothing before it is read.

use kernel::{AccountId, Date, EntityId, EntryId, EntryLineId, Limit, PartyId};
use platform::{Result, Tx};
use rust_decimal::Decimal;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use crate::accounts::model::{AccountClass, Aux};
use crate::accounts::role::Role;

/// The balance of an account at the end of a year, by party where it has one.
#[derive(Clone, Debug)]
pub(crate) struct Balance {
    pub(crate) account_id: AccountId,
    class: String,
    party: Option<PartyId>,
    aux_code: Option<String>,
    aux_name: Option<String>,
    #[expect(dead_code, reason = "what the statement is ordered by")]
    code: String,
    pub(crate) net: Decimal,
    pub(crate) second_net: Decimal,
}

impl Balance {
    pub(crate) fn is_carried(&self) -> bool {
        AccountClass::of(&self.class).is_none_or(AccountClass::is_carried)
    }

    pub(crate) fn aux(&self) -> Option<Aux> {
        let aux = self.party.zip(self.aux_code.clone()).zip(self.aux_name.clone());
        aux.map(|((party_id, code), name)| Aux { party_id, code, name })
    }
}

/// The balances of every account on `on`, debit less credit; those of auxiliary accounts by party.
pub(crate) async fn closing_balances(tx: &mut Tx, entity: EntityId, on: Date) -> Result<Vec<Balance>> {
    let tenant = tx.tenant().uuid();
    let floor = floor(tx, entity, on).await?;
    let rows = sqlx::query_as!(
        Balance,
        r#"select d.account_id as "account_id!: AccountId", a.class as "class!", null::uuid as "party: PartyId", null::text as aux_code,
               null::text as aux_name, a.code as "code!", sum(d.debit - d.credit) as "net!", sum(d.second_debit - d.second_credit) as "second_net!"
           from ledger.account_day d join ledger.account a on a.tenant_id = d.tenant_id and a.id = d.account_id and not a.is_auxiliary
           where d.tenant_id = $1 and d.entity_id = $2 and d.day between $3 and $4
           group by d.account_id, a.class, a.code
           union all
           select l.account_id, a.class, l.aux_party_id, (array_agg(l.aux_code order by l.id desc))[1],
               (array_agg(l.aux_name order by l.id desc))[1], a.code, sum(l.debit - l.credit), sum(l.second_debit - l.second_credit)
           from ledger.account a join ledger.entry_line l on l.tenant_id = a.tenant_id and l.account_id = a.id and l.entry_on between $3 and $4
           where a.tenant_id = $1 and a.entity_id = $2 and a.is_auxiliary
           group by l.account_id, a.class, l.aux_party_id, a.code
           order by 6, 4 nulls first"#,
        tenant,
        entity.uuid(),
        floor as Date,
        on as Date
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// The first day whose amounts count in balances on `on`: the one after the last closed year before it.
pub(crate) async fn floor(tx: &mut Tx, entity: EntityId, on: Date) -> Result<Date> {
    let tenant = tx.tenant().uuid();
    let day = sqlx::query_scalar!(
        r#"select coalesce(max(ends_on) + 1, date '1900-01-01') as "day!: Date" from ledger.fiscal_year
           where tenant_id = $1 and entity_id = $2 and closed_at is not null and ends_on < $3"#,
        tenant,
        entity.uuid(),
        on as Date
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(day)
}

/// A line of the trial balance.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "an account and its sums")]
pub struct TrialRow {
    pub account_id: AccountId,
    pub code: String,
    pub name_fr: String,
    pub name_en: String,
    pub class: String,
    pub opening: Decimal,
    pub debit: Decimal,
    pub credit: Decimal,
    pub second_opening: Decimal,
    pub second_debit: Decimal,
    pub second_credit: Decimal,
}

/// What every account of an entity held before `from` (debit less credit) and moved until `to`, by code. Without `from`, since its
/// books or the last opening began. The second currency is the book's.
pub async fn trial_balance(
    tx: &mut Tx,
    entity: EntityId,
    (from, to): (Option<Date>, Date),
    second: Option<&str>,
) -> Result<Vec<TrialRow>> {
    let tenant = tx.tenant().uuid();
    let floor = floor(tx, entity, from.unwrap_or(to)).await?;
    let from = from.unwrap_or(floor);
    let rows = sqlx::query_as!(
        TrialRow,
        r#"select a.id as "account_id: AccountId", a.code, a.name_fr, a.name_en, a.class, d.opening as "opening!", d.debit as "debit!",
               d.credit as "credit!", d.second_opening as "second_opening!", d.second_debit as "second_debit!",
               d.second_credit as "second_credit!"
           from (
               select account_id, coalesce(sum(debit - credit) filter (where day < $4), 0) as opening,
                   coalesce(sum(debit) filter (where day >= $4), 0) as debit, coalesce(sum(credit) filter (where day >= $4), 0) as credit,
                   coalesce(sum(second_debit - second_credit) filter (where day < $4 and second_currency = $6), 0) as second_opening,
                   coalesce(sum(second_debit) filter (where day >= $4 and second_currency = $6), 0) as second_debit,
                   coalesce(sum(second_credit) filter (where day >= $4 and second_currency = $6), 0) as second_credit
               from ledger.account_day
               where tenant_id = $1 and entity_id = $2 and day between $3 and $5 and not (carried and day > $4)
               group by account_id
           ) d
           join ledger.account a on a.tenant_id = $1 and a.id = d.account_id
           order by a.code"#,
        tenant,
        entity.uuid(),
        floor as Date,
        from as Date,
        to as Date,
        second
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// A line of an account card.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of ledger.entry_line, its entry and its lettering")]
pub struct CardRow {
    pub id: EntryLineId,
    pub entry_id: EntryId,
    pub entry_on: Date,
    pub journal: String,
    pub reference: String,
    pub piece_ref: String,
    pub label: String,
    pub aux_party_id: Option<PartyId>,
    pub aux_code: Option<String>,
    pub aux_name: Option<String>,
    pub debit: Decimal,
    pub credit: Decimal,
    pub second_currency: Option<String>,
    pub second_debit: Decimal,
    pub second_credit: Decimal,
    pub due_on: Option<Date>,
    pub letter: Option<String>,
}

/// Which lines of an account.
#[derive(Clone, Debug)]
pub struct CardFilter {
    /// Its entity.
    pub entity: EntityId,
    /// The account.
    pub account: AccountId,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// Only of this party.
    pub party: Option<PartyId>,
    /// Only lines that are not lettered.
    pub open_only: bool,
    /// Only after the line of this day and id.
    pub after: Option<(Date, Uuid)>,
}

/// The balance of an account before the first line of a page: what stood at `from`, and what the pages before moved.
pub async fn card_balance(tx: &mut Tx, filter: &CardFilter) -> Result<Decimal> {
    let tenant = tx.tenant().uuid();
    let floor = floor(tx, filter.entity, filter.from).await?;
    let (day, id) = filter.after.unwrap_or((filter.from, Uuid::nil()));
    let balance = match filter.party {
        None => {
            sqlx::query_scalar!(
                r#"select (select coalesce(sum(debit - credit), 0) from ledger.account_day where tenant_id = $1 and entity_id = $2
                           and account_id = $3 and day >= $4 and day < $5 and not (carried and day > $7))
                       + (select coalesce(sum(debit - credit), 0) from ledger.entry_line where tenant_id = $1 and account_id = $3
                           and entry_on = $5 and id <= $6 and entry_on >= $4 and not (carried and entry_on > $7)) as "balance!""#,
                tenant,
                filter.entity.uuid(),
                filter.account.uuid(),
                floor as Date,
                day as Date,
                id,
                filter.from as Date
            )
            .fetch_one(tx.conn())
            .await?
        }
        Some(party) => {
            sqlx::query_scalar!(
                r#"select coalesce(sum(debit - credit), 0) as "balance!" from ledger.entry_line
                   where tenant_id = $1 and aux_party_id = $2 and account_id = $3 and entry_on >= $4 and (entry_on, id) <= ($5, $6)
                     and not (carried and entry_on > $7)"#,
                tenant,
                party.uuid(),
                filter.account.uuid(),
                floor as Date,
                day as Date,
                id,
                filter.from as Date
            )
            .fetch_one(tx.conn())
            .await?
        }
    };
    Ok(balance)
}

/// The lines of an account, by day, one more than `limit`.
pub async fn list_card(tx: &mut Tx, filter: &CardFilter, limit: Limit) -> Result<Vec<CardRow>> {
    let mut sql = QueryBuilder::<Postgres>::new(
        "select l.id, l.entry_id, l.entry_on, e.journal, e.reference, e.piece_ref, l.label, l.aux_party_id, l.aux_code, l.aux_name, l.debit,
             l.credit, e.second_currency, l.second_debit, l.second_credit, l.due_on, t.code as letter
         from ledger.entry_line l
         join ledger.entry e on e.tenant_id = l.tenant_id and e.id = l.entry_id
         left join ledger.lettering_line n on n.tenant_id = l.tenant_id and n.line_id = l.id and n.undone_at is null
         left join ledger.lettering t on t.tenant_id = n.tenant_id and t.id = n.lettering_id
         where l.tenant_id = ",
    );
    sql.push_bind(tx.tenant()).push(" and l.account_id = ").push_bind(filter.account);
    sql.push(" and l.entry_on between ").push_bind(filter.from).push(" and ").push_bind(filter.to);
    sql.push(" and not (l.carried and l.entry_on > ").push_bind(filter.from).push(")");
    if let Some(party) = filter.party {
        sql.push(" and l.aux_party_id = ").push_bind(party);
    }
    if filter.open_only {
        sql.push(" and n.line_id is null");
    }
    if let Some((day, id)) = filter.after {
        sql.push(" and (l.entry_on, l.id) > (").push_bind(day).push(", ").push_bind(id).push(")");
    }
    sql.push(" order by l.entry_on, l.id").push(limit.clause());
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// What is open of a party, by the day it is due.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "a party and a sum")]
pub struct OpenRow {
    pub party: Option<PartyId>,
    pub aux_code: Option<String>,
    pub aux_name: Option<String>,
    pub due_on: Date,
    pub amount: Decimal,
}

/// What is open on `on` on the accounts of these roles, debit less credit: lines that nothing settled by then.
pub async fn list_open(tx: &mut Tx, entity: EntityId, roles: &[Role], on: Date) -> Result<Vec<OpenRow>> {
    let tenant = tx.tenant().uuid();
    let roles: Vec<_> = roles.iter().map(|role| role.as_str().to_owned()).collect();
    let rows = sqlx::query_as!(
        OpenRow,
        r#"select l.aux_party_id as "party: PartyId", (array_agg(l.aux_code order by l.id desc))[1] as aux_code,
               (array_agg(l.aux_name order by l.id desc))[1] as aux_name, coalesce(l.due_on, l.entry_on) as "due_on!: Date",
               sum(l.debit - l.credit) as "amount!"
           from ledger.entry_line l
           where l.tenant_id = $1 and l.entity_id = $2 and l.entry_on <= $4 and not l.carried
             and l.account_id in (select r.account_id from ledger.posting_role r
                 where r.tenant_id = $1 and r.entity_id = $2 and r.role = any ($3))
             and not exists (
                 select from ledger.lettering_line n join ledger.lettering t on t.tenant_id = n.tenant_id and t.id = n.lettering_id
                 where n.tenant_id = l.tenant_id and n.line_id = l.id and n.undone_at is null and t.lettered_on <= $4)
           group by l.aux_party_id, coalesce(l.due_on, l.entry_on), sign(l.debit - l.credit)
           order by 3 nulls first, 1 nulls first, 4"#,
        tenant,
        entity.uuid(),
        &roles,
        on as Date
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// What the VAT return says of a month, a direction, a category and a rate.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the sums of ledger.vat_line")]
pub struct VatSum {
    pub month: Date,
    pub direction: String,
    pub category: String,
    pub rate: Decimal,
    pub base: Decimal,
    pub vat: Decimal,
    pub second_base: Decimal,
    pub second_vat: Decimal,
}

/// The sums of the VAT lines between two days, by month.
pub async fn vat_sums(tx: &mut Tx, entity: EntityId, (from, to): (Date, Date)) -> Result<Vec<VatSum>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query_as!(
        VatSum,
        r#"select date_trunc('month', tax_on)::date as "month!: Date", direction, category, rate, sum(base) as "base!", sum(vat) as "vat!",
               sum(second_base) as "second_base!", sum(second_vat) as "second_vat!"
           from ledger.vat_line where tenant_id = $1 and entity_id = $2 and tax_on between $3 and $4
           group by 1, 2, 3, 4 order by 1, 2 desc, 3, 4"#,
        tenant,
        entity.uuid(),
        from as Date,
        to as Date
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// The balance, credit less debit, of the accounts of a role on `on`: what was invoiced and is due once it is paid.
pub async fn pending_vat(tx: &mut Tx, entity: EntityId, on: Date) -> Result<Decimal> {
    let tenant = tx.tenant().uuid();
    let pending = sqlx::query_scalar!(
        r#"select coalesce(sum(d.credit - d.debit), 0) as "pending!" from ledger.account_day d
           where d.tenant_id = $1 and d.entity_id = $2 and not d.carried and d.day <= $3
             and d.account_id in (select account_id from ledger.posting_role
                 where tenant_id = $1 and entity_id = $2 and role = 'vat_pending')"#,
        tenant,
        entity.uuid(),
        on as Date
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(pending)
}

/// What customers owe by the books, less what they have to their credit: the accounts that play the roles of customers, doubtful
/// customers and customers' advances together; of one party, or of all.
pub async fn receivables(tx: &mut Tx, entity: EntityId, party: Option<PartyId>) -> Result<Decimal> {
    let tenant = tx.tenant().uuid();
    let roles = [Role::Customers, Role::DoubtfulCustomers, Role::CustomerAdvances].map(|role| role.as_str().to_owned());
    let sum = match party {
        None => {
            sqlx::query_scalar!(
                r#"select coalesce(sum(d.debit - d.credit), 0) as "sum!" from ledger.account_day d
                   where d.tenant_id = $1 and d.entity_id = $2 and not d.carried
                     and d.account_id in (select account_id from ledger.posting_role
                         where tenant_id = $1 and entity_id = $2 and role = any ($3))"#,
                tenant,
                entity.uuid(),
                &roles
            )
            .fetch_one(tx.conn())
            .await?
        }
        Some(party) => {
            sqlx::query_scalar!(
                r#"select coalesce(sum(l.debit - l.credit), 0) as "sum!" from ledger.entry_line l
                   where l.tenant_id = $1 and l.aux_party_id = $4 and not l.carried
                     and l.account_id in (select account_id from ledger.posting_role
                         where tenant_id = $1 and entity_id = $2 and role = any ($3))"#,
                tenant,
                entity.uuid(),
                &roles,
                party.uuid()
            )
            .fetch_one(tx.conn())
            .await?
        }
    };
    Ok(sum)
}

/// What the books tell of a customer beside what other modules posted: entered by hand, or brought in with the opening balances.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of ledger.entry_line")]
pub struct OwnLine {
    pub on: Date,
    pub reference: String,
    pub label: String,
    pub debit: Decimal,
    pub credit: Decimal,
}

/// The lines of a customer's account that no other module posted, by day; what reverses one is one.
pub async fn list_own_lines(tx: &mut Tx, entity: EntityId, party: PartyId) -> Result<Vec<OwnLine>> {
    let tenant = tx.tenant().uuid();
    let roles = [Role::Customers, Role::DoubtfulCustomers, Role::CustomerAdvances].map(|role| role.as_str().to_owned());
    let lines = sqlx::query_as!(
        OwnLine,
        r#"select l.entry_on as "on: Date", e.reference, l.label, l.debit, l.credit
           from ledger.entry_line l
           join ledger.entry e on e.tenant_id = l.tenant_id and e.id = l.entry_id
           left join ledger.entry o on o.tenant_id = e.tenant_id and o.id = e.reverses
           where l.tenant_id = $1 and l.aux_party_id = $4 and not l.carried
             and coalesce(o.source_kind, e.source_kind) in ('manual', 'opening')
             and l.account_id in (select account_id from ledger.posting_role
                 where tenant_id = $1 and entity_id = $2 and role = any ($3))
           order by l.entry_on, l.id"#,
        tenant,
        entity.uuid(),
        &roles,
        party.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(lines)
}

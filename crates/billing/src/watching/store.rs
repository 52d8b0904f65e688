//! The statements of the checks and of the alerts.

use kernel::{Date, EntityId};
use platform::check::{Outcome, Tally};
use platform::{Result, Tx};
use rust_decimal::Decimal;
use uuid::Uuid;

pub(super) async fn tally_numbers(tx: &mut Tx) -> Result<Outcome> {
    let tenant = tx.tenant().uuid();
    sqlx::query_as!(
        Tally,
        r#"with subject as (
               select n.code, d.series, d.number_year, max(d.number_value) as last, min(d.number_value) as first, count(*) as documents,
                   s.next_value, max(d.number_value) - min(d.number_value) + 1 = count(*)
                       and s.next_value = max(d.number_value) + 1 and min(d.number_value) = 1 as is_sound
               from billing.document d
               join platform.entity n on n.tenant_id = d.tenant_id and n.id = d.entity_id
               left join billing.number_series s on s.tenant_id = d.tenant_id and s.entity_id = d.entity_id
                   and s.series = d.series and s.year = d.number_year
               where d.tenant_id = $1 and d.direction = 'sale' and d.number_value is not null
               group by n.code, d.entity_id, d.series, d.number_year, s.next_value
           )
           select count(*) as "examined!", count(*) filter (where is_sound is not true) as "found!",
               (array_agg(jsonb_build_object('text', format('%s %s %s: %s documents from %s to %s, next %s', code, series, number_year,
                   documents, first, last, coalesce(next_value::text, 'none'))) order by code, series, number_year)
                   filter (where is_sound is not true))[1:20] as samples
           from subject"#,
        tenant
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

pub(super) async fn tally_issued(tx: &mut Tx) -> Result<Outcome> {
    let tenant = tx.tenant().uuid();
    sqlx::query_as!(
        Tally,
        r#"with subject as (
               select d.id, coalesce(d.number, d.kind) as name,
                   case
                       when d.status = 'draft' and (d.number is not null and d.direction = 'sale' or d.entry_id is not null
                           or d.pdf_sha256 is not null) then 'a draft with a number, an entry or a page'
                       when d.status <> 'draft' and d.number is null then 'issued without a number'
                       when d.status <> 'draft' and d.direction = 'sale' and d.kind <> 'quote' and d.pdf_sha256 is null
                           then 'issued without a page'
                       when d.status <> 'draft' and d.direction = 'sale' and d.pdf_sha256 is not null and not exists
                           (select from billing.document_file f where f.tenant_id = d.tenant_id and f.document_id = d.id)
                           then 'its page is gone'
                       when d.status <> 'draft' and d.kind in ('invoice', 'deposit_invoice', 'credit_note') and d.entry_id is null
                           and d.gross <> 0 then 'issued without an entry'
                       when d.kind = 'credit_note' and d.direction = 'sale' and d.status <> 'draft' and d.original_id is null
                           and d.origin <> 'intercompany' then 'a credit note without its invoice'
                   end as what
               from billing.document d where d.tenant_id = $1
           )
           select count(*) as "examined!", count(what) as "found!",
               (array_agg(jsonb_build_object('id', id, 'text', name || ': ' || what) order by id) filter (where what is not null))[1:20]
                   as samples
           from subject"#,
        tenant
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

pub(super) async fn tally_sums(tx: &mut Tx) -> Result<Outcome> {
    let tenant = tx.tenant().uuid();
    sqlx::query_as!(
        Tally,
        r#"with lines as (
               select document_id, sum(net) as net from billing.document_line where tenant_id = $1 group by 1
           ), rates as (
               select document_id, sum(base) as base, sum(vat) as vat, sum(lines_net) as lines_net, sum(discount) as discount
               from billing.document_vat where tenant_id = $1 group by 1
           ), subject as (
               select d.id, coalesce(d.number, d.kind) as name, d.net, d.vat, d.gross,
                   d.gross = d.net + d.vat and d.net = coalesce(r.base, 0) and d.vat = coalesce(r.vat, 0)
                       and d.lines_net = coalesce(l.net, 0) and coalesce(r.lines_net, 0) - coalesce(r.discount, 0) = coalesce(r.base, 0)
                       as is_sound
               from billing.document d
               left join lines l on l.document_id = d.id left join rates r on r.document_id = d.id
               where d.tenant_id = $1 and d.direction = 'sale' and d.status <> 'draft'
           )
           select count(*) as "examined!", count(*) filter (where not is_sound) as "found!",
               (array_agg(jsonb_build_object('id', id, 'text', format('%s: net %s, VAT %s, gross %s', name, net, vat, gross)) order by id)
                   filter (where not is_sound))[1:20] as samples
           from subject"#,
        tenant
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

pub(super) async fn tally_pages(tx: &mut Tx) -> Result<Outcome> {
    let tenant = tx.tenant().uuid();
    sqlx::query_as!(
        Tally,
        r#"with subject as (
               select d.id, d.number, encode(sha256(f.content), 'hex') = f.sha256
                   and (f.format <> 'pdf' or f.sha256 = d.pdf_sha256) as is_whole
               from billing.document_file f join billing.document d on d.tenant_id = f.tenant_id and d.id = f.document_id
               where f.tenant_id = $1
           )
           select count(*) as "examined!", count(*) filter (where not is_whole) as "found!",
               (array_agg(jsonb_build_object('id', id, 'text', number || ' is not what was issued') order by id)
                   filter (where not is_whole))[1:20] as samples
           from subject"#,
        tenant
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

pub(super) async fn tally_settlements(tx: &mut Tx) -> Result<Outcome> {
    let tenant = tx.tenant().uuid();
    sqlx::query_as!(
        Tally,
        r#"with settled as (
               select a.document_id as id, sum(a.amount) filter (where a.payment_id is not null) as paid,
                   sum(a.amount) filter (where a.credit_note_id is not null) as credited
               from billing.allocation a where a.tenant_id = $1 and a.released_on is null group by a.document_id
           ), used as (
               select a.credit_note_id as id, sum(a.amount) as amount from billing.allocation a
               where a.tenant_id = $1 and a.released_on is null and a.credit_note_id is not null group by 1
           ), subject as (
               select d.id, coalesce(d.number, d.kind) as name, d.paid, d.credited, d.gross,
                   d.paid = coalesce(s.paid, 0) + coalesce(u.amount, 0) and d.credited = coalesce(s.credited, 0)
                       and (d.status = 'draft' or (d.status = 'paid') = (d.paid + d.credited >= d.gross))
                       and d.paid + d.credited <= d.gross as is_sound
               from billing.document d left join settled s on s.id = d.id left join used u on u.id = d.id
               where d.tenant_id = $1 and d.kind in ('invoice', 'deposit_invoice', 'credit_note')
           )
           select count(*) as "examined!", count(*) filter (where not is_sound) as "found!",
               (array_agg(jsonb_build_object('id', id, 'text', format('%s: paid %s, credited %s of %s', name, paid, credited, gross))
                   order by id) filter (where not is_sound))[1:20] as samples
           from subject"#,
        tenant
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

/// In the currency of each document: a line of the books is worth its second amount where it has one.
pub(super) async fn tally_receivables(tx: &mut Tx) -> Result<Outcome> {
    let tenant = tx.tenant().uuid();
    sqlx::query_as!(
        Tally,
        r#"with books as (
               select l.entity_id, l.aux_party_id as party_id, case when starts_with(a.code, '4191') then '4191' else '411' end as account,
                   sum(case when e.second_currency is null then l.debit - l.credit else l.second_debit - l.second_credit end) as amount
               from ledger.entry_line l
               join ledger.account a on a.tenant_id = l.tenant_id and a.id = l.account_id
                   and (starts_with(a.code, '411') or starts_with(a.code, '4191'))
               join ledger.entry e on e.tenant_id = l.tenant_id and e.id = l.entry_id
               where l.tenant_id = $1 group by 1, 2, 3
           ), owed as (
               select entity_id, party_id, '411' as account, gross - paid - credited as amount from billing.document
               where tenant_id = $1 and direction = 'sale' and kind in ('invoice', 'deposit_invoice') and origin <> 'intercompany'
                 and status <> 'draft'
               union all
               select entity_id, party_id, '4191', -(gross - paid - credited) from billing.document
               where tenant_id = $1 and direction = 'sale' and kind = 'credit_note' and status <> 'draft'
               union all
               select y.entity_id, y.party_id, '4191', -(y.amount
                   - coalesce((select sum(a.amount) from billing.allocation a
                         where a.tenant_id = y.tenant_id and a.payment_id = y.id and a.released_on is null), 0)
                   - coalesce((select sum(r.amount) from billing.payment r
                         where r.tenant_id = y.tenant_id and r.refund_of = y.id and r.status = 'completed'), 0))
               from billing.payment y where y.tenant_id = $1 and y.direction = 'in' and y.status = 'completed'
           ), documents as (
               select entity_id, party_id, account, sum(amount) as amount from owed group by 1, 2, 3
           ), opened as (
               -- What was brought in with an opening balance has no document here.
               select distinct l.entity_id, l.aux_party_id as party_id from ledger.entry_line l
               where l.tenant_id = $1 and l.carried and l.aux_party_id is not null
           ), subject as (
               select entity_id, party_id, account, coalesce(b.amount, 0) as booked, coalesce(d.amount, 0) as told
               from books b full join documents d using (entity_id, party_id, account)
               where not exists (select from opened o where (o.entity_id, o.party_id) = (entity_id, party_id))
           )
           select count(*) as "examined!", count(*) filter (where booked <> told) as "found!",
               (array_agg(jsonb_build_object('id', party_id, 'text', format('account %s: booked %s, by documents %s', account, booked, told))
                   order by party_id) filter (where booked <> told))[1:20] as samples
           from subject"#,
        tenant
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

pub(super) async fn tally_credit_notes(tx: &mut Tx) -> Result<Outcome> {
    let tenant = tx.tenant().uuid();
    sqlx::query_as!(
        Tally,
        r#"with subject as (
               select o.id, o.number, o.gross, sum(c.gross) as taken_back
               from billing.document o join billing.document c on c.tenant_id = o.tenant_id and c.original_id = o.id
                   and c.kind = 'credit_note' and c.status <> 'draft'
               where o.tenant_id = $1 and o.kind in ('invoice', 'deposit_invoice') group by o.id, o.number, o.gross
           )
           select count(*) as "examined!", count(*) filter (where taken_back > gross) as "found!",
               (array_agg(jsonb_build_object('id', id, 'text', format('%s: %s of %s taken back', number, taken_back, gross)) order by id)
                   filter (where taken_back > gross))[1:20] as samples
           from subject"#,
        tenant
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

pub(super) async fn tally_mirrors(tx: &mut Tx) -> Result<Outcome> {
    let tenant = tx.tenant().uuid();
    sqlx::query_as!(
        Tally,
        r#"with subject as (
               select d.id, coalesce(d.number, d.kind) as name, m.id is not null and m.gross = d.gross and m.direction <> d.direction
                   and m.entity_id <> d.entity_id and m.mirror_id = d.id as is_sound
               from billing.document d left join billing.document m on m.tenant_id = d.tenant_id and m.id = d.mirror_id
               where d.tenant_id = $1 and d.origin = 'intercompany' and d.status <> 'draft'
           )
           select count(*) as "examined!", count(*) filter (where not is_sound) as "found!",
               (array_agg(jsonb_build_object('id', id, 'text', name || ' has no mirror of the same amount') order by id)
                   filter (where not is_sound))[1:20] as samples
           from subject"#,
        tenant
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

pub(super) async fn tally_vat(tx: &mut Tx) -> Result<Outcome> {
    let tenant = tx.tenant().uuid();
    sqlx::query_as!(
        Tally,
        r#"with books as (
               select l.entity_id, -sum(l.debit - l.credit) as vat from ledger.entry_line l
               join ledger.account a on a.tenant_id = l.tenant_id and a.id = l.account_id and starts_with(a.code, '44571')
               where l.tenant_id = $1 and not l.carried group by 1
           ), declared as (
               select entity_id, sum(vat) as vat from ledger.vat_line where tenant_id = $1 and direction = 'output' group by 1
           ), subject as (
               select n.code, coalesce(b.vat, 0) as booked, coalesce(d.vat, 0) as declared
               from books b full join declared d using (entity_id)
               join platform.entity n on n.tenant_id = $1 and n.id = entity_id
           )
           select count(*) as "examined!", count(*) filter (where booked <> declared) as "found!",
               (array_agg(jsonb_build_object('text', format('%s: booked %s, declared %s', code, booked, declared)) order by code)
                   filter (where booked <> declared))[1:20] as samples
           from subject"#,
        tenant
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

pub(super) async fn tally_bank(tx: &mut Tx) -> Result<Outcome> {
    let tenant = tx.tenant().uuid();
    sqlx::query_as!(
        Tally,
        r#"with subject as (
               select l.id, l.amount, sum(abs(m.amount)) as matched, bool_and(m.payment_id is null or y.status = 'completed') as is_live
               from billing.bank_line l
               join billing.bank_match m on m.tenant_id = l.tenant_id and m.line_id = l.id and m.undone_at is null
               left join billing.payment y on y.tenant_id = m.tenant_id and y.id = m.payment_id
               where l.tenant_id = $1 group by l.id, l.amount
           )
           select count(*) as "examined!", count(*) filter (where matched > abs(amount) or not is_live) as "found!",
               (array_agg(jsonb_build_object('id', id, 'text', format('a line over %s, matched with %s', amount, matched)) order by id)
                   filter (where matched > abs(amount) or not is_live))[1:20] as samples
           from subject"#,
        tenant
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

/// An invoice that is late.
pub(super) struct Overdue {
    pub(super) id: Uuid,
    pub(super) entity_id: EntityId,
    pub(super) number: String,
    pub(super) days: i32,
    pub(super) balance: Decimal,
    pub(super) currency: String,
}

/// Invoices of customers that have been late for so many days or more, fewer than `below`; each entity by its own day.
pub(super) async fn list_overdue(
    tx: &mut Tx,
    days: &[(EntityId, Date)],
    from: i32,
    below: Option<i32>,
) -> Result<Vec<Overdue>> {
    let tenant = tx.tenant().uuid();
    let (entities, today): (Vec<Uuid>, Vec<Date>) = days.iter().map(|(id, day)| (id.uuid(), *day)).unzip();
    let rows = sqlx::query_as!(
        Overdue,
        r#"select d.id, d.entity_id as "entity_id: EntityId", d.number as "number!", t.today - d.due_on as "days!",
               d.gross - d.paid - d.credited as "balance!", d.currency
           from unnest($2::uuid[], $3::date[]) as t (entity_id, today)
           join billing.document d on d.tenant_id = $1 and d.entity_id = t.entity_id and d.due_on <= t.today - $4::integer
               and d.status = 'sent' and d.kind in ('invoice', 'deposit_invoice')
           where d.direction = 'sale' and d.origin <> 'intercompany' and d.number is not null and d.gross > d.paid + d.credited
             and ($5::integer is null or d.due_on > t.today - $5::integer)
           order by d.due_on, d.id"#,
        tenant,
        &entities,
        &today as &[Date],
        from,
        below
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// A bank account with lines that nobody has dealt with.
pub(super) struct Unmatched {
    pub(super) id: Uuid,
    pub(super) entity_id: EntityId,
    pub(super) name: String,
    pub(super) lines: i64,
}

/// Bank accounts with lines booked before `before` that are neither matched nor set aside.
pub(super) async fn list_unmatched(tx: &mut Tx, before: Date) -> Result<Vec<Unmatched>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query_as!(
        Unmatched,
        r#"select a.id, a.entity_id as "entity_id: EntityId", a.name, count(*) as "lines!"
           from billing.bank_line l join billing.bank_account a on a.tenant_id = l.tenant_id and a.id = l.account_id
           where l.tenant_id = $1 and l.state in ('unmatched', 'suggested') and l.booked_on < $2
           group by a.id, a.entity_id, a.name order by a.id"#,
        tenant,
        before as Date
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

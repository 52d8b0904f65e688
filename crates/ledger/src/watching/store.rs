//! The statements of the checks: one row each.

use platform::check::{Outcome, Tally};
use platform::{Result, Tx};

pub(super) async fn tally_entries(tx: &mut Tx) -> Result<Outcome> {
    let tenant = tx.tenant().uuid();
    sqlx::query_as!(
        Tally,
        r#"with sums as (
               select entry_id, sum(debit) as debit, sum(credit) as credit, sum(second_debit) as second_debit,
                   sum(second_credit) as second_credit, count(*) as lines
               from ledger.entry_line where tenant_id = $1 group by entry_id
           ), subject as (
               select e.id, e.journal, e.number, s.debit, s.credit, coalesce(s.lines, 0) as lines, e.line_count,
                   s.entry_id is not null and s.debit = s.credit and s.second_debit is not distinct from s.second_credit
                       and s.lines = e.line_count as is_sound
               from ledger.entry e left join sums s on s.entry_id = e.id
               where e.tenant_id = $1
           )
           select count(*) as "examined!", count(*) filter (where not is_sound) as "found!",
               (array_agg(jsonb_build_object('id', id, 'text', format('%s %s: debit %s, credit %s, %s lines of %s', journal, number,
                   coalesce(debit, 0), coalesce(credit, 0), lines, line_count)) order by id) filter (where not is_sound))[1:20] as samples
           from subject"#,
        tenant
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

pub(super) async fn tally_numbers(tx: &mut Tx) -> Result<Outcome> {
    let tenant = tx.tenant().uuid();
    sqlx::query_as!(
        Tally,
        r#"with subject as (
               select e.journal, n.code, max(e.number) as last, min(e.number) as first, count(*) as entries, y.next_number,
                   max(e.number) = count(*) and min(e.number) = 1 and y.next_number = max(e.number) + 1 as is_sound
               from ledger.entry e
               join platform.entity n on n.tenant_id = e.tenant_id and n.id = e.entity_id
               left join ledger.journal_year y on y.tenant_id = e.tenant_id and y.entity_id = e.entity_id
                   and y.journal = e.journal and y.fiscal_year_id = e.fiscal_year_id
               where e.tenant_id = $1 group by n.code, e.entity_id, e.journal, e.fiscal_year_id, y.next_number
           )
           select count(*) as "examined!", count(*) filter (where is_sound is not true) as "found!",
               (array_agg(jsonb_build_object('text', format('%s %s: %s entries from %s to %s, next %s', code, journal, entries, first,
                   last, coalesce(next_number::text, 'none'))) order by code, journal) filter (where is_sound is not true))[1:20] as samples
           from subject"#,
        tenant
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

pub(super) async fn tally_days(tx: &mut Tx) -> Result<Outcome> {
    let tenant = tx.tenant().uuid();
    sqlx::query_as!(
        Tally,
        r#"with lines as (
               select l.entity_id, l.account_id, l.entry_on as day, l.carried, coalesce(e.second_currency, '') as currency,
                   sum(l.debit) as debit, sum(l.credit) as credit, coalesce(sum(l.second_debit), 0) as second_debit,
                   coalesce(sum(l.second_credit), 0) as second_credit, count(*) as lines
               from ledger.entry_line l join ledger.entry e on e.tenant_id = l.tenant_id and e.id = l.entry_id
               where l.tenant_id = $1 group by 1, 2, 3, 4, 5
           ), kept as (
               select entity_id, account_id, day, carried, coalesce(second_currency, '') as currency, debit, credit,
                   coalesce(second_debit, 0) as second_debit, coalesce(second_credit, 0) as second_credit, lines
               from ledger.account_day where tenant_id = $1
           ), subject as (
               select coalesce(k.account_id, l.account_id) as account_id, coalesce(k.day, l.day) as day,
                   (k.debit, k.credit, k.second_debit, k.second_credit, k.lines)
                       is not distinct from (l.debit, l.credit, l.second_debit, l.second_credit, l.lines) as is_sound,
                   coalesce(k.debit - k.credit, 0) as kept, coalesce(l.debit - l.credit, 0) as posted
               from kept k full join lines l using (entity_id, account_id, day, carried, currency)
           )
           select count(*) as "examined!", count(*) filter (where not is_sound) as "found!",
               (array_agg(jsonb_build_object('text', format('account %s on %s: kept %s, posted %s', a.code, s.day, s.kept, s.posted))
                   order by s.day) filter (where not is_sound))[1:20] as samples
           from subject s left join ledger.account a on a.tenant_id = $1 and a.id = s.account_id and not s.is_sound"#,
        tenant
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

pub(super) async fn tally_letters(tx: &mut Tx) -> Result<Outcome> {
    let tenant = tx.tenant().uuid();
    sqlx::query_as!(
        Tally,
        r#"with subject as (
               select g.lettering_id, sum(l.debit) as debit, sum(l.credit) as credit
               from ledger.lettering_line g join ledger.entry_line l on l.tenant_id = g.tenant_id and l.id = g.line_id
               where g.tenant_id = $1 and g.undone_at is null group by g.lettering_id
           )
           select count(*) as "examined!", count(*) filter (where s.debit <> s.credit) as "found!",
               (array_agg(jsonb_build_object('text', format('letter %s: debit %s, credit %s', t.code, s.debit, s.credit)) order by t.code)
                   filter (where s.debit <> s.credit))[1:20] as samples
           from subject s join ledger.lettering t on t.tenant_id = $1 and t.id = s.lettering_id"#,
        tenant
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

//! Every statement on the lines of bank statements.

use kernel::{BankAccountId, BankLineId, Currency, Cursor, Date, EntityId, Limit, StatementId, Timestamp, Zone};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use sqlx::{Postgres, QueryBuilder};
use statements::{StatementLine, StatementReturn, StatementReturnReason};
use uuid::Uuid;

use super::super::model::BankLineState;
use super::super::suggestion::{BankSuggestion, LineFacts};

platform::constraint!("bank_line_external_key", "file", "A line of this file was imported meanwhile: import it again.");
platform::constraint!("bank_line_frozen", "id", "A line stays as the bank told it.");
platform::constraint!("bank_line_sum", "payments", "What a line is matched with must sum to its amount.");

/// A line as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of billing.bank_line")]
pub struct BankLineRow {
    pub id: BankLineId,
    pub entity_id: EntityId,
    pub account_id: BankAccountId,
    pub statement_id: StatementId,
    pub external_id: String,
    pub booked_on: Date,
    pub value_on: Option<Date>,
    pub amount: Decimal,
    pub currency: Currency,
    pub label: String,
    pub counterparty: Option<String>,
    pub counterparty_iban: Option<String>,
    pub end_to_end_id: Option<String>,
    pub remittance: Option<String>,
    pub refs: Value,
    pub transaction_code: Option<String>,
    pub charges: Option<Decimal>,
    pub returned: bool,
    pub return_reason: Option<String>,
    pub return_end_to_end_id: Option<String>,
    pub return_mandate_id: Option<String>,
    pub state: BankLineState,
    pub suggestions: Value,
    pub matched_at: Option<Timestamp>,
    pub matched_by: Option<String>,
    pub ignore_reason: String,
    pub updated_at: Timestamp,
    /// Whether a match of it was undone.
    pub was_matched: bool,
}

impl BankLineRow {
    /// The line as the bank told it.
    pub fn statement_line(&self) -> StatementLine {
        let returned = self.returned.then(|| StatementReturn {
            reason: self.return_reason.clone().map(StatementReturnReason),
            end_to_end_id: self.return_end_to_end_id.clone(),
            mandate_id: self.return_mandate_id.clone(),
        });
        StatementLine {
            external_id: self.external_id.clone(),
            booked_on: self.booked_on,
            value_on: self.value_on,
            amount: self.amount,
            currency: self.currency,
            label: self.label.clone(),
            counterparty: self.counterparty.clone(),
            counterparty_iban: self.counterparty_iban.clone(),
            end_to_end_id: self.end_to_end_id.clone(),
            references: self.references(),
            remittance: self.remittance.clone(),
            transaction_code: self.transaction_code.clone(),
            charges: self.charges,
            returned,
        }
    }

    /// Its structured references.
    pub fn references(&self) -> Vec<String> {
        let texts = self.refs.as_array().into_iter().flatten();
        texts.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// What may be it, the best first.
    pub fn suggestions(&self) -> Result<Vec<BankSuggestion>> {
        serde_json::from_value(self.suggestions.clone()).map_err(|error| Error::internal("reading suggestions", error))
    }

    /// All its text.
    pub fn text(&self) -> String {
        let texts = [Some(&self.label), self.remittance.as_ref(), self.end_to_end_id.as_ref()];
        let texts = texts.into_iter().flatten().map(String::as_str);
        texts.map(str::to_owned).chain(self.references()).collect::<Vec<_>>().join(" ")
    }

    /// What of it is compared with payments recorded before.
    pub fn facts<'a>(&'a self, text: &'a str) -> LineFacts<'a> {
        LineFacts {
            amount: self.amount,
            currency: self.currency,
            booked_on: self.booked_on,
            iban: self.counterparty_iban.as_deref(),
            text,
            was_matched: self.was_matched,
        }
    }
}

/// $1 is the tenant.
const COLUMNS: &str = "select l.id, l.entity_id, l.account_id, l.statement_id, l.external_id, l.booked_on, l.value_on, l.amount, l.currency,
    l.label, l.counterparty, l.counterparty_iban, l.end_to_end_id, l.remittance, l.refs, l.transaction_code, l.charges, l.returned,
    l.return_reason, l.return_end_to_end_id, l.return_mandate_id, l.state, l.suggestions, l.matched_at, l.matched_by, l.ignore_reason,
    l.updated_at, exists (select from billing.bank_match m
        where m.tenant_id = $1 and m.line_id = l.id and m.undone_at is not null) as was_matched
    from billing.bank_line l where l.tenant_id = ";

/// Which lines; all given conditions hold.
#[derive(Clone, Debug, Default)]
pub struct BankLineFilter {
    /// Only of this account.
    pub account: Option<BankAccountId>,
    /// Only in this state.
    pub state: Option<BankLineState>,
    /// Only booked from this day on.
    pub from: Option<Date>,
    /// Only booked until this day.
    pub to: Option<Date>,
    /// Only with this text in label, name, IBAN or reference.
    pub search: Option<String>,
    /// Only after this place of the list.
    pub after: Option<Cursor>,
}

/// The place of a line in lists.
pub fn place(line: &BankLineRow) -> (Timestamp, Uuid) {
    (line.booked_on.start_in(&Zone::UTC), line.id.uuid())
}

/// Lines in scope, the last booked first, one more than `limit`.
pub async fn list_lines(tx: &mut Tx, filter: &BankLineFilter, limit: Limit) -> Result<Vec<BankLineRow>> {
    let mut sql = QueryBuilder::<Postgres>::new(COLUMNS);
    sql.push_bind(tx.tenant());
    if let Some(account) = filter.account {
        sql.push(" and l.account_id = ").push_bind(account);
    }
    if let Some(state) = filter.state {
        sql.push(" and l.state = ").push_bind(state);
    }
    if let Some(from) = filter.from {
        sql.push(" and l.booked_on >= ").push_bind(from);
    }
    if let Some(to) = filter.to {
        sql.push(" and l.booked_on <= ").push_bind(to);
    }
    if let Some(text) = &filter.search {
        let pattern = format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
        sql.push(" and concat_ws(' ', l.label, l.counterparty, l.counterparty_iban, l.end_to_end_id) ilike ")
            .push_bind(pattern);
    }
    if let Some(after) = filter.after {
        sql.push(" and (l.booked_on, l.id) < (")
            .push_bind(after.at.date_in(&Zone::UTC))
            .push(", ")
            .push_bind(after.id)
            .push(")");
    }
    sql.push(" order by l.booked_on desc, l.id desc").push(limit.clause());
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// One line within the caller's scope.
pub async fn get_line(tx: &mut Tx, id: BankLineId) -> Result<BankLineRow> {
    let mut sql = QueryBuilder::<Postgres>::new(COLUMNS);
    sql.push_bind(tx.tenant()).push(" and l.id = ").push_bind(id);
    let row = sql.build_query_as().fetch_optional(tx.conn()).await?;
    row.ok_or_else(|| Error::not_found("bank line"))
}

/// Lines about to be matched, held until the transaction ends, in the order of their ids.
pub async fn lock_lines(tx: &mut Tx, ids: &[BankLineId]) -> Result<Vec<BankLineRow>> {
    let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
    let mut sql = QueryBuilder::<Postgres>::new(COLUMNS);
    sql.push_bind(tx.tenant()).push(" and l.id = any (").push_bind(ids).push(") order by l.id for no key update of l");
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// The lines of an account that wait to be matched, the last booked first: old ones that nothing ever fits keep no new one waiting.
pub async fn list_waiting(tx: &mut Tx, account: BankAccountId, limit: i64) -> Result<Vec<BankLineRow>> {
    let mut sql = QueryBuilder::<Postgres>::new(COLUMNS);
    sql.push_bind(tx.tenant()).push(" and l.account_id = ").push_bind(account);
    sql.push(" and l.state in ('unmatched', 'suggested') order by l.booked_on desc, l.id desc limit ").push_bind(limit);
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// What is known of lines by the bank's ids: id, day and amount.
pub async fn list_known(tx: &mut Tx, account: BankAccountId, ids: &[String]) -> Result<Vec<(String, Date, Decimal)>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select external_id, booked_on as "booked_on: Date", amount from billing.bank_line
           where tenant_id = $1 and account_id = $2 and external_id = any ($3) order by external_id"#,
        tenant,
        account.uuid(),
        ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.external_id, row.booked_on, row.amount)).collect())
}

/// Writes the lines of a statement, in one statement of SQL however many there are.
pub async fn insert_lines(
    tx: &mut Tx,
    (entity, account, statement): (EntityId, BankAccountId, StatementId),
    lines: &[&StatementLine],
) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    // Ids that sort as the lines stand in the file.
    let mut ids: Vec<Uuid> = lines.iter().map(|_| BankLineId::generate(now).uuid()).collect();
    ids.sort_unstable();
    let rows: Vec<Value> = lines.iter().zip(ids).map(|(line, id)| row(line, id)).collect();
    sqlx::query!(
        "insert into billing.bank_line (tenant_id, id, entity_id, account_id, statement_id, external_id, booked_on, value_on, amount,
             currency, label, counterparty, counterparty_iban, end_to_end_id, remittance, refs, transaction_code, charges, returned,
             return_reason, return_end_to_end_id, return_mandate_id, created_at, state, updated_at)
         select $1, x.id, $2, $3, $4, x.external_id, x.booked_on, x.value_on, x.amount, x.currency, x.label, x.counterparty,
             x.counterparty_iban, x.end_to_end_id, x.remittance, x.refs, x.transaction_code, x.charges, x.returned, x.return_reason,
             x.return_end_to_end_id, x.return_mandate_id, $6, 'unmatched', $6
         from jsonb_to_recordset($5) as x (id uuid, external_id text, booked_on date, value_on date, amount numeric, currency text,
             label text, counterparty text, counterparty_iban text, end_to_end_id text, remittance text, refs jsonb,
             transaction_code text, charges numeric, returned boolean, return_reason text, return_end_to_end_id text,
             return_mandate_id text)
         returning 1 as one",
        tenant,
        entity.uuid(),
        account.uuid(),
        statement.uuid(),
        Value::Array(rows),
        now as Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(())
}

fn row(line: &StatementLine, id: Uuid) -> Value {
    let returned = line.returned.as_ref();
    json!({
        "id": id,
        "external_id": line.external_id,
        "booked_on": line.booked_on,
        "value_on": line.value_on,
        "amount": line.amount,
        "currency": line.currency,
        "label": line.label,
        "counterparty": line.counterparty,
        "counterparty_iban": line.counterparty_iban,
        "end_to_end_id": line.end_to_end_id,
        "remittance": line.remittance,
        "refs": line.references,
        "transaction_code": line.transaction_code,
        "charges": line.charges.filter(|charges| *charges > Decimal::ZERO),
        "returned": returned.is_some(),
        "return_reason": returned.and_then(|returned| returned.reason.as_ref()).map(|reason| &reason.0),
        "return_end_to_end_id": returned.and_then(|returned| returned.end_to_end_id.as_ref()),
        "return_mandate_id": returned.and_then(|returned| returned.mandate_id.as_ref()),
    })
}

/// Writes what lines may be, where that changed and they still wait.
pub async fn update_suggestions(tx: &mut Tx, suggestions: &[(BankLineId, Value)]) -> Result<u64> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let (ids, values): (Vec<Uuid>, Vec<Value>) =
        suggestions.iter().map(|(id, value)| (id.uuid(), value.clone())).unzip();
    let done = sqlx::query!(
        "update billing.bank_line l
         set suggestions = s.suggestions, state = case when s.suggestions = '[]' then 'unmatched' else 'suggested' end, updated_at = $4
         from unnest($2::uuid[], $3::jsonb[]) as s (id, suggestions)
         where l.tenant_id = $1 and l.id = s.id and l.state in ('unmatched', 'suggested') and l.suggestions <> s.suggestions",
        tenant,
        &ids,
        &values,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

/// Writes what became of a line.
///
/// Conflict when it is no longer in the state `from`.
pub async fn update_state(
    tx: &mut Tx,
    id: BankLineId,
    (from, to): (BankLineState, BankLineState),
    ignore_reason: &str,
) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let by = (to == BankLineState::Matched).then(|| tx.ctx().actor().name().to_owned());
    let at = by.is_some().then_some(now);
    let done = sqlx::query!(
        "update billing.bank_line
         set state = $4, suggestions = '[]', matched_at = $5, matched_by = $6, ignore_reason = $7, updated_at = $8
         where tenant_id = $1 and id = $2 and state = $3",
        tenant,
        id.uuid(),
        from.as_str(),
        to.as_str(),
        at as Option<Timestamp>,
        by,
        ignore_reason,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::conflict("The line was changed meanwhile.")) }
}

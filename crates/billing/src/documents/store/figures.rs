//! What stands at the top of a list of invoices.

use kernel::{Currency, Date, PartyId};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The invoices of customers in one currency, as figures; those between entities are not among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct InvoiceFigures {
    /// The currency of the amounts.
    pub currency: Currency,
    /// Drafts of invoices and credit notes.
    pub drafts: i64,
    /// What the drafts of invoices come to without VAT, less those of credit notes.
    pub drafts_net: Decimal,
    /// Issued invoices with something left to pay.
    pub open: i64,
    /// What is left to pay on them.
    pub open_balance: Decimal,
    /// Those of them that are past their due day.
    pub overdue: i64,
    /// What is left to pay on those.
    pub overdue_balance: Decimal,
    /// Invoices and credit notes issued this month.
    pub issued: i64,
    /// What they come to without VAT, credit notes taken off.
    pub issued_net: Decimal,
    /// What the customer has paid too much or was credited and is not used yet; only where one customer is asked for.
    pub credit: Option<Decimal>,
}

/// Figures by currency, of one customer where `party` is told; `month` is the first day of what counts as this month.
pub async fn list_figures(
    tx: &mut Tx,
    party: Option<PartyId>,
    (today, month): (Date, Date),
) -> Result<Vec<InvoiceFigures>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"with document as (
               select currency, status, kind, due_on, issue_on, gross - paid - credited as balance,
                   case kind when 'credit_note' then -net else net end as net
               from billing.document
               where tenant_id = $1 and direction = 'sale' and origin <> 'intercompany'
                 and kind in ('invoice', 'deposit_invoice', 'credit_note')
                 and (status in ('draft', 'sent') or issue_on >= $4)
                 and ($2::uuid is null or party_id = $2)
           ), credit as (
               select y.currency, y.amount
                   - coalesce((select sum(a.amount) from billing.allocation a
                       where a.tenant_id = y.tenant_id and a.payment_id = y.id and a.released_on is null), 0)
                   - coalesce((select sum(r.amount) from billing.payment r
                       where r.tenant_id = y.tenant_id and r.entity_id = y.entity_id and r.refund_of = y.id
                         and r.status = 'completed'), 0) as amount
               from billing.payment y
               where y.tenant_id = $1 and y.party_id = $2 and y.direction = 'in' and y.status = 'completed'
               union all
               select currency, balance from document where kind = 'credit_note' and status = 'sent' and $2::uuid is not null
           ), currency as (
               select currency from document union select currency from credit where amount > 0
           )
           select c.currency as "currency!",
               count(d.*) filter (where d.status = 'draft') as "drafts!",
               coalesce(sum(d.net) filter (where d.status = 'draft'), 0) as "drafts_net!",
               count(d.*) filter (where d.status = 'sent' and d.kind <> 'credit_note') as "open!",
               coalesce(sum(d.balance) filter (where d.status = 'sent' and d.kind <> 'credit_note'), 0) as "open_balance!",
               count(d.*) filter (where d.status = 'sent' and d.kind <> 'credit_note' and d.due_on < $3) as "overdue!",
               coalesce(sum(d.balance) filter (where d.status = 'sent' and d.kind <> 'credit_note' and d.due_on < $3), 0)
                   as "overdue_balance!",
               count(d.*) filter (where d.issue_on >= $4) as "issued!",
               coalesce(sum(d.net) filter (where d.issue_on >= $4), 0) as "issued_net!",
               coalesce((select sum(x.amount) from credit x where x.currency = c.currency), 0) as "credit!"
           from currency c left join document d on d.currency = c.currency
           group by c.currency
           order by c.currency"#,
        tenant,
        party.map(PartyId::uuid) as Option<Uuid>,
        today as Date,
        month as Date
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(InvoiceFigures {
                currency: row.currency.parse().map_err(|error| Error::internal("reading a currency", error))?,
                drafts: row.drafts,
                drafts_net: row.drafts_net,
                open: row.open,
                open_balance: row.open_balance,
                overdue: row.overdue,
                overdue_balance: row.overdue_balance,
                issued: row.issued,
                issued_net: row.issued_net,
                credit: party.map(|_| row.credit),
            })
        })
        .collect()
}

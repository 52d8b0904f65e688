//! The page of a week: stored records where the ledger is built, a preview by the same formulas where it is not.

use kernel::{BillingRecordId, BuyerId, Date, DocumentId, EntityId, OrderId, Rounding, Timestamp, Week, round};
use platform::{Ctx, Permission, Result, Tx};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::build::span;
use super::model::{BillingRecordStatus, Draft, records};
use super::store::ledger::{self, Built};
use super::store::reading::{self, RecordRow};
use crate::buyers::store as buyers;
use crate::intercompany::model::TransferStatus;
use crate::intercompany::store as transfers;
use crate::prepaid;
use crate::prepaid::model::BuyerBalance;
use crate::rules::billing::Amounts;
use crate::rules::pricing::{BillingMode, PricingSource};

/// What a buyer owes for a product under an order for a week, at one price.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecordView {
    /// The record; none in a preview.
    pub id: Option<BillingRecordId>,
    /// The entity that bills, by code.
    pub entity: String,
    /// The week.
    pub week: Week,
    /// The buyer.
    pub buyer_id: BuyerId,
    /// The buyer's name.
    pub buyer_name: String,
    /// The order.
    pub order_id: OrderId,
    /// The product.
    pub product: String,
    /// Which price of the order's week it is, from 1.
    pub position: i32,
    /// How it is paid.
    pub billing_mode: BillingMode,
    /// Where the price comes from.
    pub pricing_source: PricingSource,
    /// Whether units went out without a price.
    pub pricing_missing: bool,
    /// Euros a unit, before the discount.
    pub unit_price: Decimal,
    /// Percent.
    pub discount_pct: Decimal,
    /// Percent.
    pub vat_rate: Decimal,
    /// Sent.
    pub units_sent: i64,
    /// Sent and not taken back.
    pub units_billable: i64,
    /// Fresh ones among the billable.
    pub units_leads: i64,
    /// Aged ones among the billable.
    pub units_lb: i64,
    /// Credited among the billable.
    pub units_free: i64,
    /// Billable and not free.
    pub units_invoiced: i64,
    /// What that comes to, in euros.
    #[serde(flatten)]
    pub amounts: Amounts,
    /// Where it stands.
    pub status: BillingRecordStatus,
    /// The number of the invoice made elsewhere.
    pub external_invoice_number: Option<String>,
    /// Its total with VAT, in euros.
    pub external_invoice_ttc: Option<Decimal>,
    /// When it was issued.
    pub issued_on: Option<Date>,
    /// When it is to be paid.
    pub due_on: Option<Date>,
    /// When it was paid.
    pub paid_on: Option<Date>,
    /// The invoice, when it was made here.
    pub document_id: Option<DocumentId>,
    /// When it was last changed; none in a preview.
    pub updated_at: Option<Timestamp>,
    /// What the caller may do with it now: `track`.
    pub can: Vec<&'static str>,
}

impl RecordView {
    /// A stored record.
    pub fn of(ctx: &Ctx, row: RecordRow) -> Self {
        let is_tracked = row.document_id.is_none() && row.billing_mode == BillingMode::WeeklyInvoice;
        let may = is_tracked && ctx.may(Permission::BillingManage);
        Self {
            id: Some(row.id),
            entity: ctx.entity_code(row.entity_id).to_owned(),
            week: Week::of(row.week),
            buyer_id: row.buyer_id,
            buyer_name: row.buyer_name,
            order_id: row.order_id,
            product: row.product,
            position: row.position,
            billing_mode: row.billing_mode,
            pricing_source: row.pricing_source,
            pricing_missing: row.pricing_source.is_missing() && row.units_billable > 0,
            unit_price: row.unit_price,
            discount_pct: row.discount_pct,
            vat_rate: row.vat_rate,
            units_sent: row.units_sent.into(),
            units_billable: row.units_billable.into(),
            units_leads: (row.units_billable - row.units_lb).into(),
            units_lb: row.units_lb.into(),
            units_free: row.units_free.into(),
            units_invoiced: row.units_invoiced.into(),
            amounts: Amounts { before_discount: row.before_discount, net: row.net, vat: row.vat, gross: row.gross },
            status: row.status,
            external_invoice_number: row.external_invoice_number,
            external_invoice_ttc: row.external_invoice_ttc,
            issued_on: row.issued_on,
            due_on: row.due_on,
            paid_on: row.paid_on,
            document_id: row.document_id,
            updated_at: Some(row.updated_at),
            can: may.then_some("track").into_iter().collect(),
        }
    }

    fn preview(entity: &str, week: Week, draft: Draft, buyer_name: String) -> Self {
        let group = draft.group;
        Self {
            id: None,
            entity: entity.to_owned(),
            week,
            buyer_id: group.buyer_id,
            buyer_name,
            order_id: group.order_id,
            product: group.product,
            position: draft.position,
            billing_mode: group.mode,
            pricing_source: group.source,
            pricing_missing: group.source.is_missing() && group.units_billable > 0,
            unit_price: group.unit_price,
            discount_pct: group.discount_pct,
            vat_rate: group.vat_rate,
            units_sent: group.units_sent,
            units_billable: group.units_billable,
            units_leads: group.units_billable - group.units_lb,
            units_lb: group.units_lb,
            units_free: draft.units_free.into(),
            units_invoiced: draft.units_invoiced.into(),
            amounts: draft.amounts,
            status: BillingRecordStatus::NotInvoiced,
            external_invoice_number: None,
            external_invoice_ttc: None,
            issued_on: None,
            due_on: None,
            paid_on: None,
            document_id: None,
            updated_at: None,
            can: Vec::new(),
        }
    }
}

/// A week's records with the billable units of each that fall within some dates.
pub(super) struct Sheet {
    /// How the week was built, per entity.
    pub(super) built: Vec<Built>,
    /// The records, stored or computed.
    pub(super) rows: Vec<(RecordView, i64)>,
}

/// Reads a week over every entity in scope; `within` are the days to be counted apart, from the first until before the second.
pub(super) async fn sheet(tx: &mut Tx, week: Week, within: (Date, Date)) -> Result<Sheet> {
    let ctx = tx.ctx().clone();
    let built = ledger::list_built(tx, &[week]).await?;
    let mut rows = Vec::new();
    if !built.is_empty() {
        let counted = reading::count_within(tx, week, within).await?;
        for row in reading::list_of_week(tx, week).await? {
            let units = counted.iter().find(|(id, _)| *id == row.id).map_or(0, |(_, units)| *units);
            rows.push((RecordView::of(&ctx, row), units));
        }
    }
    for entity in ctx.entities().filter(|entity| !is_built(&built, entity.id)) {
        let groups = ledger::list_groups(tx, span(entity, week), within).await?;
        let credits = ledger::list_credit_totals(tx, entity.id, week).await?;
        let drafts = records(groups, credits);
        let ids: Vec<_> = drafts.iter().map(|draft| draft.group.buyer_id).collect();
        let names = buyers::list_names(tx, &ids).await?;
        for draft in drafts {
            let name = names.get(&draft.group.buyer_id).cloned().unwrap_or_default();
            let units = draft.group.units_within;
            rows.push((RecordView::preview(&entity.code, week, draft, name), units));
        }
    }
    rows.sort_by(|(a, _), (b, _)| order(a).cmp(&order(b)));
    Ok(Sheet { built, rows })
}

fn is_built(built: &[Built], entity: EntityId) -> bool {
    built.iter().any(|built| built.entity_id == entity)
}

fn order(row: &RecordView) -> (&str, BuyerId, &str, OrderId, i32) {
    (&row.buyer_name, row.buyer_id, &row.product, row.order_id, row.position)
}

/// The figures of a week. Units count what was sent, however it is paid; money only what is invoiced after the week.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct BillingKpis {
    /// Sent.
    pub units: i64,
    /// Sent and not taken back: the same number as in the cockpit and on the page of deliveries.
    pub billable: i64,
    /// Credited among those invoiced after the week.
    pub free: i64,
    /// Invoiced after the week.
    pub invoiced: i64,
    /// Billable units that nobody said the price of.
    pub missing_prices: i64,
    /// What is invoiced after the week, in euros.
    #[serde(flatten)]
    pub amounts: Amounts,
}

impl BillingKpis {
    fn of(weekly: &[RecordView], prepaid: &[RecordView]) -> Self {
        let all = || weekly.iter().chain(prepaid);
        Self {
            units: all().map(|row| row.units_sent).sum(),
            billable: all().map(|row| row.units_billable).sum(),
            free: weekly.iter().map(|row| row.units_free).sum(),
            invoiced: weekly.iter().map(|row| row.units_invoiced).sum(),
            missing_prices: all().filter(|row| row.pricing_missing).map(|row| row.units_billable).sum(),
            amounts: weekly.iter().map(|row| row.amounts).sum(),
        }
    }
}

/// How an entity's week was built.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BuiltWeek {
    /// The entity, by code.
    pub entity: String,
    /// How often.
    pub generation: i32,
    /// When last.
    pub built_at: Timestamp,
    /// By whom.
    pub built_by: String,
}

/// What one entity owes another for a week, at one price and in one state.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InterfacturationRow {
    /// The entity that owns the leads and is owed, by code.
    pub from: String,
    /// The entity that sold them and owes, by code.
    pub to: String,
    /// The product.
    pub product: String,
    /// Euros a unit, without VAT; none where the price is missing.
    pub unit_price_ht: Option<Decimal>,
    /// Where the transfers stand.
    pub status: TransferStatus,
    /// Units; those credited are taken off.
    pub units: i64,
    /// Units × price, in euros.
    pub amount: Option<Decimal>,
}

/// A week of billing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BillingWeek {
    /// The week.
    pub week: Week,
    /// Whether the ledger of some entity in scope is not built: its rows are computed from what is known now.
    pub is_preview: bool,
    /// Whether something of it is invoiced: it is not built again then.
    pub is_locked: bool,
    /// The entities whose ledger is built.
    pub built: Vec<BuiltWeek>,
    /// Units that are billable in the built ledger and were taken back since.
    pub returned_since_built: i64,
    /// The figures.
    pub kpis: BillingKpis,
    /// What is invoiced after the week.
    pub weekly: Vec<RecordView>,
    /// What was paid in advance; in no sum of money.
    pub prepaid: Vec<RecordView>,
    /// What is left of what buyers paid for in advance, now: what runs out first comes first.
    pub prepaid_balances: Vec<BuyerBalance>,
    /// What entities owe each other for leads of the week sold across entities; none for who may not see it.
    pub interfacturation: Option<Vec<InterfacturationRow>>,
    /// What the caller may do: `build`.
    pub can: Vec<&'static str>,
}

/// Reads a week over every entity in scope.
pub(super) async fn read_week(tx: &mut Tx, week: Week) -> Result<BillingWeek> {
    let ctx = tx.ctx().clone();
    let sheet = sheet(tx, week, (week.monday(), week.next().monday())).await?;
    let entities: Vec<_> = sheet.built.iter().map(|built| built.entity_id).collect();
    let returned_since_built =
        if entities.is_empty() { 0 } else { ledger::count_returned_since(tx, &entities, week).await? };
    let rows = sheet.rows.into_iter().map(|(row, _)| row);
    let (weekly, prepaid): (Vec<_>, Vec<_>) = rows.partition(|row| row.billing_mode == BillingMode::WeeklyInvoice);
    let is_locked = weekly.iter().any(|row| row.status != BillingRecordStatus::NotInvoiced);
    let built = sheet.built.into_iter().map(|built| BuiltWeek {
        entity: ctx.entity_code(built.entity_id).to_owned(),
        generation: built.generation,
        built_at: built.built_at,
        built_by: built.built_by,
    });
    let interfacturation = interfacturation(tx, &ctx, week).await?;
    let prepaid_balances = prepaid::store::list_all_balances(tx).await?;
    let may = !is_locked && ctx.may(Permission::BillingManage);
    Ok(BillingWeek {
        week,
        is_preview: entities.len() < ctx.entities().count(),
        is_locked,
        built: built.collect(),
        returned_since_built,
        kpis: BillingKpis::of(&weekly, &prepaid),
        weekly,
        prepaid,
        prepaid_balances,
        interfacturation,
        can: may.then_some("build").into_iter().collect(),
    })
}

async fn interfacturation(tx: &mut Tx, ctx: &Ctx, week: Week) -> Result<Option<Vec<InterfacturationRow>>> {
    if !ctx.may(Permission::IntercompanyView) {
        return Ok(None);
    }
    let totals = transfers::list_totals(tx, week).await?;
    let row = |total: transfers::TransferTotal| InterfacturationRow {
        from: ctx.entity_code(total.from).to_owned(),
        to: ctx.entity_code(total.to).to_owned(),
        product: total.product,
        unit_price_ht: total.unit_price.map(|price| price.normalize()),
        status: total.status,
        units: total.units,
        amount: total.unit_price.map(|price| round(price * Decimal::from(total.units), 2, Rounding::HalfUp)),
    };
    Ok(Some(totals.into_iter().map(row).collect()))
}

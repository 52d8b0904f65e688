//! Re-routing of blocked stock (spec 5.7): what waits is decided again, oldest first, under the same lock and rules.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr as _;

use kernel::{LeadId, Timestamp};
use platform::{Ctx, Event, Result, Settings, Tx};
use serde_json::{Value, json};

use super::ROUTING_LOCK;
use super::assign::{self, Assignment};
use super::desk::Desk;
use super::model::{DeskLead, Verdict};
use super::store::{self, Placement, WaitingRow};
use crate::leads::model::LeadStatus;
use crate::rules::ageing::{FRESH_DAYS, age_in_days};
use crate::rules::departement::Departement;
use crate::rules::intake::SourceGating;
use crate::settings::model::FormsConfig;

/// Leads per transaction.
const BATCH: i64 = 500;

/// Decides everything that waits, in batches; says how many leads ended with which reason. Safe to run again at any time.
pub async fn sweep(ctx: &Ctx, why: &str) -> Result<Value> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut after = None;
    loop {
        let mut tx = ctx.begin().await?;
        tx.lock(ROUTING_LOCK).await?;
        let rows = store::lock_waiting(&mut tx, after, BATCH).await?;
        let Some(last) = rows.last() else { break };
        after = Some((last.created_at, last.id));
        let full = i64::try_from(rows.len()).is_ok_and(|rows| rows == BATCH);
        sweep_batch(&mut tx, rows, &mut counts).await?;
        tx.commit().await?;
        if !full {
            break;
        }
    }
    let report = json!({ "why": why, "leads": counts });
    if counts.contains_key("routed") {
        let mut tx = ctx.begin().await?;
        tx.emit(Event::new("stock_rerouted", "tenant", ctx.tenant().id).details(report.clone()));
        tx.commit().await?;
    }
    Ok(report)
}

async fn sweep_batch(tx: &mut Tx, rows: Vec<WaitingRow>, counts: &mut BTreeMap<String, u64>) -> Result<()> {
    let settings = tx.settings("leads.").await?;
    let known = Known::read(tx, &settings).await?;
    let (mut placements, mut assignments) = (Vec::new(), Vec::new());
    let mut ready = Vec::new();
    for row in rows {
        match known.place(tx, &row) {
            Placed::Ready(lead) => ready.push((row, lead)),
            Placed::Waits => *counts.entry(row.status.as_str().to_owned()).or_default() += 1,
        }
    }
    let (products, phones): (BTreeSet<_>, BTreeSet<_>) =
        ready.iter().map(|(_, lead)| (lead.product.clone(), lead.phone.clone())).unzip();
    if ready.is_empty() {
        return Ok(());
    }
    let mut desk = Desk::open(tx, &settings, products, phones).await?;
    for (row, lead) in ready {
        let verdict = desk.decide(tx.now(), &lead);
        let status = record(tx.now(), &row, &lead, verdict, &mut placements, &mut assignments);
        *counts.entry(status.as_str().to_owned()).or_default() += 1;
    }
    store::place_leads(tx, &placements, "sweep").await?;
    assign::assign(tx, &assignments).await
}

/// Turns a verdict into rows: an assignment, preceded by a placement when entity or product became known just now; or
/// a placement with the reason, when that changed.
fn record(
    now: Timestamp,
    row: &WaitingRow,
    lead: &DeskLead,
    verdict: Verdict,
    placements: &mut Vec<Placement>,
    assignments: &mut Vec<Assignment>,
) -> LeadStatus {
    let placement = |status: LeadStatus, reason: Option<String>, decision_id, trace| Placement {
        id: lead.id,
        entity_id: Some(lead.entity),
        product: Some(lead.product.clone()),
        status: status.as_str(),
        hold_reason: None,
        routing_reason: reason,
        decision_id,
        trace,
    };
    match verdict {
        Verdict::Routed(chosen) => {
            if row.entity_id.is_none() || row.product.is_none() {
                placements.push(placement(LeadStatus::New, None, None, Value::Null));
            }
            assignments.push(chosen.assignment(lead, "sweep", now));
            LeadStatus::Routed
        }
        Verdict::Unrouted { status, reason, trace } => {
            if row.status != status || row.routing_reason.as_ref() != Some(&reason) {
                let decision = Some(LeadId::generate(now).uuid());
                placements.push(placement(status, Some(reason), decision, trace));
            }
            status
        }
    }
}

enum Placed {
    Ready(DeskLead),
    Waits,
}

struct Known {
    forms: FormsConfig,
    gating: SourceGating,
    products: BTreeSet<String>,
}

impl Known {
    async fn read(tx: &mut Tx, settings: &Settings) -> Result<Self> {
        let products = catalog::store::list_active_codes(tx).await?;
        Ok(Self { forms: settings.get()?, gating: settings.get()?, products })
    }

    /// Whether the lead can be decided now: its source allowed, its consent given, its entity and product known.
    fn place(&self, tx: &Tx, row: &WaitingRow) -> Placed {
        let form = self.forms.forms.get(&row.form_code);
        let by_contract = row.consent_by_contract || form.is_some_and(|form| form.consent_by_contract);
        if row.status == LeadStatus::HoldSource && !by_contract && row.consent != Some(true) {
            return Placed::Waits;
        }
        if self.gating.blocks(&row.source) {
            return Placed::Waits;
        }
        let mapped_entity = form.and_then(|form| tx.ctx().entity_by_code(&form.entity)).map(|entity| entity.id);
        let mapped_product = form.map(|form| form.produit.to_uppercase()).filter(|code| self.products.contains(code));
        let (entity, product) = (row.entity_id.or(mapped_entity), row.product.clone().or(mapped_product));
        let departement = Departement::from_str(&row.departement).ok();
        let (Some(entity), Some(product), Some(departement)) = (entity, product, departement) else {
            return Placed::Waits;
        };
        let aged = row.is_lb || age_in_days(row.created_at, tx.now()) >= FRESH_DAYS;
        let (id, phone, entity_locked) = (row.id, row.phone.clone(), row.entity_locked);
        Placed::Ready(DeskLead { id, entity, product, departement, phone, entity_locked, is_lb: aged })
    }
}

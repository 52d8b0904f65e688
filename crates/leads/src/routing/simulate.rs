//! "What would happen to this lead now, or with this order changed?" — answered by routing itself, without writing.

use std::collections::BTreeSet;

use kernel::{BasisPoints, BuyerId, EntityId, LeadId, OrderId};
use platform::{Error, Result, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::desk::Desk;
use super::model::{DeskLead, Verdict};
use super::store::{self, OrderRow};
use super::tried::EntityTried;
use crate::leads::model::LeadStatus;
use crate::leads::store as leads;
use crate::rules::ageing::{FRESH_DAYS, age_in_days};
use crate::rules::departement::{Departement, DepartementSet};
use crate::rules::intake::SourceGating;
use crate::rules::phone::{PhonePolicy, PhoneQuality, normalise};
use crate::rules::routing::{OrderTraceView, TraceView};

/// A lead and, if wanted, orders as they are not.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Simulate {
    /// A stored lead. Either this or the fields of `lead`.
    pub lead_id: Option<LeadId>,
    /// A lead that does not exist.
    pub lead: Option<Imagined>,
    /// Orders to be taken as changed.
    #[serde(default)]
    pub orders: Vec<ChangedOrder>,
}

/// A lead that does not exist.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Imagined {
    /// Its entity, by code.
    pub entity: String,
    /// Its product.
    pub produit: String,
    /// Where the person lives.
    #[schema(value_type = String)]
    pub departement: Departement,
    /// The person's phone; nobody in particular when it is missing.
    pub phone: Option<String>,
    /// Whether it may not leave its entity.
    #[serde(default)]
    pub entity_locked: bool,
    /// Whether it is aged stock.
    #[serde(default)]
    pub is_lb: bool,
}

/// An order taken as changed; what is missing stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangedOrder {
    /// The order.
    pub order_id: OrderId,
    /// Whether it is active.
    pub active: Option<bool>,
    /// Its weekly quota, 0 for none.
    pub quota_semaine: Option<i32>,
    /// Its départements.
    pub departements: Option<DepartementSet>,
    /// Its priority, 1 to 10.
    pub priorite: Option<i32>,
    /// Its wanted share of aged leads.
    #[schema(value_type = Option<String>)]
    pub lb_target_pct: Option<BasisPoints>,
}

/// What would happen.
#[derive(Debug, Serialize, ToSchema)]
pub struct Simulated {
    /// Where the lead would stand: `routed`, `no_open_orders`, `duplicate`, or where it is held now.
    pub status: LeadStatus,
    /// Why.
    pub reason: String,
    /// The order that would take it. Hidden, like its buyer, when it belongs to an entity out of the caller's scope.
    pub order_id: Option<OrderId>,
    /// Its buyer.
    pub buyer_id: Option<BuyerId>,
    /// The buyer's name.
    pub buyer_name: Option<String>,
    /// The code of the entity that would deliver.
    pub entity: Option<String>,
    /// `normal` or `fallback_no_orders`.
    pub mode: Option<&'static str>,
    /// Whether an aged lead would be looked for to take its place, as the phone looks made up.
    pub may_be_replaced: bool,
    /// Every entity tried, in order; empty when the lead is held before routing.
    pub entities: Vec<EntityTried>,
}

/// The lead, what it occupies now, and whether its phone looks made up on one of our own pages.
struct Subject {
    lead: DeskLead,
    delivery: Option<(kernel::DeliveryId, (OrderId, bool))>,
    is_replaceable: bool,
}

/// Decides the lead as routing would now. The transaction is to be dropped.
///
/// Not found for a lead or an order out of scope; invalid when a field is.
pub async fn simulate(tx: &mut Tx, command: &Simulate) -> Result<Simulated> {
    let settings = tx.settings("leads.").await?;
    let subject = match (&command.lead_id, &command.lead) {
        (Some(id), None) => match stored(tx, *id, &settings.get()?).await? {
            Ok(subject) => subject,
            Err(held) => return Ok(*held),
        },
        (None, Some(lead)) => imagined(tx, lead, &settings.get()?).await?,
        _ => return Err(Error::invalid("lead_id", "give either a stored lead or the fields of one")),
    };
    let scope = tx.ctx().scope().entities.clone();
    tx.across_entities().await?;
    let changed: Vec<_> = command.orders.iter().map(|order| order.order_id).collect();
    let products = [subject.lead.product.clone()];
    let mut rows = store::list_open_book(tx, &products, &changed).await?;
    for change in &command.orders {
        let row = rows.iter_mut().find(|row| row.id == change.order_id && scope.contains(&row.entity_id));
        apply(change, row.ok_or_else(|| Error::not_found("order"))?)?;
    }
    rows.sort_by_key(|row| (row.priority, row.created_at, row.id));
    let mut desk = Desk::over(tx, &settings, rows, BTreeSet::from([subject.lead.phone.clone()])).await?;
    if let Some((delivery, order)) = subject.delivery {
        desk.forget(delivery, order);
    }
    let trace = desk.explain(&subject.lead);
    let verdict = desk.decide(tx.now(), &subject.lead);
    Ok(shown(tx, &desk, &subject, verdict, trace, &scope))
}

/// A stored lead as it stands, as if its open delivery were not; or what holds it before routing.
async fn stored(tx: &mut Tx, id: LeadId, gating: &SourceGating) -> Result<Result<Subject, Box<Simulated>>> {
    let detail = leads::get_lead(tx, id).await?;
    let lead = detail.lead;
    let held = |status, reason: String| Ok(Err(Box::new(Simulated::held(status, reason))));
    if gating.blocks(&lead.source) {
        return held(LeadStatus::HoldSource, format!("source_blocked:{}", lead.source));
    }
    let by_source = lead.hold_reason.as_deref().is_some_and(|reason| reason.starts_with("source_blocked:"));
    match lead.status {
        LeadStatus::HoldSource if !by_source => {
            return held(lead.status, lead.hold_reason.unwrap_or_default());
        }
        LeadStatus::Invalid => return held(lead.status, "invalid".to_owned()),
        LeadStatus::ReplacedByLb => return held(lead.status, "replaced_by_lb".to_owned()),
        _ => {}
    }
    let (Some(entity), Some(product), Ok(departement)) = (lead.entity_id, lead.product, lead.departement.parse())
    else {
        return held(LeadStatus::PendingConfig, "pending_config".to_owned());
    };
    // The delivery may be another entity's; the caller's right to the lead was checked above.
    tx.across_entities().await?;
    let open = match lead.delivery_id {
        Some(delivery) if lead.status == LeadStatus::Routed => store::find_order_of(tx, delivery).await?,
        _ => None,
    };
    Ok(Ok(Subject {
        is_replaceable: lead.phone_quality == PhoneQuality::Suspicious.as_str()
            && lead.lead_source_type == "internal_lp",
        delivery: lead.delivery_id.zip(open),
        lead: DeskLead {
            id,
            entity,
            product,
            departement,
            phone: lead.phone,
            entity_locked: detail.entity_locked,
            is_lb: lead.is_lb || age_in_days(lead.created_at, tx.now()) >= FRESH_DAYS,
        },
    }))
}

async fn imagined(tx: &mut Tx, lead: &Imagined, phones: &PhonePolicy) -> Result<Subject> {
    let entity = tx.ctx().within(Some(&lead.entity))?;
    let entity = entity.write_entity(Some(&lead.entity))?.id;
    let product = lead.produit.trim().to_uppercase();
    if !catalog::store::list_active_codes(tx).await?.contains(&product) {
        return Err(Error::invalid("lead.produit", "is not in the catalogue"));
    }
    let phone = lead.phone.as_deref().map(|phone| normalise(phone, phones));
    if phone.as_ref().is_some_and(|phone| phone.quality == PhoneQuality::Invalid) {
        return Err(Error::invalid("lead.phone", "is not a valid phone number"));
    }
    Ok(Subject {
        is_replaceable: false,
        delivery: None,
        lead: DeskLead {
            id: LeadId::generate(tx.now()),
            entity,
            product,
            departement: lead.departement,
            phone: phone.map(|phone| phone.phone).unwrap_or_default(),
            entity_locked: lead.entity_locked,
            is_lb: lead.is_lb,
        },
    })
}

fn apply(change: &ChangedOrder, row: &mut OrderRow) -> Result<()> {
    row.active = change.active.unwrap_or(row.active);
    row.quota = change.quota_semaine.unwrap_or(row.quota);
    row.priority = change.priorite.unwrap_or(row.priority);
    row.lb_target = change.lb_target_pct.unwrap_or(row.lb_target);
    if let Some(departements) = &change.departements {
        row.departements = departements.codes().into_iter().map(str::to_owned).collect();
    }
    if !(0..=1_000_000).contains(&row.quota) {
        return Err(Error::invalid("orders.quota_semaine", "must be 0 to 1000000"));
    }
    if !(1..=10).contains(&row.priority) {
        return Err(Error::invalid("orders.priorite", "must be 1 to 10"));
    }
    Ok(())
}

impl Simulated {
    fn held(status: LeadStatus, reason: String) -> Self {
        Self {
            status,
            reason,
            order_id: None,
            buyer_id: None,
            buyer_name: None,
            entity: None,
            mode: None,
            may_be_replaced: false,
            entities: Vec::new(),
        }
    }
}

fn shown(tx: &Tx, desk: &Desk, subject: &Subject, verdict: Verdict, trace: TraceView, scope: &[EntityId]) -> Simulated {
    let name = |order: &OrderTraceView| desk.row(order.order).map(|row| row.buyer_name.clone());
    let entities = trace.entities.into_iter().map(|tried| EntityTried::of(tx.ctx(), tried, scope, name)).collect();
    match verdict {
        Verdict::Unrouted { status, reason, .. } => Simulated { entities, ..Simulated::held(status, reason) },
        Verdict::Routed(chosen) => {
            let is_shown = scope.contains(&chosen.entity_id);
            Simulated {
                order_id: is_shown.then_some(chosen.order_id),
                buyer_id: is_shown.then_some(chosen.buyer_id),
                buyer_name: is_shown.then_some(chosen.buyer_name),
                entity: Some(tx.ctx().entity_code(chosen.entity_id).to_owned()),
                mode: Some(chosen.mode.as_str()),
                may_be_replaced: subject.is_replaceable && chosen.takes_replacements,
                entities,
                ..Simulated::held(LeadStatus::Routed, chosen.reason)
            }
        }
    }
}

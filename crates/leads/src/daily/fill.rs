//! Step C: an order that wants more this week gets it from the stock, fresh and aged in the share it asks for (spec 5.5).
//!
//! The gates are those of routing (L-29): calendar, simulation and the mail server before; pause, deliverability, quota,
//! balance and the overlap guard by the desk; source, refusals and the 30 days by the stock.

use std::collections::{BTreeSet, HashMap, HashSet};

use kernel::{DeliveryId, EntityId, LeadId, OrderId, Week};
use platform::event::{Event, Severity};
use platform::{Ctx, Error, Result, Tx, mail};
use serde_json::json;

use super::Filled;
use super::store::{self, StockQuery};
use crate::deliveries::store::Group;
use crate::routing::ROUTING_LOCK;
use crate::routing::assign;
use crate::routing::desk::Desk;
use crate::routing::model::DeskLead;
use crate::routing::store::OrderRow;
use crate::rules::ageing::Freshness;
use crate::rules::fill::{self, FillDemand, FillStock, LbShortfall};
use crate::rules::intake::SourceGating;

/// Leads per transaction: the routing lock is held no longer than intake can wait.
const CHUNK: u32 = 500;

/// Fills the entity's orders one after another and sends what each got.
pub(super) async fn fill_entity(ctx: &Ctx, entity: EntityId) -> Result<Filled> {
    let mut filled = Filled::default();
    let mut tx = ctx.read().await?;
    if mail::circuit_open_until(&mut tx, entity).await?.is_some() {
        return Ok(filled);
    }
    let settings = tx.settings("leads.").await?;
    let products = catalog::store::list_active_codes(&mut tx).await?.into_iter().collect();
    let orders = Desk::open(&mut tx, &settings, products, BTreeSet::new()).await?.fill_order(entity, ctx.now());
    drop(tx);
    for order in orders {
        match fill_order(ctx, order).await {
            Ok(Some(got)) => {
                filled.fresh += got.fresh;
                filled.lb += got.lb;
                filled.orders += 1;
                filled.sending.send(ctx, &got.group).await;
            }
            Ok(None) => {}
            Err(error) => filled.sending.errors.push(format!("order {order}: {}", error.chain())),
        }
    }
    Ok(filled)
}

struct Got {
    group: Group,
    fresh: usize,
    lb: usize,
}

impl Got {
    fn add(&mut self, ids: Vec<DeliveryId>, lb: usize) {
        self.fresh += ids.len() - lb;
        self.lb += lb;
        self.group.ids.extend(ids);
    }
}

/// Fills one order, a chunk a transaction; none when it wanted nothing or got nothing.
async fn fill_order(ctx: &Ctx, order: OrderId) -> Result<Option<Got>> {
    let mut got: Option<Got> = None;
    let mut told = false;
    loop {
        let mut tx = ctx.begin().await?;
        let (picked_before, lb_before) = got.as_ref().map_or((0, 0), |got| (got.group.ids.len(), got.lb));
        let Some(chunk) = fill_chunk(&mut tx, order, (picked_before, lb_before)).await? else { break };
        if let Some(shortfall) = chunk.shortfall.filter(|_| !std::mem::replace(&mut told, true)) {
            tell_shortfall(&mut tx, &chunk, &shortfall);
        }
        tx.commit().await?;
        let more = chunk.picked.len() == CHUNK as usize;
        if !chunk.picked.is_empty() {
            let Chunk { group, picked, lb, .. } = chunk;
            got.get_or_insert(Got { group, fresh: 0, lb: 0 }).add(picked, lb);
        }
        if !more {
            break;
        }
    }
    Ok(got)
}

struct Chunk {
    group: Group,
    picked: Vec<DeliveryId>,
    lb: usize,
    shortfall: Option<LbShortfall>,
}

/// Assigns up to a chunk of leads to the order, under the routing lock.
async fn fill_chunk(tx: &mut Tx, order: OrderId, (picked, lb_picked): (usize, usize)) -> Result<Option<Chunk>> {
    tx.lock(ROUTING_LOCK).await?;
    tx.across_entities().await?;
    let now = tx.now();
    let Some(product) = store::find_product(tx, order).await? else { return Ok(None) };
    let settings = tx.settings("leads.").await?;
    let gating: SourceGating = settings.get()?;
    let desk = Desk::open(tx, &settings, BTreeSet::from([product]), BTreeSet::new()).await?;
    let (Some(demand), Some(row), Some(chosen)) = (desk.demand(order), desk.row(order), desk.filled(order, now)) else {
        return Ok(None);
    };
    let (sending, lb_sending) = store::count_sending(tx, order).await?;
    let add = |base: u32, more: usize| base.saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
    let demand = FillDemand {
        quota_remaining: demand.quota_remaining.map(|units| units.min(CHUNK)),
        delivered: add(demand.delivered, sending + picked),
        lb_delivered: add(demand.lb_delivered, lb_sending + lb_picked),
        ..demand
    };
    let query =
        StockQuery { order: row, buyers: desk.counts_as_one(row), limit: demand.quota_remaining.unwrap_or(CHUNK) };
    let mut stock = Stock { order: row, gating: &gating, phones: HashSet::new(), leads: HashMap::new() };
    let fresh = stock.add(store::lock_fresh(tx, &query).await?);
    let (mut never_had, mut had_before) = (Vec::new(), Vec::new());
    if demand.target.points() > 0 {
        never_had = stock.add(store::lock_aged(tx, &query, false).await?);
        if never_had.len() < query.limit as usize {
            had_before = stock.add(store::lock_aged(tx, &query, true).await?);
        }
    }
    let pools = FillStock { fresh: &fresh, lb_never_given: &never_had, lb_given_before: &had_before };
    let mut plan = fill::plan(&demand, &pools);
    plan.picks.truncate(CHUNK as usize);
    let assignments: Result<Vec<_>> = plan
        .picks
        .iter()
        .map(|pick| {
            let lead = stock.leads.remove(&pick.lead).ok_or_else(|| Error::not_found("lead"))?;
            let lead = DeskLead { is_lb: pick.freshness == Freshness::Lb, ..lead };
            Ok(assign::Assignment { delivery_method: "batch", ..chosen.assignment(&lead, "fill", now) })
        })
        .collect();
    let assignments = assignments?;
    assign::assign(tx, &assignments).await?;
    let group = Group { entity_id: row.entity_id, buyer_id: row.buyer_id, order_id: order, ids: Vec::new() };
    Ok(Some(Chunk {
        group,
        lb: assignments.iter().filter(|assignment| assignment.is_lb).count(),
        picked: assignments.into_iter().map(|assignment| assignment.delivery_id).collect(),
        shortfall: plan.shortfall,
    }))
}

fn tell_shortfall(tx: &mut Tx, chunk: &Chunk, shortfall: &LbShortfall) {
    let group = &chunk.group;
    let zone =
        tx.ctx().entity(group.entity_id).map_or_else(|| tx.ctx().tenant().zone.clone(), |entity| entity.zone.clone());
    let details = json!({ "week": Week::at(tx.now(), &zone), "target": shortfall.target, "current": shortfall.current,
        "needed": shortfall.needed, "available": shortfall.available });
    let event = Event::new("lb_shortfall", "order", group.order_id).entity(group.entity_id);
    tx.emit(event.related(group.buyer_id).severity(Severity::Warning).details(details));
}

/// The leads at hand, each person once.
struct Stock<'a> {
    order: &'a OrderRow,
    gating: &'a SourceGating,
    phones: HashSet<String>,
    leads: HashMap<LeadId, DeskLead>,
}

impl Stock<'_> {
    /// Takes leads in, except those of blocked sources, people already in, and départements no longer known.
    fn add(&mut self, rows: Vec<store::StockRow>) -> Vec<LeadId> {
        let mut ids = Vec::new();
        for row in rows {
            let Ok(departement) = row.departement.parse() else { continue };
            if self.gating.blocks(&row.source) || !self.phones.insert(row.phone.clone()) {
                continue;
            }
            ids.push(row.id);
            let lead = DeskLead {
                id: row.id,
                entity: self.order.entity_id,
                product: self.order.product.clone(),
                departement,
                phone: row.phone,
                entity_locked: row.entity_locked,
                is_lb: false,
            };
            self.leads.insert(row.id, lead);
        }
        ids
    }
}

//! The routing desk: everything a transaction needs to decide leads one after another, read once per batch.

use std::collections::{BTreeSet, HashMap};

use kernel::{BuyerId, DeliveryId, EntityId, OrderId, Timestamp};
use platform::{Result, Settings, Tx};
use serde_json::{Value, json};

use super::model::{Chosen, DeskLead, Verdict};
use super::store::{self, OrderRow, PriorRow};
use crate::leads::model::LeadStatus;
use crate::rules::ageing::Freshness;
use crate::rules::deliverability::{Channels, EmailDenylist, deliverability};
use crate::rules::departement::DepartementSet;
use crate::rules::duplicate;
use crate::rules::fill::FillDemand;
use crate::rules::overlap::{self, Alternative, OverlapDecision, OverlapFacts, OverlapGuard};
use crate::rules::routing::{
    Book, BuyerFacts, CrossEntitySettings, Decision, EntityFacts, Exclusions, LeadFacts, Market, OrderFacts,
    OrderUsage, Outcome, RoutingMode, TraceView, Usage, alternatives, decide,
};
use crate::settings::model::{DeliveryCalendars, DuplicatePolicy, EmailPolicy};

/// What the overlap guard says of a choice.
#[derive(Clone, Copy)]
struct Overlap {
    is_shared: bool,
    is_fallback: bool,
}

/// Orders, usage, calendars and who had whom, as of one moment under the routing lock.
pub struct Desk {
    book: Book,
    rows: HashMap<OrderId, OrderRow>,
    usage: Usage,
    entities: Vec<EntityFacts>,
    weeks: HashMap<EntityId, kernel::Date>,
    cross_entity: CrossEntitySettings,
    across_groups: bool,
    overlap: OverlapGuard,
    shared: HashMap<BuyerId, Option<Timestamp>>,
    priors: HashMap<String, Vec<PriorRow>>,
}

impl Desk {
    /// Reads what the leads for `products` of the people behind `phones` need.
    pub async fn open(
        tx: &mut Tx,
        settings: &Settings,
        products: BTreeSet<String>,
        phones: BTreeSet<String>,
    ) -> Result<Self> {
        let products: Vec<_> = products.into_iter().collect();
        let rows = store::list_open_book(tx, &products, &[]).await?;
        Self::over(tx, settings, rows, phones).await
    }

    /// The desk over these orders.
    pub async fn over(tx: &mut Tx, settings: &Settings, rows: Vec<OrderRow>, phones: BTreeSet<String>) -> Result<Self> {
        let now = tx.now();
        let calendars: DeliveryCalendars = settings.get()?;
        let denylist = settings.get::<EmailPolicy>()?.denylist;
        let entities: Vec<_> = tx.ctx().tenant().entities.clone();
        let phones: Vec<_> = phones.into_iter().collect();
        let priors = store::list_priors(tx, &phones, duplicate::duplicate_from(now)).await?;
        let (overlap, shared) = shared_buyers(tx, settings, &rows).await?;
        let book = Book::new(rows.iter().filter_map(|row| order_facts(row, &denylist)).collect());
        let used = rows.iter().map(|row| (row.id, order_usage(row)));
        let usage = Usage::new(&book, used);
        let entities = entities
            .iter()
            .map(|entity| EntityFacts {
                id: entity.id,
                code: entity.code.clone(),
                calendar: calendars.of(&entity.code).check(now.date_in(&entity.zone)),
            })
            .collect();
        Ok(Self {
            book,
            rows: rows.into_iter().map(|row| (row.id, row)).collect(),
            usage,
            entities,
            weeks: store::weeks(tx),
            cross_entity: settings.get()?,
            across_groups: settings.get::<DuplicatePolicy>()?.across_buyer_groups,
            overlap,
            shared,
            priors,
        })
    }

    /// Decides a lead and counts the decision, so that the next lead sees it.
    pub fn decide(&mut self, now: Timestamp, lead: &DeskLead) -> Verdict {
        let exclusions = self.exclusions(lead);
        let facts = lead_facts(lead);
        let decision = decide(&self.market(), &self.usage, &facts, &exclusions);
        let (decision, is_shared, is_fallback) = self.guarded(decision, &facts, &exclusions, now);
        let trace = decision.trace.to_compact_json(&self.book);
        let Outcome::Routed { order, buyer, entity, mode } = decision.outcome else {
            let status = match decision.outcome {
                Outcome::Duplicate => LeadStatus::Duplicate,
                Outcome::NoOpenOrders | Outcome::Routed { .. } => LeadStatus::NoOpenOrders,
            };
            return Verdict::Unrouted { status, reason: decision.reason, trace };
        };
        self.usage.count(&self.book, order, facts.freshness);
        self.remember(lead, buyer);
        let flags = Overlap { is_shared, is_fallback };
        Verdict::Routed(Box::new(self.chosen((order, entity, mode), decision.reason, trace, flags)))
    }

    fn chosen(
        &self,
        (order, entity, mode): (OrderId, EntityId, RoutingMode),
        reason: String,
        trace: Value,
        overlap: Overlap,
    ) -> Chosen {
        let row = &self.rows[&order];
        Chosen {
            order_id: order,
            buyer_id: row.buyer_id,
            entity_id: entity,
            mode,
            reason,
            trace,
            is_shared_client_30d: overlap.is_shared,
            overlap_fallback_delivery: overlap.is_fallback,
            buyer_name: row.buyer_name.clone(),
            client_group_key: row.client_group_key.clone(),
            product: row.product.clone(),
            departements: row.departements.clone(),
            takes_replacements: row.lb_target.points() > 0 || row.replace_suspicious,
            quota_week: self.weeks[&entity],
            prepaid: row.prepaid_remaining.is_some(),
        }
    }

    /// The orders of an entity in the order in which the daily fill serves them: by priority, then fill, then age.
    /// Those whose company another entity served lately come last, so that other buyers get the leads first (spec 5.6).
    pub fn fill_order(&self, entity: EntityId, now: Timestamp) -> Vec<OrderId> {
        let mut orders: Vec<_> = self.rows.values().filter(|row| row.entity_id == entity).collect();
        let fill =
            |row: &OrderRow| if row.quota == 0 { 0 } else { i64::from(row.used) * 10_000 / i64::from(row.quota) };
        orders.sort_by_key(|row| {
            (self.was_served_elsewhere(row.buyer_id, now), row.priority, fill(row), row.created_at, row.id)
        });
        orders.into_iter().map(|row| row.id).collect()
    }

    /// What an order still wants this week; none when it is paused, full, or its buyer cannot be served.
    pub fn demand(&self, order: OrderId) -> Option<FillDemand> {
        let facts = self.book.order(order)?;
        let usage = self.usage.get(&self.book, order);
        let quota_remaining = (facts.quota > 0).then(|| facts.quota.saturating_sub(usage.used));
        let prepaid_remaining = facts.prepaid.map(|units| u32::try_from(units).unwrap_or(0));
        let is_served = facts.buyer.active && facts.buyer.undeliverable.is_none();
        let has_room = quota_remaining != Some(0) && prepaid_remaining != Some(0);
        (is_served && has_room).then_some(FillDemand {
            quota_remaining,
            prepaid_remaining,
            target: facts.lb_target,
            delivered: usage.delivered,
            lb_delivered: usage.lb_delivered,
        })
    }

    /// An order as the daily fill's choice.
    pub fn filled(&self, order: OrderId, now: Timestamp) -> Option<Chosen> {
        let row = self.rows.get(&order)?;
        let is_fallback = self.was_served_elsewhere(row.buyer_id, now);
        let overlap = Overlap { is_shared: is_fallback, is_fallback };
        let target = (order, row.entity_id, RoutingMode::Normal);
        Some(self.chosen(target, "daily_fill".to_owned(), json!({ "fill": order }), overlap))
    }

    /// The buyers that count as one with this one in the 30-day rule.
    pub fn counts_as_one(&self, order: &OrderRow) -> Vec<BuyerId> {
        let group = self.rows.values().filter(|row| {
            self.across_groups && !row.client_group_key.is_empty() && row.client_group_key == order.client_group_key
        });
        group.map(|row| row.buyer_id).chain([order.buyer_id]).collect()
    }

    fn was_served_elsewhere(&self, buyer: BuyerId, now: Timestamp) -> bool {
        let Some(last) = self.shared.get(&buyer) else { return false };
        let facts = OverlapFacts { buyer, is_shared: true, last_sent_elsewhere_at: *last, alternatives: &[] };
        overlap::guard(self.overlap, &facts, now) == OverlapDecision::KeepFlagged
    }

    /// Whether the buyer may not get this person now: had him within 30 days, or refused him for good.
    pub fn excludes(&self, buyer: BuyerId, lead: &DeskLead) -> bool {
        self.exclusions(lead).of(buyer).is_some()
    }

    /// Notes who gets whom, for the leads decided after.
    pub fn remember(&mut self, lead: &DeskLead, buyer: BuyerId) {
        let key = self.rows.values().find(|row| row.buyer_id == buyer).map(|row| row.client_group_key.clone());
        self.priors.entry(lead.phone.clone()).or_default().push(PriorRow {
            phone: lead.phone.clone(),
            product: lead.product.clone(),
            buyer_id: buyer,
            client_group_key: key.unwrap_or_default(),
            refused: false,
            delivery_id: None,
        });
    }

    /// Leaves an open delivery under `order` out of account: its unit is free again, `prepaid` when it holds one paid in
    /// advance, and its buyer never had the lead by it.
    pub fn forget(&mut self, delivery: DeliveryId, (order, prepaid): (OrderId, bool)) {
        for priors in self.priors.values_mut() {
            priors.retain(|prior| prior.delivery_id != Some(delivery));
        }
        let usage = self.usage.get(&self.book, order);
        self.usage.set(&self.book, order, OrderUsage { used: usage.used.saturating_sub(1), ..usage });
        if prepaid {
            self.usage.release(&self.book, order);
        }
    }

    /// Reads who had these people too.
    pub async fn also_read_priors(&mut self, tx: &mut Tx, phones: &[String]) -> Result<()> {
        let read = store::list_priors(tx, phones, duplicate::duplicate_from(tx.now())).await?;
        for (phone, priors) in read {
            self.priors.entry(phone).or_default().extend(priors);
        }
        Ok(())
    }

    /// What was looked at to decide a lead: every order and verdict.
    pub fn explain(&self, lead: &DeskLead) -> TraceView {
        decide(&self.market(), &self.usage, &lead_facts(lead), &self.exclusions(lead)).trace.view(&self.book)
    }

    /// The order's row in this desk.
    pub fn row(&self, order: OrderId) -> Option<&OrderRow> {
        self.rows.get(&order)
    }

    fn market(&self) -> Market<'_> {
        Market { book: &self.book, entities: &self.entities, cross_entity: &self.cross_entity }
    }

    fn exclusions(&self, lead: &DeskLead) -> Exclusions {
        let mut exclusions = Exclusions::default();
        let priors = self.priors.get(&lead.phone).into_iter().flatten().filter(|prior| prior.product == lead.product);
        for prior in priors {
            let list = if prior.refused { &mut exclusions.refused } else { &mut exclusions.duplicates };
            list.push(prior.buyer_id);
            if self.across_groups && !prior.refused && !prior.client_group_key.is_empty() {
                let group = self.rows.values().filter(|row| row.client_group_key == prior.client_group_key);
                exclusions.duplicates.extend(group.map(|row| row.buyer_id));
            }
        }
        exclusions
    }

    /// The overlap guard over a decision (spec 5.6): the decision, whether the company is shared, whether it is served
    /// all the same for want of another.
    fn guarded(
        &self,
        decision: Decision,
        lead: &LeadFacts<'_>,
        exclusions: &Exclusions,
        now: Timestamp,
    ) -> (Decision, bool, bool) {
        let Outcome::Routed { order, buyer, entity, mode } = decision.outcome else { return (decision, false, false) };
        let Some(last) = self.shared.get(&buyer) else { return (decision, false, false) };
        let others: Vec<_> =
            alternatives(&self.market(), &self.usage, (lead, entity), exclusions, overlap::MAX_ALTERNATIVES + 1)
                .into_iter()
                .filter(|(other, _)| *other != order)
                .map(|(order, buyer)| Alternative {
                    order,
                    buyer,
                    is_shared: self.shared.contains_key(&buyer),
                    is_excluded: exclusions.of(buyer).is_some(),
                })
                .collect();
        let facts = OverlapFacts { buyer, is_shared: true, last_sent_elsewhere_at: *last, alternatives: &others };
        match overlap::guard(self.overlap, &facts, now) {
            OverlapDecision::NoEffect => (decision, false, false),
            OverlapDecision::Switch(order) => {
                let buyer = self.rows[&order].buyer_id;
                let outcome = Outcome::Routed { order, buyer, entity, mode };
                let reason = overlap::OVERLAP_ALTERNATIVE.to_owned();
                (Decision { outcome, reason, trace: decision.trace }, true, false)
            }
            OverlapDecision::KeepFlagged => (decision, true, true),
        }
    }
}

/// What the overlap guard needs to know: its switch, and which companies other entities serve. It fails open: whatever is
/// the matter with it, leads are routed without it (spec 5.6).
async fn shared_buyers(
    tx: &mut Tx,
    settings: &Settings,
    rows: &[OrderRow],
) -> Result<(OverlapGuard, HashMap<BuyerId, Option<Timestamp>>)> {
    let read = match settings.get::<OverlapGuard>() {
        Ok(guard) if guard.enabled && tx.ctx().tenant().entities.len() > 1 => {
            let buyers: BTreeSet<_> = rows.iter().map(|row| row.buyer_id).collect();
            let buyers: Vec<_> = buyers.into_iter().collect();
            tx.attempt(overlap::TIME_LIMIT, async |tx| Ok((guard, store::list_shared_buyers(tx, &buyers).await?)))
                .await?
        }
        other => other.map(|guard| (guard, HashMap::new())),
    };
    Ok(read.unwrap_or_else(|error| {
        tracing::warn!(error = error.logged(), "the overlap guard failed; leads are routed without it");
        (OverlapGuard { enabled: false }, HashMap::new())
    }))
}

fn lead_facts(lead: &DeskLead) -> LeadFacts<'_> {
    LeadFacts {
        entity: lead.entity,
        product: &lead.product,
        departement: lead.departement,
        entity_locked: lead.entity_locked,
        freshness: if lead.is_lb { Freshness::Lb } else { Freshness::Fresh },
    }
}

/// An order whose stored départements cannot be read takes nothing: it is left out, and the log says so.
fn order_facts(row: &OrderRow, denylist: &EmailDenylist) -> Option<OrderFacts> {
    let Ok(departements) = DepartementSet::try_from_codes(&row.departements) else {
        tracing::error!(order.id = %row.id, "an order is left out of routing: its départements cannot be read");
        return None;
    };
    let channels = Channels {
        email: Some(&row.email),
        delivery_emails: &row.delivery_emails,
        api_endpoint: row.api_endpoint.as_deref(),
    };
    Some(OrderFacts {
        id: row.id,
        entity: row.entity_id,
        product: row.product.clone(),
        priority: u8::try_from(row.priority).unwrap_or(u8::MAX),
        departements,
        quota: u32::try_from(row.quota).expect("the schema has no negative quota"),
        lb_target: row.lb_target,
        active: row.active,
        created_at: row.created_at,
        buyer: BuyerFacts {
            id: row.buyer_id,
            active: row.buyer_active,
            undeliverable: deliverability(&channels, denylist).reason,
        },
        prepaid: row.prepaid_remaining.map(i64::from),
    })
}

fn order_usage(row: &OrderRow) -> OrderUsage {
    let count = |units: i32| u32::try_from(units).unwrap_or(0);
    OrderUsage { used: count(row.used), delivered: count(row.accepted), lb_delivered: count(row.lb_accepted) }
}

//! The decision.

use kernel::{BuyerId, EntityId, OrderId};

use super::book::{Book, Slot};
use super::cross_entity::CrossEntitySettings;
use super::trace::{Gate, Trace, Verdict};
use super::usage::Usage;
use crate::rules::ageing::Freshness;
use crate::rules::calendar::CalendarOff;
use crate::rules::departement::Departement;
use crate::rules::mix::lb_needed;

/// A legal entity, with its calendar evaluated for now.
#[derive(Clone, Debug)]
pub struct EntityFacts {
    /// Its id.
    pub id: EntityId,
    /// Its code, `ZR7`.
    pub code: String,
    /// Whether it delivers today.
    pub calendar: Result<(), CalendarOff>,
}

/// All that does not depend on the lead.
#[derive(Clone, Copy, Debug)]
pub struct Market<'a> {
    /// The orders.
    pub book: &'a Book,
    /// The tenant's entities, in the order in which they are fallen back to. A lead of an entity that is not among
    /// them stays in its own.
    pub entities: &'a [EntityFacts],
    /// The switches of the fallback.
    pub cross_entity: &'a CrossEntitySettings,
}

/// The lead to place.
#[derive(Clone, Copy, Debug)]
pub struct LeadFacts<'a> {
    /// Its entity.
    pub entity: EntityId,
    /// Product code.
    pub product: &'a str,
    /// Where the consumer lives.
    pub departement: Departement,
    /// Never leaves its entity.
    pub entity_locked: bool,
    /// Aged leads go only to orders that want some.
    pub freshness: Freshness,
}

/// Why a buyer does not get a phone + product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exclusion {
    /// It had it within 30 days.
    Duplicate30Days,
    /// It refused it before (L-08).
    AlreadyRefused,
}

/// The buyers that do not get the lead's phone + product, in any entity.
#[derive(Clone, Debug, Default)]
pub struct Exclusions {
    /// Those that had it within 30 days.
    pub duplicates: Vec<BuyerId>,
    /// Those that refused it before.
    pub refused: Vec<BuyerId>,
}

impl Exclusions {
    /// Why this buyer does not get the lead, if so. Within 30 days that rule is the one told.
    pub fn of(&self, buyer: BuyerId) -> Option<Exclusion> {
        if self.duplicates.contains(&buyer) {
            return Some(Exclusion::Duplicate30Days);
        }
        self.refused.contains(&buyer).then_some(Exclusion::AlreadyRefused)
    }
}

platform::words! {
    /// How a lead found its order.
    RoutingMode {
        /// In its own entity.
        Normal = "normal",
        /// In another entity, as its own had nothing.
        FallbackNoOrders = "fallback_no_orders",
    }
}

/// What becomes of the lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An order takes it.
    Routed {
        /// The order.
        order: OrderId,
        /// Its buyer.
        buyer: BuyerId,
        /// The entity that delivers.
        entity: EntityId,
        /// How it was found.
        mode: RoutingMode,
    },
    /// Nothing can take it for now.
    NoOpenOrders,
    /// Every open order's buyer had it within 30 days.
    Duplicate,
}

/// A decision with its reason and everything it looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What becomes of the lead.
    pub outcome: Outcome,
    /// The stored routing reason.
    pub reason: String,
    /// What was looked at.
    pub trace: Trace,
}

/// Finds the order that takes the lead.
pub fn decide(market: &Market<'_>, usage: &Usage, lead: &LeadFacts<'_>, exclusions: &Exclusions) -> Decision {
    let mut trace = Trace::new(lead.departement);
    let own = market.entities.iter().find(|entity| entity.id == lead.entity);
    if let Some(Err(off)) = own.map(|entity| entity.calendar) {
        let reason = off.to_string();
        trace.close(lead.entity, Gate::CalendarOff(reason.clone()));
        return Decision { outcome: Outcome::NoOpenOrders, reason, trace };
    }

    let search = Search { book: market.book, usage, lead, exclusions };
    let (failure, reason) = match search.first(lead.entity, &mut trace) {
        Found::Order(slot) => {
            let outcome = routed(slot, RoutingMode::Normal);
            return Decision { outcome, reason: "open_commande_found".to_owned(), trace };
        }
        Found::OnlyDuplicates => (Outcome::Duplicate, "all_commandes_duplicate"),
        Found::Nothing => (Outcome::NoOpenOrders, "no_open_orders"),
    };
    let Some(own) = own else {
        return Decision { outcome: failure, reason: reason.to_owned(), trace };
    };
    if lead.entity_locked {
        for other in fallback_entities(market, own) {
            trace.close(other.id, Gate::EntityLocked);
        }
        return Decision { outcome: failure, reason: format!("{reason}_entity_locked"), trace };
    }
    for other in fallback_entities(market, own) {
        if let Some(gate) = closed(market, own, other) {
            trace.close(other.id, gate);
            continue;
        }
        if let Found::Order(slot) = search.first(other.id, &mut trace) {
            let outcome = routed(slot, RoutingMode::FallbackNoOrders);
            let reason = format!("cross_entity_{}_to_{}", own.code, other.code);
            return Decision { outcome, reason, trace };
        }
    }
    Decision { outcome: failure, reason: reason.to_owned(), trace }
}

/// The orders of an entity that could take the lead, best first, `limit` at most: what the overlap guard chooses from.
pub fn alternatives(
    market: &Market<'_>,
    usage: &Usage,
    (lead, entity): (&LeadFacts<'_>, EntityId),
    exclusions: &Exclusions,
    limit: usize,
) -> Vec<(OrderId, BuyerId)> {
    let search = Search { book: market.book, usage, lead, exclusions };
    let mut found = Vec::new();
    for run in market.book.runs(market.book.group(entity, lead.product)) {
        let mut eligible: Vec<usize> = run.filter(|index| search.refusal(*index).is_none()).collect();
        eligible.sort_by_key(|index| search.fill(*index));
        let orders = eligible.into_iter().map(|index| &market.book.slot(index).facts);
        found.extend(orders.map(|order| (order.id, order.buyer.id)));
        if found.len() >= limit {
            break;
        }
    }
    found.truncate(limit);
    found
}

fn routed(slot: &Slot, mode: RoutingMode) -> Outcome {
    let order = &slot.facts;
    Outcome::Routed { order: order.id, buyer: order.buyer.id, entity: order.entity, mode }
}

/// The entities tried after `own`, each once.
fn fallback_entities<'a>(market: &Market<'a>, own: &EntityFacts) -> Vec<&'a EntityFacts> {
    let others = market.entities.iter().filter(|entity| entity.id != own.id);
    let Some(list) = market.cross_entity.fallback(&own.code) else {
        return others.collect();
    };
    let mut listed: Vec<_> = others.filter(|entity| list.contains(&entity.code)).collect();
    listed.sort_by_key(|entity| list.iter().position(|code| *code == entity.code));
    listed
}

fn closed(market: &Market<'_>, own: &EntityFacts, other: &EntityFacts) -> Option<Gate> {
    match other.calendar {
        Err(off) => Some(Gate::CalendarOff(off.to_string())),
        Ok(()) => market.cross_entity.closed(&own.code, &other.code),
    }
}

enum Found<'a> {
    Order(&'a Slot),
    OnlyDuplicates,
    Nothing,
}

/// Used units over quota, compared without dividing. An uncapped order is empty.
struct Fill {
    used: u64,
    quota: u64,
}

impl Ord for Fill {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.used * other.quota).cmp(&(other.used * self.quota))
    }
}

impl PartialEq for Fill {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Fill {}

impl PartialOrd for Fill {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

struct Search<'a> {
    book: &'a Book,
    usage: &'a Usage,
    lead: &'a LeadFacts<'a>,
    exclusions: &'a Exclusions,
}

impl<'a> Search<'a> {
    /// The best order of an entity: by priority, then fill, then age, then id.
    fn first(&self, entity: EntityId, trace: &mut Trace) -> Found<'a> {
        let group = self.book.group(entity, self.lead.product);
        let mut verdicts = Vec::new();
        let mut met_duplicate = false;
        for run in self.book.runs(group.clone()) {
            let reached = run.end;
            let mut best: Option<usize> = None;
            for index in run {
                match self.refusal(index) {
                    Some(Verdict::OrderPaused | Verdict::Departement) => {}
                    Some(verdict) => {
                        met_duplicate |= verdict == Verdict::Duplicate30d;
                        verdicts.push((index, verdict));
                    }
                    None if best.is_some_and(|best| self.fill(best) <= self.fill(index)) => {
                        verdicts.push((index, Verdict::Outranked));
                    }
                    None => verdicts.extend(best.replace(index).map(|beaten| (beaten, Verdict::Outranked))),
                }
            }
            if let Some(index) = best {
                verdicts.push((index, Verdict::Chosen));
                trace.open(entity, group, reached, verdicts);
                return Found::Order(self.book.slot(index));
            }
        }
        let reached = group.end;
        trace.open(entity, group, reached, verdicts);
        if met_duplicate { Found::OnlyDuplicates } else { Found::Nothing }
    }

    /// Why an order cannot take the lead; the first reason in the order of the specification's steps.
    fn refusal(&self, index: usize) -> Option<Verdict> {
        let Slot { facts: order, balance } = self.book.slot(index);
        if !order.departements.contains(self.lead.departement) {
            return Some(if order.active { Verdict::Departement } else { Verdict::OrderPaused });
        }
        if !order.active {
            return Some(Verdict::OrderPaused);
        }
        if !order.buyer.active {
            return Some(Verdict::BuyerInactive);
        }
        if order.buyer.undeliverable.is_some() {
            return Some(Verdict::Undeliverable);
        }
        let usage = self.usage.at(index);
        if order.quota > 0 && usage.used >= order.quota {
            return Some(Verdict::QuotaFull { used: usage.used, quota: order.quota });
        }
        if balance.is_some_and(|balance| self.usage.remaining(self.book, balance) <= 0) {
            return Some(Verdict::PrepaidEmpty);
        }
        if self.lead.freshness == Freshness::Lb {
            if order.lb_target == kernel::BasisPoints::ZERO {
                return Some(Verdict::LbTargetZero);
            }
            if lb_needed(order.lb_target, usage.delivered, usage.lb_delivered) <= 0 {
                return Some(Verdict::LbNotNeeded);
            }
        }
        self.exclusions.of(order.buyer.id).map(|exclusion| match exclusion {
            Exclusion::Duplicate30Days => Verdict::Duplicate30d,
            Exclusion::AlreadyRefused => Verdict::AlreadyRefused,
        })
    }

    fn fill(&self, index: usize) -> Fill {
        match self.book.slot(index).facts.quota {
            0 => Fill { used: 0, quota: 1 },
            quota => Fill { used: self.usage.at(index).used.into(), quota: quota.into() },
        }
    }
}

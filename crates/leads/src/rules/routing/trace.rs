//! What a decision looked at, kept as indexes into the book until somebody asks.

use std::collections::HashMap;
use std::ops::Range;

use kernel::{BuyerId, EntityId, OrderId};
use serde::{Deserialize, Serialize};

use super::book::Book;
use crate::rules::departement::Departement;

/// What happened to one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It takes the lead.
    Chosen,
    /// It could have taken the lead; another of its priority is less filled or older.
    Outranked,
    /// An order of a better priority was chosen before it.
    NotReached,
    /// It is paused.
    OrderPaused,
    /// It does not want the lead's département.
    Departement,
    /// Its buyer is inactive.
    BuyerInactive,
    /// Nothing can be delivered to its buyer.
    Undeliverable,
    /// Its week is full.
    QuotaFull {
        /// Units of the week.
        used: u32,
        /// Units allowed.
        quota: u32,
    },
    /// Its buyer pays in advance and has no unit left.
    PrepaidEmpty,
    /// The lead is aged and the order wants fresh ones only.
    LbTargetZero,
    /// The lead is aged and the order has enough of these for now.
    LbNotNeeded,
    /// Its buyer had this phone and product within 30 days.
    #[serde(rename = "duplicate_30d")]
    Duplicate30d,
    /// Its buyer refused this phone and product before.
    AlreadyRefused,
}

/// Whether the orders of an entity were looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// They were.
    Open,
    /// The entity does not deliver today, for this reason.
    CalendarOff(String),
    /// Leads never change entity.
    CrossEntityDisabled,
    /// The lead's entity gives nothing away.
    OutDisabled,
    /// The entity takes nothing from others.
    InDisabled,
    /// The lead is locked to its own entity.
    EntityLocked,
}

/// Everything a decision looked at. Read it against the book it was made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    departement: Departement,
    entities: Vec<EntityTrace>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct EntityTrace {
    entity: EntityId,
    gate: Gate,
    group: Range<usize>,
    /// Orders from here on were not looked at.
    reached: usize,
    /// The orders that do not simply follow from the book: neither paused, nor elsewhere, nor not reached.
    verdicts: Vec<(usize, Verdict)>,
}

impl Trace {
    pub(super) fn new(departement: Departement) -> Self {
        Self { departement, entities: Vec::with_capacity(1) }
    }

    /// An entity whose orders were not looked at.
    pub(super) fn close(&mut self, entity: EntityId, gate: Gate) {
        self.entities.push(EntityTrace { entity, gate, group: 0..0, reached: 0, verdicts: Vec::new() });
    }

    /// An entity whose orders were looked at, up to `reached`.
    pub(super) fn open(
        &mut self,
        entity: EntityId,
        group: Range<usize>,
        reached: usize,
        verdicts: Vec<(usize, Verdict)>,
    ) {
        self.entities.push(EntityTrace { entity, gate: Gate::Open, group, reached, verdicts });
    }

    /// Every order of the product in every entity that was tried, in routing order.
    pub fn view(&self, book: &Book) -> TraceView {
        let entities = self.entities.iter().map(|entity| entity.view(self.departement, book)).collect();
        TraceView { departement: self.departement, entities }
    }

    /// The same without the orders that were paused, wanted other départements or were not reached: those are
    /// counted. A few hundred bytes whatever the number of orders, for storing.
    pub fn compact_view(&self, book: &Book) -> TraceView {
        let mut view = self.view(book);
        view.entities.iter_mut().for_each(EntityTraceView::compact);
        view
    }

    /// [`Self::view`] as JSON.
    pub fn to_json(&self, book: &Book) -> serde_json::Value {
        serde_json::json!(self.view(book))
    }

    /// [`Self::compact_view`] as JSON.
    pub fn to_compact_json(&self, book: &Book) -> serde_json::Value {
        serde_json::json!(self.compact_view(book))
    }
}

impl EntityTrace {
    fn view(&self, departement: Departement, book: &Book) -> EntityTraceView {
        let told: HashMap<usize, Verdict> = self.verdicts.iter().copied().collect();
        let verdict = |index: usize| {
            if index >= self.reached {
                return Verdict::NotReached;
            }
            let order = &book.slot(index).facts;
            let untold = if order.active { Verdict::Departement } else { Verdict::OrderPaused };
            debug_assert!(told.contains_key(&index) || !order.active || !order.departements.contains(departement));
            told.get(&index).copied().unwrap_or(untold)
        };
        let orders = self.group.clone().map(|index| {
            let order = &book.slot(index).facts;
            OrderTraceView { order: order.id, buyer: order.buyer.id, priority: order.priority, verdict: verdict(index) }
        });
        EntityTraceView { entity: self.entity, gate: self.gate.clone(), orders: orders.collect(), omitted: None }
    }
}

/// A trace with the ids of its orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TraceView {
    /// The lead's département.
    pub departement: Departement,
    /// The entities tried, in order.
    pub entities: Vec<EntityTraceView>,
}

impl TraceView {
    /// The same without the orders of entities out of `scope`: their demand is nobody else's business.
    #[must_use]
    pub fn within(mut self, scope: &[EntityId]) -> Self {
        for entity in self.entities.iter_mut().filter(|entity| !scope.contains(&entity.entity)) {
            entity.orders.clear();
            entity.omitted = None;
        }
        self
    }
}

/// What was looked at in one entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntityTraceView {
    /// The entity.
    pub entity: EntityId,
    /// Whether its orders were looked at.
    pub gate: Gate,
    /// The orders of the product, in routing order.
    pub orders: Vec<OrderTraceView>,
    /// How many orders a compact trace leaves out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub omitted: Option<Omitted>,
}

/// What happened to one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrderTraceView {
    /// The order.
    pub order: OrderId,
    /// Its buyer.
    pub buyer: BuyerId,
    /// Its priority.
    pub priority: u8,
    /// What happened to it.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// Orders left out of a compact trace, by verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Omitted {
    /// Paused ones.
    pub order_paused: u32,
    /// Those that want other départements.
    pub departement: u32,
    /// Those after the chosen one.
    pub not_reached: u32,
}

impl EntityTraceView {
    fn compact(&mut self) {
        let mut omitted = Omitted::default();
        self.orders.retain(|order| {
            let count = match order.verdict {
                Verdict::OrderPaused => &mut omitted.order_paused,
                Verdict::Departement => &mut omitted.departement,
                Verdict::NotReached => &mut omitted.not_reached,
                _ => return true,
            };
            *count += 1;
            false
        });
        self.omitted = Some(omitted);
    }
}

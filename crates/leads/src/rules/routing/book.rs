//! The orders of a tenant, arranged for searching.

use std::collections::HashMap;
use std::ops::Range;

use kernel::{BasisPoints, BuyerId, EntityId, OrderId, Timestamp};

use crate::rules::deliverability::UndeliverableReason;
use crate::rules::departement::DepartementSet;

/// The buyer of an order.
#[derive(Clone, Copy, Debug)]
pub struct BuyerFacts {
    /// Its id.
    pub id: BuyerId,
    /// Inactive buyers get nothing.
    pub active: bool,
    /// Why nothing can be delivered to it, if so.
    pub undeliverable: Option<UndeliverableReason>,
}

/// A standing order.
#[derive(Clone, Debug)]
pub struct OrderFacts {
    /// Its id.
    pub id: OrderId,
    /// The entity that sells.
    pub entity: EntityId,
    /// Product code.
    pub product: String,
    /// 1 is served first.
    pub priority: u8,
    /// Where leads are wanted from.
    pub departements: DepartementSet,
    /// Units a week; 0 = uncapped.
    pub quota: u32,
    /// Wanted share of aged leads; 0 = fresh only.
    pub lb_target: BasisPoints,
    /// Paused orders get nothing.
    pub active: bool,
    /// The older order is served first when all else is equal.
    pub created_at: Timestamp,
    /// Who buys.
    pub buyer: BuyerFacts,
    /// For a prepaid buyer + product: units left less open deliveries, 0 when there is no balance at all.
    /// `None` when it is invoiced.
    pub prepaid: Option<i64>,
}

/// An order and the slot of its prepaid balance.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) facts: OrderFacts,
    pub(super) balance: Option<usize>,
}

/// The orders of a tenant, grouped by entity and product, each group sorted by priority, age and id.
#[derive(Debug, Default)]
pub struct Book {
    slots: Vec<Slot>,
    groups: HashMap<EntityId, HashMap<String, Range<usize>>>,
    by_id: HashMap<OrderId, usize>,
    balances: Vec<i64>,
}

impl Book {
    /// Arranges the orders.
    pub fn new(mut orders: Vec<OrderFacts>) -> Self {
        orders.sort_by(|a, b| {
            let key = |o: &OrderFacts| (o.priority, o.created_at, o.id);
            a.entity.cmp(&b.entity).then_with(|| a.product.cmp(&b.product)).then_with(|| key(a).cmp(&key(b)))
        });
        let mut book = Self::default();
        let mut balance_slots: HashMap<(BuyerId, String), usize> = HashMap::new();
        for (index, facts) in orders.into_iter().enumerate() {
            let balance = facts.prepaid.map(|units| {
                *balance_slots.entry((facts.buyer.id, facts.product.clone())).or_insert_with(|| {
                    book.balances.push(units);
                    book.balances.len() - 1
                })
            });
            let products = book.groups.entry(facts.entity).or_default();
            products.entry(facts.product.clone()).or_insert(index..index).end = index + 1;
            book.by_id.insert(facts.id, index);
            book.slots.push(Slot { facts, balance });
        }
        book
    }

    /// The order of this id.
    pub fn order(&self, id: OrderId) -> Option<&OrderFacts> {
        self.by_id.get(&id).map(|index| &self.slots[*index].facts)
    }

    /// How many orders there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is no order at all.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    pub(super) fn index_of(&self, id: OrderId) -> Option<usize> {
        self.by_id.get(&id).copied()
    }

    pub(super) fn slot(&self, index: usize) -> &Slot {
        &self.slots[index]
    }

    /// The orders of an entity for a product, as a range of slots.
    pub(super) fn group(&self, entity: EntityId, product: &str) -> Range<usize> {
        self.groups.get(&entity).and_then(|products| products.get(product)).cloned().unwrap_or_default()
    }

    /// The group cut into runs of one priority, first priority first.
    pub(super) fn runs(&self, group: Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let mut next = group.start;
        self.slots[group].chunk_by(|a, b| a.facts.priority == b.facts.priority).map(move |run| {
            let start = next;
            next += run.len();
            start..next
        })
    }

    pub(super) fn balances(&self) -> &[i64] {
        &self.balances
    }
}

//! What a decision looked at, with names, for people: of one that was made, and of one that is imagined.

use kernel::{BuyerId, EntityId, OrderId};
use platform::Ctx;
use serde::Serialize;
use utoipa::ToSchema;

use crate::rules::routing::{EntityTraceView, Gate, Omitted, OrderTraceView, Verdict};

/// An entity and its orders for the product.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EntityTried {
    /// Its code.
    pub entity: String,
    /// Whether its orders were looked at, or why not.
    pub gate: Gate,
    /// Its orders in routing order. None are shown of an entity out of the caller's scope.
    pub candidates: Vec<Candidate>,
    /// How many orders are not shown as they belong to an entity out of the caller's scope.
    pub hidden: usize,
    /// How many orders a stored decision does not list, by what happened to them.
    pub omitted: Option<Omitted>,
}

/// An order and what happened to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Candidate {
    /// The order.
    pub order_id: OrderId,
    /// Its buyer.
    pub buyer_id: BuyerId,
    /// The buyer's name.
    pub buyer_name: String,
    /// Its priority.
    pub priority: u8,
    /// Why it was dropped, or that it was chosen.
    #[serde(flatten)]
    pub verdict: Verdict,
}

impl EntityTried {
    /// `tried` as a caller with `scope` may see it; `name` knows the buyers' names.
    pub fn of(
        ctx: &Ctx,
        tried: EntityTraceView,
        scope: &[EntityId],
        name: impl Fn(&OrderTraceView) -> Option<String>,
    ) -> Self {
        let is_shown = scope.contains(&tried.entity);
        let hidden = if is_shown { 0 } else { tried.orders.len() };
        let candidates = tried.orders.into_iter().filter(|_| is_shown).map(|order| Candidate {
            order_id: order.order,
            buyer_id: order.buyer,
            buyer_name: name(&order).unwrap_or_default(),
            priority: order.priority,
            verdict: order.verdict,
        });
        Self {
            entity: ctx.entity_code(tried.entity).to_owned(),
            gate: tried.gate,
            candidates: candidates.collect(),
            hidden,
            omitted: tried.omitted.filter(|_| is_shown),
        }
    }
}

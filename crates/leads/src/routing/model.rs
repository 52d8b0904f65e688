//! A lead on its way to a decision, and what was decided.

use kernel::{BuyerId, DeliveryId, EntityId, LeadId, OrderId, Timestamp};
use serde_json::Value;

use super::assign::Assignment;
use crate::leads::model::LeadStatus;
use crate::rules::departement::Departement;
use crate::rules::routing::RoutingMode;

/// A lead to be decided.
#[derive(Clone, Debug)]
pub struct DeskLead {
    /// The lead.
    pub id: LeadId,
    /// Its entity.
    pub entity: EntityId,
    /// Its product.
    pub product: String,
    /// Where the person lives.
    pub departement: Departement,
    /// The person's phone.
    pub phone: String,
    /// Whether it may leave its entity.
    pub entity_locked: bool,
    /// Whether it is aged stock.
    pub is_lb: bool,
}

/// What was decided.
#[derive(Debug)]
pub enum Verdict {
    /// A buyer gets it.
    Routed(Box<Chosen>),
    /// Nobody does.
    Unrouted {
        /// `no_open_orders` or `duplicate`.
        status: LeadStatus,
        /// Why.
        reason: String,
        /// Every candidate and why dropped.
        trace: Value,
    },
}

/// The order that gets a lead.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of leads.delivery")]
pub struct Chosen {
    pub order_id: OrderId,
    pub buyer_id: BuyerId,
    pub entity_id: EntityId,
    pub mode: RoutingMode,
    pub reason: String,
    pub trace: Value,
    pub is_shared_client_30d: bool,
    pub overlap_fallback_delivery: bool,
    pub buyer_name: String,
    pub client_group_key: String,
    pub product: String,
    pub departements: Vec<String>,
    pub takes_replacements: bool,
    pub quota_week: kernel::Date,
    pub prepaid: bool,
}

impl Chosen {
    /// The delivery of `lead` to this order.
    pub fn assignment(&self, lead: &DeskLead, cause: &'static str, now: Timestamp) -> Assignment {
        Assignment {
            delivery_id: DeliveryId::generate(now),
            lead_id: lead.id,
            lead_entity_id: lead.entity,
            entity_id: self.entity_id,
            buyer_id: self.buyer_id,
            buyer_name: self.buyer_name.clone(),
            order_id: self.order_id,
            product: self.product.clone(),
            departement: lead.departement.code().to_owned(),
            phone: lead.phone.clone(),
            delivery_method: "realtime",
            routing_mode: self.mode.as_str(),
            routing_reason: self.reason.clone(),
            is_lb: lead.is_lb,
            prepaid: self.prepaid,
            replaced_suspicious_id: None,
            client_group_key: self.client_group_key.clone(),
            is_shared_client_30d: self.is_shared_client_30d,
            overlap_fallback_delivery: self.overlap_fallback_delivery,
            quota_week: self.quota_week,
            decision_id: LeadId::generate(now).uuid(),
            cause,
            trace: self.trace.clone(),
        }
    }
}

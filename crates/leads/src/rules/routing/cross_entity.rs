//! The switches of the cross-entity fallback (leads §5.4 step 8, §5.14).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::trace::Gate;

/// Whether and where a lead may leave its entity. Everything is allowed until switched off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct CrossEntitySettings {
    /// The main switch.
    pub cross_entity_enabled: bool,
    /// Switches by entity code.
    pub per_entity: BTreeMap<String, EntitySwitches>,
}

impl Default for CrossEntitySettings {
    fn default() -> Self {
        Self { cross_entity_enabled: true, per_entity: BTreeMap::new() }
    }
}

/// The switches of one entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct EntitySwitches {
    /// Takes leads of other entities.
    pub in_enabled: bool,
    /// Gives leads to other entities.
    pub out_enabled: bool,
    /// The entities tried for its leads, in this order; absent = all others in the tenant's order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Vec<String>>,
}

impl Default for EntitySwitches {
    fn default() -> Self {
        Self { in_enabled: true, out_enabled: true, fallback: None }
    }
}

impl CrossEntitySettings {
    /// The switch that keeps leads of `from` out of `to`, if any.
    pub(super) fn closed(&self, from: &str, to: &str) -> Option<Gate> {
        if !self.cross_entity_enabled {
            return Some(Gate::CrossEntityDisabled);
        }
        if self.per_entity.get(from).is_some_and(|switches| !switches.out_enabled) {
            return Some(Gate::OutDisabled);
        }
        self.per_entity.get(to).is_some_and(|switches| !switches.in_enabled).then_some(Gate::InDisabled)
    }

    /// The list that replaces the tenant's order for leads of `from`.
    pub(super) fn fallback(&self, from: &str) -> Option<&[String]> {
        self.per_entity.get(from)?.fallback.as_deref()
    }
}

//! The settings of lead selling (spec 5.14). A missing row is the default; a partial one is merged over it.

use std::collections::{BTreeMap, BTreeSet};

use platform::Setting;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rules::calendar::DeliveryCalendar;
use crate::rules::csv_file::CsvProfile;
use crate::rules::deliverability::EmailDenylist;
use crate::rules::departement::DepartementPolicy;
use crate::rules::intake::SourceGating;
use crate::rules::overlap::OverlapGuard;
use crate::rules::phone::PhonePolicy;
use crate::rules::routing::CrossEntitySettings;

impl Setting for CrossEntitySettings {
    const KEY: &'static str = "leads.cross_entity";
}

impl Setting for SourceGating {
    const KEY: &'static str = "leads.source_gating";
}

impl Setting for PhonePolicy {
    const KEY: &'static str = "leads.phone_policy";
}

/// Which form belongs to which entity and product, and where it may be embedded. Keys are form codes, upper-cased.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FormsConfig {
    /// The forms.
    pub forms: BTreeMap<String, Form>,
}

/// A form on a landing page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Form {
    /// The entity its leads belong to, by code.
    pub entity: String,
    /// The product its leads are for, by code.
    pub produit: String,
    /// Whether consent is collected by contract, outside of the form.
    pub consent_by_contract: bool,
    /// Origins whose pages may post from a browser, such as `https://www.example.org`, besides this service's own.
    pub allowed_origins: BTreeSet<String>,
}

impl Setting for FormsConfig {
    const KEY: &'static str = "leads.forms";
}

/// Domains that never receive mail, and the simulation mode.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EmailPolicy {
    /// Refused domains.
    pub denylist: EmailDenylist,
    /// Whether every mail goes to the simulation address and nothing counts as sent.
    pub simulation_mode: bool,
    /// Where simulated mail goes; required while the mode is on.
    pub simulation_email: String,
}

impl Setting for EmailPolicy {
    const KEY: &'static str = "leads.email_policy";
}

/// When each entity delivers. Keys are entity codes; an entity without a row delivers Monday to Friday.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DeliveryCalendars {
    /// The calendars.
    pub per_entity: BTreeMap<String, DeliveryCalendar>,
}

impl DeliveryCalendars {
    /// The calendar of an entity.
    pub fn of(&self, entity: &str) -> DeliveryCalendar {
        self.per_entity.get(entity).cloned().unwrap_or_default()
    }
}

impl Setting for DeliveryCalendars {
    const KEY: &'static str = "leads.delivery_calendar";
}

impl Setting for OverlapGuard {
    const KEY: &'static str = "leads.overlap_guard";
}

/// How duplicates are counted (spec 5.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DuplicatePolicy {
    /// Whether buyers with the same mailboxes count as one.
    pub across_buyer_groups: bool,
}

impl Setting for DuplicatePolicy {
    const KEY: &'static str = "leads.duplicates";
}

impl Setting for DepartementPolicy {
    const KEY: &'static str = "leads.departements";
}

/// The columns of each entity's files. Keys are entity codes; an entity without a row uses the standard profile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CsvProfiles {
    /// The profiles.
    pub per_entity: BTreeMap<String, CsvProfile>,
}

impl CsvProfiles {
    /// The profile of an entity.
    pub fn of(&self, entity: &str) -> CsvProfile {
        self.per_entity.get(entity).cloned().unwrap_or_default()
    }
}

impl Setting for CsvProfiles {
    const KEY: &'static str = "leads.csv_profiles";
}

/// How long personal data is kept (spec 12.9).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionPolicy {
    /// Months after which a lead's personal data, its files and its visits are erased; 0 keeps them.
    pub personal_data_months: u16,
    /// Days after which quarantined payloads are deleted; 0 keeps them.
    pub quarantine_days: u16,
}

impl Default for RetentionPolicy {
    fn default() -> Self {
        Self { personal_data_months: 36, quarantine_days: 90 }
    }
}

impl Setting for RetentionPolicy {
    const KEY: &'static str = "leads.retention";
}

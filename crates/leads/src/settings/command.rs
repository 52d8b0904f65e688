//! Changes of settings, and what may not be stored. Everything carries the `version` it has seen, where it has.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Date, Email};
use serde::Deserialize;
use utoipa::ToSchema;

use super::model::{EmailPolicy, Form, FormsConfig};
use crate::changes::given;
use crate::rules::calendar::DeliveryCalendar;
use crate::rules::csv_file::CsvProfile;
use crate::rules::departement::Departement;
use crate::rules::intake::{SourceGating, SourceGatingMode};
use crate::rules::routing::{CrossEntitySettings, EntitySwitches};

/// A field and what is wrong with it.
pub type Refusal = (String, String);

fn refusal(field: impl Into<String>, why: impl Into<String>) -> Refusal {
    (field.into(), why.into())
}

/// Whether and where leads may leave their entity; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeCrossEntity {
    /// The main switch.
    pub cross_entity_enabled: Option<bool>,
    /// Switches by entity code; an entity left out keeps its own.
    pub per_entity: Option<BTreeMap<String, ChangeSwitches>>,
    /// The version seen.
    pub version: Option<i64>,
}

/// The switches of one entity; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeSwitches {
    /// Takes leads of other entities.
    pub in_enabled: Option<bool>,
    /// Gives leads to other entities.
    pub out_enabled: Option<bool>,
    /// The entities tried for its leads, in this order; `null` = all others in the tenant's order.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Vec<String>>)]
    pub fallback: Option<Option<Vec<String>>>,
}

impl ChangeCrossEntity {
    /// `old` with this change made; `code` finds an entity's code in any case.
    pub fn applied_to(
        self,
        old: &CrossEntitySettings,
        code: impl Fn(&str) -> Option<String>,
    ) -> Result<CrossEntitySettings, Refusal> {
        let mut new = old.clone();
        new.cross_entity_enabled = self.cross_entity_enabled.unwrap_or(old.cross_entity_enabled);
        for (entity, change) in self.per_entity.unwrap_or_default() {
            let unknown = |field: String| refusal(field, "there is no entity with this code");
            let key = code(&entity).ok_or_else(|| unknown(format!("per_entity.{entity}")))?;
            let was = old.per_entity.get(&key).cloned().unwrap_or_default();
            let known = |other: &String| code(other).ok_or_else(|| unknown(format!("per_entity.{entity}.fallback")));
            let fallback = match change.fallback {
                None => was.fallback,
                Some(list) => list.map(|codes| codes.iter().map(known).collect::<Result<_, _>>()).transpose()?,
            };
            let switches = EntitySwitches {
                in_enabled: change.in_enabled.unwrap_or(was.in_enabled),
                out_enabled: change.out_enabled.unwrap_or(was.out_enabled),
                fallback,
            };
            new.per_entity.insert(key, switches);
        }
        Ok(new)
    }
}

/// The sources to hold: replaces those there are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceSourceGating {
    /// The only mode there is.
    #[serde(default)]
    pub mode: SourceGatingMode,
    /// Sources to hold; compared whole, without regard to case and outer blanks.
    pub blocked_sources: Vec<String>,
    /// The version seen.
    pub version: Option<i64>,
}

impl ReplaceSourceGating {
    /// What to store: each source once, trimmed.
    pub fn into_setting(self) -> SourceGating {
        let mut setting = SourceGating { mode: self.mode, blocked_sources: Vec::new() };
        for source in self.blocked_sources {
            let source = source.trim();
            if !source.is_empty() && !setting.blocks(source) {
                setting.blocked_sources.push(source.to_owned());
            }
        }
        setting
    }
}

/// All forms: replaces those there are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceForms {
    /// The forms by code.
    pub forms: BTreeMap<String, Form>,
    /// The version seen: a map that was changed meanwhile is not overwritten.
    pub version: i64,
}

/// One form: written beside the others.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutForm {
    /// The entity its leads belong to, by code.
    pub entity: String,
    /// The product its leads are for, by code.
    #[serde(alias = "product")]
    pub produit: String,
    /// Whether consent is collected by contract, outside of the form.
    #[serde(default)]
    pub consent_by_contract: bool,
    /// Origins that may post from a browser; none listed = any.
    #[serde(default)]
    pub allowed_origins: BTreeSet<String>,
    /// The version seen.
    pub version: Option<i64>,
}

/// Forms with their codes upper-cased, of entities and products that exist.
pub fn checked_forms(
    forms: BTreeMap<String, Form>,
    entity: impl Fn(&str) -> Option<String>,
    products: &BTreeSet<String>,
) -> Result<FormsConfig, Refusal> {
    let mut config = FormsConfig::default();
    for (code, form) in forms {
        let field = |name: &str| format!("forms.{code}.{name}");
        let key = code.trim().to_uppercase();
        if key.is_empty() || key.len() > 64 {
            return Err(refusal(format!("forms.{code}"), "a form's code has 1 to 64 characters"));
        }
        let found = entity(&form.entity);
        let found = found.ok_or_else(|| refusal(field("entity"), "there is no entity with this code"))?;
        let produit = form.produit.trim().to_uppercase();
        if !products.contains(&produit) {
            return Err(refusal(field("produit"), "is not an active product of the catalogue"));
        }
        let origins: BTreeSet<_> = form.allowed_origins.iter().map(|origin| origin.trim().to_lowercase()).collect();
        if !origins.iter().all(|origin| is_origin(origin)) {
            return Err(refusal(field("allowed_origins"), "must be of the form https://www.example.org"));
        }
        let form =
            Form { entity: found, produit, consent_by_contract: form.consent_by_contract, allowed_origins: origins };
        if config.forms.insert(key, form).is_some() {
            return Err(refusal(format!("forms.{code}"), "is named twice, in different case"));
        }
    }
    Ok(config)
}

fn is_origin(origin: &str) -> bool {
    let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']))
}

/// Refused domains and the simulation mode; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeEmailPolicy {
    /// Refused domains: replaces those there are.
    pub domains: Option<BTreeSet<String>>,
    /// Whether every mail goes to the simulation address and nothing counts as sent.
    pub simulation_mode: Option<bool>,
    /// Where simulated mail goes; required while the mode is on.
    pub simulation_email: Option<String>,
    /// The version seen.
    pub version: Option<i64>,
}

impl ChangeEmailPolicy {
    /// `old` with this change made.
    pub fn applied_to(self, old: &EmailPolicy) -> Result<EmailPolicy, Refusal> {
        let mut new = old.clone();
        if let Some(domains) = self.domains {
            new.denylist.domains = domains.iter().map(|domain| domain.trim().to_lowercase()).collect();
        }
        if new.denylist.domains.iter().any(|domain| domain.is_empty() || domain.contains(['@', ' ', '/'])) {
            return Err(refusal("domains", "must be bare domains, such as example.com"));
        }
        new.simulation_mode = self.simulation_mode.unwrap_or(old.simulation_mode);
        new.simulation_email = self.simulation_email.map_or(new.simulation_email, |text| text.trim().to_lowercase());
        let is_valid = new.simulation_email.parse::<Email>().is_ok();
        if new.simulation_mode && !is_valid {
            return Err(refusal("simulation_email", "a valid address is needed while simulation is on"));
        }
        if !new.simulation_email.is_empty() && !is_valid {
            return Err(refusal("simulation_email", "must be an e-mail address, or empty"));
        }
        Ok(new)
    }
}

/// When entities deliver; an entity, days or dates left out stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeCalendars {
    /// Changes by entity code.
    pub per_entity: BTreeMap<String, ChangeCalendar>,
    /// The version seen.
    pub version: Option<i64>,
}

/// When one entity delivers; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeCalendar {
    /// Weekdays with deliveries, 0 = Monday to 6 = Sunday; other values are dropped. None at all means never.
    pub enabled_days: Option<Vec<i64>>,
    /// Closed dates: replaces those there are.
    pub disabled_dates: Option<BTreeSet<Date>>,
}

impl ChangeCalendar {
    /// `old` with this change made.
    pub fn applied_to(self, old: DeliveryCalendar) -> DeliveryCalendar {
        let day = |day: i64| u8::try_from(day).ok().filter(|day| *day <= 6);
        let days = self.enabled_days.map(|days| days.into_iter().filter_map(day).collect());
        DeliveryCalendar {
            enabled_days: days.unwrap_or(old.enabled_days),
            disabled_dates: self.disabled_dates.unwrap_or(old.disabled_dates),
        }
    }
}

/// The guard against serving one company from two entities.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutOverlapGuard {
    /// Whether it is on.
    pub enabled: bool,
    /// The version seen.
    pub version: Option<i64>,
}

/// How duplicates are counted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutDuplicatePolicy {
    /// Whether buyers with the same mailboxes count as one.
    pub across_buyer_groups: bool,
    /// The version seen.
    pub version: Option<i64>,
}

/// The départements outside the mainland that are served.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutDepartements {
    /// Codes among 2A, 2B, 971 to 974 and 976.
    pub outside_mainland: BTreeSet<Departement>,
    /// The version seen.
    pub version: Option<i64>,
}

/// The columns of entities' files; an entity left out keeps its own.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutCsvProfiles {
    /// The profiles by entity code.
    pub per_entity: BTreeMap<String, CsvProfile>,
    /// The version seen.
    pub version: Option<i64>,
}

/// What is wrong with a profile.
pub fn csv_profile_refusal(profile: &CsvProfile) -> Option<&'static str> {
    if profile.columns.is_empty() || profile.columns.len() > 50 {
        return Some("a file has 1 to 50 columns");
    }
    let headers: BTreeSet<_> = profile.columns.iter().map(|column| column.header.trim()).collect();
    if headers.len() < profile.columns.len() || headers.contains("") {
        return Some("each column has a header of its own");
    }
    None
}

/// How phone numbers are judged; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePhonePolicy {
    /// Numbers that are always invalid.
    pub blocked: Option<BTreeSet<String>>,
    /// Country codes of overseas France read like 33, digits only.
    pub overseas_prefixes: Option<BTreeSet<String>>,
    /// The version seen.
    pub version: Option<i64>,
}

/// How long personal data is kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutRetention {
    /// Months after which a lead's personal data, its files and its visits are erased; 0 keeps them.
    pub personal_data_months: Option<u16>,
    /// Days after which quarantined payloads are deleted; 0 keeps them.
    pub quarantine_days: Option<u16>,
    /// The version seen.
    pub version: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Option<String> {
        ["ZR7", "MDL"].into_iter().find(|code| code.eq_ignore_ascii_case(text)).map(str::to_owned)
    }

    #[test]
    fn cross_entity_switches_are_independent() {
        let change = |json: &str| serde_json::from_str::<ChangeCrossEntity>(json).unwrap();
        let first = change(r#"{"per_entity": {"zr7": {"out_enabled": false}}}"#);
        let old = first.applied_to(&CrossEntitySettings::default(), code).unwrap();
        assert!(!old.per_entity["ZR7"].out_enabled);
        let new = change(r#"{"cross_entity_enabled": false}"#).applied_to(&old, code).unwrap();
        assert_eq!(new.per_entity, old.per_entity, "omitting per_entity keeps the stored one");
        let new = change(r#"{"per_entity": {"ZR7": {"in_enabled": false}}}"#).applied_to(&old, code).unwrap();
        assert!(!new.per_entity["ZR7"].out_enabled && !new.per_entity["ZR7"].in_enabled);
        assert!(change(r#"{"per_entity": {"XX": {}}}"#).applied_to(&old, code).is_err());
    }

    #[test]
    fn sources_are_trimmed_and_named_once() {
        let json = r#"{"blocked_sources": [" Taboola ", "taboola", "", "x"]}"#;
        let setting = serde_json::from_str::<ReplaceSourceGating>(json).unwrap().into_setting();
        assert_eq!(setting.blocked_sources, ["Taboola", "x"]);
    }

    #[test]
    fn forms_name_what_exists() {
        let form =
            |entity: &str, produit: &str| Form { entity: entity.into(), produit: produit.into(), ..Form::default() };
        let products = BTreeSet::from(["PV".to_owned()]);
        let check = |forms: BTreeMap<String, Form>| checked_forms(forms, code, &products);
        let fine = check([("pv-001".to_owned(), form("mdl", "pv"))].into()).unwrap();
        assert_eq!((&*fine.forms["PV-001"].entity, &*fine.forms["PV-001"].produit), ("MDL", "PV"));
        assert!(check([("A".to_owned(), form("XX", "PV"))].into()).is_err());
        assert!(check([("A".to_owned(), form("ZR7", "POELE"))].into()).is_err());
        assert!(check([("a".to_owned(), form("ZR7", "PV")), ("A".to_owned(), form("ZR7", "PV"))].into()).is_err());
    }

    #[test]
    fn simulation_needs_an_address() {
        let change = |json: &str| serde_json::from_str::<ChangeEmailPolicy>(json).unwrap();
        let old = EmailPolicy::default();
        assert!(change(r#"{"simulation_mode": true}"#).applied_to(&old).is_err());
        let json = r#"{"simulation_mode": true, "simulation_email": "Us@x.example"}"#;
        assert_eq!(change(json).applied_to(&old).unwrap().simulation_email, "us@x.example");
        assert!(change(r#"{"domains": ["a@b"]}"#).applied_to(&old).is_err());
    }

    #[test]
    fn changing_days_keeps_dates() {
        let old = DeliveryCalendar { disabled_dates: ["2026-04-06".parse().unwrap()].into(), ..Default::default() };
        let change: ChangeCalendar = serde_json::from_str(r#"{"enabled_days": [5, 9, -1]}"#).unwrap();
        let new = change.applied_to(old.clone());
        assert_eq!((new.enabled_days, new.disabled_dates), ([5].into(), old.disabled_dates));
    }
}

//! The only writers of settings. Each writes `setting_changed` with old and new; what may free stock asks for a sweep.

use std::collections::BTreeMap;

use platform::{Error, Event, Result, Setting, Tx, Versioned};
use serde_json::json;

use super::command::{
    ChangeCalendars, ChangeCrossEntity, ChangeEmailPolicy, ChangePhonePolicy, PutCsvProfiles, PutForm, PutRetention,
    Refusal, ReplaceForms, ReplaceSourceGating, checked_forms, csv_profile_refusal,
};
use super::model::{CsvProfiles, DeliveryCalendars, EmailPolicy, Form, FormsConfig, RetentionPolicy};
use crate::routing::jobs::request_sweep;
use crate::rules::intake::SourceGating;
use crate::rules::phone::PhonePolicy;
use crate::rules::routing::CrossEntitySettings;

/// Writes a setting as it is; `version` is the one the writer has seen, where it says so.
pub async fn put<S: Setting>(tx: &mut Tx, value: &S, version: Option<i64>) -> Result<Versioned<S>> {
    tx.put_setting(value, version).await
}

/// Changes whether and where leads may leave their entity.
pub async fn change_cross_entity(tx: &mut Tx, command: ChangeCrossEntity) -> Result<Versioned<CrossEntitySettings>> {
    let version = command.version;
    let old = tx.versioned_setting::<CrossEntitySettings>().await?;
    let new = command.applied_to(&old.value, |code| entity_code(tx, code)).map_err(invalid)?;
    request_sweep(tx, "cross_entity_changed")?;
    put(tx, &new, Some(version.unwrap_or(old.version))).await
}

/// Replaces the sources to hold.
pub async fn replace_source_gating(tx: &mut Tx, command: ReplaceSourceGating) -> Result<Versioned<SourceGating>> {
    let version = command.version;
    let old: SourceGating = tx.setting().await?;
    let new = command.into_setting();
    if old.blocked_sources.iter().any(|source| !new.blocks(source)) {
        request_sweep(tx, "source_unblocked")?;
    }
    put(tx, &new, version).await
}

/// Replaces all forms.
///
/// Conflict when they were changed meanwhile.
pub async fn replace_forms(tx: &mut Tx, command: ReplaceForms) -> Result<Versioned<FormsConfig>> {
    let new = forms(tx, command.forms).await?;
    request_sweep(tx, "form_mapped")?;
    put(tx, &new, Some(command.version)).await
}

/// Writes one form beside the others.
pub async fn put_form(tx: &mut Tx, code: String, command: PutForm) -> Result<Versioned<FormsConfig>> {
    let form = Form {
        entity: command.entity,
        produit: command.produit,
        consent_by_contract: command.consent_by_contract,
        allowed_origins: command.allowed_origins,
    };
    let one = forms(tx, BTreeMap::from([(code, form)])).await?;
    let mut all = tx.versioned_setting::<FormsConfig>().await?;
    all.value.forms.extend(one.forms);
    request_sweep(tx, "form_mapped")?;
    put(tx, &all.value, Some(command.version.unwrap_or(all.version))).await
}

async fn forms(tx: &mut Tx, forms: BTreeMap<String, Form>) -> Result<FormsConfig> {
    let products = catalog::store::list_active_codes(tx).await?;
    checked_forms(forms, |code| entity_code(tx, code), &products).map_err(invalid)
}

/// Changes refused domains and the simulation mode.
pub async fn change_email_policy(tx: &mut Tx, command: ChangeEmailPolicy) -> Result<Versioned<EmailPolicy>> {
    let version = command.version;
    let old = tx.versioned_setting::<EmailPolicy>().await?;
    let new = command.applied_to(&old.value).map_err(invalid)?;
    if !old.value.denylist.domains.is_subset(&new.denylist.domains) {
        request_sweep(tx, "domain_allowed")?;
    }
    let stored = put(tx, &new, Some(version.unwrap_or(old.version))).await?;
    if old.value.simulation_mode != new.simulation_mode {
        let details = json!({ "old": old.value.simulation_mode, "new": new.simulation_mode });
        let tenant = tx.tenant();
        tx.emit(Event::new("simulation_toggled", "tenant", tenant).details(details));
    }
    Ok(stored)
}

/// Changes when entities deliver.
pub async fn change_calendars(tx: &mut Tx, command: ChangeCalendars) -> Result<Versioned<DeliveryCalendars>> {
    let old = tx.versioned_setting::<DeliveryCalendars>().await?;
    let mut new = old.value;
    for (entity, change) in command.per_entity {
        let key = known_entity(tx, &entity)?;
        let calendar = change.applied_to(new.of(&key));
        new.per_entity.insert(key, calendar);
    }
    request_sweep(tx, "calendar_changed")?;
    put(tx, &new, Some(command.version.unwrap_or(old.version))).await
}

/// Writes the columns of entities' files.
pub async fn put_csv_profiles(tx: &mut Tx, command: PutCsvProfiles) -> Result<Versioned<CsvProfiles>> {
    let old = tx.versioned_setting::<CsvProfiles>().await?;
    let mut new = old.value;
    for (entity, profile) in command.per_entity {
        if let Some(why) = csv_profile_refusal(&profile) {
            return Err(Error::invalid(format!("per_entity.{entity}.columns"), why));
        }
        new.per_entity.insert(known_entity(tx, &entity)?, profile);
    }
    put(tx, &new, Some(command.version.unwrap_or(old.version))).await
}

/// Changes how phone numbers are judged.
pub async fn change_phone_policy(tx: &mut Tx, command: ChangePhonePolicy) -> Result<Versioned<PhonePolicy>> {
    let old = tx.versioned_setting::<PhonePolicy>().await?;
    let new = PhonePolicy {
        blocked: command.blocked.unwrap_or(old.value.blocked),
        overseas_prefixes: command.overseas_prefixes.unwrap_or(old.value.overseas_prefixes),
    };
    if new.blocked.iter().any(|number| !number.bytes().any(|byte| byte.is_ascii_digit())) {
        return Err(Error::invalid("blocked", "must be phone numbers"));
    }
    let is_prefix = |text: &String| (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !new.overseas_prefixes.iter().all(is_prefix) {
        return Err(Error::invalid("overseas_prefixes", "must be country codes of 1 to 3 digits"));
    }
    put(tx, &new, Some(command.version.unwrap_or(old.version))).await
}

/// Changes how long personal data is kept.
pub async fn put_retention(tx: &mut Tx, command: PutRetention) -> Result<Versioned<RetentionPolicy>> {
    let old = tx.versioned_setting::<RetentionPolicy>().await?;
    let new = RetentionPolicy {
        personal_data_months: command.personal_data_months.unwrap_or(old.value.personal_data_months),
        quarantine_days: command.quarantine_days.unwrap_or(old.value.quarantine_days),
    };
    if new.personal_data_months > 1200 {
        return Err(Error::invalid("personal_data_months", "must be at most 1200"));
    }
    put(tx, &new, Some(command.version.unwrap_or(old.version))).await
}

fn entity_code(tx: &Tx, code: &str) -> Option<String> {
    tx.ctx().entity_by_code(code).map(|entity| entity.code.clone())
}

fn known_entity(tx: &Tx, code: &str) -> Result<String> {
    let why = "there is no entity with this code";
    entity_code(tx, code).ok_or_else(|| Error::invalid(format!("per_entity.{code}"), why))
}

fn invalid((field, why): Refusal) -> Error {
    Error::invalid(field, why)
}

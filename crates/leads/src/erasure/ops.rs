//! Erasing one person, and what is too old.

use platform::event::Event;
use platform::{Ctx, Error, Result, Tx};
use serde_json::{Value, json};

use super::model::{ErasePerson, Erased, Person};
use super::store;
use crate::deliveries::model::DeliveryStatus;
use crate::deliveries::{ops as deliveries, store::lock_lines};
use crate::routing::ROUTING_LOCK;
use crate::rules::phone::{PhonePolicy, PhoneQuality, normalise};
use crate::settings::model::RetentionPolicy;

/// Leads per transaction of the retention run.
const CHUNK: i64 = 1000;

/// Erases a person within the caller's scope: every lead with this phone or this address.
///
/// Invalid without either; refused while a file with the person is on its way.
pub async fn erase_person(tx: &mut Tx, command: &ErasePerson) -> Result<Erased> {
    let phones = tx.setting::<PhonePolicy>().await?;
    let phone = command.phone.as_deref().map(|raw| normalise(raw, &phones));
    if phone.as_ref().is_some_and(|phone| phone.quality == PhoneQuality::Invalid) {
        return Err(Error::invalid("phone", "is not a valid phone number"));
    }
    let person = Person {
        phone: phone.map(|phone| phone.phone),
        email: command.email.as_ref().map(|email| email.as_str().to_lowercase()),
    };
    if person.phone.is_none() && person.email.is_none() {
        return Err(Error::invalid("phone", "give a phone, an e-mail address or both"));
    }
    // No lead of the person may be routed or sent meanwhile.
    tx.lock(ROUTING_LOCK).await?;
    let leads = store::list_leads_of(tx, &person).await?;
    let whole_tenant = tx.ctx().scope().whole_tenant;
    tx.across_entities().await?;
    let open = store::list_open_deliveries(tx, &leads).await?;
    let lines = lock_lines(tx, &open).await?;
    if lines.iter().any(|line| line.status == DeliveryStatus::Sending) {
        return Err(Error::refused("being_sent", "A file with this person is on its way: try again in some minutes."));
    }
    for line in &lines {
        deliveries::cancel_locked(tx, line, "erased").await?;
    }
    let mut erased = store::erase_leads(tx, &leads).await?;
    erased.cancelled = i64::try_from(lines.len()).unwrap_or(i64::MAX);
    if whole_tenant {
        erased.payloads = store::delete_payloads_of(tx, &person).await?;
    }
    // The event says that it was done and how much, not to whom.
    tx.emit(Event::new("person_erased", "tenant", tx.ctx().tenant().id).details(json!(erased)));
    Ok(erased)
}

/// Erases what is older than the policy allows. Leads with an open delivery, or sent since, wait.
pub async fn retain(ctx: &Ctx) -> Result<Value> {
    let policy = ctx.setting::<RetentionPolicy>().await?;
    let mut total = Erased::default();
    if policy.personal_data_months > 0 {
        let zone = &ctx.tenant().zone;
        let before = ctx.now().date_in(zone).minus_months(policy.personal_data_months).start_in(zone);
        loop {
            let mut tx = ctx.begin().await?;
            let leads = store::lock_old_leads(&mut tx, before, CHUNK).await?;
            let erased = store::erase_leads(&mut tx, &leads).await?;
            tx.commit().await?;
            total.leads += erased.leads;
            total.files += erased.files;
            total.visits += erased.visits;
            if erased.leads < CHUNK {
                break;
            }
        }
        let mut tx = ctx.begin().await?;
        total.visits += store::delete_old_visits(&mut tx, before).await?;
        total.files += store::drop_old_files(&mut tx, before).await?;
        tx.commit().await?;
    }
    let mut tx = ctx.begin().await?;
    if policy.quarantine_days > 0 {
        let before = tx.now().minus_days(i64::from(policy.quarantine_days));
        total.payloads = store::delete_old_payloads(&mut tx, before).await?;
    }
    store::delete_old_claims(&mut tx).await?;
    if total != Erased::default() {
        tx.emit(Event::new("retention_run", "tenant", ctx.tenant().id).details(json!(total)));
    }
    tx.commit().await?;
    serde_json::to_value(total).map_err(|error| Error::internal("writing the run's report", error))
}

//! Alerts about leads and deliveries.

use jiff::SignedDuration;
use platform::check::CheckSeverity::{Critical, Info, Warning};
use platform::check::{AlertUnit, AlertWords, Sighting};
use platform::{Registry, Result, Role, Tx};
use serde_json::json;

use super::store::{self, Sighted};

const OFFICE: &[Role] = &[Role::SuperAdmin, Role::Admin, Role::Ops];
const OWNERS: &[Role] = &[Role::SuperAdmin, Role::Admin];

pub(super) fn register(registry: &mut Registry) {
    let failed = AlertWords {
        kind: "deliveries_failed",
        title: ["Deliveries that did not leave", "Livraisons non parties"],
        about: "client",
        condition: "deliveries of a buyer have stood as failed for more than {n} minutes",
        threshold: (60, AlertUnit::Minutes),
        cron: "*/5 * * * *",
        severity: Warning,
        roles: OFFICE,
    };
    registry.alert(failed.looks(find_failed));
    let prepaid = AlertWords {
        kind: "prepaid_low",
        title: ["Units paid in advance run out", "Unités prépayées bientôt épuisées"],
        about: "client",
        condition: "a buyer with an active order has {n} units paid in advance left, or fewer; with none left it is critical",
        threshold: (10, AlertUnit::Units),
        cron: "*/15 * * * *",
        severity: Warning,
        roles: OFFICE,
    };
    registry.alert(prepaid.looks(find_low_prepaid));
    let transfers = AlertWords {
        kind: "transfers_failed",
        title: ["Transfers between entities in error", "Transferts entre entités en erreur"],
        about: "entity",
        condition: "what an entity owes another has stood in error for more than {n} hours",
        threshold: (24, AlertUnit::Hours),
        cron: "0 * * * *",
        severity: Warning,
        roles: OWNERS,
    };
    registry.alert(transfers.looks(find_failed_transfers));
    let silent = AlertWords {
        kind: "provider_silent",
        title: ["A provider fell silent", "Un fournisseur ne transmet plus"],
        about: "provider",
        condition: "a provider that sent leads in the week before has sent none for {n} hours",
        threshold: (48, AlertUnit::Hours),
        cron: "0 * * * *",
        severity: Info,
        roles: OWNERS,
    };
    registry.alert(silent.looks(find_silent));
    let quarantine = AlertWords {
        kind: "quarantine_filling",
        title: ["Payloads that cannot be used", "Envois inexploitables"],
        about: "quarantine",
        condition: "more than {n} payloads came into quarantine within a day",
        threshold: (20, AlertUnit::Units),
        cron: "0 * * * *",
        severity: Warning,
        roles: &[Role::SuperAdmin],
    };
    registry.alert(quarantine.looks(find_quarantined));
}

fn sighting(row: Sighted) -> Sighting {
    let Sighted { id, entity_id, text, count } = row;
    Sighting {
        subject: id.to_string(),
        entity: Some(entity_id),
        details: json!({ "name": text, "count": count }),
        text: format!("{text}: {count}"),
        severity: None,
    }
}

async fn find_failed(mut tx: Tx, minutes: i64) -> Result<Vec<Sighting>> {
    let before = tx.now().minus(SignedDuration::from_mins(minutes));
    Ok(store::list_failed(&mut tx, before).await?.into_iter().map(sighting).collect())
}

async fn find_low_prepaid(mut tx: Tx, units: i64) -> Result<Vec<Sighting>> {
    let units = i32::try_from(units).unwrap_or(i32::MAX);
    let rows = store::list_low_prepaid(&mut tx, units).await?;
    let of = |row: Sighted| {
        let severity = (row.count <= 0).then_some(Critical);
        // A buyer may hold units of several products.
        let subject = format!("{}/{}", row.id, row.text.rsplit(", ").next().unwrap_or_default());
        Sighting { severity, subject, ..sighting(row) }
    };
    Ok(rows.into_iter().map(of).collect())
}

async fn find_failed_transfers(mut tx: Tx, hours: i64) -> Result<Vec<Sighting>> {
    let before = tx.now().minus(SignedDuration::from_hours(hours));
    Ok(store::list_failed_transfers(&mut tx, before).await?.into_iter().map(sighting).collect())
}

async fn find_silent(mut tx: Tx, hours: i64) -> Result<Vec<Sighting>> {
    let since = tx.now().minus(SignedDuration::from_hours(hours));
    Ok(store::list_silent_providers(&mut tx, since).await?.into_iter().map(sighting).collect())
}

async fn find_quarantined(mut tx: Tx, threshold: i64) -> Result<Vec<Sighting>> {
    let since = tx.now().minus_days(1);
    let count = store::count_quarantined(&mut tx, since).await?;
    let sighted = (count > threshold).then(|| Sighting {
        subject: "quarantine".to_owned(),
        entity: None,
        text: count.to_string(),
        details: json!({ "count": count }),
        severity: None,
    });
    Ok(sighted.into_iter().collect())
}

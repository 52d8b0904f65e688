//! Alerts about money (spec/field.md 5.17).

use kernel::{Date, EntityId};
use platform::check::CheckSeverity::{Critical, Info, Warning};
use platform::check::{AlertUnit, AlertWords, Sighting};
use platform::{Registry, Result, Role, Tx};
use serde_json::json;

use super::store;

/// From here on an invoice is told of by the heavier alert.
const LONG: &str = "invoice_overdue_30days";

pub(super) fn register(registry: &mut Registry) {
    let overdue = AlertWords {
        kind: "invoice_overdue_7days",
        title: ["Invoice overdue", "Facture en retard"],
        about: "document",
        condition: "an invoice of a customer is due for {n} days or more, and not yet for as long as invoice_overdue_30days tells",
        threshold: (7, AlertUnit::Days),
        cron: "0 9 * * *",
        severity: Warning,
        roles: &[Role::SuperAdmin, Role::Admin],
    };
    registry.alert(overdue.looks(|mut tx: Tx, threshold| async move {
        // The heavier alert takes over where the tenant has it begin.
        let below = watch::alerts::ops::threshold_of(&mut tx, LONG).await?;
        find_overdue(&mut tx, threshold, below).await
    }));
    let long = AlertWords {
        kind: LONG,
        title: ["Invoice long overdue", "Facture très en retard"],
        about: "document",
        condition: "an invoice of a customer is due for {n} days or more",
        threshold: (30, AlertUnit::Days),
        cron: "0 9 * * *",
        severity: Critical,
        roles: &[Role::SuperAdmin, Role::Admin],
    };
    registry.alert(long.looks(|mut tx: Tx, threshold| async move { find_overdue(&mut tx, threshold, None).await }));
    let bank = AlertWords {
        kind: "bank_unmatched",
        title: ["Bank lines nobody has dealt with", "Lignes bancaires en attente"],
        about: "bank_account",
        condition: "lines of a bank account have waited for {n} days or more",
        threshold: (7, AlertUnit::Days),
        cron: "5 9 * * *",
        severity: Info,
        roles: &[Role::SuperAdmin, Role::Admin],
    };
    registry.alert(bank.looks(find_unmatched));
}

async fn find_overdue(tx: &mut Tx, from: i64, below: Option<i64>) -> Result<Vec<Sighting>> {
    let days: Vec<(EntityId, Date)> =
        tx.ctx().entities().map(|entity| (entity.id, tx.now().date_in(&entity.zone))).collect();
    let whole = |days: i64| i32::try_from(days).unwrap_or(i32::MAX);
    let rows = store::list_overdue(tx, &days, whole(from), below.map(whole)).await?;
    Ok(rows
        .into_iter()
        .map(|row| Sighting {
            subject: row.id.to_string(),
            entity: Some(row.entity_id),
            text: format!("{}, {} {}", row.number, row.balance.normalize(), row.currency),
            details: json!({ "number": row.number, "days": row.days, "balance": row.balance, "currency": row.currency }),
            severity: None,
        })
        .collect())
}

async fn find_unmatched(mut tx: Tx, threshold: i64) -> Result<Vec<Sighting>> {
    let zone = tx.ctx().tenant().zone.clone();
    let before = tx.now().minus_days(threshold).date_in(&zone);
    let rows = store::list_unmatched(&mut tx, before).await?;
    Ok(rows
        .into_iter()
        .map(|row| Sighting {
            subject: row.id.to_string(),
            entity: Some(row.entity_id),
            text: format!("{}: {}", row.name, row.lines),
            details: json!({ "account": row.name, "lines": row.lines }),
            severity: None,
        })
        .collect())
}

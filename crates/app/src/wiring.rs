//! Everything that crosses a border between modules: which event makes which module do what.

use kernel::{DeliveryId, DocumentId};
use leads::billing::model::BillingRecordStatus;
use platform::Registry;

/// The jobs, schedules and reactions of every module.
pub fn registry() -> Registry {
    let mut registry = Registry::default();
    platform::housekeeping::register(&mut registry);
    platform::identity::jobs(&mut registry);
    ledger::watching::register(&mut registry);
    platform::webhook::jobs(&mut registry);
    billing::jobs::register(&mut registry);
    leads::jobs(&mut registry);
    watch::register(&mut registry);
    crate::watching::register(&mut registry);
    reactions(&mut registry);
    registry
}

fn reactions(registry: &mut Registry) {
    registry.on("delivery.sent", "settle_intercompany", |ctx, _, event| async move {
        leads::intercompany::ops::settle(&ctx, DeliveryId::from_uuid(event.subject_id)).await
    });
    // The records of a week follow the invoice that they are on.
    for (action, status) in [
        ("invoice_paid", BillingRecordStatus::Paid),
        ("invoice_overdue", BillingRecordStatus::Overdue),
        ("invoice_reopened", BillingRecordStatus::Invoiced),
    ] {
        registry.on(action, "follow_invoice", move |ctx, _, event| async move {
            leads::billing::tracking::follow_invoice(&ctx, DocumentId::from_uuid(event.subject_id), status, event.at)
                .await
        });
    }
}

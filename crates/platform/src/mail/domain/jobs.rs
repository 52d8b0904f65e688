//! The daily look-up.

use serde_json::json;

use super::ops;
use crate::Registry;
use crate::job::schedule::Schedule;

/// Registers the schedule.
pub(crate) fn register(registry: &mut Registry) {
    let daily = Schedule {
        name: "mail-domains",
        // Before the audit, which tells of what it found.
        cron: "40 4 * * *",
        period: "%Y-%m-%d",
        about: "Looks up what DNS says about the domains that mail is sent from.",
    };
    registry
        .schedule(daily, |ctx, _, _| async move { Ok(json!({ "domains_with_problems": ops::look_up(&ctx).await? })) });
}

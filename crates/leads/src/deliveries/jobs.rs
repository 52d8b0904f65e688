//! Jobs: sending a claimed file, and looking after what never came back.

use platform::Registry;
use platform::job::schedule::Schedule;

use super::send;

/// Registers the jobs of this module.
pub fn register(registry: &mut Registry) {
    registry.job(send::run);
    let reaper = Schedule {
        name: "delivery-reaper",
        cron: "*/5 * * * *",
        period: "%Y-%m-%dT%H:%M",
        about: "Flags deliveries that are being sent for too long.",
    };
    registry.schedule(reaper, |ctx, _, _| async move { send::reap(&ctx).await });
}

//! The schedule that closes orders which do not renew themselves.

use platform::Registry;
use platform::job::schedule::Schedule;

use super::ops;

/// Registers the jobs of this module.
pub fn register(registry: &mut Registry) {
    let close = Schedule {
        name: "close-ended-orders",
        cron: "5 0 * * *",
        period: "%Y-%m-%d",
        about: "Pauses the orders that do not renew themselves and whose week is over.",
    };
    registry.schedule(close, |ctx, _, _| async move { ops::close_ended(&ctx).await });
}

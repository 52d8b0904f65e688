//! The checks of the ground itself: isolation, lifecycles, jobs, schema, security, mail domains, backups, capacity.

mod alerts;
mod backups;
mod capacity;
mod catalogue;
mod isolation;
mod jobs;
mod lifecycles;
mod mail_domain;
mod schema;
mod security;

use crate::Registry;

/// Tables that belong to no tenant, each with the reason.
pub const WITHOUT_TENANT: &[(&str, &str)] = &[
    ("platform.backup_run", "the whole installation is backed up at once; the service does not see what it counts"),
    ("platform.capacity_day", "the database grows as one: its size on each day"),
    ("platform.instance_minute", "an instance works for all; it names none of them"),
    ("platform.lifecycle_edge", "the moves of every lifecycle, the same for all"),
    ("platform.restore_proof", "as a backup, a proof is of the whole installation"),
    ("platform.secret_key", "the names and check values of the keys that seal the secrets of all"),
    (
        "platform.sign_in_guard",
        "failures are counted by address, whether it has an account or not: hashes, seen through functions",
    ),
    ("platform.signal_minute", "routes, jobs and other systems as one instance saw them; it names no tenant"),
    ("platform.slow_statement", "statements without values, whoever they were run for"),
    ("platform.tenant", "the tenant itself: its id is compared"),
    ("platform.user", "a person may be a member of several tenants: seen through his memberships"),
    ("platform.worker_heartbeat", "a service instance works for all"),
];

/// Registers the checks and the alerts.
pub fn register(registry: &mut Registry) {
    isolation::register(registry);
    lifecycles::register(registry);
    jobs::register(registry);
    schema::register(registry);
    security::register(registry);
    mail_domain::register(registry);
    backups::register(registry);
    capacity::register(registry);
    alerts::register(registry);
}

//! Notifications: the events that a person should see, of the kinds that he may see, and his place in them.
//!
//! Invariants: nobody is notified of a kind of thing whose pages he may not open; a member's place only moves forward.

pub mod http;
mod store;

use std::collections::BTreeSet;

use crate::Permission;
use crate::event::store::Kinds;

/// What one must hold to be notified of a kind of thing; of every other kind, `activity.view`.
const NEEDED: &[(&str, Permission)] = &[
    ("delivery", Permission::DeliveriesView),
    ("delivery_batch", Permission::DeliveriesView),
    ("lead", Permission::LeadsView),
    ("client", Permission::ClientsView),
    ("order", Permission::CommandesView),
    ("job", Permission::OperationsManage),
    ("mail", Permission::OperationsManage),
    ("alert", Permission::DashboardView),
    ("alert_rule", Permission::OperationsManage),
    ("audit", Permission::AuditView),
    ("webhook", Permission::SettingsAccess),
];

/// The kinds of things that who holds `permissions` is notified of.
fn kinds(permissions: &BTreeSet<Permission>) -> Kinds {
    let (shown, hidden): (Vec<_>, Vec<_>) = NEEDED.iter().partition(|(_, needed)| permissions.contains(needed));
    let names = |kinds: Vec<&(&'static str, Permission)>| kinds.into_iter().map(|(kind, _)| *kind).collect();
    if permissions.contains(&Permission::ActivityView) {
        Kinds::AllBut(names(hidden))
    } else {
        Kinds::Only(names(shown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;

    #[test]
    fn each_role_is_notified_of_what_it_may_see() {
        let seen = |role: Role| format!("{:?}", kinds(&role.preset()));
        assert_eq!(seen(Role::SuperAdmin), "AllBut([])");
        assert_eq!(seen(Role::Admin), r#"AllBut(["job", "mail", "alert_rule", "audit"])"#);
        let reading = r#"Only(["delivery", "delivery_batch", "lead", "client", "order", "alert"])"#;
        assert_eq!((seen(Role::Ops).as_str(), seen(Role::Viewer).as_str()), (reading, reading));
        assert_eq!(format!("{:?}", kinds(&BTreeSet::new())), "Only([])");
    }
}

//! Single permissions and the role presets made of them (spec/leads.md 9).

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $key:literal),+ $(,)?) => {
        /// What a member may do. Stored and sent as its key, such as `leads.view`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission { $($(#[$doc])* $name),+ }

        impl Permission {
            /// Every permission, in the order of the screens.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The key, such as `leads.view`.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$name => $key),+ }
            }
        }

        impl FromStr for Permission {
            type Err = UnknownPermission;

            fn from_str(key: &str) -> Result<Self, Self::Err> {
                match key { $($key => Ok(Self::$name),)+ _ => Err(UnknownPermission(key.to_owned())) }
            }
        }
    };
}

/// The text is no permission's key.
#[derive(Debug, thiserror::Error)]
#[error("there is no permission {0:?}")]
pub struct UnknownPermission(String);

permissions! {
    /// See the cockpit, monitoring and health.
    DashboardView = "dashboard.view",
    /// See leads.
    LeadsView = "leads.view",
    /// Set a lead's status by hand.
    LeadsEditStatus = "leads.edit_status",
    /// Write a note on a lead.
    LeadsAddNote = "leads.add_note",
    /// Delete a lead; erase a person.
    LeadsDelete = "leads.delete",
    /// Export leads.
    LeadsExport = "leads.export",
    /// See buyers.
    ClientsView = "clients.view",
    /// Create buyers.
    ClientsCreate = "clients.create",
    /// Change buyers, their CRM fields and notes.
    ClientsEdit = "clients.edit",
    /// Archive buyers.
    ClientsDelete = "clients.delete",
    /// See orders.
    CommandesView = "commandes.view",
    /// Create orders.
    CommandesCreate = "commandes.create",
    /// Change an order's quota, départements, priority.
    CommandesEditQuota = "commandes.edit_quota",
    /// Change an order's aged-lead target.
    CommandesEditLbTarget = "commandes.edit_lb_target",
    /// Pause and activate orders.
    CommandesActivatePause = "commandes.activate_pause",
    /// Archive orders.
    CommandesDelete = "commandes.delete",
    /// See deliveries and download their files.
    DeliveriesView = "deliveries.view",
    /// Send, retry, resend deliveries.
    DeliveriesResend = "deliveries.resend",
    /// Reject, remove and cancel deliveries, prepare files in batch, send to another address.
    DeliveriesReject = "deliveries.reject",
    /// See billing.
    BillingView = "billing.view",
    /// Write billing, and the catalogue.
    BillingManage = "billing.manage",
    /// See intercompany settlement.
    IntercompanyView = "intercompany.view",
    /// Write intercompany settlement.
    IntercompanyManage = "intercompany.manage",
    /// See the books: accounts, journals, balances, exports.
    LedgerView = "ledger.view",
    /// Write the books by hand: charts, entries, opening balances, lettering, rates, period locks.
    LedgerManage = "ledger.manage",
    /// See the départements overview.
    DepartementsView = "departements.view",
    /// Read the event log.
    ActivityView = "activity.view",
    /// Read and write settings.
    SettingsAccess = "settings.access",
    /// Read and write providers and their keys.
    ProvidersAccess = "providers.access",
    /// Manage users.
    UsersManage = "users.manage",
    /// See the aged-lead monitor.
    MonitoringLbView = "monitoring.lb.view",
    /// See jobs, schedules, dead letters, mail and quarantine; requeue and run.
    OperationsManage = "operations.manage",
    /// See the self-audit and have it run.
    AuditView = "audit.view",
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

impl Serialize for Permission {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.key())
    }
}

impl<'de> Deserialize<'de> for Permission {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Permission {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .enum_values(Some(Self::ALL.iter().map(|permission| permission.key())))
            .into()
    }
}

impl utoipa::ToSchema for Permission {}

/// A preset of permissions that a member gets by his role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees every entity, manages users.
    SuperAdmin,
    /// Runs one entity.
    Admin,
    /// Works the day-to-day of one entity.
    Ops,
    /// Reads.
    Viewer,
}

impl Role {
    /// Every role.
    pub const ALL: &[Self] = &[Self::SuperAdmin, Self::Admin, Self::Ops, Self::Viewer];

    /// The role's key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::SuperAdmin => "super_admin",
            Self::Admin => "admin",
            Self::Ops => "ops",
            Self::Viewer => "viewer",
        }
    }

    /// Whether it is the one that holds every permission, over every entity, whatever is set (spec/leads.md 9).
    pub fn is_above_all(self) -> bool {
        self == Self::SuperAdmin
    }

    /// The permissions of this role (the matrix of spec/leads.md 9).
    pub fn preset(self) -> BTreeSet<Permission> {
        Permission::ALL.iter().copied().filter(|permission| self.holds(*permission)).collect()
    }

    const fn holds(self, permission: Permission) -> bool {
        use Permission as P;
        match permission {
            P::DashboardView
            | P::LeadsView
            | P::ClientsView
            | P::CommandesView
            | P::DeliveriesView
            | P::DepartementsView => true,
            P::LeadsEditStatus
            | P::LeadsAddNote
            | P::CommandesEditQuota
            | P::CommandesEditLbTarget
            | P::CommandesActivatePause
            | P::DeliveriesResend
            | P::IntercompanyView => !matches!(self, Self::Viewer),
            P::LeadsDelete
            | P::LeadsExport
            | P::ClientsCreate
            | P::ClientsEdit
            | P::ClientsDelete
            | P::CommandesCreate
            | P::CommandesDelete
            | P::DeliveriesReject
            | P::BillingView
            | P::BillingManage
            | P::IntercompanyManage
            | P::LedgerView
            | P::LedgerManage
            | P::ActivityView
            | P::SettingsAccess
            | P::ProvidersAccess => matches!(self, Self::SuperAdmin | Self::Admin),
            P::UsersManage | P::MonitoringLbView | P::OperationsManage | P::AuditView => {
                matches!(self, Self::SuperAdmin)
            }
        }
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(key: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|role| role.key() == key).ok_or_else(|| UnknownRole(key.to_owned()))
    }
}

/// The text is no role's key.
#[derive(Debug, thiserror::Error)]
#[error("there is no role {0:?}")]
pub struct UnknownRole(String);

//! A member of a tenant, and who may change what about him (spec/leads.md 6.2, L-52). Pure.

use std::collections::BTreeSet;

use kernel::{Email, EntityId, MembershipId, Timestamp, UserId};

use crate::identity::Access;
use crate::{Error, Permission};

/// A user in his place in a tenant.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) user_id: UserId,
    pub(crate) membership_id: MembershipId,
    pub(crate) email: Email,
    pub(crate) name: String,
    pub(crate) entity_id: EntityId,
    pub(crate) access: Access,
    /// In this tenant; the operator may have disabled the account as a whole.
    pub(crate) is_active: bool,
    pub(crate) has_totp: bool,
    /// Before anything else, in whichever tenant.
    pub(crate) must_change_password: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

impl Member {
    pub(super) fn standing(&self) -> Standing {
        Standing { access: self.access.clone(), is_active: self.is_active }
    }
}

/// What counts about a member when rights are at stake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) access: Access,
    pub(super) is_active: bool,
}

impl Standing {
    fn held(&self) -> BTreeSet<Permission> {
        if self.is_active { self.access.permissions() } else { BTreeSet::new() }
    }

    fn is_super_admin(&self) -> bool {
        self.access.role().is_above_all()
    }
}

/// Who changes members.
#[derive(Clone, Debug)]
pub(super) struct Manager {
    pub(super) user_id: Option<UserId>,
    pub(super) is_super_admin: bool,
    pub(super) permissions: BTreeSet<Permission>,
}

/// Why a manager may not do that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum MemberRefusal {
    SuperAdminOnly,
    CannotGrant(Permission),
    OutranksYou(Permission),
    Yourself,
    LastSuperAdmin,
    OwnPassword,
    OwnAccess,
}

impl From<MemberRefusal> for Error {
    fn from(refusal: MemberRefusal) -> Self {
        match refusal {
            MemberRefusal::SuperAdminOnly => {
                Self::forbidden("super_admin_only", "Only a super admin may create or change a super admin.")
            }
            MemberRefusal::CannotGrant(permission) => {
                Self::forbidden("cannot_grant", format!("You cannot grant {permission}: you do not hold it."))
                    .with_field("permission", permission.key())
            }
            MemberRefusal::OutranksYou(permission) => Self::forbidden(
                "outranks_you",
                format!("This member holds {permission}, which you do not: you cannot take over his account."),
            )
            .with_field("permission", permission.key()),
            MemberRefusal::Yourself => Self::refused("yourself", "You cannot deactivate yourself."),
            MemberRefusal::LastSuperAdmin => {
                Self::refused("last_super_admin", "The last active super admin stays: name another one first.")
            }
            MemberRefusal::OwnAccess => Self::refused(
                "own_access",
                "You cannot change your own role, entity or permissions: ask somebody else who manages users.",
            ),
            MemberRefusal::OwnPassword => {
                Self::refused("own_password", "Change your own password under your account, with the present one.")
            }
        }
    }
}

impl Manager {
    fn is(&self, member: UserId) -> bool {
        self.user_id == Some(member)
    }

    /// Whether a member may be added with this standing.
    pub(super) fn may_add(&self, after: &Standing) -> Result<(), MemberRefusal> {
        if after.is_super_admin() && !self.is_super_admin {
            return Err(MemberRefusal::SuperAdminOnly);
        }
        self.may_grant(&after.held())
    }

    /// Whether `member` may go from one standing to the other, beside so many other active super admins. Nobody changes his own
    /// (spec/field.md F-69).
    pub(super) fn may_change(
        &self,
        member: UserId,
        before: &Standing,
        after: &Standing,
        other_super_admins: i64,
    ) -> Result<(), MemberRefusal> {
        if (before.is_super_admin() || after.is_super_admin()) && !self.is_super_admin {
            return Err(MemberRefusal::SuperAdminOnly);
        }
        let (had, has) = (before.held(), after.held());
        self.may_grant(&has.difference(&had).copied().collect())?;
        if self.is(member) && !after.is_active {
            return Err(MemberRefusal::Yourself);
        }
        if self.is(member) && before.access != after.access {
            return Err(MemberRefusal::OwnAccess);
        }
        let was_in_charge = before.is_active && before.is_super_admin();
        let is_in_charge = after.is_active && after.is_super_admin();
        if was_in_charge && !is_in_charge && other_super_admins == 0 {
            return Err(MemberRefusal::LastSuperAdmin);
        }
        Ok(())
    }

    /// Whether `member` may be given a password that the manager knows: he could then act as the member.
    pub(super) fn may_take_over(&self, member: UserId, standing: &Standing) -> Result<(), MemberRefusal> {
        if self.is(member) {
            return Err(MemberRefusal::OwnPassword);
        }
        if standing.is_super_admin() && !self.is_super_admin {
            return Err(MemberRefusal::SuperAdminOnly);
        }
        match standing.access.permissions().difference(&self.permissions).next() {
            Some(permission) => Err(MemberRefusal::OutranksYou(*permission)),
            None => Ok(()),
        }
    }

    /// Whether `member` may go to another entity: nobody moves himself (spec/field.md F-69).
    pub(super) fn may_move(&self, member: UserId) -> Result<(), MemberRefusal> {
        if self.is(member) { Err(MemberRefusal::OwnAccess) } else { Ok(()) }
    }

    /// Whether the sessions of a member with this standing may be ended.
    pub(super) fn may_end_sessions(&self, standing: &Standing) -> Result<(), MemberRefusal> {
        if standing.is_super_admin() && !self.is_super_admin { Err(MemberRefusal::SuperAdminOnly) } else { Ok(()) }
    }

    /// What the manager may try on a member; whether he is the last super admin shows when it is tried.
    pub(super) fn actions_on(&self, member: &Member) -> Vec<&'static str> {
        let now = member.standing();
        let asleep = Standing { is_active: false, ..now.clone() };
        let mut actions = Vec::with_capacity(4);
        if self.may_change(member.user_id, &now, &now, 1).is_ok() {
            actions.push("update");
        }
        if now.is_active && self.may_change(member.user_id, &now, &asleep, 1).is_ok() {
            actions.push("deactivate");
        }
        if self.may_take_over(member.user_id, &now).is_ok() {
            actions.push("reset_password");
        }
        if self.may_end_sessions(&now).is_ok() {
            actions.push("end_sessions");
        }
        actions
    }

    fn may_grant(&self, added: &BTreeSet<Permission>) -> Result<(), MemberRefusal> {
        match added.difference(&self.permissions).next() {
            Some(permission) => Err(MemberRefusal::CannotGrant(*permission)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::Role;
    use crate::identity::access::tests::any_access;

    fn id(number: u128) -> UserId {
        UserId::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn standing(access: Access) -> Standing {
        Standing { access, is_active: true }
    }

    fn manager(access: &Access) -> Manager {
        Manager {
            user_id: Some(id(1)),
            is_super_admin: access.role().is_above_all(),
            permissions: access.permissions(),
        }
    }

    fn managing_admin() -> Access {
        Access::with_map(Role::Admin, &BTreeMap::from([(Permission::UsersManage, true)])).unwrap()
    }

    #[test]
    fn l_52_a_manager_grants_only_what_he_holds() {
        let admin = manager(&managing_admin());
        assert_eq!(admin.may_add(&standing(Access::preset(Role::Admin))), Ok(()));
        let monitor = BTreeMap::from([(Permission::MonitoringLbView, true)]);
        let after = standing(Access::with_map(Role::Viewer, &monitor).unwrap());
        let refusal = Err(MemberRefusal::CannotGrant(Permission::MonitoringLbView));
        assert_eq!(admin.may_add(&after), refusal);
        assert_eq!(admin.may_change(id(2), &standing(Access::preset(Role::Viewer)), &after, 1), refusal);
        assert_eq!(admin.may_change(id(1), &standing(managing_admin()), &after, 1), refusal);
        assert_eq!(admin.may_change(id(2), &after, &after, 1), Ok(()), "what he already has is not granted");
        let asleep = Standing { is_active: false, ..after.clone() };
        assert_eq!(admin.may_change(id(2), &asleep, &after, 1), refusal, "waking him grants it anew");
    }

    #[test]
    fn l_52_only_a_super_admin_touches_a_super_admin() {
        let admin = manager(&managing_admin());
        let (boss, viewer) = (standing(Access::preset(Role::SuperAdmin)), standing(Access::preset(Role::Viewer)));
        let asleep = Standing { is_active: false, ..boss.clone() };
        assert_eq!(admin.may_add(&boss), Err(MemberRefusal::SuperAdminOnly));
        for (before, after) in [(&boss, &viewer), (&viewer, &boss), (&boss, &asleep), (&asleep, &viewer)] {
            assert_eq!(admin.may_change(id(2), before, after, 5), Err(MemberRefusal::SuperAdminOnly));
        }
        assert_eq!(admin.may_take_over(id(2), &boss), Err(MemberRefusal::SuperAdminOnly));
    }

    #[test]
    fn l_52_f_69_nobody_changes_his_own_role_permissions_entity_or_status() {
        let boss = manager(&Access::preset(Role::SuperAdmin));
        let before = standing(Access::preset(Role::SuperAdmin));
        let asleep = Standing { is_active: false, ..before.clone() };
        assert_eq!(boss.may_change(id(1), &before, &asleep, 3), Err(MemberRefusal::Yourself));
        let admin = standing(Access::preset(Role::Admin));
        assert_eq!(boss.may_change(id(1), &before, &admin, 3), Err(MemberRefusal::OwnAccess));
        let fewer = BTreeMap::from([(Permission::LeadsExport, false)]);
        let fewer = standing(Access::with_map(Role::Admin, &fewer).unwrap());
        let own = manager(&Access::preset(Role::Admin));
        assert_eq!(own.may_change(id(1), &admin, &fewer, 3), Err(MemberRefusal::OwnAccess), "less is a change too");
        assert_eq!(boss.may_move(id(1)), Err(MemberRefusal::OwnAccess));
        assert_eq!(boss.may_move(id(2)), Ok(()));
        assert_eq!(boss.may_change(id(1), &before, &before, 3), Ok(()), "his name is his own");
        assert_eq!(boss.may_change(id(2), &before, &admin, 3), Ok(()));
    }

    #[test]
    fn the_last_super_admin_stays() {
        let service = Manager { user_id: None, ..manager(&Access::preset(Role::SuperAdmin)) };
        let before = standing(Access::preset(Role::SuperAdmin));
        let demoted = standing(Access::preset(Role::Admin));
        let asleep = Standing { is_active: false, ..before.clone() };
        for after in [&demoted, &asleep] {
            assert_eq!(service.may_change(id(2), &before, after, 0), Err(MemberRefusal::LastSuperAdmin));
            assert_eq!(service.may_change(id(2), &before, after, 1), Ok(()));
        }
        assert_eq!(service.may_change(id(2), &asleep, &demoted, 0), Ok(()));
    }

    #[test]
    fn nobody_takes_over_an_account_that_holds_more() {
        let admin = manager(&managing_admin());
        let monitor = BTreeMap::from([(Permission::MonitoringLbView, true)]);
        let target = standing(Access::with_map(Role::Viewer, &monitor).unwrap());
        let refusal = Err(MemberRefusal::OutranksYou(Permission::MonitoringLbView));
        assert_eq!(admin.may_take_over(id(2), &target), refusal);
        assert_eq!(admin.may_take_over(id(2), &standing(Access::preset(Role::Ops))), Ok(()));
        assert_eq!(admin.may_take_over(id(1), &standing(managing_admin())), Err(MemberRefusal::OwnPassword));
    }

    proptest! {
        #[test]
        fn l_52_no_allowed_change_gives_more_than_the_manager_and_the_member_held(
            own in any_access(), before in any_access(), after in any_access(), was in any::<bool>(), is in any::<bool>(),
        ) {
            let manager = manager(&own);
            let (before, after) = (Standing { access: before, is_active: was }, Standing { access: after, is_active: is });
            if manager.may_change(id(2), &before, &after, 1).is_ok() {
                let ceiling: BTreeSet<_> = manager.permissions.union(&before.held()).copied().collect();
                prop_assert!(after.held().is_subset(&ceiling));
            }
            if manager.may_add(&after).is_ok() {
                prop_assert!(after.held().is_subset(&manager.permissions));
            }
        }
    }
}

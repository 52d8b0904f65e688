//! What a member may do: his role's preset with single permissions added and taken away.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Permission, Role};

/// A member's role and how he differs from its preset. A super admin never differs: he holds everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    role: Role,
    granted: BTreeSet<Permission>,
    revoked: BTreeSet<Permission>,
}

/// The map takes a permission from a super admin, who always holds all.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a super admin holds every permission: {0} cannot be taken from him")]
pub struct AlwaysHeld(pub Permission);

impl Access {
    /// The preset of `role`, as it is.
    pub const fn preset(role: Role) -> Self {
        Self { role, granted: BTreeSet::new(), revoked: BTreeSet::new() }
    }

    /// The preset of `role`, overridden by `map`; what the map does not name follows the preset.
    pub fn with_map(role: Role, map: &BTreeMap<Permission, bool>) -> Result<Self, AlwaysHeld> {
        let preset = role.preset();
        let chosen = |wanted: bool| map.iter().filter(move |(_, on)| **on == wanted).map(|(permission, _)| *permission);
        let granted = chosen(true).filter(|permission| !preset.contains(permission)).collect();
        let revoked: BTreeSet<_> = chosen(false).filter(|permission| preset.contains(permission)).collect();
        if !role.is_above_all() {
            return Ok(Self { role, granted, revoked });
        }
        match revoked.first() {
            Some(permission) => Err(AlwaysHeld(*permission)),
            None => Ok(Self::preset(role)),
        }
    }

    /// What is stored; keys that no longer exist are forgotten.
    pub(crate) fn stored(role: Role, granted: &[String], revoked: &[String]) -> Self {
        if role.is_above_all() {
            return Self::preset(role);
        }
        let known = |keys: &[String]| keys.iter().filter_map(|key| key.parse().ok()).collect();
        Self { role, granted: known(granted), revoked: known(revoked) }
    }

    /// The role.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Permissions beyond the preset.
    pub const fn granted(&self) -> &BTreeSet<Permission> {
        &self.granted
    }

    /// Permissions of the preset that were taken away.
    pub const fn revoked(&self) -> &BTreeSet<Permission> {
        &self.revoked
    }

    /// The permissions in force.
    pub fn permissions(&self) -> BTreeSet<Permission> {
        let preset = self.role.preset();
        preset.union(&self.granted).filter(|permission| !self.revoked.contains(permission)).copied().collect()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;
    use proptest::sample::{select, subsequence};

    use super::*;

    pub(crate) fn any_role() -> impl Strategy<Value = Role> {
        select(Role::ALL)
    }

    fn any_map() -> impl Strategy<Value = BTreeMap<Permission, bool>> {
        let keys = subsequence(Permission::ALL, 0..=Permission::ALL.len());
        keys.prop_flat_map(|keys| {
            let count = keys.len();
            (Just(keys), proptest::collection::vec(any::<bool>(), count))
        })
        .prop_map(|(keys, values)| keys.into_iter().zip(values).collect())
    }

    pub(crate) fn any_access() -> impl Strategy<Value = Access> {
        (any_role(), any_map())
            .prop_map(|(role, map)| Access::with_map(role, &map).unwrap_or_else(|_| Access::preset(role)))
    }

    #[test]
    fn nothing_is_taken_from_a_super_admin() {
        let map = BTreeMap::from([(Permission::LeadsView, false)]);
        assert_eq!(Access::with_map(Role::SuperAdmin, &map), Err(AlwaysHeld(Permission::LeadsView)));
        let everything: BTreeSet<_> = Permission::ALL.iter().copied().collect();
        let stored = Access::stored(Role::SuperAdmin, &[], &["leads.view".to_owned()]);
        assert_eq!(stored.permissions(), everything);
    }

    #[test]
    fn a_stored_key_that_no_longer_exists_is_forgotten() {
        let stored = Access::stored(Role::Viewer, &["teleport.anywhere".to_owned()], &[]);
        assert_eq!(stored, Access::preset(Role::Viewer));
    }

    proptest! {
        #[test]
        fn the_map_decides_what_it_names_and_the_preset_the_rest(role in any_role(), map in any_map()) {
            let Ok(access) = Access::with_map(role, &map) else { return Ok(()) };
            let (held, preset) = (access.permissions(), role.preset());
            for permission in Permission::ALL {
                let expected = map.get(permission).copied().unwrap_or(preset.contains(permission));
                prop_assert_eq!(held.contains(permission), expected, "{}", permission);
            }
        }

        #[test]
        fn only_differences_from_the_preset_are_kept(access in any_access()) {
            let preset = access.role().preset();
            prop_assert!(access.granted().is_disjoint(&preset));
            prop_assert!(access.revoked().is_subset(&preset));
        }

        #[test]
        fn what_is_stored_reads_back(access in any_access()) {
            let keys = |set: &BTreeSet<Permission>| set.iter().map(|p| p.key().to_owned()).collect::<Vec<_>>();
            let read = Access::stored(access.role(), &keys(access.granted()), &keys(access.revoked()));
            prop_assert_eq!(read, access);
        }

        #[test]
        fn a_map_of_what_is_held_changes_nothing(access in any_access()) {
            let held = access.permissions();
            let map = Permission::ALL.iter().map(|p| (*p, held.contains(p))).collect();
            prop_assert_eq!(Access::with_map(access.role(), &map).unwrap(), access);
        }
    }
}

//! People and machines that sign in: users, memberships, sessions, keys.

use std::collections::BTreeSet;

use kernel::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::ctx::Member;
use crate::{Ctx, Error, Permission, Platform, Result, Role, TenantFrame, tenancy};

/// The hash under which a token or key is stored.
pub(crate) fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// Who the session token belongs to, with the scope he asked for.
///
/// Unauthenticated without a live session; forbidden when the account or membership is disabled.
pub(crate) async fn authenticate(
    platform: &Platform,
    token: &str,
    wanted: Option<&str>,
    request_id: &str,
) -> Result<Ctx> {
    let row = sqlx::query!(
        r#"select session_id as "session_id!", user_id as "user_id!", user_name as "user_name!", user_active as "user_active!",
               tenant_id as "tenant_id!", tenant_slug as "tenant_slug!", tenant_zone as "tenant_zone!",
               membership_active as "membership_active!", role as "role!", granted as "granted!", revoked as "revoked!",
               home_entity as "home_entity!", entity_ids, entity_codes, entity_zones
           from platform.authenticate($1, $2)"#,
        token_hash(token),
        platform.now() as Timestamp
    )
    .fetch_optional(platform.pool())
    .await?
    .ok_or_else(|| Error::unauthenticated("The session is missing or has ended: sign in again."))?;
    if !row.user_active || !row.membership_active {
        return Err(Error::forbidden("account_disabled", "This account is disabled."));
    }
    let role: Role = row.role.parse().map_err(|error| Error::internal("reading a stored role", error))?;
    let entities = tenancy::entity_refs(
        row.entity_ids.unwrap_or_default(),
        row.entity_codes.unwrap_or_default(),
        &row.entity_zones.unwrap_or_default(),
    )?;
    let tenant = TenantFrame {
        id: row.tenant_id.into(),
        slug: row.tenant_slug,
        zone: tenancy::zone(&row.tenant_zone)?,
        entities,
    };
    let member = Member {
        tenant,
        user_id: row.user_id.into(),
        name: row.user_name,
        session_id: row.session_id.into(),
        role,
        permissions: effective(role, &row.granted, &row.revoked),
        home: row.home_entity.into(),
    };
    Ctx::of_member(platform.clone(), member, wanted, request_id)
}

/// A role's preset with single permissions added and removed. A super admin always holds all.
pub(crate) fn effective(role: Role, granted: &[String], revoked: &[String]) -> BTreeSet<Permission> {
    let mut permissions = role.preset();
    if role == Role::SuperAdmin {
        return permissions;
    }
    permissions.extend(granted.iter().filter_map(|key| key.parse::<Permission>().ok()));
    permissions.retain(|permission| !revoked.iter().any(|key| key == permission.key()));
    permissions
}

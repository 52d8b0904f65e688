//! Sessions: signing in, being recognised, signing out.

pub(crate) mod http;
mod model;
mod ops;
pub(super) mod store;

use crate::ctx::Member;
use crate::{Ctx, Error, Platform, Result, TenantFrame, tenancy};

use super::{Access, token_hash};

/// Who the session token belongs to, with the scope he asked for.
///
/// Unauthenticated without a live session; forbidden when the account or membership is disabled.
pub(crate) async fn authenticate(
    platform: &Platform,
    token: &str,
    wanted: Option<&str>,
    request_id: &str,
) -> Result<Ctx> {
    let row = store::find_session(platform, &token_hash(token))
        .await?
        .ok_or_else(|| Error::unauthenticated("The session is missing or has ended: sign in again."))?;
    if !row.user_active || !row.membership_active {
        return Err(Error::forbidden("account_disabled", "This account is disabled."));
    }
    let role = row.role.parse().map_err(|error| Error::internal("reading a stored role", error))?;
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
        permissions: Access::stored(role, &row.granted, &row.revoked).permissions(),
        home: row.home_entity.into(),
    };
    Ctx::of_member(platform.clone(), member, wanted, request_id)
}

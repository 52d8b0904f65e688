//! Sessions: signing in, being recognised, signing out.

pub(crate) mod http;
mod model;
mod ops;
pub(super) mod store;

use crate::ctx::Member;
use crate::replica::Written;
use crate::{Ctx, Error, Platform, Result, TenantFrame, tenancy};

use super::{Access, token_hash};

/// Who a session token belongs to.
pub(crate) struct Recognised {
    /// He, with the scope he asked for.
    pub(crate) ctx: Ctx,
    /// How far the database was written when he was recognised.
    pub(crate) seen: Option<Written>,
    /// Whether the session is pending: it opens what [`Guard::pending`](crate::http::Guard::pending) lets through, and the rest once
    /// he has chosen a new password (spec/desk.md D-05).
    pub(crate) is_pending: bool,
}

/// Who the session token belongs to.
///
/// Unauthenticated without a live session; forbidden when the account or membership is disabled.
pub(crate) async fn authenticate(
    platform: &Platform,
    token: &str,
    wanted: Option<&str>,
    request_id: &str,
) -> Result<Recognised> {
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
    Ok(Recognised {
        ctx: Ctx::of_member(platform.clone(), member, wanted, request_id)?,
        seen: Written::parse(&row.written),
        is_pending: row.must_change_password,
    })
}

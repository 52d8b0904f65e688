//! Asking for a link, and using it.

use std::time::Duration;

use kernel::Email;
use serde_json::json;

use super::mail::MailLink;
use super::store::{self, ResetOwner};
use crate::error::Kind;
use crate::event::Severity;
use crate::http::ClientIp;
use crate::identity::users::store::{find_user_id, get_member, list_belongings};
use crate::identity::{PlainPassword, account, token_hash};
use crate::{Actor, Error, Event, Platform, Result, Tx};

const ASKS_PER_MINUTE_AND_IP: u32 = 10;
const ASKS_PER_MINUTE_AND_EMAIL: u32 = 2;
const TRIES_PER_MINUTE_AND_IP: u32 = 20;

/// Every answer takes so long: an address with an account takes longer to deal with than one without, and both less than this.
const ANSWER_AFTER: Duration = Duration::from_millis(200);

/// Has a link mailed to the address, if it has an account.
///
/// Throttled per client and per address, whether it has one or not.
pub(super) async fn ask(platform: &Platform, ip: ClientIp, request_id: &str, email: &Email) -> Result<()> {
    platform.limits().check("forgot_password_ip", &ip.rate_key(), ASKS_PER_MINUTE_AND_IP)?;
    platform.limits().check("forgot_password_email", email.as_str(), ASKS_PER_MINUTE_AND_EMAIL)?;
    let answer_at = tokio::time::Instant::now() + ANSWER_AFTER;
    let asked = enqueue(platform, request_id, email).await;
    tokio::time::sleep_until(answer_at).await;
    if let Err(error) = asked {
        // To say so would tell who has an account.
        tracing::error!(request_id, error = error.logged(), "a link for a forgotten password could not be mailed");
    }
    Ok(())
}

/// The mail goes out by the tenant that the user joined first.
async fn enqueue(platform: &Platform, request_id: &str, email: &Email) -> Result<()> {
    let mut conn = platform.pool().acquire().await?;
    let Some(user_id) = find_user_id(&mut conn, email).await? else { return Ok(()) };
    let belongings = list_belongings(&mut conn, user_id).await?;
    drop(conn);
    let Some(belonging) = belongings.into_iter().find(|belonging| belonging.is_active) else { return Ok(()) };
    let ctx = platform.act_in(belonging.tenant_id, Actor::System("forgotten password"), request_id).await?;
    let mut tx = ctx.begin().await?;
    let asked_at = tx.now();
    tx.enqueue(&MailLink { user_id, asked_at })?;
    tx.commit().await
}

/// Proves a link, before the work: hashing takes long.
///
/// Malformed when it does not work; invalid, at `password`, when the new one is too weak.
pub(super) async fn prove(platform: &Platform, ip: ClientIp, token: &str, new: &PlainPassword) -> Result<ResetOwner> {
    platform.limits().check("reset_password_ip", &ip.rate_key(), TRIES_PER_MINUTE_AND_IP)?;
    let owner = store::find_owner(platform, &token_hash(token)).await?.ok_or_else(broken)?;
    new.check_policy("password", &owner.email)?;
    Ok(owner)
}

/// Sets the new password, lifts the lockout and ends every session; the second factor stays.
///
/// Malformed when the link was used meanwhile.
pub(super) async fn choose_password(tx: &mut Tx, owner: &ResetOwner, new_hash: &str) -> Result<()> {
    if !store::use_reset(tx, owner.reset_id).await? {
        return Err(broken());
    }
    let member = get_member(tx, owner.user_id).await?;
    account::set_password(tx, owner.user_id, member.entity_id, new_hash, false).await?;
    account::store::end_sessions(tx, owner.user_id, None).await?;
    store::end_resets(tx, owner.user_id).await?;
    let details = json!({ "second_factor_removed": false, "by_mail": true });
    let event = Event::new("password_reset", "user", owner.user_id).entity(member.entity_id).details(details);
    tx.emit(event.severity(Severity::Warning));
    Ok(())
}

fn broken() -> Error {
    Error::new(Kind::Malformed, "reset_link_broken", "This link was used or is too old: ask for another.")
}

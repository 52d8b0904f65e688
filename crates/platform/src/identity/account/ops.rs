//! The writers of a user's own secrets.

use kernel::{EntityId, UserId};

use super::store::{self, Secrets};
use crate::event::Severity;
use crate::identity::{PlainPassword, factor, password, recovery, totp, users};
use crate::{Ctx, Error, Event, Result, Tx};

/// Proofs of a password that a signed-in user may try a minute.
const PROOFS_PER_MINUTE: u32 = 10;

/// A user at his own account: his row is in scope whichever entity he works in now.
pub(super) struct Own {
    pub(super) id: UserId,
    entity_id: EntityId,
    secrets: Secrets,
}

/// Opens the account of the user who acts.
pub(super) async fn open(tx: &mut Tx) -> Result<Own> {
    let id = user_id(tx.ctx())?;
    tx.across_entities().await?;
    let member = users::store::get_member(tx, id).await?;
    Ok(Own { id, entity_id: member.entity_id, secrets: store::lock_secrets(tx, id).await? })
}

/// Proves that who acts knows his password, outside the transaction of the work: hashing takes long.
///
/// Invalid, at `field`, when it is another; throttled after ten tries a minute. Answers the hash that was proven.
pub(super) async fn prove_password(ctx: &Ctx, field: &'static str, given: &PlainPassword) -> Result<Proven> {
    let key = user_id(ctx)?.to_string();
    ctx.platform().limits().check("password_proof", &key, PROOFS_PER_MINUTE)?;
    let mut tx = ctx.unclaimed().begin().await?;
    let own = open(&mut tx).await?;
    tx.commit().await?;
    let hash = own.secrets.password_hash;
    if !password::verify(given, Some(hash.clone())).await? {
        return Err(Error::invalid(field, "is not your password"));
    }
    Ok(Proven { hash, email: own.secrets.email })
}

/// A password that was proven a moment ago.
pub(super) struct Proven {
    hash: String,
    pub(super) email: kernel::Email,
}

impl Proven {
    fn still_stands(&self, own: &Own) -> Result<()> {
        if own.secrets.password_hash == self.hash {
            return Ok(());
        }
        Err(Error::conflict("The password was changed meanwhile."))
    }
}

/// Sets a member's password; his failed sign-ins are forgotten with the old one. Who did not choose it himself may have to change it
/// before anything else.
pub(crate) async fn set_password(
    tx: &mut Tx,
    user: UserId,
    entity: EntityId,
    hash: &str,
    must_change: bool,
) -> Result<()> {
    store::update_password(tx, user, hash, must_change).await?;
    forgive_sign_ins(tx, user, entity).await
}

/// Forgets a member's failed sign-ins; the end of a lock is told (spec/desk.md D-08).
pub(crate) async fn forgive_sign_ins(tx: &mut Tx, user: UserId, entity: EntityId) -> Result<()> {
    if store::forgive_sign_ins(tx, user).await? {
        tx.emit(Event::new("account_unlocked", "user", user).entity(entity));
    }
    Ok(())
}

/// Changes the password and ends the user's other sessions, in every tenant.
pub(super) async fn change_password(tx: &mut Tx, proven: &Proven, new_hash: &str) -> Result<()> {
    let own = open(tx).await?;
    proven.still_stands(&own)?;
    let keep = tx.ctx().session_id();
    set_password(tx, own.id, own.entity_id, new_hash, false).await?;
    store::end_sessions(tx, own.id, keep).await?;
    recovery::store::end_resets(tx, own.id).await?;
    tx.emit(Event::new("password_changed", "user", own.id).entity(own.entity_id));
    Ok(())
}

/// Starts a second factor; it counts once a code of it was confirmed. Starting anew forgets the secret before.
///
/// Refused when one is in force.
pub(super) async fn begin_totp(tx: &mut Tx) -> Result<(String, String)> {
    let own = open(tx).await?;
    let secret = totp::new_secret();
    let sealed = factor::seal(tx.ctx().platform().secrets(), own.id, &secret).await?;
    if !store::update_totp_secret(tx, own.id, &sealed).await? {
        return Err(already_enabled());
    }
    totp::enrolment(&secret, own.secrets.email.as_str())
}

/// Puts the second factor in force, ends the user's other sessions and answers his recovery codes.
///
/// Refused when none was started or one is in force; invalid when the code is wrong.
pub(super) async fn confirm_totp(tx: &mut Tx, code: &str) -> Result<Vec<String>> {
    let own = open(tx).await?;
    if own.secrets.totp_confirmed_at.is_some() {
        return Err(already_enabled());
    }
    let Some(stored) = own.secrets.factor() else {
        return Err(Error::refused("totp_not_started", "Start the second factor first."));
    };
    let secret = stored.open(tx.ctx().platform().secrets(), own.id).await?;
    let step = totp::fresh_step(&secret, own.secrets.totp_last_step, code, tx.now())?;
    let step = step.ok_or_else(|| Error::invalid("code", "is not the present code"))?;
    let codes = totp::new_recovery_codes();
    let hashes: Vec<_> = codes.iter().map(|code| totp::recovery_hash(code)).collect();
    if !store::confirm_totp(tx, own.id, step, &hashes).await? {
        return Err(already_enabled());
    }
    let keep = tx.ctx().session_id();
    store::end_sessions(tx, own.id, keep).await?;
    tx.emit(Event::new("totp_enabled", "user", own.id).entity(own.entity_id));
    Ok(codes)
}

/// Forgets the second factor. Nothing happens when there is none.
pub(super) async fn disable_totp(tx: &mut Tx, proven: &Proven) -> Result<()> {
    let own = open(tx).await?;
    proven.still_stands(&own)?;
    store::clear_totp(tx, own.id).await?;
    if own.secrets.totp_confirmed_at.is_some() {
        let event = Event::new("totp_disabled", "user", own.id).entity(own.entity_id);
        tx.emit(event.severity(Severity::Warning));
    }
    Ok(())
}

fn already_enabled() -> Error {
    Error::refused("totp_enabled", "A second factor is in force: remove it first.")
}

fn user_id(ctx: &Ctx) -> Result<UserId> {
    ctx.user_id().ok_or_else(|| Error::forbidden("not_a_person", "Only a person has an account of his own."))
}

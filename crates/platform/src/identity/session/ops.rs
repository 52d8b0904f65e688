//! Signing in and out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{Email, SessionId, Timestamp, UserId};
use serde_json::json;

use super::model::{self, Candidate, FactorRefusal, Proof, SESSION_LIFE};
use super::store::{self, NewSession};
use crate::error::Kind;
use crate::event::Severity;
use crate::http::ClientIp;
use crate::identity::users::store::{Belonging, get_member, list_belongings};
use crate::identity::{PlainPassword, account, password, token_hash};
use crate::{Actor, Error, Event, Platform, Result, Tx};

const PER_MINUTE_AND_IP: u32 = 20;
const PER_MINUTE_AND_EMAIL: u32 = 10;

/// What somebody signs in with.
pub(super) struct SignIn {
    pub(super) email: String,
    pub(super) password: PlainPassword,
    pub(super) tenant: Option<String>,
    pub(super) code: Option<String>,
}

/// Where a sign-in comes from.
pub(super) struct Origin {
    pub(super) ip: ClientIp,
    pub(super) user_agent: String,
    pub(super) request_id: String,
}

/// A session just opened, in the transaction that opened it.
pub(super) struct Opened {
    pub(super) tx: Tx,
    pub(super) user_id: UserId,
    pub(super) token: String,
    pub(super) expires_at: Timestamp,
}

/// Opens a session; the caller commits it.
///
/// Throttled per client and per e-mail, and while the e-mail is locked, whether it has an account or not. Unauthenticated alike for a wrong address,
/// password or code; `totp_required` after the right password where a code is needed. Forbidden when the account is
/// disabled or no member of the tenant asked for.
pub(super) async fn sign_in(platform: &Platform, origin: &Origin, cmd: &SignIn) -> Result<Opened> {
    platform.limits().check("sign_in_ip", &origin.ip.rate_key(), PER_MINUTE_AND_IP)?;
    let Ok(email) = cmd.email.parse::<Email>() else {
        password::verify(&cmd.password, None).await?;
        return Err(failure("unknown"));
    };
    platform.limits().check("sign_in_email", email.as_str(), PER_MINUTE_AND_EMAIL)?;
    model::refuse_locked(store::find_lock(platform, &email).await?, platform.now())?;
    let Some(candidate) = store::find_candidate(platform, &email).await? else {
        password::verify(&cmd.password, None).await?;
        store::note_failure(platform, &email).await?;
        return Err(failure("unknown"));
    };
    let belongings = belongings(platform, candidate.id).await?;
    let attempt = Attempt { platform, origin, cmd, email, candidate: &candidate, belongings: &belongings };
    if !password::verify(&cmd.password, Some(candidate.password_hash.clone())).await? {
        return Err(attempt.failed("password").await?);
    }
    if !candidate.is_active {
        return Err(model::disabled());
    }
    let belonging = model::choose(&belongings, cmd.tenant.as_deref())?;
    let secret = match candidate.factor() {
        Some(stored) => Some(stored.open(platform.secrets(), candidate.id).await?),
        None => None,
    };
    match candidate.second_factor(secret.as_deref(), cmd.code.as_deref(), platform.now())? {
        Ok(proof) => attempt.open(belonging, &proof).await,
        Err(FactorRefusal::Wrong) => Err(attempt.failed("second_factor").await?),
        Err(FactorRefusal::Missing) => {
            Err(Error::new(Kind::Unauthenticated, "totp_required", "Enter the code of your authenticator."))
        }
    }
}

/// Ends the user's sessions in every tenant, but for the one to `keep`; how many.
pub(super) async fn end_own_sessions(tx: &mut Tx, user: UserId, keep: Option<SessionId>) -> Result<i64> {
    tx.across_entities().await?;
    let member = get_member(tx, user).await?;
    let ended = store::end_all_sessions(tx, user, keep).await?;
    let details = json!({ "ended": ended, "this_too": keep.is_none() });
    tx.emit(Event::new("sessions_ended", "user", user).entity(member.entity_id).details(details));
    Ok(ended)
}

/// Ends the session of the request. Ending it twice is ending it once.
pub(super) async fn sign_out(tx: &mut Tx) -> Result<()> {
    match tx.ctx().session_id() {
        Some(id) => store::delete_session(tx, id).await,
        None => Ok(()),
    }
}

async fn belongings(platform: &Platform, user: UserId) -> Result<Vec<Belonging>> {
    let mut conn = platform.pool().acquire().await?;
    list_belongings(&mut conn, user).await
}

/// An attempt at an account that exists.
struct Attempt<'a> {
    platform: &'a Platform,
    origin: &'a Origin,
    cmd: &'a SignIn,
    email: Email,
    candidate: &'a Candidate,
    belongings: &'a [Belonging],
}

impl Attempt<'_> {
    /// Counts the failure, records it in the tenant where it is known, and answers like any other failure.
    async fn failed(&self, reason: &'static str) -> Result<Error> {
        let is_locked = store::note_failure(self.platform, &self.email).await?;
        let wanted = self.cmd.tenant.as_deref();
        let belonging = self.belongings.iter().find(|belonging| wanted.is_none_or(|slug| belonging.slug == slug));
        if let Some(belonging) = belonging {
            let actor = Actor::System("sign-in");
            let ctx = self.platform.act_in(belonging.tenant_id, actor, &self.origin.request_id).await?;
            let mut tx = ctx.begin().await?;
            let details = json!({ "reason": reason, "locked": is_locked, "ip": self.origin.ip.0 });
            let event = Event::new("login_failed", "user", self.candidate.id).entity(belonging.entity_id);
            tx.emit(event.details(details).severity(Severity::Warning));
            tx.commit().await?;
        }
        Ok(failure(reason))
    }

    async fn open(&self, belonging: &Belonging, proof: &Proof) -> Result<Opened> {
        let user_id = self.candidate.id;
        let actor = Actor::User { id: user_id, name: self.candidate.name.clone() };
        let ctx = self.platform.act_in(belonging.tenant_id, actor, &self.origin.request_id).await?;
        let mut tx = ctx.begin().await?;
        if !store::use_proof(&mut tx, user_id, proof).await? {
            drop(tx);
            return Err(self.failed("second_factor").await?);
        }
        let member = get_member(&mut tx, user_id).await?;
        if !member.is_active {
            return Err(model::disabled());
        }
        let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        let expires_at = tx.now().plus(SESSION_LIFE);
        let ip = self.origin.ip.0.to_string();
        let (token_hash, user_agent) = (token_hash(&token), self.origin.user_agent.as_str());
        let new = NewSession { user_id, token_hash: &token_hash, expires_at, user_agent, ip: &ip };
        store::insert_session(&mut tx, &new).await?;
        let details = json!({ "ip": ip, "second_factor": !matches!(proof, Proof::NotAsked),
            "recovery_code": matches!(proof, Proof::RecoveryCode(_)) });
        account::forgive_sign_ins(&mut tx, user_id, member.entity_id).await?;
        tx.emit(Event::new("login", "user", user_id).entity(member.entity_id).details(details));
        Ok(Opened { tx, user_id, token, expires_at })
    }
}

fn failure(reason: &'static str) -> Error {
    metrics::counter!("comptoir_sign_in_failed_total", "reason" => reason).increment(1);
    model::failed()
}

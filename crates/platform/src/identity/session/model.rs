//! The rules of signing in. Pure.

use jiff::SignedDuration;
use kernel::{Timestamp, UserId};

use crate::error::Kind;
use crate::identity::factor::StoredFactor;
use crate::identity::totp;
use crate::identity::users::store::Belonging;
use crate::secret::Sealed;
use crate::{Error, Result};

/// How long a session lasts.
pub(super) const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Failures in a row that lock an address (spec/desk.md D-08).
pub(super) const FAILURES_TO_LOCK: i32 = 5;

/// How long a locked address stays locked (spec/desk.md D-08).
pub(super) const LOCK: SignedDuration = SignedDuration::from_mins(15);

/// An account that somebody tries to sign in to.
#[derive(Clone)]
pub(super) struct Candidate {
    pub(super) id: UserId,
    pub(super) name: String,
    pub(super) password_hash: String,
    pub(super) is_active: bool,
    pub(super) totp_clear: Option<Vec<u8>>,
    pub(super) totp_sealed: Option<Sealed>,
    pub(super) totp_last_step: Option<i64>,
    pub(super) recovery_codes: Vec<String>,
}

/// What proves the second factor, to be used up with the sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    NotAsked,
    Step(i64),
    RecoveryCode(String),
}

/// Why a sign-in stops after the right password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FactorRefusal {
    Missing,
    Wrong,
}

/// Throttled, with the seconds to wait, while an address is locked. It is said of every address alike, whether it has an account or not.
pub(super) fn refuse_locked(locked_until: Option<Timestamp>, now: Timestamp) -> Result<()> {
    let Some(wait) = locked_until.map(|until| until.since(now)).filter(SignedDuration::is_positive) else {
        return Ok(());
    };
    let seconds = wait.as_secs() + i64::from(wait.subsec_nanos() > 0);
    let detail = format!("Too many failed sign-ins: this account is locked for {seconds} s more.");
    Err(Error::new(Kind::Throttled, "locked", detail).with_field("retry_after", seconds.to_string()))
}

impl Candidate {
    /// The second factor that is in force, if one is.
    pub(super) fn factor(&self) -> Option<StoredFactor> {
        StoredFactor::of(self.totp_clear.clone(), self.totp_sealed.clone())
    }

    /// What `code` proves where a second factor with this secret is in force; a step or recovery code that was used proves nothing.
    pub(super) fn second_factor(
        &self,
        secret: Option<&[u8]>,
        code: Option<&str>,
        now: Timestamp,
    ) -> Result<std::result::Result<Proof, FactorRefusal>> {
        let Some(secret) = secret else { return Ok(Ok(Proof::NotAsked)) };
        let Some(code) = code.map(str::trim).filter(|code| !code.is_empty()) else {
            return Ok(Err(FactorRefusal::Missing));
        };
        if totp::is_time_code(code) {
            let step = totp::fresh_step(secret, self.totp_last_step, code, now)?;
            return Ok(step.map(Proof::Step).ok_or(FactorRefusal::Wrong));
        }
        let hash = totp::recovery_hash(code);
        let is_known = self.recovery_codes.contains(&hash);
        Ok(if is_known { Ok(Proof::RecoveryCode(hash)) } else { Err(FactorRefusal::Wrong) })
    }
}

/// The tenant to sign in to: the one asked for, or the first joined; only where the membership is active.
pub(super) fn choose<'a>(belongings: &'a [Belonging], wanted: Option<&str>) -> Result<&'a Belonging> {
    if !belongings.iter().any(|belonging| belonging.is_active) {
        return Err(disabled());
    }
    let wanted = wanted.map(str::trim).filter(|slug| !slug.is_empty());
    let is_meant = |belonging: &&Belonging| wanted.map_or(belonging.is_active, |slug| belonging.slug == slug);
    match belongings.iter().find(is_meant) {
        Some(belonging) if belonging.is_active => Ok(belonging),
        Some(_) => Err(disabled()),
        None => Err(Error::forbidden("not_a_member", "You are not a member of this organisation.")),
    }
}

/// The account may not be used.
pub(super) fn disabled() -> Error {
    Error::forbidden("account_disabled", "This account is disabled.")
}

/// The one answer to a wrong address, password or code: it does not tell which.
pub(super) fn failed() -> Error {
    Error::new(Kind::Unauthenticated, "sign_in_failed", "The e-mail, the password or the code is wrong.")
}

#[cfg(test)]
mod tests {
    use kernel::{EntityId, TenantId};
    use uuid::Uuid;

    use super::*;

    const SECRET: Option<&[u8]> = Some(b"12345678901234567890");

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_jiff(jiff::Timestamp::from_second(seconds).unwrap())
    }

    fn candidate() -> Candidate {
        Candidate {
            id: UserId::from_uuid(Uuid::from_u128(1)),
            name: "Camille".to_owned(),
            password_hash: String::new(),
            is_active: true,
            totp_clear: None,
            totp_sealed: None,
            totp_last_step: None,
            recovery_codes: vec![totp::recovery_hash("ABCD-EFGH-JKMN-PQRS")],
        }
    }

    fn belonging(slug: &str, is_active: bool) -> Belonging {
        let id = Uuid::from_u128(1);
        let (tenant_id, entity_id) = (TenantId::from_uuid(id), EntityId::from_uuid(id));
        Belonging { tenant_id, slug: slug.to_owned(), name: slug.to_owned(), entity_id, is_active }
    }

    #[test]
    fn l_48_a_locked_address_says_how_long_it_stays_locked() {
        assert!(refuse_locked(None, at(100)).is_ok());
        assert!(refuse_locked(Some(at(100)), at(100)).is_ok());
        let error = refuse_locked(Some(at(1000)), at(100)).unwrap_err();
        assert_eq!((error.kind(), error.code()), (Kind::Throttled, "locked"));
        assert_eq!(error.fields()[0].message, "900");
        let error = refuse_locked(Some(at(101)), at(101).minus(SignedDuration::from_millis(1))).unwrap_err();
        assert_eq!(error.fields()[0].message, "1", "never told to retry at once");
    }

    #[test]
    fn the_second_factor_is_asked_for_only_where_it_is_in_force() {
        assert_eq!(candidate().second_factor(None, None, at(59)).unwrap(), Ok(Proof::NotAsked));
        for missing in [None, Some(""), Some("  ")] {
            assert_eq!(candidate().second_factor(SECRET, missing, at(59)).unwrap(), Err(FactorRefusal::Missing));
        }
    }

    #[test]
    fn a_code_proves_once() {
        let fresh = candidate();
        assert_eq!(fresh.second_factor(SECRET, Some("287082"), at(59)).unwrap(), Ok(Proof::Step(1)));
        let used = Candidate { totp_last_step: Some(1), ..candidate() };
        assert_eq!(used.second_factor(SECRET, Some("287082"), at(59)).unwrap(), Err(FactorRefusal::Wrong));
        let code = "abcd efgh jkmn pqrs";
        let proof = Proof::RecoveryCode(totp::recovery_hash(code));
        assert_eq!(fresh.second_factor(SECRET, Some(code), at(59)).unwrap(), Ok(proof));
        let spent = Candidate { recovery_codes: Vec::new(), ..candidate() };
        assert_eq!(spent.second_factor(SECRET, Some(code), at(59)).unwrap(), Err(FactorRefusal::Wrong));
    }

    #[test]
    fn the_first_active_membership_is_taken_unless_one_is_named() {
        let belongings = [belonging("old", false), belonging("one", true), belonging("two", true)];
        assert_eq!(choose(&belongings, None).unwrap().slug, "one");
        assert_eq!(choose(&belongings, Some("two")).unwrap().slug, "two");
        let code = |belongings: &[Belonging], wanted| choose(belongings, wanted).err().unwrap().code().to_owned();
        assert_eq!(code(&belongings, Some("old")), "account_disabled");
        assert_eq!(code(&belongings, Some("elsewhere")), "not_a_member");
        assert_eq!(code(&belongings[..1], None), "account_disabled");
        assert_eq!(code(&[], None), "account_disabled");
    }
}

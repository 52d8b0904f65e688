//! Passwords: argon2id, with bounded memory and the same cost whoever signs in.

use std::fmt;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use kernel::Email;
use serde::Deserialize;
use tokio::sync::Semaphore;

use crate::{Error, Result};

const MIN_CHARS: usize = 12;
const MAX_CHARS: usize = 256;

/// Hashes under way at once: each takes 19 MiB.
static SLOTS: Semaphore = Semaphore::const_new(2);

/// A password as it was typed. Never shown, not even by `Debug`.
#[derive(Clone, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = Password)]
pub struct PlainPassword(String);

impl PlainPassword {
    /// Wraps what was typed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Checks that it may become the password of the account `email`.
    ///
    /// Invalid, at `field`, when it is shorter than 12 or longer than 256 characters, or is the address itself.
    pub fn check_policy(&self, field: &'static str, email: &Email) -> Result<()> {
        let chars = self.0.chars().count();
        if chars < MIN_CHARS {
            return Err(Error::invalid(field, format!("must have at least {MIN_CHARS} characters")));
        }
        if chars > MAX_CHARS {
            return Err(Error::invalid(field, format!("must have at most {MAX_CHARS} characters")));
        }
        if self.0.trim().to_lowercase() == email.as_str() {
            return Err(Error::invalid(field, "must not be the e-mail address"));
        }
        Ok(())
    }
}

impl fmt::Debug for PlainPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainPassword(…)")
    }
}

/// Hashes a password for storage, with a salt of its own.
pub(crate) async fn hash(password: &PlainPassword) -> Result<String> {
    let password = password.clone();
    let salt: [u8; 16] = rand::random();
    blocking(move || hash_with(&password, &salt)).await?.map_err(|error| Error::internal("hashing a password", error))
}

/// Whether `password` is the one stored. Takes as long without a stored one, so that time does not tell who exists.
pub(crate) async fn verify(password: &PlainPassword, stored: Option<String>) -> Result<bool> {
    let password = password.clone();
    let verified = blocking(move || match stored {
        Some(stored) => verify_with(&password, &stored),
        None => hash_with(&password, &[0; 16]).map(|_| false),
    });
    verified.await?.map_err(|error| Error::internal("verifying a password", error))
}

/// The slot goes with the work: it stays taken when the request that asked is gone.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let slot = SLOTS.acquire().await.map_err(|error| Error::internal("waiting to hash a password", error))?;
    let done = tokio::task::spawn_blocking(move || {
        let _slot = slot;
        work()
    });
    done.await.map_err(|error| Error::internal("hashing a password", error))
}

fn hash_with(password: &PlainPassword, salt: &[u8]) -> Result<String, argon2::password_hash::Error> {
    let hash: PasswordHash = argon2().hash_password_with_salt(password.0.as_bytes(), salt)?;
    Ok(hash.to_string())
}

fn verify_with(password: &PlainPassword, stored: &str) -> Result<bool, argon2::password_hash::Error> {
    match argon2().verify_password(password.0.as_bytes(), stored) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(error),
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(19_456, 2, 1, None).expect("the parameters are within argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email() -> Email {
        "camille.durand@example.fr".parse().unwrap()
    }

    #[test]
    fn a_password_has_12_to_256_characters_and_is_not_the_address() {
        for (text, accepted) in [
            ("", false),
            ("elevenchars", false),
            ("twelve chars", true),
            ("é".repeat(12).as_str(), true),
            ("x".repeat(256).as_str(), true),
            ("x".repeat(257).as_str(), false),
            ("camille.durand@example.fr", false),
            (" Camille.Durand@Example.FR ", false),
            ("camille.durand@example.fr!", true),
        ] {
            assert_eq!(PlainPassword::new(text).check_policy("password", &email()).is_ok(), accepted, "{text:?}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        assert!(!format!("{:?}", PlainPassword::new("correct horse battery")).contains("horse"));
    }

    #[tokio::test]
    async fn l_48_a_stored_password_is_argon2id_with_its_own_salt() {
        let password = PlainPassword::new("correct horse battery");
        let (one, other) = (hash(&password).await.unwrap(), hash(&password).await.unwrap());
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, other);
        assert!(verify(&password, Some(one.clone())).await.unwrap());
        assert!(!verify(&PlainPassword::new("correct horse batterx"), Some(one)).await.unwrap());
        assert!(!verify(&password, None).await.unwrap());
    }
}

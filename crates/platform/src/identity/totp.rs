//! The second factor: time-based codes (RFC 6238), each good once, and recovery codes.

use std::fmt::Write as _;

use kernel::Timestamp;
use totp_rs::{Builder, Secret, Totp};

use super::token_hash;
use crate::{Error, Result};

const ISSUER: &str = "Comptoir";
const RECOVERY_CODES: usize = 10;

/// Crockford's base 32: no letter that reads like a digit.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A fresh secret of 160 bits.
pub(super) fn new_secret() -> [u8; 20] {
    rand::random()
}

/// The secret as people type it, and the URL that authenticator apps read from a QR code.
pub(super) fn enrolment(secret: &[u8], account: &str) -> Result<(String, String)> {
    let totp = totp(secret, account)?;
    let url = totp.to_url().map_err(|error| Error::internal("writing an otpauth URL", error))?;
    Ok((totp.secret().to_base32(), url))
}

/// The step whose code this is, one step of clock drift allowed either way; none when the code is wrong or its step
/// is not after the last one used: a code seen over a shoulder is worth nothing.
pub(super) fn fresh_step(secret: &[u8], last_step: Option<i64>, code: &str, at: Timestamp) -> Result<Option<i64>> {
    let seconds = u64::try_from(at.jiff().as_second()).unwrap_or(0);
    let step = totp(secret, "")?.check(&bare(code), seconds).and_then(|step| i64::try_from(step).ok());
    Ok(step.filter(|step| last_step.is_none_or(|last| *step > last)))
}

/// Whether the text has the form of a time-based code; anything else is taken for a recovery code.
pub(super) fn is_time_code(code: &str) -> bool {
    let code = bare(code);
    code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit())
}

/// Fresh recovery codes of 80 bits, for paper.
pub(super) fn new_recovery_codes() -> Vec<String> {
    (0..RECOVERY_CODES).map(|_| recovery_code(rand::random())).collect()
}

/// The form in which a recovery code is stored: the hash of what matters in it.
pub(super) fn recovery_hash(code: &str) -> String {
    token_hash(&bare(code).to_ascii_uppercase()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("writing to a string cannot fail");
        hex
    })
}

fn recovery_code(random: [u8; 16]) -> String {
    let letters: Vec<u8> = random.iter().map(|byte| ALPHABET[usize::from(byte % 32)]).collect();
    let groups: Vec<_> = letters.chunks(4).map(String::from_utf8_lossy).collect();
    groups.join("-")
}

fn bare(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}

fn totp(secret: &[u8], account: &str) -> Result<Totp> {
    let builder = Builder::new()
        .with_secret(Secret::new(secret.into()))
        .with_account_name(account.replace(':', " "))
        .with_issuer(Some(ISSUER));
    builder.build().map_err(|error| Error::internal("reading a TOTP secret", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8; 20] = b"12345678901234567890";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_jiff(jiff::Timestamp::from_second(seconds).unwrap())
    }

    #[test]
    fn a_code_of_the_rfc_is_accepted_within_one_step_of_drift() {
        // RFC 6238, appendix B: at 59 s (step 1) the 8-digit code is 94287082.
        for (seconds, step) in [(0, Some(1)), (30, Some(1)), (59, Some(1)), (60, Some(1)), (89, Some(1)), (90, None)] {
            assert_eq!(fresh_step(SECRET, None, "287082", at(seconds)).unwrap(), step, "at {seconds}");
        }
        assert_eq!(fresh_step(SECRET, None, "287 082", at(59)).unwrap(), Some(1));
        assert_eq!(fresh_step(SECRET, None, "287083", at(59)).unwrap(), None);
    }

    #[test]
    fn a_step_is_good_once_and_so_are_those_before_it() {
        for (last, step) in [(None, Some(1)), (Some(0), Some(1)), (Some(1), None), (Some(2), None)] {
            assert_eq!(fresh_step(SECRET, last, "287082", at(59)).unwrap(), step, "after {last:?}");
        }
    }

    #[test]
    fn a_recovery_code_is_known_however_it_is_typed() {
        let codes = new_recovery_codes();
        assert_eq!(codes.len(), RECOVERY_CODES);
        for code in codes {
            assert_eq!(code.len(), 19);
            assert!(!is_time_code(&code));
            assert_eq!(recovery_hash(&code), recovery_hash(&format!(" {} ", code.to_lowercase().replace('-', ""))));
        }
        assert_ne!(recovery_hash(&recovery_code([1; 16])), recovery_hash(&recovery_code([2; 16])));
        assert!(is_time_code("287 082"));
    }

    #[test]
    fn the_enrolment_url_names_issuer_and_account() {
        let (secret, url) = enrolment(SECRET, "camille@example.fr").unwrap();
        assert_eq!(secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(url.starts_with("otpauth://totp/") && url.contains("issuer=Comptoir"), "{url}");
    }
}

//! One key: its name, its age, and what it seals and opens.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::Timestamp;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use secrecy::{ExposeSecret as _, SecretBox};

/// Bytes of a key.
const BYTES: usize = 32;

/// RFC 4648 §6 in lower case: no digit that reads like a letter.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// What the key that seals is derived for, and the one that proves which key this is: neither says anything of the other.
const TO_SEAL: &[u8] = b"comptoir secret seal v1";
const TO_CHECK: &[u8] = b"comptoir secret check v1";

/// The name of a key: 8 letters of base 32.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 8]);

impl KeyId {
    /// The letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("its letters are ASCII")
    }
}

impl FromStr for KeyId {
    type Err = NotAKeyId;

    fn from_str(text: &str) -> Result<Self, NotAKeyId> {
        let letters: [u8; 8] = text.as_bytes().try_into().map_err(|_| NotAKeyId)?;
        if letters.iter().all(|letter| ALPHABET.contains(letter)) { Ok(Self(letters)) } else { Err(NotAKeyId) }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that names no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key is named by 8 letters from a to z and digits from 2 to 7")]
pub struct NotAKeyId;

/// A key. Its `Debug` shows its name alone.
pub struct Key {
    id: KeyId,
    created_at: Timestamp,
    bytes: SecretBox<[u8; BYTES]>,
    aead: LessSafeKey,
}

impl Key {
    /// A fresh key.
    pub(super) fn generate(at: Timestamp) -> Self {
        let letters: [u8; 8] = rand::random();
        let id = KeyId(letters.map(|letter| ALPHABET[usize::from(letter % 32)]));
        Self::new(id, at, SecretBox::init_with(rand::random))
    }

    fn new(id: KeyId, created_at: Timestamp, bytes: SecretBox<[u8; BYTES]>) -> Self {
        let derived = derive(&bytes, TO_SEAL);
        let unbound = UnboundKey::new(&AES_256_GCM, derived.as_ref()).expect("a SHA-256 is as long as the key");
        Self { id, created_at, bytes, aead: LessSafeKey::new(unbound) }
    }

    /// Its name.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// When it was made.
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// What tells it from every other key and gives nothing of it away: an HMAC of a constant.
    pub(super) fn check_value(&self) -> String {
        URL_SAFE_NO_PAD.encode(derive(&self.bytes, TO_CHECK))
    }

    /// `nonce ‖ ciphertext ‖ tag` (NIST SP 800-38D); the nonce is random, which is safe for 2³² values of a key.
    pub(super) fn seal(&self, aad: &[u8], secret: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE_LEN] = rand::random();
        let mut sealed = Vec::with_capacity(NONCE_LEN + secret.len() + AES_256_GCM.tag_len());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(secret);
        let tag = self.aead.seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(aad),
            &mut sealed[NONCE_LEN..],
        );
        sealed.extend_from_slice(tag.expect("a secret is far shorter than 64 GiB").as_ref());
        sealed
    }

    /// What was sealed under the same `aad`; none when anything of it differs.
    pub(super) fn open(&self, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN)?;
        let mut rest = rest.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let secret = self.aead.open_in_place(nonce, Aad::from(aad), &mut rest).ok()?;
        Some(secret.to_vec())
    }

    /// Its line in a ring. A secret.
    pub(super) fn line(&self) -> String {
        let bytes = URL_SAFE_NO_PAD.encode(self.bytes.expose_secret());
        format!("{} {} {bytes}", self.id, self.created_at)
    }

    /// Reads a line of a ring. What is wrong is told without repeating it.
    pub(super) fn from_line(line: &str) -> Result<Self, &'static str> {
        let parts: Vec<_> = line.split_whitespace().collect();
        let [id, created_at, bytes] = parts[..] else { return Err("it must read: name, instant, key") };
        let id = id.parse().map_err(|_| "its name must be 8 letters from a to z and digits from 2 to 7")?;
        let created_at = created_at.parse().map_err(|_| "its instant must be one of RFC 3339")?;
        let decoded = URL_SAFE_NO_PAD.decode(bytes).map_err(|_| "its key must be 32 bytes in base64url")?;
        let bytes = <[u8; BYTES]>::try_from(decoded).map_err(|_| "its key must be 32 bytes in base64url")?;
        Ok(Self::new(id, created_at, SecretBox::new(Box::new(bytes))))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id)
    }
}

fn derive(bytes: &SecretBox<[u8; BYTES]>, purpose: &[u8]) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, bytes.expose_secret()), purpose)
}

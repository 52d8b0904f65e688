//! The ring: the keys of an installation, the one that seals first. Pure.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::str::FromStr;
use std::sync::Arc;

use kernel::Timestamp;

use super::key::{Key, KeyId};
use super::sealed::{Place, Sealed};

const HEAD: &str = "\
# The secret keys of this Comptoir. They seal what is secret in its database: without them it cannot be opened.
# Keep a copy apart from the backups of the database, and let nobody else read this file.
# One key a line: its name, when it was made, 32 random bytes in base64url. The first line seals, every line opens.
# `comptoir secrets rotate` puts a new key first; `comptoir secrets prune` takes out what seals nothing any more.
";

/// The keys of an installation; never empty.
#[derive(Clone)]
pub struct KeyRing {
    keys: Vec<Arc<Key>>,
}

/// Why a text is no ring. The text is not repeated: it may hold keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RingError {
    /// It has no key.
    #[error("it holds no key")]
    Empty,
    /// A line is no key.
    #[error("line {line} is not a key: {why}")]
    Line {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Two keys have one name.
    #[error("line {line} names the key {id} again")]
    Twice {
        /// The line, counted from 1.
        line: usize,
        /// The name.
        id: KeyId,
    },
}

/// Why a sealed value did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unopened {
    /// It is sealed with a key that is not in the ring.
    #[error("it is sealed with the key {0}, which is not in the ring")]
    UnknownKey(KeyId),
    /// It was changed, or belongs to another place.
    #[error("it was changed, or belongs to another row")]
    Broken,
    /// It has not the form of a sealed value.
    #[error("it has not the form of a sealed value")]
    Malformed,
}

impl KeyRing {
    /// A ring of one fresh key.
    pub fn generate(at: Timestamp) -> Self {
        Self { keys: vec![Arc::new(Key::generate(at))] }
    }

    /// The key that seals.
    pub fn first(&self) -> &Key {
        &self.keys[0]
    }

    /// The keys, the one that seals first.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter().map(AsRef::as_ref)
    }

    /// The key called `id`.
    pub fn get(&self, id: KeyId) -> Option<&Key> {
        self.keys().find(|key| key.id() == id)
    }

    /// This ring with a fresh key first.
    #[must_use]
    pub fn with_fresh_key(&self, at: Timestamp) -> Self {
        let mut fresh = Self::generate(at);
        fresh.keys.extend(self.keys.iter().cloned());
        fresh
    }

    /// This ring without these keys; the one that seals always stays.
    #[must_use]
    pub fn without(&self, ids: &[KeyId]) -> Self {
        let first = self.first().id();
        let keep = |key: &&Arc<Key>| key.id() == first || !ids.contains(&key.id());
        Self { keys: self.keys.iter().filter(keep).cloned().collect() }
    }

    /// Seals `secret` for `place` with the first key.
    pub fn seal(&self, place: &Place, secret: &[u8]) -> Sealed {
        let key = self.first();
        Sealed::new(key.id(), &key.seal(&place.bytes(key.id()), secret))
    }

    /// Opens what was sealed for `place`.
    pub fn open(&self, place: &Place, sealed: &Sealed) -> Result<Vec<u8>, Unopened> {
        let (id, bytes) = sealed.parts().ok_or(Unopened::Malformed)?;
        let key = self.get(id).ok_or(Unopened::UnknownKey(id))?;
        key.open(&place.bytes(id), &bytes).ok_or(Unopened::Broken)
    }

    /// The ring as a file holds it. A secret.
    pub fn to_text(&self) -> String {
        let mut text = HEAD.to_owned();
        for key in self.keys() {
            writeln!(text, "{}", key.line()).expect("writing to a string cannot fail");
        }
        text
    }

    /// The line of the first key, as it is added to a ring. A secret.
    pub fn first_line(&self) -> String {
        self.first().line()
    }
}

impl FromStr for KeyRing {
    type Err = RingError;

    /// One key a line; in a variable, commas may stand for the ends of lines.
    fn from_str(text: &str) -> Result<Self, RingError> {
        let (mut keys, mut seen) = (Vec::new(), BTreeSet::new());
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with('#')) {
            let line_number = index + 1;
            for entry in line.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
                let key = Key::from_line(entry).map_err(|why| RingError::Line { line: line_number, why })?;
                if !seen.insert(key.id()) {
                    return Err(RingError::Twice { line: line_number, id: key.id() });
                }
                keys.push(Arc::new(key));
            }
        }
        if keys.is_empty() { Err(RingError::Empty) } else { Ok(Self { keys }) }
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys().map(Key::id)).finish()
    }
}

#[cfg(test)]
mod tests {
    use kernel::TenantId;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::super::sealed::SealedColumn;
    use super::*;

    const COLUMN: SealedColumn = column("leads.buyer", "api_key_sealed");
    const OTHER: SealedColumn = column("leads.buyer", "token_sealed");

    const fn column(table: &'static str, column: &'static str) -> SealedColumn {
        SealedColumn { table, column, of_tenant: true, forget: "", about: "" }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_jiff(jiff::Timestamp::from_second(second).unwrap())
    }

    fn tenant(n: u128) -> TenantId {
        TenantId::from_uuid(Uuid::from_u128(n))
    }

    fn place() -> Place {
        COLUMN.place(tenant(1), Uuid::from_u128(2))
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_in_its_place_and_never_reads_the_same_twice(secret: Vec<u8>, tenant_id: u128, id: u128) {
            let ring = KeyRing::generate(at(0)).with_fresh_key(at(1));
            let place = COLUMN.place(tenant(tenant_id), Uuid::from_u128(id));
            let (one, two) = (ring.seal(&place, &secret), ring.seal(&place, &secret));
            prop_assert_ne!(one.as_str(), two.as_str());
            prop_assert_eq!(ring.open(&place, &one).unwrap(), secret.clone());
            prop_assert_eq!(ring.open(&place, &two).unwrap(), secret);
        }

        #[test]
        fn one_changed_letter_anywhere_and_it_does_not_open(at_byte in 0_usize..200, letter in "[A-Za-z0-9_.-]") {
            let ring = KeyRing::generate(at(0));
            let sealed = ring.seal(&place(), &[7; 90]);
            let mut text = sealed.as_str().to_owned();
            let index = at_byte % text.len();
            prop_assume!(text[index..=index] != letter);
            text.replace_range(index..=index, &letter);
            prop_assert!(ring.open(&place(), &Sealed::from_stored(text)).is_err());
        }

        #[test]
        fn a_ring_is_read_as_it_was_written(seconds in prop::collection::vec(0_i64..4_000_000_000, 1..6)) {
            let ring = seconds[1..].iter().fold(KeyRing::generate(at(seconds[0])), |ring, second| ring.with_fresh_key(at(*second)));
            let read: KeyRing = ring.to_text().parse().unwrap();
            let lines = |ring: &KeyRing| ring.keys().map(Key::line).collect::<Vec<_>>();
            prop_assert_eq!(lines(&read), lines(&ring));
            let in_a_variable: KeyRing = lines(&ring).join(", ").parse().unwrap();
            prop_assert_eq!(lines(&in_a_variable), lines(&ring));
        }

        #[test]
        fn no_text_makes_reading_a_ring_panic(text: String) {
            drop(text.parse::<KeyRing>());
        }
    }

    #[test]
    fn what_was_moved_truncated_or_sealed_elsewhere_does_not_open_and_says_why() {
        let (ring, stranger) = (KeyRing::generate(at(0)), KeyRing::generate(at(0)));
        let sealed = ring.seal(&place(), b"hush");
        let open = |place: Place, text: &str| ring.open(&place, &Sealed::from_stored(text.to_owned())).unwrap_err();
        for (what, elsewhere) in [
            ("another row", COLUMN.place(tenant(1), Uuid::from_u128(3))),
            ("another tenant", COLUMN.place(tenant(2), Uuid::from_u128(2))),
            ("another column", OTHER.place(tenant(1), Uuid::from_u128(2))),
            ("no tenant", COLUMN.place_of(Uuid::from_u128(2))),
        ] {
            assert_eq!(open(elsewhere, sealed.as_str()), Unopened::Broken, "{what}");
        }
        let text = sealed.as_str();
        let key = ring.first().id();
        for (text, why) in [
            (&text[..text.len() - 3], Unopened::Broken),
            (&*format!("v1.{key}."), Unopened::Broken),
            (&*format!("v1.{key}.AAAA"), Unopened::Broken),
            (&*format!("v1.{key}.%%%%"), Unopened::Malformed),
            (&*format!("v1.{key}"), Unopened::Malformed),
            (&*format!("{text}.x"), Unopened::Malformed),
            (&*text.replacen("v1", "v2", 1), Unopened::Malformed),
            ("", Unopened::Malformed),
            ("hush", Unopened::Malformed),
            (stranger.seal(&place(), b"hush").as_str(), Unopened::UnknownKey(stranger.first().id())),
        ] {
            assert_eq!(open(place(), text), why, "{text}");
        }
    }

    #[test]
    fn another_key_under_the_same_name_opens_nothing_and_is_told_apart() {
        let ring = KeyRing::generate(at(0));
        let line = format!("{} 2026-01-01T00:00:00Z {}", ring.first().id(), "A".repeat(43));
        let other: KeyRing = line.parse().unwrap();
        assert_eq!(other.open(&place(), &ring.seal(&place(), b"hush")), Err(Unopened::Broken));
        assert_ne!(other.first().check_value(), ring.first().check_value());
    }

    #[test]
    fn the_old_key_opens_after_a_rotation_and_a_pruned_one_does_not() {
        let old = KeyRing::generate(at(0));
        let sealed = old.seal(&place(), b"hush");
        let new = old.with_fresh_key(at(1));
        assert_eq!(new.open(&place(), &sealed).unwrap(), b"hush");
        assert_ne!(new.first().id(), old.first().id());
        let pruned = new.without(&[old.first().id(), new.first().id()]);
        assert_eq!(pruned.keys().map(Key::id).collect::<Vec<_>>(), [new.first().id()], "the first always stays");
        assert_eq!(pruned.open(&place(), &sealed), Err(Unopened::UnknownKey(old.first().id())));
    }

    #[test]
    fn what_is_wrong_with_a_ring_is_said_with_its_line_and_without_its_text() {
        let (key, made) = ("A".repeat(43), "2026-01-01T00:00:00Z");
        for (text, expected) in [
            (String::new(), "it holds no key"),
            ("# only\n\n  # comments\n".to_owned(), "it holds no key"),
            (format!("# one\nabcdefgh {key}"), "line 2 is not a key: it must read: name, instant, key"),
            (format!("abcdefg1 {made} {key}"), "line 1 is not a key: its name must be 8 letters"),
            (format!("ABCDEFGH {made} {key}"), "line 1 is not a key: its name must be 8 letters"),
            (format!("abcdefgh noon {key}"), "line 1 is not a key: its instant must be one of RFC 3339"),
            (format!("abcdefgh {made} hunter2"), "line 1 is not a key: its key must be 32 bytes in base64url"),
            (format!("abcdefgh {made} {}", &key[1..]), "line 1 is not a key: its key must be 32 bytes in base64url"),
            (format!("abcdefgh {made} {key}\nabcdefgh {made} {key}"), "line 2 names the key abcdefgh again"),
        ] {
            let error = text.parse::<KeyRing>().unwrap_err().to_string();
            assert!(error.starts_with(expected), "{expected} in {error}");
            assert!(!error.contains("hunter2") && !error.contains(&key), "{error}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let ring = KeyRing::generate(at(0));
        let sealed = ring.seal(&place(), b"hush");
        let shown = format!("{ring:?} {:?} {sealed:?}", ring.first());
        let key = ring.first_line().rsplit(' ').next().unwrap().to_owned();
        assert!(shown.contains(ring.first().id().as_str()), "{shown}");
        assert!(!shown.contains(&key) && !shown.contains(sealed.as_str()), "{shown}");
    }
}

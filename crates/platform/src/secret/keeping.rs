//! The ring and the database keep each other: what one says of a key must hold in the other.

use std::collections::BTreeSet;

use kernel::Timestamp;
use sqlx::PgConnection;

use super::key::Key;
use super::keyring::KeyRing;
use super::source::Source;
use super::store::{self, StoredKey};
use crate::{Error, Result};

const REMEDY: &str = "Bring the ring that has it, from your copy of the file or from another instance, or name its place with \
    COMPTOIR_SECRET_KEYS_FILE. What was sealed with a key that is lost for good is given up by `comptoir secrets forget` \
    (docs/secrets.md).";

/// The ring of the installation, known to the database as a whole; a first one is made where no key is in use. Within the
/// transaction of the caller, in which nobody else does the same.
///
/// Refused when the ring lacks a key that is in use, holds another under its name, or would seal with a retired one.
pub(super) async fn settle(conn: &mut PgConnection, source: &Source, at: Timestamp) -> Result<KeyRing> {
    store::lock_keys(conn).await?;
    let stored = store::list_keys(conn).await?;
    let ring = match source.read()? {
        Some(ring) => ring,
        None if living(&stored).next().is_none() => source.create(KeyRing::generate(at))?,
        None => return Err(missing(&stored, &source.name())),
    };
    // The first key of all finds nothing that another sealed.
    let resealed_at = living(&stored).next().is_none().then_some(at);
    for key in judge(&ring, &stored, &source.name())? {
        store::insert_key(conn, key, at, resealed_at).await?;
    }
    Ok(ring)
}

/// Why this ring cannot serve the database, or nothing when it can.
pub(super) async fn inspect(conn: &mut PgConnection, source: &Source) -> Result<()> {
    let stored = store::list_keys(conn).await?;
    match source.read()? {
        Some(ring) => judge(&ring, &stored, &source.name()).map(drop),
        None if living(&stored).next().is_none() => Ok(()),
        None => Err(missing(&stored, &source.name())),
    }
}

/// The keys that are in use.
pub(super) fn living(stored: &[StoredKey]) -> impl Iterator<Item = &StoredKey> {
    stored.iter().filter(|key| key.retired_at.is_none())
}

/// Whether the ring holds this very key.
pub(super) fn holds(ring: &KeyRing, stored: &StoredKey) -> bool {
    ring.keys().any(|key| key.id().as_str() == stored.id && key.check_value() == stored.check_value)
}

/// The keys of the ring that the database does not know yet.
fn judge<'a>(ring: &'a KeyRing, stored: &[StoredKey], name: &str) -> Result<Vec<&'a Key>> {
    let known: BTreeSet<_> = stored.iter().map(|key| key.id.as_str()).collect();
    let in_ring: BTreeSet<_> = ring.keys().map(Key::id).collect();
    let unheld: Vec<_> = living(stored).filter(|key| !holds(ring, key)).collect();
    let lacks: Vec<_> = unheld
        .iter()
        .filter(|key| !in_ring.iter().any(|id| id.as_str() == key.id))
        .map(|key| key.id.as_str())
        .collect();
    if !lacks.is_empty() {
        let lacks = lacks.join(", ");
        return Err(refused(format!("The secret keys in {name} lack {lacks}, which this database uses. {REMEDY}")));
    }
    if let Some(other) = unheld.first() {
        let id = &other.id;
        return Err(refused(format!(
            "The secret key {id} in {name} is another than the one this database uses. {REMEDY}"
        )));
    }
    let first = ring.first().id();
    if stored.iter().any(|key| key.id == first.as_str() && key.retired_at.is_some()) {
        return Err(refused(format!(
            "The first of the secret keys in {name}, {first}, is retired: put the line of one that is in use before it."
        )));
    }
    Ok(ring.keys().filter(|key| !known.contains(key.id().as_str())).collect())
}

fn missing(stored: &[StoredKey], name: &str) -> Error {
    let used: Vec<_> = living(stored).map(|key| key.id.as_str()).collect();
    refused(format!("There are no secret keys in {name}, and this database uses {}. {REMEDY}", used.join(", ")))
}

fn refused(detail: String) -> Error {
    Error::refused("secret_keys", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_jiff(jiff::Timestamp::from_second(second).unwrap())
    }

    fn stored(key: &Key) -> StoredKey {
        let (id, check_value) = (key.id().to_string(), key.check_value());
        let at = key.created_at();
        StoredKey { id, created_at: at, check_value, registered_at: at, resealed_at: None, retired_at: None }
    }

    #[test]
    fn a_ring_fits_when_it_holds_every_key_in_use_and_seals_with_one() {
        let old = KeyRing::generate(at(0));
        let new = old.with_fresh_key(at(1));
        let rows: Vec<_> = new.keys().map(stored).collect();
        assert_eq!(judge(&new, &rows, "ring").unwrap().len(), 0);
        let unknown: Vec<_> = judge(&new, &rows[1..], "ring").unwrap().iter().map(|key| key.id()).collect();
        assert_eq!(unknown, [new.first().id()], "a key that was added is made known");
        let retired = |row: &StoredKey| StoredKey { retired_at: Some(at(2)), ..row.clone() };
        assert!(judge(&old, &[retired(&rows[0]), rows[1].clone()], "ring").is_ok(), "a retired key may be gone");
        assert!(judge(&new, &[rows[0].clone(), retired(&rows[1])], "ring").is_ok(), "or still be there");
        let told = judge(&new, &[retired(&rows[0]), rows[1].clone()], "ring").unwrap_err().to_string();
        assert!(told.contains(&format!("{}, is retired", new.first().id())), "{told}");
    }

    #[test]
    fn a_ring_that_lacks_a_key_or_holds_another_is_refused_by_name_with_what_can_be_done() {
        let (ring, stranger) = (KeyRing::generate(at(0)), KeyRing::generate(at(0)));
        let rows = [stored(ring.first())];
        let told = judge(&stranger, &rows, "/srv/secret-keys").unwrap_err().to_string();
        let expected =
            format!("The secret keys in /srv/secret-keys lack {}, which this database uses.", ring.first().id());
        assert!(told.starts_with(&expected) && told.contains("COMPTOIR_SECRET_KEYS_FILE"), "{told}");
        let changed = StoredKey { check_value: stranger.first().check_value(), ..rows[0].clone() };
        let told = judge(&ring, &[changed], "/srv/secret-keys").unwrap_err().to_string();
        assert!(told.contains("is another than the one this database uses"), "{told}");
        let told = missing(&rows, "/srv/secret-keys").to_string();
        assert!(
            told.contains("There are no secret keys in /srv/secret-keys") && told.contains("secrets forget"),
            "{told}"
        );
    }
}

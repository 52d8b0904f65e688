//! What the operator does with the ring from the command line, over the owner's connection: it reaches every tenant.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use kernel::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::key::KeyId;
use super::keyring::KeyRing;
use super::sealed::{Place, Sealed, SealedColumn};
use super::source::Source;
use super::store::{self, SealedRow};
use super::{file, keeping};
use crate::event::{Severity, store::insert_events_of};
use crate::identity::operator::OPERATOR;
use crate::{Error, Event, Result};

/// Values that are sealed anew in one statement.
const BATCH: i64 = 500;

/// A key is not taken out of the ring while other processes may still seal with it: until they have looked at the file again
/// (D-07).
const SETTLED_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// Failures that are named; all are counted.
const NAMED: usize = 10;

/// A key as the operator sees it.
#[derive(Clone, Debug)]
pub struct ListedKey {
    /// Its name.
    pub id: String,
    /// When it was made; unknown for one that neither the ring nor the database knows.
    pub created_at: Option<Timestamp>,
    /// What it is.
    pub standing: Standing,
    /// How many values it seals, by what they are.
    pub seals: Vec<(&'static str, i64)>,
}

/// What a key is to the installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// What is sealed now is sealed with it.
    Seals,
    /// It only opens.
    Opens,
    /// It is in use, and not in the ring.
    Missing,
    /// It is in the ring and is to be taken out: it is retired.
    Retired,
}

/// The keys of the ring and those in use, the one that seals first. The ring need not fit the database.
pub async fn list(owner: &mut PgConnection, source: &Source) -> Result<Vec<ListedKey>> {
    let ring = source.read()?;
    let stored = store::list_keys(owner).await?;
    let counts = counts(owner).await?;
    let in_ring = ring.iter().flat_map(KeyRing::keys);
    let mut ids: Vec<String> = in_ring.map(|key| key.id().to_string()).collect();
    for id in keeping::living(&stored).map(|key| &key.id).chain(counts.keys()) {
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    let listed = ids.into_iter().map(|id| {
        let key = ring.iter().flat_map(KeyRing::keys).find(|key| key.id().as_str() == id);
        let row = stored.iter().find(|row| row.id == id);
        let standing = match (key, row) {
            (None, _) => Standing::Missing,
            (Some(_), Some(row)) if row.retired_at.is_some() => Standing::Retired,
            (Some(key), _) if ring.as_ref().is_some_and(|ring| ring.first().id() == key.id()) => Standing::Seals,
            (Some(_), _) => Standing::Opens,
        };
        let created_at = key.map(super::Key::created_at).or(row.map(|row| row.created_at));
        ListedKey { seals: counts.get(&id).cloned().unwrap_or_default(), id, created_at, standing }
    });
    Ok(listed.collect())
}

/// What a rotation came to.
#[derive(Clone, Debug)]
pub struct Rotated {
    /// The key that seals now.
    pub key: KeyId,
    /// Whether it was made for this; else an earlier rotation was finished.
    pub is_fresh: bool,
    /// How many values were sealed anew.
    pub resealed: u64,
}

/// Whether a rotation makes a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotate {
    /// A fresh key, unless the one that is first did not come to seal everything yet.
    ToFreshKey,
    /// The key that is first.
    ToFirstKey,
}

/// Puts a fresh key first in the ring and seals every value anew with it. Killed at any moment, it leaves a ring that opens
/// everything, and goes on where it was when it is asked again. `progress` is told how many of how many values are done.
///
/// Refused when the ring does not fit, another rotation runs, the ring stands in a variable, or a value does not open.
pub async fn rotate(
    owner: &mut PgConnection,
    source: &Source,
    at: Timestamp,
    how: Rotate,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Rotated> {
    lock(owner).await?;
    let done = rotate_alone(owner, source, at, how, progress).await;
    store::unlock_rotation(owner).await?;
    done
}

async fn rotate_alone(
    owner: &mut PgConnection,
    source: &Source,
    at: Timestamp,
    how: Rotate,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Rotated> {
    let mut ring = settle(owner, source, at).await?;
    let is_fresh = how == Rotate::ToFreshKey && is_finished(owner, &ring).await?;
    if is_fresh {
        let Source::File(path) = source else {
            return Err(refused("The ring is in COMPTOIR_SECRET_KEYS: put a fresh key first there.".to_owned()));
        };
        // The file first: a key that only the database knows would keep every instance from starting.
        file::replace(path, &ring.with_fresh_key(at))?;
        ring = settle(owner, source, at).await?;
    }
    let resealed = reseal(owner, &ring, progress).await?;
    let key = ring.first().id();
    let mut tx = owner.begin().await?;
    store::update_resealed(&mut tx, key.as_str(), at).await?;
    let details = json!({ "key": key.as_str(), "fresh": is_fresh, "resealed": resealed });
    tell(&mut tx, at, "secrets_rotated", key.as_str(), &details, Severity::Info).await?;
    tx.commit().await?;
    Ok(Rotated { key, is_fresh, resealed })
}

/// Whether the key that seals came to seal everything, once.
async fn is_finished(owner: &mut PgConnection, ring: &KeyRing) -> Result<bool> {
    let first = ring.first().id();
    let stored = store::list_keys(owner).await?;
    Ok(stored.iter().any(|key| key.id == first.as_str() && key.resealed_at.is_some()))
}

async fn reseal(owner: &mut PgConnection, ring: &KeyRing, progress: &mut (dyn FnMut(u64, u64) + Send)) -> Result<u64> {
    let key = ring.first().id();
    let counts = counts(owner).await?;
    let others = counts.iter().filter(|(id, _)| id.as_str() != key.as_str());
    let total = others.flat_map(|(_, seals)| seals).map(|(_, count)| count.unsigned_abs()).sum();
    let (mut seen, mut resealed, mut failures) = (0, 0, Vec::new());
    progress(0, total);
    for column in SealedColumn::all() {
        let mut after = None;
        loop {
            let rows = store::list_sealed_otherwise(owner, column, key.as_str(), after.as_ref(), BATCH).await?;
            let Some(last) = rows.last().cloned() else { break };
            let (before, new): (Vec<_>, Vec<_>) =
                rows.into_iter().filter_map(|row| reseal_one(ring, column, row, &mut failures)).unzip();
            resealed += store::update_sealed(owner, column, &before, &new).await?;
            seen += u64::try_from(before.len()).unwrap_or(0);
            progress(seen, total.max(seen));
            after = Some(last);
        }
    }
    if failures.is_empty() {
        return Ok(resealed);
    }
    let (count, named) = (failures.len(), failures.into_iter().take(NAMED).collect::<Vec<_>>().join("; "));
    Err(refused(format!("{resealed} values were sealed anew, and {count} do not open: {named}.")))
}

fn reseal_one(
    ring: &KeyRing,
    column: &SealedColumn,
    row: SealedRow,
    failures: &mut Vec<String>,
) -> Option<(SealedRow, Sealed)> {
    let place = Place { table: column.table, column: column.column, tenant: row.tenant, id: row.id };
    match ring.open(&place, &row.sealed) {
        Ok(secret) => {
            let new = ring.seal(&place, &secret);
            Some((row, new))
        }
        Err(why) => {
            failures.push(format!("{}.{} of {}: {why}", column.table, column.column, row.id));
            None
        }
    }
}

/// What was taken out of the ring.
#[derive(Clone, Debug)]
pub struct Pruned {
    /// The keys that are out.
    pub dropped: Vec<KeyId>,
    /// The keys that stay, for they seal something.
    pub kept: Vec<KeyId>,
}

/// Retires the keys that seal nothing any more and takes them out of the ring; out of a variable the operator takes them.
///
/// Refused for five minutes after a key became the first: others may still be sealing with the one before.
pub async fn prune(owner: &mut PgConnection, source: &Source, at: Timestamp) -> Result<Pruned> {
    lock(owner).await?;
    let done = prune_alone(owner, source, at).await;
    store::unlock_rotation(owner).await?;
    done
}

async fn prune_alone(owner: &mut PgConnection, source: &Source, at: Timestamp) -> Result<Pruned> {
    let ring = settle(owner, source, at).await?;
    let first = ring.first().id();
    let rest: Vec<_> = ring.keys().map(super::Key::id).filter(|id| *id != first).collect();
    let stored = store::list_keys(owner).await?;
    let registered = stored.iter().find(|key| key.id == first.as_str()).map_or(at, |key| key.registered_at);
    if !rest.is_empty() && at.since(registered) < SETTLED_AFTER {
        return Err(refused(format!(
            "The key {first} came into the ring less than five minutes ago, and others may still seal with the one before: try \
             again later."
        )));
    }
    let dropped = retire_unused(owner, &rest, at).await?;
    if let (Source::File(path), false) = (source, dropped.is_empty()) {
        // The database first: a key that it thinks in use and the ring lacks would keep every instance from starting.
        file::replace(path, &ring.without(&dropped))?;
    }
    let kept = rest.into_iter().filter(|id| !dropped.contains(id)).collect();
    Ok(Pruned { dropped, kept })
}

/// Retires those of the keys that seal nothing. They are retired before it is counted what they seal: who is storing a value
/// under one of them holds it, and is waited for.
async fn retire_unused(owner: &mut PgConnection, keys: &[KeyId], at: Timestamp) -> Result<Vec<KeyId>> {
    let mut unused = keys.to_vec();
    loop {
        let names: Vec<_> = unused.iter().map(ToString::to_string).collect();
        let mut tx = owner.begin().await?;
        store::lock_keys(&mut tx).await?;
        store::retire_keys(&mut tx, &names, at).await?;
        let used: BTreeSet<_> = counts(&mut tx).await?.into_keys().filter(|id| names.contains(id)).collect();
        if used.is_empty() {
            if let Some(first) = names.first() {
                tell(&mut tx, at, "secrets_pruned", first, &json!({ "keys": names }), Severity::Info).await?;
            }
            tx.commit().await?;
            return Ok(unused);
        }
        tx.rollback().await?;
        unused.retain(|id| !used.contains(id.as_str()));
    }
}

/// What cannot be opened any more.
#[derive(Clone, Debug, Default)]
pub struct Lost {
    /// The keys that are in use and not in the ring.
    pub keys: Vec<String>,
    /// How many values they seal, by what they are.
    pub seals: Vec<(&'static str, i64)>,
}

/// What the ring cannot open, for its keys are gone.
pub async fn lost(owner: &mut PgConnection, source: &Source) -> Result<Lost> {
    let ring = source.read()?;
    let stored = store::list_keys(owner).await?;
    let counts = counts(owner).await?;
    let is_held = |id: &str| match (stored.iter().find(|key| key.id == id), &ring) {
        (_, None) => false,
        (Some(key), Some(ring)) => keeping::holds(ring, key),
        (None, Some(ring)) => ring.keys().any(|key| key.id().as_str() == id),
    };
    let used = keeping::living(&stored).map(|key| key.id.clone()).chain(counts.keys().cloned());
    let keys: BTreeSet<_> = used.filter(|id| !is_held(id)).collect();
    let mut seals: BTreeMap<&'static str, i64> = BTreeMap::new();
    for (about, count) in keys.iter().filter_map(|id| counts.get(id)).flatten() {
        *seals.entry(about).or_default() += count;
    }
    Ok(Lost { keys: keys.into_iter().collect(), seals: seals.into_iter().collect() })
}

/// Forgets what the ring cannot open and retires the keys that are gone, so that the service starts again. It cannot be undone.
///
/// Refused when the ring opens everything.
pub async fn forget(owner: &mut PgConnection, source: &Source, at: Timestamp) -> Result<Lost> {
    let mut tx = owner.begin().await?;
    store::lock_keys(&mut tx).await?;
    let lost = lost(&mut tx, source).await?;
    let Some(first) = lost.keys.first() else {
        return Err(refused("There is nothing to forget: the ring holds every key that is in use.".to_owned()));
    };
    for column in SealedColumn::all() {
        store::forget_sealed(&mut tx, column, &lost.keys).await?;
    }
    store::retire_keys(&mut tx, &lost.keys, at).await?;
    let forgotten: BTreeMap<_, _> = lost.seals.iter().copied().collect();
    let details = json!({ "keys": lost.keys, "forgotten": forgotten });
    tell(&mut tx, at, "secrets_forgotten", first, &details, Severity::Warning).await?;
    tx.commit().await?;
    Ok(lost)
}

/// How many values each key seals, by what they are.
async fn counts(conn: &mut PgConnection) -> Result<BTreeMap<String, Vec<(&'static str, i64)>>> {
    let mut all: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for column in SealedColumn::all() {
        for (key, count) in store::count_by_key(conn, column).await? {
            all.entry(key).or_default().push((column.about, count));
        }
    }
    Ok(all)
}

async fn settle(owner: &mut PgConnection, source: &Source, at: Timestamp) -> Result<KeyRing> {
    let mut tx = owner.begin().await?;
    let ring = keeping::settle(&mut tx, source, at).await?;
    tx.commit().await?;
    Ok(ring)
}

async fn lock(owner: &mut PgConnection) -> Result<()> {
    if store::try_lock_rotation(owner).await? {
        return Ok(());
    }
    Err(refused("Somebody else is rotating or pruning the secret keys: wait until that has ended.".to_owned()))
}

/// Tells every tenant: the ring seals the secrets of all of them.
async fn tell(
    conn: &mut PgConnection,
    at: Timestamp,
    action: &'static str,
    key: &str,
    details: &Value,
    severity: Severity,
) -> Result<()> {
    for tenant in store::list_tenants(conn).await? {
        let event = Event::new(action, "secret_key", event_id(key)).details(details.clone()).severity(severity);
        insert_events_of(conn, tenant, &[event.stored_by(&OPERATOR, "", at)]).await?;
    }
    Ok(())
}

/// Keys have names, events have ids: the name's hash stands for it.
fn event_id(key: &str) -> Uuid {
    let hash = Sha256::digest(key.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

fn refused(detail: String) -> Error {
    Error::refused("secret_keys", detail)
}

//! Settings: typed keys of the code, kept as one JSON row a key. A missing row is the default.

use kernel::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{Error, Event, Result, Tx};

/// A tenant's setting. Give the struct `#[serde(default)]`, so that a partial row is merged over the default.
pub trait Setting: Serialize + DeserializeOwned + Default + Send + Sync {
    /// The key, such as `leads.cross_entity`.
    const KEY: &'static str;
}

/// A setting with what is known of its last change.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Versioned<S> {
    /// The value in force.
    pub value: S,
    /// Counts the changes; 0 for the default. Send it back as `version` to change only what you have seen.
    pub version: i64,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
    /// Who changed it last.
    pub updated_by: Option<String>,
}

pub(crate) async fn read<S: Setting>(tx: &mut Tx) -> Result<Versioned<S>> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        "select value, version, updated_at, updated_by from platform.setting where tenant_id = $1 and key = $2",
        tenant,
        S::KEY
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else {
        return Ok(Versioned { value: S::default(), version: 0, updated_at: None, updated_by: None });
    };
    let value =
        serde_json::from_value(row.value).map_err(|error| Error::internal("reading a stored setting", error))?;
    Ok(Versioned { value, version: row.version, updated_at: Some(row.updated_at), updated_by: Some(row.updated_by) })
}

pub(crate) async fn write<S: Setting>(tx: &mut Tx, value: &S, expected: Option<i64>) -> Result<Versioned<S>> {
    let (tenant, now, actor) = (tx.tenant().uuid(), tx.now(), tx.ctx().actor().name().to_owned());
    let before = read::<S>(tx).await?;
    if expected.is_some_and(|version| version != before.version) {
        return Err(Error::conflict("This setting was changed meanwhile: read it again."));
    }
    let new = to_json(value)?;
    let version = sqlx::query_scalar!(
        "insert into platform.setting (tenant_id, key, value, version, updated_at, updated_by)
         values ($1, $2, $3, 1, $4, $5)
         on conflict (tenant_id, key) do update
         set value = excluded.value, version = platform.setting.version + 1,
             updated_at = excluded.updated_at, updated_by = excluded.updated_by
         where platform.setting.version = $6
         returning version",
        tenant,
        S::KEY,
        new,
        now as Timestamp,
        actor,
        before.version
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(|| Error::conflict("This setting was changed meanwhile: read it again."))?;
    let details = json!({ "key": S::KEY, "old": to_json(&before.value)?, "new": new });
    tx.emit(Event::new("setting_changed", "setting", crate::event::word_id(S::KEY)).details(details));
    let value = serde_json::from_value(to_json(value)?).map_err(|error| Error::internal("reading a setting", error))?;
    Ok(Versioned { value, version, updated_at: Some(now), updated_by: Some(actor) })
}

fn to_json<S: Serialize>(value: &S) -> Result<Value> {
    serde_json::to_value(value).map_err(|error| Error::internal("serialising a setting", error))
}

/// Several settings read in one statement; each is taken out with its type.
pub struct Settings(std::collections::HashMap<String, Value>);

impl Settings {
    /// The setting `S`; its default when there was no row.
    pub fn get<S: Setting>(&self) -> Result<S> {
        let Some(value) = self.0.get(S::KEY) else { return Ok(S::default()) };
        S::deserialize(value).map_err(|error| Error::internal("reading a stored setting", error))
    }
}

pub(crate) async fn read_all(tx: &mut Tx, prefix: &str) -> Result<Settings> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        "select key, value from platform.setting where tenant_id = $1 and starts_with(key, $2)",
        tenant,
        prefix
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Settings(rows.into_iter().map(|row| (row.key, row.value)).collect()))
}

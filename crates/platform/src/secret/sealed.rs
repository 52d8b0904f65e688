//! A sealed value, and the place it belongs to.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::TenantId;
use serde::Deserialize;
use uuid::Uuid;

use super::key::KeyId;
use crate::{Error, Result};

const VERSION: &str = "v1";

/// Where a sealed value belongs: it opens nowhere else, so that one that is copied into another row is worth nothing there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub(super) table: &'static str,
    pub(super) column: &'static str,
    pub(super) tenant: Option<Uuid>,
    pub(super) id: Uuid,
}

impl Place {
    /// What the seal is bound to besides the value. No part can hold a zero, so that no two places read alike.
    pub(super) fn bytes(&self, key: KeyId) -> Vec<u8> {
        let tenant = self.tenant.map_or_else(|| "-".to_owned(), |tenant| tenant.to_string());
        format!("{VERSION}\0{key}\0{tenant}\0{}.{}\0{}", self.table, self.column, self.id).into_bytes()
    }
}

/// A column of sealed values. Each is declared once, beside its table's statements, and submitted to the list that rotating,
/// listing and the test of the catalogue go by.
#[derive(Clone, Copy, Debug)]
pub struct SealedColumn {
    /// The table, with its schema; its identifier is `id`.
    pub table: &'static str,
    /// The column, whose name ends with `_sealed`.
    pub column: &'static str,
    /// Whether the row belongs to a tenant, by `tenant_id`.
    pub of_tenant: bool,
    /// The assignments that forget the value, with all that means nothing without it.
    pub forget: &'static str,
    /// What is sealed, for who reads the list.
    pub about: &'static str,
}

inventory::collect!(SealedColumn);

impl SealedColumn {
    /// Every sealed column of the modules that are linked in, in a fixed order.
    pub fn all() -> Vec<&'static Self> {
        let mut columns: Vec<_> = inventory::iter::<Self>().collect();
        columns.sort_by_key(|column| (column.table, column.column));
        columns
    }

    /// The place of this column in the row `id` of `tenant`, which does not matter for a table without tenants.
    pub fn place(&self, tenant: TenantId, id: impl Into<Uuid>) -> Place {
        let tenant = self.of_tenant.then_some(tenant.uuid());
        Place { table: self.table, column: self.column, tenant, id: id.into() }
    }

    /// The place in a row that belongs to no tenant.
    pub(crate) fn place_of(&self, id: impl Into<Uuid>) -> Place {
        Place { table: self.table, column: self.column, tenant: None, id: id.into() }
    }
}

/// A value as it is stored: `v1.<key>.<base64url of nonce, ciphertext and tag>`. Its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, sqlx::Type)]
#[sqlx(transparent)]
pub struct Sealed(String);

impl Sealed {
    pub(super) fn new(key: KeyId, bytes: &[u8]) -> Self {
        Self(format!("{VERSION}.{key}.{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Wraps what was read from a sealed column.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The text to store.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key that opens it, and the bytes it opens; none when the text has another form.
    pub(super) fn parts(&self) -> Option<(KeyId, Vec<u8>)> {
        let mut parts = self.0.split('.');
        let (Some(VERSION), Some(key), Some(bytes), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        Some((key.parse().ok()?, URL_SAFE_NO_PAD.decode(bytes).ok()?))
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}

/// A secret as somebody gave it, on its way to be sealed. Never shown, not even by `Debug`.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = Password)]
pub struct PlainSecret(String);

/// Characters a secret may have.
const MAX_CHARS: usize = 4096;

impl PlainSecret {
    /// Wraps what was given.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Its bytes.
    ///
    /// Invalid, at `field`, when it is empty, longer than 4096 characters or holds control characters.
    pub fn checked(&self, field: impl Into<String>) -> Result<&[u8]> {
        if self.0.is_empty() {
            return Err(Error::invalid(field, "must not be empty"));
        }
        if self.0.chars().count() > MAX_CHARS {
            return Err(Error::invalid(field, format!("must have at most {MAX_CHARS} characters")));
        }
        if self.0.chars().any(char::is_control) {
            return Err(Error::invalid(field, "must not hold control characters"));
        }
        Ok(self.0.as_bytes())
    }

    /// Whether nothing was given.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for PlainSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainSecret(…)")
    }
}

//! What a provider is.

use kernel::{Email, EntityId, ProviderId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What may change of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
#[expect(missing_docs, reason = "the fields of CreateProvider")]
pub struct ProviderFields {
    pub name: String,
    pub slug: String,
    pub contact_email: String,
    pub notes: String,
    pub consent_by_contract: bool,
    pub rate_per_minute: i32,
    pub active: bool,
}

impl ProviderFields {
    /// What is wrong with them, as field and sentence.
    pub fn refusal(&self) -> Option<(&'static str, &'static str)> {
        if self.name.is_empty() {
            return Some(("name", "must not be empty"));
        }
        if !is_slug(&self.slug) {
            return Some(("slug", "must be 1 to 63 of a-z, 0-9, _ and -, and begin with a letter or digit"));
        }
        if !(1..=1_000_000).contains(&self.rate_per_minute) {
            return Some(("rate_per_minute", "must be between 1 and 1 000 000"));
        }
        None
    }
}

fn is_slug(slug: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (1..=63).contains(&slug.len())
        && slug.bytes().all(|byte| plain(byte) || matches!(byte, b'_' | b'-'))
        && slug.bytes().next().is_some_and(plain)
}

/// A provider as it is stored, with what it sent.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of leads.provider and leads.provider_day")]
pub struct Provider {
    pub id: ProviderId,
    pub entity_id: EntityId,
    #[sqlx(flatten)]
    pub fields: ProviderFields,
    pub archived_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub total_leads: i64,
    pub refused: i64,
}

/// A new provider.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateProvider {
    /// The entity its leads belong to, by code; needed where several are in scope. It never changes.
    pub entity: Option<String>,
    /// The name people read.
    pub name: String,
    /// Its name in addresses and files, lower-cased; unique.
    pub slug: String,
    /// Whom to write to.
    pub contact_email: Option<Email>,
    /// Free text.
    #[serde(default)]
    pub notes: String,
    /// Whether its contract says that it collects consent.
    #[serde(default)]
    pub consent_by_contract: bool,
    /// Submissions a minute; 600 unless told.
    pub rate_per_minute: Option<i32>,
    /// Whether its leads are taken. On unless told.
    pub active: Option<bool>,
}

impl CreateProvider {
    /// What to write.
    pub fn into_fields(self) -> ProviderFields {
        ProviderFields {
            name: self.name.trim().to_owned(),
            slug: slug(&self.slug),
            contact_email: self.contact_email.map(|email| email.to_string()).unwrap_or_default(),
            notes: self.notes.trim().to_owned(),
            consent_by_contract: self.consent_by_contract,
            rate_per_minute: self.rate_per_minute.unwrap_or(600),
            active: self.active.unwrap_or(true),
        }
    }
}

/// A change of a provider; what is left out stays. Its entity never changes.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UpdateProvider {
    /// The name people read.
    pub name: Option<String>,
    /// Its name in addresses and files, lower-cased; unique.
    pub slug: Option<String>,
    /// Whom to write to.
    pub contact_email: Option<Email>,
    /// Free text.
    pub notes: Option<String>,
    /// Whether its contract says that it collects consent.
    pub consent_by_contract: Option<bool>,
    /// Submissions a minute.
    pub rate_per_minute: Option<i32>,
    /// Whether its leads are taken.
    pub active: Option<bool>,
}

impl UpdateProvider {
    /// `fields` with this change made.
    #[must_use]
    pub fn applied_to(self, fields: &ProviderFields) -> ProviderFields {
        let old = fields.clone();
        ProviderFields {
            name: self.name.map_or(old.name, |name| name.trim().to_owned()),
            slug: self.slug.map_or(old.slug, |text| slug(&text)),
            contact_email: self.contact_email.map_or(old.contact_email, |email| email.to_string()),
            notes: self.notes.map_or(old.notes, |notes| notes.trim().to_owned()),
            consent_by_contract: self.consent_by_contract.unwrap_or(old.consent_by_contract),
            rate_per_minute: self.rate_per_minute.unwrap_or(old.rate_per_minute),
            active: self.active.unwrap_or(old.active),
        }
    }
}

fn slug(text: &str) -> String {
    text.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_lower_cased_and_checked() {
        let rows = [("Acme-1", true), ("_acme", false), ("", false), ("a b", false), ("é", false)];
        for (text, fine) in rows {
            let json = serde_json::json!({ "name": "Acme", "slug": text });
            let fields = serde_json::from_value::<CreateProvider>(json).unwrap().into_fields();
            assert_eq!(fields.refusal().is_none(), fine, "{text:?}");
        }
    }
}

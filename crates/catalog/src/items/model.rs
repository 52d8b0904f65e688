//! What an item is.

use kernel::{ItemId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A product or service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Item {
    /// The item.
    pub id: ItemId,
    /// Its code, such as `PV`: what everything else refers to.
    pub code: String,
    /// The name people read.
    pub name: String,
    /// What one of it is called.
    pub unit: String,
    /// Whether it is sold now.
    pub active: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A new item.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateItem {
    /// 1 to 20 of A-Z, 0-9, `_` and `-`; written upper-cased. It never changes.
    pub code: String,
    /// The name people read.
    pub name: String,
    /// What one of it is called; `unit` unless told.
    pub unit: Option<String>,
}

/// A change of an item; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UpdateItem {
    /// The name people read.
    pub name: Option<String>,
    /// Whether it is sold now.
    pub active: Option<bool>,
}

impl CreateItem {
    /// The command with its code upper-cased and every text trimmed.
    #[must_use]
    pub fn normalised(self) -> Self {
        let unit = self.unit.map(|unit| unit.trim().to_owned()).filter(|unit| !unit.is_empty());
        Self { code: self.code.trim().to_uppercase(), name: self.name.trim().to_owned(), unit }
    }

    /// What is wrong with it, as field and sentence.
    pub fn refusal(&self) -> Option<(&'static str, &'static str)> {
        let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
        if self.code.is_empty() || self.code.len() > 20 || !self.code.bytes().all(allowed) {
            return Some(("code", "must be 1 to 20 of A-Z, 0-9, _ and -"));
        }
        if self.name.is_empty() {
            return Some(("name", "must not be empty"));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_upper_cased_and_of_few_characters() {
        let rows = [
            ("pv", true),
            (" ITE ", true),
            ("", false),
            ("P V", false),
            ("é", false),
            ("ABCDEFGHIJKLMNOPQRSTU", false),
        ];
        for (code, fine) in rows {
            let command = CreateItem { code: code.into(), name: "x".into(), unit: None }.normalised();
            assert_eq!(command.refusal().is_none(), fine, "{code:?}");
        }
    }
}

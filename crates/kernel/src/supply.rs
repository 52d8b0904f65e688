//! What kind of thing is sold.

use serde::{Deserialize, Serialize};

/// Goods or a service: the law of VAT treats them apart (directive 2006/112/CE, art. 14 and 24).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Supply {
    /// Something done for somebody.
    #[default]
    Service,
    /// A thing handed over.
    Goods,
}

impl Supply {
    /// The stored form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Goods => "goods",
        }
    }
}

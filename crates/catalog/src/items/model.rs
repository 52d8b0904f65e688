//! What an item is.

use kernel::{Currency, Date, ItemId, Supply, Timestamp, VatCategory};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words::units::find_unit;

/// A product or service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Item {
    /// The item.
    pub id: ItemId,
    /// Its code, such as `PV`: what everything else refers to.
    pub code: String,
    /// The name people read.
    pub name: String,
    /// What invoices say of it besides its name.
    pub description: String,
    /// Goods or a service.
    pub kind: Supply,
    /// What one of it is called.
    pub unit: String,
    /// The unit it is invoiced in: a code of `/api/units`.
    pub unit_code: String,
    /// Its rate of VAT, in percent.
    pub vat_rate: Decimal,
    /// Why and whether it bears VAT.
    pub vat_category: VatCategory,
    /// Why its rate is not the usual one: a known reason, a VATEX code or a sentence.
    pub vat_reason: String,
    /// The currency of its price.
    pub currency: Currency,
    /// What one of it costs today before VAT, if it has a price.
    pub sale_price: Option<Decimal>,
    /// The day from which it costs that.
    pub price_valid_from: Option<Date>,
    /// The role of the account that its sales are booked on, such as `sales_services`.
    pub revenue_role: String,
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
    /// What invoices say of it besides its name.
    pub description: Option<String>,
    /// Goods or a service; a service unless told.
    pub kind: Option<Supply>,
    /// The unit it is invoiced in, a code of `/api/units`; `C62` (one) unless told.
    pub unit_code: Option<String>,
    /// Its rate of VAT, in percent; 20 unless told.
    pub vat_rate: Option<Decimal>,
    /// Why and whether it bears VAT; `standard` unless told.
    pub vat_category: Option<VatCategory>,
    /// Why its rate is not the usual one: a known reason, a VATEX code or a sentence.
    pub vat_reason: Option<String>,
    /// What one of it costs before VAT.
    pub sale_price: Option<Decimal>,
    /// The currency of its price; `EUR` unless told.
    pub currency: Option<Currency>,
    /// The first day of the price; today unless told.
    pub price_valid_from: Option<Date>,
    /// The role of the account that its sales are booked on; that of services or of goods unless told.
    pub revenue_role: Option<String>,
}

/// A change of an item; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UpdateItem {
    /// The name people read.
    pub name: Option<String>,
    /// Whether it is sold now.
    pub active: Option<bool>,
    /// What one of it is called.
    pub unit: Option<String>,
    /// What invoices say of it besides its name.
    pub description: Option<String>,
    /// Goods or a service.
    pub kind: Option<Supply>,
    /// The unit it is invoiced in, a code of `/api/units`.
    pub unit_code: Option<String>,
    /// Its rate of VAT, in percent.
    pub vat_rate: Option<Decimal>,
    /// Why and whether it bears VAT.
    pub vat_category: Option<VatCategory>,
    /// Why its rate is not the usual one: a known reason, a VATEX code or a sentence.
    pub vat_reason: Option<String>,
    /// What one of it costs before VAT, from `price_valid_from` on.
    pub sale_price: Option<Decimal>,
    /// The currency of its price.
    pub currency: Option<Currency>,
    /// The first day of the price; today unless told. It goes with `sale_price`.
    pub price_valid_from: Option<Date>,
    /// The role of the account that its sales are booked on; empty = that of services or of goods.
    pub revenue_role: Option<String>,
}

/// What may be written of an item, beside its code and its prices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields of Item")]
pub struct ItemFields {
    pub name: String,
    pub active: bool,
    pub unit: String,
    pub description: String,
    pub kind: Supply,
    pub unit_code: String,
    pub vat_rate: Decimal,
    pub vat_category: VatCategory,
    pub vat_reason: String,
    pub currency: Currency,
    /// None = the usual role of its kind.
    pub revenue_role: Option<String>,
}

/// The role of the account that sales of this kind are booked on, unless an item names another.
pub const fn usual_revenue_role(kind: Supply) -> &'static str {
    match kind {
        Supply::Service => "sales_services",
        Supply::Goods => "sales_goods",
    }
}

impl CreateItem {
    /// The code in its stored form.
    ///
    /// None when it cannot be one.
    pub fn read_code(&self) -> Option<String> {
        let code = self.code.trim().to_uppercase();
        let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
        let fits = (1..=20).contains(&code.len()) && code.bytes().all(allowed);
        fits.then_some(code)
    }

    /// What to write.
    pub fn into_fields(self) -> ItemFields {
        let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        ItemFields {
            name: self.name,
            active: true,
            unit: filled(self.unit).unwrap_or_else(|| "unit".to_owned()),
            description: self.description.unwrap_or_default(),
            kind: self.kind.unwrap_or_default(),
            unit_code: filled(self.unit_code).unwrap_or_else(|| "C62".to_owned()),
            vat_rate: self.vat_rate.unwrap_or(Decimal::from(20)),
            vat_category: self.vat_category.unwrap_or(VatCategory::Standard),
            vat_reason: self.vat_reason.unwrap_or_default(),
            currency: self.currency.unwrap_or(Currency::EUR),
            revenue_role: self.revenue_role,
        }
        .normalised()
    }
}

impl UpdateItem {
    /// `fields` with this change made.
    pub fn applied_to(self, fields: &ItemFields) -> ItemFields {
        let old = fields.clone();
        ItemFields {
            name: self.name.unwrap_or(old.name),
            active: self.active.unwrap_or(old.active),
            unit: self.unit.unwrap_or(old.unit),
            description: self.description.unwrap_or(old.description),
            kind: self.kind.unwrap_or(old.kind),
            unit_code: self.unit_code.unwrap_or(old.unit_code),
            vat_rate: self.vat_rate.unwrap_or(old.vat_rate),
            vat_category: self.vat_category.unwrap_or(old.vat_category),
            vat_reason: self.vat_reason.unwrap_or(old.vat_reason),
            currency: self.currency.unwrap_or(old.currency),
            revenue_role: self.revenue_role.or(old.revenue_role),
        }
        .normalised()
    }
}

impl ItemFields {
    fn normalised(self) -> Self {
        let trim = |text: String| text.trim().to_owned();
        Self {
            name: trim(self.name),
            unit: trim(self.unit),
            description: trim(self.description),
            unit_code: trim(self.unit_code).to_uppercase(),
            vat_rate: self.vat_rate.normalize(),
            vat_reason: trim(self.vat_reason),
            revenue_role: self.revenue_role.map(trim).filter(|role| !role.is_empty()),
            ..self
        }
    }

    /// What is wrong with them, as field and sentence.
    pub fn refusal(&self) -> Option<(&'static str, &'static str)> {
        if self.name.is_empty() {
            return Some(("name", "must not be empty"));
        }
        let texts = [
            ("name", &self.name, 200),
            ("unit", &self.unit, 40),
            ("description", &self.description, 2000),
            ("vat_reason", &self.vat_reason, 300),
        ];
        if let Some((field, ..)) = texts.into_iter().find(|(_, text, most)| text.chars().count() > *most) {
            return Some((field, "is too long"));
        }
        if self.unit.is_empty() {
            return Some(("unit", "must not be empty"));
        }
        if find_unit(&self.unit_code).is_none() {
            return Some(("unit_code", "must be one of the units, such as C62, HUR, DAY or KGM"));
        }
        if self.vat_rate < Decimal::ZERO || self.vat_rate > Decimal::ONE_HUNDRED || self.vat_rate.scale() > 2 {
            return Some(("vat_rate", "must be between 0 and 100, with two decimals at most"));
        }
        if self.vat_category != VatCategory::Standard && !self.vat_rate.is_zero() {
            return Some(("vat_category", "does not go with the VAT rate: only standard has one above 0"));
        }
        if self.vat_category == VatCategory::Exempt && self.vat_reason.is_empty() {
            return Some(("vat_reason", "must say why it is exempt"));
        }
        let is_role = |role: &String| {
            role.len() <= 60
                && role.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase())
                && role.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        };
        let is_wrong = self.revenue_role.as_ref().is_some_and(|role| !is_role(role));
        is_wrong.then_some(("revenue_role", "must be of a-z, 0-9 and _, such as sales_services"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(json: &str) -> ItemFields {
        let mut all: serde_json::Value = serde_json::from_str(json).unwrap();
        all["code"] = "PV".into();
        if all.get("name").is_none() {
            all["name"] = "Panneaux".into();
        }
        serde_json::from_value::<CreateItem>(all).unwrap().into_fields()
    }

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
            let body = serde_json::json!({ "code": code, "name": "x" });
            let command: CreateItem = serde_json::from_value(body).unwrap();
            assert_eq!(command.read_code().is_some(), fine, "{code:?}");
        }
    }

    #[test]
    fn what_is_left_out_is_usual_and_what_is_wrong_is_named() {
        let usual = fields("{}");
        assert_eq!(usual.refusal(), None);
        assert_eq!((usual.unit.as_str(), usual.unit_code.as_str(), usual.vat_rate), ("unit", "C62", Decimal::from(20)));
        assert_eq!(UpdateItem::default().applied_to(&usual), usual);
        let rows = [
            (r#"{"name": " "}"#, "name"),
            (r#"{"unit_code": "XYZ"}"#, "unit_code"),
            (r#"{"vat_rate": "-1"}"#, "vat_rate"),
            (r#"{"vat_rate": "5.555"}"#, "vat_rate"),
            (r#"{"vat_category": "exempt"}"#, "vat_category"),
            (r#"{"vat_rate": "0", "vat_category": "exempt"}"#, "vat_reason"),
            (r#"{"revenue_role": "Sales"}"#, "revenue_role"),
        ];
        for (json, field) in rows {
            assert_eq!(fields(json).refusal().map(|(field, _)| field), Some(field), "{json}");
        }
    }
}

//! What the law wants to know of an entity, and what of it is still missing.

use std::fmt;
use std::str::FromStr;

use kernel::{ActivityCode, Address, Bic, Currency, Email, Iban, Language, Siren, Siret, VatNumber};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

crate::words! {
    /// The register a French company stands in.
    Register {
        /// The register of commerce and companies (RCS).
        Rcs = "RCS",
        /// The register of crafts (RM, since 2023 kept in the RNE).
        Rm = "RM",
    }
}

/// When an entity owes the VAT of its sales.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VatRegime {
    /// When it invoices: goods, and services of who chose the *option sur les débits*.
    #[default]
    OnInvoicing,
    /// When it is paid: services by default (CGI art. 269-2 c).
    OnReceipts,
    /// Never: a small business without VAT (CGI art. 293 B).
    Franchise,
}

/// The last day of a fiscal year, as `MM-DD`. The 28th of February is the last day of February in every year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FiscalYearEnd {
    month: i8,
    day: i8,
}

impl FiscalYearEnd {
    /// The day in the calendar year `year`; none outside of the calendar.
    pub fn in_year(self, year: i16) -> Option<kernel::Date> {
        let day = jiff::civil::Date::new(year, self.month, self.day).ok()?;
        let day = if (self.month, self.day) == (2, 28) { day.last_of_month() } else { day };
        Some(kernel::Date::from_jiff(day))
    }
}

impl Default for FiscalYearEnd {
    fn default() -> Self {
        Self { month: 12, day: 31 }
    }
}

impl fmt::Display for FiscalYearEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

impl FromStr for FiscalYearEnd {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WHY: &str = "must be a day of every year as MM-DD, such as 12-31";
        // 2026 is no leap year: the 29th of February is not a day of every year.
        let date: jiff::civil::Date = format!("2026-{text}").parse().map_err(|_| WHY)?;
        let end = Self { month: date.month(), day: date.day() };
        if end.to_string() == text { Ok(end) } else { Err(WHY) }
    }
}

impl Serialize for FiscalYearEnd {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FiscalYearEnd {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The ten-year insurance of who builds (*assurance décennale*, C. assur. art. L243-2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Insurance {
    /// The insurer with its address.
    pub insurer: String,
    /// The number of the contract.
    pub policy: String,
    /// Where it holds, such as `France métropolitaine`.
    pub territory: String,
}

/// Whom a consumer may turn to (C. conso. art. L616-1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Mediator {
    /// Its name.
    pub name: String,
    /// Its postal address.
    pub address: String,
    /// Its site.
    pub website: String,
}

/// The legal identity of an entity (spec/field.md 3.1 and 5.7). What is not filled in yet is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Legal {
    /// The registered name.
    pub legal_name: Option<String>,
    /// The legal form, such as `SAS`, `SARL`, `EI`.
    pub legal_form: Option<String>,
    /// The share capital, not negative; absent where the form has none.
    pub share_capital: Option<Decimal>,
    /// The currency of the capital; the entity's own unless told.
    pub share_capital_currency: Option<Currency>,
    /// The registered office.
    pub address: Address,
    /// The company's SIREN; taken from the SIRET when that alone is given.
    pub siren: Option<Siren>,
    /// The SIRET of the establishment that invoices.
    pub siret: Option<Siret>,
    /// The number in a register outside of France.
    pub registration_number: Option<String>,
    /// The VAT number.
    pub vat_number: Option<VatNumber>,
    /// The register it stands in.
    pub register: Option<Register>,
    /// The town of the register.
    pub register_city: Option<String>,
    /// The code of its main activity.
    pub ape_code: Option<ActivityCode>,
    /// The bank account that customers pay to.
    pub iban: Option<Iban>,
    /// The code of its bank.
    pub bic: Option<Bic>,
    /// The name of its bank.
    pub bank_name: Option<String>,
    /// The phone on documents.
    pub phone: Option<String>,
    /// The e-mail address on documents.
    pub email: Option<Email>,
    /// The site on documents, `https://…`.
    pub website: Option<String>,
    /// The colour of its documents, `#rrggbb`.
    pub accent_color: Option<String>,
    /// The ten-year insurance, for who builds.
    pub insurance: Option<Insurance>,
    /// The mediator, for who sells to consumers.
    pub mediator: Option<Mediator>,
    /// What late payers owe; three times the legal interest rate unless told.
    pub penalty_text: Option<String>,
    /// What businesses that pay late owe for the trouble, in euros; 40 unless told (C. com. art. D441-5).
    pub recovery_fee: Option<Decimal>,
    /// What who pays early gets; nothing unless told.
    pub early_payment_text: Option<String>,
    /// When VAT is owed.
    pub vat_regime: VatRegime,
    /// The last day of its fiscal year, as `MM-DD`.
    #[schema(value_type = String, example = "12-31")]
    pub fiscal_year_end: FiscalYearEnd,
    /// The language of its documents where the customer's is not known.
    pub language: Language,
    /// The currency of its books; euros unless told.
    pub currency: Option<Currency>,
    /// A second currency that amounts are shown in too.
    pub second_currency: Option<Currency>,
    /// Where electronic invoices reach it; its SIREN unless told.
    pub electronic_address: Option<String>,
    /// The scheme of that address (ISO 6523 or EAS); 0225, the French directory, unless told.
    pub electronic_scheme: Option<String>,
    /// What stands at the foot of documents.
    pub footer_text: Option<String>,
}

impl Legal {
    /// Reads what is stored. What cannot be read any more, or was written before the fields had a shape, counts as not
    /// filled in: it keeps nobody from filling it in.
    pub(super) fn from_stored(stored: Value) -> Self {
        let Value::Object(fields) = stored else { return Self::default() };
        let alone = |key: &String, value: &Value| Value::Object(Map::from_iter([(key.clone(), value.clone())]));
        let readable = fields.iter().filter(|(key, value)| serde_json::from_value::<Self>(alone(key, value)).is_ok());
        let kept: Map<_, _> = readable.map(|(key, value)| (key.clone(), value.clone())).collect();
        serde_json::from_value(Value::Object(kept)).unwrap_or_default()
    }

    /// The same with outer blanks and empty texts gone, and with the SIREN that the SIRET begins with.
    #[must_use]
    pub fn normalised(self) -> Self {
        let text = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let filled = |parts: [&String; 3]| parts.into_iter().any(|part| !part.trim().is_empty());
        Self {
            legal_name: text(self.legal_name),
            legal_form: text(self.legal_form),
            address: self.address.trimmed(),
            siren: self.siren.or_else(|| self.siret.as_ref().map(Siret::siren)),
            registration_number: text(self.registration_number),
            register_city: text(self.register_city),
            bank_name: text(self.bank_name),
            phone: text(self.phone),
            website: text(self.website),
            accent_color: text(self.accent_color).map(|color| color.to_lowercase()),
            insurance: self.insurance.filter(|i| filled([&i.insurer, &i.policy, &i.territory])),
            mediator: self.mediator.filter(|m| filled([&m.name, &m.address, &m.website])),
            penalty_text: text(self.penalty_text),
            early_payment_text: text(self.early_payment_text),
            electronic_address: text(self.electronic_address),
            electronic_scheme: text(self.electronic_scheme),
            footer_text: text(self.footer_text),
            ..self
        }
    }

    /// What is wrong with it, as field and sentence. What one field alone can tell was checked when it was read.
    pub fn refusal(&self) -> Option<(String, &'static str)> {
        let wrong = |field: &str, why| Some((field.to_owned(), why));
        if let Some(field) = self.too_long() {
            return wrong(field, "is too long");
        }
        if let Some((line, why)) = self.address.refusal() {
            return Some((format!("address.{line}"), why));
        }
        if self.siret.as_ref().is_some_and(|siret| Some(siret.siren()) != self.siren) {
            return wrong("siret", "must begin with the SIREN");
        }
        let siren_of_vat = self.vat_number.as_ref().and_then(VatNumber::siren);
        if siren_of_vat.is_some() && self.siren.is_some() && siren_of_vat != self.siren {
            return wrong("vat_number", "must end with the SIREN");
        }
        let currency = self.share_capital_currency.unwrap_or_else(|| self.currency());
        if self.share_capital.is_some_and(|capital| !is_amount(capital, currency)) {
            return wrong("share_capital", "must be an amount of its currency, not negative");
        }
        if self.recovery_fee.is_some_and(|fee| !is_amount(fee, Currency::EUR)) {
            return wrong("recovery_fee", "must be an amount in euros, not negative");
        }
        if self.accent_color.as_ref().is_some_and(|color| !is_color(color)) {
            return wrong("accent_color", "must be #rrggbb");
        }
        if self.website.as_ref().is_some_and(|site| !site.starts_with("https://") && !site.starts_with("http://")) {
            return wrong("website", "must begin with https:// or http://");
        }
        if self.second_currency == Some(self.currency()) {
            return wrong("second_currency", "must be another than the first");
        }
        if self.electronic_scheme.is_some() && self.electronic_address.is_none() {
            return wrong("electronic_address", "is needed with its scheme");
        }
        let scheme = self.electronic_scheme.as_deref().unwrap_or(super::defaults::SCHEME);
        (!is_scheme(scheme))
            .then(|| ("electronic_scheme".to_owned(), "must be four digits, or EM for an e-mail address"))
    }

    fn too_long(&self) -> Option<&'static str> {
        let limits = [
            ("legal_name", &self.legal_name, 200),
            ("legal_form", &self.legal_form, 60),
            ("registration_number", &self.registration_number, 60),
            ("register_city", &self.register_city, 100),
            ("bank_name", &self.bank_name, 100),
            ("phone", &self.phone, 40),
            ("website", &self.website, 200),
            ("penalty_text", &self.penalty_text, 500),
            ("early_payment_text", &self.early_payment_text, 500),
            ("electronic_address", &self.electronic_address, 120),
            ("footer_text", &self.footer_text, 1000),
        ];
        let parts = |texts: [&String; 3]| texts.into_iter().any(|text| text.chars().count() > 300);
        let is_long = |text: &Option<String>, most| text.as_ref().is_some_and(|text| text.chars().count() > most);
        let long = limits.into_iter().find(|(_, text, most)| is_long(text, *most)).map(|(field, ..)| field);
        let insurance = self.insurance.as_ref().filter(|i| parts([&i.insurer, &i.policy, &i.territory]));
        let mediator = self.mediator.as_ref().filter(|m| parts([&m.name, &m.address, &m.website]));
        long.or(insurance.map(|_| "insurance")).or(mediator.map(|_| "mediator"))
    }

    /// The fields that an invoice still needs (spec/field.md 5.7), as dotted paths; empty when it can be issued. The
    /// insurance and the mediator depend on what is sold to whom, and are asked for there.
    pub fn missing_for_invoice(&self) -> Vec<&'static str> {
        let is_french = self.address.country.is_france();
        let has_capital = self.legal_form.as_deref().is_none_or(super::defaults::has_capital);
        let rows = [
            ("legal_name", self.legal_name.is_none()),
            ("legal_form", is_french && self.legal_form.is_none()),
            ("share_capital", is_french && has_capital && self.share_capital.is_none()),
            ("address.line1", self.address.missing().any(|line| line == "line1")),
            ("address.postal_code", self.address.missing().any(|line| line == "postal_code")),
            ("address.city", self.address.missing().any(|line| line == "city")),
            ("siret", is_french && self.siret.is_none()),
            ("registration_number", !is_french && self.registration_number.is_none() && self.vat_number.is_none()),
            ("register", is_french && self.register.is_none()),
            ("register_city", is_french && self.register_city.is_none()),
            ("vat_number", is_french && self.vat_regime != VatRegime::Franchise && self.vat_number.is_none()),
            ("iban", self.iban.is_none()),
        ];
        rows.into_iter().filter(|(_, missing)| *missing).map(|(field, _)| field).collect()
    }
}

fn is_amount(amount: Decimal, currency: Currency) -> bool {
    amount >= Decimal::ZERO && kernel::is_exact(amount, currency.decimals())
}

fn is_color(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_scheme(text: &str) -> bool {
    text == "EM" || (text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn full() -> Value {
        json!({ "legal_name": "ZR7 Énergie SAS", "legal_form": "SAS", "share_capital": "10000",
            "address": { "line1": "1 rue de la Paix", "postal_code": "75002", "city": "Paris" },
            "siret": "732 829 320 00074", "vat_number": "FR44732829320", "register": "RCS", "register_city": "Paris",
            "iban": "FR76 3000 6000 0112 3456 7890 189" })
    }

    fn with(field: &str, value: Value) -> Legal {
        let mut fields = full();
        fields[field] = value;
        serde_json::from_value::<Legal>(fields).unwrap().normalised()
    }

    #[test]
    fn nothing_is_missing_of_a_full_identity_and_each_field_that_is_gone_is_named() {
        let legal = with("bank_name", json!(" "));
        assert_eq!((legal.refusal(), legal.missing_for_invoice()), (None, vec![]));
        assert_eq!(legal.siren.as_ref().map(Siren::as_str), Some("732829320"));
        for field in
            ["legal_name", "legal_form", "share_capital", "siret", "vat_number", "register", "register_city", "iban"]
        {
            assert_eq!(with(field, Value::Null).missing_for_invoice(), [field]);
        }
        let lines = ["address.line1", "address.postal_code", "address.city"];
        assert_eq!(with("address", json!({})).missing_for_invoice(), lines);
        assert_eq!(Legal::default().missing_for_invoice().len(), 11);
    }

    #[test]
    fn what_a_form_a_regime_or_a_country_does_not_have_is_not_missing() {
        let mut sole = with("share_capital", Value::Null);
        sole.legal_form = Some("EI".into());
        assert_eq!(sole.missing_for_invoice(), Vec::<&str>::new());
        let mut small = with("vat_number", Value::Null);
        small.vat_regime = VatRegime::Franchise;
        assert_eq!(small.missing_for_invoice(), Vec::<&str>::new());
        let beirut = json!({ "legal_name": "Offshore SAL", "iban": "LB62099900000001001901229114", "vat_number": "LB1234567601",
            "address": { "line1": "Hamra", "city": "Beirut", "country": "LB" } });
        let beirut: Legal = serde_json::from_value(beirut).unwrap();
        assert_eq!(beirut.missing_for_invoice(), Vec::<&str>::new());
    }

    #[test]
    fn what_does_not_agree_is_refused_at_its_field() {
        let rows = [
            ("siren", json!("356000000"), "siret"),
            ("vat_number", json!("FR39356000000"), "vat_number"),
            ("share_capital", json!("-1"), "share_capital"),
            ("share_capital", json!("0.001"), "share_capital"),
            ("recovery_fee", json!("40.005"), "recovery_fee"),
            ("accent_color", json!("red"), "accent_color"),
            ("website", json!("javascript:alert(1)"), "website"),
            ("second_currency", json!("EUR"), "second_currency"),
            ("electronic_scheme", json!("0225"), "electronic_address"),
            ("legal_name", json!("x".repeat(201)), "legal_name"),
            ("address", json!({ "postal_code": "7500" }), "address.postal_code"),
            ("mediator", json!({ "name": "x".repeat(301) }), "mediator"),
        ];
        for (field, value, named) in rows {
            assert_eq!(with(field, value).refusal().map(|(field, _)| field).as_deref(), Some(named), "{field}");
        }
    }

    #[test]
    fn what_was_stored_without_a_shape_counts_as_not_filled_in() {
        let stored = json!({ "siret": "nonsense", "capital": 5, "legal_name": "ZR7", "fiscal_year_end": "06-30" });
        let legal = Legal::from_stored(stored);
        assert_eq!((legal.legal_name.as_deref(), legal.siret), (Some("ZR7"), None));
        assert_eq!(legal.fiscal_year_end.to_string(), "06-30");
        assert_eq!(Legal::from_stored(json!([])), Legal::default());
    }

    #[test]
    fn a_fiscal_year_ends_on_a_day_of_every_year() {
        for (text, fine) in
            [("12-31", true), ("02-28", true), ("02-29", false), ("6-30", false), ("13-01", false), ("", false)]
        {
            assert_eq!(text.parse::<FiscalYearEnd>().is_ok(), fine, "{text:?}");
        }
        let february: FiscalYearEnd = "02-28".parse().unwrap();
        assert_eq!(february.in_year(2028).unwrap().to_string(), "2028-02-29");
        assert_eq!(FiscalYearEnd::default().in_year(2026).unwrap().to_string(), "2026-12-31");
    }
}

//! From texts of an XML to values, with a warning where one cannot be taken as it is.

use kernel::{Currency, Date};
use rust_decimal::Decimal;

use super::tree::Node;
use super::{ReadError, Warning};
use crate::{Address, Country, Identifier, Kind, VatCategory};

#[derive(Default)]
pub(super) struct Reading {
    pub(super) warnings: Vec<Warning>,
}

impl Reading {
    pub(super) fn warn(&mut self, at: &str, message: String) {
        self.warnings.push(Warning { at: at.to_owned(), message });
    }

    /// The number at `path`, when there is one.
    pub(super) fn decimal(&mut self, node: &Node, path: &str) -> Option<Decimal> {
        let text = node.text(path)?;
        let number = number(&text);
        if number.is_none() {
            self.warn(path, format!("{:?} is no number and was passed over.", short(&text)));
        }
        number
    }

    /// The number at `path`, or zero.
    pub(super) fn amount(&mut self, node: &Node, path: &str) -> Decimal {
        self.decimal(node, path).unwrap_or_default()
    }

    /// The day at `path`, as `AAAAMMJJ` or `AAAA-MM-JJ`.
    pub(super) fn date(&mut self, node: &Node, path: &str) -> Option<Date> {
        let text = node.text(path)?;
        let day = day(&text);
        if day.is_none() {
            self.warn(path, format!("{:?} is no day and was passed over.", short(&text)));
        }
        day
    }

    pub(super) fn country(&mut self, text: Option<String>, at: &str) -> Country {
        let Some(text) = text else {
            self.warn(at, "The country is missing.".to_owned());
            return Country::UNKNOWN;
        };
        text.parse().unwrap_or_else(|_| {
            self.warn(at, format!("{:?} is no country.", short(&text)));
            Country::UNKNOWN
        })
    }

    /// The kind of a code of UNTDID 1001.
    pub(super) fn kind(&mut self, code: &str) -> Kind {
        let kind = match code {
            "384" | "471" | "472" | "473" => Kind::Corrected,
            "386" | "500" => Kind::Deposit,
            "381" | "261" | "262" | "396" | "502" | "81" | "83" | "532" | "308" => Kind::CreditNote,
            "503" => Kind::DepositCreditNote,
            _ => Kind::Invoice,
        };
        if kind.code() != Some(code) {
            self.warn(
                "TypeCode",
                format!("A document of type {} was read as {}.", short(code), kind.code().unwrap_or_default()),
            );
        }
        kind
    }

    pub(super) fn category(&mut self, code: Option<String>, rate: Decimal) -> VatCategory {
        let code = code.unwrap_or_default();
        VatCategory::from_code(&code).unwrap_or_else(|| {
            self.warn("CategoryCode", format!("VAT category {:?} is not known here.", short(&code)));
            if rate.is_zero() { VatCategory::E } else { VatCategory::S }
        })
    }
}

/// A number that can be reckoned with: sums and products of such do not overflow.
pub(super) fn number(text: &str) -> Option<Decimal> {
    text.parse::<Decimal>().ok().filter(|number| number.abs() < Decimal::from(100_000_000_000_000_i64))
}

/// The currency, without which no amount means anything.
pub(super) fn currency(text: Option<String>) -> Result<Currency, ReadError> {
    let text = text.ok_or(ReadError::Missing("BT-5", "currency"))?;
    text.parse().map_err(|_| ReadError::Missing("BT-5", "currency that is known"))
}

pub(super) fn day(text: &str) -> Option<Date> {
    let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let text =
        if digits { format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]) } else { text.get(..10)?.to_owned() };
    text.parse().ok()
}

pub(super) fn identifier(node: &Node) -> Option<Identifier> {
    let value = node.value()?;
    Some(Identifier { scheme: node.attribute("schemeID").map(str::to_owned), value })
}

/// An address of which nothing is known.
pub(super) fn nowhere() -> Address {
    Address::new("", "", "", Country::UNKNOWN)
}

/// Enough of a text to know it by.
fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

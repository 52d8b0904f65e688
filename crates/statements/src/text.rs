//! Bytes into text, text into amounts, dates, currencies and IBANs.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use iban::IbanLike;
use kernel::{Currency, Date, is_exact};
use rust_decimal::Decimal;

use crate::refusal::{Place, Refusal};

/// The text of an XML file: by its byte order mark, by what its declaration says, or UTF-8.
pub(crate) fn decode_xml(bytes: &[u8]) -> Result<String, Refusal> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]);
    let declared = head.split_once("encoding=").and_then(|(_, rest)| {
        let quote = rest.chars().next().filter(|first| matches!(first, '"' | '\''))?;
        rest[1..].split(quote).next().map(str::to_owned)
    });
    match declared {
        Some(label) => decode_as(bytes, &label),
        None => decode_as(bytes, "utf-8"),
    }
}

/// The text in the encoding of that name; a byte order mark wins.
pub(crate) fn decode_as(bytes: &[u8], label: &str) -> Result<String, Refusal> {
    let Some(encoding) = Encoding::for_label(label.trim().as_bytes()) else {
        return Err(Refusal::Encoding(label.trim().chars().take(40).collect()));
    };
    let (text, encoding, broken) = encoding.decode(bytes);
    if broken { Err(Refusal::Encoding(encoding.name().to_owned())) } else { Ok(text.into_owned()) }
}

/// The text of a file whose claim is not to be trusted: UTF-8 when it is that, else what Windows writes in the west.
/// French banks send both under the same OFX header.
pub(crate) fn decode_loose(bytes: &[u8]) -> (String, &'static str) {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return (encoding.decode(bytes).0.into_owned(), encoding.name());
    }
    match UTF_8.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => (text.into_owned(), UTF_8.name()),
        None => (WINDOWS_1252.decode(bytes).0.into_owned(), WINDOWS_1252.name()),
    }
}

/// Without control characters (no database takes a NUL), with single spaces, trimmed.
pub(crate) fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !clean.is_empty() {
            clean.push(' ');
        }
        clean.push_str(word);
    }
    clean
}

/// The cleaned text, unless it is empty or says that nothing was said.
pub(crate) fn said(text: &str) -> Option<String> {
    const UNSAID: [&str; 7] = ["NOTPROVIDED", "NOT PROVIDED", "NONREF", "NOREF", "NONE", "N/A", "-"];
    let text = clean(text);
    let unsaid = text.is_empty() || UNSAID.contains(&text.to_ascii_uppercase().as_str());
    (!unsaid).then_some(text)
}

/// A plain decimal: a sign, digits, a point. No exponents, no separators.
pub(crate) fn plain_amount(text: &str, currency: Currency, at: impl Fn() -> Place) -> Result<Decimal, Refusal> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let well_formed =
        digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') && digits.bytes().any(|b| b.is_ascii_digit());
    let refuse = || Refusal::Amount { at: at(), text: text.chars().take(40).collect() };
    let amount = well_formed.then(|| Decimal::from_str_exact(text).ok()).flatten().ok_or_else(refuse)?;
    if !is_exact(amount, 28) {
        return Err(refuse());
    }
    if !is_exact(amount, currency.decimals()) {
        return Err(Refusal::TooPrecise { at: at(), amount, currency });
    }
    // One value, one text: the id of a line is made from it.
    let mut amount = amount;
    amount.rescale(currency.decimals());
    Ok(if amount.is_zero() { amount.abs() } else { amount })
}

/// The date, when it is one of 1990 to 2099.
pub(crate) fn date(year: i16, month: i8, day: i8) -> Option<Date> {
    let date = jiff::civil::Date::new(year, month, day).ok()?;
    (1990..=2099).contains(&year).then(|| Date::from_jiff(date))
}

/// `YYYY-MM-DD`, whatever follows (a time, an offset: the day is the bank's own).
pub(crate) fn iso_date(text: &str, at: impl Fn() -> Place) -> Result<Date, Refusal> {
    let text = text.trim();
    let read = || -> Option<Date> {
        let head = text.get(..10)?;
        let rest = &text[10..];
        if !(rest.is_empty() || rest.starts_with(['T', 'Z', '+', '-', ' '])) {
            return None;
        }
        let head = head.parse::<Date>().ok()?.jiff();
        date(head.year(), head.month(), head.day())
    };
    read().ok_or_else(|| Refusal::Date { at: at(), text: text.chars().take(40).collect() })
}

/// A code of ISO 4217.
pub(crate) fn currency(text: &str, at: impl Fn() -> Place) -> Result<Currency, Refusal> {
    text.parse().map_err(|_| Refusal::UnknownCurrency { at: at(), text: text.trim().chars().take(40).collect() })
}

/// The IBAN in its electronic form, when its check digits are right.
pub(crate) fn iban(text: &str) -> Option<String> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
    compact.parse::<iban::BaseIban>().ok().map(|iban| iban.electronic_str().to_owned())
}

/// A reference or a number as it is compared: letters and digits only, in capitals, without accents.
pub(crate) fn fold(text: &str) -> String {
    deunicode::deunicode(text).chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

//! Numbers, amounts and dates as people of a language write them: on pages, and in letters about them.

use kernel::{Currency, Date};
use rust_decimal::Decimal;

use super::Language;

const NARROW_SPACE: &str = "\u{202f}";
const HARD_SPACE: &str = "\u{a0}";
const MINUS: &str = "\u{2212}";

/// A number with at least `decimals` digits behind the point, and more when it has more.
pub fn number(value: Decimal, decimals: u32, language: Language) -> String {
    let mut value = value.normalize();
    value.rescale(value.scale().max(decimals));
    let digits = value.abs().to_string();
    let (whole, part) = digits.split_once('.').unwrap_or((&digits, ""));
    let (separator, point) = match language {
        Language::French => (NARROW_SPACE, ","),
        Language::English => (",", "."),
    };
    let mut text = String::from(if value.is_sign_negative() && !value.is_zero() { MINUS } else { "" });
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            text.push_str(separator);
        }
        text.push(digit);
    }
    if !part.is_empty() {
        text.push_str(point);
        text.push_str(part);
    }
    text
}

/// An amount without its currency.
pub fn amount(value: Decimal, currency: Currency, language: Language) -> String {
    number(value, currency.decimals().min(4), language)
}

/// An amount with its currency.
pub fn money(value: Decimal, currency: Currency, language: Language) -> String {
    let figure = amount(value.abs(), currency, language);
    let minus = if value.is_sign_negative() && !value.is_zero() { MINUS } else { "" };
    match (language, symbol(currency)) {
        (Language::French, symbol) => format!("{minus}{figure}{HARD_SPACE}{symbol}"),
        (Language::English, symbol) if symbol.len() == 3 && symbol.is_ascii() => {
            format!("{minus}{symbol}{HARD_SPACE}{figure}")
        }
        (Language::English, symbol) => format!("{minus}{symbol}{figure}"),
    }
}

/// The currency's sign where it can mean no other, else its code.
pub fn symbol(currency: Currency) -> &'static str {
    match currency.code() {
        "EUR" => "€",
        "GBP" => "£",
        code => code,
    }
}

/// A rate in percent.
pub fn percent(rate: Decimal, language: Language) -> String {
    let figure = number(rate, 0, language);
    match language {
        Language::French => format!("{figure}{HARD_SPACE}%"),
        Language::English => format!("{figure}%"),
    }
}

/// `JJ/MM/AAAA` in French, `3 February 2026` in English, where a day and a month in digits could be mistaken.
pub fn date(date: Date, language: Language) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let text = date.to_string();
    let mut parts = text.splitn(3, '-');
    let (year, month, day) =
        (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    match language {
        Language::French => format!("{day}/{month}/{year}"),
        Language::English => {
            let name = month.parse::<usize>().ok().and_then(|month| MONTHS.get(month.wrapping_sub(1))).unwrap_or(&"");
            format!("{}{HARD_SPACE}{name}{HARD_SPACE}{year}", day.trim_start_matches('0'))
        }
    }
}

/// An IBAN in groups of four.
pub fn iban(iban: &str) -> String {
    let letters: Vec<char> = iban.chars().filter(|c| !c.is_whitespace()).collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(HARD_SPACE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn amounts_are_written_as_the_language_does() {
        let cases = [
            ("1234567.5", "1\u{202f}234\u{202f}567,50\u{a0}€", "€1,234,567.50"),
            ("-0.4", "\u{2212}0,40\u{a0}€", "\u{2212}€0.40"),
            ("0", "0,00\u{a0}€", "€0.00"),
            ("999.999", "999,999\u{a0}€", "€999.999"),
        ];
        for (value, french, english) in cases {
            assert_eq!(money(decimal(value), Currency::EUR, Language::French), french);
            assert_eq!(money(decimal(value), Currency::EUR, Language::English), english);
        }
        assert_eq!(money(decimal("12"), Currency::USD, Language::English), "USD\u{a0}12.00");
        assert_eq!(money(decimal("12"), Currency::USD, Language::French), "12,00\u{a0}USD");
    }

    #[test]
    fn dates_rates_and_accounts_are_written_as_the_language_does() {
        let day: Date = "2026-02-03".parse().unwrap();
        assert_eq!(date(day, Language::French), "03/02/2026");
        assert_eq!(date(day, Language::English), "3\u{a0}February\u{a0}2026");
        assert_eq!(percent(decimal("5.50"), Language::French), "5,5\u{a0}%");
        assert_eq!(percent(decimal("20"), Language::English), "20%");
        assert_eq!(
            iban("FR7630006000011234567890189"),
            "FR76\u{a0}3000\u{a0}6000\u{a0}0112\u{a0}3456\u{a0}7890\u{a0}189"
        );
    }
}

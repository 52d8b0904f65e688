//! One line of the file after the other: pure formatting, and so the same bytes each time.

use kernel::Date;
use rust_decimal::Decimal;

/// The 18 columns, in their order.
pub const COLUMNS: [&str; 18] = [
    "JournalCode",
    "JournalLib",
    "EcritureNum",
    "EcritureDate",
    "CompteNum",
    "CompteLib",
    "CompAuxNum",
    "CompAuxLib",
    "PieceRef",
    "PieceDate",
    "EcritureLib",
    "Debit",
    "Credit",
    "EcritureLet",
    "DateLet",
    "ValidDate",
    "Montantdevise",
    "Idevise",
];

/// What separates columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FecDelimiter {
    /// A tab.
    #[default]
    Tab,
    /// A vertical bar.
    Pipe,
}

impl FecDelimiter {
    /// The character.
    pub const fn char(self) -> char {
        match self {
            Self::Tab => '\t',
            Self::Pipe => '|',
        }
    }
}

/// A line of the file.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the columns of the file")]
pub struct FecLine<'a> {
    pub journal_code: &'a str,
    pub journal_name: &'a str,
    pub number: &'a str,
    pub on: Date,
    pub account: &'a str,
    pub account_name: &'a str,
    pub aux: Option<(&'a str, &'a str)>,
    pub piece_ref: &'a str,
    pub piece_on: Date,
    pub label: &'a str,
    pub debit: Decimal,
    pub credit: Decimal,
    pub letter: Option<(&'a str, Date)>,
    pub validated_on: Date,
    pub foreign: Option<(Decimal, &'a str)>,
}

/// The name of the file: `{SIREN}FEC{closing day}.txt`.
pub fn file_name(siren: &str, closes_on: Date) -> String {
    let mut day = String::new();
    push_date(&mut day, closes_on);
    format!("{siren}FEC{day}.txt")
}

/// The first line, with its end.
pub fn header(delimiter: FecDelimiter) -> String {
    let mut line = COLUMNS.join(&delimiter.char().to_string());
    line.push_str("\r\n");
    line
}

/// Adds a line, with its end. What separates columns or lines becomes a blank inside of a text.
pub fn push_line(out: &mut String, line: &FecLine<'_>, delimiter: FecDelimiter) {
    let cut = delimiter.char();
    let text = |out: &mut String, text: &str| {
        push_text(out, text, cut);
        out.push(cut);
    };
    text(out, line.journal_code);
    text(out, line.journal_name);
    text(out, line.number);
    push_date(out, line.on);
    out.push(cut);
    text(out, line.account);
    text(out, line.account_name);
    let (aux, aux_name) = line.aux.unwrap_or_default();
    text(out, aux);
    text(out, aux_name);
    // A document is always named: by its entry where it has no number.
    text(out, if line.piece_ref.trim().is_empty() { line.number } else { line.piece_ref });
    push_date(out, line.piece_on);
    out.push(cut);
    text(out, if line.label.trim().is_empty() { line.number } else { line.label });
    push_amount(out, line.debit);
    out.push(cut);
    push_amount(out, line.credit);
    out.push(cut);
    if let Some((letter, on)) = line.letter {
        push_text(out, letter, cut);
        out.push(cut);
        push_date(out, on);
    } else {
        out.push(cut);
    }
    out.push(cut);
    push_date(out, line.validated_on);
    out.push(cut);
    if let Some((amount, currency)) = line.foreign {
        push_amount(out, amount);
        out.push(cut);
        push_text(out, currency, cut);
    } else {
        out.push(cut);
    }
    out.push_str("\r\n");
}

fn push_text(out: &mut String, text: &str, cut: char) {
    let text = text.trim();
    if text.bytes().all(|b| b >= b' ' && b != 0x7f && b != b'|') {
        out.push_str(text);
        return;
    }
    out.extend(
        text.chars().map(|c| if c.is_control() || c == cut || c == '\u{2028}' || c == '\u{2029}' { ' ' } else { c }),
    );
}

fn push_date(out: &mut String, date: Date) {
    let date = date.jiff();
    push_digits(out, u64::from(date.year().unsigned_abs()), 4);
    push_digits(out, u64::from(date.month().unsigned_abs()), 2);
    push_digits(out, u64::from(date.day().unsigned_abs()), 2);
}

fn push_digits(out: &mut String, number: u64, width: u32) {
    for place in (0..width).rev() {
        let digit = number / 10_u64.pow(place) % 10;
        out.push(char::from(b'0' + u8::try_from(digit).unwrap_or(0)));
    }
}

/// A decimal comma, two decimals or more, no thousands.
fn push_amount(out: &mut String, amount: Decimal) {
    let mut amount = if amount.scale() > 2 { amount.normalize() } else { amount };
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    let scale = amount.scale();
    let mut mantissa = amount.mantissa();
    if mantissa < 0 {
        out.push('-');
        mantissa = -mantissa;
    }
    let mantissa = mantissa.unsigned_abs();
    let unit = 10_u128.pow(scale);
    let (whole, rest) = (mantissa / unit, mantissa % unit);
    let mut digits = [0_u8; 40];
    let (mut at, mut left) = (digits.len(), whole);
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(left % 10).unwrap_or(0);
        left /= 10;
        if left == 0 {
            break;
        }
    }
    out.extend(digits[at..].iter().map(|digit| char::from(*digit)));
    out.push(',');
    push_digits(out, u64::try_from(rest).unwrap_or(0), scale);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn line<'a>() -> FecLine<'a> {
        FecLine {
            journal_code: "VE",
            journal_name: "Ventes",
            number: "VE000012",
            on: day("2025-11-03"),
            account: "4110000",
            account_name: "Clients",
            aux: Some(("C00042", "Client Exemple SARL")),
            piece_ref: "FAC-2025-0012",
            piece_on: day("2025-11-03"),
            label: "Facture FAC-2025-0012",
            debit: "343.8900".parse().unwrap(),
            credit: Decimal::ZERO,
            letter: None,
            validated_on: day("2025-11-03"),
            foreign: None,
        }
    }

    #[test]
    fn the_example_line_of_the_specification() {
        let mut out = String::new();
        push_line(&mut out, &line(), FecDelimiter::Tab);
        let expected = "VE\tVentes\tVE000012\t20251103\t4110000\tClients\tC00042\tClient Exemple SARL\tFAC-2025-0012\t20251103\tFacture FAC-2025-0012\t343,89\t0,00\t\t\t20251103\t\t\r\n";
        assert_eq!(out, expected);
        assert_eq!(file_name("732829320", day("2025-12-31")), "732829320FEC20251231.txt");
        assert_eq!(header(FecDelimiter::Pipe).matches('|').count(), 17);
    }

    #[test]
    fn f_26_what_separates_columns_or_lines_stays_one_column() {
        for delimiter in [FecDelimiter::Tab, FecDelimiter::Pipe] {
            let mut out = String::new();
            let label = "Facture\tde\r\nmars | avril\u{2028}é";
            push_line(
                &mut out,
                &FecLine {
                    label,
                    foreign: Some(("1234567.5".parse().unwrap(), "USD")),
                    letter: Some(("AAA", day("2025-12-01"))),
                    ..line()
                },
                delimiter,
            );
            let columns: Vec<_> = out.trim_end_matches("\r\n").split(delimiter.char()).collect();
            assert_eq!(columns.len(), 18, "{out}");
            assert!(columns[10].starts_with("Facture de  mars ") && columns[10].ends_with(" é"), "{}", columns[10]);
            assert_eq!(columns[13..], ["AAA", "20251201", "20251103", "1234567,50", "USD"]);
        }
    }

    #[test]
    fn amounts_have_a_comma_and_two_decimals_or_more() {
        let rows = [
            ("0", "0,00"),
            ("0.0500", "0,05"),
            ("-12.3", "-12,30"),
            ("1.2345", "1,2345"),
            ("99999999999999.99", "99999999999999,99"),
        ];
        for (amount, expected) in rows {
            let mut out = String::new();
            push_amount(&mut out, amount.parse().unwrap());
            assert_eq!(out, expected);
        }
    }
}

//! What spreadsheets make of text.

use crate::{Timestamp, Zone};

/// The byte order mark, without which some spreadsheets do not read accents.
pub const BOM: &str = "\u{feff}";

/// A text that a spreadsheet would run as a formula gets a tab in front, which makes it text; a plain number stays one, also below
/// zero (spec/desk.md D-26).
pub fn neutralised(value: &str) -> String {
    let is_run = value.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && !is_number(value);
    let tab = if is_run { "\t" } else { "" };
    format!("{tab}{value}")
}

/// Digits with or without a minus in front and decimals behind a point or a comma: nothing that can be run.
fn is_number(value: &str) -> bool {
    let (whole, decimals) = value.split_once(['.', ',']).unwrap_or((value, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits(whole.strip_prefix('-').unwrap_or(whole)) && is_digits(decimals)
}

/// An instant in `zone`, as a spreadsheet reads it.
pub fn moment(at: Timestamp, zone: &Zone) -> String {
    at.jiff().to_zoned(zone.jiff().clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A yes or no that a spreadsheet can count.
pub fn flag(set: bool) -> String {
    if set { "1" } else { "0" }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::neutralised;

    #[test]
    fn d_26_a_number_stays_a_number_and_what_would_be_run_becomes_text() {
        for number in ["-5", "-5.00", "-343,89", "0", "12.5", "-0.0001"] {
            assert_eq!(neutralised(number), number);
        }
        let run = [
            "=1+1",
            "+33612345678",
            "+5",
            "-",
            "--5",
            "-5+1",
            "-5.",
            "-.5",
            "-5.0.0",
            "-5e3",
            "-5%",
            "- 5",
            "-5\t",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "-١",
            "-5|cmd",
        ];
        for text in run {
            assert_eq!(neutralised(text), format!("\t{text}"), "{text:?}");
        }
        for text in ["", "Zoé", "a=b", "Le-Roy", " =1"] {
            assert_eq!(neutralised(text), text);
        }
    }
}

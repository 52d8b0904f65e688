//! French phone numbers to the canonical `0XXXXXXXXX` (leads §5.2).

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize};

platform::words! {
    /// What a phone number is worth. A suspicious number is valid: it is sold, but looks typed at random.
    PhoneQuality {
        /// A plausible French number.
        Valid = "valid",
        /// A valid number made of one repeated digit or pair.
        Suspicious = "suspicious",
        /// Not a number that can be called.
        Invalid = "invalid",
    }
}

impl PhoneQuality {
    /// Valid or suspicious: the number can be called.
    pub const fn is_callable(self) -> bool {
        match self {
            Self::Valid | Self::Suspicious => true,
            Self::Invalid => false,
        }
    }
}

/// The configurable part of the normalisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct PhonePolicy {
    /// Numbers that are always invalid: keyboard runs and known test numbers. Read in any French spelling.
    #[serde(deserialize_with = "canonical_numbers")]
    pub blocked: BTreeSet<String>,
    /// Country codes of overseas France read like 33, digits only: `262`, `590`, `594`, `596`. None by default.
    pub overseas_prefixes: BTreeSet<String>,
}

impl Default for PhonePolicy {
    fn default() -> Self {
        let blocked = ["0123456789", "1234567890", "0987654321", "9876543210", "0612345678"];
        Self { blocked: blocked.map(String::from).into(), overseas_prefixes: BTreeSet::new() }
    }
}

fn canonical_numbers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<String>, D::Error> {
    let numbers = Vec::<String>::deserialize(deserializer)?;
    Ok(numbers.iter().map(|number| to_national(digits(number), &BTreeSet::new())).filter(|n| !n.is_empty()).collect())
}

/// A phone number as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Normalised {
    /// `0XXXXXXXXX`, or what was typed when it is not a number.
    pub phone: String,
    /// What it is worth.
    pub quality: PhoneQuality,
}

const RAW_CHARS_KEPT: usize = 64;

/// Reads `raw` as a French number. An invalid one keeps its text, so that a person can still make something of it.
pub fn normalise(raw: &str, policy: &PhonePolicy) -> Normalised {
    let phone = to_national(digits(raw), &policy.overseas_prefixes);
    if !is_french(&phone) || all_equal(&phone) || policy.blocked.contains(&phone) {
        return Normalised { phone: kept_text(raw), quality: PhoneQuality::Invalid };
    }
    let quality = if looks_random(&phone) { PhoneQuality::Suspicious } else { PhoneQuality::Valid };
    Normalised { phone, quality }
}

/// How numbers begin as they are stored, when `text` is the beginning of one, in whatever spelling; none when it is something
/// else, or shorter than three digits.
pub fn beginning(text: &str) -> Option<String> {
    let text = text.trim();
    let typed = digits(text);
    if typed.len() < 3 || !text.chars().all(|c| c.is_ascii_digit() || " .+-()/".contains(c)) {
        return None;
    }
    let abroad = if text.starts_with('+') { typed.strip_prefix("33") } else { typed.strip_prefix("0033") };
    let Some(rest) = abroad else { return Some(to_national(typed, &BTreeSet::new())) };
    // Some write +33 (0)6.
    Some(format!("0{}", rest.trim_start_matches('0')))
}

/// The last four digits, for technical logs; nothing at all of a text too short to be a number.
pub fn masked(phone: &str) -> String {
    let digits = digits(phone);
    if digits.len() < 9 { "****".to_owned() } else { format!("****{}", &digits[digits.len() - 4..]) }
}

fn digits(raw: &str) -> String {
    raw.chars().filter(char::is_ascii_digit).collect()
}

/// Steps 2 to 4: the international spellings and the forgotten zero.
fn to_national(digits: String, overseas_prefixes: &BTreeSet<String>) -> String {
    if digits.len() >= 13
        && let Some(rest) = digits.strip_prefix("0033")
    {
        return format!("0{rest}");
    }
    if digits.len() == 11
        && let Some(rest) = digits.strip_prefix("33")
    {
        return format!("0{rest}");
    }
    if digits.len() == 9 && digits.starts_with(['6', '7']) {
        return format!("0{digits}");
    }
    overseas_national(&digits, overseas_prefixes).unwrap_or(digits)
}

fn overseas_national(digits: &str, prefixes: &BTreeSet<String>) -> Option<String> {
    let international = digits.strip_prefix("00").unwrap_or(digits);
    let rest =
        prefixes.iter().filter(|p| !p.is_empty()).find_map(|prefix| international.strip_prefix(prefix.as_str()))?;
    (rest.len() == 9).then(|| format!("0{rest}"))
}

fn is_french(phone: &str) -> bool {
    let bytes = phone.as_bytes();
    bytes.len() == 10 && bytes[0] == b'0' && bytes[1] != b'0'
}

fn all_equal(phone: &str) -> bool {
    let first = phone.as_bytes().first();
    phone.as_bytes().iter().all(|digit| Some(digit) == first)
}

/// Step 7, on the last eight digits: one of them seven times or more, or one pair four times.
fn looks_random(phone: &str) -> bool {
    let last = &phone[phone.len() - 8..];
    let most = ('0'..='9').map(|digit| last.matches(digit).count()).max();
    most >= Some(7) || last == last[..2].repeat(4)
}

fn kept_text(raw: &str) -> String {
    let clean: String = raw.chars().filter(|c| *c != '\0').collect();
    let cut: String = clean.trim().chars().take(RAW_CHARS_KEPT).collect();
    cut.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn quality(raw: &str) -> PhoneQuality {
        normalise(raw, &PhonePolicy::default()).quality
    }

    #[test]
    fn the_table_of_the_specification_holds() {
        use PhoneQuality::{Suspicious, Valid};
        let rows = [
            ("06 12 34 56 79", "0612345679", Valid),
            ("06.12.34.56.79", "0612345679", Valid),
            ("(06) 12-34-56-79", "0612345679", Valid),
            ("+33 6 12 34 56 79", "0612345679", Valid),
            ("33612345679", "0612345679", Valid),
            ("0033612345679", "0612345679", Valid),
            ("612345679", "0612345679", Valid),
            ("0145678901", "0145678901", Valid),
            ("0606060606", "0606060606", Suspicious),
            ("0678787878", "0678787878", Suspicious),
            ("0611111111", "0611111111", Suspicious),
        ];
        for (raw, phone, quality) in rows {
            let expected = Normalised { phone: phone.to_owned(), quality };
            assert_eq!(normalise(raw, &PhonePolicy::default()), expected, "{raw}");
        }
    }

    #[test]
    fn what_is_not_a_french_number_is_invalid_and_kept_as_typed() {
        let rows = ["0612345678", "0123456789", "1234567890", "0987654321", "9876543210", "5555555555", "0000000000"];
        let more =
            ["123456", "+12025550199", "abcdef", "", "145678901", "0012345678", "+33612345678", "00336123456790"];
        for raw in rows.into_iter().chain(more) {
            let expected = Normalised { phone: raw.to_owned(), quality: PhoneQuality::Invalid };
            assert_eq!(normalise(raw, &PhonePolicy::default()), expected, "{raw:?}");
        }
    }

    #[test]
    fn seven_equal_digits_of_the_last_eight_are_suspicious_and_six_are_not() {
        assert_eq!(quality("0612222222"), PhoneQuality::Suspicious);
        assert_eq!(quality("0613222222"), PhoneQuality::Valid);
        assert_eq!(quality("0612121213"), PhoneQuality::Valid);
    }

    #[test]
    fn the_kept_text_of_an_invalid_number_is_clean_and_short() {
        let kept = |raw: &str| normalise(raw, &PhonePolicy::default()).phone;
        assert_eq!(kept("  12\0 34 "), "12 34");
        assert_eq!(kept(&"é".repeat(80)), "é".repeat(64));
    }

    #[test]
    fn blocked_numbers_and_overseas_prefixes_are_settings() {
        let stored = r#"{"blocked": ["+33 6 99 88 77 66"], "overseas_prefixes": ["262"]}"#;
        let policy: PhonePolicy = serde_json::from_str(stored).unwrap();
        assert_eq!(normalise("0699887766", &policy).quality, PhoneQuality::Invalid);
        assert_eq!(normalise("0612345678", &policy).quality, PhoneQuality::Valid, "the list replaces the default");
        for raw in ["+262 692 12 34 57", "00262692123457"] {
            assert_eq!(normalise(raw, &policy).phone, "0692123457", "{raw}");
            assert_eq!(quality(raw), PhoneQuality::Invalid, "{raw} is foreign by default");
        }
        assert_eq!(serde_json::from_str::<PhonePolicy>("{}").unwrap(), PhonePolicy::default());
    }

    #[test]
    fn a_mask_shows_four_digits_at_most() {
        assert_eq!(masked("0612345679"), "****5679");
        assert_eq!(masked("06 12 34 56 79"), "****5679");
        assert_eq!(masked("12345"), "****");
    }

    #[test]
    fn qualities_read_back_what_they_write() {
        for quality in [PhoneQuality::Valid, PhoneQuality::Suspicious, PhoneQuality::Invalid] {
            assert_eq!(quality.as_str().parse(), Ok(quality));
            assert_eq!(serde_json::to_value(quality).unwrap(), quality.as_str());
        }
        assert_eq!("VALID".parse::<PhoneQuality>(), Err("must be one of valid, suspicious, invalid".to_owned()));
    }

    #[test]
    fn a_beginning_is_found_in_any_spelling() {
        for (text, expected) in [
            ("0612", Some("0612")),
            ("06 12.34-5", Some("0612345")),
            ("+33 6 12", Some("0612")),
            ("+33 (0)6 12", Some("0612")),
            ("0033612", Some("0612")),
            ("33612345679", Some("0612345679")),
            ("612345679", Some("0612345679")),
            ("+336", Some("06")),
            ("+32 4", Some("324")),
            ("06", None),
            ("", None),
            ("0612a", None),
            ("Durand", None),
        ] {
            assert_eq!(beginning(text).as_deref(), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(raw in any::<String>()) {
            let read = normalise(&raw, &PhonePolicy::default());
            prop_assert!(read.phone.chars().count() <= RAW_CHARS_KEPT && !read.phone.contains('\0'));
            prop_assert!(masked(&raw).len() <= 8);
        }

        #[test]
        fn a_callable_number_is_ten_digits_and_stays_itself(raw in "(\\+33|0033|33|0|) ?[0-9. -]{8,14}") {
            let policy = PhonePolicy::default();
            let read = normalise(&raw, &policy);
            if read.quality.is_callable() {
                prop_assert!(read.phone.len() == 10 && read.phone.bytes().all(|b| b.is_ascii_digit()));
                prop_assert_eq!(normalise(&read.phone, &policy), read);
            }
        }
    }
}

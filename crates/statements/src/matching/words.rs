//! Labels and names as they are compared: without accents, case and punctuation.

use std::collections::BTreeSet;

/// Longer than any number of a document.
const LONGEST_NUMBER: usize = 40;
/// A number is at most so many runs of letters or digits, even where a bank breaks it over two lines.
const LONGEST_WINDOW: usize = 8;

/// Letters and digits in runs of one kind: `Fac 2025-0012b` is FAC, 2025, 0012, B.
pub(super) fn runs(text: &str) -> Vec<String> {
    let mut runs: Vec<String> = Vec::new();
    let mut last = ' ';
    for c in deunicode::deunicode(text).chars().map(|c| c.to_ascii_uppercase()) {
        let goes_on = last.is_ascii_alphanumeric() && last.is_ascii_digit() == c.is_ascii_digit();
        last = c;
        if !c.is_ascii_alphanumeric() {
            continue;
        }
        match runs.last_mut() {
            Some(run) if goes_on => run.push(c),
            _ => runs.push(c.to_string()),
        }
    }
    runs
}

/// Every text that some runs in a row make, with the runs it takes, as far as a number can reach.
pub(super) fn windows(runs: &[String], mut found: impl FnMut(&str, std::ops::Range<usize>)) {
    let mut text = String::new();
    for start in 0..runs.len() {
        text.clear();
        for (length, run) in runs[start..].iter().take(LONGEST_WINDOW).enumerate() {
            text.push_str(run);
            if text.len() > LONGEST_NUMBER {
                break;
            }
            found(&text, start..start + length + 1);
        }
    }
}

/// Whether a number says enough to be believed when it stands in a label: `12` also stands in dates.
pub(super) fn is_telling(folded: &str) -> bool {
    let digits = folded.bytes().filter(u8::is_ascii_digit).count();
    digits >= 6 || (digits >= 3 && digits < folded.len() && folded.len() >= 5)
}

/// The words of a name that tell it from others, sorted.
pub(super) fn name_words(name: &str) -> BTreeSet<String> {
    const FORMS: [&str; 26] = [
        "SARL", "SAS", "SASU", "SA", "EURL", "EI", "SCI", "SNC", "SCP", "SCOP", "GMBH", "AG", "OHG", "KG", "LTD",
        "INC", "LLC", "BV", "NV", "MR", "MME", "MLLE", "MONSIEUR", "MADAME", "ET", "DE",
    ];
    let plain = deunicode::deunicode(name.get(..name.floor_char_boundary(140)).unwrap_or(name)).to_ascii_uppercase();
    let words = plain.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter(|word| word.len() > 1 && !FORMS.contains(word)).map(str::to_owned).collect()
}

/// How alike two names are, from 0 to 100, whatever the order of their words.
pub(super) fn likeness(one: &BTreeSet<String>, other: &BTreeSet<String>) -> u8 {
    let joined = |words: &BTreeSet<String>| words.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    let (one, other) = (joined(one), joined(other));
    if one.is_empty() || other.is_empty() {
        return 0;
    }
    // A share of 1.0 at most; it is no money.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0.0 to 1.0")]
    let percent = (strsim::jaro_winkler(&one, &other) * 100.0) as u8;
    percent.min(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_change_where_letters_meet_digits() {
        assert_eq!(runs("Fac2025-0012b é"), ["FAC", "2025", "0012", "B", "E"]);
        assert!(runs("--").is_empty());
    }

    #[test]
    fn a_short_number_tells_nothing() {
        for (number, telling) in
            [("FAC20250012", true), ("INV2024001", true), ("102030", true), ("2025", false), ("A12", false)]
        {
            assert_eq!(is_telling(number), telling, "{number}");
        }
    }

    #[test]
    fn names_are_alike_whatever_their_order_and_form() {
        let like = |one, other| likeness(&name_words(one), &name_words(other));
        assert_eq!(like("Client Exemple SARL", "EXEMPLE CLIENT"), 100);
        assert!(like("Hélène Abiven", "MME HELENE ABIVENT") > 90);
        assert!(like("Hélène Abiven", "Garage du Port") < 70);
        assert_eq!(like("SARL", "SARL"), 0);
    }
}

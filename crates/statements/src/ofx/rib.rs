//! From a French account number (*relevé d'identité bancaire*) to its IBAN.

use crate::text::iban;

/// Bank (5 digits), branch (5 digits) and account (11 letters or digits) of a French account, as its IBAN.
pub(super) fn iban_of(bank: &str, branch: &str, account: &str) -> Option<String> {
    let is_number = |text: &str| text.len() == 5 && text.bytes().all(|b| b.is_ascii_digit());
    let account = account.to_ascii_uppercase();
    let is_account = account.len() == 11 && account.bytes().all(|b| b.is_ascii_alphanumeric());
    if !is_number(bank) || !is_number(branch) || !is_account {
        return None;
    }
    let digits: String = account.chars().map(key_digit).collect();
    let weighed = 89 * bank.parse::<u64>().ok()? + 15 * branch.parse::<u64>().ok()? + 3 * digits.parse::<u64>().ok()?;
    let number = format!("{bank}{branch}{account}{:02}", 97 - weighed % 97);
    iban(&format!("FR{:02}{number}", 98 - remainder(&format!("{number}FR00"))))
}

/// Letters count as digits for the key: A and J are 1, B, K and S are 2, and so on.
fn key_digit(letter: char) -> char {
    match letter {
        'A' | 'J' => '1',
        'B' | 'K' | 'S' => '2',
        'C' | 'L' | 'T' => '3',
        'D' | 'M' | 'U' => '4',
        'E' | 'N' | 'V' => '5',
        'F' | 'O' | 'W' => '6',
        'G' | 'P' | 'X' => '7',
        'H' | 'Q' | 'Y' => '8',
        'I' | 'R' | 'Z' => '9',
        digit => digit,
    }
}

/// Modulo 97 of ISO 13616, letters counting from A = 10.
fn remainder(text: &str) -> u32 {
    text.chars()
        .filter_map(|c| c.to_digit(36))
        .fold(0, |left, digit| if digit > 9 { (left * 100 + digit) % 97 } else { (left * 10 + digit) % 97 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_iban_follows_from_bank_branch_and_number() {
        // The example that France registered with ISO 13616.
        assert_eq!(iban_of("20041", "01005", "0500013M026").as_deref(), Some("FR1420041010050500013M02606"));
        for (bank, branch, account) in
            [("2004", "01005", "0500013M026"), ("20041", "", "123"), ("20041", "01005", "é500013M02")]
        {
            assert_eq!(iban_of(bank, branch, account), None, "{bank} {branch} {account}");
        }
    }
}

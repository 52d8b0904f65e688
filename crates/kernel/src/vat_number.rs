//! VAT numbers.

use serde::{Deserialize, Serialize};

use crate::Country;
use crate::identifier::{InvalidIdentifier, digits, identifiers};

identifiers! {
    /// A VAT number with its country's prefix: in the European Union of the form its country gives them (VIES), and in
    /// France with the check of its company's SIREN; elsewhere the country and what its tax office wrote.
    VatNumber, "FR44732829320", vat_number;
}

/// What VAT numbers of the European Union look like: 9 stands for a digit, A for a letter, * for either.
const FORMS: &[(&str, &[&str])] = &[
    ("AT", &["U99999999"]),
    ("BE", &["0999999999", "1999999999"]),
    ("BG", &["999999999", "9999999999"]),
    ("CY", &["99999999A"]),
    ("CZ", &["99999999", "999999999", "9999999999"]),
    ("DE", &["999999999"]),
    ("DK", &["99999999"]),
    ("EE", &["999999999"]),
    ("EL", &["999999999"]),
    ("ES", &["*9999999*"]),
    ("FI", &["99999999"]),
    ("FR", &["**999999999"]),
    ("HR", &["99999999999"]),
    ("HU", &["99999999"]),
    ("IE", &["9999999A", "9999999AA", "9A99999A"]),
    ("IT", &["99999999999"]),
    ("LT", &["999999999", "999999999999"]),
    ("LU", &["99999999"]),
    ("LV", &["99999999999"]),
    ("MT", &["99999999"]),
    ("NL", &["999999999B99"]),
    ("PL", &["9999999999"]),
    ("PT", &["999999999"]),
    ("RO", &["99", "999", "9999", "99999", "999999", "9999999", "99999999", "999999999", "9999999999"]),
    ("SE", &["999999999999"]),
    ("SI", &["99999999"]),
    ("SK", &["9999999999"]),
    ("XI", &["999999999", "999999999999"]),
];

impl VatNumber {
    /// The two letters it begins with.
    pub fn prefix(&self) -> &str {
        self.as_str().get(..2).unwrap_or_default()
    }

    /// Whether it is one of this country: Greece writes EL, Northern Ireland XI, Monaco has French ones.
    pub fn is_of(&self, country: &Country) -> bool {
        match (self.prefix(), country.code()) {
            ("EL", "GR") | ("XI", "GB") | ("FR", "MC") => true,
            (prefix, code) => prefix == code,
        }
    }

    /// Whether it is one that the European Union's register (VIES) knows.
    pub fn is_of_european_union(&self) -> bool {
        FORMS.iter().any(|(prefix, _)| *prefix == self.prefix())
    }

    /// The company that a French one belongs to.
    pub fn siren(&self) -> Option<crate::Siren> {
        let number = self.as_str().strip_prefix("FR")?;
        number.get(2..)?.parse().ok()
    }
}

fn vat_number(text: &str) -> Result<String, InvalidIdentifier> {
    let (Some(prefix), Some(rest)) = (text.get(..2), text.get(2..)) else {
        return Err(InvalidIdentifier("must begin with its country, such as FR44732829320"));
    };
    match FORMS.iter().find(|(known, _)| *known == prefix) {
        Some((_, forms)) if !forms.iter().any(|form| fits(rest, form)) => {
            return Err(InvalidIdentifier("does not look like a VAT number of its country"));
        }
        Some(_) if prefix == "FR" => check_french(rest)?,
        Some(_) => {}
        None => {
            let is_number = (2..=18).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if prefix.parse::<Country>().is_err() || prefix == "GR" || !is_number {
                return Err(InvalidIdentifier("must begin with its country, such as FR44732829320"));
            }
        }
    }
    Ok(text.to_owned())
}

fn fits(text: &str, form: &str) -> bool {
    text.len() == form.len()
        && text.bytes().zip(form.bytes()).all(|(byte, place)| match place {
            b'9' => byte.is_ascii_digit(),
            b'A' => byte.is_ascii_uppercase(),
            b'*' => byte.is_ascii_digit() || byte.is_ascii_uppercase(),
            written => byte == written,
        })
}

/// The key of a French number made of digits is (12 + 3 · (SIREN mod 97)) mod 97 (BOFiP, BOI-TVA-DECLA-20-10-20). Keys
/// with letters are of older or other bodies and follow no rule that is public; Monaco's numbers have no SIREN behind the key.
fn check_french(number: &str) -> Result<(), InvalidIdentifier> {
    let (key, company) = number.split_at(2);
    let is_monaco = company.starts_with("000");
    let siren = company.parse::<crate::Siren>();
    if siren.is_err() && !is_monaco {
        return Err(InvalidIdentifier("is no French VAT number: what follows the key is no SIREN"));
    }
    let (Some(_), Ok(key), Ok(company)) = (digits(key, 2), key.parse::<u64>(), company.parse::<u64>()) else {
        return Ok(());
    };
    if (12 + 3 * (company % 97)) % 97 == key {
        return Ok(());
    }
    Err(InvalidIdentifier("is no French VAT number: its key is not the one of its SIREN"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vat_number_has_the_form_of_its_country_and_in_france_its_key() {
        let rows = [
            ("FR44732829320", true),
            ("fr 44 732 829 320", true),
            ("FR45732829320", false),
            ("FR44732829321", false),
            ("FRAB732829320", true),
            ("FR4473282932", false),
            ("DE123456789", true),
            ("DE12345678", false),
            ("BE0428759497", true),
            ("BE2428759497", false),
            ("NL123456789B01", true),
            ("NL123456789X01", false),
            ("ATU12345678", true),
            ("EL123456789", true),
            ("GR123456789", false),
            ("ESX1234567X", true),
            ("IE1234567AB", true),
            ("RO12", true),
            ("GB123456789", true),
            ("LB1234567601", true),
            ("CHE123456789", true),
            ("XX123", false),
            ("732829320", false),
            ("", false),
            ("é", false),
            ("FR€€", false),
        ];
        for (text, fine) in rows {
            assert_eq!(text.parse::<VatNumber>().is_ok(), fine, "{text:?}");
        }
    }

    #[test]
    fn a_vat_number_knows_its_country_and_its_company() {
        let number: VatNumber = "FR44732829320".parse().unwrap();
        assert_eq!(number.siren().unwrap().as_str(), "732829320");
        assert!(number.is_of(&Country::france()) && number.is_of_european_union());
        let greek: VatNumber = "EL123456789".parse().unwrap();
        assert!(greek.is_of(&"GR".parse().unwrap()) && greek.siren().is_none());
        assert!(!"GB123456789".parse::<VatNumber>().unwrap().is_of_european_union());
    }
}

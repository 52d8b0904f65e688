//! Who sells, who buys, and where they are.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Schemes of identifiers (ISO 6523) and of electronic addresses (EAS).
pub mod scheme {
    /// SIREN, nine digits: the legal identifier of a French organisation.
    pub const SIREN: &str = "0002";
    /// SIRET, fourteen digits: one of its establishments.
    pub const SIRET: &str = "0009";
    /// Electronic address in the French directory: it begins with the SIREN.
    pub const FRENCH_ADDRESS: &str = "0225";
    /// Electronic address that is a mailbox.
    pub const EMAIL: &str = "EM";
}

/// An identifier and the scheme it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identifier {
    /// The scheme's code, see [`scheme`].
    pub scheme: Option<String>,
    /// The identifier.
    pub value: String,
}

impl Identifier {
    /// `value` of `scheme`.
    pub fn of(scheme: &str, value: &str) -> Self {
        Self { scheme: Some(scheme.to_owned()), value: value.to_owned() }
    }

    /// Whether it belongs to `scheme`.
    pub fn is_of(&self, scheme: &str) -> bool {
        self.scheme.as_deref() == Some(scheme)
    }
}

/// A seller or a buyer (BG-4, BG-7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Its full legal name (BT-27, BT-44).
    pub name: String,
    /// The name it trades under (BT-28, BT-45).
    pub trading_name: Option<String>,
    /// Its legal registration, a SIREN in France (BT-30, BT-47).
    pub legal_id: Option<Identifier>,
    /// Other identifiers, such as a SIRET (BT-29, BT-46).
    pub ids: Vec<Identifier>,
    /// Its VAT number with the country's letters (BT-31, BT-48).
    pub vat_id: Option<String>,
    /// A seller's other number at the tax office (BT-32).
    pub tax_id: Option<String>,
    /// A seller's legal information: form, capital, register (BT-33).
    pub legal_info: Option<String>,
    /// Where it is (BG-5, BG-8).
    pub address: Address,
    /// Whom to ask (BG-6, BG-9).
    pub contact: Option<Contact>,
    /// Where electronic documents reach it (BT-34, BT-49).
    pub endpoint: Option<Identifier>,
}

impl Party {
    /// A party of which only the name and the place are known.
    pub fn new(name: &str, address: Address) -> Self {
        Self {
            name: name.to_owned(),
            trading_name: None,
            legal_id: None,
            ids: Vec::new(),
            vat_id: None,
            tax_id: None,
            legal_info: None,
            address,
            contact: None,
            endpoint: None,
        }
    }

    /// The identifier of a scheme among its legal and other ones.
    pub fn id_of(&self, scheme: &str) -> Option<&str> {
        self.legal_id.iter().chain(&self.ids).find(|id| id.is_of(scheme)).map(|id| id.value.as_str())
    }
}

/// Whom to ask (BG-6, BG-9).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// A person or a department (BT-41, BT-56).
    pub name: Option<String>,
    /// Telephone (BT-42, BT-57).
    pub phone: Option<String>,
    /// Mail address (BT-43, BT-58).
    pub email: Option<String>,
}

impl Contact {
    /// Whether nothing of it is known: then it is not written, for no element may be empty (PEPPOL-EN16931-R008).
    pub(crate) fn is_empty(&self) -> bool {
        self.name.is_none() && self.phone.is_none() && self.email.is_none()
    }
}

/// A postal address (BG-5, BG-8, BG-15).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Street and number (BT-35, BT-50, BT-75).
    pub line1: Option<String>,
    /// Building, floor (BT-36, BT-51, BT-76).
    pub line2: Option<String>,
    /// What else helps (BT-162, BT-163, BT-165).
    pub line3: Option<String>,
    /// Post code (BT-38, BT-53, BT-78).
    pub postcode: Option<String>,
    /// Town (BT-37, BT-52, BT-77).
    pub city: Option<String>,
    /// Region or state (BT-39, BT-54, BT-79).
    pub subdivision: Option<String>,
    /// Country (BT-40, BT-55, BT-80).
    pub country: Country,
}

impl Address {
    /// A street, a post code and a town of a country.
    pub fn new(street: &str, postcode: &str, city: &str, country: Country) -> Self {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self {
            line1: some(street),
            line2: None,
            line3: None,
            postcode: some(postcode),
            city: some(city),
            subdivision: None,
            country,
        }
    }
}

/// Who is paid, when that is not the seller (BG-10).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payee {
    /// Its name (BT-59).
    pub name: String,
    /// Its identifier (BT-60).
    pub id: Option<Identifier>,
    /// Its legal registration (BT-61).
    pub legal_id: Option<Identifier>,
}

/// Where the supply went (BG-13).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// To whom (BT-70).
    pub name: Option<String>,
    /// Where (BG-15).
    pub address: Address,
}

/// A country, by its two letters of ISO 3166-1 (`EL` and `XI` of the VAT numbers are none).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

/// The text is no code of ISO 3166-1.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no country of ISO 3166-1")]
pub struct UnknownCountry(String);

const COUNTRIES: &str = "\
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF \
CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH \
GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW \
KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG \
NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN \
SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT \
ZA ZM ZW";

impl Country {
    /// France.
    pub const FRANCE: Self = Self(*b"FR");

    /// No country: what a received document did not say, or said wrong. ISO 3166 leaves `ZZ` to its users.
    pub const UNKNOWN: Self = Self(*b"ZZ");

    /// Its two letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Whether French tax law sees it as France: the mainland, Monaco and the overseas départements.
    pub fn is_french(self) -> bool {
        matches!(&self.0, b"FR" | b"MC" | b"GP" | b"MQ" | b"RE" | b"GF" | b"YT")
    }
}

impl FromStr for Country {
    type Err = UnknownCountry;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = text.trim().to_ascii_uppercase();
        match *code.as_bytes() {
            [first, second] if COUNTRIES.split(' ').any(|known| known == code) => Ok(Self([first, second])),
            _ => Err(UnknownCountry(code)),
        }
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Country {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == Self::UNKNOWN.code() {
            return Ok(Self::UNKNOWN);
        }
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_one_of_iso_3166_in_any_case() {
        assert_eq!(" fr ".parse::<Country>().unwrap(), Country::FRANCE);
        for unknown in ["", "F", "FRA", "XX", "EL", "é"] {
            assert!(unknown.parse::<Country>().is_err(), "{unknown}");
        }
        assert_eq!(COUNTRIES.split(' ').count(), 249);
    }
}

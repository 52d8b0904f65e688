//! Addresses as an envelope shows them.

use super::Language;
use crate::{Address, Country, Party};

/// Who and where, line by line; the country when it is not `home`.
pub(super) fn label(party: &Party, home: Country, language: Language) -> Vec<String> {
    let trading = party.trading_name.clone().filter(|name| *name != party.name);
    let contact = party.contact.as_ref().and_then(|contact| contact.name.clone());
    let lines = address(&party.address, home, language);
    [Some(party.name.clone()), trading, contact]
        .into_iter()
        .flatten()
        .chain(lines)
        .filter(|line| !line.trim().is_empty())
        .collect()
}

/// Where, line by line; the country when it is not `home`.
pub(super) fn address(address: &Address, home: Country, language: Language) -> Vec<String> {
    let country = (address.country != home).then(|| name(address.country, language).to_uppercase());
    [&address.line1, &address.line2, &address.line3]
        .into_iter()
        .flatten()
        .cloned()
        .chain(town(address))
        .chain(country)
        .filter(|line| !line.trim().is_empty())
        .collect()
}

fn town(address: &Address) -> Vec<String> {
    let text = |part: &Option<String>| part.clone().unwrap_or_default();
    let (postcode, city, region) = (text(&address.postcode), text(&address.city), text(&address.subdivision));
    match address.country.code() {
        "US" | "CA" | "AU" => {
            let region = format!("{region} {postcode}");
            vec![
                [city.as_str(), region.trim()]
                    .iter()
                    .filter(|part| !part.is_empty())
                    .copied()
                    .collect::<Vec<_>>()
                    .join(", "),
            ]
        }
        "GB" | "IE" => vec![city, region, postcode],
        _ => vec![format!("{postcode} {city}").trim().to_owned(), region],
    }
}

/// The name of a country, or its code where a reader knows it as well.
fn name(country: Country, language: Language) -> String {
    const NAMES: [(&str, &str, &str); 42] = [
        ("AE", "Émirats arabes unis", "United Arab Emirates"),
        ("AT", "Autriche", "Austria"),
        ("AU", "Australie", "Australia"),
        ("BE", "Belgique", "Belgium"),
        ("BG", "Bulgarie", "Bulgaria"),
        ("CA", "Canada", "Canada"),
        ("CH", "Suisse", "Switzerland"),
        ("CN", "Chine", "China"),
        ("CY", "Chypre", "Cyprus"),
        ("CZ", "Tchéquie", "Czechia"),
        ("DE", "Allemagne", "Germany"),
        ("DK", "Danemark", "Denmark"),
        ("DZ", "Algérie", "Algeria"),
        ("EE", "Estonie", "Estonia"),
        ("ES", "Espagne", "Spain"),
        ("FI", "Finlande", "Finland"),
        ("FR", "France", "France"),
        ("GB", "Royaume-Uni", "United Kingdom"),
        ("GR", "Grèce", "Greece"),
        ("HR", "Croatie", "Croatia"),
        ("HU", "Hongrie", "Hungary"),
        ("IE", "Irlande", "Ireland"),
        ("IT", "Italie", "Italy"),
        ("JP", "Japon", "Japan"),
        ("LB", "Liban", "Lebanon"),
        ("LT", "Lituanie", "Lithuania"),
        ("LU", "Luxembourg", "Luxembourg"),
        ("LV", "Lettonie", "Latvia"),
        ("MA", "Maroc", "Morocco"),
        ("MC", "Monaco", "Monaco"),
        ("MT", "Malte", "Malta"),
        ("NL", "Pays-Bas", "Netherlands"),
        ("NO", "Norvège", "Norway"),
        ("PL", "Pologne", "Poland"),
        ("PT", "Portugal", "Portugal"),
        ("RO", "Roumanie", "Romania"),
        ("SE", "Suède", "Sweden"),
        ("SI", "Slovénie", "Slovenia"),
        ("SK", "Slovaquie", "Slovakia"),
        ("SN", "Sénégal", "Senegal"),
        ("TN", "Tunisie", "Tunisia"),
        ("US", "États-Unis", "United States"),
    ];
    let known = NAMES.iter().find(|(code, ..)| *code == country.code());
    match (known, language) {
        (Some((_, french, _)), Language::French) => (*french).to_owned(),
        (Some((_, _, english)), Language::English) => (*english).to_owned(),
        (None, _) => country.to_string(),
    }
}

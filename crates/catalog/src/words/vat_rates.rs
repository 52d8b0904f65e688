//! The rates of VAT that countries have.

use kernel::Country;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

/// A rate of VAT of a country.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct VatRate {
    /// In percent.
    pub rate: Decimal,
    /// Whether it is the one that holds unless the law says otherwise.
    pub is_usual: bool,
}

/// Rates in tenths of a percent, the usual one first. France: CGI art. 278 to 281 octies. Lebanon: law 379 of 2001, art. 25.
const RATES: &[(&str, &[i64])] = &[("FR", &[200, 100, 55, 21, 0]), ("LB", &[110, 0])];

/// The rates of a country, the usual one first; none for a country whose rates are not known, where any may be asked for.
pub fn vat_rates(country: &Country) -> Vec<VatRate> {
    let country = country.for_vat();
    let of_country = RATES.iter().find(|(code, _)| *code == country.code()).map_or(&[][..], |(_, rates)| rates);
    let rate =
        |(place, tenths): (usize, &i64)| VatRate { rate: Decimal::new(*tenths, 1).normalize(), is_usual: place == 0 };
    of_country.iter().enumerate().map(rate).collect()
}

/// Whether a country has this rate, or its rates are not known.
pub fn is_standard_rate(country: &Country, rate: Decimal) -> bool {
    let rates = vat_rates(country);
    rates.is_empty() || rates.iter().any(|known| known.rate == rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_has_its_rates_and_no_others() {
        let has = |country: &str, rate: &str| is_standard_rate(&country.parse().unwrap(), rate.parse().unwrap());
        for (country, rate, fine) in [
            ("FR", "20.00", true),
            ("FR", "5.5", true),
            ("FR", "2.1", true),
            ("FR", "0", true),
            ("FR", "19.6", false),
            ("MC", "20", true),
            ("LB", "11", true),
            ("LB", "20", false),
            ("DE", "19", true),
        ] {
            assert_eq!(has(country, rate), fine, "{country} {rate}");
        }
        assert!(vat_rates(&Country::france()).first().is_some_and(|rate| rate.is_usual));
    }
}

//! What a book is.

use kernel::{Currency, EntityId, Rounding, is_exact, round};
use rust_decimal::Decimal;

use super::chart::Chart;
use crate::rules::balance::Tolerance;
use crate::rules::rates::RateType;

/// The second currency that every entry of a book carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecondCurrency {
    /// The currency.
    pub currency: Currency,
    /// Its digits in this book.
    pub decimals: u32,
    /// Which rates it is converted at.
    pub rate_type: RateType,
    /// What rounding may lose of it.
    pub tolerance: Decimal,
}

/// The books of an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    /// Whose they are.
    pub entity: EntityId,
    /// The chart they were opened with.
    pub chart: Chart,
    /// The entity's country, ISO 3166.
    pub country: String,
    /// The currency in which entries balance first.
    pub functional: Currency,
    /// Its digits in this book.
    pub functional_decimals: u32,
    /// What rounding may lose of it.
    pub functional_tolerance: Decimal,
    /// The second currency, where every entry has one.
    pub second: Option<SecondCurrency>,
    /// Month and day on which fiscal years end.
    pub fiscal_year_end: (i8, i8),
    /// How many digits account codes are padded to.
    pub account_digits: usize,
}

impl Book {
    /// `amount` cut to the digits of the functional currency.
    pub fn rounded(&self, amount: Decimal) -> Decimal {
        round(amount, self.functional_decimals, Rounding::HalfUp)
    }

    /// Whether `amount` is no finer than the functional currency.
    pub fn is_exact(&self, amount: Decimal) -> bool {
        is_exact(amount, self.functional_decimals)
    }

    /// The digits of `currency` when it is the second one of an entry.
    pub fn second_decimals(&self, currency: Currency) -> u32 {
        self.second
            .filter(|second| second.currency == currency)
            .map_or_else(|| currency.decimals(), |second| second.decimals)
    }

    /// What rounding may lose in an entry whose second currency is `currency`.
    pub fn tolerance(&self, currency: Option<Currency>) -> Tolerance {
        let second = self.second.filter(|second| Some(second.currency) == currency).map(|second| second.tolerance);
        Tolerance {
            functional: self.functional_tolerance,
            second: second.unwrap_or_else(|| currency.map_or(Decimal::ZERO, usual_tolerance)),
        }
    }
}

/// What rounding may lose of a currency unless a book says otherwise (spec/trade.md 5.15): 5 000 Lebanese pounds, five
/// hundredths of others.
pub fn usual_tolerance(currency: Currency) -> Decimal {
    if currency == Currency::LBP { Decimal::new(5000, 0) } else { Decimal::new(5, 2) }
}

/// What a book is to be when it is opened; the rest follows from the country.
#[derive(Clone, Debug, Default)]
pub struct OpenBook {
    /// Another chart than the country's.
    pub chart: Option<Chart>,
    /// Another currency than the country's.
    pub functional: Option<Currency>,
    /// Another end of the fiscal year than 31 December: month and day.
    pub fiscal_year_end: Option<(i8, i8)>,
    /// Another length of account codes than the chart's.
    pub account_digits: Option<i32>,
}

/// What the legal data of an entity says about its books.
#[derive(Clone, Debug, Default)]
pub struct EntityFacts {
    /// ISO 3166; France where nothing is said.
    pub country: Option<String>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// Month and day on which its fiscal years end.
    pub fiscal_year_end: Option<(i8, i8)>,
}

/// The book of an entity of which these facts are known.
pub fn open(entity: EntityId, facts: &EntityFacts, wanted: &OpenBook) -> Book {
    let country = facts.country.as_deref().map(|code| code.trim().to_ascii_uppercase());
    let country = country.filter(|code| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()));
    let country = country.unwrap_or_else(|| "FR".to_owned());
    let chart = wanted.chart.unwrap_or_else(|| Chart::of_country(&country));
    let is_dual = chart == Chart::Lb;
    let own = facts.currency.as_deref().and_then(|code| code.parse().ok());
    let functional = wanted.functional.or(own).unwrap_or(if is_dual { Currency::USD } else { Currency::EUR });
    let second = (is_dual && functional != Currency::LBP).then_some(SecondCurrency {
        currency: Currency::LBP,
        decimals: 2,
        rate_type: RateType::Market,
        tolerance: usual_tolerance(Currency::LBP),
    });
    Book {
        entity,
        chart,
        country,
        functional,
        // Trade prices in ten thousandths of a dollar (spec/trade.md 0).
        functional_decimals: if is_dual { 4 } else { functional.decimals() },
        functional_tolerance: usual_tolerance(functional),
        second,
        fiscal_year_end: wanted.fiscal_year_end.or(facts.fiscal_year_end).unwrap_or((12, 31)),
        account_digits: usize::try_from(wanted.account_digits.unwrap_or(chart.digits())).unwrap_or(6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(country: &str) -> Book {
        let facts = EntityFacts { country: Some(country.into()), ..EntityFacts::default() };
        open(EntityId::from_uuid(uuid::Uuid::nil()), &facts, &OpenBook::default())
    }

    #[test]
    fn a_book_follows_the_country_of_its_entity() {
        let french = of("fr ");
        assert_eq!(
            (french.chart, french.functional, french.functional_decimals, french.second),
            (Chart::Pcg, Currency::EUR, 2, None)
        );
        let lebanese = of("LB");
        assert_eq!((lebanese.chart, lebanese.functional, lebanese.functional_decimals), (Chart::Lb, Currency::USD, 4));
        let second = lebanese.second.unwrap();
        assert_eq!((second.currency, second.decimals, second.tolerance), (Currency::LBP, 2, Decimal::new(5000, 0)));
        assert_eq!(of("BE").chart, Chart::Generic);
        assert_eq!(of("?").country, "FR");
    }
}

//! Money in exact arithmetic: currencies, amounts, rounding, splitting.

use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo, PgValueRef};
use sqlx::{Decode, Encode, Postgres, Type};

/// A currency of ISO 4217. On the wire and in the database its three letters; reading trims and folds case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(iso_currency::Currency::EUR);
    /// The United States dollar.
    pub const USD: Self = Self(iso_currency::Currency::USD);
    /// The Lebanese pound.
    pub const LBP: Self = Self(iso_currency::Currency::LBP);

    /// The three letters.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Digits behind the point of its smallest unit (ISO 4217): 2 for the euro, 0 for the yen.
    pub fn decimals(self) -> u32 {
        self.0.exponent().map_or(2, u32::from)
    }
}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Currency {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.code().cmp(other.code())
    }
}

/// The text is no code of ISO 4217.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is no currency of ISO 4217")]
pub struct UnknownCurrency(String);

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = text.trim().to_ascii_uppercase();
        iso_currency::Currency::from_code(&code).map(Self).ok_or(UnknownCurrency(code))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Type<Postgres> for Currency {
    fn type_info() -> PgTypeInfo {
        <str as Type<Postgres>>::type_info()
    }

    fn compatible(ty: &PgTypeInfo) -> bool {
        <str as Type<Postgres>>::compatible(ty)
    }
}

impl<'r> Decode<'r, Postgres> for Currency {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        <&str as Decode<'r, Postgres>>::decode(value)?.parse().map_err(Into::into)
    }
}

impl Encode<'_, Postgres> for Currency {
    fn encode_by_ref(&self, buf: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <&str as Encode<'_, Postgres>>::encode_by_ref(&self.code(), buf)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

impl utoipa::PartialSchema for Currency {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("A currency of ISO 4217"))
            .examples(["EUR"])
            .into()
    }
}

impl utoipa::ToSchema for Currency {}

/// How a number is cut to fewer digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest, a half away from zero: the rule of every specification (field 5.6, leads 5.10, trade 0).
    HalfUp,
}

/// `amount` with at most `decimals` digits behind the point.
#[must_use]
pub fn round(amount: Decimal, decimals: u32, rounding: Rounding) -> Decimal {
    let Rounding::HalfUp = rounding;
    amount.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero)
}

/// Whether `amount` has no more than `decimals` digits behind the point, trailing zeros aside, and can be stored
/// (`numeric(18,4)`: less than 10^14).
pub fn is_exact(amount: Decimal, decimals: u32) -> bool {
    amount.normalize().scale() <= decimals && amount.abs() < Decimal::from(100_000_000_000_000_i64)
}

/// Splits `total` by `weights` into parts of at most `decimals` digits whose sum is `total` to the last digit: each part is
/// cut towards zero, and what is left goes digit by digit to the largest remainders, the first of equals first.
///
/// `total` has at most `decimals` digits. Weights are not negative; when all are zero, the parts are equal.
pub fn split(total: Decimal, weights: &[Decimal], decimals: u32) -> Vec<Decimal> {
    let sum: Decimal = weights.iter().sum();
    let count = Decimal::from(weights.len());
    let exact = |weight: &Decimal| if sum.is_zero() { total / count } else { total * *weight / sum };
    let shares: Vec<_> = weights.iter().map(exact).collect();
    let mut parts: Vec<_> = shares.iter().map(|share| share.trunc_with_scale(decimals)).collect();
    let unit = if total.is_sign_negative() { -Decimal::new(1, decimals) } else { Decimal::new(1, decimals) };
    let mut left = total - parts.iter().sum::<Decimal>();
    let mut order: Vec<_> = (0..parts.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse((shares[at] - parts[at]).abs()));
    for at in order.into_iter().cycle().take(parts.len() * 2) {
        if left.is_zero() {
            break;
        }
        parts[at] += unit;
        left -= unit;
    }
    parts
}

/// An amount of a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Money {
    /// How much.
    #[schema(value_type = String, examples("119.99"))]
    pub amount: Decimal,
    /// Of what.
    pub currency: Currency,
}

/// Amounts of different currencies were brought together.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} and {1} are different currencies")]
pub struct MixedCurrencies(Currency, Currency);

impl Money {
    /// `amount` of `currency`.
    pub const fn new(amount: Decimal, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// Both together.
    pub fn checked_add(self, other: Self) -> Result<Self, MixedCurrencies> {
        if self.currency == other.currency {
            Ok(Self::new(self.amount + other.amount, self.currency))
        } else {
            Err(MixedCurrencies(self.currency, other.currency))
        }
    }

    /// Cut to the smallest unit of its currency.
    #[must_use]
    pub fn round(self, rounding: Rounding) -> Self {
        Self::new(round(self.amount, self.currency.decimals(), rounding), self.currency)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn currencies_are_read_in_any_case_and_must_exist() {
        assert_eq!(" usd ".parse::<Currency>().unwrap(), Currency::USD);
        for unknown in ["euro", "", "EU", "€", "XYZ"] {
            assert!(unknown.parse::<Currency>().is_err(), "{unknown}");
        }
        assert_eq!((Currency::EUR.decimals(), "JPY".parse::<Currency>().unwrap().decimals()), (2, 0));
    }

    #[test]
    fn a_half_is_rounded_away_from_zero() {
        for (exact, cut) in [("0.125", "0.13"), ("-0.125", "-0.13"), ("2.675", "2.68"), ("1.0049", "1.00")] {
            assert_eq!(round(decimal(exact), 2, Rounding::HalfUp), decimal(cut), "{exact}");
        }
    }

    #[test]
    fn what_is_left_goes_to_the_largest_remainders() {
        let thirds = split(decimal("10"), &[Decimal::ONE; 3], 2);
        assert_eq!(thirds, ["3.34", "3.33", "3.33"].map(decimal));
        let weighted = split(decimal("40"), &[decimal("300"), decimal("100")], 2);
        assert_eq!(weighted, ["30", "10"].map(decimal));
        let negative = split(decimal("-0.05"), &[decimal("1"), decimal("1")], 2);
        assert_eq!(negative, ["-0.03", "-0.02"].map(decimal));
        assert_eq!(split(decimal("0.03"), &[Decimal::ZERO; 2], 2), ["0.02", "0.01"].map(decimal));
        assert!(split(decimal("1"), &[], 2).is_empty());
    }

    #[test]
    fn amounts_of_different_currencies_do_not_add() {
        let euro = Money::new(decimal("1"), Currency::EUR);
        let dollar = Money::new(decimal("1"), Currency::USD);
        assert_eq!(euro.checked_add(dollar), Err(MixedCurrencies(Currency::EUR, Currency::USD)));
        assert_eq!(euro.checked_add(euro).unwrap().amount, decimal("2"));
    }

    #[test]
    fn an_amount_finer_than_its_unit_is_not_exact() {
        assert!(is_exact(decimal("1.100"), 2) && !is_exact(decimal("1.101"), 2));
        assert!(!is_exact(decimal("100000000000000"), 2));
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_whole(total in -1_000_000_i64..1_000_000, weights in prop::collection::vec(0_i64..10_000, 1..40)) {
            let total = Decimal::new(total, 2);
            let weights: Vec<_> = weights.into_iter().map(Decimal::from).collect();
            let parts = split(total, &weights, 2);
            prop_assert_eq!(parts.iter().sum::<Decimal>(), total);
            prop_assert!(parts.iter().all(|part| is_exact(*part, 2)));
        }
    }
}

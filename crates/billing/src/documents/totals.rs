//! What a document amounts to (spec/field.md 5.6, spec/leads.md 5.10, spec/trade.md 5.4). Pure.
//!
//! A line is rounded to the currency's unit, half up; its discount is what the rounded price after discount leaves. A discount
//! of the whole document lowers the base before VAT and is spread over the VAT rates by largest remainder. VAT is rounded once
//! per rate. Sums are sums of what was rounded, so that screen, page, database and journal show the same cents (F-17).

use std::collections::BTreeMap;

use kernel::{Rounding, is_exact, round, split};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::vat::VatKey;

/// Digits behind the point that a quantity and a price may have.
pub const FINE_DECIMALS: u32 = 4;

/// What is billed on one line, as numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priced {
    /// How many units; more than zero.
    pub quantity: Decimal,
    /// The price of one without VAT; negative where the line takes off (a discount, a deposit already billed).
    pub unit_price: Decimal,
    /// What is taken off the line, in percent.
    pub discount_pct: Decimal,
    /// Its VAT.
    pub vat: VatKey,
}

/// What one line amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineAmounts {
    /// Quantity by price.
    pub gross: Decimal,
    /// What its discount takes off.
    pub discount: Decimal,
    /// What is left: its base before the document's discount.
    pub net: Decimal,
}

/// A discount of the whole document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Discount {
    /// Nothing is taken off.
    #[default]
    None,
    /// A share of the lines' sum, in percent.
    Percent(Decimal),
    /// An amount without VAT.
    Amount(Decimal),
}

/// What a document amounts to under one rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VatAmounts {
    /// The category and rate.
    pub key: VatKey,
    /// The sum of its lines.
    pub lines: Decimal,
    /// Its part of the document's discount.
    pub discount: Decimal,
    /// What VAT is due on.
    pub base: Decimal,
    /// The VAT.
    pub vat: Decimal,
}

/// What a document amounts to. A credit note has the same, positive amounts; its kind gives the sign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Line by line, in their order.
    pub lines: Vec<LineAmounts>,
    /// By category and rate.
    pub vat: Vec<VatAmounts>,
    /// The sum of the lines.
    pub lines_net: Decimal,
    /// What the document's discount takes off.
    pub discount: Decimal,
    /// Without VAT.
    pub net: Decimal,
    /// All VAT.
    pub vat_total: Decimal,
    /// With VAT.
    pub gross: Decimal,
}

/// Why numbers cannot be billed, as field and sentence.
pub type Refusal = (String, String);

/// What `lines` amount to in a currency of `decimals` digits.
///
/// Refused, naming the field, where a number is out of range or finer than it may be.
pub fn totals(lines: &[Priced], discount: Discount, decimals: u32) -> Result<Totals, Refusal> {
    let mut amounts = Vec::with_capacity(lines.len());
    for (at, line) in lines.iter().enumerate() {
        amounts.push(
            line_amounts(line, decimals).map_err(|(field, why)| (format!("lines.{at}.{field}"), why.to_owned()))?,
        );
    }
    let lines_net: Decimal = amounts.iter().map(|line| line.net).sum();
    let discount = document_discount(discount, lines_net, decimals)?;
    let mut groups: BTreeMap<VatKey, Decimal> = BTreeMap::new();
    for (line, amount) in lines.iter().zip(&amounts) {
        *groups.entry(line.vat).or_default() += amount.net;
    }
    let weights: Vec<_> = groups.values().map(|net| (*net).max(Decimal::ZERO)).collect();
    let shares = split(discount, &weights, decimals);
    let vat: Vec<_> = groups
        .into_iter()
        .zip(shares)
        .map(|((key, lines), discount)| {
            let base = lines - discount;
            let vat = round(base * key.rate / Decimal::ONE_HUNDRED, decimals, Rounding::HalfUp);
            VatAmounts { key, lines, discount, base, vat }
        })
        .collect();
    let net = lines_net - discount;
    let vat_total = vat.iter().map(|group| group.vat).sum();
    Ok(Totals { lines: amounts, vat, lines_net, discount, net, vat_total, gross: net + vat_total })
}

fn line_amounts(line: &Priced, decimals: u32) -> Result<LineAmounts, (&'static str, &'static str)> {
    if line.quantity <= Decimal::ZERO || !is_exact(line.quantity, FINE_DECIMALS) {
        return Err(("quantity", "must be more than zero, with four decimals at most"));
    }
    if !is_exact(line.unit_price, FINE_DECIMALS) {
        return Err(("unit_price", "must have four decimals at most"));
    }
    if !is_percent(line.discount_pct) {
        return Err(("discount_pct", "must lie between 0 and 100, with two decimals at most"));
    }
    let too_large = ("unit_price", "amounts to more than can be billed");
    let exact = line.quantity.checked_mul(line.unit_price).ok_or(too_large)?;
    let gross = round(exact, decimals, Rounding::HalfUp);
    if !is_exact(gross, decimals) {
        return Err(too_large);
    }
    let net =
        round(gross * (Decimal::ONE_HUNDRED - line.discount_pct) / Decimal::ONE_HUNDRED, decimals, Rounding::HalfUp);
    Ok(LineAmounts { gross, discount: gross - net, net })
}

fn document_discount(discount: Discount, lines_net: Decimal, decimals: u32) -> Result<Decimal, Refusal> {
    let refusal = |why: &str| ("discount".to_owned(), why.to_owned());
    match discount {
        Discount::None => Ok(Decimal::ZERO),
        Discount::Percent(share) if !is_percent(share) => {
            Err(refusal("must lie between 0 and 100, with two decimals at most"))
        }
        Discount::Percent(_) | Discount::Amount(_) if lines_net < Decimal::ZERO => {
            Err(refusal("cannot be taken off a sum below zero"))
        }
        Discount::Percent(share) => Ok(round(lines_net * share / Decimal::ONE_HUNDRED, decimals, Rounding::HalfUp)),
        Discount::Amount(amount) if amount < Decimal::ZERO || amount > lines_net => {
            Err(refusal("must lie between zero and the sum of the lines"))
        }
        Discount::Amount(amount) if !is_exact(amount, decimals) => Err(refusal("is finer than the currency")),
        Discount::Amount(amount) => Ok(amount),
    }
}

fn is_percent(share: Decimal) -> bool {
    share >= Decimal::ZERO && share <= Decimal::ONE_HUNDRED && is_exact(share, 2)
}

#[cfg(test)]
mod tests {
    use kernel::VatCode;
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn line(quantity: &str, price: &str, discount: &str, rate: &str) -> Priced {
        let rate = decimal(rate);
        let category = if rate.is_zero() { VatCode::E } else { VatCode::S };
        Priced {
            quantity: decimal(quantity),
            unit_price: decimal(price),
            discount_pct: decimal(discount),
            vat: VatKey { category, rate: rate.normalize() },
        }
    }

    /// Lines, the document's discount; net, VAT by falling rate, gross.
    type Case<'a> = (&'a [(&'a str, &'a str, &'a str, &'a str)], Discount, &'a str, &'a [&'a str], &'a str);

    #[test]
    fn the_worked_tables_of_the_specifications() {
        let ten_percent = Discount::Percent(Decimal::TEN);
        let cases: &[Case<'_>] = &[
            // field 5.6
            (&[("1", "33.33", "0", "20"); 3], Discount::None, "99.99", &["20.00"], "119.99"),
            (&[("3", "0.11", "0", "20"); 7], Discount::None, "2.31", &["0.46"], "2.77"),
            (
                &[("2.5", "45.00", "0", "20"), ("1", "189.90", "0", "10"), ("0.5", "33.33", "0", "5.5")],
                Discount::None,
                "319.07",
                &["22.50", "18.99", "0.92"],
                "361.48",
            ),
            (&[("1", "1000", "0", "20")], ten_percent, "900.00", &["180.00"], "1080.00"),
            (
                &[("1", "1000", "0", "20"), ("1", "500", "0", "10")],
                ten_percent,
                "1350.00",
                &["180.00", "45.00"],
                "1575.00",
            ),
            // leads 5.10
            (&[("14", "25.00", "10", "20")], Discount::None, "315.00", &["63.00"], "378.00"),
            (&[("11", "25.00", "10", "20")], Discount::None, "247.50", &["49.50"], "297.00"),
            (&[("3", "25.00", "33.33", "20")], Discount::None, "50.00", &["10.00"], "60.00"),
            (&[("7", "30.00", "5", "0")], Discount::None, "199.50", &["0.00"], "199.50"),
            // leads 5.12
            (&[("1", "1234.56", "0", "20")], Discount::None, "1234.56", &["246.91"], "1481.47"),
            (&[("1", "99.99", "0", "20")], Discount::None, "99.99", &["20.00"], "119.99"),
            (&[("1", "1000", "0", "0")], Discount::None, "1000", &["0"], "1000.00"),
        ];
        for (lines, discount, net, vat, gross) in cases {
            let lines: Vec<_> = lines.iter().map(|(q, p, d, r)| line(q, p, d, r)).collect();
            let totals = totals(&lines, *discount, 2).unwrap();
            assert_eq!(totals.net, decimal(net));
            let mut by_rate: Vec<_> = totals.vat.iter().collect();
            by_rate.sort_by_key(|group| std::cmp::Reverse(group.key.rate));
            assert_eq!(
                by_rate.iter().map(|group| group.vat).collect::<Vec<_>>(),
                vat.iter().map(|v| decimal(v)).collect::<Vec<_>>()
            );
            assert_eq!(totals.gross, decimal(gross));
        }
    }

    #[test]
    fn f_16_a_discount_lowers_the_base_before_vat() {
        let totals = totals(&[line("1", "1000", "0", "20")], Discount::Percent(Decimal::TEN), 2).unwrap();
        assert_eq!(
            (totals.discount, totals.vat_total, totals.gross),
            (decimal("100"), decimal("180"), decimal("1080"))
        );
    }

    #[test]
    fn what_cannot_be_billed_is_refused_by_its_field() {
        let refused = |line: Priced, discount| totals(&[line], discount, 2).unwrap_err().0;
        assert_eq!(refused(line("0", "1", "0", "20"), Discount::None), "lines.0.quantity");
        assert_eq!(refused(line("-1", "1", "0", "20"), Discount::None), "lines.0.quantity");
        assert_eq!(refused(line("1.00001", "1", "0", "20"), Discount::None), "lines.0.quantity");
        assert_eq!(refused(line("1", "1.00001", "0", "20"), Discount::None), "lines.0.unit_price");
        assert_eq!(refused(line("99999999999999", "99999999999999", "0", "20"), Discount::None), "lines.0.unit_price");
        assert_eq!(refused(line("99999999999999", "2", "0", "20"), Discount::None), "lines.0.unit_price");
        assert_eq!(refused(line("1", "1", "100.01", "20"), Discount::None), "lines.0.discount_pct");
        for discount in ["-1", "101", "0.001"] {
            assert_eq!(refused(line("1", "1", "0", "20"), Discount::Percent(decimal(discount))), "discount");
        }
        for discount in ["-1", "1.01", "0.001"] {
            assert_eq!(refused(line("1", "1", "0", "20"), Discount::Amount(decimal(discount))), "discount");
        }
        assert_eq!(refused(line("1", "-1", "0", "20"), Discount::Percent(Decimal::ONE)), "discount");
    }

    proptest! {
        #[test]
        fn a_document_is_the_sum_of_its_parts(
            lines in prop::collection::vec((1_i64..100_000, 0_i64..1_000_000, 0_i64..=10_000, 0_usize..5), 1..30),
            percent in 0_i64..=10_000,
        ) {
            let rates = ["20", "10", "5.5", "2.1", "0"];
            let lines: Vec<_> = lines.into_iter().map(|(quantity, price, discount, rate)| Priced {
                quantity: Decimal::new(quantity, 4),
                unit_price: Decimal::new(price, 4),
                discount_pct: Decimal::new(discount, 2),
                ..line("1", "1", "0", rates[rate])
            }).collect();
            let totals = totals(&lines, Discount::Percent(Decimal::new(percent, 2)), 2).unwrap();
            prop_assert_eq!(totals.lines.iter().map(|line| line.net).sum::<Decimal>(), totals.lines_net);
            prop_assert_eq!(totals.vat.iter().map(|group| group.discount).sum::<Decimal>(), totals.discount);
            prop_assert_eq!(totals.vat.iter().map(|group| group.base).sum::<Decimal>(), totals.net);
            prop_assert_eq!(totals.net + totals.vat_total, totals.gross);
            prop_assert!(totals.vat.iter().all(|group| group.base >= Decimal::ZERO && is_exact(group.base, 2)));
        }
    }
}

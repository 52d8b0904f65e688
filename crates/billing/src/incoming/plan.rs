//! A supplier's invoice as lines and totals of the books: as the supplier says, never computed anew. Pure.

use std::collections::{BTreeMap, HashMap};

use einvoice::{DocumentAdjustment, Invoice, Line};
use kernel::{Currency, Rounding, VatCode, is_exact, round};
use ledger::Role;
use rust_decimal::Decimal;

use crate::documents::draft::{DraftLine, MOST_LINES};
use crate::documents::model::LineKind;
use crate::documents::totals::{FINE_DECIMALS, LineAmounts, Totals, VatAmounts};
use crate::documents::vat::{LineVat, VatKey};

/// Which accounts of expenses the lines go to, by their codes.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    /// Of every line that names none; the account of purchases unless told.
    pub usual: Option<String>,
    /// Of single lines, by their id in the invoice.
    pub of_line: HashMap<String, String>,
}

/// Why the books cannot say what an invoice says, in a sentence.
pub type Unbookable = String;

/// The lines and totals of an invoice.
///
/// Refused where its sums do not add up: books would not balance, or not say what is owed.
pub fn plan(invoice: &Invoice, accounts: &Accounts) -> Result<(Vec<DraftLine>, Totals), Unbookable> {
    let currency = invoice.currency;
    if invoice.lines.len() + invoice.adjustments.len() > MOST_LINES {
        return Err(format!("It has more than {MOST_LINES} lines."));
    }
    let reasons: BTreeMap<_, _> = invoice.vat.iter().map(|vat| (key(vat.category, vat.rate), vat)).collect();
    let with_reason = |line: DraftLine| {
        let vat = reasons.get(&line.vat.key());
        let reason = vat.and_then(|vat| vat.reason.as_deref()).unwrap_or_default().chars().take(500).collect();
        let reason_code = vat.and_then(|vat| vat.reason_code.clone());
        DraftLine { vat: LineVat { reason, reason_code, ..line.vat }, ..line }
    };
    let billed = invoice.lines.iter().map(|line| (of_line(line, currency, accounts), line.net));
    let adjusted = invoice.adjustments.iter().map(|each| of_adjustment(each, accounts));
    let (lines, nets): (Vec<_>, Vec<_>) = billed.chain(adjusted).map(|(line, net)| (with_reason(line), net)).unzip();
    let vat = breakdown(invoice, &lines, &nets)?;
    let totals = Totals {
        lines: nets.iter().map(|net| LineAmounts { gross: *net, discount: Decimal::ZERO, net: *net }).collect(),
        lines_net: invoice.totals.net,
        discount: Decimal::ZERO,
        net: invoice.totals.net,
        vat_total: invoice.totals.vat,
        gross: invoice.totals.gross,
        vat,
    };
    add_up(&totals, currency)?;
    Ok((lines, totals))
}

fn key(category: VatCode, rate: Decimal) -> VatKey {
    VatKey { category, rate: rate.normalize() }
}

fn breakdown(invoice: &Invoice, lines: &[DraftLine], nets: &[Decimal]) -> Result<Vec<VatAmounts>, Unbookable> {
    let mut bases: BTreeMap<VatKey, Decimal> = BTreeMap::new();
    for (line, net) in lines.iter().zip(nets) {
        *bases.entry(line.vat.key()).or_default() += *net;
    }
    let mut groups = BTreeMap::new();
    for vat in &invoice.vat {
        let key = key(vat.category, vat.rate);
        let name = format!("{} {} %", vat.category.code(), key.rate);
        let is_rate = key.rate >= Decimal::ZERO && key.rate < Decimal::ONE_HUNDRED && is_exact(key.rate, 2);
        if !is_rate || (vat.category == VatCode::S) == key.rate.is_zero() || (key.rate.is_zero() && !vat.tax.is_zero())
        {
            return Err(format!("{name} is no VAT that can be."));
        }
        if bases.remove(&key) != Some(vat.base) {
            return Err(format!("Its lines under {name} do not sum to {}.", vat.base));
        }
        let group = VatAmounts { key, lines: vat.base, discount: Decimal::ZERO, base: vat.base, vat: vat.tax };
        groups.insert(key, group);
    }
    match bases.into_keys().next() {
        Some(key) => Err(format!("{} {} % is on a line and not in its VAT.", key.category.code(), key.rate)),
        None => Ok(groups.into_values().collect()),
    }
}

fn add_up(totals: &Totals, currency: Currency) -> Result<(), Unbookable> {
    let of_groups = |of: fn(&VatAmounts) -> Decimal| totals.vat.iter().map(of).sum::<Decimal>();
    let sums = [
        ("total without VAT", of_groups(|group| group.base), totals.net),
        ("VAT", of_groups(|group| group.vat), totals.vat_total),
        ("total", totals.net + totals.vat_total, totals.gross),
    ];
    if let Some((what, sum, said)) = sums.into_iter().find(|(_, sum, said)| sum != said) {
        return Err(format!("Its {what} is {sum}, not {said}."));
    }
    let amounts = totals.vat.iter().flat_map(|group| [group.base, group.vat]);
    let amounts = totals.lines.iter().map(|line| line.net).chain(amounts);
    match { amounts }.find(|amount| !is_exact(*amount, currency.decimals())) {
        Some(fine) => Err(format!("{fine} is finer than {currency} has digits.")),
        None => Ok(()),
    }
}

/// A line as the books keep it. Its net amount is what the supplier says; quantity and price are kept where they explain it.
fn of_line(line: &Line, currency: Currency, accounts: &Accounts) -> DraftLine {
    let is_kept = line.quantity > Decimal::ZERO
        && line.net_price >= Decimal::ZERO
        && line.price_base.is_none_or(|base| base == Decimal::ONE)
        && is_exact(line.quantity, FINE_DECIMALS)
        && is_exact(line.net_price, FINE_DECIMALS)
        && line
            .quantity
            .checked_mul(line.net_price)
            .is_some_and(|exact| round(exact, currency.decimals(), Rounding::HalfUp) == line.net);
    let (quantity, unit_price) = if is_kept { (line.quantity, line.net_price) } else { (Decimal::ONE, line.net) };
    let is_unit = (1..=3).contains(&line.unit.len()) && line.unit.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let period = line.period.and_then(|period| period.start.zip(period.end)).filter(|(start, end)| start <= end);
    DraftLine {
        item_code: cut(line.seller_item_id.as_deref().unwrap_or_default(), 50),
        description: cut(line.description.as_deref().unwrap_or_default(), 5000),
        unit_code: if is_unit && is_kept { line.unit.clone() } else { "C62".to_owned() },
        account: accounts.of_line.get(&line.id).or(accounts.usual.as_ref()).cloned(),
        supply_from: period.map(|(start, _)| start),
        supply_to: period.map(|(_, end)| end),
        ..bought(&line.name, quantity, unit_price, (line.category, line.rate))
    }
}

fn of_adjustment(each: &DocumentAdjustment, accounts: &Accounts) -> (DraftLine, Decimal) {
    let net = each.adjustment.signed();
    let name = each.adjustment.reason.as_deref().unwrap_or_default();
    let line = bought(name, Decimal::ONE, net, (each.category, each.rate));
    (DraftLine { account: accounts.usual.clone(), ..line }, net)
}

fn bought(name: &str, quantity: Decimal, price: Decimal, (category, rate): (VatCode, Decimal)) -> DraftLine {
    let name = cut(name.trim(), 200);
    let vat = LineVat { category, rate: rate.normalize(), reason: String::new(), reason_code: None };
    let line = DraftLine::service(if name.is_empty() { "–".to_owned() } else { name }, quantity, price, vat);
    let kind = if price < Decimal::ZERO { LineKind::Discount } else { LineKind::Other };
    DraftLine { kind, revenue: Role::Purchases, ..line }
}

/// The first `most` characters.
fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    /// An invoice with these lines (quantity, price, net, category, rate) and VAT (category, rate, base, tax).
    fn invoice(lines: &[[&str; 5]], vat: &[[&str; 4]], totals: [&str; 3]) -> Invoice {
        let line = |(at, [quantity, price, net, category, rate]): (usize, &[&str; 5])| {
            json!({ "id": at.to_string(), "name": " Câble ", "description": null, "note": null, "quantity": quantity, "unit": "MTR",
                "net_price": price, "price_base": null, "gross_price": null, "price_discount": null, "adjustments": [], "net": net,
                "category": category, "rate": rate, "seller_item_id": null, "buyer_item_id": null, "period": null })
        };
        let group = |[category, rate, base, tax]: &[&str; 4]| json!({ "category": category, "rate": rate, "base": base, "tax": tax, "reason": "Pourquoi", "reason_code": null });
        let party = json!({ "name": "X", "trading_name": null, "legal_id": null, "ids": [], "vat_id": null, "tax_id": null,
            "legal_info": null, "contact": null, "endpoint": null, "address": { "line1": null, "line2": null, "line3": null,
            "postcode": null, "city": null, "subdivision": null, "country": "FR" } });
        let [net, vat_total, gross] = totals;
        let lines: Vec<Value> = lines.iter().enumerate().map(line).collect();
        let vat: Vec<Value> = vat.iter().map(group).collect();
        serde_json::from_value(json!({ "kind": "invoice", "number": "F-1", "issue_date": "2026-02-09", "issued_at": null,
            "due_date": null, "valid_until": null, "supply_date": null, "period": null, "process": null, "currency": "EUR",
            "vat_in_books": null, "seller": party, "buyer": party, "buyer_kind": "business", "payee": null, "delivery": null,
            "references": {}, "notes": [], "payment": [], "payment_reference": null, "payment_terms": null, "lines": lines,
            "adjustments": [], "vat": vat, "totals": { "lines": net, "allowances": "0", "charges": "0", "net": net, "vat": vat_total,
            "gross": gross, "prepaid": "0", "rounding": "0", "due": gross } }))
        .unwrap()
    }

    #[test]
    fn quantity_and_price_are_kept_where_they_explain_the_amount() {
        type Row<'a> = ([&'a str; 5], (&'a str, &'a str, LineKind));
        let rows: [Row<'_>; 6] = [
            (["4", "25.00", "100.00", "S", "20"], ("4", "25.00", LineKind::Other)),
            (["3", "0.11115", "0.33", "S", "20"], ("1", "0.33", LineKind::Other)),
            (["-1", "50", "-50.00", "S", "20"], ("1", "-50.00", LineKind::Discount)),
            (["0", "10", "0", "S", "20"], ("1", "0", LineKind::Other)),
            (["2", "10", "19.99", "S", "20"], ("1", "19.99", LineKind::Other)),
            (["99999999999999", "99999999999999", "5.00", "S", "20"], ("1", "5.00", LineKind::Other)),
        ];
        for (line, (quantity, price, kind)) in rows {
            let net: Decimal = line[2].parse().unwrap();
            let (net, gross) = (net.to_string(), net.to_string());
            let invoice = invoice(&[line], &[["S", "20", line[2], "0"]], [&net, "0", &gross]);
            let (lines, totals) = plan(&invoice, &Accounts::default()).unwrap();
            let kept = (lines[0].quantity, lines[0].unit_price, lines[0].kind);
            assert_eq!(kept, (quantity.parse().unwrap(), price.parse().unwrap(), kind), "{line:?}");
            assert_eq!((lines[0].name.as_str(), lines[0].vat.reason.as_str()), ("Câble", "Pourquoi"));
            assert_eq!(totals.lines[0].net, line[2].parse().unwrap());
        }
    }

    #[test]
    fn what_does_not_add_up_is_named() {
        type Case<'a> = (&'a [[&'a str; 5]], &'a [[&'a str; 4]], [&'a str; 3], &'a str);
        let line = ["4", "25.00", "100.00", "S", "20"];
        let right = ["S", "20", "100.00", "20.00"];
        let cases: [Case<'_>; 9] = [
            (
                &[line],
                &[["S", "20", "90.00", "18.00"]],
                ["90.00", "18.00", "108.00"],
                "Its lines under S 20 % do not sum to 90.00.",
            ),
            (&[line], &[], ["100.00", "0", "100.00"], "S 20 % is on a line and not in its VAT."),
            (&[line], &[right, right], ["100.00", "20.00", "120.00"], "Its lines under S 20 % do not sum to 100.00."),
            (&[line], &[right], ["100.00", "21.00", "121.00"], "Its VAT is 20.00, not 21.00."),
            (&[line], &[right], ["100.00", "20.00", "121.00"], "Its total is 120.00, not 121.00."),
            (&[line], &[right], ["90.00", "20.00", "110.00"], "Its total without VAT is 100.00, not 90.00."),
            (&[["1", "1", "1", "S", "0"]], &[["S", "0", "1", "0"]], ["1", "0", "1"], "S 0 % is no VAT that can be."),
            (&[["1", "1", "1", "AE", "0"]], &[["AE", "0", "1", "1"]], ["1", "1", "2"], "AE 0 % is no VAT that can be."),
            (
                &[["1", "1.001", "1.001", "E", "0"]],
                &[["E", "0", "1.001", "0"]],
                ["1.001", "0", "1.001"],
                "1.001 is finer than EUR has digits.",
            ),
        ];
        for (lines, vat, totals, why) in cases {
            assert_eq!(plan(&invoice(lines, vat, totals), &Accounts::default()).unwrap_err(), why);
        }
    }

    proptest! {
        #[test]
        fn what_is_planned_sums_to_what_the_supplier_says(
            lines in prop::collection::vec((1_u32..500, 1_u32..90_000, 0_usize..3), 1..20)
        ) {
            let rates = [("S", "20"), ("S", "5.5"), ("AE", "0")];
            let mut bases = [Decimal::ZERO; 3];
            let rows: Vec<_> = lines.iter().map(|(quantity, cents, at)| {
                let (price, quantity) = (Decimal::new((*cents).into(), 2), Decimal::from(*quantity));
                bases[*at] += price * quantity;
                [quantity.to_string(), price.to_string(), (price * quantity).to_string(), rates[*at].0.into(), rates[*at].1.into()]
            }).collect();
            let groups: Vec<_> = rates.iter().zip(bases).filter(|(_, base)| !base.is_zero()).map(|((category, rate), base)| {
                let tax = round(base * rate.parse::<Decimal>().unwrap() / Decimal::ONE_HUNDRED, 2, Rounding::HalfUp);
                [(*category).to_owned(), (*rate).to_owned(), base.to_string(), tax.to_string()]
            }).collect();
            let net: Decimal = bases.iter().sum();
            let vat: Decimal = groups.iter().map(|group| group[3].parse::<Decimal>().unwrap()).sum();
            let texts = |row: &[String; 5]| -> Vec<String> { row.to_vec() };
            let rows: Vec<Vec<String>> = rows.iter().map(texts).collect();
            let lines: Vec<[&str; 5]> = rows.iter().map(|row| std::array::from_fn(|at| row[at].as_str())).collect();
            let vats: Vec<[&str; 4]> = groups.iter().map(|group| std::array::from_fn(|at| group[at].as_str())).collect();
            let said = invoice(&lines, &vats, [&net.to_string(), &vat.to_string(), &(net + vat).to_string()]);
            let (lines, totals) = plan(&said, &Accounts::default()).unwrap();
            prop_assert_eq!((totals.net, totals.vat_total, totals.gross), (net, vat, net + vat));
            prop_assert_eq!(totals.lines.iter().map(|line| line.net).sum::<Decimal>(), net);
            prop_assert!(lines.iter().all(|line| line.quantity > Decimal::ZERO));
        }
    }
}

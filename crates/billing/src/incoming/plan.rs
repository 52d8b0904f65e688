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

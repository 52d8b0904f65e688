//! Every sum, to the last digit. Roundings are those of field 5.6: half up, per line and per rate.

use kernel::{Rounding, round};
use rust_decimal::Decimal;

use super::Findings;
use crate::{Adjustment, Direction, Invoice, Line};

pub(super) fn check(invoice: &Invoice, findings: &mut Findings) {
    for line in &invoice.lines {
        line_net(invoice, line, findings);
    }
    precision(invoice, findings);
    totals(invoice, findings);
}

fn line_net(invoice: &Invoice, line: &Line, findings: &mut Findings) {
    let exact = line.quantity.checked_mul(line.net_price).and_then(|gross| match line.price_base {
        Some(base) => gross.checked_div(base),
        None => Some(gross),
    });
    let adjusted: Decimal = line.adjustments.iter().map(Adjustment::signed).sum();
    let rounded = |exact: Decimal| round(exact, invoice.currency.decimals(), Rounding::HalfUp);
    let Some(net) = exact.and_then(|exact| rounded(exact).checked_add(adjusted)) else {
        return findings.expect(false, "C-LINE-NET", "BT-131", || format!("Line {} cannot be computed.", line.id));
    };
    findings.expect(net == line.net, "C-LINE-NET", "BT-131", || {
        format!("Line {} amounts to {net}, not to {}.", line.id, line.net)
    });
    if let (Some(gross), Some(discount)) = (line.gross_price, line.price_discount) {
        findings.expect(gross - discount == line.net_price, "C-PRICE", "BT-146", || {
            format!("The price of line {} is not its gross price less its discount.", line.id)
        });
    }
}

/// No amount is finer than two digits (BR-DEC) or than its currency's unit.
fn precision(invoice: &Invoice, findings: &mut Findings) {
    let totals = &invoice.totals;
    let document = [
        ("BT-106", totals.lines),
        ("BT-107", totals.allowances),
        ("BT-108", totals.charges),
        ("BT-109", totals.net),
        ("BT-110", totals.vat),
        ("BT-112", totals.gross),
        ("BT-113", totals.prepaid),
        ("BT-114", totals.rounding),
        ("BT-115", totals.due),
    ];
    let vat = invoice.vat.iter().flat_map(|vat| [("BT-116", vat.base), ("BT-117", vat.tax)]);
    let lines = invoice.lines.iter().flat_map(|line| {
        let adjustments = line.adjustments.iter().map(|each| ("BT-136", each.amount));
        std::iter::once(("BT-131", line.net)).chain(adjustments)
    });
    let adjustments = invoice.adjustments.iter().map(|each| ("BT-92", each.adjustment.amount));
    let digits = invoice.currency.decimals().min(2);
    for (term, amount) in document.into_iter().chain(vat).chain(lines).chain(adjustments) {
        findings.expect(kernel::is_exact(amount, digits), "BR-DEC", term, || {
            format!("{amount} has more than {digits} digits behind the point, or is too large.")
        });
    }
}

fn totals(invoice: &Invoice, findings: &mut Findings) {
    let totals = &invoice.totals;
    let lines: Decimal = invoice.lines.iter().map(|line| line.net).sum();
    let allowances = adjustments(invoice, Direction::Allowance);
    let charges = adjustments(invoice, Direction::Charge);
    let vat: Decimal = invoice.vat.iter().map(|vat| vat.tax).sum();
    let sums = [
        ("BR-CO-10", "BT-106", "The sum of the lines", lines, totals.lines),
        ("BR-CO-11", "BT-107", "The sum of the allowances", allowances, totals.allowances),
        ("BR-CO-12", "BT-108", "The sum of the charges", charges, totals.charges),
        ("BR-CO-13", "BT-109", "The total without VAT", totals.lines - totals.allowances + totals.charges, totals.net),
        ("BR-CO-14", "BT-110", "The total VAT", vat, totals.vat),
        ("BR-CO-15", "BT-112", "The total with VAT", totals.net + totals.vat, totals.gross),
        ("BR-CO-16", "BT-115", "The amount due", totals.gross - totals.prepaid + totals.rounding, totals.due),
    ];
    for (code, term, what, sum, said) in sums {
        findings.expect(sum == said, code, term, || format!("{what} is {sum}, not {said}."));
    }
}

fn adjustments(invoice: &Invoice, direction: Direction) -> Decimal {
    let adjustments = invoice.adjustments.iter().map(|each| &each.adjustment);
    adjustments.filter(|each| each.direction == direction).map(|each| each.amount).sum()
}

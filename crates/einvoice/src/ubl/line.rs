//! A line (BG-25).

use super::{adjustment, category, money, period};
use crate::xml::{Xml, plain};
use crate::{Invoice, Line};

pub(super) fn write(xml: &mut Xml, line: &Line, invoice: &Invoice) {
    let currency = invoice.currency;
    let (root, quantity) = if invoice.kind.is_credit() {
        ("cac:CreditNoteLine", "cbc:CreditedQuantity")
    } else {
        ("cac:InvoiceLine", "cbc:InvoicedQuantity")
    };
    xml.group(root, |xml| {
        xml.text("cbc:ID", &line.id);
        xml.maybe("cbc:Note", line.note.as_deref());
        xml.text_with(quantity, &[("unitCode", &line.unit)], &plain(line.quantity));
        money(xml, "cbc:LineExtensionAmount", line.net, currency);
        if let Some(billed) = line.period {
            period(xml, billed);
        }
        for each in &line.adjustments {
            xml.group("cac:AllowanceCharge", |xml| adjustment(xml, each, currency));
        }
        xml.group("cac:Item", |xml| item(xml, line));
        xml.group("cac:Price", |xml| price(xml, line, currency));
    });
}

fn item(xml: &mut Xml, line: &Line) {
    xml.maybe("cbc:Description", line.description.as_deref());
    xml.text("cbc:Name", &line.name);
    for (group, id) in
        [("cac:BuyersItemIdentification", &line.buyer_item_id), ("cac:SellersItemIdentification", &line.seller_item_id)]
    {
        if let Some(id) = id {
            xml.group(group, |xml| xml.text("cbc:ID", id));
        }
    }
    xml.group("cac:ClassifiedTaxCategory", |xml| category(xml, line.category, line.rate, None));
}

fn price(xml: &mut Xml, line: &Line, currency: kernel::Currency) {
    let of = [("currencyID", currency.code())];
    xml.text_with("cbc:PriceAmount", &of, &plain(line.net_price));
    if let Some(base) = line.price_base {
        xml.text_with("cbc:BaseQuantity", &[("unitCode", &line.unit)], &plain(base));
    }
    if let (Some(gross), Some(discount)) = (line.gross_price, line.price_discount) {
        xml.group("cac:AllowanceCharge", |xml| {
            xml.text("cbc:ChargeIndicator", "false");
            xml.text_with("cbc:Amount", &of, &plain(discount));
            xml.text_with("cbc:BaseAmount", &of, &plain(gross));
        });
    }
}

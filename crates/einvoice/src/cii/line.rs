//! A line (BG-25).

use kernel::Currency;
use rust_decimal::Decimal;

use super::{adjustment, period};
use crate::xml::{Xml, amount, plain};
use crate::{Line, VatCategory};

pub(super) fn write(xml: &mut Xml, line: &Line, currency: Currency) {
    xml.group("ram:IncludedSupplyChainTradeLineItem", |xml| {
        xml.group("ram:AssociatedDocumentLineDocument", |xml| {
            xml.text("ram:LineID", &line.id);
            if let Some(note) = line.note.as_deref().filter(|note| !note.trim().is_empty()) {
                xml.group("ram:IncludedNote", |xml| xml.text("ram:Content", note));
            }
        });
        xml.group("ram:SpecifiedTradeProduct", |xml| {
            xml.maybe("ram:SellerAssignedID", line.seller_item_id.as_deref());
            xml.maybe("ram:BuyerAssignedID", line.buyer_item_id.as_deref());
            xml.text("ram:Name", &line.name);
            xml.maybe("ram:Description", line.description.as_deref());
        });
        xml.group("ram:SpecifiedLineTradeAgreement", |xml| prices(xml, line));
        xml.group("ram:SpecifiedLineTradeDelivery", |xml| {
            xml.text_with("ram:BilledQuantity", &[("unitCode", &line.unit)], &plain(line.quantity));
        });
        xml.group("ram:SpecifiedLineTradeSettlement", |xml| settlement(xml, line, currency));
    });
}

fn prices(xml: &mut Xml, line: &Line) {
    let quantity = |xml: &mut Xml| {
        if let Some(base) = line.price_base {
            xml.text_with("ram:BasisQuantity", &[("unitCode", &line.unit)], &plain(base));
        }
    };
    if let Some(gross) = line.gross_price {
        xml.group("ram:GrossPriceProductTradePrice", |xml| {
            xml.text("ram:ChargeAmount", &plain(gross));
            quantity(xml);
            if let Some(discount) = line.price_discount {
                xml.group("ram:AppliedTradeAllowanceCharge", |xml| {
                    xml.group("ram:ChargeIndicator", |xml| xml.text("udt:Indicator", "false"));
                    xml.text("ram:ActualAmount", &plain(discount));
                });
            }
        });
    }
    xml.group("ram:NetPriceProductTradePrice", |xml| {
        xml.text("ram:ChargeAmount", &plain(line.net_price));
        quantity(xml);
    });
}

fn settlement(xml: &mut Xml, line: &Line, currency: Currency) {
    xml.group("ram:ApplicableTradeTax", |xml| tax(xml, line.category, line.rate));
    if let Some(billed) = line.period {
        period(xml, billed);
    }
    for each in &line.adjustments {
        xml.group("ram:SpecifiedTradeAllowanceCharge", |xml| adjustment(xml, each, currency));
    }
    xml.group("ram:SpecifiedTradeSettlementLineMonetarySummation", |xml| {
        xml.text("ram:LineTotalAmount", &amount(line.net, currency));
    });
}

/// Category and rate; what is outside the scope of VAT has no rate (BR-O-05).
pub(super) fn tax(xml: &mut Xml, category: VatCategory, rate: Decimal) {
    xml.text("ram:TypeCode", "VAT");
    xml.text("ram:CategoryCode", category.code());
    if category != VatCategory::O {
        xml.text("ram:RateApplicablePercent", &plain(rate));
    }
}

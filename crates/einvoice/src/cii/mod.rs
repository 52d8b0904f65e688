//! Cross Industry Invoice (UN/CEFACT D22B), profile EN 16931 of Factur-X 1.0: what stands in `factur-x.xml`.
//!
//! Source: EN 16931-1 and CEN/TS 16931-3-3; the French rules (XP Z12-012, BR-FR) ask for no other profile.

mod header;
mod line;

use crate::xml::{WriteError, Xml, compact_date};
use crate::{Invoice, Note};

/// The profile that the document names (BT-24).
pub const PROFILE: &str = "urn:cen.eu:en16931:2017";

/// The document as CII. The same invoice gives the same bytes.
pub fn write(invoice: &Invoice) -> Result<Vec<u8>, WriteError> {
    let code = invoice.kind.code().ok_or(WriteError::NotFiscal)?;
    let namespaces = [
        ("xmlns:rsm", "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"),
        ("xmlns:ram", "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"),
        ("xmlns:qdt", "urn:un:unece:uncefact:data:standard:QualifiedDataType:100"),
        ("xmlns:udt", "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"),
    ];
    Ok(Xml::document("rsm:CrossIndustryInvoice", &namespaces, |xml| {
        context(xml, invoice);
        document(xml, invoice, code);
        xml.group("rsm:SupplyChainTradeTransaction", |xml| {
            for line in &invoice.lines {
                line::write(xml, line, invoice.currency);
            }
            header::agreement(xml, invoice);
            header::delivery(xml, invoice);
            header::settlement(xml, invoice);
        });
    }))
}

fn context(xml: &mut Xml, invoice: &Invoice) {
    xml.group("rsm:ExchangedDocumentContext", |xml| {
        if let Some(process) = &invoice.process {
            xml.group("ram:BusinessProcessSpecifiedDocumentContextParameter", |xml| xml.text("ram:ID", process));
        }
        xml.group("ram:GuidelineSpecifiedDocumentContextParameter", |xml| xml.text("ram:ID", PROFILE));
    });
}

fn document(xml: &mut Xml, invoice: &Invoice, code: &str) {
    xml.group("rsm:ExchangedDocument", |xml| {
        xml.text("ram:ID", &invoice.number);
        xml.text("ram:TypeCode", code);
        date(xml, "ram:IssueDateTime", invoice.issue_date);
        for Note { subject, text } in &invoice.notes {
            xml.group("ram:IncludedNote", |xml| {
                xml.text("ram:Content", text);
                xml.maybe("ram:SubjectCode", subject.as_deref());
            });
        }
    });
}

fn date(xml: &mut Xml, name: &str, date: kernel::Date) {
    xml.group(name, |xml| xml.text_with("udt:DateTimeString", &[("format", "102")], &compact_date(date)));
}

fn period(xml: &mut Xml, period: crate::Period) {
    xml.group("ram:BillingSpecifiedPeriod", |xml| {
        if let Some(start) = period.start {
            date(xml, "ram:StartDateTime", start);
        }
        if let Some(end) = period.end {
            date(xml, "ram:EndDateTime", end);
        }
    });
}

/// The parts of an allowance or charge that stand on lines and on the document alike.
fn adjustment(xml: &mut Xml, adjustment: &crate::Adjustment, currency: kernel::Currency) {
    let is_charge = adjustment.direction == crate::Direction::Charge;
    xml.group("ram:ChargeIndicator", |xml| xml.text("udt:Indicator", if is_charge { "true" } else { "false" }));
    if let Some(percent) = adjustment.percent {
        xml.text("ram:CalculationPercent", &crate::xml::plain(percent));
    }
    if let Some(base) = adjustment.base {
        xml.text("ram:BasisAmount", &crate::xml::amount(base, currency));
    }
    xml.text("ram:ActualAmount", &crate::xml::amount(adjustment.amount, currency));
    xml.maybe("ram:ReasonCode", adjustment.reason_code.as_deref());
    xml.maybe("ram:Reason", adjustment.reason.as_deref());
}

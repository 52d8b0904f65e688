//! What holds for the whole document: who, where, how it is paid, the sums.

use rust_decimal::Decimal;

use super::{adjustment, date, line, period};
use crate::xml::{Xml, amount, compact_date, plain};
use crate::{Address, Identifier, Invoice, Party, PaymentMeans, Totals, VatBreakdown, VatCategory};

pub(super) fn agreement(xml: &mut Xml, invoice: &Invoice) {
    let references = &invoice.references;
    xml.group("ram:ApplicableHeaderTradeAgreement", |xml| {
        xml.maybe("ram:BuyerReference", references.buyer_reference.as_deref());
        xml.group("ram:SellerTradeParty", |xml| party(xml, &invoice.seller));
        xml.group("ram:BuyerTradeParty", |xml| party(xml, &invoice.buyer));
        reference(xml, "ram:SellerOrderReferencedDocument", references.sales_order.as_deref());
        reference(xml, "ram:BuyerOrderReferencedDocument", references.purchase_order.as_deref());
        reference(xml, "ram:ContractReferencedDocument", references.contract.as_deref());
        if let Some(project) = references.project.as_deref() {
            xml.group("ram:SpecifiedProcuringProject", |xml| {
                xml.text("ram:ID", project);
                xml.text("ram:Name", "Project reference");
            });
        }
    });
}

fn reference(xml: &mut Xml, name: &str, id: Option<&str>) {
    if let Some(id) = id.filter(|id| !id.trim().is_empty()) {
        xml.group(name, |xml| xml.text("ram:IssuerAssignedID", id));
    }
}

fn party(xml: &mut Xml, party: &Party) {
    let (global, local): (Vec<_>, Vec<_>) = party.ids.iter().partition(|id| id.scheme.is_some());
    for id in local {
        xml.text("ram:ID", &id.value);
    }
    for id in global {
        xml.id("ram:GlobalID", id);
    }
    xml.text("ram:Name", &party.name);
    xml.maybe("ram:Description", party.legal_info.as_deref());
    if party.legal_id.is_some() || party.trading_name.is_some() {
        xml.group("ram:SpecifiedLegalOrganization", |xml| {
            if let Some(id) = &party.legal_id {
                xml.id("ram:ID", id);
            }
            xml.maybe("ram:TradingBusinessName", party.trading_name.as_deref());
        });
    }
    contact(xml, party);
    address(xml, &party.address);
    if let Some(endpoint) = &party.endpoint {
        xml.group("ram:URIUniversalCommunication", |xml| xml.id("ram:URIID", endpoint));
    }
    for (scheme, id) in [("VA", &party.vat_id), ("FC", &party.tax_id)] {
        if let Some(id) = id {
            xml.group("ram:SpecifiedTaxRegistration", |xml| xml.id("ram:ID", &Identifier::of(scheme, id)));
        }
    }
}

fn contact(xml: &mut Xml, party: &Party) {
    let Some(contact) = party.contact.as_ref().filter(|contact| !contact.is_empty()) else { return };
    xml.group("ram:DefinedTradeContact", |xml| {
        xml.maybe("ram:PersonName", contact.name.as_deref());
        if let Some(phone) = &contact.phone {
            xml.group("ram:TelephoneUniversalCommunication", |xml| xml.text("ram:CompleteNumber", phone));
        }
        if let Some(email) = &contact.email {
            xml.group("ram:EmailURIUniversalCommunication", |xml| xml.text("ram:URIID", email));
        }
    });
}

fn address(xml: &mut Xml, address: &Address) {
    xml.group("ram:PostalTradeAddress", |xml| {
        xml.maybe("ram:PostcodeCode", address.postcode.as_deref());
        xml.maybe("ram:LineOne", address.line1.as_deref());
        xml.maybe("ram:LineTwo", address.line2.as_deref());
        xml.maybe("ram:LineThree", address.line3.as_deref());
        xml.maybe("ram:CityName", address.city.as_deref());
        xml.text("ram:CountryID", address.country.code());
        xml.maybe("ram:CountrySubDivisionName", address.subdivision.as_deref());
    });
}

pub(super) fn delivery(xml: &mut Xml, invoice: &Invoice) {
    xml.group("ram:ApplicableHeaderTradeDelivery", |xml| {
        if let Some(delivery) = &invoice.delivery {
            xml.group("ram:ShipToTradeParty", |xml| {
                xml.maybe("ram:Name", delivery.name.as_deref());
                address(xml, &delivery.address);
            });
        }
        if let Some(day) = invoice.supply_date {
            xml.group("ram:ActualDeliverySupplyChainEvent", |xml| date(xml, "ram:OccurrenceDateTime", day));
        }
    });
}

pub(super) fn settlement(xml: &mut Xml, invoice: &Invoice) {
    xml.group("ram:ApplicableHeaderTradeSettlement", |xml| {
        xml.maybe("ram:CreditorReferenceID", mandate(invoice).map(|(_, creditor)| creditor));
        xml.maybe("ram:PaymentReference", invoice.payment_reference.as_deref());
        if let Some(books) = invoice.vat_in_books {
            xml.text("ram:TaxCurrencyCode", books.currency.code());
        }
        xml.text("ram:InvoiceCurrencyCode", invoice.currency.code());
        payee(xml, invoice);
        for means in &invoice.payment {
            xml.group("ram:SpecifiedTradeSettlementPaymentMeans", |xml| payment(xml, means));
        }
        for vat in &invoice.vat {
            xml.group("ram:ApplicableTradeTax", |xml| breakdown(xml, vat, invoice));
        }
        if let Some(billed) = invoice.period {
            period(xml, billed);
        }
        for each in &invoice.adjustments {
            xml.group("ram:SpecifiedTradeAllowanceCharge", |xml| {
                adjustment(xml, &each.adjustment, invoice.currency);
                xml.group("ram:CategoryTradeTax", |xml| line::tax(xml, each.category, each.rate));
            });
        }
        terms(xml, invoice);
        xml.group("ram:SpecifiedTradeSettlementHeaderMonetarySummation", |xml| summation(xml, invoice));
        for preceding in &invoice.references.preceding {
            xml.group("ram:InvoiceReferencedDocument", |xml| {
                xml.text("ram:IssuerAssignedID", &preceding.number);
                if let Some(day) = preceding.date {
                    xml.group("ram:FormattedIssueDateTime", |xml| {
                        xml.text_with("qdt:DateTimeString", &[("format", "102")], &compact_date(day));
                    });
                }
            });
        }
    });
}

fn payee(xml: &mut Xml, invoice: &Invoice) {
    let Some(payee) = &invoice.payee else { return };
    xml.group("ram:PayeeTradeParty", |xml| {
        match &payee.id {
            Some(id) if id.scheme.is_some() => xml.id("ram:GlobalID", id),
            Some(id) => xml.id("ram:ID", id),
            None => {}
        }
        xml.text("ram:Name", &payee.name);
        if let Some(id) = &payee.legal_id {
            xml.group("ram:SpecifiedLegalOrganization", |xml| xml.id("ram:ID", id));
        }
    });
}

fn payment(xml: &mut Xml, means: &PaymentMeans) {
    xml.text("ram:TypeCode", means.code());
    match means {
        PaymentMeans::CreditTransfer { iban, bic, account_name } => {
            xml.group("ram:PayeePartyCreditorFinancialAccount", |xml| {
                let is_iban = iban.starts_with(|c: char| c.is_ascii_alphabetic());
                xml.text(if is_iban { "ram:IBANID" } else { "ram:ProprietaryID" }, iban);
                xml.maybe("ram:AccountName", account_name.as_deref());
            });
            if let Some(bic) = bic {
                xml.group("ram:PayeeSpecifiedCreditorFinancialInstitution", |xml| xml.text("ram:BICID", bic));
            }
        }
        PaymentMeans::DirectDebit { debtor_iban: Some(iban), .. } => {
            xml.group("ram:PayerPartyDebtorFinancialAccount", |xml| xml.text("ram:IBANID", iban));
        }
        PaymentMeans::Card { last_digits, holder } => {
            xml.group("ram:ApplicableTradeSettlementFinancialCard", |xml| {
                xml.text("ram:ID", last_digits);
                xml.maybe("ram:CardholderName", holder.as_deref());
            });
        }
        PaymentMeans::Other { text, .. } => xml.maybe("ram:Information", text.as_deref()),
        PaymentMeans::DirectDebit { debtor_iban: None, .. } | PaymentMeans::Cash | PaymentMeans::Cheque => {}
    }
}

fn breakdown(xml: &mut Xml, vat: &VatBreakdown, invoice: &Invoice) {
    let reasons = vat.category.needs_reason();
    xml.text("ram:CalculatedAmount", &amount(vat.tax, invoice.currency));
    xml.text("ram:TypeCode", "VAT");
    xml.maybe("ram:ExemptionReason", vat.reason.as_deref().filter(|_| reasons));
    xml.text("ram:BasisAmount", &amount(vat.base, invoice.currency));
    xml.text("ram:CategoryCode", vat.category.code());
    xml.maybe("ram:ExemptionReasonCode", vat.reason_code.as_deref().filter(|_| reasons));
    if vat.category != VatCategory::O {
        xml.text("ram:RateApplicablePercent", &plain(vat.rate));
    }
}

/// The first direct debit's mandate and creditor.
fn mandate(invoice: &Invoice) -> Option<(&str, &str)> {
    invoice.payment.iter().find_map(|means| match means {
        PaymentMeans::DirectDebit { mandate, creditor_id, .. } => Some((mandate.as_str(), creditor_id.as_str())),
        _ => None,
    })
}

fn terms(xml: &mut Xml, invoice: &Invoice) {
    let mandate = mandate(invoice).map(|(mandate, _)| mandate);
    if invoice.payment_terms.is_none() && invoice.due_date.is_none() && mandate.is_none() {
        return;
    }
    xml.group("ram:SpecifiedTradePaymentTerms", |xml| {
        xml.maybe("ram:Description", invoice.payment_terms.as_deref());
        if let Some(due) = invoice.due_date {
            date(xml, "ram:DueDateDateTime", due);
        }
        xml.maybe("ram:DirectDebitMandateID", mandate);
    });
}

fn summation(xml: &mut Xml, invoice: &Invoice) {
    let Totals { lines, allowances, charges, net, vat, gross, prepaid, rounding, due } = invoice.totals;
    let currency = invoice.currency;
    let unless_zero = |xml: &mut Xml, name: &str, value: Decimal| {
        if !value.is_zero() {
            xml.text(name, &amount(value, currency));
        }
    };
    xml.text("ram:LineTotalAmount", &amount(lines, currency));
    unless_zero(xml, "ram:ChargeTotalAmount", charges);
    unless_zero(xml, "ram:AllowanceTotalAmount", allowances);
    xml.text("ram:TaxBasisTotalAmount", &amount(net, currency));
    xml.text_with("ram:TaxTotalAmount", &[("currencyID", currency.code())], &amount(vat, currency));
    if let Some(books) = invoice.vat_in_books {
        let currency = books.currency;
        xml.text_with("ram:TaxTotalAmount", &[("currencyID", currency.code())], &amount(books.vat, currency));
    }
    unless_zero(xml, "ram:RoundingAmount", rounding);
    xml.text("ram:GrandTotalAmount", &amount(gross, currency));
    unless_zero(xml, "ram:TotalPrepaidAmount", prepaid);
    xml.text("ram:DuePayableAmount", &amount(due, currency));
}

//! UBL 2.1 (ISO/IEC 19845), `Invoice` and `CreditNote`, after CEN/TS 16931-3-2.

mod line;
mod party;

use kernel::Currency;
use rust_decimal::Decimal;

use crate::xml::{WriteError, Xml, amount, plain};
use crate::{Adjustment, DocumentAdjustment, Invoice, Note, PaymentMeans, VatBreakdown, VatCategory};

/// The profile that the document names (BT-24).
pub const PROFILE: &str = crate::cii::PROFILE;

/// The document as UBL. The same invoice gives the same bytes.
pub fn write(invoice: &Invoice) -> Result<Vec<u8>, WriteError> {
    let code = invoice.kind.code().ok_or(WriteError::NotFiscal)?;
    let root = if invoice.kind.is_credit() { "CreditNote" } else { "Invoice" };
    let namespace = format!("urn:oasis:names:specification:ubl:schema:xsd:{root}-2");
    let namespaces = [
        ("xmlns", namespace.as_str()),
        ("xmlns:cac", "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"),
        ("xmlns:cbc", "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"),
    ];
    Ok(Xml::document(root, &namespaces, |xml| {
        head(xml, invoice, code);
        references(xml, invoice);
        party::write(xml, invoice);
        payment(xml, invoice);
        for each in &invoice.adjustments {
            document_adjustment(xml, each, invoice.currency);
        }
        vat(xml, invoice);
        totals(xml, invoice);
        for each in &invoice.lines {
            line::write(xml, each, invoice);
        }
    }))
}

fn head(xml: &mut Xml, invoice: &Invoice, code: &str) {
    let credit = invoice.kind.is_credit();
    xml.text("cbc:CustomizationID", PROFILE);
    xml.maybe("cbc:ProfileID", invoice.process.as_deref());
    xml.text("cbc:ID", &invoice.number);
    xml.text("cbc:IssueDate", &invoice.issue_date.to_string());
    if let Some(due) = invoice.due_date.filter(|_| !credit) {
        xml.text("cbc:DueDate", &due.to_string());
    }
    xml.text(if credit { "cbc:CreditNoteTypeCode" } else { "cbc:InvoiceTypeCode" }, code);
    for Note { subject, text } in &invoice.notes {
        match subject {
            Some(subject) => xml.text("cbc:Note", &format!("#{subject}#{text}")),
            None => xml.text("cbc:Note", text),
        }
    }
    xml.text("cbc:DocumentCurrencyCode", invoice.currency.code());
    if let Some(books) = invoice.vat_in_books {
        xml.text("cbc:TaxCurrencyCode", books.currency.code());
    }
    xml.maybe("cbc:BuyerReference", invoice.references.buyer_reference.as_deref());
    if let Some(billed) = invoice.period {
        period(xml, billed);
    }
}

fn period(xml: &mut Xml, period: crate::Period) {
    xml.group("cac:InvoicePeriod", |xml| {
        xml.maybe("cbc:StartDate", period.start.map(|day| day.to_string()).as_deref());
        xml.maybe("cbc:EndDate", period.end.map(|day| day.to_string()).as_deref());
    });
}

fn references(xml: &mut Xml, invoice: &Invoice) {
    let references = &invoice.references;
    let order = references.purchase_order.as_deref();
    if order.is_some() || references.sales_order.is_some() {
        xml.group("cac:OrderReference", |xml| {
            // UBL has no sales order without an order; `NA` is what CEN/TS 16931-3-2 says instead.
            xml.text("cbc:ID", order.unwrap_or("NA"));
            xml.maybe("cbc:SalesOrderID", references.sales_order.as_deref());
        });
    }
    for preceding in &references.preceding {
        xml.group("cac:BillingReference", |xml| {
            xml.group("cac:InvoiceDocumentReference", |xml| {
                xml.text("cbc:ID", &preceding.number);
                xml.maybe("cbc:IssueDate", preceding.date.map(|day| day.to_string()).as_deref());
            });
        });
    }
    if let Some(contract) = references.contract.as_deref() {
        xml.group("cac:ContractDocumentReference", |xml| xml.text("cbc:ID", contract));
    }
    let Some(project) = references.project.as_deref() else { return };
    if invoice.kind.is_credit() {
        // A UBL credit note has no project: a document of type 50 stands for it (CEN/TS 16931-3-2, BT-11).
        xml.group("cac:AdditionalDocumentReference", |xml| {
            xml.text("cbc:ID", project);
            xml.text("cbc:DocumentTypeCode", "50");
        });
    } else {
        xml.group("cac:ProjectReference", |xml| xml.text("cbc:ID", project));
    }
}

fn payment(xml: &mut Xml, invoice: &Invoice) {
    // A UBL credit note has its due date with the means of payment only.
    let due = invoice.due_date.filter(|_| invoice.kind.is_credit());
    for means in &invoice.payment {
        xml.group("cac:PaymentMeans", |xml| {
            match means {
                PaymentMeans::Other { code, text: Some(text) } => {
                    xml.text_with("cbc:PaymentMeansCode", &[("name", text)], code);
                }
                _ => xml.text("cbc:PaymentMeansCode", means.code()),
            }
            xml.maybe("cbc:PaymentDueDate", due.map(|day| day.to_string()).as_deref());
            xml.maybe("cbc:PaymentID", invoice.payment_reference.as_deref());
            account(xml, means);
        });
    }
    if let Some(terms) = invoice.payment_terms.as_deref() {
        xml.group("cac:PaymentTerms", |xml| xml.text("cbc:Note", terms));
    }
}

fn account(xml: &mut Xml, means: &PaymentMeans) {
    match means {
        PaymentMeans::CreditTransfer { iban, bic, account_name } => {
            xml.group("cac:PayeeFinancialAccount", |xml| {
                xml.text("cbc:ID", iban);
                xml.maybe("cbc:Name", account_name.as_deref());
                if let Some(bic) = bic {
                    xml.group("cac:FinancialInstitutionBranch", |xml| xml.text("cbc:ID", bic));
                }
            });
        }
        PaymentMeans::DirectDebit { mandate, debtor_iban, .. } => {
            xml.group("cac:PaymentMandate", |xml| {
                xml.text("cbc:ID", mandate);
                if let Some(iban) = debtor_iban {
                    xml.group("cac:PayerFinancialAccount", |xml| xml.text("cbc:ID", iban));
                }
            });
        }
        PaymentMeans::Card { last_digits, holder } => {
            xml.group("cac:CardAccount", |xml| {
                xml.text("cbc:PrimaryAccountNumberID", last_digits);
                xml.text("cbc:NetworkID", "NA");
                xml.maybe("cbc:HolderName", holder.as_deref());
            });
        }
        PaymentMeans::Cash | PaymentMeans::Cheque | PaymentMeans::Other { .. } => {}
    }
}

/// An amount with its currency, which UBL repeats on each.
fn money(xml: &mut Xml, name: &str, value: Decimal, currency: Currency) {
    xml.text_with(name, &[("currencyID", currency.code())], &amount(value, currency));
}

/// The parts of an allowance or charge that stand on lines and on the document alike.
fn adjustment(xml: &mut Xml, adjustment: &Adjustment, currency: Currency) {
    let is_charge = adjustment.direction == crate::Direction::Charge;
    xml.text("cbc:ChargeIndicator", if is_charge { "true" } else { "false" });
    xml.maybe("cbc:AllowanceChargeReasonCode", adjustment.reason_code.as_deref());
    xml.maybe("cbc:AllowanceChargeReason", adjustment.reason.as_deref());
    xml.maybe("cbc:MultiplierFactorNumeric", adjustment.percent.map(plain).as_deref());
    money(xml, "cbc:Amount", adjustment.amount, currency);
    if let Some(base) = adjustment.base {
        money(xml, "cbc:BaseAmount", base, currency);
    }
}

fn document_adjustment(xml: &mut Xml, each: &DocumentAdjustment, currency: Currency) {
    xml.group("cac:AllowanceCharge", |xml| {
        adjustment(xml, &each.adjustment, currency);
        xml.group("cac:TaxCategory", |xml| category(xml, each.category, each.rate, None));
    });
}

fn category(xml: &mut Xml, category: VatCategory, rate: Decimal, why: Option<&VatBreakdown>) {
    xml.text("cbc:ID", category.code());
    if category != VatCategory::O {
        xml.text("cbc:Percent", &plain(rate));
    }
    if let Some(why) = why.filter(|_| category.needs_reason()) {
        xml.maybe("cbc:TaxExemptionReasonCode", why.reason_code.as_deref());
        xml.maybe("cbc:TaxExemptionReason", why.reason.as_deref());
    }
    xml.group("cac:TaxScheme", |xml| xml.text("cbc:ID", "VAT"));
}

fn vat(xml: &mut Xml, invoice: &Invoice) {
    let currency = invoice.currency;
    xml.group("cac:TaxTotal", |xml| {
        money(xml, "cbc:TaxAmount", invoice.totals.vat, currency);
        for each in &invoice.vat {
            xml.group("cac:TaxSubtotal", |xml| {
                money(xml, "cbc:TaxableAmount", each.base, currency);
                money(xml, "cbc:TaxAmount", each.tax, currency);
                xml.group("cac:TaxCategory", |xml| category(xml, each.category, each.rate, Some(each)));
            });
        }
    });
    if let Some(books) = invoice.vat_in_books {
        xml.group("cac:TaxTotal", |xml| money(xml, "cbc:TaxAmount", books.vat, books.currency));
    }
}

fn totals(xml: &mut Xml, invoice: &Invoice) {
    let totals = &invoice.totals;
    let amounts = [
        ("cbc:LineExtensionAmount", totals.lines, true),
        ("cbc:TaxExclusiveAmount", totals.net, true),
        ("cbc:TaxInclusiveAmount", totals.gross, true),
        ("cbc:AllowanceTotalAmount", totals.allowances, false),
        ("cbc:ChargeTotalAmount", totals.charges, false),
        ("cbc:PrepaidAmount", totals.prepaid, false),
        ("cbc:PayableRoundingAmount", totals.rounding, false),
        ("cbc:PayableAmount", totals.due, true),
    ];
    xml.group("cac:LegalMonetaryTotal", |xml| {
        for (name, value, _) in amounts.into_iter().filter(|(_, value, always)| *always || !value.is_zero()) {
            money(xml, name, value, invoice.currency);
        }
    });
}

//! UBL 2.1 `Invoice` and `CreditNote`.

use super::tree::Node;
use super::values::{self, Reading, identifier, nowhere};
use super::{ReadError, Warning};
use crate::{
    Address, Adjustment, BuyerKind, Contact, Delivery, Direction, DocumentAdjustment, Invoice, Kind, Line, Note, Party,
    Payee, PaymentMeans, Period, Preceding, References, Totals, VatBreakdown, VatInBooks,
};

pub(super) fn invoice(root: &Node) -> Result<(Invoice, Vec<Warning>), ReadError> {
    let mut reading = Reading::default();
    let credit = root.name == "CreditNote";
    for known in ["UBLVersionID", "CustomizationID"] {
        root.text(known);
    }
    let number = root.text("ID").ok_or(ReadError::Missing("BT-1", "number"))?;
    let issued = reading.date(root, "IssueDate");
    let kind = kind(root, credit, &mut reading);
    let currency = values::currency(root.text("DocumentCurrencyCode"))?;
    let (line_name, quantity) =
        if credit { ("CreditNoteLine", "CreditedQuantity") } else { ("InvoiceLine", "InvoicedQuantity") };
    let lines = root.all(line_name).map(|node| line(node, quantity, &mut reading)).collect();
    let seller = root.at("AccountingSupplierParty/Party");
    let buyer = root.at("AccountingCustomerParty/Party");
    let due = reading.date(root, "DueDate").or_else(|| reading.date(root, "PaymentMeans/PaymentDueDate"));
    let invoice = Invoice {
        kind,
        number,
        issue_date: issued.ok_or(ReadError::Missing("BT-2", "issue date"))?,
        issued_at: None,
        due_date: due,
        valid_until: None,
        supply_date: reading.date(root, "Delivery/ActualDeliveryDate"),
        period: period(root, &mut reading),
        process: root.text("ProfileID"),
        currency,
        vat_in_books: books(root, currency),
        seller: party(seller, &mut reading).ok_or(ReadError::Missing("BT-27", "seller"))?,
        buyer: party(buyer, &mut reading).ok_or(ReadError::Missing("BT-44", "buyer"))?,
        buyer_kind: BuyerKind::Business,
        payee: root.at("PayeeParty").and_then(payee),
        delivery: root.at("Delivery").and_then(|node| delivery(node, &mut reading)),
        references: references(root, &mut reading),
        notes: root.all("Note").filter_map(note).collect(),
        payment: root.all("PaymentMeans").map(|node| payment(node, root)).collect(),
        payment_reference: root.text("PaymentMeans/PaymentID"),
        payment_terms: root.text("PaymentTerms/Note"),
        lines,
        adjustments: root.all("AllowanceCharge").map(|node| document_adjustment(node, &mut reading)).collect(),
        vat: subtotals(root, &mut reading),
        totals: totals(root, currency, &mut reading),
    };
    Ok((invoice, reading.warnings))
}

fn kind(root: &Node, credit: bool, reading: &mut Reading) -> Kind {
    let code = root.text(if credit { "CreditNoteTypeCode" } else { "InvoiceTypeCode" });
    let kind = reading.kind(code.as_deref().unwrap_or(if credit { "381" } else { "380" }));
    match (credit, kind.is_credit()) {
        (true, false) => Kind::CreditNote,
        _ => kind,
    }
}

/// A note may begin with its subject between number signs: `#AAB#…`.
fn note(node: &Node) -> Option<Note> {
    let text = node.value()?;
    let parts = text.strip_prefix('#').and_then(|rest| rest.split_once('#'));
    Some(match parts {
        Some((subject, rest)) if subject.len() == 3 => Note::about(subject, rest.trim()),
        _ => Note { subject: None, text },
    })
}

fn period(node: &Node, reading: &mut Reading) -> Option<Period> {
    let node = node.at("InvoicePeriod")?;
    let (start, end) = (reading.date(node, "StartDate"), reading.date(node, "EndDate"));
    (start.is_some() || end.is_some()).then_some(Period { start, end })
}

fn party(node: Option<&Node>, reading: &mut Reading) -> Option<Party> {
    let node = node?;
    let registration = |vat: bool| {
        let is_vat = |tax: &&Node| tax.text("TaxScheme/ID").is_some_and(|scheme| scheme == "VAT") == vat;
        node.all("PartyTaxScheme").find(is_vat).and_then(|tax| tax.text("CompanyID"))
    };
    let legal = node.at("PartyLegalEntity");
    let trading = node.text("PartyName/Name");
    let registered = legal.and_then(|legal| legal.text("RegistrationName"));
    let contact = node.at("Contact").map(|contact| Contact {
        name: contact.text("Name"),
        phone: contact.text("Telephone"),
        email: contact.text("ElectronicMail"),
    });
    let ids = node.all("PartyIdentification").filter_map(|id| identifier(id.at("ID")?));
    Some(Party {
        name: registered.clone().or_else(|| trading.clone())?,
        trading_name: trading.filter(|_| registered.is_some()),
        legal_id: legal.and_then(|legal| identifier(legal.at("CompanyID")?)),
        ids: ids.filter(|id| !id.is_of("SEPA")).collect(),
        vat_id: registration(true),
        tax_id: registration(false),
        legal_info: legal.and_then(|legal| legal.text("CompanyLegalForm")),
        address: address(node.at("PostalAddress"), reading),
        contact,
        endpoint: node.at("EndpointID").and_then(identifier),
    })
}

fn address(node: Option<&Node>, reading: &mut Reading) -> Address {
    let Some(node) = node else { return nowhere() };
    Address {
        line1: node.text("StreetName"),
        line2: node.text("AdditionalStreetName"),
        line3: node.text("AddressLine/Line"),
        postcode: node.text("PostalZone"),
        city: node.text("CityName"),
        subdivision: node.text("CountrySubentity"),
        country: reading.country(node.text("Country/IdentificationCode"), "IdentificationCode"),
    }
}

fn payee(node: &Node) -> Option<Payee> {
    let ids = node.all("PartyIdentification").filter_map(|id| identifier(id.at("ID")?));
    Some(Payee {
        name: node.text("PartyName/Name")?,
        id: { ids }.find(|id| !id.is_of("SEPA")),
        legal_id: node.at("PartyLegalEntity/CompanyID").and_then(identifier),
    })
}

fn delivery(node: &Node, reading: &mut Reading) -> Option<Delivery> {
    let place = node.at("DeliveryLocation/Address")?;
    Some(Delivery { name: node.text("DeliveryParty/PartyName/Name"), address: address(Some(place), reading) })
}

fn references(root: &Node, reading: &mut Reading) -> References {
    let preceding = root.all("BillingReference").filter_map(|node| {
        let node = node.at("InvoiceDocumentReference")?;
        Some(Preceding { number: node.text("ID")?, date: reading.date(node, "IssueDate") })
    });
    let preceding = preceding.collect();
    let is_project = |node: &&Node| node.text("DocumentTypeCode").is_some_and(|code| code == "50");
    let project = root.all("AdditionalDocumentReference").find(is_project).and_then(|node| node.text("ID"));
    References {
        buyer_reference: root.text("BuyerReference"),
        purchase_order: root.text("OrderReference/ID").filter(|id| id != "NA"),
        sales_order: root.text("OrderReference/SalesOrderID"),
        contract: root.text("ContractDocumentReference/ID"),
        project: root.text("ProjectReference/ID").or(project),
        preceding,
    }
}

fn payment(node: &Node, root: &Node) -> PaymentMeans {
    let code = node.text("PaymentMeansCode").unwrap_or_default();
    node.text("PaymentID");
    let name = node.at("PaymentMeansCode").and_then(|code| code.attribute("name")).map(str::to_owned);
    let account = node.at("PayeeFinancialAccount");
    match code.as_str() {
        "10" => PaymentMeans::Cash,
        "20" => PaymentMeans::Cheque,
        "49" | "59" => PaymentMeans::DirectDebit {
            mandate: node.text("PaymentMandate/ID").unwrap_or_default(),
            creditor_id: creditor(root).unwrap_or_default(),
            debtor_iban: node.text("PaymentMandate/PayerFinancialAccount/ID"),
        },
        "48" | "54" | "55" => {
            node.text("CardAccount/NetworkID");
            PaymentMeans::Card {
                last_digits: node.text("CardAccount/PrimaryAccountNumberID").unwrap_or_default(),
                holder: node.text("CardAccount/HolderName"),
            }
        }
        _ => match account.and_then(|account| account.text("ID")) {
            Some(iban) => PaymentMeans::CreditTransfer {
                iban,
                bic: node.text("PayeeFinancialAccount/FinancialInstitutionBranch/ID"),
                account_name: node.text("PayeeFinancialAccount/Name"),
            },
            None => PaymentMeans::Other { code, text: name },
        },
    }
}

/// The creditor identifier stands among those of the payee or the seller.
fn creditor(root: &Node) -> Option<String> {
    let parties = [root.at("PayeeParty"), root.at("AccountingSupplierParty/Party")].into_iter().flatten();
    let ids = parties.flat_map(|party| party.all("PartyIdentification")).filter_map(|id| identifier(id.at("ID")?));
    { ids }.find(|id| id.is_of("SEPA")).map(|id| id.value)
}

fn adjustment(node: &Node, reading: &mut Reading) -> Adjustment {
    let charge = node.text("ChargeIndicator").is_some_and(|text| text == "true" || text == "1");
    Adjustment {
        direction: if charge { Direction::Charge } else { Direction::Allowance },
        amount: reading.amount(node, "Amount"),
        base: reading.decimal(node, "BaseAmount"),
        percent: reading.decimal(node, "MultiplierFactorNumeric"),
        reason: node.text("AllowanceChargeReason"),
        reason_code: node.text("AllowanceChargeReasonCode"),
    }
}

fn document_adjustment(node: &Node, reading: &mut Reading) -> DocumentAdjustment {
    node.text("TaxCategory/TaxScheme/ID");
    let rate = reading.amount(node, "TaxCategory/Percent");
    let category = reading.category(node.text("TaxCategory/ID"), rate);
    DocumentAdjustment { adjustment: adjustment(node, reading), category, rate }
}

fn subtotals(root: &Node, reading: &mut Reading) -> Vec<VatBreakdown> {
    let mut all = Vec::new();
    for node in root.all("TaxTotal").flat_map(|total| total.all("TaxSubtotal")) {
        node.text("TaxCategory/TaxScheme/ID");
        let rate = reading.amount(node, "TaxCategory/Percent");
        all.push(VatBreakdown {
            category: reading.category(node.text("TaxCategory/ID"), rate),
            rate,
            base: reading.amount(node, "TaxableAmount"),
            tax: reading.amount(node, "TaxAmount"),
            reason: node.text("TaxCategory/TaxExemptionReason"),
            reason_code: node.text("TaxCategory/TaxExemptionReasonCode"),
        });
    }
    all
}

/// The total VAT that is in `currency`.
fn vat_in(root: &Node, currency: kernel::Currency) -> Option<rust_decimal::Decimal> {
    let totals = root.all("TaxTotal").filter_map(|total| total.at("TaxAmount"));
    let total = { totals }.find(|total| total.attribute("currencyID") == Some(currency.code()))?;
    values::number(&total.value()?)
}

fn books(root: &Node, currency: kernel::Currency) -> Option<VatInBooks> {
    let books = root.text("TaxCurrencyCode")?.parse().ok().filter(|books| *books != currency)?;
    Some(VatInBooks { currency: books, vat: vat_in(root, books)? })
}

fn totals(root: &Node, currency: kernel::Currency, reading: &mut Reading) -> Totals {
    let empty = Node::default();
    let node = root.at("LegalMonetaryTotal").unwrap_or(&empty);
    let mut amount = |path: &str| reading.amount(node, path);
    Totals {
        lines: amount("LineExtensionAmount"),
        allowances: amount("AllowanceTotalAmount"),
        charges: amount("ChargeTotalAmount"),
        net: amount("TaxExclusiveAmount"),
        vat: vat_in(root, currency).unwrap_or_default(),
        gross: amount("TaxInclusiveAmount"),
        prepaid: amount("PrepaidAmount"),
        rounding: amount("PayableRoundingAmount"),
        due: amount("PayableAmount"),
    }
}

fn line(node: &Node, quantity: &str, reading: &mut Reading) -> Line {
    let empty = Node::default();
    let price = node.at("Price").unwrap_or(&empty);
    let tax = node.at("Item/ClassifiedTaxCategory").unwrap_or(&empty);
    tax.text("TaxScheme/ID");
    price.text("AllowanceCharge/ChargeIndicator");
    let rate = reading.amount(tax, "Percent");
    let unit = node.at(quantity).and_then(|node| node.attribute("unitCode")).unwrap_or("C62").to_owned();
    Line {
        id: node.text("ID").unwrap_or_default(),
        name: node.text("Item/Name").unwrap_or_default(),
        description: node.text("Item/Description"),
        note: node.text("Note"),
        quantity: reading.amount(node, quantity),
        unit,
        net_price: reading.amount(price, "PriceAmount"),
        price_base: reading.decimal(price, "BaseQuantity"),
        gross_price: reading.decimal(price, "AllowanceCharge/BaseAmount"),
        price_discount: reading.decimal(price, "AllowanceCharge/Amount"),
        adjustments: node.all("AllowanceCharge").map(|each| adjustment(each, reading)).collect(),
        net: reading.amount(node, "LineExtensionAmount"),
        category: reading.category(tax.text("ID"), rate),
        rate,
        seller_item_id: node.text("Item/SellersItemIdentification/ID"),
        buyer_item_id: node.text("Item/BuyersItemIdentification/ID"),
        period: period(node, reading),
    }
}

//! CII, of whatever profile.

use super::tree::Node;
use super::values::{self, Reading, identifier, nowhere};
use super::{ReadError, Warning};
use crate::{
    Address, Adjustment, BuyerKind, Contact, Delivery, Direction, DocumentAdjustment, Invoice, Line, Note, Party,
    Payee, PaymentMeans, Period, Preceding, References, Totals, VatBreakdown, VatInBooks,
};

const DAY: &str = "DateTimeString";

pub(super) fn invoice(root: &Node) -> Result<(Invoice, Vec<Warning>), ReadError> {
    let mut reading = Reading::default();
    let empty = Node::default();
    let part = |path: &str| root.at(path).unwrap_or(&empty);
    let document = part("ExchangedDocument");
    let agreement = part("SupplyChainTradeTransaction/ApplicableHeaderTradeAgreement");
    let delivery = part("SupplyChainTradeTransaction/ApplicableHeaderTradeDelivery");
    let settlement = part("SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement");
    part("ExchangedDocumentContext/GuidelineSpecifiedDocumentContextParameter").pass();
    let number = document.text("ID").ok_or(ReadError::Missing("BT-1", "number"))?;
    let issued = reading.date(document, "IssueDateTime/DateTimeString");
    let kind = reading.kind(&document.text("TypeCode").ok_or(ReadError::Missing("BT-3", "type"))?);
    let currency = values::currency(settlement.text("InvoiceCurrencyCode"))?;
    let lines = part("SupplyChainTradeTransaction").all("IncludedSupplyChainTradeLineItem");
    let lines = lines.map(|node| line(node, &mut reading)).collect();
    let terms = settlement.all("SpecifiedTradePaymentTerms").next().unwrap_or(&empty);
    let invoice = Invoice {
        kind,
        number,
        issue_date: issued.ok_or(ReadError::Missing("BT-2", "issue date"))?,
        issued_at: None,
        due_date: reading.date(terms, "DueDateDateTime/DateTimeString"),
        valid_until: None,
        supply_date: reading.date(delivery, "ActualDeliverySupplyChainEvent/OccurrenceDateTime/DateTimeString"),
        period: period(settlement, &mut reading),
        process: root.text("ExchangedDocumentContext/BusinessProcessSpecifiedDocumentContextParameter/ID"),
        currency,
        vat_in_books: books(settlement, currency, &mut reading),
        seller: party(agreement.at("SellerTradeParty"), &mut reading).ok_or(ReadError::Missing("BT-27", "seller"))?,
        buyer: party(agreement.at("BuyerTradeParty"), &mut reading).ok_or(ReadError::Missing("BT-44", "buyer"))?,
        buyer_kind: BuyerKind::Business,
        payee: settlement.at("PayeeTradeParty").and_then(payee),
        delivery: delivery.at("ShipToTradeParty").and_then(|node| ship_to(node, &mut reading)),
        references: references(agreement, settlement, &mut reading),
        notes: document.all("IncludedNote").filter_map(note).collect(),
        payment: payment(settlement, terms),
        payment_reference: settlement.text("PaymentReference"),
        payment_terms: terms.text("Description"),
        lines,
        adjustments: settlement
            .all("SpecifiedTradeAllowanceCharge")
            .map(|node| document_adjustment(node, &mut reading))
            .collect(),
        vat: settlement.all("ApplicableTradeTax").map(|node| breakdown(node, &mut reading)).collect(),
        totals: totals(settlement, currency, &mut reading),
    };
    Ok((invoice, reading.warnings))
}

fn note(node: &Node) -> Option<Note> {
    Some(Note { subject: node.text("SubjectCode"), text: node.text("Content")? })
}

fn period(node: &Node, reading: &mut Reading) -> Option<Period> {
    let node = node.at("BillingSpecifiedPeriod")?;
    let start = reading.date(node, "StartDateTime/DateTimeString");
    let end = reading.date(node, "EndDateTime/DateTimeString");
    (start.is_some() || end.is_some()).then_some(Period { start, end })
}

fn party(node: Option<&Node>, reading: &mut Reading) -> Option<Party> {
    let node = node?;
    let registration = |wanted: &str| {
        let all = node.all("SpecifiedTaxRegistration").filter_map(|tax| tax.at("ID"));
        all.filter(|id| id.attribute("schemeID") == Some(wanted)).find_map(Node::value)
    };
    let contact = node.at("DefinedTradeContact").map(|contact| Contact {
        name: contact.text("PersonName").or_else(|| contact.text("DepartmentName")),
        phone: contact.text("TelephoneUniversalCommunication/CompleteNumber"),
        email: contact.text("EmailURIUniversalCommunication/URIID"),
    });
    Some(Party {
        name: node.text("Name")?,
        trading_name: node.text("SpecifiedLegalOrganization/TradingBusinessName"),
        legal_id: node.at("SpecifiedLegalOrganization/ID").and_then(identifier),
        ids: node.all("ID").chain(node.all("GlobalID")).filter_map(identifier).collect(),
        vat_id: registration("VA"),
        tax_id: registration("FC"),
        legal_info: node.text("Description"),
        address: address(node.at("PostalTradeAddress"), reading),
        contact,
        endpoint: node.at("URIUniversalCommunication/URIID").and_then(identifier),
    })
}

fn address(node: Option<&Node>, reading: &mut Reading) -> Address {
    let Some(node) = node else { return nowhere() };
    Address {
        line1: node.text("LineOne"),
        line2: node.text("LineTwo"),
        line3: node.text("LineThree"),
        postcode: node.text("PostcodeCode"),
        city: node.text("CityName"),
        subdivision: node.text("CountrySubDivisionName"),
        country: reading.country(node.text("CountryID"), "CountryID"),
    }
}

fn payee(node: &Node) -> Option<Payee> {
    let id = node.at("GlobalID").or_else(|| node.at("ID")).and_then(identifier);
    Some(Payee {
        name: node.text("Name")?,
        id,
        legal_id: node.at("SpecifiedLegalOrganization/ID").and_then(identifier),
    })
}

fn ship_to(node: &Node, reading: &mut Reading) -> Option<Delivery> {
    let place = node.at("PostalTradeAddress")?;
    Some(Delivery { name: node.text("Name"), address: address(Some(place), reading) })
}

fn references(agreement: &Node, settlement: &Node, reading: &mut Reading) -> References {
    let preceding = settlement.all("InvoiceReferencedDocument").filter_map(|node| {
        let date = reading.date(node, &format!("FormattedIssueDateTime/{DAY}"));
        Some(Preceding { number: node.text("IssuerAssignedID")?, date })
    });
    let preceding = preceding.collect();
    if let Some(name) = agreement.at("SpecifiedProcuringProject/Name") {
        name.pass();
    }
    References {
        buyer_reference: agreement.text("BuyerReference"),
        purchase_order: agreement.text("BuyerOrderReferencedDocument/IssuerAssignedID"),
        sales_order: agreement.text("SellerOrderReferencedDocument/IssuerAssignedID"),
        contract: agreement.text("ContractReferencedDocument/IssuerAssignedID"),
        project: agreement.text("SpecifiedProcuringProject/ID"),
        preceding,
    }
}

fn payment(settlement: &Node, terms: &Node) -> Vec<PaymentMeans> {
    let creditor = settlement.text("CreditorReferenceID");
    let mandate = terms.text("DirectDebitMandateID");
    let means = |node: &Node| {
        let code = node.text("TypeCode").unwrap_or_default();
        let account = node.at("PayeePartyCreditorFinancialAccount");
        let number = account.and_then(|account| account.text("IBANID").or_else(|| account.text("ProprietaryID")));
        match code.as_str() {
            "10" => PaymentMeans::Cash,
            "20" => PaymentMeans::Cheque,
            "49" | "59" => PaymentMeans::DirectDebit {
                mandate: mandate.clone().unwrap_or_default(),
                creditor_id: creditor.clone().unwrap_or_default(),
                debtor_iban: node.text("PayerPartyDebtorFinancialAccount/IBANID"),
            },
            "48" | "54" | "55" => PaymentMeans::Card {
                last_digits: node.text("ApplicableTradeSettlementFinancialCard/ID").unwrap_or_default(),
                holder: node.text("ApplicableTradeSettlementFinancialCard/CardholderName"),
            },
            _ => match number {
                Some(iban) => PaymentMeans::CreditTransfer {
                    iban,
                    bic: node.text("PayeeSpecifiedCreditorFinancialInstitution/BICID"),
                    account_name: account.and_then(|account| account.text("AccountName")),
                },
                None => PaymentMeans::Other { code, text: node.text("Information") },
            },
        }
    };
    settlement.all("SpecifiedTradeSettlementPaymentMeans").map(means).collect()
}

fn breakdown(node: &Node, reading: &mut Reading) -> VatBreakdown {
    node.text("TypeCode");
    let rate = reading.amount(node, "RateApplicablePercent");
    VatBreakdown {
        category: reading.category(node.text("CategoryCode"), rate),
        rate,
        base: reading.amount(node, "BasisAmount"),
        tax: reading.amount(node, "CalculatedAmount"),
        reason: node.text("ExemptionReason"),
        reason_code: node.text("ExemptionReasonCode"),
    }
}

fn adjustment(node: &Node, reading: &mut Reading) -> Adjustment {
    let charge = node.text("ChargeIndicator/Indicator").is_some_and(|text| text == "true" || text == "1");
    Adjustment {
        direction: if charge { Direction::Charge } else { Direction::Allowance },
        amount: reading.amount(node, "ActualAmount"),
        base: reading.decimal(node, "BasisAmount"),
        percent: reading.decimal(node, "CalculationPercent"),
        reason: node.text("Reason"),
        reason_code: node.text("ReasonCode"),
    }
}

fn document_adjustment(node: &Node, reading: &mut Reading) -> DocumentAdjustment {
    node.text("CategoryTradeTax/TypeCode");
    let rate = reading.amount(node, "CategoryTradeTax/RateApplicablePercent");
    let category = reading.category(node.text("CategoryTradeTax/CategoryCode"), rate);
    DocumentAdjustment { adjustment: adjustment(node, reading), category, rate }
}

fn books(settlement: &Node, currency: kernel::Currency, reading: &mut Reading) -> Option<VatInBooks> {
    let books = settlement.text("TaxCurrencyCode")?.parse().ok().filter(|books| *books != currency)?;
    let summation = settlement.at("SpecifiedTradeSettlementHeaderMonetarySummation")?;
    let total = summation.all("TaxTotalAmount").find(|total| is_of(total, books))?;
    let vat = values::number(&total.value()?);
    if vat.is_none() {
        reading.warn("TaxTotalAmount", "VAT in the accounting currency is no number.".to_owned());
    }
    Some(VatInBooks { currency: books, vat: vat? })
}

fn is_of(amount: &Node, currency: kernel::Currency) -> bool {
    amount.attribute("currencyID").is_some_and(|code| code == currency.code())
}

fn totals(settlement: &Node, currency: kernel::Currency, reading: &mut Reading) -> Totals {
    let empty = Node::default();
    let node = settlement.at("SpecifiedTradeSettlementHeaderMonetarySummation").unwrap_or(&empty);
    let vat =
        node.all("TaxTotalAmount").find(|total| total.attribute("currencyID").is_none() || is_of(total, currency));
    let mut amount = |path: &str| reading.amount(node, path);
    Totals {
        lines: amount("LineTotalAmount"),
        allowances: amount("AllowanceTotalAmount"),
        charges: amount("ChargeTotalAmount"),
        net: amount("TaxBasisTotalAmount"),
        vat: vat.and_then(Node::value).and_then(|text| values::number(&text)).unwrap_or_default(),
        gross: amount("GrandTotalAmount"),
        prepaid: amount("TotalPrepaidAmount"),
        rounding: amount("RoundingAmount"),
        due: amount("DuePayableAmount"),
    }
}

fn line(node: &Node, reading: &mut Reading) -> Line {
    let empty = Node::default();
    let part = |path: &str| node.at(path).unwrap_or(&empty);
    let (product, agreement) = (part("SpecifiedTradeProduct"), part("SpecifiedLineTradeAgreement"));
    let settlement = part("SpecifiedLineTradeSettlement");
    let quantity = part("SpecifiedLineTradeDelivery/BilledQuantity");
    let gross = part("SpecifiedLineTradeAgreement/GrossPriceProductTradePrice");
    let tax = part("SpecifiedLineTradeSettlement/ApplicableTradeTax");
    for known in
        [gross.at("BasisQuantity"), gross.at("AppliedTradeAllowanceCharge/ChargeIndicator"), tax.at("TypeCode")]
    {
        known.into_iter().for_each(Node::pass);
    }
    let rate = reading.amount(tax, "RateApplicablePercent");
    Line {
        id: node.text("AssociatedDocumentLineDocument/LineID").unwrap_or_default(),
        name: product.text("Name").unwrap_or_default(),
        description: product.text("Description"),
        note: node.text("AssociatedDocumentLineDocument/IncludedNote/Content"),
        quantity: reading.amount(node, "SpecifiedLineTradeDelivery/BilledQuantity"),
        unit: quantity.attribute("unitCode").unwrap_or("C62").to_owned(),
        net_price: reading.amount(agreement, "NetPriceProductTradePrice/ChargeAmount"),
        price_base: reading.decimal(agreement, "NetPriceProductTradePrice/BasisQuantity"),
        gross_price: reading.decimal(gross, "ChargeAmount"),
        price_discount: reading.decimal(gross, "AppliedTradeAllowanceCharge/ActualAmount"),
        adjustments: settlement.all("SpecifiedTradeAllowanceCharge").map(|each| adjustment(each, reading)).collect(),
        net: reading.amount(settlement, "SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount"),
        category: reading.category(tax.text("CategoryCode"), rate),
        rate,
        seller_item_id: product.text("SellerAssignedID"),
        buyer_item_id: product.text("BuyerAssignedID"),
        period: period(settlement, reading),
    }
}

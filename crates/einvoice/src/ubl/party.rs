//! Who sells, buys and is paid, and where the supply went.

use crate::xml::Xml;
use crate::{Address, Identifier, Invoice, Party, PaymentMeans};

pub(super) fn write(xml: &mut Xml, invoice: &Invoice) {
    let creditor = invoice.payment.iter().find_map(|means| match means {
        PaymentMeans::DirectDebit { creditor_id, .. } => Some(Identifier::of("SEPA", creditor_id)),
        _ => None,
    });
    let payee_draws = invoice.payee.is_some();
    xml.group("cac:AccountingSupplierParty", |xml| {
        party(xml, &invoice.seller, creditor.as_ref().filter(|_| !payee_draws));
    });
    xml.group("cac:AccountingCustomerParty", |xml| party(xml, &invoice.buyer, None));
    if let Some(payee) = &invoice.payee {
        xml.group("cac:PayeeParty", |xml| {
            for id in payee.id.iter().chain(&creditor) {
                xml.group("cac:PartyIdentification", |xml| xml.id("cbc:ID", id));
            }
            xml.group("cac:PartyName", |xml| xml.text("cbc:Name", &payee.name));
            if let Some(id) = &payee.legal_id {
                xml.group("cac:PartyLegalEntity", |xml| xml.id("cbc:CompanyID", id));
            }
        });
    }
    delivery(xml, invoice);
}

fn party(xml: &mut Xml, party: &Party, creditor: Option<&Identifier>) {
    xml.group("cac:Party", |xml| {
        if let Some(endpoint) = &party.endpoint {
            xml.id("cbc:EndpointID", endpoint);
        }
        for id in party.ids.iter().chain(creditor) {
            xml.group("cac:PartyIdentification", |xml| xml.id("cbc:ID", id));
        }
        if let Some(name) = party.trading_name.as_deref() {
            xml.group("cac:PartyName", |xml| xml.text("cbc:Name", name));
        }
        xml.group("cac:PostalAddress", |xml| address(xml, &party.address));
        for (scheme, id) in [("VAT", &party.vat_id), ("TAX", &party.tax_id)] {
            if let Some(id) = id {
                xml.group("cac:PartyTaxScheme", |xml| {
                    xml.text("cbc:CompanyID", id);
                    xml.group("cac:TaxScheme", |xml| xml.text("cbc:ID", scheme));
                });
            }
        }
        xml.group("cac:PartyLegalEntity", |xml| {
            xml.text("cbc:RegistrationName", &party.name);
            if let Some(id) = &party.legal_id {
                xml.id("cbc:CompanyID", id);
            }
            xml.maybe("cbc:CompanyLegalForm", party.legal_info.as_deref());
        });
        if let Some(contact) = party.contact.as_ref().filter(|contact| !contact.is_empty()) {
            xml.group("cac:Contact", |xml| {
                xml.maybe("cbc:Name", contact.name.as_deref());
                xml.maybe("cbc:Telephone", contact.phone.as_deref());
                xml.maybe("cbc:ElectronicMail", contact.email.as_deref());
            });
        }
    });
}

fn address(xml: &mut Xml, address: &Address) {
    xml.maybe("cbc:StreetName", address.line1.as_deref());
    xml.maybe("cbc:AdditionalStreetName", address.line2.as_deref());
    xml.maybe("cbc:CityName", address.city.as_deref());
    xml.maybe("cbc:PostalZone", address.postcode.as_deref());
    xml.maybe("cbc:CountrySubentity", address.subdivision.as_deref());
    if let Some(line) = address.line3.as_deref() {
        xml.group("cac:AddressLine", |xml| xml.text("cbc:Line", line));
    }
    xml.group("cac:Country", |xml| xml.text("cbc:IdentificationCode", address.country.code()));
}

fn delivery(xml: &mut Xml, invoice: &Invoice) {
    if invoice.delivery.is_none() && invoice.supply_date.is_none() {
        return;
    }
    xml.group("cac:Delivery", |xml| {
        xml.maybe("cbc:ActualDeliveryDate", invoice.supply_date.map(|day| day.to_string()).as_deref());
        let Some(delivery) = &invoice.delivery else { return };
        xml.group("cac:DeliveryLocation", |xml| xml.group("cac:Address", |xml| address(xml, &delivery.address)));
        if let Some(name) = delivery.name.as_deref() {
            xml.group("cac:DeliveryParty", |xml| {
                xml.group("cac:PartyName", |xml| xml.text("cbc:Name", name));
            });
        }
    });
}

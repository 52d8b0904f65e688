//! Who sells: proposals, and the link that a person makes.

use einvoice::Invoice;
use kernel::{Country, Email, EntityId, IncomingInvoiceId, PartyId};
use parties::{Likeness, Party, PartyFields, PartyIdentity, PartyRole};
use platform::{Error, Event, Result, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::model::{IncomingStatus, iban, name_key, siren, siret, vat_number};
use super::store;

/// Why a party may be the supplier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SupplierLikeness {
    /// It has the seller's VAT number.
    VatNumber,
    /// It has the seller's SIREN.
    Siren,
    /// It has the account that is to be paid.
    Iban,
    /// It has the seller's name.
    Name,
}

/// The parties of an entity that may be the seller of an invoice, the likeliest first.
pub async fn propose(tx: &mut Tx, entity: EntityId, invoice: &Invoice) -> Result<Vec<(SupplierLikeness, Party)>> {
    let seller = &invoice.seller;
    let likeness = Likeness {
        vat_number: vat_number(seller),
        siren: siren(seller),
        iban: iban(invoice),
        name: seller.name.trim().to_owned(),
    };
    let found = parties::list_resembling(tx, entity, &likeness).await?;
    let mut proposed: Vec<_> = found.into_iter().map(|party| (why(&party, &likeness), party)).collect();
    proposed.sort_by(|(one, a), (other, b)| (one, a.id).cmp(&(other, b.id)));
    Ok(proposed)
}

fn why(party: &Party, likeness: &Likeness) -> SupplierLikeness {
    let own = &party.fields.identity;
    if likeness.vat_number.is_some() && own.vat_number == likeness.vat_number {
        SupplierLikeness::VatNumber
    } else if likeness.siren.is_some() && own.siren == likeness.siren {
        SupplierLikeness::Siren
    } else if likeness.iban.is_some() && own.iban == likeness.iban {
        SupplierLikeness::Iban
    } else {
        SupplierLikeness::Name
    }
}

/// Says that an invoice is of a party, which becomes a supplier with it.
///
/// Not found out of scope; refused when the party is archived or of another entity, or the invoice was approved or refused.
pub async fn link(tx: &mut Tx, id: IncomingInvoiceId, party: PartyId) -> Result<()> {
    let row = expect_received(tx, id).await?;
    let party = parties::parties::ops::lock_living_party(tx, party).await?;
    if party.entity_id.is_some_and(|entity| entity != row.entity_id) {
        return Err(Error::refused("incoming_supplier_other", "This supplier is of another entity."));
    }
    parties::parties::ops::add_role(tx, &party, PartyRole::Supplier).await?;
    write(tx, &row, &party, false).await
}

/// Creates the supplier of an invoice from what it says of its seller.
///
/// Invalid where what it says cannot be kept; refused when the invoice was approved or refused.
pub async fn create(tx: &mut Tx, id: IncomingInvoiceId) -> Result<()> {
    let row = expect_received(tx, id).await?;
    let (invoice, ..) = store::get_said(tx, id).await?;
    let party = parties::parties::ops::create_supplier(tx, row.entity_id, fields(&invoice)).await?;
    write(tx, &row, &party, true).await
}

async fn expect_received(tx: &mut Tx, id: IncomingInvoiceId) -> Result<store::IncomingRow> {
    let row = store::lock_incoming(tx, id).await?;
    if row.status == IncomingStatus::Received {
        return Ok(row);
    }
    Err(Error::refused("incoming_not_received", "Its supplier is said before it is approved or refused."))
}

async fn write(tx: &mut Tx, row: &store::IncomingRow, party: &Party, created: bool) -> Result<()> {
    store::update_supplier(tx, row.id, party.id).await?;
    let details = json!({ "number": row.number, "supplier": party.code, "created": created });
    let event =
        Event::new("incoming_invoice_linked", "incoming_invoice", row.id).entity(row.entity_id).details(details);
    tx.emit(event.related(party.id));
    Ok(())
}

/// What is kept of a seller. What contradicts itself in the file is left out: a person may add it.
fn fields(invoice: &Invoice) -> PartyFields {
    let seller = &invoice.seller;
    let address = &seller.address;
    let country: Country = address.country.code().parse().unwrap_or_default();
    let text = |text: &Option<String>, most: usize| -> String {
        text.as_deref().unwrap_or_default().trim().chars().take(most).collect()
    };
    let company = siren(seller);
    let vat_number = vat_number(seller).filter(|number| number.siren().is_none() || number.siren() == company);
    let name: String = seller.name.trim().chars().take(200).collect();
    let contact = seller.contact.clone().unwrap_or_default();
    let identity = PartyIdentity {
        legal_name: name.clone(),
        siret: siret(seller).filter(|siret| Some(siret.siren()) == company),
        siren: company,
        vat_number,
        address_line1: text(&address.line1, 120),
        address_line2: text(&address.line2, 120),
        postal_code: text(&address.postcode, 20),
        city: text(&address.city, 80),
        country,
        iban: iban(invoice),
        currency: invoice.currency,
        ..PartyIdentity::default()
    };
    let known = text(&seller.trading_name, 200);
    PartyFields {
        name: if known.is_empty() || name_key(&known) == name_key(&name) { name } else { known },
        contact_name: text(&contact.name, 200),
        email: contact.email.and_then(|email| email.trim().parse::<Email>().ok()),
        phone: text(&contact.phone, 40),
        identity: identity.without_odd_address(),
        ..PartyFields::default()
    }
}

//! What a caller writes of a document, and how it becomes a [`Draft`]: what he leaves out follows from the customer, the
//! catalogue and the entity.

use kernel::{Currency, Date, DocumentId, Language, PartyId, Supply, Week};
use ledger::Role;
use parties::Party;
use parties::rules::vat::{self, VatCase};
use parties::rules::vat_reasons::find_reason;
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::IgnoredAny;
use utoipa::ToSchema;

use super::billed::Billed;
use super::draft::{DocumentText, Draft, DraftLine};
use super::model::{Direction, DocumentKind, LineKind, Origin, PayMethod};
use super::ops;
use super::store::DocumentRow;
use super::totals::Discount;
use super::vat::LineVat;
use crate::house::House;

/// A document to write. What is left out follows from the customer and the entity.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteDocument {
    /// The entity that issues it, by code; needed where several are in scope. Not changed afterwards.
    pub entity: Option<String>,
    /// Its kind; an invoice unless told. Not changed afterwards. A credit note is written from its invoice.
    pub kind: Option<DocumentKind>,
    /// The customer.
    #[serde(alias = "client_id")]
    pub party_id: PartyId,
    /// The currency; the customer's unless told.
    pub currency: Option<Currency>,
    /// The language of its page; the customer's unless told.
    pub language: Option<Language>,
    /// What it is about, in a line.
    #[serde(default, alias = "description")]
    pub subject: String,
    /// What is printed under it.
    #[serde(default)]
    pub notes: String,
    /// What only the house reads.
    #[serde(default)]
    pub internal_notes: String,
    /// The customer's order number.
    #[serde(default)]
    pub purchase_order: String,
    /// The contract.
    #[serde(default)]
    pub contract: String,
    /// The first day of the supply, when it took several.
    pub supply_from: Option<Date>,
    /// The day of the supply, or its last one; the day of issue unless told.
    pub supply_to: Option<Date>,
    /// Until when an offer stands; 30 days after it was sent unless told.
    pub valid_until: Option<Date>,
    /// Days it may take to pay; the customer's unless told.
    pub payment_terms_days: Option<i32>,
    /// How it is to be paid; by transfer unless told.
    pub payment_method: Option<PayMethod>,
    /// What is taken off the whole.
    #[serde(default)]
    pub discount: Discount,
    /// Why.
    #[serde(default)]
    pub discount_reason: String,
    /// What is billed.
    #[serde(default, alias = "line_items")]
    pub lines: Vec<WriteLine>,
    /// The net amount of an invoice without lines: one line that bears its subject.
    pub amount_ht: Option<Decimal>,
    /// Deposit invoices to take off.
    #[serde(default)]
    pub deposits: Vec<DocumentId>,
    /// Given by the service: whatever is sent is ignored, as all that follows is (F-07).
    #[serde(default, rename = "number")]
    #[schema(ignore)]
    pub ignored_number: IgnoredAny,
    /// Ignored.
    #[serde(default, rename = "status")]
    #[schema(ignore)]
    pub ignored_status: IgnoredAny,
    /// Ignored.
    #[serde(default, rename = "net")]
    #[schema(ignore)]
    pub ignored_net: IgnoredAny,
    /// Ignored.
    #[serde(default, rename = "vat")]
    #[schema(ignore)]
    pub ignored_vat: IgnoredAny,
    /// Ignored.
    #[serde(default, rename = "gross")]
    #[schema(ignore)]
    pub ignored_gross: IgnoredAny,
}

/// A line to write.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteLine {
    /// What stands on it; what the item is, or a service, unless told.
    pub kind: Option<LineKind>,
    /// The item of the catalogue, by code: what is left out is taken from it.
    pub item: Option<String>,
    /// What was sold, in a line.
    #[serde(alias = "label")]
    pub name: Option<String>,
    /// What was sold, at length.
    #[serde(default)]
    pub description: Option<String>,
    /// How many; one unless told.
    #[serde(alias = "qty")]
    pub quantity: Option<Decimal>,
    /// The unit, a code of `/api/units`.
    pub unit_code: Option<String>,
    /// The price of one without VAT; below zero on a discount.
    #[serde(alias = "unit_price_ht")]
    pub unit_price: Option<Decimal>,
    /// What is taken off the line, in percent.
    #[serde(default)]
    pub discount_pct: Decimal,
    /// Its VAT; what follows from the customer and the item unless told.
    pub vat: Option<LineVat>,
    /// The rate of its VAT in percent, the rest of which follows.
    pub vat_rate: Option<Decimal>,
    /// Why its rate is not the usual one: a known reason, or a sentence.
    #[serde(default)]
    pub vat_reason: String,
    /// The role of the account its revenue is booked on. Of a deposit invoice it is `customer_deposits`, whatever is said here.
    pub revenue_role: Option<String>,
    /// The first day of its supply.
    pub supply_from: Option<Date>,
    /// The last day of its supply.
    pub supply_to: Option<Date>,
    /// What was done or consumed that it bills, of an invoice to a customer: each thing is billed once in an entity, until
    /// the invoice is thrown away or taken back as a whole. Who bills it again is refused with `already_billed`.
    #[serde(default)]
    pub bills: Vec<Billed>,
    /// Computed by the service: whatever is sent is ignored (F-07).
    #[serde(default, rename = "net")]
    #[schema(ignore)]
    pub ignored_net: IgnoredAny,
}

/// The draft that a caller wrote.
///
/// Not found when the customer or an item is; invalid where a field is.
pub async fn resolve(tx: &mut Tx, house: &House, command: WriteDocument) -> Result<Draft> {
    let party = parties::get_party(tx, command.party_id).await?;
    if party.entity_id.is_some_and(|entity| entity != house.entity) {
        return Err(Error::invalid("party_id", "is a customer of another entity"));
    }
    let kind = command.kind.unwrap_or(DocumentKind::Invoice);
    if kind == DocumentKind::CreditNote {
        return Err(Error::invalid("kind", "a credit note is written from its invoice"));
    }
    let language = command.language.unwrap_or(party.fields.identity.language);
    let currency = command.currency.unwrap_or(party.fields.identity.currency);
    let mut lines = Vec::with_capacity(command.lines.len());
    for (at, line) in command.lines.into_iter().enumerate() {
        lines.push(resolve_line(tx, (house, &party, language, currency), at, line).await?);
    }
    if let (Some(amount), true) = (command.amount_ht, lines.is_empty()) {
        let name = if command.subject.trim().is_empty() { "Prestation".to_owned() } else { command.subject.clone() };
        let vat =
            line_vat((house, &party, language), Supply::Service, (party.fields.vat_rate, None, String::new()), 0)?;
        lines.push(DraftLine::service(name, Decimal::ONE, amount, vat));
    }
    book_deposits(kind, &mut lines);
    let mut draft = Draft {
        entity: house.entity,
        kind,
        direction: Direction::Sale,
        origin: Origin::Manual,
        party_id: party.id,
        original_id: None,
        source_id: None,
        version: 1,
        currency,
        language,
        text: DocumentText {
            subject: command.subject,
            notes: command.notes,
            internal_notes: command.internal_notes,
            purchase_order: command.purchase_order,
            contract: command.contract,
            discount_reason: command.discount_reason,
        },
        supply_from: command.supply_from,
        supply_to: command.supply_to,
        week: None::<Week>,
        valid_until: command.valid_until,
        payment_terms_days: command.payment_terms_days.unwrap_or(party.fields.payment_terms_days),
        payment_method: command.payment_method.unwrap_or(PayMethod::Transfer),
        discount: command.discount,
        lines,
    };
    for deposit in command.deposits {
        let taken_off = ops::deposit_lines(tx, &draft, deposit).await?;
        draft.lines.extend(taken_off);
    }
    Ok(draft)
}

/// A stored draft as a caller writes it anew: what it was made from stays.
///
/// Not found when the customer or an item is; invalid where a field is, and when its kind would change.
pub async fn revise(tx: &mut Tx, house: &House, row: &DocumentRow, command: WriteDocument) -> Result<Draft> {
    let command = WriteDocument { kind: Some(command.kind.unwrap_or(row.kind)), ..command };
    if command.kind != Some(row.kind) {
        return Err(Error::invalid("kind", "is not changed: write another document"));
    }
    if row.kind != DocumentKind::CreditNote {
        let draft = resolve(tx, house, command).await?;
        let week = row.week.map(Week::of);
        return Ok(Draft { origin: row.origin, source_id: row.source_id, version: row.version, week, ..draft });
    }
    let before = ops::of_row(tx, row).await?;
    let mut lines = resolve_lines(tx, house, (row.party_id, before.language, row.currency), command.lines).await?;
    book_deposits(row.kind, &mut lines);
    let text = DocumentText { notes: command.notes, internal_notes: command.internal_notes, ..before.text.clone() };
    Ok(Draft { lines, text, discount: command.discount, ..before })
}

/// The lines that a caller wrote, for a customer.
///
/// Not found when the customer or an item is; invalid where a field is.
pub async fn resolve_lines(
    tx: &mut Tx,
    house: &House,
    of: (PartyId, Language, Currency),
    lines: Vec<WriteLine>,
) -> Result<Vec<DraftLine>> {
    let (party, language, currency) = of;
    let party = parties::get_party(tx, party).await?;
    let mut resolved = Vec::with_capacity(lines.len());
    for (at, line) in lines.into_iter().enumerate() {
        resolved.push(resolve_line(tx, (house, &party, language, currency), at, line).await?);
    }
    Ok(resolved)
}

async fn resolve_line(
    tx: &mut Tx,
    (house, party, language, currency): (&House, &Party, Language, Currency),
    at: usize,
    line: WriteLine,
) -> Result<DraftLine> {
    let field = |name: &str| format!("lines.{at}.{name}");
    let item = match line.item.as_deref().map(str::trim).filter(|code| !code.is_empty()) {
        Some(code) => {
            let found = catalog::store::find_item(tx, code).await?;
            Some(found.ok_or_else(|| Error::invalid(field("item"), "there is no such product in the catalogue"))?)
        }
        None => None,
    };
    let of_item = item.as_ref();
    let supply = of_item.map_or(Supply::Service, |item| item.kind);
    let kind = line.kind.unwrap_or(match supply {
        Supply::Service => LineKind::Service,
        Supply::Goods => LineKind::Goods,
    });
    let name = line.name.or_else(|| of_item.map(|item| item.name.clone()));
    let price = match (line.unit_price, of_item) {
        (Some(price), _) => price,
        (None, Some(item)) => {
            let price = catalog::price_on(tx, item.id, house.today, currency).await?;
            price
                .map(|price| price.amount)
                .ok_or_else(|| Error::invalid(field("unit_price"), "the item has no price in this currency"))?
        }
        (None, None) => return Err(Error::invalid(field("unit_price"), "is needed")),
    };
    let unit_code =
        line.unit_code.or_else(|| of_item.map(|item| item.unit_code.clone())).unwrap_or_else(|| "C62".to_owned());
    if catalog::find_unit(&unit_code).is_none() {
        return Err(Error::invalid(field("unit_code"), "is no unit that is known"));
    }
    let vat = if let Some(vat) = line.vat {
        vat
    } else {
        let rate = line.vat_rate.or_else(|| of_item.map(|item| item.vat_rate)).unwrap_or(party.fields.vat_rate);
        let category = of_item.filter(|_| line.vat_rate.is_none()).map(|item| item.vat_category);
        let of_item = of_item.map(|item| item.vat_reason.clone()).filter(|_| line.vat_reason.is_empty());
        let reason = of_item.unwrap_or(line.vat_reason);
        line_vat((house, party, language), supply, (rate, category, reason), at)?
    };
    let role = line.revenue_role.or_else(|| of_item.map(|item| item.revenue_role.clone()));
    let revenue = match role {
        Some(word) => {
            Role::of(&word).ok_or_else(|| Error::invalid(field("revenue_role"), "is no role of the books"))?
        }
        None => usual_role(kind),
    };
    Ok(DraftLine {
        kind,
        item_code: item.as_ref().map(|item| item.code.clone()).unwrap_or_default(),
        name: name.unwrap_or_default(),
        description: line.description.or_else(|| item.map(|item| item.description)).unwrap_or_default(),
        quantity: line.quantity.unwrap_or(Decimal::ONE),
        unit_code,
        unit_price: price,
        discount_pct: line.discount_pct,
        vat,
        revenue,
        account: None,
        supply_from: line.supply_from,
        supply_to: line.supply_to,
        bills: line.bills,
    })
}

/// The VAT of a line by the law (spec/field.md 5.6): what its customer, its rate and what is sold make of it.
fn line_vat(
    (house, party, language): (&House, &Party, Language),
    supply: Supply,
    (rate, category, reason): (Decimal, Option<kernel::VatCategory>, String),
    at: usize,
) -> Result<LineVat> {
    // A reason that the law knows says of what kind a line without VAT is.
    let of_reason = || find_reason(&reason).filter(|_| rate.is_zero()).map(|known| known.category);
    let category = category.or_else(of_reason);
    let case = VatCase::between(&house.legal, party, vat::VatLine { supply, rate, category, reason });
    let treated = vat::treatment(&case);
    let treated =
        treated.map_err(|refusal| Error::invalid(format!("lines.{at}.{}", refusal.field()), refusal.to_string()))?;
    Ok(LineVat {
        category: treated.code,
        rate: treated.rate,
        reason: match language {
            Language::Fr => treated.reason_fr,
            Language::En => treated.reason_en,
        },
        reason_code: treated.vatex,
    })
}

/// The account that the revenue of a line goes to unless told (spec/field.md 5.9).
pub const fn usual_role(kind: LineKind) -> Role {
    match kind {
        LineKind::Goods | LineKind::Parts | LineKind::Equipment => Role::SalesGoods,
        LineKind::Travel => Role::SalesTravel,
        LineKind::Deposit => Role::CustomerDeposits,
        LineKind::Service | LineKind::Labor | LineKind::Discount | LineKind::Other => Role::SalesServices,
    }
}

/// What is billed in advance is owed to the customer until it is delivered, whatever it is for (PCG 4191): the final invoice takes
/// it off there.
fn book_deposits(kind: DocumentKind, lines: &mut [DraftLine]) {
    if kind == DocumentKind::DepositInvoice {
        for line in lines {
            line.revenue = Role::CustomerDeposits;
        }
    }
}

/// The VAT of a service sold to a party, by the law: for documents that other modules write.
///
/// Invalid when its rate, its category and its country do not go together.
pub fn service_vat(house: &House, party: &Party, language: Language) -> Result<LineVat> {
    line_vat((house, party, language), Supply::Service, (party.fields.vat_rate, None, String::new()), 0)
}

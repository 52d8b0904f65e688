//! Invoices between entities: a sale in the books of who owned the leads, the same purchase in the books of who sold them
//! (spec 5.11). An invoice is the sum of its transfers, always (L-33); what is taken back later is credited the same way.

use std::collections::BTreeMap;

use billing::documents::draft::{DocumentText, Draft, DraftLine};
use billing::documents::issue::{Purchase, enter_purchase, issue};
use billing::documents::model::{Direction, DocumentKind, Origin, PayMethod};
use billing::documents::totals::Discount;
use billing::documents::vat::LineVat;
use billing::documents::{ops as drafts, store as documents};
use kernel::{DocumentId, EntityId, Language, PartyId, TransferId, VatCode, Week};
use ledger::Role;
use parties::{Kind, NewParty, PartyFields, PartyIdentity, PartyRole};
use platform::setting::Setting;
use platform::tenancy::legal::Legal;
use platform::{Ctx, Error, Result, Tx};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::PendingTransfer;
use super::{ops, store};

/// On which terms entities invoice each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct IntercompanyTerms {
    /// VAT in percent: zero as long as the tenant says so (spec, appendix B).
    pub vat_rate: Decimal,
    /// Why no VAT is charged, printed on the invoice.
    pub vat_reason: String,
    /// Days to pay.
    pub payment_terms_days: i32,
}

impl Default for IntercompanyTerms {
    fn default() -> Self {
        Self {
            vat_rate: Decimal::ZERO,
            vat_reason: "Opération interne à un groupe TVA, non soumise à la taxe (CGI art. 256 C)".to_owned(),
            payment_terms_days: 30,
        }
    }
}

impl Setting for IntercompanyTerms {
    const KEY: &'static str = "leads.intercompany_terms";
}

impl IntercompanyTerms {
    /// What is wrong with them, as field and sentence.
    pub fn refusal(&self) -> Option<(&'static str, &'static str)> {
        if !(0..=365).contains(&self.payment_terms_days) {
            return Some(("payment_terms_days", "must lie between 0 and 365"));
        }
        let refusal = self.vat().refusal(Decimal::from(20));
        refusal.map(|(field, why)| (if field == "rate" { "vat_rate" } else { "vat_reason" }, why))
    }

    fn vat(&self) -> LineVat {
        let category = if self.vat_rate.is_zero() { VatCode::E } else { VatCode::S };
        LineVat { category, rate: self.vat_rate, reason: self.vat_reason.clone(), reason_code: None }
    }
}

/// What was invoiced between entities.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct IntercompanyRun {
    /// How many invoices were issued.
    pub invoices_created: usize,
    /// The invoices and credit notes.
    pub invoices: Vec<IntercompanyInvoice>,
    /// What could not be invoiced, and why: its transfers stay pending.
    pub errors: Vec<IntercompanyFailure>,
}

/// An invoice or a credit note between entities.
#[derive(Debug, Serialize, ToSchema)]
pub struct IntercompanyInvoice {
    /// Who is owed, by code.
    pub from: String,
    /// Who owes, by code.
    pub to: String,
    /// The week.
    pub week: Week,
    /// The sale.
    pub document_id: DocumentId,
    /// The same in the other books.
    pub mirror_id: DocumentId,
    /// Its number.
    pub number: String,
    /// Without VAT; positive on a credit note too.
    pub amount: Decimal,
    /// Whether it takes back.
    pub is_credit: bool,
}

/// Why a direction and week could not be invoiced.
#[derive(Debug, Serialize, ToSchema)]
pub struct IntercompanyFailure {
    /// Who is owed, by code.
    pub from: String,
    /// Who owes, by code.
    pub to: String,
    /// The week.
    pub week: Week,
    /// The reason, as a word.
    pub code: String,
    /// The same in a sentence.
    pub message: String,
}

/// Invoices what is pending up to a week, each direction and week in a transaction of its own. `owner` narrows it to what one
/// entity is owed.
pub async fn invoice_until(ctx: &Ctx, until: Week, owner: Option<EntityId>) -> Result<IntercompanyRun> {
    let weeks = {
        let mut tx = ctx.begin().await?;
        tx.across_entities().await?;
        ops::pending_weeks(&mut tx, until).await?
    };
    let entities: Vec<_> = ctx.tenant().entities.iter().map(|entity| entity.id).collect();
    let mut run = IntercompanyRun::default();
    for week in weeks {
        for from in entities.iter().filter(|from| owner.is_none_or(|owner| owner == **from)) {
            for to in entities.iter().filter(|to| *to != from) {
                let mut tx = ctx.begin().await?;
                tx.across_entities().await?;
                match invoice_direction(&mut tx, *from, *to, week).await {
                    Ok(invoices) => {
                        tx.commit().await?;
                        run.invoices.extend(invoices);
                    }
                    Err(error) => run.errors.push(IntercompanyFailure {
                        from: ctx.entity_code(*from).to_owned(),
                        to: ctx.entity_code(*to).to_owned(),
                        week,
                        code: error.code().to_owned(),
                        message: error.told(),
                    }),
                }
            }
        }
    }
    run.invoices_created = run.invoices.iter().filter(|invoice| !invoice.is_credit).count();
    Ok(run)
}

/// Invoices what is pending of a direction and week; what takes back an invoiced unit becomes a credit note over its invoice.
/// Nothing when nothing is pending. All entities are in scope.
pub async fn invoice_direction(
    tx: &mut Tx,
    from: EntityId,
    to: EntityId,
    week: Week,
) -> Result<Vec<IntercompanyInvoice>> {
    let pending = ops::lock_pending(tx, from, to, week).await?;
    if pending.is_empty() {
        return Ok(Vec::new());
    }
    let pair = Pair::open(tx, from, to, week).await?;
    let mut owed = Vec::new();
    let mut taken_back: BTreeMap<DocumentId, Vec<&PendingTransfer>> = BTreeMap::new();
    for transfer in &pending {
        match transfer.credit_of_document {
            Some(original) => taken_back.entry(original).or_default().push(transfer),
            None => owed.push(transfer),
        }
    }
    let mut invoices = Vec::new();
    if !owed.is_empty() {
        invoices.push(pair.settle(tx, &owed, None).await?);
    }
    for (original, transfers) in taken_back {
        invoices.push(pair.settle(tx, &transfers, Some(original)).await?);
    }
    Ok(invoices)
}

/// Two entities that settle a week.
struct Pair {
    from: EntityId,
    to: EntityId,
    week: Week,
    /// Who stands for the other in the books of who is owed, and of who owes.
    buyer: PartyId,
    seller: PartyId,
    terms: IntercompanyTerms,
}

impl Pair {
    async fn open(tx: &mut Tx, from: EntityId, to: EntityId, week: Week) -> Result<Self> {
        let terms = tx.setting::<IntercompanyTerms>().await?;
        let buyer = counterpart(tx, from, to, PartyRole::Customer).await?;
        let seller = counterpart(tx, to, from, PartyRole::Supplier).await?;
        Ok(Self { from, to, week, buyer, seller, terms })
    }

    /// Issues the sale, enters the purchase, and ties both to their transfers.
    async fn settle(
        &self,
        tx: &mut Tx,
        transfers: &[&PendingTransfer],
        original: Option<DocumentId>,
    ) -> Result<IntercompanyInvoice> {
        let mirror_of_original = match original {
            Some(id) => documents::get_document(tx, id).await?.mirror_id,
            None => None,
        };
        let lines = self.lines(transfers);
        let sale = self.draft(Direction::Sale, original, lines.clone());
        let purchase = self.draft(Direction::Purchase, mirror_of_original, lines);
        let sale = drafts::create_draft(tx, &sale).await?;
        let purchase = drafts::create_draft(tx, &purchase).await?;
        drafts::pair(tx, sale.id, purchase.id).await?;
        let issued = issue(tx, &[sale.id], None).await?.pop().ok_or_else(|| Error::not_found("document"))?;
        let document = documents::get_document(tx, sale.id).await?;
        let issue_on = document.issue_on.ok_or_else(|| Error::not_found("document"))?;
        let entered = Purchase {
            id: purchase.id,
            number: issued.number.clone(),
            issue_on,
            due_on: document.due_on,
            booked_on: None,
            self_assessed_rate: None,
        };
        enter_purchase(tx, &entered).await?;
        let ids: Vec<TransferId> = transfers.iter().map(|transfer| transfer.id).collect();
        ops::mark_invoiced(tx, &ids, sale.id).await?;
        Ok(IntercompanyInvoice {
            from: tx.ctx().entity_code(self.from).to_owned(),
            to: tx.ctx().entity_code(self.to).to_owned(),
            week: self.week,
            document_id: sale.id,
            mirror_id: purchase.id,
            number: issued.number,
            amount: sale.totals.net,
            is_credit: original.is_some(),
        })
    }

    /// A line for each product and price (L-34).
    fn lines(&self, transfers: &[&PendingTransfer]) -> Vec<DraftLine> {
        let mut groups: BTreeMap<(&str, Decimal), (&str, u32)> = BTreeMap::new();
        for transfer in transfers {
            let group = groups.entry((&transfer.product, transfer.unit_price.normalize()));
            group.or_insert((&transfer.product_name, 0)).1 += transfer.units.unsigned_abs();
        }
        let line = |((product, price), (name, units)): ((&str, Decimal), (&str, u32))| DraftLine {
            item_code: product.to_owned(),
            ..DraftLine::service(format!("Leads {name} – {}", self.week), Decimal::from(units), price, self.terms.vat())
        };
        groups.into_iter().map(line).collect()
    }

    fn draft(&self, direction: Direction, original: Option<DocumentId>, lines: Vec<DraftLine>) -> Draft {
        let (entity, party_id, role) = match direction {
            Direction::Sale => (self.from, self.buyer, Role::IntercompanySales),
            Direction::Purchase => (self.to, self.seller, Role::IntercompanyPurchases),
        };
        Draft {
            entity,
            kind: if original.is_some() { DocumentKind::CreditNote } else { DocumentKind::Invoice },
            direction,
            origin: Origin::Intercompany,
            party_id,
            original_id: original,
            source_id: None,
            version: 1,
            currency: kernel::Currency::EUR,
            language: Language::Fr,
            text: DocumentText::default(),
            supply_from: Some(self.week.monday()),
            supply_to: Some(self.week.sunday()),
            week: Some(self.week),
            valid_until: None,
            payment_terms_days: self.terms.payment_terms_days,
            payment_method: PayMethod::Transfer,
            discount: Discount::None,
            lines: lines.into_iter().map(|line| DraftLine { revenue: role, ..line }).collect(),
        }
    }
}

/// The party that stands for an entity in the books of another, as its legal identity says it is now.
async fn counterpart(tx: &mut Tx, entity: EntityId, other: EntityId, role: PartyRole) -> Result<PartyId> {
    let legal = platform::tenancy::legal::legal(tx, other).await?;
    let code = tx.ctx().entity_code(other).to_owned();
    let wanted = identity(&legal);
    if let Some(id) = store::find_counterpart(tx, entity, other).await? {
        let party = parties::lock_party(tx, id).await?;
        let fields = PartyFields { identity: wanted, email: legal.email.clone(), ..party.fields.clone() };
        if fields != party.fields {
            parties::parties::ops::update_party(tx, id, fields).await?;
        }
        return Ok(id);
    }
    let fields = PartyFields {
        name: legal.legal_name.clone().unwrap_or_else(|| code.clone()),
        email: legal.email.clone(),
        identity: wanted,
        ..PartyFields::default()
    };
    let roles = match role {
        PartyRole::Supplier => vec![PartyRole::Supplier, PartyRole::Customer],
        PartyRole::Buyer | PartyRole::Customer => vec![PartyRole::Customer, PartyRole::Supplier],
    };
    let new = NewParty { entity_id: Some(entity), kind: Kind::Organisation, roles, code: None, fields };
    let party = parties::parties::ops::insert_new_party(tx, new).await?;
    store::insert_counterpart(tx, entity, other, party.id).await?;
    Ok(party.id)
}

fn identity(legal: &Legal) -> PartyIdentity {
    PartyIdentity {
        legal_name: legal.legal_name.clone().unwrap_or_default(),
        registration_number: legal.registration_number.clone().unwrap_or_default(),
        siren: legal.siren.clone(),
        siret: legal.siret.clone(),
        vat_number: legal.vat_number.clone(),
        language: legal.language,
        address_line1: legal.address.line1.clone(),
        address_line2: legal.address.line2.clone(),
        postal_code: legal.address.postal_code.clone(),
        city: legal.address.city.clone(),
        country: legal.address.country.clone(),
        electronic_address: legal.electronic_address().map(|(_, address)| address.to_owned()),
        electronic_scheme: legal.electronic_address().map(|(scheme, _)| scheme.to_owned()),
        iban: legal.iban.clone(),
        currency: legal.currency(),
        ..PartyIdentity::default()
    }
}

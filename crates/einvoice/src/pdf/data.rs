//! From a document to the texts of its page.

use serde::Serialize;

use super::figures::{amount, date, iban, money, number, percent};
use super::place;
use super::words::{self, More, Words};
use super::{Language, Presentation};
use crate::{
    Adjustment, Direction, Invoice, Kind, Line, Party, PaymentMeans, Period, VatBreakdown, VatCategory, scheme,
};

/// What the template reads.
#[derive(Serialize)]
pub(super) struct Page {
    language: &'static str,
    title: String,
    pub(super) author: String,
    subject: String,
    accent: String,
    accent_ink: String,
    on_accent: &'static str,
    logo: Option<String>,
    xml: bool,
    words: &'static Words,
    heading: &'static str,
    number: String,
    warning: Option<&'static str>,
    statement: Option<String>,
    seller: Vec<String>,
    buyer: Vec<String>,
    buyer_ids: Vec<String>,
    facts: Vec<Fact>,
    intro: Option<String>,
    amount_heading: String,
    lines: Vec<Row>,
    vat: Vec<Vat>,
    totals: Vec<Fact>,
    due: Due,
    payment: Vec<Fact>,
    signature: bool,
    closing: Option<String>,
    terms: Vec<String>,
    mentions: Vec<String>,
    /// What the mentions need below the first line of them, in millimetres.
    mention_height: usize,
}

#[derive(Serialize)]
struct Fact {
    label: String,
    value: String,
    strong: bool,
}

#[derive(Serialize)]
struct Row {
    name: String,
    details: Vec<String>,
    quantity: String,
    unit: String,
    price: String,
    vat: String,
    net: String,
    /// The sum of the lines up to this one.
    carried: String,
    /// Whether it may run over a page's end, for it could be longer than a page.
    breakable: bool,
}

#[derive(Serialize)]
struct Vat {
    rate: String,
    base: String,
    tax: String,
    reason: Option<String>,
}

#[derive(Serialize)]
struct Due {
    label: &'static str,
    value: String,
    under: Option<String>,
}

/// Mentions beyond this many characters go with the terms, for the foot of a page must leave room above it.
const MOST_MENTIONS: usize = 1500;
/// What fits on a line of the foot, cautiously.
const MENTIONS_PER_LINE: usize = 112;
/// A line with more text than this could fill most of a page.
const LONG_LINE: usize = 1200;

pub(super) fn page(invoice: &Invoice, look: &Presentation) -> Page {
    let scribe = Scribe { invoice, language: look.language, words: Words::of(look.language) };
    let heading = words::heading(invoice.kind, look.language);
    let (mentions, rest) = mentions(look);
    let written: usize = mentions.iter().map(|mention| mention.chars().count() + 3).sum();
    let statement = scribe.statement();
    Page {
        language: look.language.code(),
        title: format!("{heading} {}", invoice.number),
        author: invoice.seller.name.clone(),
        subject: format!("{heading} {} – {}", invoice.number, invoice.buyer.name),
        accent: look.accent.hex(),
        accent_ink: look.accent.as_ink().hex(),
        on_accent: look.accent.text_on_it(),
        logo: look.logo.as_ref().map(|logo| format!("logo.{}", logo.extension)),
        xml: invoice.kind.is_fiscal(),
        words: scribe.words,
        heading,
        number: invoice.number.clone(),
        warning: words::warning(invoice.kind, look.language),
        statement,
        seller: scribe.seller(),
        buyer: place::label(&invoice.buyer, invoice.seller.address.country, look.language),
        buyer_ids: scribe.buyer_ids(),
        facts: scribe.facts(),
        intro: look.intro.clone(),
        amount_heading: format!("{} ({})", scribe.more().amount, super::figures::symbol(invoice.currency)),
        lines: scribe.rows(),
        vat: invoice.vat.iter().map(|vat| scribe.vat(vat)).collect(),
        totals: scribe.totals(),
        due: scribe.due(),
        payment: scribe.payment(),
        signature: invoice.kind == Kind::Quote,
        closing: look.closing.clone(),
        terms: scribe.terms(&mentions).chain(rest).collect(),
        mention_height: written.div_ceil(MENTIONS_PER_LINE).saturating_sub(1) * 3,
        mentions,
    }
}

/// The mentions that fit the foot of a page, and the others.
fn mentions(look: &Presentation) -> (Vec<String>, Vec<String>) {
    let mut written = 0;
    look.mentions.iter().filter(|mention| !mention.trim().is_empty()).cloned().partition(|mention| {
        written += mention.chars().count();
        written <= MOST_MENTIONS
    })
}

struct Scribe<'a> {
    invoice: &'a Invoice,
    language: Language,
    words: &'static Words,
}

impl Scribe<'_> {
    fn more(&self) -> &'static More {
        &self.words.more
    }

    fn money(&self, value: rust_decimal::Decimal) -> String {
        money(value, self.invoice.currency, self.language)
    }

    fn amount(&self, value: rust_decimal::Decimal) -> String {
        amount(value, self.invoice.currency, self.language)
    }

    fn date(&self, day: kernel::Date) -> String {
        date(day, self.language)
    }

    fn period(&self, period: Period) -> String {
        match (period.start.map(|day| self.date(day)), period.end.map(|day| self.date(day))) {
            (Some(start), Some(end)) => format!("{start} – {end}"),
            (Some(day), None) | (None, Some(day)) => day,
            (None, None) => String::new(),
        }
    }

    /// A credit note names what it credits, a corrected invoice what it replaces (field 5.7).
    fn statement(&self) -> Option<String> {
        let preceding = &self.invoice.references.preceding;
        let named = |each: &crate::Preceding| match each.date {
            Some(day) => format!("{} {} {} {}", self.more().no, each.number, self.more().of, self.date(day)),
            None => format!("{} {}", self.more().no, each.number),
        };
        let all = preceding.iter().map(named).collect::<Vec<_>>().join(", ");
        let about = words::about_preceding(self.invoice.kind, self.language);
        (!preceding.is_empty()).then(|| format!("{about} {all}"))
    }

    fn seller(&self) -> Vec<String> {
        let seller = &self.invoice.seller;
        let contact = seller.contact.as_ref();
        let mut lines = place::address(&seller.address, self.invoice.buyer.address.country, self.language);
        lines.extend(joined([contact.and_then(|c| c.phone.clone()), contact.and_then(|c| c.email.clone())]));
        lines.extend(joined(self.numbers(seller)));
        lines
    }

    fn buyer_ids(&self) -> Vec<String> {
        self.numbers(&self.invoice.buyer).into_iter().flatten().collect()
    }

    /// The closest registration that is known, and the VAT number.
    fn numbers(&self, party: &Party) -> [Option<String>; 2] {
        let registered = [(scheme::SIRET, "SIRET"), (scheme::SIREN, "SIREN")]
            .into_iter()
            .find_map(|(scheme, name)| Some(format!("{name} {}", party.id_of(scheme)?)));
        let vat = party.vat_id.as_ref().map(|id| format!("{} {id}", self.more().vat_number));
        [registered, vat]
    }

    fn facts(&self) -> Vec<Fact> {
        let (invoice, more, refs) = (self.invoice, self.more(), &self.invoice.references);
        let place = |delivery: &crate::Delivery| {
            let lines = place::address(&delivery.address, invoice.seller.address.country, self.language);
            delivery.name.iter().cloned().chain(lines).collect::<Vec<_>>().join(", ")
        };
        [
            (more.date, Some(self.date(invoice.issue_date)), true),
            (more.due, invoice.due_date.filter(|_| invoice.kind.is_fiscal()).map(|day| self.date(day)), true),
            (more.valid_until, invoice.valid_until.map(|day| self.date(day)), true),
            (more.supply, invoice.supply_date.map(|day| self.date(day)), false),
            (more.period, invoice.period.map(|period| self.period(period)), false),
            (more.purchase_order, refs.purchase_order.clone(), false),
            (more.contract, refs.contract.clone(), false),
            (more.project, refs.project.clone(), false),
            (more.buyer_reference, refs.buyer_reference.clone(), false),
            (more.contact, invoice.seller.contact.as_ref().and_then(|contact| contact.name.clone()), false),
            (more.delivered_to, invoice.delivery.as_ref().map(place), false),
        ]
        .into_iter()
        .filter_map(|(label, value, strong)| Some(fact(label, value.filter(|value| !value.is_empty())?, strong)))
        .collect()
    }

    fn rows(&self) -> Vec<Row> {
        let mut sum = rust_decimal::Decimal::ZERO;
        let mut row = |line: &Line| {
            sum += line.net;
            let details = self.details(line);
            let written: usize = details.iter().map(String::len).sum();
            Row {
                name: line.name.clone(),
                breakable: written + line.name.len() > LONG_LINE,
                details,
                quantity: number(line.quantity, 0, self.language),
                unit: words::unit(&line.unit, self.language).to_owned(),
                price: self.price(line),
                vat: if line.category == VatCategory::O { "–".to_owned() } else { percent(line.rate, self.language) },
                net: self.amount(line.net),
                carried: self.amount(sum),
            }
        };
        self.invoice.lines.iter().map(&mut row).collect()
    }

    fn price(&self, line: &Line) -> String {
        let price = self.amount(line.net_price);
        match line.price_base.filter(|base| *base != rust_decimal::Decimal::ONE) {
            Some(base) => format!("{price} / {}", number(base, 0, self.language)),
            None => price,
        }
    }

    fn details(&self, line: &Line) -> Vec<String> {
        let item = line.seller_item_id.as_ref().map(|id| format!("{} {id}", self.more().item));
        let period = line.period.map(|period| self.period(period));
        let before = line.gross_price.filter(|gross| *gross != line.net_price).map(|gross| {
            let (price, more) = (self.amount(line.net_price), self.more());
            format!("{}{}{price} {} {}", self.words.unit_price, more.colon, more.instead_of, self.amount(gross))
        });
        let adjustments = line.adjustments.iter().map(|each| {
            let signed = self.money(each.signed());
            format!("{}{}{signed}", self.adjustment(each), self.more().colon)
        });
        line.description
            .iter()
            .chain(&line.note)
            .cloned()
            .chain(joined([item, period]))
            .chain(before)
            .chain(adjustments)
            .filter(|detail| !detail.trim().is_empty())
            .collect()
    }

    fn adjustment(&self, each: &Adjustment) -> String {
        let word = match each.direction {
            Direction::Allowance => self.more().discount,
            Direction::Charge => self.more().charge,
        };
        let text = each.reason.clone().filter(|reason| !reason.trim().is_empty()).unwrap_or_else(|| word.to_owned());
        match each.percent {
            Some(rate) => format!("{text} ({})", percent(rate, self.language)),
            None => text,
        }
    }

    fn vat(&self, vat: &VatBreakdown) -> Vat {
        let rate = match vat.category {
            VatCategory::S | VatCategory::Z => percent(vat.rate, self.language),
            VatCategory::AE => self.more().reverse_charge.to_owned(),
            VatCategory::E | VatCategory::K | VatCategory::G => self.more().exempt.to_owned(),
            VatCategory::O => self.more().out_of_scope.to_owned(),
        };
        let reason = vat.reason.clone().or_else(|| vat.reason_code.clone());
        Vat { rate, base: self.money(vat.base), tax: self.money(vat.tax), reason }
    }

    fn totals(&self) -> Vec<Fact> {
        let (invoice, totals, more) = (self.invoice, &self.invoice.totals, self.more());
        let mut facts = Vec::new();
        if !invoice.adjustments.is_empty() {
            facts.push(fact(more.lines_total, self.money(totals.lines), false));
        }
        for each in &invoice.adjustments {
            facts.push(fact(&self.adjustment(&each.adjustment), self.money(each.adjustment.signed()), false));
        }
        facts.push(fact(more.net, self.money(totals.net), true));
        facts.push(fact(more.vat_total, self.money(totals.vat), false));
        if invoice.kind != Kind::Quote {
            facts.push(fact(more.gross, self.money(totals.gross), true));
        }
        if !totals.prepaid.is_zero() {
            facts.push(fact(more.prepaid, self.money(-totals.prepaid), false));
        }
        if !totals.rounding.is_zero() {
            facts.push(fact(more.rounding, self.money(totals.rounding), false));
        }
        facts
    }

    fn due(&self) -> Due {
        let under = self.invoice.vat_in_books.map(|books| {
            format!("{}{}{}", self.more().vat_total, self.more().colon, money(books.vat, books.currency, self.language))
        });
        let label = words::due(self.invoice.kind, self.language);
        Due { label, value: self.money(self.invoice.totals.due), under }
    }

    fn payment(&self) -> Vec<Fact> {
        let (invoice, more) = (self.invoice, self.more());
        if invoice.payment.is_empty() || invoice.kind.is_credit() || invoice.kind == Kind::Quote {
            return Vec::new();
        }
        let due = invoice.due_date.map(|day| fact(more.due, self.date(day), true));
        let payee = invoice.payee.as_ref().map(|payee| fact(more.payee, payee.name.clone(), false));
        let reference = invoice.payment_reference.as_ref().map(|text| fact(more.reference, text.clone(), true));
        let means = invoice.payment.iter().flat_map(|means| self.means(means));
        due.into_iter().chain(means).chain(payee).chain(reference).collect()
    }

    fn means(&self, means: &PaymentMeans) -> Vec<Fact> {
        let more = self.more();
        let maybe = |label: &str, value: &Option<String>| value.iter().map(|v| fact(label, v.clone(), false)).next();
        match means {
            PaymentMeans::CreditTransfer { iban: account, bic, account_name } => {
                let is_iban = account.starts_with(|c: char| c.is_ascii_alphabetic());
                let label = format!("{} – {}", more.transfer, if is_iban { "IBAN" } else { more.account });
                let account = fact(&label, iban(account), true);
                [Some(account), maybe("BIC", bic), maybe(more.account_name, account_name)]
                    .into_iter()
                    .flatten()
                    .collect()
            }
            PaymentMeans::DirectDebit { mandate, creditor_id, debtor_iban } => {
                let drawn = debtor_iban.as_deref().map(iban).unwrap_or_default();
                let mut facts = vec![fact(more.means, format!("{} {drawn}", more.direct_debit), false)];
                facts.push(fact(more.mandate, mandate.clone(), false));
                facts.push(fact(more.creditor, creditor_id.clone(), false));
                facts
            }
            PaymentMeans::Card { last_digits, .. } => {
                vec![fact(more.means, format!("{} •••• {last_digits}", more.card), false)]
            }
            PaymentMeans::Cash => vec![fact(more.means, more.cash.to_owned(), false)],
            PaymentMeans::Cheque => vec![fact(more.means, more.cheque.to_owned(), false)],
            PaymentMeans::Other { code, text } => {
                vec![fact(more.means, text.clone().unwrap_or_else(|| code.clone()), false)]
            }
        }
    }

    /// What the law and the parties want said, once: not what the foot of the page says already.
    fn terms(&self, mentions: &[String]) -> impl Iterator<Item = String> {
        let notes =
            self.invoice.notes.iter().filter(|note| note.subject.as_deref() != Some("BAR")).map(|note| &note.text);
        let said: Vec<_> =
            self.invoice.payment_terms.iter().chain(notes).filter(|text| !mentions.contains(text)).collect();
        said.into_iter().cloned().collect::<Vec<_>>().into_iter()
    }
}

fn fact(label: &str, value: String, strong: bool) -> Fact {
    Fact { label: label.to_owned(), value, strong }
}

fn joined<const N: usize>(parts: [Option<String>; N]) -> Option<String> {
    let parts: Vec<_> = parts.into_iter().flatten().filter(|part| !part.trim().is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join("  ·  "))
}

//! From a customer's account to the texts of its page.

use kernel::{Currency, Date};
use rust_decimal::Decimal;
use serde::Serialize;

use super::figures::{amount, date, iban, money, symbol};
use super::{Language, Presentation, place};
use crate::{Party, PaymentMeans, scheme};

/// What moved on a customer's account between two days, and what is open on it. Nothing is computed here.
#[derive(Clone, Debug)]
pub struct AccountStatement {
    /// Who writes it.
    pub seller: Party,
    /// Whose account it is.
    pub customer: Party,
    /// The account's code.
    pub account: String,
    /// The currency of its amounts.
    pub currency: Currency,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// The day it is written: what is open is open then.
    pub as_of: Date,
    /// What stood before the first day; above zero when the customer owes it.
    pub opening: Decimal,
    /// What moved, in order.
    pub lines: Vec<StatementLine>,
    /// All that was charged.
    pub debits: Decimal,
    /// All that was paid and credited.
    pub credits: Decimal,
    /// What stands after the last day.
    pub closing: Decimal,
    /// What is open now.
    pub open: Vec<OpenItem>,
    /// What of it is not due, up to 30, 60, 90 days late, and later.
    pub ages: [Decimal; 5],
    /// What is paid or credited and set against nothing.
    pub unallocated: Decimal,
    /// All of it: what the customer owes now.
    pub balance: Decimal,
    /// How it is to be paid.
    pub payment: Vec<PaymentMeans>,
}

/// Something that moved on an account.
#[derive(Clone, Debug)]
pub struct StatementLine {
    /// The day.
    pub on: Date,
    /// What it is, in the language of the page.
    pub label: String,
    /// Its number.
    pub reference: String,
    /// When it is due.
    pub due_on: Option<Date>,
    /// What is charged; zero when nothing.
    pub debit: Decimal,
    /// What is paid or credited; zero when nothing.
    pub credit: Decimal,
    /// What stands after it.
    pub balance: Decimal,
}

/// An invoice that is open.
#[derive(Clone, Debug)]
pub struct OpenItem {
    /// Its number.
    pub number: String,
    /// Its day.
    pub issue_on: Date,
    /// When it is due.
    pub due_on: Option<Date>,
    /// Whole days since then; zero while it is not late.
    pub days_late: i64,
    /// What it amounts to.
    pub gross: Decimal,
    /// What is open on it.
    pub balance: Decimal,
}

/// What the template reads.
#[derive(Serialize)]
pub(super) struct Page {
    language: &'static str,
    title: String,
    author: String,
    accent: String,
    accent_ink: String,
    on_accent: &'static str,
    logo: Option<String>,
    heading: &'static str,
    period: String,
    seller: Vec<String>,
    customer: Vec<String>,
    facts: Vec<[String; 2]>,
    words: Words,
    opening: [String; 2],
    lines: Vec<[String; 7]>,
    total: [String; 3],
    closing: [String; 2],
    open: Vec<[String; 6]>,
    ages: Vec<[String; 2]>,
    due: [String; 2],
    payment: Vec<[String; 2]>,
    mentions: Vec<String>,
}

#[derive(Serialize)]
struct Words {
    page: &'static str,
    customer: &'static str,
    date: &'static str,
    label: &'static str,
    reference: &'static str,
    due: &'static str,
    debit: String,
    credit: String,
    balance: String,
    open: String,
    number: &'static str,
    issued: &'static str,
    late: &'static str,
    amount: &'static str,
    left: &'static str,
    ages: &'static str,
    nothing: &'static str,
    payment: &'static str,
    brought_forward: &'static str,
}

pub(super) fn page(statement: &AccountStatement, look: &Presentation) -> Page {
    let scribe = Scribe { statement, language: look.language };
    let heading = scribe.say("Relevé de compte", "Statement of account");
    Page {
        language: look.language.code(),
        title: format!("{heading} {}", statement.account),
        author: statement.seller.name.clone(),
        accent: look.accent.hex(),
        accent_ink: look.accent.as_ink().hex(),
        on_accent: look.accent.text_on_it(),
        logo: look.logo.as_ref().map(|logo| format!("logo.{}", logo.extension)),
        heading,
        period: scribe.period(),
        seller: scribe.seller(),
        customer: place::label(&statement.customer, statement.seller.address.country, look.language),
        facts: scribe.facts(),
        words: scribe.words(),
        opening: [
            format!("{} {}", scribe.say("Solde au", "Balance on"), scribe.date(statement.from)),
            scribe.amount(statement.opening),
        ],
        lines: statement.lines.iter().map(|line| scribe.line(line)).collect(),
        total: [
            scribe.say("Total de la période", "Total of the period").to_owned(),
            scribe.amount(statement.debits),
            scribe.amount(statement.credits),
        ],
        closing: [
            format!("{} {}", scribe.say("Solde au", "Balance on"), scribe.date(statement.to)),
            scribe.money(statement.closing),
        ],
        open: statement.open.iter().map(|item| scribe.open(item)).collect(),
        ages: scribe.ages(),
        due: scribe.due(),
        payment: scribe.payment(),
        mentions: look.mentions.iter().filter(|mention| !mention.trim().is_empty()).cloned().collect(),
    }
}

struct Scribe<'a> {
    statement: &'a AccountStatement,
    language: Language,
}

impl Scribe<'_> {
    const fn say(&self, french: &'static str, english: &'static str) -> &'static str {
        match self.language {
            Language::French => french,
            Language::English => english,
        }
    }

    fn date(&self, day: Date) -> String {
        date(day, self.language)
    }

    fn amount(&self, value: Decimal) -> String {
        amount(value, self.statement.currency, self.language)
    }

    fn money(&self, value: Decimal) -> String {
        money(value, self.statement.currency, self.language)
    }

    /// Nothing where there is nothing, so that a column reads as what it holds.
    fn filled(&self, value: Decimal) -> String {
        if value.is_zero() { String::new() } else { self.amount(value) }
    }

    fn period(&self) -> String {
        let (from, to) = (self.date(self.statement.from), self.date(self.statement.to));
        match self.language {
            Language::French => format!("du {from} au {to}"),
            Language::English => format!("{from} – {to}"),
        }
    }

    fn seller(&self) -> Vec<String> {
        let seller = &self.statement.seller;
        let contact = seller.contact.as_ref();
        let mut lines = place::address(&seller.address, self.statement.customer.address.country, self.language);
        lines.extend(contact.and_then(|contact| contact.phone.clone()));
        lines.extend(contact.and_then(|contact| contact.email.clone()));
        lines.extend(seller.id_of(scheme::SIRET).map(|siret| format!("SIRET {siret}")));
        lines
    }

    fn facts(&self) -> Vec<[String; 2]> {
        [
            (self.say("Compte client", "Customer account"), self.statement.account.clone()),
            (self.say("Période", "Period"), self.period()),
            (self.say("Édité le", "Written on"), self.date(self.statement.as_of)),
        ]
        .map(|(label, value)| [label.to_owned(), value])
        .to_vec()
    }

    fn words(&self) -> Words {
        let sign = symbol(self.statement.currency);
        let of = |french: &'static str, english: &'static str| format!("{} ({sign})", self.say(french, english));
        Words {
            page: "Page",
            customer: self.say("Client", "Customer"),
            date: self.say("Date", "Date"),
            label: self.say("Libellé", "Movement"),
            reference: self.say("Référence", "Reference"),
            due: self.say("Échéance", "Due"),
            debit: of("Débit", "Charged"),
            credit: of("Crédit", "Paid"),
            balance: of("Solde", "Balance"),
            open: format!(
                "{} {}",
                self.say("Factures ouvertes au", "Open invoices on"),
                self.date(self.statement.as_of)
            ),
            number: self.say("Facture", "Invoice"),
            issued: self.say("Émise le", "Issued on"),
            late: self.say("Retard", "Late"),
            amount: self.say("Montant TTC", "Total"),
            left: self.say("Reste à payer", "Balance due"),
            ages: self.say("Ancienneté du solde", "Age of the balance"),
            nothing: self.say("Aucun mouvement sur la période.", "Nothing moved in this period."),
            payment: self.say("Règlement", "Payment"),
            brought_forward: self.say("Report", "Brought forward"),
        }
    }

    fn line(&self, line: &StatementLine) -> [String; 7] {
        [
            self.date(line.on),
            line.label.clone(),
            line.reference.clone(),
            line.due_on.map(|due| self.date(due)).unwrap_or_default(),
            self.filled(line.debit),
            self.filled(line.credit),
            self.amount(line.balance),
        ]
    }

    fn open(&self, item: &OpenItem) -> [String; 6] {
        let late = match item.days_late {
            ..=0 => String::new(),
            1 => self.say("1 jour", "1 day").to_owned(),
            days => format!("{days} {}", self.say("jours", "days")),
        };
        [
            item.number.clone(),
            self.date(item.issue_on),
            item.due_on.map(|due| self.date(due)).unwrap_or_default(),
            late,
            self.amount(item.gross),
            self.amount(item.balance),
        ]
    }

    fn ages(&self) -> Vec<[String; 2]> {
        let labels = [
            self.say("Non échu", "Not due"),
            self.say("1 à 30 jours", "1–30 days"),
            self.say("31 à 60 jours", "31–60 days"),
            self.say("61 à 90 jours", "61–90 days"),
            self.say("Plus de 90 jours", "Over 90 days"),
        ];
        let ages = labels.into_iter().zip(self.statement.ages).map(|(label, age)| [label.to_owned(), self.amount(age)]);
        let unallocated = (!self.statement.unallocated.is_zero()).then(|| {
            [
                self.say("Avoirs et acomptes disponibles", "Credit at hand").to_owned(),
                self.amount(-self.statement.unallocated),
            ]
        });
        ages.chain(unallocated).collect()
    }

    fn due(&self) -> [String; 2] {
        let balance = self.statement.balance;
        let label = if balance < Decimal::ZERO {
            self.say("Solde en votre faveur", "Balance in your favour")
        } else {
            self.say("Solde à régler", "Balance due")
        };
        [label.to_owned(), self.money(balance.abs())]
    }

    fn payment(&self) -> Vec<[String; 2]> {
        let transfer = self.statement.payment.iter().find_map(|means| match means {
            PaymentMeans::CreditTransfer { iban, bic, account_name } => Some((iban, bic, account_name)),
            _ => None,
        });
        let Some((account, bic, name)) = transfer.filter(|_| self.statement.balance > Decimal::ZERO) else {
            return Vec::new();
        };
        [
            (self.say("Titulaire", "Account holder"), name.clone()),
            ("IBAN", Some(iban(account))),
            ("BIC", bic.clone()),
            (self.say("Référence à rappeler", "Payment reference"), Some(self.statement.account.clone())),
        ]
        .into_iter()
        .filter_map(|(label, value)| Some([label.to_owned(), value?]))
        .collect()
    }
}

//! What a letter that brings a document says. Pure.

use kernel::{Currency, Date, Language};
use platform::tenancy::legal::Legal;
use rust_decimal::Decimal;

use super::letter::{Letter, day, money};
use crate::documents::model::{DocumentKind, PayMethod};
use crate::documents::store::DocumentRow;

/// What letters know of a document.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its kind.
    pub kind: DocumentKind,
    /// Its number.
    pub number: String,
    /// Its day.
    pub issue_on: Date,
    /// When it is due.
    pub due_on: Option<Date>,
    /// Until when an offer stands.
    pub valid_until: Option<Date>,
    /// What it amounts to.
    pub gross: Decimal,
    /// What is still open.
    pub balance: Decimal,
    /// Of what.
    pub currency: Currency,
    /// How it is to be paid.
    pub method: PayMethod,
    /// What a credit note takes back.
    pub original: Option<String>,
}

impl Subject {
    /// What letters know of an issued document; none of a draft.
    pub fn of(row: &DocumentRow) -> Option<Self> {
        Some(Self {
            kind: row.kind,
            number: row.number.clone()?,
            issue_on: row.issue_on?,
            due_on: row.due_on,
            valid_until: row.valid_until,
            gross: row.gross,
            balance: row.settled().balance(),
            currency: row.currency,
            method: row.payment_method,
            original: row.original_number.clone(),
        })
    }

    /// Whether money is to be paid on it.
    pub fn is_open(&self) -> bool {
        self.kind.is_claim() && self.balance > Decimal::ZERO
    }

    /// What it calls itself.
    pub const fn noun(&self, language: Language) -> &'static str {
        match (self.kind, language) {
            (DocumentKind::Invoice, Language::Fr) => "facture",
            (DocumentKind::DepositInvoice, Language::Fr) => "facture d’acompte",
            (DocumentKind::CreditNote, Language::Fr) => "avoir",
            (DocumentKind::Quote, Language::Fr) => "devis",
            (DocumentKind::ProForma, Language::Fr) => "facture pro forma",
            (DocumentKind::Invoice, Language::En) => "invoice",
            (DocumentKind::DepositInvoice, Language::En) => "deposit invoice",
            (DocumentKind::CreditNote, Language::En) => "credit note",
            (DocumentKind::Quote, Language::En) => "quote",
            (DocumentKind::ProForma, Language::En) => "pro forma invoice",
        }
    }

    /// What it is about, in figures.
    pub fn facts(&self, legal: &Legal, language: Language) -> Vec<(String, String)> {
        let say = |french: &str, english: &str| match language {
            Language::Fr => french.to_owned(),
            Language::En => english.to_owned(),
        };
        let amount = |amount| money(amount, self.currency, language);
        let mut facts = vec![
            (say("Numéro", "Number"), self.number.clone()),
            (say("Date d’émission", "Issue date"), day(self.issue_on, language)),
            (say("Montant TTC", "Total incl. VAT"), amount(self.gross)),
        ];
        if let Some(until) = self.valid_until.filter(|_| !self.kind.is_fiscal()) {
            facts.push((say("Valable jusqu’au", "Valid until"), day(until, language)));
        }
        if !self.is_open() {
            return facts;
        }
        if self.balance != self.gross {
            facts.push((say("Déjà réglé", "Already settled"), amount(self.gross - self.balance)));
            facts.push((say("Reste à payer", "Balance due"), amount(self.balance)));
        }
        if let Some(due) = self.due_on {
            facts.push((say("Échéance", "Due date"), day(due, language)));
        }
        facts.extend(self.account(legal, &say));
        facts
    }

    fn account(&self, legal: &Legal, say: &impl Fn(&str, &str) -> String) -> Vec<(String, String)> {
        let Some(iban) = legal.iban.as_ref().filter(|_| self.method != PayMethod::SepaDebit) else { return Vec::new() };
        let mut account = vec![(say("IBAN", "IBAN"), einvoice::figures::iban(&iban.to_string()))];
        account.extend(legal.bic.as_ref().map(|bic| (say("BIC", "BIC"), bic.to_string())));
        account.extend(legal.legal_name.clone().map(|name| (say("Titulaire", "Account holder"), name)));
        account.push((say("Référence à rappeler", "Payment reference"), self.number.clone()));
        account
    }
}

/// Who signs a letter, line by line.
pub fn signature(legal: &Legal, code: &str) -> Vec<String> {
    let name = legal.legal_name.clone().unwrap_or_else(|| code.to_owned());
    let email = legal.email.as_ref().map(ToString::to_string);
    [Some(name), legal.phone.clone(), email].into_iter().flatten().collect()
}

/// The colour of letters.
pub fn accent(legal: &Legal) -> String {
    legal.accent_color.clone().unwrap_or_else(|| einvoice::Accent::default().hex())
}

/// The letter that brings a document; `message` is what a person adds.
pub fn letter(subject: &Subject, (legal, code): (&Legal, &str), language: Language, message: Option<&str>) -> Letter {
    let name = legal.legal_name.as_deref().unwrap_or(code);
    let noun = subject.noun(language);
    let mut capital = noun.chars();
    let noun = capital.next().map(|first| first.to_uppercase().chain(capital).collect::<String>()).unwrap_or_default();
    let mut paragraphs: Vec<String> = message.map(str::to_owned).into_iter().collect();
    paragraphs.push(opening(subject, language));
    Letter {
        language,
        subject: format!("{noun} {} – {name}", subject.number),
        paragraphs,
        facts: subject.facts(legal, language),
        closing: closing(subject, language).into_iter().collect(),
        signature: signature(legal, code),
        reply_to: legal.email.clone(),
        accent: accent(legal),
    }
}

fn opening(subject: &Subject, language: Language) -> String {
    let (number, on) = (&subject.number, day(subject.issue_on, language));
    let amount = money(subject.gross, subject.currency, language);
    match (language, subject.kind) {
        (Language::Fr, DocumentKind::Invoice | DocumentKind::DepositInvoice) => {
            format!(
                "Veuillez trouver ci-joint notre {} {number} du {on}, d’un montant de {amount} TTC.",
                subject.noun(language)
            )
        }
        (Language::Fr, DocumentKind::CreditNote) => {
            let of =
                subject.original.as_ref().map(|original| format!(" sur la facture {original}")).unwrap_or_default();
            format!("Veuillez trouver ci-joint notre avoir {number} du {on}{of}, d’un montant de {amount} TTC.")
        }
        (Language::Fr, DocumentKind::Quote) => {
            format!(
                "Comme convenu, veuillez trouver ci-joint notre devis {number} du {on}, d’un montant de {amount} TTC."
            )
        }
        (Language::Fr, DocumentKind::ProForma) => format!(
            "Veuillez trouver ci-joint notre facture pro forma {number} du {on}, d’un montant de {amount} TTC. Elle ne vaut pas facture."
        ),
        (Language::En, DocumentKind::CreditNote) => {
            let of = subject.original.as_ref().map(|original| format!(" for invoice {original}")).unwrap_or_default();
            format!("Please find attached our credit note {number} of {on}{of}, for a total of {amount} including VAT.")
        }
        (Language::En, DocumentKind::ProForma) => format!(
            "Please find attached our pro forma invoice {number} of {on}, for a total of {amount} including VAT. It is not a tax invoice."
        ),
        (Language::En, DocumentKind::Invoice | DocumentKind::DepositInvoice | DocumentKind::Quote) => {
            format!(
                "Please find attached our {} {number} of {on}, for a total of {amount} including VAT.",
                subject.noun(language)
            )
        }
    }
}

fn closing(subject: &Subject, language: Language) -> Option<String> {
    let due = subject.due_on.map(|due| day(due, language)).unwrap_or_default();
    let text = match (subject.kind, language) {
        (DocumentKind::Quote, Language::Fr) => {
            "Pour l’accepter, il vous suffit de nous le retourner daté et signé. Nous restons à votre disposition pour toute question."
                .to_owned()
        }
        (DocumentKind::Quote, Language::En) => {
            "To accept it, please return it dated and signed. We remain at your disposal for any question.".to_owned()
        }
        (DocumentKind::Invoice | DocumentKind::DepositInvoice, _) if !subject.is_open() => match language {
            Language::Fr => "Cette facture est soldée : vous n’avez rien à régler.".to_owned(),
            Language::En => "This invoice is settled: there is nothing left to pay.".to_owned(),
        },
        (DocumentKind::Invoice | DocumentKind::DepositInvoice, Language::Fr) => {
            if subject.method == PayMethod::SepaDebit {
                format!("Ce montant sera prélevé sur votre compte à l’échéance, le {due}.")
            } else {
                format!("Nous vous remercions de votre règlement au plus tard le {due}, en rappelant la référence indiquée.")
            }
        }
        (DocumentKind::Invoice | DocumentKind::DepositInvoice, Language::En) => {
            if subject.method == PayMethod::SepaDebit {
                format!("This amount will be collected by direct debit on the due date, {due}.")
            } else {
                format!("Please arrange for payment by {due} at the latest, quoting the reference above.")
            }
        }
        (DocumentKind::CreditNote | DocumentKind::ProForma, _) => return None,
    };
    Some(text)
}

//! What a reminder says, step by step. Pure.
//!
//! Between businesses late payment bears penalties without a reminder, and the fixed indemnity for recovery costs (C. com. art.
//! L441-10 and D441-5); a consumer owes interest at the legal rate from the formal notice on (C. civ. art. 1231-6 and 1344-1).

use kernel::{Date, Language};
use platform::tenancy::legal::Legal;

use super::model::ReminderStep;
use crate::sending::letter::{Letter, day, money};
use crate::sending::words::{Subject, accent, signature};

/// What a reminder is made of.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// How urgently.
    pub step: ReminderStep,
    /// The invoice.
    pub subject: &'a Subject,
    /// Who asks.
    pub legal: &'a Legal,
    /// Its code, where it has no name.
    pub code: &'a str,
    /// The language.
    pub language: Language,
    /// Whether the customer buys for himself.
    pub is_consumer: bool,
    /// When the step before was sent.
    pub reminded_on: Option<Date>,
}

impl Asked<'_> {
    /// The letter.
    pub fn letter(&self) -> Letter {
        let (paragraphs, closing) = match self.language {
            Language::Fr => (self.french(), self.french_closing()),
            Language::En => (self.english(), self.english_closing()),
        };
        Letter {
            language: self.language,
            subject: self.title(),
            paragraphs,
            facts: self.subject.facts(self.legal, self.language),
            closing,
            signature: signature(self.legal, self.code),
            reply_to: self.legal.email.clone(),
            accent: accent(self.legal),
        }
    }

    fn title(&self) -> String {
        let number = &self.subject.number;
        let due = self.due();
        match (self.language, self.step) {
            (Language::Fr, ReminderStep::First) => format!("Rappel : facture {number} échue le {due}"),
            (Language::Fr, ReminderStep::Second) => format!("Deuxième rappel : facture {number} échue le {due}"),
            (Language::Fr, ReminderStep::Final) => format!("Dernier rappel avant mise en demeure : facture {number}"),
            (Language::Fr, ReminderStep::Legal) => format!("Mise en demeure de payer : facture {number}"),
            (Language::En, ReminderStep::First) => format!("Reminder: invoice {number} due on {due}"),
            (Language::En, ReminderStep::Second) => format!("Second reminder: invoice {number} due on {due}"),
            (Language::En, ReminderStep::Final) => format!("Final reminder before formal notice: invoice {number}"),
            (Language::En, ReminderStep::Legal) => format!("Formal notice to pay: invoice {number}"),
        }
    }

    fn due(&self) -> String {
        self.subject.due_on.map(|due| day(due, self.language)).unwrap_or_default()
    }

    fn balance(&self) -> String {
        money(self.subject.balance, self.subject.currency, self.language)
    }

    fn before(&self, french: &str, english: &str) -> String {
        match (self.language, self.reminded_on) {
            (Language::Fr, Some(on)) => format!("{french} du {}", day(on, self.language)),
            (Language::En, Some(on)) => format!("{english} of {}", day(on, self.language)),
            (Language::Fr, None) => french.to_owned(),
            (Language::En, None) => english.to_owned(),
        }
    }

    fn french(&self) -> Vec<String> {
        let (number, on) = (&self.subject.number, day(self.subject.issue_on, self.language));
        let (due, balance) = (self.due(), self.balance());
        let invoice = format!("notre facture {number} du {on}");
        match self.step {
            ReminderStep::First => vec![
                format!("Sauf erreur ou omission de notre part, {invoice}, échue le {due}, reste impayée à hauteur de {balance}."),
                "Il s’agit sans doute d’un simple oubli : nous vous remercions de bien vouloir procéder à son règlement dès réception de ce message.".to_owned(),
            ],
            ReminderStep::Second => vec![
                format!("Malgré {}, nous n’avons pas reçu le règlement de {invoice}, échue le {due}, dont le solde s’élève à {balance}.", self.before("notre rappel", "")),
                "Nous vous demandons de bien vouloir régulariser cette situation sous huit jours, ou de nous faire connaître sans délai le motif qui s’y opposerait.".to_owned(),
            ],
            ReminderStep::Final => vec![
                format!("Malgré nos rappels, {invoice}, échue le {due}, demeure impayée à hauteur de {balance}."),
                "Nous vous prions de procéder à son règlement sous huit jours. À défaut, nous serons contraints de vous adresser une mise en demeure, aux conséquences de droit qu’elle emporte.".to_owned(),
                self.french_penalties(false),
            ],
            ReminderStep::Legal => vec![
                format!("Malgré {}, {invoice}, échue le {due}, n’a pas été réglée.", self.before("notre dernier rappel", "")),
                format!("Par la présente, nous vous mettons en demeure de nous payer la somme de {balance} dans un délai de huit jours à compter de la réception de ce courrier. Celui-ci vaut mise en demeure au sens des articles 1231-6 et 1344 du Code civil."),
                self.french_penalties(true),
                "À défaut de paiement dans ce délai, nous engagerons sans autre avis toute procédure utile au recouvrement de notre créance, et ses frais s’y ajouteront dans les conditions prévues par la loi.".to_owned(),
            ],
        }
    }

    /// What being late costs; `is_due` once it is asked for.
    fn french_penalties(&self, is_due: bool) -> String {
        if self.is_consumer {
            return "Les sommes dues portent intérêt au taux légal à compter de la mise en demeure (article 1231-6 du Code civil).".to_owned();
        }
        let penalty = sentence(self.legal.penalty_text(Language::Fr));
        let fee = self.legal.recovery_fee().normalize();
        let owed = if is_due {
            "S’y ajoutent de plein droit"
        } else {
            "Nous vous rappelons que s’y ajoutent de plein droit"
        };
        format!(
            "{owed}, sans qu’un rappel soit nécessaire, les pénalités de retard exigibles depuis le lendemain de l’échéance et l’indemnité forfaitaire pour frais de recouvrement de {fee} € (articles L441-10 et D441-5 du Code de commerce). {penalty}"
        )
    }

    fn french_closing(&self) -> Vec<String> {
        match self.step {
            ReminderStep::First | ReminderStep::Second | ReminderStep::Final => vec![
                "Vous trouverez ci-joint une copie de la facture. Si votre règlement nous est parvenu entre-temps, nous vous prions de ne pas tenir compte de ce message.".to_owned(),
            ],
            ReminderStep::Legal => vec!["Vous trouverez ci-joint une copie de la facture.".to_owned()],
        }
    }

    fn english(&self) -> Vec<String> {
        let (number, on) = (&self.subject.number, day(self.subject.issue_on, self.language));
        let (due, balance) = (self.due(), self.balance());
        let invoice = format!("our invoice {number} of {on}");
        match self.step {
            ReminderStep::First => vec![
                format!("According to our records, {invoice}, due on {due}, is still unpaid; the balance is {balance}."),
                "This is probably an oversight: please arrange for payment on receipt of this message.".to_owned(),
            ],
            ReminderStep::Second => vec![
                format!("Despite {}, we have not received payment of {invoice}, due on {due}; the balance is {balance}.", self.before("", "our reminder")),
                "Please settle it within eight days, or tell us without delay what stands in the way.".to_owned(),
            ],
            ReminderStep::Final => vec![
                format!("Despite our reminders, {invoice}, due on {due}, remains unpaid; the balance is {balance}."),
                "Please settle it within eight days. Failing this, we shall have to serve you with a formal notice.".to_owned(),
                self.english_penalties(),
            ],
            ReminderStep::Legal => vec![
                format!("Despite {}, {invoice}, due on {due}, has not been paid.", self.before("", "our final reminder")),
                format!("We hereby give you formal notice (mise en demeure, articles 1231-6 and 1344 of the French Civil Code) to pay {balance} within eight days of receipt of this letter."),
                self.english_penalties(),
                "Failing payment within this time, we shall take legal steps to recover our claim without further notice, and their costs will be added as the law provides.".to_owned(),
            ],
        }
    }

    fn english_penalties(&self) -> String {
        if self.is_consumer {
            return "The amount due bears interest at the legal rate from the formal notice on (article 1231-6 of the French Civil Code).".to_owned();
        }
        let penalty = sentence(self.legal.penalty_text(Language::En));
        let fee = self.legal.recovery_fee().normalize();
        format!(
            "Late payment penalties from the day after the due date and the fixed compensation for recovery costs of EUR {fee} are owed in addition, without a reminder being necessary (articles L441-10 and D441-5 of the French Commercial Code). {penalty}"
        )
    }

    fn english_closing(&self) -> Vec<String> {
        match self.step {
            ReminderStep::First | ReminderStep::Second | ReminderStep::Final => vec![
                "A copy of the invoice is attached. If your payment has reached us meanwhile, please disregard this message.".to_owned(),
            ],
            ReminderStep::Legal => vec!["A copy of the invoice is attached.".to_owned()],
        }
    }
}

/// The text with its full stop.
fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with('.') { text.to_owned() } else { format!("{text}.") }
}

#[cfg(test)]
mod tests {
    use kernel::Currency;

    use super::*;
    use crate::documents::model::{DocumentKind, PayMethod};

    fn letter(step: ReminderStep, language: Language, is_consumer: bool) -> Letter {
        let subject = Subject {
            kind: DocumentKind::Invoice,
            number: "FAC-2026-0001".into(),
            issue_on: "2026-02-11".parse().unwrap(),
            due_on: Some("2026-03-13".parse().unwrap()),
            valid_until: None,
            gross: "1200.00".parse().unwrap(),
            balance: "1000.00".parse().unwrap(),
            currency: Currency::EUR,
            method: PayMethod::Transfer,
            original: None,
        };
        let (legal, reminded_on) = (Legal::default(), Some("2026-03-16".parse().unwrap()));
        let asked = Asked { step, subject: &subject, legal: &legal, code: "ZR7", language, is_consumer, reminded_on };
        asked.letter()
    }

    #[test]
    fn the_legal_step_gives_notice_and_names_penalties_and_the_indemnity_to_businesses_alone() {
        let text = letter(ReminderStep::Legal, Language::Fr, false).text();
        for word in ["mise en demeure", "L441-10", "D441-5", "40 €", "pénalités de retard", "1\u{202f}000,00"] {
            assert!(text.contains(word), "{word} is missing: {text}");
        }
        let consumer = letter(ReminderStep::Legal, Language::Fr, true).text();
        assert!(
            consumer.contains("1231-6") && !consumer.contains("L441-10") && !consumer.contains("40 €"),
            "{consumer}"
        );
        let english = letter(ReminderStep::Legal, Language::En, false).text();
        assert!(english.contains("formal notice") && english.contains("EUR 40"), "{english}");
    }

    #[test]
    fn every_step_says_what_is_open_since_when_in_both_languages() {
        let mut subjects = std::collections::BTreeSet::new();
        for step in ReminderStep::ALL {
            for (language, due) in [(Language::Fr, "13/03/2026"), (Language::En, "13\u{a0}March\u{a0}2026")] {
                let letter = letter(*step, language, false);
                assert!(letter.text().contains(due) && letter.text().contains("FAC-2026-0001"), "{step} {language}");
                assert!(
                    letter.facts.iter().any(|(_, value)| value.contains("000") && !value.contains("FAC")),
                    "{step}"
                );
                assert!(subjects.insert(letter.subject.clone()), "{}", letter.subject);
            }
        }
    }
}

//! What holds for an entity that has said nothing of its own.

use kernel::{Currency, Language, Siren};
use rust_decimal::Decimal;

use super::Legal;

/// The scheme of the French directory of electronic invoices: the SIREN, or the SIREN and what follows it.
pub(super) const SCHEME: &str = "0225";

/// What businesses that pay late owe for the trouble, in euros (C. com. art. D441-5).
const RECOVERY_FEE: i64 = 40;

/// The forms of French law without a share capital.
const WITHOUT_CAPITAL: [&str; 9] =
    ["EI", "EIRL", "ME", "MICRO", "MICRO-ENTREPRISE", "AUTO-ENTREPRENEUR", "ASSOCIATION", "GIE", "SCM"];

/// Whether companies of this form have a share capital.
pub(super) fn has_capital(form: &str) -> bool {
    let form = form.trim().to_uppercase().replace('.', "");
    !WITHOUT_CAPITAL.contains(&form.as_str()) && form != "ENTREPRISE INDIVIDUELLE" && form != "ENTREPRENEUR INDIVIDUEL"
}

impl Legal {
    /// The currency of its books.
    pub fn currency(&self) -> Currency {
        self.currency.unwrap_or(Currency::EUR)
    }

    /// What late payers owe, in the entity's words or in the law's (C. com. art. L441-10).
    pub fn penalty_text(&self, language: Language) -> &str {
        self.penalty_text.as_deref().unwrap_or(match language {
            Language::Fr => "Pénalités de retard : trois fois le taux d’intérêt légal.",
            Language::En => "Late payment penalty: three times the French legal interest rate.",
        })
    }

    /// What a business that pays late owes for the trouble, in euros.
    pub fn recovery_fee(&self) -> Decimal {
        self.recovery_fee.unwrap_or(Decimal::from(RECOVERY_FEE))
    }

    /// What who pays early gets; the law wants it said when it is nothing, too (C. com. art. L441-9).
    pub fn early_payment_text(&self, language: Language) -> &str {
        self.early_payment_text.as_deref().unwrap_or(match language {
            Language::Fr => "Pas d’escompte pour paiement anticipé.",
            Language::En => "No discount for early payment.",
        })
    }

    /// Where electronic invoices reach it, as scheme and address; none until it has an address or a SIREN.
    pub fn electronic_address(&self) -> Option<(&str, &str)> {
        let scheme = self.electronic_scheme.as_deref().unwrap_or(SCHEME);
        let address = self.electronic_address.as_deref().or_else(|| self.siren.as_ref().map(Siren::as_str));
        address.map(|address| (scheme, address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_without_capital_are_known_however_they_are_written() {
        for (form, has) in [("SAS", true), ("SARL", true), ("EI", false), ("E.I.", false), ("Micro-entreprise", false)]
        {
            assert_eq!(has_capital(form), has, "{form}");
        }
    }

    #[test]
    fn who_says_nothing_gets_the_words_of_the_law() {
        let mut legal = Legal { siren: Some("732829320".parse().unwrap()), ..Legal::default() };
        assert!(legal.penalty_text(Language::Fr).contains("trois fois le taux d’intérêt légal"));
        assert_eq!(legal.electronic_address(), Some(("0225", "732829320")));
        assert_eq!((legal.recovery_fee(), legal.currency()), (Decimal::from(40), Currency::EUR));
        legal.early_payment_text = Some("2 % à 8 jours".into());
        assert_eq!(legal.early_payment_text(Language::En), "2 % à 8 jours");
    }
}

//! Why a rate is not the usual one: the sentences of the law, and their codes in electronic invoices.

use kernel::{Language, VatCategory};
use rust_decimal::Decimal;

/// A reason that the law knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownReason {
    /// Its key: what is stored of a party, an item or a line.
    pub key: &'static str,
    /// What it is a reason for.
    pub category: VatCategory,
    /// The reduced rate it is a reason for, in tenths of a percent; zero otherwise.
    pub rate_tenths: u32,
    /// Its code in EN 16931 (code list VATEX), where it has one.
    pub vatex: Option<&'static str>,
    /// The sentence on a French invoice.
    pub fr: &'static str,
    /// Its English twin.
    pub en: &'static str,
}

macro_rules! reasons {
    ($($key:ident, $category:ident, $tenths:literal, $vatex:expr, $fr:literal, $en:literal;)+) => {
        const REASONS: &[KnownReason] = &[$(KnownReason {
            key: stringify!($key), category: VatCategory::$category, rate_tenths: $tenths, vatex: $vatex, fr: $fr, en: $en,
        }),+];
    };
}

reasons! {
    franchise, Exempt, 0, Some("VATEX-FR-FRANCHISE"),
        "TVA non applicable, article 293 B du CGI.",
        "VAT not applicable, article 293 B of the French tax code (CGI).";
    subcontracting, ReverseCharge, 0, Some("VATEX-EU-AE"),
        "Autoliquidation : TVA due par le preneur, article 283, 2 nonies du CGI.",
        "Reverse charge: VAT due by the customer, article 283(2 nonies) of the French tax code (CGI).";
    services_abroad, ReverseCharge, 0, Some("VATEX-EU-AE"),
        "Autoliquidation : TVA due par le preneur, articles 259, 1° et 283, 2 du CGI, article 196 de la directive 2006/112/CE.",
        "Reverse charge: VAT due by the customer, article 196 of Directive 2006/112/EC.";
    intra_community, IntraCommunity, 0, Some("VATEX-EU-IC"),
        "Exonération de TVA, article 262 ter, I du CGI.",
        "Intra-Community supply exempt from VAT, article 262 ter, I of the French tax code (CGI).";
    export, Export, 0, Some("VATEX-EU-G"),
        "Exonération de TVA, article 262, I du CGI.",
        "Export exempt from VAT, article 262, I of the French tax code (CGI).";
    outside_union, OutOfScope, 0, Some("VATEX-EU-O"),
        "TVA non applicable, article 259, 1° du CGI.",
        "Not subject to French VAT, article 259(1) of the French tax code (CGI).";
    medical, Exempt, 0, Some("VATEX-FR-CGI261-4"),
        "Exonération de TVA, article 261, 4, 1° du CGI.",
        "Exempt from VAT, article 261(4)(1) of the French tax code (CGI).";
    training, Exempt, 0, Some("VATEX-FR-CGI261-4"),
        "Exonération de TVA, article 261, 4, 4° du CGI.",
        "Exempt from VAT, article 261(4)(4) of the French tax code (CGI).";
    insurance, Exempt, 0, Some("VATEX-FR-CGI261C-2"),
        "Exonération de TVA, article 261 C, 2° du CGI.",
        "Exempt from VAT, article 261 C(2) of the French tax code (CGI).";
    renovation, Standard, 100, None,
        "Taux de 10 % : travaux dans un logement achevé depuis plus de deux ans, article 279-0 bis du CGI.",
        "10% rate: works in a dwelling completed more than two years ago, article 279-0 bis of the French tax code (CGI).";
    energy_saving, Standard, 55, None,
        "Taux de 5,5 % : travaux d’amélioration de la qualité énergétique, article 278-0 bis A du CGI.",
        "5.5% rate: energy-saving works, article 278-0 bis A of the French tax code (CGI).";
}

/// Every reason that the law knows, in the order people are shown them.
pub const fn known_reasons() -> &'static [KnownReason] {
    REASONS
}

impl KnownReason {
    /// The sentence in a language.
    pub const fn sentence(&self, language: Language) -> &'static str {
        match language {
            Language::Fr => self.fr,
            Language::En => self.en,
        }
    }

    /// The rate it is a reason for, in percent.
    pub fn rate(&self) -> Decimal {
        Decimal::new(i64::from(self.rate_tenths), 1)
    }
}

/// The reason with this key, or the first with this code.
pub fn find_reason(text: &str) -> Option<&'static KnownReason> {
    let text = text.trim();
    let by_key = REASONS.iter().find(|reason| reason.key == text);
    by_key.or_else(|| REASONS.iter().find(|r| r.vatex.is_some_and(|code| code.eq_ignore_ascii_case(text))))
}

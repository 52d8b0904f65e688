//! What the law wants on a document, checked before it is issued (spec/field.md 5.7). Pure.

use parties::Party;
use platform::tenancy::legal::Legal;
use serde::Serialize;
use utoipa::ToSchema;

use super::model::DocumentKind;

/// One demand of the law.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Mention {
    /// What is asked for, as a word.
    pub code: &'static str,
    /// Whether it is there.
    pub is_met: bool,
    /// What is missing, as paths such as `seller.siret` or `buyer.city`.
    pub missing: Vec<String>,
}

impl Mention {
    fn new(code: &'static str, missing: Vec<String>) -> Self {
        Self { code, is_met: missing.is_empty(), missing }
    }
}

/// What of a document is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Its kind.
    pub kind: DocumentKind,
    /// Who issues it.
    pub seller: &'a Legal,
    /// Whom it is issued to.
    pub buyer: &'a Party,
    /// How many lines it has.
    pub lines: usize,
    /// Categories and rates without the sentence that they need.
    pub without_reason: usize,
    /// Whether the number and the date of what it takes back are known.
    pub has_original: bool,
}

/// The checklist of a document. Dates, rates, totals and the wording on late payment are always there, for the service writes
/// them itself.
pub fn checklist(asked: &Asked<'_>) -> Vec<Mention> {
    let under = |side: &str, fields: Vec<&'static str>| fields.iter().map(|field| format!("{side}.{field}")).collect();
    let mut list = vec![
        Mention::new("seller", under("seller", asked.seller.missing_for_invoice())),
        Mention::new("buyer", under("buyer", asked.buyer.missing_for_invoice())),
        Mention::new("lines", if asked.lines == 0 { vec!["lines".to_owned()] } else { Vec::new() }),
        Mention::new("vat_reason", vec!["lines.vat.reason".to_owned(); asked.without_reason.min(1)]),
    ];
    if asked.buyer.fields.is_consumer && asked.kind.is_fiscal() {
        // Who sells to consumers names a mediator (C. conso. art. L616-1).
        let missing = if asked.seller.mediator.is_none() { vec!["seller.mediator".to_owned()] } else { Vec::new() };
        list.push(Mention::new("mediator", missing));
    }
    if let Some(insurance) = &asked.seller.insurance {
        let parts =
            [("insurer", &insurance.insurer), ("policy", &insurance.policy), ("territory", &insurance.territory)];
        let empty = parts.into_iter().filter(|(_, text)| text.trim().is_empty());
        list.push(Mention::new("insurance", empty.map(|(part, _)| format!("seller.insurance.{part}")).collect()));
    }
    if asked.kind == DocumentKind::CreditNote {
        let missing = if asked.has_original { Vec::new() } else { vec!["original_id".to_owned()] };
        list.push(Mention::new("original", missing));
    }
    list
}

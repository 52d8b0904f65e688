//! What is wrong with a document, so that nothing wrong leaves the house.
//!
//! The rules of EN 16931-1 keep their names (`BR-CO-15`), as do the French ones (`BR-FR-05`, XP Z12-012, for sellers in France);
//! those of the house begin with `C-` and name their source.

mod france;
mod sums;
mod terms;
mod vat;

use serde::Serialize;

use crate::Invoice;

/// Something that a document lacks or says wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule, for good: `BR-CO-15`.
    pub code: &'static str,
    /// The term of EN 16931 or the source in law that it is about: `BT-112`.
    pub term: &'static str,
    /// What is wrong, in a sentence.
    pub message: String,
}

/// What is wrong with a document; nothing when it may leave.
///
/// The sums of every kind are verified; what an invoice must name, only of fiscal kinds.
pub fn check(invoice: &Invoice) -> Vec<Finding> {
    let mut findings = Findings(Vec::new());
    sums::check(invoice, &mut findings);
    terms::check(invoice, &mut findings);
    if invoice.kind.is_fiscal() {
        vat::check(invoice, &mut findings);
        terms::check_fiscal(invoice, &mut findings);
        if invoice.seller.address.country.is_french() {
            france::check(invoice, &mut findings);
        }
    }
    findings.0
}

struct Findings(Vec<Finding>);

impl Findings {
    /// Holds `message` against the document unless `good`.
    fn expect(&mut self, good: bool, code: &'static str, term: &'static str, message: impl FnOnce() -> String) {
        if !good {
            self.0.push(Finding { code, term, message: message() });
        }
    }
}

/// Whether there is a text that says something.
fn says(text: Option<&str>) -> bool {
    text.is_some_and(|text| !text.trim().is_empty())
}

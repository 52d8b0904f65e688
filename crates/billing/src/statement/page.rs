//! A customer's account as a page and as a table.

use einvoice::{AccountStatement, Logo, OpenItem, Presentation, StatementLine};
use kernel::Language;
use parties::Party;
use platform::export::Sheet;
use rust_decimal::Decimal;

use super::model::StatementKind;
use super::read::AccountStatementView;
use crate::documents::invoice;
use crate::documents::model::PayMethod;
use crate::house::{self, House};
use crate::sending::letter::of_page;

/// What a movement is called.
pub(super) const fn called(kind: StatementKind, language: Language) -> &'static str {
    match (kind, language) {
        (StatementKind::Invoice, Language::Fr) => "Facture",
        (StatementKind::DepositInvoice, Language::Fr) => "Facture d’acompte",
        (StatementKind::CreditNote, Language::Fr) => "Avoir",
        (StatementKind::Payment, Language::Fr) => "Règlement",
        (StatementKind::Bounce, Language::Fr) => "Règlement rejeté",
        (StatementKind::Refund, Language::Fr) => "Remboursement",
        (StatementKind::RefundBounce, Language::Fr) => "Remboursement rejeté",
        (StatementKind::Entry, Language::Fr) => "Écriture",
        (StatementKind::Invoice, Language::En) => "Invoice",
        (StatementKind::DepositInvoice, Language::En) => "Deposit invoice",
        (StatementKind::CreditNote, Language::En) => "Credit note",
        (StatementKind::Payment, Language::En) => "Payment",
        (StatementKind::Bounce, Language::En) => "Returned payment",
        (StatementKind::Refund, Language::En) => "Refund",
        (StatementKind::RefundBounce, Language::En) => "Returned refund",
        (StatementKind::Entry, Language::En) => "Entry",
    }
}

/// What the page is set from.
pub(super) fn page(
    (house, party): (&House, &Party),
    view: &AccountStatementView,
    logo: Option<Logo>,
    language: Language,
) -> (AccountStatement, Presentation) {
    let line = |line: &super::model::StatementEntry| StatementLine {
        on: line.on,
        label: called(line.kind, language).to_owned(),
        reference: line.reference.clone(),
        due_on: line.due_on,
        debit: line.debit,
        credit: line.credit,
        balance: line.balance,
    };
    let open = |open: &super::read::OpenInvoice| OpenItem {
        number: open.number.clone(),
        issue_on: open.issue_on,
        due_on: open.due_on,
        days_late: open.days_late,
        gross: open.gross,
        balance: open.balance,
    };
    let aged = view.aged;
    let statement = AccountStatement {
        seller: invoice::seller(&house.legal, &house.code),
        customer: invoice::buyer(party),
        account: view.party_code.clone(),
        currency: view.currency,
        from: view.from,
        to: view.to,
        as_of: view.as_of,
        opening: view.opening,
        lines: view.lines.iter().map(line).collect(),
        debits: view.debits,
        credits: view.credits,
        closing: view.closing,
        open: view.open.iter().map(open).collect(),
        ages: [aged.not_due, aged.days_0_30, aged.days_31_60, aged.days_61_90, aged.days_91_plus],
        unallocated: aged.unallocated,
        balance: aged.balance,
        payment: invoice::payment(PayMethod::Transfer, &house.legal),
    };
    let look = Presentation {
        language: of_page(language),
        logo,
        accent: house.legal.accent_color.as_deref().and_then(|color| color.parse().ok()).unwrap_or_default(),
        mentions: invoice::foot(house, party.fields.is_consumer),
        intro: None,
        closing: None,
    };
    (statement, look)
}

/// The table.
pub(super) const SHEET: Sheet<9> = Sheet {
    name: "statement",
    columns: ["date", "kind", "label", "reference", "text", "due_on", "debit", "credit", "balance"],
};

/// The lines of the table, between what stood before and what stands after.
pub(super) fn cells(view: &AccountStatementView, language: Language) -> Vec<[String; 9]> {
    let figure = |amount| house::figure(amount, view.currency);
    let stands = |on: kernel::Date, word: &str, french: &str, english: &str, balance: Decimal| {
        let label = if language == Language::Fr { french } else { english };
        let mut row: [String; 9] = Default::default();
        (row[0], row[1], row[2], row[8]) = (on.to_string(), word.to_owned(), label.to_owned(), figure(balance));
        row
    };
    let moved = view.lines.iter().map(|line| {
        [
            line.on.to_string(),
            line.kind.to_string(),
            called(line.kind, language).to_owned(),
            line.reference.clone(),
            line.text.clone(),
            line.due_on.map(|due| due.to_string()).unwrap_or_default(),
            figure(line.debit),
            figure(line.credit),
            figure(line.balance),
        ]
    });
    let opening = stands(view.from, "opening", "Solde initial", "Opening balance", view.opening);
    let closing = stands(view.to, "closing", "Solde final", "Closing balance", view.closing);
    std::iter::once(opening).chain(moved).chain([closing]).collect()
}

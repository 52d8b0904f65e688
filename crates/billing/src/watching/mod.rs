//! What the audit proves of documents and payments, and what people are alerted of.

mod alerts;
mod store;

use platform::Registry;
use platform::check::CheckSeverity::{Critical, Warning};
use platform::check::{Check, Section};

/// Registers the checks and the alerts.
pub(crate) fn register(registry: &mut Registry) {
    let check = |id, severity, proves| Check::called(id, Section::Money, severity, proves);
    let frozen = "An issued document was changed past its triggers, as the owner of the schema. Compare it with a backup and with \
        what the customer holds; take it back by a credit note and issue it again.";
    registry.check(
        check("money.document_numbers", Critical, "Documents are numbered from 1 without a gap within entity, series and year.")
            .how("the smallest and the largest number and the count of every series and year, and the next number that it gives")
            .mend(frozen)
            .reads(|mut tx| async move { store::tally_numbers(&mut tx).await }),
    );
    registry.check(
        check("money.documents_issued", Critical, "What is issued has its number, its page and its entry, and what is a draft has none.")
            .how("every document: status against number, stored page with its hash, and entry; credit notes against their original")
            .mend(frozen)
            .about("document")
            .reads(|mut tx| async move { store::tally_issued(&mut tx).await }),
    );
    registry.check(
        check("money.document_sums", Critical, "Every document is the sum of its lines and of its VAT.")
            .how("net, VAT and gross of every document against its lines, its rates and their discounts")
            .mend(frozen)
            .about("document")
            .reads(|mut tx| async move { store::tally_sums(&mut tx).await }),
    );
    registry.check(
        check("money.stored_pages", Critical, "Every stored page is, byte for byte, the one that was issued.")
            .how("SHA-256 of every stored page against the hash that the document was issued under (spec/field.md 5.7)")
            .mend("The page was changed in the database: bring it back from a backup whose page has the hash that the document names.")
            .about("document")
            .reads(|mut tx| async move { store::tally_pages(&mut tx).await }),
    );
    registry.check(
        check(
            "money.settlements",
            Critical,
            "What a document says is paid is what settles it, and never more than it amounts to.",
        )
        .how("paid, credited and status of every document against its live allocations")
        .mend(
            "A balance was changed past the payments. Recompute it from its allocations, and find out who changed it.",
        )
        .about("document")
        .reads(|mut tx| async move { store::tally_settlements(&mut tx).await }),
    );
    registry.check(
        check("money.receivables", Critical, "What customers owe by their documents is what they owe by the books.")
            .how("the open balance of every customer's invoices against account 411 and what is left of payments and credit notes against 4191")
            .mend("Open the customer's statement of account and the card of 411 beside each other: the first day on which they differ \
                names the document or the entry.")
            .about("party")
            .reads(|mut tx| async move { store::tally_receivables(&mut tx).await }),
    );
    registry.check(
        check("money.credit_notes", Critical, "All credit notes of an invoice take back no more than it amounts to.")
            .how("the sum of the issued credit notes of every invoice against its gross amount (F-13, weekly audit of spec/field.md 7)")
            .mend("Issue an invoice over what was taken back too much.")
            .about("document")
            .reads(|mut tx| async move { store::tally_credit_notes(&mut tx).await }),
    );
    registry.check(
        check(
            "money.between_entities",
            Critical,
            "A sale between entities is a purchase of the same amount in the other's books.",
        )
        .how("every document between entities against its mirror")
        .mend(frozen)
        .about("document")
        .reads(|mut tx| async move { store::tally_mirrors(&mut tx).await }),
    );
    registry.check(
        check("money.vat_declared", Critical, "The VAT of the books is the VAT that the return declares.")
            .how("account 44571 of every entity against the output lines of the VAT return")
            .mend("Open the VAT return and the card of 44571: the first month in which they differ names the entry.")
            .reads(|mut tx| async move { store::tally_vat(&mut tx).await }),
    );
    registry.check(
        check("money.bank_lines", Warning, "What bank lines settle is what their payments and entries amount to.")
            .how("every live match of a bank line: its payment is completed, and all matches of a line are the line's amount at most")
            .mend("Undo the match on the bank page and match again.")
            .reads(|mut tx| async move { store::tally_bank(&mut tx).await }),
    );
    alerts::register(registry);
}

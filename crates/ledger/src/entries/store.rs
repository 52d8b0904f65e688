//! Every statement on `ledger.entry`, `ledger.entry_line` and `ledger.vat_line`.

mod read;
mod write;

pub(crate) use read::lock_reversed;
pub use read::{
    EntryFilter, EntryRow, FoundParty, JournalLine, LineRow, VatRow, get_entry, list_entries, list_journal_lines,
    list_lines, list_parties, list_vat_lines, party_of,
};
pub(crate) use write::insert_entries;

platform::constraint!("entry_source_key", "source", "This source has an entry in this journal already.");
platform::constraint!("entry_reverses_key", "reverses", "This entry was reversed already.");
platform::constraint!("period_locked", "on", "The date lies in a locked period or a closed fiscal year.");
platform::constraint!("entry_fiscal_year", "on", "The date lies outside the fiscal year.");
platform::constraint!("entry_second_currency", "second", "Every entry of this book carries its second currency.");
platform::constraint!("entry_lines_whole", "lines", "The lines of an entry are written together with it.");
platform::constraint!("entry_balanced", "lines", "Debit and credit of an entry are equal in each currency.");
platform::constraint!("entry_line_exact", "lines", "An amount is finer than its currency.");
platform::constraint!("entry_line_postable", "lines", "An account takes no lines, or none that names a party.");
platform::constraint!("ledger_frozen", "entry", "What was posted never changes: reverse it.");
platform::constraint!("entry_line_party_fkey", "party_id", "There is no such party.");
platform::constraint!("entry_line_sign_check", "lines", "Amounts are not negative.");
platform::constraint!("entry_line_side_check", "lines", "A line has one side, and is not zero.");
platform::constraint!("entry_journal_fkey", "journal", "There is no such journal.");
platform::constraint!("entry_label_check", "label", "A label has 1 to 500 characters.");
platform::constraint!("entry_date_check", "on", "The date is too long ago or too far ahead.");
platform::constraint!("vat_line_date_check", "tax_on", "The date is too long ago or too far ahead.");

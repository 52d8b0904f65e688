//! What the audit proves of the books.

mod store;

use platform::Registry;
use platform::check::{Check, CheckSeverity::Critical, Section};

/// Registers the checks.
pub fn register(registry: &mut Registry) {
    let check = |id, proves| Check::called(id, Section::Money, Critical, proves);
    let by_hand = "An entry was changed past its triggers, as the owner of the schema. Compare it with a backup and with its \
        document; correct it by an entry that reverses it and a new one, never in place.";
    registry.check(
        check(
            "money.entries_balance",
            "Every entry balances in each of its currencies, and has the lines it was posted with.",
        )
        .how("the lines of every entry: debit against credit, their number against the one that the entry states")
        .mend(by_hand)
        .about("entry")
        .reads(|mut tx| async move { store::tally_entries(&mut tx).await }),
    );
    registry.check(
        check("money.entry_numbers", "The entries of a journal and fiscal year are numbered from 1 without a gap.")
            .how("the smallest and the largest number and the count of every journal and year, and the next number that it gives")
            .mend(by_hand)
            .reads(|mut tx| async move { store::tally_numbers(&mut tx).await }),
    );
    registry.check(
        check("money.daily_balances", "The daily balances that reports read are the sums of the lines.")
            .how("every day of every account: what is kept, against the lines of that day")
            .mend("The figures were changed past their trigger. Rebuild the day from its lines as the owner, and find out why.")
            .reads(|mut tx| async move { store::tally_days(&mut tx).await }),
    );
    registry.check(
        check("money.lettering", "What is lettered together is even.")
            .how("debit against credit of every letter that is not undone")
            .mend("Undo the letter in the account's card and letter what belongs together.")
            .reads(|mut tx| async move { store::tally_letters(&mut tx).await }),
    );
}

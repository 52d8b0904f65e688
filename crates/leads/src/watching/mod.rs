//! What the audit proves of leads and deliveries, and what people are alerted of.

mod alerts;
mod origins;
mod store;

use platform::Registry;
use platform::check::CheckSeverity::{Critical, Warning};
use platform::check::{Check, Section};

/// Registers the checks and the alerts.
pub(crate) fn register(registry: &mut Registry) {
    let check = |id, severity, proves| Check::called(id, Section::Leads, severity, proves);
    registry.check(
        Check::called(
            "security.form_origins",
            Section::Security,
            Warning,
            "Only pages reached over HTTPS may post a form of ours.",
        )
        .how("the origins that each form allows, which must be one host each")
        .mend("Correct the origins in Forms: https://www.example.org, without a path and without *.")
        .reads(|mut tx| async move { origins::examine(&mut tx).await }),
    );
    let past = "A row was changed past the service. Read the activity of the lead, which tells what happened, and set it right as the \
        owner; then find out who changed it.";
    registry.check(
        check(
            "leads.assigned",
            Critical,
            "A lead is routed or delivered exactly while a delivery of its own holds it.",
        )
        .how("every lead's state, buyer and delivery against that delivery, and every open delivery against its lead")
        .mend(past)
        .about("lead")
        .reads(|mut tx| async move { store::tally_assigned(&mut tx).await }),
    );
    registry.check(
        check(
            "leads.sent",
            Critical,
            "Nothing counts as sent without a file, a recipient and an attempt that was accepted.",
        )
        .how("every sent delivery against its file, its line in the file and its last attempt (L-04, L-05, L-13)")
        .mend(past)
        .about("delivery")
        .reads(|mut tx| async move { store::tally_sent(&mut tx).await }),
    );
    registry.check(
        check("leads.thirty_days", Critical, "No buyer gets a person's request for a product twice within 30 days.")
            .how("every two deliveries of one phone and product to one buyer, without what was cancelled (L-03, L-08)")
            .mend("Remove the later one as a duplicate: it is then not billed. Find out how it came to be.")
            .about("delivery")
            .reads(|mut tx| async move { store::tally_repeats(&mut tx).await }),
    );
    registry.check(
        check("leads.quotas", Critical, "What an order has used of its quota is what it was given.")
            .how("the figures of every order and week against its deliveries (L-01, L-63)")
            .mend("Set the figures of the week to what the deliveries say, as the owner.")
            .about("order")
            .reads(|mut tx| async move { store::tally_quotas(&mut tx).await }),
    );
    registry.check(
        check(
            "leads.prepaid",
            Critical,
            "What is left of units paid in advance is what was bought less what was held and delivered.",
        )
        .how("every balance against its moves, and every delivery that holds a unit (L-09)")
        .mend("Set the balance to what its moves say, as the owner.")
        .about("client")
        .reads(|mut tx| async move { store::tally_prepaid(&mut tx).await }),
    );
    registry.check(
        check("leads.transfers", Critical, "What one entity sold of another's leads is owed between them, once.")
            .how("every sent delivery that crosses entities against its transfer, and every invoiced transfer against its invoice (L-10, L-30, L-33)")
            .mend("Intercompany lists transfers in error with what they lack; the retry makes those that are missing.")
            .about("delivery")
            .reads(|mut tx| async move { store::tally_transfers(&mut tx).await }),
    );
    registry.check(
        check("leads.waiting", Warning, "Nothing has waited for a decision for more than a day.")
            .how("leads in the state new, and deliveries being sent beyond their lease")
            .mend("The sweep `routing-sweep` and the reaper take them up within minutes: see that a worker is alive.")
            .about("lead")
            .reads(|mut tx| async move { store::tally_waiting(&mut tx).await }),
    );
    alerts::register(registry);
}

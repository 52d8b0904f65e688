//! What the world's mail servers think of the domains that mail is sent from, as it was last looked up.

use crate::check::CheckSeverity::{Info, Warning};
use crate::check::{Check, CheckSeverity, Evidence, Outcome, Section};
use crate::mail::domain::store::{self, Standing};
use crate::mail::domain::{MailDomainItem, sending_domains};
use crate::{Registry, Result, Tx};

/// What is known must not be older: the domains are looked up daily.
const STALE_DAYS: i64 = 3;

pub(super) fn register(registry: &mut Registry) {
    let check = |id, severity: CheckSeverity, proves| Check::called(id, Section::MailDomain, severity, proves);
    registry.check(
        check("mail_domain.looked_up", Info, "It is known what DNS says of every domain that mail is sent from.")
            .how("the age of the last answer: three days at most")
            .mend("Settings, Mail says why DNS did not answer; another server is named by --dns-servers.")
            .reads(looked_up),
    );
    registry.check(
        check("mail_domain.spf", Warning, "Every sending domain says which servers may send for it (SPF).")
            .how("one v=spf1 record that can be read, asks for ten look-ups at most, includes the provider and ends with -all or ~all")
            .mend("Publish the SPF record that your mail provider names, and no other.")
            .reads(|tx| item(tx, MailDomainItem::Spf)),
    );
    registry.check(
        check("mail_domain.dkim", Warning, "Every sending domain publishes the keys that sign its mail (DKIM).")
            .how("the key of each selector: there, not revoked, and the one that was named")
            .mend("Switch signing on at your mail provider, publish its key, and name the selector in Settings, Mail.")
            .reads(|tx| item(tx, MailDomainItem::Dkim)),
    );
    registry.check(
        check(
            "mail_domain.dmarc",
            Warning,
            "Every sending domain says what becomes of mail that is not its own (DMARC).",
        )
        .how("one v=DMARC1 record with p=quarantine or p=reject, and an address for reports")
        .mend("Publish a DMARC record: begin with p=none and rua, read the reports, then ask for quarantine.")
        .reads(|tx| item(tx, MailDomainItem::Dmarc)),
    );
}

/// What is known of each domain that mail is sent from; none of what was never asked for.
async fn standings(tx: &mut Tx) -> Result<Vec<(String, Option<Standing>)>> {
    let mut known = store::list_domains(tx).await?;
    let domains = sending_domains(tx).await?.into_keys();
    let standing = |domain: String| {
        let found = known.iter().position(|standing| standing.domain == domain).map(|index| known.swap_remove(index));
        (domain, found)
    };
    Ok(domains.map(standing).collect())
}

fn of(examined: usize, texts: Vec<String>) -> Outcome {
    if examined == 0 {
        return Outcome::NotApplicable("No mail leaves through a server from a domain of yours.".to_owned());
    }
    Outcome::of(examined, texts.into_iter().map(Evidence::text).collect())
}

async fn looked_up(mut tx: Tx) -> Result<Outcome> {
    let before = tx.now().minus_days(STALE_DAYS);
    let domains = standings(&mut tx).await?;
    let stale = domains.iter().filter_map(|(domain, standing)| {
        let Some(standing) = standing else { return Some(format!("{domain} was not looked up yet")) };
        let is_stale = standing.answered_at.is_none_or(|at| at < before);
        is_stale.then(|| format!("{domain}: {}", standing.error.as_deref().unwrap_or("not looked up for days")))
    });
    Ok(of(domains.len(), stale.collect()))
}

async fn item(mut tx: Tx, item: MailDomainItem) -> Result<Outcome> {
    let domains = standings(&mut tx).await?;
    let answered: Vec<_> = domains.iter().filter_map(|(_, standing)| standing.as_ref()).collect();
    let wrong = answered.iter().flat_map(|standing| {
        let problems = standing.problems.iter().filter(|problem| problem.item() == item);
        problems.map(|problem| format!("{}: {}", standing.domain, problem.told()))
    });
    Ok(of(answered.len(), wrong.collect()))
}

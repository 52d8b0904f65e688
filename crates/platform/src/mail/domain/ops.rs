//! Looking the domains up, and what the tenant knows of them.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use kernel::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::lookup::is_name;
use super::model::{self, MailDomainItem, MailDomainProblem, MailDomainSettings, MailDomainVerdict, SendingDomain};
use super::store::{self, Standing};
use crate::event::Severity;
use crate::mail::target::SmtpSettings;
use crate::{Ctx, Error, Event, Result, Tx, Versioned, tenancy};

/// Domains that are looked up at once.
const AT_ONCE: usize = 8;

/// A domain signs with so many keys at most: one of each provider, and the next while they change.
const MOST_SELECTORS: usize = 10;

/// A domain that mail is sent from, and how it stands.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(super) struct MailDomainView {
    /// The domain.
    pub(super) domain: String,
    /// The codes of the entities that send from it.
    pub(super) entities: Vec<String>,
    /// What is known of it.
    #[serde(flatten)]
    pub(super) known: SendingDomain,
    /// When DNS was last asked.
    pub(super) asked_at: Option<Timestamp>,
    /// When DNS last answered: what is told here is as old.
    pub(super) answered_at: Option<Timestamp>,
    /// Why DNS did not answer the last time, if it did not.
    pub(super) error: Option<String>,
    /// How each item stands; empty before DNS answered.
    pub(super) items: BTreeMap<String, MailDomainVerdict>,
    /// What is wrong.
    pub(super) problems: Vec<MailDomainProblem>,
}

/// The domains that mail is sent from through a server, each with the entities that send from it.
pub(crate) async fn sending_domains(tx: &mut Tx) -> Result<BTreeMap<String, Vec<String>>> {
    let own = tx.setting::<SmtpSettings>().await?.per_entity;
    let has_default = tx.ctx().platform().options().smtp_url.is_some();
    let mut domains: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (code, email) in tenancy::store::list_senders(tx).await? {
        let has_own = own.get(&code).is_some_and(|server| !server.url.is_empty());
        let domain = email.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase());
        if let Some(domain) = domain.filter(|_| has_own || has_default) {
            domains.entry(domain).or_default().push(code);
        }
    }
    Ok(domains)
}

/// Looks up every domain that mail is sent from, and keeps what was found. Returns how many have something wrong.
pub async fn look_up(ctx: &Ctx) -> Result<usize> {
    let mut tx = ctx.read().await?;
    let domains: Vec<_> = sending_domains(&mut tx).await?.into_keys().collect();
    let known = tx.setting::<MailDomainSettings>().await?.domains;
    drop(tx);
    let resolver = super::Resolver::over(&ctx.platform().options().dns_servers)?;
    let mut answers = Vec::new();
    // A server that does not answer costs one wait for many domains.
    for some in domains.chunks(AT_ONCE) {
        answers.extend(join_all(some.iter().map(|domain| ask(&resolver, domain, known.get(domain)))).await);
    }
    let mut tx = ctx.begin().await?;
    let before = store::list_domains(&mut tx).await?;
    store::delete_others(&mut tx, &domains).await?;
    let mut wrong = 0;
    for (domain, answer) in answers {
        match answer {
            Ok(problems) => {
                wrong += usize::from(!problems.is_empty());
                tell(&mut tx, domain, before.iter().find(|standing| standing.domain == domain), &problems);
                store::put_answer(&mut tx, domain, &problems).await?;
            }
            Err(error) => store::put_failure(&mut tx, domain, &error).await?,
        }
    }
    tx.commit().await?;
    Ok(wrong)
}

async fn ask<'a>(
    resolver: &super::Resolver,
    domain: &'a str,
    known: Option<&SendingDomain>,
) -> (&'a str, std::result::Result<Vec<MailDomainProblem>, String>) {
    let known = known.cloned().unwrap_or_default();
    let records = resolver.records(domain, &known).await;
    (domain, records.map(|records| model::problems(domain, &known, &records)))
}

/// Tells when a domain begins to be mistrusted, and when that ends (spec/field.md 6.4).
fn tell(tx: &mut Tx, domain: &str, before: Option<&Standing>, problems: &[MailDomainProblem]) {
    let fails =
        |problems: &[MailDomainProblem]| problems.iter().any(|problem| problem.verdict() == MailDomainVerdict::Fail);
    let (failed, fails) = (before.is_some_and(|before| fails(&before.problems)), fails(problems));
    let action = match (failed, fails) {
        (false, true) => "mail_domain_failing",
        (true, false) => "mail_domain_healed",
        (false, false) | (true, true) => return,
    };
    let severity = if fails { Severity::Warning } else { Severity::Info };
    let details = json!({ "domain": domain, "problems": problems });
    let tenant = tx.tenant();
    tx.emit(Event::new(action, "tenant", tenant).severity(severity).details(details));
}

/// The domains as they stand.
pub(super) async fn list(tx: &mut Tx) -> Result<Versioned<Vec<MailDomainView>>> {
    let setting = tx.versioned_setting::<MailDomainSettings>().await?;
    let standings = store::list_domains(tx).await?;
    let view = |(domain, entities): (String, Vec<String>)| {
        let known = setting.value.domains.get(&domain).cloned().unwrap_or_default();
        let standing = standings.iter().find(|standing| standing.domain == domain).cloned();
        let answered = standing.clone().filter(|standing| standing.answered_at.is_some());
        let items = answered.iter().flat_map(|standing| {
            MailDomainItem::ALL.iter().map(|item| (item.to_string(), model::verdict(&standing.problems, *item)))
        });
        MailDomainView {
            entities,
            known,
            items: items.collect(),
            asked_at: standing.as_ref().map(|standing| standing.asked_at),
            answered_at: standing.as_ref().and_then(|standing| standing.answered_at),
            error: standing.as_ref().and_then(|standing| standing.error.clone()),
            problems: answered.map(|standing| standing.problems).unwrap_or_default(),
            domain,
        }
    };
    let value = sending_domains(tx).await?.into_iter().map(view).collect();
    let Versioned { version, updated_at, updated_by, .. } = setting;
    Ok(Versioned { value, version, updated_at, updated_by })
}

/// Sets what is known of the domains.
///
/// Invalid where a name cannot be one, or there are too many; conflict when they were changed meanwhile.
pub(super) async fn put(tx: &mut Tx, settings: &MailDomainSettings, version: Option<i64>) -> Result<()> {
    for (domain, known) in &settings.domains {
        let field = |name: &str| format!("domains.{domain}.{name}");
        if !is_name(domain) {
            return Err(Error::invalid(format!("domains.{domain}"), "is not a domain"));
        }
        if known.dkim_selectors.len() > MOST_SELECTORS {
            return Err(Error::invalid(field("dkim_selectors"), format!("must be {MOST_SELECTORS} at most")));
        }
        if known.dkim_selectors.iter().any(|selector| !is_name(selector)) {
            return Err(Error::invalid(field("dkim_selectors"), "holds what is not a selector"));
        }
        if !known.spf_include.is_empty() && !is_name(&known.spf_include) {
            return Err(Error::invalid(field("spf_include"), "is not a domain"));
        }
    }
    tx.put_setting(settings, version).await?;
    Ok(())
}

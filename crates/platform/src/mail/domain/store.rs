//! Every statement on `platform.mail_domain`.

use kernel::Timestamp;

use super::MailDomainProblem;
use crate::{Result, Tx};

/// What was found of a domain when it was last looked up.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// The domain, in small letters.
    pub domain: String,
    /// When it was last asked for.
    pub asked_at: Timestamp,
    /// When DNS last answered; what is known is as old.
    pub answered_at: Option<Timestamp>,
    /// What was wrong then.
    pub problems: Vec<MailDomainProblem>,
    /// Why DNS did not answer the last time, if it did not.
    pub error: Option<String>,
}

struct Row {
    domain: String,
    asked_at: Timestamp,
    answered_at: Option<Timestamp>,
    problems: Vec<String>,
    error: Option<String>,
}

/// What is known of the tenant's domains, by name.
pub(crate) async fn list_domains(tx: &mut Tx) -> Result<Vec<Standing>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query_as!(
        Row,
        r#"select domain, asked_at as "asked_at: Timestamp", answered_at as "answered_at: Timestamp", problems, error
           from platform.mail_domain where tenant_id = $1 order by domain"#,
        tenant
    )
    .fetch_all(tx.conn())
    .await?;
    let standing = |row: Row| {
        let Row { domain, asked_at, answered_at, problems, error } = row;
        let problems = problems.iter().filter_map(|word| MailDomainProblem::of(word)).collect();
        Standing { domain, asked_at, answered_at, problems, error }
    };
    Ok(rows.into_iter().map(standing).collect())
}

/// Keeps what DNS answered.
pub(crate) async fn put_answer(tx: &mut Tx, domain: &str, problems: &[MailDomainProblem]) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let words: Vec<String> = problems.iter().map(ToString::to_string).collect();
    sqlx::query!(
        "insert into platform.mail_domain (tenant_id, domain, asked_at, answered_at, problems) values ($1, $2, $3, $3, $4)
         on conflict (tenant_id, domain) do update set asked_at = $3, answered_at = $3, problems = $4, error = null",
        tenant,
        domain,
        now as Timestamp,
        &words
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Keeps why DNS did not answer; what was known stays.
pub(crate) async fn put_failure(tx: &mut Tx, domain: &str, error: &str) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "insert into platform.mail_domain (tenant_id, domain, asked_at, problems, error) values ($1, $2, $3, '{}', $4)
         on conflict (tenant_id, domain) do update set asked_at = $3, error = $4",
        tenant,
        domain,
        now as Timestamp,
        error
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Forgets domains that nothing is sent from any more.
pub(crate) async fn delete_others(tx: &mut Tx, domains: &[String]) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!("delete from platform.mail_domain where tenant_id = $1 and domain <> all ($2)", tenant, domains)
        .execute(tx.conn())
        .await?;
    Ok(())
}

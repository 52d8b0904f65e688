//! Secrets, sessions and what the operator decided about them.

use kernel::{Timestamp, Zone};
use url::Host;

use crate::check::CheckSeverity::{Critical, Info, Warning};
use crate::check::{Check, Evidence, Outcome, Section, Tally};
use crate::event::seal::{self, Verdict};
use crate::{Ctx, Registry, Result, Tx, schema};

/// A key of a machine is replaced within a year.
const KEY_DAYS: i64 = 365;

/// Who may change much has so long to set up his second factor.
const GRACE_DAYS: i64 = 30;

pub(super) fn register(registry: &mut Registry) {
    let check = |id, severity, proves| Check::called(id, Section::Security, severity, proves);
    registry.check(
        check("security.event_chain", Critical, "No event that was sealed was changed, removed or added.")
            .how("every seal of the tenant computed anew, over the whole text of its events and the seal before it")
            .mend("Somebody changed the record as the owner of the schema. Compare with a backup from before; the seal says from where on.")
            .reads(event_chain),
    );
    registry.check(
        check("security.password_hashes", Critical, "Every password is kept as an argon2id hash of today's cost.")
            .how("the algorithm and the cost in every member's hash")
            .mend("Have the user choose a new password: `comptoir user reset-password`.")
            .about("user")
            .reads(password_hashes),
    );
    registry.check(
        check("security.second_factor", Warning, "Who may change much signs in with a second factor.")
            .how("active super admins and admins who joined more than 30 days ago and have no second factor; nothing is asked of an installation that is younger")
            .mend("They set it up under Account; a super admin sees who has it in Users.")
            .about("user")
            .reads(second_factor),
    );
    registry.check(
        check("security.machine_keys", Warning, "No key of a machine is older than a year.")
            .how("live keys in platform.api_key")
            .mend("Issue a new one where it is used (a provider's page), and hand it over; the old one ends at once.")
            .about("api_key")
            .reads(machine_keys),
    );
    registry.check(
        check("security.secret_age", Warning, "The key that seals secrets is not older than a year.")
            .how("platform.secret_key: the newest that is not retired")
            .mend("Rotate it: `comptoir secrets rotate` (docs/secrets.md).")
            .reads(secret_age),
    );
    registry.check(
        check("security.https", Critical, "People reach the installation over HTTPS only.")
            .how("the public address: https, unless it is this machine's own")
            .mend("Put a proxy with a certificate in front, and tell: --public-url https://…")
            .probes(https),
    );
    registry.check(
        check("security.trusted_proxies", Critical, "Nobody but our own proxies is believed about a client's address.")
            .how("the trusted proxies: none that covers half of the world")
            .mend("Name the addresses of your proxies, and no more: --trusted-proxies.")
            .probes(trusted_proxies),
    );
    registry.check(
        check("security.database_connection", Critical, "What is said to the database is not heard on the way.")
            .how("the service's own connection: a Unix socket, this machine, or TLS")
            .mend("Ask for TLS in COMPTOIR_DATABASE_URL: ?sslmode=verify-full.")
            .reads(database_connection),
    );
    registry.check(
        check("security.metrics_token", Info, "The token that opens the metrics cannot be guessed.")
            .how("its length: 24 characters or more, where there is one")
            .mend("Choose a longer COMPTOIR_METRICS_TOKEN.")
            .probes(metrics_token),
    );
}

async fn event_chain(mut tx: Tx) -> Result<Outcome> {
    Ok(match seal::verify(&mut tx).await? {
        Verdict::Intact { events } => Outcome::Clean { examined: events },
        Verdict::Broken { seq } => Outcome::of_texts(1, [format!("the seal {seq} does not match what it seals")]),
    })
}

/// `$argon2id$v=19$m=19456,t=2,p=1$…`: what OWASP asks for at least, and what this version writes.
async fn password_hashes(mut tx: Tx) -> Result<Outcome> {
    let tenant = tx.tenant().uuid();
    sqlx::query_as!(
        Tally,
        r#"with subject as (
               select u.id, coalesce(u.password_hash ~ '^\$argon2id\$v=19\$m=[0-9]+,t=[0-9]+,p=[0-9]+\$'
                   and substring(u.password_hash from 'm=([0-9]+)')::integer >= 19456
                   and substring(u.password_hash from 't=([0-9]+)')::integer >= 2, true) as is_strong
               from platform.membership m join platform.user u on u.id = m.user_id
               where m.tenant_id = $1
           )
           select count(*) as "examined!", count(*) filter (where not is_strong) as "found!",
               (array_agg(jsonb_build_object('id', id, 'text', 'a weak hash') order by id) filter (where not is_strong))[1:20] as samples
           from subject"#,
        tenant
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

async fn second_factor(mut tx: Tx) -> Result<Outcome> {
    let (tenant, before) = (tx.tenant().uuid(), tx.now().minus_days(GRACE_DAYS));
    if schema::installed_at(tx.ctx().platform().pool()).await? > before {
        return Ok(Outcome::NotApplicable(format!("The installation is younger than {GRACE_DAYS} days.")));
    }
    sqlx::query_as!(
        Tally,
        r#"with subject as (
               select u.id, m.role, u.totp_confirmed_at is not null or m.created_at > $2 as is_safe
               from platform.membership m join platform.user u on u.id = m.user_id
               where m.tenant_id = $1 and m.is_active and u.is_active and m.role in ('super_admin', 'admin')
           )
           select count(*) as "examined!", count(*) filter (where not is_safe) as "found!",
               (array_agg(jsonb_build_object('id', id, 'text', role || ' without a second factor') order by id)
                   filter (where not is_safe))[1:20] as samples
           from subject"#,
        tenant,
        before as Timestamp
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

async fn machine_keys(mut tx: Tx) -> Result<Outcome> {
    let (tenant, before) = (tx.tenant().uuid(), tx.now().minus_days(KEY_DAYS));
    sqlx::query_as!(
        Tally,
        r#"select count(*) as "examined!", count(*) filter (where created_at < $2) as "found!",
               (array_agg(jsonb_build_object('id', id, 'text', format('%s key …%s of %s', kind, hint, created_at::date)) order by id)
                   filter (where created_at < $2))[1:20] as samples
           from platform.api_key where tenant_id = $1 and revoked_at is null"#,
        tenant,
        before as Timestamp
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

async fn secret_age(mut tx: Tx) -> Result<Outcome> {
    let before = tx.now().minus_days(KEY_DAYS);
    let row = sqlx::query!(
        r#"select count(*) as "keys!", max(created_at) as "newest: Timestamp" from platform.secret_key where retired_at is null"#
    )
    .fetch_one(tx.conn())
    .await?;
    let Some(newest) = row.newest else {
        return Ok(Outcome::NotApplicable("There is no key: nothing is sealed.".to_owned()));
    };
    let old = (newest < before).then(|| format!("the newest is of {}", newest.date_in(&Zone::UTC)));
    Ok(Outcome::of_texts(usize::try_from(row.keys).unwrap_or(0), old))
}

async fn https(ctx: Ctx) -> Result<Outcome> {
    let address = ctx.platform().options().public_url.clone();
    let url = url::Url::parse(&address).ok();
    let is_local = url.as_ref().and_then(url::Url::host).is_some_and(|host| match host {
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
    });
    let is_safe = is_local || url.is_some_and(|url| url.scheme() == "https");
    Ok(Outcome::of_texts(1, (!is_safe).then(|| format!("the public address is {address}"))))
}

async fn trusted_proxies(ctx: Ctx) -> Result<Outcome> {
    let nets = ctx.platform().options().trusted_proxies.clone();
    let wide = nets.iter().filter(|net| net.prefix_len() < 8);
    Ok(Outcome::of_texts(nets.len(), wide.map(|net| format!("{net} is trusted"))))
}

async fn database_connection(mut tx: Tx) -> Result<Outcome> {
    let row = sqlx::query!(
        r#"select coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false) as "is_encrypted!",
               coalesce(host(inet_client_addr()) <> host(inet_server_addr()), false) as "is_remote!""#
    )
    .fetch_one(tx.conn())
    .await?;
    let heard = is_heard(row.is_remote, row.is_encrypted);
    Ok(Outcome::of(1, heard.then(|| Evidence::text("another machine, without TLS")).into_iter().collect()))
}

const fn is_heard(is_remote: bool, is_encrypted: bool) -> bool {
    is_remote && !is_encrypted
}

async fn metrics_token(ctx: Ctx) -> Result<Outcome> {
    let Some(token) = ctx.platform().options().metrics_token.clone() else {
        return Ok(Outcome::NotApplicable("The metrics are closed: there is no token.".to_owned()));
    };
    Ok(Outcome::of_texts(1, (token.chars().count() < 24).then_some("it is shorter than 24 characters")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_goes_to_another_machine_must_be_encrypted() {
        for (is_remote, is_encrypted, found) in
            [(true, false, true), (true, true, false), (false, false, false), (false, true, false)]
        {
            assert_eq!(is_heard(is_remote, is_encrypted), found);
        }
    }
}

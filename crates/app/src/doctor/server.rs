//! The database server: reachable, the right schema and role, its clock, who waits for whom.

use std::time::Instant;

use jiff::SignedDuration;
use kernel::{Clock as _, SystemClock};
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;

use super::model::{self, Finding, Status, for_people};
use super::{part, store};
use crate::config::Config;

const DATABASE: &str = "database";

pub(super) async fn examine(pool: &PgPool, findings: &mut Vec<Finding>) {
    match tokio::time::timeout(super::PART, measured(pool)).await {
        Ok(Ok((server, skew))) => tell_server(&server, skew, findings),
        Ok(Err(error)) => {
            let next = "Read the log of PostgreSQL.";
            findings.push(Finding::broken(DATABASE, "reachable", error.chain(), next));
        }
        Err(_) => {
            findings.push(Finding::broken(DATABASE, "reachable", "it does not answer", "Read the log of PostgreSQL."));
        }
    }
    findings.push(part(DATABASE, "schema", platform::schema::differences(pool), |found| schema(&found)).await);
    findings.push(part(DATABASE, "row_security", store::list_unguarded(pool), |found| row_security(&found)).await);
    findings.push(part(DATABASE, "locks", store::list_blocked(pool), |found| locks(&found)).await);
    findings.push(part(DATABASE, "replicas", store::list_replicas(pool), |found| replicas(&found)).await);
}

/// The replicas that are read, each asked by itself and all at once.
pub(super) async fn examine_replicas(config: &Config, findings: &mut Vec<Finding>) {
    let ask = |options: PgConnectOptions| async move {
        let host = options.get_host().to_owned();
        let pool = platform::connect_replica(options.application_name("comptoir doctor"), 1);
        let asked = tokio::time::timeout(super::PART, store::get_server(&pool)).await;
        (host, asked)
    };
    let asked = futures_util::future::join_all(config.replica_urls.options().map(ask)).await;
    let next = "Until then the primary answers what only reads. See that it runs and replays, and what COMPTOIR_REPLICA_URLS names: docs/operations.md.";
    findings.extend(asked.into_iter().map(|(host, asked)| match asked {
        Ok(Ok(server)) if server.is_replica => Finding::ok(DATABASE, "reads", format!("the replica {host} answers")),
        Ok(Ok(_)) => Finding::attention(DATABASE, "reads", format!("{host} is no replica, and is not read"), next),
        Ok(Err(error)) => Finding::attention(DATABASE, "reads", format!("{host}: {}", error.chain()), next),
        Err(_) => Finding::attention(DATABASE, "reads", format!("{host} does not answer"), next),
    }));
}

/// The server, and how far its clock is from ours: it was read in the middle of the way there and back.
async fn measured(pool: &PgPool) -> platform::Result<(store::Server, SignedDuration)> {
    // The first statement of a connection is prepared; what is measured is the second.
    store::get_server(pool).await?;
    let (asked, clock) = (SystemClock.now(), Instant::now());
    let server = store::get_server(pool).await?;
    let half = SignedDuration::try_from(clock.elapsed() / 2).unwrap_or_default();
    let skew = server.now.since(asked.plus(half));
    Ok((server, skew))
}

fn tell_server(server: &store::Server, skew: SignedDuration, findings: &mut Vec<Finding>) {
    let says = format!("PostgreSQL {} answers, as a role that row security binds", server.version);
    findings.push(Finding::ok(DATABASE, "reachable", says));
    if server.is_replica {
        let next = "It was not promoted, or COMPTOIR_DATABASE_URL names the wrong server.";
        findings.push(Finding::broken(DATABASE, "primary", "this is a replica: nothing can be written", next));
    }
    findings.push(Finding::judged(
        DATABASE,
        "clock",
        model::skew(skew),
        format!("{} ms from ours", skew.as_millis()),
        "Set both clocks by NTP: leases, schedules and one-time passwords go by them.",
    ));
    findings.push(Finding::judged(
        DATABASE,
        "connections",
        model::connections(server.used, server.connections),
        format!("{} of {} in use", server.used, server.connections),
        "See who holds them (select application_name, state, count(*) from pg_stat_activity group by 1, 2); lower --db-pool or raise max_connections.",
    ));
    let age = SignedDuration::from_secs(server.oldest_transaction);
    let who = server.oldest_pid.map_or_else(String::new, |pid| {
        format!(", process {pid} ({})", server.oldest_name.as_deref().unwrap_or_default())
    });
    findings.push(Finding::judged(
        DATABASE,
        "transactions",
        model::transaction(age),
        format!("the oldest is {} old{who}", for_people(age)),
        "An old transaction holds locks and keeps the tables from being cleaned: end it with select pg_terminate_backend(PROCESS).",
    ));
}

fn schema(differences: &[String]) -> Finding {
    let Some(first) = differences.first() else {
        return Finding::ok(DATABASE, "schema", "exactly the one this binary was built with");
    };
    let next =
        "Run the binary that fits, or `comptoir migrate`; `comptoir check` lists every difference. docs/upgrade.md.";
    Finding::broken(DATABASE, "schema", format!("{} differences, the first: {first}", differences.len()), next)
}

fn row_security(unguarded: &[String]) -> Finding {
    if unguarded.is_empty() {
        return Finding::ok(DATABASE, "row_security", "forced on every table with a tenant");
    }
    let next = "Take the service off the network: tenants may see each other. Then `comptoir check`, and force it again as the owner.";
    Finding::broken(DATABASE, "row_security", format!("not forced on {}", unguarded.join(", ")), next)
}

fn locks(blocked: &[store::Blocked]) -> Finding {
    let Some(first) = blocked.first() else { return Finding::ok(DATABASE, "locks", "nobody waits for anybody") };
    let longest = SignedDuration::from_secs(first.since);
    let says = format!(
        "{} wait; process {} for {} on process {} ({}, {})",
        blocked.len(),
        first.pid,
        for_people(longest),
        first.holder,
        first.holder_name,
        first.holder_state
    );
    let next = format!(
        "See what it does (select * from pg_stat_activity where pid = {0}); if it must go: select pg_terminate_backend({0}).",
        first.holder
    );
    Finding::judged(DATABASE, "locks", model::blocked(longest), says, &next)
}

fn replicas(replicas: &[(String, Option<SignedDuration>)]) -> Finding {
    if replicas.is_empty() {
        return Finding::ok(DATABASE, "replicas", "none");
    }
    let worst = replicas.iter().filter_map(|(_, behind)| *behind).max().unwrap_or_default();
    let names: Vec<_> = replicas.iter().map(|(name, _)| name.as_str()).collect();
    let says = format!("{}; at most {} behind", names.join(", "), for_people(worst));
    let status: Status = model::lag(worst);
    Finding::judged(
        DATABASE,
        "replicas",
        status,
        says,
        "See the replica's log, its disk and the network between the two.",
    )
}

//! The installation: who works, what waits, what is lost, what others say of it.

use jiff::SignedDuration;
use kernel::Timestamp;
use platform::backup::Standing;
use platform::job::store::Heartbeat;
use platform::signal::SlowStatement;
use platform::signal::store::QueuedKind;
use platform::{Actor, Platform, Result, mail};
use sqlx::PgPool;

use super::model::{self, Finding, Status, for_people};
use super::{part, store};
use crate::config::Config;

/// Who did not beat for so long is dead (T-111).
const SILENT: SignedDuration = SignedDuration::from_secs(60);

/// Tenants that are looked into one by one, at most.
const TENANTS: usize = 200;

pub(super) async fn examine_secrets(config: &Config, pool: &PgPool, findings: &mut Vec<Finding>) {
    let judge = |difference: Option<String>| match difference {
        None => Finding::ok("database", "secret_keys", "the ring is the one this database uses"),
        Some(difference) => {
            let next = "Bring the ring back that this database was served with: docs/secrets.md.";
            Finding::broken("database", "secret_keys", difference, next)
        }
    };
    findings
        .push(part("database", "secret_keys", platform::secret::differences(pool, &config.secret_keys), judge).await);
}

pub(super) async fn examine(platform: &Platform, findings: &mut Vec<Finding>) {
    let now = platform.now();
    let beats = platform::job::store::heartbeats(platform);
    findings.push(part("jobs", "workers", beats, |beats| workers(&beats, now)).await);
    match tokio::time::timeout(super::PART, platform::signal::store::queue(platform)).await {
        Ok(Ok(kinds)) => findings.extend([queue(&kinds, now), dead_letters(&kinds)]),
        Ok(Err(error)) => findings.push(Finding::broken("jobs", "queue", error.chain(), "Read the log of PostgreSQL.")),
        Err(_) => findings.push(Finding::broken("jobs", "queue", "no answer", "Read the log of PostgreSQL.")),
    }
    findings.push(part("service", "errors", platform::signal::store::last_hour(platform), |hour| errors(&hour)).await);
    let slow = platform::signal::store::slowest(platform);
    findings.push(part("service", "slow_statements", slow, |slow| statements(&slow)).await);
    findings
        .push(part("safety", "backups", platform::backup::store::get_standing(platform), |s| backups(&s, now)).await);
    examine_tenants(platform, now, findings).await;
}

fn workers(beats: &[Heartbeat], now: Timestamp) -> Finding {
    let silent: Vec<_> = beats.iter().filter(|beat| now.since(beat.beat_at) > SILENT).collect();
    let alive = beats.len() - silent.len();
    let next = "Start `comptoir serve` with workers where none is; read the log of the one that fell silent.";
    let gone: Vec<_> =
        silent.iter().map(|beat| format!("{} for {}", beat.worker, for_people(now.since(beat.beat_at)))).collect();
    if alive == 0 {
        let says = if gone.is_empty() {
            "nobody works".to_owned()
        } else {
            format!("nobody works; silent: {}", gone.join(", "))
        };
        return Finding::broken("jobs", "workers", says, next);
    }
    if !gone.is_empty() {
        return Finding::attention("jobs", "workers", format!("{alive} alive; silent: {}", gone.join(", ")), next);
    }
    let ours = env!("CARGO_PKG_VERSION");
    let others: Vec<_> = beats.iter().filter(|beat| beat.version != ours).map(|beat| beat.worker.as_str()).collect();
    if others.is_empty() {
        return Finding::ok("jobs", "workers", format!("{alive} alive, all of version {ours}"));
    }
    let next = "Fine while an upgrade rolls; otherwise restart them with the new binary.";
    Finding::attention("jobs", "workers", format!("{} of another version than {ours}", others.join(", ")), next)
}

fn queue(kinds: &[QueuedKind], now: Timestamp) -> Finding {
    let due: i64 = kinds.iter().map(|kind| kind.due).sum();
    let oldest = kinds.iter().filter_map(|kind| Some((kind.oldest_due_at?, &kind.kind))).min();
    let Some((since, kind)) = oldest else { return Finding::ok("jobs", "queue", "nothing waits") };
    let age = now.since(since);
    let says = format!("{due} due; the oldest, {kind}, for {}", for_people(age));
    let next =
        "See that workers are alive and what they do (Operations, Signals); give more: --workers, or another instance.";
    Finding::judged("jobs", "queue", model::queue(age), says, next)
}

fn dead_letters(kinds: &[QueuedKind]) -> Finding {
    let dead: Vec<_> =
        kinds.iter().filter(|kind| kind.dead > 0).map(|kind| format!("{} {}", kind.dead, kind.kind)).collect();
    if dead.is_empty() {
        return Finding::ok("jobs", "dead_letters", "none");
    }
    let next = "Read what the last attempt said (Operations, Dead letters), mend it, and requeue them.";
    Finding::attention("jobs", "dead_letters", dead.join(", "), next)
}

fn errors(hour: &platform::signal::store::Hour) -> Finding {
    let tally = &hour.requests;
    let says = format!(
        "{} of {} requests of the last hour failed; half were answered within {} ms, 99 of 100 within {} ms{}",
        tally.errors,
        tally.runs,
        tally.percentile_us(50) / 1000,
        tally.percentile_us(99) / 1000,
        if hour.failing.is_empty() { String::new() } else { format!("; worst: {}", hour.failing.join(", ")) }
    );
    let next = "Look for `a request failed` in the log: each names its route, its request id and its cause.";
    Finding::judged("service", "errors", model::failures(tally.runs, tally.errors), says, next)
}

fn statements(slow: &[SlowStatement]) -> Finding {
    let Some(worst) = slow.first() else { return Finding::ok("service", "slow_statements", "none today") };
    let text: String = worst.statement.chars().take(120).collect();
    let says = format!(
        "{} kinds today; the worst {} times, {} ms at most, for {}: {text}",
        slow.len(),
        worst.runs,
        worst.longest_us / 1000,
        worst.origin
    );
    let next = "explain (analyze, buffers) it as the owner; a lock, a missing index or old statistics (analyze) are the usual causes.";
    Finding::attention("service", "slow_statements", says, next)
}

fn backups(standing: &Standing, now: Timestamp) -> Finding {
    let age = standing.last_success_at.map(|at| now.since(at));
    let proven = standing.last_proven_at.map(|at| now.since(at));
    if age.is_none() && standing.last_state.is_none() {
        let next = "Set COMPTOIR_BACKUP_TO, or see that your own backups of the database exist and can be restored: docs/backup.md.";
        return Finding::attention("safety", "backups", "none was ever made by the service", next);
    }
    let told =
        |age: Option<SignedDuration>| age.map_or_else(|| "never".to_owned(), |age| format!("{} ago", for_people(age)));
    let error = standing.last_error.as_deref().or(standing.last_proof_error.as_deref());
    let error = error.map_or_else(String::new, |error| format!("; the last failure: {error}"));
    let says = format!("the last {}, proven {}{error}", told(age), told(proven));
    let next = "`comptoir backup` makes one now, `comptoir backup drill` proves it: docs/backup.md.";
    Finding::judged("safety", "backups", model::backup(age, proven), says, next)
}

#[derive(Default)]
struct Tenants {
    left_alone: Vec<String>,
    critical: i64,
    alerts: Vec<String>,
    audits: Vec<String>,
    never_audited: usize,
    all: usize,
}

async fn examine_tenants(platform: &Platform, now: Timestamp, findings: &mut Vec<Finding>) {
    match tokio::time::timeout(super::PART, look_into(platform, now)).await {
        Ok(Ok(tenants)) => findings.extend(tell_tenants(&tenants)),
        Ok(Err(error)) => {
            findings.push(Finding::broken("safety", "tenants", error.chain(), "Read the log of PostgreSQL."));
        }
        Err(_) => {
            let next = "The database is slow: look at its locks above.";
            findings.push(Finding::attention("safety", "tenants", "their alerts could not be read in time", next));
        }
    }
}

async fn look_into(platform: &Platform, now: Timestamp) -> Result<Tenants> {
    let mut found = Tenants::default();
    for id in platform::tenancy::tenant_ids(platform).await?.into_iter().take(TENANTS) {
        let ctx = platform.act_in(id, Actor::System("doctor"), "doctor").await?;
        let slug = ctx.tenant().slug.clone();
        let entities: Vec<_> = ctx.entities().map(|entity| (entity.id, entity.code.clone())).collect();
        let mut tx = ctx.read().await?;
        for (entity, code) in entities {
            if mail::circuit_open_until(&mut tx, entity).await?.is_some() {
                found.left_alone.push(format!("{slug}/{code}"));
            }
        }
        let troubles = store::get_troubles(&mut tx).await?;
        found.critical += troubles.critical;
        found.alerts.extend(troubles.first.map(|kind| format!("{slug}: {kind}")));
        match (troubles.audited_at, troubles.findings.unwrap_or_default()) {
            (None, _) => found.never_audited += 1,
            (Some(at), 0) if now.since(at) < SignedDuration::from_hours(48) => {}
            (Some(at), count) => {
                found.audits.push(format!("{slug}: {count} findings, {} ago", for_people(now.since(at))));
            }
        }
        found.all += 1;
    }
    Ok(found)
}

fn tell_tenants(tenants: &Tenants) -> [Finding; 3] {
    let attention = |so: bool| if so { Status::Attention } else { Status::Ok };
    let mail =
        if tenants.left_alone.is_empty() { "none is left alone".to_owned() } else { tenants.left_alone.join(", ") };
    let mail = Finding::judged(
        "outside",
        "mail_servers",
        attention(!tenants.left_alone.is_empty()),
        mail,
        "Their servers failed five times in a row and rest for five minutes; Operations, Mail says what they answered.",
    );
    let alerts = Finding::judged(
        "safety",
        "alerts",
        if tenants.critical > 0 { Status::Broken } else { Status::Ok },
        if tenants.critical > 0 {
            format!("{} critical ones are open: {}", tenants.critical, tenants.alerts.join(", "))
        } else {
            "no critical one is open".to_owned()
        },
        "Read them in the console (Alerts): each says what it is about and how to mend it.",
    );
    let audited = match (tenants.audits.is_empty(), tenants.never_audited) {
        (true, 0) => format!("clean in all of {} tenants", tenants.all),
        (true, never) => format!("{never} of {} tenants were never audited", tenants.all),
        (false, _) => tenants.audits.join(", "),
    };
    let is_clean = tenants.audits.is_empty() && tenants.never_audited == 0;
    let audit = Finding::judged(
        "safety",
        "audit",
        attention(!is_clean),
        audited,
        "`comptoir audit` proves every check now and says how to mend each finding.",
    );
    [mail, alerts, audit]
}

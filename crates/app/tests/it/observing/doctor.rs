//! `comptoir doctor`: what is wrong is named, with what to do next, whatever is down.

use std::time::{Duration, Instant};

use serde_json::Value;
use sqlx::Connection as _;

use crate::support::process::Installation;

/// What the doctor says, and whether it ended well; within ten seconds.
fn doctor(here: &Installation, args: &[&str], variables: &[(&str, &str)]) -> (bool, Value) {
    let clock = Instant::now();
    let mut command = here.program(&[&["doctor", "--json"], args].concat());
    let output = command.envs(variables.iter().copied()).output().unwrap();
    assert!(clock.elapsed() < Duration::from_secs(10), "{:?}", clock.elapsed());
    let said = serde_json::from_slice(&output.stdout);
    let said = said.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.success(), said)
}

/// How something is: its status, what was seen and what to do.
fn about<'a>(said: &'a Value, area: &str, name: &str) -> (&'a str, &'a str, &'a str) {
    let findings = said["findings"].as_array().unwrap();
    let found = findings.iter().find(|one| one["area"] == area && one["name"] == name);
    let found = found.unwrap_or_else(|| panic!("no {area}/{name} in {said:#}"));
    (found["status"].as_str().unwrap(), found["says"].as_str().unwrap(), found["next"].as_str().unwrap_or_default())
}

async fn run(here: &Installation, sql: &'static str) {
    sqlx::raw_sql(sql).execute(&mut here.owner().await).await.unwrap();
}

#[tokio::test]
async fn a_healthy_installation_has_nothing_broken_and_each_thing_that_goes_wrong_is_named() {
    let here = Installation::new("doctor").await;
    let process = here.serve(&[]).await;
    process.ask("GET", "/api/auth/me", Value::Null).await;
    process
        .until("a heartbeat", async |process| {
            let beats = process.ask("GET", "/api/operations/workers", Value::Null).await;
            (!beats.as_array().unwrap().is_empty()).then_some(())
        })
        .await;
    // However full the disk of this machine is.
    let (well, said) = doctor(&here, &["--least-free", "0"], &[]);
    assert!(well, "{said:#}");
    for (area, name) in [
        ("machine", "settings"),
        ("machine", "address"),
        ("machine", "data_dir"),
        ("machine", "disk"),
        ("machine", "secret_keys"),
        ("database", "reachable"),
        ("database", "clock"),
        ("database", "connections"),
        ("database", "transactions"),
        ("database", "schema"),
        ("database", "row_security"),
        ("database", "locks"),
        ("database", "replicas"),
        ("database", "secret_keys"),
        ("jobs", "workers"),
        ("jobs", "dead_letters"),
        ("outside", "mail_servers"),
        ("safety", "alerts"),
        ("service", "errors"),
        ("service", "slow_statements"),
    ] {
        assert_eq!(about(&said, area, name).0, "ok", "{area}/{name}: {said:#}");
    }
    assert_eq!(about(&said, "safety", "backups").0, "attention");

    // A disk that is fuller than it may be.
    let (well, said) = doctor(&here, &["--least-free", "100"], &[]);
    let (status, _, next) = about(&said, "machine", "disk");
    assert!(status != "ok" && next.contains("Make room") && (well == (status == "attention")), "{said:#}");

    // A worker that was killed, jobs that gave up, one that waits for long, a mail server that rests.
    drop(process);
    run(&here, "update platform.worker_heartbeat set beat_at = now() - interval '5 minutes'").await;
    run(
        &here,
        "alter table platform.job disable trigger all;
         insert into platform.job (tenant_id, id, kind, payload, state, run_at, max_attempts, request_id, created_at)
         select id, gen_random_uuid(), 'leads.sweep', '{}', state, now() - interval '20 minutes', 8, 'x', now()
         from platform.tenant, unnest(array['dead', 'dead', 'queued']) state;
         alter table platform.job enable trigger all;
         insert into platform.mail_circuit (tenant_id, entity_id, failures, opened_at)
         select tenant_id, id, 5, now() from platform.entity",
    )
    .await;
    let (well, said) = doctor(&here, &[], &[]);
    assert!(!well);
    let (status, says, next) = about(&said, "jobs", "workers");
    assert!(status == "broken" && says.contains("for 5 min") && next.contains("comptoir serve"), "{says}");
    let (status, says, _) = about(&said, "jobs", "dead_letters");
    assert_eq!((status, says), ("attention", "2 leads.sweep"));
    let (status, says, _) = about(&said, "jobs", "queue");
    assert!(status == "broken" && says.contains("leads.sweep"), "{says}");
    assert_eq!(
        about(&said, "outside", "mail_servers"),
        ("attention", "own/ZR7", about(&said, "outside", "mail_servers").2)
    );

    // A policy that is gone is a schema that is another one, and tenants that may see each other.
    run(&here, "alter table parties.party no force row level security").await;
    let (_, said) = doctor(&here, &[], &[]);
    assert!(about(&said, "database", "row_security").1.contains("parties.party"));
    assert_eq!(about(&said, "database", "schema").0, "broken");
}

#[tokio::test]
async fn who_waits_for_whose_lock_is_told() {
    let here = Installation::new("doctor_locks").await;
    let mut holder = here.owner().await;
    let mut held = holder.begin().await.unwrap();
    let pid: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut *held).await.unwrap();
    sqlx::query("lock table parties.party in access exclusive mode").execute(&mut *held).await.unwrap();
    let mut waiter = here.owner().await;
    let waiting =
        tokio::spawn(async move { sqlx::query("select count(*) from parties.party").execute(&mut waiter).await });
    tokio::time::sleep(Duration::from_millis(2500)).await;

    let (_, said) = doctor(&here, &[], &[]);

    let (status, says, next) = about(&said, "database", "locks");
    assert_eq!(status, "attention", "{said:#}");
    assert!(
        says.contains(&format!("on process {pid}")) && next.contains(&format!("pg_terminate_backend({pid})")),
        "{says} {next}"
    );
    held.rollback().await.unwrap();
    waiting.await.unwrap().unwrap();
    assert_eq!(about(&doctor(&here, &[], &[]).1, "database", "locks").0, "ok");
}

#[tokio::test]
async fn with_the_database_down_it_says_so_and_what_can_be_known_without_it() {
    let here = Installation::new("doctor_down").await;
    for url in ["postgres://comptoir_app@127.0.0.1:1/comptoir", "postgres://comptoir_app@192.0.2.1/comptoir"] {
        let (well, said) = doctor(&here, &[], &[("COMPTOIR_DATABASE_URL", url)]);
        assert!(!well);
        let (status, _, next) = about(&said, "database", "reachable");
        assert_eq!(status, "broken", "{said:#}");
        assert!(next.contains("PostgreSQL"), "{next}");
        assert_eq!(about(&said, "machine", "data_dir").0, "ok");
    }
    // Without a database of the operator's and without a private one that runs; none is started, none is made.
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_comptoir"))
        .arg("--data-dir")
        .arg(here.data.path())
        .arg("doctor")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success() && said.contains("no private PostgreSQL runs in"), "{said}");
    assert!(!here.data.path().join("postgres").exists());
    // As a role that row security does not bind, nothing is asked further.
    let owner = crate::support::url_of(app::postgres::Role::Owner, "comptoir_doctor_down");
    let (well, said) = doctor(&here, &[], &[("COMPTOIR_DATABASE_URL", &owner)]);
    assert!(!well && about(&said, "database", "role").0 == "broken", "{said:#}");
}

//! Streaming replicas answer what only reads, as new as the request that asks, and never cost an answer.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use app::postgres::{Binaries, ManagedOptions, ManagedPostgres, Role, locate_clients};
use serde_json::{Value, json};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

use crate::support::PASSWORD;
use crate::support::process::{Installation, Process, send};

const DATABASE: &str = "comptoir";

/// An installation over a PostgreSQL of its own with a replica that streams from it.
struct Replicated {
    installation: Installation,
    primary: ManagedPostgres,
    replica: ManagedPostgres,
    replica_url: String,
    _dirs: [tempfile::TempDir; 2],
}

impl Replicated {
    async fn new() -> Self {
        let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [data, copy] = [0, 1].map(|index| dirs[index].path().join("data"));
        let primary = ManagedPostgres::start(ManagedOptions::new(&data)).await.unwrap();
        primary.ensure_database(DATABASE).await.unwrap();
        let urls = (primary.url(Role::App, DATABASE), primary.url(Role::Owner, DATABASE));
        let installation =
            Installation::over(primary.owner_options(DATABASE), primary.app_options(DATABASE), urls).await;
        std::fs::create_dir(&copy).unwrap();
        let program = locate_clients(Binaries::locate().unwrap().major()).unwrap().join("pg_basebackup");
        let mut command = Command::new(program);
        // The replica streams over the socket of the primary, as the account of both.
        command.arg("--pgdata").arg(copy.join("postgres")).args(["--write-recovery-conf", "--checkpoint=fast"]);
        command.arg("--host").arg(primary.endpoint().socket_dir()).args(["--username", Role::Owner.name()]);
        succeed(&mut command);
        let owner = format!("--reference={}", data.join("postgres").display());
        succeed(Command::new("chown").args(["--recursive", &owner]).arg(copy.join("postgres")));
        let replica = ManagedPostgres::start(ManagedOptions::new(&copy)).await.unwrap();
        let replica_url = replica.url(Role::App, DATABASE);
        Self { installation, primary, replica, replica_url, _dirs: dirs }
    }

    async fn serve(&self) -> Process<'_> {
        self.installation.serve(&[("COMPTOIR_REPLICA_URLS", &self.replica_url)]).await
    }

    fn replica(&self) -> PgConnectOptions {
        self.replica.owner_options(DATABASE)
    }

    async fn end(self) {
        let Self { installation, primary, replica, .. } = self;
        drop(installation);
        replica.stop().await.unwrap();
        primary.stop().await.unwrap();
    }
}

fn succeed(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

async fn tell(server: &PgConnectOptions, statement: &'static str) {
    let mut owner: PgConnection = server.connect().await.unwrap();
    sqlx::query(statement).execute(&mut owner).await.unwrap();
}

/// How many reads had this outcome: `read`, `behind`, `failed` or `lost`.
async fn opened(process: &Process<'_>, outcome: &str) -> u64 {
    let metrics = process.metrics().await;
    let name = format!("comptoir_replica_reads_total{{outcome=\"{outcome}\"}} ");
    metrics.lines().find_map(|line| line.strip_prefix(&name)).map_or(0, |count| count.parse().unwrap())
}

/// The codes of the products that an instance shows.
async fn shown(process: &Process<'_>) -> Vec<String> {
    let products = process.ask("GET", "/api/products", Value::Null).await;
    products.as_array().unwrap().iter().map(|product| product["code"].as_str().unwrap().to_owned()).collect()
}

async fn write(process: &Process<'_>, code: &str) {
    process.ask("POST", "/api/products", json!({ "code": code, "name": code })).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_read_at_once_wherever_it_was_written_and_replicas_read_what_they_can() {
    let replicated = Replicated::new().await;
    let (one, two) = (replicated.serve().await, replicated.serve().await);
    let mut written = Vec::new();
    for round in 0..20 {
        let (here, there) = if round % 2 == 0 { (&one, &two) } else { (&two, &one) };
        let code = format!("P{round:02}");
        write(here, &code).await;
        written.push(code);
        assert_eq!(shown(there).await, written, "written at one instance, read at the other");
        assert_eq!(shown(here).await, written);
    }
    for process in [&one, &two] {
        process
            .until("a read of the replica", async |process: &Process<'_>| {
                shown(process).await;
                (opened(process, "read").await > 0).then_some(())
            })
            .await;
        assert_eq!(opened(process, "failed").await, 0, "{}", process.log());
    }

    // Another tenant is kept apart there as here.
    replicated.installation.tenant("other").await;
    let login = json!({ "email": "root@other.example", "password": PASSWORD, "tenant": "other" });
    let (_, answer) = one.call("POST", "/api/auth/login", &[], &login).await.unwrap();
    let bearer = format!("Bearer {}", answer["token"].as_str().unwrap());
    one.until("a read of the replica for another tenant", async |one: &Process<'_>| {
        let before = opened(one, "read").await;
        let (status, products) =
            one.call("GET", "/api/products", &[("authorization", &bearer)], &Value::Null).await.unwrap();
        assert_eq!((status, products), (200, json!([])));
        (opened(one, "read").await > before).then_some(())
    })
    .await;

    // A replica that does not replay is not read, and nobody notices.
    tell(&replicated.replica(), "select pg_wal_replay_pause()").await;
    write(&one, "LATE").await;
    written.insert(0, "LATE".to_owned());
    let before = (opened(&one, "read").await, opened(&one, "behind").await, opened(&two, "read").await);
    assert_eq!((shown(&one).await, shown(&two).await), (written.clone(), written.clone()));
    let after = (opened(&one, "read").await, opened(&one, "behind").await, opened(&two, "read").await);
    assert_eq!(after, (before.0, before.1 + 1, before.2));
    let told =
        replicated.installation.program(&["doctor"]).env("COMPTOIR_REPLICA_URLS", &replicated.replica_url).output();
    let told = String::from_utf8(told.unwrap().stdout).unwrap();
    assert!(told.contains("answers") && told.contains("the replica"), "{told}");

    // It is read again once it goes on.
    tell(&replicated.replica(), "select pg_wal_replay_resume()").await;
    one.until("a read of the replica that goes on", async |one: &Process<'_>| {
        assert_eq!(shown(one).await, written);
        (opened(one, "read").await > after.0).then_some(())
    })
    .await;
    drop((one, two));
    replicated.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_whose_sessions_end_that_is_killed_or_promoted_costs_nobody_an_answer() {
    let mut replicated = Replicated::new().await;
    let process = replicated.installation.serve(&[("COMPTOIR_REPLICA_URLS", &replicated.replica_url)]).await;
    write(&process, "PV").await;
    process
        .until("a read of the replica", async |process: &Process<'_>| {
            shown(process).await;
            (opened(process, "read").await > 0).then_some(())
        })
        .await;
    let readers = Readers::start(&process, 4);

    lose_a_read(&replicated, &process).await;
    for _ in 0..20 {
        tell(
            &replicated.replica(),
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'comptoir_app'",
        )
        .await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let pid = replicated.replica.pid().unwrap().to_string();
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    Command::new("kill").arg("-9").arg(&pid).args(children.split_whitespace()).status().unwrap();
    process
        .until("the loss of the replica", async |process: &Process<'_>| {
            (opened(process, "failed").await > 0).then_some(())
        })
        .await;
    assert!(process.log().contains("a replica fails"), "{}", process.log());

    // It comes back, and is read without anybody's help.
    replicated.replica.restart().await.unwrap();
    let before = opened(&process, "read").await;
    process
        .until("a read of the replica that is back", async |process: &Process<'_>| {
            (opened(process, "read").await > before).then_some(())
        })
        .await;

    // As a primary of its own it knows nothing of what is written here: it is never read again.
    tell(&replicated.replica(), "select pg_promote()").await;
    write(&process, "NEW").await;
    assert_eq!(shown(&process).await, ["NEW", "PV"]);
    let before = opened(&process, "read").await;
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(opened(&process, "read").await, before);
    let (answers, failed) = readers.end().await;
    assert!(answers > 100 && failed.is_empty(), "{answers} answers, failed: {failed:?}");
    drop(process);
    replicated.end().await;
}

/// Sessions end at the replica while they read: they wait there behind a lock that the primary took. What they read is asked again.
async fn lose_a_read(replicated: &Replicated, process: &Process<'_>) {
    let mut owner = replicated.installation.owner().await;
    let mut locking = owner.begin().await.unwrap();
    sqlx::query("lock table catalog.item in access exclusive mode").execute(&mut *locking).await.unwrap();
    // The lock comes to the replica with what is written next.
    tell(&replicated.primary.owner_options(DATABASE), "update platform.tenant set name = name").await;
    let end_who_waits = "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'comptoir_app' and wait_event_type = 'Lock'";
    let mut replica: PgConnection = replicated.replica().connect().await.unwrap();
    let mut ended = 0;
    process
        .until("a read that is lost", async |process: &Process<'_>| {
            ended += sqlx::query_scalar::<_, i64>(end_who_waits).fetch_one(&mut replica).await.unwrap();
            (opened(process, "lost").await > 0).then_some(())
        })
        .await;
    assert!(ended > 0);
    locking.rollback().await.unwrap();
}

/// Who lists products all the time.
struct Readers {
    stop: Arc<AtomicBool>,
    tasks: tokio::task::JoinSet<(usize, Vec<u16>)>,
}

impl Readers {
    fn start(process: &Process<'_>, count: usize) -> Self {
        let (stop, mut tasks) = (Arc::new(AtomicBool::new(false)), tokio::task::JoinSet::new());
        for _ in 0..count {
            let (stop, port, bearer) = (Arc::clone(&stop), process.port, format!("Bearer {}", process.token));
            tasks.spawn(async move {
                let (mut answers, mut failed) = (0, Vec::new());
                while !stop.load(Ordering::Relaxed) {
                    let headers = [("authorization", bearer.as_str())];
                    let (status, _) =
                        send(port, "GET", "/api/products", &headers, hyper::body::Bytes::new()).await.unwrap();
                    if status == 200 { answers += 1 } else { failed.push(status) }
                }
                (answers, failed)
            });
        }
        Self { stop, tasks }
    }

    /// How many answers there were, and which of them were none.
    async fn end(self) -> (usize, Vec<u16>) {
        self.stop.store(true, Ordering::Relaxed);
        let all = self.tasks.join_all().await;
        (all.iter().map(|(answers, _)| answers).sum(), all.into_iter().flat_map(|(_, failed)| failed).collect())
    }
}

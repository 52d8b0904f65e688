//! A backup that is cut off leaves nothing that looks whole, and the next one clears up after it.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use platform::backup::BackupKind;

use super::Room;
use crate::support::settings_with;

/// Enough rows that a dump takes a while.
const ROWS: &str = "create table public.ballast as select n, md5(n::text) || md5((n + 1)::text) as text from generate_series(1, 400000) n";

fn told(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn killed_at_any_moment_a_backup_leaves_nothing_that_looks_whole_and_the_next_removes_the_rest() {
    let room = Room::new("killed").await;
    room.backups().make(BackupKind::Dump).await.unwrap();
    sqlx::query(ROWS).execute(&mut room.owner().await).await.unwrap();
    let mut cut = 0;
    for round in 0..6_u64 {
        wait_for_the_lock(&room).await;
        // A backup is named after the second it was begun in.
        tokio::time::sleep(Duration::from_millis(1050)).await;
        let left = room.names();
        let mut command = room.program(&["backup"]);
        command.env("COMPTOIR_BACKUP_IDENTITY_FILE", room.data.path().join("backup-identity"));
        command.env("COMPTOIR_BACKUP_RECIPIENT", recipient(&room));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let deadline = Instant::now() + Duration::from_mins(1);
        // Once it writes; each round a little later.
        while !room.names().iter().any(|name| name.ends_with(".partial") && !left.contains(name))
            && child.try_wait().unwrap().is_none()
        {
            assert!(Instant::now() < deadline, "it does not begin to write");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        tokio::time::sleep(Duration::from_millis(round * 40)).await;
        cut += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        let listed = room.backups().list().await.unwrap();
        for listed in listed {
            room.backups().verify(&listed.manifest.about.object, None).await.unwrap();
        }
    }
    assert!(cut >= 3, "most were cut off: {cut}");
    wait_for_the_lock(&room).await;
    room.clock.set(crate::support::instant("2026-02-12T09:00:00Z"));

    let made = room.backups().make(BackupKind::Dump).await.unwrap();

    let listed: Vec<_> =
        room.backups().list().await.unwrap().into_iter().map(|listed| listed.manifest.about.object).collect();
    assert!(listed.contains(&made.about.object), "{listed:?}");
    let names = room.names();
    assert_eq!(names.len(), 2 * listed.len(), "backups, each with its manifest, and nothing else: {names:?}");
    assert!(names.iter().all(|name| name.starts_with("backup_")), "{names:?}");
    let abandoned = room.runs().await.into_iter().filter(|(state, _)| state == "abandoned").count();
    assert!(abandoned >= cut - 1, "{abandoned} of {cut}");
}

fn recipient(room: &Room) -> String {
    let identity = std::fs::read_to_string(room.data.path().join("backup-identity")).unwrap();
    identity.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap().to_owned()
}

/// The session of a killed process ends a moment after it.
async fn wait_for_the_lock(room: &Room) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let mut owner = room.owner().await;
        let free = platform::backup::store::lock(&mut owner).await.unwrap();
        if free {
            platform::backup::store::unlock(&mut owner).await.unwrap();
            return;
        }
        assert!(Instant::now() < deadline, "somebody holds the lock");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_target_that_fills_up_or_cannot_be_written_fails_the_run_with_the_reason_and_nothing_else() {
    let room = Room::new("full").await;
    room.backups().make(BackupKind::Dump).await.unwrap();
    sqlx::query(ROWS).execute(&mut room.owner().await).await.unwrap();
    // No file may grow beyond 512 KB: to whoever writes, the disk is full.
    let program = room.program(&["backup"]);
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "ulimit -f 512; trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(program.get_program())
        .args(program.get_args());
    limited.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    limited.env("COMPTOIR_BACKUP_RECIPIENT", recipient(&room)).process_group(0);
    let output = limited.output().unwrap();
    assert!(!output.status.success());
    assert!(told(&output).contains("Writing the backup failed: File too large"), "{}", told(&output));
    assert_eq!(room.names().len(), 2, "only the one that was whole: {:?}", room.names());
    let last = room.runs().await.pop().unwrap();
    assert_eq!(last.0, "failed");
    assert!(last.1.unwrap().contains("File too large"));

    // A folder that cannot be made, because a file stands in its place.
    let blocked = room.data.path().join("blocked");
    std::fs::write(&blocked, "").unwrap();
    let to = blocked.join("backups");
    let config = settings_with(room.data.path(), &[("COMPTOIR_BACKUP_TO", to.to_str().unwrap())]);
    let backups = app::backup::Backups::new(&config, &room.database, room.clock.clone());
    room.tick();
    let refusal = backups.make(BackupKind::Dump).await.unwrap_err().told();
    assert!(refusal.contains("Not a directory"), "{refusal}");
    let failed = app::backup::tick(&backups).await.unwrap_err();
    assert!(failed.told().contains("Not a directory"), "{}", failed.told());
    assert_eq!(room.app.get("/readyz").expect(200).await, serde_json::Value::Null, "the service goes on");
    room.app.lead(serde_json::json!({ "phone": "0612345681", "session_id": "u" })).expect(201).await;
}

#[tokio::test]
async fn a_dump_that_pg_dump_gives_up_is_no_backup_and_its_complaint_is_told() {
    let room = Room::new("refusing").await;
    let programs = room.data.path().join("programs");
    std::fs::create_dir(&programs).unwrap();
    let dump = "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'pg_dump (PostgreSQL) 99.1'; exit; fi\n\
        head -c 300000 /dev/urandom; echo 'pg_dump: error: the disk is tired' >&2; exit 1\n";
    for (name, text) in [("pg_dump", dump), ("pg_restore", ""), ("pg_basebackup", "")] {
        std::fs::write(programs.join(name), text).unwrap();
        std::fs::set_permissions(programs.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut program = room.program(&["backup"]);
    program.env("COMPTOIR_PG_BIN", &programs);
    program.env("COMPTOIR_BACKUP_RECIPIENT", age::x25519::Identity::generate().to_public().to_string());
    let output = program.output().unwrap();
    assert!(!output.status.success());
    assert!(
        told(&output).contains("pg_dump ended with exit status: 1: pg_dump: error: the disk is tired"),
        "{}",
        told(&output)
    );
    assert_eq!(room.names(), Vec::<String>::new());
    let runs = room.runs().await;
    assert_eq!(runs[0].0, "failed");
    assert!(runs[0].1.as_ref().unwrap().contains("the disk is tired"), "{runs:?}");
}

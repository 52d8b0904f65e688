//! Spec trade T-07: a backup can be restored and worked with, and that is proven.

use app::backup::{Source, restore};
use indicatif::ProgressBar;
use platform::backup::{BackupKind, BackupState, ProofState, store};
use serde_json::json;
use sqlx::{Connection as _, PgConnection};

use super::{NOW, Room};
use crate::support::smtp::{Behaviour, Sink};
use crate::support::{PASSWORD, TestApp, instant};

#[tokio::test]
async fn t_07_a_backup_is_restored_compared_signed_in_to_and_worked_with_and_that_is_recorded() {
    let room = Room::with("drill", &[("COMPTOIR_EGRESS_ALLOW", "127.0.0.1")]).await;
    // An entity with a mail server of its own, and a job that would send.
    let sink = Sink::start(Behaviour::Accept).await;
    room.app.put("/api/settings/smtp", json!({ "per_entity": { "MRT": { "url": sink.url } } })).expect(200).await;
    room.app.post("/api/deliveries/batch/generate-csv", json!({})).scope("MRT").expect(200).await;
    let jobs = "insert into platform.job (tenant_id, id, kind, payload, state, run_at, max_attempts, request_id, created_at)
        select id, gen_random_uuid(), 'seal-events', '{}', 'queued', '2026-01-01', 3, '', '2026-01-01' from platform.tenant";
    sqlx::query(jobs).execute(&mut room.owner().await).await.unwrap();

    let made = room.backups().make(BackupKind::Dump).await.unwrap();
    room.tick();
    let proof = room.backups().drill(None, None).await.unwrap();

    assert_eq!(made.about.totals["martin"]["leads.lead"]["rows"], "1");
    assert_eq!(made.about.totals["martin"]["platform.membership"]["rows"], "1");
    assert_eq!(proof.object, made.about.object);
    assert!(proof.figures > 20, "{proof:?}");
    let steps: Vec<_> = proof.steps.iter().map(|step| step.name).collect();
    let expected = ["restored", "control totals compared", "migrated", "schema checked", "signed in", "lead routed"];
    assert_eq!(steps, expected);
    assert_eq!(room.proofs().await, [("succeeded".to_owned(), None)]);
    assert_eq!(room.scratch_databases().await, 0, "nothing is left behind");
    assert_eq!(sink.bodies().len() + room.app.mails().len(), 0, "no mail leaves a drill");
    let standing = store::get_standing(&room.app.platform).await.unwrap();
    assert_eq!(standing.last_success_at, Some(instant(NOW)));
    assert_eq!(
        (standing.last_state, standing.last_proof_state),
        (Some(BackupState::Succeeded), Some(ProofState::Succeeded))
    );
    assert!(standing.last_proven_at > standing.last_success_at && standing.last_error.is_none());
    let listed = room.backups().list().await.unwrap();
    assert_eq!((listed.len(), listed[0].proven_at), (1, standing.last_proven_at));
    // The installation itself is as it was.
    let leads: i64 =
        sqlx::query_scalar("select count(*) from leads.lead").fetch_one(&mut room.owner().await).await.unwrap();
    assert_eq!(leads, 1);
}

#[tokio::test]
async fn t_07_what_is_restored_into_an_empty_target_is_what_was_there_with_its_files_and_history() {
    let room = Room::new("whole").await;
    std::fs::create_dir(room.data.path().join("mail")).unwrap();
    std::fs::write(room.data.path().join("mail/1.eml"), "To: somebody").unwrap();
    let made = room.backups().make(BackupKind::Dump).await.unwrap();
    let data = tempfile::tempdir().unwrap();
    let config = room.beside("whole_again", data.path()).await;
    let source = Source { name: made.about.object.clone(), identity: None };

    let restored = restore(&config, &source, None, ProgressBar::hidden()).await.unwrap();

    assert_eq!((restored.about, restored.files, restored.migrations), (made.about.clone(), 2, 0));
    assert_eq!(std::fs::read_to_string(data.path().join("mail/1.eml")).unwrap(), "To: somebody");
    let ring = |dir: &std::path::Path| std::fs::read_to_string(dir.join("secret-keys")).unwrap();
    assert_eq!(ring(data.path()), ring(room.data.path()));
    let database = app::runtime::Database::external(&config).unwrap();
    let history = "select version, description, checksum, success, installed_on, execution_time from public._sqlx_migrations order by 1";
    let mut restored_owner = database.owner().await.unwrap();
    let there = rows(history, &mut room.owner().await).await;
    assert_eq!(rows(history, &mut restored_owner).await, there, "the history of migrations");
    let state: String =
        sqlx::query_scalar("select state from platform.backup_run").fetch_one(&mut restored_owner).await.unwrap();
    assert_eq!(state, "succeeded", "the backup knows that it is one");
    // People go on where they were.
    let platform = app::runtime::platform(&config, &database, room.clock.clone()).await.unwrap();
    let app = TestApp::over(platform, room.clock.clone(), "martin", room.app.tenant);
    let app = app.signed_in("claire@martin.example", PASSWORD).await;
    assert_eq!(app.get("/api/leads").expect(200).await, room.app.get("/api/leads").expect(200).await);
    app.lead(json!({ "phone": "0612345680", "session_id": "t" })).expect(201).await;

    let again = restore(&config, &source, None, ProgressBar::hidden()).await.unwrap_err();
    assert!(again.told().contains("is there already"), "{}", again.told());
    std::fs::remove_dir_all(data.path().join("mail")).unwrap();
    std::fs::remove_file(data.path().join("secret-keys")).unwrap();
    let again = restore(&config, &source, None, ProgressBar::hidden()).await.unwrap_err();
    assert!(again.told().starts_with("The target is not empty: it has the table"), "{}", again.told());
    restored_owner.close().await.unwrap();
}

async fn rows(sql: &'static str, owner: &mut PgConnection) -> Vec<String> {
    let text = format!("select x::text from ({sql}) x");
    sqlx::query_scalar(sqlx::AssertSqlSafe(text)).fetch_all(owner).await.unwrap()
}

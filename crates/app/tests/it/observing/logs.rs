//! What the log says tells of nobody, whatever went wrong and whatever was asked to be logged.

use hyper::body::Bytes;
use serde_json::{Value, json};

use crate::support::PASSWORD;
use crate::support::process::{Installation, Process};
use crate::support::smtp::{Behaviour, Sink};

/// What belongs to somebody, in the forms in which it may come back.
const PERSONAL: &[&str] = &[
    "Oberkampf",
    "OBERKAMPF",
    "Philomène",
    "0612345679",
    "612345679",
    "06 12 34 56 79",
    "philomene",
    "mailbox.example",
    "rue des Lilas",
    "FR7630006000011234567890189",
    "FR76 3000",
    "wrong-password-of-hers",
    PASSWORD,
    "prov_secretsecretsecret",
];

/// The request that sends a mail, by the name its caller gave it.
const ASKED: &str = "asked-once";

/// Everything that is easy to get wrong, and some of what is right, with a person's data in it.
async fn provoke(process: &Process<'_>, sink: &Sink) {
    let lead = json!({ "session_id": "s", "form_code": "PV-001", "phone": "0612345679", "nom": "Oberkampf", "prenom": "Philomène",
        "email": "philomene@mailbox.example", "adresse": "3 rue des Lilas", "departement": "75", "rgpd_consent": true });
    let delivery = process.routed("philomene@mailbox.example", lead.clone()).await;
    // A recipient that the mail server names in its refusal.
    sink.now(Behaviour::RefuseRecipient);
    let bearer = format!("Bearer {}", process.token);
    let mine = [("authorization", bearer.as_str()), ("x-entity-scope", "ZR7")];
    let asked = [mine[0], mine[1], ("x-request-id", ASKED)];
    process.call("POST", &format!("/api/deliveries/{delivery}/send"), &asked, &json!({})).await.unwrap();
    let forgotten = json!({ "email": "philomene@mailbox.example" });
    let wrong = json!({ "email": "philomene@mailbox.example", "password": "wrong-password-of-hers", "tenant": "own" });
    let broken = br#"{ "nom": "Oberkampf", "phone": 0612345679 "#;
    let party = |fields: Value| {
        let mut party = json!({ "entity": "ZR7", "name": "Philomène Oberkampf", "email": "philomene@mailbox.example",
            "phone": "06 12 34 56 79", "address_line1": "3 rue des Lilas" });
        fields.as_object().unwrap().iter().for_each(|(key, value)| party[key] = value.clone());
        party
    };
    let calls: Vec<(&str, &str, Value, &[u16])> = vec![
        ("POST", "/api/auth/login", wrong.clone(), &[401]),
        ("POST", "/api/auth/forgot-password", forgotten, &[200, 202, 204]),
        ("POST", "/api/public/leads", json!({ "phone": "12", "nom": "Oberkampf" }), &[201, 400, 422]),
        (
            "POST",
            "/api/public/leads",
            json!({ "api_key": "prov_secretsecretsecret", "session_id": "s", "form_code": "PV-001", "nom": "Oberkampf", "phone": "0612345679", "departement": "75" }),
            &[401],
        ),
        ("GET", "/api/leads?search=Oberkampf", Value::Null, &[200]),
        ("GET", "/api/leads/Oberkampf", Value::Null, &[400, 404]),
        ("GET", "/nowhere/0612345679/Oberkampf", Value::Null, &[200, 404]),
        ("POST", "/api/parties", party(json!({})), &[201]),
        ("POST", "/api/parties", party(json!({})), &[409]),
        ("POST", "/api/parties", party(json!({ "name": "Oberkampf\u{0}" })), &[422]),
        ("POST", "/api/parties", party(json!({ "name": "Philomène Oberkampf raises" })), &[409, 422, 500]),
        ("POST", "/api/parties", party(json!({ "name": "Philomène Oberkampf breaks" })), &[500]),
        (
            "POST",
            "/api/parties",
            party(json!({ "iban": "FR7630006000011234567890189", "entity": "0612345679" })),
            &[400, 422],
        ),
        ("POST", "/api/parties", json!({ "entity": "ZR7", "name": { "Oberkampf": "0612345679" } }), &[400, 422]),
    ];
    for (method, path, body, expected) in calls {
        let (status, answer) = process.call(method, path, &mine, &body).await.unwrap();
        assert!(expected.contains(&status), "{method} {path} {body}: {status} {answer}");
    }
    let (status, _) = process.send("POST", "/api/public/leads", &[], Bytes::from_static(broken)).await.unwrap();
    assert_eq!(status, 400);
    // Whoever repeats a key with another body is refused.
    let once = [mine[0], mine[1], ("idempotency-key", "once")];
    process.call("POST", "/api/parties", &once, &party(json!({ "name": "Oberkampf A" }))).await.unwrap();
    process.call("POST", "/api/parties", &once, &party(json!({ "name": "Oberkampf B" }))).await.unwrap();
}

/// The database refuses in every way that quotes what it was given.
async fn lay_traps(here: &Installation) {
    let traps = "create unique index party_trap on parties.party (tenant_id, name);
        create function public.trap() returns trigger language plpgsql as $$
        begin
            if new.name like '%raises' then
                raise exception 'no party % of % wanted', new.name, new.email using detail = new.name, errcode = 'P0001';
            end if;
            if new.name like '%breaks' then
                raise exception 'it breaks on % of %', new.name, new.email using errcode = 'XX000';
            end if;
            return new;
        end $$;
        create trigger trap before insert on parties.party for each row execute function public.trap();
        grant execute on function public.trap to comptoir_app";
    sqlx::raw_sql(traps).execute(&mut here.owner().await).await.unwrap();
}

fn proves_silence(log: &str) {
    for personal in PERSONAL {
        let told: Vec<_> = log.lines().filter(|line| line.contains(personal)).collect();
        assert!(told.is_empty(), "{personal} is in the log: {told:#?}");
    }
}

async fn log_of(name: &str, format: &str) -> String {
    let here = Installation::new(name).await;
    let sink = Sink::start(Behaviour::Accept).await;
    let process = here
        .serve(&[
            ("COMPTOIR_LOG", "trace"),
            ("COMPTOIR_LOG_FORMAT", format),
            ("COMPTOIR_SMTP_URL", &sink.url),
            ("COMPTOIR_SLOW_QUERY_MS", "1"),
        ])
        .await;
    lay_traps(&here).await;
    provoke(&process, &sink).await;
    process.until("an error of ours", async |process| process.log().contains("a request failed").then_some(())).await;
    process.until("the mail", async |process| process.log().contains("leads.send_batch").then_some(())).await;
    let log = here.data.path().join(format!("log.{}", process.port));
    assert!(process.stop());
    std::fs::read_to_string(log).unwrap()
}

#[tokio::test]
async fn t_110_logs_as_json_tell_of_nobody_and_bear_the_request_id_as_far_as_the_worker() {
    let log = log_of("silent_json", "json").await;
    proves_silence(&log);
    let records: Vec<Value> = log
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let failed: Vec<_> = records.iter().filter(|record| record["message"] == "a request failed").collect();
    assert!(!failed.is_empty());
    for record in failed {
        assert_eq!(record["route"], "/api/parties");
        assert_eq!(record["span"]["request_id"], record["request_id"]);
        assert!(record["error"].as_str().unwrap().contains("PostgreSQL "), "the cause is told: {record}");
    }
    let of_the_worker = |record: &Value| record["span"]["name"] == "job" && record["span"]["request_id"] == ASKED;
    assert!(records.iter().any(of_the_worker), "the worker tells whose request it works for");
    assert!(
        records.iter().any(|record| record["message"] == "a statement was slow"),
        "the last minute is told at the end"
    );
}

#[tokio::test]
async fn logs_as_text_tell_of_nobody() {
    let log = log_of("silent_text", "text").await;
    proves_silence(&log);
    assert!(log.contains("a request was refused") && log.contains("request_id="));
}

#[tokio::test]
async fn the_private_database_writes_no_row_into_its_log() {
    let dir = tempfile::tempdir().unwrap();
    let managed = app::postgres::ManagedOptions {
        durability: app::postgres::Durability::None,
        ..app::postgres::ManagedOptions::new(dir.path().join("data"))
    };
    std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
    let managed = app::postgres::ManagedPostgres::start(managed).await.unwrap();
    managed.ensure_database("comptoir").await.unwrap();
    let mut owner: sqlx::PgConnection =
        sqlx::ConnectOptions::connect(&managed.owner_options("comptoir")).await.unwrap();
    for sql in [
        "create table t (n text primary key)",
        "insert into t values ('Oberkampf')",
        "insert into t values ('Oberkampf')",
        "select 'Oberkampf'::integer",
    ] {
        _ = sqlx::query(sql).execute(&mut owner).await;
    }
    drop(owner);
    let log = managed.log_tail();
    assert!(log.contains("ready to accept connections"), "{log}");
    assert!(!log.contains("Oberkampf"), "{log}");
    managed.stop().await.unwrap();
}

/// Run by the next test as a process of its own, since a hook is the whole process's.
#[test]
fn says_what_it_is_told_to_panic_with() {
    let Ok(message) = std::env::var("COMPTOIR_TEST_PANIC") else { return };
    app::telemetry::log_panics();
    app::telemetry::init_for_command(&crate::support::settings(std::path::Path::new(".")));
    _ = std::thread::spawn(move || panic!("{message}")).join();
}

#[test]
fn a_panic_is_told_with_its_place_and_without_what_it_quotes() {
    let run = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "observing::logs::says_what_it_is_told_to_panic_with", "--nocapture"])
        .env("COMPTOIR_TEST_PANIC", "called `Result::unwrap()` on an `Err` value: \"Oberkampf, 06 12 34 56 79\"")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(said.contains("something panicked") && said.contains("observing/logs.rs"), "{said}");
    proves_silence(&said);
}

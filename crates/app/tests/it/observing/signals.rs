//! The service keeps a short history of itself, tells it to the metrics and shows it.

use std::collections::VecDeque;
use std::time::Duration;

use platform::signal::{Outcome, write_down};
use serde_json::{Value, json};

use crate::support::process::Installation;
use crate::support::{TestApp, instant};

fn named<'a>(list: &'a Value, name: &str) -> &'a Value {
    list.as_array().unwrap().iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("no {name} in {list:#}"))
}

#[tokio::test]
async fn every_instance_writes_its_minutes_down_and_the_operator_sees_them_together() {
    let here = Installation::new("signals").await;
    // Without workers: the audit of the night, which is due at once, asks every route too.
    let still = [("COMPTOIR_WORKERS", "0"), ("COMPTOIR_SLOW_QUERY_MS", "1")];
    let (one, other) = (here.serve(&still).await, here.serve(&still).await);
    for process in [&one, &other] {
        process.ask("GET", "/api/auth/me", Value::Null).await;
        process.ask("GET", "/api/auth/me", Value::Null).await;
        process.call("GET", "/api/auth/me", &[], &Value::Null).await.unwrap();
    }
    // Whoever ends writes down what there is of the last minute.
    assert!(one.stop() && other.stop());

    let again = here.serve(&[]).await;
    let seen = again.ask("GET", "/api/operations/signals?range=day", Value::Null).await;

    assert_eq!((&seen["whole_installation"], &seen["step_seconds"]), (&json!(true), &json!(900)));
    let me = named(&seen["routes"], "GET /api/auth/me");
    assert_eq!((&me["runs"], &me["refused"], &me["errors"]), (&json!(6), &json!(2), &json!(0)));
    assert!(me["p50_us"].as_i64().unwrap() > 0 && me["p99_us"].as_i64() <= me["longest_us"].as_i64(), "{me}");
    assert!(named(&seen["services"], "postgresql")["runs"].as_i64().unwrap() > 0);
    assert_eq!(seen["instances"].as_array().unwrap().len(), 2);
    let points = seen["points"].as_array().unwrap();
    assert_eq!(points.len(), 96);
    let requests: i64 = points.iter().map(|point| point["requests"].as_i64().unwrap()).sum();
    let counted: i64 = seen["routes"].as_array().unwrap().iter().map(|route| route["runs"].as_i64().unwrap()).sum();
    assert_eq!(requests, counted, "what the chart shows is what the table counts");
    assert!(points.iter().any(|point| point["memory_bytes"].as_i64().unwrap() > 1_000_000));
    let statements = seen["slow"].as_array().unwrap();
    assert!(statements.iter().any(|slow| slow["origin"].as_str().unwrap().contains("/api/")), "{statements:#?}");
    assert!(again.stop());
}

#[tokio::test]
async fn who_does_not_run_the_installation_sees_his_own_jobs_alone() {
    let app = TestApp::new().await;
    app.run("housekeeping").await;
    app.platform.signals().request("GET", "/api/x", 200, Duration::from_millis(3));
    write_down(&app.platform, app.platform.now(), &mut VecDeque::new()).await;

    let seen = app.get("/api/operations/signals").expect(200).await;

    assert_eq!(seen["whole_installation"], false);
    assert_eq!(
        (&seen["routes"], &seen["services"], &seen["points"], &seen["slow"]),
        (&json!([]), &json!([]), &json!([]), &json!([]))
    );
    assert_eq!(named(&seen["jobs"], "housekeeping")["runs"], 1);
    app.get("/api/operations/signals?range=year").expect(400).await;
    let viewer = app.member("viewer", "ZR7").await;
    app.get("/api/operations/signals").by(&viewer).expect(403).await;
}

#[tokio::test]
async fn minutes_wait_for_a_database_that_refuses_them_and_each_is_written_whole_and_once() {
    let here = Installation::new("waiting_minutes").await;
    let platform = here.platform().await;
    let mut waiting = VecDeque::new();
    let say = async |sql: &'static str| sqlx::query(sql).execute(&mut here.owner().await).await.unwrap();
    say("revoke insert on platform.signal_minute from comptoir_app").await;
    platform.signals().service("test", Outcome::Failed, Duration::from_millis(40));
    platform.signals().slow_statement("select 7", "GET /api/x", Duration::from_millis(900));
    write_down(&platform, instant("2026-02-11T09:00:00Z"), &mut waiting).await;
    assert_eq!(waiting.len(), 1);
    let count =
        "select (select count(*) from platform.instance_minute) + (select count(*) from platform.slow_statement)";
    let left: i64 = sqlx::query_scalar(count).fetch_one(&mut here.owner().await).await.unwrap();
    assert_eq!(left, 0, "all of a minute or nothing");

    say("grant insert on platform.signal_minute to comptoir_app").await;
    platform.signals().service("test", Outcome::Fine, Duration::from_millis(1));
    write_down(&platform, instant("2026-02-11T09:01:00Z"), &mut waiting).await;
    write_down(&platform, instant("2026-02-11T09:01:00Z"), &mut waiting).await;

    assert!(waiting.is_empty());
    let written: Vec<(String, i64, i64)> = sqlx::query_as(
        "select to_char(at at time zone 'UTC', 'HH24:MI'), runs, errors from platform.signal_minute where name = 'test' order by at",
    )
    .fetch_all(&mut here.owner().await)
    .await
    .unwrap();
    assert_eq!(written, [("09:00".to_owned(), 1, 1), ("09:01".to_owned(), 1, 0)]);
    let slow: (String, i64) = sqlx::query_as("select statement, runs from platform.slow_statement")
        .fetch_one(&mut here.owner().await)
        .await
        .unwrap();
    assert_eq!(slow, ("select ?".to_owned(), 1));
}

#[tokio::test]
async fn the_metrics_tell_the_four_golden_signals_with_words_of_ours_alone() {
    let here = Installation::new("metrics").await;
    let process = here.serve(&[]).await;
    process.ask("GET", "/api/auth/me", Value::Null).await;
    process.call("BREW", "/api/auth/me", &[], &Value::Null).await.unwrap();
    process.call("GET", "/api/nothing/here/12345", &[], &Value::Null).await.unwrap();
    let text = process
        .until("a job's measure", async |process| {
            let text = process.metrics().await;
            text.contains("comptoir_job_seconds_bucket").then_some(text)
        })
        .await;
    for told in [
        r#"comptoir_http_requests_total{method="GET",route="/api/auth/me",class="2xx"} 1"#,
        r#"comptoir_http_request_seconds_bucket{method="GET",route="/api/auth/me",class="2xx",le="+Inf"} 1"#,
        r#"method="OTHER""#,
        "comptoir_http_requests_in_flight 1",
        "comptoir_job_wait_seconds_bucket",
        "comptoir_jobs{kind=",
        "comptoir_job_oldest_due_seconds",
        r#"comptoir_service_seconds_bucket{service="postgresql""#,
        "comptoir_db_connections_max 16",
        "comptoir_db_waiting",
        "process_resident_memory_bytes",
    ] {
        assert!(text.contains(told), "{told} is missing in\n{text}");
    }
    assert!(!text.contains("BREW") && !text.contains("12345"), "a caller makes no label");
}

#[tokio::test]
async fn leads_of_one_batch_keep_the_request_that_each_came_with() {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    let lead = |n: usize| {
        let call = app.lead(json!({ "session_id": format!("s{n}"), "phone": format!("06124578{n:02}") }));
        call.header("x-request-id", ["asked-0", "asked-1", "asked-2"][n]).expect(201)
    };
    tokio::join!(lead(0), lead(1), lead(2));
    let told: Vec<String> = app
        .value("select array_agg(request_id order by request_id) from platform.event where tenant_id = $1 and action = 'lead_received'")
        .await;
    assert_eq!(told, ["asked-0", "asked-1", "asked-2"]);
}

//! Jobs: once, again when they fail, and never lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use kernel::ManualClock;
use platform::job::{run_due_in, schedule::Schedule};
use platform::{Actor, Error, Job, Options, Platform, Registry};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::{TestApp, instant, service_pool};

#[derive(Serialize, Deserialize)]
struct Count {
    fail_before: u32,
}

impl Job for Count {
    const KIND: &'static str = "test.count";
    const MAX_ATTEMPTS: i32 = 3;

    fn key(&self) -> Option<String> {
        Some("one".to_owned())
    }
}

/// An instance of the service whose job counts its runs.
async fn instance(name: &str, clock: Arc<ManualClock>, runs: Arc<AtomicU32>) -> Platform {
    let mut registry = Registry::default();
    registry.job(move |_, _, job: Count| {
        let run = runs.fetch_add(1, Ordering::SeqCst) + 1;
        async move { if run < job.fail_before { Err(Error::conflict("not yet")) } else { Ok(json!({ "run": run })) } }
    });
    let options = Options { worker_name: name.to_owned(), ..Options::default() };
    Platform::new(service_pool().await, clock, registry, options)
}

async fn enqueue(app: &TestApp, platform: &Platform, job: &Count) {
    let ctx = platform.act_in(app.tenant, Actor::System("test"), "test").await.unwrap();
    let mut tx = ctx.begin().await.unwrap();
    tx.enqueue(job).unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn l_35_two_instances_run_a_job_once_and_its_key_keeps_a_second_out() {
    let app = TestApp::new().await;
    let runs = Arc::new(AtomicU32::new(0));
    let (one, two) = (
        instance("one", app.clock.clone(), runs.clone()).await,
        instance("two", app.clock.clone(), runs.clone()).await,
    );
    enqueue(&app, &one, &Count { fail_before: 0 }).await;
    enqueue(&app, &two, &Count { fail_before: 0 }).await;
    let (first, second) = tokio::join!(run_due_in(&one, app.tenant), run_due_in(&two, app.tenant));
    assert_eq!((first.unwrap() + second.unwrap(), runs.load(Ordering::SeqCst)), (1, 1));
}

#[tokio::test]
async fn a_job_that_fails_is_tried_again_later_and_ends_as_a_dead_letter_that_a_person_requeues() {
    let app = TestApp::new().await;
    let runs = Arc::new(AtomicU32::new(0));
    let platform = instance("one", app.clock.clone(), runs.clone()).await;
    enqueue(&app, &platform, &Count { fail_before: 4 }).await;
    for at in ["09:00:00", "09:00:10", "09:00:30"] {
        app.at(&format!("2026-02-11T{at}Z")).await;
        assert_eq!(run_due_in(&platform, app.tenant).await.unwrap(), 1, "{at}");
        assert_eq!(run_due_in(&platform, app.tenant).await.unwrap(), 0, "it waits after {at}");
    }
    let dead = app.get("/api/operations/jobs?state=dead").expect(200).await;
    assert!(dead["items"][0]["last_error"].as_str().unwrap().contains("not yet"), "{dead}");
    app.at("2026-02-11T09:01:00Z").await;
    let requeue = format!("/api/operations/jobs/{}/requeue", dead["items"][0]["id"].as_str().unwrap());
    app.post(&requeue, json!({})).expect(200).await;
    app.post(&requeue, json!({})).expect(409).await;
    assert_eq!(run_due_in(&platform, app.tenant).await.unwrap(), 1);
    let states: Vec<String> = app
        .value(
            "select array_agg(status order by id) from platform.job_run where tenant_id = $1 and kind = 'test.count'",
        )
        .await;
    assert_eq!(states, ["error", "error", "error", "success"]);
}

#[tokio::test]
async fn l_35_a_job_whose_worker_vanished_is_taken_over_when_its_lease_ends() {
    let app = TestApp::new().await;
    let runs = Arc::new(AtomicU32::new(0));
    let platform = instance("one", app.clock.clone(), runs.clone()).await;
    enqueue(&app, &platform, &Count { fail_before: 0 }).await;
    sqlx::query("update platform.job set state = 'running', attempts = 1, leased_by = 'gone', lease_expires_at = $2 where tenant_id = $1")
        .bind(app.tenant.uuid())
        .bind(instant("2026-02-11T09:15:00Z"))
        .execute(&mut crate::support::owner().await)
        .await
        .unwrap();
    app.at("2026-02-11T09:14:59Z").await;
    assert_eq!(run_due_in(&platform, app.tenant).await.unwrap(), 0);
    app.at("2026-02-11T09:15:00Z").await;
    assert_eq!(run_due_in(&platform, app.tenant).await.unwrap(), 1);
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn every_schedule_is_due_some_time() {
    let app = TestApp::new().await;
    let schedules = app.get("/api/operations/schedules").expect(200).await;
    assert!(schedules.as_array().unwrap().len() >= 9, "{schedules}");
    for schedule in schedules.as_array().unwrap() {
        assert!(schedule["next_at"].is_string(), "{schedule}");
    }
}

#[test]
fn a_missed_run_is_caught_up_within_six_hours_and_not_after() {
    let daily = Schedule { name: "daily", cron: "30 9 * * *", period: "%Y-%m-%d", about: "" };
    let paris = kernel::Zone::named("Europe/Paris").unwrap();
    for (now, due) in [("2026-02-11T08:29:59Z", false), ("2026-02-11T14:30:00Z", true), ("2026-02-11T14:30:01Z", false)]
    {
        assert_eq!(daily.last_due(instant(now), &paris).is_some(), due, "{now}");
    }
}

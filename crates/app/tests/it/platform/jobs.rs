//! Jobs: once, again when they fail, and never lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use kernel::ManualClock;
use platform::job::schedule::{Planned, Schedule, check_cron, enqueue_due};
use platform::job::{run_due_in, run_now};
use platform::{Actor, Error, Job, Options, Platform, Registry};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::Semaphore;

use crate::support::process::{Installation, Process};
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
async fn d_65_every_schedule_is_due_some_time_and_has_its_work_in_the_registry() {
    let app = TestApp::new().await;
    let schedules = app.get("/api/operations/schedules").expect(200).await;
    assert!(schedules.as_array().unwrap().len() >= 9, "{schedules}");
    let registry = app.platform.registry();
    for schedule in schedules.as_array().unwrap() {
        assert!(schedule["next_at"].is_string(), "{schedule}");
        assert!(registry.kinds().any(|kind| schedule["name"] == kind), "{schedule}");
    }
}

#[test]
fn d_32_what_people_schedule_is_due_every_five_minutes_at_most() {
    for cron in ["0 6 * * *", "*/5 * * * *", "0,30 8-18 * * 1-5", "2-57/5 * * * *", "0 0 29 2 *", "0 0 30 2 *"] {
        assert_eq!(check_cron(cron), Ok(()), "{cron}");
    }
    for (cron, why) in [
        ("* * * * *", "must leave 5 minutes"),
        ("*/4 * * * *", "must leave 5 minutes"),
        ("0,59 * * * *", "must leave 5 minutes"),
        ("59 8 * * *,0 9 * * *", "five fields"),
        ("0 0 0 * * *", "five fields"),
        ("daily", "five fields"),
        ("61 * * * *", "no cron expression"),
    ] {
        let refusal = check_cron(cron).unwrap_err();
        assert!(refusal.contains(why), "{cron}: {refusal}");
    }
}

/// One tenant's zone is none: its round is told with the tenant, at the level of errors, and those around it have theirs.
#[tokio::test]
async fn t_108_t_109_what_fails_in_one_tenant_is_told_and_keeps_no_other_waiting() {
    let here = Installation::new("one_tenant_fails").await;
    let broken = here.tenant("broken").await;
    let other = here.tenant("other").await;
    let mut owner = here.owner().await;
    sqlx::query("update platform.tenant set time_zone = 'Nowhere/None' where id = $1")
        .bind(broken.uuid())
        .execute(&mut owner)
        .await
        .unwrap();
    let process = here.serve(&[("COMPTOIR_LOG_FORMAT", "json")]).await;
    let told = process
        .until("the failure of one tenant", async |process: &Process<'_>| {
            let log = process.log();
            log.lines().find(|line| line.contains("one tenant is left out of this round")).map(str::to_owned)
        })
        .await;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&told["level"], &told["tenant.id"]), (&json!("ERROR"), &json!(broken.to_string())), "{told}");
    assert!(told["doing"].is_string() && told["error"].is_string(), "{told}");
    process
        .until("the work of the tenant after it", async |_: &Process<'_>| {
            let ran: i64 =
                sqlx::query_scalar("select count(*) from platform.job_run where tenant_id = $1 and status = 'success'")
                    .bind(other.uuid())
                    .fetch_one(&mut owner)
                    .await
                    .unwrap();
            (ran > 0).then_some(())
        })
        .await;
}

/// What a slow schedule does: it tells that it began, and waits to be let go.
#[derive(Clone)]
struct Slow {
    began: Arc<Semaphore>,
    gate: Arc<Semaphore>,
    running: Arc<AtomicU32>,
    most: Arc<AtomicU32>,
}

impl Slow {
    fn registry(&self) -> Registry {
        let mut registry = Registry::default();
        let schedule = Schedule { name: "test-slow", cron: "*/5 * * * *", period: "%Y-%m-%dT%H:%M", about: "" };
        let slow = self.clone();
        registry.schedule(schedule, move |_, _, _| {
            let slow = slow.clone();
            async move {
                slow.most.fetch_max(slow.running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                slow.began.add_permits(1);
                slow.gate.acquire().await.unwrap().forget();
                slow.running.fetch_sub(1, Ordering::SeqCst);
                Ok(json!({}))
            }
        });
        registry
    }

    async fn has_begun(&self) {
        self.began.acquire().await.unwrap().forget();
    }
}

#[tokio::test]
async fn d_70_scheduled_work_never_overlaps_itself_whoever_runs_it_and_each_period_is_recorded_once() {
    let here = Installation::new("alone").await;
    let tenant = here.tenant("slow").await;
    let clock = Arc::new(ManualClock::new(instant("2026-02-11T09:00:00Z")));
    let none = || Arc::new(Semaphore::new(0));
    let slow = Slow { began: none(), gate: none(), running: Arc::default(), most: Arc::default() };
    let (one, two) = (
        here.instance("one", clock.clone(), slow.registry()).await,
        here.instance("two", clock.clone(), slow.registry()).await,
    );
    for at in ["09:00:00", "09:05:00", "09:10:00"] {
        clock.set(instant(&format!("2026-02-11T{at}Z")));
        enqueue_due(&one).await.unwrap();
        enqueue_due(&two).await.unwrap();
    }
    let ctx = async |platform: &Platform| platform.act_in(tenant, Actor::System("test"), "test").await.unwrap();

    for waiting in [2, 1, 0] {
        let worker = one.clone();
        let first = tokio::spawn(async move { run_due_in(&worker, tenant).await.unwrap() });
        slow.has_begun().await;
        assert_eq!(run_due_in(&two, tenant).await.unwrap(), 0, "{waiting} periods wait for the one that runs");
        let refused = run_now(&ctx(&two).await, "test-slow").await.unwrap_err();
        assert_eq!(refused.kind(), platform::Kind::Conflict, "{refused}");
        slow.gate.add_permits(1);
        assert_eq!(first.await.unwrap(), 1);
    }
    // What a person runs keeps the next period waiting, too.
    let by_hand = ctx(&one).await;
    let by_hand = tokio::spawn(async move { run_now(&by_hand, "test-slow").await.unwrap() });
    slow.has_begun().await;
    clock.set(instant("2026-02-11T09:15:00Z"));
    enqueue_due(&two).await.unwrap();
    assert_eq!(run_due_in(&two, tenant).await.unwrap(), 0);
    slow.gate.add_permits(2);
    by_hand.await.unwrap();
    assert_eq!(run_due_in(&two, tenant).await.unwrap(), 1);

    assert_eq!(slow.most.load(Ordering::SeqCst), 1);
    let recorded: Vec<(Option<String>, String)> = sqlx::query_as(
        "select key, status from platform.job_run where tenant_id = $1 order by started_at, finished_at, key nulls last",
    )
    .bind(tenant.uuid())
    .fetch_all(&mut here.owner().await)
    .await
    .unwrap();
    let mut keys: Vec<_> = recorded.iter().filter_map(|(key, _)| key.as_deref()).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["2026-02-11T10:00", "2026-02-11T10:05", "2026-02-11T10:10", "2026-02-11T10:15"]);
    assert!(recorded.len() == 5 && recorded.iter().all(|(_, status)| status == "success"), "{recorded:?}");
}

/// Schedules are the program's; what people choose is how often each alert is looked for.
#[tokio::test]
async fn d_70_how_often_people_want_an_alert_looked_for_stays_when_the_service_starts_anew() {
    let app = TestApp::new().await;
    let own = json!({ "rules": { "invoice_overdue_7days": { "cron": "17 5 * * 2" } } });
    app.put("/api/settings/alerts", own).expect(200).await;
    for _ in 0..2 {
        let options = Options { worker_name: "anew".to_owned(), unthrottled: true, ..Options::default() };
        let platform = Platform::new(service_pool().await, app.clock.clone(), app::wiring::registry(), options);
        let anew = TestApp::over(platform, app.clock.clone(), &app.slug, app.tenant);
        anew.run_alone("alerts").await;
        let rules = anew.get("/api/alert-rules").by(&app.root).expect(200).await;
        let rule = rules.as_array().unwrap().iter().find(|rule| rule["kind"] == "invoice_overdue_7days").unwrap();
        assert_eq!(rule["in_force"]["cron"], "17 5 * * 2", "{rule}");
    }
}

#[test]
fn a_missed_run_is_caught_up_within_six_hours_and_not_after() {
    let daily = Planned::new(Schedule { name: "daily", cron: "30 9 * * *", period: "%Y-%m-%d", about: "" });
    let paris = kernel::Zone::named("Europe/Paris").unwrap();
    for (now, due) in [("2026-02-11T08:29:59Z", false), ("2026-02-11T14:30:00Z", true), ("2026-02-11T14:30:01Z", false)]
    {
        assert_eq!(daily.last_due(instant(now), &paris).is_some(), due, "{now}");
    }
}

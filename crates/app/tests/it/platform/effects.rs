//! What is registered as work does something, and is measured while it does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use metrics_exporter_prometheus::PrometheusBuilder;
use platform::event::seal::{Verdict, verify};
use platform::job::{run_due_in, run_now};
use platform::{Actor, Ctx, Platform};
use serde_json::{Value, json};

use crate::support::process::Installation;
use crate::support::{TestApp, owner};

/// Every kind of job, and the test that shows its effect.
const SHOWN: &[(&str, &str)] = &[
    ("alerts", "an_invoice_is_told_of_at_7_and_at_30_days_and_by_one_alert_at_a_time"),
    ("alerts-forget", "alerts_that_were_over_half_a_year_ago_are_forgotten"),
    ("audit", "the_night_audits_measures_and_makes_room_for_the_next_month"),
    ("billing-daily", "l_41_what_is_late_is_computed_by_query_and_told_by_a_job"),
    (
        "billing-records-overdue",
        "records_invoiced_elsewhere_become_overdue_by_a_job_the_day_after_they_are_due_and_their_file_says_so",
    ),
    ("billing-rehash", "a_stored_page_that_changed_is_told_of"),
    ("billing-reminders", "steps_come_on_working_days_three_ten_twenty_and_forty_days_late_and_each_once"),
    ("billing.mail_issued", "an_entity_that_switched_it_on_mails_what_it_issues_and_no_other_does"),
    ("billing.match_bank_account", "a_number_in_the_label_with_the_balance_is_matched_by_itself"),
    ("billing.send_letter", "an_issued_document_leaves_with_its_page_and_a_letter_in_two_forms"),
    ("close-ended-orders", "an_order_that_does_not_renew_itself_is_paused_when_its_week_is_over"),
    ("daily-delivery", "the_daily_run_sends_one_file_a_buyer_and_marks_what_left"),
    ("delivery-reaper", "a_file_whose_sender_was_lost_is_flagged_for_a_person"),
    ("housekeeping", "what_is_over_is_forgotten"),
    (
        "identity.mail_password_link",
        "d_06_d_45_a_link_sets_a_new_password_once_ends_every_session_and_lifts_the_lockout",
    ),
    ("intercompany-invoices", "entities_invoice_each_other_in_the_books_of_both"),
    (
        "leads.retry_transfers",
        "l_31_l_32_without_a_price_the_delivery_is_fine_and_the_transfer_waits_in_its_week_for_one",
    ),
    ("leads.send_batch", "the_daily_run_sends_one_file_a_buyer_and_marks_what_left"),
    ("leads.sweep", "l_26_blocked_leads_are_routed_when_the_cause_disappears"),
    ("mail-domains", "what_dns_says_of_a_sending_domain_is_told_and_kept_with_its_age"),
    ("mail-reaper", "a_mail_whose_sender_was_lost_is_flagged_for_a_person"),
    ("measure-capacity", "the_night_audits_measures_and_makes_room_for_the_next_month"),
    (
        "on.delivery.sent.settle_intercompany",
        "l_30_a_lead_sold_across_entities_is_charged_once_and_one_sold_at_home_never",
    ),
    ("on.invoice_overdue.follow_invoice", "l_40_a_paid_invoice_is_frozen_and_its_records_follow_it"),
    ("on.invoice_paid.follow_invoice", "l_40_a_paid_invoice_is_frozen_and_its_records_follow_it"),
    ("on.invoice_reopened.follow_invoice", "l_40_a_paid_invoice_is_frozen_and_its_records_follow_it"),
    ("partitions", "the_night_audits_measures_and_makes_room_for_the_next_month"),
    ("reconcile-payments", "a_balance_that_drifted_is_told_and_a_closed_period_leaves_the_suggestion"),
    ("reroute-morning", "what_waited_over_days_off_is_routed_in_the_morning"),
    ("reroute-week", "what_waited_for_a_new_week_is_routed_when_it_begins"),
    ("retention", "what_is_older_than_the_policy_allows_is_erased_and_nothing_younger"),
    ("seal-events", "events_that_have_settled_are_sealed_and_none_is_left_out"),
    ("seal-secrets", "what_an_older_service_leaves_in_clear_is_sealed_in_the_night"),
    ("transfer-retry", "l_31_l_32_without_a_price_the_delivery_is_fine_and_the_transfer_waits_in_its_week_for_one"),
    ("watch.mail_alerts", "alerts_are_mailed_in_one_mail_to_those_whom_they_are_for_and_wait_while_it_is_quiet"),
    ("watch.run_audit", "the_audit_runs_when_a_person_asks_and_its_report_stays_in_the_tenant"),
    ("webhook.deliver", "an_event_is_told_signed_and_with_nothing_personal"),
    ("webhook.test", "a_test_is_sent_once_even_to_who_is_off_and_changes_nothing"),
];

/// The text of every test, by its name, with that of its file.
fn tests() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for after in text.split("#[tokio::test]\nasync fn ").skip(1) {
                found.insert(after.split('(').next().unwrap().to_owned(), text.clone());
            }
        }
    }
    found
}

async fn ctx(platform: &Platform, tenant: kernel::TenantId) -> Ctx {
    platform.act_in(tenant, Actor::System("test"), "test").await.unwrap()
}

async fn execute(app: &TestApp, sql: &'static str) {
    sqlx::query(sql).bind(app.tenant.uuid()).execute(&mut owner().await).await.unwrap();
}

/// Registered work that nothing shows the effect of is found here; so is a test that is gone, or says nothing of its schedule.
#[tokio::test]
async fn d_67_every_kind_of_job_has_a_test_that_shows_its_effect() {
    let registry = app::wiring::registry();
    let shown: BTreeSet<_> = SHOWN.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(shown, registry.kinds().collect::<BTreeSet<_>>());
    let tests = tests();
    assert!(tests.len() > 300, "the tests were not read: {}", tests.len());
    let schedules: BTreeSet<_> = registry.schedules().iter().map(|planned| planned.schedule.name).collect();
    for (kind, name) in SHOWN {
        let text = tests.get(*name).unwrap_or_else(|| panic!("{kind}: there is no test {name}"));
        assert!(!schedules.contains(kind) || text.contains(&format!("\"{kind}\"")), "{name} does not run {kind}");
    }
}

/// Every kind of job, through the worker and at once: what ran is counted, timed and told with how it ended. Those whose payload is
/// another's fail, and are measured all the same.
#[tokio::test]
async fn d_66_every_kind_of_job_tells_how_often_how_long_and_how_it_ended() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let here = Installation::new("every_job").await;
    let (platform, tenant) = (here.platform().await, here.tenant("other").await);
    let kinds: Vec<String> = platform.registry().kinds().map(str::to_owned).collect();
    sqlx::query(
        "insert into platform.job (tenant_id, id, kind, payload, state, run_at, max_attempts, request_id, created_at)
         select $1, gen_random_uuid(), kind, '{\"due\": \"2026-02-11T09:00:00Z\"}', 'queued', now(), 3, 'x', now() from unnest($2) as kind",
    )
    .bind(tenant.uuid())
    .bind(&kinds)
    .execute(&mut here.owner().await)
    .await
    .unwrap();
    assert_eq!(run_due_in(&platform, tenant).await.unwrap(), kinds.len());
    let schedules: BTreeSet<_> = platform.registry().schedules().iter().map(|planned| planned.schedule.name).collect();
    let told = recorder.handle().render();
    let sample = |name: &str, labels: &str| {
        let line = told.lines().find_map(|line| line.strip_prefix(&format!("{name}{{{labels}}} ")));
        line.map(|value| value.parse::<f64>().unwrap())
    };
    for kind in &kinds {
        let ended: Vec<_> = ["done", "retry", "dead", "postponed"]
            .into_iter()
            .filter(|outcome| {
                sample("comptoir_jobs_total", &format!("kind=\"{kind}\",outcome=\"{outcome}\"")) == Some(1.0)
            })
            .collect();
        assert_eq!(ended.len(), 1, "{kind}: {ended:?} in\n{told}");
        assert!(!schedules.contains(kind.as_str()) || ended == ["done"], "{kind}: {ended:?}");
        for measure in ["comptoir_job_seconds", "comptoir_job_wait_seconds"] {
            assert_eq!(
                sample(&format!("{measure}_count"), &format!("kind=\"{kind}\"")),
                Some(1.0),
                "{kind}: {measure}"
            );
        }
    }
    let ctx = ctx(&platform, tenant).await;
    run_now(&ctx, "seal-events").await.unwrap();
    assert!(run_now(&ctx, "leads.send_batch").await.is_err());
    let told = recorder.handle().render();
    for line in [
        r#"comptoir_jobs_total{kind="seal-events",outcome="done"} 2"#,
        r#"comptoir_jobs_total{kind="leads.send_batch",outcome="dead"} 1"#,
        r#"comptoir_job_seconds_count{kind="leads.send_batch"} 2"#,
    ] {
        assert!(told.contains(line), "what a person runs at once is measured too: no {line} in\n{told}");
    }
}

#[tokio::test]
async fn events_that_have_settled_are_sealed_and_none_is_left_out() {
    let app = TestApp::new().await;
    // Past the time in which a transaction could still commit.
    app.at("2026-02-11T09:10:00Z").await;
    let events: i64 = app.value("select count(*) from platform.event where tenant_id = $1").await;
    assert_eq!(app.run("seal-events").await["sealed"], events);
    let verdict = verify(&mut ctx(&app.platform, app.tenant).await.begin().await.unwrap()).await.unwrap();
    assert_eq!(verdict, Verdict::Intact { events });
}

#[tokio::test]
async fn a_mail_whose_sender_was_lost_is_flagged_for_a_person() {
    let app = TestApp::new().await;
    execute(
        &app,
        "insert into platform.mail (tenant_id, id, subject_kind, subject_id, recipients, subject, status, created_at)
         values ($1, gen_random_uuid(), 'test', gen_random_uuid(), '{a@b.example}', 'x', 'queued', '2026-02-11T08:50:00Z')",
    )
    .await;
    execute(
        &app,
        "update platform.mail set status = 'sending', sending_at = '2026-02-11T08:50:00Z' where tenant_id = $1",
    )
    .await;
    assert_eq!(app.run("mail-reaper").await["unknown"], 0, "it may still be at it");
    app.tick();
    assert_eq!(app.run("mail-reaper").await["unknown"], 1);
    assert_eq!(app.value::<String>("select status from platform.mail where tenant_id = $1").await, "unknown");
}

#[tokio::test]
async fn a_file_whose_sender_was_lost_is_flagged_for_a_person() {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    app.order("ZR7", "Acme", json!({})).await;
    app.lead(json!({})).expect(201).await;
    let send = format!("/api/deliveries/{}/send", app.delivery().await);
    app.post(&send, json!({})).expect(200).await;
    execute(&app, "update platform.mail set status = 'sending', sending_at = created_at where tenant_id = $1").await;
    assert_eq!(app.run_alone("delivery-reaper").await["unknown"], 0, "its sender still has it");
    app.at("2026-02-12T09:00:00Z").await;
    assert_eq!(app.run_alone("delivery-reaper").await["unknown"], 1);
    let left: String = app.value("select status || ': ' || last_error from leads.delivery where tenant_id = $1").await;
    assert_eq!(left, "failed: send outcome unknown");
}

#[tokio::test]
async fn an_order_that_does_not_renew_itself_is_paused_when_its_week_is_over() {
    let app = TestApp::new().await;
    let (_, once) = app.order("ZR7", "Once", json!({ "auto_renew": false })).await;
    let (_, ever) = app.order("ZR7", "Ever", json!({ "auto_renew": true })).await;
    app.at("2026-02-15T22:00:00Z").await;
    assert_eq!(app.run("close-ended-orders").await["closed"], 0, "Sunday is the last day");
    app.at("2026-02-15T23:00:00Z").await;
    assert_eq!(app.run("close-ended-orders").await["closed"], 1);
    for (order, active) in [(once, false), (ever, true)] {
        assert_eq!(app.get(&format!("/api/commandes/{order}")).expect(200).await["active"], active);
    }
}

async fn routed(app: &TestApp) -> i64 {
    app.value("select count(*) from leads.lead where tenant_id = $1 and status = 'routed'").await
}

#[tokio::test]
async fn what_waited_over_days_off_is_routed_in_the_morning() {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    app.order("ZR7", "Acme", json!({})).await;
    app.run_jobs().await;
    app.at("2026-02-14T09:00:00Z").await;
    assert_eq!(app.lead(json!({})).expect(201).await["status"], "no_open_orders", "Saturday");
    app.run("reroute-morning").await;
    assert_eq!(routed(&app).await, 0);
    app.at("2026-02-16T06:00:00Z").await;
    app.run("reroute-morning").await;
    assert_eq!(routed(&app).await, 1);
}

#[tokio::test]
async fn what_waited_for_a_new_week_is_routed_when_it_begins() {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    app.order("ZR7", "Acme", json!({ "quota_semaine": 1 })).await;
    app.run_jobs().await;
    app.lead(json!({})).expect(201).await;
    let second = json!({ "session_id": "t", "phone": "0612345680" });
    assert_eq!(app.lead(second).expect(201).await["status"], "no_open_orders", "the week is full");
    app.run("reroute-week").await;
    assert_eq!(routed(&app).await, 1);
    app.at("2026-02-16T06:00:00Z").await;
    app.run("reroute-week").await;
    assert_eq!(routed(&app).await, 2);
}

#[tokio::test]
async fn alerts_that_were_over_half_a_year_ago_are_forgotten() {
    let app = TestApp::new().await;
    execute(
        &app,
        "insert into watch.alert (tenant_id, id, kind, subject_kind, subject, text, details, severity, roles, state, opened_at,
             last_seen_at, told_at)
         select $1, gen_random_uuid(), 'finding', 'check', subject, 'x', '{}', 'info', '{super_admin}', 'open', at, at, at
         from (values ('old', '2025-08-14T09:00:00Z'::timestamptz), ('newer', '2025-08-16T09:00:00Z'),
             ('open', '2025-01-01T00:00:00Z')) as x (subject, at)",
    )
    .await;
    execute(
        &app,
        "update watch.alert set state = 'resolved', resolved_at = opened_at where tenant_id = $1 and subject <> 'open'",
    )
    .await;
    assert_eq!(app.run("alerts-forget").await["forgotten"], 1);
    let left: Vec<String> =
        app.value("select array_agg(subject order by subject) from watch.alert where tenant_id = $1").await;
    assert_eq!(left, ["newer", "open"]);
}

#[tokio::test]
async fn what_is_over_is_forgotten() {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    let client = json!({ "entity": "ZR7", "name": "Acme", "email": "acme@buyer.example" });
    app.post("/api/clients", client).header("idempotency-key", "once").expect(201).await;
    app.run_jobs().await;
    let kept = "select (select count(*) from platform.session where tenant_id = $1)
        + (select count(*) from platform.idempotency_key where tenant_id = $1) + (select count(*) from platform.job where tenant_id = $1)";
    let before: i64 = app.value(kept).await;
    assert!(before >= 3, "{before}");
    let nothing = app.run_alone("housekeeping").await;
    assert_eq!(app.value::<i64>(kept).await, before, "none of it is over: {nothing}");
    app.clock.advance(jiff::SignedDuration::from_hours(24 * 40));
    let told = app.run_alone("housekeeping").await;
    for what in ["sessions", "idempotency_keys", "jobs"] {
        assert!(told[what].as_i64().unwrap() >= 1, "{what}: {told}");
    }
    assert_eq!(app.value::<i64>(kept).await, 0);
}

#[tokio::test]
async fn the_night_audits_measures_and_makes_room_for_the_next_month() {
    let here = Installation::new("night").await;
    let (platform, tenant) = (here.platform().await, here.tenant("other").await);
    let ctx = ctx(&platform, tenant).await;
    let mut owner = here.owner().await;
    let count = async |owner: &mut sqlx::PgConnection, sql: &'static str| -> i64 {
        sqlx::query_scalar(sql).fetch_one(owner).await.unwrap()
    };
    let parts = "select count(*) from pg_inherits where inhparent = 'platform.event'::regclass";
    let before = count(&mut owner, parts).await;
    sqlx::raw_sql(
        "do $$ begin execute (select 'drop table ' || inhrelid::regclass from pg_inherits
             where inhparent = 'platform.event'::regclass and inhrelid::regclass::text ~ '[0-9]$'
             order by inhrelid::regclass::text desc limit 1); end $$",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    assert_eq!(count(&mut owner, parts).await, before - 1);
    run_now(&ctx, "partitions").await.unwrap();
    assert_eq!(count(&mut owner, parts).await, before);

    let told = run_now(&ctx, "measure-capacity").await.unwrap();
    let bytes = count(&mut owner, "select database_bytes from platform.capacity_day").await;
    assert!(bytes > 1_000_000 && told == json!({ "database_bytes": bytes }), "{told}: {bytes}");

    sqlx::query(
        "insert into watch.audit_run (tenant_id, id, cause, asked_by, sections, started_at, finished_at, score, checks, critical,
             warning, info, results)
         select $1, platform.uuid_floor(at), 'schedule', 'schedule', '{}', at, at, 100, 0, 0, 0, 0, '[]'
         from (select now() - interval '731 days' as at) x",
    )
    .bind(tenant.uuid())
    .execute(&mut owner)
    .await
    .unwrap();
    let told: Value = run_now(&ctx, "audit").await.unwrap();
    let runs: Vec<(String, i32, bool)> = sqlx::query_as(
        "select id::text, score, checks > 50 from watch.audit_run where tenant_id = $1 and cause = 'schedule'",
    )
    .bind(tenant.uuid())
    .fetch_all(&mut owner)
    .await
    .unwrap();
    let new = (told["audit"].as_str().unwrap().to_owned(), told["score"].as_i64().unwrap().try_into().unwrap(), true);
    assert_eq!(runs, [new], "that of the night is kept, and the one of two years ago is not");
}

//! What fails open does (spec 10), and what is slow or gone is told as such.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::Connection as _;

use crate::support::smtp::{Behaviour, Sink};
use crate::support::{TestApp, owner};

async fn ready() -> TestApp {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    app
}

/// Writes what no route would accept into a setting, or takes it out again.
async fn spoil(app: &TestApp, key: &str, is_spoilt: bool) {
    let statement = if is_spoilt {
        "insert into platform.setting (tenant_id, key, value, version, updated_at, updated_by) values ($1, $2, '[7]', 1, now(), 'test')"
    } else {
        "delete from platform.setting where tenant_id = $1 and key = $2"
    };
    sqlx::query(statement).bind(app.tenant.uuid()).bind(key).execute(&mut owner().await).await.unwrap();
}

#[tokio::test]
async fn a_lead_that_cannot_be_routed_is_stored_as_new_and_routed_when_it_can() {
    let app = ready().await;
    app.order("ZR7", "Acme", json!({})).await;
    spoil(&app, "leads.delivery_calendar", true).await;
    assert_eq!(app.lead(json!({})).expect(201).await["status"], "new");
    spoil(&app, "leads.delivery_calendar", false).await;
    app.run_jobs().await;
    let status: String = app.value("select status from leads.lead where tenant_id = $1").await;
    assert_eq!(status, "routed");
}

#[tokio::test]
async fn a_guard_that_fails_lets_the_lead_through_unflagged() {
    let app = ready().await;
    app.form("MDL-001", "MDL", "PV").await;
    app.order("MDL", "Shared", json!({})).await;
    app.order("ZR7", "Shared", json!({})).await;
    app.lead(json!({ "form_code": "MDL-001" })).expect(201).await;
    app.run("daily-delivery").await;
    assert_eq!(app.lead(json!({ "phone": "0612349911", "session_id": "a" })).expect(201).await["status"], "routed");
    spoil(&app, "leads.overlap_guard", true).await;
    assert_eq!(app.lead(json!({ "phone": "0612349912", "session_id": "b" })).expect(201).await["status"], "routed");
    let flagged: Vec<String> = app
        .value(
            "select array_agg(phone || ' ' || overlap_fallback_delivery order by phone) from leads.delivery d
            join platform.entity e on e.id = d.entity_id where d.tenant_id = $1 and e.code = 'ZR7'",
        )
        .await;
    assert_eq!(flagged, ["0612349911 true", "0612349912 false"]);
}

#[tokio::test]
async fn a_replacement_that_fails_delivers_the_suspicious_lead_itself() {
    let app = ready().await;
    app.lead(json!({ "session_id": "old" })).expect(201).await;
    app.at("2026-02-20T09:00:00Z").await;
    app.run("daily-delivery").await;
    app.order("ZR7", "Acme", json!({ "lb_target_pct": "0.5", "departements": ["75"] })).await;
    // The aged lead looks free and is not: assigning it breaks the rule of one open delivery.
    let occupied = "insert into leads.delivery select (jsonb_populate_record(null::leads.delivery, jsonb_build_object('tenant_id', l.tenant_id,
            'id', gen_random_uuid(), 'entity_id', o.entity_id, 'lead_id', l.id, 'lead_entity_id', l.entity_id, 'buyer_id', o.buyer_id,
            'buyer_name', '', 'order_id', o.id, 'product', 'PV', 'departement', '75', 'phone', 'x', 'delivery_method', 'batch',
            'status', 'pending_csv', 'routing_mode', 'normal', 'routing_reason', '', 'is_lb', true, 'prepaid', false, 'client_group_key', '', 'send_attempts', 0,
            'is_shared_client_30d', false, 'overlap_fallback_delivery', false, 'sent_to', '[]'::jsonb,
            'quota_week', '2026-02-16', 'created_at', '2026-01-01T00:00:00Z', 'updated_at', '2026-01-01T00:00:00Z'))).*
        from leads.lead l, leads.standing_order o where l.tenant_id = $1 and o.tenant_id = $1";
    sqlx::query(occupied).bind(app.tenant.uuid()).execute(&mut owner().await).await.unwrap();
    let suspicious = json!({ "phone": "0606060606", "session_id": "new", "lp_code": "LP-1" });
    assert_eq!(app.lead(suspicious).expect(201).await["status"], "routed");
    let replaced: bool =
        app.value("select was_replaced from leads.lead where tenant_id = $1 and phone = '0606060606'").await;
    assert!(!replaced);
    let aged: String = app.value("select status from leads.lead where tenant_id = $1 and phone <> '0606060606'").await;
    assert_eq!(aged, "lb", "and the aged one is as it was");
}

#[tokio::test]
async fn a_mail_server_that_is_down_keeps_the_file_and_is_left_alone_after_five_failures() {
    let app = ready().await;
    let sink = Sink::start(Behaviour::Busy).await;
    app.put("/api/settings/smtp", json!({ "per_entity": { "ZR7": { "url": sink.url } } })).expect(200).await;
    for n in 0..7 {
        app.order("ZR7", &format!("Buyer{n}"), json!({ "quota_semaine": 1, "priorite": 1 + n })).await;
        app.lead(json!({ "session_id": format!("s{n}"), "phone": format!("061234991{n}") })).expect(201).await;
    }
    let report = app.run("daily-delivery").await;
    assert_eq!(
        report["pending"]["sending"].as_i64().unwrap() + report["pending"]["deferred"].as_i64().unwrap(),
        7,
        "{report}"
    );
    let again = app.run("daily-delivery").await;
    let failed: i64 = app.value("select count(*) from leads.delivery where tenant_id = $1 and status = 'failed'").await;
    assert!(failed >= 5, "{failed}");
    let files: i64 =
        app.value("select count(*) from leads.delivery_batch where tenant_id = $1 and csv is not null").await;
    assert!(files >= failed, "each kept its file");
    let pending: i64 =
        app.value("select count(*) from leads.delivery where tenant_id = $1 and status = 'pending_csv'").await;
    assert_eq!(
        again["pending"]["deferred"].as_i64().unwrap(),
        pending,
        "the rest waits until the server is asked again: {again}"
    );
    let id = app.delivery().await;
    let refused = app.post(&format!("/api/deliveries/{id}/send"), json!({})).expect(409).await;
    assert_eq!(refused["type"], "urn:comptoir:problem:mail_server_down");
}

#[tokio::test]
async fn a_database_that_is_blocked_is_told_as_unavailable_and_nothing_hangs() {
    let app = ready().await;
    let id = app.lead(json!({})).expect(201).await["lead_id"].as_str().unwrap().to_owned();
    let path = format!("/api/leads/{id}/status");
    let mut owner = owner().await;
    let mut blocker = owner.begin().await.unwrap();
    let hold = sqlx::query("select from leads.lead where tenant_id = $1 for update").bind(app.tenant.uuid());
    hold.execute(&mut *blocker).await.unwrap();
    let started = Instant::now();
    let change = json!({ "status": "invalid", "reason": "x" });
    let answer = app.put(&path, change.clone()).await;
    assert_eq!(answer.status, 503, "{}", answer.json);
    assert!(!answer.header("retry-after").is_empty());
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    app.get("/api/leads").expect(200).await;
    blocker.rollback().await.unwrap();
    app.put(&path, change).expect(200).await;
}

#[tokio::test]
async fn all_calendar_days_off_leaves_everything_pending_and_nothing_failed() {
    let app = ready().await;
    app.order("ZR7", "Acme", json!({})).await;
    app.lead(json!({})).expect(201).await;
    let off = json!({ "per_entity": { "ZR7": { "enabled_days": [] } } });
    app.put("/api/settings/delivery-calendar", off).expect(200).await;
    let report = app.run("daily-delivery").await;
    assert_eq!(
        (&report["pending"]["skipped_calendar"], &report["filled"]["ZR7"]),
        (&json!(1), &Value::Null),
        "{report}"
    );
    let states: Vec<String> = app.value("select array_agg(status) from leads.delivery where tenant_id = $1").await;
    assert_eq!((states, app.mails().len()), (vec!["pending_csv".to_owned()], 0));
    assert_eq!(
        app.lead(json!({ "session_id": "b", "phone": "0612349911" })).expect(201).await["status"],
        "no_open_orders"
    );
    let calendar = app.get("/api/leads/dashboard-stats").expect(200).await["calendar"][0].clone();
    assert_eq!((&calendar["is_delivery_day"], &calendar["next_delivery_day"]), (&json!(false), &Value::Null));
}

//! Spec 5.5 and 5.9, steps B and C: stock ages, and the daily run fills what orders still want.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::smtp::{Behaviour, Sink};

async fn ready() -> TestApp {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    app
}

/// Posts people `from..to`; the phone tells who is who.
async fn post(app: &TestApp, people: std::ops::Range<usize>) {
    for n in people {
        app.tick();
        let phone = format!("06{:03}93{:03}", n / 1000, n % 1000);
        app.lead(json!({ "session_id": format!("s{n}"), "phone": phone })).expect(201).await;
    }
}

async fn daily(app: &TestApp) -> Value {
    app.run("daily-delivery").await
}

async fn sent(app: &TestApp) -> (i64, i64) {
    let count = "select count(*) from leads.delivery where tenant_id = $1 and status = 'sent'";
    (
        app.value(count).await,
        app.value("select count(*) from leads.delivery where tenant_id = $1 and status = 'sent' and is_lb").await,
    )
}

async fn statuses(app: &TestApp) -> Vec<String> {
    app.value("select coalesce(array_agg(status || ':' || is_lb order by status, is_lb), '{}') from leads.lead where tenant_id = $1").await
}

/// Ten leads that nobody took, nine days old, and six of today.
async fn stocked() -> TestApp {
    let app = ready().await;
    post(&app, 0..10).await;
    app.at("2026-02-20T08:00:00Z").await;
    post(&app, 10..16).await;
    app
}

#[tokio::test]
async fn an_order_is_filled_from_the_stock_in_the_mix_it_asks_for() {
    let app = stocked().await;
    app.order("ZR7", "Acme", json!({ "quota_semaine": 10, "lb_target_pct": "0.4" })).await;
    let report = daily(&app).await;
    assert_eq!(report["lb_marked"], json!({ "from_old": 10, "from_delivered": 0, "total": 10 }));
    let filled = &report["filled"]["ZR7"];
    assert_eq!(
        (&filled["fresh"], &filled["lb"], &filled["sending"]["sending"]),
        (&json!(6), &json!(4), &json!(10)),
        "{report}"
    );
    assert_eq!(sent(&app).await, (10, 4));
    assert_eq!(app.mails().len(), 1, "one file an order");
    assert!(app.mails()[0].contains("leads_ZR7_PV_20260220_10.csv"));
    let file: String =
        app.value("select convert_from(csv, 'UTF8') from leads.delivery_batch where tenant_id = $1").await;
    let lines: Vec<_> = file.lines().collect();
    assert_eq!(lines[0], "nom,prenom,telephone,email,departement,proprietaire_maison,produit");
    assert!(
        lines[1..].iter().all(|line| line.starts_with("Martin,,06000930") && line.ends_with(",75,oui,PV")),
        "{file}"
    );
    let oldest: i64 = app
        .value("select count(*) from leads.delivery where tenant_id = $1 and is_lb and phone in ('0600093000', '0600093001', '0600093002', '0600093003')")
        .await;
    assert_eq!(oldest, 4, "the oldest go first");
    let again = daily(&app).await;
    assert_eq!(again["filled"]["ZR7"]["orders"], 0, "the quota is used up");
    assert_eq!(sent(&app).await, (10, 4));
}

#[tokio::test]
async fn a_lack_of_aged_leads_is_told_once_and_fresh_ones_stand_in() {
    let app = ready().await;
    post(&app, 0..8).await;
    app.order("ZR7", "Acme", json!({ "quota_semaine": 5, "lb_target_pct": "0.5" })).await;
    let report = daily(&app).await;
    assert_eq!((&report["filled"]["ZR7"]["fresh"], sent(&app).await), (&json!(5), (5, 0)));
    let told: Vec<Value> = app
        .value("select array_agg(details) from platform.event where tenant_id = $1 and action = 'lb_shortfall'")
        .await;
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["week"], &told[0]["available"]), (&json!("2026-W07"), &json!(0)), "{told:?}");
}

#[tokio::test]
async fn an_uncapped_order_without_target_takes_everything_fresh_and_nothing_aged() {
    let app = stocked().await;
    app.order("ZR7", "Acme", json!({})).await;
    daily(&app).await;
    assert_eq!(sent(&app).await, (6, 0));
}

#[tokio::test]
async fn l_27_only_leads_that_are_free_are_taken_from_the_aged_stock() {
    let app = ready().await;
    let (buyer, first) = app.order("ZR7", "First", json!({ "quota_semaine": 3 })).await;
    post(&app, 0..3).await;
    daily(&app).await;
    app.post(&format!("/api/commandes/{first}/toggle"), json!({})).expect(200).await;
    app.order_of("ZR7", &buyer, json!({ "product": "PAC" })).await;
    for (n, status) in [(3, "invalid"), (4, "hold_source"), (5, "no_open_orders"), (6, "no_open_orders")] {
        post(&app, n..n + 1).await;
        let id: String = app
            .value("select id::text from leads.lead where tenant_id = $1 order by created_at desc, phone desc limit 1")
            .await;
        if status != "no_open_orders" {
            app.put(&format!("/api/leads/{id}/status"), json!({ "status": status, "reason": "x" })).expect(200).await;
        }
    }
    app.at("2026-03-02T08:00:00Z").await;
    app.order("ZR7", "Second", json!({ "quota_semaine": 50, "lb_target_pct": "1" })).await;
    let report = daily(&app).await;
    assert_eq!(report["filled"]["ZR7"]["lb"], 2, "19 days after: neither what was sent nor invalid nor held: {report}");
    app.at("2026-03-16T08:00:00Z").await;
    let report = daily(&app).await;
    assert_eq!(report["lb_marked"]["from_delivered"], 3, "{report}");
    assert_eq!(report["filled"]["ZR7"]["lb"], 3, "more than 30 days after, for a buyer who never had them");
    let twice: i64 = app
        .value("select count(*) from (select 1 from leads.delivery where tenant_id = $1 group by lead_id, buyer_id having count(*) > 1) x")
        .await;
    assert_eq!(twice, 0);
}

#[tokio::test]
async fn l_64_delivered_leads_age_after_30_days_only_and_a_return_keeps_the_mark() {
    let app = ready().await;
    app.order("ZR7", "Acme", json!({ "lb_target_pct": "1" })).await;
    post(&app, 0..1).await;
    daily(&app).await;
    app.at("2026-03-13T08:00:00Z").await;
    daily(&app).await;
    assert_eq!(statuses(&app).await, ["livre:false"], "exactly 30 days are not more than 30");
    app.at("2026-03-16T08:00:01Z").await;
    daily(&app).await;
    assert_eq!(statuses(&app).await, ["livre:true"]);
    assert_eq!(sent(&app).await, (2, 1), "and the same buyer gets the person again, as an aged lead");
    let reject = format!("/api/deliveries/{}/reject-leads", app.delivery().await);
    app.post(&reject, json!({ "reason": "no" })).expect(200).await;
    let lead: (bool, String) = (
        app.value("select is_lb from leads.lead where tenant_id = $1").await,
        app.value("select lb_reason from leads.lead where tenant_id = $1").await,
    );
    assert_eq!(lead, (true, "already_delivered_30_days".to_owned()));
}

#[tokio::test]
async fn l_28_what_failed_to_leave_is_not_picked_again() {
    let app = ready().await;
    post(&app, 0..2).await;
    app.order("ZR7", "Acme", json!({ "quota_semaine": 2 })).await;
    let sink = Sink::start(Behaviour::Busy).await;
    app.put("/api/settings/smtp", json!({ "per_entity": { "ZR7": { "url": sink.url } } })).expect(200).await;
    daily(&app).await;
    let deliveries = "select count(*) from leads.delivery where tenant_id = $1 and status = 'failed'";
    assert_eq!(app.value::<i64>(deliveries).await, 2);
    app.order("ZR7", "Second", json!({})).await;
    app.at("2026-02-12T08:30:00Z").await;
    let next = daily(&app).await;
    assert_eq!((&next["pending"]["processed"], &next["filled"]["ZR7"]["orders"]), (&json!(0), &json!(0)), "{next}");
    assert_eq!(app.value::<i64>(deliveries).await, 2, "each lead has its one failed delivery");
    sink.now(Behaviour::Accept);
    let reset = format!("/api/deliveries/{}/reset", app.delivery().await);
    assert_eq!(app.post(&reset, json!({})).expect(200).await["status"], "pending_csv");
    app.post(&reset, json!({})).expect(409).await;
    assert_eq!(daily(&app).await["pending"]["sending"], 1, "set back by a person, it leaves with the next run");
}

#[tokio::test]
async fn l_29_the_fill_passes_every_gate() {
    let off = json!({ "per_entity": { "ZR7": { "enabled_days": [] } } });
    let simulated = json!({ "simulation_mode": true, "simulation_email": "sim@elsewhere.example" });
    for (what, path, setting) in [
        ("calendar", "/api/settings/delivery-calendar", off),
        ("simulation", "/api/settings/email-denylist", simulated),
        ("denylist", "/api/settings/email-denylist", json!({ "domains": ["buyer.example"] })),
        ("source", "/api/settings/source-gating", json!({ "blocked_sources": ["bad"] })),
    ] {
        let app = ready().await;
        app.lead(json!({ "utm_source": "bad" })).expect(201).await;
        app.order("ZR7", "Acme", json!({})).await;
        app.put(path, setting).expect(200).await;
        daily(&app).await;
        let made: i64 =
            app.value("select count(*) from leads.delivery where tenant_id = $1 and delivery_method = 'batch'").await;
        assert_eq!((made, app.mails().len()), (0, 0), "{what}");
    }
    let app = ready().await;
    post(&app, 0..1).await;
    let (buyer, _) = app.order("ZR7", "Acme", json!({})).await;
    app.put(&format!("/api/clients/{buyer}"), json!({ "auto_send_enabled": false })).expect(200).await;
    daily(&app).await;
    let status: String = app.value("select status from leads.delivery where tenant_id = $1").await;
    assert_eq!((status.as_str(), app.mails().len()), ("ready_to_send", 0), "prepared, for a person to send");
    let ops = app.member("ops", "ZR7").await;
    app.post("/api/deliveries/batch/generate-csv", json!({})).by(&ops).expect(403).await;
    let report = app.post("/api/deliveries/batch/send-ready", json!({})).by(&ops).expect(200).await;
    assert_eq!((&report["files"], &report["taken"]), (&json!(1), &json!(1)));
    app.run_jobs().await;
    assert_eq!((sent(&app).await, app.mails().len()), ((1, 0), 1));
}

#[tokio::test]
async fn l_29_a_company_served_by_the_other_entity_lately_gets_what_others_leave() {
    let app = ready().await;
    app.form("MDL-PV", "MDL", "PV").await;
    app.order("MDL", "Shared", json!({ "quota_semaine": 1 })).await;
    app.lead(json!({ "form_code": "MDL-PV", "phone": "0611223345" })).expect(201).await;
    daily(&app).await;
    post(&app, 0..3).await;
    app.order("ZR7", "Shared", json!({ "priorite": 1 })).await;
    app.order("ZR7", "Alone", json!({ "priorite": 9, "quota_semaine": 2 })).await;
    daily(&app).await;
    let got: Vec<String> = app
        .value(
            "select array_agg(buyer_name || ':' || overlap_fallback_delivery order by buyer_name) from leads.delivery d
            join platform.entity e on e.id = d.entity_id where d.tenant_id = $1 and e.code = 'ZR7'",
        )
        .await;
    assert_eq!(got, ["Alone:false", "Alone:false", "Shared:true"]);
}

#[tokio::test]
async fn l_04_every_path_sends_by_the_same_steps() {
    let app = ready().await;
    post(&app, 0..1).await;
    let (buyer, _) = app.order("ZR7", "Acme", json!({})).await;
    let jump = sqlx::query(
        "update leads.delivery set status = 'sent', outcome = 'accepted', sent_to = '{a@b.example}', last_sent_at = now(),
             accepted_at = now(), send_attempts = 1 where tenant_id = $1",
    );
    daily(&app).await;
    app.run_jobs().await;
    post(&app, 1..2).await;
    let refused = jump.bind(app.tenant.uuid()).execute(&mut crate::support::owner().await).await.unwrap_err();
    assert!(refused.to_string().contains("pending_csv"), "the database itself refuses: {refused}");
    app.post(&format!("/api/deliveries/{}/send", app.delivery().await), json!({})).expect(200).await;
    app.run_jobs().await;
    app.put(&format!("/api/clients/{buyer}"), json!({ "auto_send_enabled": false })).expect(200).await;
    post(&app, 2..3).await;
    assert_eq!(app.post("/api/deliveries/batch/generate-csv", json!({})).expect(200).await["taken"], 1);
    app.post("/api/deliveries/batch/send-ready", json!({})).expect(200).await;
    app.run_jobs().await;
    assert_eq!(sent(&app).await, (3, 0));
    let proven: i64 = app
        .value("select count(*) from leads.delivery d join leads.send_attempt a on a.tenant_id = d.tenant_id and a.batch_id = d.batch_id and a.kind = 'send'
            join platform.mail m on m.tenant_id = a.tenant_id and m.id = a.mail_id and m.status = 'accepted' where d.tenant_id = $1")
        .await;
    assert_eq!(proven, 3, "daily, single and batch: each left with an attempt whose mail was accepted");
}

#[tokio::test]
async fn l_54_a_thousand_and_one_pending_deliveries_all_leave() {
    let app = ready().await;
    app.order("ZR7", "Acme", json!({})).await;
    for hundred in 0..11 {
        let people = (hundred * 100..1001.min(hundred * 100 + 100)).map(|n| post(&app, n..n + 1));
        futures_util::future::join_all(people).await;
    }
    let report = daily(&app).await;
    assert_eq!(report["pending"]["sending"], 1001);
    assert_eq!((sent(&app).await.0, app.mails().len()), (1001, 1));
}

#[tokio::test]
async fn l_55_a_slow_mail_server_holds_nobody_up() {
    let app = ready().await;
    app.order("ZR7", "Acme", json!({})).await;
    let sink = Sink::start(Behaviour::Silent).await;
    app.put("/api/settings/smtp", json!({ "per_entity": { "ZR7": { "url": sink.url } } })).expect(200).await;
    post(&app, 0..1).await;
    let id = app.delivery().await;
    let started = std::time::Instant::now();
    app.post(&format!("/api/deliveries/{id}/send"), json!({})).expect(200).await;
    let sending = app.run_jobs();
    let others = async {
        post(&app, 1..4).await;
        app.get("/api/deliveries").expect(200).await;
        started.elapsed()
    };
    tokio::pin!(sending);
    let elapsed = tokio::select! {
        () = &mut sending => panic!("the server that never answers answered"),
        elapsed = others => elapsed,
    };
    assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
    let status: String =
        app.value("select status from leads.delivery where tenant_id = $1 and status = 'sending'").await;
    assert_eq!(status, "sending", "it is still waiting for the server");
}

#[tokio::test]
async fn l_63_counters_of_a_week_agree_wherever_they_are_shown() {
    let app = ready().await;
    let (buyer, order) = app.order("ZR7", "Acme", json!({ "quota_semaine": 10 })).await;
    post(&app, 0..5).await;
    daily(&app).await;
    let ids: Vec<String> = app.value("select array_agg(id::text) from leads.delivery where tenant_id = $1").await;
    app.post(&format!("/api/deliveries/{}/reject-leads", ids[0]), json!({ "reason": "x" })).expect(200).await;
    app.post(&format!("/api/deliveries/{}/remove-lead", ids[1]), json!({ "reason": "test" })).expect(200).await;
    let stats = app.get("/api/deliveries/stats?week=2026-W07").expect(200).await;
    for (key, value) in [("sent", 5), ("rejected", 1), ("removed", 1), ("billable", 3), ("failed", 0)] {
        assert_eq!(stats[key], value, "{key} of {stats}");
    }
    let page = app.get(&format!("/api/clients/{buyer}/stats")).expect(200).await;
    assert!(page.to_string().contains("\"billable\":3"), "{page}");
    let row = app.get(&format!("/api/commandes/{order}?week=2026-W07")).expect(200).await;
    assert_eq!(row["delivered"], 3, "{row}");
    let overview = app.get("/api/departements/overview?week=2026-W07").expect(200).await;
    assert!(overview.to_string().contains("\"billable\":3"), "{overview}");
    app.get("/api/deliveries/stats?week=2026-W99").expect(400).await;
}

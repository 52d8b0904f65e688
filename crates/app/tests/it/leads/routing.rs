//! Spec 5.4 and 5.7: which order takes a lead, under concurrency and afterwards.

use serde_json::json;

use crate::support::TestApp;

async fn ready() -> TestApp {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    app
}

fn person(n: usize) -> serde_json::Value {
    json!({ "session_id": format!("s{n}"), "phone": format!("06{:03}91{:03}", n / 1000, n % 1000) })
}

#[tokio::test]
async fn l_01_two_leads_for_the_last_slot_fill_it_once_and_the_other_goes_on() {
    let app = ready().await;
    let (_, first) = app.order("ZR7", "First", json!({ "quota_semaine": 1, "priorite": 1 })).await;
    let (_, second) = app.order("ZR7", "Second", json!({ "priorite": 2 })).await;
    let posts = (0..20).map(|n| {
        let app = &app;
        async move { app.lead(person(n)).expect(201).await }
    });
    futures_util::future::join_all(posts).await;
    let count = async |order: &str| -> i64 {
        sqlx::query_scalar("select count(*) from leads.delivery where tenant_id = $1 and order_id = $2::uuid")
            .bind(app.tenant.uuid())
            .bind(order)
            .fetch_one(&mut crate::support::owner().await)
            .await
            .unwrap()
    };
    assert_eq!((count(&first).await, count(&second).await), (1, 19));
}

#[tokio::test]
async fn l_03_one_phone_from_many_sessions_never_reaches_a_buyer_twice() {
    let app = ready().await;
    app.order("ZR7", "One", json!({})).await;
    app.order("ZR7", "Two", json!({})).await;
    let posts = (0..20).map(|n| {
        let app = &app;
        async move { app.lead(json!({ "session_id": format!("s{n}") })).expect(201).await }
    });
    let answers = futures_util::future::join_all(posts).await;
    let with = |status: &str| answers.iter().filter(|answer| answer["status"] == status).count();
    assert_eq!((with("routed"), with("duplicate")), (2, 18));
    let twice: i64 = app
        .value("select count(*) from (select 1 from leads.delivery where tenant_id = $1 group by buyer_id, phone, product having count(*) > 1) x")
        .await;
    assert_eq!(twice, 0);
}

#[tokio::test]
async fn l_12_a_buyer_has_one_active_order_per_product_by_whatever_route() {
    let app = ready().await;
    let (buyer, first) = app.order("ZR7", "Acme", json!({})).await;
    let again = json!({ "entity": "ZR7", "buyer_id": buyer, "product": "PV", "departements": ["75"] });
    app.post("/api/commandes", again).expect(409).await;
    app.post(&format!("/api/commandes/{first}/toggle"), json!({})).expect(200).await;
    app.order_of("ZR7", &buyer, json!({})).await;
    app.post(&format!("/api/commandes/{first}/toggle"), json!({})).expect(409).await;
    app.put(&format!("/api/commandes/{first}"), json!({ "active": true })).expect(409).await;
}

#[tokio::test]
async fn l_24_a_minute_after_monday_midnight_in_paris_is_the_new_week() {
    let app = ready().await;
    let every_day: Vec<_> = (0..7).collect();
    app.put("/api/settings/delivery-calendar", json!({ "per_entity": { "ZR7": { "enabled_days": every_day } } }))
        .expect(200)
        .await;
    app.order("ZR7", "Acme", json!({ "quota_semaine": 1 })).await;
    app.at("2026-02-15T22:59:59.7Z").await;
    assert_eq!(app.lead(person(1)).expect(201).await["status"], "routed");
    assert_eq!(app.lead(person(2)).expect(201).await["status"], "no_open_orders");
    app.at("2026-02-15T23:30:00Z").await;
    assert_eq!(app.lead(person(3)).expect(201).await["status"], "routed");
    let weeks: Vec<String> =
        app.value("select array_agg(week::text order by week) from leads.order_week where tenant_id = $1").await;
    assert_eq!(weeks, ["2026-02-09", "2026-02-16"]);
}

#[tokio::test]
async fn l_26_blocked_leads_are_routed_when_the_cause_disappears() {
    let app = ready().await;
    app.at("2026-02-14T09:00:00Z").await;
    assert_eq!(app.lead(person(1)).expect(201).await["status"], "no_open_orders", "Saturday");
    app.at("2026-02-16T08:00:00Z").await;
    assert_eq!(app.lead(person(2)).expect(201).await["status"], "no_open_orders", "no order yet");
    assert_eq!(
        app.lead(json!({ "session_id": "3", "phone": "0612345679", "form_code": "PV-002" })).expect(201).await["status"],
        "pending_config"
    );
    app.order("ZR7", "Acme", json!({})).await;
    app.run_jobs().await;
    let routed: i64 = app.value("select count(*) from leads.lead where tenant_id = $1 and status = 'routed'").await;
    assert_eq!(routed, 2, "the order's activation swept what waited");
    app.form("PV-002", "ZR7", "PV").await;
    app.run_jobs().await;
    let waiting: i64 = app.value("select count(*) from leads.lead where tenant_id = $1 and status <> 'routed'").await;
    assert_eq!(waiting, 0, "mapping the form placed and routed the last one");
    let traced: i64 = app
        .value("select count(distinct lead_id) from leads.routing_decision where tenant_id = $1 and outcome = 'routed' and trace <> 'null'")
        .await;
    assert_eq!(traced, 3);
}

#[tokio::test]
async fn a_lead_nobody_takes_falls_back_to_the_other_entity_and_stays_its_owners() {
    let app = ready().await;
    app.order("MDL", "Elsewhere", json!({})).await;
    let lead = app.lead(json!({})).expect(201).await;
    assert_eq!((&lead["status"], &lead["entity"]), (&json!("routed"), &json!("ZR7")));
    let reason: String = app.value("select routing_reason from leads.delivery where tenant_id = $1").await;
    assert_eq!(reason, "cross_entity_ZR7_to_MDL");
    app.put("/api/settings/cross-entity", json!({ "per_entity": { "MDL": { "in_enabled": false } } }))
        .expect(200)
        .await;
    assert_eq!(app.lead(person(7)).expect(201).await["status"], "no_open_orders");
}

#[tokio::test]
async fn l_14_a_buyer_and_an_order_of_another_entity_do_not_exist() {
    let app = ready().await;
    let (buyer, order) = app.order("ZR7", "Acme", json!({})).await;
    let mdl = app.member("admin", "MDL").await;
    let zr7 = app.member("admin", "ZR7").await;
    for path in [format!("/api/clients/{buyer}"), format!("/api/commandes/{order}")] {
        app.get(&path).by(&mdl).expect(404).await;
        app.get(&path).by(&zr7).expect(200).await;
        app.get(&path).scope("MDL").expect(404).await;
    }
    app.put(&format!("/api/clients/{buyer}"), json!({ "name": "Mine" })).by(&mdl).expect(404).await;
}

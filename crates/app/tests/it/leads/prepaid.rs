//! Spec 4.5, 5.4 step 5, 5.10: units paid in advance are held, consumed, released and returned, each once.

use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::smtp::{Behaviour, Sink};

fn person(n: usize) -> Value {
    json!({ "session_id": format!("s{n}"), "phone": format!("06{:03}91{:03}", n / 1000, n % 1000) })
}

/// A buyer who pays in advance, with so many units, before all others.
async fn with_units(units: i32, order: Value) -> (TestApp, String) {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    let mut fields = json!({ "priorite": 1 });
    for (key, value) in order.as_object().unwrap() {
        fields[key] = value.clone();
    }
    let (buyer, _) = app.order("ZR7", "Avance", fields).await;
    let price = json!({ "product": "PV", "unit_price_eur": "20", "billing_mode": "PREPAID" });
    app.post(&format!("/api/clients/{buyer}/pricing/product"), price).expect(200).await;
    if units > 0 {
        buy(&app, &buyer, units).await;
    }
    app.run_jobs().await;
    (app, buyer)
}

async fn buy(app: &TestApp, buyer: &str, units: i32) -> Value {
    let body = json!({ "product": "pv", "units": units, "note": "virement" });
    app.post(&format!("/api/clients/{buyer}/prepayment/add-units"), body).expect(200).await
}

/// Purchased, held, delivered, remaining; and the invariant: the moves add up to the columns.
async fn balance(app: &TestApp, buyer: &str) -> [i64; 4] {
    let off: i64 = app
        .value(
            "select count(*) from leads.prepaid b cross join lateral (
                 select coalesce(sum(units) filter (where kind = 'purchase'), 0) as purchased,
                     coalesce(sum(case kind when 'hold' then 1 when 'release' then -1 when 'consume' then -1 end), 0) as held,
                     coalesce(sum(case kind when 'consume' then 1 when 'return' then -1 end), 0) as delivered
                 from leads.prepaid_move m where m.tenant_id = b.tenant_id and m.buyer_id = b.buyer_id and m.product = b.product) m
             where b.tenant_id = $1 and (m.purchased, m.held, m.delivered) is distinct from (b.purchased, b.held, b.delivered)",
        )
        .await;
    assert_eq!(off, 0, "the moves do not add up to the balance");
    let told = app.get(&format!("/api/clients/{buyer}/prepayment")).expect(200).await;
    let row = &told["balances"][0];
    ["purchased", "held", "delivered", "remaining"].map(|key| row[key].as_i64().unwrap())
}

async fn status(app: &TestApp, buyer: &str) -> Value {
    app.get(&format!("/api/clients/{buyer}/prepayment")).expect(200).await["balances"][0]["status"].clone()
}

async fn taken(app: &TestApp, name: &'static str) -> i64 {
    let names: Vec<String> = app
        .value("select coalesce(array_agg(buyer_name), '{}') from leads.delivery where tenant_id = $1 and status <> 'cancelled'")
        .await;
    i64::try_from(names.iter().filter(|taken| *taken == name).count()).unwrap()
}

#[tokio::test]
async fn l_01_l_09_five_leads_at_once_for_the_last_unit_bring_one_there_and_the_rest_elsewhere() {
    let (app, buyer) = with_units(1, json!({})).await;
    app.order("ZR7", "Facture", json!({ "priorite": 5 })).await;
    let answers = futures_util::future::join_all((0..5).map(|n| app.lead(person(n)).answer())).await;
    assert!(answers.iter().all(|answer| answer.json["status"] == "routed"));
    assert_eq!((taken(&app, "Avance").await, taken(&app, "Facture").await), (1, 4));
    assert_eq!(balance(&app, &buyer).await, [1, 1, 0, 0]);
    let week = app.get("/api/billing/week").expect(200).await;
    let left = ["buyer_name", "remaining", "status"].map(|key| &week["prepaid_balances"][0][key]);
    assert_eq!(left, [&json!("Avance"), &json!(0), &json!("BLOCKED")], "the week says who has nothing left");
    let told: i64 = app
        .value(
            "select count(*) from leads.routing_decision where tenant_id = $1 and trace::text like '%prepaid_empty%'",
        )
        .await;
    assert_eq!(told, 4, "the decisions say why");
    let simulated = json!({ "lead": { "entity": "ZR7", "produit": "PV", "departement": "75" } });
    let told = app.post("/api/leads/simulate", simulated).expect(200).await;
    assert_eq!(told["buyer_name"], "Facture");
    assert_eq!(told["entities"][0]["candidates"][0]["verdict"], "prepaid_empty");
}

#[tokio::test]
async fn a_unit_is_held_consumed_and_returned_once_and_buying_routes_what_waited() {
    let (app, buyer) = with_units(0, json!({})).await;
    assert_eq!(status(&app, &buyer).await, "BLOCKED");
    let waits = app.lead(person(0)).expect(201).await;
    assert_eq!(waits["status"], "no_open_orders");
    buy(&app, &buyer, 12).await;
    app.run_jobs().await;
    assert_eq!(balance(&app, &buyer).await, [12, 1, 0, 11], "the sweep routed it");
    assert_eq!(status(&app, &buyer).await, "OK");
    app.tick();
    app.run("daily-delivery").await;
    assert_eq!(balance(&app, &buyer).await, [12, 0, 1, 11]);
    app.tick();
    let delivery = app.delivery().await;
    app.post(&format!("/api/deliveries/{delivery}/send"), json!({ "force": true })).expect(200).await;
    app.run_jobs().await;
    assert_eq!(balance(&app, &buyer).await, [12, 0, 1, 11], "L-07: sending again charges nothing");
    let reject = format!("/api/deliveries/{delivery}/reject-leads");
    for already in [false, true] {
        let done = app.post(&reject, json!({ "reason": "faux" })).expect(200).await;
        assert_eq!(done["already_rejected"], already);
    }
    assert_eq!(balance(&app, &buyer).await, [12, 0, 0, 12], "L-09: once");
    app.run_jobs().await;
    let moves = app.get(&format!("/api/clients/{buyer}/prepayment?limit=2")).expect(200).await["moves"].clone();
    let kinds: Vec<_> = moves["items"].as_array().unwrap().iter().map(|m| m["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["return", "consume"]);
    assert!(moves["next_cursor"].is_string());
}

#[tokio::test]
async fn what_is_given_up_or_fails_gives_its_unit_back_only_when_it_is_cancelled() {
    let (app, buyer) = with_units(2, json!({})).await;
    let sink = Sink::start(Behaviour::RefuseRecipient).await;
    app.put("/api/settings/smtp", json!({ "per_entity": { "ZR7": { "url": sink.url } } })).expect(200).await;
    app.lead(person(0)).expect(201).await;
    let delivery = app.delivery().await;
    app.post(&format!("/api/deliveries/{delivery}/send"), json!({})).expect(200).await;
    app.run_jobs().await;
    assert_eq!(balance(&app, &buyer).await, [2, 1, 0, 1], "a failed one keeps its unit");
    app.post(&format!("/api/deliveries/{delivery}/cancel"), json!({ "reason": "perdu" })).expect(200).await;
    assert_eq!(balance(&app, &buyer).await, [2, 0, 0, 2]);
}

#[tokio::test]
async fn a_unit_keeps_the_mode_it_was_routed_under() {
    let (app, buyer) = with_units(3, json!({})).await;
    app.lead(person(0)).expect(201).await;
    let weekly = json!({ "product": "PV", "unit_price_eur": "20", "billing_mode": "WEEKLY_INVOICE" });
    app.post(&format!("/api/clients/{buyer}/pricing/product"), weekly).expect(200).await;
    app.lead(person(1)).expect(201).await;
    assert_eq!(balance(&app, &buyer).await, [3, 1, 0, 2], "the second is invoiced after the week");
    app.run("daily-delivery").await;
    assert_eq!(balance(&app, &buyer).await, [3, 0, 1, 2]);
    let ids: Vec<String> = app.value("select array_agg(id::text) from leads.delivery where tenant_id = $1").await;
    for id in ids {
        app.post(&format!("/api/deliveries/{id}/remove-lead"), json!({ "reason": "test" })).expect(200).await;
    }
    assert_eq!(balance(&app, &buyer).await, [3, 0, 0, 3]);
}

#[tokio::test]
async fn l_29_the_daily_fill_takes_no_more_than_what_is_left() {
    let (app, buyer) = with_units(0, json!({ "quota_semaine": 50 })).await;
    for n in 0..6 {
        app.lead(person(n)).expect(201).await;
    }
    // Units that come without a sweep: the fill finds them.
    buy(&app, &buyer, 4).await;
    let report = app.run("daily-delivery").await;
    app.run_jobs().await;
    let held = balance(&app, &buyer).await;
    assert_eq!((held[0], held[3]), (4, 0), "{report}");
    assert_eq!(taken(&app, "Avance").await, 4);
}

#[tokio::test]
async fn l_44_only_positive_numbers_of_units_are_bought() {
    let (app, buyer) = with_units(0, json!({})).await;
    let path = format!("/api/clients/{buyer}/prepayment/add-units");
    for units in [0, -5, 1_000_001] {
        let refused = app.post(&path, json!({ "product": "PV", "units": units })).expect(422).await;
        assert_eq!(refused["errors"][0]["field"], "units");
    }
    app.post(&path, json!({ "product": "FAKE", "units": 1 })).expect(422).await;
    let others = app.member("admin", "MDL").await;
    app.post(&path, json!({ "product": "PV", "units": 1 })).by(&others).expect(404).await;
    assert_eq!(app.value::<i64>("select count(*) from leads.prepaid_move where tenant_id = $1").await, 0);
}

//! `POST /api/leads/simulate`: routing's own answer, and nothing written.

use serde_json::{Value, json};

use crate::support::TestApp;

async fn ready() -> TestApp {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    app
}

#[expect(clippy::needless_pass_by_value, reason = "calls read better with a value")]
fn imagined(fields: Value) -> Value {
    let mut lead = json!({ "entity": "ZR7", "produit": "PV", "departement": "75", "phone": "06 12 34 56 79" });
    lead.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    json!({ "lead": lead })
}

async fn ask(app: &TestApp, body: Value) -> Value {
    app.post("/api/leads/simulate", body).expect(200).await
}

fn verdicts(answer: &Value, entity: usize) -> Vec<(String, String)> {
    let told = answer["entities"][entity]["candidates"].as_array().unwrap().iter();
    told.map(|one| (one["buyer_name"].as_str().unwrap().to_owned(), one["verdict"].as_str().unwrap().to_owned()))
        .collect()
}

/// The worked case of spec 5.4, over the real tables.
#[tokio::test]
async fn it_tells_every_candidate_and_why_it_was_dropped() {
    let app = ready().await;
    app.order("ZR7", "O1", json!({ "priorite": 1, "departements": ["75", "92"], "quota_semaine": 1 })).await;
    app.lead(json!({ "phone": "0611223344", "session_id": "a" })).expect(201).await;
    let (o2, _) = app.order("ZR7", "O2", json!({ "priorite": 2 })).await;
    app.put(&format!("/api/clients/{o2}"), json!({ "email": "a@mailinator.com" })).expect(200).await;
    let (_, o3) = app.order("ZR7", "O3", json!({ "priorite": 3, "departements": ["75"], "quota_semaine": 10 })).await;
    app.lead(json!({ "session_id": "b" })).expect(201).await;
    app.order("ZR7", "O4", json!({ "priorite": 5, "departements": ["69"] })).await;
    let (_, o6) = app.order("ZR7", "O6", json!({ "priorite": 7 })).await;
    let answer = ask(&app, imagined(json!({}))).await;
    assert_eq!((&answer["status"], &answer["order_id"]), (&json!("routed"), &json!(o6)), "{answer:#}");
    let pairs = [
        ("O1", "quota_full"),
        ("O2", "undeliverable"),
        ("O3", "duplicate_30d"),
        ("O4", "departement"),
        ("O6", "chosen"),
    ];
    assert_eq!(verdicts(&answer, 0), pairs.map(|(buyer, verdict)| (buyer.to_owned(), verdict.to_owned())));
    let paused = json!([{ "order_id": o6, "active": false }]);
    let mut without = imagined(json!({ "entity_locked": true }));
    without["orders"] = paused;
    let answer = ask(&app, without).await;
    assert_eq!(
        (&answer["status"], &answer["reason"]),
        (&json!("duplicate"), &json!("all_commandes_duplicate_entity_locked"))
    );
    let mut raised = imagined(json!({ "phone": null }));
    raised["orders"] =
        json!([{ "order_id": o3, "quota_semaine": 0, "priorite": 1 }, { "order_id": o6, "departements": ["13"] }]);
    assert_eq!(ask(&app, raised).await["order_id"], json!(o3), "uncapped and first, for a person nobody had");
}

#[tokio::test]
async fn a_stored_lead_is_asked_as_if_it_came_now_and_nothing_is_written() {
    let app = ready().await;
    let (_, order) = app.order("ZR7", "Acme", json!({ "quota_semaine": 1 })).await;
    let id = app.lead(json!({})).expect(201).await["lead_id"].clone();
    let all = "select (select count(*) from leads.delivery where tenant_id = $1) + (select count(*) from platform.event where tenant_id = $1)
        + (select count(*) from leads.routing_decision where tenant_id = $1) + (select sum(used) from leads.order_week where tenant_id = $1)::bigint";
    let before: i64 = app.value(all).await;
    let answer = ask(&app, json!({ "lead_id": id })).await;
    assert_eq!(
        (&answer["status"], &answer["order_id"]),
        (&json!("routed"), &json!(order)),
        "its own place is free for it"
    );
    let blocked = json!({ "lead_id": id, "orders": [{ "order_id": order, "departements": ["13"] }] });
    assert_eq!(ask(&app, blocked).await["status"], "no_open_orders");
    assert_eq!(app.value::<i64>(all).await, before);
    app.at("2026-02-14T09:00:00Z").await;
    let saturday = ask(&app, json!({ "lead_id": id })).await;
    assert_eq!(saturday["reason"], "delivery_day_disabled:samedi");
    let invalid = app.lead(json!({ "phone": "12", "session_id": "x" })).expect(201).await["lead_id"].clone();
    assert_eq!(ask(&app, json!({ "lead_id": invalid })).await["status"], "invalid");
}

#[tokio::test]
async fn what_another_entity_has_is_not_shown_to_who_does_not_see_it() {
    let app = ready().await;
    let (_, order) = app.order("MDL", "Elsewhere", json!({})).await;
    let id = app.lead(json!({})).expect(201).await["lead_id"].as_str().unwrap().to_owned();
    let zr7 = app.member("viewer", "ZR7").await;
    let answer = app.post("/api/leads/simulate", json!({ "lead_id": id })).by(&zr7).expect(200).await;
    assert_eq!((&answer["status"], &answer["entity"]), (&json!("routed"), &json!("MDL")));
    assert_eq!((&answer["order_id"], &answer["buyer_name"]), (&Value::Null, &Value::Null));
    assert_eq!((&answer["entities"][1]["candidates"], &answer["entities"][1]["hidden"]), (&json!([]), &json!(1)));
    let foreign = json!({ "lead_id": id, "orders": [{ "order_id": order, "active": false }] });
    app.post("/api/leads/simulate", foreign).by(&zr7).expect(404).await;
    let detail = app.get(&format!("/api/leads/{id}")).by(&zr7).expect(200).await;
    assert!(!detail["decisions"].to_string().contains(&order), "{detail:#}");
    let mdl = app.member("viewer", "MDL").await;
    app.post("/api/leads/simulate", imagined(json!({}))).by(&mdl).expect(403).await;
    app.post("/api/leads/simulate", json!({})).expect(422).await;
    app.post("/api/leads/simulate", imagined(json!({ "produit": "FAKE" }))).expect(422).await;
    app.post("/api/leads/simulate", imagined(json!({ "phone": "1" }))).expect(422).await;
    app.post("/api/leads/simulate", imagined(json!({ "departement": "999" }))).expect(422).await;
}

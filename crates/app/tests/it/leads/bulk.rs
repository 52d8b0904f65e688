//! One command on many leads or deliveries: each as if alone.

use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::smtp::{Behaviour, Sink};

const NOBODYS: &str = "01a1fc65-3b34-7132-8044-50af971882c2";

async fn ready() -> TestApp {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    app.form("MDL-001", "MDL", "PV").await;
    app.order("ZR7", "Acme", json!({ "departements": ["75"] })).await;
    app
}

/// A lead, newer than those before; in the 69 nobody wants it.
async fn lead(app: &TestApp, n: usize, departement: &str, form: &str) -> String {
    app.tick();
    let lead = json!({ "session_id": format!("s{n}"), "phone": format!("06123495{n:02}"), "departement": departement,
        "form_code": form });
    app.lead(lead).expect(201).await["lead_id"].as_str().unwrap().to_owned()
}

fn refused(answer: &Value) -> Vec<(&str, &str)> {
    let refused = answer["refused"].as_array().unwrap();
    refused.iter().map(|one| (one["id"].as_str().unwrap(), one["code"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn what_cannot_be_done_to_one_lead_stops_none_of_the_others() {
    let app = ready().await;
    let free = lead(&app, 1, "69", "PV-001").await;
    let held = lead(&app, 2, "75", "PV-001").await;
    let others = lead(&app, 3, "69", "MDL-001").await;
    let again = lead(&app, 4, "69", "PV-001").await;
    let zr7 = app.member("ops", "ZR7").await;
    let ids = json!([again, held, free, others, NOBODYS, free]);
    let body = json!({ "ids": ids, "status": "new", "reason": "checked by phone" });
    let answer = app.post("/api/leads/batch/status", body).by(&zr7).expect(200).await;
    assert_eq!(answer["done"], json!([free, again]), "{answer:#}");
    let expected = [(NOBODYS, "not_found"), (&held, "lead_assigned"), (&others, "not_found")];
    let mut found = refused(&answer);
    found.sort_unstable();
    let mut expected: Vec<_> = expected.into();
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert!(answer["refused"].as_array().unwrap().iter().all(|one| !one["detail"].as_str().unwrap().is_empty()));
    let sweeps: i64 = app
        .value("select count(*) from platform.job where tenant_id = $1 and payload ->> 'why' = 'status_edited'")
        .await;
    assert_eq!(sweeps, 1, "one sweep for all of them");
    let told = app.get("/api/event-log?action=lead_status_edited").expect(200).await;
    let reasons: Vec<_> = told["items"].as_array().unwrap().iter().map(|event| &event["details"]["reason"]).collect();
    assert_eq!(reasons, [&json!("checked by phone"); 2]);
    let body = json!({ "ids": [free], "status": "invalid" });
    app.post("/api/leads/batch/status", body).by(&zr7).expect(200).await;
    let status: String = app.value("select status from leads.lead where tenant_id = $1 order by id limit 1").await;
    assert_eq!(status, "invalid");
}

#[tokio::test]
async fn a_lead_of_another_entity_stays_hidden_after_an_operation_that_looked_over_all_of_them() {
    let app = ready().await;
    let own = lead(&app, 1, "69", "PV-001").await;
    let others = lead(&app, 2, "69", "MDL-001").await;
    let held = lead(&app, 3, "75", "PV-001").await;
    let zr7 = app.member("admin", "ZR7").await;
    let delete = json!({ "ids": [own, others, held] });
    let ops = app.member("ops", "ZR7").await;
    app.post("/api/leads/batch/delete", delete.clone()).by(&ops).expect(403).await;
    let send = || app.post("/api/leads/batch/delete", delete.clone()).by(&zr7).header("idempotency-key", "once");
    let answer = send().expect(200).await;
    assert_eq!(answer["done"], json!([own]), "{answer:#}");
    assert_eq!(refused(&answer), [(others.as_str(), "not_found"), (&held, "lead_has_history")]);
    assert_eq!(send().expect(200).await, answer, "asked again, it is not done again");
    app.get(&format!("/api/leads/{others}")).expect(200).await;
    app.get(&format!("/api/leads/{own}")).expect(404).await;
}

#[tokio::test]
async fn many_deliveries_are_given_up_or_tried_again_each_as_if_alone() {
    let app = ready().await;
    for n in 0..3 {
        lead(&app, n, "75", "PV-001").await;
    }
    let ids: Vec<String> =
        app.value("select array_agg(id::text order by id) from leads.delivery where tenant_id = $1").await;
    let sink = Sink::start(Behaviour::RefuseBody).await;
    app.put("/api/settings/smtp", json!({ "per_entity": { "ZR7": { "url": sink.url } } })).expect(200).await;
    app.post(&format!("/api/deliveries/{}/send", ids[0]), json!({})).expect(200).await;
    app.run_jobs().await;
    let mdl = app.member("admin", "MDL").await;
    let reset = app.post("/api/deliveries/batch/reset", json!({ "ids": ids })).by(&mdl).expect(200).await;
    assert_eq!((refused(&reset).len(), &reset["done"]), (3, &json!([])), "of another entity");
    let reset = app.post("/api/deliveries/batch/reset", json!({ "ids": ids })).expect(200).await;
    assert_eq!(reset["done"], json!([ids[0]]));
    assert!(refused(&reset).iter().all(|(_, code)| *code == "delivery_lifecycle"), "{reset:#}");
    let some = json!({ "ids": [ids[0], ids[2], NOBODYS], "reason": "buyer closed" });
    let cancelled = app.post("/api/deliveries/batch/cancel", some).expect(200).await;
    assert_eq!((&cancelled["done"], refused(&cancelled).len()), (&json!([ids[0], ids[2]]), 1));
    let all = app.post("/api/deliveries/batch/cancel", json!({ "ids": ids })).expect(200).await;
    assert_eq!((&all["done"], refused(&all).len()), (&json!([ids[1]]), 2));
    let reasons: Vec<String> = app
        .value("select array_agg(cancelled_reason order by id) from leads.delivery where tenant_id = $1 and status = 'cancelled'")
        .await;
    assert_eq!(reasons, ["buyer closed", "batch", "buyer closed"]);
    let used: i64 = app.value("select sum(used) from leads.order_week where tenant_id = $1").await;
    assert_eq!(used, 0, "every place is free again");
}

#[tokio::test]
async fn a_command_names_one_to_two_hundred_things() {
    let app = ready().await;
    for path in [
        "/api/leads/batch/status",
        "/api/leads/batch/delete",
        "/api/deliveries/batch/cancel",
        "/api/deliveries/batch/reset",
    ] {
        for (count, expected) in [(0, 422), (1, 200), (200, 200), (201, 422)] {
            let mut body = json!({ "ids": vec![NOBODYS; count] });
            if path.ends_with("status") {
                body["status"] = json!("new");
            }
            let answer = app.post(path, body).expect(expected).await;
            assert!(expected == 200 || answer["errors"][0]["field"] == "ids", "{path} {answer}");
        }
    }
    for (status, reason, field) in [("livre", "x", "status"), ("new", " ", "reason")] {
        let body = json!({ "ids": [NOBODYS], "status": status, "reason": reason });
        let refused = app.post("/api/leads/batch/status", body).expect(422).await;
        assert_eq!(refused["errors"][0]["field"], field);
    }
}

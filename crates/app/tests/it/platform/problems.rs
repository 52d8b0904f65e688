//! Bad input gets the right 4xx, with the field named, and never a 500.

use axum::http::Method;
use serde_json::{Value, json};

use super::openapi::operations;
use crate::support::TestApp;

#[tokio::test]
async fn t_28_t_29_what_is_wrong_is_named() {
    let app = TestApp::new().await;
    let order = json!({ "entity": "ZR7", "buyer_id": "01a1fc65-3b34-7132-8044-50af971882c2", "product": "PV", "departements": ["75"] });
    let with = |field: &str, value: Value| {
        let mut order = order.clone();
        order[field] = value;
        order
    };
    for (path, body, status, field) in [
        ("/api/commandes", with("quota_semaine", json!("many")), 422, Some("quota_semaine")),
        ("/api/commandes", with("quota_semaine", json!(-1)), 422, Some("quota_semaine")),
        ("/api/commandes", with("quota_semaine", json!(9_999_999_999_i64)), 422, Some("quota_semaine")),
        ("/api/commandes", with("surprise", json!(1)), 422, Some("surprise")),
        ("/api/commandes", with("departements", json!(["99"])), 422, Some("departements")),
        ("/api/commandes", with("product", json!("P\u{0}V")), 422, Some("product")),
        ("/api/commandes", json!({}), 422, None),
        ("/api/commandes", json!([]), 422, None),
        ("/api/clients", json!({ "entity": "ZR7", "name": "A", "email": "nobody" }), 422, Some("email")),
        ("/api/clients", json!({ "entity": "NOPE", "name": "A", "email": "a@b.example" }), 400, Some("entity")),
        ("/api/clients", json!({ "name": "A", "email": "a@b.example" }), 400, Some("entity")),
    ] {
        let answer = app.post(path, body.clone()).expect(status).await;
        if let Some(field) = field {
            let named = answer["errors"][0]["field"].as_str().unwrap_or_default();
            assert!(named.starts_with(field), "{body} named {named}: {answer}");
        }
        assert!(answer["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{answer}");
    }
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused_as_such() {
    let app = TestApp::new().await;
    let big = vec![b' '; 2 << 20];
    for (content_type, body, status) in [
        ("application/json", &b"{\"a\":"[..], 400),
        ("application/json", b"\xff", 400),
        ("application/xml", b"<a/>", 415),
        ("", b"{}", 415),
        ("application/json", &big, 413),
    ] {
        app.send(Method::POST, "/api/clients", None).by(&app.root).raw(content_type, body).expect(status).await;
    }
}

#[tokio::test]
async fn t_13_without_an_entity_that_exists_no_list_answers_at_all() {
    let app = TestApp::new().await;
    let mut refused = 0;
    for (method, path, operation) in operations(&app.document()) {
        let takes_id = path.contains('{');
        let is_open = operation["security"].is_null();
        if method != "GET" || takes_id || is_open || path == "/metrics" {
            continue;
        }
        let answer = app.get(&path).scope("NOWHERE").await;
        assert_eq!(answer.status, 400, "{path}: {:#}", answer.json);
        assert_eq!(answer.json["errors"][0]["field"], "X-Entity-Scope", "{path}: {:#}", answer.json);
        refused += 1;
    }
    assert!(refused > 60, "{refused}");
}

#[tokio::test]
async fn l_66_an_invalid_week_is_refused_on_every_route_that_takes_one() {
    let app = TestApp::new().await;
    let (buyer, order) = app.order("ZR7", "Acme", json!({})).await;
    let takes_week = |operation: &Value| {
        operation["parameters"].as_array().is_some_and(|all| all.iter().any(|parameter| parameter["name"] == "week"))
    };
    let document = app.document();
    let taking: Vec<_> = operations(&document).into_iter().filter(|(_, _, operation)| takes_week(operation)).collect();
    assert!(taking.len() >= 10, "the document was not read");
    for (method, path, _) in taking {
        let id = if path.starts_with("/api/clients") { &buyer } else { &order };
        let path = path.replace("{id}", id).replace("{dept}", "75");
        let asked = |week: &str| {
            let named = path.replace("{week}", week);
            let path = if named == path { format!("{path}?week={week}") } else { named };
            let body = (method == "POST").then(|| json!({}));
            app.send(method.parse().unwrap(), &path, body).by(&app.root).scope("ZR7")
        };
        for week in ["2026-W99", "2026-W00", "2025-W53", "junk", "2026W07", "2026-7"] {
            let answer = asked(week).expect(400).await;
            assert_eq!(answer["errors"][0]["field"], "week", "{path} {answer}");
        }
        asked("2026-W53").expect(200).await;
    }
}

#[tokio::test]
async fn t_29_forged_cursors_and_ids_are_refused_and_unknown_ones_not_found() {
    let app = TestApp::new().await;
    for path in ["/api/event-log", "/api/operations/jobs", "/api/clients"] {
        for cursor in ["junk", "AAAA", "eyJhIjoiOTk5OTktMDEtMDEifQ"] {
            let answer = app.get(&format!("{path}?cursor={cursor}")).scope("ZR7").expect(400).await;
            assert_eq!(answer["errors"][0]["field"], "cursor", "{path} {answer}");
        }
        app.get(&format!("{path}?limit=0")).scope("ZR7").expect(400).await;
        app.get(&format!("{path}?limit=201")).scope("ZR7").expect(400).await;
        app.get(&format!("{path}?nonsense=1")).scope("ZR7").expect(400).await;
    }
    app.get("/api/clients/not-an-id").expect(400).await;
    app.get("/api/clients/01a1fc65-3b34-7132-8044-50af971882c2").expect(404).await;
    app.get("/api/clients").scope("NOPE").expect(400).await;
    app.get("/api/nothing/here").expect(404).await;
    app.send(Method::PATCH, "/api/clients", None).by(&app.root).expect(405).await;
}

#[tokio::test]
async fn an_idempotency_key_does_the_work_once_and_gives_the_same_answer_again() {
    let app = TestApp::new().await;
    let client = json!({ "entity": "ZR7", "name": "Acme", "email": "a@buyer.example" });
    let create = |body: &serde_json::Value| app.post("/api/clients", body.clone()).header("idempotency-key", "once");
    let answers = futures_util::future::join_all((0..8).map(|_| create(&client).answer())).await;
    let ids: std::collections::BTreeSet<_> =
        answers.iter().filter(|answer| answer.status == 201).map(|answer| answer.json["id"].to_string()).collect();
    assert_eq!(ids.len(), 1, "one buyer, whoever asks");
    let again = create(&client).expect(201).await;
    assert!(ids.contains(&again["id"].to_string()));
    let other = json!({ "entity": "ZR7", "name": "Other", "email": "b@buyer.example" });
    create(&other).expect(422).await;
    let buyers: i64 = app.value("select count(*) from leads.buyer where tenant_id = $1").await;
    assert_eq!(buyers, 1);
}

#[tokio::test]
async fn l_15_a_write_goes_to_ones_own_entity_or_says_which() {
    let app = TestApp::new().await;
    let zr7 = app.member("admin", "ZR7").await;
    let client = |entity: serde_json::Value, email: &str| json!({ "entity": entity, "name": "A", "email": email });
    app.post("/api/clients", client(json!("MDL"), "a@b.example")).by(&zr7).expect(403).await;
    app.post("/api/clients", client(json!(null), "b@b.example")).by(&zr7).expect(201).await;
    app.post("/api/clients", client(json!(null), "c@b.example")).expect(400).await;
    app.post("/api/clients", client(json!(null), "d@b.example")).scope("both").expect(400).await;
    let made = app.post("/api/clients", client(json!(null), "e@b.example")).scope("mdl").expect(201).await;
    assert_eq!(made["entity"], "MDL");
    app.post("/api/clients", client(json!("ZR7"), "f@b.example")).scope("MDL").expect(403).await;
}

//! Lists and details of leads, and what people do to a lead by hand (spec 6.2).

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::TestApp;

async fn ready() -> TestApp {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    app.form("PAC-001", "MDL", "PAC").await;
    app
}

async fn post(app: &TestApp, n: usize, fields: Value) -> String {
    let mut lead = json!({ "session_id": format!("s{n}"), "phone": format!("06123491{n:02}") });
    lead.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    app.lead(lead).expect(201).await["lead_id"].as_str().unwrap().to_owned()
}

async fn found(app: &TestApp, query: &str) -> Vec<String> {
    let page = app.get(&format!("/api/leads?{query}")).expect(200).await;
    let names = page["items"].as_array().unwrap().iter().map(|lead| lead["nom"].as_str().unwrap().to_owned());
    names.collect()
}

#[tokio::test]
async fn l_53_search_strings_are_literal() {
    let app = ready().await;
    let names = ["Durand", "D%", "d_", "D\\", "O'Hara", "Été"];
    for (n, name) in names.iter().enumerate() {
        app.tick();
        post(&app, n, json!({ "nom": name, "email": format!("p{n}%@x.example") })).await;
    }
    for (search, expected) in [
        ("d%25", vec!["D%"]),
        ("D_", vec!["d_"]),
        ("d%5C", vec!["D\\"]),
        ("o'h", vec!["O'Hara"]),
        ("%C3%A9t", vec!["Été"]),
        ("du", vec!["Durand"]),
        ("%25", vec![]),
        ("p1%25@", vec!["D%"]),
        ("p%25@", vec![]),
        ("06 12 34 91 03", vec!["D\\"]),
        ("' or 1=1 --", vec![]),
    ] {
        assert_eq!(found(&app, &format!("search={}", search.replace(' ', "%20"))).await, expected, "{search}");
    }
    assert_eq!(found(&app, "search=06123491").await.len(), names.len());
}

#[tokio::test]
async fn the_list_filters_by_each_field_and_by_all_together_page_by_page() {
    let app = ready().await;
    let (buyer, _) = app.order("ZR7", "Acme", json!({ "departements": ["69"] })).await;
    for n in 0..7 {
        app.tick();
        let dept = if n % 2 == 0 { "69" } else { "75" };
        post(&app, n, json!({ "nom": format!("N{n}"), "departement": dept, "utm_source": format!("Src{}", n % 3) }))
            .await;
    }
    app.tick();
    post(&app, 8, json!({ "nom": "Other", "form_code": "PAC-001" })).await;
    for (query, expected) in [
        ("departement=69&source=src0", "N6 N0"),
        ("status=routed", "N6 N4 N2 N0"),
        ("status=no_open_orders&entity=ZR7", "N5 N3 N1"),
        ("product=PAC", "Other"),
        ("entity=MDL", "Other"),
        ("source=SRC", "N6 N5 N4 N3 N2 N1 N0"),
        ("source=rc1&departement=69", "N4"),
        ("source=src&limit=2&skip=3", "N3 N2"),
        ("source=rc3", ""),
        ("week=2026-W07&product=PV&departement=75", "N5 N3 N1"),
        ("week=2026-W08", ""),
    ] {
        assert_eq!(found(&app, query).await.join(" "), expected, "{query}");
    }
    assert_eq!(found(&app, &format!("buyer={buyer}&search=n2")).await, ["N2"]);
    for (query, expected) in [("", "Other N6 N5 N4 N3 N2 N1 N0"), ("&source=src", "N6 N5 N4 N3 N2 N1 N0")] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = app.get(&format!("/api/leads?limit=3{query}{cursor}")).expect(200).await;
            seen.extend(page["items"].as_array().unwrap().iter().map(|lead| lead["nom"].as_str().unwrap().to_owned()));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen.join(" "), expected);
    }
    for (query, field) in
        [("limit=0", "limit"), ("limit=201", "limit"), ("cursor=abc", "cursor"), ("week=2026-W99", "week")]
    {
        let refused = app.get(&format!("/api/leads?{query}")).expect(400).await;
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
}

#[tokio::test]
async fn l_14_a_lead_of_another_entity_does_not_exist() {
    let app = ready().await;
    let id = post(&app, 1, json!({ "utm_source": "Radio" })).await;
    assert_eq!(found(&app, "source=radio").await.len(), 1);
    let (zr7, mdl) = (app.member("admin", "ZR7").await, app.member("admin", "MDL").await);
    let path = |what: &str| format!("/api/leads/{id}{what}");
    app.get(&path("")).by(&zr7).expect(200).await;
    app.get(&path("")).by(&mdl).expect(404).await;
    app.get(&path("")).scope("MDL").expect(404).await;
    app.get(&path("/notes")).by(&mdl).expect(404).await;
    app.post(&path("/notes"), json!({ "text": "x" })).by(&mdl).expect(404).await;
    app.put(&path("/status"), json!({ "status": "invalid", "reason": "x" })).by(&mdl).expect(404).await;
    app.send(Method::DELETE, &path(""), None).by(&mdl).expect(404).await;
    app.get("/api/leads?entity=ZR7").by(&mdl).expect(403).await;
    for query in ["", "?source=radio", "?search=du"] {
        assert_eq!(app.get(&format!("/api/leads{query}")).by(&mdl).expect(200).await["items"], json!([]), "{query}");
    }
    assert_eq!(app.get("/api/leads/stats").by(&mdl).expect(200).await["total"], 0);
    let other = TestApp::new().await;
    other.get(&path("")).expect(404).await;
}

#[tokio::test]
async fn the_entity_that_serves_a_lead_sees_it_and_its_history() {
    let app = ready().await;
    app.order("MDL", "Elsewhere", json!({})).await;
    let id = post(&app, 1, json!({})).await;
    let lead = app.get(&format!("/api/leads/{id}")).scope("MDL").expect(200).await;
    assert_eq!((&lead["status"], lead["deliveries"].as_array().unwrap().len()), (&json!("routed"), 1));
    assert_eq!(lead["decisions"][0]["reason"], "cross_entity_ZR7_to_MDL");
}

#[tokio::test]
async fn a_status_is_set_by_hand_only_where_no_delivery_holds_the_lead_and_with_a_reason() {
    let app = ready().await;
    let free = post(&app, 1, json!({ "departement": "75" })).await;
    app.order("ZR7", "Acme", json!({ "departements": ["69"] })).await;
    let held = post(&app, 2, json!({ "departement": "69" })).await;
    let set = |id: &str, status: &str, reason: &str| {
        app.put(&format!("/api/leads/{id}/status"), json!({ "status": status, "reason": reason }))
    };
    set(&free, "invalid", " ").expect(422).await;
    set(&free, "livre", "x").expect(422).await;
    set(&free, "hold", "x").expect(422).await;
    set(&held, "invalid", "x").expect(409).await;
    assert_eq!(set(&free, "hold_source", "appel").expect(200).await["hold_reason"], "manual:appel");
    assert_eq!(set(&free, "new", "ok").expect(200).await["status"], "new");
    app.run_jobs().await;
    let swept: String = app.value("select status from leads.lead where tenant_id = $1 and departement = '75'").await;
    assert_eq!(swept, "no_open_orders", "a lead set free is routed again");
    let events: i64 = app
        .value("select count(*) from platform.event where tenant_id = $1 and action = 'lead_status_edited' and details ? 'reason' and entity_id is not null")
        .await;
    assert_eq!(events, 2);
}

#[tokio::test]
async fn notes_are_kept_with_their_author_and_a_lead_without_history_can_be_deleted() {
    let app = ready().await;
    app.order("ZR7", "Acme", json!({ "departements": ["69"] })).await;
    let (free, held) = (post(&app, 1, json!({})).await, post(&app, 2, json!({ "departement": "69" })).await);
    let ops = app.member("ops", "ZR7").await;
    let notes = format!("/api/leads/{free}/notes");
    assert_eq!(app.post(&notes, json!({ "text": " rappeler " })).by(&ops).expect(201).await["text"], "rappeler");
    app.post(&notes, json!({ "text": "" })).expect(422).await;
    let kept = app.get(&format!("/api/leads/{free}")).expect(200).await["notes"].clone();
    assert_eq!((&kept[0]["text"], &kept[0]["author"]), (&json!("rappeler"), &json!("ops")));
    let delete = |id: &str| app.send(Method::DELETE, &format!("/api/leads/{id}"), None).by(&app.root);
    assert_eq!(delete(&held).expect(409).await["type"], "urn:comptoir:problem:lead_has_history");
    delete(&free).expect(204).await;
    app.get(&format!("/api/leads/{free}")).expect(404).await;
    delete(&free).expect(404).await;
}

#[tokio::test]
async fn what_could_not_be_used_is_read_by_who_operates_the_tenant() {
    let app = ready().await;
    let path = format!("/api/public/leads?tenant={}", app.slug);
    app.send(Method::POST, &path, None).raw("application/json", "{\"phone\": \u{fffd}").await;
    let page = app.get("/api/quarantine").expect(200).await;
    let row = &page["items"][0];
    let one = app.get(&format!("/api/quarantine/{}", row["id"].as_str().unwrap())).expect(200).await;
    assert!(one["body"].as_str().unwrap().contains("phone"), "{one}");
    let admin = app.member("admin", "ZR7").await;
    app.get("/api/quarantine").by(&admin).expect(403).await;
    let other = TestApp::new().await;
    assert_eq!(other.get("/api/quarantine").expect(200).await["items"], json!([]));
}

//! Saved views: one's own, and what others share.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::TestApp;

fn view(page: &str, name: &str, shared: bool) -> Value {
    json!({ "page": page, "name": name, "query": "status=new&entity=ZR7", "shared": shared })
}

async fn names(app: &TestApp, token: &str, page: &str) -> Vec<String> {
    let views = app.get(&format!("/api/views?page={page}")).by(token).expect(200).await;
    views.as_array().unwrap().iter().map(|view| view["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_member_sees_his_own_views_and_those_that_others_share_and_changes_only_his() {
    let app = TestApp::new().await;
    let (claire, paul) = (app.member("viewer", "ZR7").await, app.member("ops", "MDL").await);
    let own = app.post("/api/views", view("leads", "  Mine ", false)).by(&claire).expect(201).await;
    let shared = app.post("/api/views", view("leads", "Ours", true)).by(&claire).expect(201).await;
    app.post("/api/views", view("deliveries", "Other page", true)).by(&claire).expect(201).await;
    app.post("/api/views", view("leads", "A view of Paul's", false)).by(&paul).expect(201).await;
    assert_eq!((&own["name"], &own["own"], &own["can"]), (&json!("Mine"), &json!(true), &json!(["update", "delete"])));
    assert_eq!(names(&app, &claire, "leads").await, ["Mine", "Ours"]);
    assert_eq!(names(&app, &paul, "leads").await, ["A view of Paul's", "Ours"]);
    assert_eq!(app.get("/api/views").by(&paul).expect(200).await.as_array().unwrap().len(), 3);
    let seen = app.get("/api/views?page=leads").by(&paul).expect(200).await;
    assert_eq!((&seen[1]["owner"], &seen[1]["own"], &seen[1]["can"]), (&json!("viewer"), &json!(false), &json!([])));
    let path = |view: &Value| format!("/api/views/{}", view["id"].as_str().unwrap());
    let change = json!({ "query": "status=livre" });
    app.put(&path(&shared), change.clone()).by(&paul).expect(403).await;
    app.put(&path(&own), change.clone()).by(&paul).expect(404).await;
    app.put(&path(&shared), change.clone()).expect(403).await;
    let changed = app.put(&path(&shared), change).by(&claire).expect(200).await;
    assert_eq!((&changed["query"], &changed["name"]), (&json!("status=livre"), &json!("Ours")));
    app.send(Method::DELETE, &path(&shared), None).by(&paul).expect(403).await;
    app.send(Method::DELETE, &path(&own), None).by(&app.root).expect(404).await;
    app.send(Method::DELETE, &path(&shared), None).by(&app.root).expect(204).await;
    app.send(Method::DELETE, &path(&own), None).by(&claire).expect(204).await;
    assert_eq!(names(&app, &claire, "leads").await, Vec::<String>::new());
    let stranger = TestApp::new().await;
    assert_eq!(stranger.get("/api/views").expect(200).await, json!([]));
}

#[tokio::test]
async fn a_name_is_used_once_per_page_and_a_page_holds_fifty_views() {
    let app = TestApp::new().await;
    app.post("/api/views", view("leads", "Mine", false)).expect(201).await;
    let taken = app.post("/api/views", view("leads", "Mine", true)).expect(409).await;
    assert_eq!(taken["errors"][0]["field"], "name");
    let other = app.post("/api/views", view("orders", "Mine", false)).expect(201).await;
    for (body, field) in [
        (view("leads", " ", false), "name"),
        (view("leads", &"x".repeat(61), false), "name"),
        (view("", "Empty", false), "page"),
        (view("Leads?", "Odd", false), "page"),
        (json!({ "page": "leads", "name": "Long", "query": "x".repeat(2001) }), "query"),
    ] {
        let refused = app.post("/api/views", body).expect(422).await;
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    for n in 1..50 {
        app.post("/api/views", view("leads", &format!("View {n}"), false)).expect(201).await;
    }
    let full = app.post("/api/views", view("leads", "One more", false)).expect(409).await;
    assert_eq!(full["type"], "urn:comptoir:problem:too_many_views");
    let renamed = format!("/api/views/{}", other["id"].as_str().unwrap());
    app.put(&renamed, json!({ "name": "Yours" })).expect(200).await;
}

//! Notifications: the warnings and errors that a member may see, and how far he has seen them.

use platform::event::Severity;
use platform::{Actor, Event};
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::smtp::{Behaviour, Sink};

/// Something goes wrong with a thing of this kind, so many times, in the entity or the tenant as a whole.
async fn trouble(app: &TestApp, kind: &'static str, entity: Option<&str>, times: usize) {
    app.tick();
    let ctx = app.platform.act_in(app.tenant, Actor::System("test"), "test").await.unwrap();
    let entity = entity.map(|code| ctx.entity_by_code(code).unwrap().id);
    let mut tx = ctx.begin().await.unwrap();
    for _ in 0..times {
        tx.emit(Event::new("trouble", kind, app.tenant).entity(entity).severity(Severity::Warning));
    }
    tx.emit(Event::new("as_it_should_be", kind, app.tenant).entity(entity));
    tx.commit().await.unwrap();
}

fn kinds(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|event| event["subject_kind"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_member_is_notified_of_what_goes_wrong_within_his_entities_and_permissions() {
    let app = TestApp::new().await;
    let (viewer, admin) = (app.member("viewer", "ZR7").await, app.member("admin", "ZR7").await);
    for (kind, entity) in [
        ("delivery", Some("ZR7")),
        ("delivery", Some("MDL")),
        ("order", Some("MDL")),
        ("client", Some("ZR7")),
        ("mail", Some("ZR7")),
        ("job", None),
        ("setting", None),
    ] {
        trouble(&app, kind, entity, 1).await;
    }
    let seen = async |token: &str, scope: &str| {
        let page = app.get("/api/notifications").by(token).scope(scope).expect(200).await;
        assert_eq!(page["unread"], page["items"].as_array().unwrap().len(), "{page}");
        kinds(&page).join(" ")
    };
    assert_eq!(seen(&viewer, "ALL").await, "client delivery");
    assert_eq!(seen(&admin, "ALL").await, "setting client delivery");
    assert_eq!(seen(&app.root, "MDL").await, "setting job order delivery");
    assert_eq!(seen(&app.root, "ALL").await, "setting job mail client order delivery delivery");
}

#[tokio::test]
async fn a_delivery_that_fails_is_an_error_that_its_entity_is_notified_of() {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    app.order("ZR7", "Acme", json!({})).await;
    let sink = Sink::start(Behaviour::RefuseBody).await;
    app.put("/api/settings/smtp", json!({ "per_entity": { "ZR7": { "url": sink.url } } })).expect(200).await;
    app.lead(json!({})).expect(201).await;
    app.run("daily-delivery").await;
    let viewer = app.member("viewer", "ZR7").await;
    let page = app.get("/api/notifications").by(&viewer).expect(200).await;
    let failed = &page["items"][0];
    assert_eq!(
        (&failed["action"], &failed["severity"], &failed["details"]["error"].is_string()),
        (&json!("delivery_failed"), &json!("error"), &true),
        "{page:#}"
    );
}

#[tokio::test]
async fn f_72_what_was_seen_is_ones_own_and_ones_place_never_moves_back() {
    let app = TestApp::new().await;
    trouble(&app, "order", Some("ZR7"), 3).await;
    let viewer = app.member("viewer", "ZR7").await;
    let unread = async |token: &str, scope: &str| {
        app.get("/api/notifications").by(token).scope(scope).expect(200).await["unread"].clone()
    };
    app.tick();
    let late = app.member("ops", "ZR7").await;
    assert_eq!((unread(&app.root, "MDL").await, unread(&app.root, "ALL").await), (json!(0), json!(3)));
    assert_eq!(unread(&late, "ZR7").await, 0, "what happened before one joined is no news");
    trouble(&app, "delivery", Some("ZR7"), 120).await;
    let page = app.get("/api/notifications?limit=50").by(&viewer).expect(200).await;
    assert_eq!(page["unread"], 100, "counted no further");
    assert!(page["items"].as_array().unwrap().iter().all(|item| item["unread"] == true));
    let mut all = page["items"].as_array().unwrap().clone();
    let mut cursor = page["next_cursor"].clone();
    while let Some(next) = cursor.as_str() {
        let page = app.get(&format!("/api/notifications?limit=50&cursor={next}")).by(&viewer).expect(200).await;
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        cursor = page["next_cursor"].clone();
    }
    let ids: Vec<_> = all.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 123);
    assert!(ids.is_sorted_by(|one, other| one > other), "newest first, each once");
    for (up_to, left) in [(10, 10), (100, 10), (0, 0)] {
        app.post("/api/notifications/seen", json!({ "up_to": ids[up_to] })).by(&viewer).expect(204).await;
        let page = app.get("/api/notifications").by(&viewer).expect(200).await;
        assert_eq!(page["unread"], left);
        let marked = page["items"].as_array().unwrap().iter().filter(|item| item["unread"] == true).count();
        assert_eq!(marked, left);
    }
    assert_eq!(unread(&app.root, "ALL").await, 100, "of others, each has his own");
    let root = app.get("/api/auth/me").expect(200).await["user"]["id"].clone();
    let of_another = json!({ "up_to": ids[0], "user_id": root });
    app.post("/api/notifications/seen", of_another).by(&viewer).expect(422).await;
    app.post("/api/notifications", json!({ "user_id": root })).by(&viewer).expect(405).await;
    assert_eq!(unread(&app.root, "ALL").await, 100);
    let mdl = app.member("viewer", "MDL").await;
    app.post("/api/notifications/seen", json!({ "up_to": ids[0] })).by(&mdl).expect(404).await;
    app.post("/api/notifications/seen", json!({ "up_to": ids[0] })).scope("ZR7").expect(204).await;
    assert_eq!(unread(&app.root, "MDL").await, 0);
}

//! Readings of what is personal are told of (docs/security.md V14.2).

use serde_json::{Value, json};

use crate::support::TestApp;

async fn told(app: &TestApp, action: &str) -> Vec<Value> {
    let log = app.get(&format!("/api/event-log?action={action}")).expect(200).await;
    log["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn who_opens_a_lead_is_told_once_an_hour_in_its_activity_and_a_list_is_not() {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    app.order("ZR7", "Acme", json!({})).await;
    app.lead(json!({})).expect(201).await;
    let (one, two) = (app.member("viewer", "ZR7").await, app.member("ops", "ZR7").await);
    let list = app.get("/api/leads").by(&one).expect(200).await;
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(told(&app, "lead_opened").await.len(), 0, "a list is not told of");
    let path = format!("/api/leads/{id}");
    for reader in [&one, &one, &two, &one] {
        app.get(&path).by(reader).expect(200).await;
    }
    let found = told(&app, "lead_opened").await;
    let who: Vec<_> = found.iter().map(|event| event["actor_name"].as_str().unwrap()).collect();
    assert_eq!(who, ["ops", "viewer"], "each once: {found:#?}");
    assert!(found.iter().all(|event| event["subject_id"] == id.as_str() && event["entity_id"].is_string()));
    app.at("2026-02-11T10:00:01Z").await;
    app.get(&path).by(&one).expect(200).await;
    assert_eq!(told(&app, "lead_opened").await.len(), 3, "an hour later again");
    app.get(&path).by(&app.member("viewer", "MDL").await).expect(404).await;
    assert_eq!(told(&app, "lead_opened").await.len(), 3, "what was not shown was not opened");
}

#[tokio::test]
async fn who_opens_a_party_or_looks_for_somebody_by_phone_or_mail_is_told_and_not_for_what() {
    let app = TestApp::new().await;
    let (party, _) = app.order("ZR7", "Acme", json!({})).await;
    app.get(&format!("/api/parties/{party}")).expect(200).await;
    let opened = told(&app, "party_opened").await;
    assert_eq!((opened.len(), &opened[0]["subject_id"]), (1, &json!(party)));
    let search = async |token: &str, text: &str| {
        app.get(&format!("/api/search?q={text}")).by(token).expect(200).await;
        told(&app, "person_searched").await
    };
    for vague in ["martin", "0612", "12345", "06%2012%2034", "Acme"] {
        assert_eq!(search(&app.root, vague).await.len(), 0, "{vague}");
    }
    let found = search(&app.root, "06%2012%2034%2056%2079").await;
    assert_eq!(found.len(), 1);
    let event = found[0].to_string();
    assert!(["34 56 79", "345679"].iter().all(|number| !event.contains(number)), "{event}");
    assert_eq!(search(&app.root, "0612345679").await.len(), 1, "once an hour");
    let viewer = app.member("viewer", "ZR7").await;
    let found = search(&viewer, "zoe%40x.example").await;
    assert_eq!(found.len(), 2);
    assert!(!found[0].to_string().contains("zoe"), "{}", found[0]);
}

//! Addresses and contacts of parties.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::TestApp;

async fn party(app: &TestApp) -> String {
    let party = app.post("/api/parties", json!({ "entity": "ZR7", "name": "Acme" })).expect(201).await;
    party["id"].as_str().unwrap().to_owned()
}

fn id(thing: &Value) -> &str {
    thing["id"].as_str().unwrap()
}

#[tokio::test]
async fn a_party_has_one_default_address_of_each_kind() {
    let app = TestApp::new().await;
    let list = format!("/api/parties/{}/addresses", party(&app).await);
    let depot = json!({ "kind": "delivery", "is_default": true, "label": "Dépôt", "line1": " 2 quai Sud ",
        "postal_code": "69001", "city": "Lyon" });
    let depot = app.post(&list, depot).expect(201).await;
    assert_eq!((&depot["line1"], &depot["country"]), (&json!("2 quai Sud"), &json!("FR")));
    app.tick();
    let site = json!({ "kind": "site", "is_default": true, "line1": "Hamra", "city": "Beirut", "country": "LB" });
    app.post(&list, site).expect(201).await;
    app.tick();
    let other = json!({ "kind": "delivery", "is_default": true, "line1": "3 rue Nord", "postal_code": "59000", "city": "Lille" });
    let other = app.post(&list, other).await;
    let version = other.header("etag").to_owned();
    let other = other.expect(201);
    let defaults = async || -> Vec<String> {
        let all = app.get(&list).expect(200).await;
        let all = all["items"].as_array().unwrap();
        all.iter().filter(|a| a["is_default"] == true).map(|a| a["line1"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(defaults().await, ["3 rue Nord", "Hamra"]);

    app.tick();
    let path = format!("/api/party-addresses/{}", id(&depot));
    let again = json!({ "kind": "delivery", "is_default": true, "line1": "2 quai Sud", "postal_code": "69001", "city": "Lyon" });
    app.put(&path, again).expect(200).await;
    assert_eq!(defaults().await, ["Hamra", "2 quai Sud"]);
    let path = format!("/api/party-addresses/{}", id(&other));
    app.send(Method::DELETE, &path, None).by(&app.root).header("if-match", &version).expect(412).await;
    app.send(Method::DELETE, &path, None).by(&app.root).expect(204).await;
    app.send(Method::DELETE, &path, None).by(&app.root).expect(404).await;
    assert_eq!(app.get(&list).expect(200).await["items"].as_array().map(Vec::len), Some(2));

    let wrong = json!({ "kind": "site", "line1": "1 rue X", "postal_code": "7500", "city": "Paris" });
    assert_eq!(app.post(&list, wrong).expect(422).await["errors"][0]["field"], "postal_code");
    let told = app.get("/api/event-log?action=party_address_removed").expect(200).await;
    assert_eq!(told["items"][0]["details"]["code"], "C00001");
}

#[tokio::test]
async fn a_party_has_contacts_and_one_to_ask_about_invoices() {
    let app = TestApp::new().await;
    let list = format!("/api/parties/{}/contacts", party(&app).await);
    let contact =
        |name: &str| json!({ "kind": "billing", "is_default": true, "name": name, "email": "A@acme.example" });
    let first = app.post(&list, contact("Anne")).expect(201).await;
    assert_eq!(first["email"], "a@acme.example");
    app.tick();
    app.post(&list, contact("Bea")).expect(201).await;
    let all = app.get(&list).expect(200).await;
    let defaults: Vec<_> = all["items"].as_array().unwrap().iter().map(|c| (&c["name"], &c["is_default"])).collect();
    assert_eq!(defaults, [(&json!("Bea"), &json!(true)), (&json!("Anne"), &json!(false))]);
    let path = format!("/api/party-contacts/{}", id(&first));
    app.put(&path, json!({ "kind": "general", "name": " " })).expect(422).await;
    let changed = app.put(&path, json!({ "kind": "general", "name": "Anna" })).expect(200).await;
    assert_eq!((&changed["name"], &changed["email"]), (&json!("Anna"), &Value::Null));
    app.send(Method::DELETE, &path, None).by(&app.root).expect(204).await;
}

#[tokio::test]
async fn addresses_and_contacts_of_another_entity_or_tenant_are_out_of_reach() {
    let app = TestApp::new().await;
    let party = party(&app).await;
    let address = json!({ "kind": "site", "line1": "1 rue X", "postal_code": "75001", "city": "Paris" });
    let contact = json!({ "kind": "general", "name": "Anne" });
    let other = app.member("admin", "MDL").await;
    let stranger = TestApp::new().await;
    for (noun, body) in [("address", &address), ("contact", &contact)] {
        let plural = if noun == "address" { "addresses" } else { "contacts" };
        let list = format!("/api/parties/{party}/{plural}");
        let made = app.post(&list, body.clone()).expect(201).await;
        let one = format!("/api/party-{plural}/{}", id(&made));
        app.get(&list).by(&other).expect(404).await;
        app.post(&list, body.clone()).by(&other).expect(404).await;
        app.put(&one, body.clone()).by(&other).expect(404).await;
        app.send(Method::DELETE, &one, None).by(&other).expect(404).await;
        stranger.get(&list).expect(404).await;
        stranger.put(&one, body.clone()).expect(404).await;
        stranger.send(Method::DELETE, &one, None).by(&stranger.root).expect(404).await;
        assert_eq!(app.get(&list).expect(200).await["items"].as_array().map(Vec::len), Some(1));
    }
}

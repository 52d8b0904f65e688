//! Customers and suppliers: codes, identity, isolation.

use kernel::{EntityId, Iban, PartyId};
use serde_json::{Value, json};

use crate::support::TestApp;

fn acme() -> Value {
    json!({ "entity": "ZR7", "name": "Acme", "email": "Compta@Acme.example", "siret": "732 829 320 00074",
        "vat_number": "FR44732829320", "address_line1": "1 rue de la Paix", "postal_code": "75002", "city": "Paris",
        "iban": "FR76 3000 6000 0112 3456 7890 189" })
}

fn with(field: &str, value: Value) -> Value {
    let mut party = acme();
    party[field] = value;
    party
}

async fn party_id(app: &TestApp, body: Value) -> String {
    app.post("/api/parties", body).expect(201).await["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_customer_has_all_an_invoice_needs_and_a_code_of_its_own() {
    let app = TestApp::new().await;
    let created = app.post("/api/parties", acme()).expect(201).await;
    assert_eq!((&created["code"], &created["roles"]), (&json!("C00001"), &json!(["customer"])));
    assert_eq!((&created["siren"], &created["email"]), (&json!("732829320"), &json!("compta@acme.example")));
    assert_eq!((&created["missing"], &created["can"]), (&json!([]), &json!(["edit"])));
    let path = format!("/api/parties/{}", created["id"].as_str().unwrap());
    assert_eq!(app.get(&path).expect(200).await, created);

    app.tick();
    let supplier = json!({ "entity": "MDL", "name": "Grossiste", "roles": ["supplier", "supplier"] });
    let supplier = app.post("/api/parties", supplier).expect(201).await;
    assert_eq!((&supplier["code"], &supplier["roles"]), (&json!("C00002"), &json!(["supplier"])));
    assert_eq!(supplier["missing"], json!(["address_line1", "postal_code", "city", "siren"]));

    app.tick();
    let (buyer, _) = app.order("ZR7", "Buyer", json!({})).await;
    let buyer = app.get(&format!("/api/clients/{buyer}")).expect(200).await;
    assert_eq!((&buyer["code"], &buyer["country"]), (&json!("C00003"), &json!("FR")));
    let codes = |list: &Value| -> Vec<String> {
        list["items"].as_array().unwrap().iter().map(|party| party["code"].as_str().unwrap().to_owned()).collect()
    };
    let list = async |query: &str| codes(&app.get(&format!("/api/parties{query}")).expect(200).await);
    assert_eq!(list("").await, ["C00003", "C00002", "C00001"]);
    assert_eq!(list("?role=customer").await, ["C00001"]);
    assert_eq!(list("?role=buyer").await, ["C00003"]);
    assert_eq!(list("?search=732829320").await, ["C00001"]);
    assert_eq!(list("?search=c00002").await, ["C00002"]);
    assert_eq!(list("?entity=MDL").await, ["C00002"]);
    let first = app.get("/api/parties?limit=2").expect(200).await;
    let next = format!("/api/parties?limit=2&cursor={}", first["next_cursor"].as_str().unwrap());
    assert_eq!(codes(&app.get(&next).expect(200).await), ["C00001"]);
}

#[tokio::test]
async fn codes_brought_along_are_kept_and_never_drawn_again() {
    let app = TestApp::new().await;
    let code = async |body: Value| app.post("/api/parties", body).expect(201).await["code"].clone();
    let named = |code: &str| json!({ "entity": "ZR7", "name": "X", "code": code });
    assert_eq!(code(named(" c00007 ")).await, "C00007");
    assert_eq!(code(named("DUPONT.1")).await, "DUPONT.1");
    assert_eq!(code(json!({ "entity": "ZR7", "name": "X" })).await, "C00008");
    assert_eq!(code(json!({ "entity": "MDL", "name": "X", "code": "" })).await, "C00009");
    let taken = app.post("/api/parties", json!({ "entity": "MDL", "name": "X", "code": "C00007" })).expect(409).await;
    assert_eq!(taken["errors"][0]["field"], "code");
    app.post("/api/parties", named("A B")).expect(422).await;
    // Parties written at the same time get codes of their own.
    let many = (0..20).map(|_| code(json!({ "entity": "ZR7", "name": "X" })));
    let mut drawn: Vec<_> = futures_util::future::join_all(many).await.iter().map(Value::to_string).collect();
    drawn.sort();
    drawn.dedup();
    assert_eq!(drawn.len(), 20);
}

#[tokio::test]
async fn a_wrong_value_is_refused_at_its_field() {
    let app = TestApp::new().await;
    let rows = [
        ("name", json!(" ")),
        ("email", json!("nobody")),
        ("siren", json!("732829321")),
        ("siret", json!("73282932000075")),
        ("vat_number", json!("FR45732829320")),
        ("iban", json!("FR7630006000011234567890188")),
        ("country", json!("XX")),
        ("postal_code", json!("7500")),
        ("language", json!("de")),
        ("currency", json!("EUX")),
        ("vat_rate", json!("120")),
        ("vat_rate", json!("5.555")),
        ("vat_category", json!("exempt")),
        ("vat_category", json!("never")),
        ("payment_terms_days", json!(400)),
        ("electronic_scheme", json!("22")),
        ("roles", json!([])),
        ("roles", json!(["buyer"])),
        ("kind", json!("robot")),
        ("sirene", json!("732829320")),
    ];
    for (field, value) in rows {
        let mut body = with(field, value.clone());
        if field == "electronic_scheme" {
            body["electronic_address"] = json!("732829320");
        }
        let answer = app.post("/api/parties", body).await;
        let named = answer.json["errors"][0]["field"].as_str().unwrap_or_default();
        assert_eq!((answer.status.as_u16(), named.split('[').next()), (422, Some(field)), "{value}: {}", answer.json);
    }
    let consumer = json!({ "entity": "ZR7", "name": "X", "kind": "organisation", "is_consumer": true });
    assert_eq!(app.post("/api/parties", consumer).expect(422).await["errors"][0]["field"], "is_consumer");
    assert_eq!(app.get("/api/parties").expect(200).await["items"], json!([]));
}

#[tokio::test]
async fn what_an_update_leaves_out_stays_null_clears_and_an_old_version_is_refused() {
    let app = TestApp::new().await;
    let path = format!("/api/parties/{}", party_id(&app, acme()).await);
    let seen = app.get(&path).await.header("etag").to_owned();
    app.tick();
    let update = json!({ "siret": null, "iban": null, "phone": "0102030405", "roles": ["supplier", "customer"] });
    let changed = app.put(&path, update).header("if-match", &seen).expect(200).await;
    assert_eq!(
        (&changed["siret"], &changed["iban"], &changed["siren"]),
        (&Value::Null, &Value::Null, &json!("732829320"))
    );
    assert_eq!((&changed["roles"], &changed["city"]), (&json!(["customer", "supplier"]), &json!("Paris")));
    app.put(&path, json!({ "name": "Late" })).header("if-match", &seen).expect(412).await;
    app.put(&path, json!({ "code": "C9" })).expect(422).await;
    let told = app.get("/api/event-log?action=party_updated").expect(200).await;
    let roles = json!(["customer", "supplier"]);
    let new = json!({ "iban": null, "phone": "0102030405", "roles": roles, "siret": null });
    assert_eq!(told["items"][0]["details"]["new"], new);
}

#[tokio::test]
async fn of_consumers_the_event_log_tells_no_names() {
    let app = TestApp::new().await;
    let consumer = json!({ "entity": "ZR7", "name": "Jeanne Martin", "is_consumer": true, "city": "Paris" });
    let created = app.post("/api/parties", consumer).expect(201).await;
    assert_eq!((&created["kind"], &created["missing"]), (&json!("person"), &json!(["address_line1", "postal_code"])));
    let path = format!("/api/parties/{}", created["id"].as_str().unwrap());
    app.put(&path, json!({ "name": "Jeanne Dupont" })).expect(200).await;
    let told = app.get("/api/event-log").expect(200).await["items"].to_string();
    assert!(told.contains("party_updated") && !told.contains("Jeanne"), "{told}");
}

#[tokio::test]
async fn a_buyer_keeps_its_own_rules_when_it_is_changed_as_a_party() {
    let app = TestApp::new().await;
    let (buyer, _) = app.order("ZR7", "Buyer", json!({})).await;
    let path = format!("/api/parties/{buyer}");
    let refused = app.put(&path, json!({ "email": "other@buyer.example" })).expect(409).await;
    assert_eq!(refused["type"], "urn:comptoir:problem:party_is_buyer");
    app.put(&path, json!({ "vat_rate": "10" })).expect(409).await;
    app.put(&path, json!({ "roles": ["customer"] })).expect(422).await;
    let changed = app.put(&path, json!({ "roles": ["buyer", "customer"], "siren": "732829320" })).expect(200).await;
    assert_eq!(changed["roles"], json!(["buyer", "customer"]));
    assert_eq!(app.get(&format!("/api/clients/{buyer}")).expect(200).await["siren"], "732829320");
    app.send(axum::http::Method::DELETE, &format!("/api/commandes/{}", order_of(&app, &buyer).await), None)
        .by(&app.root)
        .expect(200)
        .await;
    app.send(axum::http::Method::DELETE, &format!("/api/clients/{buyer}"), None).by(&app.root).expect(200).await;
    assert_eq!(
        app.put(&path, json!({ "name": "Again" })).expect(409).await["type"],
        "urn:comptoir:problem:party_archived"
    );
}

async fn order_of(app: &TestApp, buyer: &str) -> String {
    let orders = app.get("/api/commandes?entity=ALL").expect(200).await;
    let items = orders["items"].as_array().unwrap();
    let order = items.iter().find(|order| order["buyer_id"] == buyer || order["buyer"]["id"] == buyer).unwrap();
    order["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn l_59_a_buyer_is_created_and_changed_with_all_an_invoice_needs() {
    let app = TestApp::new().await;
    let mut body = with("vat_rate", json!("0"));
    body["vat_category"] = json!("reverse_charge");
    let created = app.post("/api/clients", body).expect(201).await;
    assert_eq!((&created["vat_category"], &created["missing"]), (&json!("reverse_charge"), &json!([])));
    let path = format!("/api/clients/{}", created["id"].as_str().unwrap());
    let bad = app.put(&path, json!({ "siret": "73282932000075" })).expect(422).await;
    assert_eq!(bad["errors"][0]["field"], "siret");
    // The rate alone, as screens that know no category send it: the category that no longer fits is forgotten.
    let changed = app.put(&path, json!({ "vat_rate": "20" })).expect(200).await;
    assert_eq!((&changed["vat_category"], &changed["siret"]), (&Value::Null, &json!("73282932000074")));
    let back = app.put(&path, json!({ "vat_rate": "0" })).expect(200).await;
    assert_eq!(back["missing"], json!(["vat_category"]), "nobody said why it pays no VAT");
}

#[tokio::test]
async fn parties_of_another_entity_or_tenant_are_out_of_reach() {
    let app = TestApp::new().await;
    let id = party_id(&app, acme()).await;
    let (own, other) = (app.member("admin", "ZR7").await, app.member("admin", "MDL").await);
    let viewer = app.member("viewer", "ZR7").await;
    let stranger = TestApp::new().await;
    let path = format!("/api/parties/{id}");
    app.get(&path).by(&own).expect(200).await;
    app.get(&path).by(&viewer).expect(200).await;
    app.put(&path, json!({ "name": "X" })).by(&viewer).expect(403).await;
    app.post("/api/parties", json!({ "name": "X" })).by(&viewer).expect(403).await;
    app.get(&path).by(&other).expect(404).await;
    app.put(&path, json!({ "name": "X" })).by(&other).expect(404).await;
    app.get(&path).scope("MDL").expect(404).await;
    assert_eq!(app.get("/api/parties").by(&other).expect(200).await["items"], json!([]));
    stranger.get(&path).expect(404).await;
    assert_eq!(stranger.get("/api/parties?search=acme").expect(200).await["items"], json!([]));
    app.post("/api/parties", acme()).by(&other).expect(403).await;
    // Each tenant draws its own codes.
    assert_eq!(stranger.post("/api/parties", acme()).expect(201).await["code"], "C00001");
}

#[tokio::test]
async fn a_bank_line_finds_the_one_customer_that_pays_from_its_account() {
    let app = TestApp::new().await;
    let id = party_id(&app, acme()).await;
    let ctx = app.platform.act_in(app.tenant, platform::Actor::System("test"), "test").await.unwrap();
    let iban: Iban = "FR7630006000011234567890189".parse().unwrap();
    let (zr7, mdl) = (ctx.entity_by_code("ZR7").unwrap().id, ctx.entity_by_code("MDL").unwrap().id);
    let find = async |entity: EntityId| -> Option<PartyId> {
        let mut tx = ctx.read().await.unwrap();
        parties::find_by_iban(&mut tx, entity, &iban).await.unwrap().map(|party| party.id)
    };
    assert_eq!(find(zr7).await.map(|id| id.to_string()), Some(id));
    assert_eq!(find(mdl).await, None);
    party_id(&app, with("name", json!("Twin"))).await;
    assert_eq!(find(zr7).await, None, "of two it is nobody's");
}

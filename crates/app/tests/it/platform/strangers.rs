//! What is another tenant's, and what is not there at all, are one and the same to who asks.

use std::collections::BTreeMap;

use axum::http::Method;
use platform::identity::PlainPassword;
use platform::tenancy::{NewAdmin, NewTenant};
use serde_json::{Map, Value, json};

use super::furnished::furnished;
use super::ids::{ids_of, required_query};
use super::openapi::operations;
use crate::support::statements::Statements;
use crate::support::{Answer, PASSWORD, TestApp, instant};

const NOBODYS: &str = "01a1fc65-3b34-7132-8044-50af971882c2";

/// A tenant that has nothing but its administrator and a product, in the database of the demo.
async fn stranger(demo: &mut crate::demo::Demo) -> TestApp {
    let new = NewTenant {
        slug: "stranger".into(),
        name: "Stranger".into(),
        time_zone: "Europe/Paris".into(),
        entities: vec![("ZR7".into(), "ZR7".into())],
        admin: NewAdmin {
            email: "root@stranger.example".parse().unwrap(),
            name: "Root".into(),
            password: Some(PlainPassword::new(PASSWORD)),
        },
    };
    let tenant = platform::tenancy::create(&mut demo.owner, instant("2026-01-01T00:00:00Z"), &new).await.unwrap();
    let app = TestApp::over(demo.app.platform.clone(), demo.app.clock.clone(), "stranger", tenant);
    let app = app.signed_in("root@stranger.example", PASSWORD).await;
    app.post("/api/products", json!({ "code": "PV", "name": "PV" })).expect(201).await;
    app
}

/// A body that is right in itself: what its schema requires.
fn body(document: &Value, path: &str, operation: &Value) -> Option<Value> {
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let name = schema["$ref"].as_str()?.rsplit('/').next()?;
    let mut fields = Map::new();
    for field in document["components"]["schemas"][name]["required"].as_array().into_iter().flatten() {
        let field = field.as_str().unwrap();
        fields.insert(field.to_owned(), value(path, field));
    }
    if path.ends_with("/supplier") {
        fields.insert("party_id".to_owned(), json!(NOBODYS));
    }
    Some(Value::Object(fields))
}

fn value(path: &str, field: &str) -> Value {
    match field {
        "accepted" => json!(true),
        "account" => json!("627"),
        "allocations" => json!([{ "document_id": NOBODYS, "amount": "1" }]),
        "discount_pct_global" => json!("5"),
        "kind" if path.contains("contacts") => json!("general"),
        "kind" => json!("site"),
        "method" => json!("transfer"),
        "order_id" | "party_id" => json!(NOBODYS),
        "password" => json!(PASSWORD),
        "product" => json!("PV"),
        "quantity" | "units" => json!(1),
        "reason" if path.contains("credits") => json!("autre"),
        "status" => json!("invalid"),
        "unit_price_eur" => json!("10"),
        "week" => json!("2026-W07"),
        _ => json!("other"),
    }
}

fn told(answer: &Answer) -> (u16, Value) {
    let mut body = answer.json.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.remove("request_id");
    }
    (answer.status.as_u16(), body)
}

#[tokio::test]
async fn d_41_what_is_anothers_is_answered_like_what_is_not_there_with_as_much_work() {
    let counted = Statements::counted();
    let mut demo = furnished("comptoir_demo_strangers").await;
    let stranger = stranger(&mut demo).await;
    let document = demo.app.document();
    let (mut wrong, mut proven) = (Vec::new(), BTreeMap::<String, usize>::new());
    for (method, path, operation) in operations(&document) {
        if !path.contains("{id}") {
            continue;
        }
        let Some(foreign) = ids_of(&mut demo.owner, demo.app.tenant, &path).await.into_iter().next() else {
            wrong.push(format!("{path}: the demo has none"));
            continue;
        };
        let query = required_query(operation).join("&");
        let body = body(&document, &path, operation);
        let ask = |id: &str| {
            let path = format!("{}?{query}", path.replace("{id}", id));
            stranger.send(method.parse::<Method>().unwrap(), &path, body.clone()).by(&stranger.root)
        };
        let (work, there) = counted.of(|| ask(&foreign)).await;
        let (idle, nowhere) = counted.of(|| ask(NOBODYS)).await;
        let (there, nowhere) = (told(&there), told(&nowhere));
        if there.0 != 404 || there != nowhere || work != idle {
            wrong.push(format!("{method} {path}: {there:?} ({work}), {nowhere:?} ({idle})"));
        } else {
            *proven.entry(method).or_default() += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let ided = operations(&document).iter().filter(|(_, path, _)| path.contains("{id}")).count();
    assert!(ided > 130 && proven.values().sum::<usize>() == ided, "{ided}: {proven:?}");
}

//! The catalogue as invoices need it.

use kernel::Currency;
use serde_json::{Value, json};

use crate::support::TestApp;

#[tokio::test]
async fn a_product_has_a_unit_a_rate_a_price_and_a_revenue_role() {
    let app = TestApp::new().await;
    let plain = app.get("/api/products/PV").expect(200).await;
    assert_eq!(
        (&plain["unit_code"], &plain["vat_rate"], &plain["sale_price"]),
        (&json!("C62"), &json!("20"), &Value::Null)
    );
    assert_eq!((&plain["kind"], &plain["revenue_role"]), (&json!("service"), &json!("sales_services")));
    let hour = json!({ "code": "mo", "name": "Main-d’œuvre", "unit": "heure", "unit_code": "hur", "sale_price": "45.00",
        "description": "Technicien" });
    let hour = app.post("/api/products", hour).expect(201).await;
    assert_eq!(
        (&hour["unit_code"], &hour["sale_price"], &hour["price_valid_from"]),
        (&json!("HUR"), &json!("45"), &json!("2026-02-11"))
    );
    app.tick();
    let seen = app.get("/api/products/MO").await.header("etag").to_owned();
    let goods = json!({ "kind": "goods", "vat_rate": "0", "vat_category": "exempt", "vat_reason": "medical" });
    let goods = app.put("/api/products/MO", goods).header("if-match", &seen).expect(200).await;
    assert_eq!((&goods["revenue_role"], &goods["vat_category"]), (&json!("sales_goods"), &json!("exempt")));
    app.put("/api/products/MO", json!({ "name": "Late" })).header("if-match", &seen).expect(412).await;
    let own = app.put("/api/products/MO", json!({ "revenue_role": "sales_travel" })).expect(200).await;
    assert_eq!(own["revenue_role"], "sales_travel");
    let listed = app.get("/api/products").expect(200).await;
    assert!(listed.as_array().unwrap().contains(&own));
}

#[tokio::test]
async fn a_price_holds_from_its_day_until_the_next_one() {
    let app = TestApp::new().await;
    let set = async |body: Value| app.put("/api/products/PV", body).expect(200).await["sale_price"].clone();
    assert_eq!(set(json!({ "sale_price": "40.5000", "price_valid_from": "2026-01-01" })).await, "40.5");
    assert_eq!(set(json!({ "sale_price": "42" })).await, "42");
    assert_eq!(set(json!({ "sale_price": "50", "price_valid_from": "2026-03-01" })).await, "42", "not yet");
    assert_eq!(set(json!({ "sale_price": "43" })).await, "43", "a day has one price");
    let prices = app.get("/api/products/PV/prices").expect(200).await;
    let rows: Vec<_> = prices
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["valid_from"].as_str().unwrap(), p["amount"].as_str().unwrap()))
        .collect();
    assert_eq!(rows, [("2026-03-01", "50"), ("2026-02-11", "43"), ("2026-01-01", "40.5")]);
    let ctx = app.platform.act_in(app.tenant, platform::Actor::System("test"), "test").await.unwrap();
    let mut tx = ctx.read().await.unwrap();
    let item = catalog::store::get_item(&mut tx, "PV").await.unwrap().id;
    for (day, price) in [("2025-12-31", None), ("2026-02-10", Some("40.5")), ("2026-12-31", Some("50"))] {
        let found = catalog::price_on(&mut tx, item, day.parse().unwrap(), Currency::EUR).await.unwrap();
        assert_eq!(found.map(|money| money.amount.to_string()).as_deref(), price, "{day}");
    }
    assert_eq!(catalog::price_on(&mut tx, item, "2026-12-31".parse().unwrap(), Currency::USD).await.unwrap(), None);
    app.at("2026-03-02T09:00:00Z").await;
    assert_eq!(app.get("/api/products/PV").expect(200).await["sale_price"], "50");
}

#[tokio::test]
async fn what_a_product_cannot_be_is_refused_at_its_field() {
    let app = TestApp::new().await;
    let rows = [
        (json!({ "unit_code": "XYZ" }), "unit_code"),
        (json!({ "sale_price": "-1" }), "sale_price"),
        (json!({ "sale_price": "0.00001" }), "sale_price"),
        (json!({ "sale_price": "100000000000000" }), "sale_price"),
        (json!({ "price_valid_from": "2026-01-01" }), "sale_price"),
        (json!({ "currency": "EUX" }), "currency"),
        (json!({ "vat_rate": "101" }), "vat_rate"),
        (json!({ "vat_category": "exempt" }), "vat_category"),
        (json!({ "vat_rate": "0", "vat_category": "exempt" }), "vat_reason"),
        (json!({ "kind": "magic" }), "kind"),
        (json!({ "revenue_role": "Sales!" }), "revenue_role"),
    ];
    for (body, field) in rows {
        let answer = app.put("/api/products/PV", body.clone()).await;
        let named = answer.json["errors"][0]["field"].as_str().unwrap_or_default();
        assert_eq!((answer.status.as_u16(), named), (422, field), "{body}: {}", answer.json);
    }
}

#[tokio::test]
async fn units_and_rates_are_there_to_choose_from() {
    let app = TestApp::new().await;
    let units = app.get("/api/units").expect(200).await;
    assert!(units.as_array().unwrap().contains(&json!({ "code": "HUR", "fr": "heure", "en": "hour" })));
    let rates = async |query: &str| -> Vec<String> {
        let rates = app.get(&format!("/api/vat-rates{query}")).expect(200).await;
        rates.as_array().unwrap().iter().map(|rate| rate["rate"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(rates("").await, ["20", "10", "5.5", "2.1", "0"]);
    assert_eq!(rates("?country=LB").await, ["11", "0"]);
    assert_eq!(rates("?country=DE").await, Vec::<String>::new());
    app.get("/api/vat-rates?country=XX").expect(400).await;
}

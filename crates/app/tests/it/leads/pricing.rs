//! Spec 3.10, 5.10: what a buyer pays, from which day on.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::TestApp;

#[expect(clippy::needless_pass_by_value, reason = "calls read better with a value")]
fn pv(price: &str, more: Value) -> Value {
    let mut price = json!({ "product": "PV", "unit_price_eur": price });
    for (key, value) in more.as_object().unwrap() {
        price[key] = value.clone();
    }
    price
}

async fn buyer(app: &TestApp) -> (String, String) {
    let (buyer, _) = app.order("ZR7", "Acme", json!({})).await;
    let path = format!("/api/clients/{buyer}/pricing");
    (buyer, path)
}

#[tokio::test]
async fn a_new_price_is_a_new_version_and_what_held_on_past_days_stays() {
    let app = TestApp::new().await;
    let (_, path) = buyer(&app).await;
    let product = format!("{path}/product");
    app.post(&product, pv("25", json!({ "discount_pct": "10" }))).expect(200).await;
    app.post(&product, pv("25.50", json!({ "discount_pct": "10" }))).expect(200).await;
    app.post(&product, pv("30", json!({ "valid_from": "2026-03-01" }))).expect(200).await;
    app.at("2026-02-12T09:00:00Z").await;
    let told = app.post(&product, pv("27", json!({}))).expect(200).await;
    let versions = told["products"][0]["versions"].as_array().unwrap();
    let days: Vec<_> =
        versions.iter().map(|v| (v["valid_from"].as_str().unwrap(), v["unit_price_eur"].as_str().unwrap())).collect();
    assert_eq!(days, [("2026-03-01", "30.0000"), ("2026-02-12", "27.0000"), ("2026-02-11", "25.5000")]);
    assert_eq!(
        (&told["products"][0]["unit_price_eur"], &told["products"][0]["discount_pct"]),
        (&json!("27"), &json!("0"))
    );
    app.post(&product, pv("1", json!({ "valid_from": "2026-02-11" }))).expect(422).await;
    let delete = |query: &str| format!("{product}?product=PV{query}");
    app.send(Method::DELETE, &delete("&valid_from=2026-02-11"), None).by(&app.root).expect(409).await;
    app.send(Method::DELETE, &delete("&valid_from=2026-04-01"), None).by(&app.root).expect(404).await;
    app.send(Method::DELETE, &delete("&valid_from=2026-03-01"), None).by(&app.root).expect(200).await;
    let ended = app.send(Method::DELETE, &delete(""), None).by(&app.root).expect(200).await;
    assert_eq!(ended["products"][0]["pricing_missing"], true);
    assert_eq!(
        ended["products"][0]["versions"].as_array().unwrap().len(),
        2,
        "the day's own version says that it is ended"
    );
    app.send(Method::DELETE, &delete(""), None).by(&app.root).expect(404).await;
    let actions: Vec<String> = app
        .value(
            "select array_agg(action order by id) from platform.event where tenant_id = $1 and action like 'pricing%'",
        )
        .await;
    assert_eq!(actions.len(), 6, "{actions:?}");
    let old: Vec<String> = app
        .value("select array_agg(details #>> '{old,unit_price_eur}' order by details #>> '{old,unit_price_eur}') from platform.event where tenant_id = $1 and action = 'pricing_delete'")
        .await;
    assert_eq!(old, ["27", "30"]);
}

#[tokio::test]
async fn what_is_no_price_and_no_discount_is_refused_on_its_field() {
    let app = TestApp::new().await;
    let (buyer, path) = buyer(&app).await;
    let product = format!("{path}/product");
    let rows = [
        (pv("-1", json!({})), "unit_price_eur"),
        (pv("1.00001", json!({})), "unit_price_eur"),
        (pv("999999999999999", json!({})), "unit_price_eur"),
        (pv("25", json!({ "discount_pct": "100.5" })), "discount_pct"),
        (pv("25", json!({ "discount_pct": "33.333" })), "discount_pct"),
        (pv("25", json!({ "billing_mode": "MONTHLY" })), "billing_mode"),
        (json!({ "product": "FAKE", "unit_price_eur": "1" }), "product"),
        (pv("25", json!({ "valid_from": "2099-01-01" })), "valid_from"),
    ];
    for (body, field) in rows {
        let refused = app.post(&product, body.clone()).expect(422).await;
        assert_eq!(refused["errors"][0]["field"], field, "{body}: {refused}");
    }
    app.put(&path, json!({ "discount_pct_global": "-1" })).expect(422).await;
    let general = app.put(&path, json!({ "discount_pct_global": "12.5" })).expect(200).await;
    assert_eq!((&general["discount_pct_global"], &general["vat_rate"]), (&json!("12.5"), &json!("20")));
    let others = app.member("admin", "MDL").await;
    app.get(&path).by(&others).expect(404).await;
    app.post(&product, pv("1", json!({}))).by(&others).expect(404).await;
    let ops = app.member("ops", "ZR7").await;
    app.get(&path).by(&ops).expect(403).await;
    assert!(
        app.value::<i64>("select count(*) from leads.buyer_product_price where tenant_id = $1").await == 0,
        "{buyer}"
    );
}

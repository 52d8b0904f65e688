//! Lists over many rows (L-57).

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{TestApp, owner};

#[tokio::test]
async fn l_57_lists_stay_under_half_a_second_at_300_000_leads() {
    let app = TestApp::new().await;
    let (buyer, order) = app.order("ZR7", "Acme", json!({})).await;
    app.order("MDL", "Other", json!({})).await;
    let stock =
        include_str!("../../../../../bench/sql/stock.sql").replace("@ROWS", "300000").replace("@SLUG", &app.slug);
    let stock = stock.replace("@NOW", "2026-02-11T09:00:00Z");
    let mut owner = owner().await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(stock)).execute(&mut owner).await.unwrap();
    sqlx::raw_sql("analyze leads.lead; analyze leads.delivery").execute(&mut owner).await.unwrap();
    for path in [
        "/api/leads".to_owned(),
        "/api/leads?status=no_open_orders&departement=69".to_owned(),
        "/api/leads?source=ource7".to_owned(),
        "/api/leads?search=nom4242".to_owned(),
        "/api/leads?search=0620004242".to_owned(),
        "/api/leads?week=2026-W02&product=PV".to_owned(),
        format!("/api/leads?buyer={buyer}"),
        "/api/deliveries?status=sent".to_owned(),
        "/api/deliveries?outcome=rejected".to_owned(),
        format!("/api/deliveries?order={order}&week=2026-W03"),
        format!("/api/clients/{buyer}/leads"),
        "/api/event-log?week=2026-W07".to_owned(),
        "/api/leads/stats".to_owned(),
        "/api/deliveries/stats".to_owned(),
        "/api/leads/dashboard-stats".to_owned(),
        "/api/departements/overview".to_owned(),
        "/api/leads/trend".to_owned(),
        "/api/search?q=nom".to_owned(),
        "/api/search?q=062".to_owned(),
        "/api/search?q=06%2020%2000%2042".to_owned(),
        "/api/search?q=acme".to_owned(),
    ] {
        app.get(&path).expect(200).await;
        let started = Instant::now();
        let page = app.get(&path).expect(200).await;
        assert!(started.elapsed() < Duration::from_millis(500), "{path}: {:?}", started.elapsed());
        assert!(
            page.get("items").is_none_or(|items| !items.as_array().unwrap().is_empty() || path.contains("event-log")),
            "{path}"
        );
    }
    // Who sees one entity only, and asks for what the other has.
    for entity in ["ZR7", "MDL"] {
        let member = app.member("viewer", entity).await;
        for path in ["/api/leads?source=ource7", "/api/leads?status=invalid", "/api/deliveries?status=failed"] {
            let started = Instant::now();
            app.get(path).by(&member).expect(200).await;
            assert!(started.elapsed() < Duration::from_millis(500), "{entity} {path}: {:?}", started.elapsed());
        }
    }
    let started = Instant::now();
    let month = app.get("/api/monitoring/intelligence?range=30d").expect(200).await;
    assert!(month["quality"]["total"].as_u64().unwrap() > 90_000);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

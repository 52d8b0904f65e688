//! The OpenAPI document: what is committed is what is served, and what it says of words and routes is true.

use std::collections::BTreeSet;

use platform::Lifecycle;
use serde_json::Value;

use crate::support::TestApp;

#[tokio::test]
async fn the_committed_document_is_the_one_that_is_served() {
    let app = TestApp::new().await;
    let committed: Value = serde_json::from_str(include_str!("../../../../../openapi.json")).unwrap();
    assert!(committed == app.document, "openapi.json is out of date: write it with `comptoir openapi > openapi.json`");
    assert_eq!(app.get("/api/openapi.json").expect(200).await, app.document);
}

#[tokio::test]
async fn every_route_is_described_and_states_bear_the_words_of_the_wire() {
    let app = TestApp::new().await;
    for route in &app.routes {
        let operation = &app.document["paths"][&route.path][route.method.to_lowercase()];
        assert!(
            !operation["summary"].as_str().unwrap_or_default().is_empty(),
            "{} {} says nothing",
            route.method,
            route.path
        );
        assert_eq!(operation["x-access"]["guard"], route.guard.access.to_string(), "{} {}", route.method, route.path);
    }
    let ids: Vec<_> =
        operations(&app.document).into_iter().map(|(_, _, operation)| operation["operationId"].to_string()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "operation ids are names: each once");
    let text = app.document.to_string();
    for lifecycle in Lifecycle::all() {
        let words = serde_json::to_string(lifecycle.states).unwrap();
        let is_shown = matches!(lifecycle.name, "lead" | "delivery" | "delivery_outcome" | "job" | "mail");
        assert!(!is_shown || text.contains(&format!("\"enum\":{words}")), "{}: {words}", lifecycle.name);
    }
}

/// Every operation: method, path, description.
pub(super) fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            found.push((method.to_uppercase(), path.clone(), operation));
        }
    }
    found
}

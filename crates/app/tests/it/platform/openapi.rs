//! The OpenAPI document: what is committed is what is served, and what it says of words and routes is true.

use std::collections::BTreeSet;

use platform::Lifecycle;
use serde_json::Value;

use super::routes::filled;
use crate::support::TestApp;

#[tokio::test]
async fn the_committed_document_is_the_one_that_is_served() {
    let app = TestApp::new().await;
    let document = app.document();
    let committed: Value = serde_json::from_str(include_str!("../../../../../openapi.json")).unwrap();
    assert!(committed == document, "openapi.json is out of date: write it with `comptoir openapi > openapi.json`");
    assert_eq!(app.get("/api/openapi.json").expect(200).await, document);
}

#[tokio::test]
async fn every_route_is_described_and_states_bear_the_words_of_the_wire() {
    let app = TestApp::new().await;
    let document = app.document();
    for route in &app.routes {
        let operation = &document["paths"][&route.path][route.method.to_lowercase()];
        assert!(
            !operation["summary"].as_str().unwrap_or_default().is_empty(),
            "{} {} says nothing",
            route.method,
            route.path
        );
        assert_eq!(operation["x-access"]["guard"], route.guard.access.to_string(), "{} {}", route.method, route.path);
    }
    let ids: Vec<_> =
        operations(&document).into_iter().map(|(_, _, operation)| operation["operationId"].to_string()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "operation ids are names: each once");
    let text = document.to_string();
    for lifecycle in Lifecycle::all() {
        let words = serde_json::to_string(lifecycle.states).unwrap();
        let is_shown = matches!(lifecycle.name, "lead" | "delivery" | "delivery_outcome" | "job" | "mail");
        assert!(!is_shown || text.contains(&format!("\"enum\":{words}")), "{}: {words}", lifecycle.name);
    }
}

#[tokio::test]
async fn d_50_every_operation_has_a_typed_request_and_response() {
    let app = TestApp::new().await;
    let document = app.document();
    let is_typed = |content: &Value| {
        let media = content.as_object().into_iter().flatten();
        let mut schemas = media.map(|(_, media)| media["schema"].as_object()).peekable();
        schemas.peek().is_some() && schemas.all(|schema| schema.is_some_and(|schema| !schema.is_empty()))
    };
    for (method, path, operation) in operations(&document) {
        let answers = operation["responses"].as_object().unwrap().iter();
        let answers: Vec<_> = answers.filter(|(status, _)| status.starts_with('2')).collect();
        assert!(!answers.is_empty(), "{method} {path}");
        for (status, answer) in answers {
            let is_bare = matches!(status.as_str(), "202" | "204") && answer["content"].is_null();
            assert!(is_bare || is_typed(&answer["content"]), "{method} {path}: {status}");
        }
        let body = &operation["requestBody"];
        assert!(body.is_null() || is_typed(&body["content"]), "{method} {path}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["schema"].is_object(), "{method} {path}: {parameter}");
        }
    }
}

#[tokio::test]
async fn d_51_a_stream_of_events_is_declared_and_sent_as_one() {
    let app = TestApp::new().await;
    let document = app.document();
    let mut streams = Vec::new();
    for route in app.routes.iter().filter(|route| route.method == "GET") {
        let content = &document["paths"][&route.path]["get"]["responses"]["200"]["content"];
        let is_declared = content["text/event-stream"].is_object();
        let answer = app.get(&filled(route).1).await;
        let is_sent = answer.header("content-type").starts_with("text/event-stream");
        assert_eq!(is_declared, is_sent, "{}", route.path);
        streams.extend(is_sent.then_some(route.path.as_str()));
    }
    assert_eq!(streams, ["/api/live"]);
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

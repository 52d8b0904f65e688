//! Every list: bounded, in an envelope, and of as many statements as it is long or short.

use std::collections::BTreeSet;

use serde_json::Value;

use super::furnished::furnished;
use super::ids::ids_of;
use super::openapi::operations;
use crate::demo::Demo;
use crate::support::TestApp;
use crate::support::statements::Statements;

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let Some(name) = schema["$ref"].as_str() else { return schema };
    resolved(document, &document["components"]["schemas"][name.rsplit('/').next().unwrap()])
}

/// The schema of what a GET answers as JSON, if it does.
fn answered<'a>(document: &'a Value, operation: &'a Value) -> Option<&'a Value> {
    let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
    schema.is_object().then(|| resolved(document, schema))
}

/// The two forms of a list.
#[derive(Clone, Copy, PartialEq)]
enum List {
    /// Rows in an envelope that says where the next page begins.
    Page,
    Bare,
}

impl List {
    fn of(schema: &Value) -> Option<Self> {
        let is_page = schema["properties"]["items"]["type"] == "array";
        if schema["type"] == "array" { Some(Self::Bare) } else { is_page.then_some(Self::Page) }
    }
}

/// Lists of which one entity of the demo has one row at most: that one may take no statement of its own.
const THIN: &[&str] = &[
    "/api/bank/accounts",
    "/api/bank/accounts/{id}/statements",
    "/api/commandes/lb-monitor",
    "/api/invoices/figures",
    "/api/operations/workers",
    "/api/parties/{id}/reminders",
    "/api/products/{code}/prices",
];

/// Lists of which the demo has one row or more by the day on which it ends: its present week may have just begun, and it may have
/// begun in the year before.
const BY_THE_DAY: &[&str] = &["/api/intercompany/reconciliation", "/api/ledger/years"];

/// The address under which a list has most rows: that of the `{id}` with the most, of which few are tried.
async fn longest(demo: &mut Demo, path: &str, query: &str) -> (String, usize) {
    let paths = if path.contains("{id}") {
        let ids = ids_of(&mut demo.owner, demo.app.tenant, path).await;
        ids.into_iter().map(|id| path.replace("{id}", &id)).collect()
    } else {
        vec![path.to_owned()]
    };
    let mut best = (path.to_owned(), 0);
    for path in paths {
        let answer = demo.app.get(&format!("{path}?{query}")).await;
        assert_eq!(answer.status, 200, "{path}?{query}: {}", answer.json);
        let found = answer.json.as_array().or_else(|| answer.json["items"].as_array()).map_or(0, Vec::len);
        if found >= best.1 {
            best = (path, found);
        }
        if best.1 > 3 {
            break;
        }
    }
    best
}

/// What a list may take however long it is, where it has no pages: the session, what it is of, its rows.
const OF_BARE: usize = 3;

#[tokio::test]
async fn d_56_a_list_takes_as_many_statements_for_many_rows_as_for_one() {
    let counted = Statements::counted();
    let mut demo = furnished("comptoir_demo_counted").await;
    let document = demo.app.document();
    let (mut wrong, mut thin, mut pages) = (Vec::new(), BTreeSet::new(), 0);
    for (method, path, operation) in operations(&document) {
        let Some(kind) = answered(&document, operation).and_then(List::of).filter(|_| method == "GET") else {
            continue;
        };
        let takes = |name: &str| {
            let mut parameters = operation["parameters"].as_array().into_iter().flatten();
            parameters.any(|parameter| parameter["name"] == name)
        };
        let filled = path.replace("{code}", "PV");
        let entity = if takes("entity") { "entity=ZR7" } else { "" };
        let (filled, found) = longest(&mut demo, &filled, entity).await;
        if found < 2 {
            thin.insert(path.clone());
        }
        let of = async |limit: &str| counted.of(|| demo.app.get(&format!("{filled}?{entity}{limit}"))).await;
        if kind == List::Page && takes("limit") {
            let ((few, one), (many, whole)) = (of("&limit=1").await, of("&limit=200").await);
            assert_eq!((one.status.as_u16(), whole.status.as_u16()), (200, 200), "{path}");
            assert!(one.json["items"].as_array().unwrap().len() <= 1, "{path}");
            if few != many || (found < 2 && many > OF_BARE) {
                wrong.push(format!("{path}: {few} for one row, {many} for {found}"));
            }
            for limit in ["&limit=0", "&limit=201", "&limit=many"] {
                let refused = of(limit).await.1;
                assert!(matches!(refused.status.as_u16(), 400 | 422), "{path} {limit}: {}", refused.status);
            }
            pages += 1;
        } else {
            let (many, _) = of("").await;
            if many > OF_BARE {
                wrong.push(format!("{path}: {many} for {found} rows"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    thin.retain(|path| !BY_THE_DAY.contains(&path.as_str()));
    assert_eq!(thin, THIN.iter().map(|path| (*path).to_owned()).collect());
    assert!(pages > 40, "{pages}");
}

/// Lists that answer a bare array: what keeps each of them short.
const BARE: &[(&str, &str)] = &[
    ("/api/alert-rules", "the kinds of alerts of the program"),
    ("/api/bank/accounts", "an entity has a handful of accounts"),
    ("/api/calendar", "one row an entity"),
    ("/api/commandes/departements", "the departements of the setting"),
    ("/api/commandes/lb-monitor", "the orders that ask for aged leads"),
    ("/api/commandes/products", "the products"),
    ("/api/commandes/{id}/stats", "the last weeks"),
    ("/api/entities", "the entities of the tenant"),
    ("/api/event-log/actions", "the actions of the program"),
    ("/api/intercompany/pricing", "a price per direction and product"),
    ("/api/intercompany/reconciliation", "a row per direction and currency"),
    ("/api/invoices/figures", "a row per currency"),
    ("/api/leads/{id}/notes", "the last 200"),
    ("/api/ledger/journals", "the journals of the program"),
    ("/api/ledger/locks", "the last 500"),
    ("/api/ledger/roles", "the roles of the program, each by rate"),
    ("/api/ledger/years", "a row a year"),
    ("/api/operations/schedules", "the schedules of the program"),
    ("/api/operations/workers", "the last 100 instances"),
    ("/api/products", "the products, which people choose from"),
    ("/api/products/{code}/prices", "the last 500"),
    ("/api/units", "the units of the program"),
    ("/api/vat-rates", "the rates of the law"),
    ("/api/views", "the first 500; a page holds 50 of a person"),
    ("/api/webhooks", "50 at most"),
    ("/api/webhooks/actions", "the actions of the program"),
];

#[tokio::test]
async fn every_list_is_a_page_of_two_hundred_at_most_but_those_that_something_else_keeps_short() {
    let app = TestApp::new().await;
    let document = app.document();
    let (mut bare, mut pages) = (BTreeSet::new(), 0);
    for (method, path, operation) in operations(&document).into_iter().filter(|(method, ..)| method == "GET") {
        let Some(schema) = answered(&document, operation) else { continue };
        match List::of(schema) {
            None => {}
            Some(List::Bare) => _ = bare.insert(path),
            Some(List::Page) => {
                let parameters = operation["parameters"].as_array().into_iter().flatten();
                let is_limited = parameters.into_iter().any(|parameter| parameter["name"] == "limit");
                // One's own sessions are bounded: the oldest ends when there are too many.
                assert!(is_limited || path == "/api/auth/sessions", "{method} {path}: a page without a limit");
                let row = resolved(&document, &schema["properties"]["items"]["items"]);
                let is_typed = ["properties", "allOf", "oneOf"].iter().any(|key| !row[key].is_null());
                assert!(is_typed, "{path}: its rows have no type");
                assert!(schema["properties"]["next_cursor"].is_object(), "{path}: no way to the next page");
                pages += 1;
            }
        }
    }
    assert!(pages > 40, "{pages}");
    assert_eq!(bare, BARE.iter().map(|(path, _)| (*path).to_owned()).collect());
}

/// What makes a thing says 201 with the thing, what a job will do 202, what leaves nothing to tell 204 without a body.
#[tokio::test]
async fn whatever_changes_something_declares_the_status_that_fits() {
    let app = TestApp::new().await;
    let document = app.document();
    let mut seen = 0;
    for (method, path, operation) in operations(&document) {
        let answers = operation["responses"].as_object().unwrap();
        let good: Vec<_> = answers.iter().filter(|(status, _)| status.starts_with('2')).collect();
        for (status, answer) in &good {
            assert!(matches!(status.as_str(), "200" | "201" | "202" | "204"), "{method} {path}: {status}");
            assert_eq!(
                status.as_str() == "204",
                answer["content"].is_null() && *status != "202",
                "{method} {path}: {status}"
            );
        }
        let lists = answered(&document, &document["paths"][&path]["get"]);
        let is_collection =
            lists.is_some_and(|schema| schema["type"] == "array" || schema["properties"]["items"]["type"] == "array");
        if method == "POST" && is_collection {
            let makes = good.iter().any(|(status, _)| matches!(status.as_str(), "201" | "202"));
            assert!(makes, "{path}: a POST to a list makes one of it");
            seen += 1;
        }
        if method == "PUT" || method == "PATCH" {
            assert_eq!(good.iter().map(|(status, _)| status.as_str()).collect::<Vec<_>>(), ["200"], "{method} {path}");
        }
    }
    assert!(seen > 15, "{seen}");
}

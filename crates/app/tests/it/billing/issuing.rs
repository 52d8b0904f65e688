//! Issuing: numbers, pages, entries, all or nothing.

use futures_util::future::join_all;
use serde_json::json;

use super::{amount, decimal, id};
use crate::support::TestApp;

#[tokio::test]
async fn an_issued_invoice_is_numbered_paged_and_in_the_books() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({ "payment_terms_days": 30 })).await;
    let lines = json!([{ "name": "Main d'œuvre", "kind": "labor", "quantity": "2.5", "unit_price": "45.00" },
        { "name": "Pièces", "kind": "parts", "unit_price": "189.90", "vat_rate": "10", "vat_reason": "renovation" }]);
    let draft = app.draft(&party, lines).await;
    let check = app.get(&format!("/api/documents/{draft}/check")).expect(200).await;
    assert_eq!(check["can_issue"], true, "{check:#}");
    let issued = app.post(&format!("/api/documents/{draft}/issuance"), json!({})).expect(200).await;
    assert_eq!(issued["number"], "FAC-2026-0001");
    assert_eq!((issued["status"].as_str(), issued["payment_state"].as_str()), (Some("sent"), Some("unpaid")));
    assert_eq!((issued["issue_on"].as_str(), issued["due_on"].as_str()), (Some("2026-02-11"), Some("2026-03-13")));
    // field 5.9: what the customer owes is what was sold and its VAT.
    assert_eq!(decimal(&issued["gross"]), amount("343.89"));
    let balances = ["411", "706", "707", "44571"];
    let mut found = Vec::new();
    for account in balances {
        found.push(app.account(account).await);
    }
    assert_eq!(found, ["343.89", "-112.50", "-189.90", "-41.49"].map(amount));
    let file = app.get(&format!("/api/documents/{draft}/file")).await;
    assert_eq!(file.header("content-type"), "application/pdf");
    assert_eq!(app.get(&format!("/api/documents/{draft}/file")).await.text, file.text);
    let cii = app.get(&format!("/api/documents/{draft}/file?format=cii")).await;
    assert!(cii.text.contains("FAC-2026-0001") && cii.text.contains("urn:cen.eu:en16931:2017"), "{}", cii.text);
    let ubl = app.get(&format!("/api/documents/{draft}/file?format=ubl")).await;
    assert!(ubl.text.contains("oasis:names:specification:ubl"), "{}", ubl.text);
    assert_eq!(issued["buyer"]["name"], "Acme");
    app.put(&format!("/api/parties/{party}"), json!({ "name": "Other" })).expect(200).await;
    assert_eq!(app.get(&format!("/api/documents/{draft}")).expect(200).await["buyer"]["name"], "Acme");
}

#[tokio::test]
async fn f_05_l_39_parallel_issues_draw_consecutive_numbers_and_what_fails_draws_none() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let mut drafts = Vec::new();
    for _ in 0..50 {
        drafts.push(app.draft(&party, json!([{ "name": "Pose", "unit_price": "10" }])).await);
    }
    // One that cannot be issued stands among them.
    let empty = app.draft(&party, json!([])).await;
    let issue = |draft: String| {
        let app = &app;
        async move { app.post(&format!("/api/documents/{draft}/issuance"), json!({})).await }
    };
    let answers = join_all(drafts.into_iter().chain([empty]).map(issue)).await;
    let mut numbers: Vec<_> =
        answers.iter().filter_map(|answer| answer.json["number"].as_str().map(str::to_owned)).collect();
    numbers.sort();
    let expected: Vec<_> = (1..=50).map(|n| format!("FAC-2026-{n:04}")).collect();
    assert_eq!(numbers, expected);
    assert_eq!(answers.last().unwrap().code(), "document_empty");
    let entries: Vec<i64> =
        sqlx::query_scalar("select number from ledger.entry where tenant_id = $1 and journal = 'VE' order by number")
            .bind(app.tenant.uuid())
            .fetch_all(&mut crate::support::owner().await)
            .await
            .unwrap();
    assert_eq!(entries, (1..=50).collect::<Vec<_>>());
}

#[tokio::test]
async fn f_25_an_issue_date_before_the_last_number_or_in_a_closed_period_is_refused() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let line = json!([{ "name": "Pose", "unit_price": "10" }]);
    let issue = |draft: String, on: &'static str| {
        let app = &app;
        async move { app.post(&format!("/api/documents/{draft}/issuance"), json!({ "issue_on": on })).await }
    };
    let first = app.draft(&party, line.clone()).await;
    issue(first, "2026-02-10").await.expect(200);
    let second = app.draft(&party, line.clone()).await;
    assert_eq!(issue(second.clone(), "2026-02-09").await.code(), "issue_date_order");
    assert_eq!(issue(second.clone(), "2026-02-12").await.status, 422);
    let lock = json!({ "entity": "ZR7", "starts_on": "2026-02-01", "ends_on": "2026-02-10", "reason": "TVA déclarée" });
    app.post("/api/ledger/locks", lock).expect(201).await;
    assert_eq!(issue(second.clone(), "2026-02-10").await.code(), "period_locked");
    let issued = issue(second, "2026-02-11").await.expect(200);
    assert_eq!(issued["number"], "FAC-2026-0002");
}

#[tokio::test]
async fn numbers_begin_anew_with_the_year() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    assert_eq!(app.invoice(&party, "10").await["number"], "FAC-2026-0001");
    app.at("2027-01-02T09:00:00Z").await;
    assert_eq!(app.invoice(&party, "10").await["number"], "FAC-2027-0001");
}

#[tokio::test]
async fn nothing_is_issued_while_the_law_misses_something() {
    let app = TestApp::new().await;
    let party = app.customer("ZR7", "Acme", json!({ "city": "" })).await;
    let draft = app.draft(&party, json!([{ "name": "Pose", "unit_price": "10" }])).await;
    let refused = app.post(&format!("/api/documents/{draft}/issuance"), json!({})).expect(409).await;
    let fields: Vec<_> =
        refused["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(refused["type"], "urn:comptoir:problem:legal_mentions_missing");
    assert!(fields.contains(&"seller.siret") && fields.contains(&"buyer.city"), "{fields:?}");
    app.lawful("ZR7").await;
    app.put(&format!("/api/parties/{party}"), json!({ "city": "Paris" })).expect(200).await;
    let issued = app.post(&format!("/api/documents/{draft}/issuance"), json!({})).expect(200).await;
    assert_eq!(issued["number"], "FAC-2026-0001");
}

#[tokio::test]
async fn a_final_invoice_takes_off_the_deposit_that_was_billed() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let deposit = json!({ "entity": "ZR7", "kind": "deposit_invoice", "party_id": party,
        "lines": [{ "name": "Acompte", "kind": "deposit_request", "unit_price": "300" }] });
    app.post("/api/documents", deposit.clone()).expect(422).await;
    let mut deposit = deposit;
    deposit["lines"][0] = json!({ "name": "Acompte de 30 %", "unit_price": "300", "revenue_role": "sales_services" });
    let deposit = app.post("/api/documents", deposit).expect(201).await;
    let deposit = app.post(&format!("/api/documents/{}/issuance", id(&deposit)), json!({})).expect(200).await;
    assert_eq!(
        (app.account("706").await, app.account("4191").await),
        (amount("0"), amount("-300")),
        "owed until it is delivered"
    );
    let last = json!({ "entity": "ZR7", "party_id": party, "deposits": [id(&deposit)],
        "lines": [{ "name": "Pose", "unit_price": "1000" }] });
    let last = app.post("/api/documents", last).expect(201).await;
    assert_eq!((decimal(&last["net"]), decimal(&last["gross"])), (amount("700"), amount("840")));
    let last = app.post(&format!("/api/documents/{}/issuance", id(&last)), json!({})).expect(200).await;
    assert!(last["lines"][1]["name"].as_str().unwrap().contains("FAC-2026-0001"));
    assert_eq!((app.account("411").await, app.account("4191").await), (amount("1200"), amount("0")));
    assert_eq!((app.account("706").await, app.account("44571").await), (amount("-1000"), amount("-200")));
}

#[tokio::test]
async fn an_invoice_in_another_currency_is_in_the_books_at_its_rate() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app
        .customer(
            "ZR7",
            "Swiss",
            json!({ "country": "CH", "siren": null, "registration_number": "CHE-123.456.788",
        "postal_code": "8001", "city": "Zürich", "vat_rate": "0", "currency": "CHF", "language": "en" }),
        )
        .await;
    let draft = app.draft(&party, json!([{ "name": "Consulting", "unit_price": "100" }])).await;
    let path = format!("/api/documents/{draft}/issuance");
    assert_eq!(app.post(&path, json!({})).await.code(), "rate_missing");
    let rate = json!({ "entity": "ZR7", "from": "CHF", "to": "EUR", "rate_type": "official", "on": "2026-02-10", "rate": "1.0500" });
    app.put("/api/ledger/rates", rate).expect(200).await;
    let issued = app.post(&path, json!({})).expect(200).await;
    assert_eq!((decimal(&issued["gross"]), decimal(&issued["rate"])), (amount("100"), amount("1.05")));
    assert_eq!((app.account("411").await, app.account("706").await), (amount("105"), amount("-105")));
}

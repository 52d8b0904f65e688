//! Statements of account: what moved, and that it comes to what the books say.

use kernel::{EntityId, PartyId};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{amount, decimal, id};
use crate::support::TestApp;

async fn statement(app: &TestApp, party: &str, query: &str) -> Value {
    app.get(&format!("/api/parties/{party}/statement{query}")).expect(200).await
}

/// What the books of ZR7 say the customer owes.
async fn books(app: &TestApp, party: &str) -> Decimal {
    let entity: String = app.value("select id::text from platform.entity where tenant_id = $1 and code = 'ZR7'").await;
    let ctx = app.platform.act_in(app.tenant, platform::Actor::System("test"), "test").await.unwrap();
    let mut tx = ctx.read().await.unwrap();
    let entity: EntityId = entity.parse().unwrap();
    let party: PartyId = party.parse().unwrap();
    ledger::receivables(&mut tx, entity, Some(party)).await.unwrap()
}

fn moved(view: &Value) -> Vec<(String, Decimal, Decimal)> {
    let line = |line: &Value| {
        let kind = line["kind"].as_str().unwrap().to_owned();
        (kind, decimal(&line["debit"]) - decimal(&line["credit"]), decimal(&line["balance"]))
    };
    view["lines"].as_array().unwrap().iter().map(line).collect()
}

/// A year of a customer: opening balance, invoices, payments, one that bounced, a credit note, a refund.
async fn lived() -> (TestApp, String) {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Client Un", json!({})).await;
    let csv = "account;aux;label;debit;credit\n411;Client Un;FAC-2025-9;120.00;\n101;;;;120.00";
    app.post("/api/ledger/opening", json!({ "entity": "ZR7", "on": "2026-02-11", "csv": csv })).expect(201).await;
    let first = app.invoice(&party, "1000.00").await;
    app.at("2026-02-20T09:00:00Z").await;
    let bounced = app.pay(&party, "500.00", json!([{ "document_id": id(&first), "amount": "500.00" }])).await;
    app.at("2026-02-24T09:00:00Z").await;
    app.post(&format!("/api/payments/{}/bounce", id(&bounced)), json!({ "reason": "sans provision" }))
        .expect(200)
        .await;
    app.at("2026-03-02T09:00:00Z").await;
    let second = app.invoice(&party, "100.00").await;
    let part = json!({ "reason": "geste", "lines": [{ "name": "Geste", "unit_price": "50.00" }] });
    let note = app.post(&format!("/api/documents/{}/credit-notes", id(&second)), part).expect(201).await;
    app.post(&format!("/api/documents/{}/issuance", id(&note)), json!({})).expect(200).await;
    app.at("2026-03-10T09:00:00Z").await;
    let payment = app.pay(&party, "100.00", json!([{ "document_id": id(&second), "amount": "60.00" }])).await;
    app.at("2026-03-20T09:00:00Z").await;
    let refund = json!({ "amount": "15.00", "method": "transfer" });
    app.post(&format!("/api/payments/{}/refunds", id(&payment)), refund).expect(201).await;
    (app, party)
}

#[tokio::test]
async fn a_statement_comes_to_what_the_books_say_with_bounce_credit_and_opening_balance() {
    let (app, party) = lived().await;
    let view = statement(&app, &party, "").await;
    let lines = moved(&view);
    let expected = [
        ("entry", "120.00", "120.00"),
        ("invoice", "1200.00", "1320.00"),
        ("payment", "-500.00", "820.00"),
        ("bounce", "500.00", "1320.00"),
        ("invoice", "120.00", "1440.00"),
        ("credit_note", "-60.00", "1380.00"),
        ("payment", "-100.00", "1280.00"),
        ("refund", "15.00", "1295.00"),
    ];
    let expected = expected.map(|(kind, moved, balance)| (kind.to_owned(), amount(moved), amount(balance)));
    assert_eq!(lines, expected);
    let figures = ["opening", "debits", "credits", "closing"].map(|field| decimal(&view[field]));
    assert_eq!(figures, ["0", "1955.00", "660.00", "1295.00"].map(amount));
    assert_eq!(decimal(&view["closing"]), books(&app, &party).await);
    // 120 since January and 1200 due on the 13th of March, less 25 to the customer's credit.
    let open: Vec<_> = view["open"].as_array().unwrap().iter().map(|row| decimal(&row["balance"])).collect();
    assert_eq!((open, &view["open"][0]["days_late"]), (vec![amount("1200.00")], &json!(7)));
    let aged = |field: &str| decimal(&view["aged"][field]);
    assert_eq!(
        (aged("days_61_90"), aged("days_0_30"), aged("unallocated")),
        (amount("95.00"), amount("1200.00"), amount("0"))
    );
    assert_eq!(aged("balance"), books(&app, &party).await);
}

#[tokio::test]
async fn periods_follow_each_other_without_a_gap() {
    let (app, party) = lived().await;
    let mut closing = amount("0");
    let mut count = 0;
    for (from, to) in [("2025-01-01", "2026-02-20"), ("2026-02-21", "2026-03-09"), ("2026-03-10", "2026-12-31")] {
        let view = statement(&app, &party, &format!("?from={from}&to={to}")).await;
        assert_eq!(decimal(&view["opening"]), closing, "{from}");
        closing = decimal(&view["closing"]);
        count += view["lines"].as_array().unwrap().len();
    }
    assert_eq!((closing, count), (amount("1295.00"), 8));
    let wrong = app.get(&format!("/api/parties/{party}/statement?from=2026-03-01&to=2026-02-01")).await;
    assert_eq!((wrong.status.as_u16(), &wrong.json["errors"][0]["field"]), (400, &json!("from")));
    app.get(&format!("/api/parties/{party}/statement?currency=XXQ")).expect(400).await;
}

#[tokio::test]
async fn a_statement_of_another_currency_stands_apart() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let rate = json!({ "entity": "ZR7", "from": "USD", "to": "EUR", "rate": "0.9", "rate_type": "official", "on": "2026-02-11" });
    app.put("/api/ledger/rates", rate).expect(200).await;
    let party = app.customer("ZR7", "Client Un", json!({})).await;
    app.invoice(&party, "10.00").await;
    let draft = json!({ "entity": "ZR7", "party_id": party, "currency": "USD", "lines": [{ "name": "x", "unit_price": "100.00" }] });
    let draft = app.post("/api/documents", draft).expect(201).await;
    app.post(&format!("/api/documents/{}/issuance", id(&draft)), json!({})).expect(200).await;
    let euros = statement(&app, &party, "").await;
    let dollars = statement(&app, &party, "?currency=USD").await;
    assert_eq!((&euros["currencies"], decimal(&euros["closing"])), (&json!(["EUR", "USD"]), amount("12.00")));
    assert_eq!(decimal(&dollars["closing"]), amount("120.00"));
}

#[tokio::test]
async fn a_statement_is_taken_away_as_a_page_and_as_a_table() {
    let (app, party) = lived().await;
    for language in ["fr", "en"] {
        let page = app.get(&format!("/api/parties/{party}/statement/file?language={language}")).await;
        assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "application/pdf"));
        assert!(page.text.starts_with("%PDF-1.7"), "a page");
        assert_eq!(page.header("content-disposition"), "inline; filename=\"statement-C00001-2026-03-20.pdf\"");
    }
    let table = app.get(&format!("/api/parties/{party}/statement/file?format=csv&from=2026-03-01")).await;
    assert_eq!((table.status.as_u16(), table.header("content-type")), (200, "text/csv; charset=utf-8"));
    let text = table.text.trim_start_matches('\u{feff}').to_owned();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 7, "{lines:?}");
    assert_eq!(lines[0], "date;kind;label;reference;text;due_on;debit;credit;balance");
    assert!(lines[1].starts_with("2026-03-01;opening;Solde initial;;;;;;1320.00"), "{}", lines[1]);
    assert!(lines[6].ends_with(";1295.00"), "{}", lines[6]);
    app.get(&format!("/api/parties/{party}/statement/file?format=doc")).expect(400).await;
}

#[tokio::test]
async fn a_buyer_of_leads_has_one_and_nobody_reads_that_of_another_entity() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let (buyer, _) = app.order("ZR7", "Acme", json!({})).await;
    let empty = statement(&app, &buyer, "").await;
    assert_eq!(
        (&empty["lines"], &empty["entity"], decimal(&empty["closing"])),
        (&json!([]), &json!("ZR7"), amount("0"))
    );
    let elsewhere = app.member("admin", "MDL").await;
    for path in ["statement", "statement/file", "reminders"] {
        assert_eq!(app.get(&format!("/api/parties/{buyer}/{path}")).by(&elsewhere).await.status, 404, "{path}");
    }
}

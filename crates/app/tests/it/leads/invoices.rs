//! From leads that were sent to invoices, credit notes and the books: of buyers, and between entities.

use futures_util::future::join_all;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::billing::decimal;
use crate::support::TestApp;

const W07: &str = "/api/billing/week/2026-W07";

fn amount(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn person(n: usize) -> Value {
    json!({ "session_id": format!("s{n}"), "phone": format!("06{:03}94{:03}", n / 1000, n % 1000) })
}

async fn send(app: &TestApp, people: std::ops::Range<usize>) {
    for n in people {
        app.lead(person(n)).expect(201).await;
    }
    app.run("daily-delivery").await;
    app.run_jobs().await;
}

/// A buyer of ZR7 that can be invoiced, with an order for PV at `price`.
async fn buyer(app: &TestApp, name: &str, price: &str) -> String {
    let (buyer, _) = app.order("ZR7", name, json!({ "departements": ["75"] })).await;
    let legal =
        json!({ "siren": "443061841", "address_line1": "8 rue de Londres", "postal_code": "75009", "city": "Paris" });
    app.put(&format!("/api/clients/{buyer}"), legal).expect(200).await;
    let price = json!({ "product": "PV", "unit_price_eur": price, "discount_pct": "10" });
    app.post(&format!("/api/clients/{buyer}/pricing/product"), price).expect(200).await;
    buyer
}

/// Fourteen units of one buyer, sent and built.
async fn billed() -> (TestApp, String) {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    app.form("PV-001", "ZR7", "PV").await;
    let buyer = buyer(&app, "Acme", "25").await;
    send(&app, 0..14).await;
    app.post(&format!("{W07}/build-ledger"), json!({})).scope("ZR7").expect(200).await;
    (app, buyer)
}

async fn invoice(app: &TestApp) -> Value {
    app.post(&format!("{W07}/invoices"), json!({ "entity": "ZR7" })).expect(200).await
}

#[tokio::test]
async fn a_week_is_invoiced_in_one_click_and_every_line_leads_to_its_leads() {
    let (app, buyer) = billed().await;
    let done = invoice(&app).await;
    assert_eq!(done["refused"], json!([]), "{done:#}");
    let issued = &done["issued"][0];
    assert_eq!((issued["number"].as_str(), decimal(&issued["gross"])), (Some("ZR7-202602-0001"), amount("378")));
    let document = app.get(&format!("/api/documents/{}", issued["document_id"].as_str().unwrap())).expect(200).await;
    assert_eq!((document["week"].as_str(), document["party_id"].as_str()), (Some("2026-W07"), Some(buyer.as_str())));
    assert_eq!(app.account("411").await, amount("378"));
    let records = app.get("/api/billing/records?week=2026-W07").expect(200).await;
    let record = &records["items"][0];
    assert_eq!((record["status"].as_str(), &record["document_id"]), (Some("invoiced"), &issued["document_id"]));
    let path = format!("/api/billing/records?document={}", issued["document_id"].as_str().unwrap());
    assert_eq!(app.get(&path).expect(200).await["items"][0]["id"], record["id"], "the invoice opens what it charges");
    assert_eq!(decimal(&record["net"]), decimal(&document["net"]));
    let lines = app.get(&format!("/api/billing/records/{}/lines", record["id"].as_str().unwrap())).expect(200).await;
    assert_eq!(lines["items"].as_array().unwrap().len(), 14);
    // Once more: nothing is left to invoice, and the week is locked.
    assert_eq!(invoice(&app).await, json!({ "issued": [], "refused": [] }));
    app.post(&format!("{W07}/build-ledger"), json!({})).scope("ZR7").expect(409).await;
}

#[tokio::test]
async fn a_week_that_is_invoiced_twice_at_once_is_invoiced_once() {
    let (app, _) = billed().await;
    let path = format!("{W07}/invoices");
    let answers = join_all((0..4).map(|_| app.post(&path, json!({ "entity": "ZR7" })).into_future())).await;
    let issued: usize = answers.iter().map(|answer| answer.json["issued"].as_array().map_or(0, Vec::len)).sum();
    assert_eq!((issued, app.account("411").await), (1, amount("378")));
}

#[tokio::test]
async fn a_buyer_that_cannot_be_invoiced_keeps_no_other_from_it() {
    let (app, _) = billed().await;
    app.at("2026-02-12T09:00:00Z").await;
    let (unknown, _) = app.order("ZR7", "Other", json!({ "departements": ["13"] })).await;
    app.lead(json!({ "session_id": "x", "phone": "0612345999", "departement": "13" })).expect(201).await;
    app.run("daily-delivery").await;
    app.post(&format!("{W07}/build-ledger"), json!({})).scope("ZR7").expect(200).await;
    let done = invoice(&app).await;
    assert_eq!(done["issued"].as_array().unwrap().len(), 1, "{done:#}");
    let refused = &done["refused"][0];
    assert_eq!(
        (refused["buyer_id"].as_str(), refused["code"].as_str()),
        (Some(unknown.as_str()), Some("pricing_missing"))
    );
    assert_eq!(app.value::<i64>("select count(*) from billing.document where tenant_id = $1").await, 1);
}

#[tokio::test]
async fn l_40_a_paid_invoice_is_frozen_and_its_records_follow_it() {
    let (app, buyer) = billed().await;
    let id = invoice(&app).await["issued"][0]["document_id"].as_str().unwrap().to_owned();
    let path = format!("/api/invoices/{id}");
    app.post(&format!("{path}/mark-paid"), json!({ "method": "transfer" })).expect(200).await;
    app.run_jobs().await;
    let record = async || app.get("/api/billing/records?week=2026-W07").expect(200).await["items"][0]["status"].clone();
    assert_eq!(record().await, "paid");
    let change = json!({ "party_id": buyer, "lines": [{ "name": "x", "unit_price": "1" }] });
    for (verb, path, body) in [
        ("PUT", path.clone(), change),
        ("POST", format!("{path}/send"), json!({})),
        ("POST", format!("{path}/mark-paid"), json!({ "method": "transfer" })),
        ("DELETE", format!("/api/documents/{id}"), json!({})),
        ("POST", format!("/api/documents/{id}/answer"), json!({ "accepted": true, "evidence": "x" })),
        ("POST", format!("/api/documents/{id}/conversion"), json!({})),
    ] {
        let answer = app.send(verb.parse().unwrap(), &path, Some(body)).by(&app.root).await;
        assert_eq!(answer.status, 409, "{verb} {path}: {}", answer.json);
    }
    let payments = app.get(&format!("/api/payments?document={id}")).expect(200).await;
    let payment = payments["items"][0]["id"].as_str().unwrap();
    app.post(&format!("/api/payments/{payment}/bounce"), json!({ "reason": "Rejet" })).expect(200).await;
    app.run_jobs().await;
    assert_eq!(record().await, "invoiced");
    app.at("2026-03-20T09:00:00Z").await;
    app.run("billing-daily").await;
    assert_eq!(record().await, "overdue");
}

#[tokio::test]
async fn l_43_what_is_taken_back_after_it_was_invoiced_is_credited_in_one_click() {
    let (app, buyer) = billed().await;
    invoice(&app).await;
    let delivery = app.delivery().await;
    app.post(&format!("/api/deliveries/{delivery}/reject-leads"), json!({ "reason": "Faux numéro" })).expect(200).await;
    let open = app.get("/api/billing/credit-candidates").expect(200).await;
    assert_eq!(open["items"].as_array().unwrap().len(), 1);
    let notes = app
        .post("/api/billing/credit-candidates/credit", json!({ "entity": "ZR7", "buyer_id": buyer }))
        .expect(200)
        .await;
    assert_eq!((notes[0]["number"].as_str(), decimal(&notes[0]["gross"])), (Some("AV-2026-0001"), amount("27")));
    assert_eq!(app.account("411").await, amount("351"));
    let again = app.post("/api/billing/credit-candidates/credit", json!({ "entity": "ZR7", "buyer_id": buyer })).await;
    assert_eq!(again.code(), "nothing_to_credit");
}

/// ZR7 and MDL, each lawful; leads of ZR7 that MDL sells, at 25 a unit.
async fn two_entities() -> TestApp {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    app.lawful("MDL").await;
    app.form("PV-001", "ZR7", "PV").await;
    app.order("MDL", "Ouest", json!({})).await;
    price(&app, "25").await;
    app
}

async fn price(app: &TestApp, price: &str) {
    let price = json!({ "from": "ZR7", "to": "MDL", "product": "PV", "unit_price_ht": price });
    app.put("/api/intercompany/pricing", json!({ "prices": [price] })).expect(200).await;
    app.run_jobs().await;
}

async fn generate(app: &TestApp) -> Value {
    let run = app.post("/api/intercompany/generate-invoices", json!({})).expect(200).await;
    assert_eq!(run["errors"], json!([]), "{run:#}");
    run
}

async fn agrees(app: &TestApp, week: &str) -> Vec<(Decimal, Decimal, Decimal, bool)> {
    let rows = app.get(&format!("/api/intercompany/reconciliation?week={week}")).expect(200).await;
    let row = |row: &Value| {
        (decimal(&row["transfers"]), decimal(&row["sales"]), decimal(&row["purchases"]), row["agrees"] == true)
    };
    rows.as_array().unwrap().iter().map(row).collect()
}

#[tokio::test]
async fn entities_invoice_each_other_in_the_books_of_both() {
    let app = two_entities().await;
    send(&app, 0..2).await;
    price(&app, "27").await;
    send(&app, 2..3).await;
    // Nothing before its week is over, and a week without transfers makes no invoice.
    assert_eq!(generate(&app).await["invoices_created"], 0);
    app.at("2026-02-16T08:00:00Z").await;
    let report = app.run("intercompany-invoices").await;
    assert_eq!((&report["invoices_created"], &report["errors"]), (&json!(1), &json!([])), "{report:#}");
    let made = &report["invoices"][0];
    assert_eq!((made["number"].as_str(), decimal(&made["amount"])), (Some("IC-ZR7-2026-W07-0001"), amount("77")));
    assert_eq!(generate(&app).await["invoices_created"], 0);
    let id = made["document_id"].as_str().unwrap();
    let seen = app.get(&format!("/api/intercompany/invoices/{id}")).expect(200).await;
    assert_eq!(seen["transfers"].as_array().unwrap().len(), 3);
    // L-34: two prices are two lines.
    assert_eq!(seen["document"]["lines"].as_array().unwrap().len(), 2);
    assert_eq!(seen["document"]["due_on"], "2026-03-18");
    assert_eq!(agrees(&app, "2026-W07").await, [(amount("77"), amount("77"), amount("77"), true)]);
    let listed = app.get("/api/intercompany/invoices?direction=ZR7-%3EMDL").scope("MDL").expect(200).await;
    assert_eq!(
        (listed["items"][0]["direction"].as_str(), listed["items"][0]["entity"].as_str()),
        (Some("purchase"), Some("MDL"))
    );
    // What entities owe each other is no customer's invoice.
    assert_eq!(app.get("/api/invoices").expect(200).await["items"], json!([]));
    assert_eq!(app.account("").await, amount("0"));
}

#[tokio::test]
async fn l_33_a_late_transfer_gets_an_invoice_of_its_own() {
    let app = two_entities().await;
    send(&app, 0..2).await;
    app.at("2026-02-16T08:00:00Z").await;
    generate(&app).await;
    // One of the week that is told only now.
    app.at("2026-02-11T10:00:00Z").await;
    send(&app, 2..3).await;
    app.at("2026-02-16T09:00:00Z").await;
    let run = generate(&app).await;
    assert_eq!(
        (run["invoices_created"].as_u64(), run["invoices"][0]["number"].as_str()),
        (Some(1), Some("IC-ZR7-2026-W07-0002"))
    );
    assert_eq!(agrees(&app, "2026-W07").await, [(amount("75"), amount("75"), amount("75"), true)]);
    let every = "select bool_and(d.net = t.amount) from billing.document d join lateral (
        select sum(units * unit_price) as amount from leads.transfer t where t.tenant_id = d.tenant_id and t.document_id = d.id) t on true
        where d.tenant_id = $1 and d.origin = 'intercompany' and d.direction = 'sale'";
    assert!(app.value::<bool>(every).await, "an invoice is the sum of its transfers");
}

#[tokio::test]
async fn l_10_a_unit_taken_back_after_it_was_invoiced_is_credited_in_both_books() {
    let app = two_entities().await;
    send(&app, 0..2).await;
    app.at("2026-02-16T08:00:00Z").await;
    generate(&app).await;
    let delivery = app.delivery().await;
    app.post(&format!("/api/deliveries/{delivery}/reject-leads"), json!({ "reason": "Faux numéro" })).expect(200).await;
    app.run_jobs().await;
    app.at("2026-02-23T08:00:00Z").await;
    let run = generate(&app).await;
    assert_eq!((run["invoices_created"].as_u64(), run["invoices"][0]["is_credit"].as_bool()), (Some(0), Some(true)));
    assert_eq!(run["invoices"][0]["number"], "ICA-ZR7-2026-W08-0001");
    assert_eq!(agrees(&app, "2026-W08").await, [(amount("-25"), amount("-25"), amount("-25"), true)]);
    let open: Decimal = app
        .value(
            "select sum(gross - paid - credited) from billing.document
        where tenant_id = $1 and direction = 'purchase' and kind = 'invoice'",
        )
        .await;
    assert_eq!(open, amount("25"));
}

#[tokio::test]
async fn entities_without_their_legal_identity_are_told_and_nothing_is_lost() {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    app.order("MDL", "Ouest", json!({})).await;
    price(&app, "25").await;
    send(&app, 0..1).await;
    app.at("2026-02-16T08:00:00Z").await;
    let run = app.post("/api/intercompany/generate-invoices", json!({})).expect(200).await;
    assert_eq!(
        (run["invoices_created"].as_u64(), run["errors"][0]["code"].as_str()),
        (Some(0), Some("legal_mentions_missing"))
    );
    assert_eq!(app.value::<i64>("select count(*) from billing.document where tenant_id = $1").await, 0);
    app.lawful("ZR7").await;
    app.lawful("MDL").await;
    assert_eq!(generate(&app).await["invoices_created"], 1);
}

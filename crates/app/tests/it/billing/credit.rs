//! Credit notes.

use futures_util::future::join_all;
use serde_json::json;

use super::{amount, decimal, id};
use crate::support::TestApp;

async fn credit(app: &TestApp, invoice: &serde_json::Value, net: &str) -> crate::support::Answer {
    let part = json!({ "reason": "Geste commercial", "lines": [{ "name": "Remise", "unit_price": net }] });
    let draft = app.post(&format!("/api/documents/{}/credit-notes", id(invoice)), part).await;
    if draft.status != 201 {
        return draft;
    }
    app.post(&format!("/api/documents/{}/issuance", id(&draft.json)), json!({})).await
}

#[tokio::test]
async fn f_13_credit_notes_together_never_exceed_their_original() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let invoice = app.invoice(&party, "1000").await;
    let first = credit(&app, &invoice, "600").await.expect(200);
    assert_eq!(
        (first["number"].as_str(), first["original_number"].as_str()),
        (Some("AV-2026-0001"), Some("FAC-2026-0001"))
    );
    assert_eq!(credit(&app, &invoice, "500").await.code(), "credit_exceeds_original");
    credit(&app, &invoice, "400").await.expect(200);
    let seen = app.get(&format!("/api/documents/{}", id(&invoice))).expect(200).await;
    assert_eq!((seen["payment_state"].as_str(), decimal(&seen["balance"])), (Some("credited"), amount("0")));
    let balances = [app.account("411").await, app.account("706").await, app.account("44571").await];
    assert_eq!(balances, [amount("0"); 3]);
}

#[tokio::test]
async fn f_13_vat_is_taken_back_at_the_rates_it_was_charged_at_and_no_more_of_each() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let reduced = json!({ "name": "Rénovation", "unit_price": "500", "vat_rate": "10", "vat_reason": "renovation" });
    let lines = json!([{ "name": "Prestation", "unit_price": "1000" }, reduced]);
    let draft = json!({ "entity": "ZR7", "party_id": party, "discount": { "percent": "10" }, "lines": lines });
    let draft = app.post("/api/documents", draft).expect(201).await;
    let invoice = app.post(&format!("/api/documents/{}/issuance", id(&draft)), json!({})).expect(200).await;
    let path = format!("/api/documents/{}/credit-notes", id(&invoice));
    let at = |rate: &str, net: &str| json!({ "reason": "Retour", "lines": [{ "name": "Retour", "unit_price": net, "vat_rate": rate, "vat_reason": "renovation" }] });
    // What is taken back bears the discount of the invoice: 900 and 450 were charged.
    for (rate, net) in [("20", "1000.02"), ("10", "500.02"), ("5.5", "10")] {
        let answer = app.post(&path, at(rate, net)).await;
        assert_eq!((answer.code(), answer.json["errors"][0]["field"].as_str()), ("credit_exceeds_rate", Some("lines")));
    }
    // Two drafts that each fit, and do not together: the second is refused when it is issued.
    let first = app.post(&path, at("10", "300")).expect(201).await;
    let second = app.post(&path, at("10", "201")).expect(201).await;
    app.post(&format!("/api/documents/{}/issuance", id(&first)), json!({})).expect(200).await;
    let refused = app.post(&format!("/api/documents/{}/issuance", id(&second)), json!({})).await;
    assert_eq!(refused.code(), "credit_exceeds_rate");
    assert_eq!(app.account("44571").await, amount("-198"));
}

#[tokio::test]
async fn f_13_f_14_parallel_credit_notes_never_exceed_their_original_and_each_has_its_number() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let invoice = app.invoice(&party, "1000").await;
    let mut drafts = Vec::new();
    for _ in 0..6 {
        let part = json!({ "reason": "Retour", "lines": [{ "name": "Retour", "unit_price": "300" }] });
        let draft = app.post(&format!("/api/documents/{}/credit-notes", id(&invoice)), part).expect(201).await;
        drafts.push(format!("/api/documents/{}/issuance", id(&draft)));
    }
    let answers = join_all(drafts.iter().map(|path| app.post(path, json!({})).into_future())).await;
    let mut numbers: Vec<_> = answers.iter().filter_map(|answer| answer.json["number"].as_str()).collect();
    numbers.sort_unstable();
    // F-14: each has a number of its own.
    assert_eq!(numbers, ["AV-2026-0001", "AV-2026-0002", "AV-2026-0003"]);
    assert!(
        answers.iter().filter(|answer| answer.status != 200).all(|answer| answer.code() == "credit_exceeds_original")
    );
    assert_eq!(app.account("411").await, amount("120"));
}

#[tokio::test]
async fn f_11_a_credit_note_on_a_paid_invoice_becomes_credit_that_is_given_back() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let invoice = app.invoice(&party, "100").await;
    app.pay(&party, "120", json!([{ "document_id": id(&invoice), "amount": "120" }])).await;
    let note = credit(&app, &invoice, "50").await.expect(200);
    assert_eq!((decimal(&note["balance"]), app.account("4191").await), (amount("60"), amount("-60")));
    let next = app.invoice(&party, "25").await;
    let path = format!("/api/documents/{}", id(&note));
    let used = json!({ "allocations": [{ "document_id": id(&next), "amount": "30" }] });
    app.post(&format!("{path}/allocations"), used).expect(204).await;
    assert_eq!(app.get(&format!("/api/documents/{}", id(&next))).expect(200).await["status"], "paid");
    app.post(&format!("{path}/refunds"), json!({ "method": "transfer" })).expect(201).await;
    let balances = [app.account("411").await, app.account("4191").await, app.account("512").await];
    assert_eq!(balances, ["0", "0", "90"].map(amount));
    let left = app.post(&format!("{path}/refunds"), json!({ "amount": "0.01", "method": "transfer" })).await;
    assert_eq!(left.code(), "credit_too_small");
}

#[tokio::test]
async fn a_credit_note_needs_an_issued_original_of_its_customer() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let draft = app.draft(&party, json!([{ "name": "Pose", "unit_price": "10" }])).await;
    let whole = json!({ "reason": "Erreur" });
    let refused = app.post(&format!("/api/documents/{draft}/credit-notes"), whole.clone()).await;
    assert_eq!(refused.code(), "original_draft");
    let invoice = app.invoice(&party, "10").await;
    let path = format!("/api/documents/{}/credit-notes", id(&invoice));
    app.post(&path, json!({ "reason": " " })).expect(422).await;
    let note = app.post(&path, whole.clone()).expect(201).await;
    let note = app.post(&format!("/api/documents/{}/issuance", id(&note)), json!({})).expect(200).await;
    assert_eq!(decimal(&note["gross"]), amount("12"));
    let refused = app.post(&format!("/api/documents/{}/credit-notes", id(&note)), whole).await;
    assert_eq!(refused.code(), "original_kind");
}

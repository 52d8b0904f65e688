//! What a draft says before it is written; the figures above a list; what leads from one document to another.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{amount, decimal, id};
use crate::support::TestApp;

const SAID: [&str; 7] = ["vat_lines", "lines_net", "discount_total", "net", "vat", "gross", "payment_terms_days"];

/// Lines without the ids that writing them gives.
fn lines(document: &Value) -> Vec<Value> {
    let without_id = |line: &Value| {
        let mut line = line.clone();
        line.as_object_mut().unwrap().remove("id");
        line
    };
    document["lines"].as_array().unwrap().iter().map(without_id).collect()
}

fn assert_same(preview: &Value, saved: &Value) {
    for field in SAID {
        assert_eq!(plain(&preview[field]), plain(&saved[field]), "{field}");
    }
    let plain_lines = |document| lines(document).iter().map(plain).collect::<Vec<_>>();
    assert_eq!(plain_lines(preview), plain_lines(saved));
}

/// The same with decimals as short as they are written: what is stored has the digits of its column.
fn plain(value: &Value) -> Value {
    match value {
        Value::String(text) => {
            text.parse::<rust_decimal::Decimal>().map_or_else(|_| value.clone(), |number| json!(number.normalize()))
        }
        Value::Array(values) => values.iter().map(plain).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), plain(value))).collect(),
        _ => value.clone(),
    }
}

#[tokio::test]
async fn a_preview_says_what_the_saved_draft_says_and_writes_nothing() {
    let app = TestApp::new().await;
    let party = app.customer("ZR7", "Acme", json!({ "payment_terms_days": 45 })).await;
    app.post("/api/products", json!({ "code": "POSE", "name": "Pose", "sale_price": "12.34" })).expect(201).await;
    let draft = json!({ "entity": "ZR7", "party_id": party, "discount": { "percent": "7.5" }, "lines": [
        { "item": "POSE", "quantity": "2.5" },
        { "name": "Rénovation", "unit_price": "500", "vat_rate": "10", "vat_reason": "renovation", "discount_pct": "3.33" },
        { "name": "Remise", "kind": "discount", "unit_price": "-10.01" }] });
    let preview = app.post("/api/documents/preview", draft.clone()).expect(200).await;
    let none = app.get("/api/documents").expect(200).await;
    assert_eq!(none["items"], json!([]));
    let saved = app.post("/api/documents", draft).expect(201).await;
    assert_same(&preview, &saved);
    let check = app.get(&format!("/api/documents/{}/check", id(&saved))).expect(200).await;
    assert_eq!(preview["check"], check);
    assert_eq!(check["can_issue"], json!(false));
    app.lawful("ZR7").await;
    let again = json!({ "party_id": party, "lines": saved["lines"] });
    let of = format!("/api/documents/preview?document={}", id(&saved));
    let mut again_lines = again;
    again_lines["lines"] = lines(&saved)
        .into_iter()
        .map(|mut line| {
            line.as_object_mut().unwrap().retain(|field, _| !matches!(field.as_str(), "gross" | "net"));
            line
        })
        .collect();
    let preview = app.post(&of, again_lines.clone()).expect(200).await;
    let saved = app.put(&format!("/api/documents/{}", id(&saved)), again_lines).expect(200).await;
    assert_same(&preview, &saved);
    assert_eq!(preview["check"]["can_issue"], json!(true));
}

#[tokio::test]
async fn a_preview_of_a_credit_note_keeps_its_invoice_and_refuses_by_field() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let invoice = app.invoice(&party, "100").await;
    let credit = json!({ "reason": "Retour", "lines": [{ "name": "Prestation", "unit_price": "40" }] });
    let note = app.post(&format!("/api/documents/{}/credit-notes", id(&invoice)), credit).expect(201).await;
    let of = format!("/api/documents/preview?document={}", id(&note));
    let changed = json!({ "party_id": party, "lines": [{ "name": "Prestation", "unit_price": "25" }] });
    let preview = app.post(&of, changed.clone()).expect(200).await;
    assert_eq!((decimal(&preview["gross"]), &preview["check"]["can_issue"]), (amount("30"), &json!(true)));
    let saved = app.put(&format!("/api/documents/{}", id(&note)), changed).expect(200).await;
    assert_same(&preview, &saved);
    let refused = json!({ "entity": "ZR7", "party_id": party, "lines": [{ "name": "A", "unit_price": "1" }, { "name": "B", "unit_price": "-1" }] });
    let answer = app.post("/api/documents/preview", refused).await;
    assert_eq!((answer.status.as_u16(), &answer.json["errors"][0]["field"]), (422, &json!("lines.1.unit_price")));
}

#[tokio::test]
async fn a_known_reason_says_why_a_line_bears_no_vat() {
    let app = TestApp::new().await;
    let party = app.customer("ZR7", "Acme", json!({ "vat_number": "FR64443061841" })).await;
    let line =
        json!({ "name": "Sous-traitance", "unit_price": "420", "vat_rate": "0", "vat_reason": "subcontracting" });
    let draft = json!({ "entity": "ZR7", "party_id": party, "lines": [line, { "name": "Pose", "unit_price": "10" }] });
    let preview = app.post("/api/documents/preview", draft).expect(200).await;
    let vat: Vec<_> =
        preview["vat_lines"].as_array().unwrap().iter().map(|group| group["category"].as_str().unwrap()).collect();
    assert_eq!((vat, decimal(&preview["gross"])), (vec!["S", "AE"], amount("432")));
    let refused = json!({ "entity": "ZR7", "party_id": party, "lines": [{ "name": "A", "unit_price": "1", "vat_rate": "0", "vat_reason": "parce que" }] });
    let answer = app.post("/api/documents/preview", refused).await;
    assert_eq!((answer.status.as_u16(), &answer.json["errors"][0]["field"]), (422, &json!("lines.0.vat_category")));
}

#[tokio::test]
async fn figures_tell_drafts_open_overdue_issued_and_what_a_customer_has_over() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    app.at("2026-03-02T09:00:00Z").await;
    let party = app.customer("ZR7", "Acme", json!({ "payment_terms_days": 10 })).await;
    let other = app.customer("ZR7", "Autre", json!({})).await;
    let old = app.invoice(&party, "100").await;
    app.invoice(&other, "1000").await;
    app.at("2026-04-02T09:00:00Z").await;
    app.draft(&party, json!([{ "name": "Prestation", "unit_price": "7" }])).await;
    app.invoice(&party, "50").await;
    app.pay(&party, "25", json!([{ "document_id": id(&old), "amount": "20" }])).await;
    let figures = app.get(&format!("/api/invoices/figures?party={party}")).expect(200).await;
    let expected = [
        ("drafts_net", "7"),
        ("open_balance", "160"),
        ("overdue_balance", "100"),
        ("issued_net", "50"),
        ("credit", "5"),
    ];
    for (field, value) in expected {
        assert_eq!(decimal(&figures[0][field]), amount(value), "{field}");
    }
    let counts = ["drafts", "open", "overdue", "issued"].map(|field| figures[0][field].as_i64().unwrap());
    assert_eq!((counts, figures.as_array().unwrap().len()), ([1, 2, 1, 1], 1));
    let all = app.get("/api/invoices/figures").expect(200).await;
    assert_eq!((&all[0]["open"], &all[0]["credit"]), (&json!(3), &json!(null)));
}

#[tokio::test]
async fn what_settles_a_document_and_what_was_made_of_it_is_named_both_ways() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let invoice = app.invoice(&party, "100").await;
    let paid = app.pay(&party, "70", json!([{ "document_id": id(&invoice), "amount": "70" }])).await;
    assert_eq!(paid["settlements"][0]["document_number"], invoice["number"]);
    let credit = app.post(
        &format!("/api/documents/{}/credit-notes", id(&invoice)),
        json!({ "reason": "Retour", "lines": [{ "name": "Prestation", "unit_price": "10" }] }),
    );
    let note = credit.expect(201).await;
    let made = app.get(&format!("/api/documents?of={}", id(&invoice))).expect(200).await;
    assert_eq!((made["items"].as_array().unwrap().len(), &made["items"][0]["id"]), (1, &note["id"]));
    for (group, count) in [("claims", 1), ("invoices", 2), ("offers", 0)] {
        let page = app.get(&format!("/api/documents?group={group}")).expect(200).await;
        assert_eq!(page["items"].as_array().unwrap().len(), count, "{group}");
    }
    let note = app.post(&format!("/api/documents/{}/issuance", id(&note)), json!({})).expect(200).await;
    let invoice = app.get(&format!("/api/documents/{}", id(&invoice))).expect(200).await;
    let settled: Vec<_> = invoice["settlements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["method"].clone(), one["credit_note_number"].clone()))
        .collect();
    assert_eq!(settled, [(json!("transfer"), json!(null)), (json!(null), note["number"].clone())]);
    let told = app.get(&format!("/api/documents/{}/activity", id(&invoice))).expect(200).await;
    let told: Vec<_> =
        told["items"].as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert!(told.contains(&"invoice_issued") && told.contains(&"invoice_credited"), "{told:?}");
    let told = app.get(&format!("/api/payments/{}/activity", id(&paid))).expect(200).await;
    assert_eq!(told["items"][0]["action"], json!("payment_recorded"));
}

#[tokio::test]
async fn payments_are_found_by_method_state_and_text() {
    let app = TestApp::new().await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let first = app.pay(&party, "10", json!([])).await;
    let cash = json!({ "entity": "ZR7", "party_id": party, "method": "cash", "amount": "20", "reference": "100%_REF" });
    let second = app.post("/api/payments", cash).expect(201).await;
    app.post(&format!("/api/payments/{}/bounce", id(&first)), json!({ "reason": "sans provision" })).expect(200).await;
    for (query, found) in [
        ("method=cash", vec![&second]),
        ("status=failed", vec![&first]),
        ("search=0%25_r", vec![&second]),
        ("search=acme", vec![&second, &first]),
        ("search=_x", vec![]),
    ] {
        let page = app.get(&format!("/api/payments?{query}")).expect(200).await;
        let ids: BTreeSet<_> = page["items"].as_array().unwrap().iter().map(id).collect();
        assert_eq!(ids, found.into_iter().map(id).collect(), "{query}");
    }
}

#[tokio::test]
async fn only_a_page_of_the_console_may_show_a_file_within_itself() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let draft = app.draft(&party, json!([{ "name": "Prestation", "unit_price": "10" }])).await;
    let file = app.get(&format!("/api/documents/{draft}/file")).await;
    assert_eq!(file.header("x-frame-options"), "SAMEORIGIN");
    assert!(file.header("content-security-policy").contains("frame-ancestors 'self'"));
    let data = app.get(&format!("/api/documents/{draft}")).await;
    assert_eq!(data.header("x-frame-options"), "DENY");
    assert!(data.header("content-security-policy").contains("frame-ancestors 'none'"));
}

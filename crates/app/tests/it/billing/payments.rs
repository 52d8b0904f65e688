//! Payments: what they settle, what is over, what comes back.

use futures_util::future::join_all;
use serde_json::json;

use super::{amount, decimal, id};
use crate::support::TestApp;

#[tokio::test]
async fn f_02_payments_move_a_locked_invoice_and_a_bounce_opens_it_again() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let invoice = app.invoice(&party, "100").await;
    let path = format!("/api/documents/{}", id(&invoice));
    let part = app.pay(&party, "100", json!([{ "document_id": id(&invoice), "amount": "100" }])).await;
    let seen = app.get(&path).expect(200).await;
    assert_eq!(
        (seen["status"].as_str(), seen["payment_state"].as_str(), decimal(&seen["balance"])),
        (Some("sent"), Some("partial"), amount("20"))
    );
    let rest = app.pay(&party, "20", json!([{ "document_id": id(&invoice), "amount": "20" }])).await;
    let seen = app.get(&path).expect(200).await;
    assert_eq!((seen["status"].as_str(), seen["payment_state"].as_str()), (Some("paid"), Some("paid")));
    assert_eq!((app.account("411").await, app.account("512").await), (amount("0"), amount("120")));
    let bounce = json!({ "reason": "AM04 provision insuffisante" });
    app.post(&format!("/api/payments/{}/bounce", id(&rest)), bounce.clone()).expect(200).await;
    let seen = app.get(&path).expect(200).await;
    assert_eq!((seen["status"].as_str(), decimal(&seen["balance"])), (Some("sent"), amount("20")));
    assert_eq!((app.account("411").await, app.account("512").await), (amount("20"), amount("100")));
    let again = app.post(&format!("/api/payments/{}/bounce", id(&rest)), bounce).await;
    assert_eq!(again.status, 409);
    assert_eq!(
        app.get(&format!("/api/payments/{}", id(&part))).expect(200).await["settlements"].as_array().unwrap().len(),
        1
    );
}

#[tokio::test]
async fn f_11_what_is_over_is_credit_that_can_be_used_and_given_back() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let first = app.invoice(&party, "100").await;
    let payment = app.pay(&party, "200", json!([{ "document_id": id(&first), "amount": "120" }])).await;
    assert_eq!(decimal(&payment["unallocated"]), amount("80"));
    assert_eq!((app.account("411").await, app.account("4191").await), (amount("0"), amount("-80")));
    let second = app.invoice(&party, "50").await;
    let path = format!("/api/payments/{}", id(&payment));
    let too_much = json!({ "allocations": [{ "document_id": id(&second), "amount": "60.01" }] });
    assert_eq!(app.post(&format!("{path}/allocations"), too_much).await.code(), "overpayment");
    let used = json!({ "allocations": [{ "document_id": id(&second), "amount": "60" }] });
    let used = app.post(&format!("{path}/allocations"), used).expect(200).await;
    assert_eq!(decimal(&used["unallocated"]), amount("20"));
    assert_eq!((app.account("411").await, app.account("4191").await), (amount("0"), amount("-20")));
    let refund = |much: &str| json!({ "amount": much, "method": "transfer" });
    assert_eq!(app.post(&format!("{path}/refunds"), refund("20.01")).await.code(), "credit_too_small");
    app.post(&format!("{path}/refunds"), refund("20")).expect(201).await;
    assert_eq!((app.account("4191").await, app.account("512").await), (amount("0"), amount("180")));
    // What was given back is not taken back with the payment.
    let refused = app.post(&format!("{path}/bounce"), json!({ "reason": "AC04" })).await;
    assert_eq!(refused.code(), "payment_refunded");
}

#[tokio::test]
async fn f_10_taking_back_a_payment_whose_credit_was_used_opens_all_it_settled() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let (first, second) = (app.invoice(&party, "100").await, app.invoice(&party, "50").await);
    let payment = app.pay(&party, "180", json!([{ "document_id": id(&first), "amount": "120" }])).await;
    let used = json!({ "allocations": [{ "document_id": id(&second), "amount": "60" }] });
    app.post(&format!("/api/payments/{}/allocations", id(&payment)), used).expect(200).await;
    app.post(&format!("/api/payments/{}/bounce", id(&payment)), json!({ "reason": "Rejet" })).expect(200).await;
    for (invoice, open) in [(&first, "120"), (&second, "60")] {
        let seen = app.get(&format!("/api/documents/{}", id(invoice))).expect(200).await;
        assert_eq!((seen["status"].as_str(), decimal(&seen["balance"])), (Some("sent"), amount(open)));
    }
    let balances = [app.account("411").await, app.account("4191").await, app.account("512").await];
    assert_eq!(balances, ["180", "0", "0"].map(amount));
}

#[tokio::test]
async fn f_12_a_payment_asks_for_its_method_and_refuses_what_cannot_be() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let invoice = app.invoice(&party, "100").await;
    let other = app.customer("ZR7", "Other", json!({ "siren": "732829320" })).await;
    let payment = |fields: serde_json::Value| {
        let mut payment = json!({ "entity": "ZR7", "party_id": party, "method": "transfer", "amount": "120" });
        for (key, value) in fields.as_object().unwrap() {
            payment[key] = value.clone();
        }
        payment
    };
    let mut silent = payment(json!({}));
    silent.as_object_mut().unwrap().remove("method");
    app.post("/api/payments", silent).expect(422).await;
    let share = |much: &str| json!({ "allocations": [{ "document_id": id(&invoice), "amount": much }] });
    let cases = [
        (json!({ "amount": "0" }), 422),
        (json!({ "amount": "-5" }), 422),
        (json!({ "amount": "1.001" }), 422),
        (json!({ "currency": "EURO" }), 422),
        (json!({ "received_on": "2026-02-12" }), 422),
        (json!({ "method": "virement" }), 422),
        (json!({ "direction": "refund" }), 422),
        (share("120.01"), 422),
        (share("0"), 422),
        (json!({ "amount": "500", "allocations": [{ "document_id": id(&invoice), "amount": "120.01" }] }), 409),
        (json!({ "party_id": other, "allocations": [{ "document_id": id(&invoice), "amount": "1" }] }), 409),
        (
            json!({ "allocations": [{ "document_id": id(&invoice), "amount": "1" }, { "document_id": id(&invoice), "amount": "1" }] }),
            422,
        ),
    ];
    for (fields, status) in cases {
        let answer = app.post("/api/payments", payment(fields.clone())).await;
        assert_eq!(answer.status.as_u16(), status, "{fields}: {}", answer.json);
    }
    let paid = app.post(&format!("/api/invoices/{}/mark-paid", id(&invoice)), json!({})).await;
    assert_eq!(paid.status, 422);
    let paid = json!({ "method": "cheque", "reference": "CHQ 12" });
    app.post(&format!("/api/invoices/{}/mark-paid", id(&invoice)), paid.clone()).expect(200).await;
    assert_eq!(app.account("5112").await, amount("120"));
    app.post(&format!("/api/invoices/{}/mark-paid", id(&invoice)), paid).expect(409).await;
    assert_eq!(app.value::<i64>("select count(*) from billing.payment where tenant_id = $1").await, 1);
}

#[tokio::test]
async fn parallel_payments_never_settle_more_than_is_open() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let invoice = app.invoice(&party, "100").await;
    let payment = json!({ "entity": "ZR7", "party_id": party, "method": "card", "amount": "70",
        "allocations": [{ "document_id": id(&invoice), "amount": "70" }] });
    let answers = join_all((0..6).map(|_| app.post("/api/payments", payment.clone()).into_future())).await;
    let recorded = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(recorded, 1);
    assert_eq!(app.account("411").await, amount("50"));
}

#[tokio::test]
async fn vat_on_receipt_is_declared_as_it_is_paid() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let mut legal = app.get("/api/entities/ZR7/legal").expect(200).await["legal"].clone();
    legal["vat_regime"] = json!("on_receipts");
    app.put("/api/entities/ZR7/legal", legal).expect(200).await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let invoice = app.invoice(&party, "100").await;
    let vat = async || (app.account("44574").await, app.account("44571").await);
    let declared = async || {
        app.value::<rust_decimal::Decimal>("select coalesce(sum(vat), 0) from ledger.vat_line where tenant_id = $1")
            .await
    };
    assert_eq!((vat().await, declared().await), ((amount("-20"), amount("0")), amount("0")));
    let part = app.pay(&party, "40", json!([{ "document_id": id(&invoice), "amount": "40" }])).await;
    assert_eq!((vat().await, declared().await), ((amount("-13.33"), amount("-6.67")), amount("6.67")));
    app.pay(&party, "80", json!([{ "document_id": id(&invoice), "amount": "80" }])).await;
    assert_eq!((vat().await, declared().await), ((amount("0"), amount("-20")), amount("20")));
    app.post(&format!("/api/payments/{}/bounce", id(&part)), json!({ "reason": "Rejet" })).expect(200).await;
    assert_eq!((vat().await, declared().await), ((amount("-6.67"), amount("-13.33")), amount("13.33")));
}

#[tokio::test]
async fn vat_falls_due_once_even_when_the_regime_changes_between_an_invoice_and_its_payment() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let regime = async |word: &str| {
        let mut legal = app.get("/api/entities/ZR7/legal").expect(200).await["legal"].clone();
        legal["vat_regime"] = json!(word);
        app.put("/api/entities/ZR7/legal", legal).expect(200).await;
    };
    let vat = async || (app.account("44574").await, app.account("44571").await);
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let on_issue = app.invoice(&party, "100").await;
    regime("on_receipts").await;
    let on_receipt = app.invoice(&party, "50").await;
    app.pay(&party, "60", json!([{ "document_id": id(&on_issue), "amount": "60" }])).await;
    assert_eq!(vat().await, (amount("-10"), amount("-20")));
    let credit = async |of: &serde_json::Value, net: &str| {
        let note = json!({ "reason": "Retour", "lines": [{ "name": "Prestation", "unit_price": net }] });
        let note = app.post(&format!("/api/documents/{}/credit-notes", id(of)), note).expect(201).await;
        app.post(&format!("/api/documents/{}/issuance", id(&note)), json!({})).expect(200).await;
    };
    credit(&on_issue, "20").await;
    assert_eq!(vat().await, (amount("-10"), amount("-16")));
    regime("on_invoicing").await;
    credit(&on_receipt, "10").await;
    assert_eq!(vat().await, (amount("-8"), amount("-16")));
    app.pay(&party, "48", json!([{ "document_id": id(&on_receipt), "amount": "48" }])).await;
    assert_eq!(vat().await, (amount("0"), amount("-24")));
    let declared = "select coalesce(sum(vat), 0) from ledger.vat_line where tenant_id = $1";
    assert_eq!(app.value::<rust_decimal::Decimal>(declared).await, amount("24"));
}

#[tokio::test]
async fn l_41_what_is_late_is_computed_by_query_and_told_by_a_job() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({ "payment_terms_days": 30 })).await;
    app.at("2026-02-10T09:00:00Z").await;
    let invoice = app.invoice(&party, "100").await;
    assert_eq!(invoice["due_on"], "2026-03-12");
    app.at("2026-03-12T22:30:00Z").await;
    assert_eq!(app.get("/api/invoices?status=overdue").expect(200).await["items"], json!([]));
    app.at("2026-03-20T09:00:00Z").await;
    let listed = app.get("/api/invoices?status=overdue").expect(200).await;
    let dashboard = app.get("/api/invoices/overdue-dashboard").expect(200).await;
    assert_eq!(
        (listed["items"][0]["days_late"].as_i64(), dashboard["customers"][0]["days_late"].as_i64()),
        (Some(8), Some(8))
    );
    assert_eq!((decimal(&dashboard["totals"][0]["gross"]), dashboard["invoices"].as_i64()), (amount("120"), Some(1)));
    assert_eq!(app.value::<String>("select payment_state from billing.document where tenant_id = $1").await, "unpaid");
    app.run("billing-daily").await;
    app.run("billing-daily").await;
    assert_eq!(app.value::<String>("select payment_state from billing.document where tenant_id = $1").await, "overdue");
    let told = "select count(*) from platform.event where tenant_id = $1 and action = 'invoice_overdue'";
    assert_eq!(app.value::<i64>(told).await, 1);
}

#[tokio::test]
async fn a_payment_with_a_long_reference_bounces_like_any_other() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let invoice = app.invoice(&party, "100").await;
    let payment = json!({ "entity": "ZR7", "party_id": party, "method": "transfer", "amount": "120", "reference": "é".repeat(500),
        "allocations": [{ "document_id": invoice["id"], "amount": "120" }] });
    let paid = app.post("/api/payments", payment).expect(201).await;
    let path = format!("/api/payments/{}/bounce", id(&paid));
    app.post(&path, json!({ "reason": "Provision insuffisante" })).expect(200).await;
    let labels =
        "select string_agg(label, '|' order by number) from ledger.entry where tenant_id = $1 and journal = 'BQ'";
    let labels: Vec<_> = app.value::<String>(labels).await.split('|').map(str::to_owned).collect();
    assert_eq!((labels[0].chars().count(), labels[0].ends_with("é…")), (500, true));
    assert_eq!(labels[1], format!("{}: Provision insuffisante", "é".repeat(100)));
    let open = app.get(&format!("/api/documents/{}", id(&invoice))).expect(200).await;
    assert_eq!(decimal(&open["balance"]), amount("120"));
    app.ledger_balances().await;
}

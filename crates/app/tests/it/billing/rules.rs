//! Requirements of spec/field.md 11 on invoices that no other file here proves.

use axum::http::Method;
use futures_util::future::join_all;
use serde_json::json;

use super::{amount, decimal, id};
use crate::support::{TestApp, owner};

/// A PNG that says how large it is, and is nothing else.
const HOLLOW: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 0x10, 0, 0, 0,
    0x10, 8, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0, 0, 0, 0,
];

#[tokio::test]
async fn f_04_what_stands_on_an_invoice_cannot_be_deleted_and_takes_nothing_with_it() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let invoice = app.invoice(&party, "100").await;
    app.pay(&party, "120", json!([{ "document_id": id(&invoice), "amount": "120" }])).await;
    let rows =
        "select (select count(*) from billing.document where tenant_id = $1) + (select count(*) from billing.payment
        where tenant_id = $1) + (select count(*) from ledger.entry_line where tenant_id = $1)";
    let before = app.value::<i64>(rows).await;
    for sql in [
        "delete from parties.party where tenant_id = $1",
        "delete from platform.membership where tenant_id = $1",
        "delete from billing.document where tenant_id = $1",
        "delete from ledger.entry where tenant_id = $1",
    ] {
        let done = sqlx::query(sql).bind(app.tenant.uuid()).execute(&mut owner().await).await;
        assert!(done.is_err() || sql.contains("membership"), "{sql}");
        assert_eq!(app.value::<i64>(rows).await, before, "{sql}");
    }
}

#[tokio::test]
async fn f_08_an_empty_draft_is_neither_paid_nor_overdue() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let draft = app.draft(&party, json!([])).await;
    app.at("2026-06-01T09:00:00Z").await;
    app.run("billing-daily").await;
    let seen = app.get(&format!("/api/documents/{draft}")).expect(200).await;
    assert_eq!((seen["status"].as_str(), &seen["payment_state"]), (Some("draft"), &json!(null)));
    for state in ["paid", "overdue", "credited", "unpaid"] {
        let listed = app.get(&format!("/api/invoices?status={state}")).expect(200).await;
        assert_eq!(listed["items"], json!([]), "{state}");
    }
    assert_eq!(app.post(&format!("/api/invoices/{draft}/mark-paid"), json!({ "method": "cash" })).await.status, 409);
}

#[tokio::test]
async fn f_15_the_log_tells_what_really_happened_to_an_invoice() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let draft = app.draft(&party, json!([{ "name": "Pose", "unit_price": "100" }])).await;
    app.tick();
    let invoice = app.post(&format!("/api/documents/{draft}/issuance"), json!({})).expect(200).await;
    app.tick();
    let payment = app.pay(&party, "120", json!([{ "document_id": id(&invoice), "amount": "120" }])).await;
    app.tick();
    app.post(&format!("/api/payments/{}/bounce", id(&payment)), json!({ "reason": "Rejet" })).expect(200).await;
    let told = app.get(&format!("/api/event-log?entity_id={}", id(&invoice))).expect(200).await;
    let mut actions: Vec<_> =
        told["items"].as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap()).collect();
    actions.reverse();
    assert_eq!(actions, ["invoice_created", "invoice_issued", "invoice_paid", "invoice_reopened"]);
}

#[tokio::test]
async fn f_19_documents_are_private_and_a_guessed_address_gives_nothing() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let invoice = app.invoice(&party, "100").await;
    let path = format!("/api/documents/{}/file", id(&invoice));
    assert_eq!(app.send(Method::GET, &path, None).await.status, 401);
    let ops = app.member("ops", "ZR7").await;
    assert_eq!(app.get(&path).by(&ops).await.status, 403);
    let elsewhere = app.member("admin", "MDL").await;
    assert_eq!(app.get(&path).by(&elsewhere).await.status, 404);
    let whole = app.get(&path).await;
    assert_eq!((whole.status.as_u16(), whole.header("cache-control")), (200, "private, no-store"));
}

#[tokio::test]
async fn f_23_a_thousand_invoices_are_marked_in_one_run_each_once_and_drafts_never() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let invoice = app.invoice(&party, "100").await;
    app.draft(&party, json!([{ "name": "Pose", "unit_price": "10" }])).await;
    let copies =
        "insert into billing.document select (jsonb_populate_record(d, jsonb_build_object('id', gen_random_uuid(),
            'number', 'X-2026-' || n, 'mirror_id', null))).*
        from billing.document d cross join generate_series(1, 1000) n where d.tenant_id = $1 and d.id = $2::uuid";
    let mut connection = owner().await;
    sqlx::query("set session_replication_role = replica").execute(&mut connection).await.unwrap();
    sqlx::query(copies).bind(app.tenant.uuid()).bind(id(&invoice)).execute(&mut connection).await.unwrap();
    app.at("2026-06-01T09:00:00Z").await;
    let report = app.run("billing-daily").await;
    assert_eq!(report["overdue"], 1001);
    assert_eq!(app.run("billing-daily").await["overdue"], 0);
    let told = "select count(*) from platform.event where tenant_id = $1 and action = 'invoice_overdue'";
    assert_eq!(app.value::<i64>(told).await, 1001);
}

#[tokio::test]
async fn f_24_a_page_that_cannot_be_set_consumes_no_number_and_leaves_nothing() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let draft = app.draft(&party, json!([{ "name": "Pose", "unit_price": "10" }])).await;
    let logo = "/api/entities/ZR7/logo";
    app.send(Method::PUT, logo, None).by(&app.root).raw("image/png", HOLLOW).expect(200).await;
    let issue = || app.post(&format!("/api/documents/{draft}/issuance"), json!({}));
    assert_eq!(issue().await.code(), "page_not_set");
    assert_eq!(app.account("").await, amount("0"));
    assert_eq!(app.value::<i64>("select count(*) from billing.number_series where tenant_id = $1").await, 0);
    app.send(Method::DELETE, logo, None).by(&app.root).expect(204).await;
    assert_eq!(issue().expect(200).await["number"], "FAC-2026-0001");
}

#[tokio::test]
async fn a_stored_page_that_changed_is_told_of() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    app.invoice(&party, "100").await;
    assert_eq!(app.run("billing-rehash").await, json!({ "read": 1, "changed": 0 }));
    let mut connection = owner().await;
    sqlx::query("set session_replication_role = replica").execute(&mut connection).await.unwrap();
    let sql = "update billing.document_file set content = content || '\\x00', sha256 = encode(sha256(content || '\\x00'), 'hex')
        where tenant_id = $1 and format = 'pdf'";
    sqlx::query(sql).bind(app.tenant.uuid()).execute(&mut connection).await.unwrap();
    assert_eq!(app.run("billing-rehash").await, json!({ "read": 1, "changed": 1 }));
    let told = app.get("/api/event-log?action=document_page_changed").expect(200).await;
    assert_eq!(told["items"][0]["severity"], "error");
}

#[tokio::test]
async fn f_05_quotes_are_numbered_one_after_the_other_at_once() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let mut drafts = Vec::new();
    for _ in 0..20 {
        let quote = json!({ "entity": "ZR7", "kind": "quote", "party_id": party, "lines": [{ "name": "Pose", "unit_price": "5" }] });
        drafts.push(format!("/api/documents/{}/issuance", id(&app.post("/api/documents", quote).expect(201).await)));
    }
    let answers = join_all(drafts.iter().map(|path| app.post(path, json!({})).into_future())).await;
    let mut numbers: Vec<_> = answers.iter().map(|answer| answer.json["number"].as_str().unwrap()).collect();
    numbers.sort_unstable();
    let expected: Vec<_> = (1..=20).map(|n| format!("DEV-2026-{n:04}")).collect();
    assert_eq!(numbers, expected);
    assert_eq!(decimal(&answers[0].json["gross"]), amount("6"));
}

#[tokio::test]
async fn health_tells_of_invoices_and_of_what_watches_over_them() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({ "payment_terms_days": 10 })).await;
    let invoice = app.invoice(&party, "100").await;
    let health = async || app.get("/api/system/health").expect(200).await["modules"]["invoices"].clone();
    let quiet = json!({ "overdue": 0, "changed_pages": 0, "drifted_balances": 0, "missed_jobs": [] });
    assert_eq!(health().await, json!({ "status": "ok", "figures": quiet }));
    app.at("2026-02-22T09:00:00Z").await;
    let missed = json!(["billing-daily", "billing-rehash", "reconcile-payments"]);
    assert_eq!(health().await["figures"]["missed_jobs"], missed);
    for job in ["billing-daily", "billing-rehash", "reconcile-payments"] {
        app.run(job).await;
    }
    let found = health().await;
    assert_eq!((found["status"].as_str(), found["figures"]["overdue"].as_i64()), (Some("warning"), Some(1)));
    assert_eq!(found["figures"]["missed_jobs"], json!([]));
    let mut owner = owner().await;
    sqlx::query("set session_replication_role = replica").execute(&mut owner).await.unwrap();
    for sql in [
        "update billing.document set paid = 1 where tenant_id = $1",
        "update billing.document_file set content = '\\x00', sha256 = encode(sha256('\\x00'), 'hex') where tenant_id = $1 and format = 'pdf'",
    ] {
        sqlx::query(sql).bind(app.tenant.uuid()).execute(&mut owner).await.unwrap();
    }
    app.tick();
    app.run("billing-rehash").await;
    app.run("reconcile-payments").await;
    let found = health().await;
    assert_eq!(
        (found["status"].as_str(), &found["figures"]["changed_pages"], &found["figures"]["drifted_balances"]),
        (Some("degraded"), &json!(1), &json!(1)),
        "{}",
        invoice["number"]
    );
}

//! Nothing frozen changes, whoever writes: every column of every frozen table, as the service and as the owner (F-01, F-03, F-04).

use serde_json::json;
use sqlx::Connection as _;

use super::id;
use crate::support::{TestApp, app_connection, owner};

/// The tables whose rows are frozen, with what payments and the keeper of pages may still set.
const FROZEN: &[(&str, &[&str])] = &[
    ("billing.document", &["status", "payment_state", "paid", "credited", "settled_on", "disputed", "updated_at"]),
    ("billing.document_line", &[]),
    ("billing.document_vat", &[]),
    ("billing.document_file", &[]),
    ("billing.billed", &["released_on"]),
    ("billing.payment", &["status", "bounce_entry_id", "bounced_on", "bounce_reason", "updated_at"]),
    ("billing.allocation", &["released_on", "release_reason"]),
    ("billing.allocation_vat", &[]),
    ("billing.bank_statement", &[]),
    ("billing.bank_line", &["state", "suggestions", "matched_at", "matched_by", "ignore_reason", "updated_at"]),
    ("billing.bank_match", &["undone_at", "undone_by", "undone_reason"]),
    (
        "billing.incoming_invoice",
        &[
            "status",
            "party_id",
            "approved_at",
            "approved_by",
            "refused_at",
            "refused_by",
            "refusal_reason",
            "booked_at",
            "booked_by",
            "document_id",
            "updated_at",
        ],
    ),
    ("billing.incoming_file", &[]),
    ("billing.document_mail", &["told_at"]),
];

/// The tables of billing whose rows a trigger of ours guards against changes.
async fn frozen_tables() -> Vec<String> {
    let sql = "select distinct 'billing.' || c.relname from pg_trigger t
        join pg_class c on c.oid = t.tgrelid
        where c.relnamespace = 'billing'::regnamespace and not t.tgisinternal and t.tgtype & 16 = 16
            and t.tgname ~ '_(freeze|frozen|keep)$' order by 1";
    sqlx::query_scalar(sql).fetch_all(&mut owner().await).await.unwrap()
}

async fn columns(table: &str) -> Vec<(String, String)> {
    let sql = "select attname::text, format_type(atttypid, atttypmod) from pg_attribute
        where attrelid = $1::text::regclass and attnum > 0 and not attisdropped order by attnum";
    sqlx::query_as(sql).bind(table).fetch_all(&mut owner().await).await.unwrap()
}

/// Another value of a type.
fn other(kind: &str, column: &str) -> String {
    match kind {
        "uuid" => "gen_random_uuid()".into(),
        "jsonb" => "'{\"other\": true}'".into(),
        "boolean" => format!("not {column}"),
        "date" => format!("coalesce({column}, '2020-01-01') + 1"),
        "bytea" => "'\\x00'".into(),
        "timestamp with time zone" => format!("coalesce({column}, now()) + interval '1 hour'"),
        _ if kind.starts_with("numeric") || kind == "integer" || kind == "bigint" => {
            format!("coalesce({column}, 0) + 1")
        }
        _ => format!("coalesce({column}, '') || 'x'"),
    }
}

#[tokio::test]
async fn f_01_f_03_nothing_frozen_changes_whoever_writes() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let mut legal = app.get("/api/entities/ZR7/legal").expect(200).await["legal"].clone();
    legal["vat_regime"] = json!("on_receipts");
    app.put("/api/entities/ZR7/legal", legal).expect(200).await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let hour = json!({ "kind": "time_entry", "reference": "T-1" });
    let draft = app.draft(&party, json!([{ "name": "Pose", "unit_price": "100", "bills": [hour] }])).await;
    let invoice = app.post(&format!("/api/documents/{draft}/issuance"), json!({})).expect(200).await;
    app.pay(&party, "50", json!([{ "document_id": id(&invoice), "amount": "50" }])).await;
    app.post(&format!("/api/documents/{}/mails", id(&invoice)), json!({})).expect(201).await;
    let account = app.bank(json!({})).await;
    app.told(&account, &[&format!("2026-02-10;VIR {};70.00;;;R1", invoice["number"].as_str().unwrap())]).await;
    let received = super::incoming::cii("F-1");
    app.receive("MDL", einvoice::cii::write(&received).unwrap()).await.expect(201);
    let mut named: Vec<_> = FROZEN.iter().map(|(table, _)| (*table).to_owned()).collect();
    named.sort_unstable();
    assert_eq!(frozen_tables().await, named, "every table that refuses changes is tried");
    let mut tried = 0;
    for as_owner in [true, false] {
        let mut connection = if as_owner { owner().await } else { app_connection().await };
        for (table, free) in FROZEN {
            for (column, kind) in columns(table).await {
                let mut tx = connection.begin().await.unwrap();
                let tenant = app.tenant;
                let scope = format!("set local app.tenant = '{tenant}'; set local app.whole_tenant = 'on'");
                sqlx::raw_sql(sqlx::AssertSqlSafe(scope)).execute(&mut *tx).await.unwrap();
                let sql =
                    format!("update {table} set {column} = {} where tenant_id = '{tenant}'", other(&kind, &column));
                let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut *tx).await;
                let why = done.err().map(|error| error.to_string()).unwrap_or_default();
                if !free.contains(&column.as_str()) {
                    assert!(
                        !why.is_empty(),
                        "{table}.{column} changed as {}",
                        if as_owner { "owner" } else { "service" }
                    );
                    tried += 1;
                }
                tx.rollback().await.unwrap();
            }
            for sql in
                [format!("delete from {table} where tenant_id = '{}'", app.tenant), format!("truncate {table} cascade")]
            {
                let mut tx = connection.begin().await.unwrap();
                let scope = format!("set local app.tenant = '{}'; set local app.whole_tenant = 'on'", app.tenant);
                sqlx::raw_sql(sqlx::AssertSqlSafe(scope)).execute(&mut *tx).await.unwrap();
                let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.clone())).execute(&mut *tx).await;
                assert!(done.is_err() || as_owner && sql.starts_with("truncate"), "{sql}");
                tx.rollback().await.unwrap();
            }
        }
    }
    assert!(tried > 150, "only {tried} columns were tried");
}

#[tokio::test]
async fn f_01_a_hash_that_is_set_carries_nothing_else_with_it() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let invoice = app.invoice(&party, "100").await;
    let mut connection = owner().await;
    let set =
        |set: &str| sqlx::AssertSqlSafe(format!("update billing.document set {set} where id = '{}'", id(&invoice)));
    let mut tx = connection.begin().await.unwrap();
    // A document that waits for its page exists only when somebody makes one.
    sqlx::raw_sql("set local session_replication_role = replica; alter table billing.document drop constraint document_page_check")
        .execute(&mut *tx)
        .await
        .unwrap();
    sqlx::raw_sql(set("pdf_sha256 = null")).execute(&mut *tx).await.unwrap();
    sqlx::raw_sql("set local session_replication_role = origin; savepoint s").execute(&mut *tx).await.unwrap();
    let hash = "a".repeat(64);
    assert!(sqlx::raw_sql(set(&format!("pdf_sha256 = '{hash}', net = net + 1"))).execute(&mut *tx).await.is_err());
    sqlx::raw_sql("rollback to s").execute(&mut *tx).await.unwrap();
    sqlx::raw_sql(set(&format!("pdf_sha256 = '{hash}'"))).execute(&mut *tx).await.unwrap();
    assert!(sqlx::raw_sql(set(&format!("pdf_sha256 = '{}'", "b".repeat(64)))).execute(&mut *tx).await.is_err());
    tx.rollback().await.unwrap();
}

#[tokio::test]
async fn an_issued_invoice_says_that_it_is_locked() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let invoice = app.invoice(&party, "100").await;
    let path = format!("/api/documents/{}", id(&invoice));
    let refused = app.put(&path, json!({ "party_id": party, "lines": [] })).expect(409).await;
    assert_eq!(
        (refused["type"].as_str(), refused["detail"].as_str()),
        (Some("urn:comptoir:problem:invoice_locked"), Some("Invoice FAC-2026-0001 is locked (status: sent)"))
    );
    let refused = app.send(axum::http::Method::DELETE, &path, None).by(&app.root).expect(409).await;
    assert_eq!(refused["type"], "urn:comptoir:problem:invoice_locked");
    app.post(&format!("{path}/issuance"), json!({})).expect(409).await;
}

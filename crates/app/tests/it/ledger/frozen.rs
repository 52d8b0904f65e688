//! What is posted never changes, and nothing unbalanced is posted: whoever writes, by whatever way.

use serde_json::json;
use sqlx::{AssertSqlSafe, PgConnection};

use super::{begin, ctx, customer, day, entity, posted, receipt, sale};
use crate::support::{TestApp, app_connection, owner};

/// Tables that take no change at all, and those of which single columns change once.
const FROZEN: [(&str, &[&str]); 8] = [
    ("entry", &[]),
    ("entry_line", &[]),
    ("vat_line", &[]),
    ("lettering", &["undone_at", "undone_by"]),
    ("lettering_line", &["undone_at"]),
    ("exchange_rate", &["superseded_by"]),
    ("period_lock", &["locked", "unlocked_at", "unlocked_by", "unlock_reason"]),
    ("fiscal_year", &["closed_at", "closed_by"]),
];

/// Books with something in every frozen table.
async fn books() -> TestApp {
    let app = TestApp::new().await;
    let customer = customer(&app, "ZR7", "C00042").await;
    let zr7 = entity(&ctx(&app).await, "ZR7");
    let invoice = posted(&app, sale(zr7, &customer, "FAC-1", day("2026-02-11"))).await;
    let paid = posted(&app, receipt(zr7, &customer, "343.89", day("2026-02-11"))).await;
    let mut tx = begin(&app).await;
    ledger::letter(&mut tx, &[invoice.line_ids[0], paid.line_ids[1]]).await.unwrap();
    tx.commit().await.unwrap();
    let rate = json!({ "entity": "ZR7", "from": "EUR", "to": "USD", "rate_type": "market", "on": "2026-02-11", "rate": "1.08" });
    app.put("/api/ledger/rates", rate).expect(200).await;
    app
}

/// A connection of the service's role, in a transaction of this tenant.
async fn service(app: &TestApp) -> PgConnection {
    let mut connection = app_connection().await;
    let opening = format!(
        "begin; set local app.tenant = '{}'; set local app.entities = '{{}}'; set local app.whole_tenant = 'on'",
        app.tenant
    );
    sqlx::raw_sql(AssertSqlSafe(opening)).execute(&mut connection).await.unwrap();
    connection
}

/// The SQL state and constraint with which a statement is refused, at once or when the transaction would end; none when it is not.
/// Nothing of it stays.
async fn refusal(connection: &mut PgConnection, sql: &str) -> Option<(String, String)> {
    sqlx::raw_sql("savepoint tried").execute(&mut *connection).await.unwrap();
    let mut refused = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut *connection).await.err();
    if refused.is_none() {
        refused = sqlx::raw_sql("set constraints all immediate").execute(&mut *connection).await.err();
    }
    sqlx::raw_sql("rollback to savepoint tried").execute(&mut *connection).await.unwrap();
    refused.map(|error| {
        let error = error.into_database_error().expect("a refusal of the database");
        (error.code().unwrap().into_owned(), error.constraint().unwrap_or_default().to_owned())
    })
}

/// Another value of a column's type.
fn other(column: &str, kind: &str) -> String {
    match kind {
        "uuid" => "gen_random_uuid()".to_owned(),
        "boolean" => format!("not {column}"),
        "date" => format!("coalesce({column} + 1, date '2020-01-01')"),
        "timestamp with time zone" => format!("coalesce({column} + interval '1 day', now())"),
        "text" => format!("coalesce({column}, '') || 'X'"),
        _ => format!("coalesce({column}, 0) + 1"),
    }
}

#[tokio::test]
async fn no_column_of_a_frozen_table_can_be_changed_by_the_service_or_by_the_owner() {
    let app = books().await;
    let lock =
        json!({ "entity": "ZR7", "starts_on": "2026-01-01", "ends_on": "2026-01-31", "reason": "TVA de janvier" });
    app.post("/api/ledger/locks", lock).expect(201).await;
    let (mut service, mut owner) = (service(&app).await, owner().await);
    sqlx::raw_sql("begin").execute(&mut owner).await.unwrap();
    let kept: Vec<String> = sqlx::query_scalar(
        "select distinct c.relname::text from pg_trigger t
         join pg_class c on c.oid = t.tgrelid
         join pg_proc p on p.oid = t.tgfoid
         where c.relnamespace = 'ledger'::regnamespace and p.proname in ('refuse_change', 'refuse_second_change') and t.tgtype & 16 = 16
         order by 1",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    let mut named: Vec<_> = FROZEN.iter().map(|(table, _)| *table).collect();
    named.sort_unstable();
    assert_eq!(kept, named, "every table that refuses changes is tried");
    let mut tried = 0;
    for (table, may) in FROZEN {
        let columns: Vec<(String, String)> = sqlx::query_as(
            "select column_name::text, data_type::text from information_schema.columns
             where table_schema = 'ledger' and table_name = $1 order by ordinal_position",
        )
        .bind(table)
        .fetch_all(&mut owner)
        .await
        .unwrap();
        let rows = format!("where tenant_id = '{}'", app.tenant);
        for (column, kind) in columns.iter().filter(|(column, _)| !may.contains(&column.as_str())) {
            let change = format!("update ledger.{table} set {column} = {} {rows}", other(column, kind));
            let refused = refusal(&mut service, &change).await;
            assert_eq!(refused.map(|(state, _)| state).as_deref(), Some("42501"), "the service: {change}");
            let refused = refusal(&mut owner, &change).await;
            assert_eq!(refused, Some(("23001".into(), "ledger_frozen".into())), "the owner: {change}");
            tried += 1;
        }
        let delete = format!("delete from ledger.{table} {rows}");
        assert_eq!(refusal(&mut service, &delete).await.map(|(state, _)| state).as_deref(), Some("42501"), "{delete}");
        assert_eq!(
            refusal(&mut owner, &delete).await.map(|(_, name)| name).as_deref(),
            Some("ledger_frozen"),
            "{delete}"
        );
        let truncate = format!("truncate ledger.{table} cascade");
        assert!(refusal(&mut service, &truncate).await.is_some(), "{truncate}");
        if may.is_empty() {
            assert!(refusal(&mut owner, &truncate).await.is_some(), "{truncate}");
        }
    }
    assert!(tried > 60, "{tried} columns");
    let unletter = format!("update ledger.lettering_line set undone_at = now() where tenant_id = '{}'", app.tenant);
    assert_eq!(refusal(&mut service, &unletter).await, None, "taking apart is the one change");
    let again =
        format!("{unletter}; update ledger.lettering_line set undone_at = null where tenant_id = '{}'", app.tenant);
    assert_eq!(refusal(&mut owner, &again).await.map(|(_, name)| name).as_deref(), Some("ledger_frozen"));
    for table in ["account_day", "journal_year"] {
        for change in
            [format!("update ledger.{table} set tenant_id = tenant_id"), format!("delete from ledger.{table}")]
        {
            assert_eq!(
                refusal(&mut service, &change).await.map(|(state, _)| state).as_deref(),
                Some("42501"),
                "{change}"
            );
        }
    }
    for change in ["code = code || '9'", "class = 'asset'", "entity_id = gen_random_uuid()"] {
        let change = format!("update ledger.account set {change} where tenant_id = '{}' and stem = '401'", app.tenant);
        assert_eq!(
            refusal(&mut service, &change).await.map(|(_, name)| name).as_deref(),
            Some("account_kept"),
            "{change}"
        );
    }
    let book = format!("update ledger.book set functional_currency = 'CHF' where tenant_id = '{}'", app.tenant);
    assert_eq!(refusal(&mut owner, &book).await.map(|(_, name)| name).as_deref(), Some("book_kept"));
    app.ledger_balances().await;
}

/// The statement that writes an entry with two lines.
fn entry(app: &TestApp, on: &str, lines: &str) -> String {
    format!(
        "with base as (
            select b.tenant_id, b.entity_id, y.id as year, (select id from ledger.account a where a.tenant_id = b.tenant_id
                and a.entity_id = b.entity_id and a.stem = '471') as account
            from ledger.book b join ledger.fiscal_year y on y.tenant_id = b.tenant_id and y.entity_id = b.entity_id
            where b.tenant_id = '{}'
         ), head as (
            insert into ledger.entry (tenant_id, id, entity_id, journal, fiscal_year_id, entry_on, piece_ref, piece_on, label, source_kind,
                source_id, line_count, vat_count, carried, posted_at, posted_by)
            select tenant_id, '00000000-0000-7000-8000-000000000001', entity_id, 'OD', year, '{on}', 'x', '{on}', 'x', 'raw',
                gen_random_uuid(), 2, 0, false, now(), 'raw' from base
         )
         insert into ledger.entry_line (tenant_id, id, entity_id, entry_id, line_no, account_id, entry_on, carried, label, debit, credit,
             second_debit, second_credit)
         select tenant_id, gen_random_uuid(), entity_id, '00000000-0000-7000-8000-000000000001', l.n, account, '{on}', false, 'x', l.debit,
             l.credit, l.sd, l.sc
         from base, (values {lines}) as l (n, debit, credit, sd, sc)",
        app.tenant
    )
}

#[tokio::test]
async fn t_33_an_unbalanced_entry_cannot_be_written_by_whatever_statement() {
    let app = books().await;
    let mut service = service(&app).await;
    let sound = entry(&app, "2026-02-11", "(1, 10.00, 0, 0, 0), (2, 0, 10.00, 0, 0)");
    assert_eq!(refusal(&mut service, &sound).await, None);
    let rows = [
        ("(1, 10.00, 0, 0, 0), (2, 0, 9.99, 0, 0)", "entry_balanced"),
        ("(1, 10.00, 0, 0, 0)", "entry_lines_whole"),
        ("(1, 10.00, 0, 0, 0), (3, 0, 10.00, 0, 0)", "entry_lines_whole"),
        ("(1, 5.00, 0, 0, 0), (2, 0, 10.00, 0, 0), (3, 5.00, 0, 0, 0)", "entry_lines_whole"),
        ("(1, 10.001, 0, 0, 0), (2, 0, 10.001, 0, 0)", "entry_line_exact"),
        ("(1, 10.00, 0, 1, 0), (2, 0, 10.00, 0, 1)", "entry_line_exact"),
        ("(1, -10.00, 0, 20, 0), (2, 0, -10.00, 0, 20)", "entry_line_sign_check"),
        ("(1, 10.00, 10.00, 0, 0), (2, 0, 0, 0, 0)", "entry_line_side_check"),
    ];
    for (lines, rule) in rows {
        let refused = refusal(&mut service, &entry(&app, "2026-02-11", lines)).await;
        assert_eq!(refused.map(|(_, name)| name).as_deref(), Some(rule), "{lines}");
    }
    let head = sound.split(")\n         insert into ledger.entry_line").next().unwrap();
    let bare = format!("{head}) select 1");
    assert_eq!(
        refusal(&mut service, &bare).await.map(|(_, name)| name).as_deref(),
        Some("entry_lines_whole"),
        "no lines"
    );
    let mut committing = self::service(&app).await;
    sqlx::raw_sql(AssertSqlSafe(bare)).execute(&mut committing).await.unwrap();
    let refused = sqlx::raw_sql("commit").execute(&mut committing).await.unwrap_err();
    assert_eq!(refused.into_database_error().unwrap().constraint(), Some("entry_lines_whole"), "no lines by the end");
    let more = format!(
        "insert into ledger.entry_line (tenant_id, id, entity_id, entry_id, line_no, account_id, entry_on, carried, label, debit, credit,
             second_debit, second_credit)
         select tenant_id, gen_random_uuid(), entity_id, entry_id, line_no + 100, account_id, entry_on, carried, label, debit, credit, 0, 0
         from ledger.entry_line where tenant_id = '{}'",
        app.tenant
    );
    assert_eq!(
        refusal(&mut service, &more).await.map(|(_, name)| name).as_deref(),
        Some("entry_lines_whole"),
        "lines of later"
    );
    let vat = format!(
        "insert into ledger.vat_line select tenant_id, gen_random_uuid(), entity_id, entry_id, line_no + 10, direction, category, rate, base,
             vat, 0, 0, tax_on from ledger.vat_line where tenant_id = '{}'",
        app.tenant
    );
    assert_eq!(
        refusal(&mut service, &vat).await.map(|(_, name)| name).as_deref(),
        Some("entry_lines_whole"),
        "VAT of later"
    );
    let day_outside = entry(&app, "2027-02-11", "(1, 10.00, 0, 0, 0), (2, 0, 10.00, 0, 0)");
    assert_eq!(refusal(&mut service, &day_outside).await.map(|(_, name)| name).as_deref(), Some("entry_fiscal_year"));
    app.ledger_balances().await;
}

#[tokio::test]
async fn t_77_a_locked_period_refuses_the_api_and_raw_statements_alike() {
    let app = books().await;
    let lock =
        json!({ "entity": "ZR7", "starts_on": "2026-01-01", "ends_on": "2026-01-31", "reason": "TVA de janvier" });
    let lock = app.post("/api/ledger/locks", lock).expect(201).await;
    let mut raw = service(&app).await;
    for (on, is_open) in [("2026-01-01", false), ("2026-01-31", false), ("2026-02-01", true)] {
        let answer = app.post("/api/ledger/entries", super::manual("1.00", on)).await;
        assert_eq!(answer.status.as_u16(), if is_open { 201 } else { 409 }, "{on}: {}", answer.json);
        if !is_open {
            assert_eq!(answer.json["type"], "urn:comptoir:problem:period_locked");
        }
        let refused = refusal(&mut raw, &entry(&app, on, "(1, 10.00, 0, 0, 0), (2, 0, 10.00, 0, 0)")).await;
        assert_eq!(refused.is_none(), is_open, "{on}: {refused:?}");
        assert!(refused.is_none_or(|(_, name)| name == "period_locked"));
    }
    let zr7 = entity(&ctx(&app).await, "ZR7");
    let mut tx = begin(&app).await;
    assert_eq!(ledger::expect_open(&mut tx, zr7, day("2026-01-15")).await.unwrap_err().code(), "period_locked");
    ledger::expect_open(&mut tx, zr7, day("2026-02-15")).await.unwrap();
    drop(tx);
    let customer = customer(&app, "ZR7", "C9").await;
    let mut tx = begin(&app).await;
    let refused = ledger::post(&mut tx, sale(zr7, &customer, "F", day("2026-01-15"))).await.unwrap_err();
    assert_eq!((refused.code(), refused.kind()), ("period_locked", platform::Kind::Refused));
    drop(tx);
    // A lock that was lifted closes nothing; of two, one suffices.
    let path = format!("/api/ledger/locks/{}/unlock", lock["id"].as_str().unwrap());
    app.post(&path, json!({ "reason": " " })).expect(422).await;
    let second = json!({ "entity": "ZR7", "starts_on": "2026-01-20", "ends_on": "2026-01-31", "reason": "Encore" });
    app.post("/api/ledger/locks", second).expect(201).await;
    app.post(&path, json!({ "reason": "Facture oubliée" })).expect(200).await;
    app.post(&path, json!({ "reason": "Encore" })).expect(409).await;
    app.post("/api/ledger/entries", super::manual("1.00", "2026-01-19")).expect(201).await;
    app.post("/api/ledger/entries", super::manual("1.00", "2026-01-20")).expect(409).await;
    let log = app.get("/api/event-log?action=period_unlocked").expect(200).await;
    assert_eq!(
        (&log["items"][0]["severity"], &log["items"][0]["details"]["reason"]),
        (&json!("warning"), &json!("Facture oubliée"))
    );
    let elsewhere = app.get("/api/ledger/locks?entity=MDL").expect(200).await;
    assert_eq!(elsewhere, json!([]));
}

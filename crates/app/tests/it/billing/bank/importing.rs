//! What is imported, and what is refused whole.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{BNP, IBAN, OFX1, OFX2, PAYER, QONTO, SPARKASSE, code, number, ready, states};
use crate::billing::{amount, decimal, id};
use crate::support::TestApp;

#[tokio::test]
async fn t_79_what_is_imported_again_adds_nothing() {
    let (app, party, account) = ready().await;
    app.invoice(&party, "100").await;
    let file = ["2026-02-09;A;10.00;;;R1", "2026-02-10;B;-3.00;;;", "2026-02-10;B;-3.00;;;"];
    assert_eq!(app.told(&account, &file).await["new"], 3);
    let again = app.import(&account, "", file.join("\n")).await;
    assert_eq!(
        (again.status.as_u16(), again.json["is_known_file"].as_bool(), again.json["known"].as_i64()),
        (200, Some(true), Some(3))
    );
    let overlapping =
        ["2026-02-09;A;10.00;;;R1", "2026-02-10;B;-3.00;;;", "2026-02-10;B;-3.00;;;", "2026-02-11;C;1.00;;;R2"];
    let told = app.told(&account, &overlapping).await;
    assert_eq!((told["new"].as_i64(), told["known"].as_i64()), (Some(1), Some(3)));
    // A reference that the bank gives twice, to a movement and later to its charge, are two lines.
    let told = app.told(&account, &["2026-02-11;FRAIS;-0.50;;;R1"]).await;
    assert_eq!((told["new"].as_i64(), told["known"].as_i64()), (Some(1), Some(0)));
    assert_eq!(app.count("select count(*) from billing.bank_line where tenant_id = $1").await, 5);
    assert_eq!(
        app.count("select count(*) from platform.event where tenant_id = $1 and action = 'bank_statement_imported'")
            .await,
        3
    );
}

#[tokio::test]
async fn statements_of_two_banks_and_ofx_are_read_as_they_come() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let bnp = app.bank(json!({})).await;
    let open = async |code: &str, name: &str| {
        let account = json!({ "entity": "ZR7", "code": code, "name_fr": name, "class": "asset" });
        app.post("/api/ledger/accounts", account).await
    };
    for (code, name) in [("512100", "Sparkasse"), ("512200", "Crédit agricole"), ("512300", "Card")] {
        let opened = open(code, name).await;
        assert!(opened.status.is_success(), "{}", opened.json);
    }
    let told = app.import(&bnp, "file_name=mars.xml", BNP).await.expect(201);
    assert_eq!((told["new"].as_i64(), told["statements"][0]["format"].as_str()), (Some(6), Some("camt053")));
    assert_eq!(told["statements"][0]["file_name"], "mars.xml");
    let seen = app.get(&format!("/api/bank/accounts/{bnp}")).expect(200).await["reconciliation"].clone();
    assert_eq!(
        (decimal(&seen["statement_balance"]), seen["statement_on"].as_str()),
        (amount("13370.88"), Some("2025-03-14"))
    );
    assert_eq!((decimal(&seen["unmatched"]), decimal(&seen["difference"])), (amount("870.48"), amount("12500.40")));
    let back = app.line("REJET%20PRLVT%20SEPA").await;
    assert_eq!((back["returned"].as_bool(), back["return_reason"].as_str()), (Some(true), Some("AM04")));
    let sparkasse =
        app.bank(json!({ "name": "Sparkasse", "iban": "DE15370501980001234567", "ledger_account": "512100" })).await;
    assert_eq!(app.import(&sparkasse, "format=camt053", SPARKASSE).await.expect(201)["new"], 3);
    let line = app.line("RE-2025-096").await;
    assert_eq!(
        (line["charges"].as_str().map(str::parse::<Decimal>), line["return_reason"].as_str()),
        (Some(Ok(amount("3"))), Some("MD06"))
    );
    let iban = "FR7613506100008501234567803";
    let agricole =
        app.bank(json!({ "name": "CA", "iban": iban, "ledger_account": "512200", "csv_mapping": null })).await;
    assert_eq!(app.import(&agricole, "", OFX1).await.expect(201)["statements"][0]["format"], "ofx");
    // Two accounts in one file are not one account's.
    let card =
        json!({ "name": "Card", "iban": null, "number": "9876543210", "currency": "USD", "ledger_account": "512300" });
    let card = app.bank(card).await;
    assert_eq!(code(&app.import(&card, "", OFX2).await), "statement_other_account");
    // And none takes what is another's.
    let refused = app.import(&sparkasse, "", BNP).await;
    assert_eq!((refused.status.as_u16(), Some(code(&refused))), (422, Some("statement_other_account")));
}

#[tokio::test]
async fn a_table_is_read_by_a_guess_by_what_is_told_or_by_what_the_account_knows() {
    let (app, _, _) = ready().await;
    app.post(
        "/api/ledger/accounts",
        json!({ "entity": "ZR7", "code": "512100", "name_fr": "Qonto", "class": "asset" }),
    )
    .expect(201)
    .await;
    let account =
        app.bank(json!({ "name": "Qonto", "iban": null, "ledger_account": "512100", "csv_mapping": null })).await;
    let preview = app.import(&account, "preview=true", QONTO).await.expect(200);
    assert_eq!(
        (preview["is_guessed"].as_bool(), preview["new"].as_i64(), preview["format"].as_str()),
        (Some(true), Some(2), Some("csv"))
    );
    let lines = preview["statements"][0]["lines"].as_array().unwrap();
    assert_eq!(
        (lines.len(), lines[0]["amount"].as_str(), lines[1]["amount"].as_str()),
        (2, Some("361.48"), Some("-1250.00"))
    );
    assert_eq!(app.count("select count(*) from billing.bank_line where tenant_id = $1").await, 0);
    // As told, and kept for the next time.
    let other = "10.02.2026|Frais|-1,50\n11.02.2026|Virement|2 000,00\n";
    let told = json!({ "delimiter": "|", "has_header": false, "date": 0, "date_format": "day_month_year", "decimal": ",", "label": [1],
        "amount": { "kind": "signed", "column": 2 }, "currency": "EUR" }).to_string();
    let told = told.bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02X}"));
    let taken = app.import(&account, &format!("save_mapping=true&mapping={told}"), other).await.expect(201);
    assert_eq!(taken["new"], 2);
    let more = app.import(&account, "", "12.02.2026|Encore|7,00\n").await.expect(201);
    assert_eq!(more["new"], 1);
    assert_eq!(decimal(&app.line("Encore").await["amount"]), amount("7"));
    assert_eq!(app.import(&account, "mapping=%7B", "x").await.status, 400);
    // Taken away, it is guessed again.
    let path = format!("/api/bank/accounts/{account}");
    let changed = app
        .send(axum::http::Method::PATCH, &path, Some(json!({ "csv_mapping": null })))
        .by(&app.root)
        .await
        .expect(200);
    assert_eq!(changed["csv_mapping"], Value::Null);
    assert_eq!(app.import(&account, "", QONTO).await.expect(201)["new"], 2);
}

#[tokio::test]
async fn bad_files_are_refused_with_a_sentence_and_nothing_is_written() {
    let (app, _, account) = ready().await;
    let bnp = String::from_utf8(BNP.to_vec()).unwrap();
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("", Vec::new(), "statement_unknown"),
        ("", b"%PDF-1.7".to_vec(), "statement_unknown"),
        ("", bnp[..bnp.len() / 2].into(), "statement_truncated"),
        ("", bnp.replace("13370.88", "13370.89").into(), "statement_unbalanced"),
        ("", bnp.replace("361.48", "361.481").into(), "statement_amount"),
        ("", bnp.replace("<Dt>2025-03-14</Dt>", "<Dt>2025-02-30</Dt>").into(), "statement_date"),
        ("", bnp.replace(IBAN, PAYER).into(), "statement_other_account"),
        ("", bnp.replace("EUR", "CHF").into(), "statement_currency"),
        ("", bnp.replace("2507300012399", "2507300012345").replace("640.00", "361.48").into(), "statement_duplicate"),
        ("", "2026-02-10;A;1.00;;;R1\n2026-02-10;A;1.00;;;R1\n".into(), "statement_duplicate"),
        ("", "2026-02-10;A;1.00;;;R1\n2026-02-11;B\n".into(), "statement_incomplete"),
        ("", "2026-02-10;A;1,00.0;;;R1\n".into(), "statement_amount"),
        ("", "2026-13-10;A;1.00;;;R1\n".into(), "statement_date"),
        ("format=ofx", "2026-02-10;A;1.00;;;R1\n".into(), "invalid"),
        ("mapping=%7B%22date%22:0%7D", "2026-02-10;A;1.00;;;R1\n".into(), "malformed_request"),
        ("format=mt940", "x".into(), "malformed_request"),
    ];
    for (query, file, expected) in cases {
        let refused = app.import(&account, query, file.clone()).await;
        let told = code(&refused).to_owned();
        let head: String = String::from_utf8_lossy(&file).chars().take(60).collect();
        assert!(
            matches!(refused.status.as_u16(), 400 | 422) && told == expected,
            "{head}: {} {}",
            refused.status,
            refused.json
        );
    }
    let large = app.import(&account, "", vec![b' '; 10 * 1024 * 1024 + 1]).await;
    assert_eq!(large.status.as_u16(), 413);
    let written = "select (select count(*) from billing.bank_line where tenant_id = $1) + (select count(*) from billing.bank_statement where tenant_id = $1)
        + (select count(*) from platform.event where tenant_id = $1 and action like 'bank\\_%' and action <> 'bank_account_created')";
    assert_eq!(app.count(written).await, 0);
}

#[tokio::test]
async fn what_is_another_entitys_or_tenants_is_not_there() {
    let (app, party, account) = ready().await;
    let invoice = app.invoice(&party, "100").await;
    app.told(&account, &["2026-02-10;VIR;120.00;;;R1"]).await;
    let line = app.line("VIR").await;
    let elsewhere = app.member("admin", "MDL").await;
    let stranger = TestApp::new().await;
    let file = "2026-02-10;X;1.00;;;R9";
    let actions = [
        ("match", json!({ "payments": [{ "document_id": id(&invoice), "amount": "120" }] })),
        ("unmatch", json!({ "reason": "x" })),
        ("ignore", json!({ "reason": "x" })),
        ("post", json!({ "account": "627" })),
    ];
    for (who, token) in [(&app, &elsewhere), (&stranger, &stranger.root)] {
        who.get(&format!("/api/bank/accounts/{account}")).by(token).expect(404).await;
        who.get(&format!("/api/bank/accounts/{account}/statements")).by(token).expect(404).await;
        who.get(&format!("/api/bank/lines/{}", id(&line))).by(token).expect(404).await;
        who.post(&format!("/api/bank/accounts/{account}/matching"), json!({})).by(token).expect(404).await;
        let path = format!("/api/bank/accounts/{account}/statements");
        assert_eq!(who.post(&path, json!({})).by(token).raw("text/csv", file).await.status, 404);
        for (action, body) in &actions {
            who.post(&format!("/api/bank/lines/{}/{action}", id(&line)), body.clone()).by(token).expect(404).await;
        }
        assert_eq!(who.get("/api/bank/lines").by(token).expect(200).await["items"], json!([]));
        assert_eq!(who.get("/api/bank/accounts").by(token).expect(200).await, json!([]));
    }
    // Nor are another entity's documents and payments paid by a line of this one.
    app.lawful("MDL").await;
    let theirs = app.customer("MDL", "Theirs", json!({})).await;
    let payment = json!({ "entity": "MDL", "party_id": theirs, "method": "transfer", "amount": "120" });
    let payment = app.post("/api/payments", payment).expect(201).await;
    app.act(&line, "match", json!({ "payment_id": id(&payment) })).await.expect(404);
    app.act(&line, "match", json!({ "payments": [{ "document_id": id(&invoice), "amount": "120" }] }))
        .await
        .expect(200);
}

#[tokio::test]
async fn accounts_are_told_apart_and_lists_page_by_key() {
    let (app, _, account) = ready().await;
    let new = |fields: Value| {
        let mut account = json!({ "entity": "ZR7", "name": "Autre" });
        for (key, value) in fields.as_object().unwrap() {
            account[key] = value.clone();
        }
        account
    };
    let cases = [
        (json!({ "iban": IBAN, "ledger_account": "5115" }), 409, "iban"),
        (json!({}), 409, "ledger_account"),
        (json!({ "ledger_account": "411" }), 422, "ledger_account"),
        (json!({ "ledger_account": "999" }), 422, "ledger_account"),
        (json!({ "name": " ", "ledger_account": "5115" }), 422, "name"),
        (json!({ "iban": "FR7630004008120001020304006" }), 422, "iban"),
        (json!({ "number": "é", "ledger_account": "5115" }), 422, "number"),
        (json!({ "currency": "XXQ" }), 422, "currency"),
    ];
    for (fields, status, field) in cases {
        let refused = app.post("/api/bank/accounts", new(fields.clone())).await;
        assert_eq!(
            (refused.status.as_u16(), refused.json["errors"][0]["field"].as_str()),
            (status, Some(field)),
            "{fields}: {}",
            refused.json
        );
    }
    let lines: Vec<_> = (1..=7).map(|n| format!("2026-02-0{n};LIGNE {n};{n}.00;;;R{n}")).collect();
    app.told(&account, &lines.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app
            .get(&format!("/api/bank/lines?account={account}&from=2026-02-02&limit=2&cursor={cursor}"))
            .expect(200)
            .await;
        seen.extend(page["items"].as_array().unwrap().iter().map(|line| line["label"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(seen, (2..=7).rev().map(|n| format!("LIGNE {n}")).collect::<Vec<_>>());
    let count = async |query: &str| {
        app.get(&format!("/api/bank/lines?{query}")).expect(200).await["items"].as_array().unwrap().len()
    };
    assert_eq!((count("state=unmatched").await, count("state=matched").await, count("to=2026-02-03").await), (7, 0, 3));
    let statements = app.get(&format!("/api/bank/accounts/{account}/statements")).expect(200).await;
    assert_eq!(
        (statements["items"][0]["lines"].as_i64(), statements["items"][0]["known"].as_i64()),
        (Some(7), Some(0))
    );
    // An account that is not in use takes no statement.
    let path = format!("/api/bank/accounts/{account}");
    app.send(axum::http::Method::PATCH, &path, Some(json!({ "active": false }))).by(&app.root).expect(200).await;
    assert_eq!(code(&app.import(&account, "", "2026-02-10;X;1.00;;;R9").await), "bank_account_closed");
}

#[tokio::test]
async fn a_line_stays_as_the_bank_told_it_whoever_writes() {
    let (app, party, account) = ready().await;
    let invoice = app.invoice(&party, "100").await;
    app.told(&account, &[&format!("2026-02-10;VIR {};120.00;;;R1", number(&invoice)), "2026-02-10;AUTRE;1.00;;;R2"])
        .await;
    let tries = [
        "update billing.bank_line set amount = 1 where tenant_id = $1",
        "update billing.bank_line set label = 'x' where tenant_id = $1",
        "delete from billing.bank_line where tenant_id = $1",
        "delete from billing.bank_match where tenant_id = $1",
        "update billing.bank_match set amount = 1 where tenant_id = $1",
        "delete from billing.bank_statement where tenant_id = $1",
        "update billing.bank_statement set closing = 1 where tenant_id = $1",
        "update billing.bank_line set state = 'matched', matched_at = now(), matched_by = 'x', suggestions = '[]' where tenant_id = $1 and state <> 'matched'",
        "update billing.bank_line set state = 'unmatched', matched_at = null, matched_by = null where tenant_id = $1 and state = 'matched'",
    ];
    for sql in tries {
        let done = sqlx::query(sql).bind(app.tenant.uuid()).execute(&mut crate::support::owner().await).await;
        assert!(done.is_err(), "{sql}");
    }
}

/// Ten thousand open invoices of 500 customers: of `n`, the number is `FAC-2025-n`, the amount 100 euros and `n` cents.
const STOCK: &str = "
    insert into parties.party select (jsonb_populate_record(null::parties.party, to_jsonb(p)
        || jsonb_build_object('id', gen_random_uuid(), 'code', 'X' || n, 'name', 'Client ' || n, 'siren', null, 'iban', null))).*
    from parties.party p, generate_series(1, 500) n where p.tenant_id = '@TENANT' and p.code = 'C00001';
    insert into billing.document (tenant_id, id, entity_id, kind, direction, series, status, origin, party_id, currency, language,
        payment_terms_days, lines_net, net, gross, created_at, created_by, updated_at, subject)
    select p.tenant_id, gen_random_uuid(), p.entity_id, 'invoice', 'sale', 'invoice', 'draft', 'manual', p.id, 'EUR', 'fr', 30,
        100 + n * 0.01, 100 + n * 0.01, 100 + n * 0.01, '2025-12-01', 'x', '2025-12-01', n::text
    from generate_series(1, 10000) n join parties.party p on p.tenant_id = '@TENANT' and p.code = 'X' || (n % 500 + 1);
    update billing.document set status = 'sent', number = 'FAC-2025-' || subject, number_value = subject::bigint, number_year = 2025,
        issue_on = '2025-12-15', due_on = '2026-01-15', seller = '{}', buyer = '{}', issued_at = '2025-12-15', issued_by = 'x', rate = 1,
        gross_functional = gross, entry_id = gen_random_uuid(), pdf_sha256 = repeat('a', 64), payment_state = 'unpaid'
    where tenant_id = '@TENANT';
    analyze billing.document; analyze parties.party;";

#[tokio::test]
async fn ten_thousand_lines_are_imported_and_matched_in_seconds() {
    let (app, _, account) = ready().await;
    let stock = STOCK.replace("@TENANT", &app.tenant.to_string());
    sqlx::raw_sql(sqlx::AssertSqlSafe(stock)).execute(&mut crate::support::owner().await).await.unwrap();
    let cents = |n: i64| Decimal::new(10_000 + n, 2);
    let line = |n: i64| match n {
        // Paid by number, by amount, and what nobody knows.
        1..=100 => format!("2026-01-{:02};VIR FAC-2025-{n};{};;;R{n}", n % 28 + 1, cents(n)),
        101..=4_000 => format!("2026-01-{:02};VIREMENT RECU;{};;;R{n}", n % 20 + 6, cents(n)),
        _ => format!("2026-01-{:02};CARTE {n} PAPETERIE DU PORT;-{};;;R{n}", n % 28 + 1, cents(n)),
    };
    let file: Vec<_> = (1..=10_000).map(line).collect();
    let file = file.join("\n");
    let started = std::time::Instant::now();
    let preview = app.import(&account, "preview=true", file.clone()).await.expect(200);
    let previewed = started.elapsed();
    assert_eq!(preview["new"], 10_000);
    let started = std::time::Instant::now();
    let told = app.import(&account, "", file.clone()).await.expect(201);
    let imported = started.elapsed();
    assert_eq!((told["new"].as_i64(), states(&told)), (Some(10_000), [10_000, 100, 3_900, 6_000]));
    let started = std::time::Instant::now();
    assert_eq!(app.import(&account, "", format!("{file}\n2026-02-01;X;1.00;;;Z")).await.expect(201)["known"], 10_000);
    let again = started.elapsed();
    let started = std::time::Instant::now();
    app.get("/api/bank/lines?state=suggested").expect(200).await;
    let listed = started.elapsed();
    eprintln!(
        "10 000 lines: preview {previewed:?}, import and 100 payments {imported:?}, again {again:?}, a page {listed:?}"
    );
    assert!(imported.as_secs() < 30 && again.as_secs() < 20 && listed.as_millis() < 500);
}

//! Posting: balanced, numbered without a gap, once, and by whom it may.

use kernel::Currency;
use ledger::{Account, NewEntry, NewLine, Role, Second};
use serde_json::json;
use uuid::Uuid;

use super::{begin, ctx, customer, day, decimal, entity, manual, new_id, posted, receipt, sale};
use crate::support::TestApp;

#[tokio::test]
async fn a_sale_and_its_reversal_stand_in_the_books_as_the_specification_writes_them() {
    let app = TestApp::new().await;
    let (ctx, customer) = (ctx(&app).await, customer(&app, "ZR7", "C00042").await);
    let zr7 = entity(&ctx, "ZR7");
    let first = posted(&app, sale(zr7, &customer, "FAC-2026-0001", day("2026-02-11"))).await;
    assert_eq!((first.number, first.reference.as_str(), first.line_ids.len()), (1, "VE000001", 5));
    let shown = app.get(&format!("/api/ledger/entries/{}", first.id)).expect(200).await;
    let lines: Vec<_> = shown["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            (
                line["account"].as_str().unwrap().to_owned(),
                line["debit"].as_str().unwrap().to_owned(),
                line["credit"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    let expected = [
        ("411000", "343.89", "0.00"),
        ("706000", "0.00", "112.50"),
        ("707000", "0.00", "189.90"),
        ("445712000", "0.00", "22.50"),
        ("445711000", "0.00", "18.99"),
    ];
    assert_eq!(lines, expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())));
    assert_eq!((&shown["total"], &shown["lines"][0]["party_code"]), (&json!("343.89"), &json!("C00042")));
    let mut tx = begin(&app).await;
    let reversal = ledger::reverse(&mut tx, first.id, day("2026-02-12"), "Annulation FAC-2026-0001").await.unwrap();
    assert!(
        ledger::reverse(&mut tx, first.id, day("2026-02-12"), "encore").await.unwrap_err().code() == "entry_reversed"
    );
    tx.commit().await.unwrap();
    let mirror = app.get(&format!("/api/ledger/entries/{}", reversal.id)).expect(200).await;
    for (line, back) in shown["lines"].as_array().unwrap().iter().zip(mirror["lines"].as_array().unwrap()) {
        for (a, b) in [
            ("account", "account"),
            ("party_id", "party_id"),
            ("debit", "credit"),
            ("credit", "debit"),
            ("due_on", "due_on"),
        ] {
            assert_eq!(line[a], back[b], "{line} {back}");
        }
    }
    assert_eq!((&mirror["vat"][0]["base"], &mirror["vat"][0]["vat"]), (&json!("-112.50"), &json!("-22.50")));
    assert_eq!(mirror["reverses"], json!(first.id));
    let mut tx = ctx.read().await.unwrap();
    assert_eq!(ledger::receivables(&mut tx, zr7, None).await.unwrap(), decimal("0"));
    assert_eq!(ledger::receivables(&mut tx, zr7, Some(customer.party_id)).await.unwrap(), decimal("0"));
    app.ledger_balances().await;
}

#[tokio::test]
async fn f_05_twenty_at_once_get_twenty_numbers_in_a_row_and_one_given_up_leaves_no_gap() {
    let app = TestApp::new().await;
    let customer = customer(&app, "ZR7", "C1").await;
    let zr7 = entity(&ctx(&app).await, "ZR7");
    let posts = (0..20).map(|n| {
        let (ctx, entry) = (ctx(&app), sale(zr7, &customer, &format!("FAC-{n}"), day("2026-02-11")));
        async move {
            let mut tx = ctx.await.begin().await.unwrap();
            let posted = ledger::post(&mut tx, entry).await.unwrap();
            if n % 4 == 3 {
                return None;
            }
            tx.commit().await.unwrap();
            Some(posted.number)
        }
    });
    let numbers = futures_util::future::join_all(posts).await;
    let mut numbers: Vec<_> = numbers.into_iter().flatten().collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=15).collect::<Vec<_>>());
    let next = posted(&app, sale(zr7, &customer, "FAC-next", day("2026-02-10"))).await;
    assert_eq!(next.number, 16, "an earlier day in an open period, the next number");
    let other_year = posted(&app, sale(zr7, &customer, "FAC-2027", day("2027-01-01"))).await;
    assert_eq!(other_year.number, 1, "each fiscal year counts on its own");
    let bank = posted(&app, receipt(zr7, &customer, "10", day("2026-02-11"))).await;
    assert_eq!(bank.reference, "BQ000001", "and each journal");
    app.ledger_balances().await;
}

#[tokio::test]
async fn a_source_posts_once_in_a_journal_and_a_batch_is_written_whole_or_not_at_all() {
    let app = TestApp::new().await;
    let customer = customer(&app, "ZR7", "C1").await;
    let zr7 = entity(&ctx(&app).await, "ZR7");
    let entry = sale(zr7, &customer, "FAC-1", day("2026-02-11"));
    posted(&app, entry.clone()).await;
    let mut tx = begin(&app).await;
    let again = ledger::post(&mut tx, entry.clone()).await.unwrap_err();
    assert_eq!((again.code(), again.kind()), ("entry_source_key", platform::Kind::Conflict));
    drop(tx);
    let fresh = || NewEntry { source_id: new_id(), ..entry.clone() };
    let batch: Vec<_> = (0..300).map(|_| fresh()).collect();
    let mut spoiled = batch.clone();
    spoiled[299].lines[0].debit += decimal("1");
    let mut tx = begin(&app).await;
    assert_eq!(ledger::post_all(&mut tx, spoiled).await.unwrap_err().code(), "entry_unbalanced");
    tx.commit().await.unwrap();
    let mut tx = begin(&app).await;
    let all = ledger::post_all(&mut tx, batch).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(all.iter().map(|posted| posted.number).collect::<Vec<_>>(), (2..=301).collect::<Vec<_>>());
    app.ledger_balances().await;
}

#[tokio::test]
async fn what_has_no_account_is_refused_by_name() {
    let app = TestApp::new().await;
    let customer = customer(&app, "ZR7", "C1").await;
    let zr7 = entity(&ctx(&app).await, "ZR7");
    app.put("/api/ledger/roles", json!({ "entity": "ZR7", "role": "sales_goods" })).expect(200).await;
    let mut tx = begin(&app).await;
    let missing = ledger::post(&mut tx, sale(zr7, &customer, "F", day("2026-02-11"))).await.unwrap_err();
    assert_eq!((missing.code(), missing.fields()[0].message.as_str()), ("account_role_missing", "sales_goods"));
    let mut entry = sale(zr7, &customer, "F", day("2026-02-11"));
    entry.lines[2].account = Account::Code("799999".into());
    let unknown = ledger::post(&mut tx, entry.clone()).await.unwrap_err();
    assert!(unknown.kind() == platform::Kind::Invalid && unknown.fields()[0].message.contains("799999"), "{unknown:?}");
    entry.lines[2].account = Account::Code("707".into());
    entry.lines[1].aux = Some(customer.clone());
    let stray = ledger::post(&mut tx, entry.clone()).await.unwrap_err();
    assert!(stray.fields()[0].message.contains("706000"), "{stray:?}");
    entry.lines[1].aux = None;
    ledger::post(&mut tx, entry).await.unwrap();
    tx.commit().await.unwrap();
    let account = app.get("/api/ledger/accounts?entity=ZR7&search=607").expect(200).await;
    let id = account["items"][0]["id"].as_str().unwrap().to_owned();
    let refused = app.put(&format!("/api/ledger/accounts/{id}"), json!({ "active": false })).expect(409).await;
    assert_eq!(refused["type"], "urn:comptoir:problem:account_in_role");
}

#[tokio::test]
async fn books_in_two_currencies_balance_in_both_and_a_foreign_document_keeps_its_amounts() {
    let app = TestApp::new().await;
    let id = app.get("/api/entities").expect(200).await[1]["id"].as_str().unwrap().to_owned();
    app.put(&format!("/api/entities/{id}"), json!({ "name": "MDL", "legal": { "address": { "country": "LB" } } }))
        .expect(200)
        .await;
    let mdl = entity(&ctx(&app).await, "MDL");
    let rate = decimal("89500");
    let line = |role: Role, debit: &str, credit: &str| {
        let (debit, credit) = (decimal(debit), decimal(credit));
        NewLine {
            debit,
            credit,
            second: Some((debit * rate, credit * rate)),
            ..NewLine::debit(Account::Role(role), debit)
        }
    };
    let customer = customer(&app, "MDL", "C1").await;
    let entry = NewEntry {
        second: Some(Second { currency: Currency::LBP, rate: None, rate_type: None }),
        lines: vec![
            line(Role::Cash, "111.0000", "0"),
            line(Role::SalesGoods, "0", "100"),
            line(Role::VatCollected, "0", "11.0000"),
        ],
        vat: vec![],
        ..sale(mdl, &customer, "SI-2026-000001", day("2026-02-11"))
    };
    let shown = posted(&app, entry.clone()).await;
    let shown = app.get(&format!("/api/ledger/entries/{}", shown.id)).expect(200).await;
    assert_eq!((&shown["second_total"], &shown["second_rate"]), (&json!("9934500.00"), &json!(null)), "T-34");
    let mut off = NewEntry { source_id: new_id(), ..entry.clone() };
    off.lines[0].second = Some((decimal("9934500") + decimal("4200"), decimal("0")));
    off.lines[0].debit += decimal("0.03");
    let rounded = posted(&app, off.clone()).await;
    assert_eq!(rounded.line_ids.len(), 4, "a rounding line of both currencies");
    off.source_id = new_id();
    off.lines[0].second = Some((decimal("9934500") + decimal("5001"), decimal("0")));
    let mut tx = begin(&app).await;
    assert_eq!(ledger::post(&mut tx, off).await.unwrap_err().code(), "entry_unbalanced");
    let alone = NewEntry { second: None, source_id: new_id(), ..entry };
    assert_eq!(ledger::post(&mut tx, alone).await.unwrap_err().fields()[0].field, "second");
    let balance = app.get("/api/ledger/trial-balance?entity=MDL").expect(200).await;
    assert_eq!((&balance["total"]["balance"], &balance["total"]["second_balance"]), (&json!("0.00"), &json!("0.00")));
    assert_eq!(balance["second_currency"], "LBP");
    let foreign = json!({ "entity": "ZR7", "on": "2026-02-11", "label": "Facture en dollars", "second": { "currency": "USD", "rate": "1.08" },
        "lines": [{ "account": "471", "debit": "100.00" }, { "account": "512", "credit": "100.00" }] });
    let foreign = app.post("/api/ledger/entries", foreign).expect(201).await;
    assert_eq!((&foreign["lines"][0]["second_debit"], &foreign["second_total"]), (&json!("108.00"), &json!("108.00")));
    app.ledger_balances().await;
}

#[tokio::test]
async fn t_84_what_a_person_entered_he_takes_back_and_what_a_document_posted_he_does_not() {
    let app = TestApp::new().await;
    let customer = customer(&app, "ZR7", "C1").await;
    let zr7 = entity(&ctx(&app).await, "ZR7");
    let of_document = posted(&app, sale(zr7, &customer, "FAC-1", day("2026-02-11"))).await;
    let refused = app
        .post(&format!("/api/ledger/entries/{}/reversal", of_document.id), json!({ "label": "non" }))
        .expect(409)
        .await;
    assert_eq!(refused["type"], "urn:comptoir:problem:entry_of_document");
    let entry = app.post("/api/ledger/entries", manual("12.30", "2026-02-11")).expect(201).await;
    assert_eq!(
        (&entry["reference"], &entry["journal"], &entry["can"]),
        (&json!("OD000001"), &json!("OD"), &json!(["reverse"]))
    );
    let path = format!("/api/ledger/entries/{}/reversal", entry["id"].as_str().unwrap());
    let back = app.post(&path, json!({ "label": "Erreur" })).expect(201).await;
    assert_eq!(
        (&back["reference"], &back["reverses"], &back["label"]),
        (&json!("OD000002"), &entry["id"], &json!("Erreur"))
    );
    let twice = app.post(&path, json!({ "label": "Erreur" })).expect(409).await;
    assert_eq!(twice["type"], "urn:comptoir:problem:entry_reversed");
    let path = format!("/api/ledger/entries/{}/reversal", back["id"].as_str().unwrap());
    app.post(&path, json!({ "label": "Erreur" })).expect(409).await;
    let log = app.get("/api/event-log?action=ledger_entry_posted").expect(200).await;
    assert_eq!(log["items"].as_array().unwrap().len(), 1, "only those entered by hand are told");
    app.ledger_balances().await;
}

#[tokio::test]
async fn an_entry_by_hand_is_posted_once_for_one_key() {
    let app = TestApp::new().await;
    let first =
        app.post("/api/ledger/entries", manual("1.00", "2026-02-11")).header("idempotency-key", "k1").expect(201).await;
    let again =
        app.post("/api/ledger/entries", manual("1.00", "2026-02-11")).header("idempotency-key", "k1").expect(201).await;
    assert_eq!(first["id"], again["id"]);
    let list = app.get("/api/ledger/entries?journal=OD").expect(200).await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn bad_input_is_named_and_nothing_is_written() {
    let app = TestApp::new().await;
    let rows = [
        (json!({ "label": "" }), 422, "label"),
        (json!({ "lines": [] }), 422, "lines"),
        (json!({ "on": "1700-01-01" }), 422, "on"),
        (json!({ "on": "soon" }), 422, "on"),
        (json!({ "second": { "currency": "EURO" } }), 422, "second.currency"),
        (json!({ "second": { "currency": "USD", "rate": "-1" } }), 422, "second.rate"),
        (json!({ "surplus": 1 }), 422, "surplus"),
        (
            json!({ "lines": [{ "account": "471", "debit": "-1" }, { "account": "512", "credit": "-1" }] }),
            422,
            "lines.0.debit",
        ),
        (
            json!({ "lines": [{ "account": "471", "debit": "1.001" }, { "account": "512", "credit": "1.001" }] }),
            422,
            "lines.0.debit",
        ),
        (
            json!({ "lines": [{ "account": "471", "debit": "1", "credit": "1" }, { "account": "512", "credit": "1" }] }),
            422,
            "lines.0.debit",
        ),
        (
            json!({ "lines": [{ "account": "471", "debit": "x" }, { "account": "512", "credit": "1" }] }),
            422,
            "lines[0].debit",
        ),
        (
            json!({ "lines": [{ "account": "471", "debit": "999999999999999" }, { "account": "512", "credit": "999999999999999" }] }),
            422,
            "lines.0.debit",
        ),
        (
            json!({ "lines": [{ "account": "471", "debit": "79228162514264337593543950335" }, { "account": "512", "credit": "79228162514264337593543950335" }] }),
            422,
            "lines.0.debit",
        ),
        (json!({ "lines": [{ "account": "1", "debit": "1" }, { "account": "512", "credit": "1" }] }), 422, "account"),
        (
            json!({ "lines": [{ "account": "411", "debit": "1", "party_id": Uuid::nil() }, { "account": "512", "credit": "1" }] }),
            422,
            "lines.0.party_id",
        ),
        (json!({ "lines": [{ "account": "471", "debit": "2" }, { "account": "512", "credit": "1" }] }), 422, "lines"),
    ];
    for (change, status, field) in rows {
        let mut body = manual("1.00", "2026-02-11");
        for (key, value) in change.as_object().unwrap() {
            body[key] = value.clone();
        }
        let refused = app.post("/api/ledger/entries", body).await;
        assert_eq!(refused.status.as_u16(), status, "{change}: {}", refused.json);
        assert_eq!(refused.json["errors"][0]["field"], field, "{change}: {}", refused.json);
    }
    let count: i64 = app.value("select count(*) from ledger.entry where tenant_id = $1").await;
    assert_eq!(count, 0);
    app.post("/api/ledger/entries", json!({ "label": "x", "lines": [] })).expect(400).await;
}

#[tokio::test]
async fn books_are_seen_by_their_entity_and_tenant_alone() {
    let app = TestApp::new().await;
    let entry = app.post("/api/ledger/entries", manual("1.00", "2026-02-11")).expect(201).await;
    let (own, other) = (app.member("admin", "ZR7").await, app.member("admin", "MDL").await);
    let stranger = TestApp::new().await;
    let line = entry["lines"][0]["account_id"].as_str().unwrap().to_owned();
    let paths = [
        format!("/api/ledger/entries/{}", entry["id"].as_str().unwrap()),
        format!("/api/ledger/accounts/{line}"),
        format!("/api/ledger/accounts/{line}/card"),
    ];
    for path in &paths {
        app.get(path).by(&own).expect(200).await;
        app.get(path).by(&other).expect(404).await;
        stranger.get(path).expect(404).await;
    }
    let elsewhere = app.get("/api/ledger/entries").by(&other).expect(200).await;
    assert_eq!(elsewhere["items"], json!([]));
    app.post("/api/ledger/entries", manual("1.00", "2026-02-11")).by(&other).expect(403).await;
    let ops = app.member("ops", "ZR7").await;
    app.get(&paths[0]).by(&ops).expect(403).await;
    app.get("/api/ledger/trial-balance").expect(400).await;
}

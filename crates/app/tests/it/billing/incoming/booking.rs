//! What the books say of a supplier's invoice once it is booked.

use einvoice::{Invoice, VatBreakdown, VatCategory};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::{amount, decimal, id};
use super::{PATH, cii, ready};

/// What [`cii`] says, without VAT, which the buyer owes.
fn reverse_charged(number: &str, category: VatCategory) -> Invoice {
    let mut invoice = cii(number);
    invoice.lines[0].category = category;
    invoice.lines[0].rate = Decimal::ZERO;
    invoice.vat[0] = VatBreakdown {
        category,
        rate: Decimal::ZERO,
        tax: Decimal::ZERO,
        reason: Some("Autoliquidation".to_owned()),
        ..invoice.vat[0].clone()
    };
    (invoice.totals.vat, invoice.totals.gross, invoice.totals.due) =
        (Decimal::ZERO, amount("100.00"), amount("100.00"));
    invoice.delivery = Some(einvoice::Delivery { name: None, address: invoice.buyer.address.clone() });
    invoice
}

/// What takes `of` back.
fn credit_note(number: &str, of: &str) -> Invoice {
    let mut note = Invoice { kind: einvoice::Kind::CreditNote, due_date: None, ..cii(number) };
    note.references.preceding = vec![einvoice::Preceding { number: of.to_owned(), date: None }];
    note
}

#[tokio::test]
async fn each_line_goes_to_the_account_that_is_chosen() {
    let app = ready().await;
    let mut invoice = cii("F-1");
    let mut second = invoice.lines[0].clone();
    second.id = "2".to_owned();
    invoice.lines.push(second);
    invoice.adjustments.push(einvoice::DocumentAdjustment {
        adjustment: einvoice::Adjustment::allowance(amount("50.00"), "Remise"),
        category: VatCategory::S,
        rate: amount("20"),
    });
    (invoice.vat[0].base, invoice.vat[0].tax) = (amount("150.00"), amount("30.00"));
    invoice.totals = einvoice::Totals {
        lines: amount("200.00"),
        allowances: amount("50.00"),
        net: amount("150.00"),
        vat: amount("30.00"),
        gross: amount("180.00"),
        due: amount("180.00"),
        ..invoice.totals
    };
    let approved = app.approved(&invoice).await;
    assert_eq!(approved["findings"], json!([]));
    let path = format!("{PATH}/{}/booking", id(&approved));
    for (bad, field) in [
        (json!({ "account": "999999" }), "account"),
        (json!({ "account": "401" }), "account"),
        (json!({ "account": "706" }), "account"),
        (json!({ "lines": [{ "line": "7", "account": "613" }] }), "lines"),
        (json!({ "self_assessed_rate": "-1" }), "self_assessed_rate"),
        (json!({ "booked_on": "2026-02-08" }), "booked_on"),
        (json!({ "booked_on": "2026-02-12" }), "booked_on"),
    ] {
        let refused = app.post(&path, bad).expect(422).await;
        assert_eq!(refused["errors"][0]["field"], field, "{refused:#}");
    }
    let booked =
        app.post(&path, json!({ "account": "6226", "lines": [{ "line": "2", "account": "613" }] })).expect(200).await;
    let found =
        [app.account("401").await, app.account("44566").await, app.account("6226").await, app.account("613").await];
    assert_eq!(found, ["-180", "30", "50", "100"].map(amount));
    let document = app.get(&format!("/api/documents/{}", booked["document_id"].as_str().unwrap())).expect(200).await;
    let accounts: Vec<_> = document["lines"].as_array().unwrap().iter().map(|line| line["account"].clone()).collect();
    assert_eq!(accounts, [json!("622600"), json!("613000"), json!("622600")]);
    assert_eq!(app.post(&path, json!({})).await.status, 409);
    app.ledger_balances().await;
}

#[tokio::test]
async fn vat_that_the_buyer_owes_stands_on_both_sides() {
    let app = ready().await;
    for (number, category) in [("F-1", VatCategory::AE), ("F-2", VatCategory::K)] {
        let approved = app.approved(&reverse_charged(number, category)).await;
        app.did(&approved, "booking", json!({})).await;
    }
    let approved = app.approved(&reverse_charged("F-3", VatCategory::AE)).await;
    app.did(&approved, "booking", json!({ "self_assessed_rate": "10" })).await;
    let found =
        [app.account("401").await, app.account("607").await, app.account("44566").await, app.account("4452").await];
    assert_eq!(found, ["-300", "300", "50", "-50"].map(amount));
    let declared = app.get("/api/ledger/vat-return?entity=MDL&from=2026-02-01&to=2026-02-28").expect(200).await;
    let rows: Vec<_> = declared["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["direction"].as_str().unwrap(),
                row["category"].as_str().unwrap(),
                decimal(&row["rate"]),
                decimal(&row["base"]),
                decimal(&row["vat"]),
            )
        })
        .collect();
    for (category, rate, vat) in [("AE", "20", "20"), ("K", "20", "20"), ("AE", "10", "10")] {
        for direction in ["output", "input"] {
            assert!(rows.contains(&(direction, category, amount(rate), amount("100"), amount(vat))), "{rows:?}");
        }
    }
    assert_eq!(decimal(&declared["months"][0]["net"]), Decimal::ZERO);
    app.ledger_balances().await;
}

#[tokio::test]
async fn who_charges_no_vat_deducts_none() {
    let app = ready().await;
    let mut legal = app.get("/api/entities/MDL/legal").expect(200).await["legal"].clone();
    legal["vat_regime"] = json!("franchise");
    app.put("/api/entities/MDL/legal", legal).expect(200).await;
    for invoice in [cii("F-1"), reverse_charged("F-2", VatCategory::AE)] {
        let approved = app.approved(&invoice).await;
        app.did(&approved, "booking", json!({})).await;
    }
    let found =
        [app.account("401").await, app.account("607").await, app.account("44566").await, app.account("4452").await];
    assert_eq!(found, ["-220", "240", "0", "-20"].map(amount));
    app.ledger_balances().await;
}

#[tokio::test]
async fn a_credit_note_takes_back_what_it_names() {
    let app = ready().await;
    let approved = app.approved(&cii("F-1")).await;
    let booked = app.did(&approved, "booking", json!({})).await;
    let note = app.approved(&credit_note("A-1", "F-1")).await;
    let noted = app.did(&note, "booking", json!({})).await;
    let document = async |came: &Value| {
        app.get(&format!("/api/documents/{}", came["document_id"].as_str().unwrap())).expect(200).await
    };
    assert_eq!(
        (document(&booked).await["payment_state"].as_str(), document(&noted).await["original_id"].clone()),
        (Some("credited"), booked["document_id"].clone())
    );
    let found = [app.account("401").await, app.account("44566").await, app.account("607").await];
    assert_eq!(found, ["0", "0", "0"].map(amount));
    // What it names is not in these books: the supplier owes it.
    let note = app.approved(&credit_note("A-2", "F-0")).await;
    let noted = app.did(&note, "booking", json!({})).await;
    assert_eq!(document(&noted).await["original_id"], Value::Null);
    let found = [app.account("4091").await, app.account("44566").await, app.account("607").await];
    assert_eq!(found, ["120", "-20", "-100"].map(amount));
    app.ledger_balances().await;
}

#[tokio::test]
async fn what_lies_in_a_closed_period_is_booked_later() {
    let app = ready().await;
    let approved = app
        .approved(&Invoice {
            issue_date: "2026-01-20".parse().unwrap(),
            due_date: None,
            payment_terms: Some("30 jours".into()),
            ..cii("F-1")
        })
        .await;
    let lock = json!({ "entity": "MDL", "starts_on": "2026-01-01", "ends_on": "2026-01-31", "reason": "TVA déclarée" });
    app.post("/api/ledger/locks", lock).expect(201).await;
    let path = format!("{PATH}/{}/booking", id(&approved));
    let refused = app.post(&path, json!({})).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "period_locked"));
    assert_eq!(app.value::<i64>("select count(*) from billing.document where tenant_id = $1").await, 0);
    let booked = app.post(&path, json!({ "booked_on": "2026-02-02", "due_on": "2026-02-20" })).expect(200).await;
    let document = app.get(&format!("/api/documents/{}", booked["document_id"].as_str().unwrap())).expect(200).await;
    assert_eq!((document["issue_on"].as_str(), document["due_on"].as_str()), (Some("2026-01-20"), Some("2026-02-20")));
    let days = "select entry_on || ' ' || piece_on from ledger.entry where tenant_id = $1";
    assert_eq!(app.value::<String>(days).await, "2026-02-02 2026-01-20");
}

#[tokio::test]
async fn what_changed_meanwhile_is_read_again() {
    let app = ready().await;
    let came = app.receive("MDL", einvoice::cii::write(&cii("F-1")).unwrap()).await;
    let tag = came.header("etag").to_owned();
    let path = format!("{PATH}/{}", id(&came.json));
    app.tick();
    app.post(&format!("{path}/supplier"), json!({ "create": true })).header("if-match", &tag).expect(200).await;
    app.post(&format!("{path}/approval"), json!({})).header("if-match", &tag).expect(412).await;
    let tag = app.get(&path).await.header("etag").to_owned();
    app.tick();
    let approved = app.post(&format!("{path}/approval"), json!({})).header("if-match", &tag).await;
    let tag = approved.header("etag").to_owned();
    app.tick();
    app.post(&format!("{path}/booking"), json!({})).header("if-match", &tag).expect(200).await;
}

#[tokio::test]
async fn what_is_booked_is_paid_lettered_and_open_again_when_the_payment_comes_back() {
    let app = ready().await;
    let mut booked = Vec::new();
    for number in ["F-1", "F-2"] {
        let approved = app.approved(&cii(number)).await;
        booked.push(app.did(&approved, "booking", json!({})).await);
    }
    let open = async |at: usize| decimal(&app.get(&format!("{PATH}/{}", id(&booked[at]))).expect(200).await["open"]);
    assert_eq!((open(0).await, open(1).await), (amount("120"), amount("120")));
    let share = |at: usize, much: &str| json!({ "document_id": booked[at]["document_id"], "amount": much });
    let payment = json!({ "entity": "MDL", "party_id": booked[0]["party_id"], "direction": "out", "method": "transfer",
        "amount": "200", "allocations": [share(0, "120"), share(1, "50")] });
    let paid = app.post("/api/payments", payment).expect(201).await;
    assert_eq!((open(0).await, open(1).await), (amount("0"), amount("70")));
    // What is over is the supplier's debt, until it settles something.
    let found = [app.account("401").await, app.account("4091").await, app.account("512").await];
    assert_eq!(found, ["-70", "30", "-200"].map(amount));
    let path = format!("/api/payments/{}", id(&paid));
    app.post(&format!("{path}/allocations"), json!({ "allocations": [share(1, "30")] })).expect(200).await;
    assert_eq!((open(1).await, app.account("4091").await), (amount("40"), amount("0")));
    let lettered = "select count(*) from ledger.lettering_line where tenant_id = $1 and undone_at is null";
    assert_eq!(app.value::<i64>(lettered).await, 2, "the first invoice with its payment");
    app.post(&format!("{path}/bounce"), json!({ "reason": "Compte clos" })).expect(200).await;
    assert_eq!((open(0).await, open(1).await), (amount("120"), amount("120")));
    let found = [app.account("401").await, app.account("4091").await, app.account("512").await];
    assert_eq!(found, ["-240", "0", "0"].map(amount));
    app.ledger_balances().await;
}

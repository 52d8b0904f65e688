//! What lines are matched with, and what the books say then.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{PAYER, code, mapping, number, ready, states};
use crate::billing::{amount, decimal, id};

#[tokio::test]
async fn a_number_in_the_label_with_the_balance_is_matched_by_itself() {
    let (app, party, account) = ready().await;
    let invoice = app.invoice(&party, "300").await;
    let told = app.told(&account, &[&format!("2026-02-10;VIR {};360.00;;;R1", number(&invoice))]).await;
    assert_eq!((told["new"].as_i64(), states(&told)), (Some(1), [1, 1, 0, 0]));
    let seen = app.get(&format!("/api/documents/{}", id(&invoice))).expect(200).await;
    assert_eq!((seen["status"].as_str(), seen["payment_state"].as_str()), (Some("paid"), Some("paid")));
    let line = app.line("VIR").await;
    assert_eq!((line["state"].as_str(), line["matches"][0]["automatic"].as_bool()), (Some("matched"), Some(true)));
    let payment =
        app.get(&format!("/api/payments/{}", line["matches"][0]["payment_id"].as_str().unwrap())).expect(200).await;
    assert_eq!(
        (payment["source"].as_str(), payment["received_on"].as_str()),
        (Some("bank_import"), Some("2026-02-10"))
    );
    assert_eq!((app.account("411").await, app.account("512").await), (amount("0"), amount("360")));
    assert_eq!(app.unexplained(&account).await, amount("0"));
    app.in_order().await;
}

#[tokio::test]
async fn the_iban_of_a_customer_and_one_document_of_the_amount_are_matched_by_themselves() {
    let (app, party, account) = ready().await;
    let invoice = app.invoice(&party, "100").await;
    app.invoice(&party, "50").await;
    let told = app.told(&account, &[&format!("2026-02-10;VIREMENT;120.00;{PAYER};;R1")]).await;
    assert_eq!(states(&told), [1, 1, 0, 0]);
    assert_eq!(app.open_on(&invoice).await, amount("0"));
    app.in_order().await;
}

#[tokio::test]
async fn two_documents_of_the_amount_are_two_suggestions_and_one_click_confirms() {
    let (app, party, account) = ready().await;
    let other = app.customer("ZR7", "Other", json!({ "siren": "732829320" })).await;
    let (first, second) = (app.invoice(&party, "100").await, app.invoice(&other, "100").await);
    let told = app.told(&account, &["2026-03-12;VIREMENT RECU;120.00;;;R1"]).await;
    assert_eq!(states(&told), [1, 0, 1, 0]);
    let line = app.line("RECU").await;
    let suggestions = line["suggestions"].as_array().unwrap();
    assert_eq!((line["state"].as_str(), suggestions.len()), (Some("suggested"), 2));
    for suggestion in suggestions {
        assert_eq!(suggestion["reason"], "amount_equal");
        assert!(suggestion["score"].as_u64().unwrap() < 95);
        assert!(
            suggestion["facts"]
                .as_array()
                .unwrap()
                .iter()
                .any(|fact| fact["kind"] == "ambiguous" && fact["count"] == 2)
        );
    }
    // A line of a day to come is booked when that day is there.
    let chosen = &suggestions[0]["documents"][0];
    let command = json!({ "payments": [{ "document_id": chosen["document_id"], "amount": chosen["amount"] }] });
    assert_eq!(app.act(&line, "match", command.clone()).await.status, 422);
    app.at("2026-03-13T09:00:00Z").await;
    app.act(&line, "match", command).await.expect(200);
    let open = app.open_on(&first).await + app.open_on(&second).await;
    assert_eq!((open, app.account("411").await), (amount("120"), amount("120")));
    app.in_order().await;
}

#[tokio::test]
async fn a_part_is_paid_and_what_is_over_becomes_credit() {
    let (app, party, account) = ready().await;
    let invoice = app.invoice(&party, "100").await;
    let (part, over) = (format!("2026-02-10;ACOMPTE {};50.00;;;R1", number(&invoice)), "2026-02-11;SOLDE;100.00;;;R2");
    assert_eq!(states(&app.told(&account, &[&part, over]).await)[1], 0);
    let line = app.line("ACOMPTE").await;
    assert_eq!(
        line["suggestions"][0]["facts"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|fact| fact["kind"] == "partial_payment")
            .count(),
        1
    );
    let pay = |much: &str| json!({ "payments": [{ "document_id": id(&invoice), "amount": much }] });
    app.act(&line, "match", pay("50")).await.expect(200);
    assert_eq!(app.open_on(&invoice).await, amount("70"));
    let line = app.line("SOLDE").await;
    let silent = app.act(&line, "match", pay("70")).await;
    assert_eq!((silent.status.as_u16(), silent.json["errors"][0]["field"].as_str()), (422, Some("rest")));
    let mut told = pay("70");
    told["rest"] = json!("credit");
    let seen = app.act(&line, "match", told).await.expect(200);
    assert_eq!(seen["state"], "matched");
    assert_eq!(
        (app.open_on(&invoice).await, app.account("4191").await, app.account("512").await),
        (amount("0"), amount("-30"), amount("150"))
    );
    assert_eq!(app.unexplained(&account).await, amount("0"));
    app.in_order().await;
}

#[tokio::test]
async fn t_80_several_documents_are_paid_by_one_line_and_a_difference_is_explained_within_the_setting() {
    let (app, party, account) = ready().await;
    let other = app.customer("ZR7", "Other", json!({ "siren": "732829320" })).await;
    let (first, second) = (app.invoice(&party, "100").await, app.invoice(&other, "50").await);
    app.told(&account, &["2026-02-10;GROUPE;179.50;;;R1", "2026-02-10;NEGATIF;-180.00;;;R2"]).await;
    let line = app.line("GROUPE").await;
    let mut both = json!({ "payments": [{ "document_id": id(&first), "amount": "120" }, { "document_id": id(&second), "amount": "60" }] });
    let short = app.act(&line, "match", both.clone()).await;
    assert_eq!((short.status.as_u16(), short.json["errors"][0]["field"].as_str()), (422, Some("rest")));
    both["rest"] = json!("bank_fees");
    assert_eq!(app.act(&line, "match", both.clone()).await.status, 422);
    app.put("/api/bank/settings", json!({ "value": { "max_difference": "0.50", "link_days": 60 } })).expect(200).await;
    // Sign, amount, currency, and documents that are not there.
    let wrong = app
        .act(
            &app.line("NEGATIF").await,
            "match",
            json!({ "payments": [{ "document_id": id(&first), "amount": "120" }] }),
        )
        .await;
    assert_eq!(wrong.status.as_u16(), 422);
    assert_eq!(code(&app.act(&app.line("NEGATIF").await, "match", both.clone()).await), "bank_line_sign");
    let cases = [("0", 422), ("-1", 422), ("1.001", 422), ("99999999999999999999", 422), ("179.50", 409)];
    for (much, status) in cases {
        let wrong = json!({ "payments": [{ "document_id": id(&first), "amount": much }] });
        assert_eq!(app.act(&line, "match", wrong).await.status.as_u16(), status, "{much}");
    }
    let nowhere =
        json!({ "payments": [{ "document_id": "01a1fc65-3b34-7132-8044-50af971882c2", "amount": "179.50" }] });
    assert_eq!(app.act(&line, "match", nowhere).await.status, 404);
    assert_eq!(app.account("411").await, amount("180"));
    let seen = app.act(&line, "match", both).await.expect(200);
    assert_eq!(seen["matches"].as_array().unwrap().len(), 3);
    let balances = [app.account("411").await, app.account("512").await, app.account("627").await];
    assert_eq!(balances, ["0", "179.50", "0.50"].map(amount));
    let told = "select count(*) from platform.event where tenant_id = $1 and action = 'bank_line_matched'";
    assert_eq!(app.count(told).await, 1);
    app.in_order().await;
}

#[tokio::test]
async fn t_81_what_was_recorded_before_is_recognised_and_posted_once() {
    let (app, party, account) = ready().await;
    let invoice = app.invoice(&party, "100").await;
    app.pay(&party, "120", json!([{ "document_id": id(&invoice), "amount": "120" }])).await;
    assert_eq!(app.count("select count(*) from billing.bank_line where tenant_id = $1").await, 0);
    let cheque = json!({ "entity": "ZR7", "party_id": party, "method": "cheque", "amount": "77", "reference": "CHQ 0098", "received_on": "2026-02-01" });
    let cheque = app.post("/api/payments", cheque).expect(201).await;
    let told = app.told(&account, &["2026-02-10;VIR ACME;120.00;;;R1", "2026-02-09;REMISE CHQ 0098;77.00;;;R2"]).await;
    assert_eq!(states(&told), [2, 0, 2, 0]);
    let line = app.line("VIR").await;
    let suggestion = &line["suggestions"][0];
    assert_eq!(
        (suggestion["kind"].as_str(), suggestion["reason"].as_str()),
        (Some("recorded"), Some("already_recorded"))
    );
    let entries = "select count(*) from ledger.entry where tenant_id = $1";
    let before = app.count(entries).await;
    app.act(&line, "match", json!({ "payment_id": suggestion["payment_id"] })).await.expect(200);
    assert_eq!(app.count(entries).await, before);
    // A cheque waited on an account of its own until the bank had it.
    let line = app.line("REMISE").await;
    assert_eq!(
        (line["suggestions"][0]["payment_id"].as_str(), line["suggestions"][0]["score"].as_u64()),
        (Some(id(&cheque)), Some(92))
    );
    assert_eq!(app.account("5112").await, amount("77"));
    app.act(&line, "match", json!({ "payment_id": id(&cheque) })).await.expect(200);
    assert_eq!(app.account("5112").await, amount("0"));
    assert_eq!(app.unexplained(&account).await, amount("0"));
    // A payment is one line's; cut from it, it waits for another, and the money goes back to where it was entered.
    app.told(&account, &["2026-02-11;ENCORE;77.00;;;R3"]).await;
    let again = app.line("ENCORE").await;
    let taken = app.act(&again, "match", json!({ "payment_id": id(&cheque) })).await;
    assert_eq!((taken.status.as_u16(), Some(code(&taken))), (409, Some("bank_match_payment_key")));
    app.act(&line, "unmatch", json!({ "reason": "autre chèque" })).await.expect(200);
    assert_eq!((app.account("5112").await, app.account("411").await), (amount("77"), amount("0")));
    app.act(&again, "match", json!({ "payment_id": id(&cheque) })).await.expect(200);
    app.in_order().await;
}

#[tokio::test]
async fn links_check_sign_amount_and_days() {
    let (app, party, account) = ready().await;
    let pay = async |much: &str, on: &str| {
        let payment =
            json!({ "entity": "ZR7", "party_id": party, "method": "transfer", "amount": much, "received_on": on });
        id(&app.post("/api/payments", payment).expect(201).await).to_owned()
    };
    let (near, far, other) =
        (pay("50", "2026-02-01").await, pay("50", "2025-10-01").await, pay("49", "2026-02-01").await);
    app.told(&account, &["2026-02-10;CREDIT;50.00;;;R1", "2026-02-10;DEBIT;-50.00;;;R2"]).await;
    let (line, out) = (app.line("CREDIT").await, app.line("DEBIT").await);
    let linked = |payment: &str| json!({ "payment_id": payment, "treat_as": "link" });
    assert_eq!(code(&app.act(&line, "match", linked(&far)).await), "bank_line_days");
    assert_eq!(app.act(&line, "match", linked(&other)).await.json["errors"][0]["field"], "rest");
    assert_eq!(code(&app.act(&out, "match", linked(&near)).await), "bank_line_sign");
    let twice = json!({ "payment_ids": [near, near] });
    assert_eq!(app.act(&line, "match", twice).await.status, 422);
    assert_eq!(app.act(&line, "match", json!({})).await.status, 422);
    app.act(&line, "match", linked(&near)).await.expect(200);
    assert_eq!(code(&app.act(&line, "match", linked(&far)).await), "bank_line_lifecycle");
    app.in_order().await;
}

#[tokio::test]
async fn f_10_a_payment_that_came_back_is_taken_back_with_what_the_bank_charged() {
    let (app, party, account) = ready().await;
    let invoice = app.invoice(&party, "100").await;
    app.told(&account, &[&format!("2026-02-02;PRLV {};120.00;;E2E-77;R1", number(&invoice))]).await;
    assert_eq!(app.open_on(&invoice).await, amount("0"));
    app.told(&account, &["2026-02-10;REJET PRLV;-120.00;;E2E-77;R2"]).await;
    let line = app.line("REJET").await;
    let suggestion = &line["suggestions"][0];
    assert_eq!(
        (line["state"].as_str(), suggestion["kind"].as_str(), suggestion["automatic"].as_bool()),
        (Some("suggested"), Some("bounce"), Some(false))
    );
    let seen = app.act(&line, "match", json!({ "payment_id": suggestion["payment_id"] })).await.expect(200);
    assert_eq!((seen["matches"][0]["kind"].as_str(), seen["can"].as_array().unwrap().len()), (Some("bounced"), 0));
    assert_eq!((app.open_on(&invoice).await, app.account("512").await), (amount("120"), amount("0")));
    let paid = app.get(&format!("/api/payments/{}", suggestion["payment_id"].as_str().unwrap())).expect(200).await;
    assert_eq!((paid["status"].as_str(), paid["bounced_on"].as_str()), (Some("failed"), Some("2026-02-10")));
    // What came back stays matched, and so does what it came back of.
    assert_eq!(code(&app.act(&line, "unmatch", json!({ "reason": "x" })).await), "bank_match_final");
    let first = app.line("PRLV%20FAC").await;
    assert_eq!(code(&app.act(&first, "unmatch", json!({ "reason": "x" })).await), "bank_payment_returned");
    assert_eq!(app.unexplained(&account).await, amount("0"));
    app.in_order().await;
}

#[tokio::test]
async fn a_cheque_that_comes_back_leaves_the_bank_and_not_the_drawer() {
    let (app, party, account) = ready().await;
    let invoice = app.invoice(&party, "100").await;
    let cheque = json!({ "entity": "ZR7", "party_id": party, "method": "cheque", "amount": "120", "reference": "CHQ 0098", "received_on": "2026-02-01",
        "allocations": [{ "document_id": id(&invoice), "amount": "120" }] });
    let cheque = app.post("/api/payments", cheque).expect(201).await;
    app.told(&account, &["2026-02-03;REMISE 0098;120.00;;;R1", "2026-02-09;IMPAYE CHQ 0098;-135.00;;;R2"]).await;
    app.act(&app.line("REMISE").await, "match", json!({ "payment_id": id(&cheque) })).await.expect(200);
    let line = app.line("IMPAYE").await;
    let silent = app.act(&line, "match", json!({ "payment_id": id(&cheque) })).await;
    assert_eq!(silent.json["errors"][0]["field"], "rest");
    app.put("/api/bank/settings", json!({ "value": { "max_difference": "20", "link_days": 60 } })).expect(200).await;
    app.act(&line, "match", json!({ "payment_id": id(&cheque), "rest": "bank_fees" })).await.expect(200);
    let balances =
        [app.account("411").await, app.account("5112").await, app.account("512").await, app.account("627").await];
    assert_eq!(balances, ["120", "0", "-15", "15"].map(amount));
    assert_eq!(app.unexplained(&account).await, amount("0"));
    app.in_order().await;
}

#[tokio::test]
async fn what_a_person_took_back_is_recognised_when_the_bank_tells_of_it() {
    let (app, party, account) = ready().await;
    let invoice = app.invoice(&party, "100").await;
    app.told(&account, &[&format!("2026-02-02;VIR {};120.00;;;R1", number(&invoice))]).await;
    let payment = app.line("VIR").await["matches"][0]["payment_id"].as_str().unwrap().to_owned();
    app.post(&format!("/api/payments/{payment}/bounce"), json!({ "reason": "AC04", "on": "2026-02-09" }))
        .expect(200)
        .await;
    app.told(&account, &["2026-02-10;RETOUR VIREMENT;-120.00;;;R2"]).await;
    let line = app.line("RETOUR").await;
    assert_eq!(
        (line["suggestions"][0]["kind"].as_str(), line["suggestions"][0]["payment_id"].as_str()),
        (Some("bounce"), Some(payment.as_str()))
    );
    app.act(&line, "match", json!({ "payment_id": payment })).await.expect(200);
    assert_eq!((app.account("512").await, app.account("411").await), (amount("0"), amount("120")));
    assert_eq!(app.unexplained(&account).await, amount("0"));
    app.in_order().await;
}

#[tokio::test]
async fn t_80_a_match_is_undone_with_a_reason_and_never_made_again_by_itself() {
    let (app, party, account) = ready().await;
    let invoice = app.invoice(&party, "100").await;
    app.told(&account, &[&format!("2026-02-10;VIR {};120.00;;;R1", number(&invoice))]).await;
    let line = app.line("VIR").await;
    assert_eq!(app.act(&line, "unmatch", json!({ "reason": " " })).await.status, 422);
    let seen = app.act(&line, "unmatch", json!({ "reason": "mauvais client" })).await.expect(200);
    assert_eq!(
        (seen["state"].as_str(), seen["matches"][0]["undone_reason"].as_str()),
        (Some("unmatched"), Some("mauvais client"))
    );
    assert_eq!((app.open_on(&invoice).await, app.account("512").await), (amount("120"), amount("0")));
    assert_eq!(code(&app.act(&line, "unmatch", json!({ "reason": "x" })).await), "bank_line_lifecycle");
    let told = "select count(*) from platform.event where tenant_id = $1 and action = 'bank_line_unmatched' and details->>'reason' = 'mauvais client'";
    assert_eq!(app.count(told).await, 1);
    app.run("reconcile-payments").await;
    let line = app.line("VIR").await;
    assert_eq!(
        (line["state"].as_str(), line["suggestions"][0]["automatic"].as_bool()),
        (Some("suggested"), Some(false))
    );
    // And a person may make it again.
    let again = json!({ "payments": [{ "document_id": id(&invoice), "amount": "120" }] });
    let seen = app.act(&line, "match", again).await.expect(200);
    assert_eq!(seen["matches"].as_array().unwrap().len(), 2);
    assert_eq!(app.open_on(&invoice).await, amount("0"));
    app.in_order().await;
}

#[tokio::test]
async fn a_line_may_stay_out_of_the_books_or_go_to_an_account_of_its_own() {
    let (app, _, account) = ready().await;
    app.told(&account, &["2026-02-10;FRAIS;-12.00;;;R1", "2026-02-10;TEST;1.00;;;R2", "2026-02-10;INTERETS;4.00;;;R3"])
        .await;
    let test = app.line("TEST").await;
    let seen = app.act(&test, "ignore", json!({ "reason": "virement test" })).await.expect(200);
    assert_eq!((seen["state"].as_str(), seen["ignore_reason"].as_str()), (Some("ignored"), Some("virement test")));
    assert_eq!(
        app.act(&test, "match", json!({ "party_id": "01a1fc65-3b34-7132-8044-50af971882c2" })).await.status,
        409
    );
    app.act(&test, "unmatch", json!({ "reason": "finalement non" })).await.expect(200);
    app.act(&test, "ignore", json!({ "reason": "si" })).await.expect(200);
    let fees = app.line("FRAIS").await;
    let cases = [
        (json!({ "account": "999999" }), "account"),
        (json!({ "account": "411" }), "account"),
        (json!({ "account": "512" }), "account"),
        (json!({ "account": "627", "vat_rate": "0" }), "vat_rate"),
        (json!({ "account": "627", "vat_rate": "20.001" }), "vat_rate"),
        (json!({ "account": "627", "vat_rate": "100" }), "vat_rate"),
    ];
    for (body, field) in cases {
        let refused = app.act(&fees, "post", body.clone()).await;
        assert_eq!(
            (refused.status.as_u16(), refused.json["errors"][0]["field"].as_str()),
            (422, Some(field)),
            "{body}: {}",
            refused.json
        );
    }
    app.act(&fees, "post", json!({ "account": "627", "label": "Frais de tenue de compte", "vat_rate": "20" }))
        .await
        .expect(200);
    let balances = [app.account("627").await, app.account("44566").await, app.account("512").await];
    assert_eq!(balances, ["10", "2", "-12"].map(amount));
    let income = app.line("INTERETS").await;
    assert_eq!(
        app.act(&income, "post", json!({ "account": "758", "vat_rate": "20" })).await.json["errors"][0]["field"],
        "vat_rate"
    );
    app.act(&income, "post", json!({ "account": "758" })).await.expect(200);
    assert_eq!((app.account("758").await, app.unexplained(&account).await), (amount("-4"), amount("0")));
    app.act(&fees, "unmatch", json!({ "reason": "mauvais compte" })).await.expect(200);
    assert_eq!((app.account("627").await, app.account("44566").await), (amount("0"), amount("0")));
    app.act(&fees, "post", json!({ "account": "627" })).await.expect(200);
    assert_eq!(app.account("627").await, amount("12"));
    app.in_order().await;
}

#[tokio::test]
async fn f_11_money_that_goes_out_pays_suppliers_and_gives_credit_back() {
    let (app, party, account) = ready().await;
    let supplier = app.customer("ZR7", "Fournisseur", json!({ "siren": "732829320", "roles": ["supplier"] })).await;
    let told =
        ["2026-02-02;ENTREE;100.00;;;R1", "2026-02-10;RENDU;-40.00;;;R2", "2026-02-10;AVANCE FOURNISSEUR;-60.00;;;R3"];
    app.told(&account, &told).await;
    let line = app.line("ENTREE").await;
    let seen = app.act(&line, "match", json!({ "party_id": party })).await.expect(200);
    assert_eq!(app.account("4191").await, amount("-100"));
    let payment = seen["matches"][0]["payment_id"].clone();
    let refund = json!({ "payment_id": payment, "treat_as": "refund" });
    app.act(&app.line("RENDU").await, "match", refund).await.expect(200);
    assert_eq!((app.account("4191").await, app.account("512").await), (amount("-60"), amount("60")));
    // What was given back keeps the payment; its refund can be undone.
    assert_eq!(code(&app.act(&line, "unmatch", json!({ "reason": "x" })).await), "payment_refunded");
    app.act(&app.line("AVANCE").await, "match", json!({ "party_id": supplier })).await.expect(200);
    assert_eq!((app.account("409").await, app.account("512").await), (amount("60"), amount("0")));
    app.act(&app.line("RENDU").await, "unmatch", json!({ "reason": "erreur" })).await.expect(200);
    assert_eq!(app.account("4191").await, amount("-100"));
    assert_eq!(app.unexplained(&account).await, amount("0"));
    app.in_order().await;
}

#[tokio::test]
async fn supplier_invoices_and_credit_notes_are_paid_by_what_goes_out() {
    let (app, party, account) = ready().await;
    let invoice = app.invoice(&party, "100").await;
    app.told(&account, &[&format!("2026-02-02;VIR {};120.00;;;R1", number(&invoice))]).await;
    let part = json!({ "reason": "Geste commercial", "lines": [{ "name": "Remise", "unit_price": "50" }] });
    let note = app.post(&format!("/api/documents/{}/credit-notes", id(&invoice)), part).expect(201).await;
    let note = app.post(&format!("/api/documents/{}/issuance", id(&note)), json!({})).expect(200).await;
    assert_eq!((app.open_on(&note).await, app.account("4191").await), (amount("60"), amount("-60")));
    // What a supplier invoiced, as its mirror would have written it.
    let bought = format!("insert into billing.document (tenant_id, id, entity_id, kind, direction, series, status, origin, party_id, currency,
            language, payment_terms_days, lines_net, net, gross, created_at, created_by, updated_at)
        select p.tenant_id, gen_random_uuid(), p.entity_id, 'invoice', 'purchase', 'purchase', 'draft', 'received', p.id, 'EUR', 'fr', 30,
            80, 80, 80, '2026-02-01', 'x', '2026-02-01' from parties.party p where p.tenant_id = '{0}' and p.code = 'C00001';
        update billing.document set status = 'sent', number = 'F-88912', issue_on = '2026-02-01', due_on = '2026-02-28', seller = '{{}}', buyer = '{{}}',
            issued_at = '2026-02-01', issued_by = 'x', rate = 1, gross_functional = 80, entry_id = gen_random_uuid(), payment_state = 'unpaid'
        where tenant_id = '{0}' and direction = 'purchase'", app.tenant);
    sqlx::raw_sql(sqlx::AssertSqlSafe(bought)).execute(&mut crate::support::owner().await).await.unwrap();
    let lines = [
        format!("2026-02-11;REMB {};-60.00;;;R2", number(&note)),
        "2026-02-11;VIR F-88912 FOURNISSEUR;-80.00;;;R3".to_owned(),
    ];
    let told = app.told(&account, &lines.each_ref().map(String::as_str)).await;
    assert_eq!(states(&told), [2, 2, 0, 0], "{:#}", app.get("/api/bank/lines").expect(200).await);
    assert_eq!((app.open_on(&note).await, app.account("4191").await), (amount("0"), amount("0")));
    assert_eq!((app.account("401").await, app.account("512").await), (amount("80"), amount("-20")));
    let directions = "select string_agg(direction, ' ' order by direction) from billing.payment where tenant_id = $1";
    assert_eq!(app.value::<String>(directions).await, "in out refund");
    let refund = app.line("REMB").await;
    app.act(&refund, "unmatch", json!({ "reason": "erreur" })).await.expect(200);
    assert_eq!((app.open_on(&note).await, app.account("4191").await), (amount("60"), amount("-60")));
    app.in_order().await;
}

#[tokio::test]
async fn an_account_in_another_currency_is_reconciled_in_it() {
    let (app, party, _) = ready().await;
    app.post(
        "/api/ledger/accounts",
        json!({ "entity": "ZR7", "code": "512100", "name_fr": "Compte CHF", "class": "asset" }),
    )
    .expect(201)
    .await;
    let rate = json!({ "entity": "ZR7", "from": "CHF", "to": "EUR", "rate_type": "official", "on": "2026-02-01", "rate": "1.0500" });
    app.put("/api/ledger/rates", rate).expect(200).await;
    let mut table = mapping();
    table["currency"] = json!("CHF");
    let account = json!({ "name": "CHF", "iban": "CH9300762011623852957", "currency": "CHF", "ledger_account": "512100", "csv_mapping": table });
    let account = app.bank(account).await;
    app.told(&account, &["2026-02-10;ENTREE;100.00;;;R1", "2026-02-10;FRAIS;-10.00;;;R2"]).await;
    let line = app.line("ENTREE").await;
    assert_eq!(line["currency"], "CHF");
    app.act(&line, "match", json!({ "party_id": party })).await.expect(200);
    app.act(&app.line("FRAIS").await, "post", json!({ "account": "627" })).await.expect(200);
    assert_eq!(
        (app.account("4191").await, app.account("627").await, app.account("5121").await),
        (amount("-105"), amount("10.50"), amount("94.50"))
    );
    let seen = app.get(&format!("/api/bank/accounts/{account}")).expect(200).await["reconciliation"].clone();
    assert_eq!((decimal(&seen["ledger_balance"]), app.unexplained(&account).await), (amount("90"), amount("0")));
    // A line in euros pays nothing in francs.
    let euros = app.invoice(&party, "50").await;
    app.told(&account, &["2026-02-11;ENCORE;60.00;;;R3"]).await;
    let wrong = json!({ "payments": [{ "document_id": id(&euros), "amount": "60" }] });
    assert_eq!(code(&app.act(&app.line("ENCORE").await, "match", wrong).await), "allocation_currency");
}

#[tokio::test]
async fn of_many_who_confirm_a_line_at_once_one_does() {
    let (app, party, account) = ready().await;
    let (first, second) = (app.invoice(&party, "100").await, app.invoice(&party, "100").await);
    app.told(&account, &["2026-02-10;UN;120.00;;;R1", "2026-02-10;DEUX;120.00;;;R2"]).await;
    let (one, two) = (app.line("UN").await, app.line("DEUX").await);
    let confirm = |line: &Value, document: &Value| {
        let body = json!({ "payments": [{ "document_id": id(document), "amount": "120" }] });
        app.post(&format!("/api/bank/lines/{}/match", id(line)), body).into_future()
    };
    let answers =
        join_all([&first, &second, &first, &second, &first, &second].map(|document| confirm(&one, document))).await;
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(
        (
            statuses.iter().filter(|status| **status == 200).count(),
            statuses.iter().filter(|status| **status == 409).count()
        ),
        (1, 5)
    );
    // Two lines for one document: one pays it.
    let rest = if app.open_on(&first).await.is_zero() { &second } else { &first };
    let answers = join_all([&two, &two, &two].map(|line| confirm(line, rest))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(app.count("select count(*) from billing.payment where tenant_id = $1").await, 2);
    assert_eq!(app.account("411").await, amount("0"));
    // And the same file, sent by several at once, is imported once.
    let file = "2026-02-11;TROIS;5.00;;;R3\n2026-02-11;QUATRE;6.00;;;R4";
    let path = format!("/api/bank/accounts/{account}/statements");
    let answers = join_all((0..4).map(|_| app.post(&path, json!({})).raw("text/csv", file).into_future())).await;
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(
        (
            statuses.iter().filter(|status| **status == 201).count(),
            statuses.iter().filter(|status| **status == 200).count()
        ),
        (1, 3)
    );
    app.in_order().await;
}

#[tokio::test]
async fn a_balance_that_drifted_is_told_and_a_closed_period_leaves_the_suggestion() {
    let (app, party, account) = ready().await;
    let invoice = app.invoice(&party, "100").await;
    let lock = json!({ "entity": "ZR7", "starts_on": "2026-01-01", "ends_on": "2026-01-31", "reason": "clôture" });
    let locked = app.post("/api/ledger/locks", lock).await;
    assert!(locked.status.is_success(), "{}", locked.json);
    let told = app.told(&account, &[&format!("2026-01-30;VIR {};120.00;;;R1", number(&invoice))]).await;
    assert_eq!((told["new"].as_i64(), states(&told)), (Some(1), [1, 0, 1, 0]));
    let line = app.line("VIR").await;
    let pay = |on: &str| json!({ "payments": [{ "document_id": id(&invoice), "amount": "120" }], "on": on });
    assert_eq!(code(&app.act(&line, "match", pay("2026-01-30")).await), "period_locked");
    assert_eq!(app.act(&line, "match", pay("2026-01-29")).await.json["errors"][0]["field"], "on");
    app.act(&line, "match", pay("2026-02-01")).await.expect(200);
    app.in_order().await;
    let drift = "update billing.document set paid = 100, status = 'sent' where tenant_id = $1";
    sqlx::query(drift).bind(app.tenant.uuid()).execute(&mut crate::support::owner().await).await.unwrap();
    assert_eq!(app.run("reconcile-payments").await["drifted"], 1);
    let told = "select severity || ' ' || (details->'computed'->>'paid') from platform.event where tenant_id = $1 and action = 'payment_drift'";
    assert_eq!(app.value::<String>(told).await, "error 120.0000");
}

//! Bank statements: what is imported, what it is matched with, and what the books say then.

use futures_util::future::join_all;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{amount, decimal, id};
use crate::support::{Answer, TestApp};

const BNP: &[u8] = include_bytes!("../../../../statements/samples/bnp_camt053_001_02.xml");
const SPARKASSE: &[u8] = include_bytes!("../../../../statements/samples/sparkasse_camt053_001_08.xml");
const OFX1: &[u8] = include_bytes!("../../../../statements/samples/credit_agricole_ofx1.ofx");
const OFX2: &[u8] = include_bytes!("../../../../statements/samples/card_ofx2.ofx");
const QONTO: &[u8] = include_bytes!("../../../../statements/samples/qonto.csv");
const IBAN: &str = "FR7630004008120001020304005";
const PAYER: &str = "FR7630003012340005556667761";

/// `date;label;amount;iban;end to end;reference of the bank`.
fn mapping() -> Value {
    json!({ "delimiter": ";", "has_header": false, "date": 0, "date_format": "year_month_day", "decimal": ".", "label": [1],
        "amount": { "kind": "signed", "column": 2 }, "counterparty_iban": 3, "reference": 4, "bank_reference": 5, "currency": "EUR" })
}

impl TestApp {
    /// A bank account of ZR7 whose tables are read by [`mapping`].
    pub(super) async fn bank(&self, fields: Value) -> String {
        let mut account = json!({ "entity": "ZR7", "name": "Compte courant", "iban": IBAN, "csv_mapping": mapping() });
        for (key, value) in fields.as_object().unwrap() {
            account[key] = value.clone();
        }
        id(&self.post("/api/bank/accounts", account).expect(201).await).to_owned()
    }

    async fn import(&self, account: &str, query: &str, file: impl Into<Vec<u8>>) -> Answer {
        let path = format!("/api/bank/accounts/{account}/statements?{query}");
        self.post(&path, json!({})).raw("application/octet-stream", file).await
    }

    /// Imports lines; returns what was told.
    pub(super) async fn told(&self, account: &str, lines: &[&str]) -> Value {
        self.import(account, "", lines.join("\n")).await.expect(201)
    }

    /// The line of an account whose label has this text.
    async fn line(&self, text: &str) -> Value {
        let found =
            self.get(&format!("/api/bank/lines?search={text}")).expect(200).await["items"].as_array().unwrap().clone();
        assert_eq!(found.len(), 1, "{text}: {found:#?}");
        found[0].clone()
    }

    async fn act(&self, line: &Value, action: &str, body: Value) -> Answer {
        self.post(&format!("/api/bank/lines/{}/{action}", id(line)), body).await
    }

    async fn open_on(&self, document: &Value) -> Decimal {
        decimal(&self.get(&format!("/api/documents/{}", id(document))).expect(200).await["balance"])
    }

    async fn count(&self, sql: &'static str) -> i64 {
        self.value(sql).await
    }

    /// Entries balance, and customers owe in the books what their documents and credits say (F-11).
    async fn in_order(&self) {
        let off = "select count(*) from (select entry_id from ledger.entry_line where tenant_id = $1 group by entry_id
            having sum(debit) <> sum(credit) or sum(second_debit) <> sum(second_credit)) x";
        assert_eq!(self.count(off).await, 0, "an entry does not balance");
        let owed = "select coalesce(sum(gross - paid - credited), 0) from billing.document
            where tenant_id = $1 and direction = 'sale' and kind in ('invoice', 'deposit_invoice') and status <> 'draft'";
        assert_eq!(self.account("411").await, self.value::<Decimal>(owed).await, "what customers owe");
        let credit = "select coalesce(sum(y.amount
                - coalesce((select sum(a.amount) from billing.allocation a where a.tenant_id = y.tenant_id and a.payment_id = y.id and a.released_on is null), 0)
                - coalesce((select sum(r.amount) from billing.payment r where r.tenant_id = y.tenant_id and r.refund_of = y.id and r.status = 'completed'), 0)), 0)
            + (select coalesce(sum(gross - paid - credited), 0) from billing.document where tenant_id = $1 and direction = 'sale'
                and kind = 'credit_note' and status <> 'draft')
            from billing.payment y where y.tenant_id = $1 and y.direction = 'in' and y.status = 'completed'";
        assert_eq!(
            -self.account("4191").await,
            self.value::<Decimal>(credit).await,
            "what customers have to their credit"
        );
        assert_eq!(self.run("reconcile-payments").await["drifted"], 0);
    }

    /// What of the account nothing explains, from nothing on both sides.
    async fn unexplained(&self, account: &str) -> Decimal {
        let seen = self.get(&format!("/api/bank/accounts/{account}")).expect(200).await["reconciliation"].clone();
        let lines = "select coalesce(sum(amount), 0) from billing.bank_line where tenant_id = $1";
        self.value::<Decimal>(lines).await
            - decimal(&seen["ledger_balance"])
            - decimal(&seen["unmatched"])
            - decimal(&seen["ignored"])
    }
}

fn states(imported: &Value) -> [i64; 4] {
    ["lines", "matched", "suggested", "unmatched"].map(|key| imported["matching"][key].as_i64().unwrap())
}

async fn ready() -> (TestApp, String, String) {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({ "iban": PAYER })).await;
    let account = app.bank(json!({})).await;
    (app, party, account)
}

/// The stable code of a refusal.
fn code(answer: &Answer) -> &str {
    answer.json["type"].as_str().unwrap_or_default().trim_start_matches("urn:comptoir:problem:")
}

fn number(document: &Value) -> &str {
    document["number"].as_str().unwrap()
}

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

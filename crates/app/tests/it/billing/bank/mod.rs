//! Bank statements: what is imported, what it is matched with, and what the books say then.

mod importing;
mod matching;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{decimal, id};
use crate::support::{Answer, TestApp};

const BNP: &[u8] = include_bytes!("../../../../../statements/samples/bnp_camt053_001_02.xml");
const SPARKASSE: &[u8] = include_bytes!("../../../../../statements/samples/sparkasse_camt053_001_08.xml");
const OFX1: &[u8] = include_bytes!("../../../../../statements/samples/credit_agricole_ofx1.ofx");
const OFX2: &[u8] = include_bytes!("../../../../../statements/samples/card_ofx2.ofx");
const QONTO: &[u8] = include_bytes!("../../../../../statements/samples/qonto.csv");
const IBAN: &str = "FR7630004008120001020304005";
pub(super) const PAYER: &str = "FR7630003012340005556667761";

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
                - coalesce((select sum(a.amount) from billing.allocation a where a.tenant_id = $1 and a.payment_id = y.id and a.released_on is null), 0)
                - coalesce((select sum(r.amount) from billing.payment r where r.tenant_id = $1 and r.refund_of = y.id and r.status = 'completed'), 0)), 0)
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

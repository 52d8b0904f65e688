//! Documents and payments over HTTP, on a real database, down to the books.

mod bank;
mod billed;
mod credit;
mod documents;
mod exports;
mod frozen;
mod history;
mod incoming;
mod issuing;
mod numbering;
mod payments;
mod preview;
mod reminders;
mod rules;
mod sending;
mod statement;
mod validators;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::support::TestApp;

impl TestApp {
    /// Gives an entity the legal identity that invoices ask for.
    pub(crate) async fn lawful(&self, entity: &str) {
        let siret = if entity == "ZR7" { "73282932000074" } else { "55208131766522" };
        let vat = if entity == "ZR7" { "FR44732829320" } else { "FR03552081317" };
        let legal = json!({ "legal_name": format!("{entity} Énergie"), "legal_form": "SAS", "share_capital": "10000.00",
            "address": { "line1": "1 rue de la Paix", "postal_code": "75002", "city": "Paris", "country": "FR" },
            "siret": siret, "vat_number": vat, "register": "RCS", "register_city": "Paris", "ape_code": "43.22B",
            "iban": "FR7630006000011234567890189", "bic": "AGRIFRPP" });
        self.put(&format!("/api/entities/{entity}/legal"), legal).expect(200).await;
    }

    /// A business in France that can be invoiced.
    pub(crate) async fn customer(&self, entity: &str, name: &str, fields: Value) -> String {
        let mut party = json!({ "entity": entity, "name": name, "siren": "443061841", "address_line1": "8 rue de Londres",
            "postal_code": "75009", "city": "Paris", "email": format!("{}@client.example", name.to_lowercase().replace(' ', ".")) });
        for (key, value) in fields.as_object().unwrap() {
            party[key] = value.clone();
        }
        self.post("/api/parties", party).expect(201).await["id"].as_str().unwrap().to_owned()
    }

    /// A draft of ZR7 with these lines.
    pub(crate) async fn draft(&self, party: &str, lines: Value) -> String {
        let draft = json!({ "entity": "ZR7", "party_id": party, "lines": lines });
        self.post("/api/documents", draft).expect(201).await["id"].as_str().unwrap().to_owned()
    }

    /// An invoice of ZR7 over `net` at 20 %, issued today.
    pub(crate) async fn invoice(&self, party: &str, net: &str) -> Value {
        let draft = self.draft(party, json!([{ "name": "Prestation", "unit_price": net }])).await;
        self.post(&format!("/api/documents/{draft}/issuance"), json!({})).expect(200).await
    }

    /// A payment of a customer of ZR7 that settles this much of a document.
    pub(crate) async fn pay(&self, party: &str, amount: &str, allocations: Value) -> Value {
        let payment = json!({ "entity": "ZR7", "party_id": party, "method": "transfer", "amount": amount, "allocations": allocations });
        self.post("/api/payments", payment).expect(201).await
    }

    /// The balance of the accounts that begin with `account`, debit above zero, in all books of the tenant.
    pub(crate) async fn account(&self, account: &str) -> Decimal {
        let sql = "select coalesce(sum(l.debit - l.credit), 0) from ledger.entry_line l
            join ledger.account a on a.tenant_id = l.tenant_id and a.id = l.account_id
            where l.tenant_id = $1 and starts_with(a.code, $2)";
        let query = sqlx::query_scalar(sql).bind(self.tenant.uuid()).bind(account.to_owned());
        query.fetch_one(&mut crate::support::owner().await).await.unwrap()
    }
}

pub(crate) fn decimal(value: &Value) -> Decimal {
    value.as_str().unwrap_or_else(|| panic!("{value} is no decimal")).parse().unwrap()
}

fn amount(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

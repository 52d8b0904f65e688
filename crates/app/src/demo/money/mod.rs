//! What the demo's entities bill and are paid: some months of ordinary business before the leads are replayed, every week's
//! ledger and its invoices, payments as customers make them, and a statement of each bank. All through the API, on the day of
//! the clock; nothing of it is drawn by chance.

mod bank;
mod leads;
mod partners;
mod pays;
mod story;

use std::collections::BTreeMap;

use kernel::{Date, Week};
use platform::{Error, Result};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::api::Api;
use pays::{Coming, Pays, RETURNED_AFTER};
use story::{PURCHASES, SALES, SUPPLIERS_PAID_AFTER, Sale, Step};

/// Days of ordinary business before the weeks of leads.
pub(super) const DAYS_BEFORE: i32 = 98;

/// Payments of the last days are told by the bank, not by a person.
const BANK_TELLS: i32 = 6;

/// The codes of both entities.
const ENTITIES: [&str; 2] = ["ZR7", "MDL"];

/// An invoice that somebody will pay.
#[derive(Clone, Debug)]
struct Due {
    entity: String,
    party_id: String,
    party: String,
    document: String,
    number: String,
    coming: Coming,
}

/// A payment that the bank will take back.
struct Return {
    on: Date,
    payment: String,
}

/// The money of the demo, day by day.
pub(super) struct Money {
    today: Date,
    partners: BTreeMap<&'static str, String>,
    buyers: BTreeMap<String, String>,
    due: Vec<Due>,
    returns: Vec<Return>,
    /// The Mondays of the weeks that were invoiced.
    invoiced: Vec<Date>,
    deposit: Option<String>,
}

impl Money {
    /// Opens the books: partners, accounts at banks, what was there before.
    pub(super) async fn open(api: &Api, today: Date) -> Result<Self> {
        let partners = partners::create(api).await?;
        let buyers = leads::buyers(api).await?;
        for (entity, csv) in story::OPENINGS {
            let first = today.plus_days(-SALES.first().map_or(0, |sale| sale.days_ago));
            api.post("/api/ledger/opening", &json!({ "entity": entity, "on": first, "csv": csv })).await?;
        }
        bank::open(api).await?;
        Ok(Self { today, partners, buyers, due: Vec::new(), returns: Vec::new(), invoiced: Vec::new(), deposit: None })
    }

    /// Whether something is to be done on a day besides what weeks bring.
    pub(super) fn has_work(&self, on: Date) -> bool {
        let ago = |days: i32| self.today.plus_days(-days) == on;
        SALES.iter().any(|sale| ago(sale.days_ago))
            || PURCHASES.iter().any(|(days, ..)| ago(*days) || ago(days - SUPPLIERS_PAID_AFTER))
            || self.due.iter().any(|due| due.coming.on == on)
            || self.returns.iter().any(|back| back.on == on)
    }

    /// A morning: what is billed, bought and paid on this day; on a Monday the week before is invoiced too.
    pub(super) async fn morning(&mut self, api: &Api, on: Date, first: Date) -> Result<()> {
        let ago = |sale: &&Sale| self.today.plus_days(-sale.days_ago) == on;
        for sale in SALES.iter().filter(ago).collect::<Vec<_>>() {
            self.sell(api, sale, on).await?;
        }
        self.buy(api, on).await?;
        if Week::of(on).monday() == on && on > first {
            self.invoice_week(api, on).await?;
        }
        self.receive(api, on).await
    }

    async fn sell(&mut self, api: &Api, sale: &Sale, on: Date) -> Result<()> {
        let lines: Vec<_> = sale
            .lines
            .iter()
            .map(|(name, quantity, price, off)| json!({ "name": name, "quantity": quantity, "unit_price": price, "discount_pct": off }))
            .collect();
        let is_final = self.deposit.is_some() && sale.subject.starts_with("Refonte");
        let deposits: Vec<_> = self.deposit.take_if(|_| is_final).into_iter().collect();
        let draft = json!({ "entity": sale.entity, "kind": sale.kind, "party_id": self.partner(sale.party)?, "subject": sale.subject,
            "lines": lines, "deposits": deposits });
        let draft = api.post("/api/documents", &draft).await?;
        let path = format!("/api/documents/{}", id_of(&draft));
        if matches!(sale.step, Step::Draft) {
            return Ok(());
        }
        let issued = api.post(&format!("{path}/issuance"), &json!({})).await?;
        match sale.step {
            Step::Issued(pays) => {
                if sale.kind == "deposit_invoice" {
                    self.deposit = Some(id_of(&issued).to_owned());
                }
                self.expect(sale.entity, &issued, pays, on)
            }
            Step::Accepted => {
                let answer = json!({ "accepted": true, "evidence": "Bon pour accord reçu par courriel" });
                api.post(&format!("{path}/answer"), &answer).await?;
                let invoice = api.post(&format!("{path}/conversion"), &json!({})).await?;
                api.post(&format!("/api/documents/{}/issuance", id_of(&invoice)), &json!({})).await.map(drop)
            }
            Step::Sent | Step::Draft => Ok(()),
        }
    }

    /// Remembers what will be paid of an issued document.
    fn expect(&mut self, entity: &str, document: &Value, pays: Pays, on: Date) -> Result<()> {
        let Some(coming) = pays.coming(on, decimal(&document["gross"])?) else { return Ok(()) };
        let text = |field: &str| document[field].as_str().unwrap_or_default().to_owned();
        self.due.push(Due {
            entity: entity.to_owned(),
            party_id: text("party_id"),
            party: text("party_name"),
            document: text("id"),
            number: text("number"),
            coming,
        });
        Ok(())
    }

    /// What suppliers bill, and what they are paid.
    async fn buy(&self, api: &Api, on: Date) -> Result<()> {
        for (ago, entity, supplier, what, account, net, vat) in PURCHASES {
            let party = self.partner(supplier)?;
            let (billed, paid) = (self.today.plus_days(-ago), self.today.plus_days(SUPPLIERS_PAID_AFTER - ago));
            let gross = net + vat;
            let label = format!("{supplier} – {what}");
            let euros = |amount: &u32| format!("{amount}.00");
            if billed == on {
                let lines = json!([{ "account": account, "debit": euros(net) }, { "account": "44566", "debit": euros(vat) },
                    { "account": "401", "party_id": party, "credit": euros(&gross), "due_on": paid }]);
                let entry = json!({ "entity": entity, "label": label, "piece_ref": format!("F{}", 2000 + ago), "lines": lines });
                api.post("/api/ledger/entries", &entry).await?;
            }
            if paid == on {
                let lines = json!([{ "account": "401", "party_id": party, "debit": euros(&gross) },
                    { "account": "512", "credit": euros(&gross) }]);
                let entry = json!({ "entity": entity, "label": label, "piece_ref": format!("VIR{}", 2000 + ago), "lines": lines });
                api.post("/api/ledger/entries", &entry).await?;
            }
        }
        Ok(())
    }

    /// Records what customers paid, and what the bank took back; of the last days the bank tells.
    async fn receive(&mut self, api: &Api, on: Date) -> Result<()> {
        let told_by_bank = self.today.plus_days(-BANK_TELLS);
        let (come, waiting): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.due).into_iter().partition(|due| due.coming.on == on && on < told_by_bank);
        self.due = waiting;
        for due in come {
            let coming = due.coming;
            let payment = json!({ "entity": due.entity, "party_id": due.party_id, "method": "transfer", "amount": coming.amount,
                "reference": due.number, "allocations": [{ "document_id": due.document, "amount": coming.settles }] });
            let payment = api.post("/api/payments", &payment).await?;
            if coming.bounces {
                self.returns.push(Return { on: on.plus_days(RETURNED_AFTER), payment: id_of(&payment).to_owned() });
            }
        }
        let (back, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.returns).into_iter().partition(|back| back.on == on);
        self.returns = later;
        for back in back {
            let reason = json!({ "reason": "AM04 provision insuffisante" });
            api.post(&format!("/api/payments/{}/bounce", back.payment), &reason).await?;
        }
        Ok(())
    }

    /// The end: units sent back after they were invoiced, the banks' statements, a period that is closed.
    pub(super) async fn close(&mut self, api: &Api) -> Result<()> {
        leads::take_back(api, &self.invoiced).await?;
        let due = std::mem::take(&mut self.due);
        for entity in ENTITIES {
            let mine: Vec<_> = due.iter().filter(|due| due.entity == entity && due.coming.on < self.today).collect();
            bank::statement(api, entity, self.today, &mine).await?;
        }
        // The months that were declared.
        let ends = self.today.minus_months(1).jiff().first_of_month();
        let ends = Date::from_jiff(ends).plus_days(-1);
        let starts = Date::from_jiff(ends.jiff().first_of_year());
        for entity in ENTITIES {
            let lock = json!({ "entity": entity, "starts_on": starts, "ends_on": ends, "reason": "TVA déclarée" });
            api.post("/api/ledger/locks", &lock).await?;
        }
        Ok(())
    }

    fn partner(&self, name: &str) -> Result<&str> {
        let found = self.partners.get(name);
        found.map(String::as_str).ok_or_else(|| Error::refused("demo", format!("{name} is nobody of the demo.")))
    }
}

fn decimal(value: &Value) -> Result<Decimal> {
    let read = value.as_str().and_then(|text| text.parse().ok());
    read.ok_or_else(|| Error::refused("demo", format!("{value} is no amount.")))
}

fn id_of(thing: &Value) -> &str {
    thing["id"].as_str().unwrap_or_default()
}

fn items(page: &Value) -> impl Iterator<Item = &Value> {
    page["items"].as_array().into_iter().flatten()
}

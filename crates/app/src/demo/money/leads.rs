//! The leads' money: what buyers pay, units paid in advance, the weeks' invoices, and what comes back after them.

use std::collections::BTreeMap;

use kernel::{Date, Week};
use platform::Result;
use serde_json::{Value, json};

use super::super::api::Api;
use super::story::HABITS;
use super::{ENTITIES, Money, decimal, id_of, items, pays::Pays};

/// Who pays in advance, and what.
const IN_ADVANCE: (&str, &str) = ("Grand Ouest Énergie", "PV");
const UNIT_PRICE: &str = "36";

/// Units bought in advance at first and each Monday.
const FIRST_UNITS: u32 = 40;
const MORE_UNITS: u32 = 10;

/// The buyers of leads: their ids by name. Some have a general discount, one of them pays in advance.
pub(super) async fn buyers(api: &Api) -> Result<BTreeMap<String, String>> {
    let page = api.get("/api/clients?entity=ALL&limit=100").await?;
    let text = |buyer: &Value, field: &str| buyer[field].as_str().unwrap_or_default().to_owned();
    let buyers: BTreeMap<_, _> = items(&page).map(|buyer| (text(buyer, "name"), text(buyer, "id"))).collect();
    for (name, percent) in [("Toit Vert", "8"), ("Grand Ouest Énergie", "5")] {
        let path = format!("/api/clients/{}/pricing", buyers[name]);
        api.put(&path, &json!({ "discount_pct_global": percent })).await?;
    }
    for (name, days, _) in HABITS {
        api.put(&format!("/api/clients/{}", buyers[*name]), &json!({ "payment_terms_days": days })).await?;
    }
    let (name, product) = IN_ADVANCE;
    let price = json!({ "product": product, "unit_price_eur": UNIT_PRICE, "billing_mode": "PREPAID" });
    api.post(&format!("/api/clients/{}/pricing/product", buyers[name]), &price).await?;
    Ok(buyers)
}

impl Money {
    /// The first Monday of the leads: units are bought in advance.
    pub(in super::super) async fn begin(&mut self, api: &Api, on: Date) -> Result<()> {
        self.sell_units(api, FIRST_UNITS, on).await
    }

    /// A Monday: prices change, favours are granted, the week before is built and invoiced.
    pub(super) async fn invoice_week(&mut self, api: &Api, monday: Date) -> Result<()> {
        let week = Week::of(monday.plus_days(-7));
        match self.invoiced.len() {
            0 => self.raise(api).await?,
            1 => self.grant(api, week).await?,
            _ => {}
        }
        api.post(&format!("/api/billing/week/{week}/build-ledger"), &json!({})).await?;
        for entity in ENTITIES {
            let done = api.post(&format!("/api/billing/week/{week}/invoices"), &json!({ "entity": entity })).await?;
            for issued in done["issued"].as_array().into_iter().flatten() {
                self.expect_week(entity, issued, monday)?;
            }
        }
        self.invoiced.push(monday.plus_days(-7));
        self.settle_between(api, monday).await?;
        self.sell_units(api, MORE_UNITS, monday).await
    }

    /// What a buyer will pay of a week's invoice. Only that of the first week goes wrong.
    fn expect_week(&mut self, entity: &str, issued: &Value, monday: Date) -> Result<()> {
        let known = self.buyers.iter().find(|(_, id)| issued["buyer_id"].as_str() == Some(id.as_str()));
        let name = known.map(|(name, _)| name.clone()).unwrap_or_default();
        let habit = HABITS.iter().find(|(who, ..)| *who == name).map_or(Pays::Never, |(.., pays)| *pays);
        let habit = match habit {
            Pays::Bounces { days } | Pays::Over { days, .. } if !self.invoiced.is_empty() => Pays::After(days),
            habit => habit,
        };
        let document = json!({ "id": issued["document_id"], "number": issued["number"], "gross": issued["gross"],
            "party_id": issued["buyer_id"], "party_name": name });
        self.expect(entity, &document, habit, monday)
    }

    /// Units paid in advance are billed and paid at once.
    async fn sell_units(&mut self, api: &Api, units: u32, on: Date) -> Result<()> {
        let (name, product) = IN_ADVANCE;
        let buyer = &self.buyers[name];
        let line = json!({ "name": format!("Leads {product} payés d’avance"), "quantity": units.to_string(), "unit_price": UNIT_PRICE });
        let draft = json!({ "entity": "MDL", "party_id": buyer, "subject": "Recharge de leads", "payment_terms_days": 0, "lines": [line] });
        let draft = api.post("/api/documents", &draft).await?;
        let issued = api.post(&format!("/api/documents/{}/issuance", id_of(&draft)), &json!({})).await?;
        let units = json!({ "product": product, "units": units, "note": issued["number"] });
        api.post(&format!("/api/clients/{buyer}/prepayment/add-units"), &units).await?;
        self.expect("MDL", &issued, Pays::After(0), on)
    }

    /// Units of a week that were of little use are not billed.
    async fn grant(&self, api: &Api, week: Week) -> Result<()> {
        for (name, product, quantity, reason, note) in [
            ("Soleil Habitat", "PAC", 2, "qualite", "Deux numéros non attribués, signalés mercredi"),
            ("Azur Rénov", "ITE", 1, "geste_commercial", "Premier mois"),
        ] {
            let buyer = &self.buyers[name];
            let orders = api.get(&format!("/api/commandes?entity=ALL&buyer={buyer}")).await?;
            let Some(order) = items(&orders).find(|order| order["product"] == product) else { continue };
            let credit = json!({ "order_id": id_of(order), "product": product, "week": week, "quantity": quantity,
                "reason": reason, "note": note });
            api.post(&format!("/api/clients/{buyer}/credits"), &credit).await?;
        }
        Ok(())
    }

    /// Some pay more from this day on.
    async fn raise(&self, api: &Api) -> Result<()> {
        for (name, product, price, off) in
            [("Soleil Habitat", "PV", "41", "0"), ("Iso Confort", "ITE", "33.5", "5"), ("Azur Rénov", "PV", "40", "0")]
        {
            let price = json!({ "product": product, "unit_price_eur": price, "discount_pct": off });
            api.post(&format!("/api/clients/{}/pricing/product", self.buyers[name]), &price).await?;
        }
        Ok(())
    }

    /// Entities pay each other what was invoiced for the week before the last.
    async fn settle_between(&self, api: &Api, monday: Date) -> Result<()> {
        let week = Week::of(monday.plus_days(-14));
        let page = api.get(&format!("/api/intercompany/invoices?week={week}&limit=50")).await?;
        let open = |document: &&Value| document["kind"] == "invoice" && document["status"] == "sent";
        for document in items(&page).filter(open) {
            let direction = if document["direction"] == "sale" { "in" } else { "out" };
            let payment = json!({ "entity": document["entity"], "party_id": document["party_id"], "direction": direction,
                "method": "transfer", "amount": document["balance"], "reference": document["number"],
                "allocations": [{ "document_id": document["id"], "amount": document["balance"] }] });
            decimal(&document["balance"])?;
            api.post("/api/payments", &payment).await?;
        }
        Ok(())
    }
}

/// Units of the last week but one come back: those of one buyer are credited, those of another wait for somebody to decide.
pub(super) async fn take_back(api: &Api, invoiced: &[Date]) -> Result<()> {
    let Some(week) = invoiced.iter().rev().nth(1).or(invoiced.last()).map(|monday| Week::of(*monday)) else {
        return Ok(());
    };
    for (name, units, is_credited) in [("Soleil Habitat", 2, true), ("Iso Confort", 3, false)] {
        let records = api.get(&format!("/api/billing/records?week={week}&entity=ZR7&limit=100")).await?;
        let mine = |record: &&Value| record["buyer_name"] == name && !record["document_id"].is_null();
        let Some(record) = items(&records).find(mine) else { continue };
        let lines = api.get(&format!("/api/billing/records/{}/lines?limit=100", id_of(record))).await?;
        let sent = items(&lines).filter(|line| line["outcome"] == "accepted" || line["outcome"].is_null());
        let mut left = units;
        for line in sent {
            let delivery = line["delivery_id"].as_str().unwrap_or_default();
            // Since it was invoiced it may have been taken back.
            if left == 0 || api.get(&format!("/api/deliveries/{delivery}")).await?["outcome"] != "accepted" {
                continue;
            }
            let reason = json!({ "reason": "Numéro non attribué" });
            api.post(&format!("/api/deliveries/{delivery}/reject-leads"), &reason).await?;
            left -= 1;
        }
        if is_credited {
            let buyer = json!({ "entity": "ZR7", "buyer_id": record["buyer_id"] });
            api.post("/api/billing/credit-candidates/credit", &buyer).await?;
        }
    }
    Ok(())
}

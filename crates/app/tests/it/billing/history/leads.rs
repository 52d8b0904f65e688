//! The leads' side: what is sent and priced, weeks built and invoiced, units taken back, entities that settle.

use billing::documents::model::{Direction, DocumentKind};
use billing::documents::store as documents;
use billing::payments::claim::Source;
use kernel::{DeliveryId, DocumentId, Week};
use leads::billing::build::build_ledger;
use leads::billing::invoices::{credit_buyer, invoice_week};
use leads::intercompany::invoices::invoice_until;
use leads::pricing::model::SetProductPrice;
use leads::rules::pricing::BillingMode;
use platform::Tx;
use rand::Rng as _;
use rust_decimal::Decimal;
use serde_json::json;

use super::world::{Claim, Credit, World};
use crate::support::owner;

/// Leads of a day.
const LEADS: usize = 4;

impl World {
    /// Buyers of both entities; MDL also sells what ZR7 has.
    pub(super) async fn sell_leads(&mut self) {
        self.app.form("PV-001", "ZR7", "PV").await;
        let prices = ["ZR7", "MDL"].map(|from| {
            json!({ "from": from, "to": if from == "ZR7" { "MDL" } else { "ZR7" }, "product": "PV", "unit_price_ht": "25" })
        });
        self.app.put("/api/intercompany/pricing", json!({ "prices": prices })).expect(200).await;
        for (entity, name, departements) in [("ZR7", "Nord", json!(["59", "62"])), ("MDL", "Ouest", json!(["*"]))] {
            let (id, _) = self.app.order(entity, name, json!({ "departements": departements })).await;
            let legal = json!({ "siren": "443061841", "address_line1": "8 rue de Londres", "postal_code": "75009", "city": "Paris" });
            self.app.put(&format!("/api/clients/{id}"), legal).expect(200).await;
            let price = json!({ "product": "PV", "unit_price_eur": "31.5", "discount_pct": "5" });
            self.app.post(&format!("/api/clients/{id}/pricing/product"), price).expect(200).await;
            self.buyers.push((self.ctx.entity_by_code(entity).unwrap().id, id.parse().unwrap()));
        }
    }

    /// The next day: leads come and are sent; on a Monday the week before is invoiced, and entities settle.
    pub(super) async fn next_day(&mut self) {
        self.today = self.today.plus_days(1);
        self.app.at(&format!("{}T08:00:00Z", self.today)).await;
        self.change_rates().await;
        for n in 0..LEADS {
            self.posted += 1;
            let place = if n % 3 == 0 { "59" } else { "75" };
            let lead = json!({ "session_id": format!("s{}", self.posted), "phone": format!("06{:08}", 12_000_000 + self.posted),
                "departement": place });
            let answer = self.app.lead(lead).await;
            assert!(answer.status.is_success(), "{}", answer.json);
        }
        self.app.run("daily-delivery").await;
        let week = Week::of(self.today).previous();
        if Week::of(self.today).monday() == self.today && self.today.plus_days(-7) > "2026-02-08".parse().unwrap() {
            self.weeks.insert(week, false);
        }
        // A few days pass before a week is invoiced, in which it may be built again.
        if self.today.weekday() == 3 && self.weeks.get(&week) == Some(&false) {
            self.invoice(week).await;
        }
    }

    async fn invoice(&mut self, week: Week) {
        let mut tx = self.begin().await;
        self.may(&mut tx, "build", async |tx| build_ledger(tx, week).await).await;
        let mut is_invoiced = false;
        let entities: Vec<_> = self.buyers.iter().map(|(entity, _)| *entity).collect();
        for entity in entities {
            let done = self.may(&mut tx, "invoice week", async |tx| invoice_week(tx, entity, week, None).await).await;
            assert!(done.refused.is_empty(), "{:?}", done.refused);
            is_invoiced |= !done.issued.is_empty();
            for issued in done.issued {
                self.learn(&mut tx, issued.document_id).await;
            }
        }
        tx.commit().await.unwrap();
        // A week of which every unit came back has no invoice, and may be built again.
        self.weeks.insert(week, is_invoiced);
        let run = invoice_until(&self.ctx, week, None).await.unwrap();
        assert!(run.errors.is_empty(), "{:?}", run.errors);
        *self.tally.entry("between").or_default() =
            [self.tally.get("between").map_or(0, |of| of[0]) + run.invoices.len(), 0];
        let mut tx = self.begin().await;
        for made in run.invoices {
            self.learn(&mut tx, made.document_id).await;
            self.learn(&mut tx, made.mirror_id).await;
        }
        for (entity, buyer) in self.buyers.clone() {
            let open = self.open_candidates(buyer).await;
            if open == 0 {
                self.may_not(&mut tx, "credit nothing", async |tx| credit_buyer(tx, entity, buyer).await).await;
                continue;
            }
            let notes = self.may(&mut tx, "credit buyer", async |tx| credit_buyer(tx, entity, buyer).await).await;
            for note in notes {
                self.learn(&mut tx, note.document_id).await;
            }
        }
        tx.commit().await.unwrap();
    }

    async fn open_candidates(&self, buyer: kernel::BuyerId) -> i64 {
        let sql =
            "select count(*) from leads.credit_candidate where tenant_id = $1 and buyer_id = $2 and status = 'open'";
        let query = sqlx::query_scalar(sql).bind(self.app.tenant.uuid()).bind(buyer.uuid());
        query.fetch_one(&mut owner().await).await.unwrap()
    }

    /// Takes a document that the service wrote by itself into the model.
    async fn learn(&mut self, tx: &mut Tx, id: DocumentId) {
        let row = documents::get_document(tx, id).await.unwrap();
        let side = (row.entity_id, row.party_id, row.direction, row.currency);
        if row.kind == DocumentKind::CreditNote {
            let original = self.claims.iter_mut().find(|claim| Some(claim.id) == row.original_id).unwrap();
            let applied = row.gross.min(original.open);
            original.open -= applied;
            original.creditable -= row.gross;
            let (source, left) = (Source::CreditNote(id), row.gross - applied);
            self.credits.push(Credit { source, side, left, shares: Vec::new(), refunded: false, bounced: false });
        } else {
            self.claims.push(Claim {
                id,
                side,
                open: row.gross,
                creditable: row.gross,
                bases: Vec::new(),
                by_hand: false,
            });
        }
        if row.direction == Direction::Sale {
            self.issued += 1;
        }
    }

    pub(super) async fn reprice(&mut self, tx: &mut Tx) {
        let (_, buyer) = self.buyers[self.random.random_range(0..self.buyers.len())];
        let price = SetProductPrice {
            product: "PV".to_owned(),
            unit_price_eur: Decimal::new(self.random.random_range(10_000..500_000), 4),
            discount_pct: Decimal::new(self.random.random_range(0..4_000), 2),
            billing_mode: BillingMode::default(),
            active: true,
            valid_from: None,
        };
        self.may(tx, "reprice", async |tx| leads::pricing::ops::set_product_price(tx, buyer, price).await).await;
    }

    /// A week is built again; one that was invoiced is not.
    pub(super) async fn rebuild(&mut self, tx: &mut Tx) {
        let weeks: Vec<_> = self.weeks.iter().map(|(week, invoiced)| (*week, *invoiced)).collect();
        let Some((week, is_invoiced)) = weeks.get(weeks.len().saturating_sub(self.random.random_range(1..3))).copied()
        else {
            return self.reprice(tx).await;
        };
        if is_invoiced {
            self.may_not(tx, "build what is invoiced", async |tx| build_ledger(tx, week).await).await;
        } else {
            self.may(tx, "build", async |tx| build_ledger(tx, week).await).await;
        }
    }

    /// A unit that was sent comes back, late or not.
    pub(super) async fn reject(&mut self, tx: &mut Tx) {
        if !self.random.random_ratio(1, 3) {
            return self.reprice(tx).await;
        }
        let sql = "select id from leads.delivery where tenant_id = $1 and status = 'sent' and outcome = 'accepted' order by id";
        let sent: Vec<uuid::Uuid> =
            sqlx::query_scalar(sql).bind(self.app.tenant.uuid()).fetch_all(&mut owner().await).await.unwrap();
        // What this transaction rejected before is still seen as sent by others.
        let Some(at) = Self::pick(&mut self.random, &sent, |id| !self.rejected.contains(id)) else {
            return self.reprice(tx).await;
        };
        self.rejected.insert(sent[at]);
        let id = DeliveryId::from_uuid(sent[at]);
        self.may(tx, "reject", async |tx| leads::deliveries::ops::reject(tx, id, "Faux numéro").await).await;
    }
}

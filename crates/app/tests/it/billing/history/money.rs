//! What is done with documents and payments.

use billing::documents::issue::issue;
use billing::documents::model::{Direction, PayMethod};
use billing::documents::vat::LineVat;
use billing::documents::{ops, store as documents};
use billing::payments::claim::Source;
use billing::payments::model::{PaymentDirection, PaymentSource};
use billing::payments::ops::{self as payments, Receipt, Refund};
use kernel::DocumentId;
use platform::Tx;
use rand::Rng as _;
use rust_decimal::Decimal;

use super::drafts::{Customer, draft, part, usual};
use super::world::{Claim, Credit, Side, World};

/// Documents that are issued by hand within the history: setting pages would take most of its time.
const MOST_ISSUED: usize = 300;

impl World {
    /// One operation.
    pub(super) async fn act(&mut self, tx: &mut Tx) {
        match self.random.random_range(0..100) {
            0..5 => self.write(tx).await,
            5..8 => self.issue_some(tx).await,
            8..26 => self.pay(tx).await,
            26..37 => self.allocate(tx).await,
            37..44 => self.bounce(tx).await,
            44..50 => self.refund(tx).await,
            50..52 => self.take_back(tx).await,
            52..66 => self.overreach(tx).await,
            66..96 => self.reprice(tx).await,
            96..98 => self.rebuild(tx).await,
            _ => self.reject(tx).await,
        }
    }

    async fn write(&mut self, tx: &mut Tx) {
        let customer = self.customers[self.random.random_range(0..self.customers.len())];
        let draft = draft(&mut self.random, customer);
        let written = self.may(tx, "write", async |tx| ops::create_draft(tx, &draft).await).await;
        if written.totals.gross > Decimal::ZERO {
            self.drafts.push((written.id, customer));
        }
    }

    async fn issue_some(&mut self, tx: &mut Tx) {
        let left = MOST_ISSUED.saturating_sub(self.issued);
        if self.drafts.is_empty() || left == 0 {
            return self.pay(tx).await;
        }
        let (_, Customer { entity, .. }) = self.drafts[0];
        let most = self.random.random_range(1..5).min(left);
        let (now, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.drafts).into_iter().partition(|(_, customer)| customer.entity == entity);
        let (now, rest) = now.split_at(most.min(now.len()));
        self.drafts = later.into_iter().chain(rest.iter().copied()).collect();
        self.issue(tx, now).await;
    }

    /// Writes and issues so many.
    pub(super) async fn issue_many(&mut self, tx: &mut Tx, many: usize) {
        while self.drafts.len() < many {
            self.write(tx).await;
        }
        let mut drafts = std::mem::take(&mut self.drafts);
        drafts.sort_by_key(|(_, customer)| customer.entity);
        for of_entity in drafts.chunk_by(|one, other| one.1.entity == other.1.entity) {
            self.issue(tx, of_entity).await;
        }
    }

    async fn issue(&mut self, tx: &mut Tx, drafts: &[(DocumentId, Customer)]) {
        let ids: Vec<_> = drafts.iter().map(|(id, _)| *id).collect();
        let issued = self.may(tx, "issue", async |tx| issue(tx, &ids, None).await).await;
        self.issued += issued.len();
        for (id, customer) in drafts {
            let row = documents::get_document(tx, *id).await.unwrap();
            let side = (customer.entity, customer.party, Direction::Sale, customer.currency);
            let base = |group: documents::VatRow| {
                let rate = group.amounts().key.rate;
                let vat =
                    LineVat { category: group.category, rate, reason: group.reason, reason_code: group.reason_code };
                (vat, group.base)
            };
            let bases = documents::list_vat(tx, &[*id]).await.unwrap().into_iter().map(base).collect();
            self.claims.push(Claim { id: *id, side, open: row.gross, creditable: row.gross, bases, by_hand: true });
        }
    }

    /// A payment of one to three claims, sometimes of more than is open.
    async fn pay(&mut self, tx: &mut Tx) {
        let Some(first) = Self::pick(&mut self.random, &self.claims, |claim| claim.open > Decimal::ZERO) else {
            return self.write(tx).await;
        };
        let side = self.claims[first].side;
        let mut places = vec![first];
        for _ in 0..self.random.random_range(0..3) {
            let more =
                Self::pick(&mut self.random, &self.claims, |claim| claim.side == side && claim.open > Decimal::ZERO);
            places.extend(more.filter(|more| !places.contains(more)));
        }
        let shares: Vec<_> = places.iter().map(|at| (*at, self.some_of(self.claims[*at].open))).collect();
        let over = if side.2 == Direction::Sale && self.random.random_ratio(1, 3) {
            Decimal::new(self.random.random_range(1..50_000), 2)
        } else {
            Decimal::ZERO
        };
        let receipt = self.receipt(side, &shares, over);
        let id = self.may(tx, "pay", async |tx| payments::record(tx, receipt).await).await;
        self.settle(&shares);
        self.credits.push(Credit {
            source: Source::Payment(id),
            side,
            left: over,
            shares,
            refunded: false,
            bounced: false,
        });
    }

    fn receipt(&mut self, side: Side, shares: &[(usize, Decimal)], over: Decimal) -> Receipt {
        let (entity, party, direction, currency) = side;
        self.posted += 1;
        Receipt {
            entity,
            party,
            direction: if direction == Direction::Sale { PaymentDirection::In } else { PaymentDirection::Out },
            method: PayMethod::Transfer,
            amount: shares.iter().map(|(_, amount)| *amount).sum::<Decimal>() + over,
            currency,
            on: self.today,
            reference: format!("VIR {}", self.posted),
            note: String::new(),
            source: PaymentSource::Manual,
            external_id: None,
            account: None,
            shares: shares.iter().map(|(at, amount)| (self.claims[*at].id, *amount)).collect(),
        }
    }

    fn settle(&mut self, shares: &[(usize, Decimal)]) {
        for (at, amount) in shares {
            self.claims[*at].open -= *amount;
        }
    }

    /// A credit, and a claim of the same customer that it may settle.
    fn pair(&mut self) -> Option<(usize, usize)> {
        let usable = |credit: &Credit| credit.left > Decimal::ZERO && !credit.bounced;
        let credit = Self::pick(&mut self.random, &self.credits, usable)?;
        let side = self.credits[credit].side;
        let open = |claim: &Claim| claim.side == side && claim.open > Decimal::ZERO;
        Some((credit, Self::pick(&mut self.random, &self.claims, open)?))
    }

    /// Credit settles a claim.
    async fn allocate(&mut self, tx: &mut Tx) {
        let Some((credit, claim)) = self.pair() else { return self.pay(tx).await };
        let amount = self.some_of(self.credits[credit].left.min(self.claims[claim].open));
        let (source, shares, on) = (self.credits[credit].source, [(self.claims[claim].id, amount)], self.today);
        self.may(tx, "allocate", async |tx| match source {
            Source::Payment(id) => payments::allocate(tx, id, &shares, on).await,
            Source::CreditNote(id) => payments::allocate_credit_note(tx, id, &shares, on).await,
        })
        .await;
        self.settle(&[(claim, amount)]);
        let credit = &mut self.credits[credit];
        credit.left -= amount;
        credit.shares.push((claim, amount));
    }

    async fn bounce(&mut self, tx: &mut Tx) {
        let fits = |credit: &Credit| matches!(credit.source, Source::Payment(_)) && !credit.refunded && !credit.bounced;
        let Some(at) = Self::pick(&mut self.random, &self.credits, fits) else { return self.pay(tx).await };
        let Source::Payment(id) = self.credits[at].source else { return };
        let on = self.today;
        self.may(tx, "bounce", async |tx| payments::bounce(tx, id, on, "Rejet").await).await;
        let credit = &mut self.credits[at];
        (credit.bounced, credit.left) = (true, Decimal::ZERO);
        for (claim, amount) in std::mem::take(&mut credit.shares) {
            self.claims[claim].open += amount;
        }
    }

    async fn refund(&mut self, tx: &mut Tx) {
        let fits = |credit: &Credit| credit.left > Decimal::ZERO && !credit.bounced && credit.side.2 == Direction::Sale;
        let Some(at) = Self::pick(&mut self.random, &self.credits, fits) else { return self.pay(tx).await };
        let amount = self.some_of(self.credits[at].left);
        let refund = self.refund_of(at, amount);
        self.may(tx, "refund", async |tx| payments::refund(tx, refund).await).await;
        let credit = &mut self.credits[at];
        credit.left -= amount;
        credit.refunded = true;
    }

    fn refund_of(&self, at: usize, amount: Decimal) -> Refund {
        Refund {
            of: self.credits[at].source,
            amount,
            method: PayMethod::Transfer,
            on: self.today,
            reference: "Remboursement".to_owned(),
            movement: None,
        }
    }

    /// A credit note over all that is left of an invoice, or over a part of it.
    async fn take_back(&mut self, tx: &mut Tx) {
        let least = Decimal::from(2);
        let fits = |claim: &Claim| {
            claim.by_hand && claim.creditable > least && claim.bases.iter().any(|(_, base)| *base > least)
        };
        let Some(at) = Self::pick(&mut self.random, &self.claims, fits) else { return self.pay(tx).await };
        let claim = self.claims[at].clone();
        let row = documents::get_document(tx, claim.id).await.unwrap();
        let is_whole = claim.creditable == row.gross && self.random.random_ratio(1, 2);
        let gross = self.some_of(claim.creditable).max(least);
        let of = claim.bases.iter().position(|(_, base)| *base > least).unwrap();
        let lines = (!is_whole).then(|| vec![part(gross, &claim.bases[of])]);
        let (note, totals) = self
            .may(tx, "credit", async |tx| {
                let written = ops::credit(tx, claim.id, lines, "Retour").await?;
                issue(tx, &[written.id], None).await?;
                Ok((written.id, written.totals))
            })
            .await;
        self.issued += 1;
        for (vat, base) in &mut self.claims[at].bases {
            let taken = totals.vat.iter().filter(|group| group.key == vat.key());
            *base -= taken.map(|group| group.base).sum::<Decimal>();
        }
        let amount = totals.gross;
        let applied = amount.min(claim.open);
        self.claims[at].open -= applied;
        self.claims[at].creditable -= amount;
        self.credits.push(Credit {
            source: Source::CreditNote(note),
            side: claim.side,
            left: amount - applied,
            shares: Vec::new(),
            refunded: false,
            bounced: false,
        });
    }

    /// Credit notes over so many invoices.
    pub(super) async fn credit_some(&mut self, many: usize) {
        let mut tx = self.begin().await;
        for _ in 0..many {
            self.take_back(&mut tx).await;
        }
        tx.commit().await.unwrap();
    }

    /// Asks for more than there is.
    async fn overreach(&mut self, tx: &mut Tx) {
        let cent = Decimal::new(1, 2);
        match self.random.random_range(0..5) {
            0 => {
                let Some(at) = Self::pick(&mut self.random, &self.claims, |_| true) else { return };
                let shares = [(at, self.claims[at].open + cent)];
                let receipt = self.receipt(self.claims[at].side, &shares, Decimal::ZERO);
                self.may_not(tx, "pay too much", async |tx| payments::record(tx, receipt).await).await;
            }
            1 => {
                let Some((credit, claim)) = self.pair() else { return };
                let amount = self.credits[credit].left.min(self.claims[claim].open) + cent;
                let (source, shares, on) = (self.credits[credit].source, [(self.claims[claim].id, amount)], self.today);
                self.may_not(tx, "allocate too much", async |tx| match source {
                    Source::Payment(id) => payments::allocate(tx, id, &shares, on).await,
                    Source::CreditNote(id) => payments::allocate_credit_note(tx, id, &shares, on).await,
                })
                .await;
            }
            2 => {
                let Some(at) = Self::pick(&mut self.random, &self.credits, |credit| !credit.bounced) else { return };
                let refund = self.refund_of(at, self.credits[at].left + cent);
                self.may_not(tx, "refund too much", async |tx| payments::refund(tx, refund).await).await;
            }
            3 => {
                let gone = |credit: &Credit| {
                    matches!(credit.source, Source::Payment(_)) && (credit.bounced || credit.refunded)
                };
                let Some(at) = Self::pick(&mut self.random, &self.credits, gone) else { return };
                let Source::Payment(id) = self.credits[at].source else { return };
                let on = self.today;
                self.may_not(tx, "bounce again", async |tx| payments::bounce(tx, id, on, "Rejet").await).await;
            }
            _ => {
                let Some(at) = Self::pick(&mut self.random, &self.claims, |claim| claim.by_hand) else { return };
                let claim = self.claims[at].clone();
                // Under any discount that the invoice may have, still more than is left.
                let lines = vec![part((claim.creditable + Decimal::ONE) * Decimal::from(3), &(usual(), Decimal::MAX))];
                let credit = async |tx: &mut Tx| ops::credit(tx, claim.id, Some(lines), "Trop").await;
                self.may_not(tx, "credit too much", credit).await;
            }
        }
    }

    /// All that is open is paid in full: nothing waits any more, and nobody owes a cent.
    pub(super) async fn settle_all(&mut self) {
        for at in 0..self.claims.len() {
            let (side, open) = (self.claims[at].side, self.claims[at].open);
            if open > Decimal::ZERO {
                let mut tx = self.begin().await;
                let receipt = self.receipt(side, &[(at, open)], Decimal::ZERO);
                let id = self.may(&mut tx, "pay", async |tx| payments::record(tx, receipt).await).await;
                tx.commit().await.unwrap();
                self.settle(&[(at, open)]);
                let shares = vec![(at, open)];
                let source = Source::Payment(id);
                self.credits.push(Credit {
                    source,
                    side,
                    left: Decimal::ZERO,
                    shares,
                    refunded: false,
                    bounced: false,
                });
            }
        }
        self.agrees().await;
        for (account, what) in [("411", "owed"), ("44574", "VAT that waits"), ("451", "between entities")] {
            assert_eq!(self.app.account(account).await, Decimal::ZERO, "{what}");
        }
    }
}

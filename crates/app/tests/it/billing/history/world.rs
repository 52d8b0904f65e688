//! Who deals with whom, and the model of what is open.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use billing::documents::model::Direction;
use billing::documents::vat::LineVat;
use billing::payments::claim::Source;
use kernel::{BuyerId, Currency, Date, DocumentId, EntityId, PartyId, Week};
use platform::{Ctx, Error, Result, Tx};
use rand::Rng as _;
use rand::rngs::StdRng;
use rust_decimal::Decimal;
use serde_json::json;

use super::drafts::Customer;
use crate::support::TestApp;

/// No single operation takes longer.
const LIMIT: Duration = Duration::from_secs(20);

/// Whose claims may be settled together: books, party, direction and currency.
pub(super) type Side = (EntityId, PartyId, Direction, Currency);

/// An issued document that claims money.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) id: DocumentId,
    pub(super) side: Side,
    pub(super) open: Decimal,
    /// What credit notes may still take back.
    pub(super) creditable: Decimal,
    /// The same without VAT, under each of its rates.
    pub(super) bases: Vec<(LineVat, Decimal)>,
    /// Whether its credit notes are written by hand: not those of weeks and between entities.
    pub(super) by_hand: bool,
}

/// A payment or a credit note, and what is left of it.
#[derive(Clone, Debug)]
pub(super) struct Credit {
    pub(super) source: Source,
    pub(super) side: Side,
    pub(super) left: Decimal,
    /// What it settles: claims by their place, and how much.
    pub(super) shares: Vec<(usize, Decimal)>,
    pub(super) refunded: bool,
    pub(super) bounced: bool,
}

/// Everything.
pub(super) struct World {
    pub(super) app: TestApp,
    pub(super) random: StdRng,
    pub(super) ctx: Ctx,
    pub(super) customers: Vec<Customer>,
    pub(super) buyers: Vec<(EntityId, BuyerId)>,
    pub(super) drafts: Vec<(DocumentId, Customer)>,
    pub(super) claims: Vec<Claim>,
    pub(super) credits: Vec<Credit>,
    pub(super) today: Date,
    pub(super) posted: usize,
    /// Weeks of leads that are over, with whether they were invoiced.
    pub(super) weeks: BTreeMap<Week, bool>,
    pub(super) issued: usize,
    /// Deliveries that came back.
    pub(super) rejected: BTreeSet<uuid::Uuid>,
    /// How often what was done.
    pub(super) tally: BTreeMap<&'static str, [usize; 2]>,
}

impl World {
    pub(super) async fn new(random: StdRng) -> Self {
        let app = TestApp::new().await;
        for entity in ["ZR7", "MDL"] {
            app.lawful(entity).await;
        }
        let mut legal = app.get("/api/entities/MDL/legal").expect(200).await["legal"].clone();
        legal["vat_regime"] = json!("on_receipts");
        app.put("/api/entities/MDL/legal", legal).expect(200).await;
        let ctx = app.platform.act_in(app.tenant, platform::Actor::System("test"), "test").await.unwrap();
        let mut customers = Vec::new();
        for (entity, name, currency) in [
            ("ZR7", "Alpha", "EUR"),
            ("ZR7", "Beta", "EUR"),
            ("ZR7", "Dollar", "USD"),
            ("MDL", "Gamma", "EUR"),
            ("MDL", "Delta", "EUR"),
        ] {
            let party = app.customer(entity, name, json!({ "currency": currency })).await;
            let entity = ctx.entity_by_code(entity).unwrap().id;
            customers.push(Customer { entity, party: party.parse().unwrap(), currency: currency.parse().unwrap() });
        }
        let mut world = Self {
            today: app.platform.now().date_in(&ctx.tenant().zone),
            app,
            random,
            ctx,
            customers,
            buyers: Vec::new(),
            drafts: Vec::new(),
            claims: Vec::new(),
            credits: Vec::new(),
            posted: 0,
            weeks: BTreeMap::new(),
            issued: 0,
            rejected: BTreeSet::new(),
            tally: BTreeMap::new(),
        };
        world.sell_leads().await;
        world.change_rates().await;
        world
    }

    pub(super) async fn begin(&self) -> Tx {
        self.ctx.begin().await.unwrap()
    }

    /// The dollar of the day.
    pub(super) async fn change_rates(&mut self) {
        let rate = Decimal::new(self.random.random_range(8_000..10_500), 4);
        for entity in ["ZR7", "MDL"] {
            let rate = json!({ "entity": entity, "from": "USD", "to": "EUR", "rate_type": "official", "on": self.today, "rate": rate });
            self.app.put("/api/ledger/rates", rate).expect(200).await;
        }
    }

    /// Does what the model says is allowed.
    pub(super) async fn may<T>(
        &mut self,
        tx: &mut Tx,
        what: &'static str,
        work: impl AsyncFnOnce(&mut Tx) -> Result<T>,
    ) -> T {
        self.tally.entry(what).or_default()[0] += 1;
        let done = tx.attempt(LIMIT, work).await.unwrap();
        done.unwrap_or_else(|error| panic!("{what} was refused: {}", error.chain()))
    }

    /// Tries what the model says is not.
    pub(super) async fn may_not<T>(
        &mut self,
        tx: &mut Tx,
        what: &'static str,
        work: impl AsyncFnOnce(&mut Tx) -> Result<T>,
    ) {
        self.tally.entry(what).or_default()[1] += 1;
        let done: Result<T, Error> = tx.attempt(LIMIT, work).await.unwrap();
        let error = done.err().unwrap_or_else(|| panic!("{what} was not refused"));
        assert_ne!(error.kind(), platform::Kind::Internal, "{what}: {}", error.chain());
    }

    /// A part of an amount, a whole cent at least; now and then all of it.
    pub(super) fn some_of(&mut self, amount: Decimal) -> Decimal {
        let cents: i64 = (amount * Decimal::ONE_HUNDRED).trunc().try_into().unwrap();
        if cents <= 1 || self.random.random_ratio(2, 5) {
            return amount;
        }
        Decimal::new(self.random.random_range(1..=cents), 2)
    }

    /// The place of something that fits, picked at random.
    pub(super) fn pick<T>(random: &mut StdRng, of: &[T], fits: impl Fn(&T) -> bool) -> Option<usize> {
        if of.is_empty() {
            return None;
        }
        let start = random.random_range(0..of.len());
        (start..of.len()).chain(0..start).find(|at| fits(&of[*at]))
    }
}

//! Prints how many routing decisions one core makes per second over 1 000 orders.
//!
//! `cargo run --release -p leads --example routing_rate`

use std::time::Instant;

use kernel::{BasisPoints, EntityId, OrderId, Timestamp};
use leads::rules::ageing::Freshness;
use leads::rules::departement::{Departement, DepartementSet};
use leads::rules::routing::{
    Book, BuyerFacts, CrossEntitySettings, EntityFacts, Exclusions, LeadFacts, Market, OrderFacts, Outcome, Usage,
    decide,
};

const ORDERS: u32 = 1_000;
const DECISIONS: u32 = 400_000;
const PRODUCTS: [&str; 3] = ["PV", "PAC", "ITE"];

/// A small generator, so that each run measures the same work.
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(bound)).unwrap_or(0)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(u32::try_from(from.len()).unwrap_or(1))).unwrap_or(0)]
    }
}

fn id<T: std::str::FromStr>(number: u32) -> T {
    let parsed = format!("00000000-0000-7000-8000-{number:012}").parse();
    parsed.unwrap_or_else(|_| unreachable!("twelve digits make a UUID"))
}

fn orders(random: &mut Lcg, entities: u32, products: &[&str]) -> Vec<OrderFacts> {
    let every: Vec<Departement> = Departement::every().collect();
    let created_at: Timestamp = Timestamp::from_jiff(jiff::Timestamp::UNIX_EPOCH);
    let order = |number| {
        let places: Vec<_> = (0..=random.below(20)).map(|_| random.pick(&every)).collect();
        let all = random.below(20) == 0;
        let some = DepartementSet::try_from_departements(places).unwrap_or(DepartementSet::ALL);
        OrderFacts {
            id: id::<OrderId>(number),
            entity: id::<EntityId>(random.below(entities)),
            product: random.pick(products).to_owned(),
            priority: u8::try_from(1 + random.below(10)).unwrap_or(1),
            departements: if all { DepartementSet::ALL } else { some },
            quota: random.below(400),
            lb_target: BasisPoints::try_new(i32::from(random.below(4) == 0) * 2000).unwrap_or_default(),
            active: random.below(20) != 0,
            created_at,
            buyer: BuyerFacts { id: id(number), active: random.below(20) != 0, undeliverable: None },
            prepaid: (random.below(10) == 0).then(|| i64::from(random.below(100))),
        }
    };
    (0..ORDERS).map(order).collect()
}

fn measure(title: &str, entity_count: u32, products: &[&str]) {
    let mut random = Lcg(7);
    let book = Book::new(orders(&mut random, entity_count, products));
    let entity = |number| EntityFacts { id: id(number), code: format!("E{number}"), calendar: Ok(()) };
    let entities: Vec<_> = (0..entity_count).map(entity).collect();
    let cross_entity = CrossEntitySettings::default();
    let market = Market { book: &book, entities: &entities, cross_entity: &cross_entity };
    let every: Vec<Departement> = Departement::every().collect();

    let mut usage = Usage::new(&book, []);
    let mut routed = 0_u32;
    let start = Instant::now();
    for number in 0..DECISIONS {
        let freshness = if random.below(10) == 0 { Freshness::Lb } else { Freshness::Fresh };
        let lead = LeadFacts {
            entity: entities[usize::try_from(random.below(entity_count)).unwrap_or(0)].id,
            product: random.pick(products),
            departement: random.pick(&every),
            entity_locked: random.below(4) == 0,
            freshness,
        };
        let exclusions = Exclusions { duplicates: vec![id(number % ORDERS)], refused: Vec::new() };
        let decision = decide(&market, &usage, &lead, &exclusions);
        if let Outcome::Routed { order, .. } = decision.outcome {
            routed += 1;
            usage.count(&book, order, freshness);
        }
        std::hint::black_box(&decision.trace);
    }
    let rate = u128::from(DECISIONS) * 1_000_000 / start.elapsed().as_micros().max(1);
    let share = u64::from(routed) * 100 / u64::from(DECISIONS);
    println!("{title}: {rate} decisions/s over {ORDERS} orders, trace included ({share} % routed)");
}

fn main() {
    measure("2 entities, 3 products", 2, &PRODUCTS);
    measure("1 entity, 1 product   ", 1, &PRODUCTS[..1]);
}

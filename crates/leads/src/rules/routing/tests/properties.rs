//! The engine against the specification's steps written as naively as possible, over random streams of leads.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

/// Orders small enough to collide in every way.
fn any_order(number: usize) -> impl Strategy<Value = OrderFacts> {
    let places = prop::sample::subsequence(vec!["75", "92", "69"], 1..=3);
    let buyer = (0..6_usize, prop::bool::weighted(0.9), prop::bool::weighted(0.9));
    let numbers = (1..4_u8, 0..4_u32, 0..3_i32, 0..3_usize, prop::option::weighted(0.3, 0..3_i64));
    (ZR7..=MDL, places, buyer, numbers, prop::bool::weighted(0.9)).prop_map(
        move |(entity, places, (buyer, buyer_active, deliverable), (priority, quota, fifths, age, prepaid), active)| {
            let undeliverable = (!deliverable).then_some(UndeliverableReason::NoValidChannel);
            OrderFacts {
                departements: within(&places),
                quota,
                lb_target: BasisPoints::try_new(fifths * 2000).unwrap(),
                active,
                created_at: later(age),
                // A buyer belongs to one entity.
                buyer: BuyerFacts { id: buyer_id(entity * 10 + buyer), active: buyer_active, undeliverable },
                prepaid,
                ..order(number, entity, priority)
            }
        },
    )
}

fn any_book() -> impl Strategy<Value = Vec<OrderFacts>> {
    (1..12_usize).prop_flat_map(|count| (0..count).map(any_order).collect::<Vec<_>>())
}

#[derive(Debug, Clone)]
struct AnyLead {
    entity: usize,
    place: &'static str,
    locked: bool,
    freshness: Freshness,
    duplicates: Vec<usize>,
    refused: Vec<usize>,
}

fn any_lead() -> impl Strategy<Value = AnyLead> {
    let buyers = || prop::collection::vec(10..26_usize, 0..6);
    let freshness = prop::sample::select(vec![Freshness::Fresh, Freshness::Lb]);
    let place = prop::sample::select(vec!["75", "92", "69", "33"]);
    (ZR7..=MDL, place, any::<bool>(), freshness, buyers(), buyers()).prop_map(
        |(entity, place, locked, freshness, duplicates, refused)| AnyLead {
            entity,
            place,
            locked,
            freshness,
            duplicates,
            refused,
        },
    )
}

impl AnyLead {
    fn facts(&self) -> LeadFacts<'static> {
        LeadFacts {
            entity: entity_id(self.entity),
            product: "PV",
            departement: departement(self.place),
            entity_locked: self.locked,
            freshness: self.freshness,
        }
    }

    fn exclusions(&self) -> Exclusions {
        let ids = |numbers: &[usize]| numbers.iter().map(|number| buyer_id(*number)).collect();
        Exclusions { duplicates: ids(&self.duplicates), refused: ids(&self.refused) }
    }
}

/// The specification's steps 1 to 7 once more, in the most naive way.
fn naive(orders: &[OrderFacts], usage: &[OrderUsage], taken: &[i64], lead: &AnyLead, entity: usize) -> Option<OrderId> {
    let facts = lead.facts();
    let excluded: HashSet<_> = lead.duplicates.iter().chain(&lead.refused).map(|number| buyer_id(*number)).collect();
    let eligible = orders.iter().enumerate().filter(|(place, order)| {
        let mix = crate::rules::mix::lb_needed(order.lb_target, usage[*place].delivered, usage[*place].lb_delivered);
        order.entity == entity_id(entity)
            && order.active
            && order.departements.contains(facts.departement)
            && order.buyer.active
            && order.buyer.undeliverable.is_none()
            && (order.quota == 0 || usage[*place].used < order.quota)
            && order.prepaid.is_none_or(|units| units > taken[*place])
            && (facts.freshness == Freshness::Fresh || mix > 0)
            && !excluded.contains(&order.buyer.id)
    });
    let ratio = |place: usize, order: &OrderFacts| match order.quota {
        0 => 0,
        // The least common multiple of the quotas 1 to 3 makes the ratios whole.
        quota => usage[place].used * 6 / quota,
    };
    let rank =
        |(place, order): &(usize, &OrderFacts)| (order.priority, ratio(*place, order), order.created_at, order.id);
    eligible.min_by_key(rank).map(|(_, order)| order.id)
}

proptest! {
    #[test]
    fn every_decision_of_a_stream_is_the_naive_one_and_breaks_no_limit(
        // One order per buyer, so that prepaid balances can be followed by order.
        orders in any_book().prop_map(|mut orders| {
            let mut seen = HashSet::new();
            orders.retain(|order| seen.insert(order.buyer.id));
            orders
        }),
        leads in prop::collection::vec(any_lead(), 1..40),
    ) {
        let world = World::empty();
        let (book, entities) = (Book::new(orders.clone()), world.entities());
        let market = Market { book: &book, entities: &entities, cross_entity: &world.settings };
        let mut usage = Usage::new(&book, []);
        let (mut followed, mut taken) = (vec![OrderUsage::default(); orders.len()], vec![0_i64; orders.len()]);
        for lead in &leads {
            let (facts, exclusions) = (lead.facts(), lead.exclusions());
            let decision = decide(&market, &usage, &facts, &exclusions);
            prop_assert_eq!(&decision, &decide(&market, &usage, &facts, &exclusions), "deterministic");

            let own = naive(&orders, &followed, &taken, lead, lead.entity);
            let other = || naive(&orders, &followed, &taken, lead, ZR7 + MDL - lead.entity);
            let expected = own.or_else(|| if lead.locked { None } else { other() });
            let Outcome::Routed { order, buyer, entity, .. } = decision.outcome else {
                prop_assert_eq!(expected, None);
                continue;
            };
            prop_assert_eq!(expected, Some(order));
            prop_assert_eq!(exclusions.of(buyer), None, "excluded buyers get nothing");
            prop_assert!(!lead.locked || entity == facts.entity, "locked leads stay");

            usage.count(&book, order, lead.freshness);
            let place = orders.iter().position(|o| o.id == order).unwrap();
            followed[place].used += 1;
            followed[place].delivered += 1;
            followed[place].lb_delivered += u32::from(lead.freshness == Freshness::Lb);
            taken[place] += 1;
            prop_assert_eq!(usage.get(&book, order), followed[place]);
            let (quota, prepaid) = (orders[place].quota, orders[place].prepaid);
            prop_assert!(quota == 0 || followed[place].used <= quota, "never above quota");
            prop_assert!(prepaid.is_none_or(|units| taken[place] <= units), "never below zero");
        }
    }

    #[test]
    fn the_order_in_which_orders_are_given_does_not_matter(
        orders in any_book().prop_flat_map(|orders| (Just(orders.clone()), Just(orders).prop_shuffle())),
        lead in any_lead(),
    ) {
        let world = World::empty();
        let entities = world.entities();
        let outcome = |orders: Vec<OrderFacts>| {
            let book = Book::new(orders);
            let market = Market { book: &book, entities: &entities, cross_entity: &world.settings };
            let decision = decide(&market, &Usage::new(&book, []), &lead.facts(), &lead.exclusions());
            (decision.outcome, decision.trace.to_json(&book))
        };
        // The balances of a prepaid buyer are taken from its first order: they agree in real data.
        let agreed = |mut orders: Vec<OrderFacts>| {
            for order in &mut orders {
                order.prepaid = order.prepaid.map(|_| 1);
            }
            orders
        };
        prop_assert_eq!(outcome(agreed(orders.0)), outcome(agreed(orders.1)));
    }

    #[test]
    fn a_trace_names_every_order_of_the_entities_tried(orders in any_book(), lead in any_lead()) {
        let world = World::empty();
        let (book, entities) = (Book::new(orders.clone()), world.entities());
        let market = Market { book: &book, entities: &entities, cross_entity: &world.settings };
        let decision = decide(&market, &Usage::new(&book, []), &lead.facts(), &lead.exclusions());
        let view = decision.trace.view(&book);
        for entity in view.entities.iter().filter(|entity| entity.gate == Gate::Open) {
            let ids: HashSet<_> = entity.orders.iter().map(|order| order.order).collect();
            let expected: HashSet<_> = orders.iter().filter(|o| o.entity == entity.entity).map(|o| o.id).collect();
            prop_assert_eq!(ids, expected);
        }
        let chosen: Vec<_> = view.entities.iter().flat_map(|entity| &entity.orders)
            .filter(|order| order.verdict == Verdict::Chosen).map(|order| order.order).collect();
        match decision.outcome {
            Outcome::Routed { order, .. } => prop_assert_eq!(chosen, [order]),
            Outcome::NoOpenOrders | Outcome::Duplicate => prop_assert!(chosen.is_empty()),
        }
    }
}

//! The worked case of leads §5.4 with its variants.

mod properties;

use std::collections::BTreeMap;

use kernel::{BasisPoints, BuyerId, Date, EntityId, OrderId, Timestamp};
use serde_json::json;

use super::*;
use crate::rules::ageing::Freshness;
use crate::rules::calendar::DeliveryCalendar;
use crate::rules::deliverability::UndeliverableReason;
use crate::rules::departement::{Departement, DepartementSet};

fn uuid_text(number: usize) -> String {
    format!("00000000-0000-7000-8000-{number:012}")
}

fn order_id(number: usize) -> OrderId {
    uuid_text(number).parse().unwrap()
}

fn buyer_id(number: usize) -> BuyerId {
    uuid_text(number).parse().unwrap()
}

fn entity_id(number: usize) -> EntityId {
    uuid_text(number).parse().unwrap()
}

fn departement(code: &str) -> Departement {
    code.parse().unwrap()
}

fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn later(days: usize) -> Timestamp {
    start().minus_days(-i64::try_from(days).unwrap())
}

const ZR7: usize = 1;
const MDL: usize = 2;
const MDL_ORDER: usize = 20;

/// An uncapped order for the whole country; its buyer has the same number.
fn order(number: usize, entity: usize, priority: u8) -> OrderFacts {
    OrderFacts {
        id: order_id(number),
        entity: entity_id(entity),
        product: "PV".to_owned(),
        priority,
        departements: DepartementSet::ALL,
        quota: 0,
        lb_target: BasisPoints::ZERO,
        active: true,
        created_at: start(),
        buyer: BuyerFacts { id: buyer_id(number), active: true, undeliverable: None },
        prepaid: None,
    }
}

fn within(codes: &[&str]) -> DepartementSet {
    DepartementSet::try_from_codes(codes).unwrap()
}

/// A lead of ZR7 and the world that it meets.
struct World {
    orders: BTreeMap<usize, OrderFacts>,
    usage: BTreeMap<usize, OrderUsage>,
    exclusions: Exclusions,
    settings: CrossEntitySettings,
    calendars: [DeliveryCalendar; 2],
    today: Date,
    entity_locked: bool,
    freshness: Freshness,
}

impl World {
    fn empty() -> Self {
        Self {
            orders: BTreeMap::new(),
            usage: BTreeMap::new(),
            exclusions: Exclusions::default(),
            settings: CrossEntitySettings::default(),
            calendars: [DeliveryCalendar::default(), DeliveryCalendar::default()],
            today: "2026-02-11".parse().unwrap(),
            entity_locked: false,
            freshness: Freshness::Fresh,
        }
    }

    fn of(orders: impl IntoIterator<Item = (usize, OrderFacts)>) -> Self {
        Self { orders: orders.into_iter().collect(), ..Self::empty() }
    }

    /// The worked case: O1 full, O2 undeliverable, O3 duplicate, O4 elsewhere, O5 prepaid and empty, O6 open.
    fn worked_case() -> Self {
        let undeliverable =
            BuyerFacts { undeliverable: Some(UndeliverableReason::AllDenylisted), ..order(2, ZR7, 2).buyer };
        let orders = [
            OrderFacts { departements: within(&["75", "92"]), quota: 20, ..order(1, ZR7, 1) },
            OrderFacts { buyer: undeliverable, ..order(2, ZR7, 2) },
            OrderFacts { departements: within(&["75"]), quota: 10, ..order(3, ZR7, 3) },
            OrderFacts { departements: within(&["69"]), ..order(4, ZR7, 5) },
            OrderFacts { prepaid: Some(0), ..order(5, ZR7, 5) },
            order(6, ZR7, 7),
        ];
        let mut world = Self::of((1..).zip(orders));
        world.usage.insert(1, OrderUsage { used: 20, ..OrderUsage::default() });
        world.usage.insert(3, OrderUsage { used: 9, ..OrderUsage::default() });
        world.exclusions.duplicates.push(buyer_id(3));
        world
    }

    fn without(mut self, numbers: &[usize]) -> Self {
        self.orders.retain(|number, _| !numbers.contains(number));
        self
    }

    fn with_mdl_order(mut self) -> Self {
        self.orders.insert(MDL_ORDER, order(MDL_ORDER, MDL, 5));
        self
    }

    fn but(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn filled(mut self, number: usize, usage: OrderUsage) -> Self {
        self.usage.insert(number, usage);
        self
    }

    fn entities(&self) -> Vec<EntityFacts> {
        let codes = [(ZR7, "ZR7"), (MDL, "MDL")].into_iter().zip(&self.calendars);
        let entity = |((number, code), calendar): ((usize, &str), &DeliveryCalendar)| EntityFacts {
            id: entity_id(number),
            code: code.to_owned(),
            calendar: calendar.check(self.today),
        };
        codes.map(entity).collect()
    }

    fn lead(&self) -> LeadFacts<'static> {
        LeadFacts {
            entity: entity_id(ZR7),
            product: "PV",
            departement: departement("75"),
            entity_locked: self.entity_locked,
            freshness: self.freshness,
        }
    }

    fn run<T>(&self, with: impl FnOnce(&Market<'_>, &Usage) -> T) -> T {
        let book = Book::new(self.orders.values().cloned().collect());
        let usage = Usage::new(&book, self.usage.iter().map(|(number, usage)| (order_id(*number), *usage)));
        with(&Market { book: &book, entities: &self.entities(), cross_entity: &self.settings }, &usage)
    }

    fn decide(&self) -> Decision {
        self.run(|market, usage| decide(market, usage, &self.lead(), &self.exclusions))
    }

    /// The number of the chosen order or the failure, and the reason.
    fn told(&self) -> (String, String) {
        let decision = self.decide();
        let outcome = match decision.outcome {
            Outcome::Routed { order, entity, mode, .. } => {
                let number = self.orders.iter().find(|(_, facts)| facts.id == order).unwrap();
                assert_eq!(number.1.entity, entity);
                assert_eq!(mode == RoutingMode::Normal, entity == entity_id(ZR7));
                format!("O{}", number.0)
            }
            Outcome::NoOpenOrders => "no_open_orders".to_owned(),
            Outcome::Duplicate => "duplicate".to_owned(),
        };
        (outcome, decision.reason)
    }
}

#[test]
fn the_worked_case_and_its_variants_hold() {
    let case = World::worked_case;
    let stuck = || case().without(&[6]);
    let closed = |json: &str| serde_json::from_str::<DeliveryCalendar>(json).unwrap();
    let used = |used| OrderUsage { used, ..OrderUsage::default() };
    let mdl = || EntitySwitches { in_enabled: false, ..EntitySwitches::default() };
    let no_in = |world: &mut World| drop(world.settings.per_entity.insert("MDL".to_owned(), mdl()));
    let rows = [
        ("as given", case(), "O6", "open_commande_found"),
        ("without O6, MDL open", stuck().with_mdl_order(), "O20", "cross_entity_ZR7_to_MDL"),
        ("without O6, nothing elsewhere", stuck(), "duplicate", "all_commandes_duplicate"),
        (
            "without O6, from a supplier",
            stuck().with_mdl_order().but(|w| w.entity_locked = true),
            "duplicate",
            "all_commandes_duplicate_entity_locked",
        ),
        (
            "without O3 and O6, locked",
            case().without(&[3, 6]).with_mdl_order().but(|w| w.entity_locked = true),
            "no_open_orders",
            "no_open_orders_entity_locked",
        ),
        ("without O6, MDL takes nothing", stuck().with_mdl_order().but(no_in), "duplicate", "all_commandes_duplicate"),
        (
            "Saturday",
            case().with_mdl_order().but(|w| {
                w.today = "2026-02-14".parse().unwrap();
                w.calendars[1] = closed(r#"{"enabled_days": [0, 1, 2, 3, 4, 5, 6]}"#);
            }),
            "no_open_orders",
            "delivery_day_disabled:samedi",
        ),
        (
            "the date closed at home",
            case().with_mdl_order().but(|w| w.calendars[0] = closed(r#"{"disabled_dates": ["2026-02-11"]}"#)),
            "no_open_orders",
            "delivery_date_disabled:2026-02-11",
        ),
        (
            "without O3 and O6, MDL only duplicates",
            case().without(&[3, 6]).with_mdl_order().but(|w| w.exclusions.duplicates.push(buyer_id(MDL_ORDER))),
            "no_open_orders",
            "no_open_orders",
        ),
        (
            "without O6, the date closed at MDL",
            stuck().with_mdl_order().but(|w| w.calendars[1] = closed(r#"{"disabled_dates": ["2026-02-11"]}"#)),
            "duplicate",
            "all_commandes_duplicate",
        ),
        ("O1 lost a unit by rejection", case().filled(1, used(19)), "O1", "open_commande_found"),
    ];
    for (case, world, outcome, reason) in rows {
        assert_eq!(world.told(), (outcome.to_owned(), reason.to_owned()), "{case}");
    }
}

#[test]
fn the_three_cross_entity_switches_are_independent() {
    let told = |settings: &str| {
        let settings = serde_json::from_str(settings).unwrap();
        World::empty().with_mdl_order().but(|w| w.settings = settings).told().1
    };
    let rows = [
        ("{}", "cross_entity_ZR7_to_MDL"),
        (r#"{"cross_entity_enabled": false}"#, "no_open_orders"),
        (r#"{"per_entity": {"ZR7": {"out_enabled": false}}}"#, "no_open_orders"),
        (r#"{"per_entity": {"MDL": {"in_enabled": false}}}"#, "no_open_orders"),
        (r#"{"per_entity": {"MDL": {"out_enabled": false}, "ZR7": {"in_enabled": false}}}"#, "cross_entity_ZR7_to_MDL"),
        (r#"{"per_entity": {"ZR7": {"fallback": []}}}"#, "no_open_orders"),
        (r#"{"per_entity": {"ZR7": {"fallback": ["GONE", "MDL"]}}}"#, "cross_entity_ZR7_to_MDL"),
    ];
    for (settings, reason) in rows {
        assert_eq!(told(settings), reason, "{settings}");
    }
}

#[test]
fn fallback_entities_are_tried_in_the_order_of_the_tenant_or_of_the_list() {
    let codes = ["ZR7", "MDL", "ABC", "XYZ"];
    let entity =
        |(number, code): (usize, &str)| EntityFacts { id: entity_id(number), code: code.to_owned(), calendar: Ok(()) };
    let entities: Vec<_> = (1..).zip(codes).map(entity).collect();
    let book = Book::new(vec![order(2, 2, 9), order(3, 3, 1), order(4, 4, 5)]);
    let reason = |settings: &str| {
        let cross_entity = serde_json::from_str(settings).unwrap();
        let market = Market { book: &book, entities: &entities, cross_entity: &cross_entity };
        decide(&market, &Usage::new(&book, []), &World::empty().lead(), &Exclusions::default()).reason
    };
    assert_eq!(reason("{}"), "cross_entity_ZR7_to_MDL");
    assert_eq!(reason(r#"{"per_entity": {"ZR7": {"fallback": ["XYZ", "ABC"]}}}"#), "cross_entity_ZR7_to_XYZ");
    assert_eq!(reason(r#"{"per_entity": {"MDL": {"in_enabled": false}}}"#), "cross_entity_ZR7_to_ABC");
}

#[test]
fn orders_that_take_nothing_are_passed_over() {
    let spoil = [
        ("paused", OrderFacts { active: false, ..order(1, ZR7, 1) }),
        (
            "buyer inactive",
            OrderFacts { buyer: BuyerFacts { active: false, ..order(1, ZR7, 1).buyer }, ..order(1, ZR7, 1) },
        ),
        ("other product", OrderFacts { product: "PAC".to_owned(), ..order(1, ZR7, 1) }),
        ("other département", OrderFacts { departements: within(&["69"]), ..order(1, ZR7, 1) }),
        ("prepaid overdrawn", OrderFacts { prepaid: Some(-1), ..order(1, ZR7, 1) }),
    ];
    for (case, spoiled) in spoil {
        assert_eq!(World::of([(1, spoiled), (2, order(2, ZR7, 9))]).told().0, "O2", "{case}");
    }
    let prepaid = OrderFacts { prepaid: Some(1), ..order(1, ZR7, 1) };
    assert_eq!(World::of([(1, prepaid)]).told().0, "O1");
}

#[test]
fn ties_go_to_the_emptiest_then_the_oldest_then_the_lowest_id() {
    let capped = |number, quota, age| OrderFacts { quota, created_at: later(age), ..order(number, ZR7, 5) };
    let world = |used: [u32; 3], ages: [usize; 3], quotas: [u32; 3]| {
        let mut world = World::of((0..3).map(|i| (i + 1, capped(i + 1, quotas[i], ages[i]))));
        world.usage = (0..3).map(|i| (i + 1, OrderUsage { used: used[i], ..OrderUsage::default() })).collect();
        world
    };
    let rows = [
        ("emptiest", world([5, 9, 2], [0, 1, 2], [10, 20, 6]), "O3"),
        ("uncapped counts as empty", world([1, 99, 1], [0, 1, 2], [10, 0, 10]), "O2"),
        ("equal ratios, the oldest", world([1, 2, 3], [3, 1, 2], [10, 20, 30]), "O2"),
        ("all equal, the lowest id", world([1, 1, 1], [0, 0, 0], [10, 10, 10]), "O1"),
        ("emptiest that is open", world([1, 0, 2], [0, 1, 2], [1, 20, 2]), "O2"),
    ];
    for (case, world, expected) in rows {
        assert_eq!(world.told().0, expected, "{case}");
    }
    let better = World::of([(1, capped(1, 10, 0)), (2, OrderFacts { priority: 4, ..capped(2, 10, 9) })])
        .filled(2, OrderUsage { used: 9, ..OrderUsage::default() });
    assert_eq!(better.told().0, "O2", "priority comes first");
}

#[test]
fn aged_leads_go_only_where_the_mix_needs_one() {
    let target = |points| OrderFacts { lb_target: BasisPoints::try_new(points).unwrap(), ..order(1, ZR7, 1) };
    let usage = |delivered, lb_delivered| OrderUsage { used: delivered, delivered, lb_delivered };
    let rows =
        [(0, usage(0, 0), false), (2000, usage(0, 0), true), (2000, usage(1, 1), false), (2000, usage(5, 1), true)];
    for (points, usage, taken) in rows {
        let world = World::of([(1, target(points))]).filled(1, usage);
        let aged = World { freshness: Freshness::Lb, ..world };
        assert_eq!(aged.told().0 == "O1", taken, "{points} {usage:?}");
        assert_eq!(World { freshness: Freshness::Fresh, ..aged }.told().0, "O1", "fresh leads always");
    }
}

#[test]
fn l_08_a_refused_lead_never_comes_back_to_that_buyer() {
    let refused = |world: World| world.but(|w| w.exclusions.refused.push(buyer_id(1)));
    let told = refused(World::of([(1, order(1, ZR7, 1))])).told();
    assert_eq!(told, ("no_open_orders".to_owned(), "no_open_orders".to_owned()), "another buyer may still come");
    let mut other_order = order(2, ZR7, 2);
    other_order.buyer.id = buyer_id(1);
    let world = World::of([(1, order(1, ZR7, 1)), (2, other_order), (3, order(3, ZR7, 3))]);
    assert_eq!(refused(world).told().0, "O3", "under any order of that buyer");
    let both = refused(World::of([(1, order(1, ZR7, 1))])).but(|w| w.exclusions.duplicates.push(buyer_id(1)));
    assert_eq!(both.told().0, "duplicate", "within 30 days that rule is the one told");
}

#[test]
fn counted_decisions_use_up_quota_and_prepaid_units() {
    let orders = [
        (1, OrderFacts { quota: 1, ..order(1, ZR7, 1) }),
        (2, OrderFacts { prepaid: Some(2), ..order(2, ZR7, 2) }),
        (3, order(3, MDL, 1)),
    ];
    let world = World::of(orders);
    let reasons = world.run(|market, usage| {
        let mut usage = usage.clone();
        let mut next = || {
            let decision = decide(market, &usage, &world.lead(), &world.exclusions);
            let Outcome::Routed { order, .. } = decision.outcome else { panic!("every lead finds an order") };
            usage.count(market.book, order, world.freshness);
            order
        };
        [next(), next(), next(), next()]
    });
    assert_eq!(reasons, [1, 2, 2, 3].map(order_id));
}

#[test]
fn the_trace_tells_what_happened_to_every_order() {
    let world = World::worked_case().with_mdl_order().but(|w| {
        w.orders.insert(7, order(7, ZR7, 8));
        w.orders.insert(8, OrderFacts { active: false, ..order(8, ZR7, 1) });
        w.orders.insert(9, OrderFacts { created_at: later(1), ..order(9, ZR7, 7) });
    });
    let decision = world.decide();
    let (full, compact) =
        world.run(|market, _| (decision.trace.to_json(market.book), decision.trace.to_compact_json(market.book)));
    let verdicts: Vec<_> = full["entities"][0]["orders"].as_array().unwrap().iter().map(|o| &o["verdict"]).collect();
    let expected = [
        "quota_full",
        "order_paused",
        "undeliverable",
        "duplicate_30d",
        "departement",
        "prepaid_empty",
        "chosen",
        "outranked",
        "not_reached",
    ];
    assert_eq!(verdicts, expected);
    assert_eq!(full["entities"].as_array().unwrap().len(), 1, "MDL was not tried");
    let first = json!({
        "order": order_id(1), "buyer": buyer_id(1), "priority": 1, "verdict": "quota_full", "used": 20, "quota": 20,
    });
    assert_eq!(full["entities"][0]["orders"][0], first);
    assert_eq!(compact["entities"][0]["orders"].as_array().unwrap().len(), 6);
    assert_eq!(compact["entities"][0]["omitted"], json!({"order_paused": 1, "departement": 1, "not_reached": 1}));
    assert_eq!(serde_json::to_value(serde_json::from_value::<TraceView>(full.clone()).unwrap()).unwrap(), full);
}

#[test]
fn the_trace_tells_why_an_entity_was_not_tried() {
    let gate = |world: World, place: usize| {
        let trace = world.decide().trace;
        world.run(|market, _| trace.view(market.book)).entities[place].gate.clone()
    };
    let mdl = || World::empty().with_mdl_order();
    let saturday = |w: &mut World| w.today = "2026-02-14".parse().unwrap();
    assert_eq!(gate(mdl().but(saturday), 0), Gate::CalendarOff("delivery_day_disabled:samedi".to_owned()));
    assert_eq!(gate(mdl().but(|w| w.entity_locked = true), 1), Gate::EntityLocked);
    assert_eq!(gate(mdl().but(|w| w.settings.cross_entity_enabled = false), 1), Gate::CrossEntityDisabled);
    assert_eq!(gate(mdl(), 1), Gate::Open);
}

#[test]
fn alternatives_come_best_first() {
    let world = World::worked_case().but(|w| {
        w.orders.insert(7, OrderFacts { quota: 10, ..order(7, ZR7, 7) });
        w.orders.insert(8, order(8, ZR7, 6));
        w.usage.insert(7, OrderUsage { used: 1, ..OrderUsage::default() });
    });
    let found = |limit| {
        let of_zr7 = (&world.lead(), entity_id(ZR7));
        world.run(|market, usage| alternatives(market, usage, of_zr7, &world.exclusions, limit))
    };
    assert_eq!(found(10), [8, 6, 7].map(|number| (order_id(number), buyer_id(number))));
    assert_eq!(found(2).len(), 2);
}

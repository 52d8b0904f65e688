//! What a week of units comes to: records, their states, and how they are made of groups of units. Pure.

use std::collections::BTreeMap;
use std::str::FromStr;

use kernel::{BillingRecordId, BuyerId, Date, DocumentId, DocumentLineId, OrderId};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::rules::billing::{Amounts, Terms, spread_free};
use crate::rules::pricing::{BillingMode, PricingSource};

platform::lifecycle! {
    /// Where a record stands (spec 4.6). The moves back need a reason.
    pub enum BillingRecordStatus: "billing_record" {
        /// To be invoiced. Its week can be built again.
        NotInvoiced = "not_invoiced" => [Invoiced],
        /// Invoiced.
        Invoiced = "invoiced" => [Paid, Overdue, NotInvoiced],
        /// Not paid in time.
        Overdue = "overdue" => [Paid, Invoiced],
        /// Paid.
        Paid = "paid" => [Invoiced],
    }
    born: [NotInvoiced]
}

impl BillingRecordStatus {
    /// Whether moving from this one to `to` takes something back.
    pub const fn is_step_back(self, to: Self) -> bool {
        matches!((self, to), (Self::Invoiced, Self::NotInvoiced) | (Self::Overdue | Self::Paid, Self::Invoiced))
    }
}

platform::lifecycle! {
    /// Where a candidate for a credit note stands.
    pub enum CreditCandidateStatus: "credit_candidate" {
        /// A person is to decide.
        Open = "open" => [Proposed, Credited, Dismissed],
        /// It is on the draft of a credit note.
        Proposed = "proposed" => [Open, Credited, Dismissed],
        /// A credit note was issued for it.
        Credited = "credited" => [],
        /// Nothing is credited, for a reason.
        Dismissed = "dismissed" => [],
    }
    born: [Open]
}

/// Units of a week that share buyer, order, product and price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The number that its lines bear.
    pub number: i32,
    /// The buyer.
    pub buyer_id: BuyerId,
    /// The order.
    pub order_id: OrderId,
    /// The product.
    pub product: String,
    /// How it is paid.
    pub mode: BillingMode,
    /// Where the price comes from.
    pub source: PricingSource,
    /// Euros a unit.
    pub unit_price: Decimal,
    /// Percent.
    pub discount_pct: Decimal,
    /// Percent.
    pub vat_rate: Decimal,
    /// Sent.
    pub units_sent: i64,
    /// Sent and not taken back.
    pub units_billable: i64,
    /// Aged ones among the billable.
    pub units_lb: i64,
    /// Billable ones sent within the dates that were asked for.
    pub units_within: i64,
    /// The day on which the first was sent.
    pub first_on: Date,
}

/// What is credited to an order's week in all, at the price of the week's last day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditTotal {
    /// The buyer.
    pub buyer_id: BuyerId,
    /// The order.
    pub order_id: OrderId,
    /// The product.
    pub product: String,
    /// Units.
    pub units: i64,
    /// Where the price comes from.
    pub source: PricingSource,
    /// Euros a unit.
    pub unit_price: Decimal,
    /// Percent.
    pub discount_pct: Decimal,
    /// Percent.
    pub vat_rate: Decimal,
}

/// A record that is not stored: what a group comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Its units.
    pub group: Group,
    /// The price groups of its order's week count from 1, by the day of their first unit.
    pub position: i32,
    /// Not invoiced, as they are credited.
    pub units_free: u32,
    /// Billable and not free.
    pub units_invoiced: u32,
    /// What that comes to.
    pub amounts: Amounts,
}

type Key = (BuyerId, String, OrderId);

/// The records of an entity's week: one per group, and one without units for each credit that finds none, so that it is seen.
/// Credits go to units that are invoiced after the week; those paid in advance cost nothing then.
pub fn records(groups: Vec<Group>, credits: Vec<CreditTotal>) -> Vec<Draft> {
    let mut next = groups.iter().map(|group| group.number).max().unwrap_or(0);
    let mut by_order: BTreeMap<Key, Vec<Group>> = BTreeMap::new();
    for group in groups {
        let key = (group.buyer_id, group.product.clone(), group.order_id);
        by_order.entry(key).or_default().push(group);
    }
    let mut credited: BTreeMap<Key, u32> = BTreeMap::new();
    for credit in credits {
        let key = (credit.buyer_id, credit.product.clone(), credit.order_id);
        credited.insert(key.clone(), count(credit.units));
        by_order.entry(key).or_insert_with(|| {
            next += 1;
            vec![without_units(next, credit)]
        });
    }
    let mut drafts = Vec::new();
    for (key, mut groups) in by_order {
        groups.sort_by_key(|group| (group.first_on, group.number));
        let weekly = |group: &Group| group.mode == BillingMode::WeeklyInvoice;
        let billable = |group: &Group| if weekly(group) { count(group.units_billable) } else { 0 };
        let free =
            spread_free(credited.get(&key).copied().unwrap_or(0), &groups.iter().map(billable).collect::<Vec<_>>());
        let positions = 1..;
        drafts.extend(groups.into_iter().zip(free).zip(positions).map(|((group, free), at)| draft(group, at, free)));
    }
    drafts
}

fn draft(group: Group, position: i32, units_free: u32) -> Draft {
    let units_invoiced = count(group.units_billable) - units_free;
    let terms = Terms { unit_price: group.unit_price, discount_pct: group.discount_pct, vat_rate: group.vat_rate };
    Draft { position, units_free, units_invoiced, amounts: terms.amounts(units_invoiced), group }
}

fn without_units(number: i32, credit: CreditTotal) -> Group {
    Group {
        number,
        buyer_id: credit.buyer_id,
        order_id: credit.order_id,
        product: credit.product,
        mode: BillingMode::WeeklyInvoice,
        source: credit.source,
        unit_price: credit.unit_price,
        discount_pct: credit.discount_pct,
        vat_rate: credit.vat_rate,
        units_sent: 0,
        units_billable: 0,
        units_lb: 0,
        units_within: 0,
        first_on: Date::from_jiff(jiff::civil::Date::MIN),
    }
}

/// A number of units as the rules count them.
pub fn count(units: impl TryInto<u32>) -> u32 {
    units.try_into().unwrap_or(0)
}

/// What was noted of a record's invoice, which building its week again keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tracking {
    /// The number of the invoice made elsewhere.
    pub external_invoice_number: Option<String>,
    /// Its total with VAT, in euros.
    pub external_invoice_ttc: Option<Decimal>,
    /// When it was issued.
    pub issued_on: Option<Date>,
    /// When it is to be paid.
    pub due_on: Option<Date>,
    /// When it was paid.
    pub paid_on: Option<Date>,
}

/// A stored record as its writers need it.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of leads.billing_record")]
pub struct Record {
    pub id: BillingRecordId,
    pub entity_id: kernel::EntityId,
    pub week: Date,
    pub buyer_id: BuyerId,
    pub order_id: OrderId,
    pub product: String,
    pub position: i32,
    pub mode: BillingMode,
    pub status: BillingRecordStatus,
    pub tracking: Tracking,
    pub payment_terms_days: i32,
    pub document_id: Option<DocumentId>,
    pub document_line_id: Option<DocumentLineId>,
    pub updated_at: kernel::Timestamp,
}

/// A calendar month, `YYYY-MM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month(Date);

impl Month {
    /// Its first day.
    pub const fn first(self) -> Date {
        self.0
    }

    /// The first day of the next.
    pub fn next(self) -> Date {
        Date::from_jiff(self.0.jiff().last_of_month()).plus_days(1)
    }
}

impl FromStr for Month {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let first: Result<Date, _> = format!("{text}-01").parse();
        let first = first.ok().filter(|first| text.len() == 7 && (1970..=9990).contains(&first.jiff().year()));
        first.map(Self).ok_or("not a month: expected YYYY-MM, such as 2026-02")
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_string()[..7])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id<T: FromStr>(number: u32) -> T {
        format!("00000000-0000-7000-8000-{number:012}").parse().unwrap_or_else(|_| unreachable!())
    }

    fn group(number: i32, price: &str, billable: i64, first_on: &str) -> Group {
        Group {
            number,
            buyer_id: id(1),
            order_id: id(2),
            product: "PV".into(),
            mode: BillingMode::WeeklyInvoice,
            source: PricingSource::ClientProductPricing,
            unit_price: price.parse().unwrap(),
            discount_pct: Decimal::ZERO,
            vat_rate: Decimal::from(20),
            units_sent: billable,
            units_billable: billable,
            units_lb: 0,
            units_within: billable,
            first_on: first_on.parse().unwrap(),
        }
    }

    fn credit(order: u32, units: i64) -> CreditTotal {
        CreditTotal {
            buyer_id: id(1),
            order_id: id(order),
            product: "PV".into(),
            units,
            source: PricingSource::ClientProductPricing,
            unit_price: Decimal::from(25),
            discount_pct: Decimal::ZERO,
            vat_rate: Decimal::from(20),
        }
    }

    #[test]
    fn l_34_two_prices_of_one_week_are_two_records_whose_sums_are_the_weeks() {
        let drafts =
            records(vec![group(1, "27", 1, "2026-02-12"), group(2, "25", 2, "2026-02-10")], vec![credit(2, 1)]);
        let told: Vec<_> =
            drafts.iter().map(|d| (d.position, d.group.number, d.units_free, d.units_invoiced)).collect();
        assert_eq!(told, [(1, 2, 1, 1), (2, 1, 0, 1)], "the older price comes first, and its units are free first");
        assert_eq!(drafts.iter().map(|d| d.amounts.net).sum::<Decimal>(), Decimal::from(52));
    }

    #[test]
    fn a_credit_without_units_is_seen_and_prepaid_units_take_none() {
        let prepaid = Group { mode: BillingMode::Prepaid, ..group(1, "20", 3, "2026-02-10") };
        let drafts = records(vec![prepaid], vec![credit(2, 2), credit(3, 2)]);
        assert_eq!((drafts[0].units_free, drafts[0].units_invoiced), (0, 3));
        assert_eq!((drafts[1].group.number, drafts[1].group.units_billable, drafts[1].units_free), (2, 0, 0));
        assert_eq!(drafts[1].amounts, Amounts::default());
    }

    #[test]
    fn a_month_is_one_that_exists() {
        let month: Month = "2026-12".parse().unwrap();
        assert_eq!((month.first().to_string(), month.next().to_string()), ("2026-12-01".into(), "2027-01-01".into()));
        for junk in ["", "2026", "2026-13", "2026-1", "2026-02-01", "0001-01", "é026-02"] {
            assert!(junk.parse::<Month>().is_err(), "{junk}");
        }
    }

    #[test]
    fn the_moves_back_are_told_from_the_others() {
        use BillingRecordStatus::{Invoiced, NotInvoiced, Overdue, Paid};
        for from in BillingRecordStatus::ALL {
            for to in BillingRecordStatus::ALL {
                let back = [(Invoiced, NotInvoiced), (Overdue, Invoiced), (Paid, Invoiced)].contains(&(*from, *to));
                assert_eq!(from.is_step_back(*to), back);
                assert!(!back || from.move_to(*to).is_ok());
            }
        }
    }
}

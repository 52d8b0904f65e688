//! What is due and not paid, by customer (spec/leads.md 5.12).

pub mod store;

use kernel::{Currency, Date, PartyId};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

/// What a customer owes and is late with, in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OverdueCustomer {
    /// The customer.
    pub party_id: PartyId,
    /// Its name.
    pub party_name: String,
    /// Its entity, by code.
    pub entity: String,
    /// The currency of the amounts.
    pub currency: Currency,
    /// How many invoices are due.
    pub invoices: i64,
    /// What they amount to without VAT.
    pub net: Decimal,
    /// What they amount to with VAT.
    pub gross: Decimal,
    /// What is still open on them.
    pub balance: Decimal,
    /// The oldest day on which one was due.
    pub oldest_due_on: Date,
    /// Whole days since then.
    pub days_late: i64,
    /// What is open since up to 30 days, 31 to 60, 61 and more.
    pub ages: [Decimal; 3],
}

/// Everything that is due and not paid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct OverdueDashboard {
    /// By customer, who owes most first.
    pub customers: Vec<OverdueCustomer>,
    /// How many invoices.
    pub invoices: i64,
    /// All of it, by currency.
    pub totals: Vec<OverdueTotal>,
}

/// All that is due in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OverdueTotal {
    /// The currency.
    pub currency: Currency,
    /// Without VAT.
    pub net: Decimal,
    /// With VAT.
    pub gross: Decimal,
    /// What is still open.
    pub balance: Decimal,
    /// What is open since up to 30 days, 31 to 60, 61 and more.
    pub ages: [Decimal; 3],
}

impl OverdueDashboard {
    /// The dashboard of what each customer owes.
    pub fn of(mut customers: Vec<OverdueCustomer>, today: Date) -> Self {
        for customer in &mut customers {
            customer.days_late = i64::from((today.jiff() - customer.oldest_due_on.jiff()).get_days());
        }
        customers.sort_by(|a, b| b.gross.cmp(&a.gross).then_with(|| a.party_name.cmp(&b.party_name)));
        let mut totals: Vec<OverdueTotal> = Vec::new();
        for customer in &customers {
            if !totals.iter().any(|total| total.currency == customer.currency) {
                let zero = Decimal::ZERO;
                totals.push(OverdueTotal {
                    currency: customer.currency,
                    net: zero,
                    gross: zero,
                    balance: zero,
                    ages: [zero; 3],
                });
            }
            let total = totals.iter_mut().find(|total| total.currency == customer.currency);
            let Some(total) = total else { continue };
            total.net += customer.net;
            total.gross += customer.gross;
            total.balance += customer.balance;
            for (sum, age) in total.ages.iter_mut().zip(customer.ages) {
                *sum += age;
            }
        }
        Self { invoices: customers.iter().map(|customer| customer.invoices).sum(), customers, totals }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_late_count_from_the_oldest_due_day_and_who_owes_most_comes_first() {
        let customer = |name: &str, gross: i64| OverdueCustomer {
            party_id: PartyId::from_uuid(uuid::Uuid::nil()),
            party_name: name.into(),
            entity: "ZR7".into(),
            currency: Currency::EUR,
            invoices: 2,
            net: Decimal::from(gross),
            gross: Decimal::from(gross),
            balance: Decimal::from(gross),
            oldest_due_on: "2026-03-12".parse().unwrap(),
            days_late: 0,
            ages: [Decimal::from(gross), Decimal::ZERO, Decimal::ZERO],
        };
        let today = "2026-03-20".parse().unwrap();
        let dashboard = OverdueDashboard::of(vec![customer("B", 10), customer("A", 20)], today);
        assert_eq!(dashboard.customers[0].party_name, "A");
        assert_eq!(dashboard.customers[0].days_late, 8);
        assert_eq!((dashboard.invoices, dashboard.totals[0].gross), (4, Decimal::from(30)));
    }
}

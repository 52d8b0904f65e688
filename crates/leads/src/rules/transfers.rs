//! What entities owe each other (leads §5.11): by direction, product and unit price, never netted.

use std::collections::BTreeMap;

use kernel::{EntityId, Rounding, round};
use rust_decimal::Decimal;

/// Who owes whom for what, at which price.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TransferKey {
    /// The entity that owns the leads and charges them.
    pub from: EntityId,
    /// The entity that sold them.
    pub to: EntityId,
    /// The product.
    pub product: String,
    /// Euros a unit: a price that changes within a week makes another line (L-34).
    pub unit_price: Decimal,
}

/// A line of what is owed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferGroup {
    /// Who, whom, what, at which price.
    pub key: TransferKey,
    /// Units; those credited are taken off.
    pub units: i64,
    /// Units × price, in euros without VAT, rounded half up to the cent.
    pub amount: Decimal,
}

/// Adds transfers up to lines, in the order of direction, product and price.
pub fn group(transfers: impl IntoIterator<Item = (TransferKey, i64)>) -> Vec<TransferGroup> {
    let mut lines: BTreeMap<TransferKey, i64> = BTreeMap::new();
    for (key, units) in transfers {
        *lines.entry(key).or_default() += units;
    }
    let line = |(key, units): (TransferKey, i64)| {
        let amount = round(Decimal::from(units) * key.unit_price, 2, Rounding::HalfUp);
        TransferGroup { key, units, amount }
    };
    lines.into_iter().map(line).collect()
}

/// What one entity owes another in all, by direction.
pub fn totals(groups: &[TransferGroup]) -> BTreeMap<(EntityId, EntityId), Decimal> {
    let mut totals = BTreeMap::new();
    for group in groups {
        *totals.entry((group.key.from, group.key.to)).or_default() += group.amount;
    }
    totals
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entity(number: u32) -> EntityId {
        format!("00000000-0000-7000-8000-{number:012}").parse().unwrap()
    }

    fn unit(from: u32, to: u32, product: &str, price: i64) -> (TransferKey, i64) {
        let key = TransferKey {
            from: entity(from),
            to: entity(to),
            product: product.to_owned(),
            unit_price: Decimal::from(price),
        };
        (key, 1)
    }

    #[test]
    fn l_34_the_table_of_the_specification_holds() {
        let week = [("PV", 25), ("PV", 25), ("PV", 25), ("PAC", 30), ("PAC", 30)];
        let mut transfers: Vec<_> = week.map(|(product, price)| unit(1, 2, product, price)).into();
        transfers.push(unit(2, 1, "ITE", 20));
        let groups = group(transfers);
        let totals = totals(&groups);
        assert_eq!(totals[&(entity(1), entity(2))], Decimal::from(135));
        assert_eq!(totals[&(entity(2), entity(1))], Decimal::from(20), "no netting");
        assert_eq!(groups.len(), 3);
    }

    #[test]
    fn l_34_a_price_that_changes_within_the_week_makes_two_lines() {
        let groups = group([unit(1, 2, "PV", 25), unit(1, 2, "PV", 25), unit(1, 2, "PV", 27)]);
        let told: Vec<_> = groups.iter().map(|group| (group.units, group.amount)).collect();
        assert_eq!(told, [(2, Decimal::from(50)), (1, Decimal::from(27))]);
        assert_eq!(totals(&groups)[&(entity(1), entity(2))], Decimal::from(77));
    }

    #[test]
    fn what_is_credited_is_taken_off_at_its_own_price() {
        let (key, _) = unit(1, 2, "PV", 25);
        let groups = group([(key.clone(), 1), (key, -1), unit(1, 2, "PV", 27)]);
        assert_eq!(
            groups.iter().map(|group| (group.units, group.amount)).collect::<Vec<_>>(),
            [(0, Decimal::ZERO), (1, Decimal::from(27))]
        );
    }
}

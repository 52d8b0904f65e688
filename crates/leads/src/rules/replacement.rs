//! When an aged lead takes the place of a suspicious one (leads §5.5). It fails open: whatever goes wrong around it,
//! the suspicious lead is delivered as routed.

use kernel::BasisPoints;

use super::ageing::StockFacts;
use super::departement::{Departement, DepartementSet};
use super::intake::LeadSourceType;
use super::phone::PhoneQuality;

/// How many aged leads are looked at, oldest first.
pub const MAX_CANDIDATES: usize = 50;

/// Whether orders that want fresh leads only may get an aged one in place of a suspicious one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FreshOnlyOrders {
    /// They keep the suspicious lead.
    #[default]
    Keep,
    /// This order accepts the replacement.
    Replace,
}

/// Whether a routed lead is to be replaced, if a replacement is found: only suspicious leads of our own pages.
pub fn is_wanted(
    quality: PhoneQuality,
    source_type: LeadSourceType,
    lb_target: BasisPoints,
    fresh_only: FreshOnlyOrders,
) -> bool {
    let takes_lb = lb_target > BasisPoints::ZERO || fresh_only == FreshOnlyOrders::Replace;
    quality == PhoneQuality::Suspicious && source_type == LeadSourceType::InternalLp && takes_lb
}

/// An aged lead of the delivering entity and the same product.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<T> {
    /// Which lead it is.
    pub lead: T,
    /// Where the consumer lives.
    pub departement: Departement,
    /// Whether it is free.
    pub stock: StockFacts,
    /// The buyer had its phone and product within 30 days, or refused it for good.
    pub is_excluded: bool,
}

/// The first of the oldest candidates that the order can take. It is still to be reserved by compare-and-set.
pub fn choose<T: Copy>(candidates: &[Candidate<T>], departements: DepartementSet, now: kernel::Timestamp) -> Option<T> {
    let suits = |candidate: &&Candidate<T>| {
        departements.contains(candidate.departement) && candidate.stock.is_in_lb_pool(now) && !candidate.is_excluded
    };
    candidates.iter().take(MAX_CANDIDATES).find(suits).map(|candidate| candidate.lead)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::ageing::Standing;

    #[test]
    fn only_suspicious_leads_of_our_pages_are_replaced_and_only_where_aged_ones_are_wanted() {
        use FreshOnlyOrders::{Keep, Replace};
        use LeadSourceType::{Direct, InternalLp, Provider};
        use PhoneQuality::{Suspicious, Valid};
        let rows = [
            (Suspicious, InternalLp, 2000, Keep, true),
            (Valid, InternalLp, 2000, Keep, false),
            (Suspicious, Provider, 2000, Keep, false),
            (Suspicious, Direct, 2000, Keep, false),
            (Suspicious, InternalLp, 0, Keep, false),
            (Suspicious, InternalLp, 0, Replace, true),
        ];
        for (quality, source_type, points, fresh_only, expected) in rows {
            let target = BasisPoints::try_new(points).unwrap();
            let found = is_wanted(quality, source_type, target, fresh_only);
            assert_eq!(found, expected, "{quality} {source_type:?} {points} {fresh_only:?}");
        }
    }

    #[test]
    fn the_first_free_lead_of_the_orders_area_is_chosen() {
        let now: kernel::Timestamp = "2026-02-11T10:00:00Z".parse().unwrap();
        let stock = StockFacts {
            standing: Standing::Aged,
            created_at: now.minus_days(20),
            is_lb: true,
            has_open_delivery: false,
            last_sent_at: None,
        };
        let paris = Candidate { lead: 1, departement: "75".parse().unwrap(), stock, is_excluded: false };
        let elsewhere = Candidate { lead: 2, departement: "69".parse().unwrap(), ..paris };
        let excluded = Candidate { lead: 3, is_excluded: true, ..paris };
        let taken = Candidate { lead: 4, stock: StockFacts { has_open_delivery: true, ..stock }, ..paris };
        let area = DepartementSet::try_from_codes(&["75", "92"]).unwrap();
        assert_eq!(choose(&[elsewhere, excluded, taken, paris], area, now), Some(1));
        assert_eq!(choose(&[elsewhere, excluded, taken, paris], DepartementSet::ALL, now), Some(2));
        assert_eq!(choose(&[elsewhere, excluded, taken], area, now), None);
        let mut many = vec![elsewhere; MAX_CANDIDATES];
        many.push(paris);
        assert_eq!(choose(&many, area, now), None);
    }
}

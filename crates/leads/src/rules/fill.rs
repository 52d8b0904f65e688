//! What the daily run picks for one order (leads §5.5).

use std::collections::VecDeque;

use kernel::{BasisPoints, LeadId};
use serde::{Deserialize, Serialize};

use super::ageing::Freshness;
use super::mix::lb_needed;

/// What an order still wants this week.
#[derive(Clone, Copy, Debug)]
pub struct FillDemand {
    /// Units left of the weekly quota; `None` when the order is uncapped.
    pub quota_remaining: Option<u32>,
    /// Units left of the prepaid balance; `None` when the buyer is invoiced.
    pub prepaid_remaining: Option<u32>,
    /// Wanted share of aged leads.
    pub target: BasisPoints,
    /// Accepted units of the week.
    pub delivered: u32,
    /// Aged ones among them.
    pub lb_delivered: u32,
}

/// The leads that the order's buyer can be given, oldest first in each pool. Matching, 30-day and availability rules
/// are applied before, and no phone is in twice.
#[derive(Clone, Copy, Debug, Default)]
pub struct FillStock<'a> {
    /// Fresh leads.
    pub fresh: &'a [LeadId],
    /// Aged leads that the buyer never had.
    pub lb_never_given: &'a [LeadId],
    /// Aged leads that the buyer had more than 30 days ago.
    pub lb_given_before: &'a [LeadId],
}

/// One lead taken for the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pick {
    /// The lead.
    pub lead: LeadId,
    /// What it is taken as.
    pub freshness: Freshness,
}

/// The order got fewer aged leads than its target asks for: logged once per order and run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LbShortfall {
    /// The wanted share.
    pub target: BasisPoints,
    /// The share reached at the end of the run, cut to a ten-thousandth.
    pub current: BasisPoints,
    /// Aged leads that the run asked for.
    pub needed: u32,
    /// Aged leads that the stock had.
    pub available: u32,
}

/// What the order gets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FillPlan {
    /// The leads, in the order in which they are picked.
    pub picks: Vec<Pick>,
    /// What is to be logged, if aged leads ran out.
    pub shortfall: Option<LbShortfall>,
}

/// Picks leads until the quota, the balance or the stock ends. When an aged lead is due and there is none, a fresh one
/// takes its place; when a fresh one is due and there is none, an aged one does, but only for a capped order with a
/// target: an uncapped one would swallow the whole stock.
pub fn plan(demand: &FillDemand, stock: &FillStock<'_>) -> FillPlan {
    let mut fresh: VecDeque<LeadId> = stock.fresh.iter().copied().collect();
    let mut aged: VecDeque<LeadId> = stock.lb_never_given.iter().chain(stock.lb_given_before).copied().collect();
    let available = count(aged.len());
    let overfills = demand.quota_remaining.is_some() && demand.target > BasisPoints::ZERO;
    let limit = demand.quota_remaining.unwrap_or(u32::MAX).min(demand.prepaid_remaining.unwrap_or(u32::MAX));

    let mut tally = Tally { delivered: demand.delivered, lb: demand.lb_delivered };
    let mut picks = Vec::new();
    let mut ran_out = false;
    while count(picks.len()) < limit {
        let lb_is_due = lb_needed(demand.target, tally.delivered, tally.lb) > 0;
        ran_out |= lb_is_due && aged.is_empty();
        let next = if lb_is_due {
            take(&mut aged, Freshness::Lb).or_else(|| take(&mut fresh, Freshness::Fresh))
        } else {
            take(&mut fresh, Freshness::Fresh).or_else(|| take(&mut aged, Freshness::Lb).filter(|_| overfills))
        };
        let Some(pick) = next else { break };
        tally.add(pick);
        picks.push(pick);
    }

    let shortfall = ran_out.then(|| LbShortfall {
        target: demand.target,
        current: tally.share(),
        needed: available.saturating_add(tally.missing(demand.target)),
        available,
    });
    FillPlan { picks, shortfall }
}

struct Tally {
    delivered: u32,
    lb: u32,
}

impl Tally {
    fn add(&mut self, pick: Pick) {
        self.delivered = self.delivered.saturating_add(1);
        self.lb = self.lb.saturating_add(u32::from(pick.freshness == Freshness::Lb));
    }

    fn share(&self) -> BasisPoints {
        let points = u64::from(self.lb) * 10_000 / u64::from(self.delivered.max(1));
        i32::try_from(points).ok().and_then(BasisPoints::try_new).unwrap_or(BasisPoints::ONE)
    }

    /// Aged leads that the next unit would still ask for.
    fn missing(&self, target: BasisPoints) -> u32 {
        u32::try_from(lb_needed(target, self.delivered, self.lb)).unwrap_or(0)
    }
}

fn take(pool: &mut VecDeque<LeadId>, freshness: Freshness) -> Option<Pick> {
    pool.pop_front().map(|lead| Pick { lead, freshness })
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn bp(points: i32) -> BasisPoints {
        BasisPoints::try_new(points).unwrap()
    }

    fn lead(number: usize) -> LeadId {
        format!("00000000-0000-7000-8000-{number:012}").parse().unwrap()
    }

    /// Fresh leads are numbered from 0, aged ones from 1000 and 2000.
    struct Pools([Vec<LeadId>; 3]);

    impl Pools {
        fn of(fresh: usize, never_given: usize, given_before: usize) -> Self {
            let pool = |from: usize, size: usize| (from..from + size).map(lead).collect();
            Self([pool(0, fresh), pool(1000, never_given), pool(2000, given_before)])
        }

        fn plan(&self, demand: &FillDemand) -> FillPlan {
            let [fresh, lb_never_given, lb_given_before] = &self.0;
            plan(demand, &FillStock { fresh, lb_never_given, lb_given_before })
        }
    }

    fn demand(quota_remaining: impl Into<Option<u32>>, target: i32) -> FillDemand {
        let quota_remaining = quota_remaining.into();
        FillDemand { quota_remaining, prepaid_remaining: None, target: bp(target), delivered: 0, lb_delivered: 0 }
    }

    fn sequence(plan: &FillPlan) -> String {
        plan.picks.iter().map(|pick| if pick.freshness == Freshness::Lb { 'L' } else { 'F' }).collect()
    }

    fn lb_count(plan: &FillPlan) -> usize {
        plan.picks.iter().filter(|pick| pick.freshness == Freshness::Lb).count()
    }

    #[test]
    fn the_sequences_of_the_specification_hold() {
        let plenty = Pools::of(300, 300, 0);
        let rows = [(2000, 10, "LFFFFLFFFF"), (2500, 8, "LFFFLFFF"), (5000, 6, "LFLFLF"), (0, 4, "FFFF")];
        for (target, quota, expected) in rows {
            assert_eq!(sequence(&plenty.plan(&demand(quota, target))), expected);
        }
        for (target, quota, aged) in [(2000, 50, 10), (2000, 200, 40), (3000, 100, 30)] {
            assert_eq!(lb_count(&plenty.plan(&demand(quota, target))), aged);
        }
    }

    #[test]
    fn units_of_the_week_count_before_the_run() {
        let started = FillDemand { delivered: 5, lb_delivered: 1, ..demand(6, 2000) };
        assert_eq!(sequence(&Pools::of(10, 10, 0).plan(&started)), "LFFFFL");
        let ahead = FillDemand { delivered: 5, lb_delivered: 4, ..demand(6, 2000) };
        assert_eq!(sequence(&Pools::of(10, 10, 0).plan(&ahead)), "FFFFFF");
    }

    #[test]
    fn the_oldest_go_first_and_those_never_given_before_those_given_back() {
        let picks = Pools::of(0, 2, 2).plan(&demand(4, 10_000)).picks;
        assert_eq!(picks.iter().map(|pick| pick.lead).collect::<Vec<_>>(), [1000, 1001, 2000, 2001].map(lead));
        let fresh = Pools::of(3, 0, 0).plan(&demand(2, 0)).picks;
        assert_eq!(fresh.iter().map(|pick| pick.lead).collect::<Vec<_>>(), [0, 1].map(lead));
    }

    #[test]
    fn fresh_leads_stand_in_for_missing_aged_ones_and_the_shortfall_is_told_once() {
        let plan = Pools::of(20, 1, 0).plan(&demand(10, 2000));
        assert_eq!(sequence(&plan), "LFFFFFFFFF");
        let expected = LbShortfall { target: bp(2000), current: bp(1000), needed: 3, available: 1 };
        assert_eq!(plan.shortfall, Some(expected));
        assert_eq!(Pools::of(20, 2, 0).plan(&demand(10, 2000)).shortfall, None);
        assert_eq!(Pools::of(20, 0, 0).plan(&demand(10, 0)).shortfall, None, "fresh only");
        let nothing = Pools::of(0, 0, 0).plan(&demand(10, 2000));
        assert_eq!(nothing.shortfall, Some(LbShortfall { current: bp(0), needed: 1, available: 0, ..expected }));
    }

    #[test]
    fn aged_leads_stand_in_for_missing_fresh_ones_only_under_a_quota_and_a_target() {
        let pools = Pools::of(2, 50, 0);
        assert_eq!(sequence(&pools.plan(&demand(8, 2000))), "LFFLLLLL", "capped: filled up");
        assert_eq!(sequence(&pools.plan(&demand(8, 0))), "FF", "fresh only");
        assert_eq!(sequence(&pools.plan(&demand(None, 2000))), "LFF", "uncapped: the mix, no more");
        let prepaid = FillDemand { prepaid_remaining: Some(4), ..demand(8, 2000) };
        assert_eq!(sequence(&pools.plan(&prepaid)), "LFFL");
        let prepaid_uncapped = FillDemand { prepaid_remaining: Some(9), ..demand(None, 2000) };
        assert_eq!(sequence(&pools.plan(&prepaid_uncapped)), "LFF");
    }

    #[test]
    fn a_full_order_gets_nothing_and_an_uncapped_one_everything_fresh() {
        assert_eq!(Pools::of(5, 5, 0).plan(&demand(0, 2000)), FillPlan::default());
        assert_eq!(sequence(&Pools::of(11, 5, 0).plan(&demand(None, 2000))), "LFFFFLFFFFLFFF");
    }

    proptest! {
        #[test]
        fn a_plan_breaks_no_limit(
            sizes in (0_usize..40, 0_usize..20, 0_usize..20),
            quota in prop::option::of(0_u32..60),
            prepaid in prop::option::of(0_u32..60),
            points in 0..=10_000_i32,
            delivered in 0_u32..50,
            lb in 0_u32..50,
        ) {
            let pools = Pools::of(sizes.0, sizes.1, sizes.2);
            let demand = FillDemand {
                quota_remaining: quota,
                prepaid_remaining: prepaid,
                target: bp(points),
                delivered,
                lb_delivered: lb.min(delivered),
            };
            let plan = pools.plan(&demand);
            let taken = plan.picks.len();
            prop_assert!(quota.is_none_or(|quota| taken <= quota as usize));
            prop_assert!(prepaid.is_none_or(|units| taken <= units as usize));
            prop_assert_eq!(plan.picks.iter().map(|pick| pick.lead).collect::<HashSet<_>>().len(), taken);
            prop_assert!(points > 0 || lb_count(&plan) == 0);

            let fresh_taken = taken - lb_count(&plan);
            let full = [quota, prepaid].into_iter().flatten().any(|limit| taken >= limit as usize);
            prop_assert!(full || fresh_taken == sizes.0, "fresh leads are left only when there is no room");
            prop_assert!(full || quota.is_none() || points == 0 || taken == sizes.0 + sizes.1 + sizes.2);
            if let Some(shortfall) = plan.shortfall {
                prop_assert_eq!(lb_count(&plan), sizes.1 + sizes.2, "only when the aged stock is used up");
                prop_assert_eq!(shortfall.available as usize, sizes.1 + sizes.2);
            }
        }

        #[test]
        fn with_enough_stock_the_mix_is_exact(points in 0..=10_000_i32, quota in 0_u32..200) {
            let plan = Pools::of(200, 200, 0).plan(&demand(quota, points));
            let aged = i64::try_from(lb_count(&plan)).unwrap();
            let wanted = i64::from(points) * i64::from(quota);
            prop_assert_eq!(aged, (wanted + 9_999) / 10_000);
            prop_assert_eq!(plan.shortfall, None);
        }
    }
}

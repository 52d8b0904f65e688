//! The share of aged leads that an order wants, in exact arithmetic (leads §5.5, L-25).

use kernel::BasisPoints;

const WHOLE: i64 = 10_000;

/// How many aged leads the next unit of an order lacks to reach its target: an aged one is due when above 0.
/// Counts are the order's accepted units of the week plus the picks of the run.
pub fn lb_needed(target: BasisPoints, delivered: u32, lb_delivered: u32) -> i64 {
    if target == BasisPoints::ZERO {
        return 0;
    }
    let wanted = i64::from(target.points()) * (i64::from(delivered) + 1);
    (wanted + WHOLE - 1) / WHOLE - i64::from(lb_delivered)
}

platform::words! {
    /// Where an order's mix stands against its target, for monitoring.
    MixStatus {
        /// Less than five points away.
        OnTarget = "on_target",
        /// Too many aged leads.
        Over = "over",
        /// Too few aged leads.
        Under = "under",
    }
}

impl MixStatus {
    /// Compares the actual share with the target; nothing delivered is a share of 0.
    pub fn for_mix(target: BasisPoints, delivered: u32, lb_delivered: u32) -> Self {
        const TOLERANCE: i64 = 500;
        let delivered = i64::from(delivered.max(1));
        let gap = i64::from(lb_delivered) * WHOLE - i64::from(target.points()) * delivered;
        if gap.abs() < TOLERANCE * delivered {
            return Self::OnTarget;
        }
        if gap > 0 { Self::Over } else { Self::Under }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bp(points: i32) -> BasisPoints {
        BasisPoints::try_new(points).unwrap()
    }

    fn sequence(target: BasisPoints, units: u32) -> String {
        let mut lb = 0;
        let picks = (0..units).map(|delivered| {
            let aged = lb_needed(target, delivered, lb) > 0;
            lb += u32::from(aged);
            if aged { 'L' } else { 'F' }
        });
        picks.collect()
    }

    #[test]
    fn the_table_of_the_specification_holds() {
        let rows = [
            (2000, 0, 0, 1),
            (2000, 1, 1, 0),
            (2000, 10, 2, 1),
            (2000, 10, 3, 0),
            (2000, 10, 5, -2),
            (0, 100, 50, 0),
            (10_000, 3, 3, 1),
        ];
        for (target, delivered, lb, needed) in rows {
            assert_eq!(lb_needed(bp(target), delivered, lb), needed, "{target} {delivered} {lb}");
        }
    }

    #[test]
    fn l_25_target_uses_exact_arithmetic() {
        assert_eq!(lb_needed(bp(700), 99, 7), 0, "0.07 × 100 is 7, not a little more");
        assert_eq!(lb_needed(bp(2900), 99, 29), 0, "0.29 × 100 is 29");
    }

    #[test]
    fn the_sequences_of_the_specification_hold() {
        assert_eq!(sequence(bp(2000), 10), "LFFFFLFFFF");
        assert_eq!(sequence(bp(2500), 8), "LFFFLFFF");
        assert_eq!(sequence(bp(5000), 6), "LFLFLF");
        assert_eq!(sequence(bp(10_000), 3), "LLL");
        assert_eq!(sequence(bp(0), 3), "FFF");
        for (target, units, aged) in [(2000, 50, 10), (2000, 200, 40), (3000, 100, 30)] {
            assert_eq!(sequence(bp(target), units).matches('L').count(), aged);
        }
    }

    #[test]
    fn the_status_tolerates_less_than_five_points() {
        let rows = [
            (2000, 100, 20, MixStatus::OnTarget),
            (2000, 100, 24, MixStatus::OnTarget),
            (2000, 100, 25, MixStatus::Over),
            (2000, 100, 16, MixStatus::OnTarget),
            (2000, 100, 15, MixStatus::Under),
            (2000, 0, 0, MixStatus::Under),
            (400, 0, 0, MixStatus::OnTarget),
            (0, 0, 0, MixStatus::OnTarget),
            (0, 10, 1, MixStatus::Over),
        ];
        for (target, delivered, lb, status) in rows {
            assert_eq!(MixStatus::for_mix(bp(target), delivered, lb), status, "{target} {delivered} {lb}");
        }
    }

    proptest! {
        #[test]
        fn following_the_rule_gives_exactly_the_target_rounded_up(points in 0..=10_000_i32, units in 0_u32..2000) {
            let aged = i64::try_from(sequence(bp(points), units).matches('L').count()).unwrap();
            let wanted = i64::from(points) * i64::from(units);
            prop_assert!((aged - 1) * WHOLE < wanted && wanted <= aged * WHOLE || aged == 0 && wanted == 0);
        }

        #[test]
        fn one_more_aged_lead_means_one_less_needed(points in 1..=10_000_i32, delivered: u32, lb in 0..u32::MAX) {
            prop_assert_eq!(lb_needed(bp(points), delivered, lb) - 1, lb_needed(bp(points), delivered, lb + 1));
        }
    }
}

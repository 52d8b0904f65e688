//! Several documents of one customer that sum to an amount.

use rust_decimal::Decimal;

/// At most so many documents are paid by one line without their numbers.
pub const MAX_COMBINED: usize = 6;
/// Only so many of the oldest documents of a customer are combined.
pub(super) const MAX_CONSIDERED: usize = 24;
/// So many steps, then the search ends with what it has.
const MAX_STEPS: usize = 5_000;
/// More than one makes it ambiguous; more than a few help nobody.
const MAX_FOUND: usize = 3;

/// Sets of 2 to [`MAX_COMBINED`] of `amounts` (positive) that sum to `target`, as places in it.
pub(super) fn combinations(amounts: &[Decimal], target: Decimal) -> Vec<Vec<usize>> {
    let amounts = &amounts[..amounts.len().min(MAX_CONSIDERED)];
    // What the last documents can give at most: below that, a branch is dead.
    let mut left: Vec<_> = amounts.to_vec();
    left.push(Decimal::ZERO);
    for at in (0..amounts.len()).rev() {
        left[at] = amounts[at] + left[at + 1];
    }
    let mut search = Search { amounts, left, steps: 0, picked: Vec::new(), found: Vec::new() };
    search.from(0, target);
    search.found.sort_by_key(|set| (set.len(), set.clone()));
    search.found
}

struct Search<'a> {
    amounts: &'a [Decimal],
    left: Vec<Decimal>,
    steps: usize,
    picked: Vec<usize>,
    found: Vec<Vec<usize>>,
}

impl Search<'_> {
    /// As deep as a set is large.
    fn from(&mut self, start: usize, wanted: Decimal) {
        for at in start..self.amounts.len() {
            self.steps += 1;
            let is_over = self.steps > MAX_STEPS || self.found.len() >= MAX_FOUND || self.left[at] < wanted;
            if is_over {
                return;
            }
            let rest = wanted - self.amounts[at];
            if rest < Decimal::ZERO {
                continue;
            }
            self.picked.push(at);
            if rest.is_zero() && self.picked.len() > 1 {
                self.found.push(self.picked.clone());
            } else if !rest.is_zero() && self.picked.len() < MAX_COMBINED {
                self.from(at + 1, rest);
            }
            self.picked.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_found_and_the_work_is_bounded() {
        let amounts: Vec<_> = [100, 250, 50, 75].map(Decimal::from).to_vec();
        assert_eq!(combinations(&amounts, Decimal::from(150)), [vec![0, 2]]);
        assert_eq!(combinations(&amounts, Decimal::from(475)), [vec![0, 1, 2, 3]]);
        assert!(combinations(&amounts, Decimal::from(100)).is_empty());
        let many = vec![Decimal::from(2); 5_000];
        assert!(combinations(&many, Decimal::from(11)).is_empty());
        assert_eq!(combinations(&many, Decimal::from(4)).len(), 3);
    }
}

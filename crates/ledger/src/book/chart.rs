//! The charts that come with Comptoir: the French *plan comptable général*, and the Lebanese chart of the trade specification.

use crate::accounts::model::{AccountClass, NewAccount, NormalBalance, padded};
use crate::accounts::role::Role;

platform::words! {
    /// A chart of accounts that a book can be opened with.
    Chart {
        /// The French *plan comptable général*.
        Pcg = "pcg",
        /// The Lebanese chart (spec/trade.md 5.14).
        Lb = "lb",
        /// The accounts of the French one, for other countries.
        Generic = "generic",
    }
}

impl Chart {
    /// The usual chart of a country, by its ISO 3166 code.
    pub fn of_country(country: &str) -> Self {
        match country {
            "FR" => Self::Pcg,
            "LB" => Self::Lb,
            _ => Self::Generic,
        }
    }

    /// How many digits its codes are padded to unless told.
    pub const fn digits(self) -> i32 {
        match self {
            Self::Pcg | Self::Generic => 6,
            Self::Lb => 4,
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Pcg | Self::Generic => include_str!("../../charts/pcg.csv"),
            Self::Lb => include_str!("../../charts/lb.csv"),
        }
    }

    /// Its accounts, padded to so many digits, each with the roles that it plays.
    pub fn accounts(self, digits: usize) -> Vec<(NewAccount, Vec<Role>)> {
        self.text().lines().skip(1).filter_map(|line| account(line, digits)).collect()
    }
}

/// `code;class;side;flags;roles;fr;en`; the tests read every line of every chart.
fn account(line: &str, digits: usize) -> Option<(NewAccount, Vec<Role>)> {
    let mut fields = line.split(';');
    let stem = fields.next()?;
    let class = AccountClass::of(fields.next()?)?;
    let normal_balance = match fields.next()? {
        "debit" => NormalBalance::Debit,
        "credit" => NormalBalance::Credit,
        _ => return None,
    };
    let flags = fields.next()?;
    let roles = fields.next()?.split_whitespace().map(Role::of).collect::<Option<Vec<_>>>()?;
    let (name_fr, name_en) = (fields.next()?, fields.next()?);
    let account = NewAccount {
        code: padded(stem, digits),
        stem: stem.to_owned(),
        name_fr: name_fr.to_owned(),
        name_en: name_en.to_owned(),
        class,
        normal_balance,
        postable: !flags.contains("sum"),
        is_auxiliary: flags.contains("aux"),
    };
    fields.next().is_none().then_some((account, roles))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_of_every_chart_is_an_account_and_every_role_is_played_once() {
        for chart in [Chart::Pcg, Chart::Lb, Chart::Generic] {
            for digits in [6, 7, 8] {
                let accounts = chart.accounts(digits);
                assert_eq!(accounts.len(), chart.text().lines().count() - 1, "{chart:?}: a line that is none");
                let codes: BTreeSet<_> = accounts.iter().map(|(account, _)| &account.code).collect();
                assert_eq!(codes.len(), accounts.len(), "{chart:?}: a code twice");
                let mut roles: Vec<_> = accounts.iter().flat_map(|(_, roles)| roles.clone()).collect();
                roles.sort_unstable();
                assert_eq!(roles, Role::ALL, "{chart:?}: a role missing or twice");
            }
        }
    }

    #[test]
    fn the_accounts_that_the_specifications_name_play_their_roles() {
        let of = |chart: Chart, role: Role| {
            let accounts = chart.accounts(3);
            accounts.into_iter().find(|(_, roles)| roles.contains(&role)).map(|(account, _)| account.stem).unwrap()
        };
        let french = [
            (Role::Customers, "411"),
            (Role::CustomerAdvances, "4191"),
            (Role::DoubtfulCustomers, "416"),
            (Role::Suppliers, "401"),
            (Role::Subcontracting, "611"),
            (Role::SalesWorks, "704"),
            (Role::SalesServices, "706"),
            (Role::SalesGoods, "707"),
            (Role::SalesTravel, "7085"),
            (Role::DiscountsGranted, "709"),
            (Role::VatCollected, "44571"),
            (Role::VatPending, "44574"),
            (Role::VatDeductible, "44566"),
            (Role::Bank, "512"),
            (Role::Cash, "530"),
            (Role::Cheques, "5112"),
            (Role::Cards, "5115"),
            (Role::RoundingLoss, "658"),
            (Role::RoundingGain, "758"),
            (Role::EarlyPaymentDiscount, "665"),
        ];
        for (role, code) in french {
            assert_eq!(of(Chart::Pcg, role), code, "{role}");
        }
        let lebanese = [
            (Role::Customers, "4111"),
            (Role::Suppliers, "4011"),
            (Role::IntercompanyPayable, "4011"),
            (Role::Cash, "5300"),
            (Role::Bank, "5121"),
            (Role::SalesGoods, "7010"),
            (Role::SalesReturns, "7090"),
            (Role::VatCollected, "4427"),
            (Role::VatDeductible, "4426"),
            (Role::Inventory, "3700"),
            (Role::Cogs, "6011"),
            (Role::RoundingLoss, "6050"),
            (Role::Grni, "4018"),
            (Role::OpeningBalance, "1099"),
            (Role::FxLoss, "6060"),
            (Role::FxGain, "7060"),
        ];
        for (role, code) in lebanese {
            assert_eq!(of(Chart::Lb, role), code, "{role}");
        }
    }
}

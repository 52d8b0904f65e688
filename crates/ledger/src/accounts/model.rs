//! What an account is, and how the code of one is made.

use kernel::{AccountId, EntityId, Timestamp};
use rust_decimal::Decimal;

use super::role::Role;

platform::words! {
    /// What an account stands for in the statements.
    AccountClass {
        /// What one has.
        Asset = "asset",
        /// What one owes.
        Liability = "liability",
        /// What is left to the owners.
        Equity = "equity",
        /// What was earned.
        Income = "income",
        /// What was spent.
        Expense = "expense",
    }
}

impl AccountClass {
    /// Whether its balance is carried into the next year.
    pub const fn is_carried(self) -> bool {
        matches!(self, Self::Asset | Self::Liability | Self::Equity)
    }

    /// The side on which it usually stands.
    pub const fn side(self) -> NormalBalance {
        match self {
            Self::Asset | Self::Expense => NormalBalance::Debit,
            Self::Liability | Self::Equity | Self::Income => NormalBalance::Credit,
        }
    }
}

platform::words! {
    /// The side on which an account's balance usually stands.
    NormalBalance {
        /// On the left.
        Debit = "debit",
        /// On the right.
        Credit = "credit",
    }
}

/// The account that a line is posted to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// The one that plays a role.
    Role(Role),
    /// The one that plays a role for a VAT rate in percent; opened with its first use below the role's account.
    RoleAt(Role, Decimal),
    /// The one with this code, as the book writes it or as the chart does before it is padded.
    Code(String),
}

/// A party in the books of an account: its code and name as they stood when it was posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aux {
    /// The party.
    pub party_id: kernel::PartyId,
    /// Its code, such as `C00042`.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// An account about to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// Its code, padded.
    pub code: String,
    /// Its code as the chart writes it.
    pub stem: String,
    /// Its French name.
    pub name_fr: String,
    /// Its English name.
    pub name_en: String,
    /// What it stands for.
    pub class: AccountClass,
    /// The side where it usually stands.
    pub normal_balance: NormalBalance,
    /// Whether lines may be posted to it.
    pub postable: bool,
    /// Whether its lines name parties.
    pub is_auxiliary: bool,
}

/// An account as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of ledger.account")]
pub struct AccountRow {
    pub id: AccountId,
    pub entity_id: EntityId,
    pub code: String,
    pub stem: String,
    pub name_fr: String,
    pub name_en: String,
    pub class: String,
    pub normal_balance: String,
    pub postable: bool,
    pub is_auxiliary: bool,
    pub active: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// The code of an account as a book with so many digits writes it: zeros at its end.
pub fn padded(stem: &str, digits: usize) -> String {
    format!("{stem:0<digits$}")
}

/// A VAT rate in percent as it qualifies a role, without zeros at its end: `20`, `5.5`.
pub fn qualifier(rate: Decimal) -> String {
    rate.normalize().to_string()
}

/// The account below `parent` for a VAT rate in percent: its code is the parent's with the rate in hundredths, so that 20 % under
/// 44571 is 445712000.
pub fn at_rate(parent: &AccountRow, rate: Decimal, digits: usize) -> NewAccount {
    let hundredths = (rate * Decimal::ONE_HUNDRED).trunc().normalize();
    let stem = format!("{}{:0>4}", parent.stem, hundredths.to_string());
    let percent = qualifier(rate);
    let normal_balance = if parent.normal_balance == "debit" { NormalBalance::Debit } else { NormalBalance::Credit };
    NewAccount {
        code: padded(&stem, digits),
        stem,
        name_fr: format!("{} {} %", parent.name_fr, percent.replace('.', ",")),
        name_en: format!("{} {percent} %", parent.name_en),
        class: AccountClass::of(&parent.class).unwrap_or(AccountClass::Liability),
        normal_balance,
        postable: true,
        is_auxiliary: parent.is_auxiliary,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_padded_to_the_digits_of_the_book() {
        for (stem, digits, expected) in
            [("411", 6, "411000"), ("44566", 6, "445660"), ("411", 8, "41100000"), ("445712000", 6, "445712000")]
        {
            assert_eq!(padded(stem, digits), expected);
        }
    }

    #[test]
    fn a_rate_has_an_account_of_its_own() {
        let parent = AccountRow {
            id: AccountId::from_uuid(uuid::Uuid::nil()),
            entity_id: EntityId::from_uuid(uuid::Uuid::nil()),
            code: "445710".into(),
            stem: "44571".into(),
            name_fr: "TVA collectée".into(),
            name_en: "VAT collected".into(),
            class: "liability".into(),
            normal_balance: "credit".into(),
            postable: true,
            is_auxiliary: false,
            active: true,
            created_at: Timestamp::from_jiff(jiff::Timestamp::UNIX_EPOCH),
            updated_at: Timestamp::from_jiff(jiff::Timestamp::UNIX_EPOCH),
        };
        let rows = [
            ("20", "445712000", "TVA collectée 20 %"),
            ("5.50", "445710550", "TVA collectée 5,5 %"),
            ("2.1", "445710210", "TVA collectée 2,1 %"),
        ];
        for (rate, code, name) in rows {
            let account = at_rate(&parent, rate.parse().unwrap(), 6);
            assert_eq!((account.code.as_str(), account.name_fr.as_str()), (code, name));
        }
    }
}

//! The relationship with a buyer: ratings, statuses, how it pays.

use kernel::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::changes::given;

platform::words! {
    /// How a buyer is regarded.
    ClientStatus {
        /// Like any other.
        Normal = "Normal",
        /// To be looked after.
        Vip = "VIP",
        /// To be watched.
        Watchlist = "Watchlist",
        /// Not to be dealt with.
        Blocked = "Blocked",
    }
    /// How a buyer stands with the accounts.
    AccountingStatus {
        /// Nothing is owed beyond its time.
        UpToDate = "up_to_date",
        /// Pays late.
        Late = "late",
        /// Disputes what it owes.
        Dispute = "dispute",
    }
    /// When a buyer pays.
    PaymentTerms {
        /// In advance.
        Prepaid = "prepaid",
        /// Within 15 days.
        Net15 = "net_15",
        /// Within 30 days.
        Net30 = "net_30",
        /// Within 60 days.
        Net60 = "net_60",
    }
    /// How a buyer pays.
    PaymentMethod {
        /// Bank transfer.
        BankTransfer = "bank_transfer",
        /// Credit card.
        CreditCard = "credit_card",
        /// Cheque.
        Check = "check",
        /// Direct debit.
        DirectDebit = "direct_debit",
    }
    /// A label on a buyer.
    Tag {
        /// To be looked after.
        Vip = "VIP",
        /// Pays late.
        SlowPayer = "slow_payer",
        /// Asks for discounts.
        DiscountHunter = "discount_hunter",
        /// Buys much.
        HighVolume = "high_volume",
        /// Has just come.
        NewClient = "new_client",
        /// Matters beyond its volume.
        Strategic = "strategic",
    }
}

/// The CRM fields as they are stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow, ToSchema)]
pub struct Crm {
    /// 1 to 5.
    pub global_rating: Option<i16>,
    /// 1 to 5.
    pub payment_rating: Option<i16>,
    /// 1 to 5.
    pub lead_satisfaction_rating: Option<i16>,
    /// 1 to 5.
    pub discount_pressure_rating: Option<i16>,
    /// How it is regarded.
    #[schema(value_type = ClientStatus)]
    pub client_status: String,
    /// How it stands with the accounts.
    #[schema(value_type = AccountingStatus)]
    pub accounting_status: String,
    /// When it pays.
    #[schema(value_type = PaymentTerms)]
    pub payment_terms: String,
    /// How it pays.
    #[schema(value_type = PaymentMethod)]
    pub payment_method: String,
    /// The day of its last payment.
    #[serde(rename = "last_payment_date")]
    pub last_payment_on: Option<Date>,
    /// The amount of its last payment, in euros.
    pub last_payment_amount: Option<Decimal>,
    /// Labels.
    #[schema(value_type = Vec<Tag>)]
    pub tags: Vec<String>,
}

/// A change of CRM fields; what is left out stays, `null` clears.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UpdateCrm {
    /// 1 to 5.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<i16>)]
    pub global_rating: Option<Option<i16>>,
    /// 1 to 5.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<i16>)]
    pub payment_rating: Option<Option<i16>>,
    /// 1 to 5.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<i16>)]
    pub lead_satisfaction_rating: Option<Option<i16>>,
    /// 1 to 5.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<i16>)]
    pub discount_pressure_rating: Option<Option<i16>>,
    /// How it is regarded.
    pub client_status: Option<ClientStatus>,
    /// How it stands with the accounts.
    pub accounting_status: Option<AccountingStatus>,
    /// When it pays.
    pub payment_terms: Option<PaymentTerms>,
    /// How it pays.
    pub payment_method: Option<PaymentMethod>,
    /// The day of its last payment.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<Date>)]
    pub last_payment_date: Option<Option<Date>>,
    /// The amount of its last payment, in euros.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<Decimal>)]
    pub last_payment_amount: Option<Option<Decimal>>,
    /// Labels; replaces those there are.
    pub tags: Option<Vec<Tag>>,
}

impl UpdateCrm {
    /// What is wrong with it, as field and sentence.
    pub fn refusal(&self) -> Option<(&'static str, &'static str)> {
        let ratings = [
            ("global_rating", self.global_rating),
            ("payment_rating", self.payment_rating),
            ("lead_satisfaction_rating", self.lead_satisfaction_rating),
            ("discount_pressure_rating", self.discount_pressure_rating),
        ];
        let out_of_range = |rating: Option<Option<i16>>| rating.flatten().is_some_and(|r| !(1..=5).contains(&r));
        if let Some((field, _)) = ratings.into_iter().find(|(_, rating)| out_of_range(*rating)) {
            return Some((field, "must be between 1 and 5"));
        }
        let amount = self.last_payment_amount.flatten();
        let limit = Decimal::from(100_000_000_000_000_i64);
        if amount.is_some_and(|amount| amount < Decimal::ZERO || amount >= limit || amount.normalize().scale() > 4) {
            return Some(("last_payment_amount", "must be an amount of at most four decimals, not negative"));
        }
        None
    }

    /// `crm` with this change made.
    #[must_use]
    pub fn applied_to(self, crm: &Crm) -> Crm {
        let word = |new: Option<&'static str>, old: &String| new.map_or_else(|| old.clone(), str::to_owned);
        let tags = self.tags.map(|mut tags| {
            tags.sort_unstable();
            tags.dedup();
            tags.into_iter().map(|tag| tag.as_str().to_owned()).collect()
        });
        Crm {
            global_rating: self.global_rating.unwrap_or(crm.global_rating),
            payment_rating: self.payment_rating.unwrap_or(crm.payment_rating),
            lead_satisfaction_rating: self.lead_satisfaction_rating.unwrap_or(crm.lead_satisfaction_rating),
            discount_pressure_rating: self.discount_pressure_rating.unwrap_or(crm.discount_pressure_rating),
            client_status: word(self.client_status.map(ClientStatus::as_str), &crm.client_status),
            accounting_status: word(self.accounting_status.map(AccountingStatus::as_str), &crm.accounting_status),
            payment_terms: word(self.payment_terms.map(PaymentTerms::as_str), &crm.payment_terms),
            payment_method: word(self.payment_method.map(PaymentMethod::as_str), &crm.payment_method),
            last_payment_on: self.last_payment_date.unwrap_or(crm.last_payment_on),
            last_payment_amount: self.last_payment_amount.unwrap_or(crm.last_payment_amount),
            tags: tags.unwrap_or_else(|| crm.tags.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crm() -> Crm {
        Crm {
            global_rating: Some(3),
            payment_rating: None,
            lead_satisfaction_rating: None,
            discount_pressure_rating: None,
            client_status: "Normal".into(),
            accounting_status: "up_to_date".into(),
            payment_terms: "net_30".into(),
            payment_method: "check".into(),
            last_payment_on: None,
            last_payment_amount: None,
            tags: vec!["VIP".into()],
        }
    }

    fn update(json: &str) -> UpdateCrm {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn what_is_left_out_stays_and_null_clears() {
        assert_eq!(update("{}").applied_to(&crm()), crm());
        let changed =
            update(r#"{"global_rating": null, "tags": ["strategic", "VIP", "strategic"]}"#).applied_to(&crm());
        assert_eq!(changed.global_rating, None);
        assert_eq!(changed.tags, ["VIP", "strategic"]);
    }

    #[test]
    fn ratings_and_amounts_keep_their_bounds() {
        assert_eq!(update(r#"{"payment_rating": 6}"#).refusal().map(|r| r.0), Some("payment_rating"));
        assert_eq!(update(r#"{"last_payment_amount": "-1"}"#).refusal().map(|r| r.0), Some("last_payment_amount"));
        assert_eq!(update(r#"{"payment_rating": 5, "last_payment_amount": "10.5"}"#).refusal(), None);
        assert!(serde_json::from_str::<UpdateCrm>(r#"{"client_status": "vip"}"#).is_err());
    }
}

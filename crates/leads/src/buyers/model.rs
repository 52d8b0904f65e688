//! What a buyer is.

use kernel::{BuyerId, Date, Email, EntityId, Timestamp, Week};
use parties::{PartyFields, PartyIdentity};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

use super::crm::Crm;
use crate::rules::deliverability::{Channels, Deliverability, EmailDenylist, deliverability};
use crate::rules::overlap::client_group_key;

/// A buyer as it is stored: its party and what lead selling adds.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of parties.party and leads.buyer")]
pub struct Buyer {
    pub id: BuyerId,
    pub code: String,
    pub entity_id: EntityId,
    pub name: String,
    pub contact_name: String,
    pub email: String,
    pub phone: String,
    pub notes: String,
    pub vat_rate: Decimal,
    pub payment_terms_days: i32,
    #[sqlx(flatten)]
    pub identity: PartyIdentity,
    pub delivery_emails: Vec<String>,
    pub api_endpoint: Option<String>,
    pub api_key_set: bool,
    pub auto_send_enabled: bool,
    pub active: bool,
    pub client_group_key: String,
    #[sqlx(flatten)]
    pub crm: Crm,
    pub archived_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Buyer {
    /// Whether it can be reached, and how.
    pub fn deliverability(&self, denylist: &EmailDenylist) -> Deliverability {
        let channels = Channels {
            email: Some(&self.email),
            delivery_emails: &self.delivery_emails,
            api_endpoint: self.api_endpoint.as_deref(),
        };
        deliverability(&channels, denylist)
    }
}

/// What may be written of a buyer, beside its CRM fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields of CreateBuyer")]
pub struct BuyerFields {
    #[serde(flatten)]
    pub party: PartyFields,
    pub delivery_emails: Vec<String>,
    pub api_endpoint: Option<String>,
    pub auto_send_enabled: bool,
    pub active: bool,
}

impl BuyerFields {
    /// The mailboxes of the company as one key.
    pub fn group_key(&self) -> String {
        let mailboxes = self.delivery_emails.iter().map(String::as_str);
        client_group_key(mailboxes.chain(self.party.email.as_ref().map(Email::as_str)))
    }

    /// Whether deliveries go another way than with `other`.
    pub fn is_reached_otherwise_than(&self, other: &Self) -> bool {
        (&self.party.email, &self.delivery_emails, &self.api_endpoint)
            != (&other.party.email, &other.delivery_emails, &other.api_endpoint)
    }
}

parties::identity_command! {
    /// A new buyer.
    #[derive(Clone, Debug, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    pub struct CreateBuyer {
        /// The entity that sells to it, by code; needed where several are in scope.
        pub entity: Option<String>,
        /// The company.
        pub name: String,
        /// Whom to ask for.
        #[serde(default)]
        pub contact_name: String,
        /// The main address: unique among the entity's buyers.
        pub email: Email,
        /// The phone.
        #[serde(default)]
        pub phone: String,
        /// Free text.
        #[serde(default)]
        pub notes: String,
        /// Where deliveries go instead of the main address.
        #[serde(default)]
        pub delivery_emails: Vec<Email>,
        /// Where leads are posted to, `https://…`.
        pub api_endpoint: Option<String>,
        /// Whether files leave by themselves; else a person sends them. On unless told.
        #[serde(default = "yes")]
        pub auto_send_enabled: bool,
        /// VAT in percent, 0 or 20; 20 unless told.
        pub vat_rate: Option<Decimal>,
        /// Days it may take to pay; 30 unless told.
        pub payment_terms_days: Option<i32>,
        /// Whether it buys now. On unless told.
        #[serde(default = "yes")]
        pub active: bool,
    }
}

fn yes() -> bool {
    true
}

impl CreateBuyer {
    /// What to write.
    pub fn into_fields(self) -> BuyerFields {
        let identity = self.identity_on(&PartyIdentity::default());
        BuyerFields {
            party: PartyFields {
                name: self.name,
                contact_name: self.contact_name,
                email: Some(self.email),
                phone: self.phone,
                notes: self.notes,
                vat_rate: self.vat_rate.unwrap_or(Decimal::from(20)),
                payment_terms_days: self.payment_terms_days.unwrap_or(30),
                is_consumer: false,
                identity,
            },
            delivery_emails: mailboxes(self.delivery_emails),
            api_endpoint: endpoint(self.api_endpoint),
            auto_send_enabled: self.auto_send_enabled,
            active: self.active,
        }
    }
}

parties::identity_command! {
    /// A change of a buyer; what is left out stays.
    #[derive(Clone, Debug, Default, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields, default)]
    pub struct UpdateBuyer {
        /// The company.
        pub name: Option<String>,
        /// Whom to ask for.
        pub contact_name: Option<String>,
        /// The main address.
        pub email: Option<Email>,
        /// The phone.
        pub phone: Option<String>,
        /// Free text.
        pub notes: Option<String>,
        /// Where deliveries go instead of the main address; replaces those there are.
        pub delivery_emails: Option<Vec<Email>>,
        /// Where leads are posted to; empty clears it.
        pub api_endpoint: Option<String>,
        /// Whether files leave by themselves.
        pub auto_send_enabled: Option<bool>,
        /// VAT in percent, 0 or 20.
        pub vat_rate: Option<Decimal>,
        /// Days it may take to pay.
        pub payment_terms_days: Option<i32>,
        /// Whether it buys now.
        pub active: Option<bool>,
    }
}

impl UpdateBuyer {
    /// `fields` with this change made.
    #[must_use]
    pub fn applied_to(self, fields: &BuyerFields) -> BuyerFields {
        let (identity, states_category) = (self.identity_on(&fields.party.identity), self.states_vat_category());
        let old = fields.clone();
        let party = PartyFields {
            name: self.name.unwrap_or(old.party.name),
            contact_name: self.contact_name.unwrap_or(old.party.contact_name),
            email: self.email.or(old.party.email),
            phone: self.phone.unwrap_or(old.party.phone),
            notes: self.notes.unwrap_or(old.party.notes),
            vat_rate: self.vat_rate.unwrap_or(old.party.vat_rate),
            payment_terms_days: self.payment_terms_days.unwrap_or(old.party.payment_terms_days),
            is_consumer: old.party.is_consumer,
            identity,
        };
        BuyerFields {
            party: if states_category { party } else { party.forgetting_category() },
            delivery_emails: self.delivery_emails.map_or(old.delivery_emails, mailboxes),
            api_endpoint: self.api_endpoint.map_or(old.api_endpoint, |text| endpoint(Some(text))),
            auto_send_enabled: self.auto_send_enabled.unwrap_or(old.auto_send_enabled),
            active: self.active.unwrap_or(old.active),
        }
    }
}

fn mailboxes(emails: Vec<Email>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for email in emails {
        if !kept.iter().any(|known| known == email.as_str()) {
            kept.push(email.to_string());
        }
    }
    kept
}

/// Whether a key that was given for the interface at `before` may be shown to the one at `after`: the same scheme, host and port.
pub fn is_same_interface(before: Option<&str>, after: Option<&str>) -> bool {
    let origin = |text: Option<&str>| text.and_then(|text| Url::parse(text).ok()).map(|url| url.origin());
    before == after || origin(before).is_some_and(|before| before.is_tuple() && origin(after) == Some(before))
}

fn endpoint(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// What is wrong with fields about to be written, as field and sentence. What the party holds is checked there.
pub fn refusal(fields: &BuyerFields) -> Option<(&'static str, &'static str)> {
    let vat = fields.party.vat_rate;
    if vat != Decimal::ZERO && vat != Decimal::from(20) {
        return Some(("vat_rate", "must be 0 or 20"));
    }
    if fields.delivery_emails.len() > 50 {
        return Some(("delivery_emails", "must be 50 at most"));
    }
    let is_address =
        |text: &String| (text.starts_with("https://") || text.starts_with("http://")) && text.len() <= 2000;
    if fields.api_endpoint.as_ref().is_some_and(|text| !is_address(text)) {
        return Some(("api_endpoint", "must be an address that begins with https:// or http://"));
    }
    None
}

platform::words! {
    /// How finely a performance is cut.
    #[derive(Default)]
    GroupBy {
        /// Days of the entity.
        Day = "day",
        /// ISO weeks.
        #[default]
        Week = "week",
        /// Calendar months.
        Month = "month",
    }
}

impl GroupBy {
    /// How a period is called that begins on `start`: `2026-02-14`, `2026-W07`, `2026-02`.
    pub fn label(self, start: Date) -> String {
        match self {
            Self::Day => start.to_string(),
            Self::Week => Week::of(start).to_string(),
            Self::Month => start.to_string().chars().take(7).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn created(json: &str) -> BuyerFields {
        serde_json::from_str::<CreateBuyer>(json).unwrap().into_fields()
    }

    #[test]
    fn l_59_vat_and_terms_given_at_creation_are_kept() {
        let fields = created(r#"{"name": "A", "email": "a@x.example", "vat_rate": "0", "payment_terms_days": 45}"#);
        assert_eq!((fields.party.vat_rate, fields.party.payment_terms_days), (Decimal::ZERO, 45));
        let fields = created(r#"{"name": "A", "email": "a@x.example"}"#);
        assert_eq!((fields.party.vat_rate, fields.party.payment_terms_days), (Decimal::from(20), 30));
        assert_eq!(refusal(&fields), None);
    }

    #[test]
    fn a_company_is_its_mailboxes_in_any_order() {
        let one =
            created(r#"{"name": "A", "email": "B@x.example", "delivery_emails": ["a@x.example", "A@x.example"]}"#);
        assert_eq!(one.delivery_emails, ["a@x.example"]);
        assert_eq!(one.group_key(), "a@x.example|b@x.example");
    }

    #[test]
    fn what_an_update_leaves_out_stays() {
        let fields = created(r#"{"name": "A", "email": "a@x.example", "api_endpoint": "https://a.example"}"#);
        assert_eq!(UpdateBuyer::default().applied_to(&fields), fields);
        let cleared = UpdateBuyer { api_endpoint: Some(String::new()), ..UpdateBuyer::default() }.applied_to(&fields);
        assert_eq!(cleared.api_endpoint, None);
        assert!(cleared.is_reached_otherwise_than(&fields));
    }

    #[test]
    fn a_key_is_shown_to_the_interface_it_was_given_for_alone() {
        let one = Some("https://api.buyer.example/v1/leads");
        for (other, is_same) in [
            (one, true),
            (Some("https://API.buyer.example:443/v2"), true),
            (Some("http://api.buyer.example/v1/leads"), false),
            (Some("https://api.buyer.example:8443/v1/leads"), false),
            (Some("https://api.buyer.example.evil.example/v1/leads"), false),
            (Some("https://api.buyer.example@evil.example/"), false),
            (Some("https://"), false),
            (None, false),
        ] {
            assert_eq!(is_same_interface(one, other), is_same, "{other:?}");
        }
        assert!(is_same_interface(Some("https://"), Some("https://")) && is_same_interface(None, None));
    }

    #[test]
    fn odd_values_are_refused() {
        let fields = created(r#"{"name": "A", "email": "a@x.example", "vat_rate": "19.6"}"#);
        assert_eq!(refusal(&fields).map(|r| r.0), Some("vat_rate"));
        let fields = created(r#"{"name": "A", "email": "a@x.example", "api_endpoint": "ftp://x"}"#);
        assert_eq!(refusal(&fields).map(|r| r.0), Some("api_endpoint"));
        assert!(serde_json::from_str::<CreateBuyer>(r#"{"name": "A", "email": "bad"}"#).is_err());
    }

    #[test]
    fn periods_have_names() {
        let monday: Date = "2026-02-09".parse().unwrap();
        let labels = [GroupBy::Day, GroupBy::Week, GroupBy::Month].map(|by| by.label(monday));
        assert_eq!(labels, ["2026-02-09", "2026-W07", "2026-02"]);
    }
}

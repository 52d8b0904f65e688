//! What a party is.

use kernel::{Email, EntityId, Iban, PartyId, Siren, Timestamp, VatCategory, VatNumber};
use platform::changes::given;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::identity::PartyIdentity;

platform::words! {
    /// What kind of party it is.
    Kind {
        /// A human being.
        Person = "person",
        /// A company or another body.
        Organisation = "organisation",
    }
}

platform::words! {
    /// What a party is to the tenant.
    PartyRole {
        /// Buys leads.
        Buyer = "buyer",
        /// Buys anything else.
        Customer = "customer",
        /// Sells to us.
        Supplier = "supplier",
    }
}

impl PartyRole {
    /// The role with this stored form.
    pub(super) fn from_stored(text: &str) -> Option<Self> {
        [Self::Buyer, Self::Customer, Self::Supplier].into_iter().find(|role| role.as_str() == text)
    }
}

/// What a stranger says of itself, to be found among the parties.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Likeness {
    /// Its VAT number.
    pub vat_number: Option<VatNumber>,
    /// Its SIREN.
    pub siren: Option<Siren>,
    /// Its bank account.
    pub iban: Option<Iban>,
    /// Its name.
    pub name: String,
}

/// What may be written of a party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartyFields {
    /// Its name.
    pub name: String,
    /// Whom to ask for.
    pub contact_name: String,
    /// The main address; buyers have one.
    pub email: Option<Email>,
    /// The phone.
    pub phone: String,
    /// Free text.
    pub notes: String,
    /// The one source of this party's VAT rate, in percent (L-59).
    pub vat_rate: Decimal,
    /// Days it may take to pay.
    pub payment_terms_days: i32,
    /// Whether it buys for itself and not for a business.
    pub is_consumer: bool,
    /// What invoices need to know of it.
    #[serde(flatten)]
    pub identity: PartyIdentity,
}

impl Default for PartyFields {
    fn default() -> Self {
        Self {
            name: String::new(),
            contact_name: String::new(),
            email: None,
            phone: String::new(),
            notes: String::new(),
            vat_rate: Decimal::from(20),
            payment_terms_days: 30,
            is_consumer: false,
            identity: PartyIdentity::default(),
        }
    }
}

impl PartyFields {
    /// What is wrong with them, as field and sentence.
    pub fn refusal(&self) -> Option<(&'static str, &'static str)> {
        if self.name.trim().is_empty() {
            return Some(("name", "must not be empty"));
        }
        if self.name.chars().count() > 200 {
            return Some(("name", "must have at most 200 characters"));
        }
        if self.vat_rate < Decimal::ZERO
            || self.vat_rate > Decimal::ONE_HUNDRED
            || self.vat_rate.normalize().scale() > 2
        {
            return Some(("vat_rate", "must be between 0 and 100, with two decimals at most"));
        }
        if !(0..=365).contains(&self.payment_terms_days) {
            return Some(("payment_terms_days", "must be between 0 and 365"));
        }
        let is_charged = self.identity.vat_category.map(|category| category == VatCategory::Standard);
        if is_charged.is_some_and(|is_charged| is_charged == self.vat_rate.is_zero()) {
            return Some(("vat_category", "does not go with the VAT rate: only standard has one above 0"));
        }
        if self.identity.contradicts_its_reason() {
            return Some(("vat_reason", "is a reason for another category"));
        }
        self.identity.refusal()
    }

    /// The same with outer blanks gone, and with what follows from other fields filled in.
    #[must_use]
    pub fn normalised(self) -> Self {
        let trim = |text: String| text.trim().to_owned();
        Self {
            name: trim(self.name),
            contact_name: trim(self.contact_name),
            phone: trim(self.phone),
            notes: trim(self.notes),
            identity: self.identity.normalised(),
            ..self
        }
    }

    /// The same without a category that no longer goes with the rate: for changes of the rate alone.
    #[must_use]
    pub fn forgetting_category(self) -> Self {
        let goes = |category: &VatCategory| (*category == VatCategory::Standard) != self.vat_rate.is_zero();
        let vat_category = self.identity.vat_category.filter(goes);
        let vat_reason =
            if vat_category == self.identity.vat_category { self.identity.vat_reason } else { String::new() };
        Self { identity: PartyIdentity { vat_category, vat_reason, ..self.identity }, ..self }
    }
}

/// A party about to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewParty {
    /// The entity it belongs to; none = every entity sees it.
    pub entity_id: Option<EntityId>,
    /// What kind of party it is.
    pub kind: Kind,
    /// What it is to the tenant.
    pub roles: Vec<PartyRole>,
    /// The code it brings from elsewhere; none = one is drawn.
    pub code: Option<String>,
    /// What is written of it.
    pub fields: PartyFields,
}

/// A party as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// The party.
    pub id: PartyId,
    /// Its code: unique in the tenant, never changed, and its auxiliary account in the books (spec/field.md 5.9).
    pub code: String,
    /// The entity it belongs to; none = every entity sees it.
    pub entity_id: Option<EntityId>,
    /// What kind of party it is.
    pub kind: Kind,
    /// What it is to the tenant.
    pub roles: Vec<PartyRole>,
    /// What is written of it.
    pub fields: PartyFields,
    /// When it was archived.
    pub archived_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Party {
    /// The name on documents: the registered one, or the one it goes by.
    pub fn legal_name(&self) -> &str {
        let registered = self.fields.identity.legal_name.as_str();
        if registered.is_empty() { &self.fields.name } else { registered }
    }

    /// The fields that an invoice to it still needs (spec/field.md 5.7), as they are called on the wire; empty when it can
    /// be invoiced.
    pub fn missing_for_invoice(&self) -> Vec<&'static str> {
        self.fields.identity.missing(self.fields.is_consumer, !self.fields.vat_rate.is_zero())
    }
}

crate::identity_command! {
    /// A new party: a customer or a supplier. Buyers of leads are made where leads are sold.
    #[derive(Clone, Debug, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    pub struct CreateParty {
        /// The entity it belongs to, by code; needed where several are in scope.
        pub entity: Option<String>,
        /// The code it brings from elsewhere, such as `C00042`; one is drawn when left out. It never changes.
        pub code: Option<String>,
        /// What it is to you; a customer unless told.
        pub roles: Option<Vec<PartyRole>>,
        /// Whether it buys for itself and not for a business. Off unless told.
        #[serde(default)]
        pub is_consumer: bool,
        /// A person or an organisation; a consumer is a person, and anybody else an organisation unless told.
        pub kind: Option<Kind>,
        /// Its name.
        pub name: String,
        /// Whom to ask for.
        #[serde(default)]
        pub contact_name: String,
        /// The main address.
        pub email: Option<Email>,
        /// The phone.
        #[serde(default)]
        pub phone: String,
        /// Free text.
        #[serde(default)]
        pub notes: String,
        /// VAT in percent; 20 unless told.
        pub vat_rate: Option<Decimal>,
        /// Days it may take to pay; 30 unless told.
        pub payment_terms_days: Option<i32>,
    }
}

impl CreateParty {
    /// What to write, for an entity.
    pub(super) fn into_new(self, entity_id: EntityId) -> NewParty {
        let defaults = PartyFields::default();
        let usual = if self.is_consumer { Kind::Person } else { Kind::Organisation };
        let identity = self.identity_on(&defaults.identity);
        NewParty {
            entity_id: Some(entity_id),
            kind: self.kind.unwrap_or(usual),
            roles: self.roles.unwrap_or_else(|| vec![PartyRole::Customer]),
            code: self.code,
            fields: PartyFields {
                name: self.name,
                contact_name: self.contact_name,
                email: self.email,
                phone: self.phone,
                notes: self.notes,
                vat_rate: self.vat_rate.unwrap_or(defaults.vat_rate),
                payment_terms_days: self.payment_terms_days.unwrap_or(defaults.payment_terms_days),
                is_consumer: self.is_consumer,
                identity,
            },
        }
    }
}

crate::identity_command! {
    /// A change of a party; what is left out stays, `null` clears.
    #[derive(Clone, Debug, Default, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields, default)]
    pub struct UpdateParty {
        /// What it is to you; that it buys leads neither comes nor goes here.
        pub roles: Option<Vec<PartyRole>>,
        /// Whether it buys for itself and not for a business.
        pub is_consumer: Option<bool>,
        /// Its name.
        pub name: Option<String>,
        /// Whom to ask for.
        pub contact_name: Option<String>,
        /// The main address.
        #[serde(deserialize_with = "given")]
        #[schema(value_type = Option<Email>)]
        pub email: Option<Option<Email>>,
        /// The phone.
        pub phone: Option<String>,
        /// Free text.
        pub notes: Option<String>,
        /// VAT in percent.
        pub vat_rate: Option<Decimal>,
        /// Days it may take to pay.
        pub payment_terms_days: Option<i32>,
    }
}

impl UpdateParty {
    /// `fields` with this change made.
    pub(super) fn applied_to(self, fields: &PartyFields) -> PartyFields {
        let (identity, states_category) = (self.identity_on(&fields.identity), self.states_vat_category());
        let old = fields.clone();
        let after = PartyFields {
            name: self.name.unwrap_or(old.name),
            contact_name: self.contact_name.unwrap_or(old.contact_name),
            email: self.email.unwrap_or(old.email),
            phone: self.phone.unwrap_or(old.phone),
            notes: self.notes.unwrap_or(old.notes),
            vat_rate: self.vat_rate.unwrap_or(old.vat_rate),
            payment_terms_days: self.payment_terms_days.unwrap_or(old.payment_terms_days),
            is_consumer: self.is_consumer.unwrap_or(old.is_consumer),
            identity,
        };
        if states_category { after } else { after.forgetting_category() }
    }
}

/// The code a party brings from elsewhere in its stored form; none when it cannot be one.
pub(super) fn read_code(text: &str) -> Option<String> {
    let code = text.trim().to_uppercase();
    let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'.' | b'-');
    let begins = code.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    (begins && code.len() <= 20 && code.bytes().all(allowed)).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(json: &str) -> PartyFields {
        let mut all: serde_json::Value = serde_json::from_str(json).unwrap();
        all["name"] = "Toits SA".into();
        let command: CreateParty = serde_json::from_value(all).unwrap();
        command.into_new(EntityId::from_uuid(uuid::Uuid::nil())).fields.normalised()
    }

    fn party(json: &str) -> Party {
        let at: Timestamp = "2026-02-11T09:00:00Z".parse().unwrap();
        Party {
            id: PartyId::generate(at),
            code: "C00001".into(),
            entity_id: None,
            kind: Kind::Organisation,
            roles: vec![PartyRole::Customer],
            fields: fields(json),
            archived_at: None,
            created_at: at,
            updated_at: at,
        }
    }

    #[test]
    fn bad_fields_are_named() {
        assert_eq!(fields("{}").refusal(), None);
        let rows = [
            (r#"{"vat_rate": "-1"}"#, "vat_rate"),
            (r#"{"vat_rate": "19.999"}"#, "vat_rate"),
            (r#"{"payment_terms_days": 366}"#, "payment_terms_days"),
            (r#"{"vat_rate": "0", "vat_category": "standard"}"#, "vat_category"),
            (r#"{"vat_category": "exempt"}"#, "vat_category"),
            (r#"{"vat_rate": "0", "vat_category": "exempt", "vat_reason": "export"}"#, "vat_reason"),
            (r#"{"siren": "356000000", "siret": "73282932000074"}"#, "siret"),
            (r#"{"siren": "356000000", "vat_number": "FR44732829320"}"#, "vat_number"),
            (r#"{"postal_code": "7500"}"#, "postal_code"),
            (r#"{"electronic_scheme": "0225"}"#, "electronic_address"),
            (r#"{"electronic_address": "x", "electronic_scheme": "22"}"#, "electronic_scheme"),
        ];
        for (json, field) in rows {
            assert_eq!(fields(json).refusal().map(|(field, _)| field), Some(field), "{json}");
        }
        assert_eq!(PartyFields { name: "  ".into(), ..fields("{}") }.refusal().map(|(field, _)| field), Some("name"));
    }

    #[test]
    fn what_follows_from_other_fields_is_filled_in() {
        let siren = |json| fields(json).identity.siren.map(|siren| siren.to_string());
        assert_eq!(siren(r#"{"siret": "732 829 320 00074"}"#).as_deref(), Some("732829320"));
        assert_eq!(siren(r#"{"vat_number": "FR44732829320"}"#).as_deref(), Some("732829320"));
        let scheme = |json| fields(json).identity.electronic_scheme;
        assert_eq!(scheme(r#"{"electronic_address": "a@b.example"}"#).as_deref(), Some("EM"));
        assert_eq!(scheme(r#"{"electronic_address": "732829320_42"}"#).as_deref(), Some("0225"));
        let endpoint = fields(r#"{"siren": "732829320"}"#).identity;
        assert_eq!(endpoint.electronic_endpoint(), Some(("0225", "732829320")));
    }

    #[test]
    fn what_an_invoice_needs_depends_on_who_and_where() {
        let address = r#""address_line1": "1 rue X", "postal_code": "75002", "city": "Paris""#;
        let rows = [
            ("{}".to_owned(), vec!["address_line1", "postal_code", "city", "siren"]),
            (format!("{{{address}}}"), vec!["siren"]),
            (format!(r#"{{{address}, "is_consumer": true}}"#), vec![]),
            (format!(r#"{{{address}, "siren": "732829320"}}"#), vec![]),
            (format!(r#"{{{address}, "siren": "732829320", "vat_rate": "0"}}"#), vec!["vat_category"]),
            (
                format!(r#"{{{address}, "siren": "732829320", "vat_rate": "0", "vat_category": "exempt"}}"#),
                vec!["vat_reason"],
            ),
            (format!(r#"{{{address}, "country": "DE", "vat_rate": "0"}}"#), vec!["vat_number"]),
            (format!(r#"{{{address}, "country": "US", "vat_rate": "0"}}"#), vec![]),
        ];
        for (json, missing) in rows {
            assert_eq!(party(&json).missing_for_invoice(), missing, "{json}");
        }
    }

    #[test]
    fn a_change_of_the_rate_forgets_a_category_that_no_longer_goes_with_it() {
        let before = fields(r#"{"vat_rate": "0", "vat_category": "reverse_charge", "vat_reason": "subcontracting"}"#);
        let update: UpdateParty = serde_json::from_str(r#"{"vat_rate": "20"}"#).unwrap();
        let after = update.applied_to(&before);
        assert_eq!(
            (after.refusal(), after.identity.vat_category, after.identity.vat_reason.as_str()),
            (None, None, "")
        );
        assert_eq!(UpdateParty::default().applied_to(&before), before);
        let cleared: UpdateParty = serde_json::from_str(r#"{"vat_category": null, "email": null}"#).unwrap();
        assert_eq!(cleared.applied_to(&before).identity.vat_category, None);
    }

    #[test]
    fn a_code_is_short_and_plain() {
        for (text, code) in [(" c00042 ", Some("C00042")), ("", None), ("-1", None), ("É", None), ("A B", None)] {
            assert_eq!(read_code(text).as_deref(), code, "{text:?}");
        }
    }
}

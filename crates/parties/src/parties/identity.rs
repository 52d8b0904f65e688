//! What invoices and e-invoices need to know of a party.

use kernel::{Address, Country, Currency, Iban, Language, Siren, Siret, VatCategory, VatNumber};
use serde::Serialize;
use utoipa::ToSchema;

use crate::rules::vat_reasons::find_reason;

/// The scheme of the French directory of electronic invoices (EAS 0225).
const FRENCH_DIRECTORY: &str = "0225";

/// What invoices and e-invoices need to know of a party (spec/field.md 5.7, EN 16931 BG-7). What is not known is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow, ToSchema)]
pub struct PartyIdentity {
    /// The registered name, where it is not the name it goes by.
    pub legal_name: String,
    /// The number in a register outside of France.
    pub registration_number: String,
    /// The SIREN of a French company.
    pub siren: Option<Siren>,
    /// The SIRET of the establishment that is invoiced.
    pub siret: Option<Siret>,
    /// The VAT number.
    pub vat_number: Option<VatNumber>,
    /// Why and whether it pays VAT; empty = what follows from its rate and its country.
    pub vat_category: Option<VatCategory>,
    /// Why its rate is not the usual one: a known reason, a VATEX code or a sentence.
    pub vat_reason: String,
    /// The language its documents are written in.
    pub language: Language,
    /// Number and street of the billing address.
    pub address_line1: String,
    /// What else the postman needs.
    pub address_line2: String,
    /// The postal code of the billing address.
    pub postal_code: String,
    /// The town of the billing address.
    pub city: String,
    /// The country of the billing address.
    pub country: Country,
    /// Where electronic invoices reach it.
    pub electronic_address: Option<String>,
    /// The scheme of that address: four digits (ISO 6523), or `EM` for an e-mail address.
    pub electronic_scheme: Option<String>,
    /// The bank account it pays from.
    pub iban: Option<Iban>,
    /// The currency it is invoiced in.
    pub currency: Currency,
}

impl Default for PartyIdentity {
    fn default() -> Self {
        Self {
            legal_name: String::new(),
            registration_number: String::new(),
            siren: None,
            siret: None,
            vat_number: None,
            vat_category: None,
            vat_reason: String::new(),
            language: Language::default(),
            address_line1: String::new(),
            address_line2: String::new(),
            postal_code: String::new(),
            city: String::new(),
            country: Country::default(),
            electronic_address: None,
            electronic_scheme: None,
            iban: None,
            currency: Currency::EUR,
        }
    }
}

impl PartyIdentity {
    /// The billing address.
    pub fn billing_address(&self) -> Address {
        Address {
            line1: self.address_line1.clone(),
            line2: self.address_line2.clone(),
            postal_code: self.postal_code.clone(),
            city: self.city.clone(),
            country: self.country.clone(),
        }
    }

    /// The same without the lines of its address that cannot be: for what strangers say of themselves.
    #[must_use]
    pub fn without_odd_address(mut self) -> Self {
        while let Some((line, _)) = self.billing_address().trimmed().refusal() {
            let text = match line {
                "line1" => &mut self.address_line1,
                "line2" => &mut self.address_line2,
                "postal_code" => &mut self.postal_code,
                "city" => &mut self.city,
                _ => return self,
            };
            if text.is_empty() {
                return self;
            }
            text.clear();
        }
        self
    }

    /// Where electronic invoices reach it, as scheme and address: what was given, or its SIREN in the French directory.
    pub fn electronic_endpoint(&self) -> Option<(&str, &str)> {
        match (&self.electronic_scheme, &self.electronic_address) {
            (Some(scheme), Some(address)) => Some((scheme, address)),
            _ => self.siren.as_ref().map(|siren| (FRENCH_DIRECTORY, siren.as_str())),
        }
    }

    /// The same with outer blanks and empty texts gone, and with the SIREN that SIRET or VAT number end or begin with.
    #[must_use]
    pub(super) fn normalised(self) -> Self {
        let trim = |text: String| text.trim().to_owned();
        let filled = |text: Option<String>| text.map(trim).filter(|text| !text.is_empty());
        let address = self.billing_address().trimmed();
        let of_siret = || self.siret.as_ref().map(Siret::siren);
        let of_vat = || self.vat_number.as_ref().and_then(VatNumber::siren);
        let siren = self.siren.clone().or_else(of_siret).or_else(of_vat);
        let electronic_address = filled(self.electronic_address);
        let scheme = || if electronic_address.as_ref()?.contains('@') { Some("EM") } else { Some(FRENCH_DIRECTORY) };
        let given = filled(self.electronic_scheme).map(|scheme| scheme.to_uppercase());
        Self {
            legal_name: trim(self.legal_name),
            registration_number: trim(self.registration_number),
            siren,
            vat_reason: trim(self.vat_reason),
            address_line1: address.line1,
            address_line2: address.line2,
            postal_code: address.postal_code,
            city: address.city,
            electronic_scheme: given.or_else(|| scheme().map(str::to_owned)),
            electronic_address,
            ..self
        }
    }

    /// What is wrong with it, as field and sentence. What one field alone can tell was checked when it was read.
    pub(super) fn refusal(&self) -> Option<(&'static str, &'static str)> {
        let texts = [
            ("legal_name", self.legal_name.as_str(), 200),
            ("registration_number", &self.registration_number, 60),
            ("vat_reason", &self.vat_reason, 300),
            ("electronic_address", self.electronic_address.as_deref().unwrap_or_default(), 120),
        ];
        if let Some((field, ..)) = texts.into_iter().find(|(_, text, most)| text.chars().count() > *most) {
            return Some((field, "is too long"));
        }
        if let Some((line, why)) = self.billing_address().refusal() {
            return Some((field_of_line(line), why));
        }
        if self.siret.as_ref().is_some_and(|siret| Some(siret.siren()) != self.siren) {
            return Some(("siret", "must begin with the SIREN"));
        }
        let siren_of_vat = self.vat_number.as_ref().and_then(VatNumber::siren);
        if siren_of_vat.is_some() && siren_of_vat != self.siren {
            return Some(("vat_number", "must end with the SIREN"));
        }
        let is_scheme =
            |text: &str| text == "EM" || (text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()));
        if self.electronic_scheme.as_ref().is_some_and(|scheme| !is_scheme(scheme)) {
            return Some(("electronic_scheme", "must be four digits, or EM for an e-mail address"));
        }
        if self.electronic_scheme.is_some() && self.electronic_address.is_none() {
            return Some(("electronic_address", "is needed with its scheme"));
        }
        None
    }

    /// The fields of a business or a consumer that an invoice still needs; `pays_vat` says whether its VAT rate is above zero.
    pub fn missing(&self, is_consumer: bool, pays_vat: bool) -> Vec<&'static str> {
        let mut missing: Vec<_> = self.billing_address().missing().map(field_of_line).collect();
        let (is_french, is_in_union) = (self.country.is_france(), self.country.is_in_european_union());
        if !is_consumer && is_french && self.siren.is_none() && self.vat_number.is_none() {
            missing.push("siren");
        }
        if !is_consumer && !is_french && is_in_union && !pays_vat && self.vat_number.is_none() {
            missing.push("vat_number");
        }
        if !pays_vat && is_french && self.vat_category.is_none() {
            missing.push("vat_category");
        }
        if self.vat_category == Some(VatCategory::Exempt) && self.vat_reason.is_empty() {
            missing.push("vat_reason");
        }
        missing
    }

    /// Whether its reason is one that the law knows, for another category than its own.
    pub(super) fn contradicts_its_reason(&self) -> bool {
        let known = find_reason(&self.vat_reason);
        known.is_some_and(|reason| self.vat_category.is_some_and(|category| category != reason.category))
    }
}

/// The field of a party that holds this line of its billing address.
fn field_of_line(line: &'static str) -> &'static str {
    match line {
        "line1" => "address_line1",
        "line2" => "address_line2",
        _ => line,
    }
}

/// Defines a command that, besides its own fields, takes those of [`PartyIdentity`]: what is left out stays, `null` clears.
/// They stand beside its own on the wire, where serde's `flatten` could neither name the field that is wrong nor refuse one
/// that is not known.
#[macro_export]
macro_rules! identity_command {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
            /// The registered name, where it is not the name it goes by.
            #[serde(default)]
            pub legal_name: Option<String>,
            /// The number in a register outside of France.
            #[serde(default)]
            pub registration_number: Option<String>,
            /// The SIREN of a French company; taken from SIRET or VAT number when left out.
            #[serde(default, deserialize_with = "platform::changes::given")]
            #[schema(value_type = Option<::kernel::Siren>)]
            pub siren: Option<Option<::kernel::Siren>>,
            /// The SIRET of the establishment that is invoiced.
            #[serde(default, deserialize_with = "platform::changes::given")]
            #[schema(value_type = Option<::kernel::Siret>)]
            pub siret: Option<Option<::kernel::Siret>>,
            /// The VAT number.
            #[serde(default, deserialize_with = "platform::changes::given")]
            #[schema(value_type = Option<::kernel::VatNumber>)]
            pub vat_number: Option<Option<::kernel::VatNumber>>,
            /// Why and whether it pays VAT; `null` = what follows from its rate and its country.
            #[serde(default, deserialize_with = "platform::changes::given")]
            #[schema(value_type = Option<::kernel::VatCategory>)]
            pub vat_category: Option<Option<::kernel::VatCategory>>,
            /// Why its rate is not the usual one: a known reason, a VATEX code or a sentence.
            #[serde(default)]
            pub vat_reason: Option<String>,
            /// The language its documents are written in; `fr` unless told.
            #[serde(default)]
            pub language: Option<::kernel::Language>,
            /// Number and street of the billing address.
            #[serde(default)]
            pub address_line1: Option<String>,
            /// What else the postman needs.
            #[serde(default)]
            pub address_line2: Option<String>,
            /// The postal code of the billing address.
            #[serde(default)]
            pub postal_code: Option<String>,
            /// The town of the billing address.
            #[serde(default)]
            pub city: Option<String>,
            /// The country of the billing address; `FR` unless told.
            #[serde(default)]
            pub country: Option<::kernel::Country>,
            /// Where electronic invoices reach it; its SIREN unless told.
            #[serde(default, deserialize_with = "platform::changes::given")]
            #[schema(value_type = Option<String>)]
            pub electronic_address: Option<Option<String>>,
            /// The scheme of that address: four digits (ISO 6523), or `EM` for an e-mail address.
            #[serde(default, deserialize_with = "platform::changes::given")]
            #[schema(value_type = Option<String>)]
            pub electronic_scheme: Option<Option<String>>,
            /// The bank account it pays from.
            #[serde(default, deserialize_with = "platform::changes::given")]
            #[schema(value_type = Option<::kernel::Iban>)]
            pub iban: Option<Option<::kernel::Iban>>,
            /// The currency it is invoiced in; `EUR` unless told.
            #[serde(default)]
            pub currency: Option<::kernel::Currency>,
        }

        impl $name {
            /// `old` with what the command says of it.
            pub fn identity_on(&self, old: &$crate::PartyIdentity) -> $crate::PartyIdentity {
                $crate::PartyIdentity {
                    legal_name: self.legal_name.clone().unwrap_or_else(|| old.legal_name.clone()),
                    registration_number: self.registration_number.clone().unwrap_or_else(|| old.registration_number.clone()),
                    siren: self.siren.clone().unwrap_or_else(|| old.siren.clone()),
                    siret: self.siret.clone().unwrap_or_else(|| old.siret.clone()),
                    vat_number: self.vat_number.clone().unwrap_or_else(|| old.vat_number.clone()),
                    vat_category: self.vat_category.unwrap_or(old.vat_category),
                    vat_reason: self.vat_reason.clone().unwrap_or_else(|| old.vat_reason.clone()),
                    language: self.language.unwrap_or(old.language),
                    address_line1: self.address_line1.clone().unwrap_or_else(|| old.address_line1.clone()),
                    address_line2: self.address_line2.clone().unwrap_or_else(|| old.address_line2.clone()),
                    postal_code: self.postal_code.clone().unwrap_or_else(|| old.postal_code.clone()),
                    city: self.city.clone().unwrap_or_else(|| old.city.clone()),
                    country: self.country.clone().unwrap_or_else(|| old.country.clone()),
                    electronic_address: self.electronic_address.clone().unwrap_or_else(|| old.electronic_address.clone()),
                    electronic_scheme: self.electronic_scheme.clone().unwrap_or_else(|| old.electronic_scheme.clone()),
                    iban: self.iban.clone().unwrap_or_else(|| old.iban.clone()),
                    currency: self.currency.unwrap_or(old.currency),
                }
            }

            /// Whether the command says why or whether VAT is paid.
            pub const fn states_vat_category(&self) -> bool {
                self.vat_category.is_some()
            }
        }
    };
}

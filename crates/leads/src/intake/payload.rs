//! The payload of a submission (spec 5.1): JSON, JSON sent as `text/plain` by a beacon, or a form post.

use serde_json::{Map, Value};

/// Values longer than this are not what a form field holds.
const MAX_CHARS: usize = 1000;

/// The secondary fields that are kept when they are not empty.
const CUSTOM: [&str; 13] = [
    "civilite",
    "ville",
    "adresse",
    "type_logement",
    "statut_occupant",
    "surface_habitable",
    "annee_construction",
    "type_chauffage",
    "facture_electricite",
    "facture_chauffage",
    "type_projet",
    "delai_projet",
    "budget",
];

/// What the caller sent, as text. Nothing is judged yet but that it can be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payload {
    /// The visitor's session, or whatever the supplier uses as one.
    pub session_id: String,
    /// The form, upper-cased.
    pub form_code: String,
    /// The phone as typed.
    pub phone: String,
    /// The family name, trimmed.
    pub nom: String,
    /// The first name.
    pub prenom: String,
    /// The e-mail address as typed.
    pub email: String,
    /// The département or postcode as typed.
    pub departement: String,
    /// The entity asked for, upper-cased.
    pub entity: String,
    /// The product asked for, upper-cased.
    pub produit: String,
    /// The landing page.
    pub lp_code: String,
    /// The page–form pair.
    pub liaison_code: String,
    /// Where the visitor came from.
    pub utm_source: String,
    /// By which medium.
    pub utm_medium: String,
    /// By which campaign.
    pub utm_campaign: String,
    /// A supplier key in the body.
    pub api_key: String,
    /// Whether the person consented; `None` when the caller did not say.
    pub rgpd_consent: Option<bool>,
    /// The version of the text consented to.
    pub consent_text_version: String,
    /// Whether the person wants the newsletter.
    pub newsletter: bool,
    /// The secondary fields that are not empty.
    pub custom_fields: Map<String, Value>,
}

/// Why a body is no submission; it goes to quarantine with this reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Neither JSON nor a form post, or not an object.
    #[error("the body is not a submission: {0}")]
    Malformed(String),
    /// A required field is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A field holds what it cannot hold.
    #[error("{0} {1}")]
    Field(String, &'static str),
}

impl Unusable {
    /// The field it is about.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Malformed(_) => None,
            Self::Missing(field) => Some(field),
            Self::Field(field, _) => Some(field),
        }
    }
}

impl Payload {
    /// Reads a body: a form post when `content_type` says so, JSON otherwise (beacons call it `text/plain`).
    pub fn parse(content_type: &str, body: &[u8]) -> Result<Self, Unusable> {
        let fields = if is_form(content_type) { form_fields(body)? } else { json_fields(body)? };
        Fields(fields).submission()
    }
}

fn is_form(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// The fields of a JSON object.
pub(crate) fn json_fields(body: &[u8]) -> Result<Map<String, Value>, Unusable> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Unusable::Malformed("expected a JSON object".to_owned())),
        Err(error) => Err(Unusable::Malformed(error.to_string())),
    }
}

fn form_fields(body: &[u8]) -> Result<Map<String, Value>, Unusable> {
    let text = std::str::from_utf8(body).map_err(|error| Unusable::Malformed(error.to_string()))?;
    let pairs = form_urlencoded::parse(text.as_bytes());
    Ok(pairs.map(|(key, value)| (key.into_owned(), Value::String(value.into_owned()))).collect())
}

/// Access to loosely typed fields: callers send numbers and booleans where text is meant.
pub(crate) struct Fields(pub(crate) Map<String, Value>);

impl Fields {
    fn submission(&self) -> Result<Payload, Unusable> {
        for field in ["session_id", "form_code", "phone"] {
            if matches!(self.0.get(field), None | Some(Value::Null)) {
                return Err(Unusable::Missing(field));
            }
        }
        let mut custom_fields = Map::new();
        for field in CUSTOM {
            let text = self.text(field)?;
            if !text.is_empty() {
                custom_fields.insert(field.to_owned(), Value::String(text));
            }
        }
        Ok(Payload {
            session_id: self.text("session_id")?,
            form_code: self.text("form_code")?.to_uppercase(),
            phone: self.text("phone")?,
            nom: self.text("nom")?,
            prenom: self.text("prenom")?,
            email: self.text("email")?,
            departement: self.text("departement")?,
            entity: self.text("entity")?.to_uppercase(),
            produit: self.text("produit")?.to_uppercase(),
            lp_code: self.text("lp_code")?.to_uppercase(),
            liaison_code: self.text("liaison_code")?.to_uppercase(),
            utm_source: self.text("utm_source")?,
            utm_medium: self.text("utm_medium")?,
            utm_campaign: self.text("utm_campaign")?,
            api_key: self.text("api_key")?,
            rgpd_consent: self.flag("rgpd_consent")?,
            consent_text_version: self.text("consent_text_version")?,
            newsletter: self.flag("newsletter")?.unwrap_or(false),
            custom_fields,
        })
    }

    /// The field as trimmed text; empty when it is missing.
    pub(crate) fn text(&self, field: &str) -> Result<String, Unusable> {
        let text = match self.0.get(field) {
            None | Some(Value::Null) => return Ok(String::new()),
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Bool(flag)) => flag.to_string(),
            Some(Value::Array(_) | Value::Object(_)) => {
                return Err(Unusable::Field(field.to_owned(), "must be text"));
            }
        };
        if text.contains('\0') {
            return Err(Unusable::Field(field.to_owned(), "must not contain the character U+0000"));
        }
        if text.chars().count() > MAX_CHARS {
            return Err(Unusable::Field(field.to_owned(), "is longer than 1000 characters"));
        }
        Ok(text)
    }

    /// The field as a yes or no; forms send words and digits for it.
    fn flag(&self, field: &str) -> Result<Option<bool>, Unusable> {
        if let Some(Value::Bool(flag)) = self.0.get(field) {
            return Ok(Some(*flag));
        }
        match self.text(field)?.to_lowercase().as_str() {
            "" => Ok(None),
            "true" | "1" | "on" | "yes" | "oui" => Ok(Some(true)),
            "false" | "0" | "off" | "no" | "non" => Ok(Some(false)),
            _ => Err(Unusable::Field(field.to_owned(), "must be true or false")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn parse(value: &Value) -> Result<Payload, Unusable> {
        Payload::parse("application/json", value.to_string().as_bytes())
    }

    #[test]
    fn json_beacons_and_forms_are_read_alike() {
        let value = json!({ "session_id": "s", "form_code": "pv-001", "phone": 612345679, "nom": " Martin ",
            "rgpd_consent": true, "ville": "Lyon", "budget": "" });
        let from_json = parse(&value).unwrap();
        let beacon = Payload::parse("text/plain;charset=UTF-8", value.to_string().as_bytes()).unwrap();
        let form = b"session_id=s&form_code=pv-001&phone=612345679&nom=+Martin+&rgpd_consent=on&ville=Lyon&budget=";
        let form = Payload::parse("application/x-www-form-urlencoded", form).unwrap();
        assert_eq!(from_json, beacon);
        assert_eq!(from_json, form);
        assert_eq!(from_json.form_code, "PV-001");
        assert_eq!(from_json.custom_fields, *json!({ "ville": "Lyon" }).as_object().unwrap());
    }

    #[test]
    fn what_cannot_be_read_names_its_field() {
        for (value, field) in [
            (json!({ "form_code": "F", "phone": "1" }), Some("session_id")),
            (json!({ "session_id": "s", "form_code": null, "phone": "1" }), Some("form_code")),
            (json!({ "session_id": "s", "form_code": "F", "phone": ["1"] }), Some("phone")),
            (json!({ "session_id": "s", "form_code": "F", "phone": "1", "nom": "a\u{0}" }), Some("nom")),
            (json!({ "session_id": "s", "form_code": "F", "phone": "1", "nom": "a".repeat(1001) }), Some("nom")),
            (
                json!({ "session_id": "s", "form_code": "F", "phone": "1", "rgpd_consent": "maybe" }),
                Some("rgpd_consent"),
            ),
            (json!(["not an object"]), None),
        ] {
            assert_eq!(parse(&value).unwrap_err().field(), field, "{value}");
        }
    }

    #[test]
    fn consent_is_never_assumed() {
        let value = json!({ "session_id": "s", "form_code": "F", "phone": "1" });
        assert_eq!(parse(&value).unwrap().rgpd_consent, None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(content_type in ".{0,40}", body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Payload::parse(&content_type, &body);
        }
    }
}

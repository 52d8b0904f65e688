//! Customers and suppliers of the demo, as the API takes them.

use std::collections::BTreeMap;

use platform::Result;
use serde_json::{Value, json};

use super::super::api::Api;
use super::id_of;
use super::story::{PARTNERS, Partner};

/// Creates them; their ids by name.
pub(super) async fn create(api: &Api) -> Result<BTreeMap<&'static str, String>> {
    let mut ids = BTreeMap::new();
    for partner in PARTNERS {
        let created = api.post("/api/parties", &command(partner)).await?;
        ids.insert(partner.name, id_of(&created).to_owned());
    }
    Ok(ids)
}

fn command(partner: &Partner) -> Value {
    let [street, postal_code, city, country] = partner.place;
    let mut party = json!({ "entity": partner.entity, "name": partner.name, "address_line1": street, "postal_code": postal_code,
        "city": city, "country": country, "payment_terms_days": partner.terms });
    if partner.is_supplier {
        party["roles"] = json!(["supplier"]);
    }
    if !partner.email.is_empty() {
        party["email"] = json!(partner.email);
    }
    if !partner.iban.is_empty() {
        party["iban"] = json!(partner.iban);
    }
    match (country, partner.number) {
        ("FR", "") => party["is_consumer"] = json!(true),
        ("FR", siret) => party["siret"] = json!(siret),
        ("CH", number) => {
            party["registration_number"] = json!(number);
            party["vat_rate"] = json!("0");
        }
        (_, number) => {
            party["vat_number"] = json!(number);
            party["vat_rate"] = json!("0");
            party["language"] = json!("en");
        }
    }
    party
}

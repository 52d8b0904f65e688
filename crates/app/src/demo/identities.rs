//! The legal identities of the demo's entities. Names, numbers and accounts are made up; their checks are right.

use platform::Result;
use serde_json::{Value, json};

use super::api::Api;

const ZR7_LOGO: &[u8] = include_bytes!("zr7.png");
const MDL_LOGO: &[u8] = include_bytes!("mdl.png");

/// Gives both entities what their invoices need.
pub(super) async fn write(api: &Api) -> Result<()> {
    for (code, legal, logo) in [("ZR7", zr7(), ZR7_LOGO), ("MDL", mdl(), MDL_LOGO)] {
        api.put(&format!("/api/entities/{code}/legal"), &legal).await?;
        api.put_image(&format!("/api/entities/{code}/logo"), logo).await?;
    }
    Ok(())
}

fn zr7() -> Value {
    json!({
        "legal_name": "ZR7 Énergie", "legal_form": "SAS", "share_capital": "50000",
        "address": { "line1": "18 rue du Quatre-Septembre", "postal_code": "75002", "city": "Paris", "country": "FR" },
        "siret": "99900010200015", "vat_number": "FR48999000102", "register": "RCS", "register_city": "Paris",
        "ape_code": "7311Z", "iban": "FR7630006000010000123456708", "bic": "AGRIFRPP",
        "bank_name": "Banque de la Démo", "phone": "01 84 80 00 10", "email": "compta@zr7.example",
        "website": "https://zr7.example", "accent_color": "#0a5fb4", "vat_regime": "on_receipts",
        "footer_text": "ZR7 Énergie, mise en relation pour la rénovation énergétique",
    })
}

fn mdl() -> Value {
    json!({
        "legal_name": "Maison de Lumière", "legal_form": "SARL", "share_capital": "8000",
        "address": { "line1": "7 quai des Chartrons", "postal_code": "33000", "city": "Bordeaux", "country": "FR" },
        "siret": "99900020100015", "vat_number": "FR54999000201", "register": "RCS", "register_city": "Bordeaux",
        "ape_code": "7311Z", "iban": "FR7630006000010000765432196", "bic": "AGRIFRPP",
        "bank_name": "Banque de la Démo", "phone": "05 56 00 00 20", "email": "compta@mdl.example",
        "website": "https://mdl.example", "accent_color": "#b4550a",
        "mediator": { "name": "Médiation Habitat Démo", "address": "1 rue de la Médiation, 33000 Bordeaux",
            "website": "https://mediation.example" },
    })
}

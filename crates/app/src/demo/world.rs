//! The two entities with their products, forms, buyers, orders, providers and users.

use platform::Result;
use serde_json::{Value, json};

use super::api::Api;
use super::identities;

/// What the replay needs to know of the world.
pub(super) struct World {
    /// The keys of the two providers, ZR7's first.
    pub(super) provider_keys: Vec<String>,
}

struct Order {
    product: &'static str,
    departements: &'static [&'static str],
    quota: u32,
    priority: u32,
    lb_target: &'static str,
}

struct Buyer {
    entity: &'static str,
    name: &'static str,
    contact: &'static str,
    phone: &'static str,
    siret: &'static str,
    /// Street, postal code, town.
    place: [&'static str; 3],
    email: &'static str,
    auto_send: bool,
    orders: &'static [Order],
    relation: Relation,
}

/// How it is to work with a buyer: stars overall, for paying, for satisfaction and for haggling; status; labels.
struct Relation {
    stars: [u8; 4],
    status: &'static str,
    tags: &'static [&'static str],
}

const fn order(product: &'static str, departements: &'static [&'static str], quota: u32, priority: u32) -> Order {
    Order { product, departements, quota, priority, lb_target: "0" }
}

const fn relation(stars: [u8; 4], status: &'static str, tags: &'static [&'static str]) -> Relation {
    Relation { stars, status, tags }
}

/// Where nothing arrives any more: at Énergie Rhône.
pub(super) const UNREACHABLE_DOMAIN: &str = "energie-rhone.example";

/// Ten buyers and fourteen orders, some fuller than others.
const BUYERS: &[Buyer] = &[
    Buyer {
        entity: "ZR7",
        name: "Soleil Habitat",
        contact: "Inès Caron",
        phone: "01 42 68 53 00",
        siret: "99900030000015",
        place: ["12 rue de Téhéran", "75008", "Paris"],
        email: "leads@soleil-habitat.example",
        auto_send: true,
        orders: &[order("PV", &["75", "92", "93", "94"], 50, 1), order("PAC", &["*"], 60, 3)],
        relation: relation([5, 5, 4, 2], "VIP", &["VIP", "high_volume"]),
    },
    Buyer {
        entity: "ZR7",
        name: "Énergie Rhône",
        contact: "Bastien Ferrand",
        phone: "04 72 10 30 30",
        siret: "99900040900014",
        place: ["45 cours Lafayette", "69003", "Lyon"],
        email: "contact@energie-rhone.example",
        auto_send: true,
        orders: &[order("PV", &["01", "38", "42", "69"], 25, 2)],
        relation: relation([4, 4, 4, 3], "Normal", &["strategic"]),
    },
    Buyer {
        entity: "ZR7",
        name: "Toit Vert",
        contact: "Maëlle Prigent",
        phone: "02 99 79 60 60",
        siret: "99900050800013",
        place: ["8 rue de Brest", "35000", "Rennes"],
        email: "commandes@toit-vert.example",
        auto_send: true,
        orders: &[Order { lb_target: "0.20", ..order("PV", &["*"], 120, 5) }],
        relation: relation([3, 4, 3, 4], "Normal", &["discount_hunter"]),
    },
    Buyer {
        entity: "ZR7",
        name: "Iso Confort",
        contact: "Karim Haddad",
        phone: "03 20 54 00 00",
        siret: "99900060700013",
        place: ["21 rue Nationale", "59000", "Lille"],
        email: "iso@iso-confort.example",
        auto_send: true,
        orders: &[order("ITE", &["*"], 45, 3)],
        relation: relation([4, 3, 5, 2], "Normal", &[]),
    },
    Buyer {
        entity: "ZR7",
        name: "Chaleur Douce",
        contact: "Pauline Vasseur",
        phone: "03 22 91 40 40",
        siret: "99900070600013",
        place: ["3 place Gambetta", "80000", "Amiens"],
        email: "bureau@chaleur-douce.example",
        auto_send: true,
        orders: &[order("PAC", &["02", "59", "62", "80"], 20, 2), order("ITE", &["*"], 10, 6)],
        relation: relation([2, 2, 3, 4], "Watchlist", &["slow_payer"]),
    },
    Buyer {
        entity: "ZR7",
        name: "Maison Bleue",
        contact: "Enzo Ricci",
        phone: "04 91 13 20 20",
        siret: "99900080500013",
        place: ["60 rue Paradis", "13006", "Marseille"],
        email: "achats@maison-bleue.example",
        auto_send: false,
        orders: &[order("PV", &["06", "13", "83", "84"], 16, 4)],
        relation: relation([3, 3, 3, 3], "Normal", &["new_client"]),
    },
    Buyer {
        entity: "MDL",
        name: "Soleil Habitat Ouest",
        contact: "Inès Caron",
        phone: "01 42 68 53 00",
        siret: "99900030000023",
        place: ["12 rue de Téhéran", "75008", "Paris"],
        email: "leads@soleil-habitat.example",
        auto_send: true,
        orders: &[order("PV", &["*"], 90, 3)],
        relation: relation([5, 5, 4, 2], "VIP", &["VIP"]),
    },
    Buyer {
        entity: "MDL",
        name: "Bretagne Pompes",
        contact: "Gwenaël Le Goff",
        phone: "02 98 44 10 10",
        siret: "99900100100018",
        place: ["5 rue de Siam", "29200", "Brest"],
        email: "pac@bretagne-pompes.example",
        auto_send: true,
        orders: &[order("PAC", &["22", "29", "35", "56"], 12, 1)],
        relation: relation([4, 5, 4, 1], "Normal", &[]),
    },
    Buyer {
        entity: "MDL",
        name: "Azur Rénov",
        contact: "Léa Marchetti",
        phone: "04 93 80 70 70",
        siret: "99900110000018",
        place: ["18 avenue Jean-Médecin", "06000", "Nice"],
        email: "bonjour@azur-renov.example",
        auto_send: true,
        orders: &[order("PV", &["06", "83"], 10, 1), order("ITE", &["*"], 45, 5)],
        relation: relation([4, 4, 3, 3], "Normal", &[]),
    },
    Buyer {
        entity: "MDL",
        name: "Grand Ouest Énergie",
        contact: "Yann Brossard",
        phone: "02 40 20 90 00",
        siret: "99900120900017",
        place: ["2 quai de la Fosse", "44000", "Nantes"],
        email: "leads@grand-ouest.example",
        auto_send: true,
        orders: &[order("PAC", &["*"], 90, 4), order("PV", &["44", "49", "85"], 20, 2)],
        relation: relation([4, 4, 4, 2], "Normal", &["high_volume"]),
    },
];

const FORMS: &[(&str, &str, &str)] = &[
    ("PV-001", "ZR7", "PV"),
    ("PAC-001", "ZR7", "PAC"),
    ("ITE-001", "ZR7", "ITE"),
    ("PV-101", "MDL", "PV"),
    ("PAC-101", "MDL", "PAC"),
    ("ITE-101", "MDL", "ITE"),
];

const USERS: &[(&str, &str, &str, &str)] = &[
    ("Alix Bernard", "admin.zr7@demo.example", "ZR7", "admin"),
    ("Noa Lefèvre", "admin.mdl@demo.example", "MDL", "admin"),
    ("Sacha Petit", "ops.zr7@demo.example", "ZR7", "ops"),
    ("Charlie Moreau", "ops.mdl@demo.example", "MDL", "ops"),
    ("Lou Garnier", "viewer.zr7@demo.example", "ZR7", "viewer"),
    ("Maxime Roux", "viewer.mdl@demo.example", "MDL", "viewer"),
];

/// Builds the world through the API.
pub(super) async fn build(api: &Api, password: &str) -> Result<World> {
    for (code, name) in [("PV", "Panneaux solaires"), ("PAC", "Pompe à chaleur"), ("ITE", "Isolation par l’extérieur")]
    {
        let description = format!("Demande qualifiée : {}", name.to_lowercase());
        let product = json!({ "code": code, "name": name, "description": description, "kind": "service" });
        api.post("/api/products", &product).await?;
    }
    for (name, email, entity, role) in USERS {
        let user = json!({ "name": name, "email": email, "entity": entity, "role": role, "password": password });
        api.post("/api/auth/users", &user).await?;
    }
    settings(api).await?;
    identities::write(api).await?;
    transfer_prices(api).await?;
    for buyer in BUYERS {
        create_buyer(api, buyer).await?;
    }
    let mut provider_keys = Vec::new();
    for (entity, name, slug) in
        [("ZR7", "Comparateur Énergie", "comparateur"), ("MDL", "Devis Travaux", "devis-travaux")]
    {
        let provider = json!({ "entity": entity, "name": name, "slug": slug, "consent_by_contract": true });
        let answer = api.post("/api/providers", &provider).await?;
        provider_keys.push(answer["api_key"].as_str().unwrap_or_default().to_owned());
    }
    Ok(World { provider_keys })
}

/// ZR7 delivers every day, so that the form of the tour routes a lead on whatever day it is tried.
async fn settings(api: &Api) -> Result<()> {
    for (code, entity, produit) in FORMS {
        api.put(&format!("/api/settings/forms-config/{code}"), &json!({ "entity": entity, "produit": produit }))
            .await?;
    }
    let every_day: Vec<_> = (0..7).collect();
    api.put("/api/settings/delivery-calendar", &json!({ "per_entity": { "ZR7": { "enabled_days": every_day } } }))
        .await?;
    api.put("/api/settings/source-gating", &json!({ "blocked_sources": ["click-farm"] })).await?;
    let eight = serde_json::to_value(leads::rules::csv_file::CsvProfile::eight_columns()).unwrap_or(Value::Null);
    api.put("/api/settings/csv-profiles", &json!({ "per_entity": { "MDL": eight } })).await?;
    Ok(())
}

/// What the entities charge each other a unit, the same in both directions (spec/leads.md 5.11).
const TRANSFER_PRICES: &[(&str, &str)] = &[("PV", "25"), ("PAC", "30"), ("ITE", "20")];

async fn transfer_prices(api: &Api) -> Result<()> {
    let price = |from: &str, to: &str, (product, price): &(&str, &str)| json!({ "from": from, "to": to, "product": product, "unit_price_ht": price });
    let there = TRANSFER_PRICES.iter().map(|row| price("ZR7", "MDL", row));
    let back = TRANSFER_PRICES.iter().map(|row| price("MDL", "ZR7", row));
    let prices: Vec<_> = there.chain(back).collect();
    api.put("/api/intercompany/pricing", &json!({ "prices": prices })).await?;
    Ok(())
}

/// What buyers pay a unit in the demo, in euros.
fn unit_price(product: &str) -> &'static str {
    match product {
        "PV" => "38",
        "PAC" => "45",
        _ => "31",
    }
}

async fn create_buyer(api: &Api, buyer: &Buyer) -> Result<()> {
    let [street, postal_code, city] = buyer.place;
    let body = json!({ "entity": buyer.entity, "name": buyer.name, "contact_name": buyer.contact,
        "phone": buyer.phone, "email": buyer.email, "auto_send_enabled": buyer.auto_send, "siret": buyer.siret,
        "address_line1": street, "postal_code": postal_code, "city": city });
    let created = api.post("/api/clients", &body).await?;
    let Relation { stars: [overall, payment, satisfaction, haggling], status, tags } = buyer.relation;
    let crm = json!({ "global_rating": overall, "payment_rating": payment, "lead_satisfaction_rating": satisfaction,
        "discount_pressure_rating": haggling, "client_status": status, "tags": tags });
    api.put(&format!("/api/clients/{}/crm", created["id"].as_str().unwrap_or_default()), &crm).await?;
    for order in buyer.orders {
        let body = json!({ "entity": buyer.entity, "buyer_id": created["id"], "product": order.product,
            "departements": order.departements, "quota_semaine": order.quota, "priorite": order.priority,
            "lb_target_pct": order.lb_target });
        api.post("/api/commandes", &body).await?;
        let price = json!({ "product": order.product, "unit_price_eur": unit_price(order.product) });
        let pricing = format!("/api/clients/{}/pricing/product", created["id"].as_str().unwrap_or_default());
        api.post(&pricing, &price).await?;
    }
    Ok(())
}

//! What a drill does with a restored database: what people would, through the router.

use std::net::Ipv4Addr;

use kernel::ProofId;
use platform::identity::PlainPassword;
use platform::tenancy::{NewAdmin, NewTenant};
use platform::{Error, Platform, Result};
use rand::distr::{Alphanumeric, SampleString as _};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::demo::api::Api;

/// Somebody from outside; the block is for documentation (RFC 5737).
const VISITOR: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

/// An administrator whom nobody knows the password of.
struct Admin {
    email: String,
    password: String,
}

impl Admin {
    fn new(of: &str, id: ProofId) -> Self {
        let password = Alphanumeric.sample_string(&mut rand::rng(), 40);
        Self { email: format!("{of}.{}@drill.invalid", id.uuid().simple()), password }
    }

    fn to_new(&self) -> Result<NewAdmin> {
        Ok(NewAdmin {
            email: self.email.parse().map_err(|_| Error::internal("making a user", "the address is not one"))?,
            name: "Restore drill".to_owned(),
            password: Some(PlainPassword::new(self.password.as_str())),
        })
    }
}

/// Makes a user in the default tenant that was restored, signs in and reads what people read first.
///
/// Nothing is done while there is no tenant.
pub(super) async fn sign_in_to_what_was_there(
    platform: &Platform,
    owner: &mut PgConnection,
    id: ProofId,
) -> Result<()> {
    let mut tenants = platform::tenancy::list(owner).await?;
    tenants.retain(|tenant| tenant.archived_at.is_none());
    let Some(tenant) = tenants.iter().find(|tenant| tenant.is_default).or(tenants.first()) else { return Ok(()) };
    let admin = Admin::new("reader", id);
    platform::tenancy::add_admin(owner, platform.now(), tenant.id, &admin.to_new()?).await?;
    let api = Api::sign_in(platform, &tenant.slug, &admin.email, &admin.password).await?;
    for path in ["/api/auth/me", "/api/leads?limit=1", "/api/documents?limit=1"] {
        api.get(path).await?;
    }
    Ok(())
}

/// Makes a tenant with one buyer who wants a lead, posts one as a visitor would, and sees that it was routed to him.
pub(super) async fn route_a_lead(platform: &Platform, owner: &mut PgConnection, id: ProofId) -> Result<()> {
    let admin = Admin::new("seller", id);
    let tenant = NewTenant {
        slug: format!("drill-{}", id.uuid().simple()),
        name: "Restore drill".to_owned(),
        time_zone: "Europe/Paris".to_owned(),
        entities: vec![("DRILL".to_owned(), "Restore drill".to_owned())],
        admin: admin.to_new()?,
    };
    platform::tenancy::create(owner, platform.now(), &tenant).await?;
    let api = Api::sign_in(platform, &tenant.slug, &admin.email, &admin.password).await?;
    api.post("/api/products", &json!({ "code": "PV", "name": "PV" })).await?;
    let every_day = json!({ "per_entity": { "DRILL": { "enabled_days": [0, 1, 2, 3, 4, 5, 6] } } });
    api.put("/api/settings/delivery-calendar", &every_day).await?;
    api.put("/api/settings/forms-config/DRILL-1", &json!({ "entity": "DRILL", "produit": "PV" })).await?;
    let buyer = json!({ "entity": "DRILL", "name": "Drill", "email": "buyer@drill.invalid" });
    let buyer = api.post("/api/clients", &buyer).await?;
    let order = json!({ "entity": "DRILL", "buyer_id": buyer["id"], "product": "PV", "departements": ["*"] });
    api.post("/api/commandes", &order).await?;
    let lead = json!({ "session_id": "drill", "form_code": "DRILL-1", "phone": "0612345679", "nom": "Drill",
        "departement": "75", "rgpd_consent": true });
    let path = format!("/api/public/leads?tenant={}", tenant.slug);
    let answer = api.post_as_visitor(&path, &lead, VISITOR).await?;
    require(&answer, "status", &json!("routed"))?;
    let deliveries = api.get("/api/deliveries?limit=10").await?;
    let lead_of = |delivery: &Value| delivery["lead_id"].clone();
    let routed =
        deliveries["items"].as_array().is_some_and(|items| items.iter().map(lead_of).eq([answer["lead_id"].clone()]));
    if routed {
        Ok(())
    } else {
        Err(Error::refused("drill_failed", format!("The routed lead has no delivery: {deliveries}")))
    }
}

fn require(answer: &Value, field: &str, expected: &Value) -> Result<()> {
    if answer[field] == *expected {
        return Ok(());
    }
    Err(Error::refused(
        "drill_failed",
        format!("The lead was answered with {answer}, and not with {field} {expected}."),
    ))
}

//! A tenant to measure: two entities, three products, fourteen orders, a provider with a key.

use std::io::Write as _;

use sqlx::{Connection as _, PgConnection};

use crate::Failure;
use crate::client::Client;
use crate::service::Service;

/// The provider's key.
pub(crate) const KEY: &str = "prov_bench-bench-bench-bench-bench-bench-bench";
/// Who signs in.
pub(crate) const EMAIL: &str = "bench@bench.example";
/// With this.
pub(crate) const PASSWORD: &str = "a password for the bench";

/// What a benchmark needs to know.
pub(crate) struct Tenant {
    /// The tenant's id.
    pub(crate) id: String,
    /// Its entities' ids, ZR7 first.
    pub(crate) entities: Vec<String>,
    /// The buyers of ZR7's orders, and the orders, in one order.
    pub(crate) buyers: Vec<String>,
    /// ZR7's orders.
    pub(crate) orders: Vec<String>,
    /// The provider.
    pub(crate) provider: String,
    /// The session of a super admin.
    pub(crate) token: String,
}

/// The tenant that is measured.
pub(crate) const SLUG: &str = "bench";

/// Creates the tenant on a fresh service.
pub(crate) async fn tenant(service: &Service) -> Result<Tenant, Failure> {
    let mut password = tempfile::NamedTempFile::new()?;
    writeln!(password, "{PASSWORD}")?;
    let file = password.path().to_string_lossy().into_owned();
    service.run(&[
        "tenant",
        "create",
        "--name",
        "Bench",
        "--slug",
        SLUG,
        "--entity",
        "ZR7:ZR7",
        "--entity",
        "MDL:MDL",
        "--admin-email",
        EMAIL,
        "--admin-password-file",
        &file,
    ])?;
    let mut owner = PgConnection::connect(&service.owner_url()?).await?;
    sqlx::raw_sql(include_str!("../sql/tenant.sql")).execute(&mut owner).await?;
    let id: String = sqlx::query_scalar("select id::text from platform.tenant").fetch_one(&mut owner).await?;
    let entities =
        sqlx::query_scalar("select id::text from platform.entity order by position, id").fetch_all(&mut owner).await?;
    let pairs: Vec<(String, String)> = sqlx::query_as(
        "select o.buyer_id::text, o.id::text from leads.standing_order o join platform.entity e on e.id = o.entity_id and e.code = 'ZR7' order by o.id",
    )
    .fetch_all(&mut owner)
    .await?;
    let (buyers, orders) = pairs.into_iter().unzip();
    let provider = sqlx::query_scalar("select id::text from leads.provider").fetch_one(&mut owner).await?;
    let mut client = Client::connect(service.port).await?;
    let login = serde_json::json!({ "email": EMAIL, "password": PASSWORD }).to_string();
    let answer = client.post("/api/auth/login", None, login).await?;
    let answer: serde_json::Value = serde_json::from_slice(&answer.body)?;
    let token = answer["token"].as_str().ok_or_else(|| format!("sign-in failed: {answer}"))?.to_owned();
    Ok(Tenant { id, entities, buyers, orders, provider, token })
}

/// Closes every order but `open` ones, with this quota each (0 = uncapped); forgets what was used.
pub(crate) async fn orders(service: &Service, open: i64, quota: i32) -> Result<(), Failure> {
    let mut owner = PgConnection::connect(&service.owner_url()?).await?;
    sqlx::query(
        "update leads.standing_order o set active = n.n <= $1, quota = $2
         from (select id, row_number() over (order by entity_id = (select id from platform.entity where code = 'ZR7') desc, id) as n
               from leads.standing_order) n where n.id = o.id",
    )
    .bind(open)
    .bind(quota)
    .execute(&mut owner)
    .await?;
    sqlx::raw_sql("update leads.order_week set used = 0").execute(&mut owner).await?;
    drop(owner);
    settle(service).await
}

/// Brings the planner's statistics up to date, as autovacuum does within a minute, so that both sides plan alike.
pub(crate) async fn settle(service: &Service) -> Result<(), Failure> {
    let mut owner = PgConnection::connect(&service.owner_url()?).await?;
    sqlx::raw_sql("vacuum analyze").execute(&mut owner).await?;
    Ok(())
}

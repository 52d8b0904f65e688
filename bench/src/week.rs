//! The ledger of a week: built and built again over a hundred thousand units sent.

use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};

use crate::Failure;
use crate::client::Client;
use crate::service::Service;
use crate::setup;

const UNITS: u64 = 100_000;
const PORT: u16 = 18_614;

/// Measures the first build and three more, and the page of the week before and after.
pub(crate) async fn measure(binary: &Path) -> Result<Value, Failure> {
    let dir = crate::start::data_dir()?;
    let (service, _) = Service::start(binary, dir.path(), PORT).await?;
    let tenant = setup::tenant(&service).await?;
    let mut owner = PgConnection::connect(&service.owner_url()?).await?;
    let units = include_str!("../sql/week.sql").replace("@ROWS", &UNITS.to_string());
    sqlx::raw_sql(sqlx::AssertSqlSafe(units)).execute(&mut owner).await?;
    let week: String =
        sqlx::query_scalar("select to_char(date_trunc('week', now()) - interval '7 days', 'IYYY\"-W\"IW')")
            .fetch_one(&mut owner)
            .await?;
    drop(owner);
    setup::settle(&service).await?;
    let mut client = Client::connect(service.port).await?;
    let (page, build) = (format!("/api/billing/week?week={week}"), format!("/api/billing/week/{week}/build-ledger"));
    let preview = timed(&mut client, &tenant.token, &page, Method::Get).await?;
    let mut builds = Vec::new();
    for _ in 0..4 {
        builds.push(timed(&mut client, &tenant.token, &build, Method::Post).await?);
    }
    let shown = timed(&mut client, &tenant.token, &page, Method::Get).await?;
    let again = builds[1..].iter().copied().fold(f64::INFINITY, f64::min);
    println!("week-ledger: {UNITS} units sent in a week");
    println!("    built in {:.2} s, built again in {again:.2} s (≤ 5)", builds[0]);
    println!("    page of the week: preview {preview:.2} s, built {shown:.3} s");
    service.stop()?;
    Ok(json!({ "units": UNITS, "first_s": builds[0], "again_s": again, "preview_s": preview, "page_s": shown }))
}

enum Method {
    Get,
    Post,
}

/// How long an answer takes, in seconds.
async fn timed(client: &mut Client, token: &str, path: &str, method: Method) -> Result<f64, Failure> {
    let sent = Instant::now();
    let answer = match method {
        Method::Get => client.get(path, Some(token)).await?,
        Method::Post => client.post(path, Some(token), "{}".to_owned()).await?,
    };
    let took = sent.elapsed().as_secs_f64();
    if answer.status != 200 {
        return Err(format!("{path}: {} {}", answer.status, String::from_utf8_lossy(&answer.body)).into());
    }
    Ok(took)
}

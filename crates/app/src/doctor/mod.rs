//! `comptoir doctor`: what is wrong, and what to do next, within ten seconds, for the first ten minutes of an incident.
//!
//! It reads, and changes nothing; it starts no database and makes no schema. Each part of it has a time limit of its own and fails
//! alone: where the database is down it says so, and all that can be known without it.

mod house;
mod installation;
mod model;
mod server;
mod store;

use std::time::Duration;

use kernel::{Clock as _, SystemClock};
use platform::{Error, Platform, Result};
use sqlx::PgPool;

pub use model::{Diagnosis, Finding, Limits, Status};

use crate::config::Config;
use crate::postgres::Endpoint;
use crate::runtime::Database;

/// How long a part may take.
const PART: Duration = Duration::from_secs(3);

/// How long all that asks the database may take.
const ALL: Duration = Duration::from_secs(8);

/// Looks at the installation of `config`.
pub async fn examine(config: &Config, limits: Limits) -> Diagnosis {
    let mut findings = house::findings(config, limits);
    match connect(config).await {
        Ok(pool) => {
            let asked = tokio::time::timeout(ALL, ask(config, &pool, &mut findings)).await;
            if asked.is_err() {
                findings.push(Finding::attention(
                    "database",
                    "time",
                    format!("what is not listed here was not answered within {} s", ALL.as_secs()),
                    "The database is slow or full: look at its locks, its longest transaction and the disk above.",
                ));
            }
        }
        Err(finding) => findings.push(finding),
    }
    Diagnosis { version: env!("CARGO_PKG_VERSION"), at: SystemClock.now(), findings }
}

async fn ask(config: &Config, pool: &PgPool, findings: &mut Vec<Finding>) {
    server::examine(pool, findings).await;
    server::examine_replicas(config, findings).await;
    installation::examine_secrets(config, pool, findings).await;
    let options = platform::Options { worker_name: "doctor".to_owned(), ..platform::Options::default() };
    let platform = Platform::new(pool.clone(), std::sync::Arc::new(SystemClock), crate::wiring::registry(), options);
    installation::examine(&platform, findings).await;
}

/// Connects as the service does.
///
/// What is wrong when that cannot be.
async fn connect(config: &Config) -> Result<PgPool, Finding> {
    let broken = |says: String, next: &str| Finding::broken("database", "reachable", says, next);
    let database = match Database::external(config) {
        Some(database) => database,
        None => match Endpoint::of_running(&config.data_dir) {
            Some(endpoint) => Database::private(&endpoint),
            None => {
                return Err(broken(
                    format!("no private PostgreSQL runs in {}", config.data_dir.display()),
                    "Start `comptoir serve`. If it does not stay up, read its log and that of PostgreSQL in <data-dir>/postgres.log.",
                ));
            }
        },
    };
    let options = database.app.application_name("comptoir doctor");
    match tokio::time::timeout(PART, platform::connect(options, 2)).await {
        Ok(Ok(pool)) => Ok(pool),
        Ok(Err(error)) if error.code() == "unsafe_role" => Err(Finding::broken(
            "database",
            "role",
            error.to_string(),
            "Give COMPTOIR_DATABASE_URL the role comptoir_app: docs/operations.md.",
        )),
        Ok(Err(error)) => Err(broken(
            error.chain(),
            "See that PostgreSQL runs, that the address in COMPTOIR_DATABASE_URL is right and that the network lets it through.",
        )),
        Err(_) => Err(broken(
            format!("it does not answer within {} s", PART.as_secs()),
            "See whether PostgreSQL is recovering (its log says so), out of connections or out of disk.",
        )),
    }
}

/// What a part that asks found, or that it could not be asked.
async fn part<T>(
    area: &'static str,
    name: &'static str,
    asked: impl Future<Output = Result<T>>,
    judge: impl FnOnce(T) -> Finding,
) -> Finding {
    let next = "Run `comptoir doctor` again; if it stays so, read the log of PostgreSQL.";
    match tokio::time::timeout(PART, asked).await {
        Ok(Ok(answer)) => judge(answer),
        Ok(Err(error)) => Finding::broken(area, name, format!("it could not be read: {}", error.chain()), next),
        Err(_) => Finding::broken(area, name, format!("no answer within {} s", PART.as_secs()), next),
    }
}

/// Prints what was found.
///
/// Refused when something is broken, so that scripts see it.
pub fn tell(diagnosis: &Diagnosis, as_json: bool) -> Result<()> {
    if as_json {
        let text =
            serde_json::to_string_pretty(diagnosis).map_err(|error| Error::internal("writing a diagnosis", error))?;
        println!("{text}");
    } else {
        print!("{}", diagnosis.text());
    }
    match diagnosis.count(Status::Broken) {
        0 => Ok(()),
        1 => Err(Error::refused("doctor_broken", "One thing is broken.")),
        several => Err(Error::refused("doctor_broken", format!("{several} things are broken."))),
    }
}

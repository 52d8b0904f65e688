//! What each command does.

mod audit;
mod backup;
mod fec;
mod secrets;

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use kernel::{Clock as _, ManualClock, SystemClock};
use leads::erasure::model::ErasePerson;
use platform::identity::{PlainPassword, SecondFactor};
use platform::tenancy::{NewAdmin, NewTenant};
use platform::{Actor, Error, Lifecycle, Platform, Result};
use serde_json::json;

use crate::cli::{
    Command, DemoCommand, DemoLoad, FecCommand, JobCommand, JobRun, LeadsCommand, SecretsCommand, TenantCommand,
    TenantCreate, UserCommand, UserResetPassword,
};
use crate::config::Config;
use crate::postgres::Role;
use crate::runtime::{self, Database};
use crate::telemetry::{self, Telemetry};
use crate::{doctor, http, serve, wiring};

/// Who acts in the event log.
const COMMAND_LINE: Actor = Actor::System("command line");

/// Runs the command; `telemetry` is for one that serves.
pub async fn run(command: Command, config: &Config, telemetry: Telemetry) -> Result<()> {
    match command {
        Command::Serve(args) => Box::pin(serve::serve(config, args.demo, telemetry)).await,
        Command::Routes(args) => routes(args.json),
        Command::Lifecycles(args) => {
            lifecycles(args.mermaid);
            Ok(())
        }
        Command::Openapi => openapi(),
        Command::DbUrl(args) => db_url(config, args.owner),
        Command::Migrate(args) => on_database(config, async |database| migrate(&database, args.distribute).await).await,
        Command::Check => on_database(config, async |database| check(config, &database).await).await,
        Command::Doctor(args) => {
            let limits = doctor::Limits { least_free_percent: args.least_free };
            doctor::tell(&doctor::examine(config, limits).await, args.json)
        }
        Command::Audit(args) if args.list => audit::list(&args),
        Command::Audit(args) => on_database(config, async |database| audit::run(&args, config, &database).await).await,
        Command::Backup(args) => {
            on_database(config, async |database| backup::backup(args, config, &database).await).await
        }
        Command::Restore(args) => backup::restore_backup(args, config).await,
        Command::Tenant(command) => on_database(config, async |database| tenant(command, &database).await).await,
        Command::User(command) => on_database(config, async |database| user(command, &database).await).await,
        Command::Job(command) => on_database(config, async |database| job(command, config, &database).await).await,
        Command::Leads(LeadsCommand::Erase(args)) => {
            on_database(config, async |database| {
                let platform = runtime::platform(config, &database, Arc::new(SystemClock)).await?;
                let ctx = platform.act_in_named(Some(&args.tenant), COMMAND_LINE, "cli").await?;
                let mut tx = ctx.begin().await?;
                let person = ErasePerson { phone: args.phone, email: args.email };
                let erased = leads::erasure::ops::erase_person(&mut tx, &person).await?;
                tx.commit().await?;
                platform::live::flush(&platform).await;
                println!(
                    "Erased {} leads, {} files, {} visits and {} quarantined payloads; gave up {} open deliveries.",
                    erased.leads, erased.files, erased.visits, erased.payloads, erased.cancelled
                );
                Ok(())
            })
            .await
        }
        Command::Secrets(SecretsCommand::Generate) => {
            secrets::generate();
            Ok(())
        }
        Command::Secrets(command) => {
            on_database(config, async |database| secrets::run(command, config, &database).await).await
        }
        Command::Fec(FecCommand::Verify(args)) => fec::check(&args),
        Command::Fec(FecCommand::Export(args)) => {
            on_database(config, async |database| fec::write(args, config, &database).await).await
        }
        Command::Demo(DemoCommand::Load(args)) => {
            on_database(config, async |database| demo(config, &database, &args).await).await
        }
    }
}

async fn on_database(config: &Config, work: impl AsyncFnOnce(Database) -> Result<()>) -> Result<()> {
    let (database, access) = runtime::open_for_command(config).await?;
    let done = work(database).await;
    runtime::close(access).await?;
    done
}

/// A platform that never touches its database: for what the code alone can tell.
fn unconnected() -> Result<Platform> {
    let pool =
        sqlx::PgPool::connect_lazy("postgres://nowhere").map_err(|error| Error::internal("preparing a pool", error))?;
    Ok(Platform::new(pool, Arc::new(SystemClock), wiring::registry(), platform::Options::default()))
}

fn routes(as_json: bool) -> Result<()> {
    let built = http::build(&unconnected()?, telemetry::no_metrics());
    if as_json {
        let rows: Vec<_> = built
            .routes
            .iter()
            .map(|route| {
                json!({ "method": route.method, "path": route.path, "guard": route.guard.access.to_string(),
                    "scope": route.guard.breadth.as_str(), "failure": route.guard.failure.as_str(), "about": route.about })
            })
            .collect();
        println!("{}", serde_json::to_string_pretty(&rows).map_err(|error| Error::internal("writing routes", error))?);
        return Ok(());
    }
    for route in built.routes.iter() {
        let guard = route.guard.access.to_string();
        let (scope, failure) = (route.guard.breadth.as_str(), route.guard.failure.as_str());
        println!("{:7} {:55} {guard:24} {scope:7} {failure}", route.method, route.path);
    }
    Ok(())
}

fn lifecycles(mermaid: bool) {
    for lifecycle in Lifecycle::all() {
        if mermaid {
            println!("{}", lifecycle.mermaid());
            continue;
        }
        println!("{}", lifecycle.name);
        for state in std::iter::once(&"").chain(lifecycle.states) {
            let allowed = lifecycle.allowed(state);
            let allowed = if allowed.is_empty() { "(final)".to_owned() } else { allowed.join(", ") };
            println!("  {:26} -> {allowed}", if state.is_empty() { "(new)" } else { state });
        }
    }
}

fn openapi() -> Result<()> {
    let built = http::build(&unconnected()?, telemetry::no_metrics());
    let text =
        built.document.to_pretty_json().map_err(|error| Error::internal("writing the OpenAPI document", error))?;
    println!("{text}");
    Ok(())
}

fn db_url(config: &Config, owner: bool) -> Result<()> {
    if config.database_url.is_some() {
        return Err(Error::refused("external_database", "The database is yours: its URL is in your configuration."));
    }
    let running = crate::postgres::Endpoint::of_running(&config.data_dir);
    let endpoint = running.ok_or_else(|| {
        let detail =
            format!("No private PostgreSQL runs on {}: start `comptoir serve` first.", config.data_dir.display());
        Error::refused("not_running", detail)
    })?;
    let role = if owner { Role::Owner } else { Role::App };
    println!("{}", endpoint.url(role, runtime::DATABASE));
    Ok(())
}

async fn demo(config: &Config, database: &Database, args: &DemoLoad) -> Result<()> {
    if !crate::demo::load(config, database, &args.tenant, args.leads).await? {
        return Err(Error::refused("demo_exists", format!("The tenant {} is there already.", args.tenant)));
    }
    println!("Loaded {} leads into the tenant {}.", args.leads, args.tenant);
    println!(
        "Sign in as {} with the password in {}.",
        crate::demo::ADMIN,
        crate::demo::password_file(config).display()
    );
    Ok(())
}

async fn migrate(database: &Database, distribute: bool) -> Result<()> {
    let mut owner = database.owner().await?;
    let new = platform::schema::migrate(&mut owner).await?;
    println!("{new} of {} migrations were new; the schema is up to date.", platform::schema::known());
    if distribute {
        let done = platform::schema::distribute(&mut owner).await?;
        println!(
            "{} tables are split by tenant over the nodes, {} stand on every node; {} of them were new.",
            done.by_tenant, done.on_every_node, done.new
        );
    }
    Ok(())
}

async fn check(config: &Config, database: &Database) -> Result<()> {
    let pool = platform::connect(database.app.clone(), config.db_pool.get()).await?;
    let differences = platform::schema::differences(&pool).await?;
    for line in &differences {
        println!("{line}");
    }
    if !differences.is_empty() {
        return Err(Error::refused("schema_differs", format!("The schema differs in {} places.", differences.len())));
    }
    println!("The schema is exactly the one this binary was built with.");
    if let Some(difference) = platform::secret::differences(&pool, &config.secret_keys).await? {
        return Err(Error::refused("secret_keys", difference));
    }
    println!("The ring of secret keys is the one this database uses.");
    Ok(())
}

async fn tenant(command: TenantCommand, database: &Database) -> Result<()> {
    let mut owner = database.owner().await?;
    platform::schema::migrate(&mut owner).await?;
    match command {
        TenantCommand::Create(args) => create_tenant(&mut owner, args).await,
        TenantCommand::List => {
            for tenant in platform::tenancy::list(&mut owner).await? {
                let default = if tenant.is_default { "default" } else { "" };
                println!("{:20} {:30} {:20} {default}", tenant.slug, tenant.name, tenant.entities.join(","));
            }
            Ok(())
        }
    }
}

async fn create_tenant(owner: &mut sqlx::PgConnection, args: TenantCreate) -> Result<()> {
    let password = read_password(&args.admin_password_file)?;
    let name = args.admin_email.as_str().split('@').next().unwrap_or("admin").to_owned();
    let new = NewTenant {
        slug: args.slug()?,
        name: args.name,
        time_zone: args.time_zone.name().to_owned(),
        entities: args.entities.into_iter().map(|entity| (entity.code, entity.name)).collect(),
        admin: NewAdmin { email: args.admin_email, name, password: Some(password) },
    };
    let id = platform::tenancy::create(owner, SystemClock.now(), &new).await?;
    println!("Created the tenant {} ({id}); {} signs in.", new.slug, new.admin.email);
    Ok(())
}

async fn user(command: UserCommand, database: &Database) -> Result<()> {
    let mut owner = database.owner().await?;
    match command {
        UserCommand::ResetPassword(UserResetPassword { email, password_file, must_change }) => {
            let password = read_password(&password_file)?;
            let now = SystemClock.now();
            platform::identity::reset_password(&mut owner, now, &email, &password, must_change, SecondFactor::Keep)
                .await?;
            println!("{email} has a new password; every session of the account has ended.");
        }
        UserCommand::List => {
            for user in platform::identity::list_users(&mut owner, None).await? {
                let state = match (user.is_active, user.locked_until, user.has_totp) {
                    (false, ..) => "inactive".to_owned(),
                    (true, Some(until), _) => format!("locked until {until}"),
                    (true, None, true) => "active, two factors".to_owned(),
                    (true, None, false) => "active".to_owned(),
                };
                println!("{:16} {:36} {:12} {:8} {state}", user.tenant, user.email, user.role, user.entity);
            }
        }
    }
    Ok(())
}

async fn job(command: JobCommand, config: &Config, database: &Database) -> Result<()> {
    let clock: Arc<dyn kernel::Clock> = match &command {
        JobCommand::Run(JobRun { at: Some(at), .. }) => Arc::new(ManualClock::new(*at)),
        _ => Arc::new(SystemClock),
    };
    let platform = runtime::platform(config, database, clock).await?;
    let act_in = async |slug: &str| platform.act_in_named(Some(slug), COMMAND_LINE, "cli").await;
    match command {
        JobCommand::Run(args) => {
            let ctx = act_in(&args.tenant).await?;
            let known: Vec<_> = platform.registry().kinds().collect();
            if !known.contains(&args.name.as_str()) {
                let detail = format!("There is no job {}; there are: {}.", args.name, known.join(", "));
                return Err(Error::refused("unknown_job", detail));
            }
            let result = platform::job::run_now(&ctx, &args.name).await?;
            let followed = platform::job::run_until_idle(&platform).await?;
            println!("{result:#}");
            eprintln!("{followed} jobs that were due ran with it.");
        }
        JobCommand::List(args) => {
            let mut tx = act_in(&args.tenant).await?.read().await?;
            let limit = kernel::Limit::try_new(200).unwrap_or_default();
            for job in platform::job::store::list_jobs(&mut tx, None, None, None, limit).await? {
                println!(
                    "{} {:24} {:8} {} {}",
                    job.id,
                    job.kind,
                    job.state,
                    job.run_at,
                    job.last_error.unwrap_or_default()
                );
            }
        }
        JobCommand::Requeue(args) => {
            let mut tx = act_in(&args.tenant).await?.begin().await?;
            let job = platform::job::http::requeue(&mut tx, args.id).await?;
            tx.commit().await?;
            println!("{} {} is queued again.", job.id, job.kind);
        }
    }
    platform::live::flush(&platform).await;
    Ok(())
}

/// The first line of the file, or of standard input for `-`.
fn read_password(file: &Path) -> Result<PlainPassword> {
    let mut text = String::new();
    let read = if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map(|_| ())
    } else {
        std::fs::read_to_string(file).map(|found| text = found)
    };
    read.map_err(|error| Error::refused("password_file", format!("Cannot read {}: {error}.", file.display())))?;
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        return Err(Error::refused("password_file", format!("{} is empty.", file.display())));
    }
    Ok(PlainPassword::new(line))
}

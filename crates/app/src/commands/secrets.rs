//! `comptoir secrets …`: what it does.

use indicatif::{ProgressBar, ProgressStyle};
use kernel::{Clock as _, SystemClock};
use platform::secret::operator::{self, ListedKey, Rotate, Standing};
use platform::secret::{KeyRing, Source};
use platform::{Error, Result};
use sqlx::PgConnection;

use crate::cli::{SecretsCommand, SecretsRotate};
use crate::config::Config;
use crate::runtime::Database;

/// Prints a fresh key, as a ring has it.
pub(super) fn generate() {
    println!("{}", KeyRing::generate(SystemClock.now()).first_line());
}

/// Runs the command over the owner's connection: what is sealed belongs to every tenant.
pub(super) async fn run(command: SecretsCommand, config: &Config, database: &Database) -> Result<()> {
    let mut owner = database.owner().await?;
    platform::schema::migrate(&mut owner).await?;
    match command {
        SecretsCommand::List => list(&mut owner, &config.secret_keys).await,
        SecretsCommand::Generate => {
            generate();
            Ok(())
        }
        SecretsCommand::Rotate(args) => rotate(&mut owner, &config.secret_keys, &args).await,
        SecretsCommand::Prune => prune(&mut owner, &config.secret_keys).await,
        SecretsCommand::Forget(_) => forget(&mut owner, &config.secret_keys).await,
    }
}

async fn list(owner: &mut PgConnection, source: &Source) -> Result<()> {
    let keys = operator::list(owner, source).await?;
    if keys.is_empty() {
        println!("There are no secret keys yet; the first start of the service makes one in {}.", source.name());
    }
    for key in &keys {
        println!("{:8}  {:>9}  {:7}  {}", key.id, age(key), standing(key.standing), told(&key.seals));
    }
    let missing: Vec<_> =
        keys.iter().filter(|key| key.standing == Standing::Missing).map(|key| key.id.as_str()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let detail =
        format!("{} is in use and not in {}: docs/secrets.md says what to do.", missing.join(", "), source.name());
    Err(Error::refused("secret_keys", detail))
}

fn age(key: &ListedKey) -> String {
    let days = key.created_at.map(|at| SystemClock.now().since(at).as_hours() / 24);
    days.map_or_else(|| "-".to_owned(), |days| format!("{days} days"))
}

const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Seals => "seals",
        Standing::Opens => "opens",
        Standing::Missing => "MISSING",
        Standing::Retired => "retired",
    }
}

fn told(seals: &[(&'static str, i64)]) -> String {
    if seals.is_empty() {
        return "nothing".to_owned();
    }
    seals.iter().map(|(about, count)| format!("{count} {about}")).collect::<Vec<_>>().join(", ")
}

async fn rotate(owner: &mut PgConnection, source: &Source, args: &SecretsRotate) -> Result<()> {
    if let (Source::Text(_), false) = (source, args.reseal) {
        println!("{}", KeyRing::generate(SystemClock.now()).first_line());
        eprintln!(
            "This is a fresh key. Put it first in {}, before the keys that are there, separated by a comma or a line's end; restart \
             every instance with it; then run `comptoir secrets rotate --reseal`.",
            source.name()
        );
        return Ok(());
    }
    let how = if args.reseal { Rotate::ToFirstKey } else { Rotate::ToFreshKey };
    let bar = progress();
    let mut tell = |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let rotated = operator::rotate(owner, source, SystemClock.now(), how, &mut tell).await;
    bar.finish_and_clear();
    let rotated = rotated?;
    let fresh = if rotated.is_fresh { "The fresh key" } else { "The key" };
    println!("{fresh} {} seals. {} values were sealed anew with it.", rotated.key, rotated.resealed);
    if let Source::File(path) = source {
        println!("Copy {} to where you keep it apart from the backups.", path.display());
    }
    Ok(())
}

async fn prune(owner: &mut PgConnection, source: &Source) -> Result<()> {
    let pruned = operator::prune(owner, source, SystemClock.now()).await?;
    let names = |ids: &[platform::secret::KeyId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match (source, pruned.dropped.as_slice()) {
        (_, []) => println!("No key is taken out."),
        (Source::File(path), dropped) => println!("Took {} out of {}.", names(dropped), path.display()),
        (Source::Text(_), dropped) => println!("Take {} out of {}: nothing uses it.", names(dropped), source.name()),
    }
    if !pruned.kept.is_empty() {
        println!("{} still seals something: `comptoir secrets rotate --reseal`.", names(&pruned.kept));
    }
    Ok(())
}

async fn forget(owner: &mut PgConnection, source: &Source) -> Result<()> {
    let lost = operator::forget(owner, source, SystemClock.now()).await?;
    println!("Gave up what {} sealed: {}.", lost.keys.join(", "), told(&lost.seals));
    Ok(())
}

fn progress() -> ProgressBar {
    let style = ProgressStyle::with_template("Sealing: {bar:40} {pos}/{len} values, {per_sec}, {eta} left");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

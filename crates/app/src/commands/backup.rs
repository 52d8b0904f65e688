//! `comptoir backup` and `comptoir restore`

use std::sync::Arc;
use std::time::Duration;

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use kernel::SystemClock;
use platform::backup::BackupKind;
use platform::{Error, Result};

use crate::backup::{Backups, Manifest, Source, restore, restore_to};
use crate::cli::{Backup, BackupCommand, Restore};
use crate::config::Config;
use crate::runtime::Database;

/// Runs `comptoir backup`.
pub(super) async fn backup(args: Backup, config: &Config, database: &Database) -> Result<()> {
    let mut owner = database.owner().await?;
    platform::schema::migrate(&mut owner).await?;
    let progress = spinner();
    let backups = Backups::new(config, database, Arc::new(SystemClock)).showing(progress.clone());
    let done = run(args, &backups).await;
    progress.finish_and_clear();
    println!("{}", done?);
    Ok(())
}

async fn run(args: Backup, backups: &Backups) -> Result<String> {
    Ok(match args.command {
        None => {
            let kind = if args.base { BackupKind::Base } else { BackupKind::Dump };
            let made = backups.make(kind).await?;
            format!("Made {}.", described(&made))
        }
        Some(BackupCommand::List) => {
            let lines = backups.list().await?.into_iter().map(|listed| {
                let proven = listed.proven_at.map_or_else(|| "not proven".to_owned(), |at| format!("proven {at}"));
                format!("{} {proven}", described(&listed.manifest))
            });
            let lines = lines.collect::<Vec<_>>().join("\n");
            if lines.is_empty() { "There is no backup.".to_owned() } else { lines }
        }
        Some(BackupCommand::Verify(args)) => {
            let verified = backups.verify(&args.name, args.identity.as_deref()).await?;
            let (object, content) = (&verified.about.object, HumanBytes(verified.content_bytes));
            format!(
                "{object} is whole: SHA-256 {}, {content} of data, {} files.",
                verified.sha256, verified.about.files
            )
        }
        Some(BackupCommand::Drill(args)) => {
            let proof = backups.drill(args.name.as_deref(), args.identity.as_deref()).await?;
            let steps = proof.steps.iter().map(|step| format!("\n  {:28} {:>8} ms", step.name, step.took_ms));
            format!(
                "{} can be restored: {} control totals are equal, {} migrations were applied.{}",
                proof.object,
                proof.figures,
                proof.migrations,
                steps.collect::<String>()
            )
        }
    })
}

fn described(manifest: &Manifest) -> String {
    let about = &manifest.about;
    format!("{} {} {} of Comptoir {}", about.object, about.kind, HumanBytes(manifest.bytes), about.comptoir)
}

/// Runs `comptoir restore`.
pub(super) async fn restore_backup(args: Restore, config: &Config) -> Result<()> {
    let progress = spinner();
    let source = args.name.map(|name| Source { name, identity: args.identity.clone() });
    let done = match (args.to_time, args.into_data_dir, source) {
        (Some(until), Some(into), source) => {
            let restored = restore_to(config, source, args.identity.as_deref(), until, &into, progress.clone()).await;
            restored.map(|restored| {
                let last = restored.last_commit.unwrap_or_else(|| "none since the base backup".to_owned());
                format!(
                    "Restored {} into {}, with the WAL replayed; the last transaction: {last}. {} files are as the base backup has them.",
                    restored.about.object,
                    into.display(),
                    restored.files
                )
            })
        }
        (None, into, Some(source)) => {
            restore(config, &source, into.as_deref(), progress.clone()).await.map(|restored| {
                format!(
                    "Restored {} of {}: {} control totals are equal, {} files came back, {} migrations were applied.",
                    restored.about.object,
                    restored.about.started_at,
                    restored.figures,
                    restored.files,
                    restored.migrations
                )
            })
        }
        (_, _, None) | (Some(_), None, _) => {
            Err(Error::refused("restore", "Name a backup, or an instant with --to-time and --into-data-dir."))
        }
    };
    progress.finish_and_clear();
    println!("{}", done?);
    Ok(())
}

/// The bytes that pass, shown where a person looks.
fn spinner() -> ProgressBar {
    let style =
        ProgressStyle::with_template("{spinner} {bytes} ({bytes_per_sec})").expect("the template is a constant");
    let progress = ProgressBar::new_spinner().with_style(style);
    progress.enable_steady_tick(Duration::from_millis(200));
    progress
}

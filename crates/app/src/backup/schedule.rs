//! Backups and drills that the service does by itself: once for each time they were due, however many instances there are, and
//! late rather than never when none was up.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use kernel::{Timestamp, Zone};
use platform::backup::store::PeriodStanding;
use platform::backup::{BackupKind, store as records};
use platform::signal::Outcome;
use platform::{Error, Result};
use sqlx::{Connection as _, PgConnection};

use super::Backups;
use super::target::Target;
use crate::config::Rhythm;

const LOOK_EVERY: Duration = Duration::from_mins(1);
/// What failed is tried again after this.
const RETRY_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// What is done by schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chore {
    Backup,
    Drill,
}

/// Does what is due, for ever. Whatever fails is recorded, logged and tried again.
pub async fn keep_up(backups: Backups) -> Infallible {
    if let Some(why) = backups.idle_because() {
        tracing::warn!("{why}");
        return std::future::pending().await;
    }
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if let Err(error) = tick(&backups).await {
            tracing::error!(error = platform::redacted(&error.chain()), "a scheduled backup or drill failed");
        }
    }
}

/// Does what is due now; returns what was done.
///
/// The first failure, after everything that is due was tried.
pub async fn tick(backups: &Backups) -> Result<Vec<&'static str>> {
    let settings = &backups.config.backup;
    let mut done = Vec::new();
    let mut failed = None;
    for (chore, rhythm) in [(Chore::Backup, &settings.schedule), (Chore::Drill, &settings.drill)] {
        match backups.do_if_due(chore, rhythm).await {
            Ok(true) => done.push(chore.name()),
            Ok(false) => {}
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    failed.map_or(Ok(done), Err)
}

impl Chore {
    fn name(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Drill => "drill",
        }
    }
}

impl Backups {
    /// Why nothing is backed up here, if nothing is.
    fn idle_because(&self) -> Option<String> {
        match Target::of(&self.config) {
            Ok(Some(_)) if self.database.owner.is_some() => None,
            Ok(Some(_)) => Some(
                "no backup is made: that needs the owner of the schema, in COMPTOIR_OWNER_URL; otherwise backing the database up is yours"
                    .to_owned(),
            ),
            Ok(None) => Some(
                "no backup is made: the database is yours, and so are its backups, unless COMPTOIR_BACKUP_TO says where they go".to_owned(),
            ),
            Err(error) => Some(format!("no backup is made: {}", error.told())),
        }
    }

    async fn do_if_due(&self, chore: Chore, rhythm: &Rhythm) -> Result<bool> {
        let mut owner = self.database.owner().await?;
        let period = self.due(chore, rhythm, &mut owner).await?;
        owner.close().await?;
        let Some(period) = period else { return Ok(false) };
        let mut owner = match self.begin().await {
            Ok(owner) => owner,
            // Somebody is at it; the next round looks again.
            Err(error) if error.code() == "backup_busy" => return Ok(false),
            Err(error) => return Err(error),
        };
        // Somebody may have done it since.
        let done = match self.due(chore, rhythm, &mut owner).await {
            Ok(Some(again)) if again == period => {
                let clock = Instant::now();
                let done = self.do_now(chore, period, &mut owner).await;
                let outcome = if done.is_ok() { Outcome::Fine } else { Outcome::Failed };
                self.signals.service(chore.name(), outcome, clock.elapsed());
                done
            }
            Ok(_) => Ok(false),
            Err(error) => Err(error),
        };
        Self::end(owner).await?;
        done
    }

    /// The time it was last due, when it was not done for that.
    async fn due(&self, chore: Chore, rhythm: &Rhythm, owner: &mut PgConnection) -> Result<Option<Timestamp>> {
        // Without a tenant there is nothing to lose yet, and what was due before the first is nobody's.
        let Some((zone, since)) = records::find_installation(owner).await? else { return Ok(None) };
        let zone = Zone::named(&zone).map_err(|error| Error::internal("reading the installation's zone", error))?;
        let now = self.now();
        let Some(period) = rhythm.last_due(now, &zone).filter(|period| *period >= since) else { return Ok(None) };
        let standing = match chore {
            Chore::Backup => records::backup_period(owner, BackupKind::Dump, period).await?,
            Chore::Drill => records::proof_period(owner, period).await?,
        };
        Ok(is_due(standing, now).then_some(period))
    }

    async fn do_now(&self, chore: Chore, period: Timestamp, owner: &mut PgConnection) -> Result<bool> {
        match chore {
            Chore::Backup => {
                let made = self.make_recorded(owner, BackupKind::Dump, Some(period)).await?;
                tracing::info!(object = made.about.object, bytes = made.bytes, "a backup was made");
            }
            Chore::Drill => match self.drill_recorded(owner, None, None, Some(period)).await {
                Ok(proof) => tracing::info!(object = proof.object, figures = proof.figures, "a restore was proven"),
                // There is nothing to prove yet.
                Err(error) if error.code() == "no_such_backup" => return Ok(false),
                Err(error) => return Err(error),
            },
        }
        Ok(true)
    }
}

fn is_due(standing: PeriodStanding, now: Timestamp) -> bool {
    let rested = standing.last_failed_at.is_none_or(|failed| now.since(failed) >= RETRY_AFTER);
    !standing.is_taken && rested
}

//! Backups: there is a fresh one, and it was proven that it can be restored.

use jiff::SignedDuration;
use kernel::Timestamp;

use crate::backup::{BackupState, ProofState, Standing, store};
use crate::check::CheckSeverity::{Critical, Warning};
use crate::check::{Check, Outcome, Section};
use crate::{Ctx, Registry, Result, schema};

/// A backup is made nightly, and may take its time (spec/field.md 10.3).
pub(super) const FRESH: SignedDuration = SignedDuration::from_hours(26);

/// A restore is proven at least monthly.
const PROVEN: SignedDuration = SignedDuration::from_hours(35 * 24);

pub(super) fn register(registry: &mut Registry) {
    let check = |id, severity, proves| Check::called(id, Section::Backups, severity, proves);
    registry.check(
        check("backups.age", Critical, "There is a backup that is not older than 26 hours.")
            .how("the last backup that succeeded, as it was recorded; nothing is asked of an installation of that age")
            .mend("`comptoir backup` makes one now, and says what is in the way; the schedule is COMPTOIR_BACKUP_SCHEDULE.")
            .probes(|ctx| async move {
                let (standing, installed_at) = known(&ctx).await?;
                Ok(age(&standing, installed_at, ctx.now()))
            }),
    );
    registry.check(
        check("backups.proven", Critical, "A backup was restored and worked with within 35 days.")
            .how("the last proof that succeeded: a backup restored into a scratch database, compared and worked with")
            .mend("`comptoir backup drill` tries it now; the schedule is COMPTOIR_BACKUP_DRILL.")
            .probes(|ctx| async move {
                let (standing, installed_at) = known(&ctx).await?;
                Ok(proven(&standing, installed_at, ctx.now()))
            }),
    );
    registry.check(
        check("backups.succeed", Warning, "The last backup and the last proof of a restore succeeded.")
            .how("how each ended, as it was recorded")
            .mend("The reason is in the finding; `comptoir backup` and `comptoir backup drill` try again.")
            .probes(|ctx| async move { Ok(succeed(&known(&ctx).await?.0)) }),
    );
}

async fn known(ctx: &Ctx) -> Result<(Standing, Timestamp)> {
    let standing = store::get_standing(ctx.platform()).await?;
    Ok((standing, schema::installed_at(ctx.platform().pool()).await?))
}

fn age(standing: &Standing, installed_at: Timestamp, now: Timestamp) -> Outcome {
    match standing.last_success_at {
        Some(at) => {
            let is_old = at < now.minus(FRESH);
            Outcome::of_texts(1, is_old.then(|| format!("the last one that succeeded was begun at {at}")))
        }
        None if installed_at > now.minus(FRESH) => {
            Outcome::NotApplicable("The installation is younger than a night.".to_owned())
        }
        None => Outcome::of_texts(1, ["none ever succeeded"]),
    }
}

fn proven(standing: &Standing, installed_at: Timestamp, now: Timestamp) -> Outcome {
    match standing.last_proven_at {
        Some(at) => {
            let is_old = at < now.minus(PROVEN);
            Outcome::of_texts(1, is_old.then(|| format!("the last proof was at {at}")))
        }
        None if installed_at > now.minus(PROVEN) => {
            Outcome::NotApplicable("The installation is younger than 35 days.".to_owned())
        }
        None => Outcome::of_texts(1, ["none was ever proven"]),
    }
}

fn succeed(standing: &Standing) -> Outcome {
    let reason = |error: &Option<String>| error.clone().unwrap_or_else(|| "no reason was recorded".to_owned());
    let backup = match standing.last_state {
        Some(BackupState::Failed | BackupState::Abandoned) => Some(format!("backup: {}", reason(&standing.last_error))),
        Some(BackupState::Running | BackupState::Succeeded) | None => None,
    };
    let proof = match standing.last_proof_state {
        Some(ProofState::Failed | ProofState::Abandoned) => {
            Some(format!("proof: {}", reason(&standing.last_proof_error)))
        }
        Some(ProofState::Running | ProofState::Succeeded) | None => None,
    };
    let tried = usize::from(standing.last_state.is_some()) + usize::from(standing.last_proof_state.is_some());
    if tried == 0 {
        return Outcome::NotApplicable("No backup was tried yet.".to_owned());
    }
    Outcome::of_texts(tried, backup.into_iter().chain(proof))
}

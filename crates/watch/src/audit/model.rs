//! What a run of the audit says, and its score.

use kernel::{AuditRunId, Timestamp};
use platform::check::{Check, CheckSeverity, Evidence, Outcome, Section};
use platform::job::JobState;
use serde::{Deserialize, Serialize};

platform::words! {
    /// What made the audit run.
    AuditCause {
        /// Every night.
        Schedule = "schedule",
        /// A person, in the console.
        Person = "person",
        /// The command line.
        Command = "command",
    }

    /// How a check ended.
    CheckStatus {
        /// What it proves holds.
        Clean = "clean",
        /// It does not.
        Found = "found",
        /// It could not be run, and has proven nothing.
        Failed = "failed",
        /// There is nothing here to prove it of.
        NotApplicable = "not_applicable",
    }
}

/// How one check ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CheckResult {
    /// The check, such as `money.entries_balance`.
    pub id: String,
    /// How it ended.
    pub status: CheckStatus,
    /// How many things were looked at.
    pub examined: i64,
    /// How many of them are not as they must be.
    pub found: i64,
    /// The first of them.
    pub evidence: Vec<Evidence>,
    /// Why it could not be run, or what there is nothing of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// How long it took, in milliseconds.
    pub ms: u64,
}

impl CheckResult {
    /// How the check `id` ended after `ms`.
    pub fn of(id: &str, outcome: Result<Outcome, String>, ms: u64) -> Self {
        let bare =
            |status, why| Self { id: id.to_owned(), status, examined: 0, found: 0, evidence: Vec::new(), why, ms };
        match outcome {
            Ok(Outcome::Clean { examined }) => Self { examined, ..bare(CheckStatus::Clean, None) },
            Ok(Outcome::Found { examined, found, evidence }) => {
                Self { examined, found, evidence, ..bare(CheckStatus::Found, None) }
            }
            Ok(Outcome::NotApplicable(why)) => bare(CheckStatus::NotApplicable, Some(why)),
            Err(why) => bare(CheckStatus::Failed, Some(why)),
        }
    }

    /// Whether somebody must look: what was found, and what could not be proven.
    pub fn is_finding(&self) -> bool {
        matches!(self.status, CheckStatus::Found | CheckStatus::Failed)
    }
}

/// How many findings of each weight a run had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FindingCounts {
    /// Somebody must look now.
    pub critical: i32,
    /// Somebody should look soon.
    pub warning: i32,
    /// Good to know.
    pub info: i32,
}

impl FindingCounts {
    /// Counts the findings among `results`; each weighs as much as its check.
    pub fn of(results: &[CheckResult], checks: &[Check]) -> Self {
        let mut counts = Self::default();
        for result in results.iter().filter(|result| result.is_finding()) {
            let check = checks.iter().find(|check| check.id == result.id);
            match check.map_or(CheckSeverity::Warning, |check| check.severity) {
                CheckSeverity::Critical => counts.critical += 1,
                CheckSeverity::Warning => counts.warning += 1,
                CheckSeverity::Info => counts.info += 1,
            }
        }
        counts
    }

    /// All of them.
    pub const fn total(self) -> i32 {
        self.critical + self.warning + self.info
    }

    /// From 100, when there is none, down to 0: a critical one takes 15, a warning 5, another 1.
    pub fn score(self) -> i32 {
        let lost = i64::from(self.critical) * 15 + i64::from(self.warning) * 5 + i64::from(self.info);
        i32::try_from((100 - lost).max(0)).unwrap_or(0)
    }
}

/// A run of the audit without what each check found.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct AuditRun {
    /// The run.
    pub id: AuditRunId,
    /// What made it run.
    pub cause: AuditCause,
    /// Who asked for it.
    pub asked_by: String,
    /// The parts that were looked at; none named, all.
    pub sections: Vec<Section>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// From 0 to 100; 100 when nothing was found.
    pub score: i32,
    /// How many checks were run.
    pub checks: i32,
    /// How many of them found something.
    #[serde(flatten)]
    pub counts: FindingCounts,
}

/// A run of the audit with what each check found.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct AuditReport {
    /// The run.
    #[serde(flatten)]
    pub run: AuditRun,
    /// Each check, in the order of the report.
    pub results: Vec<CheckResult>,
}

/// An audit that a person asked for and that has not ended yet, or could not be run.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct AskedAudit {
    /// Where its job stands: `queued`, `running`, or `dead` when it could not be run.
    pub state: JobState,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// By whom.
    pub asked_by: String,
    /// The parts; none named, all.
    pub sections: Vec<Section>,
    /// How long it may take in milliseconds, by how long its checks took the last time; none when they were never run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_ms: Option<u64>,
    /// Why it could not be run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_falls_with_the_weight_of_what_was_found_and_never_below_nothing() {
        let counts = |critical, warning, info| FindingCounts { critical, warning, info };
        for (found, score) in [
            (counts(0, 0, 0), 100),
            (counts(0, 0, 1), 99),
            (counts(0, 2, 0), 90),
            (counts(1, 1, 1), 79),
            (counts(7, 0, 0), 0),
            (counts(i32::MAX, i32::MAX, i32::MAX), 0),
        ] {
            assert_eq!(found.score(), score, "{found:?}");
        }
    }

    #[test]
    fn a_check_that_could_not_be_run_is_a_finding_and_one_without_anything_to_prove_is_none() {
        let of = |outcome| CheckResult::of("money.x", outcome, 3).is_finding();
        assert!(of(Err("the database is away".into())));
        assert!(of(Ok(Outcome::of_texts(1, ["odd"]))));
        assert!(!of(Ok(Outcome::Clean { examined: 0 })));
        assert!(!of(Ok(Outcome::NotApplicable("no mail server".into()))));
    }
}

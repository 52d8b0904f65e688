//! `comptoir job`

use clap::{Args, Subcommand};
use kernel::{JobId, Timestamp};

use super::tenant::parse_slug;

/// `comptoir job`
#[derive(Clone, Subcommand)]
pub enum JobCommand {
    /// Run a scheduled job now, as the scheduler would
    #[command(after_help = "Examples:\n  comptoir job run daily-delivery --tenant martin\n  \
        comptoir job run daily-delivery --tenant martin --at 2026-02-14T07:00:00Z")]
    Run(JobRun),
    /// List the jobs that wait, run or need a person
    List(JobList),
    /// Put a dead job back into the queue
    #[command(after_help = "Example:\n  comptoir job requeue 019c5a4e-7f3a-7c10-8f00-0242ac120002 --tenant martin")]
    Requeue(JobRequeue),
}

/// `comptoir job run`
#[derive(Clone, Args)]
pub struct JobRun {
    /// The name of the schedule
    pub name: String,
    /// The slug of the tenant
    #[arg(long, value_name = "SLUG", value_parser = parse_slug)]
    pub tenant: String,
    /// The instant to run it for, as RFC 3339 [default: now]
    #[arg(long, value_name = "INSTANT")]
    pub at: Option<Timestamp>,
}

/// `comptoir job list`
#[derive(Clone, Args)]
pub struct JobList {
    /// The slug of the tenant
    #[arg(long, value_name = "SLUG", value_parser = parse_slug)]
    pub tenant: String,
}

/// `comptoir job requeue`
#[derive(Clone, Args)]
pub struct JobRequeue {
    /// The job, as `comptoir job list` shows it
    pub id: JobId,
    /// The slug of the tenant
    #[arg(long, value_name = "SLUG", value_parser = parse_slug)]
    pub tenant: String,
}

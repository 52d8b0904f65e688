//! `comptoir audit`

use std::path::PathBuf;

use clap::Args;
use kernel::Timestamp;
use platform::check::Section;

use super::tenant::parse_slug;

/// `comptoir audit`
#[derive(Clone, Args)]
pub struct Audit {
    /// Only these parts of the audit; may be given several times
    #[arg(long = "section", value_name = "SECTION", value_parser = parse_section)]
    pub sections: Vec<Section>,
    /// Only the tenant with this slug [default: every tenant]
    #[arg(long, value_name = "SLUG", value_parser = parse_slug)]
    pub tenant: Option<String>,
    /// As JSON, for scripts
    #[arg(long, conflicts_with = "html")]
    pub json: bool,
    /// As a page to be printed, into this file
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Tell also which findings opened or closed since this instant or day, as RFC 3339
    #[arg(long, value_name = "INSTANT", value_parser = parse_since)]
    pub since: Option<Timestamp>,
    /// List the checks with what they prove, and run none; with --json the kinds of alerts too
    #[arg(long, conflicts_with_all = ["tenant", "html", "since"])]
    pub list: bool,
}

fn parse_section(text: &str) -> Result<Section, String> {
    text.parse()
}

/// An instant, or a day, which begins in UTC.
fn parse_since(text: &str) -> Result<Timestamp, String> {
    let day = format!("{text}T00:00:00Z");
    text.parse().or_else(|_| day.parse()).map_err(|_| "must be an instant or a day, such as 2026-02-14".to_owned())
}

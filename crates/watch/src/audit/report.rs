//! The report that an auditor would print: as text for a terminal, as one page of HTML for paper.

use std::fmt::Write as _;

use kernel::{Timestamp, Zone};
use maud::{DOCTYPE, Markup, html};
use platform::check::{Check, Section};

use super::model::{AuditReport, CheckResult, CheckStatus};
use super::radius::BlastRadius;
use crate::alerts::model::Alert;

/// A tenant's audit with what is needed to print it.
pub struct Printed<'a> {
    /// The tenant's slug.
    pub tenant: &'a str,
    /// The zone that instants are printed in.
    pub zone: &'a Zone,
    /// The run.
    pub report: &'a AuditReport,
    /// Its checks.
    pub checks: &'a [Check],
    /// What reaches how far as it stands now, where that part of the report was asked for.
    pub radius: Option<&'a BlastRadius>,
    /// From when on changes are told, and the findings that opened or closed since.
    pub since: Option<(Timestamp, &'a [Alert])>,
}

impl Printed<'_> {
    /// Each section that was looked at, with its checks and how they ended.
    fn sections(&self) -> Vec<(Section, Vec<(&Check, &CheckResult)>)> {
        let of = |section: Section| {
            let results = self.report.results.iter();
            results.filter_map(move |result| {
                let check = self.checks.iter().find(|check| check.id == result.id)?;
                (check.section == section).then_some((check, result))
            })
        };
        let sections = Section::ALL.iter().map(|section| (*section, of(*section).collect::<Vec<_>>()));
        sections.filter(|(_, checks)| !checks.is_empty()).collect()
    }

    fn instant(&self, at: Timestamp) -> String {
        at.jiff().to_zoned(self.zone.jiff().clone()).strftime("%Y-%m-%d %H:%M %Z").to_string()
    }

    fn title(&self) -> String {
        format!("Audit of {}, {}", self.tenant, self.instant(self.report.run.finished_at))
    }

    fn summary(&self) -> String {
        let run = &self.report.run;
        let counts = run.counts;
        if counts.total() == 0 {
            return format!("Score {} of 100: {} checks, nothing found.", run.score, run.checks);
        }
        format!(
            "Score {} of 100: {} checks; found: {} critical, {} warning, {} info.",
            run.score, run.checks, counts.critical, counts.warning, counts.info
        )
    }

    /// The report for a terminal.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n{}\n", self.title(), self.summary());
        for (section, checks) in self.sections() {
            write!(text, "\n{}\n", heading(section)).expect("writing to a string cannot fail");
            for (check, result) in checks {
                text.push_str(&lines(check, result));
            }
        }
        if let Some(radius) = self.radius {
            text.push_str(&radius.text());
        }
        if let Some((since, changed)) = self.since {
            write!(text, "\nSince {}\n", self.instant(since)).expect("writing to a string cannot fail");
            text.push_str(&self.changes(since, changed).join("\n"));
            text.push('\n');
        }
        text
    }

    fn changes(&self, since: Timestamp, changed: &[Alert]) -> Vec<String> {
        if changed.is_empty() {
            return vec!["  No finding opened or closed.".to_owned()];
        }
        let opened = changed.iter().filter(|alert| alert.opened_at >= since);
        let opened = opened.map(|alert| (alert.opened_at, format!("opened  {}", alert.subject)));
        let closed =
            changed.iter().filter_map(|alert| Some((alert.resolved_at?, format!("closed  {}", alert.subject))));
        let mut all: Vec<_> = opened.chain(closed).collect();
        all.sort();
        all.into_iter().map(|(at, what)| format!("  {}  {what}", self.instant(at))).collect()
    }

    /// The report as a page that needs nothing else, to be printed.
    pub fn html(&self) -> Markup {
        let since = self.since.map(|(since, changed)| (since, self.changes(since, changed)));
        html! {
            article {
                h1 { (self.title()) }
                p.summary { (self.summary()) }
                @for (section, checks) in self.sections() {
                    section {
                        h2 { (heading(section)) }
                        @for (check, result) in checks { (row(check, result)) }
                    }
                }
                @if let Some(radius) = self.radius { (radius.html()) }
                @if let Some((since, changes)) = since {
                    section {
                        h2 { "Since " (self.instant(since)) }
                        ul { @for change in changes { li { (change) } } }
                    }
                }
            }
        }
    }
}

/// A whole page of reports.
pub fn page(reports: &[Markup]) -> String {
    const STYLE: &str = include_str!("report.css");
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Audit" }
                style { (maud::PreEscaped(STYLE)) }
            }
            body { main { @for report in reports { (report) } } }
        }
    };
    page.into_string()
}

fn row(check: &Check, result: &CheckResult) -> Markup {
    html! {
        div.check.(word(result)) {
            p.proves { span.mark { (mark(result)) } " " (check.proves) }
            p.facts { code { (check.id) } " · " (check.severity) " · " (measure(result)) }
            p.how { (check.how) }
            @if let Some(why) = &result.why { p.why { (why) } }
            @if result.is_finding() {
                ul { @for evidence in &result.evidence {
                    li { (evidence.text) @if let Some(id) = &evidence.id { " " code { (id) } } }
                } }
                p.mend { strong { "Mend: " } (check.mend) }
            }
        }
    }
}

fn lines(check: &Check, result: &CheckResult) -> String {
    let mut text = format!("  {} {:44} {}\n", mark(result), check.id, check.proves);
    let mut line = |indent: usize, words: &str| {
        writeln!(text, "{:indent$}{words}", "").expect("writing to a string cannot fail");
    };
    if let Some(why) = &result.why {
        line(6, why);
    }
    if result.is_finding() {
        line(6, &format!("{}; {}", check.severity, measure(result)));
        line(6, &format!("looked at: {}", check.how));
        for evidence in &result.evidence {
            let id = evidence.id.as_deref().map(|id| format!(" [{id}]")).unwrap_or_default();
            line(8, &format!("- {}{id}", evidence.text));
        }
        let shown = i64::try_from(result.evidence.len()).unwrap_or(i64::MAX);
        if result.found > shown {
            line(8, &format!("- … and {} more", result.found - shown));
        }
        line(6, &format!("mend: {}", check.mend));
    }
    text
}

fn measure(result: &CheckResult) -> String {
    match result.status {
        CheckStatus::Clean => format!("{} looked at, {} ms", result.examined, result.ms),
        CheckStatus::Found => format!("{} found among {}, {} ms", result.found, result.examined, result.ms),
        CheckStatus::Failed => format!("could not be run, {} ms", result.ms),
        CheckStatus::NotApplicable => "does not apply".to_owned(),
    }
}

const fn mark(result: &CheckResult) -> &'static str {
    match result.status {
        CheckStatus::Clean => "✓",
        CheckStatus::Found => "✗",
        CheckStatus::Failed => "!",
        CheckStatus::NotApplicable => "–",
    }
}

const fn word(result: &CheckResult) -> &'static str {
    result.status.as_str()
}

/// The section as a heading.
pub const fn heading(section: Section) -> &'static str {
    match section {
        Section::Architecture => "Architecture and blast radius",
        Section::Endpoints => "Endpoints and guards",
        Section::Isolation => "Isolation",
        Section::Lifecycles => "Lifecycles",
        Section::Leads => "Leads and deliveries",
        Section::Money => "Money",
        Section::Jobs => "Jobs",
        Section::Schema => "Schema",
        Section::Security => "Security configuration",
        Section::MailDomain => "Mail domain",
        Section::Backups => "Backups",
        Section::Capacity => "Capacity",
    }
}

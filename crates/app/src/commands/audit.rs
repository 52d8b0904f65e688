//! `comptoir audit`: what it does.

use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use kernel::SystemClock;
use platform::check::{Check, Section};
use platform::{Ctx, Error, Platform, Result};
use serde_json::{Value, json};
use watch::alerts::model::Alert;
use watch::audit::model::{AuditCause, AuditReport};
use watch::audit::ops::{self, Assignment};
use watch::audit::radius::{self, BlastRadius};
use watch::audit::report::{self, Printed};

use super::{COMMAND_LINE, unconnected};
use crate::cli::Audit;
use crate::config::Config;
use crate::runtime::{self, Database};
use crate::{http, telemetry, watching};

/// A tenant's part of the audit.
struct Audited {
    ctx: Ctx,
    report: AuditReport,
    checks: Vec<Check>,
    radius: Option<BlastRadius>,
    changed: Vec<Alert>,
}

/// Prints the checks; as JSON with the kinds of alerts.
pub(super) fn list(args: &Audit) -> Result<()> {
    let platform = unconnected()?;
    if args.json {
        return print_json(&watching::described(platform.registry(), &args.sections));
    }
    for check in watching::checks(platform.registry(), &args.sections) {
        println!("{:46} {:8} {}", check.id, check.severity, check.proves);
    }
    Ok(())
}

/// Audits, prints the report, and keeps it.
///
/// Refused when something was found, so that scripts see it.
pub(super) async fn run(args: &Audit, config: &Config, database: &Database) -> Result<()> {
    let platform = runtime::platform(config, database, Arc::new(SystemClock)).await?;
    let mut audited = Vec::new();
    for ctx in tenants(&platform, args).await? {
        audited.push(audit(ctx, args).await?);
    }
    platform::live::flush(&platform).await;
    print(args, &audited)?;
    let findings: i32 = audited.iter().map(|audited| audited.report.run.counts.total()).sum();
    match findings {
        0 => Ok(()),
        1 => Err(Error::refused("audit_findings", "The audit has one finding.")),
        several => Err(Error::refused("audit_findings", format!("The audit has {several} findings."))),
    }
}

async fn tenants(platform: &Platform, args: &Audit) -> Result<Vec<Ctx>> {
    if let Some(slug) = &args.tenant {
        return Ok(vec![platform.act_in_named(Some(slug), COMMAND_LINE, "cli").await?]);
    }
    let mut tenants = Vec::new();
    for id in platform::tenancy::tenant_ids(platform).await? {
        tenants.push(platform.act_in(id, COMMAND_LINE, "cli").await?);
    }
    if tenants.is_empty() {
        return Err(Error::refused("no_tenant", "There is no tenant to audit; `comptoir tenant create` makes one."));
    }
    Ok(tenants)
}

async fn audit(ctx: Ctx, args: &Audit) -> Result<Audited> {
    let checks = ops::checks(&ctx, &args.sections);
    let style = ProgressStyle::with_template("{msg:44} {wide_bar} {pos}/{len}");
    let bar = ProgressBar::new(checks.len() as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let assignment = Assignment {
        sections: args.sections.clone(),
        cause: AuditCause::Command,
        asked_by: COMMAND_LINE.name().to_owned(),
    };
    let report = ops::run_audit(&ctx, assignment, |check, _| {
        bar.set_message(check.id);
        bar.inc(1);
    });
    let report = report.await?;
    bar.finish_and_clear();
    let changed = match args.since {
        Some(since) => ops::changes_since(&ctx, since).await?,
        None => Vec::new(),
    };
    let radius = if args.sections.is_empty() || args.sections.contains(&Section::Architecture) {
        let routes = http::build(ctx.platform(), telemetry::no_metrics()).routes;
        Some(radius::draw(&mut ctx.read().await?, &routes).await?)
    } else {
        None
    };
    Ok(Audited { ctx, report, checks, radius, changed })
}

fn print(args: &Audit, audited: &[Audited]) -> Result<()> {
    let printed: Vec<_> = audited
        .iter()
        .map(|one| Printed {
            tenant: &one.ctx.tenant().slug,
            zone: &one.ctx.tenant().zone,
            report: &one.report,
            checks: &one.checks,
            radius: one.radius.as_ref(),
            since: args.since.map(|since| (since, one.changed.as_slice())),
        })
        .collect();
    if args.json {
        let all = audited.iter().map(|one| {
            let mut report = serde_json::to_value(&one.report)?;
            report["tenant"] = json!(one.ctx.tenant().slug);
            if let Some(radius) = &one.radius {
                report["blast_radius"] = serde_json::to_value(radius)?;
            }
            if args.since.is_some() {
                report["changed"] = serde_json::to_value(&one.changed)?;
            }
            Ok(report)
        });
        let all: serde_json::Result<Vec<Value>> = all.collect();
        return print_json(&Value::from(all.map_err(|error| Error::internal("writing a report", error))?));
    }
    if let Some(file) = &args.html {
        let pages: Vec<_> = printed.iter().map(Printed::html).collect();
        std::fs::write(file, report::page(&pages))
            .map_err(|error| Error::refused("file", format!("Cannot write {}: {error}.", file.display())))?;
        eprintln!("The report is in {}.", file.display());
        return Ok(());
    }
    for one in printed {
        println!("{}", one.text());
    }
    Ok(())
}

fn print_json(value: &Value) -> Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Error::internal("writing a report", error))?;
    println!("{text}");
    Ok(())
}

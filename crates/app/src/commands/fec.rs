//! `comptoir fec …`: what it does.

use std::fs::File;
use std::io::{BufReader, Write as _};
use std::path::Path;
use std::sync::Arc;

use kernel::SystemClock;
use ledger::fec::export;
use ledger::fec::verify::{Gravity, Report, verify};
use platform::{Error, Event, Result};
use serde_json::json;

use super::COMMAND_LINE;
use crate::cli::{FecExport, FecVerify};
use crate::config::Config;
use crate::runtime::{self, Database};

/// Checks a file and prints what was found.
///
/// Refused when a rule is broken, so that scripts see it.
pub(super) fn check(args: &FecVerify) -> Result<()> {
    let name = args.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let file = File::open(&args.file).map_err(|error| unusable(&args.file, &error))?;
    let shown = usize::try_from(args.max).unwrap_or(usize::MAX);
    let report = verify(&name, BufReader::with_capacity(1 << 18, file), shown);
    let report = report.map_err(|error| unusable(&args.file, &error))?;
    if args.json {
        let text = serde_json::to_string_pretty(&report);
        println!("{}", text.map_err(|error| Error::internal("writing a report", error))?);
    } else {
        print(&report);
    }
    if report.is_sound() {
        return Ok(());
    }
    Err(Error::refused("fec_unsound", format!("{} breaks the rules; errors: {}.", args.file.display(), report.errors)))
}

fn print(report: &Report) {
    for finding in &report.findings {
        let gravity = if finding.gravity == Gravity::Error { "error" } else { "warning" };
        let place = if finding.line == 0 { "file".to_owned() } else { format!("line {}", finding.line) };
        println!("{place}: {gravity}: {} [{}]", finding.message, finding.rule);
    }
    let hidden = (report.errors + report.warnings).saturating_sub(report.findings.len() as u64);
    if hidden > 0 {
        println!("… and {hidden} more; --max shows them.");
    }
    println!(
        "Lines: {}; entries: {}; debit: {}; credit: {}; errors: {}; warnings: {}.",
        report.lines, report.entries, report.debit, report.credit, report.errors, report.warnings
    );
}

/// Writes the file of a fiscal year: beside its place first, so that a part of it never passes for the whole.
pub(super) async fn write(args: FecExport, config: &Config, database: &Database) -> Result<()> {
    let platform = runtime::platform(config, database, Arc::new(SystemClock)).await?;
    let ctx = platform.act_in_named(Some(&args.tenant), COMMAND_LINE, "cli").await?;
    let entity = ctx.write_entity(Some(&args.entity))?.id;
    let mut export = export::FecExport::begin(&ctx, entity, args.year, args.delimiter.into()).await?;
    let target = if args.file.is_dir() { args.file.join(&export.name) } else { args.file.clone() };
    let part = target.with_extension("part");
    let refused = |error: std::io::Error| unusable(&part, &error);
    let mut file = File::create(&part).map_err(refused)?;
    let mut lines = 0;
    while let Some(text) = export.next().await? {
        lines += text.bytes().filter(|b| *b == b'\n').count();
        file.write_all(text.as_bytes()).map_err(refused)?;
    }
    file.sync_all().map_err(refused)?;
    std::fs::rename(&part, &target).map_err(|error| unusable(&target, &error))?;
    let mut tx = ctx.begin().await?;
    let details = json!({ "year": args.year, "file": export.name });
    tx.emit(Event::new("fec_exported", "tenant", ctx.tenant().id).entity(entity).details(details));
    tx.commit().await?;
    println!("Wrote {} lines to {}.", lines.saturating_sub(1), target.display());
    Ok(())
}

fn unusable(file: &Path, error: &std::io::Error) -> Error {
    Error::refused("file", format!("Cannot use {}: {error}.", file.display()))
}

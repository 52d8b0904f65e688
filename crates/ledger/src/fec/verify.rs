//! Checking any *fichier des écritures comptables* by the published rules (LPF art. A47 A-1): line by line, in memory that does not
//! grow with it.

mod columns;
mod text;

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use serde::Serialize;

use columns::{Layout, Row};
use text::Lines;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gravity {
    /// The file may pass, and somebody should look.
    Warning,
    /// The file breaks a rule.
    Error,
}

/// Something that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The line, counted from 1; 0 is the file as a whole.
    pub line: u64,
    /// The rule, as a stable word.
    pub rule: &'static str,
    /// How grave it is.
    pub gravity: Gravity,
    /// What is wrong.
    pub message: String,
}

/// What was found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Lines below the header.
    pub lines: u64,
    /// Entries.
    pub entries: u64,
    /// The sum of debits, as in the file.
    pub debit: String,
    /// The sum of credits, as in the file.
    pub credit: String,
    /// How many rules are broken how often.
    pub errors: u64,
    /// How often somebody should look.
    pub warnings: u64,
    /// The first findings.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether no rule is broken.
    pub const fn is_sound(&self) -> bool {
        self.errors == 0
    }
}

/// Journals beyond these are not followed: a file that has more is broken in other ways.
const JOURNALS: usize = 5000;

/// Checks the file called `name`; keeps at most `shown` findings and counts all.
///
/// Fails when it cannot be read to its end.
pub fn verify(name: &str, reader: impl BufRead, shown: usize) -> io::Result<Report> {
    let mut check = Check { shown, closes_on: None, ..Check::default() };
    check.name(name);
    let mut lines = Lines::new(reader);
    let mut layout = None;
    while let Some(line) = lines.next()? {
        check.line = line.number;
        for (rule, gravity, message) in line.problems {
            check.found(rule, gravity, message);
        }
        if line.text.trim().is_empty() {
            if line.is_ended || line.number == 1 {
                check.error("empty_line", "is empty");
            }
            continue;
        }
        let Some(known) = &layout else {
            match Layout::read(&line.text) {
                Ok((found, problems)) => {
                    for problem in problems {
                        check.error("header", problem);
                    }
                    layout = Some(found);
                    continue;
                }
                Err(why) => {
                    check.error("header", why);
                    return Ok(check.report(false));
                }
            }
        };
        check.row(known, &line.text);
    }
    check.line = 0;
    Ok(check.report(layout.is_some()))
}

#[derive(Default)]
struct Check {
    shown: usize,
    line: u64,
    report: Report,
    closes_on: Option<u32>,
    debit: i128,
    credit: i128,
    entry: Option<OpenEntry>,
    journals: BTreeMap<String, Numbers>,
    all: Numbers,
    gaps: Vec<Finding>,
    gap_count: u64,
    last_validated: Option<u32>,
    is_past_opening: bool,
}

/// The entry whose lines are being read.
struct OpenEntry {
    journal: String,
    number: String,
    line: u64,
    on: u32,
    debit: i128,
    credit: i128,
}

/// How far a numbering has come.
#[derive(Default)]
struct Numbers {
    last: Option<u64>,
    is_broken: bool,
}

impl Check {
    fn found(&mut self, rule: &'static str, gravity: Gravity, message: impl Into<String>) {
        match gravity {
            Gravity::Error => self.report.errors += 1,
            Gravity::Warning => self.report.warnings += 1,
        }
        if self.report.findings.len() < self.shown {
            self.report.findings.push(Finding { line: self.line, rule, gravity, message: message.into() });
        }
    }

    fn error(&mut self, rule: &'static str, message: impl Into<String>) {
        self.found(rule, Gravity::Error, message);
    }

    fn warn(&mut self, rule: &'static str, message: impl Into<String>) {
        self.found(rule, Gravity::Warning, message);
    }

    /// `{SIREN}FEC{closing day}.txt`.
    fn name(&mut self, name: &str) {
        let stem = name.strip_suffix(".txt").or_else(|| name.strip_suffix(".TXT"));
        let parts = stem.and_then(|stem| stem.split_once("FEC").or_else(|| stem.split_once("fec")));
        let parts = parts.filter(|(siren, day)| is_digits(siren, 9) && is_digits(day, 8));
        let Some((siren, day)) = parts else {
            self.error("name", format!("the file is called {name:?}, and must be called {{SIREN}}FEC{{YYYYMMDD}}.txt"));
            return;
        };
        if !is_siren(siren) {
            self.error("name", format!("{siren} is no SIREN: its check digit is wrong"));
        }
        self.closes_on = text::date(day);
        if self.closes_on.is_none() {
            self.error("name", format!("{day} is no day on which a fiscal year could close"));
        }
    }

    fn row(&mut self, layout: &Layout, line: &str) {
        self.report.lines += 1;
        let row = match layout.row(line) {
            Ok(row) => row,
            Err(count) => {
                self.error("columns", format!("has {count} columns instead of 18"));
                return;
            }
        };
        self.mandatory(&row);
        let dates = self.dates(&row);
        self.account(&row);
        self.pairs(&row);
        let amounts = self.amounts(&row);
        self.entry(&row, dates, amounts);
    }

    fn mandatory(&mut self, row: &Row<'_>) {
        for (name, value) in row.mandatory() {
            if value.trim().is_empty() {
                self.error("mandatory", format!("{name} is empty"));
            }
        }
    }

    fn dates(&mut self, row: &Row<'_>) -> (Option<u32>, Option<u32>) {
        let mut read = |name: &'static str, value: &str, is_needed: bool| {
            let value = value.trim();
            let date = text::date(value);
            if date.is_none() && (is_needed || !value.is_empty()) && !value.is_empty() {
                self.error("date", format!("{name} {value:?} is no day written YYYYMMDD"));
            }
            date
        };
        let on = read("EcritureDate", row.on, true);
        let piece_on = read("PieceDate", row.piece_on, true);
        let lettered_on = read("DateLet", row.lettered_on, false);
        let validated = read("ValidDate", row.validated, true);
        if let (Some(on), Some(closes_on)) = (on, self.closes_on)
            && on > closes_on
        {
            self.error("period", format!("EcritureDate {on} lies after the fiscal year closes on {closes_on}"));
        }
        // A fiscal year has 24 months at most.
        if let (Some(on), Some(closes_on)) = (on, self.closes_on)
            && on + 20_000 <= closes_on
        {
            self.error(
                "period",
                format!("EcritureDate {on} lies more than 24 months before the fiscal year closes on {closes_on}"),
            );
        }
        if let (Some(on), Some(validated)) = (on, validated)
            && validated < on
        {
            self.warn("validated_before_booked", format!("ValidDate {validated} lies before EcritureDate {on}"));
        }
        if let (Some(lettered), Some(piece)) = (lettered_on, piece_on)
            && lettered < piece
            && lettered < on.unwrap_or(piece)
        {
            self.warn("lettered_before_booked", format!("DateLet {lettered} lies before the line it letters"));
        }
        self.order(row, validated);
        (on, validated)
    }

    /// Lines stand in the order of their validation; those that open the year stand before all others.
    fn order(&mut self, row: &Row<'_>, validated: Option<u32>) {
        let is_opening = matches!(row.journal.trim().to_ascii_uppercase().as_str(), "AN" | "RAN" | "ANO" | "OUV");
        if !self.is_past_opening && is_opening {
            return;
        }
        self.is_past_opening = true;
        let Some(validated) = validated else { return };
        if let Some(last) = self.last_validated.filter(|last| *last > validated) {
            self.error(
                "order",
                format!(
                    "ValidDate {validated} comes after a line of {last}: lines stand in the order of their validation"
                ),
            );
        }
        self.last_validated = self.last_validated.max(Some(validated));
    }

    fn account(&mut self, row: &Row<'_>) {
        let account = row.account.trim();
        if account.is_empty() {
            return;
        }
        let first: Vec<_> = account.bytes().take(3).collect();
        let is_planned = first.len() == 3 && first.iter().all(u8::is_ascii_digit) && (b'1'..=b'8').contains(&first[0]);
        if !is_planned {
            self.error(
                "account",
                format!(
                    "CompteNum {account:?} must begin with three digits of the plan comptable général, classes 1 to 8"
                ),
            );
        }
    }

    fn pairs(&mut self, row: &Row<'_>) {
        for (rule, (one, one_value), (other, other_value)) in [
            ("auxiliary", ("CompAuxNum", row.aux), ("CompAuxLib", row.aux_name)),
            ("lettering", ("EcritureLet", row.letter), ("DateLet", row.lettered_on)),
            ("currency", ("Montantdevise", row.foreign), ("Idevise", row.currency)),
        ] {
            if one_value.trim().is_empty() != other_value.trim().is_empty() {
                self.error(rule, format!("{one} and {other} are given together or not at all"));
            }
        }
        let currency = row.currency.trim();
        if !currency.is_empty() && (currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase())) {
            self.error("currency", format!("Idevise {currency:?} is no code of ISO 4217"));
        }
        let foreign = row.foreign.trim();
        if !foreign.is_empty() && text::amount(foreign).is_none() {
            self.error("amount", format!("Montantdevise {foreign:?} is no amount with a decimal comma"));
        }
    }

    /// Debit and credit in ten thousandths.
    fn amounts(&mut self, row: &Row<'_>) -> (i128, i128) {
        let (debit, credit) = match row.sides() {
            Ok(sides) => sides,
            Err((name, value)) => {
                self.error("amount", format!("{name} {value:?} is no amount with a decimal comma"));
                return (0, 0);
            }
        };
        if debit != 0 && credit != 0 {
            self.error("side", "Debit and Credit are both filled");
        }
        if debit == 0 && credit == 0 && row.foreign.trim().is_empty() {
            self.error("side", "neither Debit nor Credit is filled");
        }
        self.debit += debit;
        self.credit += credit;
        (debit, credit)
    }

    fn entry(&mut self, row: &Row<'_>, (on, _): (Option<u32>, Option<u32>), (debit, credit): (i128, i128)) {
        let (journal, number) = (row.journal.trim(), row.number.trim());
        let is_same = self.entry.as_ref().is_some_and(|open| open.journal == journal && open.number == number);
        if !is_same {
            self.close_entry();
            self.report.entries += 1;
            self.number(journal, number);
            let (journal, number) = (journal.to_owned(), number.to_owned());
            self.entry = Some(OpenEntry { journal, number, line: self.line, on: on.unwrap_or(0), debit: 0, credit: 0 });
        }
        let Some(open) = &mut self.entry else { return };
        open.debit += debit;
        open.credit += credit;
        if on.is_some_and(|on| on != open.on) {
            let message = format!("EcritureDate differs within the entry {} {}", open.journal, open.number);
            self.error("entry_date", message);
        }
    }

    fn close_entry(&mut self) {
        let Some(open) = self.entry.take() else { return };
        if open.debit != open.credit {
            let line = std::mem::replace(&mut self.line, open.line);
            let (debit, credit) = (text::written(open.debit), text::written(open.credit));
            self.error(
                "entry_balance",
                format!("the entry {} {} has debit {debit} and credit {credit}", open.journal, open.number),
            );
            self.line = line;
        }
    }

    /// Numbers run without a gap, within each journal or over all of them.
    fn number(&mut self, journal: &str, number: &str) {
        let digits: String =
            number.chars().rev().take_while(char::is_ascii_digit).collect::<Vec<_>>().into_iter().rev().collect();
        let Some(drawn) = digits.parse::<u64>().ok().filter(|_| digits.len() <= 18) else {
            self.error("number", format!("EcritureNum {number:?} does not end with a number"));
            return;
        };
        self.all.follow(drawn);
        if !self.journals.contains_key(journal) && self.journals.len() >= JOURNALS {
            return;
        }
        let numbers = self.journals.entry(journal.to_owned()).or_default();
        let last = numbers.last;
        if numbers.follow(drawn) {
            return;
        }
        self.gap_count += 1;
        if self.gaps.len() < self.shown {
            let message = format!(
                "EcritureNum {number} of the journal {journal} follows number {}: numbers run without a gap",
                last.unwrap_or(0)
            );
            self.gaps.push(Finding { line: self.line, rule: "number", gravity: Gravity::Error, message });
        }
    }

    fn report(mut self, is_read: bool) -> Report {
        self.close_entry();
        if !self.all.is_broken {
            // One numbering over all journals, which the rules allow too.
            self.gaps.clear();
            self.gap_count = 0;
        }
        self.report.errors += self.gap_count;
        self.report.findings.append(&mut self.gaps);
        self.line = 0;
        if is_read && self.report.lines == 0 {
            self.error("empty_file", "the file has no line below its header");
        } else if !is_read && self.report.errors == 0 {
            self.error("empty_file", "the file is empty");
        }
        if self.debit != self.credit {
            let (debit, credit) = (text::written(self.debit), text::written(self.credit));
            self.error("balance", format!("the file has debit {debit} and credit {credit}"));
        }
        self.report.debit = text::written(self.debit);
        self.report.credit = text::written(self.credit);
        self.report.findings.sort_by_key(|finding| (finding.line == 0, finding.line));
        self.report.findings.truncate(self.shown);
        self.report
    }
}

impl Numbers {
    /// Takes the next number; says whether it follows the one before.
    fn follow(&mut self, drawn: u64) -> bool {
        let is_next = self.last.is_none_or(|last| last + 1 == drawn);
        self.is_broken |= !is_next;
        self.last = Some(drawn);
        is_next
    }
}

fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|b| b.is_ascii_digit())
}

/// The check digit of a SIREN is Luhn's.
fn is_siren(siren: &str) -> bool {
    let digits = siren.bytes().rev().map(|b| u32::from(b - b'0'));
    let sum: u32 =
        digits.enumerate().map(|(at, digit)| if at % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { digit }).sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests;

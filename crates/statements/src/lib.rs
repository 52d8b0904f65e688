//! Bank statements, and what their lines may pay.
//!
//! **Purpose.** [`read`] takes the bytes of a statement – ISO 20022 `camt.053` and `camt.054`, OFX 1.x and 2.x, or a table
//! with a [`csv::StatementMapping`] – and gives [`Statement`]s of signed, exact amounts. [`matching`] proposes, for each
//! line, which open documents it pays, or which earlier payment came back, with a score and the facts that speak for it.
//! Everything is a pure function over bytes and plain values: no async, SQL, HTTP or clock.
//!
//! **Invariants.**
//! - A file is read whole or refused whole. Where it names an opening and a closing balance, its lines explain the
//!   difference to the last digit; that is how truncated files and doubled lines are found.
//! - A line's `external_id` is unique within its account's statements and the same whenever the file is read again, so an
//!   import that is repeated adds nothing, and two lines that are really equal stay two.
//! - No amount is finer than its currency; no text holds a control character (PostgreSQL takes no NUL).
//! - A suggestion never allocates more than the line, nor more than a document has open, and is automatic only when
//!   nothing else fits (field 5.8).
//!
//! **Failure policy.** Fail-closed: what is doubtful is a [`Refusal`] with its place and a sentence, never a guess and
//! never a panic. A line that matches nothing stays unmatched.
//!
//! **Sources.** ISO 20022 message definitions `camt.053.001.02` to `.13` and the external code sets for return reasons and
//! bank transactions; the Swiss Implementation Guidelines for cash management (reversals, QR references); OFX 1.6 and 2.2
//! (Intuit, Microsoft, CheckFree); field 3.3 and 5.8, trade T-79 to T-81.

pub mod camt053;
pub mod csv;
mod element;
pub mod matching;
mod model;
pub mod ofx;
mod refusal;
mod seal;
mod text;

pub use model::{
    Statement, StatementAccount, StatementFormat, StatementLine, StatementReturn, StatementReturnReason,
    StatementWarning,
};
pub use refusal::{Place, Refusal};

/// More bytes than a statement has.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;

/// The format of a file, from how it begins; [`StatementFormat::Csv`] for any text that is none of the others.
pub fn detect(bytes: &[u8]) -> Result<StatementFormat, Refusal> {
    // Two bytes a letter in UTF-16: the text is looked at as it will be read.
    let (head, _) = text::decode_loose(&bytes[..bytes.len().min(8192)]);
    let start = head.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with("OFXHEADER") || start.starts_with("<OFX") || start.contains("<?OFX") {
        return Ok(StatementFormat::Ofx);
    }
    if start.starts_with('<') {
        return detect_markup(start);
    }
    let is_binary = start.bytes().filter(|byte| *byte == 0).count() > 0
        || start.starts_with("PK\u{3}")
        || start.starts_with("%PDF");
    if start.is_empty() || is_binary { Err(Refusal::NotAStatement) } else { Ok(StatementFormat::Csv) }
}

fn detect_markup(head: &str) -> Result<StatementFormat, Refusal> {
    let has = |name: &str| head.contains(name);
    if has("<OFX>") {
        Ok(StatementFormat::Ofx)
    } else if has("camt.054") || has("BkToCstmrDbtCdtNtfctn") {
        Ok(StatementFormat::Camt054)
    } else if has("camt.052") || has("BkToCstmrAcctRpt") {
        Err(Refusal::Intraday)
    } else if has("camt.053") || has("BkToCstmrStmt") {
        Ok(StatementFormat::Camt053)
    } else if has("<!DOCTYPE") {
        Err(Refusal::Doctype(Place::new(1, "")))
    } else {
        Err(Refusal::NotAStatement)
    }
}

/// The statements of a file of any format. A table is read by `mapping`, or by the one that [`csv::guess`] proposes.
pub fn read(bytes: &[u8], mapping: Option<&csv::StatementMapping>) -> Result<Vec<Statement>, Refusal> {
    if bytes.len() > MAX_BYTES {
        return Err(Refusal::TooLarge { bytes: bytes.len(), limit: MAX_BYTES });
    }
    match detect(bytes)? {
        StatementFormat::Camt053 | StatementFormat::Camt054 => camt053::read(bytes),
        StatementFormat::Ofx => ofx::read(bytes),
        StatementFormat::Csv => match mapping {
            Some(mapping) => csv::read(bytes, mapping),
            None => csv::read(bytes, &csv::guess(bytes)?),
        },
    }
}

#[cfg(test)]
mod tests;

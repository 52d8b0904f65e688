//! What spreadsheets make of text.

use crate::{Timestamp, Zone};

/// The byte order mark, without which some spreadsheets do not read accents.
pub const BOM: &str = "\u{feff}";

/// A value that a spreadsheet would run as a formula gets an apostrophe in front, which makes it text.
pub fn neutralised(value: &str) -> String {
    let quote = if value.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { "'" } else { "" };
    format!("{quote}{value}")
}

/// An instant in `zone`, as a spreadsheet reads it.
pub fn moment(at: Timestamp, zone: &Zone) -> String {
    at.jiff().to_zoned(zone.jiff().clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A yes or no that a spreadsheet can count.
pub fn flag(set: bool) -> String {
    if set { "1" } else { "0" }.to_owned()
}

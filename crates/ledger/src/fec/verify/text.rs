//! Lines, days and amounts as the file writes them.

use std::io::{self, BufRead, Read as _};

use super::Gravity;

/// No line of a sound file is longer.
const LONGEST: u64 = 1 << 16;

/// A line of the file.
pub(super) struct Line {
    /// Its number, counted from 1.
    pub(super) number: u64,
    /// Its text, without its end.
    pub(super) text: String,
    /// Whether it ends with a line break, as all but the last must.
    pub(super) is_ended: bool,
    /// What is wrong with its bytes.
    pub(super) problems: Vec<(&'static str, Gravity, String)>,
}

/// The lines of a file, one in memory at a time.
pub(super) struct Lines<R> {
    reader: R,
    number: u64,
    is_latin: bool,
    is_utf8: bool,
    buffer: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(reader: R) -> Self {
        Self { reader, number: 0, is_latin: false, is_utf8: false, buffer: Vec::new() }
    }

    /// The next line; none at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        self.buffer.clear();
        (&mut self.reader).take(LONGEST).read_until(b'\n', &mut self.buffer)?;
        if self.buffer.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        let mut problems = Vec::new();
        let mut is_ended = self.buffer.ends_with(b"\n");
        if !is_ended && u64::try_from(self.buffer.len()).is_ok_and(|length| length >= LONGEST) {
            problems.push(("line_length", Gravity::Error, format!("is longer than {LONGEST} bytes")));
            is_ended = self.skip_rest()?;
        }
        while self.buffer.last().is_some_and(|b| matches!(b, b'\n' | b'\r')) {
            self.buffer.pop();
        }
        if self.number == 1 && self.buffer.starts_with(&[0xef, 0xbb, 0xbf]) {
            problems.push(("encoding", Gravity::Warning, "begins with a byte order mark".to_owned()));
            self.buffer.drain(..3);
        }
        let text = self.decode(&mut problems);
        Ok(Some(Line { number: self.number, text, is_ended, problems }))
    }

    fn skip_rest(&mut self) -> io::Result<bool> {
        loop {
            let read = self.reader.fill_buf()?;
            if read.is_empty() {
                return Ok(false);
            }
            let end = read.iter().position(|b| *b == b'\n');
            let length = end.map_or(read.len(), |at| at + 1);
            self.reader.consume(length);
            if end.is_some() {
                return Ok(true);
            }
        }
    }

    /// UTF-8 or ISO 8859-15, and one of them from the first line to the last.
    fn decode(&mut self, problems: &mut Vec<(&'static str, Gravity, String)>) -> String {
        if self.buffer.iter().any(|b| *b < b' ' && *b != b'\t') {
            problems.push(("encoding", Gravity::Error, "holds control characters".to_owned()));
        }
        if let Ok(text) = std::str::from_utf8(&self.buffer) {
            let is_wide = !text.is_ascii();
            if is_wide && self.is_latin && !self.is_utf8 {
                problems.push(("encoding", Gravity::Error, "is UTF-8 in a file of ISO 8859-15".to_owned()));
            }
            self.is_utf8 |= is_wide;
            return text.to_owned();
        }
        if self.buffer.iter().any(|b| (0x80..0xa0).contains(b)) {
            problems.push(("encoding", Gravity::Error, "is neither UTF-8 nor ISO 8859-15".to_owned()));
        } else if self.is_utf8 && !self.is_latin {
            problems.push(("encoding", Gravity::Error, "is ISO 8859-15 in a file of UTF-8".to_owned()));
        }
        self.is_latin = true;
        self.buffer.iter().map(|b| latin_9(*b)).collect()
    }
}

/// ISO 8859-15, which differs from ISO 8859-1 in eight places.
fn latin_9(byte: u8) -> char {
    match byte {
        0xa4 => '€',
        0xa6 => 'Š',
        0xa8 => 'š',
        0xb4 => 'Ž',
        0xb8 => 'ž',
        0xbc => 'Œ',
        0xbd => 'œ',
        0xbe => 'Ÿ',
        other => char::from(other),
    }
}

/// `YYYYMMDD` as a number that sorts like the day.
pub(super) fn date(text: &str) -> Option<u32> {
    if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: u32 = text.parse().ok()?;
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 0,
    };
    ((1900..=2200).contains(&year) && (1..=days).contains(&day)).then_some(number)
}

/// An amount in ten thousandths: digits, a decimal comma, no thousands; a sign may stand before or after.
pub(super) fn amount(text: &str) -> Option<i128> {
    let (text, is_negative) = match (text.strip_prefix('-').or_else(|| text.strip_suffix('-')), text.strip_prefix('+'))
    {
        (Some(rest), _) => (rest, true),
        (None, Some(rest)) => (rest, false),
        (None, None) => (text, false),
    };
    let (whole, rest) = text.split_once(',').unwrap_or((text, ""));
    let is_number = |part: &str, longest: usize| part.len() <= longest && part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !is_number(whole, 20) || !is_number(rest, 4) || (text.contains(',') && rest.is_empty()) {
        return None;
    }
    let fraction: i128 = format!("{rest:0<4}").parse().ok()?;
    let amount = whole.parse::<i128>().ok()? * 10_000 + fraction;
    Some(if is_negative { -amount } else { amount })
}

/// Ten thousandths as the file writes amounts.
pub(super) fn written(amount: i128) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let amount = amount.unsigned_abs();
    let (whole, rest) = (amount / 10_000, amount % 10_000);
    if rest % 100 == 0 { format!("{sign}{whole},{:02}", rest / 100) } else { format!("{sign}{whole},{rest:04}") }
}

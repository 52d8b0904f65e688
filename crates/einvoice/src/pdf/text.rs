//! Making any text fit to be set: only characters that a font has, and no word that cannot be broken.

use serde_json::Value;
use typst::text::Font;

/// A word wider than this may be broken anywhere, so that it cannot leave its column; a capital counts twice.
const WIDEST_WORD: usize = 32;

/// Makes every text in `value` fit.
pub(super) fn fit(value: &mut Value, fonts: &[Font]) {
    match value {
        Value::String(text) => *text = fitting(text, fonts),
        Value::Array(values) => values.iter_mut().for_each(|value| fit(value, fonts)),
        Value::Object(fields) => fields.values_mut().for_each(|value| fit(value, fonts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn fitting(text: &str, fonts: &[Font]) -> String {
    let mut fit = String::with_capacity(text.len());
    let mut run = 0;
    for c in text.trim().chars() {
        let c = match c {
            '\t' => ' ',
            '\n' => c,
            _ if is_invisible(c) => continue,
            _ if c.is_ascii() || fonts.iter().any(|font| font.info().coverage.contains(c.into())) => c,
            _ => '□',
        };
        run = match c {
            _ if c.is_whitespace() => 0,
            'a'..='z' | '0'..='9' => run + 1,
            _ => run + 2,
        };
        if run > WIDEST_WORD {
            fit.push('\u{200b}');
        }
        fit.push(c);
    }
    fit
}

/// Controls, and what turns the direction of text or joins invisibly: a page must show what it says.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

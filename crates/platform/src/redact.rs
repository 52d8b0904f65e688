//! Words for the log that tell of nobody: what a library or the database says may quote what it was given.

/// The text without what may be somebody's: what stands in quotes, addresses of mail, numbers of five digits and more, also in
/// groups, and long words with digits in them (keys, tokens, IBANs). UUIDs stay: they are ids, and mean nothing outside.
pub(crate) fn redacted(text: &str) -> String {
    let unquoted = without_quotes(text);
    let words: Vec<&str> = unquoted.split_whitespace().collect();
    let mut told = Vec::with_capacity(words.len());
    let mut index = 0;
    while index < words.len() {
        let group = words[index..].iter().take_while(|word| is_short_number(word)).count();
        if group >= 3 {
            told.push(HIDDEN);
            index += group;
            continue;
        }
        told.push(if is_telling(words[index]) { HIDDEN } else { words[index] });
        index += 1;
    }
    told.join(" ")
}

const HIDDEN: &str = "…";

fn is_short_number(word: &str) -> bool {
    !word.is_empty() && word.len() <= 4 && word.bytes().all(|byte| byte.is_ascii_digit() || b"+().".contains(&byte))
}

fn is_telling(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    if uuid::Uuid::try_parse(bare).is_ok() {
        return false;
    }
    let digits = word.chars().filter(char::is_ascii_digit).count();
    word.contains('@') || digits >= 5 || (digits > 0 && bare.len() >= 20)
}

/// A quote opens where no word ends and closes where none begins, so that an apostrophe is none; one that stays open hides the rest.
fn without_quotes(text: &str) -> String {
    let mut told = String::with_capacity(text.len());
    let mut last = ' ';
    for (at, next) in text.char_indices() {
        let Some(closing) = closing(next).filter(|_| !last.is_alphanumeric()) else {
            told.push(next);
            last = next;
            continue;
        };
        told.push_str(HIDDEN);
        let inside = at + next.len_utf8();
        // The last one counts: what is quoted may hold quotes itself.
        let Some(end) = text[inside..].rfind(closing) else { break };
        return told + &without_quotes(&text[inside + end + closing.len_utf8()..]);
    }
    told
}

const fn closing(opening: char) -> Option<char> {
    match opening {
        '"' | '\'' | '`' => Some(opening),
        '«' => Some('»'),
        '“' => Some('”'),
        '‘' => Some('’'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_somebodys_is_hidden_and_the_rest_still_says_what_is_wrong() {
        for (text, told) in [
            (
                "invalid value: string \"Jean \"Jo\" Dupont\", expected u32 at line 1 column 12",
                "invalid value: string …, expected u32 at line 1 column 12",
            ),
            ("550 5.1.1 <jean.dupont@mail.example> unknown", "550 5.1.1 … unknown"),
            ("called 06 12 34 56 79 twice", "called … twice"),
            ("called +33612345679", "called …"),
            ("IBAN FR7630006000011234567890189 is wrong", "IBAN … is wrong"),
            ("it doesn't know 'Élodie Martin' at all", "it doesn't know … at all"),
            (
                "byte index 1 is not a char boundary; it is inside 'é' (bytes 0..2) of `Élodie`",
                "byte index 1 is not a char boundary; it is inside … (bytes 0..2) of …",
            ),
            ("an open \"Jean Dupont", "an open …"),
            (
                "job 01890a5d-ac96-774b-bcce-b302099a8057 failed after 3 of 8",
                "job 01890a5d-ac96-774b-bcce-b302099a8057 failed after 3 of 8",
            ),
            ("connection reset by peer", "connection reset by peer"),
        ] {
            assert_eq!(redacted(text), told);
        }
    }
}

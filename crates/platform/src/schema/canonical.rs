//! Conditions as PostgreSQL prints them, without parentheses that say nothing: `((a AND b) AND c)` is `(a AND b AND c)` once a
//! dump was restored, because `between` is read as a condition of its own and printed as a part of the whole.

/// A stretch of text, what is quoted in it, or what stands in parentheses.
#[derive(Debug)]
enum Piece {
    Text(String),
    Quoted(String),
    Group(Vec<Piece>),
}

/// The line with the parentheses removed that group conditions of the same kind: conditions joined by `AND` among others joined by
/// `AND`, and the same for `OR`.
pub(super) fn canonical(line: &str) -> String {
    let mut rest = line.chars().peekable();
    let mut text = String::new();
    print(&flat(read(&mut rest, 0)), &mut text);
    text
}

fn read(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, depth: usize) -> Vec<Piece> {
    let (mut pieces, mut text) = (Vec::new(), String::new());
    while let Some(next) = rest.next() {
        match next {
            '(' => {
                pieces.push(Piece::Text(std::mem::take(&mut text)));
                pieces.push(Piece::Group(read(rest, depth + 1)));
            }
            ')' if depth > 0 => break,
            // What is quoted groups nothing; a doubled quote ends one text and begins the next.
            '\'' | '"' => {
                pieces.push(Piece::Text(std::mem::take(&mut text)));
                let mut quoted = String::from(next);
                for inside in rest.by_ref() {
                    quoted.push(inside);
                    if inside == next {
                        break;
                    }
                }
                pieces.push(Piece::Quoted(quoted));
            }
            other => text.push(other),
        }
    }
    pieces.push(Piece::Text(text));
    pieces
}

fn flat(pieces: Vec<Piece>) -> Vec<Piece> {
    let joint = joint_of(&pieces);
    let mut flattened = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(_) | Piece::Quoted(_) => flattened.push(piece),
            Piece::Group(inner) => {
                let inner = flat(inner);
                if joint.is_some() && joint_of(&inner) == joint && stands_alone(&flattened) {
                    flattened.extend(inner);
                } else {
                    flattened.push(Piece::Group(inner));
                }
            }
        }
    }
    flattened
}

/// What joins the conditions of one level, when it is one and the same.
fn joint_of(pieces: &[Piece]) -> Option<&'static str> {
    let has = |word: &str| pieces.iter().any(|piece| matches!(piece, Piece::Text(text) if text.contains(word)));
    match (has(" AND "), has(" OR ")) {
        (true, false) => Some(" AND "),
        (false, true) => Some(" OR "),
        _ => None,
    }
}

/// Whether what follows is a condition of its own, not the arguments of a function or the operand of `NOT`.
fn stands_alone(before: &[Piece]) -> bool {
    match before.last() {
        None => true,
        Some(Piece::Text(text)) => {
            text.is_empty() && before.len() == 1 || text.ends_with(" AND ") || text.ends_with(" OR ")
        }
        Some(Piece::Group(_) | Piece::Quoted(_)) => false,
    }
}

fn print(pieces: &[Piece], text: &mut String) {
    for piece in pieces {
        match piece {
            Piece::Text(part) | Piece::Quoted(part) => text.push_str(part),
            Piece::Group(inner) => {
                text.push('(');
                print(inner, text);
                text.push(')');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn parentheses_that_say_nothing_go_and_no_others() {
        for (printed, expected) in [
            ("CHECK ((((a >= 1) AND (a <= 5)) AND (b > 0)))", "CHECK (((a >= 1) AND (a <= 5) AND (b > 0)))"),
            ("CHECK (((a >= 1) AND (a <= 5) AND (b > 0)))", "CHECK (((a >= 1) AND (a <= 5) AND (b > 0)))"),
            ("CHECK (((a > 1) AND ((b > 0) AND (b < 9))))", "CHECK (((a > 1) AND (b > 0) AND (b < 9)))"),
            ("CHECK (((a OR b) OR c))", "CHECK ((a OR b OR c))"),
            ("CHECK (((a OR b) AND c))", "CHECK (((a OR b) AND c))"),
            ("CHECK ((a OR (b AND c)))", "CHECK ((a OR (b AND c)))"),
            ("CHECK (((NOT (a AND b)) AND c))", "CHECK (((NOT (a AND b)) AND c))"),
            ("CHECK ((x AND f(a AND b)))", "CHECK ((x AND f(a AND b)))"),
            (
                "CHECK ((x AND (y = ' AND (' ) AND (z = 'it''s)')))",
                "CHECK ((x AND (y = ' AND (' ) AND (z = 'it''s)')))",
            ),
            ("grant x DELETE,INSERT", "grant x DELETE,INSERT"),
        ] {
            assert_eq!(canonical(printed), expected);
        }
    }
}

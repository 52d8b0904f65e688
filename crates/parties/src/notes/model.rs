//! What a note is.

use kernel::{NoteId, Timestamp, UserId};
use serde::Serialize;
use utoipa::ToSchema;

/// What somebody wrote about a party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Note {
    /// The note.
    pub id: NoteId,
    /// The text.
    pub text: String,
    /// Who wrote it, when it was a person.
    pub author_id: Option<UserId>,
    /// The name of who wrote it.
    pub author: String,
    /// When.
    pub created_at: Timestamp,
}

/// The longest note.
pub const MAX_CHARS: usize = 10_000;

/// The text of a note without outer blanks; none when it is empty or too long.
pub fn checked(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.chars().count() <= MAX_CHARS).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_has_some_text_and_not_too_much() {
        assert_eq!(checked("  hello "), Some("hello".to_owned()));
        assert_eq!(checked(" \n "), None);
        assert_eq!(checked(&"é".repeat(MAX_CHARS + 1)), None);
        assert!(checked(&"é".repeat(MAX_CHARS)).is_some());
    }
}

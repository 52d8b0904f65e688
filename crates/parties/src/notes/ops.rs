//! The only writer of notes.

use kernel::{NoteId, PartyId};
use platform::{Error, Result, Tx};

use super::model::{self, Note};
use super::store;
use crate::parties::store::find_entity;

/// Writes a note on a party, in the name of who acts.
///
/// Not found outside the caller's scope.
pub async fn add_note(tx: &mut Tx, party: PartyId, text: &str) -> Result<Note> {
    let text = model::checked(text).ok_or_else(|| Error::invalid("text", "must have 1 to 10 000 characters"))?;
    let entity = find_entity(tx, party).await?.ok_or_else(|| Error::not_found("party"))?;
    let now = tx.now();
    let note = Note {
        id: NoteId::generate(now),
        text,
        author_id: tx.ctx().user_id(),
        author: tx.ctx().actor().name().to_owned(),
        created_at: now,
    };
    store::insert_note(tx, party, entity, &note).await?;
    Ok(note)
}

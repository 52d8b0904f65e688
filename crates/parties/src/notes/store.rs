//! Every statement on `parties.party_note`.

use kernel::{EntityId, Limit, NoteId, PartyId, Timestamp, UserId};
use platform::{Result, Tx};
use uuid::Uuid;

use super::model::Note;

pub(super) async fn insert_note(tx: &mut Tx, party: PartyId, entity: Option<EntityId>, note: &Note) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!(
        "insert into parties.party_note (tenant_id, id, entity_id, party_id, body, author_id, author_name, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        tenant,
        note.id.uuid(),
        entity.map(EntityId::uuid),
        party.uuid(),
        note.text,
        note.author_id.map(UserId::uuid),
        note.author,
        note.created_at as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The notes on a party, newest first, one more than `limit`; only those older than `before`.
pub async fn list_notes(tx: &mut Tx, party: PartyId, before: Option<Uuid>, limit: Limit) -> Result<Vec<Note>> {
    let tenant = tx.tenant().uuid();
    let notes = sqlx::query_as!(
        Note,
        r#"select id as "id: NoteId", body as text, author_id as "author_id: UserId", author_name as author, created_at
           from parties.party_note
           where tenant_id = $1 and party_id = $2 and ($3::uuid is null or id < $3)
           order by id desc limit $4"#,
        tenant,
        party.uuid(),
        before,
        limit.probe()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(notes)
}

//! Stored pages and data.

use kernel::{DocumentId, EntityId};
use platform::{Error, Result, Tx};
use sqlx::{Postgres, QueryBuilder};

/// A stored page, and whether it is still what was issued.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of billing.document")]
pub struct PageHash {
    pub id: DocumentId,
    pub entity_id: EntityId,
    pub number: Option<String>,
    pub issued_as: String,
    pub is_whole: bool,
}

/// Issued documents in the order of their ids, with whether the stored page has the hash it was issued under. A page that is gone
/// is not whole.
pub async fn list_page_hashes(tx: &mut Tx, after: Option<DocumentId>, limit: i64) -> Result<Vec<PageHash>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query_as!(
        PageHash,
        r#"select d.id as "id: DocumentId", d.entity_id as "entity_id: EntityId", d.number, d.pdf_sha256 as "issued_as!",
               coalesce(encode(sha256(f.content), 'hex') = d.pdf_sha256, false) as "is_whole!"
           from billing.document d
           left join billing.document_file f on f.tenant_id = d.tenant_id and f.document_id = d.id and f.format = 'pdf'
           where d.tenant_id = $1 and d.pdf_sha256 is not null and ($2::uuid is null or d.id > $2)
           order by d.id limit $3"#,
        tenant,
        after.map(DocumentId::uuid),
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// A stored file of a document.
#[derive(Clone, Debug)]
pub struct StoredFile {
    /// Whose.
    pub document_id: DocumentId,
    /// `pdf` or `cii`.
    pub format: &'static str,
    /// The bytes.
    pub content: Vec<u8>,
    /// Their SHA-256, in lower-case hex.
    pub sha256: String,
}

/// Stores what was issued. The bytes are never changed.
pub async fn insert_files(tx: &mut Tx, files: &[(EntityId, StoredFile)]) -> Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    let mut sql = QueryBuilder::<Postgres>::new(
        "insert into billing.document_file (tenant_id, entity_id, document_id, format, content, sha256, created_at) ",
    );
    sql.push_values(files, |mut row, (entity, file)| {
        row.push_bind(tenant).push_bind(*entity).push_bind(file.document_id).push_bind(file.format);
        row.push_bind(&file.content).push_bind(&file.sha256).push_bind(now);
    });
    sql.build().execute(tx.conn()).await?;
    Ok(())
}

/// The stored bytes of a document.
///
/// Not found when it has no such file.
pub async fn get_file(tx: &mut Tx, id: DocumentId, format: &str) -> Result<Vec<u8>> {
    let tenant = tx.tenant().uuid();
    let content = sqlx::query_scalar!(
        "select content from billing.document_file where tenant_id = $1 and document_id = $2 and format = $3",
        tenant,
        id.uuid(),
        format
    )
    .fetch_optional(tx.conn())
    .await?;
    content.ok_or_else(|| Error::not_found("file"))
}

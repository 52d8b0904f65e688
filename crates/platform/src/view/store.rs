//! Every statement on `platform.saved_view`.

use kernel::{SavedViewId, Timestamp, UserId};

use crate::{Error, Result, Tx};

/// A view with its owner.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) id: SavedViewId,
    pub(super) user_id: UserId,
    pub(super) owner: String,
    pub(super) page: String,
    pub(super) name: String,
    pub(super) query: String,
    pub(super) shared: bool,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

/// More than anybody would choose from.
const MOST: i64 = 500;

/// The views of `user` and those that others share, his own first. The members of every entity must be in scope.
pub(super) async fn list_views(tx: &mut Tx, user: UserId, page: Option<&str>) -> Result<Vec<View>> {
    let tenant = tx.tenant().uuid();
    let views = sqlx::query_as!(
        View,
        r#"select v.id as "id: SavedViewId", v.user_id as "user_id: UserId", u.name as owner, v.page, v.name, v.query, v.shared,
               v.created_at, v.updated_at
           from platform.saved_view v join platform.user u on u.id = v.user_id
           where v.tenant_id = $1 and (v.user_id = $2 or v.shared) and ($3::text is null or v.page = $3)
           order by v.user_id <> $2, v.page, lower(v.name), v.id
           limit $4"#,
        tenant,
        user.uuid(),
        page,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(views)
}

/// A view that `user` sees, held until the transaction ends. The members of every entity must be in scope.
pub(super) async fn lock_view(tx: &mut Tx, user: UserId, id: SavedViewId) -> Result<View> {
    let tenant = tx.tenant().uuid();
    let view = sqlx::query_as!(
        View,
        r#"select v.id as "id: SavedViewId", v.user_id as "user_id: UserId", u.name as owner, v.page, v.name, v.query, v.shared,
               v.created_at, v.updated_at
           from platform.saved_view v join platform.user u on u.id = v.user_id
           where v.tenant_id = $1 and v.id = $2 and (v.user_id = $3 or v.shared)
           for update of v"#,
        tenant,
        id.uuid(),
        user.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    view.ok_or_else(|| Error::not_found("view"))
}

pub(super) async fn count_views(tx: &mut Tx, user: UserId, page: &str) -> Result<i64> {
    let tenant = tx.tenant().uuid();
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from platform.saved_view where tenant_id = $1 and user_id = $2 and page = $3"#,
        tenant,
        user.uuid(),
        page
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(count)
}

pub(super) async fn insert_view(tx: &mut Tx, view: &View) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!(
        "insert into platform.saved_view (tenant_id, id, user_id, page, name, query, shared, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tenant,
        view.id.uuid(),
        view.user_id.uuid(),
        view.page,
        view.name,
        view.query,
        view.shared,
        view.created_at as Timestamp,
        view.updated_at as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn update_view(tx: &mut Tx, view: &View) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!(
        "update platform.saved_view set name = $3, query = $4, shared = $5, updated_at = $6 where tenant_id = $1 and id = $2",
        tenant,
        view.id.uuid(),
        view.name,
        view.query,
        view.shared,
        view.updated_at as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn delete_view(tx: &mut Tx, id: SavedViewId) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!("delete from platform.saved_view where tenant_id = $1 and id = $2", tenant, id.uuid())
        .execute(tx.conn())
        .await?;
    Ok(())
}

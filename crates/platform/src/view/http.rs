//! The routes of saved views.

use axum::http::StatusCode;
use kernel::{SavedViewId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa_axum::routes;

use super::ops::{self, ChangeView, SaveView};
use super::store::{self, View};
use crate::http::{Api, Guard, Json, Path, Query};
use crate::{Ctx, Result};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let guard = Guard::signed_in;
    api.route(routes!(list_views), guard())
        .route(routes!(create_view), guard())
        .route(routes!(update_view, delete_view), guard())
}

/// A saved view.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SavedView {
    /// The view.
    id: SavedViewId,
    /// The page it is of.
    page: String,
    /// Its name.
    name: String,
    /// The conditions, as the page writes them.
    query: String,
    /// Whether everybody of the organisation sees it.
    shared: bool,
    /// Who saved it.
    owner: String,
    /// Whether that is you.
    own: bool,
    /// What you may do: `update`, `delete`.
    can: Vec<&'static str>,
    /// When it was saved.
    created_at: Timestamp,
    /// When it was last changed.
    updated_at: Timestamp,
}

impl SavedView {
    fn of(ctx: &Ctx, view: View) -> Self {
        Self {
            can: ops::actions_on(ctx, &view),
            own: ctx.user_id() == Some(view.user_id),
            id: view.id,
            page: view.page,
            name: view.name,
            query: view.query,
            shared: view.shared,
            owner: view.owner,
            created_at: view.created_at,
            updated_at: view.updated_at,
        }
    }
}

/// Which views.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ViewQuery {
    /// Only of this page.
    page: Option<String>,
}

/// Lists your views and those that others share, your own first, by page and name.
#[utoipa::path(get, path = "/api/views", tag = "views", params(ViewQuery), responses((status = 200, body = Vec<SavedView>)))]
async fn list_views(ctx: Ctx, Query(query): Query<ViewQuery>) -> Result<Json<Vec<SavedView>>> {
    let mut tx = ctx.read().await?;
    let user = ops::open(&mut tx).await?;
    let views = store::list_views(&mut tx, user, query.page.as_deref()).await?;
    Ok(Json(views.into_iter().map(|view| SavedView::of(&ctx, view)).collect()))
}

/// A view to be saved.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateView {
    /// The page it is of.
    page: String,
    /// Its name, used once per page.
    name: String,
    /// The conditions, as the page writes them.
    query: String,
    /// Whether everybody of the organisation is to see it.
    #[serde(default)]
    shared: bool,
}

/// Saves a view, of which you may have 50 on a page.
#[utoipa::path(post, path = "/api/views", tag = "views", request_body = CreateView, responses((status = 201, body = SavedView)))]
async fn create_view(ctx: Ctx, Json(body): Json<CreateView>) -> Result<(StatusCode, Json<SavedView>)> {
    let name = body.name.trim().to_owned();
    let cmd = SaveView { page: body.page, name, query: body.query, shared: body.shared };
    let mut tx = ctx.begin().await?;
    let view = ops::save_view(&mut tx, cmd).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(SavedView::of(&ctx, view))))
}

/// What changes about a view; what is left out stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct UpdateView {
    /// Its name, used once per page.
    name: Option<String>,
    /// The conditions, as the page writes them.
    query: Option<String>,
    /// Whether everybody of the organisation is to see it.
    shared: Option<bool>,
}

/// Changes a view of yours.
#[utoipa::path(put, path = "/api/views/{id}", tag = "views", params(("id" = SavedViewId, Path)), request_body = UpdateView, responses((status = 200, body = SavedView)))]
async fn update_view(ctx: Ctx, Path(id): Path<SavedViewId>, Json(body): Json<UpdateView>) -> Result<Json<SavedView>> {
    let name = body.name.map(|name| name.trim().to_owned());
    let cmd = ChangeView { name, query: body.query, shared: body.shared };
    let mut tx = ctx.begin().await?;
    let view = ops::change_view(&mut tx, id, cmd).await?;
    tx.commit().await?;
    Ok(Json(SavedView::of(&ctx, view)))
}

/// Deletes a view of yours; a super admin deletes any that is shared.
#[utoipa::path(delete, path = "/api/views/{id}", tag = "views", params(("id" = SavedViewId, Path)), responses((status = 204)))]
async fn delete_view(ctx: Ctx, Path(id): Path<SavedViewId>) -> Result<StatusCode> {
    let mut tx = ctx.begin().await?;
    ops::delete_view(&mut tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

//! Routes of the settings.

use platform::http::{Api, Guard, Json, Path};
use platform::{Ctx, Permission, Result, Setting, Versioned};
use utoipa_axum::routes;

use super::command::{
    ChangeCalendars, ChangeCrossEntity, ChangeEmailPolicy, ChangePhonePolicy, PutCsvProfiles, PutDepartements,
    PutDuplicatePolicy, PutForm, PutOverlapGuard, PutRetention, ReplaceForms, ReplaceSourceGating,
};
use super::model::{CsvProfiles, DeliveryCalendars, DuplicatePolicy, EmailPolicy, FormsConfig, RetentionPolicy};
use super::{calendar, ops};
use crate::rules::departement::DepartementPolicy;
use crate::rules::intake::SourceGating;
use crate::rules::overlap::OverlapGuard;
use crate::rules::phone::PhonePolicy;
use crate::rules::routing::CrossEntitySettings;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let guard = || Guard::permit(Permission::SettingsAccess).tenant_wide();
    api.route(routes!(get_cross_entity), guard())
        .route(routes!(put_cross_entity), guard())
        .route(routes!(get_source_gating), guard())
        .route(routes!(put_source_gating), guard())
        .route(routes!(get_forms), guard())
        .route(routes!(put_forms), guard())
        .route(routes!(get_email_policy), guard())
        .route(routes!(put_email_policy), guard())
        .route(routes!(get_calendars), guard())
        .route(routes!(put_calendars), guard())
        .route(routes!(get_overlap_guard), guard())
        .route(routes!(put_overlap_guard), guard())
        .route(routes!(get_duplicates), guard())
        .route(routes!(put_duplicates), guard())
        .route(routes!(get_departements), guard())
        .route(routes!(put_departements), guard())
        .route(routes!(get_csv_profiles), guard())
        .route(routes!(put_csv_profiles), guard())
        .route(routes!(get_phone_policy), guard())
        .route(routes!(put_phone_policy), guard())
        .route(routes!(get_retention), guard())
        .route(routes!(put_retention), guard())
        .route(routes!(put_form), guard())
        .with(calendar::routes)
}

async fn read<S: Setting>(ctx: &Ctx) -> Result<Json<Versioned<S>>> {
    Ok(Json(ctx.read().await?.versioned_setting::<S>().await?))
}

/// Whether and where leads may leave their entity.
#[utoipa::path(get, path = "/api/settings/cross-entity", tag = "settings", responses((status = 200, body = Versioned<CrossEntitySettings>)))]
async fn get_cross_entity(ctx: Ctx) -> Result<Json<Versioned<CrossEntitySettings>>> {
    read(&ctx).await
}

/// Changes whether and where leads may leave their entity; what is left out stays.
#[utoipa::path(put, path = "/api/settings/cross-entity", tag = "settings", request_body = ChangeCrossEntity, responses((status = 200, body = Versioned<CrossEntitySettings>)))]
async fn put_cross_entity(
    ctx: Ctx,
    Json(command): Json<ChangeCrossEntity>,
) -> Result<Json<Versioned<CrossEntitySettings>>> {
    let mut tx = ctx.begin().await?;
    let stored = ops::change_cross_entity(&mut tx, command).await?;
    tx.commit().await?;
    Ok(Json(stored))
}

/// The sources whose leads are held.
#[utoipa::path(get, path = "/api/settings/source-gating", tag = "settings", responses((status = 200, body = Versioned<SourceGating>)))]
async fn get_source_gating(ctx: Ctx) -> Result<Json<Versioned<SourceGating>>> {
    read(&ctx).await
}

/// Replaces the sources whose leads are held. Leads of a source that is let go are routed again.
#[utoipa::path(put, path = "/api/settings/source-gating", tag = "settings", request_body = ReplaceSourceGating, responses((status = 200, body = Versioned<SourceGating>)))]
async fn put_source_gating(
    ctx: Ctx,
    Json(command): Json<ReplaceSourceGating>,
) -> Result<Json<Versioned<SourceGating>>> {
    let mut tx = ctx.begin().await?;
    let stored = ops::replace_source_gating(&mut tx, command).await?;
    tx.commit().await?;
    Ok(Json(stored))
}

/// Which form belongs to which entity and product.
#[utoipa::path(get, path = "/api/settings/forms-config", tag = "settings", responses((status = 200, body = Versioned<FormsConfig>)))]
async fn get_forms(ctx: Ctx) -> Result<Json<Versioned<FormsConfig>>> {
    read(&ctx).await
}

/// Replaces all forms. The version seen must be named: a map changed meanwhile is not overwritten.
#[utoipa::path(put, path = "/api/settings/forms-config", tag = "settings", request_body = ReplaceForms, responses((status = 200, body = Versioned<FormsConfig>)))]
async fn put_forms(ctx: Ctx, Json(command): Json<ReplaceForms>) -> Result<Json<Versioned<FormsConfig>>> {
    let mut tx = ctx.begin().await?;
    let stored = ops::replace_forms(&mut tx, command).await?;
    tx.commit().await?;
    Ok(Json(stored))
}

/// The domains that never receive mail, and the simulation mode.
#[utoipa::path(get, path = "/api/settings/email-denylist", tag = "settings", responses((status = 200, body = Versioned<EmailPolicy>)))]
async fn get_email_policy(ctx: Ctx) -> Result<Json<Versioned<EmailPolicy>>> {
    read(&ctx).await
}

/// Changes the refused domains and the simulation mode; what is left out stays.
#[utoipa::path(put, path = "/api/settings/email-denylist", tag = "settings", request_body = ChangeEmailPolicy, responses((status = 200, body = Versioned<EmailPolicy>)))]
async fn put_email_policy(ctx: Ctx, Json(command): Json<ChangeEmailPolicy>) -> Result<Json<Versioned<EmailPolicy>>> {
    let mut tx = ctx.begin().await?;
    let stored = ops::change_email_policy(&mut tx, command).await?;
    tx.commit().await?;
    Ok(Json(stored))
}

/// When each entity delivers.
#[utoipa::path(get, path = "/api/settings/delivery-calendar", tag = "settings", responses((status = 200, body = Versioned<DeliveryCalendars>)))]
async fn get_calendars(ctx: Ctx) -> Result<Json<Versioned<DeliveryCalendars>>> {
    read(&ctx).await
}

/// Changes when entities deliver; days, dates and entities left out stay.
#[utoipa::path(put, path = "/api/settings/delivery-calendar", tag = "settings", request_body = ChangeCalendars, responses((status = 200, body = Versioned<DeliveryCalendars>)))]
async fn put_calendars(ctx: Ctx, Json(command): Json<ChangeCalendars>) -> Result<Json<Versioned<DeliveryCalendars>>> {
    let mut tx = ctx.begin().await?;
    let stored = ops::change_calendars(&mut tx, command).await?;
    tx.commit().await?;
    Ok(Json(stored))
}

/// The guard against serving one company from two entities.
#[utoipa::path(get, path = "/api/settings/overlap-guard", tag = "settings", responses((status = 200, body = Versioned<OverlapGuard>)))]
async fn get_overlap_guard(ctx: Ctx) -> Result<Json<Versioned<OverlapGuard>>> {
    read(&ctx).await
}

/// Switches the guard against serving one company from two entities.
#[utoipa::path(put, path = "/api/settings/overlap-guard", tag = "settings", request_body = PutOverlapGuard, responses((status = 200, body = Versioned<OverlapGuard>)))]
async fn put_overlap_guard(ctx: Ctx, Json(command): Json<PutOverlapGuard>) -> Result<Json<Versioned<OverlapGuard>>> {
    let mut tx = ctx.begin().await?;
    let stored = ops::put(&mut tx, &OverlapGuard { enabled: command.enabled }, command.version).await?;
    tx.commit().await?;
    Ok(Json(stored))
}

/// How duplicates are counted.
#[utoipa::path(get, path = "/api/settings/duplicates", tag = "settings", responses((status = 200, body = Versioned<DuplicatePolicy>)))]
async fn get_duplicates(ctx: Ctx) -> Result<Json<Versioned<DuplicatePolicy>>> {
    read(&ctx).await
}

/// Changes how duplicates are counted.
#[utoipa::path(put, path = "/api/settings/duplicates", tag = "settings", request_body = PutDuplicatePolicy, responses((status = 200, body = Versioned<DuplicatePolicy>)))]
async fn put_duplicates(ctx: Ctx, Json(command): Json<PutDuplicatePolicy>) -> Result<Json<Versioned<DuplicatePolicy>>> {
    let mut tx = ctx.begin().await?;
    let stored =
        ops::put(&mut tx, &DuplicatePolicy { across_buyer_groups: command.across_buyer_groups }, command.version)
            .await?;
    tx.commit().await?;
    Ok(Json(stored))
}

/// The départements outside the mainland that are served.
#[utoipa::path(get, path = "/api/settings/departements", tag = "settings", responses((status = 200, body = Versioned<DepartementPolicy>)))]
async fn get_departements(ctx: Ctx) -> Result<Json<Versioned<DepartementPolicy>>> {
    read(&ctx).await
}

/// Replaces the départements outside the mainland that are served.
#[utoipa::path(put, path = "/api/settings/departements", tag = "settings", request_body = PutDepartements, responses((status = 200, body = Versioned<DepartementPolicy>)))]
async fn put_departements(
    ctx: Ctx,
    Json(command): Json<PutDepartements>,
) -> Result<Json<Versioned<DepartementPolicy>>> {
    let mut tx = ctx.begin().await?;
    let stored =
        ops::put(&mut tx, &DepartementPolicy { outside_mainland: command.outside_mainland }, command.version).await?;
    tx.commit().await?;
    Ok(Json(stored))
}

/// The columns of each entity's files.
#[utoipa::path(get, path = "/api/settings/csv-profiles", tag = "settings", responses((status = 200, body = Versioned<CsvProfiles>)))]
async fn get_csv_profiles(ctx: Ctx) -> Result<Json<Versioned<CsvProfiles>>> {
    read(&ctx).await
}

/// Writes the columns of entities' files; an entity left out keeps its own.
#[utoipa::path(put, path = "/api/settings/csv-profiles", tag = "settings", request_body = PutCsvProfiles, responses((status = 200, body = Versioned<CsvProfiles>)))]
async fn put_csv_profiles(ctx: Ctx, Json(command): Json<PutCsvProfiles>) -> Result<Json<Versioned<CsvProfiles>>> {
    let mut tx = ctx.begin().await?;
    let stored = ops::put_csv_profiles(&mut tx, command).await?;
    tx.commit().await?;
    Ok(Json(stored))
}

/// How phone numbers are judged.
#[utoipa::path(get, path = "/api/settings/phone-policy", tag = "settings", responses((status = 200, body = Versioned<PhonePolicy>)))]
async fn get_phone_policy(ctx: Ctx) -> Result<Json<Versioned<PhonePolicy>>> {
    read(&ctx).await
}

/// Changes how phone numbers are judged; what is left out stays.
#[utoipa::path(put, path = "/api/settings/phone-policy", tag = "settings", request_body = ChangePhonePolicy, responses((status = 200, body = Versioned<PhonePolicy>)))]
async fn put_phone_policy(ctx: Ctx, Json(command): Json<ChangePhonePolicy>) -> Result<Json<Versioned<PhonePolicy>>> {
    let mut tx = ctx.begin().await?;
    let stored = ops::change_phone_policy(&mut tx, command).await?;
    tx.commit().await?;
    Ok(Json(stored))
}

/// How long personal data is kept.
#[utoipa::path(get, path = "/api/settings/retention", tag = "settings", responses((status = 200, body = Versioned<RetentionPolicy>)))]
async fn get_retention(ctx: Ctx) -> Result<Json<Versioned<RetentionPolicy>>> {
    read(&ctx).await
}

/// Changes how long personal data is kept; what is left out stays.
#[utoipa::path(put, path = "/api/settings/retention", tag = "settings", request_body = PutRetention, responses((status = 200, body = Versioned<RetentionPolicy>)))]
async fn put_retention(ctx: Ctx, Json(command): Json<PutRetention>) -> Result<Json<Versioned<RetentionPolicy>>> {
    let mut tx = ctx.begin().await?;
    let stored = ops::put_retention(&mut tx, command).await?;
    tx.commit().await?;
    Ok(Json(stored))
}

/// Writes one form beside the others.
#[utoipa::path(put, path = "/api/settings/forms-config/{code}", tag = "settings", params(("code" = String, Path)), request_body = PutForm, responses((status = 200, body = Versioned<FormsConfig>)))]
async fn put_form(
    ctx: Ctx,
    Path(code): Path<String>,
    Json(command): Json<PutForm>,
) -> Result<Json<Versioned<FormsConfig>>> {
    let mut tx = ctx.begin().await?;
    let stored = ops::put_form(&mut tx, code, command).await?;
    tx.commit().await?;
    Ok(Json(stored))
}

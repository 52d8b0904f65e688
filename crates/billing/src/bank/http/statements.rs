//! Routes of imported statements.

use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use kernel::{BankAccountId, Date, Page, StatementId, Timestamp};
use platform::http::{Api, Guard, IdCursor, Json, PageQuery, Path, Query, check_declared, read_body};
use platform::{Ctx, Error, Permission, Result};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use statements::csv::StatementMapping;
use statements::{MAX_BYTES, Statement, StatementFormat, StatementLine, StatementWarning};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::super::import::{self, ReadFile, StatementFile};
use super::super::matching::{self, AT_ONCE, BankMatching};
use super::super::ops;
use super::super::store::accounts;
use super::super::store::statements::{self as store, StatementRow};

/// So many lines are shown of a file before it is imported.
const SHOWN: usize = 100;

/// The routes of this module.
pub(super) fn routes(api: Api) -> Api {
    api.route(routes!(list_bank_statements), Guard::permit(Permission::BillingView))
        .route(routes!(import_bank_statement), Guard::permit(Permission::BillingManage))
}

/// An imported statement.
#[derive(Debug, Serialize, ToSchema)]
struct BankStatementView {
    /// The statement.
    id: StatementId,
    /// Its account.
    account_id: BankAccountId,
    /// What it was read from: `camt053`, `camt054`, `ofx` or `csv`.
    format: String,
    /// The file's name.
    file_name: String,
    /// The SHA-256 of the file, in lower-case hex.
    sha256: String,
    /// The bank's number of the statement.
    number: Option<String>,
    /// Its first day.
    from_on: Option<Date>,
    /// Its last day.
    to_on: Option<Date>,
    /// Booked before its first line.
    opening: Option<Decimal>,
    /// Booked after its last line.
    closing: Option<Decimal>,
    /// How many lines it has.
    lines: i32,
    /// How many of those were known before.
    known: i32,
    /// What a person should know of it.
    #[schema(value_type = Vec<StatementWarning>)]
    warnings: Value,
    /// When it was imported.
    imported_at: Timestamp,
    /// By whom.
    imported_by: String,
}

impl From<StatementRow> for BankStatementView {
    fn from(row: StatementRow) -> Self {
        Self {
            id: row.id,
            account_id: row.account_id,
            format: row.format,
            file_name: row.file_name,
            sha256: row.sha256,
            number: row.number,
            from_on: row.from_on,
            to_on: row.to_on,
            opening: row.opening,
            closing: row.closing,
            lines: row.line_count,
            known: row.known_count,
            warnings: row.warnings,
            imported_at: row.imported_at,
            imported_by: row.imported_by,
        }
    }
}

/// Lists the statements of a bank account, the last imported first.
#[utoipa::path(get, path = "/api/bank/accounts/{id}/statements", tag = "billing", params(("id" = BankAccountId, Path), PageQuery), responses((status = 200, body = Page<BankStatementView>)))]
async fn list_bank_statements(
    ctx: Ctx,
    Path(id): Path<BankAccountId>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<BankStatementView>>> {
    let (limit, before) = page.by_id()?;
    let mut tx = ctx.read().await?;
    accounts::get_account(&mut tx, id).await?;
    let rows = store::list_statements(&mut tx, id, before, limit).await?;
    Ok(Json(IdCursor::cut(rows, limit, |row| row.id.uuid()).map(BankStatementView::from)))
}

/// How a file is to be imported.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ImportQuery {
    /// What the file is; refused when it holds something else. Found out unless told.
    format: Option<StatementFormat>,
    /// How its table is read: a `StatementMapping` as JSON. That of the account unless told, or a guess.
    mapping: Option<String>,
    /// Whether the mapping that was told becomes the account's.
    save_mapping: Option<bool>,
    /// Whether to tell what would be imported, and import nothing.
    preview: Option<bool>,
    /// The file's name.
    file_name: Option<String>,
}

impl ImportQuery {
    fn mapping(&self) -> Result<Option<StatementMapping>> {
        let read = self.mapping.as_deref().map(serde_json::from_str).transpose();
        read.map_err(|error| Error::bad_parameter("mapping", error.to_string()))
    }
}

/// What a file would bring.
#[derive(Debug, Serialize, ToSchema)]
struct BankImportPreview {
    /// What it is.
    format: StatementFormat,
    /// How its table was read.
    mapping: Option<StatementMapping>,
    /// Whether that was guessed: look at the lines.
    is_guessed: bool,
    /// Its statements.
    statements: Vec<PreviewedStatement>,
    /// How many lines are new.
    new: usize,
    /// How many are known.
    known: usize,
}

/// A statement of a file that is not imported yet.
#[derive(Debug, Serialize, ToSchema)]
struct PreviewedStatement {
    /// The bank's number of it.
    number: Option<String>,
    /// Its first day.
    from_on: Option<Date>,
    /// Its last day.
    to_on: Option<Date>,
    /// Booked before its first line.
    opening: Option<Decimal>,
    /// Booked after its last line.
    closing: Option<Decimal>,
    /// How many lines it has.
    line_count: usize,
    /// How many of those are known.
    known: usize,
    /// What a person should know of it.
    warnings: Vec<StatementWarning>,
    /// Its first new lines, 100 at most.
    lines: Vec<StatementLine>,
}

impl PreviewedStatement {
    fn of(statement: Statement, (new, known): (Vec<StatementLine>, usize)) -> Self {
        Self {
            number: statement.number,
            from_on: statement.from_on,
            to_on: statement.to_on,
            opening: statement.opening,
            closing: statement.closing,
            line_count: statement.lines.len(),
            known,
            warnings: statement.warnings,
            lines: new.into_iter().take(SHOWN).collect(),
        }
    }
}

/// What an import did.
#[derive(Debug, Serialize, ToSchema)]
struct BankImport {
    /// The statements; those of the earlier import when the file was imported before.
    statements: Vec<BankStatementView>,
    /// How many lines are new.
    new: usize,
    /// How many were known.
    known: usize,
    /// Whether the file was imported before: then nothing was written.
    is_known_file: bool,
    /// What became of the lines that wait on the account.
    matching: BankMatching,
}

/// Imports a bank statement: the body is the file as the bank gives it (CAMT.053, CAMT.054, OFX or CSV, 10 MB at most).
///
/// The whole file is imported or nothing of it; lines that are known already are passed over, so a file may be sent again. What
/// nothing else can be is matched at once; what is doubtful is suggested. With `preview` nothing is written.
#[utoipa::path(post, path = "/api/bank/accounts/{id}/statements", tag = "billing", params(("id" = BankAccountId, Path), ImportQuery), request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file"), responses((status = 200, description = "What would be imported, with `preview`; or the earlier import of the same file", body = BankImportPreview), (status = 201, body = BankImport)))]
async fn import_bank_statement(
    ctx: Ctx,
    Path(id): Path<BankAccountId>,
    Query(query): Query<ImportQuery>,
    request: Request<Body>,
) -> Result<Response> {
    let mapping = query.mapping()?;
    let account = accounts::get_account(&mut ctx.read().await?, id).await?;
    let (parts, body) = request.into_parts();
    let bytes = read_body(body, MAX_BYTES).await?.to_vec();
    let name = query.file_name.unwrap_or_default();
    let file = StatementFile { bytes, name: name.clone(), format: query.format, mapping: mapping.clone() };
    // Pure, and long for large files: not on a thread that serves others.
    let read = tokio::task::spawn_blocking(move || import::read(&account, &file));
    let read = read.await.map_err(|lost| Error::internal("reading a bank statement", lost))??;
    check_declared(&parts.headers, "file", media_types(read.format))?;
    if query.preview == Some(true) {
        return Ok(Json(preview(&ctx, id, read).await?).into_response());
    }
    let mut tx = ctx.begin().await?;
    let imported = import::import(&mut tx, id, &read, &name).await?;
    if let Some(mapping) = mapping.filter(|_| query.save_mapping == Some(true)) {
        let change = ops::ChangeBankAccount { csv_mapping: Some(Some(mapping)), ..ops::ChangeBankAccount::default() };
        ops::change_account(&mut tx, id, change).await?;
    }
    tx.commit().await?;
    // The import stands, whatever becomes of the matching.
    let matching = match matching::match_account(&ctx, id, AT_ONCE).await {
        Ok(matching) => matching,
        Err(error) => {
            tracing::error!(bank_account.id = %id, error = error.logged(), "an imported statement was not matched");
            BankMatching::default()
        }
    };
    let status = if imported.is_known_file { StatusCode::OK } else { StatusCode::CREATED };
    let view = BankImport {
        statements: imported.statements.into_iter().map(BankStatementView::from).collect(),
        new: imported.new,
        known: imported.known,
        is_known_file: imported.is_known_file,
        matching,
    };
    Ok((status, Json(view)).into_response())
}

/// What a file of this format may be called by; machines know OFX and CSV by many names.
const fn media_types(format: StatementFormat) -> &'static [&'static str] {
    match format {
        StatementFormat::Camt053 | StatementFormat::Camt054 => &["application/xml", "text/xml"],
        StatementFormat::Ofx => {
            &["text/", "application/xml", "application/ofx", "application/x-ofx", "application/vnd.intu.qfx"]
        }
        StatementFormat::Csv => &["text/", "application/csv", "application/vnd.ms-excel"],
    }
}

async fn preview(ctx: &Ctx, account: BankAccountId, read: ReadFile) -> Result<BankImportPreview> {
    let fresh = import::fresh(&mut ctx.read().await?, account, &read.statements).await?;
    let (new, known) = (fresh.lines.iter().map(Vec::len).sum(), fresh.known.iter().sum());
    let parts = read.statements.into_iter().zip(fresh.lines.into_iter().zip(fresh.known));
    Ok(BankImportPreview {
        format: read.format,
        mapping: read.mapping,
        is_guessed: read.is_guessed,
        statements: parts.map(|(statement, part)| PreviewedStatement::of(statement, part)).collect(),
        new,
        known,
    })
}

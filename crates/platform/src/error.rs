//! The one way out: every failure becomes an [`Error`], and every [`Error`] an RFC 9457 problem.

use std::borrow::Cow;

use axum::http::StatusCode;
use jiff::SignedDuration;
use kernel::Timestamp;
use serde::Serialize;
use sqlx::postgres::PgDatabaseError;

use crate::Permission;
use crate::redact::redacted;

/// Shorthand for results of the platform and of every module above it.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request could not be served, in words for the caller.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub struct Error {
    kind: Kind,
    code: Cow<'static, str>,
    detail: Cow<'static, str>,
    fields: Vec<FieldError>,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
    again: Option<Again>,
}

/// When a job that ends with an error is to run again, instead of after the usual wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// After so long, as its next attempt.
    After(SignedDuration),
    /// Not before this instant, as if it had not been tried.
    At(Timestamp),
}

/// What is wrong with one field of the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// The field, as a dotted path.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

/// The classes of failure, each with its HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request cannot be read: malformed body, parameter or header.
    Malformed,
    /// The request can be read, but a field's value cannot be accepted.
    Invalid,
    /// No valid session or key.
    Unauthenticated,
    /// The caller is known and may not.
    Forbidden,
    /// It does not exist, or lies outside the caller's scope.
    NotFound,
    /// The business says no in the present state.
    Refused,
    /// Somebody else was faster; reading again and retrying may work.
    Conflict,
    /// It was changed since the caller read it: his `If-Match` names an older version.
    Stale,
    /// The caller has to do something else first (RFC 6585 §3).
    StepRequired,
    /// The body is larger than the route accepts.
    TooLarge,
    /// The content type is not one the route reads.
    UnsupportedMedia,
    /// Too many requests.
    Throttled,
    /// The database cannot be reached or took too long.
    Unavailable,
    /// Our fault.
    Internal,
}

impl Kind {
    /// The HTTP status of this class.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Refused | Self::Conflict => StatusCode::CONFLICT,
            Self::Stale => StatusCode::PRECONDITION_FAILED,
            Self::StepRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMedia => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Throttled => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl Error {
    /// A failure of `kind` with a stable `code` and a sentence.
    pub fn new(kind: Kind, code: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, code: code.into(), detail: detail.into(), fields: Vec::new(), source: None, again: None }
    }

    /// 400: the request cannot be read.
    pub fn malformed(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Malformed, "malformed_request", detail)
    }

    /// 400: the parameter or header `field` cannot be read.
    pub fn bad_parameter(field: impl Into<String>, why: impl Into<String>) -> Self {
        Self::malformed("A parameter of the request cannot be read.").with_field(field, why)
    }

    /// 422: the value of `field` cannot be accepted.
    pub fn invalid(field: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, "invalid", "A value of the request cannot be accepted.").with_field(field, why)
    }

    /// 401.
    pub fn unauthenticated(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Unauthenticated, "unauthenticated", detail)
    }

    /// 403: the caller lacks `permission`.
    pub fn lacks(permission: Permission) -> Self {
        Self::new(Kind::Forbidden, "permission_missing", format!("This needs the permission {permission}."))
            .with_field("permission", permission.key())
    }

    /// 403 for another reason than a permission.
    pub fn forbidden(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Forbidden, code, detail)
    }

    /// 404: there is no such `what` within the caller's scope.
    pub fn not_found(what: &'static str) -> Self {
        Self::new(Kind::NotFound, "not_found", format!("There is no such {what}."))
    }

    /// 409: the business says no.
    pub fn refused(code: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Refused, code, detail)
    }

    /// 409: changed by somebody else meanwhile.
    pub fn conflict(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Conflict, "conflict", detail)
    }

    /// 500: `doing` says what we were at; the caller learns only the request id.
    pub fn internal(doing: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let mut error = Self::new(Kind::Internal, "internal", "Something went wrong on our side.");
        error.source = Some(Box::new(Doing { doing, source: source.into() }));
        error
    }

    /// 503.
    pub fn unavailable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let mut error =
            Self::new(Kind::Unavailable, "unavailable", "The service cannot answer now; try again shortly.");
        error.source = Some(source.into());
        error
    }

    /// Adds what is wrong with one field.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>, message: impl Into<String>) -> Self {
        self.fields.push(FieldError { field: field.into(), message: message.into() });
        self
    }

    /// Says when a job that ends with this is to run again.
    #[must_use]
    pub const fn again(mut self, again: Again) -> Self {
        self.again = Some(again);
        self
    }

    /// When a job that ends with this is to run again, where that was said.
    pub(crate) const fn when_again(&self) -> Option<Again> {
        self.again
    }

    /// The class of failure.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What is wrong with single fields.
    pub fn fields(&self) -> &[FieldError] {
        &self.fields
    }

    /// Whether trying again can help: ours or the database's trouble, or somebody was faster.
    pub const fn is_transient(&self) -> bool {
        matches!(self.kind, Kind::Unavailable | Kind::Internal | Kind::Conflict | Kind::Throttled)
    }

    /// The failure and its causes in one line, for logs and dead letters.
    pub fn chain(&self) -> String {
        self.with_causes(format!("{}: {}", self.code, self.detail))
    }

    /// The failure and its causes in one line, for who typed a command: what is wrong where, instead of the general sentence.
    pub fn told(&self) -> String {
        if self.fields.is_empty() {
            return self.with_causes(self.detail.to_string());
        }
        let fields: Vec<_> = self.fields.iter().map(|field| format!("{} {}", field.field, field.message)).collect();
        self.with_causes(format!("{}.", fields.join("; ")))
    }

    /// The failure and its causes in one line for the log, without anybody's data: sentences that were put together for this case
    /// are left out, PostgreSQL's are told by their code and the names of what they are about, and of others what may quote a value is
    /// hidden. Dead letters and answers have the whole.
    pub fn logged(&self) -> String {
        let mut text = self.code.to_string();
        if let Cow::Borrowed(sentence) = self.detail {
            text.push_str(": ");
            text.push_str(sentence);
        }
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            if let Some(sqlx::Error::Database(refusal)) = error.downcast_ref::<sqlx::Error>() {
                text.push_str(&log_of_database(refusal.as_ref()));
                break;
            }
            text.push_str(&redacted(&error.to_string()));
            cause = error.source();
        }
        text
    }

    fn with_causes(&self, mut text: String) -> String {
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}

#[derive(Debug, thiserror::Error)]
#[error("while {doing}")]
struct Doing {
    doing: &'static str,
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// A database constraint and the sentence a caller reads when he runs into it. Modules submit theirs with
/// [`constraint!`](crate::constraint).
pub struct Constraint {
    /// The constraint's name in the database.
    pub name: &'static str,
    /// The input field it is about.
    pub field: &'static str,
    /// The sentence.
    pub message: &'static str,
}

inventory::collect!(Constraint);

/// Registers the sentence for a database constraint: `constraint!("buyer_email_key", "email", "…")`.
#[macro_export]
macro_rules! constraint {
    ($name:literal, $field:literal, $message:literal) => {
        $crate::inventory::submit! { $crate::Constraint { name: $name, field: $field, message: $message } }
    };
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::RowNotFound => Self::not_found("record"),
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_) => Self::unavailable(error),
            sqlx::Error::Database(refusal) => {
                let code = refusal.code().unwrap_or_default().into_owned();
                let constraint = constraint_of(&**refusal).map(str::to_owned);
                from_database(&code, constraint.as_deref(), error)
            }
            _ => Self::internal("talking to the database", error),
        }
    }
}

/// What PostgreSQL refused, without the values that it quotes: data exceptions, violated constraints, our own triggers and internal
/// errors (classes 22, 23, P0 and XX) tell where it happened, others speak of the schema and the server alone.
fn log_of_database(refusal: &dyn sqlx::error::DatabaseError) -> String {
    let code = refusal.code().unwrap_or_default();
    let mut text = format!("PostgreSQL {code}");
    if !["22", "23", "P0", "XX"].iter().any(|class| code.starts_with(class)) {
        text.push_str(" (");
        text.push_str(refusal.message());
        text.push(')');
    }
    for (what, name) in [("table", refusal.table()), ("constraint", constraint_of(refusal))] {
        if let Some(name) = name {
            for part in [", ", what, " ", name] {
                text.push_str(part);
            }
        }
    }
    text
}

/// The constraint that refused. A node of Citus tells it as text alone: in the hint of our triggers, and in the message of PostgreSQL.
fn constraint_of(refusal: &dyn sqlx::error::DatabaseError) -> Option<&str> {
    let told = || {
        let refusal =
            refusal.try_downcast_ref::<PgDatabaseError>().filter(|refusal| refusal.code().starts_with("23"))?;
        refusal
            .hint()
            .or_else(|| refusal.message().split_once("constraint \"")?.1.split_once('"').map(|(name, _)| name))
    };
    refusal.constraint().or_else(told).map(shardless)
}

/// Citus appends the shard to a constraint's name.
fn shardless(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((stem, digits)) if digits.len() >= 6 && digits.bytes().all(|b| b.is_ascii_digit()) => stem,
        _ => name,
    }
}

fn from_database(sqlstate: &str, constraint: Option<&str>, error: sqlx::Error) -> Error {
    if let Some(known) = inventory::iter::<Constraint>().find(|known| Some(known.name) == constraint) {
        let kind = if sqlstate == "23514" { Kind::Invalid } else { Kind::Conflict };
        return Error::new(kind, known.name, known.message).with_field(known.field, known.message);
    }
    let source = Some(error.into());
    let (kind, code, detail) = match sqlstate {
        "23505" | "23P01" => (Kind::Conflict, "already_exists", "This already exists."),
        "23503" => (Kind::Conflict, "reference_missing", "Something this refers to does not exist or is still in use."),
        // Not null, check, numeric range, datetime range, text representation, NUL in text, invalid byte sequence.
        "23502" | "23514" | "22003" | "22008" | "22007" | "22P02" | "22P05" | "22021" | "22001" => {
            (Kind::Invalid, "invalid", "A value of the request cannot be stored.")
        }
        "40001" | "40P01" => (Kind::Conflict, "conflict", "Somebody else was changing this; try again."),
        // It waits too long, stops or starts; the connection is lost.
        "55P03" | "57014" | "57P01" | "57P02" | "57P03" | "08000" | "08001" | "08003" | "08006" | "25P03"
        // The server's resources: none left, disk full, no memory, no connections; the system under it fails.
        | "53000" | "53100" | "53200" | "53300" | "58000" | "58030" => {
            (Kind::Unavailable, "unavailable", "The service cannot answer now; try again shortly.")
        }
        _ => (Kind::Internal, "internal", "Something went wrong on our side."),
    };
    Error { kind, code: code.into(), detail: detail.into(), fields: Vec::new(), source, again: None }
}

//! One operation on many things in one transaction, each by itself (`tx.attempt(EACH, …)`): a refusal stops none of the others.

use std::collections::BTreeSet;
use std::time::Duration;

use platform::{Error, Kind, Result};
use serde::Serialize;
use utoipa::ToSchema;

/// Things that one command may name.
const MOST: usize = 200;

/// How long each may take: who holds one of them for longer does not hold up the rest.
pub(crate) const EACH: Duration = Duration::from_secs(5);

/// The reason where a person gives none.
pub(crate) const NO_REASON: &str = "batch";

/// What became of the things that a command named.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkAnswer<Id> {
    /// Done.
    done: Vec<Id>,
    /// Left as they are, each with the reason.
    refused: Vec<BulkRefusal<Id>>,
}

/// A thing that was left as it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkRefusal<Id> {
    /// The thing.
    id: Id,
    /// The stable code, such as `not_found`.
    code: String,
    /// Why, for a person.
    detail: String,
}

/// The things that a command names, once each and in one order: two commands about the same things wait for one another, and
/// not each for the other.
///
/// Invalid unless 1 to 200 are named.
pub(crate) fn named<Id: Copy + Ord>(ids: &[Id]) -> Result<BTreeSet<Id>> {
    if ids.is_empty() || ids.len() > MOST {
        return Err(Error::invalid("ids", format!("must name 1 to {MOST}")));
    }
    Ok(ids.iter().copied().collect())
}

impl<Id> BulkAnswer<Id> {
    /// Nothing was done yet.
    pub(crate) const fn new() -> Self {
        Self { done: Vec::new(), refused: Vec::new() }
    }

    /// Notes what became of one.
    pub(crate) fn note(&mut self, id: Id, result: Result<()>) {
        let Err(error) = result else { return self.done.push(id) };
        if error.kind() == Kind::Internal {
            tracing::error!(error = error.logged(), "one of many things could not be done");
        }
        self.refused.push(BulkRefusal { id, code: error.code().to_owned(), detail: error.to_string() });
    }
}

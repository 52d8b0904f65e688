//! What a check found, and how that is read from the database.

use std::pin::Pin;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Ctx, Error, Result};

pub(super) type Probing = Pin<Box<dyn Future<Output = Result<Outcome>> + Send>>;
pub(super) type Probe = Arc<dyn Fn(Ctx) -> Probing + Send + Sync>;

/// As many pieces of evidence are kept of one finding; all are counted.
pub const EVIDENCE: usize = 20;

/// What a check found.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The sentence holds.
    Clean {
        /// How many things were looked at.
        examined: i64,
    },
    /// It does not.
    Found {
        /// How many things were looked at.
        examined: i64,
        /// How many of them are not as they must be.
        found: i64,
        /// The first of them.
        evidence: Vec<Evidence>,
    },
    /// There is nothing here that it could be proven of, and why.
    NotApplicable(String),
}

/// One thing that is not as it must be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Evidence {
    /// The thing, where it has an id; what kind of thing, the check says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What is the matter with it. No names, mails or phone numbers of persons.
    pub text: String,
}

impl Evidence {
    /// Something without an id.
    pub fn text(text: impl Into<String>) -> Self {
        Self { id: None, text: text.into() }
    }
}

impl Outcome {
    /// Clean when there is no evidence.
    pub fn of(examined: usize, mut evidence: Vec<Evidence>) -> Self {
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let (examined, found) = (count(examined), count(evidence.len()));
        evidence.truncate(EVIDENCE);
        if found == 0 { Self::Clean { examined } } else { Self::Found { examined, found, evidence } }
    }

    /// Clean when none of the texts is there.
    pub fn of_texts<T: Into<String>>(examined: usize, texts: impl IntoIterator<Item = T>) -> Self {
        Self::of(examined, texts.into_iter().map(Evidence::text).collect())
    }
}

/// What a statement of a check answers: one row.
#[derive(Clone, Debug)]
pub struct Tally {
    /// How many rows were looked at.
    pub examined: i64,
    /// How many are not as they must be.
    pub found: i64,
    /// The first of those, each `{"id": …, "text": …}`: an [`Evidence`].
    pub samples: Option<Vec<Value>>,
}

impl Tally {
    /// The tally as an outcome.
    ///
    /// Internal when a sample has not the shape of one: a mistake in the statement.
    pub fn outcome(self) -> Result<Outcome> {
        if self.found == 0 {
            return Ok(Outcome::Clean { examined: self.examined });
        }
        let samples = self.samples.unwrap_or_default().into_iter().take(EVIDENCE);
        let evidence = samples
            .map(|sample| serde_json::from_value(sample).map_err(|error| Error::internal("reading a sample", error)))
            .collect::<Result<_>>()?;
        Ok(Outcome::Found { examined: self.examined, found: self.found, evidence })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_outcome_counts_all_and_keeps_the_first_of_its_evidence() {
        assert_eq!(Outcome::of_texts(7, Vec::<String>::new()), Outcome::Clean { examined: 7 });
        let Outcome::Found { examined, found, evidence } = Outcome::of_texts(30, (0..25).map(|n| n.to_string())) else {
            panic!("25 texts are a finding");
        };
        assert_eq!((examined, found, evidence.len()), (30, 25, EVIDENCE));
    }

    #[test]
    fn a_tally_becomes_an_outcome_and_a_sample_of_another_shape_an_error() {
        let tally = |found, samples| Tally { examined: 3, found, samples };
        assert_eq!(tally(0, None).outcome().unwrap(), Outcome::Clean { examined: 3 });
        let samples = vec![json!({ "id": "a", "text": "odd" }), json!({ "text": "without id" })];
        let evidence = vec![Evidence { id: Some("a".into()), text: "odd".into() }, Evidence::text("without id")];
        assert_eq!(tally(2, Some(samples)).outcome().unwrap(), Outcome::Found { examined: 3, found: 2, evidence });
        assert!(tally(1, Some(vec![json!({ "id": "a" })])).outcome().is_err());
    }
}

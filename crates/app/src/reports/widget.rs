//! The parts of a view, each read in a transaction of its own, so that one that fails leaves the rest.

use platform::{Ctx, Result, Tx};
use serde::Serialize;
use utoipa::ToSchema;

/// A part that failed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WidgetError {
    /// Its key.
    widget: &'static str,
    /// What is the matter, for a person.
    message: String,
}

/// Reads one part; a failure is kept under its key.
pub(super) async fn widget<T>(
    ctx: &Ctx,
    key: &'static str,
    errors: &mut Vec<WidgetError>,
    read: impl AsyncFnOnce(&mut Tx) -> Result<T>,
) -> Option<T> {
    let read = async {
        let mut tx = ctx.read().await?;
        read(&mut tx).await
    };
    match read.await {
        Ok(value) => Some(value),
        Err(error) => {
            tracing::warn!(widget = key, error = error.logged(), "a widget failed");
            errors.push(WidgetError { widget: key, message: "This part could not be read.".to_owned() });
            None
        }
    }
}

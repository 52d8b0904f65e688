//! How the secrets of webhooks are kept: sealed, each for its column and row.

use kernel::WebhookId;

use crate::secret::{Sealed, SealedColumn};
use crate::{Error, Result, Tx};

/// The secret that signs.
pub(super) const SECRET: SealedColumn = SealedColumn {
    table: "platform.webhook",
    column: "secret_sealed",
    of_tenant: true,
    forget: "secret_sealed = null, active = false",
    about: "secrets of webhooks",
};

/// The one before, which signs too for a day.
pub(super) const PREVIOUS: SealedColumn = SealedColumn {
    table: "platform.webhook",
    column: "previous_secret_sealed",
    of_tenant: true,
    forget: "previous_secret_sealed = null, previous_until = null",
    about: "secrets of webhooks that were replaced",
};

crate::inventory::submit! { SECRET }
crate::inventory::submit! { PREVIOUS }

/// What is stored of a secret in this column.
pub(super) async fn seal_secret(tx: &Tx, column: &SealedColumn, id: WebhookId, secret: &str) -> Result<Sealed> {
    tx.ctx().platform().secrets().seal(&column.place(tx.tenant(), id), secret.as_bytes()).await
}

/// The secret that was stored in this column.
///
/// Internal when it does not open.
pub(super) async fn open_secret(tx: &Tx, column: &SealedColumn, id: WebhookId, sealed: &Sealed) -> Result<String> {
    let opened = tx.ctx().platform().secrets().open(&column.place(tx.tenant(), id), sealed).await?;
    String::from_utf8(opened).map_err(|error| Error::internal("reading a webhook's secret", error.utf8_error()))
}

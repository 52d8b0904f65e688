//! Work that is done tenant after tenant: an error in one is told, and those after it have their turn all the same.

use kernel::TenantId;

use crate::{Error, Result};

/// A round over the tenants.
#[derive(Default)]
pub(super) struct Round {
    failed: Option<Error>,
}

impl Round {
    /// Takes how it went in `tenant`; a failure is logged with the tenant it is of.
    pub(super) fn had(&mut self, doing: &'static str, tenant: TenantId, result: Result<()>) {
        if let Err(error) = result {
            tracing::error!(doing, tenant.id = %tenant, error = error.logged(), "one tenant is left out of this round");
            self.failed.get_or_insert(error);
        }
    }

    /// The first failure, once everybody had a turn.
    pub(super) fn end(self) -> Result<()> {
        self.failed.map_or(Ok(()), Err)
    }
}

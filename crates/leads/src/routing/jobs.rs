//! Jobs.

use platform::Registry;

/// Registers the jobs of this module.
pub fn register(_: &mut Registry) {}

//! Everything that crosses a border between modules: which event makes which module do what.

use platform::Registry;

/// The jobs, schedules and reactions of every module.
pub fn registry() -> Registry {
    let mut registry = Registry::default();
    platform::housekeeping::register(&mut registry);
    platform::identity::jobs(&mut registry);
    billing::jobs::register(&mut registry);
    leads::jobs(&mut registry);
    reactions(&mut registry);
    registry
}

/// `delivery.sent` is the event to which intercompany settlement will react.
fn reactions(_: &mut Registry) {}

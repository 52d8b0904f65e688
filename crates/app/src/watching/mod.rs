//! What the audit proves of the binary itself: its routes and their guards, what reacts to what, the machine it runs on.

mod architecture;
pub mod endpoints;
mod machine;

use platform::Registry;
use platform::check::{Check, Section};
use serde_json::{Value, json};

/// Registers the checks.
pub fn register(registry: &mut Registry) {
    architecture::register(registry);
    endpoints::register(registry);
    machine::register(registry);
}

/// The checks of these parts in the order of the report; of all parts when none is named.
pub fn checks<'a>(registry: &'a Registry, sections: &[Section]) -> Vec<&'a Check> {
    let wanted = |check: &&Check| sections.is_empty() || sections.contains(&check.section);
    let mut checks: Vec<_> = registry.checks().iter().filter(wanted).collect();
    checks.sort_by_key(|check| check.section);
    checks
}

/// What is said of the checks of these parts and of every kind of alert: what the console has French words for.
pub fn described(registry: &Registry, sections: &[Section]) -> Value {
    let checks = checks(registry, sections).into_iter().map(|check| {
        json!({ "id": check.id, "section": check.section, "severity": check.severity, "proves": check.proves,
            "how": check.how, "mend": check.mend, "about": check.about })
    });
    let alerts = registry.alerts().iter().map(|rule| {
        json!({ "kind": rule.kind, "title": rule.title[0], "title_fr": rule.title[1], "about": rule.about,
            "condition": rule.condition, "threshold": rule.threshold, "unit": rule.unit })
    });
    json!({ "checks": checks.collect::<Vec<_>>(), "alerts": alerts.collect::<Vec<_>>() })
}

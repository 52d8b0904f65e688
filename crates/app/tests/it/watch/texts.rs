//! The console has words for every check and every kind of alert.

use serde_json::Value;

/// `web/test/checks.test.ts` goes over this list and says which words are missing.
#[test]
fn the_console_knows_every_check_and_every_kind_of_alert() {
    let committed: Value = serde_json::from_str(include_str!("../../../../../web/test/watched.json")).unwrap();
    assert!(
        committed == app::watching::described(&app::wiring::registry(), &[]),
        "web/test/watched.json is out of date: write it with `comptoir audit --list --json > web/test/watched.json`, and give \
         what is new its French words in web/src/i18n/fr/audit"
    );
}

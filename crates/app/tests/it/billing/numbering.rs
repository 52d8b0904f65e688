//! How entities write their numbers, and what keeps a number from coming twice.

use serde_json::{Value, json};

use crate::support::TestApp;

const PATH: &str = "/api/billing/numbering";

fn of<'a>(numbering: &'a Value, series: &str) -> &'a Value {
    numbering["series"].as_array().unwrap().iter().find(|row| row["series"] == series).unwrap()
}

fn pattern(pattern: impl Into<Option<&'static str>>) -> Value {
    let pattern: Option<&str> = pattern.into();
    json!({ "entity": "ZR7", "pattern": pattern })
}

#[tokio::test]
async fn an_entity_writes_its_numbers_its_own_way_until_the_first_of_the_year() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let usual = app.get(&format!("{PATH}?entity=ZR7")).expect(200).await;
    assert_eq!((usual["version"].as_i64(), usual["series"].as_array().unwrap().len()), (Some(0), 7));
    let invoices = of(&usual, "invoice");
    assert_eq!(
        (invoices["next_number"].as_str(), invoices["is_own"].as_bool(), invoices["can_change"].as_bool()),
        (Some("FAC-2026-0001"), Some(false), Some(true))
    );
    let preview =
        app.get(&format!("{PATH}/preview?entity=ZR7&series=invoice&pattern=F{{YY}}/{{NNN}}")).expect(200).await;
    assert_eq!(preview["next_number"], "F26/001");
    let set = app.put(&format!("{PATH}/invoice"), pattern("F{YY}/{NNN}")).expect(200).await;
    assert_eq!((set["version"].as_i64(), of(&set, "invoice")["is_own"].as_bool()), (Some(1), Some(true)));
    let stale = json!({ "entity": "ZR7", "pattern": "G{YY}/{NNN}", "version": 0 });
    app.put(&format!("{PATH}/invoice"), stale).expect(409).await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    assert_eq!(app.invoice(&party, "100").await["number"], "F26/001");
    let after = app.get(&format!("{PATH}?entity=ZR7")).expect(200).await;
    let invoices = of(&after, "invoice");
    assert_eq!(
        (invoices["next_number"].as_str(), invoices["last_on"].as_str(), invoices["can_change"].as_bool()),
        (Some("F26/002"), Some("2026-02-11"), Some(false))
    );
    let refused = app.put(&format!("{PATH}/invoice"), pattern(None)).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "number_pattern_in_use"));
    app.put(&format!("{PATH}/invoice"), pattern("F{YY}/{NNN}")).expect(200).await;
    // The other entity, and the next year, are free.
    assert_eq!(
        of(&app.get(&format!("{PATH}?entity=MDL")).expect(200).await, "invoice")["next_number"],
        "FAC-2026-0001"
    );
    app.at("2027-01-04T09:00:00Z").await;
    let back = app.put(&format!("{PATH}/invoice"), pattern(None)).expect(200).await;
    assert_eq!(of(&back, "invoice")["next_number"], "FAC-2027-0001");
    assert_eq!(app.invoice(&party, "100").await["number"], "FAC-2027-0001");
}

#[tokio::test]
async fn a_pattern_that_could_repeat_a_number_is_refused() {
    let app = TestApp::new().await;
    for (series, bad) in [
        ("invoice", "FAC-{NNNN}"),
        ("invoice", "FAC-{YYYY}"),
        ("invoice", "F C-{YYYY}-{N}"),
        ("invoice", "FAC-{WEEK}-{NNNN}"),
        ("invoice", "AV-{YYYY}-{NNNN}"),
        ("credit_note", "fac-{YY}{YY}-{NNNNNN}"),
        ("quote", "ZR7-{YYYY}{MM}-{NNNN}"),
        ("leads", "IC-{ENTITY}-{YYYY}-W{MM}-{NNNN}"),
    ] {
        let refused = app.put(&format!("{PATH}/{series}"), pattern(bad)).expect(422).await;
        assert_eq!(refused["errors"][0]["field"], "pattern", "{bad}: {refused:#}");
    }
    app.put(&format!("{PATH}/petty"), pattern(None)).expect(404).await;
    app.get(&format!("{PATH}/preview?entity=ZR7&series=invoice&pattern=AV-{{YYYY}}-{{N}}")).expect(422).await;
    app.get(&format!("{PATH}/preview?entity=ZR7&series=petty&pattern=X")).expect(400).await;
    assert_eq!(
        app.value::<i64>("select count(*) from platform.setting where tenant_id = $1 and key like 'billing%'").await,
        0
    );
    let (other, viewer) = (app.member("admin", "MDL").await, app.member("viewer", "ZR7").await);
    app.put(&format!("{PATH}/invoice"), pattern("F-{YYYY}-{N}")).by(&other).expect(403).await;
    app.put(&format!("{PATH}/invoice"), pattern("F-{YYYY}-{N}")).by(&viewer).expect(403).await;
    app.put(&format!("{PATH}/intercompany"), pattern("INT-{WEEK}-{NNN}")).expect(200).await;
}

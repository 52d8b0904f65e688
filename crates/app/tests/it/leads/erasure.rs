//! Personal data ends (spec 12.9): on request, and after the retention period.

use axum::http::Method;
use serde_json::json;

use crate::support::{TestApp, owner};

async fn ready() -> TestApp {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    app.form("MDL-001", "MDL", "PV").await;
    app
}

/// Every row of every table of the tenant that holds one of these texts.
async fn traces(app: &TestApp, needles: &[&str]) -> Vec<String> {
    let tables: Vec<String> = app
        .value("select array_agg(format('%I.%I', table_schema, table_name)) from information_schema.columns
            where column_name = 'tenant_id' and table_schema in ('leads', 'platform', 'parties', 'catalog') and $1::uuid is not null")
        .await;
    let mut found = Vec::new();
    let mut owner = owner().await;
    for table in tables {
        let sql = format!("select count(*) from {table} t where tenant_id = $1 and exists (select from unnest($2::text[]) n where
            position(n in lower(to_jsonb(t)::text)) > 0 or position(encode(convert_to(n, 'UTF8'), 'hex') in to_jsonb(t)::text) > 0)");
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .bind(app.tenant.uuid())
            .bind(needles)
            .fetch_one(&mut owner)
            .await
            .unwrap();
        if count > 0 {
            found.push(table);
        }
    }
    found.sort();
    found.dedup();
    found
}

#[tokio::test]
async fn a_person_is_erased_everywhere_and_figures_stay() {
    let app = ready().await;
    app.order("ZR7", "Acme", json!({ "quota_semaine": 3 })).await;
    let visit = format!("/api/public/track/session?tenant={}", app.slug);
    let session = app.send(Method::POST, &visit, Some(json!({ "lp_code": "LP-1" }))).expect(200).await;
    let person = json!({ "session_id": session["session_id"], "phone": "0612349876", "nom": "Zébulon", "email": "Zeb@Private.example",
        "adresse": "12 rue Secrète" });
    let lead = app.lead(person.clone()).expect(201).await["lead_id"].as_str().unwrap().to_owned();
    app.post(&format!("/api/leads/{lead}/notes"), json!({ "text": "Zébulon rappelle demain" })).expect(201).await;
    app.lead(json!({ "session_id": "other" })).expect(201).await;
    app.run("daily-delivery").await;
    let mut later = person.clone();
    later["form_code"] = json!("MDL-001");
    later["session_id"] = json!("second");
    app.lead(later).expect(201).await;
    let path = format!("/api/public/leads?tenant={}", app.slug);
    app.send(Method::POST, &path, None)
        .raw("application/json", "{\"phone\": \"06.12.34.98.76\", \"nom\": \"Zébulon\"")
        .await;
    let needles = ["0612349876", "zébulon", "zeb@private.example", "rue secrète", "06.12.34.98.76"];
    let before = traces(&app, &needles).await;
    for table in ["leads.lead", "leads.delivery", "leads.delivery_batch", "leads.lead_note", "leads.quarantine"] {
        assert!(before.iter().any(|found| found == table), "{table} of {before:?}");
    }
    let figures = "select sum(used)::bigint * 100 + sum(accepted)::bigint from leads.order_week where tenant_id = $1";
    let counted: i64 = app.value(figures).await;

    let ops = app.member("ops", "ZR7").await;
    app.post("/api/leads/erase", json!({ "phone": "0612349876" })).by(&ops).expect(403).await;
    app.post("/api/leads/erase", json!({})).expect(422).await;
    app.post("/api/leads/erase", json!({ "phone": "12" })).expect(422).await;
    let key = [("idempotency-key", "erase-1")];
    let erased = app
        .post("/api/leads/erase", json!({ "phone": "+33 6 12 34 98 76" }))
        .header(key[0].0, key[0].1)
        .expect(200)
        .await;
    assert_eq!((&erased["leads"], &erased["payloads"]), (&json!(2), &json!(1)), "{erased}");
    assert_eq!(traces(&app, &needles).await, Vec::<String>::new());
    let again = app.post("/api/leads/erase", json!({ "email": "zeb@private.example" })).expect(200).await;
    assert_eq!(again["leads"], 0);

    assert_eq!(app.value::<i64>(figures).await, counted, "what was sent stays counted");
    let detail = app.get(&format!("/api/leads/{lead}")).expect(200).await;
    assert_eq!((&detail["nom"], &detail["status"], &detail["consent"]), (&json!(""), &json!("livre"), &json!(true)));
    let sent = detail["deliveries"][0]["id"].as_str().unwrap();
    app.get(&format!("/api/deliveries/{sent}/download")).expect(404).await;
    let others: i64 = app.value("select count(*) from leads.lead where tenant_id = $1 and phone = '0612345679'").await;
    assert_eq!(others, 1, "nobody else is touched");
    app.run("daily-delivery").await;
    let living: i64 = app
        .value("select count(*) from leads.delivery where tenant_id = $1 and phone = 'erased' and status not in ('sent', 'cancelled')")
        .await;
    assert_eq!(living, 0, "nothing of the person leaves any more");
}

#[tokio::test]
async fn an_open_delivery_is_given_up_and_an_admin_erases_in_his_entity_only() {
    let app = ready().await;
    app.order("ZR7", "Acme", json!({ "quota_semaine": 1 })).await;
    app.lead(json!({})).expect(201).await;
    app.lead(json!({ "form_code": "MDL-001", "session_id": "m" })).expect(201).await;
    let admin = app.member("admin", "ZR7").await;
    let erased = app.post("/api/leads/erase", json!({ "phone": "0612345679" })).by(&admin).expect(200).await;
    assert_eq!((&erased["leads"], &erased["cancelled"]), (&json!(1), &json!(1)));
    let left: Vec<String> = app
        .value(
            "select array_agg(e.code || ' ' || l.phone order by e.code) from leads.lead l
            join platform.entity e on e.id = l.entity_id where l.tenant_id = $1",
        )
        .await;
    assert_eq!(left, ["MDL 0612345679", "ZR7 erased"]);
    let used: i64 = app.value("select sum(used) from leads.order_week where tenant_id = $1").await;
    assert_eq!(used, 0, "its place in the quota is free");
}

#[tokio::test]
async fn what_is_older_than_the_policy_allows_is_erased_and_nothing_younger() {
    let app = ready().await;
    let policy = json!({ "personal_data_months": 12, "quarantine_days": 30 });
    app.put("/api/settings/retention", policy).expect(200).await;
    app.order("ZR7", "Acme", json!({})).await;
    app.lead(json!({ "session_id": "1" })).expect(201).await;
    let path = format!("/api/public/leads?tenant={}", app.slug);
    app.send(Method::POST, &path, None).raw("application/json", "{").await;
    app.run("daily-delivery").await;
    app.at("2026-06-10T09:00:00Z").await;
    app.lead(json!({ "session_id": "2", "phone": "0612345699", "nom": "Young" })).expect(201).await;
    app.run("daily-delivery").await;
    app.at("2027-02-10T12:00:00Z").await;
    assert_eq!(app.run("retention").await["leads"], 0, "a day before");
    app.at("2027-02-11T12:00:00Z").await;
    let report = app.run("retention").await;
    assert_eq!(report["leads"], 0, "the twelve months end with the day");
    app.at("2027-02-12T12:00:00Z").await;
    let report = app.run("retention").await;
    assert_eq!((&report["leads"], &report["files"]), (&json!(1), &json!(1)), "{report}");
    let names: Vec<String> =
        app.value("select array_agg(nom order by created_at) from leads.lead where tenant_id = $1").await;
    assert_eq!(names, ["", "Young"]);
    let rows: i64 = app.value("select count(*) from leads.quarantine where tenant_id = $1").await;
    assert_eq!(rows, 0);
    let told: i64 =
        app.value("select count(*) from platform.event where tenant_id = $1 and action = 'retention_run'").await;
    assert!(told >= 1);
    assert_eq!(app.run("retention").await["leads"], 0);
}

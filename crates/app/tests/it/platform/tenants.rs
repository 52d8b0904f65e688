//! Tenants and entities among each other: what each is given, and what is its own (spec/trade.md T-23, T-24, T-27).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use axum::http::Method;
use kernel::{Clock as _, ManualClock, SystemClock};
use platform::Permission;
use platform::http::Access;
use platform::identity::PlainPassword;
use platform::tenancy::{NewAdmin, NewTenant};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::support::process::Installation;
use crate::support::{PASSWORD, TestApp};

/// Every key that settings are kept under: where it is read and written, and who may.
const SETTINGS: &[(&str, &str, Permission, &str, Permission)] = &[
    ("billing.bank", "/api/bank/settings", Permission::BillingView, "/api/bank/settings", Permission::BillingManage),
    (
        "billing.number_patterns",
        "/api/billing/numbering",
        Permission::BillingView,
        "/api/billing/numbering/{series}",
        Permission::SettingsAccess,
    ),
    ("billing.reminders", REMINDERS, Permission::SettingsAccess, REMINDERS, Permission::SettingsAccess),
    ("billing.sending", SENDING, Permission::SettingsAccess, SENDING, Permission::SettingsAccess),
    ("leads.cross_entity", CROSS, Permission::SettingsAccess, CROSS, Permission::SettingsAccess),
    ("leads.csv_profiles", PROFILES, Permission::SettingsAccess, PROFILES, Permission::SettingsAccess),
    ("leads.delivery_calendar", CALENDAR, Permission::SettingsAccess, CALENDAR, Permission::SettingsAccess),
    ("leads.departements", DEPARTEMENTS, Permission::SettingsAccess, DEPARTEMENTS, Permission::SettingsAccess),
    ("leads.duplicates", DUPLICATES, Permission::SettingsAccess, DUPLICATES, Permission::SettingsAccess),
    ("leads.email_policy", DENYLIST, Permission::SettingsAccess, DENYLIST, Permission::SettingsAccess),
    ("leads.forms", FORMS, Permission::SettingsAccess, FORMS, Permission::SettingsAccess),
    ("leads.intercompany_terms", TERMS, Permission::IntercompanyView, TERMS, Permission::IntercompanyManage),
    ("leads.overlap_guard", GUARD, Permission::SettingsAccess, GUARD, Permission::SettingsAccess),
    ("leads.phone_policy", PHONES, Permission::SettingsAccess, PHONES, Permission::SettingsAccess),
    ("leads.retention", RETENTION, Permission::SettingsAccess, RETENTION, Permission::SettingsAccess),
    ("leads.source_gating", GATING, Permission::SettingsAccess, GATING, Permission::SettingsAccess),
    ("mail.domains", DOMAINS, Permission::SettingsAccess, DOMAINS, Permission::SettingsAccess),
    ("mail.smtp", SMTP, Permission::SettingsAccess, SMTP, Permission::SettingsAccess),
    ("watch.alerts", ALERTS, Permission::SettingsAccess, ALERTS, Permission::SettingsAccess),
];
const REMINDERS: &str = "/api/settings/reminders";
const SENDING: &str = "/api/settings/document-mails";
const CROSS: &str = "/api/settings/cross-entity";
const PROFILES: &str = "/api/settings/csv-profiles";
const CALENDAR: &str = "/api/settings/delivery-calendar";
const DEPARTEMENTS: &str = "/api/settings/departements";
const DUPLICATES: &str = "/api/settings/duplicates";
const DENYLIST: &str = "/api/settings/email-denylist";
const FORMS: &str = "/api/settings/forms-config";
const TERMS: &str = "/api/intercompany/terms";
const GUARD: &str = "/api/settings/overlap-guard";
const PHONES: &str = "/api/settings/phone-policy";
const RETENTION: &str = "/api/settings/retention";
const GATING: &str = "/api/settings/source-gating";
const DOMAINS: &str = "/api/settings/mail-domains";
const SMTP: &str = "/api/settings/smtp";
const ALERTS: &str = "/api/settings/alerts";

/// The keys of settings that the sources declare.
fn declared() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.file_name().is_none_or(|name| name != "tests") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let keys = text.split("const KEY: &'static str = \"").skip(1);
                found.extend(keys.map(|rest| rest.split('"').next().unwrap().to_owned()));
            }
        }
    }
    found
}

/// Somebody of this role with these permissions given or taken, signed in; and his id.
async fn member(app: &TestApp, name: &str, role: &str, permissions: &BTreeMap<&str, bool>) -> (String, String) {
    let email = format!("{name}@{}.example", app.slug);
    let user = json!({ "email": email, "name": name, "role": role, "entity": "ZR7", "password": PASSWORD,
        "permissions": permissions });
    let user = app.post("/api/auth/users", user).expect(201).await;
    (app.sign_in(&email).await, user["id"].as_str().unwrap().to_owned())
}

async fn lacks(app: &TestApp, token: &str, method: Method, path: &str) -> Option<String> {
    let path = path.replace("{series}", "invoice");
    let body = (method == Method::PUT).then(|| json!({ "junk": true }));
    let query = if method == Method::GET { "?entity=ZR7" } else { "" };
    let query = if path.ends_with("/numbering") { query } else { "" };
    let answer = app.send(method, &format!("{path}{query}"), body).by(token).await;
    let refused = answer.status == 403 && answer.json["errors"][0]["field"] == "permission";
    refused.then(|| answer.json["errors"][0]["message"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn t_23_every_setting_has_its_own_permission_and_who_edits_items_reads_no_secret_and_changes_no_policy() {
    let app = TestApp::new().await;
    let keys: BTreeSet<_> = SETTINGS.iter().map(|(key, ..)| (*key).to_owned()).collect();
    assert_eq!(keys, declared(), "every key of the sources");
    for (key, read, reader, write, writer) in SETTINGS {
        for (method, path, permission) in [("GET", read, reader), ("PUT", write, writer)] {
            let route = app.routes.iter().find(|route| route.method == method && route.path == *path);
            let route = route.unwrap_or_else(|| panic!("{key}: no {method} {path}"));
            assert_eq!(route.guard.access, Access::Permission(*permission), "{key}: {method} {path}");
        }
    }
    // Everything but one: just the settings of that one are closed.
    let used: BTreeSet<_> = SETTINGS.iter().flat_map(|(_, _, reader, _, writer)| [*reader, *writer]).collect();
    for taken in &used {
        let name = format!("no-{}", taken.key().replace('.', "-"));
        let all_but = used.iter().map(|permission| (permission.key(), permission != taken)).collect();
        let (token, _) = member(&app, &name, "admin", &all_but).await;
        for (key, read, reader, write, writer) in SETTINGS {
            assert_eq!(
                lacks(&app, &token, Method::GET, read).await.is_some(),
                reader == taken,
                "{key} without {taken}"
            );
            assert_eq!(
                lacks(&app, &token, Method::PUT, write).await.is_some(),
                writer == taken,
                "{key} without {taken}"
            );
        }
    }
    let items = BTreeMap::from([("billing.view", true), ("billing.manage", true)]);
    let (editor, _) = member(&app, "items", "viewer", &items).await;
    app.post("/api/products", json!({ "code": "VIS", "name": "Vis" })).by(&editor).expect(201).await;
    for (key, read, reader, write, writer) in SETTINGS {
        for (method, path, permission) in [(Method::GET, read, reader), (Method::PUT, write, writer)] {
            let is_open = permission.key().starts_with("billing.");
            assert_eq!(lacks(&app, &editor, method, path).await.is_none(), is_open, "{key} for who edits items");
        }
    }
}

#[tokio::test]
async fn t_24_permissions_are_read_in_their_tenant_alone_and_no_tenant_writes_the_chart_of_all() {
    let (app, other) = (TestApp::new().await, TestApp::new().await);
    let given = BTreeMap::from([("billing.view", true), ("leads.delete", true)]);
    let (token, id) = member(&app, "special", "viewer", &given).await;
    let page = app.get("/api/auth/users?limit=200").expect(200).await;
    let his = page["items"].as_array().unwrap().iter().find(|user| user["id"] == id.as_str()).unwrap();
    assert_eq!(
        (&his["permissions"]["billing.view"], &his["permissions"]["users.manage"]),
        (&json!(true), &json!(false))
    );
    app.get("/api/auth/users").by(&token).expect(403).await;
    app.get("/api/auth/permission-keys").by(&token).expect(403).await;

    let theirs = other.get("/api/auth/users?limit=200").expect(200).await;
    assert!(theirs["items"].as_array().unwrap().iter().all(|user| user["id"] != id.as_str()), "{theirs}");
    let change = json!({ "permissions": { "users.manage": true } });
    other.put(&format!("/api/auth/users/{id}"), change).expect(404).await;
    let ctx = other.platform.act_in(other.tenant, platform::Actor::System("test"), "test").await.unwrap();
    let seen: i64 = sqlx::query_scalar("select count(*) from platform.membership where tenant_id = $1")
        .bind(app.tenant.uuid())
        .fetch_one(ctx.begin().await.unwrap().conn())
        .await
        .unwrap();
    assert_eq!(seen, 0, "whatever the statement asks for");

    // The chart that books are opened with is a part of the program: each book has its own copy.
    let account = async |app: &TestApp| {
        let page = app.get("/api/ledger/accounts?entity=ZR7&search=401&limit=200").expect(200).await;
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["code"].as_str().unwrap().starts_with("401"))
            .unwrap()
            .clone()
    };
    app.post("/api/ledger/book", json!({ "entity": "ZR7" })).expect(201).await;
    let before = account(&app).await;
    let path = format!("/api/ledger/accounts/{}", before["id"].as_str().unwrap());
    app.put(&path, json!({ "name_fr": "Les nôtres" })).expect(200).await;
    assert_eq!(account(&app).await["name_fr"], "Les nôtres");
    other.post("/api/ledger/book", json!({ "entity": "ZR7" })).expect(201).await;
    assert_eq!(account(&other).await["name_fr"], before["name_fr"]);
    app.post("/api/ledger/book", json!({ "entity": "MDL" })).expect(201).await;
    let shared: i64 = app
        .value(
            "select count(*) from information_schema.tables t where t.table_type = 'BASE TABLE' and t.table_schema = 'ledger'
             and $1::uuid is not null and not exists (select from information_schema.columns c
                 where c.table_schema = t.table_schema and c.table_name = t.table_name and c.column_name = 'tenant_id')",
        )
        .await;
    assert_eq!(shared, 0, "no table of the books belongs to all");
}

/// Makes every insert into `table` fail until it is mended.
async fn broken(owner: &mut PgConnection, table: &str) {
    let sql = format!(
        "create or replace function platform.broken() returns trigger language plpgsql as $$ begin raise 'broken'; end $$;
         create trigger broken before insert on {table} for each row execute function platform.broken()"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(owner).await.unwrap();
}

async fn mended(owner: &mut PgConnection, table: &str) {
    let sql = format!("drop trigger broken on {table}; drop function platform.broken()");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(owner).await.unwrap();
}

async fn count(owner: &mut PgConnection, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(owner).await.unwrap()
}

#[tokio::test]
async fn t_27_a_new_entity_has_all_that_it_begins_with_or_nothing() {
    let here = Installation::new("halfway").await;
    let mut owner = here.owner().await;
    let at = SystemClock.now();
    let new = NewTenant {
        slug: "new".into(),
        name: "New".into(),
        time_zone: "Europe/Paris".into(),
        entities: vec![("ZR7".into(), "ZR7".into()), ("MDL".into(), "MDL".into())],
        admin: NewAdmin {
            email: "root@new.example".parse().unwrap(),
            name: "Root".into(),
            password: Some(PlainPassword::new(PASSWORD)),
        },
    };
    let begun = "select (select count(*) from platform.tenant) + (select count(*) from platform.entity)
        + (select count(*) from platform.user) + (select count(*) from platform.membership) + (select count(*) from platform.event)";
    let before = count(&mut owner, begun).await;
    for table in ["platform.entity", "platform.user", "platform.membership", "platform.event"] {
        broken(&mut owner, table).await;
        assert!(platform::tenancy::create(&mut owner, at, &new).await.is_err(), "{table}");
        mended(&mut owner, table).await;
        assert_eq!(count(&mut owner, begun).await, before, "{table}: nothing of it is left");
    }
    let tenant = platform::tenancy::create(&mut owner, at, &new).await.unwrap();
    let app = TestApp::over(here.platform().await, Arc::new(ManualClock::new(at)), "new", tenant);
    let app = app.signed_in("root@new.example", PASSWORD).await;
    for path in ["/api/units", "/api/vat-rates"] {
        assert!(!app.get(path).expect(200).await.as_array().unwrap().is_empty(), "{path}");
    }
    let roles = app.get("/api/auth/permission-keys").expect(200).await;
    assert_eq!(roles["presets"].as_object().unwrap().len(), platform::Role::ALL.len());
    let series = app.get("/api/billing/numbering?entity=ZR7").expect(200).await;
    assert!(!series["series"].as_array().unwrap().is_empty(), "{series}");

    let books = "select (select count(*) from ledger.book) + (select count(*) from ledger.account) + (select count(*) from ledger.journal)
        + (select count(*) from ledger.posting_role) + (select count(*) from platform.event where action = 'book_opened')";
    for table in ["ledger.book", "ledger.account", "ledger.posting_role", "ledger.journal", "platform.event"] {
        broken(&mut owner, table).await;
        let answer = app.post("/api/ledger/book", json!({ "entity": "ZR7" })).await;
        mended(&mut owner, table).await;
        assert!(answer.status.is_server_error(), "{table}: {}", answer.json);
        assert_eq!(count(&mut owner, books).await, 0, "{table}: nothing of the books is left");
    }
    app.post("/api/ledger/book", json!({ "entity": "ZR7" })).expect(201).await;
    let roles: Value = app.get("/api/ledger/roles?entity=ZR7").expect(200).await;
    let vacant: Vec<_> = roles.as_array().unwrap().iter().filter(|role| role["account"].is_null()).collect();
    assert!(vacant.is_empty(), "every role of postings has its account: {vacant:?}");
    for path in ["/api/ledger/accounts?entity=ZR7", "/api/ledger/journals?entity=ZR7"] {
        let list = app.get(path).expect(200).await;
        let rows = list.as_array().or_else(|| list["items"].as_array()).unwrap();
        assert!(rows.len() > 3, "{path}: {}", rows.len());
    }
}

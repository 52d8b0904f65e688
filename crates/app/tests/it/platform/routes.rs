//! Every mounted route, as everybody: nobody reaches what spec 9 does not give him.

use axum::http::Method;
use platform::http::{Access, Route};
use platform::{Permission, Role};
use serde_json::json;

use crate::support::TestApp;

/// The matrix of spec/leads.md 9 and the books, written out: permission, then super_admin, admin, ops, viewer.
const MATRIX: &[(&str, &str)] = &[
    ("dashboard.view", "✓✓✓✓"),
    ("leads.view", "✓✓✓✓"),
    ("leads.edit_status", "✓✓✓–"),
    ("leads.add_note", "✓✓✓–"),
    ("leads.delete", "✓✓––"),
    ("leads.export", "✓✓––"),
    ("clients.view", "✓✓✓✓"),
    ("clients.create", "✓✓––"),
    ("clients.edit", "✓✓––"),
    ("clients.delete", "✓✓––"),
    ("commandes.view", "✓✓✓✓"),
    ("commandes.create", "✓✓––"),
    ("commandes.delete", "✓✓––"),
    ("commandes.edit_quota", "✓✓✓–"),
    ("commandes.edit_lb_target", "✓✓✓–"),
    ("commandes.activate_pause", "✓✓✓–"),
    ("deliveries.view", "✓✓✓✓"),
    ("deliveries.resend", "✓✓✓–"),
    ("deliveries.reject", "✓✓––"),
    ("billing.view", "✓✓––"),
    ("billing.manage", "✓✓––"),
    ("intercompany.view", "✓✓✓–"),
    ("intercompany.manage", "✓✓––"),
    ("ledger.view", "✓✓––"),
    ("ledger.manage", "✓✓––"),
    ("departements.view", "✓✓✓✓"),
    ("activity.view", "✓✓––"),
    ("settings.access", "✓✓––"),
    ("providers.access", "✓✓––"),
    ("users.manage", "✓–––"),
    ("monitoring.lb.view", "✓–––"),
    ("operations.manage", "✓–––"),
    ("audit.view", "✓–––"),
];

/// What every member may do: with his own account and screens, and with what lists offer to choose from.
const OWN: &[&str] = &[
    "DELETE /api/auth/totp",
    "DELETE /api/views/{id}",
    "GET /api/auth/me",
    "GET /api/auth/sessions",
    "GET /api/calendar",
    "GET /api/entities",
    "GET /api/live",
    "GET /api/notifications",
    "GET /api/products",
    "GET /api/products/{code}",
    "GET /api/products/{code}/prices",
    "GET /api/search",
    "GET /api/units",
    "GET /api/vat-rates",
    "GET /api/views",
    "POST /api/auth/logout",
    "POST /api/auth/password",
    "POST /api/auth/sessions/ending",
    "POST /api/auth/totp",
    "POST /api/auth/totp/confirm",
    "POST /api/notifications/seen",
    "POST /api/views",
    "PUT /api/views/{id}",
];

fn gives(permission: &str, role: Role) -> bool {
    let (_, marks) = MATRIX.iter().find(|(key, _)| *key == permission).unwrap();
    let column = Role::ALL.iter().position(|other| *other == role).unwrap();
    marks.chars().nth(column) == Some('✓')
}

#[test]
fn the_presets_are_the_matrix_of_the_specification() {
    let keys: Vec<_> = MATRIX.iter().map(|(key, _)| *key).collect();
    for permission in Permission::ALL {
        assert!(keys.contains(&permission.key()), "{permission} is not in the matrix");
    }
    assert_eq!(keys.len(), Permission::ALL.len());
    for role in Role::ALL {
        for key in &keys {
            let held = role.preset().iter().any(|permission| permission.key() == *key);
            assert_eq!(held, gives(key, *role), "{key} of {role:?}");
        }
    }
}

pub(super) fn filled(route: &Route) -> (Method, String) {
    let id = "01a1fc65-3b34-7132-8044-50af971882c2";
    let path = route
        .path
        .replace("{id}", id)
        .replace("{code}", "PV")
        .replace("{dept}", "75")
        .replace("{week}", "2026-W07")
        .replace("{series}", "invoice");
    assert!(!path.contains('{'), "{path}: teach this test the parameter");
    (route.method.parse().unwrap(), path)
}

#[tokio::test]
async fn l_18_d_39_d_40_every_route_asks_for_its_permission_and_answers_each_role_as_the_matrix_says() {
    let app = TestApp::new().await;
    let of_every_member = app.routes.iter().filter(|route| route.guard.access == Access::SignedIn);
    let mut of_every_member: Vec<_> = of_every_member.map(|route| format!("{} {}", route.method, route.path)).collect();
    of_every_member.sort_unstable();
    assert_eq!(of_every_member, OWN, "whatever else is not public asks for a permission");
    let mut tokens = vec![(Role::SuperAdmin, app.root.clone())];
    for role in [Role::Admin, Role::Ops, Role::Viewer] {
        tokens.push((role, app.member(role.key(), "ZR7").await));
    }
    for route in &app.routes {
        let (method, path) = filled(route);
        let body = (method != Method::GET && method != Method::DELETE).then(|| json!({ "junk": true }));
        let anonymous = app.send(method.clone(), &path, body.clone()).await;
        match route.guard.access {
            Access::Public => assert!(!anonymous.status.is_server_error(), "{method} {path}"),
            Access::MetricsToken => assert_eq!(anonymous.status, 404, "{method} {path}"),
            Access::SignedIn | Access::Permission(_) => assert_eq!(anonymous.status, 401, "{method} {path}"),
        }
        if path == "/api/auth/logout" {
            continue;
        }
        for (role, token) in &tokens {
            let answer = app.send(method.clone(), &path, body.clone()).by(token).await;
            assert!(!answer.status.is_server_error(), "{method} {path} as {role:?}: {}", answer.json);
            if let Access::Permission(permission) = route.guard.access {
                let refused = answer.status == 403 && answer.json["errors"][0]["field"] == "permission";
                assert_eq!(refused, !gives(permission.key(), *role), "{method} {path} as {role:?}: {}", answer.json);
            }
        }
    }
}

#[tokio::test]
async fn d_46_every_answer_page_file_and_refusal_keeps_a_browser_safe() {
    let app = TestApp::new().await;
    let calls = app.routes.iter().filter(|route| route.path != "/api/auth/logout").map(filled);
    let others = ["/", "/leads", "/assets/none.js", "/api/none", "/api/openapi.json", "/api/docs/index.html"];
    let others = others.iter().map(|path| (Method::GET, (*path).to_owned()));
    for (method, path) in calls.chain(others) {
        for by in [None, Some(&app.root)] {
            let call = app.send(method.clone(), &path, None);
            let answer = if let Some(token) = by { call.by(token).await } else { call.await };
            let of = format!("{method} {path}: {}", answer.status);
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{of}");
            assert_eq!(answer.header("referrer-policy"), "no-referrer", "{of}");
            assert!(answer.header("strict-transport-security").starts_with("max-age="), "{of}");
            assert!(matches!(answer.header("x-frame-options"), "DENY" | "SAMEORIGIN"), "{of}");
            let policy = answer.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors '"), "{of}: {policy}");
        }
    }
}

#[tokio::test]
async fn d_49_no_route_is_mounted_a_second_time_without_its_prefix() {
    let app = TestApp::new().await;
    let mut tried = 0;
    for route in &app.routes {
        let (method, path) = filled(route);
        let Some(bare) = path.strip_prefix("/api") else { continue };
        let answer = app.send(method.clone(), bare, None).by(&app.root).await;
        // The console answers a GET of what may be one of its screens with its page.
        let is_screen = method == Method::GET && answer.header("content-type").starts_with("text/");
        assert!(answer.status == 404 || is_screen, "{method} {bare}: {} {}", answer.status, answer.text);
        tried += 1;
    }
    assert!(tried > 300, "{tried}");
}

/// Every route with every id of another's: nothing answers as if it were one's own.
#[tokio::test]
async fn no_route_gives_out_or_changes_what_belongs_to_another_entity_or_tenant() {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    let (party, _) = app.order("ZR7", "Acme", json!({})).await;
    let site = json!({ "kind": "site", "line1": "1 rue X", "postal_code": "75001", "city": "Paris" });
    app.post(&format!("/api/parties/{party}/addresses"), site).expect(201).await;
    app.post(&format!("/api/parties/{party}/contacts"), json!({ "kind": "general", "name": "Anne" })).expect(201).await;
    let provider = json!({ "entity": "ZR7", "name": "Pub", "slug": app.slug });
    app.post("/api/providers", provider).expect(201).await;
    let webhook = json!({ "entity": "ZR7", "name": "ERP", "url": "https://erp.example/in", "actions": ["*"] });
    app.post("/api/webhooks", webhook).expect(201).await;
    app.lead(json!({})).expect(201).await;
    app.run("daily-delivery").await;
    let member = app.member("admin", "ZR7").await;
    let others = app.member("admin", "MDL").await;
    let stranger = TestApp::new().await;
    let ids = |sql| app.value::<Vec<String>>(sql);
    let entitys = ids("select array_agg(id::text) from (select id from leads.lead where tenant_id = $1 union all select id from leads.delivery where tenant_id = $1
        union all select id from leads.buyer where tenant_id = $1 union all select id from leads.standing_order where tenant_id = $1
        union all select id from leads.provider where tenant_id = $1 union all select id from parties.party_address where tenant_id = $1
        union all select id from parties.party_contact where tenant_id = $1 union all select id from platform.webhook where tenant_id = $1
        union all select v.id from platform.event v join platform.entity e on e.id = v.entity_id and e.code = 'ZR7' where v.tenant_id = $1) x")
    .await;
    let tenants = ids("select array_agg(id::text) from (select id from platform.job where tenant_id = $1 union all select id from platform.mail where tenant_id = $1
        union all select id from platform.membership where tenant_id = $1 union all select id from platform.event where tenant_id = $1) x")
    .await;
    let state = "select md5(string_agg(x, '')) from (select to_jsonb(t)::text as x from leads.lead t where tenant_id = $1 union all
        select to_jsonb(t)::text from leads.delivery t where tenant_id = $1 union all select to_jsonb(t)::text from leads.buyer t where tenant_id = $1 union all
        select to_jsonb(t)::text from leads.standing_order t where tenant_id = $1 union all select to_jsonb(t)::text from leads.provider t where tenant_id = $1
        union all select to_jsonb(t)::text from parties.party t where tenant_id = $1 union all select to_jsonb(t)::text from parties.party_address t where tenant_id = $1
        union all select to_jsonb(t)::text from parties.party_contact t where tenant_id = $1
        union all select to_jsonb(t)::text from platform.webhook t where tenant_id = $1 order by 1) y";
    let before: String = app.value(state).await;
    let mut own = 0;
    for route in app.routes.iter().filter(|route| route.path.contains("{id}") && route.guard.access != Access::Public) {
        let method: Method = route.method.parse().unwrap();
        let body = (method != Method::GET && method != Method::DELETE)
            .then(|| json!({ "reason": "test", "text": "x", "name": "Mine", "quota_semaine": 1, "status": "invalid" }));
        let body = body.map(|body| match route.path.as_str() {
            path if path.ends_with("addresses") || path.starts_with("/api/party-addresses") => {
                json!({ "kind": "site", "line1": "x", "city": "x" })
            }
            path if path.ends_with("contacts") || path.starts_with("/api/party-contacts") => {
                json!({ "kind": "other", "name": "Mine" })
            }
            path if path.starts_with("/api/webhooks/{id}") && method == Method::PUT => json!({ "name": "Mine" }),
            path if path.starts_with("/api/parties") => json!({ "name": "Mine" }),
            _ => body,
        });
        for id in entitys.iter().chain(&tenants) {
            let path = route
                .path
                .replace("{id}", id)
                .replace("{code}", "PV")
                .replace("{dept}", "75")
                .replace("{week}", "2026-W07")
                .replace("{series}", "invoice");
            let there = stranger.send(method.clone(), &path, body.clone()).by(&stranger.root).await;
            assert!(!there.status.is_success(), "{method} {path} of another tenant: {}", there.json);
            if entitys.contains(id) {
                let elsewhere = app.send(method.clone(), &path, body.clone()).by(&others).await;
                assert!(!elsewhere.status.is_success(), "{method} {path} of another entity: {}", elsewhere.json);
            }
            if method == Method::GET {
                own += usize::from(app.get(&path).by(&member).await.status.is_success());
            }
        }
    }
    assert!(own >= 10, "the ids lead somewhere for their own people: {own}");
    assert_eq!(app.value::<String>(state).await, before, "and nothing was changed");
}

/// Whoever is signed in by cookie must prove that a change comes from our own pages: this stands for a token sent twice (spec/desk.md D-02).
#[tokio::test]
async fn d_02_no_route_changes_anything_by_cookie_unless_it_comes_from_our_own_pages() {
    let app = TestApp::new().await;
    let cookie = format!("__Host-comptoir={}", app.root);
    let mut tried = 0;
    for route in app.routes.iter().filter(|route| route.method != "GET" && route.guard.access != Access::Public) {
        let (method, path) = filled(route);
        let of = format!("{method} {path}");
        let call = || {
            let call = app.send(method.clone(), &path, Some(json!({})));
            call.header("cookie", &cookie).header("host", "comptoir.example")
        };
        for (name, value) in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-site", "none"),
            ("sec-fetch-site", ""),
            ("origin", "https://evil.example"),
            ("origin", "https://comptoir.example.evil.example"),
            ("origin", "https://comptoir.example:444"),
            ("origin", "null"),
            ("origin", ""),
            ("x-nothing", "said"),
        ] {
            let answer = call().header(name, value).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (403, "cross_origin"), "{of} {name}: {value}");
        }
        // What the browser says of the site counts before what it says of the origin.
        let both = call().header("sec-fetch-site", "cross-site").header("origin", "https://comptoir.example").await;
        assert_eq!(both.code(), "cross_origin", "{of}");
        tried += 1;
    }
    assert!(tried > 100, "{tried}");
    let own = app.send(Method::POST, "/api/auth/logout", Some(json!({}))).header("cookie", &cookie);
    own.header("sec-fetch-site", "same-origin").expect(204).await;
}

#[tokio::test]
async fn d_31_whatever_shows_or_moves_the_work_of_the_service_needs_its_own_permission() {
    let app = TestApp::new().await;
    let guarded: Vec<_> = app.routes.iter().filter(|route| route.path.starts_with("/api/operations/")).collect();
    assert!(guarded.len() >= 8, "{}", guarded.len());
    for route in guarded {
        let access = route.guard.access;
        assert_eq!(access, Access::Permission(Permission::OperationsManage), "{} {}", route.method, route.path);
    }
    for role in Role::ALL.iter().filter(|role| **role != Role::SuperAdmin) {
        assert!(!role.preset().contains(&Permission::OperationsManage), "{role:?}");
    }
}

/// Who acts is said by the session alone (spec/desk.md D-34).
#[tokio::test]
async fn d_34_no_request_names_who_acts() {
    let app = TestApp::new().await;
    let document = app.document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut read = 0;
    let actors = [
        "actor",
        "actor_id",
        "actor_name",
        "created_by",
        "updated_by",
        "issued_by",
        "posted_by",
        "on_behalf_of",
        "as_user",
    ];
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            for name in parameters.filter_map(|parameter| parameter["name"].as_str()) {
                assert!(!actors.contains(&name) || method == "get", "{method} {path}: {name}");
            }
            let body = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
            let Some(name) = body.as_str().and_then(|name| name.rsplit('/').next()) else { continue };
            let fields = schemas[name]["properties"].as_object().into_iter().flatten();
            for (field, _) in fields {
                assert!(!actors.contains(&field.as_str()), "{method} {path}: {field}");
            }
            read += 1;
        }
    }
    assert!(read > 80, "the requests were not read: {read}");
}

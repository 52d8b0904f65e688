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

fn filled(route: &Route) -> (Method, String) {
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
async fn l_18_every_route_answers_each_role_as_the_matrix_says() {
    let app = TestApp::new().await;
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
    app.lead(json!({})).expect(201).await;
    app.run("daily-delivery").await;
    let member = app.member("admin", "ZR7").await;
    let others = app.member("admin", "MDL").await;
    let stranger = TestApp::new().await;
    let ids = |sql| app.value::<Vec<String>>(sql);
    let entitys = ids("select array_agg(id::text) from (select id from leads.lead where tenant_id = $1 union all select id from leads.delivery where tenant_id = $1
        union all select id from leads.buyer where tenant_id = $1 union all select id from leads.standing_order where tenant_id = $1
        union all select id from leads.provider where tenant_id = $1 union all select id from parties.party_address where tenant_id = $1
        union all select id from parties.party_contact where tenant_id = $1 union all select v.id from platform.event v join platform.entity e on e.id = v.entity_id and e.code = 'ZR7' where v.tenant_id = $1) x")
    .await;
    let tenants = ids("select array_agg(id::text) from (select id from platform.job where tenant_id = $1 union all select id from platform.mail where tenant_id = $1
        union all select id from platform.membership where tenant_id = $1 union all select id from platform.event where tenant_id = $1) x")
    .await;
    let state = "select md5(string_agg(x, '')) from (select to_jsonb(t)::text as x from leads.lead t where tenant_id = $1 union all
        select to_jsonb(t)::text from leads.delivery t where tenant_id = $1 union all select to_jsonb(t)::text from leads.buyer t where tenant_id = $1 union all
        select to_jsonb(t)::text from leads.standing_order t where tenant_id = $1 union all select to_jsonb(t)::text from leads.provider t where tenant_id = $1
        union all select to_jsonb(t)::text from parties.party t where tenant_id = $1 union all select to_jsonb(t)::text from parties.party_address t where tenant_id = $1
        union all select to_jsonb(t)::text from parties.party_contact t where tenant_id = $1 order by 1) y";
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

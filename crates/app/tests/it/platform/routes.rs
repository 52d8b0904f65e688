//! Every mounted route, as everybody: nobody reaches what spec 9 does not give him.

use axum::http::Method;
use platform::http::{Access, Route};
use platform::{Permission, Role};
use serde_json::json;

use crate::support::TestApp;

/// The matrix of spec/leads.md 9, written out: permission, then super_admin, admin, ops, viewer.
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
    let path = route.path.replace("{id}", id).replace("{code}", "PV").replace("{dept}", "75");
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

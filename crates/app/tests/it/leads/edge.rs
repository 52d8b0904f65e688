//! The public side: who may post from a browser, how often, and from which address (L-49).

use axum::http::Method;
use platform::Options;
use serde_json::json;

use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn l_49_browsers_post_from_the_origins_that_a_form_lists_and_no_others() {
    let app = TestApp::new().await;
    let form = json!({ "entity": "ZR7", "produit": "PV", "allowed_origins": ["https://www.landing.example"] });
    app.put("/api/settings/forms-config/PV-001", form).expect(200).await;
    let path = format!("/api/public/leads?tenant={}", app.slug);
    let ask = |method: Method, origin: &str| {
        app.send(method, &path, None).header("origin", origin).header("host", "comptoir.example")
    };
    for (origin, allowed) in [
        ("https://www.landing.example", true),
        ("https://comptoir.example", true),
        ("https://evil.example", false),
        ("http://www.landing.example", false),
        ("https://www.landing.example.evil.example", false),
        ("null", false),
    ] {
        let preflight = ask(Method::OPTIONS, origin).await;
        assert_eq!(preflight.status.is_success(), allowed, "{origin}");
        assert_eq!(preflight.header("access-control-allow-origin"), if allowed { origin } else { "" });
        assert_eq!(preflight.header("access-control-allow-credentials"), "", "a lead needs nobody's cookies");
        let posted = ask(Method::POST, origin).raw("application/json", "{}").await;
        assert_eq!(posted.header("access-control-allow-origin"), if allowed { origin } else { "" }, "{origin}");
    }
    let closed = app.send(Method::OPTIONS, "/api/leads", None).header("origin", "https://www.landing.example").await;
    assert_eq!(closed.header("access-control-allow-origin"), "", "only the public routes are open at all");
}

#[tokio::test]
async fn l_49_the_visitors_cookie_is_secure_and_out_of_reach_of_scripts() {
    let app = TestApp::new().await;
    let path = format!("/api/public/track/session?tenant={}", app.slug);
    let answer = app.send(Method::POST, &path, Some(json!({ "lp_code": "LP-1" }))).await;
    let cookie = answer.header("set-cookie").to_owned();
    assert!(cookie.starts_with("_rdz_vid="), "{cookie}");
    for attribute in ["Secure", "HttpOnly", "SameSite=Lax", "Max-Age=31536000"] {
        assert!(cookie.split("; ").any(|part| part == attribute), "{attribute} in {cookie}");
    }
}

#[tokio::test]
async fn l_49_d_47_public_routes_are_limited_per_address_that_nobody_can_forge() {
    let trusted = Options { trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()], ..Options::default() };
    let app = TestApp::with(trusted).await;
    let path = format!("/api/public/track/session?tenant={}", app.slug);
    let visit = async |peer: [u8; 4], forwarded: &str| {
        let call = app.send(Method::POST, &path, Some(json!({ "lp_code": "LP-1" }))).from(peer);
        if forwarded.is_empty() { call.await } else { call.header("x-forwarded-for", forwarded).await }
    };
    let mut refused = 0;
    for n in 0..60 {
        let answer = visit([203, 0, 113, 7], &format!("198.51.100.{n}")).await;
        if answer.status == 429 {
            assert!(!answer.header("retry-after").is_empty());
            refused += 1;
        }
    }
    assert!((25..=35).contains(&refused), "30 a minute, whatever an untrusted caller claims: {refused}");
    assert_eq!(visit([203, 0, 113, 8], "").await.status, 200, "another address is another count");
    for n in 0..40 {
        assert_eq!(
            visit([10, 0, 0, 1], &format!("192.0.2.{n}")).await.status,
            200,
            "behind our proxy it is the visitor who counts"
        );
    }
    // By now a visit or two may be allowed again; an address that was never seen has 30.
    let mut forged = 0;
    while visit([10, 0, 0, 1], "192.0.2.99, 203.0.113.7").await.status != 429 {
        forged += 1;
        assert!(forged < 20, "the hop that our proxy saw counts, not the one in front of it");
    }
    let body = json!({ "email": format!("root@{}.example", app.slug), "password": PASSWORD, "tenant": app.slug });
    let sign_in = app.send(Method::POST, "/api/auth/login", Some(body)).from([203, 0, 113, 9]);
    sign_in.header("x-forwarded-for", "198.51.100.66").expect(200).await;
    let kept = "select count(*) from platform.session where tenant_id = $1 and ip = '203.0.113.9'";
    let told = "select count(*) from platform.event where tenant_id = $1 and action = 'login' and details ->> 'ip' = '203.0.113.9'";
    assert_eq!((app.value::<i64>(kept).await, app.value::<i64>(told).await), (1, 1));
}

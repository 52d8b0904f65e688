//! Secrets at rest: sealed, bound to their row, under keys that are changed while everything goes on.

mod house;
mod kept;

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::process::Stdio;
use std::time::{Duration, Instant};

use axum::http::Method;
use jiff::SignedDuration;
use kernel::{Clock as _, SystemClock};
use platform::secret::{KeyRing, Sealed};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{PASSWORD, TestApp};
use house::{House, ROOT, code, column, enrol, of_user, refusal, sign_in};

#[tokio::test]
async fn t_26_no_dump_holds_a_clear_secret_of_a_second_factor() {
    let app = TestApp::new().await;
    let secret = enrol(&app, &app.root).await;
    let email = format!("root@{}.example", app.slug);
    assert_eq!(sign_in(&app, &email, &secret).await.0, 200);
    let bytes = totp_rs::Secret::try_from_base32(&secret).unwrap();
    let (row, shows): (String, bool) = sqlx::query_as(
        "with told as (
             select e::text as text from platform.event e where e.tenant_id = $1
             union all select j::text from platform.job j where j.tenant_id = $1
             union all select k::text from platform.idempotency_key k where k.tenant_id = $1
             union all select u::text from platform.user u join platform.membership m on m.user_id = u.id where m.tenant_id = $1)
         select u::text, exists (select from told where text like '%' || encode($2, 'hex') || '%' or text like '%' || $3 || '%')
         from platform.user u join platform.membership m on m.user_id = u.id where m.tenant_id = $1",
    )
    .bind(app.tenant.uuid())
    .bind(bytes.as_bytes())
    .bind(&secret)
    .fetch_one(&mut crate::support::owner().await)
    .await
    .unwrap();
    assert!(row.contains(",v1."), "it is there, sealed: {row}");
    assert!(!shows);
}

#[tokio::test]
async fn d_09_a_code_is_accepted_once_and_within_one_step() {
    let app = TestApp::new().await;
    let secret = enrol(&app, &app.root).await;
    let attempt = async |steps: i64| {
        let at = app.clock.now().plus(SignedDuration::from_secs(30 * steps));
        let body = json!({ "email": format!("root@{}.example", app.slug), "password": PASSWORD, "tenant": app.slug,
            "totp": code(&secret, at) });
        app.send(Method::POST, "/api/auth/login", Some(body)).await.status.as_u16()
    };
    assert_eq!(attempt(0).await, 401, "it set the factor up");
    app.clock.advance(SignedDuration::from_mins(5));
    for (steps, status) in [(-2, 401), (2, 401), (-1, 200), (-1, 401), (1, 200), (1, 401), (0, 401)] {
        assert_eq!(attempt(steps).await, status, "{steps}");
    }
    app.clock.advance(SignedDuration::from_mins(5));
    let both = tokio::join!(attempt(0), attempt(0));
    assert!(matches!(both, (200, 401) | (401, 200)), "{both:?}");
}

#[tokio::test]
async fn what_stood_in_clear_is_sealed_at_the_start_once_by_two_instances_that_start_together() {
    let house = House::new("secrets_clear").await;
    let app = house.instance().await.signed_in(ROOT, PASSWORD).await;
    let secret = enrol(&app, &app.root).await;
    let bytes = totp_rs::Secret::try_from_base32(&secret).unwrap();
    // As the version before left it; others are still to be confirmed.
    let mut owner = house.owner().await;
    sqlx::query("update platform.user set totp_secret = $1, totp_secret_sealed = null")
        .bind(bytes.as_bytes())
        .execute(&mut owner)
        .await
        .unwrap();
    sqlx::query(
        "insert into platform.user (id, email, name, password_hash, password_changed_at, created_at, updated_at, totp_secret)
         select gen_random_uuid(), n || '@house.example', 'N', 'x', now(), now(), now(), convert_to('clear ' || n, 'UTF8')
         from generate_series(1, 1200) n",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    assert_eq!(sign_in(&app, ROOT, &secret).await.0, 200, "one in clear is good until it is sealed");
    let (one, two) = tokio::join!(house.instance(), house.instance());
    let counts = "select (count(*) filter (where totp_secret is not null)) || ' ' || count(totp_secret_sealed) from platform.user";
    assert_eq!(house.value::<String>(counts).await, "0 1201");
    let rows: Vec<(kernel::UserId, String, String)> =
        sqlx::query_as("select id, email, totp_secret_sealed from platform.user where name = 'N' order by id")
            .fetch_all(&mut owner)
            .await
            .unwrap();
    for (id, email, sealed) in rows {
        let opened = house.ring().open(&of_user(id), &Sealed::from_stored(sealed)).unwrap();
        assert_eq!(opened, format!("clear {}", email.split('@').next().unwrap()).into_bytes());
    }
    one.clock.set(app.clock.now());
    two.clock.set(app.clock.now().plus(SignedDuration::from_secs(30)));
    assert_eq!((sign_in(&one, ROOT, &secret).await.0, sign_in(&two, ROOT, &secret).await.0), (200, 200));
    // A service of the version before that still runs must not take a sealed factor for none.
    let asked: bool =
        house.value("select totp_secret is not null from platform.sign_in_candidate('root@house.example')").await;
    assert!(asked);
}

#[tokio::test]
async fn what_an_older_service_leaves_in_clear_is_sealed_in_the_night() {
    let house = House::new("secrets_left").await;
    let app = house.instance().await.signed_in(ROOT, PASSWORD).await;
    let secret = enrol(&app, &app.root).await;
    let bytes = totp_rs::Secret::try_from_base32(&secret).unwrap();
    let mut owner = house.owner().await;
    sqlx::query("update platform.user set totp_secret = $1, totp_secret_sealed = null")
        .bind(bytes.as_bytes())
        .execute(&mut owner)
        .await
        .unwrap();
    for left in [1, 0] {
        assert_eq!(app.run("seal-secrets").await, json!({ "second_factors": left }));
    }
    let kept = "select (count(*) filter (where totp_secret is not null)) || ' ' || count(totp_secret_sealed) from platform.user";
    assert_eq!(house.value::<String>(kept).await, "0 1");
    assert_eq!(sign_in(&app, ROOT, &secret).await.0, 200, "and it is the same");
}

#[tokio::test]
async fn d_07_a_rotation_is_in_force_in_every_process_within_a_minute_and_nobody_is_locked_out() {
    let house = House::new("secrets_rotation").await;
    let one = house.instance().await.signed_in(ROOT, PASSWORD).await;
    let two = house.instance().await;
    assert_eq!(fs::metadata(house.file()).unwrap().mode() & 0o777, 0o600);
    let secret = enrol(&one, &one.root).await;
    assert_eq!(sign_in(&one, ROOT, &secret).await.0, 200);
    let server = json!({ "url": "smtps://robot@mail.example", "password": "hush" });
    one.put("/api/settings/smtp", json!({ "per_entity": { "ZR7": server } })).expect(200).await;
    let buyer =
        json!({ "entity": "ZR7", "name": "Acme", "email": "a@buyer.example", "api_endpoint": "https://buyer.example" });
    let buyer = one.post("/api/clients", buyer).expect(201).await["id"].as_str().unwrap().to_owned();
    one.put(&format!("/api/clients/{buyer}/api-key"), json!({ "api_key": "hush" })).expect(200).await;
    let [old] = &house.keys()[..] else { panic!("one key") };
    let told = house.told(&["secrets", "list"]);
    assert!(
        told.contains("seals    1 keys of buyers' interfaces, 1 mail server passwords, 1 second factors"),
        "{told}"
    );

    let told = house.told(&["secrets", "rotate"]);

    let keys = house.keys();
    let [new, kept] = &keys[..] else { panic!("two keys") };
    assert!(kept == old && told.contains(&format!("The fresh key {new} seals. 3 values were sealed anew")), "{told}");
    assert_eq!(hushed(&house, &two, &buyer).await, ["hush", "hush"]);
    let sealed_with: String = house.value("select split_part(totp_secret_sealed, '.', 2) from platform.user").await;
    assert_eq!(&sealed_with, new);
    // What is sealed with a key that is not known yet is no reason to turn anybody away: the file is read at once.
    two.clock.set(one.clock.now());
    assert_eq!(sign_in(&two, ROOT, &secret).await.0, 200);
    assert_eq!(two.platform.secrets().key().await.unwrap().as_str(), new);
    // Who opens nothing looks within the minute.
    let third = house.instance().await;
    house.told(&["secrets", "rotate"]);
    let newest = house.keys().remove(0);
    assert_eq!(third.platform.secrets().key().await.unwrap().as_str(), new);
    third.clock.advance(SignedDuration::from_secs(60));
    assert_eq!(third.platform.secrets().key().await.unwrap().as_str(), newest);
    // The old ones open for as long as they seal anything, and no longer.
    let early = house.refusal(&["secrets", "prune"]);
    assert!(early.contains("less than five minutes ago"), "{early}");
    let later = "update platform.secret_key set registered_at = registered_at - interval '6 minutes'";
    sqlx::query(later).execute(&mut house.owner().await).await.unwrap();
    one.clock.set(two.clock.now());
    let told = house.told(&["secrets", "prune"]);
    assert!(told.contains(old) && told.contains(new) && house.keys() == [newest.clone()], "{told}");
    assert_eq!(sign_in(&one, ROOT, &secret).await.0, 200);
    assert_eq!(hushed(&house, &one, &buyer).await, ["hush", "hush"]);
    let told = house.told(&["secrets", "prune"]);
    assert!(told.contains("No key is taken out."), "{told}");
    // The tenants read of it, and of no key.
    third.clock.set(one.clock.now());
    let (_, signed_in) = sign_in(&third, ROOT, &secret).await;
    let log = third.get("/api/event-log?limit=200").by(signed_in["token"].as_str().unwrap()).expect(200).await;
    let of = |action| log["items"].as_array().unwrap().iter().filter(|event| event["action"] == action).count();
    assert_eq!((of("secrets_rotated"), of("secrets_pruned")), (2, 1));
    let line = house.ring().first_line().rsplit(' ').next().unwrap().to_owned();
    assert!(!log.to_string().contains(&line));
}

/// What the service opens of the mail server's password and of the key of the buyer's interface.
async fn hushed(house: &House, app: &TestApp, buyer: &str) -> [String; 2] {
    let (entity, password, key): (Uuid, String, String) = sqlx::query_as(
        "select e.id, e.mail_password_sealed, b.api_key_sealed from platform.entity e join leads.buyer b on b.tenant_id = e.tenant_id",
    )
    .fetch_one(&mut house.owner().await)
    .await
    .unwrap();
    let open = async |table: &str, id: Uuid, sealed: String| {
        let place = column(table).place(house.tenant, id);
        let opened = app.platform.secrets().open(&place, &Sealed::from_stored(sealed)).await.unwrap();
        String::from_utf8(opened).unwrap()
    };
    [open("platform.entity", entity, password).await, open("leads.buyer", buyer.parse().unwrap(), key).await]
}

#[tokio::test]
async fn a_key_that_seals_something_is_never_pruned_and_nothing_is_stored_under_a_retired_one() {
    let house = House::new("secrets_prune").await;
    house.instance().await;
    house.people(3).await;
    let late = house.instance().await.signed_in(ROOT, PASSWORD).await;
    house.told(&["secrets", "rotate"]);
    house.opens_everything().await;
    let [new, old] = &house.keys()[..] else { panic!("two keys") };
    // A process that did not look yet seals with the key before.
    late.post("/api/auth/totp", json!({})).expect(200).await;
    let backdate = "update platform.secret_key set registered_at = registered_at - interval '6 minutes'";
    sqlx::query(backdate).execute(&mut house.owner().await).await.unwrap();
    let told = house.told(&["secrets", "prune"]);
    assert!(told.contains(&format!("{old} still seals something")) && house.keys().len() == 2, "{told}");
    house.told(&["secrets", "rotate", "--reseal"]);
    assert_eq!(house.keys(), [new.clone(), old.clone()], "no fresh key");
    house.told(&["secrets", "prune"]);
    let refused = late.post("/api/auth/totp", json!({})).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "conflict"), "{}", refused.text);
    late.clock.advance(SignedDuration::from_secs(60));
    late.post("/api/auth/totp", json!({})).expect(200).await;
}

#[tokio::test]
async fn a_rotation_that_is_killed_at_any_moment_leaves_everything_open_and_goes_on() {
    const PEOPLE: u32 = 8000;
    let house = House::new("secrets_killed").await;
    house.instance().await;
    house.people(PEOPLE).await;
    let split = "select count(distinct split_part(totp_secret_sealed, '.', 2)) from platform.user";
    let mut halves = 0;
    for round in 0..12 {
        let mut child =
            house.program(&["secrets", "rotate"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let started = Instant::now();
        if round % 3 == 0 {
            // In the middle of the values.
            while house.value::<i64>(split).await < 2 && child.try_wait().unwrap().is_none() {
                assert!(started.elapsed() < Duration::from_secs(30), "it does not come to the values");
            }
        } else {
            tokio::time::sleep(Duration::from_millis(rand::random_range(1..300))).await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        halves += usize::from(house.value::<i64>(split).await > 1);
        house.opens_everything().await;
        house.instance().await;
    }
    assert!(halves >= 3, "it was killed in the middle {halves} times");
    let told = house.told(&["secrets", "rotate"]);
    let first = house.keys().remove(0);
    assert!(told.contains(&first), "{told}");
    let others = "select count(*) from platform.user u where split_part(u.totp_secret_sealed, '.', 2) <>
        (select k.id from platform.secret_key k order by k.registered_at desc limit 1)";
    assert_eq!(house.value::<i64>(others).await, 0);
    assert_eq!(
        house.value::<String>("select id from platform.secret_key order by registered_at desc limit 1").await,
        first
    );
    house.opens_everything().await;
    let left: Vec<_> = fs::read_dir(house.dir.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left, ["secret-keys"], "nothing is left beside the ring");
}

#[tokio::test]
async fn t_26_a_ring_that_does_not_fit_stops_the_start_and_says_what_to_do() {
    let house = House::new("secrets_wrong").await;
    let app = house.instance().await.signed_in(ROOT, PASSWORD).await;
    let secret = enrol(&app, &app.root).await;
    let recoverable = house.ring();
    let key = house.keys().remove(0);
    assert!(house.told(&["check"]).contains("The ring of secret keys is the one this database uses."));
    let serve = ["serve", "--listen", "127.0.0.1:0"];

    let moved = house.dir.path().join("moved");
    fs::rename(house.file(), &moved).unwrap();
    for command in [&serve[..], &["check"]] {
        let told = house.refusal(command);
        let expected = format!("There are no secret keys in {}, and this database uses {key}.", house.file().display());
        assert!(told.contains(&expected) && told.contains("comptoir secrets forget"), "{told}");
    }
    assert!(!house.file().exists(), "no other is made");
    // Another's ring.
    fs::write(house.file(), KeyRing::generate(SystemClock.now()).to_text()).unwrap();
    let told = house.refusal(&serve);
    assert!(told.contains("Others may use the secret keys"), "{told}");
    fs::set_permissions(house.file(), Permissions::from_mode(0o600)).unwrap();
    let told = house.refusal(&serve);
    assert!(told.contains(&format!("lack {key}, which this database uses")), "{told}");
    let told = house.refusal(&["secrets", "rotate"]);
    assert!(told.contains(&format!("lack {key}")), "{told}");
    let told = house.refusal(&["secrets", "list"]);
    assert!(told.contains(&format!("{key} is in use and not in")), "{told}");
    fs::write(house.file(), "# nothing\n").unwrap();
    assert!(house.refusal(&serve).contains("holds no ring of secret keys: it holds no key."));
    let other = format!("{key} 2026-01-01T00:00:00Z {}", "A".repeat(43));
    let named = |keys: &str| refusal(&house.program(&serve).env("COMPTOIR_SECRET_KEYS", keys).output().unwrap());
    assert!(named(&other).contains("is another than the one this database uses"));
    assert!(named("hunter2").contains("COMPTOIR_SECRET_KEYS is not valid: line 1 is not a key"));

    // From its copy, it goes on; and in a variable just as in a file.
    fs::remove_file(house.file()).unwrap();
    let line = recoverable.first_line();
    let in_variable = |args: &[&str]| house.program(args).env("COMPTOIR_SECRET_KEYS", &line).output().unwrap();
    assert!(in_variable(&["check"]).status.success());
    let rotated = in_variable(&["secrets", "rotate"]);
    let fresh = String::from_utf8(rotated.stdout).unwrap();
    assert!(fresh.parse::<KeyRing>().is_ok() && String::from_utf8_lossy(&rotated.stderr).contains("--reseal"));
    let both = format!("{},{line}", fresh.trim());
    let resealed =
        house.program(&["secrets", "rotate", "--reseal"]).env("COMPTOIR_SECRET_KEYS", &both).output().unwrap();
    assert!(String::from_utf8_lossy(&resealed.stdout).contains("1 values were sealed anew"), "{resealed:?}");

    // Lost for good: what cannot be opened is given up when somebody says so, and everything else goes on.
    assert!(house.refusal(&["secrets", "forget"]).contains("--yes"));
    let told = house.told(&["secrets", "forget", "--yes"]);
    assert!(told.contains("1 second factors"), "{told}");
    let app = house.instance().await.signed_in(ROOT, PASSWORD).await;
    let log = app.get("/api/event-log?action=secrets_forgotten").expect(200).await;
    assert_eq!((&log["items"][0]["severity"], &log["items"][0]["actor_name"]), (&json!("warning"), &json!("operator")));
    assert!(house.refusal(&["secrets", "forget", "--yes"]).contains("There is nothing to forget"));
    let again = enrol(&app, &app.root).await;
    assert_ne!(again, secret);
    assert_eq!(sign_in(&app, ROOT, &again).await.0, 200);
}

#[tokio::test]
async fn a_sealed_value_that_is_moved_to_another_row_opens_nothing_and_nothing_else_is_stored_in_its_place() {
    let app = TestApp::new().await;
    let victim = app.member("ops", "ZR7").await;
    let mine = enrol(&app, &app.root).await;
    enrol(&app, &victim).await;
    let mut owner = crate::support::owner().await;
    let mut set = async |sealed: &str| {
        let sql = "update platform.user u set totp_secret_sealed = $2 where u.email = $1";
        let email = format!("ops.zr7@{}.example", app.slug);
        sqlx::query(sql).bind(email).bind(sealed).execute(&mut owner).await.map(drop)
    };
    let sealed: String = app
        .value(
            "select totp_secret_sealed from platform.user u join platform.membership m on m.user_id = u.id
            where m.tenant_id = $1 and m.role = 'super_admin'",
        )
        .await;
    set(&sealed).await.unwrap();
    // Whoever can write the table would sign in as another with a factor of his own.
    let (status, answer) = sign_in(&app, &format!("ops.zr7@{}.example", app.slug), &mine).await;
    assert_eq!((status, answer["type"].as_str()), (500, Some("urn:comptoir:problem:internal")));
    let unknown = KeyRing::generate(app.clock.now()).first().id();
    let parts: Vec<_> = sealed.split('.').collect();
    for (text, code) in [
        ("12345678901234567890", "40001"),
        (&*format!("v1.{unknown}.{}", parts[2]), "40001"),
        (&*format!("v1.{}.", parts[1]), "23514"),
        (&*format!("v2.{}.{}", parts[1], parts[2]), "23514"),
    ] {
        let refused = set(text).await.unwrap_err();
        assert_eq!(refused.as_database_error().unwrap().code().unwrap(), code, "{text}");
    }
}

#[tokio::test]
async fn two_rotations_at_once_are_one() {
    let house = House::new("secrets_twice").await;
    house.instance().await;
    house.people(4000).await;
    let mut children: Vec<_> = (0..3)
        .map(|_| house.program(&["secrets", "rotate"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap())
        .collect();
    let outputs: Vec<_> = children.drain(..).map(|child| child.wait_with_output().unwrap()).collect();
    let done = outputs.iter().filter(|output| output.status.success()).count();
    assert!(done >= 1, "{outputs:?}");
    for output in outputs.iter().filter(|output| !output.status.success()) {
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains("Somebody else is rotating"), "{told}");
    }
    assert_eq!(house.keys().len(), 1 + done, "one fresh key for each that was let in");
    house.opens_everything().await;
}

#[tokio::test]
async fn a_second_factor_is_asked_for_whatever_seals_it() {
    let app = TestApp::new().await;
    enrol(&app, &app.root).await;
    let body: Value =
        json!({ "email": format!("root@{}.example", app.slug), "password": PASSWORD, "tenant": app.slug });
    let asked = app.send(Method::POST, "/api/auth/login", Some(body)).expect(401).await;
    assert_eq!(asked["type"], "urn:comptoir:problem:totp_required");
}

//! Several instances over one database.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::sleep;

use super::only_unavailable;
use crate::support::load::{Balancer, Load, check, setup};
use crate::support::process::{Installation, Process};
use crate::support::served::follow;
use crate::support::smtp::{Behaviour, Sink};

/// How long an instance that ends goes on taking requests, so that the balancer notices.
const DRAIN_SECONDS: &str = "1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_instances_share_the_work_one_may_be_killed_and_an_upgrade_rolls_without_a_failed_request() {
    let installation = Installation::new("instances").await;
    let sink = Sink::start(Behaviour::Accept).await;
    let variables = [("COMPTOIR_SMTP_URL", sink.url.as_str()), ("COMPTOIR_DRAIN_SECONDS", DRAIN_SECONDS)];
    let one = installation.serve(&variables).await;
    let two = installation.serve(&variables).await;
    let ports = [one.port, two.port];
    let (token, key) = setup(one.port, "root@own.example", "own").await;
    hear_of_each_other(&one, &two).await;

    let balancer = Balancer::over(&ports);
    let following = balancer.clone();
    let follower = tokio::spawn(async move { following.follow(&ports).await });
    let load = Load::start(4, &key, &balancer).sending(&token, &balancer);
    sleep(Duration::from_millis(1500)).await;

    drop(one);
    let after_kill = load.next_acknowledged().await;
    sleep(Duration::from_millis(500)).await;
    let one = installation.serve_at(ports[0], &variables).await;

    sleep(Duration::from_millis(200)).await;
    let before = load.seen();
    let one = replaced(&installation, one, &variables).await;
    let two = replaced(&installation, two, &variables).await;
    sleep(Duration::from_millis(300)).await;
    let after = load.seen();
    let (failed, served) = (after.failed() - before.failed(), after.acknowledged - before.acknowledged);
    assert!(served > 10, "there was load while the upgrade rolled: {served}");
    assert_eq!(failed, 0, "requests failed while the upgrade rolled: before {before:?}, after {after:?}");

    let (acknowledged, seen) = load.end(two.port, &key).await;
    follower.abort();
    only_unavailable(&seen);
    let mailed = check(&mut installation.owner().await, &acknowledged, &sink).await;
    assert!(mailed > 0, "something was sent");
    eprintln!(
        "instances: killed one of two, the next lead was taken after {after_kill:?} ({} answers lost, all sent again); upgrade rolled \
         over both under load: {served} leads taken, {failed} failed, longest answer {:?}; {mailed} mailed once",
        before.broken, seen.longest
    );
    drop((one, two));
}

/// Ends an instance as an operator does, and starts the next one in its place.
async fn replaced<'a>(installation: &'a Installation, mut old: Process<'a>, variables: &[(&str, &str)]) -> Process<'a> {
    let port = old.port;
    old.terminate();
    let asked = Instant::now();
    let turned_away = old.until("the end", async |old: &Process<'_>| {
        let answer = old.call("GET", "/readyz", &[], &serde_json::Value::Null).await;
        answer.as_ref().is_none_or(|(status, _)| *status == 503).then_some(answer.is_some())
    });
    assert!(turned_away.await, "/readyz says that it stops before the door closes");
    while !old.has_ended() {
        assert!(asked.elapsed() < Duration::from_secs(20), "it does not end: {}", old.log());
        sleep(Duration::from_millis(20)).await;
    }
    installation.serve_at(port, variables).await
}

/// A screen that follows either instance hears what happens at the other.
async fn hear_of_each_other(one: &Process<'_>, two: &Process<'_>) {
    for (here, there, code) in [(one, two, "PAC"), (two, one, "ITE")] {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, there.port));
        let mut follower = follow(address, &there.token).await.unwrap();
        here.ask("POST", "/api/products", json!({ "code": code, "name": code })).await;
        follower.until("product").await;
    }
}

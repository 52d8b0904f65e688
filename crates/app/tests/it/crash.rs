//! The service is killed 25 times under load, and nothing acknowledged is lost, nothing is sent twice, no quota exceeded.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::{Connection as _, PgConnection};

use crate::support::load::{Known, check, prepare_and_send, setup};
use crate::support::private::{Service, create_tenant, told};
use crate::support::smtp::{Behaviour, Sink};

const KILLS: usize = 25;
const POSTERS: usize = 6;

/// Posts leads until the service is gone.
async fn post(port: u16, key: &str, known: &Known) {
    for round in 0.. {
        if known.post(port, key, round).await != Ok(201) {
            return;
        }
    }
}

/// Prepares and sends what is pending until the service is gone.
async fn send(port: u16, token: &str) {
    while prepare_and_send(port, token).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_25_times_under_load_it_loses_nothing_sends_nothing_twice_and_keeps_every_quota() {
    let sink = Sink::start(Behaviour::Accept).await;
    let dir = tempfile::tempdir().unwrap();
    create_tenant(dir.path(), "crash");
    let known = Arc::new(Known::default());
    let service = Service::start(dir.path(), &sink.url).await;
    let (token, key) = setup(service.port, "root@crash.example", "crash").await;
    let mut running = Some(service);
    for round in 0..KILLS {
        let service = match running.take() {
            Some(service) => service,
            None => Service::start(dir.path(), &sink.url).await,
        };
        let port = service.port;
        let mut callers = tokio::task::JoinSet::new();
        for _ in 0..POSTERS {
            let (known, key) = (Arc::clone(&known), key.clone());
            callers.spawn(async move { post(port, &key, &known).await });
        }
        let admin = token.clone();
        callers.spawn(async move { send(port, &admin).await });
        // However slow the machine is, it dies with work behind it and in the middle of more.
        let enough = known.acknowledged().len() + rand::random_range(0..=20);
        let deadline = Instant::now() + Duration::from_secs(30);
        while known.acknowledged().len() < enough {
            assert!(Instant::now() < deadline, "nothing comes in");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(rand::random_range(30..200))).await;
        service.kill(round % 5 == 4);
        while let Some(caller) = callers.join_next().await {
            caller.unwrap();
        }
    }
    let service = Service::start(dir.path(), &sink.url).await;
    let acknowledged = known.acknowledged();
    assert!(acknowledged.len() > 200, "there was load: {}", acknowledged.len());
    let mut owner = PgConnection::connect(&told(dir.path(), &["db-url", "--owner"])).await.unwrap();
    assert!(check(&mut owner, &acknowledged, &sink).await > 0, "something was sent");
    service.kill(true);
}

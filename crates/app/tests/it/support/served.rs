//! The service over real HTTP, and a browser that follows its live updates.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::TokioIo;
use platform::Platform;
use serde_json::Value;
use sqlx::PgConnection;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What should come comes within this time.
const PATIENCE: Duration = Duration::from_secs(20);

/// An instance of the service on a port of its own.
pub(crate) struct Served {
    address: SocketAddr,
    stop: CancellationToken,
    server: JoinHandle<()>,
    name: String,
}

impl Served {
    pub(crate) async fn start(platform: Platform, router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let name = format!("comptoir live {}", platform.options().worker_name);
        tokio::spawn(platform::live::run(platform, stop.clone()));
        let draining = stop.clone();
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move {
            axum::serve(listener, service)
                .with_graceful_shutdown(async move { draining.cancelled().await })
                .await
                .unwrap();
        });
        let this = Self { address, stop, server, name };
        this.listener(0).await;
        this
    }

    /// The process of PostgreSQL on which this instance listens, once it does and is not `gone`.
    pub(crate) async fn listener(&self, gone: i32) -> i32 {
        let mut owner: PgConnection = super::owner().await;
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let sql = "select pid from pg_stat_activity where application_name = $1 and query like 'LISTEN%' and state = 'idle' and pid <> $2";
            let pid = sqlx::query_scalar(sql).bind(&self.name).bind(gone).fetch_optional(&mut owner).await.unwrap();
            if let Some(pid) = pid {
                return pid;
            }
            assert!(tokio::time::Instant::now() < deadline, "nobody listens");
        }
    }

    /// Opens a stream of live updates and reads its greeting.
    pub(crate) async fn follow(&self, token: &str) -> Follower {
        let mut follower = self.try_follow(token).await.unwrap();
        let (event, data) = follower.next().await.unwrap();
        assert!(event == "hello" && data["version"].is_string(), "{event} {data}");
        follower
    }

    /// Opens a stream, or says with which status it was refused.
    pub(crate) async fn try_follow(&self, token: &str) -> Result<Follower, u16> {
        follow(self.address, token).await
    }

    /// Stops the service; whether every request ended by itself.
    pub(crate) async fn stop(self) -> bool {
        self.stop.cancel();
        tokio::time::timeout(Duration::from_secs(5), self.server).await.is_ok()
    }
}

/// Opens a stream of live updates, or says with which status it was refused.
pub(crate) async fn follow(address: SocketAddr, token: &str) -> Result<Follower, u16> {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = hyper::Request::get("/api/live")
        .header("host", "localhost")
        .header("accept-encoding", "gzip")
        .header("authorization", format!("Bearer {token}"));
    let response = sender.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap();
    if response.status() != 200 {
        return Err(response.status().as_u16());
    }
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert!(!response.headers().contains_key("content-encoding"), "a compressed stream is a late one");
    Ok(Follower { body: response.into_body(), text: String::new(), _sender: sender })
}

/// A browser that follows.
pub(crate) struct Follower {
    body: Incoming,
    text: String,
    _sender: hyper::client::conn::http1::SendRequest<Empty<Bytes>>,
}

impl Follower {
    /// The next event with its data; none when the stream has ended.
    pub(crate) async fn next(&mut self) -> Option<(String, Value)> {
        tokio::time::timeout(PATIENCE, self.read()).await.expect("an event, or the end")
    }

    async fn read(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                if let Some((event, data)) = field("event:").zip(field("data:")) {
                    return Some((event.to_owned(), serde_json::from_str(data).unwrap()));
                }
                continue;
            }
            let frame = self.body.frame().await?.ok()?;
            self.text.push_str(std::str::from_utf8(frame.data_ref()?).unwrap());
        }
    }

    /// The kinds of things that changed, from one event to the one that tells of `last`.
    pub(crate) async fn until(&mut self, last: &str) -> Vec<String> {
        let mut topics: Vec<String> = Vec::new();
        loop {
            let (event, data) = self.next().await.unwrap();
            if event == "change" {
                topics
                    .extend(data["topics"].as_array().unwrap().iter().map(|topic| topic.as_str().unwrap().to_owned()));
            }
            if topics.iter().any(|topic| topic == last) {
                topics.sort_unstable();
                topics.dedup();
                return topics;
            }
        }
    }
}

//! A web server on loopback that somebody calls: it remembers who called and answers as it is told.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::serve::ListenerExt as _;
use futures_util::stream;
use tokio::net::TcpListener;

/// The bytes of each piece of a large body.
const PIECE: usize = 64 << 10;

/// What it does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Behaviour {
    Answer(u16, String),
    AnswerWith(u16, &'static str, String),
    /// Never says anything.
    Silent,
    /// A body that drips, a byte every ten milliseconds, for ever.
    Dripping,
    /// A body of so many bytes, without saying how many.
    Large(usize),
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

struct Shared {
    behaviour: Mutex<Behaviour>,
    received: Mutex<Vec<Received>>,
    connections: AtomicUsize,
    written: AtomicUsize,
}

/// A running server.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) port: u16,
    shared: Arc<Shared>,
}

impl Receiver {
    pub(crate) async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            behaviour: Mutex::new(behaviour),
            received: Mutex::default(),
            connections: AtomicUsize::default(),
            written: AtomicUsize::default(),
        });
        let count = Arc::clone(&shared);
        let listener = listener.tap_io(move |_| {
            count.connections.fetch_add(1, Ordering::SeqCst);
        });
        let router = Router::new().fallback(receive).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { port, shared }
    }

    /// One that answers 200.
    pub(crate) async fn willing() -> Self {
        Self::start(Behaviour::Answer(200, "fine".to_owned())).await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/in", self.port)
    }

    pub(crate) fn now(&self, behaviour: Behaviour) {
        *self.shared.behaviour.lock().unwrap() = behaviour;
    }

    /// What came so far, in its order.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// How often somebody connected.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// The bytes of large bodies that were taken from it.
    pub(crate) fn written(&self) -> usize {
        self.shared.written.load(Ordering::SeqCst)
    }

    /// Waits until so many requests came.
    pub(crate) async fn until(&self, count: usize) -> Vec<Received> {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        loop {
            let received = self.received();
            if received.len() >= count {
                return received;
            }
            assert!(tokio::time::Instant::now() < deadline, "{} of {count} requests came", received.len());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

async fn receive(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let path = parts.uri.path_and_query().map_or_else(String::new, ToString::to_string);
    let received = Received { method: parts.method, path, headers: parts.headers, body };
    shared.received.lock().unwrap().push(received);
    let behaviour = shared.behaviour.lock().unwrap().clone();
    match behaviour {
        Behaviour::Answer(status, body) => (StatusCode::from_u16(status).unwrap(), body).into_response(),
        Behaviour::AnswerWith(status, name, value) => {
            (StatusCode::from_u16(status).unwrap(), [(HeaderName::from_static(name), value)], "").into_response()
        }
        Behaviour::Silent => std::future::pending().await,
        Behaviour::Dripping => Body::from_stream(stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            Some((Ok::<_, Infallible>(Bytes::from_static(b".")), ()))
        }))
        .into_response(),
        Behaviour::Large(bytes) => Body::from_stream(stream::unfold(bytes, move |left| {
            let piece = left.min(PIECE);
            shared.written.fetch_add(piece, Ordering::SeqCst);
            async move { (piece > 0).then(|| (Ok::<_, Infallible>(Bytes::from(vec![b'x'; piece])), left - piece)) }
        }))
        .into_response(),
    }
}

/// The networks of a machine itself.
pub(crate) fn loopback() -> Vec<ipnet::IpNet> {
    vec![IpAddr::V4(Ipv4Addr::LOCALHOST).into()]
}

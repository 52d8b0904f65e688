//! The door: how the service stops taking requests without losing one that it took.
//!
//! First `/readyz` says no and every answer asks its caller to come back by another connection, so that whatever balances load
//! turns elsewhere. Then the door closes: who is in the queue of the system is still let in, who comes later is refused at once and
//! can go to another instance. Those who are in get their answer.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode, Version, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// How long the queue of the system is emptied for: what arrived last may not have been seen yet.
const LAST_CALL: Duration = Duration::from_millis(20);

/// How long a caller who is in may take to say what he wants, before his connection counts as idle.
const SETTLING: Duration = Duration::from_millis(250);

/// Who decides about the door.
#[derive(Clone, Debug, Default)]
pub(super) struct Porter {
    is_leaving: Arc<AtomicBool>,
    closing: CancellationToken,
}

impl Porter {
    /// Says by `/readyz`, and with every answer, that callers should go elsewhere. They are served all the same.
    pub(super) fn turn_away(&self) {
        self.is_leaving.store(true, Ordering::Release);
    }

    /// Lets nobody in any more.
    pub(super) fn close(&self) {
        self.turn_away();
        self.closing.cancel();
    }

    /// Returns when those who are in have said what they want: connections without a request may be cut.
    pub(super) async fn settled(self) {
        self.closing.cancelled().await;
        tokio::time::sleep(SETTLING).await;
    }

    /// The router with what each answer says of the door.
    pub(super) fn guard(&self, router: Router) -> Router {
        router.layer(from_fn_with_state(self.clone(), tell))
    }
}

async fn tell(State(porter): State<Porter>, mut request: Request, next: Next) -> Response {
    // The handlers know addresses, not doors.
    if let Some(ConnectInfo(Peer(address))) = request.extensions().get::<ConnectInfo<Peer>>().copied() {
        request.extensions_mut().insert(ConnectInfo(address));
    }
    let asks_readiness = request.uri().path() == "/readyz";
    let version = request.version();
    let mut response = next.run(request).await;
    if !porter.is_leaving.load(Ordering::Acquire) {
        return response;
    }
    if version <= Version::HTTP_11 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if asks_readiness {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response.headers_mut().remove(header::CONTENT_ENCODING);
        *response.body_mut() = Body::from("stopping");
    }
    response
}

/// Where a caller comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(SocketAddr);

impl Connected<IncomingStream<'_, Door>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// The listener until it closes.
pub(super) struct Door {
    listener: Option<TcpListener>,
    address: SocketAddr,
    closing: CancellationToken,
}

impl Door {
    pub(super) fn new(listener: TcpListener, address: SocketAddr, porter: &Porter) -> Self {
        Self { listener: Some(listener), address, closing: porter.closing.clone() }
    }
}

impl Listener for Door {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        if let Some(listener) = &mut self.listener {
            let closed = async {
                self.closing.cancelled().await;
                tokio::time::sleep(LAST_CALL).await;
            };
            tokio::select! {
                biased;
                came = Listener::accept(listener) => return came,
                () = pin!(closed) => {}
            }
        }
        self.listener = None;
        std::future::pending().await
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.address)
    }
}

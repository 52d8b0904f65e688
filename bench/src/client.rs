//! A keep-alive HTTP client that costs little: the load must not be the bottleneck.

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::Failure;

/// One connection.
pub(crate) struct Client {
    sender: SendRequest<Full<Bytes>>,
}

/// An answer.
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: Bytes,
}

impl Client {
    /// Connects to a port of this machine.
    pub(crate) async fn connect(port: u16) -> Result<Self, Failure> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender })
    }

    /// GET, with a bearer token.
    pub(crate) async fn get(&mut self, path: &str, token: Option<&str>) -> Result<Answer, Failure> {
        self.send(Method::GET, path, token, Bytes::new()).await
    }

    /// POST of JSON, with a bearer token.
    pub(crate) async fn post(&mut self, path: &str, token: Option<&str>, body: String) -> Result<Answer, Failure> {
        self.send(Method::POST, path, token, Bytes::from(body)).await
    }

    /// PUT of JSON, with a bearer token.
    pub(crate) async fn put(&mut self, path: &str, token: Option<&str>, body: String) -> Result<Answer, Failure> {
        self.send(Method::PUT, path, token, Bytes::from(body)).await
    }

    /// GET of what is too large to keep: how many bytes and lines it has. `watch` is called every few megabytes.
    pub(crate) async fn stream(
        &mut self,
        path: &str,
        token: &str,
        mut watch: impl FnMut(),
    ) -> Result<(u64, u64), Failure> {
        let request = Request::get(path).header("host", "127.0.0.1").header("authorization", format!("Bearer {token}"));
        self.sender.ready().await?;
        let mut response = self.sender.send_request(request.body(Full::new(Bytes::new()))?).await?;
        if response.status() != 200 {
            return Err(format!("{path}: {}", response.status()).into());
        }
        let (mut bytes, mut lines, mut next) = (0_u64, 0_u64, 0_u64);
        while let Some(frame) = response.body_mut().frame().await {
            if let Ok(data) = frame?.into_data() {
                bytes += data.len() as u64;
                lines += data.split(|byte| *byte == b'\n').skip(1).count() as u64;
            }
            if bytes > next {
                watch();
                next = bytes + (8 << 20);
            }
        }
        Ok((bytes, lines))
    }

    async fn send(&mut self, method: Method, path: &str, token: Option<&str>, body: Bytes) -> Result<Answer, Failure> {
        let mut request = Request::builder().method(method).uri(path).header("host", "127.0.0.1");
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        self.sender.ready().await?;
        let response = self.sender.send_request(request.body(Full::new(body))?).await?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await?.to_bytes();
        Ok(Answer { status, body })
    }
}

//! The service's own API, called in process: what the demo does, a caller from outside could do.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode};
use platform::{Error, Platform, Result};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::people::Lead;
use crate::{http, telemetry};

/// How often the service may say that it cannot answer now, as on a machine that does much else, and how long the first wait is;
/// each further one is twice as long.
const TRIES: u32 = 5;
const WAIT: Duration = Duration::from_millis(500);

/// The router with a session of somebody in a tenant.
#[derive(Clone)]
pub(crate) struct Api {
    router: Router,
    tenant: String,
    token: String,
}

impl Api {
    pub(crate) async fn sign_in(platform: &Platform, tenant: &str, email: &str, password: &str) -> Result<Self> {
        let router = http::build(platform, telemetry::no_metrics()).router;
        let visitor = Self { router, tenant: tenant.to_owned(), token: String::new() };
        visitor.sign_in_again(email, password).await
    }

    /// The same router with a new session.
    pub(super) async fn sign_in_again(&self, email: &str, password: &str) -> Result<Self> {
        let mut api = Self { token: String::new(), ..self.clone() };
        let who = json!({ "email": email, "password": password, "tenant": api.tenant });
        let answer = api.post("/api/auth/login", &who).await?;
        answer["token"].as_str().unwrap_or_default().clone_into(&mut api.token);
        Ok(api)
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value> {
        self.call(Method::GET, path, &Value::Null, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.call(Method::POST, path, body, None).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Result<Value> {
        self.call(Method::PUT, path, body, None).await
    }

    pub(super) async fn put_image(&self, path: &str, png: &'static [u8]) -> Result<Value> {
        self.send(Method::PUT, path, ("image/png", Bytes::from(png)), None).await
    }

    /// Sends a bank statement.
    pub(super) async fn post_file(&self, path: &str, file: String) -> Result<Value> {
        self.send(Method::POST, path, ("application/octet-stream", Bytes::from(file)), None).await
    }

    /// Submits a lead as its visitor or supplier would. A refusal is part of the demo; only our own failures are not.
    pub(super) async fn submit(&self, lead: &Lead) -> Result<()> {
        let path = format!("/api/public/leads?tenant={}", self.tenant);
        match self.call(Method::POST, &path, &lead.payload, Some(lead.ip)).await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == "demo_refused" => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Posts as somebody from outside, without the session, and returns the answer.
    pub(crate) async fn post_as_visitor(&self, path: &str, body: &Value, ip: Ipv4Addr) -> Result<Value> {
        self.call(Method::POST, path, body, Some(ip)).await
    }

    async fn call(&self, method: Method, path: &str, body: &Value, visitor: Option<Ipv4Addr>) -> Result<Value> {
        self.send(method, path, ("application/json", Bytes::from(body.to_string())), visitor).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        (kind, body): (&str, Bytes),
        visitor: Option<Ipv4Addr>,
    ) -> Result<Value> {
        let (mut tries, mut wait) = (1, WAIT);
        let (status, value) = loop {
            let answer = self.ask(&method, path, kind, body.clone(), visitor).await?;
            if answer.0 != StatusCode::SERVICE_UNAVAILABLE || tries == TRIES {
                break answer;
            }
            tokio::time::sleep(wait).await;
            (tries, wait) = (tries + 1, wait * 2);
        };
        if status.is_success() {
            return Ok(value);
        }
        let detail = format!("{path} answered {status}: {value}");
        if visitor.is_some() && status.is_client_error() {
            return Err(Error::refused("demo_refused", detail));
        }
        Err(Error::refused("demo", detail))
    }

    /// Asks once.
    async fn ask(
        &self,
        method: &Method,
        path: &str,
        kind: &str,
        body: Bytes,
        visitor: Option<Ipv4Addr>,
    ) -> Result<(StatusCode, Value)> {
        let mut request = Request::builder().method(method).uri(path).header("content-type", kind);
        if visitor.is_none() && !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        let address = SocketAddr::from((visitor.unwrap_or(Ipv4Addr::LOCALHOST), 0));
        let request = request.extension(ConnectInfo(address)).body(Body::from(body));
        let request = request.map_err(|error| Error::internal("building a request", error))?;
        let answer = self.router.clone().oneshot(request).await;
        let answer = answer.map_err(|error| Error::internal("calling the service", error))?;
        let status = answer.status();
        let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await;
        let bytes = bytes.map_err(|error| Error::internal("reading an answer", error))?;
        Ok((status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
    }
}

//! The program as a process of its own that serves a tenant over a database of its own, with what it says.

use std::marker::PhantomData;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use app::postgres::Role;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use platform::identity::PlainPassword;
use platform::tenancy::{NewAdmin, NewTenant};
use serde_json::{Value, json};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgConnection};
use tokio::net::TcpStream;

use super::{PASSWORD, database_of_its_own, instant, url_of};

/// What should come comes within this time.
const PATIENCE: Duration = Duration::from_mins(1);

/// The token of the metrics.
const METRICS: &str = "a token that nobody will ever guess";

/// An installation with the tenant `own` of one administrator, whose database and data outlive the process.
pub(crate) struct Installation {
    pub(crate) data: tempfile::TempDir,
    owner: PgConnectOptions,
    app: PgConnectOptions,
    /// Where the program finds the database, as the service's role and as its owner.
    urls: (String, String),
}

impl Installation {
    /// Over a database of its own in the PostgreSQL of the run.
    pub(crate) async fn new(name: &str) -> Self {
        let database = format!("comptoir_{name}");
        let (owner, app) = database_of_its_own(&database).await;
        Self::over(owner, app, (url_of(Role::App, &database), url_of(Role::Owner, &database))).await
    }

    /// Over an empty database somewhere else.
    pub(crate) async fn over(owner: PgConnectOptions, app: PgConnectOptions, urls: (String, String)) -> Self {
        let mut connection = owner.connect().await.unwrap();
        platform::schema::migrate(&mut connection).await.unwrap();
        let data = tempfile::tempdir().unwrap();
        std::fs::set_permissions(data.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
        let installation = Self { data, owner, app, urls };
        installation.tenant("own").await;
        installation
    }

    /// Makes another tenant with an administrator `root@SLUG.example`.
    pub(crate) async fn tenant(&self, slug: &str) -> kernel::TenantId {
        let new = NewTenant {
            slug: slug.to_owned(),
            name: slug.to_owned(),
            time_zone: "Europe/Paris".into(),
            entities: vec![("ZR7".into(), "ZR7 Énergie".into())],
            admin: NewAdmin {
                email: format!("root@{slug}.example").parse().unwrap(),
                name: "Root".into(),
                password: Some(PlainPassword::new(PASSWORD)),
            },
        };
        platform::tenancy::create(&mut self.owner().await, instant("2026-01-01T00:00:00Z"), &new).await.unwrap()
    }

    pub(crate) async fn owner(&self) -> PgConnection {
        self.owner.connect().await.unwrap()
    }

    /// The platform over this installation, in this process.
    pub(crate) async fn platform(&self) -> platform::Platform {
        self.instance("in process", std::sync::Arc::new(kernel::SystemClock), app::wiring::registry()).await
    }

    /// An instance of this name that can do what this registry has, in this process.
    pub(crate) async fn instance(
        &self,
        name: &str,
        clock: std::sync::Arc<dyn kernel::Clock>,
        registry: platform::Registry,
    ) -> platform::Platform {
        let pool = platform::connect(self.app.clone(), 4).await.unwrap();
        let options = platform::Options { worker_name: name.to_owned(), ..platform::Options::default() };
        platform::Platform::new(pool, clock, registry, options)
    }

    /// The program with these arguments over this installation.
    pub(crate) fn program(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_comptoir"));
        command.arg("--data-dir").arg(self.data.path()).args(args).current_dir(self.data.path());
        command.env("COMPTOIR_DATABASE_URL", &self.urls.0);
        command.env("COMPTOIR_OWNER_URL", &self.urls.1);
        command
    }

    /// Serves with these variables set.
    pub(crate) async fn serve(&self, variables: &[(&str, &str)]) -> Process<'_> {
        self.serve_at(free_port(), variables).await
    }

    /// The same on this port, where nobody serves now.
    pub(crate) async fn serve_at(&self, port: u16, variables: &[(&str, &str)]) -> Process<'_> {
        let path = self.data.path().join(format!("log.{port}"));
        let log = std::fs::File::options().append(true).create(true).open(&path).unwrap();
        let mut command = self.program(&["serve", "--listen", &format!("127.0.0.1:{port}")]);
        // One user makes the load of many.
        command
            .env("COMPTOIR_METRICS_TOKEN", METRICS)
            .env("COMPTOIR_REQUESTS_PER_MINUTE", "1000000")
            .envs(variables.iter().copied());
        let child = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let mut process = Process { child, port, log: path, of: PhantomData, token: String::new() };
        let deadline = Instant::now() + PATIENCE;
        while process.call("GET", "/readyz", &[], &Value::Null).await.is_none_or(|(status, _)| status != 200) {
            assert!(Instant::now() < deadline, "it does not come up: {}", process.log());
            assert!(process.child.try_wait().unwrap().is_none(), "it ended while starting: {}", process.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let login = json!({ "email": "root@own.example", "password": PASSWORD, "tenant": "own" });
        let (_, answer) = process.call("POST", "/api/auth/login", &[], &login).await.unwrap();
        answer["token"].as_str().unwrap().clone_into(&mut process.token);
        process
    }
}

/// The process that serves; killed when it is dropped.
pub(crate) struct Process<'a> {
    child: Child,
    pub(crate) port: u16,
    log: PathBuf,
    of: PhantomData<&'a Installation>,
    /// The session of the administrator.
    pub(crate) token: String,
}

impl Process<'_> {
    /// What it said on stderr so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// One request over a connection of its own; none when no whole answer came back.
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Option<(u16, Value)> {
        let bytes = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        self.send(method, path, headers, bytes).await
    }

    /// The same with a body that need not be JSON.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Option<(u16, Value)> {
        send(self.port, method, path, headers, body).await.ok()
    }

    /// A request of the administrator, which must succeed.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: Value) -> Value {
        self.ask_with(method, path, &[], body).await
    }

    /// The same with more headers.
    pub(crate) async fn ask_with(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Value) -> Value {
        let bearer = format!("Bearer {}", self.token);
        let headers = [headers, &[("authorization", bearer.as_str()), ("x-entity-scope", "ZR7")]].concat();
        let (status, answer) = self.call(method, path, &headers, &body).await.unwrap();
        assert!(status < 300, "{method} {path}: {status} {answer}");
        answer
    }

    /// A buyer who takes every lead, the form `PV-001`, and one lead routed to him: the id of the delivery.
    pub(crate) async fn routed(&self, buyer_email: &str, lead: Value) -> String {
        self.ask("POST", "/api/products", json!({ "code": "PV", "name": "PV" })).await;
        self.ask("PUT", "/api/settings/forms-config/PV-001", json!({ "entity": "ZR7", "produit": "PV" })).await;
        let every_day = json!({ "per_entity": { "ZR7": { "enabled_days": [0, 1, 2, 3, 4, 5, 6] } } });
        self.ask("PUT", "/api/settings/delivery-calendar", every_day).await;
        let buyer = self.ask("POST", "/api/clients", json!({ "name": "Acme", "email": buyer_email })).await;
        let order = json!({ "buyer_id": buyer["id"], "product": "PV", "departements": ["*"] });
        self.ask("POST", "/api/commandes", order).await;
        let (status, answer) = self.call("POST", "/api/public/leads", &[], &lead).await.unwrap();
        assert_eq!(status, 201, "{answer}");
        let deliveries = self.ask("GET", "/api/deliveries", Value::Null).await;
        deliveries["items"][0]["id"].as_str().unwrap_or_else(|| panic!("{deliveries}")).to_owned()
    }

    /// The metrics.
    pub(crate) async fn metrics(&self) -> String {
        let token = format!("Bearer {METRICS}");
        let (status, text) = self.call("GET", "/metrics", &[("authorization", &token)], &Value::Null).await.unwrap();
        assert_eq!(status, 200);
        text.as_str().unwrap().to_owned()
    }

    /// Waits until something is so.
    pub(crate) async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut(&Self) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look(self).await {
                return found;
            }
            assert!(Instant::now() < deadline, "{what} does not come: {}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Asks it to end, as an operator does.
    pub(crate) fn terminate(&self) {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().unwrap();
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Ends it as an operator does, and says whether it ended well.
    pub(crate) fn stop(mut self) -> bool {
        self.terminate();
        self.child.wait().unwrap().success()
    }
}

impl Drop for Process<'_> {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// Nobody took the connection: nothing was asked.
    Refused,
    /// The connection ended before the answer was whole.
    Broken,
}

/// One request over a connection of its own.
pub(crate) async fn send(
    port: u16,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Bytes,
) -> Result<(u16, Value), Lost> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.map_err(|_| Lost::Refused)?;
    let broken = |_| Lost::Broken;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    tokio::spawn(connection);
    let mut request = hyper::Request::builder().method(method).uri(path).header("host", "localhost");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.header("content-type", "application/json").body(Full::new(body)).unwrap();
    let response = sender.send_request(request).await.map_err(broken)?;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.map_err(broken)?.to_bytes();
    let text = String::from_utf8_lossy(&body).into_owned();
    Ok((status, serde_json::from_slice(&body).unwrap_or(Value::String(text))))
}

//! The harness: one real PostgreSQL for the run, a fresh tenant and a clock of its own for every test, the whole router.
//!
//! `TestApp::new()` makes the tenant `ZR7` + `MDL` with the products PV, PAC, ITE on Wednesday 11 February 2026, 10:00 in
//! Paris. Requests go through the router in process: `app.post("/api/…", body).expect(200).await`. Who asks is said with
//! `.by(&token)`, with which scope with `.scope("ZR7")`. `app.sql(…)` looks into the database as its owner.

mod cluster;
pub(crate) mod demo;
pub(crate) mod faketime;
pub(crate) mod load;
pub(crate) mod private;
pub(crate) mod process;
pub(crate) mod proxy;
pub(crate) mod receiver;
pub(crate) mod served;
pub(crate) mod smtp;
pub(crate) mod statements;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use kernel::{ManualClock, Timestamp};
use platform::identity::PlainPassword;
use platform::secret::{Sealer, Source};
use platform::tenancy::{NewAdmin, NewTenant};
use platform::{Options, Platform};
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use tower::ServiceExt as _;
use utoipa::openapi::OpenApi;

pub(crate) const PASSWORD: &str = "correct horse battery staple";
static COUNT: AtomicU32 = AtomicU32::new(0);

/// A tenant of its own, with the service over it.
pub(crate) struct TestApp {
    pub(crate) platform: Platform,
    pub(crate) router: Router,
    pub(crate) routes: Vec<platform::http::Route>,
    described: Arc<OpenApi>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) slug: String,
    pub(crate) tenant: kernel::TenantId,
    /// The session of the super admin.
    pub(crate) root: String,
    /// Where mail without a server lands.
    pub(crate) mail: tempfile::TempDir,
}

impl TestApp {
    /// Its tenants may name servers on this machine, as tests do.
    pub(crate) async fn new() -> Self {
        Self::with(Options { unthrottled: true, egress_allow: receiver::loopback(), ..Options::default() }).await
    }

    /// The same, whose tenants may name servers on the internet alone.
    pub(crate) async fn guarded() -> Self {
        Self::with(Options { unthrottled: true, ..Options::default() }).await
    }

    /// The same with these options; mail folder and worker name are its own.
    pub(crate) async fn with(options: Options) -> Self {
        let clock = Arc::new(ManualClock::new(instant("2026-02-11T09:00:00Z")));
        let slug = format!("t{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let mut owner = owner().await;
        let admin = format!("root@{slug}.example");
        let new = NewTenant {
            slug: slug.clone(),
            name: slug.clone(),
            time_zone: "Europe/Paris".into(),
            entities: vec![("ZR7".into(), "ZR7 Énergie".into()), ("MDL".into(), "MDL".into())],
            admin: NewAdmin {
                email: admin.parse().unwrap(),
                name: "Root".into(),
                password: Some(PlainPassword::new(PASSWORD)),
            },
        };
        let at = instant("2026-01-01T00:00:00Z");
        let tenant = platform::tenancy::create(&mut owner, at, &new).await.unwrap();
        let pool = platform::connect(cluster::get().app(), 12).await.unwrap();
        let mail = tempfile::tempdir().unwrap();
        let mail_dir = mail.path().to_owned();
        let public_url = "https://comptoir.example".to_owned();
        let secrets = Sealer::start(&pool, secret_keys(), clock.clone()).await.unwrap();
        let options = Options { mail_dir, public_url, secrets, worker_name: slug.clone(), ..options };
        let platform = Platform::new(pool, clock.clone(), app::wiring::registry(), options);
        let mut app = Self { mail, ..Self::over(platform, clock, &slug, tenant) };
        app.root = app.sign_in(&admin).await;
        for code in ["PV", "PAC", "ITE"] {
            app.post("/api/products", json!({ "code": code, "name": code })).expect(201).await;
        }
        app
    }

    /// The service over a tenant that is there already, wherever its database is; nobody is signed in.
    pub(crate) fn over(platform: Platform, clock: Arc<ManualClock>, slug: &str, tenant: kernel::TenantId) -> Self {
        let built = app::http::build(&platform, app::telemetry::no_metrics());
        Self {
            platform,
            router: built.router,
            routes: built.routes.to_vec(),
            described: built.document,
            clock,
            slug: slug.to_owned(),
            tenant,
            root: String::new(),
            mail: tempfile::tempdir().unwrap(),
        }
    }

    /// The OpenAPI document.
    pub(crate) fn document(&self) -> Value {
        serde_json::to_value(&*self.described).unwrap()
    }

    /// The same with this administrator signed in.
    pub(crate) async fn signed_in(mut self, email: &str, password: &str) -> Self {
        let body = json!({ "email": email, "password": password, "tenant": self.slug });
        let answer = self.send(Method::POST, "/api/auth/login", Some(body)).expect(200).await;
        answer["token"].as_str().unwrap().clone_into(&mut self.root);
        self
    }

    /// Signs in and returns the token.
    pub(crate) async fn sign_in(&self, email: &str) -> String {
        let body = json!({ "email": email, "password": PASSWORD, "tenant": self.slug });
        let answer = self.send(Method::POST, "/api/auth/login", Some(body)).expect(200).await;
        answer["token"].as_str().unwrap().to_owned()
    }

    /// A new member with the preset of `role` in `entity`, signed in.
    pub(crate) async fn member(&self, role: &str, entity: &str) -> String {
        let email = format!("{role}.{}@{}.example", entity.to_lowercase(), self.slug);
        let user = json!({ "email": email, "name": role, "role": role, "entity": entity, "password": PASSWORD });
        self.post("/api/auth/users", user).expect(201).await;
        self.sign_in(&email).await
    }

    pub(crate) fn get(&self, path: &str) -> Call<'_> {
        self.send(Method::GET, path, None).by(&self.root)
    }

    pub(crate) fn post(&self, path: &str, body: Value) -> Call<'_> {
        self.send(Method::POST, path, Some(body)).by(&self.root)
    }

    pub(crate) fn put(&self, path: &str, body: Value) -> Call<'_> {
        self.send(Method::PUT, path, Some(body)).by(&self.root)
    }

    /// A request without a session.
    pub(crate) fn send(&self, method: Method, path: &str, body: Option<Value>) -> Call<'_> {
        let body = body.map(|body| ("application/json".to_owned(), body.to_string().into_bytes()));
        Call { app: self, method, path: path.to_owned(), body, headers: Vec::new(), peer: [127, 0, 0, 1] }
    }

    /// A lead posted by a visitor's browser; missing fields are filled in.
    #[expect(clippy::needless_pass_by_value, reason = "calls read better with a value")]
    pub(crate) fn lead(&self, fields: Value) -> Call<'_> {
        let mut lead = json!({ "session_id": "s", "form_code": "PV-001", "phone": "0612345679", "nom": "Martin",
            "departement": "75", "rgpd_consent": true });
        for (key, value) in fields.as_object().unwrap() {
            lead[key] = value.clone();
        }
        self.send(Method::POST, &format!("/api/public/leads?tenant={}", self.slug), Some(lead))
    }

    /// An order of a new buyer.
    pub(crate) async fn order(&self, entity: &str, buyer: &str, order: Value) -> (String, String) {
        let email = format!("{}@buyer.example", buyer.to_lowercase());
        let client = json!({ "entity": entity, "name": buyer, "email": email });
        let client = self.post("/api/clients", client).expect(201).await;
        let buyer_id = client["id"].as_str().unwrap().to_owned();
        let order = self.order_of(entity, &buyer_id, order).await;
        (buyer_id, order)
    }

    /// An order of a buyer that exists.
    pub(crate) async fn order_of(&self, entity: &str, buyer_id: &str, fields: Value) -> String {
        let mut order = json!({ "entity": entity, "buyer_id": buyer_id, "product": "PV", "departements": ["*"] });
        for (key, value) in fields.as_object().unwrap() {
            order[key] = value.clone();
        }
        let order = self.post("/api/commandes", order).expect(201).await;
        order["id"].as_str().unwrap().to_owned()
    }

    /// Maps a form to an entity and a product.
    pub(crate) async fn form(&self, code: &str, entity: &str, produit: &str) {
        let form = json!({ "entity": entity, "produit": produit });
        self.put(&format!("/api/settings/forms-config/{code}"), form).expect(200).await;
    }

    /// Moves the clock; who is signed in stays signed in.
    pub(crate) async fn at(&self, when: &str) {
        self.clock.set(instant(when));
        let stay = sqlx::query("update platform.session set expires_at = $2 where tenant_id = $1");
        let until = instant(when).minus_days(-7);
        stay.bind(self.tenant.uuid()).bind(until).execute(&mut owner().await).await.unwrap();
    }

    /// Moves the clock on a little, so that what follows is newer.
    pub(crate) fn tick(&self) {
        self.clock.advance(jiff::SignedDuration::from_millis(1));
    }

    /// Runs the jobs of this tenant that are due, and what they enqueue.
    pub(crate) async fn run_jobs(&self) {
        while platform::job::run_due_in(&self.platform, self.tenant).await.unwrap() > 0 {}
    }

    /// Runs the schedule or job `name` at once, then what it enqueued; returns its report.
    pub(crate) async fn run(&self, name: &str) -> Value {
        let report = self.run_alone(name).await;
        self.run_jobs().await;
        report
    }

    /// The same without what else is due.
    pub(crate) async fn run_alone(&self, name: &str) -> Value {
        let ctx = self.platform.act_in(self.tenant, platform::Actor::System("test"), "test").await.unwrap();
        platform::job::run_now(&ctx, name).await.unwrap()
    }

    /// The mails in the folder, as text.
    pub(crate) fn mails(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.mail.path()).unwrap();
        files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect()
    }

    /// The id of the tenant's only delivery, or of its latest.
    pub(crate) async fn delivery(&self) -> String {
        self.value("select id::text from leads.delivery where tenant_id = $1 order by id desc limit 1").await
    }

    /// Proves that debit and credit are equal in each currency of every entry and entity, and that the sums by day are those of
    /// the lines.
    pub(crate) async fn ledger_balances(&self) {
        let unbalanced: i64 = self
            .value(
                "select count(*) from (
                     select from ledger.entry_line where tenant_id = $1 group by entry_id
                     having sum(debit) <> sum(credit) or sum(second_debit) <> sum(second_credit)) x",
            )
            .await;
        assert_eq!(unbalanced, 0, "entries that do not balance");
        let bare: i64 = self
            .value(
                "select count(*) from ledger.entry e where e.tenant_id = $1 and e.line_count <> (
                     select count(*) from ledger.entry_line l where l.tenant_id = e.tenant_id and l.entry_id = e.id)",
            )
            .await;
        assert_eq!(bare, 0, "entries that are not whole");
        let gaps: i64 = self
            .value(
                "select count(*) from (
                     select from ledger.entry where tenant_id = $1 group by entity_id, journal, fiscal_year_id
                     having max(number) <> count(*) or min(number) <> 1) x",
            )
            .await;
        assert_eq!(gaps, 0, "journals with a gap");
        let off: i64 = self
            .value(
                "with lines as (
                     select l.entity_id, l.account_id, l.entry_on as day, coalesce(e.second_currency, '') as second_currency, l.carried,
                         sum(l.debit) as debit, sum(l.credit) as credit, sum(l.second_debit) as second_debit,
                         sum(l.second_credit) as second_credit, count(*) as lines
                     from ledger.entry_line l join ledger.entry e on e.tenant_id = l.tenant_id and e.id = l.entry_id
                     where l.tenant_id = $1 group by 1, 2, 3, 4, 5
                 ), days as (
                     select entity_id, account_id, day, second_currency, carried, debit, credit, second_debit, second_credit, lines
                     from ledger.account_day where tenant_id = $1
                 )
                 select count(*) from ((table lines except table days) union all (table days except table lines)) x",
            )
            .await;
        assert_eq!(off, 0, "sums by day that are not those of the lines");
    }

    /// One value, asked as the owner of the database; `$1` is the tenant.
    pub(crate) async fn value<T>(&self, sql: &'static str) -> T
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
    {
        sqlx::query_scalar(sql).bind(self.tenant.uuid()).fetch_one(&mut owner().await).await.unwrap()
    }
}

/// A request being put together.
pub(crate) struct Call<'a> {
    app: &'a TestApp,
    method: Method,
    path: String,
    body: Option<(String, Vec<u8>)>,
    headers: Vec<(&'static str, String)>,
    peer: [u8; 4],
}

impl Call<'_> {
    pub(crate) fn by(mut self, token: &str) -> Self {
        self.headers.retain(|(name, _)| *name != "authorization");
        self.headers.push(("authorization", format!("Bearer {token}")));
        self
    }

    pub(crate) fn scope(self, scope: &str) -> Self {
        self.header("x-entity-scope", scope)
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The address the connection comes from.
    pub(crate) fn from(mut self, peer: [u8; 4]) -> Self {
        self.peer = peer;
        self
    }

    pub(crate) fn raw(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some((content_type.to_owned(), body.into()));
        self
    }

    pub(crate) async fn answer(self) -> Answer {
        let mut request = Request::builder().method(self.method.clone()).uri(&self.path);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let (content_type, body) = self.body.unwrap_or_default();
        if !content_type.is_empty() {
            request = request.header("content-type", content_type);
        }
        let peer = SocketAddr::from((self.peer, 9));
        let request = request.extension(ConnectInfo(peer)).body(Body::from(body)).unwrap();
        let response = self.app.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let is_endless =
            parts.headers.get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        let body = if is_endless { Body::empty() } else { body };
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let json = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let asked = format!("{} {}", self.method, self.path);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { asked, status: parts.status, headers: parts.headers, text, bytes: bytes.to_vec(), json }
    }

    /// The answer's body, if it has this status.
    pub(crate) async fn expect(self, status: u16) -> Value {
        self.answer().await.expect(status)
    }
}

impl<'a> IntoFuture for Call<'a> {
    type Output = Answer;
    type IntoFuture = std::pin::Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.answer())
    }
}

/// What came back.
pub(crate) struct Answer {
    asked: String,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The code of the problem.
    pub(crate) fn code(&self) -> &str {
        let kind = self.json["type"].as_str().unwrap_or_default();
        kind.strip_prefix("urn:comptoir:problem:").unwrap_or_default()
    }

    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{} answered {:#}", self.asked, self.json);
        self.json
    }
}

pub(crate) fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A connection as the owner of the database.
pub(crate) async fn owner() -> PgConnection {
    let options = cluster::get().owner();
    PgConnection::connect_with(&options).await.unwrap()
}

/// A connection of the service's role that was told nothing.
pub(crate) async fn app_connection() -> PgConnection {
    let options = cluster::get().app();
    PgConnection::connect_with(&options).await.unwrap()
}

/// Another database of the same cluster, empty: as its owner, and as the service's role.
pub(crate) async fn database_of_its_own(
    name: &str,
) -> (sqlx::postgres::PgConnectOptions, sqlx::postgres::PgConnectOptions) {
    cluster::get().database(name).await
}

/// Where another program finds a database of the cluster: as its owner, and as the service's role.
pub(crate) fn urls(name: &str) -> (String, String) {
    cluster::get().urls(name)
}

/// Where another database of the cluster is, for a service that is a process of its own.
pub(crate) fn service_url(name: &str) -> String {
    cluster::get().url(name)
}

/// The URL of a database of the same cluster, as `role`.
pub(crate) fn url_of(role: app::postgres::Role, name: &str) -> String {
    cluster::get().url_as(role, name)
}

/// The settings of a service whose files are in `data_dir`.
pub(crate) fn settings(data_dir: &std::path::Path) -> app::config::Config {
    settings_with(data_dir, &[])
}

/// The same with these variables set.
pub(crate) fn settings_with(data_dir: &std::path::Path, variables: &[(&str, &str)]) -> app::config::Config {
    let flags = app::config::Flags::new(None).with("data_dir", Some(&data_dir.display().to_string()));
    let environment = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    app::config::Config::load(&app::config::Sources::read(flags, environment).unwrap()).unwrap()
}

/// The program, over the database of the tests.
pub(crate) fn comptoir(args: &[&str]) -> std::process::Output {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_comptoir"));
    command.env("COMPTOIR_SECRET_KEYS_FILE", cluster::get().secret_keys());
    command.args(args).env("COMPTOIR_DATABASE_URL", cluster::get().app_url()).output().unwrap()
}

/// The ring of the services over the database of the tests.
pub(crate) fn secret_keys() -> Source {
    Source::File(secret_keys_file().to_owned())
}

/// Where another program finds that ring.
pub(crate) fn secret_keys_file() -> &'static std::path::Path {
    cluster::get().secret_keys()
}

/// A pool of the service's role, as another instance would have.
pub(crate) async fn service_pool() -> sqlx::PgPool {
    platform::connect(cluster::get().app(), 4).await.unwrap()
}

//! `comptoir serve`, whose flags are the settings.

use clap::Args;

use crate::config::Flags;

/// `comptoir serve`
#[derive(Clone, Args)]
#[command(after_help = "Secrets are never flags:\n  \
    COMPTOIR_SMTP_URL           the default mail transport; without any, mail goes to <data-dir>/mail.\n                              \
    Links that set a new password always go by it\n  \
    COMPTOIR_METRICS_TOKEN      what a caller of the metrics must present\n  \
    COMPTOIR_SECRET_KEYS        the keys that seal what is secret in the database, instead of their file\n  \
    COMPTOIR_OWNER_URL          your own database as the owner of the schema, for migrations\n  \
    COMPTOIR_REPLICA_URLS       streaming replicas of it as comptoir_app, separated by commas: lists and reports are\n                              \
    read there, as new as the primary has them\n  \
    COMPTOIR_DATABASE_URL_FILE, COMPTOIR_OWNER_URL_FILE, COMPTOIR_REPLICA_URLS_FILE   a file that holds the URL\n  \
    COMPTOIR_PG_BIN             where initdb and postgres are, when they are not found\n  \
    COMPTOIR_BACKUP_TO and more of backups   `comptoir backup --help` lists them\n\n\
    comptoir.toml takes the same names in lower case, without COMPTOIR_, except secrets themselves.\n\n\
    Examples:\n  \
    comptoir serve --demo\n  \
    comptoir serve --listen 0.0.0.0:8080 --public-url https://comptoir.example --trusted-proxies 10.0.0.0/8\n  \
    COMPTOIR_DATABASE_URL=postgres://comptoir_app@db/comptoir comptoir serve")]
pub struct Serve {
    /// The settings.
    #[command(flatten)]
    pub settings: ServeSettings,
    /// Load the demo tenant first, unless it is there
    #[arg(long)]
    pub demo: bool,
}

/// The settings that only serving needs.
#[derive(Clone, Args)]
#[command(next_help_heading = "Settings")]
pub struct ServeSettings {
    /// Where to serve HTTP [env: COMPTOIR_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// How browsers and mails reach this installation [env: COMPTOIR_PUBLIC_URL] [default: http://<listen>]
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Addresses and networks of proxies whose word about the client's address is believed, separated by commas
    /// [env: COMPTOIR_TRUSTED_PROXIES] [default: none]
    #[arg(long, value_name = "LIST")]
    pub trusted_proxies: Option<String>,
    /// Addresses and networks that outgoing requests (webhooks) may reach although they are not public, by http too, separated by
    /// commas; name no more of your network than must be reached [env: COMPTOIR_EGRESS_ALLOW] [default: none]
    #[arg(long, value_name = "LIST")]
    pub egress_allow: Option<String>,
    /// DNS servers to ask about the domains that mail is sent from, separated by commas
    /// [env: COMPTOIR_DNS_SERVERS] [default: those of the system]
    #[arg(long, value_name = "LIST")]
    pub dns_servers: Option<String>,
    /// A file that holds the URL of the default mail transport [env: COMPTOIR_SMTP_URL_FILE] [default: none]
    #[arg(long, value_name = "FILE")]
    pub smtp_url_file: Option<String>,
    /// A file that holds the token of the metrics [env: COMPTOIR_METRICS_TOKEN_FILE] [default: none]
    #[arg(long, value_name = "FILE")]
    pub metrics_token_file: Option<String>,
    /// The file of the keys that seal what is secret in the database; made when there is none and none is in use. Keep a copy apart
    /// from the backups of the database [env: COMPTOIR_SECRET_KEYS_FILE] [default: <data-dir>/secret-keys]
    #[arg(long, value_name = "FILE")]
    pub secret_keys_file: Option<String>,
    /// Which log records to write, such as info,leads=debug [env: COMPTOIR_LOG] [default: info]
    #[arg(long, value_name = "FILTER")]
    pub log: Option<String>,
    /// How to write them: json or text [env: COMPTOIR_LOG_FORMAT] [default: text]
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<String>,
    /// From how many milliseconds on a statement is slow: told in the log, in Operations and by `comptoir doctor`
    /// [env: COMPTOIR_SLOW_QUERY_MS] [default: 500]
    #[arg(long, value_name = "MS")]
    pub slow_query_ms: Option<String>,
    /// The collector that traces go to, by OTLP over HTTP, such as http://localhost:4318; what it must be told besides stands in
    /// OTEL_EXPORTER_OTLP_HEADERS [env: COMPTOIR_OTLP_URL] [default: none, no traces]
    #[arg(long, value_name = "URL")]
    pub otlp_url: Option<String>,
    /// Which part of the traces that begin here are made, from 0 to 1 [env: COMPTOIR_OTLP_RATIO] [default: 1]
    #[arg(long, value_name = "PART")]
    pub otlp_ratio: Option<String>,
    /// How many jobs run at once in this process, and as many calls to other systems beside them; with 0 it only serves [env: COMPTOIR_WORKERS] [default: 4]
    #[arg(long, value_name = "N")]
    pub workers: Option<String>,
    /// How many requests a minute a user, or an address without a session, may make of the API [env:
    /// COMPTOIR_REQUESTS_PER_MINUTE] [default: 600]
    #[arg(long, value_name = "N")]
    pub requests_per_minute: Option<String>,
    /// How many database connections to keep [env: COMPTOIR_DB_POOL] [default: 16]
    #[arg(long, value_name = "N")]
    pub db_pool: Option<String>,
    /// After the signal to stop, how many seconds requests are still taken while /readyz says 503 already: more than the balancer
    /// takes to notice, where several instances serve [env: COMPTOIR_DRAIN_SECONDS] [default: 0]
    #[arg(long, value_name = "SECONDS")]
    pub drain_seconds: Option<String>,
}

impl ServeSettings {
    pub(super) fn add_to(&self, flags: Flags) -> Flags {
        flags
            .with("listen", self.listen.as_ref())
            .with("public_url", self.public_url.as_ref())
            .with("trusted_proxies", self.trusted_proxies.as_ref())
            .with("egress_allow", self.egress_allow.as_ref())
            .with("dns_servers", self.dns_servers.as_ref())
            .with("smtp_url_file", self.smtp_url_file.as_ref())
            .with("metrics_token_file", self.metrics_token_file.as_ref())
            .with("secret_keys_file", self.secret_keys_file.as_ref())
            .with("log", self.log.as_ref())
            .with("log_format", self.log_format.as_ref())
            .with("slow_query_ms", self.slow_query_ms.as_ref())
            .with("otlp_url", self.otlp_url.as_ref())
            .with("otlp_ratio", self.otlp_ratio.as_ref())
            .with("workers", self.workers.as_ref())
            .with("requests_per_minute", self.requests_per_minute.as_ref())
            .with("db_pool", self.db_pool.as_ref())
            .with("drain_seconds", self.drain_seconds.as_ref())
    }
}

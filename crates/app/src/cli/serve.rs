//! `comptoir serve`, whose flags are the settings.

use clap::Args;

use crate::config::Flags;

/// `comptoir serve`
#[derive(Clone, Args)]
#[command(after_help = "Secrets are never flags:\n  \
    COMPTOIR_SMTP_URL           the default mail transport; without any, mail goes to <data-dir>/mail.\n                              \
    Links that set a new password always go by it\n  \
    COMPTOIR_METRICS_TOKEN      what a caller of the metrics must present\n  \
    COMPTOIR_OWNER_URL          your own database as the owner of the schema, for migrations\n  \
    COMPTOIR_DATABASE_URL_FILE, COMPTOIR_OWNER_URL_FILE   a file that holds the URL\n  \
    COMPTOIR_PG_BIN             where initdb and postgres are, when they are not found\n\n\
    comptoir.toml takes the same names in lower case, without COMPTOIR_, except the first two secrets.\n\n\
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
    /// A file that holds the URL of the default mail transport [env: COMPTOIR_SMTP_URL_FILE] [default: none]
    #[arg(long, value_name = "FILE")]
    pub smtp_url_file: Option<String>,
    /// A file that holds the token of the metrics [env: COMPTOIR_METRICS_TOKEN_FILE] [default: none]
    #[arg(long, value_name = "FILE")]
    pub metrics_token_file: Option<String>,
    /// Which log records to write, such as info,leads=debug [env: COMPTOIR_LOG] [default: info]
    #[arg(long, value_name = "FILTER")]
    pub log: Option<String>,
    /// How to write them: json or text [env: COMPTOIR_LOG_FORMAT] [default: text]
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<String>,
    /// How many jobs run at once in this process; with 0 it only serves [env: COMPTOIR_WORKERS] [default: 4]
    #[arg(long, value_name = "N")]
    pub workers: Option<String>,
    /// How many database connections to keep [env: COMPTOIR_DB_POOL] [default: 16]
    #[arg(long, value_name = "N")]
    pub db_pool: Option<String>,
}

impl ServeSettings {
    pub(super) fn add_to(&self, flags: Flags) -> Flags {
        flags
            .with("listen", self.listen.as_ref())
            .with("public_url", self.public_url.as_ref())
            .with("trusted_proxies", self.trusted_proxies.as_ref())
            .with("smtp_url_file", self.smtp_url_file.as_ref())
            .with("metrics_token_file", self.metrics_token_file.as_ref())
            .with("log", self.log.as_ref())
            .with("log_format", self.log_format.as_ref())
            .with("workers", self.workers.as_ref())
            .with("db_pool", self.db_pool.as_ref())
    }
}

//! Where settings come from, in their order.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Display;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use toml::{Table, Value};

const FILE: &str = "comptoir.toml";
const FILE_VARIABLE: &str = "COMPTOIR_CONFIG";

/// What `comptoir.toml` may hold.
const FILE_KEYS: [&str; 37] = [
    "listen",
    "data_dir",
    "database_url",
    "database_url_file",
    "owner_url",
    "owner_url_file",
    "replica_urls",
    "replica_urls_file",
    "smtp_url_file",
    "public_url",
    "trusted_proxies",
    "egress_allow",
    "dns_servers",
    "metrics_token_file",
    "secret_keys_file",
    "log",
    "log_format",
    "workers",
    "db_pool",
    "drain_seconds",
    "requests_per_minute",
    "slow_query_ms",
    "otlp_url",
    "otlp_ratio",
    "backup_to",
    "backup_recipient",
    "backup_identity_file",
    "backup_keep_daily",
    "backup_keep_monthly",
    "backup_keep_base",
    "backup_schedule",
    "backup_drill",
    "backup_s3_endpoint",
    "backup_s3_region",
    "backup_s3_access_key_file",
    "backup_s3_secret_key_file",
    "wal_archive",
];
const ENVIRONMENT_ONLY: [&str; 5] =
    ["smtp_url", "metrics_token", "secret_keys", "backup_s3_access_key", "backup_s3_secret_key"];

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("Reading {} (named by {origin}) failed: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The setting that names it.
        origin: String,
        /// What the system said.
        source: io::Error,
    },
    /// The configuration file is no TOML.
    #[error("{} is not valid TOML: {source}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong where.
        source: toml::de::Error,
    },
    /// The configuration file has a key that means nothing.
    #[error("{} has the unknown key `{key}`. Known are: {}.", path.display(), FILE_KEYS.join(", "))]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
    },
    /// The configuration file has a secret.
    #[error(
        "{} has the secret `{key}`. Set {} instead, or name a file that holds it as `{key}_file`.",
        path.display(), variable(key)
    )]
    SecretInFile {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
    },
    /// A value cannot be what it should be.
    #[error("{origin} is not valid: {reason}.")]
    Invalid {
        /// The flag, variable or key.
        origin: String,
        /// What is wrong.
        reason: String,
    },
    /// The URL of the owner without that of the service.
    #[error("owner_url is set without database_url: the service would not use that database.")]
    OwnerAlone,
}

/// The values of flags by the key of the setting. It has no `Debug`: a database URL may hold a password.
#[derive(Clone)]
pub struct Flags {
    config: Option<PathBuf>,
    values: BTreeMap<&'static str, String>,
}

impl Flags {
    /// No flags but what `--config` named.
    pub fn new(config: Option<PathBuf>) -> Self {
        Self { config, values: BTreeMap::new() }
    }

    /// Adds the value of a flag that was given.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: Option<&String>) -> Self {
        if let Some(value) = value {
            self.values.insert(key, value.clone());
        }
        self
    }
}

/// The flags, the environment and the configuration file. It has no `Debug`: it holds secrets.
pub struct Sources {
    flags: Flags,
    environment: BTreeMap<String, String>,
    file: Table,
    file_path: PathBuf,
}

/// The `COMPTOIR_*` variables of this process, as far as they are text.
pub fn process_environment() -> impl Iterator<Item = (String, String)> {
    let texts = env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    texts.filter(|(name, _)| name.starts_with("COMPTOIR_"))
}

struct Found {
    text: String,
    /// The flag, variable or key, for messages.
    origin: String,
}

impl Sources {
    /// Reads the configuration file: the one of `--config`, else of `COMPTOIR_CONFIG`, else `comptoir.toml` in the
    /// working directory if there is one.
    ///
    /// A variable that is set to nothing counts as not set.
    pub fn read(flags: Flags, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let environment: BTreeMap<_, _> = environment.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let named = flags.config.clone().map(|path| (path, "--config".to_owned()));
        let named =
            named.or_else(|| environment.get(FILE_VARIABLE).map(|path| (path.into(), FILE_VARIABLE.to_owned())));
        let (file_path, file) = match named {
            Some((path, origin)) => {
                let text = read_text(&path, &origin)?;
                let table = parse(&path, &text)?;
                (path, table)
            }
            None if Path::new(FILE).exists() => {
                (FILE.into(), parse(Path::new(FILE), &read_text(Path::new(FILE), "default")?)?)
            }
            None => (FILE.into(), Table::new()),
        };
        Ok(Self { flags, environment, file, file_path })
    }

    /// A setting with a default.
    pub(super) fn value<T: FromStr<Err: Display>>(&self, key: &str, default: &str) -> Result<T, ConfigError> {
        let found = self.first(&[key]).map(|(_, found)| found);
        let found =
            found.unwrap_or_else(|| Found { text: default.to_owned(), origin: format!("The default of {key}") });
        found.parse()
    }

    /// A setting that may be missing.
    pub(super) fn optional<T: FromStr<Err: Display>>(&self, key: &str) -> Result<Option<T>, ConfigError> {
        self.first(&[key]).map(|(_, found)| found.parse()).transpose()
    }

    /// A setting that is a list: of strings in the file, separated by commas elsewhere.
    pub(super) fn list<T>(&self, key: &str, parse: fn(&str) -> Result<T, String>) -> Result<Vec<T>, ConfigError> {
        let Some((_, Found { text, origin })) = self.first(&[key]) else { return Ok(Vec::new()) };
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(parse);
        items.collect::<Result<_, _>>().map_err(|reason| ConfigError::Invalid { origin, reason })
    }

    /// A secret: itself, or the content of the file that `<key>_file` names, whichever comes first.
    pub(super) fn secret<T: FromStr<Err: Display>>(&self, key: &str) -> Result<Option<T>, ConfigError> {
        let by_file = format!("{key}_file");
        let Some((index, Found { text, origin })) = self.first(&[key, &by_file]) else { return Ok(None) };
        let text = if index == 1 { read_text(Path::new(&text), &origin)?.trim_end().to_owned() } else { text };
        Found { text, origin }.parse().map(Some)
    }

    /// A secret whose file stays where it is, to be read again: itself, or the path that `<key>_file` gives, whichever comes first.
    pub(super) fn secret_or_path<T: FromStr<Err: Display>>(
        &self,
        key: &str,
    ) -> Result<Option<Result<T, PathBuf>>, ConfigError> {
        let by_file = format!("{key}_file");
        match self.first(&[key, &by_file]) {
            None => Ok(None),
            Some((0, found)) => found.parse().map(|secret| Some(Ok(secret))),
            Some((_, found)) => Ok(Some(Err(found.text.into()))),
        }
    }

    /// The first of `keys` in the first source that has one.
    fn first(&self, keys: &[&str]) -> Option<(usize, Found)> {
        let sources: [fn(&Self, &str) -> Option<Found>; 3] = [Self::flag, Self::variable, Self::entry];
        sources.iter().find_map(|source| keys.iter().enumerate().find_map(|(i, key)| Some((i, source(self, key)?))))
    }

    fn flag(&self, key: &str) -> Option<Found> {
        let text = self.flags.values.get(key)?.clone();
        Some(Found { text, origin: format!("--{}", key.replace('_', "-")) })
    }

    fn variable(&self, key: &str) -> Option<Found> {
        let name = variable(key);
        let text = self.environment.get(&name)?.clone();
        Some(Found { text, origin: name })
    }

    fn entry(&self, key: &str) -> Option<Found> {
        let text = text_of(self.file.get(key)?);
        Some(Found { text, origin: format!("`{key}` in {}", self.file_path.display()) })
    }
}

impl Found {
    fn parse<T: FromStr<Err: Display>>(self) -> Result<T, ConfigError> {
        self.text
            .parse()
            .map_err(|error: T::Err| ConfigError::Invalid { origin: self.origin, reason: error.to_string() })
    }
}

fn variable(key: &str) -> String {
    format!("COMPTOIR_{}", key.to_uppercase())
}

fn read_text(path: &Path, origin: &str) -> Result<String, ConfigError> {
    fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
        path: path.to_path_buf(),
        origin: origin.to_owned(),
        source,
    })
}

fn parse(path: &Path, text: &str) -> Result<Table, ConfigError> {
    let parsed = text.parse::<Table>();
    let table = parsed.map_err(|source| ConfigError::Malformed { path: path.to_path_buf(), source })?;
    let Some(key) = table.keys().find(|key| !FILE_KEYS.contains(&key.as_str())).cloned() else { return Ok(table) };
    let path = path.to_path_buf();
    if ENVIRONMENT_ONLY.contains(&key.as_str()) {
        return Err(ConfigError::SecretInFile { path, key });
    }
    Err(ConfigError::UnknownKey { path, key })
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text_of).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

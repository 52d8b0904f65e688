use std::fs;
use std::path::PathBuf;

use platform::secret::Source;
use secrecy::ExposeSecret as _;
use tempfile::TempDir;

use super::{Config, ConfigError, Flags, LogFormat, Sources};

struct Given {
    path: PathBuf,
    dir: TempDir,
    flags: Flags,
    environment: Vec<(String, String)>,
}

fn given(toml: &str) -> Given {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("comptoir.toml");
    fs::write(&path, toml).unwrap();
    Given { flags: Flags::new(Some(path.clone())), path, dir, environment: Vec::new() }
}

impl Given {
    fn flag(mut self, key: &'static str, value: &str) -> Self {
        self.flags = self.flags.with(key, Some(&value.to_owned()));
        self
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    fn load(self) -> Result<Config, ConfigError> {
        Config::load(&Sources::read(self.flags, self.environment)?)
    }

    fn refusal(self) -> String {
        self.load().unwrap_err().to_string()
    }
}

#[test]
fn nothing_set_means_the_defaults() {
    let config = given("").load().unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.data_dir, PathBuf::from("./data"));
    assert!(config.database_url.is_none() && config.owner_url.is_none() && config.smtp_url.is_none());
    assert!(config.public_url.is_none() && config.metrics_token.is_none() && config.trusted_proxies.is_empty());
    assert_eq!((config.log.as_str(), config.log_format), ("info", LogFormat::Text));
    assert_eq!((config.workers, config.db_pool.get()), (4, 16));
}

#[test]
fn a_flag_beats_a_variable_and_a_variable_the_file() {
    let all = || given("listen = '127.0.0.1:1'\nworkers = 1\ndb_pool = 5").variable("COMPTOIR_WORKERS", "2");
    let config = all().variable("COMPTOIR_LISTEN", "127.0.0.1:2").flag("listen", "127.0.0.1:3").load().unwrap();
    assert_eq!((config.listen.port(), config.workers, config.db_pool.get()), (3, 2, 5));
    let config = all().variable("COMPTOIR_LISTEN", "").load().unwrap();
    assert_eq!(config.listen.port(), 1);
}

#[test]
fn a_file_reference_in_a_nearer_source_beats_the_secret_in_a_farther_one() {
    let given = given("").variable("COMPTOIR_SMTP_URL", "smtp://env");
    let path = given.file("smtp", "smtp://file\n");
    let config = given.flag("smtp_url_file", path.to_str().unwrap()).load().unwrap();
    assert_eq!(config.smtp_url.unwrap().expose_secret(), "smtp://file");
}

#[test]
fn a_secret_may_come_from_a_file_that_the_configuration_names() {
    let given = given("");
    let path = given.file("token", "hush\n");
    fs::write(&given.path, format!("metrics_token_file = {path:?}")).unwrap();
    assert_eq!(given.load().unwrap().metrics_token.unwrap().expose_secret(), "hush");
}

#[test]
fn proxies_are_addresses_and_networks_in_both_notations() {
    let from_file = given("trusted_proxies = ['10.0.0.0/8', '::1']").load().unwrap();
    let from_variable = given("").variable("COMPTOIR_TRUSTED_PROXIES", "10.0.0.0/8, ::1").load().unwrap();
    assert_eq!(from_file.trusted_proxies, from_variable.trusted_proxies);
    let allowed = given("egress_allow = ['10.1.2.3']").load().unwrap().egress_allow;
    assert_eq!(allowed, given("").variable("COMPTOIR_EGRESS_ALLOW", "10.1.2.3/32").load().unwrap().egress_allow);
    assert!(from_file.egress_allow.is_empty());
    let texts: Vec<String> = from_file.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["10.0.0.0/8", "::1/128"]);
}

#[test]
fn the_secret_keys_are_in_the_data_directory_in_a_file_that_is_named_or_in_a_variable() {
    let file = |given: Given| match given.load().unwrap().secret_keys {
        Source::File(path) => path,
        Source::Text(ring) => panic!("{ring:?}"),
    };
    assert_eq!(file(given("data_dir = '/srv'")), PathBuf::from("/srv/secret-keys"));
    assert_eq!(file(given("secret_keys_file = '/run/keys'")), PathBuf::from("/run/keys"));
    let line = format!("abcdefgh 2026-01-01T00:00:00Z {}", "A".repeat(43));
    let named = || given("secret_keys_file = '/run/keys'").variable("COMPTOIR_SECRET_KEYS", &line);
    let config = named().load().unwrap();
    assert!(matches!(&config.secret_keys, Source::Text(ring) if ring.first().id().as_str() == "abcdefgh"));
    assert!(!format!("{config:?}").contains(&"A".repeat(43)));
    assert_eq!(file(named().flag("secret_keys_file", "/run/others")), PathBuf::from("/run/others"));
}

#[test]
fn debug_shows_no_secret() {
    let config = given("")
        .variable("COMPTOIR_DATABASE_URL", "postgres://app:hunter2@db.example:5433/shop")
        .variable("COMPTOIR_OWNER_URL", "postgres://boss:hunter2@db.example:5433/shop")
        .variable("COMPTOIR_SMTP_URL", "smtp://me:hunter2@mail.example")
        .variable("COMPTOIR_METRICS_TOKEN", "hunter2");
    let shown = format!("{:?}", config.load().unwrap());
    assert!(shown.contains("postgres://app@db.example:5433/shop"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn refusals_name_the_source_and_the_reason() {
    let cases = [
        (given("listn = 'x'"), "the unknown key `listn`. Known are: listen, data_dir"),
        (given("log = 'a=b=c'"), "`a=b=c` must be a level"),
        (given("smtp_url = 'smtp://a:b@c'"), "Set COMPTOIR_SMTP_URL instead"),
        (given("secret_keys = 'x'"), "Set COMPTOIR_SECRET_KEYS instead"),
        (given("listen = "), "is not valid TOML"),
        (given("workers = -1"), "`workers` in "),
        (given("").variable("COMPTOIR_LISTEN", "8080"), "COMPTOIR_LISTEN is not valid: invalid socket address syntax."),
        (given("").flag("db_pool", "0"), "--db-pool is not valid"),
        (given("").flag("log_format", "xml"), "`xml` is neither json nor text"),
        (given("").flag("public_url", "comptoir.example"), "must read https://host"),
        (given("trusted_proxies = ['10.0.0.0/40']"), "`10.0.0.0/40` is neither an address nor a network"),
        (given("").variable("COMPTOIR_SMTP_URL_FILE", "/nowhere"), "named by COMPTOIR_SMTP_URL_FILE"),
        (given("owner_url = 'postgres://boss@db/shop'"), "without database_url"),
    ];
    for (given, expected) in cases {
        let refusal = given.refusal();
        assert!(refusal.contains(expected), "{expected} in {refusal}");
    }
    for url in ["garbage", "smtp://me:hunter2@", "http://me:hunter2@mail.example"] {
        let refusal = given("").variable("COMPTOIR_SMTP_URL", url).refusal();
        assert!(refusal.contains("COMPTOIR_SMTP_URL is not valid") && !refusal.contains("hunter2"), "{refusal}");
    }
    let refusal = given("").variable("COMPTOIR_SECRET_KEYS", "abcdefgh hunter2").refusal();
    assert!(refusal.contains("COMPTOIR_SECRET_KEYS is not valid: line 1") && !refusal.contains("hunter2"), "{refusal}");
    let refusal = given("").variable("COMPTOIR_DATABASE_URL", "mysql://a:hunter2@b/c").refusal();
    assert!(refusal.contains("postgres://user:password@host") && !refusal.contains("hunter2"), "{refusal}");
}

#[test]
fn a_named_file_must_exist() {
    let flags = Flags::new(Some("/nowhere/comptoir.toml".into()));
    let refusal = Sources::read(flags, []).err().unwrap().to_string();
    assert!(refusal.contains("/nowhere/comptoir.toml (named by --config)"), "{refusal}");
}

#[test]
fn backups_have_defaults_and_keep_their_keys_out_of_the_file() {
    let config = given("").load().unwrap();
    let backup = &config.backup;
    assert!(backup.to.is_none() && backup.recipients.is_empty() && backup.wal_archive.is_none());
    assert_eq!((backup.keep_daily, backup.keep_monthly, backup.keep_base), (30, 12, 2));
    let given_in_file = given("backup_to = \"s3://safe/one\"\nbackup_drill = \"off\"\nbackup_keep_daily = 7");
    let file = given_in_file.variable("COMPTOIR_BACKUP_S3_SECRET_KEY", "hunter2").load().unwrap();
    assert_eq!(file.backup.keep_daily, 7);
    assert_eq!(file.backup.s3.secret_key.as_ref().unwrap().expose_secret(), "hunter2");
    assert!(!format!("{file:?}").contains("hunter2"));
    let secret = given("backup_s3_secret_key = \"hunter2\"").refusal();
    assert!(secret.contains("COMPTOIR_BACKUP_S3_SECRET_KEY") && !secret.contains("hunter2"), "{secret}");
    for (name, value, expected) in [
        ("COMPTOIR_BACKUP_RECIPIENT", "age1nobody", "is not the public key of an age identity"),
        ("COMPTOIR_BACKUP_SCHEDULE", "nightly", "must be a cron expression"),
        ("COMPTOIR_BACKUP_TO", "ftp://x", "is not supported"),
    ] {
        let refusal = given("").variable(name, value).refusal();
        assert!(refusal.contains(expected) && refusal.starts_with(name), "{refusal}");
    }
}

//! The server's settings. They are given on its command line, so that they change with the binary and hold whatever
//! `postgresql.conf` says; that file stays as `initdb` made it and takes what is not set here.

use std::fs;
use std::path::Path;

/// What a crash of the machine may cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Nothing that was committed.
    #[default]
    Full,
    /// The whole cluster. For tests.
    None,
}

/// The arguments `-c name=value` for the server.
pub(super) fn arguments(
    socket_dir: &Path,
    durability: Durability,
    max_connections: u32,
    wal_archive: Option<&Path>,
) -> Vec<String> {
    // The setting is a list; quoted, a comma or a blank in the path stays part of it.
    let quoted = format!("\"{}\"", socket_dir.display().to_string().replace('"', "\"\""));
    let mut settings = vec![
        ("unix_socket_directories", quoted),
        ("max_connections", max_connections.to_string()),
        ("shared_buffers", format!("{}MB", shared_buffers_mb(durability))),
    ];
    settings.extend(FIXED.iter().map(|(name, value)| (*name, (*value).to_owned())));
    if durability == Durability::None {
        let loose = ["fsync", "synchronous_commit", "full_page_writes"];
        settings.extend(loose.map(|name| (name, "off".to_owned())));
    }
    if let Some(archive) = wal_archive {
        settings.push(("archive_mode", "on".to_owned()));
        settings.push(("archive_timeout", "5min".to_owned()));
        settings.push(("archive_command", archive_command(archive)));
    }
    settings.into_iter().flat_map(|(name, value)| ["-c".to_owned(), format!("{name}={value}")]).collect()
}

/// Copies a segment of the WAL under a name of its own and gives it its name once it is on the disk. A segment that is there
/// already, because a crash took the note that it was archived, must be the same one.
fn archive_command(archive: &Path) -> String {
    let dir = quoted(archive);
    format!(
        "d={dir}; if [ -e \"$d/%f.gz\" ]; then gzip -dc \"$d/%f.gz\" | cmp -s - \"%p\"; else \
         gzip -c \"%p\" > \"$d/%f.gz.partial\" && sync \"$d/%f.gz.partial\" && mv \"$d/%f.gz.partial\" \"$d/%f.gz\"; fi"
    )
}

/// Fetches a segment back.
pub(super) fn restore_command(archive: &Path) -> String {
    format!("gzip -dc {}/\"%f.gz\" > \"%p\"", quoted(archive))
}

/// For a shell, in a setting where `%` has a meaning.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''").replace('%', "%%"))
}

const FIXED: &[(&str, &str)] = &[
    ("cluster_name", "comptoir"),
    ("listen_addresses", ""),
    ("port", "5432"),
    ("unix_socket_permissions", "0700"),
    // After a crash, one call per file system instead of one per file.
    #[cfg(target_os = "linux")]
    ("recovery_init_sync_method", "syncfs"),
    ("wal_compression", "on"),
    ("max_wal_size", "2GB"),
    ("random_page_cost", "1.1"),
    // A young table soon has statistics: until then its statements are planned as if it were empty.
    ("autovacuum_naptime", "15s"),
    ("jit", "off"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    ("log_destination", "stderr"),
    ("logging_collector", "off"),
    ("log_line_prefix", "%m [%p] "),
    // The details of a violated constraint quote the row, and rows are personal data.
    ("log_error_verbosity", "terse"),
    // So do the sentences of refused values, and statements: what failed is told by the service, without values.
    ("log_min_messages", "log"),
    ("log_min_error_statement", "panic"),
];

/// An eighth of the memory, since the machine is shared with the service; between 128 MB and 1 GB.
fn shared_buffers_mb(durability: Durability) -> u64 {
    if durability == Durability::None {
        return 128;
    }
    let total_kb = fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    });
    total_kb.map_or(256, |kb| (kb / 1024 / 8).clamp(128, 1024))
}

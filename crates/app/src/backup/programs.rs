//! The programs of PostgreSQL that dump and restore.

use std::env;
use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use percent_encoding::percent_decode_str;
use platform::{Error, Result};
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;

use crate::postgres::locate_clients;
use crate::runtime;

/// How much of what a program complains about is told.
const LONGEST_COMPLAINT: usize = 1500;

/// The programs for one server.
#[derive(Clone, Debug)]
pub(super) struct Programs(PathBuf);

impl Programs {
    /// Those for a server of the major version `server`.
    pub(super) fn locate(server: u32) -> Result<Self> {
        locate_clients(server).map(Self).map_err(|error| runtime::refused(&error))
    }

    /// Dumps the database as of `snapshot`, uncompressed, to its standard output. Extensions are the server's, not ours: of them, only
    /// the language of our functions.
    pub(super) fn dump(&self, database: &PgConnectOptions, snapshot: &str) -> Result<Running> {
        let mut command = self.command("pg_dump", database);
        command.args([
            "--format=custom",
            "--compress=0",
            "--no-password",
            "--lock-wait-timeout=60s",
            "--extension=plpgsql",
            "--snapshot",
            snapshot,
        ]);
        Running::start("pg_dump", command.stdin(Stdio::null()).stdout(Stdio::piped()))
    }

    /// Copies the files of the server, with the WAL that makes them whole, as a tar archive to its standard output.
    pub(super) fn base(&self, server: &PgConnectOptions) -> Result<Running> {
        let mut command = self.command("pg_basebackup", server);
        command.args(["--pgdata=-", "--format=tar", "--wal-method=fetch", "--checkpoint=fast", "--no-password"]);
        Running::start("pg_basebackup", command.stdin(Stdio::null()).stdout(Stdio::piped()))
    }

    /// Restores a dump from its standard input, in one transaction.
    pub(super) fn restore(&self, database: &PgConnectOptions) -> Result<Running> {
        let mut command = self.command("pg_restore", database);
        let name = database.get_database().unwrap_or_default();
        command.args(["--single-transaction", "--exit-on-error", "--no-owner", "--no-password", "--dbname", name]);
        Running::start("pg_restore", command.stdin(Stdio::piped()).stdout(Stdio::null()))
    }

    /// Where to connect goes by the environment: other users of the machine can read arguments. The rest of ours stays here.
    fn command(&self, program: &str, database: &PgConnectOptions) -> Command {
        let mut command = Command::new(self.0.join(program));
        command.env_clear().env("LC_ALL", "C").current_dir("/");
        for name in ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "HOME"] {
            if let Some(value) = env::var_os(name) {
                command.env(name, value);
            }
        }
        command.env("PGUSER", database.get_username()).env("PGPORT", database.get_port().to_string());
        match database.get_socket() {
            Some(socket) => command.env("PGHOST", socket),
            None => command.env("PGHOST", database.get_host()),
        };
        if let Some(name) = database.get_database() {
            command.env("PGDATABASE", name);
        }
        let url = database.to_url_lossy();
        if let Some(password) = url.password() {
            command.env("PGPASSWORD", &*percent_decode_str(password).decode_utf8_lossy());
        }
        for (key, value) in url.query_pairs() {
            let variable = match &*key {
                "sslmode" => "PGSSLMODE",
                "sslrootcert" => "PGSSLROOTCERT",
                "sslcert" => "PGSSLCERT",
                "sslkey" => "PGSSLKEY",
                _ => continue,
            };
            command.env(variable, &*value);
        }
        command.env("PGAPPNAME", format!("comptoir {program}"));
        command
    }
}

/// The password in how to connect, to be kept out of what is told.
pub(super) fn password_of(database: &PgConnectOptions) -> Option<String> {
    let url = database.to_url_lossy();
    url.password().map(|password| percent_decode_str(password).decode_utf8_lossy().into_owned())
}

/// A program that runs. Dropping it ends it.
pub(super) struct Running {
    child: Child,
    name: &'static str,
    /// What it complains about: a pipe that nobody reads would stop it.
    complaints: File,
}

impl Running {
    fn start(name: &'static str, command: &mut Command) -> Result<Self> {
        let failed = |error: io::Error| {
            let program = Path::new(command.get_program()).display().to_string();
            Error::refused("postgres_program", format!("Running {program} failed: {error}."))
        };
        let complaints = tempfile::tempfile().map_err(failed)?;
        let stderr = complaints.try_clone().map_err(failed)?;
        let child = command.stderr(stderr).spawn();
        let child =
            child.map_err(|error| Error::refused("postgres_program", format!("Running {name} failed: {error}.")))?;
        Ok(Self { child, name, complaints })
    }

    /// What it writes; none when that was taken.
    pub(super) fn output(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// What it reads; none when that was taken.
    pub(super) fn input(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Waits for its end.
    ///
    /// Refused, with what it complained about, when it failed.
    pub(super) fn finish(mut self) -> Result<()> {
        let status = self.child.wait();
        let status = status.map_err(|error| Error::internal("waiting for a program of PostgreSQL", error))?;
        if status.success() {
            return Ok(());
        }
        let mut bytes = Vec::new();
        let read = self.complaints.rewind().and_then(|()| self.complaints.read_to_end(&mut bytes));
        let said = match read {
            Ok(_) => String::from_utf8_lossy(&bytes).trim().chars().take(LONGEST_COMPLAINT).collect(),
            Err(error) => format!("what it complained about cannot be read: {error}"),
        };
        Err(Error::refused("postgres_program", format!("{} ended with {status}: {said}", self.name)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already where it was waited for.
        if let Ok(None) = self.child.try_wait() {
            _ = self.child.kill();
            _ = self.child.wait();
        }
    }
}

//! The command `comptoir`.

use std::process::ExitCode;
use std::time::Duration;

use app::cli::{Cli, Command};
use app::commands;
use app::config::{Config, Sources, process_environment};
use app::telemetry::{self, Telemetry};
use clap::Parser as _;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let config = Sources::read(cli.flags(), process_environment()).and_then(|sources| Config::load(&sources));
    let config = match config {
        Ok(config) => config,
        Err(error) => return fail(&error.to_string()),
    };
    telemetry::log_panics();
    let telemetry = if matches!(cli.command, Command::Serve(_)) {
        telemetry::init(&config)
    } else {
        telemetry::init_for_command(&config);
        Telemetry::default()
    };
    // A thread that hashed a password gives its 19 MiB back when it ends.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().thread_keep_alive(Duration::from_secs(1)).build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.to_string()),
    };
    match runtime.block_on(commands::run(cli.command, &config, telemetry)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.told()),
    }
}

fn fail(why: &str) -> ExitCode {
    eprintln!("comptoir: {why}");
    ExitCode::FAILURE
}

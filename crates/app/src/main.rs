//! The command `comptoir`.

use std::process::ExitCode;

use app::cli::Cli;
use app::config::{Config, Sources, process_environment};
use clap::Parser as _;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match Sources::read(cli.flags(), process_environment()).and_then(|sources| Config::load(&sources)) {
        Ok(_) => {
            eprintln!("comptoir: this command is not wired yet.");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("comptoir: {error}");
            ExitCode::FAILURE
        }
    }
}

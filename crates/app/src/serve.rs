//! `comptoir serve`: the database, the workers and the listener, until told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use kernel::SystemClock;
use platform::{Error, Platform, Result};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::postgres::ManagedPostgres;
use crate::runtime::{self, Database};
use crate::{demo, http, telemetry};

/// How long requests that are under way may take to finish after the signal to stop.
const DRAIN: Duration = Duration::from_secs(15);

/// Serves until SIGINT or SIGTERM.
pub async fn serve(config: &Config, with_demo: bool) -> Result<()> {
    // The port first: whoever started us must learn within seconds that it is taken.
    let listener = listen(config.listen).await?;
    let metrics = telemetry::init_metrics();
    let (database, mut private) = if let Some(database) = Database::external(config) {
        (database, None)
    } else {
        let private = runtime::start_private(&config.data_dir).await?;
        (Database::private(private.endpoint()), Some(private))
    };
    let loaded =
        if with_demo { demo::load(config, &database, "demo", demo::USUAL_LEADS).await.map(|_| ()) } else { Ok(()) };
    let platform = match loaded {
        Ok(()) => runtime::platform(config, &database, Arc::new(SystemClock)).await,
        Err(error) => Err(error),
    };
    let served = match platform {
        Ok(platform) => run(config, platform, metrics, listener, private.as_mut()).await,
        Err(error) => Err(error),
    };
    if let Some(private) = private {
        private.stop().await.map_err(|error| runtime::refused(&error))?;
    }
    served
}

async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let detail = match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                format!(
                    "Port {} of {} is taken by another program; choose another with --listen.",
                    address.port(),
                    address.ip()
                )
            }
            _ => format!("Cannot listen on {address}: {error}."),
        };
        Error::refused("cannot_listen", detail)
    })
}

async fn run(
    config: &Config,
    platform: Platform,
    metrics: metrics_exporter_prometheus::PrometheusHandle,
    listener: TcpListener,
    private: Option<&mut ManagedPostgres>,
) -> Result<()> {
    let stop = CancellationToken::new();
    let workers = tokio::spawn(platform::job::work(platform.clone(), usize::from(config.workers), stop.clone()));
    let live = tokio::spawn(platform::live::run(platform.clone(), stop.clone()));
    let built = http::build(&platform, metrics);
    announce(config, listener.local_addr().unwrap_or(config.listen));
    let service = built.router.into_make_service_with_connect_info::<SocketAddr>();
    let draining = stop.clone();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move { draining.cancelled().await });
    let server = tokio::spawn(server.into_future());
    let lost = wait_for_the_end(private).await;
    tracing::info!("stopping");
    stop.cancel();
    let finished = tokio::time::timeout(DRAIN, async { (server.await, workers.await, live.await) }).await;
    if finished.is_err() {
        tracing::warn!("some requests or jobs did not finish in time");
    }
    // What the last of them changed is told to the screens that others serve.
    platform::live::flush(&platform).await;
    lost
}

fn announce(config: &Config, address: SocketAddr) {
    tracing::info!(%address, data_dir = %config.data_dir.display(), "serving");
    let url = config.reached_at(address);
    eprintln!("Comptoir serves on {url}");
    if http::console::STAMP.is_none() {
        eprintln!("  No console: when this binary was built, {}", http::console::MISSING);
    }
    eprintln!("  API, to browse:  {url}/api/docs/index.html");
    let password = demo::password_file(config);
    if password.exists() {
        eprintln!("  A landing page:  {url}/demo/form");
        eprintln!("  Sign in as {} with the password in {}", demo::ADMIN, password.display());
        eprintln!("  Mail without SMTP lands in {}", config.data_dir.join("mail").display());
    }
}

/// Returns at SIGINT or SIGTERM, or with an error when the private PostgreSQL ends by itself.
async fn wait_for_the_end(private: Option<&mut ManagedPostgres>) -> Result<()> {
    let watch = |kind| signal(kind).map_err(|error| Error::internal("watching for signals", error));
    let (mut interrupt, mut terminate) = (watch(SignalKind::interrupt())?, watch(SignalKind::terminate())?);
    let postgres = async {
        match private {
            Some(private) => private.exited().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
        ended = postgres => {
            let how = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
            Err(Error::refused("postgres_ended", format!("The private PostgreSQL ended by itself ({how}); see its log.")))
        }
    }
}

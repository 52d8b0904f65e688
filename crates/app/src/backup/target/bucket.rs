//! A bucket of a store that speaks S3. What is being written is an upload in parts, which the store shows to nobody before it
//! is completed.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::buffered::BufWriter;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt as _, RetryConfig};
use platform::{Error, Result};
use secrecy::ExposeSecret as _;
use tokio::runtime::Handle;
use tokio_util::io::{StreamReader, SyncIoBridge};

use super::Draft;
use crate::config::S3Settings;

/// The size of the parts of an upload: ten thousand of them are the most a store takes, so that 160 GB find room.
const PART_BYTES: usize = 16 * 1024 * 1024;
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
const SILENCE_LIMIT: Duration = Duration::from_mins(2);
const RETRIES: usize = 5;

pub(in crate::backup) struct Bucket {
    store: Arc<AmazonS3>,
    name: String,
    prefix: Path,
}

impl Bucket {
    pub(super) fn try_new(name: &str, prefix: &str, settings: &S3Settings) -> Result<Self> {
        // Whoever was first has chosen; there is only one to choose.
        _ = rustls::crypto::ring::default_provider().install_default();
        let is_plain = settings.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        // A whole backup is one answer: what counts is that something comes, not how long all of it takes.
        let client = ClientOptions::new()
            .with_timeout_disabled()
            .with_connect_timeout(CONNECT_LIMIT)
            .with_read_timeout(SILENCE_LIMIT)
            .with_allow_http(is_plain);
        let retry = RetryConfig { max_retries: RETRIES, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::new().with_bucket_name(name).with_region(&settings.region);
        builder = builder.with_client_options(client).with_retry(retry);
        if let Some(endpoint) = &settings.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        if let (Some(id), Some(key)) = (&settings.access_key, &settings.secret_key) {
            builder = builder.with_access_key_id(id.expose_secret()).with_secret_access_key(key.expose_secret());
        }
        let store = builder
            .build()
            .map_err(|error| Error::refused("backup_target", format!("The store of backups: {error}.")))?;
        Ok(Self { store: Arc::new(store), name: name.to_owned(), prefix: Path::from(prefix) })
    }

    pub(super) fn place(&self) -> String {
        format!("s3://{}/{}", self.name, self.prefix)
    }

    pub(super) fn names(&self) -> io::Result<Vec<String>> {
        let listed =
            Handle::current().block_on(self.store.list_with_delimiter(Some(&self.prefix))).map_err(io_error)?;
        Ok(listed.objects.iter().filter_map(|object| object.location.filename().map(str::to_owned)).collect())
    }

    pub(super) fn create(&self, name: &str) -> Box<dyn Draft> {
        let store: Arc<dyn ObjectStore> = self.store.clone();
        let upload = BufWriter::with_capacity(store, self.path(name), PART_BYTES).with_max_concurrency(2);
        Box::new(Upload { bridge: Some(SyncIoBridge::new(upload)) })
    }

    pub(super) fn open(&self, name: &str) -> io::Result<Box<dyn Read + Send>> {
        let found = Handle::current().block_on(self.store.get(&self.path(name))).map_err(io_error)?;
        let stream = StreamReader::new(found.into_stream().map_err(io_error));
        Ok(Box::new(SyncIoBridge::new(stream)))
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        Handle::current().block_on(self.store.delete(&self.path(name))).map_err(io_error)
    }

    fn path(&self, name: &str) -> Path {
        self.prefix.clone().join(name)
    }
}

fn io_error(error: object_store::Error) -> io::Error {
    let kind = match &error {
        object_store::Error::NotFound { .. } => io::ErrorKind::NotFound,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}

struct Upload {
    /// None once it is completed.
    bridge: Option<SyncIoBridge<BufWriter>>,
}

impl Write for Upload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bridge.as_mut().map_or(Ok(0), |bridge| bridge.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        // The parts go when they are full; the last when it is kept.
        Ok(())
    }
}

impl Draft for Upload {
    fn keep(mut self: Box<Self>) -> io::Result<()> {
        if let Some(bridge) = self.bridge.as_mut() {
            bridge.shutdown()?;
        }
        self.bridge = None;
        Ok(())
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let Some(bridge) = self.bridge.take() {
            let mut upload = bridge.into_inner();
            // What cannot be given up is never shown, and the store's own rules remove it.
            if let Err(error) = Handle::current().block_on(upload.abort()) {
                tracing::warn!(%error, "an unfinished upload could not be given up");
            }
        }
    }
}

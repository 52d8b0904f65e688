//! Backups in a store that speaks S3: a real one, of its own process, over HTTP.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use app::backup::{Source, restore};
use indicatif::ProgressBar;
use platform::backup::BackupKind;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::Room;

struct Store {
    child: Child,
    port: u16,
}

impl Drop for Store {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

impl Store {
    async fn start() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let script = Command::new(root.join("script/s3-server")).output().unwrap();
        assert!(script.status.success(), "{}", String::from_utf8_lossy(&script.stderr));
        let program = String::from_utf8(script.stdout).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(program.trim())
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let store = Self { child, port };
        let deadline = Instant::now() + Duration::from_mins(2);
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            assert!(Instant::now() < deadline, "the store does not come up");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        store
    }

    /// Sends a request and returns the whole answer.
    async fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let request = format!("{request} HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}

#[tokio::test]
async fn a_backup_in_a_bucket_is_whole_or_not_there_and_comes_back() {
    let store = Store::start().await;
    assert!(store.ask("PUT /safe").await.contains(" 200 "));
    let endpoint = format!("http://127.0.0.1:{}", store.port);
    let variables = [
        ("COMPTOIR_BACKUP_TO", "s3://safe/comptoir/one"),
        ("COMPTOIR_BACKUP_S3_ENDPOINT", endpoint.as_str()),
        ("COMPTOIR_BACKUP_S3_ACCESS_KEY", "id"),
        ("COMPTOIR_BACKUP_S3_SECRET_KEY", "very-secret"),
    ];
    let mut room = Room::with("bucket", &variables).await;
    // More than one part of an upload, of what cannot be compressed.
    let ballast =
        "create table public.ballast as select n, sha512(n::text::bytea) as noise from generate_series(1, 300000) n";
    sqlx::query(ballast).execute(&mut room.owner().await).await.unwrap();

    let made = room.backups().make(BackupKind::Dump).await.unwrap();

    assert!(made.bytes > 17_000_000, "{} bytes", made.bytes);
    let listing = store.ask("GET /safe?list-type=2").await;
    for name in [&made.about.object, &made.about.object.replace(".comptoir", ".manifest.json")] {
        assert!(listing.contains(&format!("<Key>comptoir/one/{name}</Key>")), "{listing}");
    }
    assert_eq!(room.backups().verify(&made.about.object, None).await.unwrap().bytes, made.bytes);
    room.tick();
    assert_eq!(room.backups().drill(None, None).await.unwrap().object, made.about.object);
    let data = tempfile::tempdir().unwrap();
    let mut config = room.beside("bucket_again", data.path()).await;
    (config.backup.to, config.backup.s3) = (room.config.backup.to.clone(), room.config.backup.s3.clone());
    let source = Source { name: made.about.object.replace(".comptoir", ""), identity: None };
    assert_eq!(restore(&config, &source, None, ProgressBar::hidden()).await.unwrap().about, made.about);

    // Retention works there too.
    (room.config.backup.keep_daily, room.config.backup.keep_monthly) = (1, 0);
    sqlx::query("drop table public.ballast").execute(&mut room.owner().await).await.unwrap();
    for _ in 0..2 {
        room.tick();
        room.backups().make(BackupKind::Dump).await.unwrap();
    }
    let listed: Vec<_> =
        room.backups().list().await.unwrap().into_iter().map(|listed| listed.proven_at.is_some()).collect();
    assert_eq!(listed, [true, false], "the proven one and the newest");

    // A store that is gone is told of, without its key.
    drop(store);
    room.tick();
    let refusal = room.backups().make(BackupKind::Dump).await.unwrap_err().told();
    assert!(!refusal.contains("very-secret"), "{refusal}");
    let last = room.runs().await.pop().unwrap();
    assert_eq!(last.0, "failed");
}

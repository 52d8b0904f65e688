//! A mail server that speaks the protocol and does as it is told.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What it does with a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behaviour {
    Accept,
    /// 450 at the greeting of a sender.
    Busy,
    /// 550 for every recipient.
    RefuseRecipient,
    /// 554 after the body.
    RefuseBody,
    /// Hangs up after the body, without a word.
    HangUpAfterBody,
    /// Takes the body and never answers.
    Silent,
    /// Takes connections and never says a word, until it is told something else: then it hangs up.
    Hole,
}

/// A running server.
pub(crate) struct Sink {
    pub(crate) url: String,
    behaviour: Arc<Mutex<Behaviour>>,
    bodies: Arc<Mutex<Vec<String>>>,
    logins: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl Sink {
    pub(crate) async fn start(behaviour: Behaviour) -> Self {
        Self::at(0, behaviour).await
    }

    /// The same on this port; 0 is any.
    pub(crate) async fn at(port: u16, behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let url = format!("smtp://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let behaviour = Arc::new(Mutex::new(behaviour));
        let sink = Self { url, behaviour, bodies: Arc::default(), logins: Arc::default(), connections: Arc::default() };
        let connections = Arc::clone(&sink.connections);
        let (behaviour, bodies, logins) =
            (Arc::clone(&sink.behaviour), Arc::clone(&sink.bodies), Arc::clone(&sink.logins));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let now = *behaviour.lock().unwrap();
                if now == Behaviour::Hole {
                    tokio::spawn(hold(stream, Arc::clone(&behaviour)));
                    continue;
                }
                let (bodies, logins) = (Arc::clone(&bodies), Arc::clone(&logins));
                tokio::spawn(async move { talk(stream, now, &bodies, &logins).await });
            }
        });
        sink
    }

    pub(crate) fn now(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap() = behaviour;
    }

    /// How often somebody connected.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Who signed in with what: `user password`.
    pub(crate) fn logins(&self) -> Vec<String> {
        self.logins.lock().unwrap().clone()
    }

    /// The bodies that were received whole.
    pub(crate) fn bodies(&self) -> Vec<String> {
        self.bodies.lock().unwrap().clone()
    }
}

async fn hold(stream: TcpStream, behaviour: Arc<Mutex<Behaviour>>) {
    while *behaviour.lock().unwrap() == Behaviour::Hole {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    drop(stream);
}

async fn talk(
    stream: TcpStream,
    behaviour: Behaviour,
    bodies: &Mutex<Vec<String>>,
    logins: &Mutex<Vec<String>>,
) -> Option<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 sink\r\n").await.ok()?;
    while let Some(line) = lines.next_line().await.ok()? {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
        let answer = match (verb.as_str(), behaviour) {
            ("EHLO", _) => "250-sink\r\n250 AUTH PLAIN",
            ("AUTH", _) => {
                let told = line.rsplit(' ').next().unwrap_or_default();
                let told = base64::engine::general_purpose::STANDARD.decode(told).unwrap_or_default();
                logins.lock().unwrap().push(String::from_utf8_lossy(&told).replace('\0', " ").trim().to_owned());
                "235 welcome"
            }
            ("MAIL", Behaviour::Busy) => "450 later",
            ("RCPT", Behaviour::RefuseRecipient) => "550 nobody here",
            ("DATA", _) => {
                write.write_all(b"354 go on\r\n").await.ok()?;
                let mut body = String::new();
                while let Some(line) = lines.next_line().await.ok()? {
                    if line == "." {
                        break;
                    }
                    body.push_str(&line);
                    body.push('\n');
                }
                bodies.lock().unwrap().push(body);
                match behaviour {
                    Behaviour::HangUpAfterBody => return None,
                    Behaviour::Silent => std::future::pending().await,
                    Behaviour::RefuseBody => "554 no",
                    _ => "250 taken",
                }
            }
            ("QUIT", _) => {
                write.write_all(b"221 bye\r\n").await.ok()?;
                return None;
            }
            _ => "250 ok",
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    }
    None
}

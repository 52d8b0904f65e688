//! A mail server that speaks the protocol and does as it is told.

use std::sync::{Arc, Mutex};

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
}

/// A running server.
pub(crate) struct Sink {
    pub(crate) url: String,
    behaviour: Arc<Mutex<Behaviour>>,
    bodies: Arc<Mutex<Vec<String>>>,
}

impl Sink {
    pub(crate) async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let sink = Self { url, behaviour: Arc::new(Mutex::new(behaviour)), bodies: Arc::default() };
        let (behaviour, bodies) = (Arc::clone(&sink.behaviour), Arc::clone(&sink.bodies));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let now = *behaviour.lock().unwrap();
                let bodies = Arc::clone(&bodies);
                tokio::spawn(async move { talk(stream, now, &bodies).await });
            }
        });
        sink
    }

    pub(crate) fn now(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap() = behaviour;
    }

    /// The bodies that were received whole.
    pub(crate) fn bodies(&self) -> Vec<String> {
        self.bodies.lock().unwrap().clone()
    }
}

async fn talk(stream: TcpStream, behaviour: Behaviour, bodies: &Mutex<Vec<String>>) -> Option<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 sink\r\n").await.ok()?;
    while let Some(line) = lines.next_line().await.ok()? {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
        let answer = match (verb.as_str(), behaviour) {
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

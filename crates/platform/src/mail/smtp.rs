//! SMTP, command by command, so that it is known how far a mail came when something fails (RFC 5321).

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use kernel::Email;
use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Mechanism;
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use tokio::net::ToSocketAddrs;
use tokio::time::{Instant, timeout_at};

use super::target::{NamedBy, Security, Server};
use super::{CONNECT_LIMIT, Delivered};
use crate::egress::Egress;

/// Sends a mail to all recipients or to none. Accepted means a positive answer after the end of the body.
pub(super) async fn deliver(
    egress: &Egress,
    server: &Server,
    from: &Address,
    recipients: &[Email],
    bytes: &[u8],
    limit: Duration,
) -> Delivered {
    let deadline = Instant::now() + limit;
    let mut connection = match reach(egress, server, Instant::now() + CONNECT_LIMIT.min(limit)).await {
        Ok(connection) => connection,
        Err(why) => return Delivered::Refused { why, by_server: true },
    };
    if let Err((why, by_server)) = envelope(&mut connection, from, recipients, deadline).await {
        hang_up(connection).await;
        return Delivered::Refused { why, by_server };
    }
    // From here on the server may have the mail, whatever we hear of it.
    let delivered = match timeout_at(deadline, connection.message(bytes)).await {
        Ok(Ok(answer)) if answer.is_positive() => Delivered::Accepted(text(&answer)),
        Ok(Ok(answer)) => Delivered::Refused { why: text(&answer), by_server: true },
        Ok(Err(error)) if error.status().is_some() => Delivered::Refused { why: error.to_string(), by_server: true },
        Ok(Err(error)) => {
            Delivered::Unknown(format!("the connection broke while the mail was sent: {}", chain(&error)))
        }
        Err(_) => Delivered::Unknown("the server did not answer in time after the mail was sent".to_owned()),
    };
    hang_up(connection).await;
    delivered
}

/// A connection to the server. A host that a tenant named is looked up once, checked, and connected to at these addresses alone.
async fn reach(egress: &Egress, server: &Server, deadline: Instant) -> Result<AsyncSmtpConnection, String> {
    match server.named_by {
        NamedBy::Operator => before(deadline, connect(server, (server.host.as_str(), server.port))).await,
        NamedBy::Tenant => {
            let found = egress.addresses(&server.host).await.map_err(|error| error.to_string())?;
            let found: Vec<_> = found.into_iter().map(|address| SocketAddr::new(address, server.port)).collect();
            before(deadline, connect(server, found.as_slice())).await
        }
    }
}

async fn connect(server: &Server, address: impl ToSocketAddrs) -> Result<AsyncSmtpConnection, Error> {
    let hello = ClientId::default();
    let tls = || TlsParameters::new(server.host.clone());
    let implicit = if server.security == Security::Tls { Some(tls()?) } else { None };
    let mut connection =
        AsyncSmtpConnection::connect_tokio1(address, Some(CONNECT_LIMIT), &hello, implicit, None).await?;
    if server.security == Security::StartTls {
        connection.starttls(tls()?, &hello).await?;
    }
    if let Some(credentials) = &server.credentials {
        connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await?;
    }
    Ok(connection)
}

/// Everything up to the permission to send the body. A recipient that is refused spoils the mail for all: the buyer's
/// people get one file or none. Says whether the server is to blame, rather than a recipient.
async fn envelope(
    connection: &mut AsyncSmtpConnection,
    from: &Address,
    recipients: &[Email],
    deadline: Instant,
) -> Result<(), (String, bool)> {
    before(deadline, connection.command(Mail::new(Some(from.clone()), Vec::new()))).await.map_err(|why| (why, true))?;
    for recipient in recipients {
        let address: Address = recipient.as_str().parse().map_err(|error| (format!("{error}"), false))?;
        let answer = timeout_at(deadline, connection.command(Rcpt::new(address, Vec::new()))).await;
        let answer = answer.map_err(|_| ("the server did not answer in time".to_owned(), true))?;
        answer.map_err(|error| (error.to_string(), !error.is_permanent()))?;
    }
    before(deadline, connection.command(Data)).await.map_err(|why| (why, true))?;
    Ok(())
}

async fn before<T>(deadline: Instant, step: impl Future<Output = Result<T, Error>>) -> Result<T, String> {
    match timeout_at(deadline, step).await {
        Ok(result) => result.map_err(|error| chain(&error)),
        Err(_) => Err("the server did not answer in time".to_owned()),
    }
}

/// The farewell changes nothing any more.
async fn hang_up(mut connection: AsyncSmtpConnection) {
    let limit = Instant::now() + Duration::from_secs(1);
    if timeout_at(limit, connection.abort()).await.is_err() {
        tracing::debug!("the mail server did not say goodbye");
    }
}

fn text(answer: &Response) -> String {
    let words: Vec<_> = answer.message().collect();
    format!("{} {}", answer.code(), words.join(" "))
}

fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

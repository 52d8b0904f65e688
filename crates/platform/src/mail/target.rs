//! Where an entity's mail goes: its own server, the default one, or the folder.

use std::collections::BTreeMap;

use kernel::{Email, EntityId};
use lettre::transport::smtp::authentication::Credentials;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Message, Route, store};
use crate::{Error, Result, Setting, Tx, tenancy};

/// The mail servers of a tenant's entities. Keys are entity codes; an entity without a row uses the default transport.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SmtpSettings {
    /// The servers.
    pub per_entity: BTreeMap<String, EntitySmtp>,
}

impl Setting for SmtpSettings {
    const KEY: &'static str = "mail.smtp";
}

/// The mail server of an entity. Its password is none of it: the setting names where to find it, or it is kept sealed beside the
/// entity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EntitySmtp {
    /// `smtps://user@host:465`, `smtp://user@host:587?starttls=required`, or `smtp://host:25`; empty = the default.
    pub url: String,
    /// The environment variable that holds the password, where it is not kept here: `SMTP_PASSWORD…`.
    pub password_env: Option<String>,
    /// The file that holds the password, where it is not kept here: its name begins with `smtp-password`.
    pub password_file: Option<String>,
    /// The name beside the sender's address.
    pub from_name: Option<String>,
}

/// What the names of variables and files with passwords of mail servers begin with. A tenant writes these names: any other would hand
/// what the operator keeps there to a server of the tenant's.
const PASSWORD_VARIABLE: &str = "SMTP_PASSWORD";
const PASSWORD_FILE: &str = "smtp-password";

impl EntitySmtp {
    /// The field that names what is no password of a mail server, and why.
    pub(super) fn strays(&self) -> Option<(&'static str, &'static str)> {
        if self.password_env.as_ref().is_some_and(|name| !name.starts_with(PASSWORD_VARIABLE)) {
            return Some(("password_env", "must begin with SMTP_PASSWORD"));
        }
        let is_ours = |path: &String| {
            let name = std::path::Path::new(path).file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| name.starts_with(PASSWORD_FILE))
        };
        let strays = self.password_file.as_ref().is_some_and(|path| !is_ours(path));
        strays.then_some(("password_file", "must name a file whose name begins with smtp-password"))
    }
}

/// The sender.
pub(super) struct Sender {
    pub(super) email: Email,
    pub(super) name: Option<String>,
}

/// Who says where a mail server stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NamedBy {
    /// Who owns the machine: it may stand anywhere.
    Operator,
    /// A tenant: it must not stand in the operator's network (spec/desk.md D-24).
    Tenant,
}

/// A mail server.
pub(super) struct Server {
    pub(super) named_by: NamedBy,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    pub(super) credentials: Option<Credentials>,
}

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Security {
    None,
    StartTls,
    Tls,
}

/// Where mail goes, and from whom.
pub(super) struct Target {
    /// Without a server, mail goes to the folder.
    pub(super) server: Option<Server>,
    pub(super) from: Sender,
    /// What is recorded: `host:port` or `folder`.
    pub(super) name: String,
}

/// The target of a mail.
pub(super) async fn of(tx: &mut Tx, message: &Message) -> Result<Target> {
    let entity = message.entity;
    let code = tx.ctx().entity_code(entity).to_owned();
    let own = tx.setting::<SmtpSettings>().await?.per_entity.remove(&code).unwrap_or_default();
    let from = tenancy::store::find_sender(tx, entity).await?;
    let fallback = format!("no-reply@{}.invalid", code.to_lowercase());
    let email =
        from.unwrap_or(fallback).parse().map_err(|error| Error::internal("reading an entity's address", error))?;
    let server = if own.url.is_empty() || message.route == Route::Operator {
        let default = tx.ctx().platform().options().smtp_url.clone();
        default.map(|url| parse(NamedBy::Operator, &url, None)).transpose()?
    } else {
        Some(parse(NamedBy::Tenant, &own.url, password(tx, entity, &own).await?)?)
    };
    let name = server.as_ref().map_or_else(|| "folder".to_owned(), |server| format!("{}:{}", server.host, server.port));
    Ok(Target { server, from: Sender { email, name: own.from_name }, name })
}

/// The password that the setting refers to, or the one that is kept sealed.
async fn password(tx: &mut Tx, entity: EntityId, own: &EntitySmtp) -> Result<Option<String>> {
    let missing =
        |what: String| Error::refused("smtp_password", format!("The password of the mail server is missing: {what}."));
    if let Some((_, why)) = own.strays() {
        return Err(missing(why.to_owned()));
    }
    if let Some(variable) = &own.password_env {
        return std::env::var(variable).map(Some).map_err(|_| missing(format!("{variable} is not set")));
    }
    let Some(file) = &own.password_file else {
        let Some(sealed) = store::find_password(tx, entity).await? else { return Ok(None) };
        let place = store::MAIL_PASSWORD.place(tx.tenant(), entity);
        let password = tx.ctx().platform().secrets().open(&place, &sealed).await?;
        let text = String::from_utf8(password);
        return text.map(Some).map_err(|_| missing("the one that is kept is no text".to_owned()));
    };
    let text = std::fs::read_to_string(file).map_err(|error| missing(format!("{file}: {error}")))?;
    Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Proves that `url` can be that of a mail server, its password in it.
///
/// Refused when it cannot; the reason does not repeat it.
pub fn check_url(url: &str) -> Result<()> {
    parse(NamedBy::Operator, url, None).map(drop)
}

/// Reads a server's URL; a password given apart wins over one in the URL.
pub(super) fn parse(named_by: NamedBy, text: &str, password: Option<String>) -> Result<Server> {
    let bad = |why: &str| Error::refused("smtp_url", format!("The URL of the mail server cannot be used: {why}."));
    let url = Url::parse(text).map_err(|error| bad(&error.to_string()))?;
    let starttls = url.query_pairs().find(|(key, _)| key == "starttls").map(|(_, value)| value.into_owned());
    let security = match (url.scheme(), starttls.as_deref()) {
        ("smtps", None) => Security::Tls,
        ("smtp", Some("required")) => Security::StartTls,
        ("smtp", None) => Security::None,
        _ => return Err(bad("it must begin with smtps:// or smtp://, and starttls can only be required")),
    };
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| bad("the host is missing"))?.to_owned();
    let usual = match security {
        Security::Tls => 465,
        Security::StartTls => 587,
        Security::None => 25,
    };
    let decoded = |part: &str| percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned();
    let password = password.or_else(|| url.password().map(decoded));
    let user = Some(decoded(url.username())).filter(|user| !user.is_empty());
    let credentials = match (user, password) {
        (Some(user), Some(password)) => Some(Credentials::new(user, password)),
        (Some(_), None) => return Err(bad("there is a user and no password")),
        (None, _) => None,
    };
    Ok(Server { named_by, host, port: url.port().unwrap_or(usual), security, credentials })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_say_host_port_and_protection() {
        for (url, host, port, security, signs_in) in [
            ("smtp://mail.example", "mail.example", 25, Security::None, false),
            ("smtps://mail.example", "mail.example", 465, Security::Tls, false),
            ("smtp://me:p%40ss@mail.example:2525?starttls=required", "mail.example", 2525, Security::StartTls, true),
        ] {
            let server = parse(NamedBy::Operator, url, None).unwrap();
            assert_eq!((server.host.as_str(), server.port, server.security), (host, port, security), "{url}");
            assert_eq!(server.credentials.is_some(), signs_in, "{url}");
        }
        for url in ["http://mail.example", "smtp://", "nonsense", "smtps://me@mail.example", "smtp://h?starttls=maybe"]
        {
            assert!(parse(NamedBy::Operator, url, None).is_err(), "{url}");
        }
    }

    #[test]
    fn d_24_a_tenant_names_no_variable_and_no_file_of_the_operators() {
        let strays = |env: Option<&str>, file: Option<&str>| {
            let (password_env, password_file) = (env.map(str::to_owned), file.map(str::to_owned));
            EntitySmtp { password_env, password_file, ..EntitySmtp::default() }.strays().map(|(field, _)| field)
        };
        for fine in [(None, None), (Some("SMTP_PASSWORD_ZR7"), None), (None, Some("/etc/comptoir/smtp-password-zr7"))] {
            assert_eq!(strays(fine.0, fine.1), None, "{fine:?}");
        }
        for env in ["COMPTOIR_SECRET_KEYS", "DATABASE_URL", "HOME", "", "X_SMTP_PASSWORD"] {
            assert_eq!(strays(Some(env), None), Some("password_env"), "{env}");
        }
        for file in ["/etc/passwd", "/run/smtp-password/../key", "/run/smtp-password/key", "", "..", "/"] {
            assert_eq!(strays(None, Some(file)), Some("password_file"), "{file}");
        }
    }
}

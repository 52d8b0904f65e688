//! The mail servers of the entities: what is written of them, and the passwords that are kept sealed beside.

use std::collections::BTreeMap;

use kernel::EntityId;
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;

use super::store::{self, MAIL_PASSWORD};
use super::target::{self, EntitySmtp, NamedBy, SmtpSettings};
use crate::egress::Egress;
use crate::secret::PlainSecret;
use crate::{Error, Event, Result, Tx, Versioned};

/// The mail servers of a tenant's entities, by entity code; an entity without one uses the default transport.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(super) struct MailServersView {
    /// The servers.
    per_entity: BTreeMap<String, MailServerView>,
}

/// The mail server of an entity.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(super) struct MailServerView {
    #[serde(flatten)]
    server: EntitySmtp,
    /// Whether its password is kept here. The password itself is never answered.
    password_set: bool,
}

/// The mail servers to use from now on.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PutServers {
    /// By entity code. A server that is left out is forgotten with its password.
    per_entity: BTreeMap<String, PutServer>,
    /// The version that was read, to change nothing unseen.
    version: Option<i64>,
}

/// The mail server of an entity from now on.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PutServer {
    /// `smtps://user@host:465`, `smtp://user@host:587?starttls=required`, or `smtp://host:25`; empty = the default. The host must be
    /// on the public internet, or in a network that the operator excepts (`egress_allow`).
    #[serde(default)]
    url: String,
    /// The password, to be kept sealed; it is never answered. Left out, the one that is kept stays, unless the URL changes: it is
    /// not shown to another server. Empty, it is forgotten.
    password: Option<PlainSecret>,
    /// The environment variable that holds the password, where it is not kept here; its name begins with `SMTP_PASSWORD`.
    password_env: Option<String>,
    /// The file that holds the password, where it is not kept here; its name begins with `smtp-password`.
    password_file: Option<String>,
    /// The name beside the sender's address.
    from_name: Option<String>,
}

/// What becomes of the password that is kept.
#[derive(Debug)]
enum Password<'a> {
    Stays,
    Forgotten,
    Given(&'a PlainSecret),
}

impl PutServer {
    /// The field that is wrong, and why.
    fn refusal(&self, egress: &Egress) -> Option<(&'static str, String)> {
        let url = Url::parse(&self.url);
        if url.as_ref().is_ok_and(|url| url.password().is_some()) {
            return Some(("url", "must not hold a password: give it as password".to_owned()));
        }
        if let Some((field, why)) = self.server().strays() {
            return Some((field, why.to_owned()));
        }
        if let Some(why) = self.unreachable(egress) {
            return Some(("url", why));
        }
        if self.password.as_ref().is_none_or(PlainSecret::is_empty) {
            return None;
        }
        if self.password_env.is_some() || self.password_file.is_some() {
            return Some(("password", "is either given here or named by password_env or password_file".to_owned()));
        }
        if url.is_ok_and(|url| url.username().is_empty()) || self.url.is_empty() {
            return Some(("password", "is a user's, and the url names none: smtps://user@host".to_owned()));
        }
        None
    }

    /// What is wrong with the address, as far as can be known without looking its name up.
    fn unreachable(&self, egress: &Egress) -> Option<String> {
        if self.url.is_empty() {
            return None;
        }
        // The password is looked up when mail is sent: any will do to read the rest.
        match target::parse(NamedBy::Tenant, &self.url, Some(String::new())) {
            Ok(server) => egress.check_host(&server.host).err().map(|rule| rule.to_string()),
            Err(error) => Some(error.to_string()),
        }
    }

    /// What becomes of the password, where one `is_kept` for the server `before`. None when it would be shown to another server.
    fn password(&self, before: Option<&EntitySmtp>, is_kept: bool) -> Option<Password<'_>> {
        let is_elsewhere = self.url.is_empty() || self.password_env.is_some() || self.password_file.is_some();
        match &self.password {
            Some(password) if password.is_empty() => Some(Password::Forgotten),
            Some(password) => Some(Password::Given(password)),
            None if is_kept && is_elsewhere => Some(Password::Forgotten),
            None if !is_kept || before.is_some_and(|before| before.url == self.url) => Some(Password::Stays),
            None => None,
        }
    }

    fn server(&self) -> EntitySmtp {
        EntitySmtp {
            url: self.url.clone(),
            password_env: self.password_env.clone(),
            password_file: self.password_file.clone(),
            from_name: self.from_name.clone(),
        }
    }
}

/// The servers as they are.
pub(super) async fn get_servers(tx: &mut Tx) -> Result<Versioned<MailServersView>> {
    let setting = tx.versioned_setting::<SmtpSettings>().await?;
    view(tx, setting).await
}

/// Sets the servers and their passwords.
///
/// Invalid at the server that cannot be, or whose kept password would be shown to another server; conflict when they were changed
/// meanwhile.
pub(super) async fn put_servers(tx: &mut Tx, command: &PutServers) -> Result<Versioned<MailServersView>> {
    let mut entities = BTreeMap::new();
    for (code, server) in &command.per_entity {
        let entity = tx.ctx().entity_by_code(code).filter(|entity| entity.code == *code).map(|entity| entity.id);
        let Some(entity) = entity else {
            return Err(Error::invalid(format!("per_entity.{code}"), "there is no entity with this code"));
        };
        if let Some((field, why)) = server.refusal(tx.ctx().platform().egress()) {
            return Err(Error::invalid(format!("per_entity.{code}.{field}"), why));
        }
        entities.insert(entity, (code.as_str(), server));
    }
    let before = tx.setting::<SmtpSettings>().await?;
    let per_entity = command.per_entity.iter().map(|(code, server)| (code.clone(), server.server())).collect();
    let setting = tx.put_setting(&SmtpSettings { per_entity }, command.version).await?;
    let kept = store::list_with_password(tx).await?;
    for entity in kept.iter().filter(|entity| !entities.contains_key(entity)) {
        keep_password(tx, *entity, None).await?;
    }
    for (entity, (code, server)) in entities {
        let is_kept = kept.contains(&entity);
        match server.password(before.per_entity.get(code), is_kept) {
            Some(Password::Forgotten) if is_kept => keep_password(tx, entity, None).await?,
            Some(Password::Stays | Password::Forgotten) => {}
            Some(Password::Given(password)) => {
                let password = password.checked(format!("per_entity.{code}.password"))?;
                keep_password(tx, entity, Some(password)).await?;
            }
            None => {
                let why = "must be given again with another url: the one that is kept is not shown to another server";
                return Err(Error::invalid(format!("per_entity.{code}.password"), why));
            }
        }
    }
    view(tx, setting).await
}

async fn keep_password(tx: &mut Tx, entity: EntityId, password: Option<&[u8]>) -> Result<()> {
    let sealed = match password {
        Some(password) => {
            let place = MAIL_PASSWORD.place(tx.tenant(), entity);
            Some(tx.ctx().platform().secrets().seal(&place, password).await?)
        }
        None => None,
    };
    store::update_password(tx, entity, sealed.as_ref()).await?;
    let details = json!({ "entity": tx.ctx().entity_code(entity), "kept": sealed.is_some() });
    tx.emit(Event::new("mail_password_changed", "entity", entity).entity(entity).details(details));
    Ok(())
}

async fn view(tx: &mut Tx, setting: Versioned<SmtpSettings>) -> Result<Versioned<MailServersView>> {
    let kept = store::list_with_password(tx).await?;
    let is_kept = |code: &str| tx.ctx().entity_by_code(code).is_some_and(|entity| kept.contains(&entity.id));
    let servers = setting.value.per_entity.into_iter();
    let per_entity = servers
        .map(|(code, server)| {
            let password_set = is_kept(&code);
            (code, MailServerView { server, password_set })
        })
        .collect();
    let Versioned { version, updated_at, updated_by, .. } = setting;
    Ok(Versioned { value: MailServersView { per_entity }, version, updated_at, updated_by })
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "smtps://me@mail.example";

    fn put(url: &str, password: Option<&str>, variable: Option<&str>) -> PutServer {
        let password = password.map(PlainSecret::new);
        PutServer { url: url.to_owned(), password, password_env: variable.map(str::to_owned), ..PutServer::default() }
    }

    #[test]
    fn what_a_server_cannot_be_is_said_at_its_field() {
        let egress = Egress::new(&[], std::sync::Arc::new(crate::egress::SystemLookup));
        for (server, expected) in [
            (put("", None, None), None),
            (put(URL, Some("hush"), None), None),
            (put(URL, None, Some("SMTP_PASSWORD")), None),
            (put(URL, Some(""), Some("SMTP_PASSWORD")), None),
            (put(URL, None, Some("COMPTOIR_SECRET_KEYS")), Some("password_env")),
            (put("smtp://127.0.0.1", None, None), Some("url")),
            (put("smtps://0x7f.1:465", None, None), Some("url")),
            (put("smtp://[::1]:25", None, None), Some("url")),
            (put("smtp://169.254.169.254", None, None), Some("url")),
            (put("smtps://me:hush@mail.example", None, None), Some("url")),
            (put("ftp://mail.example", None, None), Some("url")),
            (put(URL, Some("hush"), Some("SMTP_PASSWORD")), Some("password")),
            (put("smtp://mail.example", Some("hush"), None), Some("password")),
            (put("", Some("hush"), None), Some("password")),
        ] {
            assert_eq!(server.refusal(&egress).map(|(field, _)| field), expected, "{server:?}");
        }
    }

    #[test]
    fn a_kept_password_stays_with_its_server_and_is_never_shown_to_another() {
        let before = put(URL, None, None).server();
        let become_of = |server: &PutServer, is_kept| match server.password(Some(&before), is_kept) {
            Some(Password::Stays) => "stays",
            Some(Password::Forgotten) => "forgotten",
            Some(Password::Given(_)) => "given",
            None => "refused",
        };
        for (server, is_kept, expected) in [
            (put(URL, None, None), true, "stays"),
            (put(URL, None, None), false, "stays"),
            (put(URL, Some("hush"), None), true, "given"),
            (put(URL, Some(""), None), true, "forgotten"),
            (put(URL, None, Some("SMTP_PASSWORD")), true, "forgotten"),
            (put("", None, None), true, "forgotten"),
            (put("smtps://me@evil.example", None, None), true, "refused"),
            (put("smtp://me@mail.example", None, None), true, "refused"),
            (put("smtps://you@mail.example", None, None), true, "refused"),
            (put("smtps://me@evil.example", None, None), false, "stays"),
            (put("smtps://me@evil.example", Some("other"), None), true, "given"),
        ] {
            assert_eq!(become_of(&server, is_kept), expected, "{server:?} {is_kept}");
        }
        let fresh = put(URL, None, None);
        assert!(fresh.password(None, true).is_none(), "a password of which no server is known");
    }
}

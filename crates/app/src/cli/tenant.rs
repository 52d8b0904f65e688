//! `comptoir tenant`

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand};
use kernel::{Email, Zone};

/// `comptoir tenant`
#[derive(Clone, Subcommand)]
pub enum TenantCommand {
    /// Make a tenant with its legal entities and its first administrator
    #[command(after_help = "Example:\n  comptoir tenant create --name \"Groupe Martin\" \\\n    \
        --entity MRT:\"Martin Énergie\" --entity MSV:\"Martin Services\" \\\n    \
        --admin-email claire@martin.example --admin-password-file ./password")]
    Create(TenantCreate),
    /// List the tenants
    List,
}

/// `comptoir tenant create`
#[derive(Clone, Args)]
pub struct TenantCreate {
    /// The name people see
    #[arg(long, value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub name: String,
    /// The name in addresses: lower-case letters, digits and hyphens [default: made from the name]
    #[arg(long, value_parser = parse_slug)]
    pub slug: Option<String>,
    /// A legal entity, such as MRT:"Martin Énergie"; once for each
    #[arg(long = "entity", value_name = "CODE:\"NAME\"", required = true)]
    pub entities: Vec<EntityArg>,
    /// The e-mail address of the first administrator
    #[arg(long, value_name = "EMAIL")]
    pub admin_email: Email,
    /// A file that holds his password; - reads standard input
    #[arg(long, value_name = "FILE")]
    pub admin_password_file: PathBuf,
    /// The time zone of its weeks and business days
    #[arg(long, value_name = "ZONE", default_value = "Europe/Paris", value_parser = parse_zone)]
    pub time_zone: Zone,
}

/// A legal entity on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityArg {
    /// The code, unique in its tenant.
    pub code: String,
    /// The name.
    pub name: String,
}

impl FromStr for EntityArg {
    type Err = String;

    /// `MRT:Martin Énergie`; quotes around the name that the shell left are taken off.
    fn from_str(text: &str) -> Result<Self, String> {
        let Some((code, name)) = text.split_once(':') else {
            return Err("it must read CODE:\"Name\", such as MRT:\"Martin Énergie\"".to_owned());
        };
        if !(2..=12).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
            return Err(format!("the code `{code}` must be 2 to 12 upper-case letters or digits"));
        }
        if ["ALL", "BOTH"].contains(&code) {
            return Err(format!("the code `{code}` means every entity at once; choose another"));
        }
        let unquoted = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(name).trim();
        if unquoted.is_empty() {
            return Err(format!("the name after `{code}:` is missing"));
        }
        if unquoted.contains('"') || unquoted.chars().any(char::is_control) {
            return Err("a name has neither quotes nor control characters in it".to_owned());
        }
        Ok(Self { code: code.to_owned(), name: unquoted.to_owned() })
    }
}

impl TenantCreate {
    /// The slug that was given, or the name's.
    ///
    /// Invalid when none is given and the name has no letter or digit to make one of.
    pub fn slug(&self) -> platform::Result<String> {
        if let Some(slug) = &self.slug {
            return Ok(slug.clone());
        }
        let slug: String = slug::slugify(&self.name).chars().take(63).collect();
        parse_slug(slug.trim_end_matches('-'))
            .map_err(|_| platform::Error::invalid("--slug", "cannot be made from this name: give one"))
    }
}

pub(super) fn parse_slug(text: &str) -> Result<String, String> {
    let allowed = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if (1..=63).contains(&text.len()) && allowed && !text.starts_with('-') {
        return Ok(text.to_owned());
    }
    Err("it must be 1 to 63 lower-case letters, digits or hyphens, with no hyphen first".to_owned())
}

fn parse_zone(text: &str) -> Result<Zone, String> {
    Zone::named(text).map_err(|_| "it must be a zone of the IANA database, such as Europe/Paris".to_owned())
}

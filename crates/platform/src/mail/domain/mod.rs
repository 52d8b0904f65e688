//! What the world's mail servers think of ours: whether each domain that mail is sent from says, in its DNS records, that it is
//! sent by its provider (SPF, RFC 7208), signed (DKIM, RFC 6376), and what becomes of what is not (DMARC, RFC 7489).
//!
//! Tables owned: `platform.mail_domain`.
//!
//! The records are looked up once a day and when a person asks; what was found last is kept with its age (spec/field.md 6.4).
//!
//! Failure policy: fail-open. A DNS server that does not answer leaves what was known before; no mail waits for it.

pub mod http;
mod jobs;
mod lookup;
mod model;
mod ops;
mod spf;
pub(crate) mod store;

pub(crate) use jobs::register;
pub use lookup::Resolver;
pub use model::{MailDomainItem, MailDomainProblem, MailDomainSettings, MailDomainVerdict, SendingDomain};
pub use ops::look_up;
pub(crate) use ops::sending_domains;

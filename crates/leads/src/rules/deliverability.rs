//! Whether a buyer can be reached, and by which mailboxes (leads §5.8).

use std::collections::BTreeSet;

use kernel::Email;
use serde::{Deserialize, Serialize};

/// Mail domains that nobody reads. A domain is compared whole, without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct EmailDenylist {
    /// The refused domains.
    pub domains: BTreeSet<String>,
}

impl Default for EmailDenylist {
    fn default() -> Self {
        let domains = ["example.com", "test.com", "localhost", "invalid", "fake.com", "temp.com", "mailinator.com"];
        Self { domains: domains.map(String::from).into() }
    }
}

impl EmailDenylist {
    /// Whether mail to this address is refused.
    pub fn refuses(&self, email: &Email) -> bool {
        self.domains.iter().any(|domain| domain.trim().to_lowercase() == email.domain())
    }
}

/// The ways to a buyer, as they are stored: the addresses may be anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Channels<'a> {
    /// The main address.
    pub email: Option<&'a str>,
    /// The addresses that deliveries go to instead of the main one.
    pub delivery_emails: &'a [String],
    /// Where leads are posted to, if anywhere.
    pub api_endpoint: Option<&'a str>,
}

platform::words! {
    /// Why nothing can be delivered to a buyer.
    UndeliverableReason {
        /// There are valid addresses, all on refused domains.
        AllDenylisted = "all_denylisted",
        /// There is neither a valid address nor an endpoint.
        NoValidChannel = "no_valid_channel",
    }
}

/// Whether a buyer can be reached, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Deliverability {
    /// A mailbox or an endpoint can take deliveries.
    pub deliverable: bool,
    /// Why not.
    pub reason: Option<UndeliverableReason>,
    /// The mailboxes of a delivery, each once; none when only the endpoint can be used.
    pub recipients: Vec<Email>,
}

/// Weighs the channels of a buyer. Mail goes to the usable delivery addresses if any, else to the main one.
pub fn deliverability(channels: &Channels<'_>, denylist: &EmailDenylist) -> Deliverability {
    let extra = valid(channels.delivery_emails.iter().map(String::as_str));
    let main = valid(channels.email);
    let any_valid = !extra.is_empty() || !main.is_empty();

    let mut recipients = allowed(extra, denylist);
    if recipients.is_empty() {
        recipients = allowed(main, denylist);
    }
    let has_endpoint = channels.api_endpoint.is_some_and(|endpoint| !endpoint.trim().is_empty());
    let deliverable = has_endpoint || !recipients.is_empty();
    let reason = match (deliverable, any_valid) {
        (true, _) => None,
        (false, true) => Some(UndeliverableReason::AllDenylisted),
        (false, false) => Some(UndeliverableReason::NoValidChannel),
    };
    Deliverability { deliverable, reason, recipients }
}

fn valid<'a>(addresses: impl IntoIterator<Item = &'a str>) -> Vec<Email> {
    let mut emails: Vec<Email> = Vec::new();
    for email in addresses.into_iter().filter_map(|address| address.parse().ok()) {
        if !emails.contains(&email) {
            emails.push(email);
        }
    }
    emails
}

fn allowed(emails: Vec<Email>, denylist: &EmailDenylist) -> Vec<Email> {
    emails.into_iter().filter(|email| !denylist.refuses(email)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_the_specification_holds() {
        use UndeliverableReason::{AllDenylisted, NoValidChannel};
        type Row<'a> = (&'a str, &'a [&'a str], &'a str, Option<UndeliverableReason>, &'a [&'a str]);
        let rows: [Row<'_>; 13] = [
            ("a@buyer.example", &[], "", None, &["a@buyer.example"]),
            ("a@test.com", &["b@buyer.example"], "", None, &["b@buyer.example"]),
            ("a@TEST.com", &[], "", Some(AllDenylisted), &[]),
            ("a@test.com", &[], "https://buyer.example/leads", None, &[]),
            ("bad", &[], "", Some(NoValidChannel), &[]),
            ("", &[], "", Some(NoValidChannel), &[]),
            ("", &[], "  ", Some(NoValidChannel), &[]),
            ("a@localhost", &[], "", Some(NoValidChannel), &[]),
            ("a@buyer.example", &["b@buyer.example"], "", None, &["b@buyer.example"]),
            ("a@buyer.example", &["b@test.com", "bad"], "", None, &["a@buyer.example"]),
            ("bad", &["b@fake.com"], "", Some(AllDenylisted), &[]),
            ("a@mail.test.com", &[], "", None, &["a@mail.test.com"]),
            ("", &["B@x.example", "b@X.example", "c@x.example"], "", None, &["b@x.example", "c@x.example"]),
        ];
        for (main, extra, api, reason, recipients) in rows {
            let delivery_emails: Vec<String> = extra.iter().map(ToString::to_string).collect();
            let channels = Channels { email: Some(main), delivery_emails: &delivery_emails, api_endpoint: Some(api) };
            let found = deliverability(&channels, &EmailDenylist::default());
            assert_eq!((found.deliverable, found.reason), (reason.is_none(), reason), "{main} {extra:?} {api}");
            assert_eq!(found.recipients.iter().map(Email::as_str).collect::<Vec<_>>(), recipients, "{main} {extra:?}");
        }
    }

    #[test]
    fn the_denylist_is_a_setting_and_has_defaults() {
        let denylist: EmailDenylist = serde_json::from_str(r#"{"domains": [" Spam.Example "]}"#).unwrap();
        let channels = |email| Channels { email: Some(email), ..Channels::default() };
        assert!(!deliverability(&channels("a@spam.example"), &denylist).deliverable);
        assert!(deliverability(&channels("a@test.com"), &denylist).deliverable);
        assert_eq!(serde_json::from_str::<EmailDenylist>("{}").unwrap(), EmailDenylist::default());
    }
}

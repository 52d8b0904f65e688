//! What is decided about mails of documents: by itself or not, and to whom. Pure.

use std::collections::BTreeMap;

use kernel::Email;
use platform::Setting;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What each entity sends by itself. Keys are entity codes; an entity without a row sends nothing by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SendingSettings {
    /// The entities.
    pub per_entity: BTreeMap<String, SendingPolicy>,
}

/// What an entity sends by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SendingPolicy {
    /// Whether a sales document is mailed to its customer when it is issued; those between entities never are.
    pub at_issue: bool,
}

impl Setting for SendingSettings {
    const KEY: &'static str = "billing.sending";
}

impl SendingSettings {
    /// What an entity sends by itself.
    pub fn of(&self, entity: &str) -> SendingPolicy {
        self.per_entity.get(entity).copied().unwrap_or_default()
    }
}

/// Whom a letter goes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipients {
    /// To whom.
    pub to: Vec<Email>,
    /// Who gets a copy.
    pub copies: Vec<Email>,
}

/// Nobody writes to more people at once.
const MOST_RECIPIENTS: usize = 20;

impl Recipients {
    /// Those named, each once; or the field that is wrong and a sentence.
    pub fn try_new(to: Vec<Email>, copies: Vec<Email>) -> Result<Self, (&'static str, &'static str)> {
        let mut seen = Vec::new();
        let mut once = |emails: Vec<Email>| -> Vec<Email> {
            let is_new = |email: &Email| {
                let is_new = !seen.contains(email);
                if is_new {
                    seen.push(email.clone());
                }
                is_new
            };
            emails.into_iter().filter(is_new).collect()
        };
        let (to, copies) = (once(to), once(copies));
        if to.is_empty() {
            return Err(("to", "is needed: the customer has no mail address"));
        }
        for (field, emails) in [("to", &to), ("cc", &copies)] {
            if emails.len() > MOST_RECIPIENTS {
                return Err((field, "must have at most 20"));
            }
        }
        Ok(Self { to, copies })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_written_to_once_and_somebody_is() {
        let email = |text: &str| text.parse::<Email>().unwrap();
        let found = Recipients::try_new(
            vec![email("a@x.example"), email("A@x.example")],
            vec![email("a@x.example"), email("b@x.example")],
        );
        assert_eq!(found, Ok(Recipients { to: vec![email("a@x.example")], copies: vec![email("b@x.example")] }));
        assert_eq!(Recipients::try_new(vec![], vec![email("b@x.example")]).unwrap_err().0, "to");
        let many = (0..21).map(|n| email(&format!("p{n}@x.example"))).collect();
        assert_eq!(Recipients::try_new(vec![email("a@x.example")], many).unwrap_err().0, "cc");
    }
}

//! What is right and wrong with the records of a domain. Pure: what DNS answered comes in, what is wrong goes out.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::spf;
use crate::Setting;

crate::words! {
    /// What a domain's records are about.
    MailDomainItem {
        /// Who may send (RFC 7208).
        Spf = "spf",
        /// What is signed (RFC 6376).
        Dkim = "dkim",
        /// What becomes of the rest (RFC 7489).
        Dmarc = "dmarc",
    }

    /// How an item stands (spec/field.md 6.4).
    MailDomainVerdict {
        /// As it should be.
        Ok = "ok",
        /// It works, and could be better.
        Warning = "warning",
        /// Mail servers will mistrust what is sent.
        Fail = "fail",
    }

    /// What is wrong with a domain's records.
    MailDomainProblem {
        /// There is no SPF record.
        SpfMissing = "spf_missing",
        /// There is more than one SPF record: none of them counts (RFC 7208 §4.5).
        SpfSeveral = "spf_several",
        /// The record, or one that it includes, cannot be read or is not there (RFC 7208 §4.6, §5.2).
        SpfBroken = "spf_broken",
        /// It lets everybody send: `+all`.
        SpfPassesAll = "spf_passes_all",
        /// It does not say what becomes of others: it ends neither with `-all` nor with `~all`.
        SpfOpenEnd = "spf_open_end",
        /// It asks for more than ten look-ups (RFC 7208 §4.6.4).
        SpfLookups = "spf_lookups",
        /// It does not include the provider's record.
        SpfLacksProvider = "spf_lacks_provider",
        /// No selector is named, so the key cannot be looked up.
        DkimNoSelector = "dkim_no_selector",
        /// A selector has no key.
        DkimMissing = "dkim_missing",
        /// A selector's key was revoked: it is empty (RFC 6376 §3.6.1).
        DkimRevoked = "dkim_revoked",
        /// A selector's key is another than the one that was named.
        DkimOtherKey = "dkim_other_key",
        /// There is no DMARC record.
        DmarcMissing = "dmarc_missing",
        /// There is more than one DMARC record: none of them counts (RFC 7489 §6.6.3).
        DmarcSeveral = "dmarc_several",
        /// The record has no policy that there is.
        DmarcBroken = "dmarc_broken",
        /// It asks for nothing: `p=none`.
        DmarcNone = "dmarc_none",
        /// Nobody gets its reports: it has no `rua`.
        DmarcNoReports = "dmarc_no_reports",
    }
}

impl MailDomainProblem {
    /// What it is a problem of.
    pub const fn item(self) -> MailDomainItem {
        match self {
            Self::SpfMissing
            | Self::SpfSeveral
            | Self::SpfBroken
            | Self::SpfPassesAll
            | Self::SpfOpenEnd
            | Self::SpfLookups
            | Self::SpfLacksProvider => MailDomainItem::Spf,
            Self::DkimNoSelector | Self::DkimMissing | Self::DkimRevoked | Self::DkimOtherKey => MailDomainItem::Dkim,
            Self::DmarcMissing | Self::DmarcSeveral | Self::DmarcBroken | Self::DmarcNone | Self::DmarcNoReports => {
                MailDomainItem::Dmarc
            }
        }
    }

    /// What an auditor would say.
    pub const fn told(self) -> &'static str {
        match self {
            Self::SpfMissing => "there is no SPF record",
            Self::SpfSeveral => "there are several SPF records, so that none counts",
            Self::SpfBroken => "the SPF record, or one that it includes, cannot be read or is not there",
            Self::SpfPassesAll => "the SPF record lets everybody send: +all",
            Self::SpfOpenEnd => "the SPF record ends neither with -all nor with ~all",
            Self::SpfLookups => "the SPF record asks for more than 10 look-ups",
            Self::SpfLacksProvider => "the SPF record does not include the provider",
            Self::DkimNoSelector => "no DKIM selector is named",
            Self::DkimMissing => "a DKIM selector has no key",
            Self::DkimRevoked => "the key of a DKIM selector was revoked",
            Self::DkimOtherKey => "a DKIM selector has another key than the one that was named",
            Self::DmarcMissing => "there is no DMARC record",
            Self::DmarcSeveral => "there are several DMARC records, so that none counts",
            Self::DmarcBroken => "the DMARC record names no policy that there is",
            Self::DmarcNone => "the DMARC record asks for nothing: p=none",
            Self::DmarcNoReports => "nobody gets the reports of DMARC: there is no rua",
        }
    }

    /// How the item stands that has it.
    pub const fn verdict(self) -> MailDomainVerdict {
        match self {
            Self::SpfOpenEnd | Self::DkimNoSelector | Self::DmarcNone | Self::DmarcNoReports => {
                MailDomainVerdict::Warning
            }
            Self::SpfMissing
            | Self::SpfSeveral
            | Self::SpfBroken
            | Self::SpfPassesAll
            | Self::SpfLookups
            | Self::SpfLacksProvider
            | Self::DkimMissing
            | Self::DkimRevoked
            | Self::DkimOtherKey
            | Self::DmarcMissing
            | Self::DmarcSeveral
            | Self::DmarcBroken => MailDomainVerdict::Fail,
        }
    }
}

/// How `item` stands with these problems.
pub(super) fn verdict(problems: &[MailDomainProblem], item: MailDomainItem) -> MailDomainVerdict {
    let of_item = problems.iter().filter(|problem| problem.item() == item);
    of_item.map(|problem| problem.verdict()).max().unwrap_or(MailDomainVerdict::Ok)
}

/// What the tenant knows of the domains it sends from, by domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MailDomainSettings {
    /// The domains.
    pub domains: BTreeMap<String, SendingDomain>,
}

impl Setting for MailDomainSettings {
    const KEY: &'static str = "mail.domains";
}

/// What the tenant knows of a domain: its provider says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SendingDomain {
    /// The selectors of the keys that sign its mail, such as `ovhmo1234567-selector1`: ten at most.
    pub dkim_selectors: BTreeSet<String>,
    /// The public key that they must have, as in the record's `p=`; empty, any will do.
    pub dkim_key: String,
    /// The domain that its SPF record must include, such as `mx.ovh.com`; empty, any will do.
    pub spf_include: String,
}

/// What DNS says of a domain.
#[derive(Clone, Debug, Default)]
pub(super) struct Records {
    /// The text records of the domain and of every domain that its SPF record leads to.
    pub(super) spf: BTreeMap<String, Vec<String>>,
    /// The text records of each selector.
    pub(super) dkim: Vec<Vec<String>>,
    /// The text records of `_dmarc` there, or at the next parent that has some.
    pub(super) dmarc: Dmarc,
}

/// A DMARC record applies to the domain it is found at, or to those beneath it.
#[derive(Clone, Debug, Default)]
pub(super) struct Dmarc {
    pub(super) texts: Vec<String>,
    pub(super) is_inherited: bool,
}

/// Everything that is wrong with `domain`, in the order of the words.
pub(super) fn problems(domain: &str, known: &SendingDomain, records: &Records) -> Vec<MailDomainProblem> {
    let mut problems = spf::problems(domain, &known.spf_include, &records.spf);
    problems.extend(dkim_problems(&known.dkim_key, &records.dkim));
    problems.extend(dmarc_problems(&records.dmarc));
    problems
}

/// Tags of a record, such as `v=DKIM1; p=…` (RFC 6376 §3.2); DMARC's are the same.
fn tag<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut tags = text.split(';').filter_map(|tag| tag.split_once('='));
    tags.find(|(tag, _)| tag.trim() == name).map(|(_, value)| value.trim())
}

/// Folding white space may stand anywhere within a key.
fn bare_key(text: &str) -> String {
    text.chars().filter(|char| !char.is_whitespace()).collect()
}

fn dkim_problems(key: &str, selectors: &[Vec<String>]) -> BTreeSet<MailDomainProblem> {
    if selectors.is_empty() {
        return BTreeSet::from([MailDomainProblem::DkimNoSelector]);
    }
    let problem = |texts: &Vec<String>| {
        let Some(found) = texts.iter().find_map(|text| tag(text, "p")).map(bare_key) else {
            return Some(MailDomainProblem::DkimMissing);
        };
        if found.is_empty() {
            return Some(MailDomainProblem::DkimRevoked);
        }
        (!key.is_empty() && found != bare_key(key)).then_some(MailDomainProblem::DkimOtherKey)
    };
    selectors.iter().filter_map(problem).collect()
}

/// Whether a text is a DMARC record: `v=DMARC1` stands first, in these letters (RFC 7489 §6.4).
pub(super) fn is_dmarc(text: &str) -> bool {
    text.split(';')
        .next()
        .and_then(|tag| tag.split_once('='))
        .is_some_and(|(name, value)| name.trim() == "v" && value.trim() == "DMARC1")
}

fn dmarc_problems(dmarc: &Dmarc) -> Vec<MailDomainProblem> {
    let records: Vec<_> = dmarc.texts.iter().filter(|text| is_dmarc(text)).collect();
    let record = match records.as_slice() {
        [] => return vec![MailDomainProblem::DmarcMissing],
        [record] => record,
        _ => return vec![MailDomainProblem::DmarcSeveral],
    };
    let own = tag(record, "p");
    let policy = if dmarc.is_inherited { tag(record, "sp").or(own) } else { own };
    let mut problems = match policy.map(str::to_ascii_lowercase).as_deref() {
        Some("quarantine" | "reject") => Vec::new(),
        Some("none") => vec![MailDomainProblem::DmarcNone],
        _ => vec![MailDomainProblem::DmarcBroken],
    };
    if tag(record, "rua").is_none_or(str::is_empty) {
        problems.push(MailDomainProblem::DmarcNoReports);
    }
    problems
}

#[cfg(test)]
mod tests {
    use MailDomainProblem::{
        DkimMissing, DkimNoSelector, DkimOtherKey, DkimRevoked, DmarcBroken, DmarcMissing, DmarcNoReports, DmarcNone,
        DmarcSeveral,
    };

    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn dmarc_asks_for_something_and_is_reported() {
        let full = "v=DMARC1; p=reject; rua=mailto:d@acme.example";
        for (records, is_inherited, expected) in [
            (texts(&[full]), false, vec![]),
            (texts(&["v=DMARC1;p=quarantine;rua=mailto:d@acme.example"]), false, vec![]),
            (texts(&["v = DMARC1 ; p = Reject ; rua = mailto:d@acme.example"]), false, vec![]),
            (texts(&[]), false, vec![DmarcMissing]),
            (texts(&["google-site-verification=1"]), false, vec![DmarcMissing]),
            (texts(&["v=dmarc1; p=reject; rua=mailto:d@acme.example"]), false, vec![DmarcMissing]),
            (texts(&["p=reject; v=DMARC1"]), false, vec![DmarcMissing]),
            (texts(&[full, full]), false, vec![DmarcSeveral]),
            (texts(&["v=DMARC1; p=none; rua=mailto:d@acme.example"]), false, vec![DmarcNone]),
            (texts(&["v=DMARC1; p=reject"]), false, vec![DmarcNoReports]),
            (texts(&["v=DMARC1; p=none; rua="]), false, vec![DmarcNone, DmarcNoReports]),
            (texts(&["v=DMARC1; rua=mailto:d@acme.example"]), false, vec![DmarcBroken]),
            (texts(&["v=DMARC1; p=refuse; rua=mailto:d@acme.example"]), false, vec![DmarcBroken]),
            (texts(&["v=DMARC1; p=reject; sp=none; rua=mailto:d@acme.example"]), true, vec![DmarcNone]),
            (texts(&["v=DMARC1; p=reject; sp=none; rua=mailto:d@acme.example"]), false, vec![]),
            (texts(&[full]), true, vec![]),
        ] {
            assert_eq!(dmarc_problems(&Dmarc { texts: records.clone(), is_inherited }), expected, "{records:?}");
        }
    }

    #[test]
    fn every_selector_has_the_key_that_signs() {
        let key = "v=DKIM1; k=rsa; p=MIIB IjAN";
        for (key_named, selectors, expected) in [
            ("", vec![], vec![DkimNoSelector]),
            ("", vec![texts(&[key])], vec![]),
            ("MIIBIjAN", vec![texts(&[key])], vec![]),
            ("MIIBIjAN", vec![texts(&["p=MIIBIjAN"])], vec![]),
            ("MIIBIjAM", vec![texts(&[key])], vec![DkimOtherKey]),
            ("", vec![texts(&[])], vec![DkimMissing]),
            ("", vec![texts(&["v=DKIM1; k=rsa"])], vec![DkimMissing]),
            ("", vec![texts(&["v=DKIM1; p="])], vec![DkimRevoked]),
            ("", vec![texts(&[key]), texts(&[]), texts(&[]), texts(&["p="])], vec![DkimMissing, DkimRevoked]),
        ] {
            let found: Vec<_> = dkim_problems(key_named, &selectors).into_iter().collect();
            assert_eq!(found, expected, "{selectors:?}");
        }
    }

    #[test]
    fn an_item_is_as_bad_as_its_worst_problem() {
        let problems = [DmarcNone, DmarcNoReports, DkimMissing];
        let verdicts: Vec<_> = MailDomainItem::ALL.iter().map(|item| verdict(&problems, *item)).collect();
        assert_eq!(verdicts, [MailDomainVerdict::Ok, MailDomainVerdict::Fail, MailDomainVerdict::Warning]);
    }
}

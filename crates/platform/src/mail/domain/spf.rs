//! Reading SPF records (RFC 7208): their terms, where they lead, and what is wrong with them.
//!
//! Ours, because only the terms' names and targets matter here, and they stand between spaces (RFC 7208 §4.6.1, §12).

use std::collections::BTreeMap;

use super::MailDomainProblem::{
    self, SpfBroken, SpfLacksProvider, SpfLookups, SpfMissing, SpfOpenEnd, SpfPassesAll, SpfSeveral,
};

/// Look-ups that a receiver does for one mail, at most (RFC 7208 §4.6.4).
pub(super) const MOST_LOOKUPS: usize = 10;

/// A term of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Term<'a> {
    /// `+`, `-`, `~` or `?`; without one, a mechanism passes.
    qualifier: char,
    /// In small letters.
    name: String,
    /// What stands behind `:` or `=`, without a prefix length.
    target: Option<&'a str>,
}

impl<'a> Term<'a> {
    /// Reads a term; none when it is no mechanism or modifier that there is (unknown modifiers are none of ours, and may stand).
    fn read(text: &'a str) -> Option<Self> {
        let (qualifier, rest) = match text.chars().next()? {
            sign @ ('+' | '-' | '~' | '?') => (sign, &text[1..]),
            _ => ('+', text),
        };
        let end = rest.find([':', '=', '/']).unwrap_or(rest.len());
        let name = rest[..end].to_ascii_lowercase();
        let is_modifier = rest[end..].starts_with('=');
        let target = rest.get(end + 1..).filter(|_| !rest[end..].starts_with('/'));
        let needs_target = matches!(name.as_str(), "include" | "exists" | "ip4" | "ip6" | "redirect");
        let is_known = match name.as_str() {
            "all" => target.is_none() && rest.len() == end,
            "include" | "a" | "mx" | "ptr" | "ip4" | "ip6" | "exists" => !is_modifier,
            _ => is_modifier && !name.is_empty(),
        };
        if !is_known || (needs_target && target.is_none_or(str::is_empty)) {
            return None;
        }
        let target = if name.starts_with("ip") { target } else { target.and_then(|target| target.split('/').next()) };
        Some(Self { qualifier, name, target })
    }

    fn is_lookup(&self) -> bool {
        matches!(self.name.as_str(), "include" | "a" | "mx" | "ptr" | "exists" | "redirect")
    }

    /// The domain whose record it takes over. What is made of the mail's own properties cannot be followed without a mail.
    fn leads_to(&self) -> Option<String> {
        let is_followed = matches!(self.name.as_str(), "include" | "redirect");
        self.target.filter(|target| is_followed && !target.contains('%')).map(domain)
    }
}

/// A domain as it is looked up: in small letters, without the last dot.
fn domain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// The SPF records among the texts: their version stands first, alone (RFC 7208 §4.5).
fn records(texts: &[String]) -> Vec<&str> {
    let body = |text: &'_ str| -> Option<usize> {
        let version = text.get(..6).filter(|version| version.eq_ignore_ascii_case("v=spf1"))?;
        (text.len() == 6 || text.as_bytes()[6] == b' ').then_some(version.len())
    };
    texts.iter().filter_map(|text| body(text).map(|at| &text[at..])).collect()
}

/// The terms of a record; none when one of them cannot be read.
fn terms(record: &str) -> Option<Vec<Term<'_>>> {
    record.split_ascii_whitespace().map(Term::read).collect()
}

/// The domains that these texts lead to, whose records must be looked up too.
pub(super) fn leads_to(texts: &[String]) -> Vec<String> {
    let terms = records(texts).into_iter().filter_map(terms).flatten();
    terms.filter_map(|term| term.leads_to()).collect()
}

/// What is wrong with the record of `domain`, in the order of the words. `texts` holds what was looked up, by domain.
pub(super) fn problems(name: &str, include: &str, texts: &BTreeMap<String, Vec<String>>) -> Vec<MailDomainProblem> {
    let own = texts.get(&domain(name)).map(|texts| records(texts)).unwrap_or_default();
    match own.as_slice() {
        [] => return vec![SpfMissing],
        [_] => {}
        _ => return vec![SpfSeveral],
    }
    let mut walk = Walk { texts, lookups: 0, is_broken: false, reached: Vec::new() };
    let end = walk.follow(&domain(name));
    let open = match end {
        _ if walk.is_broken => None,
        Some('-' | '~') => None,
        Some('+') => Some(SpfPassesAll),
        Some(_) | None => Some(SpfOpenEnd),
    };
    let lacks = !include.is_empty() && !walk.reached.contains(&domain(include));
    let found = [
        walk.is_broken.then_some(SpfBroken),
        open,
        (walk.lookups > MOST_LOOKUPS).then_some(SpfLookups),
        lacks.then_some(SpfLacksProvider),
    ];
    found.into_iter().flatten().collect()
}

/// The way of a receiver through a record and all that it takes over.
struct Walk<'a> {
    texts: &'a BTreeMap<String, Vec<String>>,
    lookups: usize,
    is_broken: bool,
    /// The domains whose records were taken over.
    reached: Vec<String>,
}

impl Walk<'_> {
    /// Counts the look-ups from `name` on. Answers how its record ends: the sign of `all`, there or where it redirects to.
    fn follow(&mut self, name: &str) -> Option<char> {
        let texts = self.texts.get(name).map(|texts| records(texts)).unwrap_or_default();
        let [record] = texts.as_slice() else {
            self.is_broken = true;
            return None;
        };
        let Some(terms) = terms(record) else {
            self.is_broken = true;
            return None;
        };
        let all = terms.iter().find(|term| term.name == "all").map(|term| term.qualifier);
        let mut end = all;
        for term in terms.iter().filter(|term| term.is_lookup()) {
            // `all` is the end: what it redirects to is not looked at (RFC 7208 §6.1).
            if term.name == "redirect" && all.is_some() {
                continue;
            }
            self.lookups += 1;
            // A receiver stops here too; so does a record that includes itself.
            if self.lookups > MOST_LOOKUPS {
                return end;
            }
            let Some(next) = term.leads_to() else { continue };
            self.reached.push(next.clone());
            let found = self.follow(&next);
            if term.name == "redirect" {
                end = found;
            }
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(entries: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        entries.iter().map(|(name, all)| ((*name).to_owned(), texts(all))).collect()
    }

    fn of(record: &str) -> Vec<MailDomainProblem> {
        let zone = zone(&[
            ("acme.example", &["some-verification=1", record]),
            ("mx.host.example", &["v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all"]),
            ("soft.host.example", &["v=spf1 a mx ~all"]),
            ("everyone.example", &["v=spf1 +all"]),
            ("odd.example", &["v=spf1 nonsense -all"]),
            ("loop.example", &["v=spf1 include:loop.example -all"]),
            ("twice.example", &["v=spf1 -all", "v=spf1 ~all"]),
        ]);
        problems("acme.example", "", &zone)
    }

    #[test]
    fn a_record_says_who_may_send_and_what_becomes_of_others() {
        for (record, expected) in [
            ("v=spf1 include:mx.host.example -all", vec![]),
            ("V=SPF1 INCLUDE:MX.Host.Example. ~ALL", vec![]),
            ("v=spf1 a:mail.acme.example/24//64 mx/28 ip4:192.0.2.1 exists:%{i}.acme.example -all", vec![]),
            ("v=spf1 redirect=soft.host.example", vec![]),
            ("v=spf1 redirect=everyone.example", vec![SpfPassesAll]),
            ("v=spf1 redirect=everyone.example -all", vec![]),
            ("v=spf1 -all exp=explain.acme.example", vec![]),
            ("v=spf1 include:%{d}.host.example -all", vec![]),
            ("v=spf1", vec![SpfOpenEnd]),
            ("v=spf1 mx", vec![SpfOpenEnd]),
            ("v=spf1 mx ?all", vec![SpfOpenEnd]),
            ("v=spf1 mx +all", vec![SpfPassesAll]),
            ("v=spf1 mx all", vec![SpfPassesAll]),
            ("v=spf1 include:everyone.example -all", vec![]),
            ("v=spf1 include:nowhere.example -all", vec![SpfBroken]),
            ("v=spf1 include:odd.example -all", vec![SpfBroken]),
            ("v=spf1 include:twice.example -all", vec![SpfBroken]),
            ("v=spf1 include: -all", vec![SpfBroken]),
            ("v=spf1 include -all", vec![SpfBroken]),
            ("v=spf1 ipv4:192.0.2.1 -all", vec![SpfBroken]),
            ("v=spf1 -all:x", vec![SpfBroken]),
            ("v=spf1 include:loop.example -all", vec![SpfLookups]),
            ("v=spf1 a a a a a a a a a a -all", vec![]),
            ("v=spf1 a a a a a a a a a a a -all", vec![SpfLookups]),
            ("v=spf10 -all", vec![SpfMissing]),
            ("v=spf1; -all", vec![SpfMissing]),
        ] {
            assert_eq!(of(record), expected, "{record}");
        }
    }

    #[test]
    fn the_provider_is_included_directly_or_by_who_is() {
        let zone = zone(&[
            ("acme.example", &["v=spf1 include:hub.example -all"]),
            ("hub.example", &["v=spf1 include:mx.host.example -all"]),
            ("mx.host.example", &["v=spf1 ip4:192.0.2.0/24 -all"]),
        ]);
        for (include, expected) in [
            ("hub.example", vec![]),
            ("MX.host.example.", vec![]),
            ("host.example", vec![SpfLacksProvider]),
            ("acme.example", vec![SpfLacksProvider]),
        ] {
            assert_eq!(problems("ACME.example", include, &zone), expected, "{include}");
        }
    }

    #[test]
    fn none_and_several_are_told_apart() {
        assert_eq!(problems("acme.example", "", &zone(&[])), [SpfMissing]);
        assert_eq!(
            problems("acme.example", "", &zone(&[("acme.example", &["v=spf1 -all", "v=spf1 -all"])])),
            [SpfSeveral]
        );
        assert_eq!(
            leads_to(&["v=spf1 include:A.example redirect=b.example a:c.example".to_owned()]),
            ["a.example", "b.example"]
        );
    }

    #[test]
    fn whatever_stands_in_dns_is_read_without_harm() {
        proptest::proptest!(|(record in "(v=spf1 )?[ -~é]{0,80}")| {
            _ = of(&record);
        });
    }
}

//! What becomes of a request that comes in (leads §5.1, L-21, L-22, L-45, L-69).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::departement::Departement;
use super::phone::PhoneQuality;

/// What a supplier's key starts with.
pub const SUPPLIER_KEY_PREFIX: &str = "prov_";

/// What a caller shows of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential<'a> {
    /// Nothing: a landing page.
    Anonymous,
    /// A supplier's key, to be looked up; an unknown one is refused.
    SupplierKey(&'a str),
    /// Something that is no key of ours: refused, never treated as nothing (L-22).
    Refused,
}

/// Reads the credential of a request: the body's key first, then the `Authorization` header.
pub fn credential<'a>(body_key: Option<&'a str>, authorization: Option<&'a str>) -> Credential<'a> {
    let shown = |text: Option<&'a str>| text.map(str::trim).filter(|text| !text.is_empty());
    let Some(key) = shown(body_key).or_else(|| shown(authorization).map(without_scheme)) else {
        return Credential::Anonymous;
    };
    if key.starts_with(SUPPLIER_KEY_PREFIX) { Credential::SupplierKey(key) } else { Credential::Refused }
}

fn without_scheme(header: &str) -> &str {
    match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => header,
    }
}

/// Who sends the lead, once the credential is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller<'a> {
    /// A visitor of a landing page.
    Anonymous,
    /// A supplier, bound to one entity.
    Supplier {
        /// The code of the supplier's entity.
        entity: &'a str,
    },
}

/// Whether the lead is refused as `suspicious_provider_rejected`, nothing stored: suppliers may not sell us numbers
/// that look typed at random.
pub fn refuses_suspicious(caller: Caller<'_>, quality: PhoneQuality) -> bool {
    matches!(caller, Caller::Supplier { .. }) && quality == PhoneQuality::Suspicious
}

platform::words! {
    /// Where a lead comes from.
    LeadSourceType {
        /// A supplier.
        Provider = "provider",
        /// One of our landing pages.
        InternalLp = "internal_lp",
        /// Neither.
        Direct = "direct",
    }
}

/// Where the lead comes from.
pub fn lead_source_type(caller: Caller<'_>, lp_code: &str) -> LeadSourceType {
    match caller {
        Caller::Supplier { .. } => LeadSourceType::Provider,
        Caller::Anonymous if lp_code.trim().is_empty() => LeadSourceType::Direct,
        Caller::Anonymous => LeadSourceType::InternalLp,
    }
}

/// The entity and product that a form stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct FormTarget {
    /// Entity code.
    pub entity: Option<String>,
    /// Product code.
    pub produit: Option<String>,
}

/// `form_code` → its target: the settings' map, or the registry of forms.
pub type FormMap = BTreeMap<String, FormTarget>;

/// What an anonymous caller may say about a form that no map knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnmappedForms {
    /// Nothing: the lead waits in `pending_config` until the form is mapped (L-21).
    #[default]
    Hold,
    /// The body's existing entity and product are taken.
    TrustBody,
}

/// What the codes of a request are checked against.
#[derive(Clone, Copy, Debug)]
pub struct Registry<'a> {
    /// The codes of the tenant's entities, upper case.
    pub entities: &'a BTreeSet<String>,
    /// The codes of the active products, upper case.
    pub products: &'a BTreeSet<String>,
    /// Maps of forms, the first that knows the form and names a value wins.
    pub forms: &'a [&'a FormMap],
    /// What counts of the body for other forms.
    pub unmapped_forms: UnmappedForms,
}

/// What a request says about its own target.
#[derive(Clone, Copy, Debug, Default)]
pub struct Claims<'a> {
    /// The form it was typed into.
    pub form_code: &'a str,
    /// The body's `entity`.
    pub entity: &'a str,
    /// The body's `produit`.
    pub produit: &'a str,
}

/// The target of a lead; what is missing makes it `pending_config`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Entity code.
    pub entity: Option<String>,
    /// Product code.
    pub produit: Option<String>,
    /// The lead never leaves its entity: it comes from a supplier.
    pub entity_locked: bool,
}

/// Finds the entity and product of a lead. A supplier's entity is its own, whatever the body says. Of an anonymous
/// caller's body only what exists and does not contradict the form counts; where it does, the form is right.
pub fn resolve_target(caller: Caller<'_>, claims: &Claims<'_>, registry: &Registry<'_>) -> Target {
    let form = form_target(claims.form_code, registry.forms);
    let form_entity = form.as_ref().and_then(|form| known(form.entity.as_deref(), registry.entities));
    let form_product = form.as_ref().and_then(|form| known(form.produit.as_deref(), registry.products));
    let body_entity = known(Some(claims.entity), registry.entities);
    let body_product = known(Some(claims.produit), registry.products);

    if let Caller::Supplier { entity } = caller {
        let said_nothing = claims.produit.trim().is_empty();
        let produit = if said_nothing { form_product } else { body_product };
        return Target { entity: Some(entity.to_owned()), produit, entity_locked: true };
    }
    if form.is_none() && registry.unmapped_forms == UnmappedForms::Hold {
        return Target::default();
    }
    let unknown_product = form_product.is_none() && form.as_ref().is_some_and(|form| form.produit.is_some());
    let unknown_entity = form_entity.is_none() && form.as_ref().is_some_and(|form| form.entity.is_some());
    Target {
        entity: if unknown_entity { None } else { form_entity.or(body_entity) },
        produit: if unknown_product { None } else { form_product.or(body_product) },
        entity_locked: false,
    }
}

/// `None` when no map knows the form.
fn form_target(form_code: &str, maps: &[&FormMap]) -> Option<FormTarget> {
    let code = form_code.trim();
    let mut found: Option<FormTarget> = None;
    for target in maps.iter().filter_map(|map| map.get(code)) {
        let merged = found.get_or_insert_default();
        merged.entity = merged.entity.take().or_else(|| named(target.entity.as_deref()));
        merged.produit = merged.produit.take().or_else(|| named(target.produit.as_deref()));
    }
    found
}

fn named(code: Option<&str>) -> Option<String> {
    code.map(|code| code.trim().to_uppercase()).filter(|code| !code.is_empty())
}

fn known(code: Option<&str>, existing: &BTreeSet<String>) -> Option<String> {
    named(code).filter(|code| existing.contains(code))
}

/// How blocked sources are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceGatingMode {
    /// Every source is let through but those listed.
    #[default]
    Blacklist,
}

/// The traffic sources whose leads are held (leads §5.14).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct SourceGating {
    /// The only mode there is.
    pub mode: SourceGatingMode,
    /// Sources to hold.
    pub blocked_sources: Vec<String>,
}

impl SourceGating {
    /// Whether leads of this source are held: whole name, without regard to case and outer blanks. No source, no hold.
    pub fn blocks(&self, source: &str) -> bool {
        let folded = |text: &str| text.trim().to_lowercase();
        let source = folded(source);
        !source.is_empty() && self.blocked_sources.iter().any(|blocked| folded(blocked) == source)
    }
}

/// The traffic source of a lead: what the session knows, else the body, so that leaving the session out does not
/// evade the gating (L-69), else the landing page.
pub fn source<'a>(session_utm_source: &'a str, body_utm_source: &'a str, lp_code: &'a str) -> &'a str {
    let candidates = [session_utm_source, body_utm_source, lp_code];
    candidates.into_iter().map(str::trim).find(|candidate| !candidate.is_empty()).unwrap_or("")
}

/// Whether the visitor agreed to be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// The flag was sent and is true.
    Given,
    /// The flag is false or was not sent: nothing is presumed (L-45).
    Missing,
    /// The form or the supplier collects it by contract.
    CollectedByContract,
}

platform::words! {
    /// The status of a lead when it is stored.
    InitialStatus {
        /// Ready to be routed.
        New = "new",
        /// Cannot be sold: no phone, name or département.
        Invalid = "invalid",
        /// Kept back, with a reason.
        HoldSource = "hold_source",
        /// Its entity or product is not known yet.
        PendingConfig = "pending_config",
    }
}

/// What the initial status depends on.
#[derive(Clone, Copy, Debug)]
pub struct IntakeFacts<'a> {
    /// What the phone is worth.
    pub quality: PhoneQuality,
    /// The visitor's last name.
    pub nom: &'a str,
    /// The département, when it is one that is accepted.
    pub departement: Option<Departement>,
    /// The traffic source, see [`source`].
    pub source: &'a str,
    /// The blocked sources.
    pub gating: &'a SourceGating,
    /// The visitor's consent.
    pub consent: Consent,
    /// The target, see [`resolve_target`].
    pub target: &'a Target,
}

impl IntakeFacts<'_> {
    /// Callable phone, name and département: the least that can be sold.
    pub fn is_minimal_valid(&self) -> bool {
        self.quality.is_callable() && !self.nom.trim().is_empty() && self.departement.is_some()
    }
}

/// The hold reason of a lead without consent.
pub const CONSENT_MISSING: &str = "consent_missing";

/// The status that a lead is stored with, first match, and why it is held.
pub fn initial_status(facts: &IntakeFacts<'_>) -> (InitialStatus, Option<String>) {
    if !facts.is_minimal_valid() {
        return (InitialStatus::Invalid, None);
    }
    if facts.gating.blocks(facts.source) {
        return (InitialStatus::HoldSource, Some(format!("source_blocked:{}", facts.source.trim())));
    }
    if facts.consent == Consent::Missing {
        return (InitialStatus::HoldSource, Some(CONSENT_MISSING.to_owned()));
    }
    if facts.target.entity.is_none() || facts.target.produit.is_none() {
        return (InitialStatus::PendingConfig, None);
    }
    (InitialStatus::New, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(codes: &[&str]) -> BTreeSet<String> {
        codes.iter().map(ToString::to_string).collect()
    }

    fn forms(rows: &[(&str, &str, &str)]) -> FormMap {
        let some = |code: &str| (!code.is_empty()).then(|| code.to_owned());
        let target = |entity: &str, produit: &str| FormTarget { entity: some(entity), produit: some(produit) };
        rows.iter().map(|(form, entity, produit)| ((*form).to_owned(), target(entity, produit))).collect()
    }

    fn target(entity: &str, produit: &str) -> Target {
        let some = |code: &str| (!code.is_empty()).then(|| code.to_owned());
        Target { entity: some(entity), produit: some(produit), entity_locked: false }
    }

    fn resolve(caller: Caller<'_>, claims: [&str; 3], unmapped_forms: UnmappedForms) -> Target {
        let settings =
            forms(&[("PV-001", "ZR7", "PV"), ("PV-002", "zr7", ""), ("OLD-1", "ZR7", "FAKE"), ("PV-3", "", "PV")]);
        let registered = forms(&[("PV-3", "MDL", "PAC"), ("PAC-9", "MDL", "PAC")]);
        let (entities, products) = (codes(&["MDL", "ZR7"]), codes(&["ITE", "PAC", "PV"]));
        let maps = [&settings, &registered];
        let registry = Registry { entities: &entities, products: &products, forms: &maps, unmapped_forms };
        let [form_code, entity, produit] = claims;
        resolve_target(caller, &Claims { form_code, entity, produit }, &registry)
    }

    #[test]
    fn l_22_an_unknown_credential_is_refused_never_ignored() {
        use Credential::{Anonymous, Refused, SupplierKey};
        let rows = [
            (None, None, Anonymous),
            (Some(""), Some("  "), Anonymous),
            (Some("prov_abc"), None, SupplierKey("prov_abc")),
            (Some(" prov_abc "), Some("Bearer nonsense"), SupplierKey("prov_abc")),
            (None, Some("Bearer prov_abc"), SupplierKey("prov_abc")),
            (Some(""), Some("bearer  prov_abc"), SupplierKey("prov_abc")),
            (None, Some("prov_abc"), SupplierKey("prov_abc")),
            (Some("crm-key"), None, Refused),
            (Some("crm-key"), Some("Bearer prov_abc"), Refused),
            (None, Some("Bearer crm-key"), Refused),
            (None, Some("crm-key"), Refused),
            (None, Some("Bearer"), Refused),
            (None, Some("Basic cHJvdl9hYmM="), Refused),
            (None, Some("PROV_abc"), Refused),
        ];
        for (body, header, expected) in rows {
            assert_eq!(credential(body, header), expected, "{body:?} {header:?}");
        }
    }

    #[test]
    fn suspicious_numbers_are_refused_from_suppliers_only() {
        let supplier = Caller::Supplier { entity: "ZR7" };
        assert!(refuses_suspicious(supplier, PhoneQuality::Suspicious));
        assert!(!refuses_suspicious(supplier, PhoneQuality::Valid));
        assert!(!refuses_suspicious(supplier, PhoneQuality::Invalid), "stored as invalid");
        assert!(!refuses_suspicious(Caller::Anonymous, PhoneQuality::Suspicious));
    }

    #[test]
    fn the_source_type_follows_caller_and_page() {
        assert_eq!(lead_source_type(Caller::Supplier { entity: "ZR7" }, "LP-001"), LeadSourceType::Provider);
        assert_eq!(lead_source_type(Caller::Anonymous, "LP-001"), LeadSourceType::InternalLp);
        assert_eq!(lead_source_type(Caller::Anonymous, " "), LeadSourceType::Direct);
    }

    #[test]
    fn l_21_an_anonymous_caller_gets_what_its_form_says() {
        let rows = [
            ("the form alone", ["PV-001", "", ""], target("ZR7", "PV")),
            ("the body agrees", ["PV-001", "zr7", " pv "], target("ZR7", "PV")),
            ("the body contradicts", ["PV-001", "MDL", "PAC"], target("ZR7", "PV")),
            ("the body is nonsense", ["PV-001", "QQQ", "FAKE"], target("ZR7", "PV")),
            ("the form leaves the product open", ["PV-002", "MDL", "ite"], target("ZR7", "ITE")),
            ("an open product that does not exist", ["PV-002", "", "FAKE"], target("ZR7", "")),
            ("the form names a product that is gone", ["OLD-1", "", "PV"], target("ZR7", "")),
            ("settings first, registry for the rest", ["PV-3", "", ""], target("MDL", "PV")),
            ("the registry alone", ["PAC-9", "", ""], target("MDL", "PAC")),
            ("(c) unknown form, no entity", ["NOPE", "", ""], target("", "")),
            ("unknown form, arbitrary body", ["NOPE", "ZR7", "PV"], target("", "")),
        ];
        for (case, claims, expected) in rows {
            assert_eq!(resolve(Caller::Anonymous, claims, UnmappedForms::Hold), expected, "{case}");
        }
    }

    #[test]
    fn a_tenant_may_trust_the_body_of_unmapped_forms_as_far_as_it_exists() {
        let rows = [
            (["NOPE", "zr7", "pv"], target("ZR7", "PV")),
            (["NOPE", "QQQ", "FAKE"], target("", "")),
            (["PV-001", "MDL", "PAC"], target("ZR7", "PV")),
        ];
        for (claims, expected) in rows {
            assert_eq!(resolve(Caller::Anonymous, claims, UnmappedForms::TrustBody), expected, "{claims:?}");
        }
    }

    #[test]
    fn a_suppliers_lead_is_its_entitys_and_locked() {
        let supplier = Caller::Supplier { entity: "ZR7" };
        let rows = [
            ("(e) entity of the body ignored", ["", "MDL", "pac"], target("ZR7", "PAC")),
            ("(h) unknown product", ["PV-001", "", "FAKE"], target("ZR7", "")),
            ("product of the form", ["PAC-9", "", ""], target("ZR7", "PAC")),
            ("no product at all", ["", "", ""], target("ZR7", "")),
        ];
        for (case, claims, expected) in rows {
            let expected = Target { entity_locked: true, ..expected };
            assert_eq!(resolve(supplier, claims, UnmappedForms::Hold), expected, "{case}");
        }
    }

    #[test]
    fn l_69_the_source_cannot_be_hidden() {
        assert_eq!(source(" google ", "tiktok", "LP-001"), "google");
        assert_eq!(source("", "tiktok", "LP-001"), "tiktok");
        assert_eq!(source("", " ", "LP-001"), "LP-001");
        assert_eq!(source("", "", ""), "");
        let gating: SourceGating = serde_json::from_str(r#"{"blocked_sources": [" Bad_Source ", ""]}"#).unwrap();
        for (source, blocked) in
            [("BAD_SOURCE", true), (" bad_source", true), ("bad_source2", false), ("", false), (" ", false)]
        {
            assert_eq!(gating.blocks(source), blocked, "{source:?}");
        }
        assert_eq!(serde_json::from_str::<SourceGating>("{}").unwrap(), SourceGating::default());
    }

    /// A lead that lacks nothing, changed by `change`.
    fn status_of(change: impl FnOnce(&mut IntakeFacts<'_>)) -> (&'static str, Option<String>) {
        let gating = SourceGating { blocked_sources: vec!["bad_source".into()], ..SourceGating::default() };
        let complete = target("ZR7", "PV");
        let mut facts = IntakeFacts {
            quality: PhoneQuality::Valid,
            nom: "Durand",
            departement: Departement::parse_loose("75"),
            source: "google",
            gating: &gating,
            consent: Consent::Given,
            target: &complete,
        };
        change(&mut facts);
        let (status, reason) = initial_status(&facts);
        (status.as_str(), reason)
    }

    #[test]
    fn the_first_match_makes_the_initial_status() {
        let pending: &'static Target = Box::leak(Box::new(target("ZR7", "")));
        let blocked = Some("source_blocked:BAD_SOURCE".to_owned());
        assert_eq!(status_of(|_| ()), ("new", None));
        assert_eq!(status_of(|f| f.quality = PhoneQuality::Invalid), ("invalid", None), "(a)");
        assert_eq!(status_of(|f| f.nom = " "), ("invalid", None), "(b)");
        assert_eq!(status_of(|f| f.departement = None), ("invalid", None));
        assert_eq!(status_of(|f| f.target = pending), ("pending_config", None), "(c), (h)");
        assert_eq!(status_of(|f| f.source = "BAD_SOURCE"), ("hold_source", blocked.clone()), "(d)");
        assert_eq!(status_of(|f| f.quality = PhoneQuality::Suspicious), ("new", None), "(g)");
        assert_eq!(status_of(|f| (f.source, f.target) = ("BAD_SOURCE", pending)), ("hold_source", blocked));
        assert_eq!(status_of(|f| (f.source, f.nom) = ("BAD_SOURCE", "")), ("invalid", None));
    }

    #[test]
    fn l_45_missing_consent_holds_the_lead_unless_collected_by_contract() {
        let held = Some(CONSENT_MISSING.to_owned());
        assert_eq!(status_of(|f| f.consent = Consent::Missing), ("hold_source", held));
        assert_eq!(status_of(|f| f.consent = Consent::CollectedByContract), ("new", None));
        assert_eq!(status_of(|f| (f.consent, f.nom) = (Consent::Missing, "")), ("invalid", None));
    }
}

//! French départements: codes, names, sets of them (leads §3.4, L-23).

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A French département that leads can come from: mainland `01`..`95`, Corsica `2A` `2B`, overseas `971`..`974` `976`.
/// Ordered as the official list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Departement(u8);

/// A département of the official list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DepartementEntry {
    /// `01`, `2A`, `974`.
    pub code: &'static str,
    /// The official name.
    pub name: &'static str,
    /// The region it belongs to.
    pub region: &'static str,
}

const fn entry(code: &'static str, name: &'static str, region: &'static str) -> DepartementEntry {
    DepartementEntry { code, name, region }
}

const ARA: &str = "Auvergne-Rhône-Alpes";
const BFC: &str = "Bourgogne-Franche-Comté";
const BRE: &str = "Bretagne";
const CVL: &str = "Centre-Val de Loire";
const COR: &str = "Corse";
const GES: &str = "Grand Est";
const HDF: &str = "Hauts-de-France";
const IDF: &str = "Île-de-France";
const NOR: &str = "Normandie";
const NAQ: &str = "Nouvelle-Aquitaine";
const OCC: &str = "Occitanie";
const PDL: &str = "Pays de la Loire";
const PAC: &str = "Provence-Alpes-Côte d'Azur";

const COUNT: usize = 101;
const MAINLAND_COUNT: usize = 94;

/// The official list, mainland first. Its order is the index that [`DepartementSet`] stores: only ever append.
pub const ALL: [DepartementEntry; COUNT] = [
    entry("01", "Ain", ARA),
    entry("02", "Aisne", HDF),
    entry("03", "Allier", ARA),
    entry("04", "Alpes-de-Haute-Provence", PAC),
    entry("05", "Hautes-Alpes", PAC),
    entry("06", "Alpes-Maritimes", PAC),
    entry("07", "Ardèche", ARA),
    entry("08", "Ardennes", GES),
    entry("09", "Ariège", OCC),
    entry("10", "Aube", GES),
    entry("11", "Aude", OCC),
    entry("12", "Aveyron", OCC),
    entry("13", "Bouches-du-Rhône", PAC),
    entry("14", "Calvados", NOR),
    entry("15", "Cantal", ARA),
    entry("16", "Charente", NAQ),
    entry("17", "Charente-Maritime", NAQ),
    entry("18", "Cher", CVL),
    entry("19", "Corrèze", NAQ),
    entry("21", "Côte-d'Or", BFC),
    entry("22", "Côtes-d'Armor", BRE),
    entry("23", "Creuse", NAQ),
    entry("24", "Dordogne", NAQ),
    entry("25", "Doubs", BFC),
    entry("26", "Drôme", ARA),
    entry("27", "Eure", NOR),
    entry("28", "Eure-et-Loir", CVL),
    entry("29", "Finistère", BRE),
    entry("30", "Gard", OCC),
    entry("31", "Haute-Garonne", OCC),
    entry("32", "Gers", OCC),
    entry("33", "Gironde", NAQ),
    entry("34", "Hérault", OCC),
    entry("35", "Ille-et-Vilaine", BRE),
    entry("36", "Indre", CVL),
    entry("37", "Indre-et-Loire", CVL),
    entry("38", "Isère", ARA),
    entry("39", "Jura", BFC),
    entry("40", "Landes", NAQ),
    entry("41", "Loir-et-Cher", CVL),
    entry("42", "Loire", ARA),
    entry("43", "Haute-Loire", ARA),
    entry("44", "Loire-Atlantique", PDL),
    entry("45", "Loiret", CVL),
    entry("46", "Lot", OCC),
    entry("47", "Lot-et-Garonne", NAQ),
    entry("48", "Lozère", OCC),
    entry("49", "Maine-et-Loire", PDL),
    entry("50", "Manche", NOR),
    entry("51", "Marne", GES),
    entry("52", "Haute-Marne", GES),
    entry("53", "Mayenne", PDL),
    entry("54", "Meurthe-et-Moselle", GES),
    entry("55", "Meuse", GES),
    entry("56", "Morbihan", BRE),
    entry("57", "Moselle", GES),
    entry("58", "Nièvre", BFC),
    entry("59", "Nord", HDF),
    entry("60", "Oise", HDF),
    entry("61", "Orne", NOR),
    entry("62", "Pas-de-Calais", HDF),
    entry("63", "Puy-de-Dôme", ARA),
    entry("64", "Pyrénées-Atlantiques", NAQ),
    entry("65", "Hautes-Pyrénées", OCC),
    entry("66", "Pyrénées-Orientales", OCC),
    entry("67", "Bas-Rhin", GES),
    entry("68", "Haut-Rhin", GES),
    entry("69", "Rhône", ARA),
    entry("70", "Haute-Saône", BFC),
    entry("71", "Saône-et-Loire", BFC),
    entry("72", "Sarthe", PDL),
    entry("73", "Savoie", ARA),
    entry("74", "Haute-Savoie", ARA),
    entry("75", "Paris", IDF),
    entry("76", "Seine-Maritime", NOR),
    entry("77", "Seine-et-Marne", IDF),
    entry("78", "Yvelines", IDF),
    entry("79", "Deux-Sèvres", NAQ),
    entry("80", "Somme", HDF),
    entry("81", "Tarn", OCC),
    entry("82", "Tarn-et-Garonne", OCC),
    entry("83", "Var", PAC),
    entry("84", "Vaucluse", PAC),
    entry("85", "Vendée", PDL),
    entry("86", "Vienne", NAQ),
    entry("87", "Haute-Vienne", NAQ),
    entry("88", "Vosges", GES),
    entry("89", "Yonne", BFC),
    entry("90", "Territoire de Belfort", BFC),
    entry("91", "Essonne", IDF),
    entry("92", "Hauts-de-Seine", IDF),
    entry("93", "Seine-Saint-Denis", IDF),
    entry("94", "Val-de-Marne", IDF),
    entry("95", "Val-d'Oise", IDF),
    entry("2A", "Corse-du-Sud", COR),
    entry("2B", "Haute-Corse", COR),
    entry("971", "Guadeloupe", "Guadeloupe"),
    entry("972", "Martinique", "Martinique"),
    entry("973", "Guyane", "Guyane"),
    entry("974", "La Réunion", "La Réunion"),
    entry("976", "Mayotte", "Mayotte"),
];

impl Departement {
    /// Every département, in the official order.
    pub fn every() -> impl ExactSizeIterator<Item = Self> {
        (0..101_u8).map(Self)
    }

    /// `01`, `2A`, `974`.
    pub const fn code(self) -> &'static str {
        ALL[self.0 as usize].code
    }

    /// The official name.
    pub const fn name(self) -> &'static str {
        ALL[self.0 as usize].name
    }

    /// The region it belongs to.
    pub const fn region(self) -> &'static str {
        ALL[self.0 as usize].region
    }

    /// Whether it is one of the 94 that are always accepted; Corsica and overseas are a setting.
    pub const fn is_mainland(self) -> bool {
        (self.0 as usize) < MAINLAND_COUNT
    }

    /// Reads what a form or a supplier sends: a code in any case, without its zero, or a postcode.
    /// Four digits are refused: they are more likely a Belgian or Swiss postcode than one that lost its zero.
    pub fn parse_loose(text: &str) -> Option<Self> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
        if !text.is_ascii() {
            return None;
        }
        match text.len() {
            1 => format!("0{text}").parse().ok(),
            2 | 3 => text.parse().ok(),
            5 => Self::of_postcode(&text),
            _ => None,
        }
    }

    /// The département of a postcode, or of an INSEE commune code of Corsica (`2A004`).
    fn of_postcode(postcode: &str) -> Option<Self> {
        if let Some(code) = postcode.get(..2).filter(|code| matches!(*code, "2A" | "2B")) {
            return postcode[2..].bytes().all(|byte| byte.is_ascii_digit()).then(|| code.parse().ok())?;
        }
        if !postcode.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let code = match postcode.parse::<u32>().ok()? {
            20_000..=20_190 => "2A",
            20_200..=20_620 => "2B",
            97_000..=97_999 => &postcode[..3],
            _ => &postcode[..2],
        };
        code.parse().ok()
    }
}

/// The text is not the code of a département.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a département: expected 01 to 95, 2A, 2B, 971 to 974 or 976")]
pub struct UnknownDepartement;

impl FromStr for Departement {
    type Err = UnknownDepartement;

    /// Accepts exactly the official code.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let index = ALL.iter().position(|entry| entry.code == text).ok_or(UnknownDepartement)?;
        u8::try_from(index).map(Self).map_err(|_| UnknownDepartement)
    }
}

impl fmt::Display for Departement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Departement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Departement {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Departement {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Departement {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("The code of a French département."))
            .examples(["75"])
            .into()
    }
}

impl utoipa::ToSchema for Departement {}

/// Which départements outside the mainland are served. None by default (Appendix B).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct DepartementPolicy {
    /// The accepted codes among `2A 2B 971 972 973 974 976`; a mainland code here changes nothing.
    pub outside_mainland: BTreeSet<Departement>,
}

impl DepartementPolicy {
    /// Whether leads of this département are taken and orders may name it.
    pub fn accepts(&self, departement: Departement) -> bool {
        departement.is_mainland() || self.outside_mainland.contains(&departement)
    }

    /// Reads what a form or a supplier sends, as far as it is accepted.
    pub fn parse(&self, text: &str) -> Option<Departement> {
        Departement::parse_loose(text).filter(|departement| self.accepts(*departement))
    }

    /// The départements that `set` names although they are not served; `*` names none.
    pub fn refused_in(&self, set: DepartementSet) -> Vec<Departement> {
        if set == DepartementSet::ALL {
            return Vec::new();
        }
        set.iter().filter(|departement| !self.accepts(*departement)).collect()
    }
}

/// The départements of an order: some, or all of them (`*`). Never empty.
/// On the wire a list of codes in the official order, or `["*"]`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DepartementSet(u128);

/// The list does not make a set of départements.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidDepartementSet {
    /// An order must name at least one.
    #[error("at least one département, or *")]
    Empty,
    /// A code that does not exist.
    #[error("{0:?} is not a département")]
    Unknown(String),
}

impl DepartementSet {
    /// Every département, on the wire `["*"]`. Not the same as naming each of them.
    pub const ALL: Self = Self(u128::MAX);

    /// Reads a list of codes; one `*` among them makes it [`Self::ALL`], repeated codes count once.
    pub fn try_from_codes<T: AsRef<str>>(codes: &[T]) -> Result<Self, InvalidDepartementSet> {
        if codes.iter().any(|code| code.as_ref().trim() == "*") {
            return Ok(Self::ALL);
        }
        let parse = |code: &T| {
            let code = code.as_ref().trim();
            code.parse::<Departement>().map_err(|_| InvalidDepartementSet::Unknown(code.to_owned()))
        };
        let departements = codes.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        Self::try_from_departements(departements)
    }

    /// The set of these départements, refused when there is none.
    pub fn try_from_departements(
        departements: impl IntoIterator<Item = Departement>,
    ) -> Result<Self, InvalidDepartementSet> {
        let bits = departements.into_iter().fold(0_u128, |bits, departement| bits | bit(departement));
        if bits == 0 { Err(InvalidDepartementSet::Empty) } else { Ok(Self(bits)) }
    }

    /// Whether leads of this département are wanted.
    pub const fn contains(self, departement: Departement) -> bool {
        self.0 & bit(departement) != 0
    }

    /// Whether all that `other` wants is wanted here.
    pub const fn is_superset_of(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The départements of the set, in the official order; all of them for `*`.
    pub fn iter(self) -> impl Iterator<Item = Departement> {
        Departement::every().filter(move |departement| self.contains(*departement))
    }

    /// The stored and wire form.
    pub fn codes(self) -> Vec<&'static str> {
        if self == Self::ALL { vec!["*"] } else { self.iter().map(Departement::code).collect() }
    }
}

const fn bit(departement: Departement) -> u128 {
    1 << departement.0
}

impl fmt::Debug for DepartementSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.codes()).finish()
    }
}

impl Serialize for DepartementSet {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.codes())
    }
}

impl<'de> Deserialize<'de> for DepartementSet {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from_codes(&Vec::<String>::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for DepartementSet {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ArrayBuilder::new()
            .items(<String as utoipa::PartialSchema>::schema())
            .description(Some("Codes of départements, or [\"*\"] for all of them."))
            .min_items(Some(1))
            .examples([["75", "92"]])
            .into()
    }
}

impl utoipa::ToSchema for DepartementSet {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn dep(code: &str) -> Departement {
        code.parse().unwrap()
    }

    fn set(codes: &[&str]) -> DepartementSet {
        DepartementSet::try_from_codes(codes).unwrap()
    }

    #[test]
    fn the_official_list_is_complete() {
        let codes: BTreeSet<_> = ALL.iter().map(|entry| entry.code).collect();
        let regions: BTreeSet<_> = ALL.iter().map(|entry| entry.region).collect();
        assert_eq!((codes.len(), regions.len()), (101, 18));
        for number in (1..=95).filter(|n| *n != 20) {
            assert!(dep(&format!("{number:02}")).is_mainland());
        }
        for code in ["2A", "2B", "971", "972", "973", "974", "976"] {
            assert!(!dep(code).is_mainland());
        }
        assert_eq!((dep("69").name(), dep("69").region()), ("Rhône", "Auvergne-Rhône-Alpes"));
        assert_eq!(Departement::every().count(), ALL.len());
    }

    #[test]
    fn l_23_a_departement_is_read_padded_and_never_mangled() {
        let rows = [
            ("75001", "75"),
            ("75", "75"),
            (" 75 ", "75"),
            ("75 001", "75"),
            ("1", "01"),
            ("01", "01"),
            ("01000", "01"),
            ("2a", "2A"),
            ("2B", "2B"),
            ("2A004", "2A"),
            ("971", "971"),
            ("97133", "971"),
            ("97400", "974"),
            ("20000", "2A"),
            ("20190", "2A"),
            ("20200", "2B"),
            ("20620", "2B"),
        ];
        for (text, code) in rows {
            assert_eq!(Departement::parse_loose(text), Some(dep(code)), "{text:?}");
        }
    }

    #[test]
    fn l_23_an_unknown_departement_is_refused() {
        let rows = ["", "20", "00", "0", "96", "99", "975", "97500", "98000", "99999", "00100", "20191", "20700"];
        let more = ["075", "1000", "750011", "Paris", "7é", "é", "2C", "2A0É4", "2AXYZ", "75O01", "-1", "+1", "*"];
        for text in rows.into_iter().chain(more) {
            assert_eq!(Departement::parse_loose(text), None, "{text:?}");
        }
    }

    #[test]
    fn outside_the_mainland_is_off_until_the_setting_lists_it() {
        let off = DepartementPolicy::default();
        assert_eq!((off.parse("75001"), off.parse("2A"), off.parse("97400")), (Some(dep("75")), None, None));
        let on: DepartementPolicy = serde_json::from_str(r#"{"outside_mainland": ["2A", "974"]}"#).unwrap();
        assert_eq!(
            (on.parse("20000"), on.parse("20200"), on.parse("97400")),
            (Some(dep("2A")), None, Some(dep("974")))
        );
        assert_eq!(on.refused_in(set(&["75", "2A", "2B", "971"])), [dep("2B"), dep("971")]);
        assert!(off.refused_in(DepartementSet::ALL).is_empty());
    }

    #[test]
    fn a_list_is_unique_never_empty_and_a_star_collapses_it() {
        let read = |json: &str| serde_json::from_str::<DepartementSet>(json);
        assert_eq!(read(r#"["92", "75", "92"]"#).unwrap(), set(&["75", "92"]));
        assert_eq!(read(r#"["92", "*"]"#).unwrap(), DepartementSet::ALL);
        assert_eq!(serde_json::to_string(&DepartementSet::ALL).unwrap(), r#"["*"]"#);
        assert_eq!(serde_json::to_string(&set(&["92", "75"])).unwrap(), r#"["75","92"]"#);
        for refused in ["[]", r#"["1"]"#, r#"["20"]"#, r#"["2a"]"#, r#"[""]"#] {
            assert!(read(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn sets_compare() {
        assert!(set(&["75", "92"]).is_superset_of(set(&["75"])));
        assert!(!set(&["75"]).is_superset_of(set(&["75", "92"])));
        assert!(DepartementSet::ALL.is_superset_of(set(&["976"])));
        assert!(!set(&["75"]).is_superset_of(DepartementSet::ALL));
        assert!(set(&["75"]).contains(dep("75")) && !set(&["75"]).contains(dep("92")));
        assert!(Departement::every().all(|departement| DepartementSet::ALL.contains(departement)));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in any::<String>()) {
            let _ = Departement::parse_loose(&text);
        }

        #[test]
        fn a_set_reads_back_what_it_writes(indexes in prop::collection::vec(0_u8..101, 1..101)) {
            let set = DepartementSet::try_from_departements(indexes.iter().copied().map(Departement)).unwrap();
            prop_assert_eq!(DepartementSet::try_from_codes(&set.codes()), Ok(set));
            for departement in Departement::every() {
                prop_assert_eq!(set.contains(departement), indexes.contains(&departement.0));
            }
        }
    }
}

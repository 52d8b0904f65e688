//! Units of measure of UN/ECE Recommendation 20 and 21, which electronic invoices name them by (EN 16931, BT-130).

use serde::Serialize;
use utoipa::ToSchema;

/// A unit of measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Unit {
    /// Its code in Recommendation 20 or 21.
    pub code: &'static str,
    /// What people call it in French.
    pub fr: &'static str,
    /// What people call it in English.
    pub en: &'static str,
}

macro_rules! units {
    ($($code:literal $fr:literal $en:literal),+ $(,)?) => {
        const UNITS: &[Unit] = &[$(Unit { code: $code, fr: $fr, en: $en }),+];
    };
}

units! {
    "C62" "unité" "unit",
    "H87" "pièce" "piece",
    "SET" "ensemble" "set",
    "PR" "paire" "pair",
    "DZN" "douzaine" "dozen",
    "LS" "forfait" "lump sum",
    "E48" "prestation" "service unit",
    "E49" "jour ouvré" "working day",
    "SEC" "seconde" "second",
    "MIN" "minute" "minute",
    "HUR" "heure" "hour",
    "DAY" "jour" "day",
    "WEE" "semaine" "week",
    "MON" "mois" "month",
    "QAN" "trimestre" "quarter",
    "ANN" "année" "year",
    "MMT" "millimètre" "millimetre",
    "CMT" "centimètre" "centimetre",
    "MTR" "mètre" "metre",
    "KMT" "kilomètre" "kilometre",
    "MTK" "mètre carré" "square metre",
    "HAR" "hectare" "hectare",
    "MTQ" "mètre cube" "cubic metre",
    "MLT" "millilitre" "millilitre",
    "CLT" "centilitre" "centilitre",
    "LTR" "litre" "litre",
    "HLT" "hectolitre" "hectolitre",
    "MGM" "milligramme" "milligram",
    "GRM" "gramme" "gram",
    "KGM" "kilogramme" "kilogram",
    "TNE" "tonne" "tonne",
    "WTT" "watt" "watt",
    "KWT" "kilowatt" "kilowatt",
    "KWH" "kilowattheure" "kilowatt hour",
    "MWH" "mégawattheure" "megawatt hour",
    "P1" "pour cent" "percent",
    "XBG" "sac" "bag",
    "XBX" "boîte" "box",
    "XBO" "bouteille" "bottle",
    "XCT" "carton" "carton",
    "XPK" "paquet" "package",
    "XPX" "palette" "pallet",
    "XRO" "rouleau" "roll",
}

/// Every unit that may be chosen, the usual ones first.
pub const fn units() -> &'static [Unit] {
    UNITS
}

/// The unit with this code, in any case.
pub fn find_unit(code: &str) -> Option<&'static Unit> {
    UNITS.iter().find(|unit| unit.code.eq_ignore_ascii_case(code.trim()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_unit_has_a_code_of_its_own_and_a_name_in_both_languages() {
        let codes: BTreeSet<_> = UNITS.iter().map(|unit| unit.code).collect();
        assert_eq!(codes.len(), UNITS.len());
        assert!(UNITS.iter().all(|unit| !unit.fr.is_empty() && !unit.en.is_empty() && unit.code.len() <= 3));
        assert_eq!(find_unit(" hur ").map(|unit| unit.en), Some("hour"));
        assert_eq!(find_unit("furlong"), None);
    }
}

//! The file that a buyer receives (leads §5.9, L-68).

use kernel::Date;
use kernel::spreadsheet::{BOM, neutralised};
use serde::{Deserialize, Deserializer, Serialize};

/// A value of a lead that a file may carry: nothing else of it ever leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CsvField {
    /// Last name.
    Nom,
    /// First name.
    Prenom,
    /// Phone.
    Telephone,
    /// E-mail.
    Email,
    /// Département.
    Departement,
    /// The order's product.
    Produit,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColumnValue {
    /// A value of the lead.
    Field(CsvField),
    /// The same text in every row.
    Constant(String),
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Column {
    /// Its name in the first row.
    pub header: String,
    /// What it holds.
    pub value: ColumnValue,
}

impl Column {
    /// A column for a value of the lead.
    pub fn field(header: &str, field: CsvField) -> Self {
        Self { header: header.to_owned(), value: ColumnValue::Field(field) }
    }

    /// A column with the same text in every row.
    pub fn constant(header: &str, text: &str) -> Self {
        Self { header: header.to_owned(), value: ColumnValue::Constant(text.to_owned()) }
    }
}

/// What stands between two values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Delimiter {
    /// `,`
    #[default]
    Comma,
    /// `;`
    Semicolon,
    /// A tabulator.
    Tab,
}

impl Delimiter {
    const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }
}

/// The shape of an entity's files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct CsvProfile {
    /// The columns, in order: at least one.
    #[serde(deserialize_with = "some_columns")]
    pub columns: Vec<Column>,
    /// What stands between two values.
    pub delimiter: Delimiter,
    /// Starts the file with a byte order mark, which some spreadsheets need to read accents.
    pub bom: bool,
}

fn some_columns<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Column>, D::Error> {
    let columns = Vec::<Column>::deserialize(deserializer)?;
    if columns.is_empty() { Err(serde::de::Error::custom("a file has at least one column")) } else { Ok(columns) }
}

impl Default for CsvProfile {
    fn default() -> Self {
        Self::seven_columns()
    }
}

impl CsvProfile {
    /// The profile of ZR7, and of any entity without one.
    pub fn seven_columns() -> Self {
        Self::with([Column::constant("proprietaire_maison", "oui")])
    }

    /// The profile of MDL.
    pub fn eight_columns() -> Self {
        Self::with([Column::constant("proprietaire", "oui"), Column::constant("type_logement", "maison")])
    }

    fn with<const N: usize>(constants: [Column; N]) -> Self {
        let mut columns = vec![
            Column::field("nom", CsvField::Nom),
            Column::field("prenom", CsvField::Prenom),
            Column::field("telephone", CsvField::Telephone),
            Column::field("email", CsvField::Email),
            Column::field("departement", CsvField::Departement),
        ];
        columns.extend(constants);
        columns.push(Column::field("produit", CsvField::Produit));
        Self { columns, delimiter: Delimiter::Comma, bom: false }
    }
}

/// One lead of a file.
#[derive(Clone, Copy, Debug, Default)]
pub struct CsvRow<'a> {
    /// Last name.
    pub nom: &'a str,
    /// First name.
    pub prenom: &'a str,
    /// Phone.
    pub telephone: &'a str,
    /// E-mail.
    pub email: &'a str,
    /// Département.
    pub departement: &'a str,
    /// The order's product, whatever the lead's.
    pub produit: &'a str,
}

impl<'a> CsvRow<'a> {
    const fn get(&self, field: CsvField) -> &'a str {
        match field {
            CsvField::Nom => self.nom,
            CsvField::Prenom => self.prenom,
            CsvField::Telephone => self.telephone,
            CsvField::Email => self.email,
            CsvField::Departement => self.departement,
            CsvField::Produit => self.produit,
        }
    }
}

/// The file: UTF-8, a header row, CRLF, quotes only where needed. No text can be read as a formula.
#[expect(clippy::missing_panics_doc, reason = "writing rows of equal length to memory does not fail")]
pub fn render(profile: &CsvProfile, rows: &[CsvRow<'_>]) -> Vec<u8> {
    const WRITTEN: &str = "memory takes any row, and all rows have the same columns";
    let start = if profile.bom { BOM.as_bytes().to_vec() } else { Vec::new() };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(profile.delimiter.byte())
        .terminator(csv::Terminator::CRLF)
        .from_writer(start);
    writer.write_record(profile.columns.iter().map(|column| neutralised(&column.header))).expect(WRITTEN);
    for row in rows {
        let values = profile.columns.iter().map(|column| match &column.value {
            ColumnValue::Field(field) => neutralised(row.get(*field)),
            ColumnValue::Constant(text) => neutralised(text),
        });
        writer.write_record(values).expect(WRITTEN);
    }
    writer.into_inner().expect(WRITTEN)
}

/// `leads_ZR7_PV_20260211_12.csv`; `date` is the entity's, `count` the number of leads.
pub fn file_name(entity: &str, product: &str, date: Date, count: usize) -> String {
    let safe = |code: &str| code.replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "-");
    format!("leads_{}_{}_{}_{count}.csv", safe(entity), safe(product), date.jiff().strftime("%Y%m%d"))
}

/// The subject of the mail that carries the file; `date` is the entity's.
pub fn subject(entity: &str, product: &str, date: Date) -> String {
    format!("Livraison leads {entity} – {product} – {}", date.jiff().strftime("%d/%m/%Y"))
}

#[cfg(test)]
mod tests {
    use kernel::{Timestamp, Zone};
    use proptest::prelude::*;

    use super::*;

    fn durand() -> CsvRow<'static> {
        CsvRow {
            nom: "Durand",
            prenom: "Zoé",
            telephone: "0612345679",
            email: "zoe@x.example",
            departement: "75",
            produit: "PV",
        }
    }

    fn text(profile: &CsvProfile, rows: &[CsvRow<'_>]) -> String {
        String::from_utf8(render(profile, rows)).unwrap()
    }

    #[test]
    fn the_two_profiles_of_the_specification_hold() {
        assert_eq!(
            text(&CsvProfile::default(), &[durand()]),
            "nom,prenom,telephone,email,departement,proprietaire_maison,produit\r\n\
             Durand,Zoé,0612345679,zoe@x.example,75,oui,PV\r\n"
        );
        assert_eq!(
            text(&CsvProfile::eight_columns(), &[durand()]),
            "nom,prenom,telephone,email,departement,proprietaire,type_logement,produit\r\n\
             Durand,Zoé,0612345679,zoe@x.example,75,oui,maison,PV\r\n"
        );
    }

    #[test]
    fn values_are_quoted_only_where_needed() {
        let row = CsvRow { nom: "Du,rand", prenom: "dit \"Zo\"", email: "", ..durand() };
        let body = text(&CsvProfile::default(), &[row]);
        assert_eq!(body.lines().nth(1), Some("\"Du,rand\",\"dit \"\"Zo\"\"\",0612345679,,75,oui,PV"));
    }

    #[test]
    fn l_68_no_value_is_read_as_a_formula() {
        let cases = ["=1+1", "+33", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"];
        for nom in cases {
            let body = render(&CsvProfile::default(), &[CsvRow { nom, ..durand() }]);
            let mut reader = csv::Reader::from_reader(body.as_slice());
            let record = reader.records().next().unwrap().unwrap();
            assert_eq!(&record[0], format!("\t{nom}"), "{nom:?}");
        }
        let constant = CsvProfile { columns: vec![Column::constant("=h", "@c")], ..CsvProfile::default() };
        assert_eq!(text(&constant, &[durand()]), "\t=h\r\n\t@c\r\n");
        let inside = CsvRow { nom: "Le-Roy", prenom: "a=b", ..durand() };
        assert!(text(&CsvProfile::default(), &[inside]).contains("\r\nLe-Roy,a=b,"));
    }

    #[test]
    fn delimiter_and_mark_are_settings() {
        let stored = r#"{"columns": [
            {"header": "nom", "value": {"field": "nom"}},
            {"header": "pays", "value": {"constant": "FR"}}
        ], "delimiter": "semicolon", "bom": true}"#;
        let profile: CsvProfile = serde_json::from_str(stored).unwrap();
        assert_eq!(text(&profile, &[durand()]), "\u{feff}nom;pays\r\nDurand;FR\r\n");
        assert_eq!(serde_json::from_str::<CsvProfile>("{}").unwrap(), CsvProfile::seven_columns());
        assert!(serde_json::from_str::<CsvProfile>(r#"{"columns": []}"#).is_err());
    }

    #[test]
    fn a_file_without_leads_is_its_header() {
        assert_eq!(text(&CsvProfile::default(), &[]).lines().count(), 1);
    }

    #[test]
    fn l_24_names_and_subjects_carry_the_date_in_paris() {
        let at: Timestamp = "2026-02-10T23:30:00Z".parse().unwrap();
        let date = at.date_in(&Zone::named("Europe/Paris").unwrap());
        assert_eq!(file_name("ZR7", "PV", date, 12), "leads_ZR7_PV_20260211_12.csv");
        assert_eq!(subject("ZR7", "PV", date), "Livraison leads ZR7 – PV – 11/02/2026");
        assert_eq!(file_name("../x", "P V", date, 0), "leads_---x_P-V_20260211_0.csv");
    }

    proptest! {
        #[test]
        fn any_value_comes_back_as_it_was_or_behind_a_tab(nom in ".*", prenom in any::<String>()) {
            let body = render(&CsvProfile::default(), &[CsvRow { nom: &nom, prenom: &prenom, ..durand() }]);
            let mut reader = csv::Reader::from_reader(body.as_slice());
            let record = reader.records().next().unwrap().unwrap();
            for (found, given) in [(&record[0], &nom), (&record[1], &prenom)] {
                prop_assert!(found == given || found.strip_prefix('\t') == Some(given));
                let is_plain = found.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.' | b','));
                prop_assert!(is_plain || !found.starts_with(['=', '+', '-', '@', '\r', '\n']));
            }
        }
    }
}

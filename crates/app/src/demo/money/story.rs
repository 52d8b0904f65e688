//! Whom the entities of the demo deal with besides their buyers of leads, and what was billed to them. Made up; days count back from
//! the day of loading.

use super::pays::Pays;

/// A customer or a supplier.
pub(super) struct Partner {
    pub(super) entity: &'static str,
    pub(super) name: &'static str,
    pub(super) is_supplier: bool,
    /// Street, postal code, town, country.
    pub(super) place: [&'static str; 4],
    pub(super) email: &'static str,
    /// SIRET in France, the VAT number or a number of a register elsewhere; empty for a consumer.
    pub(super) number: &'static str,
    /// The account it pays from.
    pub(super) iban: &'static str,
    pub(super) terms: i32,
}

/// Who is dealt with.
pub(super) const PARTNERS: &[Partner] = &[
    customer(
        "ZR7",
        "Agence Clairval",
        ["4 rue des Archives", "75004", "Paris", "FR"],
        "99900130800017",
        "FR7630006000017700123456711",
        "compta@clairval.example",
    ),
    customer(
        "ZR7",
        "Toitures du Rhône",
        ["27 cours Gambetta", "69003", "Lyon", "FR"],
        "99900140700017",
        "FR7630006000017700246913461",
        "factures@toitures-rhone.example",
    ),
    customer(
        "ZR7",
        "Nordlicht Energie GmbH",
        ["Speicherstraße 12", "20457", "Hamburg", "DE"],
        "DE123456789",
        "",
        "rechnung@nordlicht.example",
    ),
    customer(
        "ZR7",
        "Helvia Solaire SA",
        ["Rue du Rhône 8", "1204", "Genève", "CH"],
        "CHE-123.456.788",
        "",
        "finance@helvia.example",
    ),
    customer(
        "MDL",
        "Cabinet Mornay",
        ["11 allées de Tourny", "33000", "Bordeaux", "FR"],
        "99900150600016",
        "FR7630006000017700370370114",
        "gestion@mornay.example",
    ),
    customer(
        "MDL",
        "Habitat Conseil Gironde",
        ["5 rue Judaïque", "33000", "Bordeaux", "FR"],
        "99900160500016",
        "FR7630006000017700493826864",
        "compta@habitat-conseil.example",
    ),
    customer(
        "MDL",
        "Hélène Kerven",
        ["3 rue du Port", "33120", "Arcachon", "FR"],
        "",
        "",
        "helene.kerven@courriel.example",
    ),
    supplier("ZR7", "Régie Médiapole", ["40 rue La Boétie", "75008", "Paris", "FR"], "99900170400017"),
    supplier("ZR7", "Foncière du Quatre", ["9 place Vendôme", "75001", "Paris", "FR"], "99900180300017"),
    supplier("MDL", "Comptalys", ["14 cours de Verdun", "33000", "Bordeaux", "FR"], "99900190200017"),
];

const fn customer(
    entity: &'static str,
    name: &'static str,
    place: [&'static str; 4],
    number: &'static str,
    iban: &'static str,
    email: &'static str,
) -> Partner {
    Partner { entity, name, is_supplier: false, place, email, number, iban, terms: 30 }
}

const fn supplier(entity: &'static str, name: &'static str, place: [&'static str; 4], number: &'static str) -> Partner {
    Partner { entity, name, is_supplier: true, place, email: "", number, iban: "", terms: 30 }
}

/// What is done with a document on its day.
#[derive(Clone, Copy)]
pub(super) enum Step {
    /// It is issued, and paid so.
    Issued(Pays),
    /// It stays a draft.
    Draft,
    /// A quote is sent; the customer has not answered.
    Sent,
    /// A quote is sent, accepted and made an invoice, which is issued.
    Accepted,
}

/// A document.
pub(super) struct Sale {
    pub(super) days_ago: i32,
    pub(super) entity: &'static str,
    pub(super) party: &'static str,
    pub(super) kind: &'static str,
    pub(super) subject: &'static str,
    /// What, how many, the price of one, percent off.
    pub(super) lines: &'static [(&'static str, &'static str, &'static str, &'static str)],
    pub(super) step: Step,
}

const fn invoice(
    days_ago: i32,
    entity: &'static str,
    party: &'static str,
    subject: &'static str,
    lines: &'static [(&'static str, &'static str, &'static str, &'static str)],
    pays: Pays,
) -> Sale {
    Sale { days_ago, entity, party, kind: "invoice", subject, lines, step: Step::Issued(pays) }
}

/// What was billed, the oldest first.
pub(super) const SALES: &[Sale] = &[
    invoice(
        125,
        "ZR7",
        "Toitures du Rhône",
        "Campagne d’acquisition régionale",
        &[("Gestion de campagne", "1", "1850", "0"), ("Création de pages d’atterrissage", "3", "420", "0")],
        Pays::Never,
    ),
    invoice(
        123,
        "ZR7",
        "Agence Clairval",
        "Étude du marché photovoltaïque",
        &[("Étude et restitution", "4", "640", "0")],
        Pays::After(28),
    ),
    invoice(
        120,
        "MDL",
        "Cabinet Mornay",
        "Audit d’éclairage",
        &[("Audit sur site", "2", "780", "0"), ("Rapport", "1", "350", "0")],
        Pays::After(31),
    ),
    invoice(
        111,
        "ZR7",
        "Toitures du Rhône",
        "Scripts d’appel et formation",
        &[("Formation des téléconseillers", "2", "900", "10")],
        Pays::Part { days: 40, percent: 50 },
    ),
    invoice(
        101,
        "MDL",
        "Habitat Conseil Gironde",
        "Diagnostic énergétique de copropriété",
        &[("Diagnostic", "1", "2950", "0")],
        Pays::Never,
    ),
    invoice(
        96,
        "ZR7",
        "Nordlicht Energie GmbH",
        "Lead qualification workshop",
        &[("Workshop, two days", "2", "1100", "0")],
        Pays::After(25),
    ),
    invoice(
        88,
        "ZR7",
        "Agence Clairval",
        "Tableaux de bord",
        &[("Paramétrage", "6", "95", "0"), ("Licence annuelle", "1", "480", "0")],
        Pays::After(36),
    ),
    invoice(84, "MDL", "Cabinet Mornay", "Suivi trimestriel", &[("Suivi", "1", "890", "0")], Pays::After(24)),
    invoice(
        78,
        "ZR7",
        "Toitures du Rhône",
        "Campagne d’acquisition, deuxième vague",
        &[("Gestion de campagne", "1", "2250", "5")],
        Pays::Never,
    ),
    invoice(66, "ZR7", "Helvia Solaire SA", "Conseil en acquisition", &[("Conseil", "3", "980", "0")], Pays::After(20)),
    invoice(
        63,
        "MDL",
        "Hélène Kerven",
        "Visite technique",
        &[("Visite technique à domicile", "1", "149", "0")],
        Pays::After(2),
    ),
    Sale {
        kind: "deposit_invoice",
        ..invoice(
            61,
            "ZR7",
            "Agence Clairval",
            "Acompte de 30 % : refonte du tunnel de conversion",
            &[("Acompte de 30 %", "1", "1950", "0")],
            Pays::After(7),
        )
    },
    invoice(
        57,
        "MDL",
        "Habitat Conseil Gironde",
        "Étude thermique",
        &[("Étude thermique", "1", "1680", "0")],
        Pays::Part { days: 35, percent: 40 },
    ),
    invoice(
        52,
        "ZR7",
        "Nordlicht Energie GmbH",
        "Landing pages for heat pumps",
        &[("Landing page", "5", "360", "0")],
        Pays::Never,
    ),
    invoice(
        45,
        "ZR7",
        "Agence Clairval",
        "Campagne d’automne",
        &[("Gestion de campagne", "1", "1720", "0")],
        Pays::Over { days: 30, euros: 136 },
    ),
    invoice(40, "MDL", "Cabinet Mornay", "Suivi trimestriel", &[("Suivi", "1", "890", "0")], Pays::After(28)),
    invoice(
        34,
        "ZR7",
        "Agence Clairval",
        "Refonte du tunnel de conversion",
        &[("Conception", "5", "620", "0"), ("Intégration", "8", "425", "0")],
        Pays::After(31),
    ),
    invoice(
        25,
        "MDL",
        "Habitat Conseil Gironde",
        "Assistance à la maîtrise d’ouvrage",
        &[("Assistance", "3", "540", "0")],
        Pays::After(40),
    ),
    invoice(19, "ZR7", "Helvia Solaire SA", "Conseil en acquisition", &[("Conseil", "2", "980", "0")], Pays::After(16)),
    Sale {
        kind: "quote",
        step: Step::Accepted,
        ..invoice(
            16,
            "ZR7",
            "Toitures du Rhône",
            "Photothèque de chantiers",
            &[("Prises de vue", "2", "750", "0"), ("Retouches", "40", "9.5", "0")],
            Pays::Never,
        )
    },
    invoice(
        9,
        "MDL",
        "Cabinet Mornay",
        "Audit complémentaire",
        &[("Audit sur site", "1", "780", "0")],
        Pays::After(40),
    ),
    Sale {
        kind: "quote",
        step: Step::Sent,
        ..invoice(
            6,
            "ZR7",
            "Agence Clairval",
            "Accompagnement annuel",
            &[("Journée de conseil", "12", "640", "8"), ("Tableau de bord", "1", "480", "0")],
            Pays::Never,
        )
    },
    Sale {
        step: Step::Draft,
        ..invoice(2, "ZR7", "Nordlicht Energie GmbH", "Quarterly review", &[("Review", "1", "1450", "0")], Pays::Never)
    },
    Sale {
        step: Step::Draft,
        ..invoice(2, "MDL", "Habitat Conseil Gironde", "Rapport annuel", &[("Rapport", "1", "690", "0")], Pays::Never)
    },
];

/// What a supplier billed: days ago, entity, supplier, what, the account, net, VAT.
pub(super) const PURCHASES: &[(i32, &str, &str, &str, &str, u32, u32)] = &[
    (119, "ZR7", "Foncière du Quatre", "Loyer", "613", 1800, 360),
    (112, "ZR7", "Régie Médiapole", "Espaces publicitaires", "623", 5200, 1040),
    (105, "MDL", "Comptalys", "Tenue comptable", "6226", 450, 90),
    (89, "ZR7", "Foncière du Quatre", "Loyer", "613", 1800, 360),
    (82, "ZR7", "Régie Médiapole", "Espaces publicitaires", "623", 4650, 930),
    (59, "ZR7", "Foncière du Quatre", "Loyer", "613", 1800, 360),
    (51, "ZR7", "Régie Médiapole", "Espaces publicitaires", "623", 6100, 1220),
    (44, "MDL", "Comptalys", "Tenue comptable", "6226", 450, 90),
    (29, "ZR7", "Foncière du Quatre", "Loyer", "613", 1800, 360),
    (22, "ZR7", "Régie Médiapole", "Espaces publicitaires", "623", 5840, 1168),
];

/// After so many days a supplier is paid.
pub(super) const SUPPLIERS_PAID_AFTER: i32 = 14;

/// Buyers of leads: days they may take to pay, and how they pay a week's invoice.
pub(super) const HABITS: &[(&str, i32, Pays)] = &[
    ("Soleil Habitat", 7, Pays::After(6)),
    ("Énergie Rhône", 14, Pays::After(13)),
    ("Toit Vert", 10, Pays::Part { days: 9, percent: 60 }),
    ("Iso Confort", 15, Pays::After(8)),
    ("Chaleur Douce", 7, Pays::Never),
    ("Maison Bleue", 30, Pays::Never),
    ("Soleil Habitat Ouest", 7, Pays::Bounces { days: 5 }),
    ("Bretagne Pompes", 10, Pays::After(8)),
    ("Azur Rénov", 10, Pays::Over { days: 6, euros: 50 }),
    ("Grand Ouest Énergie", 14, Pays::After(11)),
];

/// What is in the books before the first invoice, by entity.
pub(super) const OPENINGS: &[(&str, &str)] = &[
    (
        "ZR7",
        "account;aux;label;debit;credit\n512;;Banque;42 180,35;\n2183;;Matériel informatique;8 400,00;\n119;;Report à nouveau;3 419,65;\n2818;;Amortissements;;2 800,00\n401;Foncière du Quatre;Loyer de juin;;1 200,00\n101;;Capital;;50 000,00",
    ),
    (
        "MDL",
        "account;aux;label;debit;credit\n512;;Banque;12 940,10;\n2183;;Matériel informatique;2 100,00;\n110;;Report à nouveau;;7 040,10\n101;;Capital;;8 000,00",
    ),
];

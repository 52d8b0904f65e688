//! What the page says in each language.

use serde::Serialize;

use super::Language;
use crate::Kind;

/// The words of a page that do not depend on the document.
#[derive(Serialize)]
pub(super) struct Words {
    pub(super) page: &'static str,
    pub(super) bill_to: &'static str,
    pub(super) description: &'static str,
    pub(super) quantity: &'static str,
    pub(super) unit_price: &'static str,
    pub(super) vat: &'static str,
    pub(super) brought_forward: &'static str,
    pub(super) carried_forward: &'static str,
    pub(super) vat_rate: &'static str,
    pub(super) vat_base: &'static str,
    pub(super) vat_amount: &'static str,
    pub(super) payment: &'static str,
    pub(super) agreed: &'static str,
    pub(super) signature: &'static str,
    pub(super) signature_hint: &'static str,
    #[serde(skip)]
    pub(super) more: More,
}

/// Words that are put together with values.
pub(super) struct More {
    pub(super) amount: &'static str,
    pub(super) date: &'static str,
    pub(super) due: &'static str,
    pub(super) valid_until: &'static str,
    pub(super) supply: &'static str,
    pub(super) period: &'static str,
    pub(super) purchase_order: &'static str,
    pub(super) contract: &'static str,
    pub(super) project: &'static str,
    pub(super) buyer_reference: &'static str,
    pub(super) contact: &'static str,
    pub(super) delivered_to: &'static str,
    pub(super) vat_number: &'static str,
    pub(super) lines_total: &'static str,
    pub(super) net: &'static str,
    pub(super) vat_total: &'static str,
    pub(super) gross: &'static str,
    pub(super) prepaid: &'static str,
    pub(super) rounding: &'static str,
    pub(super) discount: &'static str,
    pub(super) charge: &'static str,
    pub(super) transfer: &'static str,
    pub(super) account_name: &'static str,
    pub(super) reference: &'static str,
    pub(super) direct_debit: &'static str,
    pub(super) mandate: &'static str,
    pub(super) creditor: &'static str,
    pub(super) card: &'static str,
    pub(super) cash: &'static str,
    pub(super) cheque: &'static str,
    pub(super) means: &'static str,
    pub(super) payee: &'static str,
    pub(super) item: &'static str,
    pub(super) instead_of: &'static str,
    pub(super) of: &'static str,
    pub(super) no: &'static str,
    pub(super) account: &'static str,
    pub(super) reverse_charge: &'static str,
    pub(super) exempt: &'static str,
    pub(super) out_of_scope: &'static str,
    pub(super) colon: &'static str,
}

const FRENCH: Words = Words {
    page: "Page",
    bill_to: "Adressé à",
    description: "Désignation",
    quantity: "Quantité",
    unit_price: "Prix unitaire HT",
    vat: "TVA",
    brought_forward: "Report",
    carried_forward: "À reporter",
    vat_rate: "Taux de TVA",
    vat_base: "Base HT",
    vat_amount: "Montant TVA",
    payment: "Règlement",
    agreed: "Bon pour accord",
    signature: "Date, nom, qualité et signature",
    signature_hint: "Pour accepter ce devis, retournez-le daté et signé avec la mention « Bon pour accord ».",
    more: More {
        amount: "Montant HT",
        date: "Date d’émission",
        due: "Échéance",
        valid_until: "Valable jusqu’au",
        supply: "Date de prestation",
        period: "Période",
        purchase_order: "Bon de commande",
        contract: "Contrat",
        project: "Projet",
        buyer_reference: "Votre référence",
        contact: "Votre contact",
        delivered_to: "Lieu d’exécution",
        vat_number: "TVA",
        lines_total: "Total des lignes HT",
        net: "Total HT",
        vat_total: "TVA",
        gross: "Total TTC",
        prepaid: "Déjà réglé",
        rounding: "Arrondi",
        discount: "Remise",
        charge: "Frais",
        transfer: "Virement",
        account_name: "Titulaire",
        reference: "Référence à rappeler",
        direct_debit: "Prélèvement",
        mandate: "Mandat",
        creditor: "Créancier (ICS)",
        card: "Carte bancaire",
        cash: "Espèces",
        cheque: "Chèque",
        means: "Mode de règlement",
        payee: "Bénéficiaire",
        item: "Réf.",
        instead_of: "au lieu de",
        of: "du",
        no: "n°",
        account: "Compte",
        reverse_charge: "Autoliquidation",
        exempt: "Exonéré",
        out_of_scope: "Hors champ",
        colon: "\u{a0}: ",
    },
};

const ENGLISH: Words = Words {
    page: "Page",
    bill_to: "Bill to",
    description: "Description",
    quantity: "Quantity",
    unit_price: "Unit price",
    vat: "VAT",
    brought_forward: "Brought forward",
    carried_forward: "Carried forward",
    vat_rate: "VAT rate",
    vat_base: "Net amount",
    vat_amount: "VAT amount",
    payment: "Payment",
    agreed: "Agreed and accepted",
    signature: "Date, name, position and signature",
    signature_hint: "To accept this quote, please return it dated and signed.",
    more: More {
        amount: "Net amount",
        date: "Issue date",
        due: "Due date",
        valid_until: "Valid until",
        supply: "Supply date",
        period: "Period",
        purchase_order: "Purchase order",
        contract: "Contract",
        project: "Project",
        buyer_reference: "Your reference",
        contact: "Your contact",
        delivered_to: "Place of supply",
        vat_number: "VAT",
        lines_total: "Sum of lines",
        net: "Total net",
        vat_total: "VAT",
        gross: "Total gross",
        prepaid: "Already paid",
        rounding: "Rounding",
        discount: "Discount",
        charge: "Charge",
        transfer: "Bank transfer",
        account_name: "Account holder",
        reference: "Payment reference",
        direct_debit: "Direct debit",
        mandate: "Mandate",
        creditor: "Creditor identifier",
        card: "Card",
        cash: "Cash",
        cheque: "Cheque",
        means: "Means of payment",
        payee: "Payee",
        item: "Ref.",
        instead_of: "instead of",
        of: "of",
        no: "no.",
        account: "Account",
        reverse_charge: "Reverse charge",
        exempt: "Exempt",
        out_of_scope: "Out of scope",
        colon: ": ",
    },
};

impl Words {
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::French => &FRENCH,
            Language::English => &ENGLISH,
        }
    }
}

/// What the document calls itself.
pub(super) fn heading(kind: Kind, language: Language) -> &'static str {
    let (french, english) = match kind {
        Kind::Invoice => ("Facture", "Invoice"),
        Kind::Corrected => ("Facture rectificative", "Corrected invoice"),
        Kind::Deposit => ("Facture d’acompte", "Deposit invoice"),
        Kind::CreditNote => ("Avoir", "Credit note"),
        Kind::DepositCreditNote => ("Avoir sur acompte", "Deposit credit note"),
        Kind::Quote => ("Devis", "Quote"),
        Kind::ProForma => ("Facture pro forma", "Pro forma invoice"),
    };
    if language == Language::French { french } else { english }
}

/// What must not be mistaken.
pub(super) fn warning(kind: Kind, language: Language) -> Option<&'static str> {
    match (kind, language) {
        (Kind::ProForma, Language::French) => Some("Pro forma – ne vaut pas facture"),
        (Kind::ProForma, Language::English) => Some("Pro forma – not a tax invoice"),
        _ => None,
    }
}

/// How the documents that this one names are brought in.
pub(super) fn about_preceding(kind: Kind, language: Language) -> &'static str {
    let (french, english) = match kind {
        Kind::CreditNote | Kind::DepositCreditNote => ("Avoir sur la facture", "Credit note for invoice"),
        Kind::Corrected => ("Annule et remplace la facture", "Cancels and replaces invoice"),
        _ => ("Suite à la facture", "Further to invoice"),
    };
    if language == Language::French { french } else { english }
}

/// What is to be paid, or given back.
pub(super) fn due(kind: Kind, language: Language) -> &'static str {
    let (french, english) = match kind {
        Kind::CreditNote | Kind::DepositCreditNote => ("Net en votre faveur", "In your favour"),
        Kind::Quote => ("Total TTC", "Total gross"),
        _ => ("Net à payer", "Amount due"),
    };
    if language == Language::French { french } else { english }
}

/// A unit of UN/ECE recommendation 20 as people write it; the code itself where there is no better word, nothing for a piece.
pub(super) fn unit(code: &str, language: Language) -> &str {
    let (french, english) = match code {
        "C62" | "H87" | "EA" | "NAR" => ("", ""),
        "HUR" => ("h", "h"),
        "MIN" => ("min", "min"),
        "DAY" => ("j", "days"),
        "WEE" => ("sem.", "weeks"),
        "MON" => ("mois", "months"),
        "ANN" => ("an", "years"),
        "LS" => ("forfait", "lump sum"),
        "SET" => ("lot", "set"),
        "PR" => ("paire", "pair"),
        "MTR" => ("m", "m"),
        "KMT" => ("km", "km"),
        "MTK" => ("m²", "m²"),
        "MTQ" => ("m³", "m³"),
        "KGM" => ("kg", "kg"),
        "GRM" => ("g", "g"),
        "TNE" => ("t", "t"),
        "LTR" => ("l", "l"),
        "KWH" => ("kWh", "kWh"),
        "KWT" => ("kW", "kW"),
        "P1" => ("%", "%"),
        other => (other, other),
    };
    if language == Language::French { french } else { english }
}

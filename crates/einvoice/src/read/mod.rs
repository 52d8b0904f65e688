//! Documents that come in: Factur-X and ZUGFeRD in a PDF, CII and UBL as XML.
//!
//! What comes in is hostile until read: every size has a bound, a document type is refused (so there are no entities), and a
//! file that cannot be read is an error, never a panic.

mod cii;
mod pdf;
mod tree;
mod ubl;
mod values;

use serde::Serialize;

use crate::Invoice;
use tree::Tree;

/// The largest file that is looked at, in bytes.
pub const MAX_FILE: usize = 20 * 1024 * 1024;
/// The largest XML that is looked at, in bytes, unpacked.
pub const MAX_XML: usize = 8 * 1024 * 1024;

/// What a document came as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// A PDF with a CII inside: Factur-X, ZUGFeRD, XRechnung.
    FacturX,
    /// Cross Industry Invoice.
    Cii,
    /// UBL `Invoice` or `CreditNote`.
    Ubl,
}

/// A document that came in.
#[derive(Clone, Debug, Serialize)]
pub struct Received {
    /// What it says.
    pub invoice: Invoice,
    /// What of it could not be taken over, in the order of the document.
    pub warnings: Vec<Warning>,
    /// The XML that was read.
    #[serde(skip)]
    pub xml: Vec<u8>,
    /// What it came as.
    pub format: Format,
}

/// Something that could not be taken over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Where: the path of the element.
    pub at: String,
    /// What was done about it.
    pub message: String,
}

/// The file cannot be read as an invoice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It is larger than is looked at, or would be when unpacked.
    #[error("the file is too large, or unpacks to too much")]
    TooLarge,
    /// It is neither a PDF nor XML.
    #[error("the file is neither a PDF nor XML")]
    UnknownFormat,
    /// The PDF is encrypted.
    #[error("the PDF is encrypted")]
    Encrypted,
    /// The PDF is broken.
    #[error("the PDF cannot be read: {0}")]
    DamagedPdf(String),
    /// The PDF has no invoice attached.
    #[error("the PDF has no invoice attached (factur-x.xml, zugferd-invoice.xml or xrechnung.xml)")]
    NoInvoiceAttached,
    /// The attachment's name is a path.
    #[error("the attachment is named {0:?}, which is a path")]
    UnsafeName(String),
    /// Two different invoices are attached.
    #[error("the PDF has two different invoices attached")]
    TwoInvoices,
    /// What is attached as an invoice is no XML.
    #[error("what is attached as {0:?} is no XML")]
    AttachmentNotXml(String),
    /// The XML brings its own document type, and with it perhaps entities.
    #[error("the XML has a document type, which an invoice never has")]
    DocumentType,
    /// The XML is not in UTF-8.
    #[error("the XML is not in UTF-8")]
    Encoding,
    /// The XML is broken.
    #[error("the XML is not well-formed: {0}")]
    Malformed(String),
    /// The XML is nested deeper, or has more elements, than an invoice.
    #[error("the XML is nested too deep or has too many elements")]
    TooComplex,
    /// The XML is no invoice that we know.
    #[error("the XML is no invoice: its root is {0:?}")]
    NotAnInvoice(String),
    /// A term without which an invoice is none.
    #[error("the invoice has no {1} ({0})")]
    Missing(&'static str, &'static str),
}

/// Reads a document that came in.
pub fn read(bytes: &[u8]) -> Result<Received, ReadError> {
    if bytes.len() > MAX_FILE {
        return Err(ReadError::TooLarge);
    }
    let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace()).ok_or(ReadError::Empty)?;
    // A PDF may have up to a kilobyte before its first line (ISO 32000-1, annex H).
    if bytes[..bytes.len().min(1024)].windows(5).any(|window| window == b"%PDF-") {
        let (xml, mut warnings) = pdf::attached(bytes)?;
        let mut received = read_xml(xml)?;
        warnings.append(&mut received.warnings);
        return Ok(Received { format: Format::FacturX, warnings, ..received });
    }
    if bytes[start] == b'<' || bytes.starts_with(b"\xef\xbb\xbf") {
        return read_xml(bytes.to_vec());
    }
    // UTF-16 begins with its mark, or with a zero beside the angle bracket.
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || bytes.starts_with(b"\0<") {
        return Err(ReadError::Encoding);
    }
    Err(ReadError::UnknownFormat)
}

fn read_xml(xml: Vec<u8>) -> Result<Received, ReadError> {
    if xml.len() > MAX_XML {
        return Err(ReadError::TooLarge);
    }
    let tree = Tree::parse(&xml)?;
    let (format, (invoice, mut warnings)) = match (tree.root.name.as_str(), tree.namespace.as_str()) {
        ("CrossIndustryInvoice", "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100") => {
            (Format::Cii, cii::invoice(&tree.root)?)
        }
        ("Invoice", "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2")
        | ("CreditNote", "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2") => {
            (Format::Ubl, ubl::invoice(&tree.root)?)
        }
        (name, _) => return Err(ReadError::NotAnInvoice(name.chars().take(80).collect())),
    };
    tree.root.left_over(&mut warnings);
    Ok(Received { invoice, warnings, xml, format })
}

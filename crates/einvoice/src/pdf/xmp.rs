//! The metadata by which a reader knows a Factur-X: its block in the XMP packet, and the schema that PDF/A wants for it.
//!
//! Source: Factur-X 1.0, section on XMP; ISO 19005-3, 6.6.2.3.

use lopdf::Document;

const BLOCK: &str = include_str!("factur-x.xmp");
const SCHEMA: &str = include_str!("factur-x-schema.xmp");
/// Where the typesetter's own list of extension schemas ends; there may be only one.
const END_OF_SCHEMAS: &str = "</rdf:Bag></pdfaExtension:schemas>";

/// `pdf` with the Factur-X block in its metadata.
pub(super) fn declare(pdf: &[u8]) -> Result<Vec<u8>, lopdf::Error> {
    let mut document = Document::load_mem(pdf)?;
    let metadata = document.catalog()?.get(b"Metadata")?.as_reference()?;
    let stream = document.get_object_mut(metadata)?.as_stream_mut()?;
    let packet = String::from_utf8_lossy(&stream.content)
        .replacen(END_OF_SCHEMAS, &format!("{SCHEMA}{END_OF_SCHEMAS}"), 1)
        .replacen("</rdf:RDF>", &format!("{BLOCK}</rdf:RDF>"), 1);
    stream.set_plain_content(packet.into_bytes());
    let mut bytes = Vec::with_capacity(pdf.len() + 8192);
    document.save_to(&mut bytes)?;
    Ok(bytes)
}

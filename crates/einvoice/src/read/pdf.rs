//! The invoice inside a PDF.

use std::panic::{AssertUnwindSafe, catch_unwind};

use lopdf::{Dictionary, Document, LoadOptions, Object};

use super::{MAX_XML, ReadError, Warning};

/// The names by which the standards attach an invoice; ZUGFeRD 1 and 2.0 wrote theirs in mixed case.
const NAMES: [&str; 3] = ["factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml"];
const MAX_OBJECTS: usize = 200_000;
const MAX_UNPACKED: usize = 64 * 1024 * 1024;

/// The XML that a PDF has attached as its invoice, and what is odd about it.
pub(super) fn attached(bytes: &[u8]) -> Result<(Vec<u8>, Vec<Warning>), ReadError> {
    // A PDF is a program's worth of structure; what its parser did not foresee ends here as a damaged file.
    catch_unwind(AssertUnwindSafe(|| find(bytes)))
        .unwrap_or_else(|_| Err(ReadError::DamagedPdf("its structure makes no sense".to_owned())))
}

fn find(bytes: &[u8]) -> Result<(Vec<u8>, Vec<Warning>), ReadError> {
    let options = LoadOptions::with_max_decompressed_size(MAX_UNPACKED);
    let document = Document::load_mem_with_options(bytes, options).map_err(refused)?;
    if document.is_encrypted() || document.was_encrypted() {
        return Err(ReadError::Encrypted);
    }
    if document.objects.len() > MAX_OBJECTS {
        return Err(ReadError::TooLarge);
    }
    let mut found: Option<(String, Vec<u8>)> = None;
    let mut warnings = Vec::new();
    for specification in specifications(&document) {
        let name = name(specification);
        let is = |name: &str| NAMES.iter().any(|known| known.eq_ignore_ascii_case(name));
        if !is(&name) {
            let base = name.rsplit(['/', '\\', ':']).next().unwrap_or_default();
            if is(base.trim_matches(|c: char| c.is_whitespace() || c == '\0')) {
                return Err(ReadError::UnsafeName(name.chars().take(200).collect()));
            }
            continue;
        }
        let content = content(&document, specification)?;
        match &found {
            Some((_, first)) if *first != content => return Err(ReadError::TwoInvoices),
            Some(_) => warnings.push(Warning { at: name, message: "The same file is attached twice.".to_owned() }),
            None => found = Some((name, content)),
        }
    }
    let (name, content) = found.ok_or(ReadError::NoInvoiceAttached)?;
    let text = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&content).trim_ascii_start();
    if text.starts_with(b"<") { Ok((content, warnings)) } else { Err(ReadError::AttachmentNotXml(name)) }
}

fn refused(error: lopdf::Error) -> ReadError {
    match error {
        lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_) | lopdf::Error::UnsupportedSecurityHandler(_) => {
            ReadError::Encrypted
        }
        other => ReadError::DamagedPdf(other.to_string().chars().take(200).collect()),
    }
}

/// Every file specification with a file in it, wherever it stands.
fn specifications(document: &Document) -> impl Iterator<Item = &Dictionary> {
    document.objects.values().flat_map(|object| {
        let itself = object.as_dict().into_iter();
        let names = object.as_dict().ok().and_then(|dictionary| dictionary.get(b"Names").ok());
        let listed = [Some(object), names].into_iter().flatten().filter_map(|object| object.as_array().ok());
        itself.chain(listed.flatten().filter_map(|item| item.as_dict().ok())).filter(|dictionary| dictionary.has(b"EF"))
    })
}

fn name(specification: &Dictionary) -> String {
    let name = specification.get(b"UF").or_else(|_| specification.get(b"F"));
    name.ok().and_then(|name| lopdf::decode_text_string(name).ok()).unwrap_or_default()
}

fn content(document: &Document, specification: &Dictionary) -> Result<Vec<u8>, ReadError> {
    let damaged = |error: lopdf::Error| ReadError::DamagedPdf(error.to_string().chars().take(200).collect());
    let files = specification.get_deref(b"EF", document).and_then(Object::as_dict).map_err(damaged)?;
    let file = files.get_deref(b"F", document).or_else(|_| files.get_deref(b"UF", document));
    let stream = file.and_then(Object::as_stream).map_err(damaged)?;
    if stream.content.len() > MAX_XML {
        return Err(ReadError::TooLarge);
    }
    stream.get_plain_content_with_limit(MAX_XML).map_err(|error| match error {
        lopdf::Error::Decompress(_) => ReadError::TooLarge,
        other => damaged(other),
    })
}

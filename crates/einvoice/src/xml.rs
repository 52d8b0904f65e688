//! Writing XML: indented, in UTF-8, without what XML cannot hold.

use kernel::{Currency, Date};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use rust_decimal::Decimal;

/// The document cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A quote or a pro-forma has no XML.
    #[error("a quote or a pro-forma is no fiscal document and has no XML")]
    NotFiscal,
}

/// An XML document in the making.
pub(crate) struct Xml(Writer<Vec<u8>>);

impl Xml {
    /// A document whose root is `root` with `namespaces`, filled by `fill`.
    pub(crate) fn document(root: &str, namespaces: &[(&str, &str)], fill: impl FnOnce(&mut Self)) -> Vec<u8> {
        let mut xml = Self(Writer::new_with_indent(Vec::with_capacity(16 * 1024), b' ', 2));
        xml.put(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        let start = BytesStart::new(root).with_attributes(namespaces.iter().copied());
        xml.put(Event::Start(start));
        fill(&mut xml);
        xml.put(Event::End(BytesEnd::new(root)));
        let mut bytes = xml.0.into_inner();
        bytes.push(b'\n');
        bytes
    }

    fn put(&mut self, event: Event<'_>) {
        self.0.write_event(event).expect("a vector takes every byte");
    }

    /// An element with elements in it.
    pub(crate) fn group(&mut self, name: &str, fill: impl FnOnce(&mut Self)) {
        self.put(Event::Start(BytesStart::new(name)));
        fill(self);
        self.put(Event::End(BytesEnd::new(name)));
    }

    /// An element with a text, unless the text is empty.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.text_with(name, &[], text);
    }

    /// An element with a text, if there is one.
    pub(crate) fn maybe(&mut self, name: &str, text: Option<&str>) {
        self.text(name, text.unwrap_or_default());
    }

    /// An element with attributes and a text, unless the text is empty.
    pub(crate) fn text_with(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        let text = clean(text);
        if text.is_empty() {
            return;
        }
        let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
        self.put(Event::Start(start));
        self.put(Event::Text(BytesText::new(&text)));
        self.put(Event::End(BytesEnd::new(name)));
    }

    /// An identifier with its scheme.
    pub(crate) fn id(&mut self, name: &str, id: &crate::Identifier) {
        match &id.scheme {
            Some(scheme) => self.text_with(name, &[("schemeID", scheme)], &id.value),
            None => self.text(name, &id.value),
        }
    }
}

/// `text` without its outer space and without characters that XML 1.0 cannot hold, not even escaped.
fn clean(text: &str) -> String {
    let held = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.trim().chars().filter(held).collect()
}

/// An amount: at least the digits of its currency, never another value.
pub(crate) fn amount(value: Decimal, currency: Currency) -> String {
    let mut value = value.normalize();
    value.rescale(value.scale().max(currency.decimals().min(2)));
    value.to_string()
}

/// A quantity, price or percentage, without zeros that say nothing.
pub(crate) fn plain(value: Decimal) -> String {
    value.normalize().to_string()
}

/// `AAAAMMJJ`, format 102 of UNTDID 2379.
pub(crate) fn compact_date(date: Date) -> String {
    date.to_string().replace('-', "")
}

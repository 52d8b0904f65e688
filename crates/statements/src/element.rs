//! A small tree of elements with the line each stands on; what both ISO 20022 and OFX are read from.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::refusal::{Place, Refusal};

/// Statements nest a dozen levels.
pub(crate) const MAX_DEPTH: usize = 48;
/// A statement of 10 MB has about a quarter of a million.
pub(crate) const MAX_ELEMENTS: usize = 750_000;

/// An element: its local name, the text directly in it, what stands inside.
#[derive(Debug, Default)]
pub(crate) struct Element {
    pub(crate) name: Box<str>,
    /// The attribute `Ccy`, the only one that is read.
    pub(crate) ccy: Option<Box<str>>,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
    pub(crate) line: u64,
}

impl Element {
    /// The first child of that name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| &*child.name == name)
    }

    /// All children of that name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| &*child.name == name)
    }

    /// The first element at the end of `path`, names divided by `/`.
    pub(crate) fn at(&self, path: &str) -> Option<&Self> {
        path.split('/').try_fold(self, Self::child)
    }

    /// The trimmed text at the end of `path`, unless it is empty.
    pub(crate) fn text_at(&self, path: &str) -> Option<&str> {
        self.at(path).map(|found| found.text.trim()).filter(|text| !text.is_empty())
    }

    /// All elements of that name, wherever they stand below; those inside of a found one are not looked for.
    pub(crate) fn find_all<'a>(&'a self, name: &str, found: &mut Vec<&'a Self>) {
        for child in &self.children {
            if &*child.name == name {
                found.push(child);
            } else {
                child.find_all(name, found);
            }
        }
    }
}

/// Builds the tree while elements open and close.
#[derive(Default)]
pub(crate) struct Builder {
    open: Vec<Element>,
    root: Option<Element>,
    count: usize,
}

impl Builder {
    pub(crate) fn depth(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn open(&mut self, element: Element) -> Result<(), Refusal> {
        let at = || Place::new(element.line, &*element.name);
        self.count += 1;
        if self.count > MAX_ELEMENTS {
            return Err(Refusal::TooMany { what: "elements", limit: MAX_ELEMENTS });
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(Refusal::TooDeep(at()));
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err(Refusal::Malformed { at: at(), why: "a second document follows the first".to_owned() });
        }
        self.open.push(element);
        Ok(())
    }

    pub(crate) fn top(&mut self) -> Option<&mut Element> {
        self.open.last_mut()
    }

    /// How far above the top the innermost open element of that name stands.
    pub(crate) fn above(&self, name: &str) -> Option<usize> {
        self.open.iter().rev().position(|element| &*element.name == name)
    }

    pub(crate) fn close(&mut self) {
        let Some(closed) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(closed),
            None => self.root = Some(closed),
        }
    }

    /// Closes the top, which turned out to be empty: what seemed to stand in it follows it.
    pub(crate) fn close_empty(&mut self) {
        let children = self.open.last_mut().map(|top| std::mem::take(&mut top.children)).unwrap_or_default();
        self.close();
        if let Some(parent) = self.open.last_mut() {
            parent.children.extend(children);
        }
    }

    /// The root, once everything is closed.
    pub(crate) fn finish(self, line: u64) -> Result<Element, Refusal> {
        match (self.open.last(), self.root) {
            (None, Some(root)) => Ok(root),
            (None, None) => Err(Refusal::NotAStatement),
            (Some(open), _) => Err(Refusal::Truncated(Place::new(line, format!("{} is not closed", open.name)))),
        }
    }
}

/// Counts lines as far as it was read.
struct Lines<'a> {
    text: &'a [u8],
    read: usize,
    line: u64,
}

impl Lines<'_> {
    fn at(&mut self, offset: u64) -> u64 {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX).min(self.text.len());
        if offset > self.read {
            self.line += self.text[self.read..offset].iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
            self.read = offset;
        }
        self.line
    }
}

/// The tree of an XML document. Namespaces are not looked at; document types and entities are refused.
pub(crate) fn parse(text: &str) -> Result<Element, Refusal> {
    let mut reader = Reader::from_str(text);
    let mut lines = Lines { text: text.as_bytes(), read: 0, line: 1 };
    let mut tree = Builder::default();
    loop {
        let event = reader.read_event();
        let line = lines.at(reader.buffer_position());
        match event {
            Ok(Event::Start(start)) => tree.open(opened(&start, line)?)?,
            Ok(Event::Empty(start)) => {
                tree.open(opened(&start, line)?)?;
                tree.close();
            }
            Ok(Event::End(_)) => tree.close(),
            Ok(Event::Text(text)) => push(&mut tree, &text.xml10_content(), line)?,
            Ok(Event::CData(text)) => push(&mut tree, &text.into_inner(), line)?,
            Ok(Event::GeneralRef(reference)) => push(&mut tree, &resolved(&reference, line)?.to_string(), line)?,
            Ok(Event::DocType(_)) => return Err(Refusal::Doctype(Place::new(line, ""))),
            Ok(Event::Decl(_) | Event::PI(_) | Event::Comment(_)) => {}
            Ok(Event::Eof) => return tree.finish(line),
            Err(quick_xml::Error::Syntax(_)) if tree.depth() > 0 => {
                return Err(Refusal::Truncated(Place::new(line, "")));
            }
            Err(error) => return Err(malformed(line, &error)),
        }
    }
}

fn malformed(line: u64, error: &dyn std::fmt::Display) -> Refusal {
    Refusal::Malformed { at: Place::new(line, ""), why: error.to_string().chars().take(200).collect() }
}

fn opened(start: &BytesStart<'_>, line: u64) -> Result<Element, Refusal> {
    let name = start.local_name().into_inner().chars().take(64).collect::<String>();
    let ccy = start.try_get_attribute("Ccy").map_err(|error| malformed(line, &error))?;
    let ccy = ccy.map(|attribute| attribute.value.into_owned().into_boxed_str());
    Ok(Element { name: name.into_boxed_str(), ccy, line, ..Element::default() })
}

fn push(tree: &mut Builder, text: &str, line: u64) -> Result<(), Refusal> {
    match tree.top() {
        Some(top) => top.text.push_str(text),
        None if text.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']).is_empty() => {}
        None => {
            let at = Place::new(line, "");
            return Err(Refusal::Malformed { at, why: "text stands outside of the document".to_owned() });
        }
    }
    Ok(())
}

fn resolved(reference: &BytesRef<'_>, line: u64) -> Result<char, Refusal> {
    let entity = || Refusal::Doctype(Place::new(line, ""));
    if let Some(character) = reference.resolve_char_ref().map_err(|_| entity())? {
        return Ok(character);
    }
    Ok(match &**reference {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return Err(entity()),
    })
}

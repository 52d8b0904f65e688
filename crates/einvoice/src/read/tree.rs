//! An XML document as a small tree, within bounds, that knows what of it was looked at.

use std::cell::Cell;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{ReadError, Warning};

const MAX_DEPTH: usize = 48;
const MAX_NODES: usize = 400_000;
const MAX_ATTRIBUTES: usize = 32;
/// So many texts that were not taken over are named one by one.
const MAX_LEFT_OVER: usize = 50;

pub(super) struct Tree {
    pub(super) root: Node,
    /// The namespace of the root.
    pub(super) namespace: String,
}

#[derive(Default)]
pub(super) struct Node {
    /// Its name without a prefix.
    pub(super) name: String,
    text: String,
    attributes: Vec<(String, String)>,
    children: Vec<Node>,
    seen: Cell<bool>,
}

impl Tree {
    pub(super) fn parse(xml: &[u8]) -> Result<Self, ReadError> {
        let xml = xml.strip_prefix(b"\xef\xbb\xbf").unwrap_or(xml);
        let text = std::str::from_utf8(xml).map_err(|_| ReadError::Encoding)?;
        // What XML 1.0 forbids and no database stores.
        if text.contains('\0') {
            return Err(malformed("it has a zero byte"));
        }
        let mut reader = Reader::from_str(text);
        let mut open: Vec<Node> = Vec::new();
        let mut root: Option<(Node, String)> = None;
        let mut namespace = String::new();
        let mut nodes = 0;
        loop {
            let event = reader.read_event().map_err(|error| ReadError::Malformed(error.to_string()))?;
            match event {
                Event::Start(start) => {
                    nodes += 1;
                    if open.len() >= MAX_DEPTH || nodes > MAX_NODES {
                        return Err(ReadError::TooComplex);
                    }
                    if open.is_empty() {
                        namespace = namespace_of(&start)?;
                    }
                    open.push(Node::opened(&start)?);
                }
                Event::Empty(start) => {
                    nodes += 1;
                    if nodes > MAX_NODES {
                        return Err(ReadError::TooComplex);
                    }
                    close(Node::opened(&start)?, &mut open, &mut root, &namespace)?;
                }
                Event::End(_) => {
                    let node = open.pop().ok_or_else(|| malformed("an element ends that never began"))?;
                    close(node, &mut open, &mut root, &namespace)?;
                }
                Event::Text(text) => add(&mut open, &text.xml10_content())?,
                Event::CData(text) => add(&mut open, &text.xml10_content())?,
                Event::GeneralRef(reference) => {
                    let name = reference.xml10_content();
                    let c = reference.resolve_char_ref().map_err(|error| ReadError::Malformed(error.to_string()))?;
                    let c = c.or_else(|| predefined(&name)).ok_or_else(|| malformed("an unknown entity"))?;
                    add(&mut open, c.encode_utf8(&mut [0; 4]))?;
                }
                Event::Decl(declaration) => utf8(&declaration)?,
                Event::DocType(_) => return Err(ReadError::DocumentType),
                Event::Comment(_) | Event::PI(_) => {}
                Event::Eof => break,
            }
        }
        if !open.is_empty() {
            return Err(malformed("it ends in the middle"));
        }
        let (root, namespace) = root.ok_or_else(|| malformed("it has no element"))?;
        Ok(Self { root, namespace })
    }
}

fn malformed(why: &str) -> ReadError {
    ReadError::Malformed(why.to_owned())
}

fn predefined(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => None,
    }
}

/// Hangs a finished element under the one that is open, or makes it the root.
fn close(node: Node, open: &mut [Node], root: &mut Option<(Node, String)>, namespace: &str) -> Result<(), ReadError> {
    match open.last_mut() {
        Some(parent) => parent.children.push(node),
        None if root.is_none() => *root = Some((node, namespace.to_owned())),
        None => return Err(malformed("it has two roots")),
    }
    Ok(())
}

fn add(open: &mut [Node], text: &str) -> Result<(), ReadError> {
    match open.last_mut() {
        Some(node) => node.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(malformed("text stands outside of every element")),
    }
    Ok(())
}

fn utf8(declaration: &quick_xml::events::BytesDecl<'_>) -> Result<(), ReadError> {
    match declaration.encoding() {
        Some(Ok(name)) if !matches!(name.to_ascii_lowercase().as_str(), "utf-8" | "utf8" | "us-ascii" | "ascii") => {
            Err(ReadError::Encoding)
        }
        _ => Ok(()),
    }
}

/// The namespace that the root's own prefix stands for.
fn namespace_of(start: &BytesStart<'_>) -> Result<String, ReadError> {
    let name = start.name();
    let wanted = match name.prefix() {
        Some(prefix) => format!("xmlns:{}", prefix.as_ref()),
        None => "xmlns".to_owned(),
    };
    for attribute in start.attributes().take(MAX_ATTRIBUTES) {
        let attribute = attribute.map_err(|error| ReadError::Malformed(error.to_string()))?;
        if attribute.key.as_ref() == wanted {
            return Ok(attribute.value.trim().to_owned());
        }
    }
    Ok(String::new())
}

impl Node {
    fn opened(start: &BytesStart<'_>) -> Result<Self, ReadError> {
        let mut attributes = Vec::new();
        for attribute in start.attributes().take(MAX_ATTRIBUTES) {
            let attribute = attribute.map_err(|error| ReadError::Malformed(error.to_string()))?;
            let name = attribute.key.local_name();
            attributes.push((name.as_ref().to_owned(), attribute.value.trim().to_owned()));
        }
        Ok(Self { name: start.local_name().as_ref().to_owned(), attributes, ..Self::default() })
    }

    /// The first element at `path`, names with slashes between.
    pub(super) fn at(&self, path: &str) -> Option<&Self> {
        let (name, rest) = path.split_once('/').unwrap_or((path, ""));
        let mut found = self.children.iter().filter(|child| child.name == name);
        if rest.is_empty() { found.next() } else { found.find_map(|child| child.at(rest)) }
    }

    /// Every child of that name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// What the element says, when it says something.
    pub(super) fn value(&self) -> Option<String> {
        self.seen.set(true);
        let text = self.text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// What the first element at `path` says.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        self.at(path)?.value()
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// Takes this and what is in it as looked at.
    pub(super) fn pass(&self) {
        self.seen.set(true);
        self.children.iter().for_each(Self::pass);
    }

    /// A warning for each text that nobody looked at.
    pub(super) fn left_over(&self, warnings: &mut Vec<Warning>) {
        let mut left = Vec::new();
        self.collect_left_over("", &mut left);
        let more = left.len().saturating_sub(MAX_LEFT_OVER);
        warnings.extend(
            left.into_iter()
                .take(MAX_LEFT_OVER)
                .map(|at| Warning { at, message: "This was not taken over.".to_owned() }),
        );
        if more > 0 {
            warnings.push(Warning { at: self.name.clone(), message: format!("{more} more were not taken over.") });
        }
    }

    fn collect_left_over(&self, above: &str, left: &mut Vec<String>) {
        let path = if above.is_empty() { self.name.clone() } else { format!("{above}/{}", self.name) };
        if self.children.is_empty() && !self.seen.get() && !self.text.trim().is_empty() {
            left.push(path.clone());
        }
        for child in &self.children {
            child.collect_left_over(&path, left);
        }
    }
}

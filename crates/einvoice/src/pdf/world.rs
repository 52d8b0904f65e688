//! What typst sees: a library, two fonts, the template of one form, and the files of one document. Nothing else can be read, no clock.

use std::sync::OnceLock;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

const DOCUMENT: &str = include_str!("template.typ");
const STATEMENT: &str = include_str!("statement.typ");

/// What is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A quote, an invoice, a credit note.
    Document,
    /// What moved on a customer's account.
    Statement,
}

/// What every document shares.
pub(super) struct Desk {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    document: Source,
    statement: Source,
}

impl Desk {
    pub(super) fn new() -> Self {
        let mono = typst_assets::fonts().filter(|font| is_fallback(font));
        let fonts: Vec<Font> =
            std::iter::once(ttf_inter::REGULAR).chain(mono).flat_map(|bytes| Font::iter(Bytes::new(bytes))).collect();
        Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            document: Source::new(ids().template, DOCUMENT.to_owned()),
            statement: Source::new(ids().statement, STATEMENT.to_owned()),
        }
    }

    pub(super) fn fonts(&self) -> &[Font] {
        &self.fonts
    }
}

/// DejaVu Sans Mono, upright: it has the scripts and signs that Inter lacks.
fn is_fallback(font: &[u8]) -> bool {
    Font::new(Bytes::new(font.to_vec()), 0).is_some_and(|font| {
        let info = font.info();
        info.family == "DejaVu Sans Mono" && info.variant == typst::text::FontVariant::default()
    })
}

struct Ids {
    template: FileId,
    statement: FileId,
    document: FileId,
    xml: FileId,
    logos: [(&'static str, FileId); 3],
}

/// The ids of the few files there are. Typst keeps each id for good, so they are made once.
fn ids() -> &'static Ids {
    static IDS: OnceLock<Ids> = OnceLock::new();
    IDS.get_or_init(|| {
        let id = |name: &str| {
            let path = VirtualPath::new(name).expect("a plain name is a path");
            RootedPath::new(VirtualRoot::Project, path).intern()
        };
        Ids {
            template: id("template.typ"),
            statement: id("statement.typ"),
            document: id("document.json"),
            xml: id("factur-x.xml"),
            logos: ["png", "jpg", "svg"].map(|extension| (extension, id(&format!("logo.{extension}")))),
        }
    })
}

/// One document on the desk.
pub(super) struct Sheet<'a> {
    pub(super) desk: &'a Desk,
    pub(super) form: Form,
    pub(super) document: Bytes,
    pub(super) xml: Option<Bytes>,
    pub(super) logo: Option<(&'static str, Bytes)>,
}

impl World for Sheet<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.desk.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.desk.book
    }

    fn main(&self) -> FileId {
        match self.form {
            Form::Document => ids().template,
            Form::Statement => ids().statement,
        }
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        match self.form {
            Form::Document if id == ids().template => Ok(self.desk.document.clone()),
            Form::Statement if id == ids().statement => Ok(self.desk.statement.clone()),
            Form::Document | Form::Statement => Err(FileError::AccessDenied),
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let ids = ids();
        let logo = || {
            let (extension, bytes) = self.logo.as_ref()?;
            ids.logos.contains(&(extension, id)).then(|| bytes.clone())
        };
        let found = match id {
            _ if id == ids.document => Some(self.document.clone()),
            _ if id == ids.xml => self.xml.clone(),
            _ => logo(),
        };
        found.ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.desk.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

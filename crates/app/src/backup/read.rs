//! Reading backups: what lies at a target, whether it is what it says, and what is in it.

use std::io::{self, Read};
use std::path::PathBuf;

use age::x25519::Identity;
use indicatif::ProgressBar;
use kernel::Timestamp;
use platform::backup::BackupKind;
use platform::{Error, Result};

use super::container::{Seal, unpack};
use super::files::{FOLDER, Staged};
use super::make::{ABOUT, BASE, DUMP};
use super::manifest::{About, MANIFEST, Manifest, OBJECT, manifest_name};
use super::target::{Target, open_file};

/// The longest manifest: ten thousand tenants with a hundred tables each.
const LONGEST_MANIFEST: u64 = 512 * 1024 * 1024;

/// A backup, wherever it is.
pub(super) enum Stored {
    /// At a target, by the name of its object.
    At(Target, String),
    /// In a file that somebody brought, with its manifest beside it or without.
    File(PathBuf),
}

impl Stored {
    pub(super) fn place(&self) -> String {
        match self {
            Self::At(target, object) => format!("{object} in {}", target.place()),
            Self::File(path) => path.display().to_string(),
        }
    }

    fn open(&self) -> Result<Box<dyn Read + Send>> {
        match self {
            Self::At(target, object) => target.open(object),
            Self::File(path) => open_file(path),
        }
    }

    /// What stands beside it; none when it is a file that came alone.
    fn manifest(&self) -> Result<Option<Manifest>> {
        match self {
            Self::At(target, object) => read_manifest(target, &manifest_name(object)).map(Some),
            Self::File(path) => {
                let beside = path
                    .file_name()
                    .and_then(|name| name.to_str())
                    .map(|name| path.with_file_name(manifest_name(name)));
                match beside.filter(|beside| beside.exists()) {
                    Some(beside) => parse_manifest(open_file(&beside)?, &beside.display().to_string()).map(Some),
                    None => Ok(None),
                }
            }
        }
    }
}

/// The manifests at a target, those of the oldest backups first. One that cannot be read is left out with a warning: it must
/// not hide the others.
pub(super) fn manifests(target: &Target) -> Result<Vec<Manifest>> {
    let names = target.names()?;
    let mut found = Vec::new();
    for name in names.iter().filter(|name| name.ends_with(MANIFEST)) {
        match read_manifest(target, name) {
            Ok(manifest)
                if names.contains(&manifest.about.object) && manifest_name(&manifest.about.object) == *name =>
            {
                found.push(manifest);
            }
            Ok(_) => tracing::warn!(name, "a manifest without its backup is left out"),
            Err(error) => tracing::warn!(
                name,
                error = platform::redacted(&error.chain()),
                "a manifest that cannot be read is left out"
            ),
        }
    }
    found.sort_by(|a: &Manifest, b| (a.about.started_at, &a.about.object).cmp(&(b.about.started_at, &b.about.object)));
    Ok(found)
}

/// The newest whole backup of `kind` that was begun by `by`, if one was.
pub(super) fn newest(target: &Target, kind: BackupKind, by: Option<Timestamp>) -> Result<Option<Manifest>> {
    let found = manifests(target)?.into_iter();
    let mut of_kind = found.filter(|manifest| manifest.about.kind == kind);
    Ok(of_kind.rfind(|manifest| by.is_none_or(|by| manifest.finished_at <= by)))
}

fn read_manifest(target: &Target, name: &str) -> Result<Manifest> {
    parse_manifest(target.open(name)?, name)
}

fn parse_manifest(reader: impl Read, name: &str) -> Result<Manifest> {
    let unusable =
        |why: String| Error::refused("backup_manifest", format!("The manifest {name} cannot be read: {why}."));
    let mut text = String::new();
    reader.take(LONGEST_MANIFEST).read_to_string(&mut text).map_err(|error| unusable(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))
}

/// Removes what was left of backups that were never finished: what has no manifest was not.
pub(super) fn remove_drafts(target: &Target, objects: &[String]) -> Result<()> {
    let names = target.names()?;
    for object in objects {
        let manifest = manifest_name(object);
        target.remove_draft(object)?;
        target.remove_draft(&manifest)?;
        if names.contains(object) && !names.contains(&manifest) {
            target.remove(object)?;
        }
    }
    Ok(())
}

/// A backup that was read as a whole and is what it says.
#[derive(Clone, Debug)]
pub struct Verified {
    /// What it says about itself.
    pub about: About,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
    /// How many bytes of dump, or of files of the server, it holds.
    pub content_bytes: u64,
}

impl Verified {
    /// Refused when the records of the installation know the backup by another sum.
    pub(super) fn check_recorded(&self, recorded: Option<&str>) -> Result<()> {
        match recorded {
            Some(recorded) if recorded != self.sha256 => {
                let detail = format!(
                    "{} is not the backup that was made: its SHA-256 is {}, and {recorded} was recorded.",
                    self.about.object, self.sha256
                );
                Err(Error::refused("backup_replaced", detail))
            }
            _ => Ok(()),
        }
    }
}

/// Reads `stored` from its first byte to its last.
///
/// Refused when it cannot be opened with `identities`, is damaged, or is not what its manifest says.
pub(super) fn verify(stored: &Stored, identities: &[Identity], progress: ProgressBar) -> Result<Verified> {
    let mut content_bytes = 0;
    let (about, seal) = walk(stored, identities, progress, |_, part, content| {
        let length = io::copy(content, &mut io::sink())?;
        if part != Part::File {
            content_bytes += length;
        }
        Ok(())
    })?;
    if content_bytes == 0 {
        return Err(damaged(stored, "it holds no data"));
    }
    Ok(Verified { about, bytes: seal.bytes, sha256: seal.sha256, content_bytes })
}

/// A piece of a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Dump,
    Base,
    /// A file of the data directory.
    File,
}

/// Reads `stored` as a whole, handing what it says about itself to `visit` with every piece, by its name.
pub(super) fn walk(
    stored: &Stored,
    identities: &[Identity],
    progress: ProgressBar,
    mut visit: impl FnMut(&str, Part, &mut dyn Read) -> io::Result<()>,
) -> Result<(About, Seal)> {
    let manifest = stored.manifest()?;
    let mut about: Option<About> = None;
    let mut refused = None;
    let read = unpack(stored.open()?, identities, progress, |name, content| {
        let Some(known) = &about else {
            let parsed = read_about(name, content)?;
            if let Err(error) = parsed.check_readable() {
                refused = Some(error);
                return Err(io::ErrorKind::Unsupported.into());
            }
            about = Some(parsed);
            return Ok(());
        };
        let (folder, rest) = name.split_once('/').unwrap_or((name, ""));
        match (folder, known.kind) {
            (DUMP, BackupKind::Dump) => visit(rest, Part::Dump, content),
            (BASE, BackupKind::Base) => visit(rest, Part::Base, content),
            (FOLDER, _) => visit(rest, Part::File, content),
            _ => Err(io::Error::new(io::ErrorKind::InvalidData, format!("it holds {name}, which no backup does"))),
        }
    });
    if let Some(refused) = refused {
        return Err(refused);
    }
    let seal = read.map_err(|error| match error.kind() {
        // What the data is poured into knows better why it stopped.
        io::ErrorKind::BrokenPipe => Error::refused(BROKEN, "Whoever should take the data of the backup has ended."),
        _ => damaged(stored, &error.to_string()),
    })?;
    let about = about.ok_or_else(|| damaged(stored, "it is empty"))?;
    check_manifest(stored, manifest.as_ref(), &about, &seal)?;
    Ok((about, seal))
}

/// The code of the failure that whoever the data is poured into explains.
pub(super) const BROKEN: &str = "restore_broken";

fn read_about(name: &str, content: &mut dyn Read) -> io::Result<About> {
    if name != ABOUT {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("it begins with {name}, which no backup does")));
    }
    let mut text = String::new();
    content.take(LONGEST_MANIFEST).read_to_string(&mut text)?;
    serde_json::from_str(&text).map_err(io::Error::from)
}

fn check_manifest(stored: &Stored, manifest: Option<&Manifest>, about: &About, seal: &Seal) -> Result<()> {
    let Some(manifest) = manifest else { return Ok(()) };
    if manifest.bytes != seal.bytes || manifest.sha256 != seal.sha256 {
        let why = format!(
            "it has {} bytes with the SHA-256 {}, and its manifest says {} bytes with {}",
            seal.bytes, seal.sha256, manifest.bytes, manifest.sha256
        );
        return Err(damaged(stored, &why));
    }
    if manifest.about != *about {
        return Err(damaged(stored, "its manifest says something else than what is inside"));
    }
    Ok(())
}

fn damaged(stored: &Stored, why: &str) -> Error {
    Error::refused("backup_damaged", format!("The backup {} cannot be used: {why}.", stored.place()))
}

/// What a person named: a file that exists, else the object of that name at the target, with its ending or without.
pub(super) fn find(name: &str, target: Option<Target>) -> Result<Stored> {
    let path = PathBuf::from(name);
    if path.is_file() {
        return Ok(Stored::File(path));
    }
    let Some(target) = target else {
        return Err(Error::refused(
            "no_such_backup",
            format!("There is no file {name}, and no COMPTOIR_BACKUP_TO to look in."),
        ));
    };
    let object = if name.ends_with(OBJECT) { name.to_owned() } else { format!("{name}{OBJECT}") };
    if target.names()?.contains(&object) {
        return Ok(Stored::At(target, object));
    }
    Err(Error::refused("no_such_backup", format!("There is no {name} in {}, and no such file.", target.place())))
}

/// Stages a file of a backup; passed over where its files are not wanted.
pub(super) fn stage(staged: &mut Option<Staged>, name: &str, content: &mut dyn Read) -> io::Result<()> {
    match staged {
        Some(staged) => staged.take(name, content),
        None => io::copy(content, &mut io::sink()).map(|_| ()),
    }
}

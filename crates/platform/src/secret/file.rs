//! The ring's file: read with care, written so that whoever is killed leaves the one before or the one after.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

use super::keyring::KeyRing;
use crate::{Error, Result};

/// Nobody but the owner and his group may read a ring, and nobody but the owner may write it.
const FORBIDDEN: u32 = 0o027;

/// A ring is small: a larger file is something else.
const LIMIT: u64 = 1 << 20;

/// What tells one state of a file from the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

impl Stamp {
    fn of(meta: &fs::Metadata) -> Self {
        Self { inode: meta.ino(), size: meta.size(), modified: (meta.mtime(), meta.mtime_nsec()) }
    }
}

/// The present state of the file; none when there is no file.
pub(super) fn stamp(path: &Path) -> Result<Option<Stamp>> {
    match fs::metadata(path) {
        Ok(meta) => Ok(Some(Stamp::of(&meta))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(path, &error)),
    }
}

/// The ring in the file, with the state it was read in; none when there is no file.
///
/// Refused when others may read it, when it cannot be read, and when it holds no ring.
pub(super) fn read(path: &Path) -> Result<Option<(KeyRing, Stamp)>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(path, &error)),
    };
    let meta = file.metadata().map_err(|error| unusable(path, &error))?;
    if !meta.is_file() || meta.size() > LIMIT {
        return Err(refused(format!("{} is not a ring of secret keys.", path.display())));
    }
    let mode = meta.mode() & 0o777;
    if mode & FORBIDDEN != 0 {
        return Err(refused(format!(
            "Others may use the secret keys in {} (mode {mode:03o}): chmod 600 {0}",
            path.display()
        )));
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(|error| unusable(path, &error))?;
    let ring = text.parse();
    let ring = ring.map_err(|error| refused(format!("{} holds no ring of secret keys: {error}.", path.display())))?;
    Ok(Some((ring, Stamp::of(&meta))))
}

/// Writes a first ring, unless the file exists by now. False when it does.
pub(super) fn create(path: &Path, ring: &KeyRing) -> Result<bool> {
    let folder = folder(path);
    fs::create_dir_all(folder).map_err(|error| unusable(folder, &error))?;
    let written = write_beside(path, ring, None)?;
    let linked = fs::hard_link(&written, path);
    let removed = fs::remove_file(&written);
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
        other => other.map_err(|error| unusable(path, &error))?,
    }
    removed.map_err(|error| unusable(&written, &error))?;
    sync(folder)?;
    Ok(true)
}

/// Puts `ring` in the place of the one in the file, with its owner and mode: at once and for good, or not at all.
pub(super) fn replace(path: &Path, ring: &KeyRing) -> Result<()> {
    // A link stays one: what it leads to is replaced.
    let path = fs::canonicalize(path).map_err(|error| unusable(path, &error))?;
    let before = fs::metadata(&path).map_err(|error| unusable(&path, &error))?;
    let written = write_beside(&path, ring, Some(&before))?;
    fs::rename(&written, &path).map_err(|error| unusable(&path, &error))?;
    sync(folder(&path))
}

/// Writes the ring to a file of its own beside `path`, where one that was left behind by a killed process is overwritten: whoever
/// writes holds a lock in the database, so that nobody else does.
fn write_beside(path: &Path, ring: &KeyRing, like: Option<&fs::Metadata>) -> Result<PathBuf> {
    let beside = beside(path);
    let failed = |error: io::Error| unusable(&beside, &error);
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside).map_err(failed)?;
    if let Some(like) = like {
        let now = file.metadata().map_err(failed)?;
        if (now.uid(), now.gid()) != (like.uid(), like.gid()) {
            fchown(&file, Some(like.uid()), Some(like.gid())).map_err(failed)?;
        }
        file.set_permissions(Permissions::from_mode(like.mode() & 0o777)).map_err(failed)?;
    }
    file.write_all(ring.to_text().as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    Ok(beside)
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A rename is for good once its folder is written.
fn sync(folder: &Path) -> Result<()> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| unusable(folder, &error))
}

fn unusable(path: &Path, error: &io::Error) -> Error {
    refused(format!("The secret keys: cannot use {}: {error}.", path.display()))
}

fn refused(detail: String) -> Error {
    Error::refused("secret_keys", detail)
}

#[cfg(test)]
mod tests {
    use kernel::Timestamp;

    use super::*;

    fn ring() -> KeyRing {
        KeyRing::generate(Timestamp::from_jiff(jiff::Timestamp::UNIX_EPOCH))
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn a_first_ring_is_the_owners_alone_and_never_overwrites_another() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/secret-keys");
        assert_eq!((read(&path).unwrap().is_none(), stamp(&path).unwrap()), (true, None));
        let (one, two) = (ring(), ring());
        assert!(create(&path, &one).unwrap());
        assert!(!create(&path, &two).unwrap());
        assert_eq!((mode(&path), fs::read_dir(path.parent().unwrap()).unwrap().count()), (0o600, 1));
        let (read, seen) = read(&path).unwrap().unwrap();
        assert_eq!((read.to_text(), stamp(&path).unwrap()), (one.to_text(), Some(seen)));
    }

    #[test]
    fn a_ring_is_replaced_with_its_mode_behind_its_link_and_over_what_a_killed_process_left() {
        let dir = tempfile::tempdir().unwrap();
        let (path, link) = (dir.path().join("ring"), dir.path().join("link"));
        let one = ring();
        create(&path, &one).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o440)).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        fs::write(dir.path().join("ring.new"), "half a ri").unwrap();
        let before = stamp(&link).unwrap();
        let two = one.with_fresh_key(one.first().created_at());
        replace(&link, &two).unwrap();
        assert_eq!(read(&link).unwrap().unwrap().0.to_text(), two.to_text());
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_ne!(stamp(&link).unwrap(), before);
        assert_eq!((mode(&path), fs::read_dir(dir.path()).unwrap().count()), (0o440, 2));
    }

    #[test]
    fn a_ring_that_others_may_use_is_refused_with_the_remedy() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ring");
        create(&path, &ring()).unwrap();
        for (bits, is_fine) in
            [(0o600, true), (0o400, true), (0o640, true), (0o644, false), (0o604, false), (0o660, false)]
        {
            fs::set_permissions(&path, Permissions::from_mode(bits)).unwrap();
            let read = read(&path);
            assert_eq!(read.is_ok(), is_fine, "{bits:o}");
            if let Err(error) = read {
                let (mode, chmod) = (format!("(mode {bits:03o})"), format!("chmod 600 {}", path.display()));
                assert!(error.to_string().contains(&mode) && error.to_string().contains(&chmod), "{error}");
            }
        }
    }

    #[test]
    fn what_is_no_ring_is_refused_without_its_text() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ring");
        fs::write(&path, "hunter2").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        let refusal = read(&path).unwrap_err().to_string();
        assert!(refusal.contains("line 1 is not a key") && !refusal.contains("hunter2"), "{refusal}");
        assert!(read(dir.path()).unwrap_err().to_string().contains("is not a ring"));
    }
}

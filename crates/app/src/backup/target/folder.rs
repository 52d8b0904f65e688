//! A folder of backups. What is being written bears a name of its own, hidden, until it is whole and on the disk.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::Draft;

pub(in crate::backup) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(path: &Path) -> Self {
        Self(path.to_path_buf())
    }

    pub(super) fn place(&self) -> String {
        format!("the folder {}", self.0.display())
    }

    pub(super) fn names(&self) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        // A name that is no text is none of ours.
        let names = entries.filter_map(|entry| entry.map(|entry| entry.file_name().into_string().ok()).transpose());
        names.collect()
    }

    pub(super) fn create(&self, name: &str) -> io::Result<Box<dyn Draft>> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.0)?;
        let path = self.draft(name);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Box::new(FileDraft { file, path: Some(path), name: self.0.join(name) }))
    }

    pub(super) fn open(&self, name: &str) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(File::open(self.0.join(name))?))
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.0.join(name))
    }

    pub(super) fn remove_draft(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.draft(name))
    }

    fn draft(&self, name: &str) -> PathBuf {
        self.0.join(format!(".{name}.partial"))
    }
}

struct FileDraft {
    file: File,
    /// Where it is written; none once it has its name.
    path: Option<PathBuf>,
    name: PathBuf,
}

impl Write for FileDraft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Draft for FileDraft {
    fn keep(mut self: Box<Self>) -> io::Result<()> {
        self.file.sync_all()?;
        let Some(path) = &self.path else { return Ok(()) };
        // A link, unlike a renaming, never takes the place of something else.
        fs::hard_link(path, &self.name).or_else(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Err(error),
            // Some file systems know no links.
            _ if self.name.exists() => Err(io::ErrorKind::AlreadyExists.into()),
            _ => fs::rename(path, &self.name),
        })?;
        if path.exists() {
            fs::remove_file(path)?;
        }
        self.path = None;
        self.name.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    }
}

impl Drop for FileDraft {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // What cannot be removed now is removed by the next backup.
            _ = fs::remove_file(path);
        }
    }
}

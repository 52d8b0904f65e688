//! The container of a backup: a tar archive, compressed by zstd, encrypted by age. A stream whose length nobody knows goes into
//! it in parts, so that common tools open it as well: `age -d | zstd -d | tar x`, then `cat dump/*`.

use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::path::{Component, Path};

use age::stream::StreamWriter;
use age::x25519::{Identity, Recipient};
use indicatif::ProgressBar;
use sha2::{Digest as _, Sha256};

/// The level of zstd: its own default.
const LEVEL: i32 = 3;
const PART_BYTES: usize = 4 * 1024 * 1024;

/// What a container came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seal {
    pub(super) bytes: u64,
    /// In lower-case hexadecimal digits.
    pub(super) sha256: String,
}

/// Counts and hashes what passes.
struct Hashed<T> {
    inner: T,
    hash: Sha256,
    bytes: u64,
    progress: ProgressBar,
}

impl<T> Hashed<T> {
    fn new(inner: T, progress: ProgressBar) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0, progress }
    }

    fn saw(&mut self, part: &[u8]) {
        self.hash.update(part);
        self.bytes += part.len() as u64;
        self.progress.inc(part.len() as u64);
    }

    fn seal(self) -> (T, Seal) {
        let sha256 = self.hash.finalize().iter().fold(String::new(), |mut text, byte| {
            // Writing to a String cannot fail.
            _ = write!(text, "{byte:02x}");
            text
        });
        (self.inner, Seal { bytes: self.bytes, sha256 })
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.saw(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.saw(&into[..read]);
        Ok(read)
    }
}

/// Writes a container.
pub(super) struct Packer<W: Write> {
    tar: tar::Builder<zstd::Encoder<'static, StreamWriter<Hashed<W>>>>,
    mtime: u64,
}

impl<W: Write> Packer<W> {
    /// Begins a container for `recipients`; its files bear the time `mtime`, in seconds since 1970.
    pub(super) fn try_new(out: W, recipients: &[Recipient], mtime: u64, progress: ProgressBar) -> io::Result<Self> {
        let keys = recipients.iter().map(|recipient| recipient as &dyn age::Recipient);
        let encryptor = age::Encryptor::with_recipients(keys).map_err(io::Error::other)?;
        let encrypted = encryptor.wrap_output(Hashed::new(out, progress))?;
        let compressed = zstd::Encoder::new(encrypted, LEVEL)?;
        Ok(Self { tar: tar::Builder::new(compressed), mtime })
    }

    /// Adds a file.
    pub(super) fn add(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(self.mtime);
        self.tar.append_data(&mut header, name, content)
    }

    /// Adds a stream as the numbered parts of `folder`; returns its length.
    pub(super) fn add_stream(&mut self, folder: &str, mut stream: impl Read) -> io::Result<u64> {
        let mut part = Vec::with_capacity(PART_BYTES);
        let mut total = 0;
        for number in 0_u64.. {
            part.clear();
            stream.by_ref().take(PART_BYTES as u64).read_to_end(&mut part)?;
            if part.is_empty() {
                break;
            }
            total += part.len() as u64;
            self.add(&format!("{folder}/{number:08}"), &part)?;
        }
        Ok(total)
    }

    /// Ends the container; hands back where it was written to.
    pub(super) fn finish(self) -> io::Result<(W, Seal)> {
        let encrypted = self.tar.into_inner()?.finish()?;
        let mut hashed = encrypted.finish()?;
        hashed.flush()?;
        Ok(hashed.seal())
    }
}

/// Reads a whole container: hands every file with its name to `visit`, in their order, and returns what was read. What is not
/// as it was written is an error, if only at the end: nothing that `visit` was given may count before this returns.
pub(super) fn unpack<R: Read>(
    input: R,
    identities: &[Identity],
    progress: ProgressBar,
    mut visit: impl FnMut(&str, &mut dyn Read) -> io::Result<()>,
) -> io::Result<Seal> {
    let mut hashed = Hashed::new(input, progress);
    let decryptor = age::Decryptor::new(&mut hashed).map_err(|error| damaged(&error))?;
    let keys = identities.iter().map(|identity| identity as &dyn age::Identity);
    let decrypted = decryptor.decrypt(keys).map_err(|error| damaged(&error))?;
    let mut archive = tar::Archive::new(zstd::Decoder::new(decrypted)?);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        visit(safe_name(&path)?, &mut entry)?;
    }
    // The end of the archive is not yet that of the container, whose last part proves that nothing was cut off.
    io::copy(&mut archive.into_inner(), &mut io::sink())?;
    io::copy(&mut hashed, &mut io::sink())?;
    Ok(hashed.seal().1)
}

fn damaged(error: &age::DecryptError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}

/// A name that stays below where it is put.
fn safe_name(path: &Path) -> io::Result<&str> {
    let is_safe = path.components().all(|part| matches!(part, Component::Normal(_)));
    path.to_str().filter(|_| is_safe).ok_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidData, format!("the name {} has no place in a backup", path.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(recipient: &Recipient, stream: &[u8]) -> (Vec<u8>, Seal) {
        let mut packer =
            Packer::try_new(Vec::new(), std::slice::from_ref(recipient), 0, ProgressBar::hidden()).unwrap();
        packer.add("about.json", b"{}").unwrap();
        assert_eq!(packer.add_stream("dump", stream).unwrap(), stream.len() as u64);
        packer.finish().unwrap()
    }

    fn unpacked(container: &[u8], identity: &Identity) -> io::Result<(Vec<String>, Vec<u8>, Seal)> {
        let (mut names, mut content) = (Vec::new(), Vec::new());
        let identities = [identity.clone()];
        let seal = unpack(container, &identities, ProgressBar::hidden(), |name, file| {
            names.push(name.to_owned());
            file.read_to_end(&mut content).map(|_| ())
        })?;
        Ok((names, content, seal))
    }

    #[test]
    fn what_goes_in_comes_out_in_parts_with_the_same_seal() {
        let identity = Identity::generate();
        let stream: Vec<u8> = (0..PART_BYTES + 1000).map(|n| u8::try_from(n * 7919 % 251).unwrap()).collect();
        let (container, seal) = packed(&identity.to_public(), &stream);
        assert_eq!(seal.bytes, container.len() as u64);
        let (names, content, read) = unpacked(&container, &identity).unwrap();
        assert_eq!(names, ["about.json", "dump/00000000", "dump/00000001"]);
        assert_eq!((&content[2..], &read), (&stream[..], &seal));
    }

    #[test]
    fn a_flipped_bit_anywhere_a_cut_and_a_strangers_key_are_noticed() {
        let identity = Identity::generate();
        let (container, _) = packed(&identity.to_public(), &vec![7; 300_000]);
        for at in (0..container.len()).step_by(61).chain([container.len() - 1]) {
            let mut broken = container.clone();
            broken[at] ^= 1;
            assert!(unpacked(&broken, &identity).is_err(), "a bit of byte {at}");
        }
        for length in [0, 20, container.len() / 2, container.len() - 1] {
            assert!(unpacked(&container[..length], &identity).is_err(), "cut at {length}");
        }
        assert!(unpacked(&container, &Identity::generate()).is_err());
    }

    #[test]
    fn no_name_leads_out_of_its_place() {
        for name in ["../x", "/etc/passwd", "mail/../../x"] {
            assert!(safe_name(Path::new(name)).is_err(), "{name}");
        }
        assert_eq!(safe_name(Path::new("mail/a.eml")).unwrap(), "mail/a.eml");
    }
}

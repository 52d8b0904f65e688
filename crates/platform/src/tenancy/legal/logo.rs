//! Logos: what may be one.

use imagesize::ImageType;
use kernel::Timestamp;

use super::bare;
use crate::{Error, Result};

/// The most bytes of a logo.
pub(super) const MOST_BYTES: usize = 200 * 1024;

/// The most pixels a side: what unpacks to more than it weighs is refused.
const MOST_PIXELS: usize = 4000;

/// What a logo may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoKind {
    /// A PNG.
    Png,
    /// A JPEG.
    Jpeg,
}

impl LogoKind {
    /// The type on the wire and in the database.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }
}

/// The logo of an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// What it is.
    pub kind: LogoKind,
    /// The image.
    pub bytes: Vec<u8>,
    /// Lower-case hexadecimal SHA-256 of the bytes.
    pub sha256: String,
    /// Pixels across.
    pub width: i32,
    /// Pixels down.
    pub height: i32,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Logo {
    /// Takes bytes for what they are, whatever they are called, without what they tell besides the picture (spec/desk.md D-27).
    ///
    /// Invalid when they are no PNG or JPEG of a size that documents can show.
    pub(super) fn read(bytes: &[u8], at: Timestamp) -> Result<Self> {
        let kind = match imagesize::image_type(bytes) {
            Ok(ImageType::Png) => LogoKind::Png,
            Ok(ImageType::Jpeg) => LogoKind::Jpeg,
            _ => return Err(Error::invalid("logo", "must be a PNG or a JPEG")),
        };
        let size = imagesize::blob_size(bytes).map_err(|_| Error::invalid("logo", "cannot be read as an image"))?;
        let checked = |pixels: usize| {
            let fits = (1..=MOST_PIXELS).contains(&pixels);
            let pixels = i32::try_from(pixels).ok().filter(|_| fits);
            pixels.ok_or_else(|| Error::invalid("logo", format!("must have 1 to {MOST_PIXELS} pixels a side")))
        };
        let bytes = match kind {
            LogoKind::Png => bare::png(bytes),
            LogoKind::Jpeg => bare::jpeg(bytes),
        };
        let bytes = bytes.ok_or_else(|| Error::invalid("logo", "cannot be read as an image"))?;
        let sha256 = crate::sha256_hex(&bytes);
        Ok(Self { kind, sha256, width: checked(size.width)?, height: checked(size.height)?, bytes, updated_at: at })
    }
}

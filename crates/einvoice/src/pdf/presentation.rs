//! How an entity's documents look.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The language of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    /// French.
    #[default]
    #[serde(rename = "fr")]
    French,
    /// English.
    #[serde(rename = "en")]
    English,
}

impl Language {
    /// Its two letters of ISO 639-1.
    pub fn code(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::English => "en",
        }
    }
}

/// What an entity's page looks like, beyond what the document says. Every text is set as it is, never as markup.
#[derive(Clone, Debug, Default)]
pub struct Presentation {
    /// The language of the labels, numbers and dates.
    pub language: Language,
    /// The entity's logo; without it its name stands there.
    pub logo: Option<Logo>,
    /// The entity's colour.
    pub accent: Accent,
    /// What stands at the foot of every page: form and capital, register, VAT number, insurer, mediator. Beyond 1 500
    /// characters, the rest goes with the terms.
    pub mentions: Vec<String>,
    /// A text above the lines: the subject, the site.
    pub intro: Option<String>,
    /// A text below the sums: thanks, what comes next.
    pub closing: Option<String>,
}

/// A colour of the screen, `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent([u8; 3]);

/// The text is no colour `#rrggbb`.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a colour is written #rrggbb")]
pub struct InvalidAccent;

impl Default for Accent {
    fn default() -> Self {
        Self([0x1f, 0x4e, 0x5f])
    }
}

impl FromStr for Accent {
    type Err = InvalidAccent;

    fn from_str(text: &str) -> Result<Self, InvalidAccent> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6).ok_or(InvalidAccent)?;
        let value = u32::from_str_radix(digits, 16).map_err(|_| InvalidAccent)?;
        let [_, red, green, blue] = value.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

impl Accent {
    /// As `#rrggbb`.
    pub fn hex(self) -> String {
        let [red, green, blue] = self.0;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }

    /// The same hue, as dark as small text on white needs to be read (WCAG 2.2, 4.5 : 1).
    pub(super) fn as_ink(self) -> Self {
        let mut ink = self;
        while ink.contrast_with_white() < 4.5 {
            ink = Self(ink.0.map(|channel| u8::try_from(u16::from(channel) * 15 / 16).unwrap_or(channel)));
        }
        ink
    }

    /// White or black, whichever is read better on it.
    pub(super) fn text_on_it(self) -> &'static str {
        if self.contrast_with_white() >= 3.0 { "#ffffff" } else { "#14181d" }
    }

    fn contrast_with_white(self) -> f64 {
        let linear = self.0.map(|channel| (f64::from(channel) / 255.0).powf(2.2));
        1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)
    }
}

/// A picture: PNG, JPEG or SVG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    pub(super) bytes: Vec<u8>,
    pub(super) extension: &'static str,
}

/// The picture cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogoRefused {
    /// It is none of the three formats.
    #[error("a logo is a PNG, a JPEG or an SVG")]
    Format,
    /// It has more than 1 MB, or more than 4 000 pixels a side.
    #[error("a logo has at most 1 MB and 4 000 pixels a side")]
    Size,
}

const MAX_LOGO_BYTES: usize = 1024 * 1024;
const MAX_LOGO_PIXELS: u32 = 4000;

impl Logo {
    /// The picture in `bytes`, whose format is found in them.
    pub fn try_new(bytes: Vec<u8>) -> Result<Self, LogoRefused> {
        if bytes.len() > MAX_LOGO_BYTES {
            return Err(LogoRefused::Size);
        }
        let (extension, size) = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            ("png", png_size(&bytes).ok_or(LogoRefused::Format)?)
        } else if bytes.starts_with(b"\xff\xd8\xff") {
            ("jpg", jpeg_size(&bytes).ok_or(LogoRefused::Format)?)
        } else if is_svg(&bytes) {
            ("svg", (1, 1))
        } else {
            return Err(LogoRefused::Format);
        };
        if size.0.max(size.1) > MAX_LOGO_PIXELS || size.0.min(size.1) == 0 {
            return Err(LogoRefused::Size);
        }
        Ok(Self { bytes, extension })
    }
}

fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let side = |at: usize| bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
    (bytes.get(12..16)? == b"IHDR").then_some(())?;
    Some((side(16)?, side(20)?))
}

/// The size in the first start-of-frame segment.
fn jpeg_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        let [0xff, marker, high, low] = *bytes.get(at..at + 4)? else { return None };
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            let side = |at: usize| bytes.get(at..at + 2)?.try_into().ok().map(u16::from_be_bytes).map(u32::from);
            return Some((side(at + 7)?, side(at + 5)?));
        }
        at += 2 + usize::from(u16::from_be_bytes([high, low]));
    }
}

fn is_svg(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.starts_with('<') && text.contains("<svg") && !text.contains("<!ENTITY")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_has_six_digits() {
        assert_eq!("#1F4e5f".parse(), Ok(Accent::default()));
        for wrong in ["", "1f4e5f", "#fff", "#12345g", "#1234567"] {
            assert_eq!(wrong.parse::<Accent>(), Err(InvalidAccent), "{wrong}");
        }
    }

    #[test]
    fn a_light_colour_is_darkened_for_text() {
        let yellow: Accent = "#ffd400".parse().unwrap();
        assert_eq!(yellow.text_on_it(), "#14181d");
        assert!(yellow.as_ink().contrast_with_white() >= 4.5);
        let dark: Accent = "#102030".parse().unwrap();
        assert_eq!((dark.as_ink(), dark.text_on_it()), (dark, "#ffffff"));
    }

    #[test]
    fn a_logo_is_known_by_its_bytes_and_bounded() {
        assert_eq!(Logo::try_new(b"GIF89a".to_vec()), Err(LogoRefused::Format));
        assert_eq!(Logo::try_new(vec![0; MAX_LOGO_BYTES + 1]), Err(LogoRefused::Size));
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        assert_eq!(Logo::try_new(png.clone()), Err(LogoRefused::Format));
        png.extend([0, 1, 0, 0, 0, 0, 0, 9]);
        assert_eq!(Logo::try_new(png), Err(LogoRefused::Size));
        assert!(Logo::try_new(b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec()).is_ok());
    }
}

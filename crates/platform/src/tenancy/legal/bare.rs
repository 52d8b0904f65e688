//! Images without what they tell besides their pixels: where they were taken, when, with what, by whom (spec/desk.md D-27). What cannot be
//! followed to its end is no image.

const PNG_START: &[u8] = b"\x89PNG\r\n\x1a\n";

/// What of a PNG is dropped: text, Exif, the time of its last change.
const PNG_DROPPED: [&[u8]; 5] = [b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"];

/// The PNG without its words, up to its end.
pub(super) fn png(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes.strip_prefix(PNG_START)?;
    let mut kept = PNG_START.to_vec();
    loop {
        // Length, kind, content, checksum.
        let length = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?);
        let whole = usize::try_from(length).ok()?.checked_add(12)?;
        let (chunk, behind) = rest.split_at_checked(whole)?;
        let kind = &chunk[4..8];
        if !PNG_DROPPED.contains(&kind) {
            kept.extend_from_slice(chunk);
        }
        if kind == b"IEND" {
            return Some(kept);
        }
        rest = behind;
    }
}

/// The JPEG without its comments and the segments of programs, up to its end. JFIF, the profile of its colours and Adobe's word on how they
/// are stored stay: without them the picture is another.
pub(super) fn jpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes.strip_prefix(&[0xff, 0xd8])?;
    let mut kept = vec![0xff, 0xd8];
    loop {
        let [0xff, code, ..] = *rest else { return None };
        match code {
            // A fill byte.
            0xff => rest = &rest[1..],
            0xd9 => {
                kept.extend_from_slice(&[0xff, 0xd9]);
                return Some(kept);
            }
            _ => {
                let length = usize::from(u16::from_be_bytes(rest.get(2..4)?.try_into().ok()?));
                let (segment, behind) = rest.split_at_checked(length.checked_add(2).filter(|_| length >= 2)?)?;
                if is_of_the_picture(code, &segment[4..]) {
                    kept.extend_from_slice(segment);
                }
                let scan = if code == 0xda { end_of_scan(behind)? } else { 0 };
                kept.extend_from_slice(&behind[..scan]);
                rest = &behind[scan..];
            }
        }
    }
}

fn is_of_the_picture(code: u8, content: &[u8]) -> bool {
    match code {
        0xe0 => content.starts_with(b"JFIF\0"),
        0xe2 => content.starts_with(b"ICC_PROFILE\0"),
        0xee => content.starts_with(b"Adobe"),
        0xe1..=0xef | 0xfe => false,
        _ => true,
    }
}

/// Where the next marker stands: in the data of a scan, 0xff is followed by zero or the number of a restart.
fn end_of_scan(data: &[u8]) -> Option<usize> {
    data.windows(2).position(|pair| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chunk(kind: &[u8], content: &[u8]) -> Vec<u8> {
        [&u32::try_from(content.len()).unwrap().to_be_bytes(), kind, content, b"crc!"].concat()
    }

    fn segment(code: u8, content: &[u8]) -> Vec<u8> {
        [&[0xff, code][..], &u16::try_from(content.len() + 2).unwrap().to_be_bytes(), content].concat()
    }

    #[test]
    fn d_27_a_png_keeps_its_picture_and_loses_its_words_and_what_hangs_behind() {
        let parts =
            [PNG_START.to_vec(), chunk(b"IHDR", b"1234567890123"), chunk(b"IDAT", b"pixels"), chunk(b"IEND", b"")];
        let told = [
            &parts[..2],
            &[
                chunk(b"eXIf", b"GPS 48.85N"),
                chunk(b"tEXt", b"Author\0Zo"),
                chunk(b"iTXt", b"x"),
                chunk(b"zTXt", b"x"),
                chunk(b"tIME", b"x"),
            ],
            &parts[2..],
            &[b"GPS behind the end".to_vec()],
        ];
        assert_eq!(png(&told.concat().concat()), Some(parts.concat()));
        assert_eq!(png(&parts[..3].concat()), None, "it has no end");
        assert_eq!(png(b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR"), None);
    }

    #[test]
    fn d_27_a_jpeg_keeps_its_picture_and_loses_its_words_and_what_hangs_behind() {
        let scans = [&b"\x01\xff\x00\xff\xd3\x02"[..], b"\x03\xff\xff"];
        let picture = [
            vec![0xff, 0xd8],
            segment(0xe0, b"JFIF\0..."),
            segment(0xe2, b"ICC_PROFILE\0..."),
            segment(0xee, b"Adobe..."),
            segment(0xdb, b"\xff\xd9 in a table"),
            [segment(0xda, b"scan"), scans[0].to_vec()].concat(),
            [segment(0xda, b"scan"), scans[1][..1].to_vec()].concat(),
            vec![0xff, 0xd9],
        ];
        let mut told = picture.to_vec();
        told.insert(1, segment(0xe1, b"Exif\0\0GPS 48.85N"));
        told.insert(2, segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0GPS"));
        told.insert(3, segment(0xfe, b"a comment"));
        told.insert(4, segment(0xe2, b"MPF\0..."));
        told.insert(5, segment(0xed, b"Photoshop 3.0\0IPTC"));
        told.push(b"\xff\xd8 another picture with its GPS".to_vec());
        assert_eq!(jpeg(&told.concat()), Some(picture.concat()));
        assert_eq!(jpeg(&picture[..7].concat()), None, "it has no end");
        assert_eq!(jpeg(b"\xff\xd8\xff\xe1\x00\x01"), None);
    }

    proptest! {
        #[test]
        fn whatever_comes_is_taken_or_refused_and_what_is_bare_stays_as_it_is(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let (as_jpeg, as_png) = ([&[0xff, 0xd8][..], &bytes].concat(), [PNG_START, &bytes].concat());
            for (once, again) in [(jpeg(&as_jpeg), jpeg as fn(&[u8]) -> _), (png(&as_png), png)] {
                if let Some(once) = once {
                    prop_assert_eq!(again(&once), Some(once));
                }
            }
        }
    }
}

//! OFX 1.x into elements. `ofx-rs` takes each byte for a character, which spoils accents, and closes what a truncated
//! file leaves open; `ofxy` is under the GPL; `sgmlish` would bring a second general parser for these few rules.

use crate::element::{Builder, Element};
use crate::refusal::{Place, Refusal};

/// The tree of an OFX 1.x file, header included. An aggregate is closed by its tag, a leaf by whatever tag follows its
/// text. A leaf without text and without closing tag looks like an aggregate until what holds it is closed: then, what
/// seemed to stand in it is put beside it.
pub(super) fn parse(text: &str) -> Result<Element, Refusal> {
    let start = text.find('<').ok_or(Refusal::NotAStatement)?;
    let mut line = 1 + ends(&text[..start]);
    let mut rest = &text[start..];
    let mut tree = Builder::default();
    while let Some(after) = rest.strip_prefix('<') {
        let Some((tag, following)) = after.split_once('>') else {
            return Err(Refusal::Truncated(Place::new(line, "a tag is not closed")));
        };
        let (content, next) = following.split_at(following.find('<').unwrap_or(following.len()));
        tagged(&mut tree, tag.trim(), content, line)?;
        line += ends(tag) + ends(content);
        rest = next;
    }
    tree.finish(line)
}

fn ends(text: &str) -> u64 {
    text.bytes().map(|byte| u64::from(byte == b'\n')).sum()
}

fn tagged(tree: &mut Builder, tag: &str, content: &str, line: u64) -> Result<(), Refusal> {
    if tag.starts_with('!') {
        return Err(Refusal::Doctype(Place::new(line, "")));
    }
    if tag.starts_with('?') {
        return Ok(());
    }
    let is_leaf = tree.top().is_some_and(|top| !top.text.trim().is_empty());
    if let Some(name) = tag.strip_prefix('/') {
        let name = name.trim();
        if is_leaf && tree.above(name) != Some(0) {
            tree.close();
        }
        let Some(above) = tree.above(name) else {
            let why = format!("</{}> closes nothing", name.chars().take(40).collect::<String>());
            return Err(Refusal::Malformed { at: Place::new(line, ""), why });
        };
        (0..above).for_each(|_| tree.close_empty());
        tree.close();
        return Ok(());
    }
    if is_leaf {
        tree.close();
    }
    let (name, is_empty) = tag.strip_suffix('/').map_or((tag, false), |name| (name.trim(), true));
    let name: String = name.chars().take(64).collect();
    tree.open(Element { name: name.into_boxed_str(), text: unescaped(content), line, ..Element::default() })?;
    if is_empty {
        tree.close();
    }
    Ok(())
}

/// Banks write a bare `&` as often as `&amp;`.
fn unescaped(text: &str) -> String {
    let text = text.trim();
    if !text.contains('&') {
        return text.to_owned();
    }
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", " ");
    plain.replace("&quot;", "\"").replace("&apos;", "'").replace("&#39;", "'").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_need_no_closing_tag_even_without_text() {
        let tree =
            parse("OFXHEADER:100\n\n<OFX>\n<A><B>1\n<MEMO>\n<C>x & y &amp; z\n</A><A><B>2</B></A></OFX>").unwrap();
        let found: Vec<_> = tree.all("A").collect();
        let named = |at: usize, name| found[at].text_at(name).map(str::to_owned);
        assert_eq!(
            (named(0, "B"), named(0, "MEMO"), named(0, "C")),
            (Some("1".into()), None, Some("x & y & z".into()))
        );
        assert_eq!(named(1, "B"), Some("2".into()));
        assert_eq!(found[0].child("C").unwrap().line, 6);
    }

    #[test]
    fn a_file_that_ends_early_is_truncated() {
        for text in ["<OFX><A><B>1", "<OFX><A><B>1</A", "<OFX><A></A>"] {
            assert!(matches!(parse(text), Err(Refusal::Truncated(_))), "{text}");
        }
    }

    #[test]
    fn what_closes_nothing_is_refused() {
        assert!(matches!(parse("<OFX><A>1</B></OFX>"), Err(Refusal::Malformed { .. })));
        assert!(matches!(parse("<!DOCTYPE OFX><OFX></OFX>"), Err(Refusal::Doctype(_))));
    }
}

//! Characters, references and quoting of XML 1.0.

/// Which characters besides the obvious ones are written as references.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spot {
    /// Between tags.
    Content,
    /// Between these quotes. White space would be read back as spaces.
    Quoted(char),
}

/// A character that a document may hold (XML 1.0, `Char`).
pub(crate) fn is_speakable(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// What may begin a name.
pub(crate) fn begins_name(c: char) -> bool {
    matches!(c, 'A'..='Z' | 'a'..='z' | '_' | ':' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

/// What may continue a name.
pub(crate) fn continues_name(c: char) -> bool {
    begins_name(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

/// XML's white space; Unicode's other spaces are content.
pub(crate) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// The character that a reference stands for, and the reference's length; `text` begins with `&`.
pub(crate) fn reference(text: &str) -> Option<(char, usize)> {
    let inner = text.strip_prefix('&')?;
    // The longest sound one is far below this; a bound keeps "&&&&" linear.
    let end = inner.bytes().take(32).position(|byte| byte == b';')?;
    let c = match inner.get(..end)? {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        other => numbered(other.strip_prefix('#')?)?,
    };
    Some((c, end + 2))
}

fn numbered(digits: &str) -> Option<char> {
    let (digits, radix) = match digits.strip_prefix('x') {
        Some(hex) => (hex, 16),
        None => (digits, 10),
    };
    // The parser of numbers would take a sign.
    let sound = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    let number = sound.then(|| u32::from_str_radix(digits, radix).ok())??;
    char::from_u32(number).filter(|c| is_speakable(*c))
}

/// What a reader of XML gets for this piece of source: references resolved, line ends and white space normalised.
pub(crate) fn decoded(source: &str, spot: Spot) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let (meaning, length) = match c {
            '&' => reference(rest).unwrap_or(('&', 1)),
            '\r' => ('\n', if rest.starts_with("\r\n") { 2 } else { 1 }),
            other => (other, other.len_utf8()),
        };
        let blank = matches!(spot, Spot::Quoted(_)) && c != '&' && is_space(meaning);
        out.push(if blank { ' ' } else { meaning });
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

/// Source that [`decoded`] reads back as this text. Characters that XML cannot say become U+FFFD.
pub(crate) fn escaped(text: &str, spot: Spot) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A bare carriage return would be read as a line feed.
            '\r' => out.push_str("&#13;"),
            '"' if spot == Spot::Quoted('"') => out.push_str("&quot;"),
            '\'' if spot == Spot::Quoted('\'') => out.push_str("&apos;"),
            '\n' if spot != Spot::Content => out.push_str("&#10;"),
            '\t' if spot != Spot::Content => out.push_str("&#9;"),
            c if is_speakable(c) => out.push(c),
            _ => out.push(char::REPLACEMENT_CHARACTER),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_sound_references_stand_for_something() {
        assert_eq!(reference("&lt;x"), Some(('<', 4)));
        assert_eq!(reference("&#xe9;"), Some(('é', 6)));
        for unsound in [
            "&", "&;", "&lt", "&bomb;", "&#0;", "&#x;", "&#+9;", "&#xd800;", "&# 9;",
        ] {
            assert_eq!(reference(unsound), None, "{unsound}");
        }
    }

    proptest! {
        #[test]
        fn what_is_escaped_reads_back(text in "[ -~äß€😀\r\n\t]{0,40}") {
            for spot in [Spot::Content, Spot::Quoted('"'), Spot::Quoted('\'')] {
                prop_assert_eq!(decoded(&escaped(&text, spot), spot), text.as_str());
            }
        }
    }
}

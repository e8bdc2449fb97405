//! Text from the wire made safe: for XML on the way out, for a terminal on the way in.

use std::borrow::Cow;

/// `text` with every character that XML 1.0 forbids replaced by U+FFFD. Where there is none, as nearly always, nothing is copied.
pub fn valid_xml<'a>(text: impl Into<Cow<'a, str>>) -> Cow<'a, str> {
    let text = text.into();
    if text.chars().all(is_xml) {
        return text;
    }
    let sound = |c| {
        if is_xml(c) {
            c
        } else {
            char::REPLACEMENT_CHARACTER
        }
    };
    text.chars().map(sound).collect()
}

fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r') || (c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'))
}

/// One line of at most `limit` characters that cannot disturb a terminal: control characters, line breaks, bidirectional
/// overrides and invisible format characters are dropped, white space is folded to single blanks, and a cut is marked with `…`.
pub fn clean_line(text: &str, limit: usize) -> String {
    let mut line = String::with_capacity(text.len().min(limit));
    let mut count = 0;
    let mut blank = false;
    for c in text.chars().filter(|c| is_shown(*c)) {
        if c.is_whitespace() {
            blank = !line.is_empty();
            continue;
        }
        let needed = 1 + usize::from(blank);
        if count + needed > limit {
            return cut(line, limit);
        }
        if std::mem::take(&mut blank) {
            line.push(' ');
        }
        line.push(c);
        count += needed;
    }
    line
}

fn cut(mut line: String, limit: usize) -> String {
    if limit == 0 {
        return String::new();
    }
    if line.chars().count() >= limit {
        line.pop();
    }
    line.push('…');
    line
}

/// `text` over several lines without anything that could disturb a terminal; line feeds and tabs stay.
pub fn clean_block(text: &str) -> Cow<'_, str> {
    if text
        .chars()
        .all(|c| matches!(c, '\n' | '\t') || is_shown(c) && !c.is_control())
    {
        return Cow::Borrowed(text);
    }
    let kept = |c: &char| matches!(c, '\n' | '\t') || is_shown(*c) && !c.is_control();
    Cow::Owned(text.chars().filter(kept).collect())
}

/// White space counts as shown: callers fold or keep it.
fn is_shown(c: char) -> bool {
    c.is_whitespace() || !(c.is_control() || is_format(c))
}

/// Characters that change direction or are invisible: they could make one name look like another.
fn is_format(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_direction_marks_vanish() {
        assert_eq!(
            clean_line("web\u{1b}[31m01\u{7}\u{202e}x\r\ny", 80),
            "web[31m01x y"
        );
        assert_eq!(clean_line("\u{9b}31mred", 80), "31mred");
    }

    #[test]
    fn a_long_text_is_cut_with_a_mark() {
        assert_eq!(clean_line(&"x".repeat(10_000), 5), "xxxx…");
        assert_eq!(clean_line("abcde", 5), "abcde");
        assert_eq!(clean_line("abc d", 4), "abc…");
        assert_eq!(clean_line("abc", 0), "");
    }

    #[test]
    fn blocks_keep_their_lines() {
        assert_eq!(
            clean_block("<a>\n\t<b/>\u{1b}[2J</a>"),
            "<a>\n\t<b/>[2J</a>"
        );
        assert!(matches!(clean_block("plain\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn forbidden_characters_become_replacements() {
        assert_eq!(valid_xml("a\u{0}b\u{1b}c\n"), "a\u{fffd}b\u{fffd}c\n");
    }

    proptest::proptest! {
        #[test]
        fn a_clean_line_is_short_and_harmless(text in ".*", limit in 0_usize..60) {
            let line = clean_line(&text, limit);
            proptest::prop_assert!(line.chars().count() <= limit);
            proptest::prop_assert!(!line.chars().any(|c| c.is_control() || is_format(c)));
            proptest::prop_assert_eq!(clean_line(&line, limit), line.clone());
        }
    }
}

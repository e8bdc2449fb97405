//! A command line that is being typed, as a shell splits it.

/// The words before the one that is being typed, and that one, without their quotes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Line {
    pub(super) words: Vec<String>,
    pub(super) word: String,
    /// Whether a quote is open.
    pub(super) is_quoted: bool,
}

impl Line {
    /// Reads all that stands before the cursor.
    pub(super) fn read(text: &str) -> Self {
        let mut line = Self::default();
        let mut quote = None;
        // Two quotes are a word, if an empty one.
        let mut begun = false;
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            match (quote, letter) {
                (None, '\'' | '"') => (quote, begun) = (Some(letter), true),
                (Some(open), close) if open == close => quote = None,
                (None | Some('"'), '\\') => line.word.extend(letters.next()),
                (None, blank) if blank.is_whitespace() => {
                    if begun || !line.word.is_empty() {
                        line.words.push(std::mem::take(&mut line.word));
                    }
                    begun = false;
                }
                (_, other) => line.word.push(other),
            }
        }
        line.is_quoted = quote.is_some();
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<String>, String, bool) {
        let line = Line::read(text);
        (line.words, line.word, line.is_quoted)
    }

    #[test]
    fn a_line_is_split_as_a_shell_splits_it() {
        let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            read("archipel vm list 'state = ru"),
            (
                words(&["archipel", "vm", "list"]),
                "state = ru".into(),
                true
            )
        );
        assert_eq!(
            read(r#"archipel vm list "tag = \"a b\" "#),
            (
                words(&["archipel", "vm", "list"]),
                "tag = \"a b\" ".into(),
                true
            )
        );
        assert_eq!(
            read(r"a b\ c 'd'e '' "),
            (words(&["a", "b c", "de", ""]), String::new(), false)
        );
        assert_eq!(read(""), (Vec::new(), String::new(), false));
    }
}

//! Texts with wildcards.

use std::fmt;

/// A text to compare with, as written. Matching takes time in proportion to pattern times text at worst, never more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    text: String,
    quoted: bool,
    /// In small letters.
    folded: Vec<char>,
    shape: Shape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Without wildcards.
    Plain,
    /// A tag with all below it, `infra/**`: the number of letters before the slash.
    Subtree(usize),
    /// With other wildcards.
    Wild,
}

impl Shape {
    fn of(folded: &[char]) -> Self {
        let wild = |c: &char| "*?".contains(*c);
        match folded.strip_suffix(&['/', '*', '*']) {
            _ if !folded.iter().any(wild) => Self::Plain,
            Some(root) if !root.is_empty() && !root.iter().any(wild) => Self::Subtree(root.len()),
            _ => Self::Wild,
        }
    }
}

impl Pattern {
    /// A bare word, in which `*` and `?` are wildcards.
    pub(super) fn word(text: String) -> Self {
        let folded = letters(&text);
        Self {
            text,
            quoted: false,
            shape: Shape::of(&folded),
            folded,
        }
    }

    /// A text in quotes, without wildcards.
    pub(super) fn quoted(text: String) -> Self {
        Self {
            quoted: true,
            shape: Shape::Plain,
            ..Self::word(text)
        }
    }

    /// Whether it holds no wildcards.
    pub(super) fn is_plain(&self) -> bool {
        self.shape == Shape::Plain
    }

    /// Whether it is a tag with all below it, `infra/**`, and no other wildcard.
    pub(super) fn is_subtree(&self) -> bool {
        matches!(self.shape, Shape::Subtree(_))
    }

    /// The shortest text that is meant as a tag; `None` where wildcards leave it open.
    pub(super) fn tag(&self) -> Option<&str> {
        match self.shape {
            Shape::Plain => Some(&self.text),
            Shape::Subtree(_) => self.text.strip_suffix("/**"),
            Shape::Wild => None,
        }
    }

    /// Whether the whole of `text` is meant.
    pub(super) fn is(&self, text: &str) -> bool {
        if text.is_ascii() {
            self.is_whole(text.as_bytes())
        } else {
            self.is_whole(&letters(text))
        }
    }

    /// Whether a part of `text` is meant; with wildcards the whole.
    pub(super) fn is_in(&self, text: &str) -> bool {
        if text.is_ascii() {
            self.is_part(text.as_bytes())
        } else {
            self.is_part(&letters(text))
        }
    }

    /// Whether the tag `path` is meant: `*` stays within one step, `**` is any number of steps, none included.
    pub(super) fn is_tag(&self, path: &str) -> bool {
        if path.is_ascii() {
            self.is_path(path.as_bytes())
        } else {
            self.is_path(&letters(path))
        }
    }

    fn is_whole<L: Letter>(&self, text: &[L]) -> bool {
        if self.is_plain() {
            same(&self.folded, text)
        } else {
            glob(&self.folded, text)
        }
    }

    fn is_part<L: Letter>(&self, text: &[L]) -> bool {
        if !self.is_plain() {
            return glob(&self.folded, text);
        }
        let mut parts = text.windows(self.folded.len().max(1));
        self.folded.is_empty() || parts.any(|part| same(&self.folded, part))
    }

    fn is_path<L: Letter>(&self, path: &[L]) -> bool {
        match self.shape {
            Shape::Plain => same(&self.folded, path),
            Shape::Subtree(root) => {
                let root = self.folded.get(..root).unwrap_or_default();
                let below = path.get(root.len()).is_none_or(|next| next.folded() == '/');
                below && same(root, path.get(..root.len()).unwrap_or_default())
            }
            Shape::Wild => {
                let steps: Vec<&[L]> = path.split(|c| c.folded() == '/').collect();
                let wanted: Vec<&[char]> = self.folded.split(|c| *c == '/').collect();
                let any = |step: &&[char]| **step == ['*', '*'];
                greedy(&wanted, &steps, any, |wanted, step| glob(wanted, step))
            }
        }
    }
}

/// A letter of a text that is compared: most texts are ASCII, and need no copy.
trait Letter: Copy {
    /// In its small form.
    fn folded(self) -> char;
}

impl Letter for u8 {
    fn folded(self) -> char {
        char::from(self.to_ascii_lowercase())
    }
}

/// Of a text that is in small letters already.
impl Letter for char {
    fn folded(self) -> char {
        self
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.quoted {
            return f.write_str(&self.text);
        }
        let escaped = self.text.replace('\\', "\\\\").replace('"', "\\\"");
        write!(f, "\"{escaped}\"")
    }
}

/// In small letters.
fn letters(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

fn same<L: Letter>(wanted: &[char], text: &[L]) -> bool {
    wanted.len() == text.len()
        && wanted
            .iter()
            .zip(text)
            .all(|(c, letter)| *c == letter.folded())
}

fn glob<L: Letter>(pattern: &[char], text: &[L]) -> bool {
    greedy(
        pattern,
        text,
        |c| *c == '*',
        |wanted, c| *wanted == '?' || *wanted == c.folded(),
    )
}

/// Matches with stars that stand for any number of items. It returns only to the last star, which is enough: whatever an
/// earlier one could take more, the last can take too.
fn greedy<P, T>(
    pattern: &[P],
    text: &[T],
    star: impl Fn(&P) -> bool,
    same: impl Fn(&P, &T) -> bool,
) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut last_star = None;
    while let Some(item) = text.get(t) {
        match pattern.get(p) {
            Some(wanted) if star(wanted) => {
                last_star = Some((p, t));
                p += 1;
            }
            Some(wanted) if same(wanted, item) => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((star_at, taken)) = last_star else {
                    return false;
                };
                last_star = Some((star_at, taken + 1));
                (p, t) = (star_at + 1, taken + 1);
            }
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(star)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(pattern: &str, text: &str) -> bool {
        Pattern::word(pattern.to_owned()).is(text)
    }

    fn is_tag(pattern: &str, path: &str) -> bool {
        Pattern::word(pattern.to_owned()).is_tag(path)
    }

    #[test]
    fn wildcards_match_names() {
        assert!(is("web*", "WEB01") && is("*01", "web01") && is("w?b01", "web01") && is("*", ""));
        assert!(is("*a*b*", "xaxxbx") && is("a*b*c", "a-b-b-c"));
        assert!(!is("web", "web01") && !is("w?b", "wb") && !is("*a*b*", "ba"));
    }

    #[test]
    fn wildcards_in_tags_follow_the_tree() {
        assert!(is_tag("infra/**", "infra") && is_tag("infra/**", "infra/net/core"));
        assert!(is_tag("infra/*", "infra/net") && !is_tag("infra/*", "infra/net/core"));
        assert!(is_tag("**/core", "infra/net/core") && !is_tag("infra/**", "infrared"));
        assert!(is_tag("site/*/rack?", "site/munich/rack1"));
    }

    #[test]
    fn capitals_make_no_difference_in_any_script() {
        assert!(
            is("MÜNCHEN", "münchen") && is("m?nch*", "MÜNCHEN") && is_tag("ORT/**", "ort/köln")
        );
        assert!(Pattern::word("ÜNCH".to_owned()).is_in("München"));
        assert!(is_tag("infra/**", "INFRA/net") && !is_tag("infra/**", "infr"));
    }

    #[test]
    fn quotes_take_wildcards_literally() {
        let pattern = Pattern::quoted("a*".to_owned());
        assert!(pattern.is("A*") && !pattern.is("ab"));
        assert!(pattern.is_in("xa*y") && pattern.is_tag("a*"));
    }

    proptest::proptest! {
        #[test]
        fn greedy_matching_agrees_with_the_definition(pattern in "[ab*?]{0,8}", text in "[ab]{0,8}") {
            fn defined(pattern: &[char], text: &[char]) -> bool {
                match (pattern, text) {
                    ([], []) => true,
                    (['*', rest @ ..], _) => (0..=text.len()).any(|n| defined(rest, &text[n..])),
                    (['?', rest @ ..], [_, tail @ ..]) => defined(rest, tail),
                    ([p, rest @ ..], [t, tail @ ..]) => p == t && defined(rest, tail),
                    _ => false,
                }
            }
            let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
            proptest::prop_assert_eq!(is(&pattern, &text), defined(&p, &t));
        }
    }
}

//! Texts with wildcards.

use std::fmt;

/// A text to compare with, as written. Matching takes time in proportion to pattern times text at worst, never more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    text: String,
    quoted: bool,
    folded: Vec<char>,
}

impl Pattern {
    /// A bare word, in which `*` and `?` are wildcards.
    pub(super) fn word(text: String) -> Self {
        let folded = fold(&text);
        Self {
            text,
            quoted: false,
            folded,
        }
    }

    /// A text in quotes, without wildcards.
    pub(super) fn quoted(text: String) -> Self {
        Self {
            quoted: true,
            ..Self::word(text)
        }
    }

    /// Whether it holds no wildcards.
    pub(super) fn is_plain(&self) -> bool {
        self.quoted || !self.text.contains(['*', '?'])
    }

    /// As written, without quotes.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is a tag with all below it, `infra/**`, and no other wildcard.
    pub(super) fn is_subtree(&self) -> bool {
        let root = self.text.strip_suffix("/**");
        !self.quoted && root.is_some_and(|root| !root.is_empty() && !root.contains(['*', '?']))
    }

    /// Whether the whole of `text` is meant.
    pub(super) fn is(&self, text: &str) -> bool {
        let text = fold(text);
        if self.is_plain() {
            text == self.folded
        } else {
            glob(&self.folded, &text)
        }
    }

    /// Whether a part of `text` is meant; with wildcards the whole.
    pub(super) fn is_in(&self, text: &str) -> bool {
        if !self.is_plain() {
            return self.is(text);
        }
        let text = fold(text);
        self.folded.is_empty()
            || text
                .windows(self.folded.len())
                .any(|part| part == self.folded)
    }

    /// Whether the tag `path` is meant: `*` stays within one step, `**` is any number of steps, none included.
    pub(super) fn is_tag(&self, path: &str) -> bool {
        if self.is_plain() {
            return self.is(path);
        }
        let path = fold(path);
        let steps: Vec<&[char]> = path.split(|c| *c == '/').collect();
        let wanted: Vec<&[char]> = self.folded.split(|c| *c == '/').collect();
        let any = |step: &&[char]| **step == ['*', '*'];
        greedy(&wanted, &steps, any, |wanted, step| glob(wanted, step))
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

fn fold(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

fn glob(pattern: &[char], text: &[char]) -> bool {
    greedy(
        pattern,
        text,
        |c| *c == '*',
        |wanted, c| *wanted == '?' || wanted == c,
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

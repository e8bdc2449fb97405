//! Values in the text of an edit.

/// As it is where that is unmistakable, else [`quoted`].
pub(super) fn plain(text: &str) -> String {
    let mistakable = text.is_empty()
        || text.starts_with('"')
        || text.starts_with(char::is_whitespace)
        || text.ends_with(char::is_whitespace)
        || text.contains(char::is_control);
    if mistakable {
        quoted(text)
    } else {
        text.to_owned()
    }
}

/// Between double quotes, in one line.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The text that is quoted at the beginning, and what follows the closing quote.
pub(super) fn unquoted(source: &str) -> Option<(String, &str)> {
    let mut rest = source.strip_prefix('"')?;
    let mut out = String::new();
    loop {
        let c = rest.chars().next()?;
        rest = rest.get(c.len_utf8()..)?;
        match c {
            '"' => return Some((out, rest)),
            '\\' => {
                let (meaning, after) = escape(rest)?;
                out.push(meaning);
                rest = after;
            }
            c => out.push(c),
        }
    }
}

fn escape(rest: &str) -> Option<(char, &str)> {
    let c = rest.chars().next()?;
    let after = rest.get(c.len_utf8()..)?;
    let meaning = match c {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '"' | '\\' => c,
        'u' => {
            let (digits, after) = after.strip_prefix('{')?.split_once('}')?;
            let number = u32::from_str_radix(digits, 16).ok()?;
            return Some((char::from_u32(number)?, after));
        }
        _ => return None,
    };
    Some((meaning, after))
}

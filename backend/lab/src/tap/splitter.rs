//! Cuts one direction of a stream into its children.

use archipel_protocol::Element;

/// Reads a stream in pieces of any size. XMPP knows no comments, processing instructions or sections of raw characters (RFC 6120, 11.1), so
/// tags are all there is to count.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    /// What has come and is not cut yet; begins between two children.
    rest: Vec<u8>,
    /// How much of it was looked at: up to the end of a tag.
    seen: usize,
    /// Elements that are open there, the stream itself not counted.
    depth: usize,
    /// The stream's own tag, which says what prefixes mean.
    opening: String,
}

/// What a tag does.
enum Tag {
    Opens,
    Closes,
    /// An element of its own.
    Whole,
    /// The stream begins, also anew on the same connection, as after a login (RFC 6120, 6.4.6).
    Stream,
    /// Nothing of interest: the declaration of XML, the end of the stream.
    Nothing,
}

impl Splitter {
    /// The children that are complete with these bytes.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<Element> {
        self.rest.extend_from_slice(bytes);
        let mut children = Vec::new();
        while let Some((start, end)) = tag(&self.rest, self.seen) {
            let kind = kind(&self.rest[start..end], self.depth);
            self.seen = end;
            match kind {
                Tag::Opens => self.depth += 1,
                Tag::Closes => self.depth = self.depth.saturating_sub(1),
                Tag::Whole => {}
                Tag::Stream => {
                    self.opening = text(&self.rest[start..end]);
                    self.cut();
                    continue;
                }
                Tag::Nothing => {
                    self.cut();
                    continue;
                }
            }
            if self.depth == 0 {
                children.extend(self.child());
            }
        }
        children
    }

    fn cut(&mut self) -> String {
        let cut: Vec<u8> = self.rest.drain(..self.seen).collect();
        self.seen = 0;
        text(&cut)
    }

    fn child(&mut self) -> Option<Element> {
        let child = self.cut();
        let name = name(self.opening.as_bytes());
        let stream = format!("{}{child}</{}>", self.opening, text(name));
        let stream: Element = stream.parse().ok()?;
        stream.children().next().cloned()
    }
}

/// From where to where the first whole tag from `seen` on goes.
fn tag(bytes: &[u8], seen: usize) -> Option<(usize, usize)> {
    let start = seen + bytes[seen..].iter().position(|byte| *byte == b'<')?;
    let mut quote = None;
    for (at, byte) in bytes.iter().enumerate().skip(start) {
        match (quote, byte) {
            (None, b'>') => return Some((start, at + 1)),
            (None, b'\'' | b'"') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

fn kind(tag: &[u8], depth: usize) -> Tag {
    let outermost = depth == 0;
    match tag {
        [b'<', b'?', ..] => Tag::Nothing,
        [b'<', b'/', ..] if outermost => Tag::Nothing,
        [b'<', b'/', ..] => Tag::Closes,
        _ if outermost && local(name(tag)) == b"stream" => Tag::Stream,
        [.., b'/', b'>'] => Tag::Whole,
        _ => Tag::Opens,
    }
}

/// The name in a tag that opens something, with its prefix.
fn name(tag: &[u8]) -> &[u8] {
    let inside = tag.get(1..).unwrap_or_default();
    let end = inside
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>'));
    &inside[..end.unwrap_or(inside.len())]
}

fn local(name: &[u8]) -> &[u8] {
    name.rsplit(|byte| *byte == b':').next().unwrap_or(name)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "<?xml version='1.0'?><s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:client' to='dc.example'>";

    fn names(splitter: &mut Splitter, text: &str) -> Vec<String> {
        let children = splitter.take(text.as_bytes());
        children
            .iter()
            .map(|child| format!("{} {}", child.name(), child.ns()))
            .collect()
    }

    #[test]
    fn children_are_cut_wherever_the_pieces_end() {
        let text = format!(
            "{STREAM}<s:features><a xmlns='urn:a'/></s:features>\n <iq id='1>2' type=\"get\"><q xmlns='urn:q'>x</q></iq><r xmlns='urn:xmpp:sm:3'/>"
        );
        let whole = names(&mut Splitter::default(), &text);
        assert_eq!(
            whole,
            [
                "features http://etherx.jabber.org/streams",
                "iq jabber:client",
                "r urn:xmpp:sm:3"
            ]
        );
        let mut splitter = Splitter::default();
        let bytes = text.as_bytes().chunks(1);
        let single: Vec<String> = bytes
            .flat_map(|byte| names(&mut splitter, &String::from_utf8_lossy(byte)))
            .collect();
        assert_eq!(single, whole);
    }

    #[test]
    fn a_stream_that_begins_anew_is_read_on() {
        let mut splitter = Splitter::default();
        names(&mut splitter, STREAM);
        let login = names(&mut splitter, "<success xmlns='urn:sasl'/>");
        assert_eq!(login, ["success urn:sasl"]);
        let again = "<stream xmlns='http://etherx.jabber.org/streams'><message xmlns='jabber:client'/></stream>";
        assert_eq!(names(&mut splitter, again), ["message jabber:client"]);
    }
}

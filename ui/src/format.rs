//! Figures and texts cut to the cells that they have: sizes, rates, ages, and lines of an exact width.

use archipel_fleet::Moment;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Cells that `text` takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The first graphemes of `text` that fit into `cells`, with a mark where something was cut away.
pub(crate) fn cut(text: &str, cells: usize, mark: &str) -> String {
    if text.width() <= cells {
        return text.to_owned();
    }
    let room = cells.saturating_sub(mark.width());
    let mut line = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        used += grapheme.width();
        if used > room {
            break;
        }
        line.push_str(grapheme);
    }
    if cells >= mark.width() {
        line.push_str(mark);
    }
    line
}

/// `text` in exactly `cells`, cut or filled with blanks on the right.
pub(crate) fn left(text: &str, cells: usize) -> String {
    let line = cut(text, cells, "…");
    let fill = cells.saturating_sub(line.width());
    line + &" ".repeat(fill)
}

/// `text` in exactly `cells`, cut or filled with blanks on the left.
pub(crate) fn right(text: &str, cells: usize) -> String {
    let line = cut(text, cells, "…");
    " ".repeat(cells.saturating_sub(line.width())) + &line
}

const UNITS: [&str; 6] = ["", "K", "M", "G", "T", "P"];

/// A value in steps of `base`, with three significant digits at most: the number and the index of its unit.
fn scaled(value: u64, base: u64) -> (String, usize) {
    let mut unit = 0;
    let mut divisor = 1_u64;
    while value / divisor >= base && unit + 1 < UNITS.len() {
        divisor = divisor.saturating_mul(base);
        unit += 1;
    }
    let tenths = u128::from(value) * 10 / u128::from(divisor);
    let text = if unit == 0 || tenths >= 1_000 {
        (tenths / 10).to_string()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    (text, unit)
}

/// Memory: `4.0G`, from KiB.
pub(crate) fn memory(kib: u64) -> String {
    size(kib.saturating_mul(1_024))
}

/// What stands where something is not known: an original agent does not tell everything.
const UNKNOWN: &str = "-";

/// Memory of which there must be some; none is not known.
pub(crate) fn known_memory(kib: u64) -> String {
    if kib == 0 {
        return UNKNOWN.to_owned();
    }
    memory(kib)
}

/// Processors of which there must be one; none is not known.
pub(crate) fn processors(count: u32) -> String {
    if count == 0 {
        return UNKNOWN.to_owned();
    }
    count.to_string()
}

/// A size: `11.9G`, from bytes, in steps of 1,024.
pub(crate) fn size(bytes: u64) -> String {
    let (number, unit) = scaled(bytes, 1_024);
    format!("{number}{}", if unit == 0 { "B" } else { UNITS[unit] })
}

/// A rate: `12.4 MB/s`, from bytes per second, in steps of 1,000.
pub(crate) fn rate(bytes: u64) -> String {
    let (number, unit) = scaled(bytes, 1_000);
    let prefix = UNITS[unit].replace('K', "k");
    format!("{number} {prefix}B/s")
}

/// A rate where there is little room: `12.4M`.
pub(crate) fn short_rate(bytes: u64) -> String {
    let (number, unit) = scaled(bytes, 1_000);
    format!("{number}{}", UNITS[unit].replace('K', "k"))
}

/// A share: `43%`, from thousandths.
pub(crate) fn percent(permille: u32) -> String {
    format!("{}%", permille.saturating_add(5) / 10)
}

/// A load average: `1.73`, from hundredths.
pub(crate) fn load(hundredths: u32) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// A span of time in its two largest units: `38d 22h`.
pub(crate) fn span(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m"),
        (0, ..) => format!("{hours}h {minutes}m"),
        _ => format!("{days}d {hours}h"),
    }
}

/// How long ago `then` was, in whole minutes: the screen is not redrawn for seconds.
pub(crate) fn age(then: Moment, now: Moment) -> String {
    let minutes = now.0.saturating_sub(then.0) / 60_000;
    match minutes {
        0 => "just now".to_owned(),
        1..60 => format!("{minutes}m ago"),
        60..2_880 => format!("{}h ago", minutes / 60),
        _ => format!("{}d ago", minutes / 1_440),
    }
}

/// The same where there is little room: `3m`.
pub(crate) fn short_age(then: Moment, now: Moment) -> String {
    match now.0.saturating_sub(then.0) / 60_000 {
        minutes @ 0..60 => format!("{minutes}m"),
        minutes @ 60..2_880 => format!("{}h", minutes / 60),
        minutes => format!("{}d", minutes / 1_440),
    }
}

/// A version from libvirt's packed number: `8.2`, or `8.2.1` where there is a release.
pub(crate) fn version(packed: u64) -> String {
    let (major, minor, release) = (packed / 1_000_000, packed / 1_000 % 1_000, packed % 1_000);
    if release == 0 {
        format!("{major}.{minor}")
    } else {
        format!("{major}.{minor}.{release}")
    }
}

/// `3 machines`, `1 machine`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// The order that people expect of names: `web2` before `web10`.
pub(crate) fn natural(a: &str, b: &str) -> std::cmp::Ordering {
    let (mut left, mut right) = (a, b);
    while let (Some(x), Some(y)) = (left.chars().next(), right.chars().next()) {
        let order = if x.is_ascii_digit() && y.is_ascii_digit() {
            let (number, rest) = digits(left);
            let (other, other_rest) = digits(right);
            (left, right) = (rest, other_rest);
            number
                .len()
                .cmp(&other.len())
                .then_with(|| number.cmp(other))
        } else {
            (left, right) = (&left[x.len_utf8()..], &right[y.len_utf8()..]);
            x.cmp(&y)
        };
        if order.is_ne() {
            return order;
        }
    }
    left.len().cmp(&right.len())
}

/// The digits at the start of `text` without leading zeros, and the rest.
fn digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(text.len());
    (text[..end].trim_start_matches('0'), &text[end..])
}

/// Days, hours and seconds of a time on the wire, UTC: `11-20 14:03:22`.
pub(crate) fn timestamp(at: &impl std::fmt::Display) -> String {
    let text = at.to_string();
    match (text.get(5..10), text.get(11..19)) {
        (Some(day), Some(time)) => format!("{day} {time}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_their_exact_width() {
        for text in [
            "",
            "abc",
            "abcdefgh",
            "日本語日本語",
            "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}",
        ] {
            for cells in 0..9 {
                assert_eq!(width(&left(text, cells)), cells, "{text} in {cells}");
                assert_eq!(width(&right(text, cells)), cells, "{text} in {cells}");
            }
        }
        assert_eq!(left("日本語", 5), "日本…");
    }

    #[test]
    fn figures_are_short() {
        assert_eq!(memory(4 << 20), "4.0G");
        assert_eq!(memory(512), "512K");
        assert_eq!(size(500), "500B");
        assert_eq!(rate(12_400_000), "12.4 MB/s");
        assert_eq!(rate(999), "999 B/s");
        assert_eq!(rate(1_500), "1.5 kB/s");
        assert_eq!(short_rate(u64::MAX), "18446P");
        assert_eq!(percent(434), "43%");
        assert_eq!(load(173), "1.73");
        assert_eq!(span(3_362_400), "38d 22h");
        assert_eq!(span(59), "59s");
        assert_eq!(version(8_002_000), "8.2");
        assert_eq!(version(10_000_002), "10.0.2");
    }

    #[test]
    fn names_are_ordered_as_people_do() {
        let mut names = ["web10", "web2", "web", "db01", "web02b", "web2a"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["db01", "web", "web2", "web2a", "web02b", "web10"]);
    }

    #[test]
    fn ages_change_once_a_minute() {
        let age = |ms| age(Moment(0), Moment(ms));
        assert_eq!(age(59_999), "just now");
        assert_eq!(age(180_000), "3m ago");
        assert_eq!(age(7_200_000), "2h ago");
        assert_eq!(age(3 * 86_400_000), "3d ago");
    }
}

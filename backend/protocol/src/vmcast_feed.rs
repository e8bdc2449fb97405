//! A `VMCast`: an RSS 2.0 file that offers packaged machines. It travels over HTTP, not over the bus; everything in it is hostile.

use minidom::Element;

use crate::{
    ids::{ApplianceId, FeedId},
    text::clean_line,
    xml::{Build, ParseError, bounded, expect, name, require, required, shown},
};

/// The type of a package.
pub const PACKAGE_TYPE: &str = "application/enomalism2-xvm2";
/// The ending of a package's file name.
pub const PACKAGE_ENDING: &str = ".xvm2";
/// The most packages of a feed that are read.
const ITEMS_LIMIT: usize = 10_000;
/// The longest text of a field, in characters.
const TEXT_LIMIT: usize = 1_000;

/// A feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// Its title.
    pub title: String,
    /// For people.
    pub description: String,
    /// Its id.
    pub id: FeedId,
    /// The folder of its packages.
    pub link: String,
    /// Such as `en-us`.
    pub language: String,
    /// What it offers.
    pub items: Vec<Item>,
}

/// A package in a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its name.
    pub title: String,
    /// Its id: as a rule the uuid (version 3, of URLs) of its file's name.
    pub id: ApplianceId,
    /// Where it is. Only `http` and `https` are read: the original fetches anything, its host's files too.
    pub url: String,
    /// Its size, bytes.
    pub size: u64,
    /// For people.
    pub description: String,
    /// When the feed was made, in any form.
    pub date: String,
}

impl Feed {
    /// Reads a file. One missing field makes the whole feed invalid, as with the original.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let rss = bounded(text)?;
        expect(&rss, "rss")?;
        let channel = require(&rss, "channel")?;
        let items = channel.children().filter(|child| child.name() == "item");
        Ok(Self {
            title: line(channel, "title")?,
            description: line(channel, "description")?,
            id: leaf(channel, "uuid")?,
            link: line(channel, "link").unwrap_or_default(),
            language: line(channel, "language").unwrap_or_default(),
            items: items
                .take(ITEMS_LIMIT)
                .map(Item::parse)
                .collect::<Result<_, _>>()?,
        })
    }

    /// The file.
    pub fn to_text(&self) -> String {
        let channel = Build::new("channel", "")
            .child(text("title", &self.title))
            .child(text("link", &self.link))
            .child(text("uuid", &self.id.to_string()))
            .child(text("description", &self.description))
            .child(text("language", &self.language))
            .children(self.items.iter().map(|item| item.to_element(&self.link)));
        let rss = Build::new("rss", "")
            .attr(name!("version"), "2.0")
            .child(channel)
            .done();
        format!(
            "<?xml version='1.0' encoding='utf-8'?>\n{}",
            String::from(&rss)
        )
    }
}

impl Item {
    fn parse(item: &Element) -> Result<Self, ParseError> {
        let enclosure = require(item, "enclosure")?;
        Ok(Self {
            title: line(item, "title")?,
            id: leaf(item, "uuid")?,
            url: web(required(enclosure, "url")?)?,
            size: required(enclosure, "length")?,
            description: line(item, "description")?,
            date: line(item, "pubDate")?,
        })
    }

    fn to_element(&self, link: &str) -> Element {
        let enclosure = Build::new("enclosure", "")
            .attr(name!("url"), &self.url)
            .attr(name!("length"), self.size)
            .attr(name!("type"), PACKAGE_TYPE);
        Build::new("item", "")
            .child(text("title", &self.title))
            .child(text("link", link))
            .child(text("uuid", &self.id.to_string()))
            .child(enclosure)
            .child(text("description", &self.description))
            .child(text("pubDate", &self.date))
            .done()
    }
}

fn text(name: &str, value: &str) -> Build {
    Build::new(name, "").text(value)
}

fn line(parent: &Element, name: &'static str) -> Result<String, ParseError> {
    require(parent, name).map(|leaf| clean_line(&leaf.text(), TEXT_LIMIT))
}

fn leaf<T: std::str::FromStr>(parent: &Element, name: &'static str) -> Result<T, ParseError>
where
    T::Err: std::fmt::Display,
{
    let text = require(parent, name)?.text();
    text.trim()
        .parse()
        .map_err(|why| ParseError::invalid(name, why))
}

fn web(url: String) -> Result<String, ParseError> {
    let scheme = url
        .split_once("://")
        .map(|(scheme, _)| scheme.to_ascii_lowercase());
    if matches!(scheme.as_deref(), Some("http" | "https")) {
        return Ok(url);
    }
    let why = format!("neither http nor https ({})", shown(&url));
    Err(ParseError::invalid("url", why))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const SAMPLE: &str = "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>Casts of node-a</title><link>http://casts.dc.example/</link><uuid>9d1c4a60-4b7b-4d0a-8b90-0d0f6a4be0aa</uuid><description>Appliances</description><language>en-us</language><item><title>web_base</title><link>http://casts.dc.example/</link><uuid>542623dd-85e4-3bef-a2c7-f59bfe81dd80</uuid><enclosure url='http://casts.dc.example//web_base.xvm2' length='734003200' type='application/enomalism2-xvm2'/><description><![CDATA[ Auto\nimported ]]></description><pubDate>2015-03-02 10:15:42.103311</pubDate></item></channel></rss>";

    #[test]
    fn a_feed_comes_back() {
        let feed = Feed::parse(SAMPLE).unwrap();
        assert_eq!(feed.items[0].description, "Auto imported");
        assert_eq!(Feed::parse(&feed.to_text()).unwrap(), feed);
    }

    #[test]
    fn an_invalid_feed_names_its_fault() {
        for (from, to, fault) in [
            ("<uuid>9d1c", "<uuid>../9d1c", "uuid"),
            ("<uuid>5426", "<uuid>../5426", "uuid"),
            ("url='http://", "url='file:///etc/", "url"),
            ("length='734003200'", "length='much'", "length"),
            ("<title>web_base</title>", "", "title"),
            (
                "<pubDate>2015-03-02 10:15:42.103311</pubDate>",
                "",
                "pubDate",
            ),
            ("<rss version='2.0'>", "<rss version='2.0'><x>", "document"),
        ] {
            let error = Feed::parse(&SAMPLE.replace(from, to)).unwrap_err();
            assert!(error.to_string().contains(fault), "{to}: {error}");
        }
    }
}

#![allow(clippy::unwrap_used)]
use super::*;

fn fact(text: &str) -> Fact {
    Fact {
        at: "2026-11-20T10:00:00.123456Z".parse().unwrap(),
        who: "olga@dc.example".into(),
        verb: "start".into(),
        vm: Some("7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01".parse().unwrap()),
        name: "web01".into(),
        outcome: Outcome::Done,
        policy: 7,
        text: text.into(),
    }
    .tidied()
}

fn chain(texts: &[&str]) -> Vec<Entry> {
    let mut head = Head::default();
    let mut entries = Vec::new();
    for text in texts {
        let (number, fact) = (head.number + 1, fact(text));
        let hash = fact.hash(number, head.hash);
        head = Head { number, hash };
        entries.push(Entry { number, fact, hash });
    }
    entries
}

fn head(entries: &[Entry]) -> Head {
    entries.last().map_or_else(Head::default, |last| Head {
        number: last.number,
        hash: last.hash,
    })
}

fn walked(entries: &[Entry], seen: &[Head]) -> Result<(), Broken> {
    let mut walk = Walk::new(seen.iter().copied());
    entries.iter().try_for_each(|entry| walk.step(entry))?;
    walk.end(head(entries))
}

const FOUR: &[&str] = &["one", "two", "three", "four"];

#[test]
fn a_sound_chain_holds_and_grows() {
    let entries = chain(FOUR);
    let seen = head(&entries[..2]);
    assert_eq!(walked(&entries, &[seen, Head::default()]), Ok(()));
    assert_eq!(walked(&[], &[]), Ok(()));
    let beheaded = walked(&entries[2..], &[seen]);
    assert_eq!(beheaded, Err(Broken::Beheaded(3)));
}

#[test]
fn the_first_link_that_does_not_hold_is_named() {
    let entries = chain(FOUR);
    let mut changed = entries.clone();
    changed[1].fact.text = "nothing".into();
    assert_eq!(walked(&changed, &[]), Err(Broken::Changed(2)));
    let mut rehashed = changed.clone();
    rehashed[1].hash = rehashed[1].fact.hash(2, rehashed[0].hash);
    assert_eq!(walked(&rehashed, &[]), Err(Broken::Changed(3)));
    let mut removed = entries.clone();
    removed.remove(1);
    assert_eq!(walked(&removed, &[]), Err(Broken::Missing(2)));
    let cut = walked(&entries[..2], &[head(&entries)]);
    assert_eq!(cut, Err(Broken::Cut { seen: 4, ends: 2 }));
    let other = chain(&["one", "2", "three", "four", "five"]);
    assert_eq!(walked(&other, &[head(&entries)]), Err(Broken::Replaced(4)));
}

#[test]
fn an_agent_that_withholds_its_tail_is_found_out() {
    let entries = chain(FOUR);
    let mut walk = Walk::new([]);
    walk.step(&entries[0]).unwrap();
    assert_eq!(walk.end(head(&entries)), Err(Broken::Missing(2)));
}

#[test]
fn no_field_can_be_moved_into_its_neighbour() {
    let moved = Fact {
        who: "olga@dc.examples".into(),
        verb: "tart".into(),
        ..fact("")
    };
    let before = Head::default().hash;
    assert_ne!(moved.hash(1, before), fact("").hash(1, before));
    assert_ne!(fact("").hash(1, before), fact("").hash(2, before));
}

#[test]
fn a_page_comes_back_with_the_same_hashes() {
    let mut hostile = fact("a\u{0}b\n<c/> & 'd'");
    hostile.name = "\t".into();
    let fact = hostile.tidied();
    let hash = fact.hash(1, Head::default().hash);
    let entry = Entry {
        number: 1,
        fact,
        hash,
    };
    let page = Page::fill(Head { number: 1, hash }, 1, [entry]);
    let text = String::from(&page.to_element());
    let back = Page::parse(&text.parse().unwrap()).unwrap();
    assert_eq!(back, page);
    assert_eq!(walked(&back.entries, &[page.head]), Ok(()));
    let query = Query { after: 3, limit: 9 };
    assert_eq!(Query::parse(&query.to_element()).unwrap(), query);
    assert_eq!(page.head.to_string().parse::<Head>().unwrap(), page.head);
    assert!("12".parse::<Head>().is_err() && "x:00".parse::<Head>().is_err());
}

#[test]
fn a_full_page_stays_under_the_bound() {
    let long = "&".repeat(2_000);
    let entries = chain(&[long.as_str(); 100]);
    let page = Page::fill(head(&entries), 1, entries);
    let size = String::from(&page.to_element()).len();
    assert!(
        page.entries.len() > 4 && size < crate::feed::LIMIT,
        "{size}"
    );
}

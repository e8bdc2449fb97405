#![allow(clippy::unwrap_used)]

use super::*;

fn requests() -> Arc<Requests> {
    Requests::new("me@dc.example".parse().unwrap())
}

fn answer(ticket: &Ticket, kind: IqKind, from: Option<&str>) -> Iq {
    Iq {
        kind,
        id: ticket.id().to_owned(),
        from: from.map(|from| from.parse().unwrap()),
        to: None,
        payloads: Vec::new(),
    }
}

fn jid(text: &str) -> Jid {
    text.parse().unwrap()
}

#[tokio::test]
async fn an_answer_counts_only_from_whom_was_asked() {
    let requests = requests();
    let ticket = requests.open(Some(jid("hv@dc.example/agent")));
    for forger in [
        None,
        Some("hv@dc.example"),
        Some("hv@dc.example/other"),
        Some("evil@dc.example/agent"),
    ] {
        let forged = answer(&ticket, IqKind::Result, forger);
        assert_eq!(requests.complete(forged.clone()), Some(forged));
    }
    let genuine = answer(&ticket, IqKind::Result, Some("hv@dc.example/agent"));
    assert_eq!(requests.complete(genuine.clone()), None);
    assert_eq!(ticket.answer().await, Ok(genuine));
}

#[tokio::test]
async fn the_own_account_answers_under_three_names() {
    for from in [None, Some("me@dc.example"), Some("dc.example")] {
        let requests = requests();
        let ticket = requests.open(None);
        let other = answer(&ticket, IqKind::Result, Some("me@dc.example/elsewhere"));
        assert!(requests.complete(other).is_some());
        assert_eq!(
            requests.complete(answer(&ticket, IqKind::Result, from)),
            None,
            "{from:?}"
        );
    }
}

#[tokio::test]
async fn errors_and_the_originals_ignore_are_told_apart() {
    let requests = requests();
    let refused = requests.open(None);
    requests.complete(answer(&refused, IqKind::Error, None));
    assert!(matches!(
        refused.answer().await,
        Err(RequestError::Refused(_))
    ));
    let ignored = requests.open(None);
    requests.complete(answer(&ignored, IqKind::Other("ignore".into()), None));
    assert_eq!(ignored.answer().await, Err(RequestError::Ignored));
}

#[tokio::test]
async fn a_dropped_request_frees_its_slot() {
    let requests = requests();
    let ticket = requests.open(None);
    let id = ticket.id().to_owned();
    assert!(requests.is_open(&id));
    drop(ticket);
    assert!(!requests.is_open(&id));
}

#[tokio::test]
async fn all_fail_together() {
    let requests = requests();
    let (one, two) = (requests.open(None), requests.open(Some(jid("a@b/c"))));
    assert_ne!(one.id(), two.id());
    requests.fail_all(&RequestError::Lost);
    assert_eq!(one.answer().await, Err(RequestError::Lost));
    assert_eq!(two.answer().await, Err(RequestError::Lost));
}

//! Pictures of screens, in the original's shape and in pieces.

use archipel_lab::ServerKind;
use archipel_protocol::{
    Failure, Reply, Request,
    chunks::{Assembly, Digest},
    failure::FailureKind,
    pictures::{self, Action, Piece},
    vm_control::Action as Control,
    vm_resources::{self, Action as Give, Screenshot},
};

use crate::{
    common::{Client, Site, driver, vm},
    say::{ask, control, give, known},
};

async fn screenshot(client: &Client, thumbnail: bool) -> Option<Screenshot> {
    match give(client, vm(1), Give::Screenshot { thumbnail })
        .await
        .unwrap()
    {
        Reply::VmResources(vm_resources::Reply::Screenshot(screenshot)) => screenshot,
        other => panic!("{other:?}"),
    }
}

async fn piece(client: &Client, action: Action) -> Result<Piece, Failure> {
    match ask(client, vm(1), Request::Pictures(action)).await? {
        Reply::Pictures(pictures::Reply::Piece(piece)) => Ok(piece),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_screen_is_shown_whole_small_and_in_pieces() {
    let Some(site) = Site::start(ServerKind::Prosody, "screenshots").await else {
        return;
    };
    let driver = driver(2);
    let _agent = site.agent(&driver).await;
    let (admin, eve) = (site.client("admin").await, site.client("eve").await);
    known(&admin, vm(1)).await;
    let denied = give(&eve, vm(1), Give::Screenshot { thumbnail: true })
        .await
        .unwrap_err();
    assert_eq!(denied.kind, FailureKind::Forbidden);
    assert_eq!(
        screenshot(&admin, false).await,
        None,
        "nothing is on the screen of what is off"
    );
    let off = piece(&admin, Action::whole()).await.unwrap_err();
    assert_eq!(off.kind, FailureKind::WrongState, "{off}");

    control(&admin, vm(1), Control::Create).await.unwrap();
    running(&admin).await;
    let whole = screenshot(&admin, false).await.unwrap();
    assert_eq!(
        (whole.mime.as_str(), whole.width, whole.height),
        ("image/png", 720, 400)
    );
    let small = screenshot(&admin, true).await.unwrap();
    assert_eq!((small.width, small.height), (216, 120));

    let mut next = Action::whole();
    let mut assembly = Assembly::default();
    let text = loop {
        let piece = piece(&admin, next).await.unwrap();
        assert_eq!((piece.width, piece.height), (720, 400));
        if let Some(text) = assembly.add(&piece.chunk).unwrap() {
            break text;
        }
        next = Action::next(
            piece.chunk.digest,
            u64::try_from(assembly.offset()).unwrap(),
        );
    };
    assert_eq!(text, whole.data);
    let gone = Action::next(Digest::of("another"), 0);
    let gone = piece(&admin, gone).await.unwrap_err();
    assert_eq!(gone.kind, FailureKind::NotFound);
}

/// Waits until the agent knows that the machine runs.
async fn running(client: &Client) {
    crate::common::eventually("the machine runs", async || {
        screenshot(client, true).await.is_some()
    })
    .await;
}

//! Connections cut and servers killed.

use std::fs;

use archipel_bus::{Event, Events, connect};
use archipel_config::BusSettings;
use archipel_lab::{Pki, Proxy, Scratch, ServerKind};

use crate::{
    common::{body, message, next, options, reset, suspended, until},
    real_login::{furnished, server, settings},
};

async fn resumed(events: &mut Events) {
    until(events, |event| match event {
        Event::Resumed => Some(()),
        Event::Reset { .. } => panic!("the session was lost"),
        _ => None,
    })
    .await;
}

/// Messages in both directions while the connection is cut again and again: each arrives once, in order.
async fn cuts(kind: ServerKind) {
    const COUNT: usize = 400;
    let Some(server) = server("cuts", kind, furnished()).await else {
        return;
    };
    let proxy = Proxy::before(server.starttls_addr()).await.unwrap();
    let through = BusSettings {
        hosts: vec![proxy.address().to_string().parse().unwrap()],
        ..settings(&server)
    };
    let (me, mut mine) = connect(options("me", through));
    let (other, mut others) = connect(options("other", settings(&server)));
    assert!(reset(&mut mine).await, "both servers can resume");
    reset(&mut others).await;
    let senders = tokio::spawn(async move {
        for n in 0..COUNT {
            me.send(message("other@dc.example/here", &n.to_string()))
                .await
                .unwrap();
            other
                .send(message("me@dc.example/here", &n.to_string()))
                .await
                .unwrap();
        }
        (me, other)
    });
    let ours = tokio::spawn(async move {
        let mut suspensions = 0;
        for n in 0..COUNT {
            if n % 100 == 50 {
                proxy.drop_connections();
            }
            let text = until(&mut mine, |event| match event {
                Event::Suspended { .. } => {
                    suspensions += 1;
                    None
                }
                Event::Reset { .. } => panic!("the session was lost"),
                Event::Stanza(archipel_protocol::Stanza::Message(message)) => message.body(),
                _ => None,
            });
            assert_eq!(text.await, n.to_string());
        }
        suspensions
    });
    for n in 0..COUNT {
        assert_eq!(body(&mut others).await, n.to_string());
    }
    assert!(ours.await.unwrap() > 0);
    drop(senders.await.unwrap());
}

#[tokio::test]
async fn cuts_on_prosody() {
    cuts(ServerKind::Prosody).await;
}

#[tokio::test]
async fn cuts_on_ejabberd() {
    cuts(ServerKind::Ejabberd).await;
}

/// A cut while nothing happens.
async fn quiet_cut(kind: ServerKind) {
    let Some(server) = server("quiet cut", kind, furnished()).await else {
        return;
    };
    let proxy = Proxy::before(server.starttls_addr()).await.unwrap();
    let through = BusSettings {
        hosts: vec![proxy.address().to_string().parse().unwrap()],
        ..settings(&server)
    };
    let (session, mut events) = connect(options("me", through));
    reset(&mut events).await;
    proxy.drop_connections();
    suspended(&mut events).await;
    // Asked for while away, delivered on return.
    session
        .send(message("me@dc.example/here", "to myself"))
        .await
        .unwrap();
    resumed(&mut events).await;
    assert_eq!(body(&mut events).await, "to myself");
}

#[tokio::test]
async fn quiet_cut_on_prosody() {
    quiet_cut(ServerKind::Prosody).await;
}

#[tokio::test]
async fn quiet_cut_on_ejabberd() {
    quiet_cut(ServerKind::Ejabberd).await;
}

async fn restart(kind: ServerKind) {
    let Some(mut server) = server("restart", kind, furnished()).await else {
        return;
    };
    let (session, mut events) = connect(options("me", settings(&server)));
    reset(&mut events).await;
    server.kill().await;
    suspended(&mut events).await;
    server.restart().await.unwrap();
    loop {
        match next(&mut events).await {
            Event::Reset { .. } | Event::Resumed => break,
            Event::Ended(end) => panic!("over: {end}"),
            _ => {}
        }
    }
    session
        .send(message("me@dc.example/here", "back"))
        .await
        .unwrap();
    assert_eq!(body(&mut events).await, "back");
}

#[tokio::test]
async fn restart_of_prosody() {
    restart(ServerKind::Prosody).await;
}

#[tokio::test]
async fn restart_of_ejabberd() {
    restart(ServerKind::Ejabberd).await;
}

/// A server that comes back with a certificate of somebody else, and later with its own.
async fn other_certificate(kind: ServerKind) {
    let Some(mut server) = server("other certificate", kind, furnished()).await else {
        return;
    };
    let scratch = Scratch::new().unwrap();
    let others = Pki::create("dc.example", scratch.path()).unwrap();
    let own = server.pki().clone();
    let (_session, mut events) = connect(options("me", settings(&server)));
    reset(&mut events).await;
    let files = |pki: &Pki| {
        [pki.certificate_path(), pki.key_path(), pki.bundle_path()]
            .map(|path| fs::read(path).unwrap())
    };
    let (own_files, other_files) = (files(&own), files(&others));
    let put = |files: &[Vec<u8>; 3]| {
        let paths = [own.certificate_path(), own.key_path(), own.bundle_path()];
        for (path, file) in paths.iter().zip(files) {
            fs::write(path, file).unwrap();
        }
    };
    server.stop().await;
    put(&other_files);
    server.restart().await.unwrap();
    while !suspended(&mut events).await.contains("not trusted") {}
    server.stop().await;
    put(&own_files);
    server.restart().await.unwrap();
    until(&mut events, |event| match event {
        Event::Reset { .. } | Event::Resumed => Some(()),
        Event::Ended(end) => panic!("over: {end}"),
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn other_certificate_on_prosody() {
    other_certificate(ServerKind::Prosody).await;
}

#[tokio::test]
async fn other_certificate_on_ejabberd() {
    other_certificate(ServerKind::Ejabberd).await;
}

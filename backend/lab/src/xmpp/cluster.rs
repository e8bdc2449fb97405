//! Two ejabberd nodes that serve one domain, on two loopback addresses.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context as _, Result};
use serde_json::json;

use super::{ServerKind, ServerOptions, Site, XmppServer, ejabberd};
use crate::wait::{Patience, until};
use crate::{Pki, Scratch};

/// The second node's address; all of 127.0.0.0/8 is the machine itself.
const SECOND: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Two nodes of one ejabberd. What one stores, both have; a session lives on one of them.
#[derive(Debug)]
pub struct Cluster {
    nodes: [XmppServer; 2],
}

impl Cluster {
    /// Starts two nodes and joins them (some ten seconds).
    ///
    /// # Errors
    ///
    /// As [`XmppServer::start`], and when the second node does not become a part of the first.
    pub async fn start(options: ServerOptions) -> Result<Cluster> {
        let mut first = Site::new(ServerKind::Ejabberd, options.clone())?;
        let mut second = Site::new(ServerKind::Ejabberd, options)?;
        // Without epmd a node is found by its address and one port that all nodes share.
        second.ports = first.ports;
        second.address = SECOND;
        let cookie = format!("{:032x}", rand::random::<u128>());
        for site in [&mut first, &mut second] {
            site.node = format!("lab@{}", site.address);
            shared_cookie(&site.scratch, &cookie)?;
        }
        let pki = Pki::create(&first.options.domain, &first.folder().join("certs"))?;
        let copied = pki.copied(&second.folder().join("certs"))?;
        let first = XmppServer::run(first, pki).await?;
        let second = XmppServer::run(second, copied).await?;
        let cluster = Cluster {
            nodes: [first, second],
        };
        cluster.join().await?;
        ejabberd::furnish(&cluster.nodes[0].site).await?;
        Ok(cluster)
    }

    /// The second becomes a part of the first, and takes over all that it stores.
    async fn join(&self) -> Result<()> {
        let [first, second] = &self.nodes;
        // Not over the socket: the node stops its inside meanwhile, and with it whoever asked there.
        let asked = tokio::process::Command::from(ejabberd::control(&second.site))
            .args(["join_cluster", &first.site.node])
            .output()
            .await?;
        let joined = self.both_are_members().await;
        joined.with_context(|| {
            let said = String::from_utf8_lossy(&asked.stdout).into_owned();
            format!("the nodes did not join: {said}")
        })
    }

    /// Waits until each node counts two.
    ///
    /// # Errors
    ///
    /// When they do not within the usual patience.
    pub async fn both_are_members(&self) -> Result<()> {
        for node in &self.nodes {
            let what = format!("two nodes, as {} sees it", node.site.node);
            until(&what, Patience::USUAL, async || {
                let members = ejabberd::call(&node.site, "list_cluster", &json!({})).await;
                let all = |text: String| self.nodes.iter().all(|one| text.contains(&one.site.node));
                members.is_ok_and(all).then_some(())
            })
            .await?;
        }
        Ok(())
    }

    /// One of the two nodes.
    pub fn node(&self, number: usize) -> &XmppServer {
        &self.nodes[number]
    }

    /// One of the two nodes, to be killed or started again.
    pub fn node_mut(&mut self, number: usize) -> &mut XmppServer {
        &mut self.nodes[number]
    }

    /// Where both take clients that begin with STARTTLS.
    pub fn addresses(&self) -> [SocketAddr; 2] {
        [0, 1].map(|number| self.nodes[number].starttls_addr())
    }
}

/// Erlang's machines talk to those that know the same word, which lies in the home folder.
fn shared_cookie(scratch: &Scratch, cookie: &str) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let path = scratch.write(".erlang.cookie", cookie)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o400))?;
    Ok(())
}

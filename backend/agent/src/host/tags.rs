//! Tags, set: kept on the disk first, then shown to watchers and mirrored on the node `/archipel/tags`, which nobody here reads.

use archipel_protocol::{Element, Iq, IqKind, audit::Outcome, tags::Tags};

use super::{
    Done, Host, ask,
    wish::{Asker, Wished},
};
use crate::{
    eventlog::Fact,
    messages::Refusal,
    store::{StoreError, Tagged},
};

/// Tags that the requester may set.
#[derive(Debug)]
pub(crate) struct TagsWish {
    /// Whose: a machine's, or the hypervisor's.
    pub(crate) of: Tagged,
    /// All of them.
    pub(crate) tags: Tags,
}

/// How it ended.
pub(super) type TagsEnd = Wished<TagsWish, Result<(), StoreError>>;

impl Host {
    /// Writes tags down.
    pub(super) fn change_tags(&mut self, asker: Asker, wish: TagsWish) {
        self.begun += 1;
        let (store, of) = (self.tools.store.clone(), wish.of);
        let tags = wish.tags.iter().map(str::to_owned).collect();
        let written = async move { store.set_tags([(of, tags)]).await };
        self.pursue((asker, wish), written, Done::Tags);
    }

    /// Tags were written down, or not.
    pub(super) fn tags_set(&mut self, end: TagsEnd) {
        let Wished {
            asker,
            wish,
            result,
        } = end;
        if let Err(error) = result {
            tracing::error!(%error, "tags could not be set");
            return self.answer(&asker, Refusal::Store(error.to_string()).into_reply());
        }
        let tags = wish.tags.iter().map(str::to_owned).collect();
        self.take_tags(wish.of, tags);
        self.note(Fact {
            vm: wish.of,
            name: wish.of.map(|id| self.state.name(id)).unwrap_or_default(),
            what: "tags",
            by: ask::requester(&asker.iq),
            text: wish.tags.to_string(),
            audited: Some(("tags".to_owned(), Outcome::Done)),
            ..Fact::default()
        });
        self.answer(&asker, Ok(Vec::new()));
    }

    /// Tags decide what scopes hold, so a machine may appear to a watcher, or vanish, by a change of its row alone.
    pub(super) fn take_tags(&mut self, of: Tagged, tags: Vec<String>) {
        self.mirror_tags(of, &Tags::new(&tags));
        match of {
            None => {
                self.state.tags = tags;
                self.feed.host_changed();
            }
            Some(id) => {
                let people = self.scoped_people();
                let before = self.sight_of(&people, id);
                self.state.machines.set_tags(id, tags);
                self.sight_changed(&people, &before);
                self.feed.vm_changed(id);
                if self.state.machines.adopt_one(id) {
                    self.follow_machine(id);
                    self.keep_managed();
                }
            }
        }
    }

    /// For the original's clients, which read tags there. Best effort: our own record is the truth.
    fn mirror_tags(&mut self, of: Tagged, tags: &Tags) {
        let Some(publish) = self.publication(of, tags) else {
            return;
        };
        let session = self.session.clone();
        self.jobs.spawn(async move {
            if let Err(error) = session.request(publish, super::bus::DEADLINE).await {
                tracing::debug!(%error, "tags were not mirrored");
            }
            Done::Kept
        });
    }

    fn publication(&self, of: Tagged, tags: &Tags) -> Option<Iq> {
        let identity = &self.state.identity;
        let jid = match of {
            Some(id) => identity.machine(id)?,
            None => identity.account.clone(),
        };
        let service = format!("pubsub.{}", identity.account.domain());
        let publish: Element = archipel_protocol::tags::publish(&jid, tags);
        Some(Iq::request(
            IqKind::Set,
            Some(service.parse().ok()?),
            publish,
        ))
    }
}

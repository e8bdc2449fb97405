//! The trie of one scope, in the order of the file.

use super::{chord::Chord, file::Binding};
use crate::command::Action;

/// What a key after a prefix does.
#[derive(Debug, Clone, PartialEq)]
pub enum Follow {
    /// Runs this.
    Run(Action),
    /// Opens a further menu with this title.
    Menu(String),
}

/// A place in the trie.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Node {
    action: Option<Action>,
    title: String,
    next: Vec<(Chord, Node)>,
}

impl Node {
    pub(super) fn action(&self) -> Option<Action> {
        self.action
    }

    pub(super) fn title(&self) -> &str {
        &self.title
    }

    pub(super) fn is_leaf(&self) -> bool {
        self.next.is_empty()
    }

    /// The node after `keys`.
    pub(super) fn at(&self, keys: &[Chord]) -> Option<&Self> {
        let Some((first, rest)) = keys.split_first() else {
            return Some(self);
        };
        let (_, node) = self.next.iter().find(|(chord, _)| chord == first)?;
        node.at(rest)
    }

    /// The keys that follow, and what they do.
    pub(super) fn follows(&self) -> impl Iterator<Item = (Chord, Follow)> + '_ {
        self.next.iter().map(|(chord, node)| {
            let follow = node
                .action
                .map_or_else(|| Follow::Menu(node.title.clone()), Follow::Run);
            (*chord, follow)
        })
    }

    /// Binds `keys`, replacing what they did and what they were a prefix of.
    pub(super) fn put(&mut self, keys: &[Chord], binding: Binding) {
        let Some((first, rest)) = keys.split_first() else {
            return self.set(binding);
        };
        self.action = None;
        let at = self.next.iter().position(|(chord, _)| chord == first);
        let at = at.unwrap_or_else(|| {
            self.next.push((*first, Self::default()));
            self.next.len() - 1
        });
        self.next[at].1.put(rest, binding);
        let child = &self.next[at].1;
        if child.action.is_none() && child.is_leaf() && child.title.is_empty() {
            self.next.remove(at);
        }
    }

    fn set(&mut self, binding: Binding) {
        match binding {
            Binding::Run(action) => {
                *self = Self {
                    action: Some(action),
                    ..Self::default()
                }
            }
            Binding::None => *self = Self::default(),
            Binding::Menu(title) => {
                self.action = None;
                self.title = title;
            }
        }
    }

    pub(super) fn collect(&self, keys: &mut Vec<Chord>, all: &mut Vec<(Vec<Chord>, Action)>) {
        all.extend(self.action.map(|action| (keys.clone(), action)));
        for (chord, node) in &self.next {
            keys.push(*chord);
            node.collect(keys, all);
            keys.pop();
        }
    }
}

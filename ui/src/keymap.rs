//! Keymaps as data: per scope a trie of keys, read from TOML. The shipped presets go through the same parser as a user's file,
//! which overrides or unbinds single keys.
//!
//! ```toml
//! [list]
//! "g g"    = "list.top"
//! "ctrl-n" = "none"               # unbind
//! [machines]
//! "p"      = { menu = "Power" }   # the title of what follows
//! "p s"    = "vm.start"
//! ```

mod chord;
mod file;
mod trie;

pub use chord::{Chord, InvalidChord};
pub use file::KeymapError;
pub use trie::Follow;

use crate::command::Action;
use trie::Node;

macro_rules! scopes {
    ($($(#[$doc:meta])* $scope:ident = $name:literal, $title:literal),* $(,)?) => {
        /// Where a binding holds. Several scopes are active at a time, the most special one first.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Scope { $($(#[$doc])* $scope),* }

        impl Scope {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$scope),*];

            /// Its name in a keymap.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$scope => $name),* }
            }

            /// Its title in the help.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$scope => $title),* }
            }
        }
    };
}

scopes! {
    /// Everywhere but in text fields.
    Global = "global", "Everywhere",
    /// Whatever has a cursor.
    List = "list", "Lists",
    /// The tree of groups, hypervisors and machines.
    Roster = "roster", "Roster",
    /// Tables with columns.
    Table = "table", "Tables",
    /// Wherever machines can be acted on.
    Machines = "machines", "Machines",
    /// The table of hypervisors.
    Hypervisors = "hypervisors", "Hypervisors",
    /// The pane about one thing.
    Detail = "detail", "Detail",
    /// The charts of a hypervisor.
    Health = "health", "Charts",
    /// What a machine's hypervisor was asked for.
    Page = "page", "Pages of a machine",
    /// Long texts.
    Text = "text", "Texts",
    /// Runs and their results.
    Tasks = "tasks", "Tasks",
    /// A plan that waits for its confirmation.
    Plan = "plan", "Plans",
}

/// What a sequence of keys means.
#[derive(Debug, Clone, PartialEq)]
pub enum Lookup {
    /// Run this.
    Run(Action),
    /// More keys are needed.
    Pending,
    /// Nothing.
    Unbound,
}

/// A box of what may follow a prefix.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Menu {
    /// Its title.
    pub title: String,
    /// The next keys and what they do.
    pub entries: Vec<(Chord, Follow)>,
}

/// All bindings.
#[derive(Debug, Clone, Default)]
pub struct Keymap {
    scopes: [Node; Scope::ALL.len()],
}

const PRESETS: [(&str, &str); 3] = [
    ("default", include_str!("../../keymaps/default.toml")),
    ("vim", include_str!("../../keymaps/vim.toml")),
    ("emacs", include_str!("../../keymaps/emacs.toml")),
];

impl Keymap {
    /// A shipped keymap: `default`, `vim` or `emacs`; the latter two are patches of the first.
    pub fn preset(name: &str) -> Option<Self> {
        let (_, text) = PRESETS.iter().find(|(preset, _)| *preset == name)?;
        let mut keymap = Self::default();
        if name != "default" {
            keymap.merge(PRESETS[0].1).ok()?;
        }
        keymap.merge(text).ok()?;
        Some(keymap)
    }

    /// Lays a file over what is there: each of its keys replaces what the key did before. On an error nothing is changed.
    pub fn merge(&mut self, text: &str) -> Result<(), KeymapError> {
        for line in file::parse(text)? {
            self.scopes[line.scope as usize].put(&line.keys, line.binding);
        }
        Ok(())
    }

    /// What `keys` mean where `scopes` are active.
    pub fn lookup(&self, scopes: &[Scope], keys: &[Chord]) -> Lookup {
        let nodes = scopes
            .iter()
            .filter_map(|scope| self.scopes[*scope as usize].at(keys));
        for node in nodes {
            if let Some(action) = node.action() {
                return Lookup::Run(action);
            }
            if !node.is_leaf() {
                return Lookup::Pending;
            }
        }
        Lookup::Unbound
    }

    /// What may follow `keys` where `scopes` are active.
    pub fn menu(&self, scopes: &[Scope], keys: &[Chord]) -> Menu {
        let mut menu = Menu::default();
        for node in scopes
            .iter()
            .filter_map(|scope| self.scopes[*scope as usize].at(keys))
        {
            if menu.title.is_empty() {
                node.title().clone_into(&mut menu.title);
            }
            for (chord, follow) in node.follows() {
                if !menu.entries.iter().any(|(known, _)| *known == chord) {
                    menu.entries.push((chord, follow));
                }
            }
        }
        menu
    }

    /// The shortest keys that run `action` where `scopes` are active.
    pub fn keys_of(&self, scopes: &[Scope], action: Action) -> Option<Vec<Chord>> {
        let bound = scopes.iter().flat_map(|scope| self.bindings(*scope));
        let all =
            bound.filter(|(keys, found)| *found == action && self.reaches(scopes, keys, action));
        all.map(|(keys, _)| keys).min_by_key(Vec::len)
    }

    /// A more special scope may have taken the keys.
    fn reaches(&self, scopes: &[Scope], keys: &[Chord], action: Action) -> bool {
        self.lookup(scopes, keys) == Lookup::Run(action)
    }

    /// All bindings of a scope, in the order of the file.
    pub fn bindings(&self, scope: Scope) -> Vec<(Vec<Chord>, Action)> {
        let mut all = Vec::new();
        self.scopes[scope as usize].collect(&mut Vec::new(), &mut all);
        all
    }

    /// The first key of a menu with this title, where `scopes` are active.
    pub fn menu_key(&self, scopes: &[Scope], title: &str) -> Option<Chord> {
        let roots = scopes
            .iter()
            .flat_map(|scope| self.scopes[*scope as usize].follows());
        let mut menus =
            roots.filter(|(_, follow)| matches!(follow, Follow::Menu(name) if name == title));
        menus.next().map(|(chord, _)| chord)
    }
}

/// Keys as they are written: `p s`.
pub fn spelled(keys: &[Chord], glyphs: crate::glyphs::GlyphSet) -> String {
    let labels: Vec<String> = keys.iter().map(|chord| chord.label(glyphs)).collect();
    labels.join(" ")
}

#[cfg(test)]
mod tests;

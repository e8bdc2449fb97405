#![allow(clippy::unwrap_used)]
use super::*;

fn keys(text: &str) -> Vec<Chord> {
    text.split(' ').map(|key| key.parse().unwrap()).collect()
}

fn action(id: &str) -> Action {
    Action::by_id(id).unwrap()
}

/// Each preset is parsed by itself first: the file's own checks find unknown commands, duplicates and shadowed prefixes.
#[test]
fn the_presets_are_sound() {
    for (name, text) in PRESETS {
        let parsed = file::parse(text);
        assert!(parsed.is_ok(), "{name}: {}", parsed.unwrap_err());
        assert!(Keymap::preset(name).is_some(), "{name}");
    }
}

/// tmux, screen and readline users press those by reflex.
#[test]
fn the_default_preset_leaves_reflex_keys_alone() {
    let keymap = Keymap::preset("default").unwrap();
    for scope in Scope::ALL {
        for (keys, action) in keymap.bindings(*scope) {
            let reflex = |chord: &Chord| "abdghjklw".chars().any(|letter| chord.is_ctrl(letter));
            assert!(
                !keys.iter().any(reflex),
                "{} in {}",
                action.id(),
                scope.name()
            );
        }
    }
}

/// Nothing that interrupts anybody's work sits on a single key.
#[test]
fn no_preset_puts_a_risk_on_one_key() {
    for (name, _) in PRESETS {
        let keymap = Keymap::preset(name).unwrap();
        for (keys, action) in Scope::ALL.iter().flat_map(|scope| keymap.bindings(*scope)) {
            let safe = action.risk() == archipel_language::Risk::Safe;
            assert!(safe || keys.len() > 1, "{name}: {}", action.id());
        }
    }
}

#[test]
fn sequences_wait_for_their_end() {
    let keymap = Keymap::preset("default").unwrap();
    let scopes = [Scope::List, Scope::Machines, Scope::Global];
    assert_eq!(keymap.lookup(&scopes, &keys("p")), Lookup::Pending);
    assert_eq!(
        keymap.lookup(&scopes, &keys("p s")),
        Lookup::Run(action("vm.start"))
    );
    assert_eq!(keymap.lookup(&scopes, &keys("p ü")), Lookup::Unbound);
    let menu = keymap.menu(&scopes, &keys("p"));
    assert_eq!(menu.title, "Power");
    assert_eq!(
        menu.entries[0],
        ("s".parse().unwrap(), Follow::Run(action("vm.start")))
    );
}

#[test]
fn a_users_file_overrides_and_unbinds() {
    let mut keymap = Keymap::preset("default").unwrap();
    keymap.merge("[machines]\n\"p s\" = \"none\"\n\"p Q\" = \"vm.start\"\n[global]\n\"g\" = \"app.help\"\n").unwrap();
    let machines = [Scope::Machines];
    assert_eq!(keymap.lookup(&machines, &keys("p s")), Lookup::Unbound);
    assert_eq!(
        keymap.keys_of(&machines, action("vm.start")).unwrap(),
        keys("p Q")
    );
    assert_eq!(
        keymap.lookup(&[Scope::Global], &keys("g")),
        Lookup::Run(action("app.help"))
    );
    keymap.merge("[list]\n\"g\" = \"app.help\"").unwrap();
    assert_eq!(keymap.lookup(&[Scope::List], &keys("g g")), Lookup::Unbound);
}

#[test]
fn a_special_scope_goes_first() {
    let mut keymap = Keymap::default();
    keymap
        .merge("[global]\nx = \"app.help\"\n[list]\nx = \"list.up\"")
        .unwrap();
    let scopes = [Scope::List, Scope::Global];
    assert_eq!(
        keymap.lookup(&scopes, &keys("x")),
        Lookup::Run(action("list.up"))
    );
    assert_eq!(
        keymap.keys_of(&scopes, action("app.help")),
        None,
        "its key is taken"
    );
}

#[test]
fn mistakes_name_their_line() {
    let problem = |text: &str| Keymap::default().merge(text).unwrap_err().to_string();
    assert_eq!(
        problem("[list]\n\n\"x\" = \"list.topp\""),
        "line 3: there is no command `list.topp`; did you mean `list.top`?"
    );
    assert!(
        problem("[lists]\n").starts_with("line 1: there is no scope `lists`; scopes are global, ")
    );
    assert!(problem("[list]\n\"ctrl-\" = \"list.up\"").contains("`ctrl-` is no key"));
    assert_eq!(
        problem("[list]\n\"shift-tab\" = \"list.up\"\n\"backtab\" = \"list.down\""),
        "line 3: `backtab` is bound twice in `list`"
    );
    assert_eq!(
        problem("[list]\n\"g g\" = \"list.top\"\n\"g\" = \"list.up\""),
        "line 3: `g` runs a command and begins `g g` in `list`"
    );
    assert!(problem("[list]\nx = 3").contains("a key runs a command"));
    assert!(problem("[list\n").starts_with("line 1: "));
}

#[test]
fn every_command_of_the_screen_has_a_key_or_a_name() {
    let keymap = Keymap::preset("default").unwrap();
    let bound: Vec<Action> = Scope::ALL
        .iter()
        .flat_map(|scope| keymap.bindings(*scope))
        .map(|(_, action)| action)
        .collect();
    for action in Action::all() {
        let typed = matches!(action, Action::Verb(_)) || !action.aliases().is_empty();
        assert!(
            typed || bound.contains(&action),
            "{} cannot be reached",
            action.id()
        );
    }
}

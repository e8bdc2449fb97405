//! Screens, widgets, keymap and themes: state in, frame out.

//! A value for each field.

#![allow(unreachable_pub)]

use archipel_domain::{Field, Shape};

/// Two values that the field can hold.
pub fn of(field: &Field) -> [String; 2] {
    match field.shape {
        Shape::Text => ["x".to_owned(), " <ä> & 'q' \"p\"\n".to_owned()],
        Shape::Word(words) => [words[0].to_owned(), words[words.len() - 1].to_owned()],
        Shape::Number(least, most) => [least.to_string(), most.min(1 << 40).to_string()],
        Shape::Amount(_) => ["7MiB".to_owned(), "3GiB".to_owned()],
        Shape::Flag => ["on".to_owned(), "off".to_owned()],
        Shape::Words(words) => [words[0].to_owned(), words.join(",")],
        Shape::Topology => ["2x3x1".to_owned(), "1x2x3x4".to_owned()],
        Shape::Vcpus => ["1".to_owned(), "1".to_owned()],
    }
}

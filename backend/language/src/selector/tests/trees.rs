//! Generated trees: every one is printed and read again; those that a scope may not have are refused as one.

use archipel_protocol::VmState;
use proptest::{prelude::*, sample::select};

use super::web01;
use crate::{
    noun::{self, Noun, Relation},
    selector::{
        Scope, Selector,
        expression::{Check, Comparison, Expression, Item, Quantifier, SortKey, Test, Tree},
        field::{Field, FieldRow, Kind, Measure},
        lexer,
        operand::Operand,
        parser,
        pattern::Pattern,
        regular::Regular,
        table::{COUNT, fields},
    },
};

const MOMENTS: [&str; 6] = [
    "now",
    "Today",
    "02:30",
    "2h",
    "2026-11-20",
    "2026-11-20T02:30+01:00",
];
const REGULARS: [&str; 7] = [
    "",
    "a/b",
    "\\d+",
    "^[a-z]$",
    "\\\\",
    "ü|x",
    "\"quoted\" 'text'",
];

/// A way of at most `steps` steps, and where it ends.
fn way(noun: Noun, steps: usize) -> BoxedStrategy<(Vec<&'static Relation>, Noun)> {
    let here = Just((Vec::new(), noun)).boxed();
    let ways: Vec<&'static Relation> = noun::of(noun).collect();
    if steps == 0 || ways.is_empty() {
        return here;
    }
    let on = select(ways).prop_flat_map(move |step| {
        way(step.to, steps - 1).prop_map(move |(mut path, end)| {
            path.insert(0, step);
            (path, end)
        })
    });
    prop_oneof![2 => here, 1 => on].boxed()
}

fn row(noun: Noun) -> impl Strategy<Value = &'static FieldRow> {
    select(fields(noun).iter().collect::<Vec<_>>())
}

fn pattern() -> impl Strategy<Value = Pattern> {
    prop_oneof![
        "[a-z][a-z0-9*?/@_.-]{0,6}"
            .prop_filter("a word", |word| !lexer::RESERVED.contains(&word.as_str()))
            .prop_map(Pattern::word),
        "[a-z]{1,4}/\\*\\*".prop_map(Pattern::word),
        ".{0,6}".prop_map(Pattern::quoted),
    ]
}

fn name() -> impl Strategy<Value = Expression> {
    prop_oneof![
        "[a-z][a-z0-9*?_-]{0,6}"
            .prop_filter("a name", |word| !lexer::is_keyword(word))
            .prop_map(Pattern::word),
        ".{0,6}".prop_map(Pattern::quoted),
    ]
    .prop_map(Expression::Name)
}

fn operand(row: &'static FieldRow) -> BoxedStrategy<Operand> {
    let read = move |text: String| Operand::of_word(row, 0, text).unwrap();
    let amount = "[0-9]{1,6}(\\.[0-9]{1,4})?";
    let with = move |units: &'static [&'static str]| {
        let both = (amount, select(units));
        both.prop_map(move |(amount, unit)| read(format!("{amount}{unit}")))
    };
    match row.kind {
        Kind::Text | Kind::Tags => pattern().prop_map(Operand::Text).boxed(),
        Kind::State => select(&VmState::ALL[..]).prop_map(Operand::State).boxed(),
        Kind::Word(words) | Kind::Level(words) => select(words).prop_map(Operand::Word).boxed(),
        Kind::Yes => any::<bool>().prop_map(Operand::Yes).boxed(),
        Kind::Number(Measure::Count) => with(&[""]).boxed(),
        Kind::Number(Measure::Percent) => with(&["", "%"]).boxed(),
        Kind::Number(Measure::Bytes) => with(&["B", "KiB", "M", "gib", "TB"]).boxed(),
        Kind::Number(Measure::Duration) => with(&["s", "min", "h", "d", "w"]).boxed(),
        Kind::Time => select(&MOMENTS[..])
            .prop_map(move |text| read(text.to_owned()))
            .boxed(),
    }
}

fn item(row: &'static FieldRow) -> BoxedStrategy<Item> {
    let one = operand(row).prop_map(Item::One);
    if !row.kind.is_ordered() {
        return one.boxed();
    }
    let range = (operand(row), operand(row))
        .prop_filter("a range", |(from, to)| from.is_before(to))
        .prop_map(|(from, to)| Item::Range(from, to));
    prop_oneof![one, range].boxed()
}

fn check(row: &'static FieldRow) -> BoxedStrategy<Check> {
    let signs: Vec<Comparison> = Comparison::ALL
        .into_iter()
        .filter(|sign| row.kind.is_ordered() || !sign.is_order())
        .collect();
    let compare =
        (select(signs), operand(row)).prop_map(|(sign, operand)| Check::Compare(sign, operand));
    let set = (any::<bool>(), prop::collection::vec(item(row), 1..4))
        .prop_map(|(negated, items)| Check::In { negated, items });
    if !row.kind.is_text() {
        return prop_oneof![compare, set].boxed();
    }
    let matches = (any::<bool>(), select(&REGULARS[..])).prop_map(|(negated, text)| {
        let regular = Regular::parse(text).unwrap();
        Check::Matches { negated, regular }
    });
    prop_oneof![compare, set, matches, pattern().prop_map(Check::Has)].boxed()
}

fn test(noun: Noun) -> impl Strategy<Value = Expression> {
    let end = way(noun, 3).prop_flat_map(|(path, end)| (Just(path), row(end)));
    end.prop_flat_map(|(path, row)| {
        check(row).prop_map(move |check| {
            let path = path.clone();
            Expression::Test(Test { path, row, check })
        })
    })
}

/// Something about what hangs together with `noun`.
fn joined(noun: Noun, depth: u32) -> BoxedStrategy<Expression> {
    let ways: Vec<&'static Relation> = noun::of(noun).collect();
    if ways.is_empty() {
        return name().boxed();
    }
    let inner = select(ways).prop_flat_map(move |relation| {
        let some = expression(relation.to, depth);
        (
            Just(relation),
            prop_oneof![1 => Just(Expression::All), 4 => some],
        )
    });
    let words = select(&Quantifier::WORDS[..]);
    (inner, words, check(&COUNT), any::<bool>())
        .prop_map(|((relation, inner), (_, quantifier), check, counts)| {
            let inner = Box::new(inner);
            if counts {
                Expression::Count(relation, inner, check)
            } else {
                Expression::Quantified(quantifier, relation, inner)
            }
        })
        .boxed()
}

fn expression(noun: Noun, depth: u32) -> BoxedStrategy<Expression> {
    let leaf = prop_oneof![1 => name(), 3 => test(noun)];
    if depth == 0 {
        return leaf.boxed();
    }
    let part = move || expression(noun, depth - 1);
    let parts = move || prop::collection::vec(part(), 2..4);
    prop_oneof![
        4 => leaf,
        1 => part().prop_map(|part| Expression::Not(Box::new(part))),
        1 => parts().prop_map(Expression::And),
        1 => parts().prop_map(Expression::Or),
        1 => joined(noun, depth - 1),
    ]
    .boxed()
}

fn sort_key(noun: Noun) -> impl Strategy<Value = SortKey> {
    let single = way(noun, 2).prop_filter("one record", |(path, _)| path.iter().all(|s| !s.many));
    let end = single.prop_flat_map(|(path, end)| (Just(path), row(end), any::<bool>()));
    end.prop_map(|(path, row, descending)| SortKey {
        path,
        row,
        descending,
    })
}

fn tree() -> impl Strategy<Value = (Noun, Tree)> {
    let nouns: Vec<Noun> = noun::NOUNS.iter().map(|row| row.noun).collect();
    select(nouns).prop_flat_map(|noun| {
        let expression = prop_oneof![1 => Just(Expression::All), 9 => expression(noun, 3)];
        let order = prop::collection::vec(sort_key(noun), 0..3);
        let limit = prop::option::of(1_u32..);
        let parts = (expression, order, limit);
        parts.prop_map(move |(expression, order, limit)| {
            let tree = Tree {
                expression,
                order,
                limit,
            };
            (noun, tree)
        })
    })
}

/// What a scope may have.
fn closed(depth: u32) -> BoxedStrategy<Expression> {
    let subjects = fields(Noun::Vm)
        .iter()
        .filter(|row| matches!(row.field, Field::Hypervisor | Field::Id | Field::Tag));
    let leaf = select(subjects.collect::<Vec<_>>())
        .prop_flat_map(|row| (Just(row), check(row)))
        .prop_map(|(row, check)| {
            let path = Vec::new();
            Expression::Test(Test { path, row, check })
        })
        .prop_filter("closed", is_closed);
    if depth == 0 {
        return leaf.boxed();
    }
    let parts = move || prop::collection::vec(closed(depth - 1), 2..4);
    prop_oneof![
        2 => leaf,
        1 => closed(depth - 1).prop_map(|part| Expression::Not(Box::new(part))),
        1 => parts().prop_map(Expression::And),
        1 => parts().prop_map(Expression::Or),
    ]
    .boxed()
}

/// Whether a scope may have `expression`: the definition, against which its parser is held.
fn is_closed(expression: &Expression) -> bool {
    match expression {
        Expression::Test(test) => {
            let subject = matches!(test.row.field, Field::Hypervisor | Field::Id | Field::Tag);
            subject && test.path.is_empty() && is_closed_check(test)
        }
        Expression::Not(inner) => is_closed(inner),
        Expression::And(parts) | Expression::Or(parts) => parts.iter().all(is_closed),
        Expression::All
        | Expression::Name(_)
        | Expression::Quantified(..)
        | Expression::Count(..) => false,
    }
}

fn is_closed_check(test: &Test) -> bool {
    let plain = |operand: &Operand| match operand {
        Operand::Text(pattern) => {
            pattern.is_plain() || test.row.field == Field::Tag && pattern.is_subtree()
        }
        _ => false,
    };
    match &test.check {
        Check::Compare(Comparison::Equal | Comparison::Unequal, operand) => plain(operand),
        Check::In { items, .. } => items
            .iter()
            .all(|item| matches!(item, Item::One(operand) if plain(operand))),
        Check::Compare(..) | Check::Matches { .. } | Check::Has(_) => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_tree_that_is_printed_is_read_as_it_was((noun, tree) in tree()) {
        let printed = tree.to_string();
        let read = parser::parse(noun, &printed, 0);
        prop_assert_eq!(read, Ok(tree), "{}", printed);
    }

    #[test]
    fn a_scope_has_what_it_may_have(expression in closed(3)) {
        let text = expression.to_string();
        let scope = Scope::parse(&text).unwrap();
        prop_assert_eq!(scope.to_string(), text.as_str());
        let wider = Selector::exact(Noun::Vm, &text).unwrap();
        prop_assert_eq!(scope.holds(&web01()), wider.matches(&web01()));
    }

    #[test]
    fn a_scope_has_nothing_else(
        some in closed(2),
        other in expression(Noun::Vm, 2).prop_filter("open", |other| !is_closed(other)),
        place in 0..5,
    ) {
        let text = match place {
            0 => other.to_string(),
            1 => format!("not ({other})"),
            2 => format!("({other}) and {some}"),
            3 => format!("{some} or ({other})"),
            _ => format!("not ({some} and ({other}))"),
        };
        prop_assert!(Selector::exact(Noun::Vm, &text).is_ok(), "{}", text);
        prop_assert!(Scope::parse(&text).is_err(), "{}", text);
    }
}

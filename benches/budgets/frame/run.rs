//! Measures what was asked for, prints each line as soon as it is known, and keeps it.

use std::{any::Any, collections::HashMap, panic::AssertUnwindSafe, path::Path};

use futures::FutureExt as _;

use super::{
    Figures, Measured, Options, Scale, Subject, machine,
    report::{self, Lines},
    table::{HEAD, line, unmeasured},
};

/// Measures all subjects that `options` want.
pub(crate) async fn run(options: &Options, subjects: &[Subject]) {
    println!(
        "{}, {}, load {} before; {} runs, {}",
        machine::date(),
        machine::class(),
        machine::load(),
        options.runs,
        scale(options.scale),
    );
    println!("{HEAD}");
    for subject in subjects.iter().filter(|subject| subject.is_wanted(options)) {
        let lines = measure(options, subject).await;
        for row in subject.rows {
            println!("{}", lines[row.name]);
        }
        keep(options, subjects, &lines);
    }
}

fn scale(scale: Scale) -> &'static str {
    match scale {
        Scale::Small => "small fleets (SCALE=large, SCALE=full for more)",
        Scale::Large => "fleets up to 1,000 hypervisors (SCALE=full for more)",
        Scale::Full => "all fleets",
    }
}

/// The lines of one subject.
async fn measure(options: &Options, subject: &Subject) -> Lines {
    let missing = archipel_lab::missing(subject.needs);
    let (runs, failure) = match missing {
        Some(reason) => (Vec::new(), Some(reason)),
        None => all_runs(subject, subject.runs(options)).await,
    };
    let mut by_row: HashMap<&str, Vec<Figures>> = HashMap::new();
    for figures in runs {
        by_row.entry(figures.row.name).or_default().push(figures);
    }
    let date = machine::date();
    let lines = subject.rows.iter().map(|row| {
        let measured = Measured::of(row, by_row.remove(row.name).unwrap_or_default());
        let why = failure.as_deref().unwrap_or("this run gave no figure");
        let line = measured.map_or_else(|| unmeasured(row, why), |all| line(&all, &date));
        (row.name, line)
    });
    lines.collect()
}

/// The figures of all runs up to the first that fails, and why that failed.
async fn all_runs(subject: &Subject, count: usize) -> (Vec<Figures>, Option<String>) {
    let mut all = Vec::new();
    for _ in 0..count {
        match AssertUnwindSafe((subject.measure)()).catch_unwind().await {
            Ok(figures) => all.extend(figures),
            Err(panic) => return (all, Some(text_of(&*panic))),
        }
    }
    (all, None)
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "failed without a word".to_owned())
}

/// After every subject: an interrupted bench has kept what it had.
fn keep(options: &Options, subjects: &[Subject], lines: &Lines) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = if options.keep {
        root.join("docs/budgets.md")
    } else {
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("budgets.md")
    };
    if let Err(error) = report::keep(&path, subjects, lines) {
        println!("bench: could not write `{}`: {error}", path.display());
    }
}

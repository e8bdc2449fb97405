//! `archipel vm describe`: whose machines are, and where.

use archipel_fleet::VmRef;
use archipel_operator::Card;

use super::{
    arguments::DescribeTask,
    confirm,
    console::print,
    failure::Failure,
    messages::OneName,
    outcomes::{Ended, Outcomes},
    session::Session,
    sheet::Format,
};

pub(super) async fn run(
    session: &mut Session,
    task: &DescribeTask,
    format: Format,
) -> Result<(), Failure> {
    let targets = session.pick(&task.selectors).await?;
    if let Some(name) = task.name.as_deref().filter(|_| targets.len() > 1) {
        let count = targets.len();
        return Err(Failure::usage(OneName { name, count }));
    }
    let what = format!("Say of {} machines: {}", targets.len(), said(task));
    if task.plan_only {
        return Ok(print(&what)?);
    }
    if let Some(question) = confirm::several(targets.len(), &what, task.yes)? {
        session.alongside(question.ask()).await?;
    }
    let handle = session.handle();
    let one = async |at: VmRef| -> Ended {
        let (name, card) = (task.name.clone(), task.card.clone());
        handle.describe(&at, name, card).await?;
        Ok("described".to_owned())
    };
    let ended = session.each(targets.clone(), one).await;
    let mut outcomes = Outcomes::of_machines();
    for (at, ended) in targets.iter().zip(ended) {
        outcomes.machine(session.fleet(), at, ended);
    }
    outcomes.end(format)
}

/// What is said, for people.
fn said(task: &DescribeTask) -> String {
    let Card {
        organisation,
        unit,
        locality,
        owner,
        categories,
    } = &task.card;
    let fields = [
        ("name", &task.name),
        ("organisation", organisation),
        ("unit", unit),
        ("locality", locality),
        ("owner", owner),
        ("categories", categories),
    ];
    let said = fields
        .into_iter()
        .filter_map(|(field, text)| Some(format!("{field} `{}`", text.as_ref()?)));
    said.collect::<Vec<_>>().join(", ")
}

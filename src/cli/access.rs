//! `archipel access`: rights. Each hypervisor keeps its own; what is changed on several is asked of each.

mod show;

use archipel_config::Profile;
use archipel_fleet::VmRef;
use archipel_language::Selector;
use archipel_operator::{Handle, Wanted};
use archipel_protocol::{
    BareJid, HypervisorId,
    rights::{Changes, Explained, Why},
};

use super::{
    arguments::{AccessTask, ChangeTask, WhyTask},
    confirm,
    console::print,
    failure::Failure,
    hypervisor::picked,
    messages::ReadOnly,
    outcomes::Outcomes,
    session::Session,
    sheet::Format,
};

/// Whether the profile allows `task` at all.
pub(super) fn permit(task: &AccessTask, profile: &Profile) -> Result<(), Failure> {
    match task {
        AccessTask::Change(task) if profile.read_only && !task.plan_only => {
            Err(Failure::usage(ReadOnly("access.change")))
        }
        _ => Ok(()),
    }
}

/// Does what is asked about rights.
pub(super) async fn run(
    session: &mut Session,
    task: &AccessTask,
    format: Format,
) -> Result<(), Failure> {
    match task {
        AccessTask::List { of, on } => {
            let hosts = hosts(session, on).await?;
            show::grants(session, &hosts, of.as_ref(), format).await
        }
        AccessTask::Roles { on } => {
            let hosts = hosts(session, on).await?;
            show::roles(session, &hosts, format).await
        }
        AccessTask::Change(task) => change(session, task, format).await,
        AccessTask::Why(task) => why(session, task, format).await,
    }
}

/// The hypervisors that are meant: at least one.
async fn hosts(session: &mut Session, on: &[Selector]) -> Result<Vec<HypervisorId>, Failure> {
    session.sync(Wanted::All).await?;
    let hosts = picked(session.fleet(), on);
    if hosts.is_empty() {
        return Err(Failure::failed(
            "no hypervisor is meant; see: archipel hypervisor list",
        ));
    }
    Ok(hosts)
}

async fn change(session: &mut Session, task: &ChangeTask, format: Format) -> Result<(), Failure> {
    let hosts = hosts(session, &task.on).await?;
    let names: Vec<String> = hosts.iter().map(ToString::to_string).collect();
    let what = format!("{} on {}", task.summary, names.join(", "));
    if task.plan_only {
        return Ok(print(&what)?);
    }
    if let Some(question) = confirm::several(hosts.len(), &what, task.yes)? {
        session.alongside(question.ask()).await?;
    }
    let (handle, changes) = (session.handle(), Changes(task.changes.clone()));
    let one = async |id: HypervisorId| handle.change_rights(&id, &changes).await;
    let ended = session.each(hosts.clone(), one).await;
    let mut outcomes = Outcomes::of_hypervisors();
    for (id, version) in hosts.iter().zip(ended) {
        let word = version.map(|version| format!("done, its policy is version {version} now"));
        outcomes.hypervisor(session.fleet(), id, word.map_err(Failure::from));
    }
    outcomes.end(format)
}

/// Something that a decision is about.
#[derive(Clone)]
enum Place {
    Host(HypervisorId),
    Machine(VmRef),
}

async fn why(session: &mut Session, task: &WhyTask, format: Format) -> Result<(), Failure> {
    let places: Vec<Place> = if task.vms.is_empty() {
        let hosts = hosts(session, &task.on).await?;
        hosts.into_iter().map(Place::Host).collect()
    } else {
        let vms = session.pick(&task.vms).await?;
        vms.into_iter().map(Place::Machine).collect()
    };
    let handle = session.handle();
    let who = task.who.clone().unwrap_or_else(|| handle.whoami().account);
    let one = async |place: Place| explained(&handle, &place, &who, &task.what).await;
    let told = session.each(places.clone(), one).await;
    let mut answers = Vec::new();
    for (place, told) in places.into_iter().zip(told) {
        answers.push((place, told?));
    }
    show::explained(session, &answers, format)
}

async fn explained(
    handle: &Handle,
    place: &Place,
    who: &BareJid,
    what: &str,
) -> Result<Explained, Failure> {
    let (id, vm) = match place {
        Place::Host(id) => (id, None),
        Place::Machine(at) => (&at.hypervisor, Some(at.vm)),
    };
    let why = Why {
        who: who.clone(),
        what: what.to_owned(),
        vm,
    };
    Ok(handle.why(id, &why).await?)
}

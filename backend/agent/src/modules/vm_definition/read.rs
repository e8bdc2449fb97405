//! `read`: a piece of one of the machine's definitions, secrets as placeholders.

use archipel_hypervisor::{Driver, View};
use archipel_protocol::{
    Failure, VmId,
    definitions::{Action, Which},
};

use super::{Answer, Call, Outcome, Stop, asked, known, later, piece, store_failed};
use crate::{
    definitions::{Definition, read},
    host::Host,
    messages::Refusal,
    store::Store,
};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    answer(host, call).unwrap_or_else(|failure| Answer::Now(Err(failure)))
}

fn answer(host: &Host, call: &Call) -> Result<Answer, Failure> {
    let &Action::Read { which, offset } = asked(call)? else {
        return Err(call.unknown());
    };
    let (vm, name) = known(host, call)?;
    let source = Source {
        vm,
        store: host.tools.store.clone(),
        name,
    };
    let what = format!("read the definition of `{}`", source.name);
    Ok(later(host, what, move |driver| {
        let text = source.definition(driver, which)?.shown();
        let payload = piece(&text, offset).map_err(Stop::Refused)?;
        Ok(Outcome::of(payload))
    }))
}

/// Where definitions are found.
pub(super) struct Source {
    pub(super) vm: VmId,
    pub(super) name: String,
    pub(super) store: Store,
}

impl Source {
    pub(super) fn definition(&self, driver: &dyn Driver, which: Which) -> Result<Definition, Stop> {
        let text = match which {
            Which::Live => read(driver, self.vm, View::Live)?,
            Which::Next => read(driver, self.vm, View::Next)?,
            Which::Version(number) => {
                let written = self.store.definition(self.vm, Some(number));
                let written = written.map_err(|error| store_failed(&error))?;
                let written = written.ok_or_else(|| Refusal::NoHistory(self.name.clone()))?;
                Some(written.text)
            }
        };
        let text = text.ok_or_else(|| Refusal::NotDefined(self.name.clone()))?;
        Ok(Definition::parse(&text)?)
    }
}

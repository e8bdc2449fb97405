//! Forms of ad-hoc commands (XEP-0050 with XEP-0004): what a deed still has to know. A form is everything that a command needs, so the
//! agent keeps nothing between the question and its answer.

use archipel_language::Risk;
use archipel_protocol::{
    VmId,
    data_form::{self, Field, Form},
};

use super::deed::Deed;

/// The field that names the machine.
const MACHINE: &str = "machine";
/// The field that says yes to something risky.
const SURE: &str = "sure";
/// The most machines to choose from; beyond that the name is typed.
const CHOICES: usize = 60;

/// A machine to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) id: VmId,
    pub(crate) name: String,
}

/// What was filled in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Filled {
    /// The machine, where one is to be named.
    pub(crate) machine: Option<String>,
    /// What was said besides, in the deed's order.
    pub(crate) given: Vec<String>,
}

/// The form to fill in; `None`: nothing has to be known. `machines` are those to choose from, where one has to be named.
pub(crate) fn ask(deed: Deed, machines: Option<&[Choice]>) -> Option<Form> {
    let mut fields: Vec<Field> = machines.map(machine_field).into_iter().collect();
    fields.extend(deed.slots().iter().map(slot_field));
    fields.extend(sure_field(deed));
    (!fields.is_empty()).then(|| Form {
        kind: data_form::Kind::Form,
        title: Some(deed.summary().to_owned()),
        fields,
    })
}

/// Reads a form that was filled in. What is missing is told.
pub(crate) fn fill(deed: Deed, named: bool, form: Option<&Form>) -> Result<Filled, String> {
    let value = |var: &str| {
        let value = form.and_then(|form| form.value(var));
        value.map(str::trim).filter(|value| !value.is_empty())
    };
    if sure_field(deed).is_some() && !value(SURE).is_some_and(is_yes) {
        return Err(format!(
            "not confirmed: {}. Nothing was done",
            deed.summary()
        ));
    }
    let mut given = Vec::new();
    for slot in deed.slots() {
        match value(slot.name) {
            Some(value) if !slot.choices.is_empty() && !slot.choices.contains(&value) => {
                return Err(format!(
                    "`{}` is one of: {}",
                    slot.name,
                    slot.choices.join(", ")
                ));
            }
            Some(value) => given.push(value.to_owned()),
            None if slot.required => return Err(format!("`{}` is missing", slot.name)),
            None => {}
        }
    }
    let machine = named.then(|| value(MACHINE).ok_or("say which machine"));
    Ok(Filled {
        machine: machine.transpose()?.map(str::to_owned),
        given,
    })
}

fn is_yes(value: &str) -> bool {
    matches!(value, "1" | "true")
}

fn machine_field(machines: &[Choice]) -> Field {
    let few = machines.len() <= CHOICES;
    let options = machines.iter().filter(|_| few);
    Field {
        kind: Some(if few { "list-single" } else { "text-single" }.to_owned()),
        options: options
            .map(|choice| choice_of(&choice.name, &choice.id.to_string()))
            .collect(),
        ..field(MACHINE, "Which machine", true)
    }
}

fn slot_field(slot: &super::deed::Slot) -> Field {
    let kind = if slot.choices.is_empty() {
        "text-single"
    } else {
        "list-single"
    };
    Field {
        kind: Some(kind.to_owned()),
        options: slot.choices.iter().map(|one| choice_of(one, one)).collect(),
        ..field(slot.name, slot.summary, slot.required)
    }
}

/// What is risky is confirmed.
fn sure_field(deed: Deed) -> Option<Field> {
    let label = format!("Yes: {}", deed.summary());
    (deed.risk() != Risk::Safe).then(|| Field {
        kind: Some("boolean".to_owned()),
        values: vec!["0".to_owned()],
        ..field(SURE, &label, true)
    })
}

fn field(var: &str, label: &str, required: bool) -> Field {
    Field {
        var: var.to_owned(),
        label: Some(label.to_owned()),
        required,
        ..Field::default()
    }
}

fn choice_of(label: &str, value: &str) -> data_form::Choice {
    data_form::Choice {
        label: label.to_owned(),
        value: value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::entity::Kind;

    fn deed(id: &str) -> Deed {
        Deed::by_id(Kind::Hypervisor, id).unwrap()
    }

    fn choices(count: u8) -> Vec<Choice> {
        let choice = |number| Choice {
            id: VmId::from_bytes([number; 16]),
            name: format!("web{number}"),
        };
        (0..count).map(choice).collect()
    }

    fn filled(fields: &[(&str, &str)]) -> Form {
        Form::submit(
            "",
            fields.iter().map(|(var, value)| Field::new(var, *value)),
        )
    }

    #[test]
    fn a_safe_deed_of_ones_own_needs_no_form() {
        assert_eq!(ask(deed("vm.start"), None), None);
        let form = ask(deed("vm.start"), Some(&choices(2))).unwrap();
        assert_eq!(form.fields[0].options.len(), 2);
        let many = ask(deed("vm.start"), Some(&choices(200))).unwrap();
        assert_eq!(many.fields[0].kind.as_deref(), Some("text-single"));
    }

    #[test]
    fn what_is_risky_needs_a_yes() {
        let destroy = deed("vm.destroy");
        let form = ask(destroy, None).unwrap();
        assert_eq!(form.fields[0].kind.as_deref(), Some("boolean"));
        for no in [
            None,
            Some(filled(&[])),
            Some(filled(&[(SURE, "0")])),
            Some(form),
        ] {
            assert!(fill(destroy, false, no.as_ref()).is_err());
        }
        assert!(fill(destroy, false, Some(&filled(&[(SURE, "true")]))).is_ok());
    }

    #[test]
    fn what_is_filled_in_is_checked() {
        let free = deed("vm.free");
        let sure = (SURE, "1");
        let missing = fill(free, true, Some(&filled(&[sure]))).unwrap_err();
        assert!(missing.contains("`disks`"), "{missing}");
        let odd = fill(free, true, Some(&filled(&[sure, ("disks", "eat")]))).unwrap_err();
        assert!(odd.contains("keep, delete"), "{odd}");
        let nobody = fill(free, true, Some(&filled(&[sure, ("disks", "keep")]))).unwrap_err();
        assert!(nobody.contains("which machine"), "{nobody}");
        let all = filled(&[sure, ("disks", "keep"), (MACHINE, " web01 ")]);
        let read = fill(free, true, Some(&all)).unwrap();
        assert_eq!(
            (read.machine.as_deref(), read.given),
            (Some("web01"), vec!["keep".to_owned()])
        );
    }
}

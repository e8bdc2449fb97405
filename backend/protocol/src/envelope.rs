//! Requests of the Archipel wire: `<query xmlns='NAMESPACE'><archipel action='ACTION' …/></query>`, and their answers.

use minidom::Element;

use crate::{
    health, hypervisor_control,
    ids::{OperationId, VmId},
    ns,
    operation::{self, Operation},
    vm_control,
    xml::{Build, ParseError, child, expect, name, optional, shown},
};

/// What a request says before its arguments: enough to decide whether the requester may ask at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Namespace of the query.
    pub namespace: String,
    /// The action.
    pub action: String,
    /// The machine that is addressed through its hypervisor.
    pub vm: Option<VmId>,
}

impl Head {
    /// Reads the head of a `<query/>`. A second `<query/>` or entries beside `<archipel/>` do no harm.
    pub fn parse(query: &Element) -> Result<Self, ParseError> {
        let archipel = archipel(query)?;
        let action = archipel
            .attr("action")
            .ok_or(ParseError::MissingAttribute {
                element: "archipel".into(),
                attribute: "action",
            })?;
        Ok(Self {
            namespace: query.ns(),
            action: shown(action),
            vm: optional(archipel, "vm")?,
        })
    }

    fn unknown(&self) -> ParseError {
        ParseError::Unknown {
            namespace: shown(&self.namespace),
            action: self.action.clone(),
        }
    }
}

fn archipel(query: &Element) -> Result<&Element, ParseError> {
    expect(query, "query")?;
    child(query, "archipel").ok_or(ParseError::MissingChild {
        parent: "query",
        child: "archipel",
    })
}

/// Everything that can be asked, by namespace.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Of a hypervisor.
    HypervisorControl(hypervisor_control::Action),
    /// Of a machine.
    VmControl(vm_control::Action),
    /// Of a hypervisor's health.
    Health(health::Action),
}

impl Request {
    /// The namespace of the query.
    pub fn namespace(&self) -> &'static str {
        match self {
            Self::HypervisorControl(_) => ns::HYPERVISOR_CONTROL,
            Self::VmControl(_) => ns::VM_CONTROL,
            Self::Health(_) => ns::HEALTH,
        }
    }

    /// The value of the attribute `action`.
    pub fn action(&self) -> &'static str {
        match self {
            Self::HypervisorControl(action) => action.word(),
            Self::VmControl(action) => action.word(),
            Self::Health(action) => action.word(),
        }
    }

    /// The original's code for a failure of this action.
    pub fn failure_code(&self) -> i32 {
        match self {
            Self::HypervisorControl(action) => action.failure_code(),
            Self::VmControl(action) => action.failure_code(),
            Self::Health(action) => action.failure_code(),
        }
    }

    /// Whether it changes something: sent as `set`, needs an operation id to be safe against repetition.
    pub fn is_change(&self) -> bool {
        matches!(self, Self::VmControl(action) if action.is_change())
    }

    fn parse(head: &Head, archipel: &Element) -> Result<Self, ParseError> {
        let parsed = match head.namespace.as_str() {
            ns::HYPERVISOR_CONTROL => {
                hypervisor_control::Action::parse(&head.action).map(Self::HypervisorControl)
            }
            ns::VM_CONTROL => {
                vm_control::Action::parse(&head.action, archipel)?.map(Self::VmControl)
            }
            ns::HEALTH => health::Action::parse(&head.action, archipel)?.map(Self::Health),
            _ => None,
        };
        parsed.ok_or_else(|| head.unknown())
    }

    fn write(&self, archipel: Build) -> Build {
        match self {
            Self::HypervisorControl(_) => archipel,
            Self::VmControl(action) => action.write(archipel),
            Self::Health(action) => action.write(archipel),
        }
    }
}

/// A request with what our wire adds to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// What is asked.
    pub request: Request,
    /// The machine that is addressed through its hypervisor; absent when the request goes to the machine itself.
    pub vm: Option<VmId>,
    /// What makes a change safe against repetition.
    pub operation: Option<Operation>,
}

impl Command {
    /// A request without additions.
    pub fn new(request: Request) -> Self {
        Self {
            request,
            vm: None,
            operation: None,
        }
    }

    /// The same for the machine `vm`, addressed through its hypervisor.
    #[must_use]
    pub fn for_vm(mut self, vm: VmId) -> Self {
        self.vm = Some(vm);
        self
    }

    /// The same as an operation.
    #[must_use]
    pub fn with_operation(mut self, operation: Operation) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Reads a `<query/>` of any type of IQ: the original's client sends some changes as `get`.
    pub fn parse(query: &Element) -> Result<Self, ParseError> {
        let head = Head::parse(query)?;
        let archipel = archipel(query)?;
        Ok(Self {
            request: Request::parse(&head, archipel)?,
            vm: head.vm,
            operation: Operation::read(archipel)?,
        })
    }

    /// The `<query/>`.
    pub fn to_element(&self) -> Element {
        let namespace = self.request.namespace();
        let mut archipel = Build::new("archipel", namespace)
            .attr(name!("action"), self.request.action())
            .maybe(name!("vm"), self.vm);
        if let Some(operation) = &self.operation {
            archipel = operation.write(archipel);
        }
        Build::new("query", namespace)
            .child(self.request.write(archipel))
            .done()
    }

    /// The text that an operation id is bound to: the request without the operation itself.
    pub fn body(&self) -> String {
        let plain = Self {
            operation: None,
            ..self.clone()
        };
        String::from(&plain.to_element())
    }
}

/// The `<query/>` of a success: the payload, and the operation that it answers.
pub fn answer(
    request: &Request,
    payload: Vec<Element>,
    operation: Option<&OperationId>,
) -> Element {
    Build::new("query", request.namespace())
        .children(payload)
        .children(operation.map(operation::echo))
        .done()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parse(xml: &str) -> Result<Command, ParseError> {
        Command::parse(&xml.parse().unwrap())
    }

    #[test]
    fn a_command_with_everything_comes_back() {
        let id = OperationId::from_random([7; 16]);
        let issued = "2026-11-20T10:00:00Z".parse().unwrap();
        let command = Command::new(Request::VmControl(vm_control::Action::Create))
            .for_vm("7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01".parse().unwrap())
            .with_operation(Operation::new(
                id,
                issued,
                jiff::SignedDuration::from_mins(5),
            ));
        assert_eq!(Command::parse(&command.to_element()).unwrap(), command);
        assert!(!command.body().contains("op="), "{}", command.body());
    }

    #[test]
    fn an_explicit_namespace_on_archipel_is_accepted() {
        let xml = "<query xmlns='archipel:vm:control'><archipel xmlns='archipel:vm:control' action='suspend'/></query>";
        assert_eq!(
            parse(xml).unwrap().request,
            Request::VmControl(vm_control::Action::Suspend)
        );
        let foreign = xml.replace(
            "<archipel xmlns='archipel:vm:control'",
            "<archipel xmlns='x'",
        );
        assert!(parse(&foreign).is_ok());
    }

    #[test]
    fn entries_beside_archipel_do_no_harm() {
        let xml = "<query xmlns='archipel:hypervisor:control'><noise/><archipel action='ip' spare='1'/><archipel action='x'/></query>";
        assert_eq!(parse(xml).unwrap().request.action(), "ip");
    }

    #[test]
    fn malformed_requests_name_their_fault() {
        let says = |xml| parse(xml).unwrap_err().to_string();
        assert_eq!(
            says("<query xmlns='archipel:vm:control'/>"),
            "<query> has no <archipel>"
        );
        assert!(
            says("<query xmlns='archipel:vm:control'><archipel/></query>").contains("`action`")
        );
        assert!(
            says("<query xmlns='archipel:vm:control'><archipel action='fly'/></query>")
                .contains("`fly`")
        );
        assert!(says("<query xmlns='x'><archipel action='info'/></query>").contains("not known"));
        assert!(
            says("<query xmlns='archipel:vm:control'><archipel action='info' vm='../x'/></query>")
                .contains("uuid")
        );
        assert!(says("<foo xmlns='archipel:vm:control'/>").contains("<query>"));
    }

    #[test]
    fn an_operation_has_a_horizon() {
        let head = "<query xmlns='archipel:vm:control'><archipel action='create' op='1' issued='2026-11-20T10:00:00Z' expires=";
        assert!(parse(&format!("{head}'2026-11-22T10:00:00Z'/></query>")).is_err());
        assert!(parse(&format!("{head}'2026-11-20T09:00:00Z'/></query>")).is_err());
        assert!(parse(&format!("{head}'2026-11-20T10:05:00Z'/></query>")).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn no_attribute_value_breaks_the_reader(action in ".{0,40}", vm in ".{0,40}") {
            let mut archipel = Build::new("archipel", ns::VM_CONTROL).attr(name!("action"), action);
            archipel = archipel.attr(name!("vm"), vm);
            let _ = Command::parse(&Build::new("query", ns::VM_CONTROL).child(archipel).done());
        }
    }
}

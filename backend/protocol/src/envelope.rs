//! Requests of the Archipel wire: `<query xmlns='NAMESPACE'><archipel action='ACTION' …/></query>`, and their answers.

use minidom::Element;

use crate::{
    Family, appliances, avatar, central_agent, definitions, geolocation, health,
    hypervisor_control,
    ids::{OperationId, VmId},
    machines, migration, networks, ns, nuage, oom,
    operation::{self, Operation},
    parking, permissions, pictures, platform, roster, scheduler, snapshots, storage, subscription,
    tags, vm_control, vm_definition, vm_resources, vmcasting, vnc,
    xml::{Build, ParseError, expect, name, optional, require, shown},
    xmpp_groups, xmpp_users,
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
    require(query, "archipel")
}

/// All requests and their answers. Two rows may share a namespace: their words differ.
macro_rules! requests {
    ($( $(#[doc = $doc:literal])* $variant:ident($action:ty => $reply:ty) in $namespace:path; )*) => {
        /// Everything that can be asked, by namespace.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Request { $( $(#[doc = $doc])* $variant($action) ),* }

        /// Everything that can be answered, by the request.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Reply { $( $(#[doc = $doc])* $variant($reply) ),* }

        impl Request {
            /// Everything that can be asked.
            pub const TABLE: &'static [Family] = &[$( Family {
                namespace: $namespace,
                summary: concat!($($doc),*),
                actions: <$action>::ROWS,
            } ),*];

            /// The namespace of the query.
            pub fn namespace(&self) -> &'static str {
                match self { $( Self::$variant(_) => $namespace ),* }
            }

            /// The value of the attribute `action`.
            pub fn action(&self) -> &'static str {
                match self { $( Self::$variant(action) => action.word() ),* }
            }

            /// The permission that is asked for.
            pub fn permission(&self) -> &'static str {
                match self { $( Self::$variant(action) => action.permission() ),* }
            }

            /// The original's code for a failure of this action.
            pub fn failure_code(&self) -> i32 {
                match self { $( Self::$variant(action) => action.failure_code() ),* }
            }

            /// Whether it changes something: sent as `set`, needs an operation id to be safe against repetition.
            pub fn is_change(&self) -> bool {
                match self { $( Self::$variant(action) => action.is_change() ),* }
            }

            fn parse(head: &Head, archipel: &Element) -> Result<Self, ParseError> {
                let namespace = head.namespace.as_str();
                $(
                    if namespace == $namespace
                        && let Some(action) = <$action>::parse(&head.action, archipel)?
                    {
                        return Ok(Self::$variant(action));
                    }
                )*
                Err(head.unknown())
            }

            fn write(&self, archipel: Build) -> Build {
                match self { $( Self::$variant(action) => action.write(archipel) ),* }
            }

            /// Reads the body of the answer to this request: an element that holds the payload.
            pub fn parse_reply(&self, body: &Element) -> Result<Reply, ParseError> {
                match self { $( Self::$variant(action) => action.parse_reply(body).map(Reply::$variant) ),* }
            }
        }

        impl Reply {
            /// The payload of the answer's `<query/>`.
            pub fn to_elements(&self) -> Vec<Element> {
                match self { $( Self::$variant(reply) => reply.to_elements($namespace) ),* }
            }
        }
    };
}

requests! {
    /// Of a hypervisor: what there is.
    HypervisorControl(hypervisor_control::Action => hypervisor_control::Reply) in ns::HYPERVISOR_CONTROL;
    /// Of a hypervisor: changes to its machines.
    Machines(machines::Action => machines::Reply) in ns::HYPERVISOR_CONTROL;
    /// Of the destination of a migration.
    MigrationTarget(migration::HostAction => migration::HostReply) in ns::HYPERVISOR_CONTROL;
    /// Of a machine.
    VmControl(vm_control::Action => vm_control::Reply) in ns::VM_CONTROL;
    /// Of a machine: what it is given, uses, shows and gives back.
    VmResources(vm_resources::Action => vm_resources::Reply) in ns::VM_CONTROL;
    /// Of a machine: what its screen shows, in our own words.
    Pictures(pictures::Action => pictures::Reply) in ns::VM_CONTROL;
    /// Of a machine that is to move.
    Migration(migration::MachineAction => migration::MachineReply) in ns::VM_CONTROL;
    /// Of a machine: its definition.
    VmDefinition(vm_definition::Action => vm_definition::Reply) in ns::VM_DEFINITION;
    /// Of a machine: what was and is written about it, in our own words.
    Definitions(definitions::Action => definitions::Reply) in ns::VM_DEFINITION;
    /// Of an entity: who may do what.
    Permissions(permissions::Action => permissions::Reply) in ns::PERMISSIONS;
    /// Of an entity: its tags.
    Tags(tags::Action => tags::Reply) in ns::TAGS;
    /// Of an entity: its pictures.
    Avatar(avatar::Action => avatar::Reply) in ns::AVATAR;
    /// Of an entity: who is on its roster.
    Subscription(subscription::Action => subscription::Reply) in ns::SUBSCRIPTION;
    /// Of a machine: its roster.
    EntityRoster(roster::Action => roster::Reply) in ns::ENTITY_ROSTER;
    /// Of a hypervisor's health.
    Health(health::Action => health::Reply) in ns::HEALTH;
    /// Of a machine: its drives.
    Storage(storage::Action => storage::Reply) in ns::STORAGE;
    /// Of a machine: its snapshots.
    Snapshots(snapshots::Action => snapshots::Reply) in ns::SNAPSHOTS;
    /// Of a hypervisor or machine: networks.
    Networks(networks::Action => networks::Reply) in ns::NETWORK;
    /// Of a machine: its screen.
    Vnc(vnc::Action => vnc::Reply) in ns::VNC;
    /// Of an entity: what it does at which time.
    Scheduler(scheduler::Action => scheduler::Reply) in ns::SCHEDULER;
    /// Of a machine: what happens to it when memory runs out.
    Oom(oom::Action => oom::Reply) in ns::OOM;
    /// Of a hypervisor: where it stands.
    Geolocation(geolocation::Action => geolocation::Reply) in ns::GEOLOCATION;
    /// Of a hypervisor: feeds of packaged machines.
    VmCasting(vmcasting::Action => vmcasting::Reply) in ns::VMCASTING;
    /// Of a machine: packages.
    Appliances(appliances::Action => appliances::Reply) in ns::APPLIANCES;
    /// Of a hypervisor: machines without one.
    Parking(parking::HostAction => parking::HostReply) in ns::PARKING;
    /// Of a machine: to leave its hypervisor.
    VmParking(parking::MachineAction => parking::MachineReply) in ns::VM_PARKING;
    /// Of the central agent: accounts of the server.
    XmppUsers(xmpp_users::Action => xmpp_users::Reply) in ns::XMPP_USERS;
    /// Of the central agent: groups of the server.
    XmppGroups(xmpp_groups::Action => xmpp_groups::Reply) in ns::XMPP_GROUPS;
    /// Of the central agent: its database.
    CentralAgent(central_agent::Action => central_agent::Reply) in ns::CENTRAL_AGENT;
    /// Of the central agent: where a new machine should go.
    CentralPlatform(platform::CentralAction => platform::CentralReply) in ns::CENTRAL_PLATFORM;
    /// Of a bidder for a new machine.
    Platform(platform::Action => platform::Reply) in ns::PLATFORM;
    /// Of a hypervisor or machine: networks of a commercial product.
    Nuage(nuage::Action => nuage::Reply) in ns::NUAGE;
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

//! The one table of fields.

use super::field::{Field, FieldRow, Kind, Measure};
use crate::noun::Noun;

const BYTES: Kind = Kind::Number(Measure::Bytes);
const COUNTED: Kind = Kind::Number(Measure::Count);
const LASTING: Kind = Kind::Number(Measure::Duration);
const PERCENT: Kind = Kind::Number(Measure::Percent);
const ACTIVE: Kind = Kind::Word(&["active", "inactive"]);
const ONLINE: Kind = Kind::Word(&["online", "offline"]);
const RESULT: Kind = Kind::Word(&["done", "failed", "denied"]);
const SEVERITY: Kind = Kind::Level(&["info", "warning", "error"]);
const APPLIANCE: Kind = Kind::Word(&["offered", "downloading", "installed", "failed"]);
const TASK: Kind = Kind::Word(&[
    "queued",
    "running",
    "done",
    "failed",
    "cancelled",
    "interrupted",
]);

/// What `count(…)` is compared as.
pub(super) static COUNT: FieldRow = FieldRow {
    noun: Noun::Vm,
    field: Field::Machines,
    name: "count",
    aliases: &[],
    kind: COUNTED,
    summary: "how many there are",
    source: "counted",
};

/// One line for each field: the field, its word, other words, its values, what it says, where it comes from.
macro_rules! fields {
    ($noun:expr, $($of:ident {
        $($field:ident $name:literal [$($alias:literal)*] $kind:expr, $summary:literal, $source:literal;)*
    })*) => {
        match $noun {
            $(Noun::$of => &[$(FieldRow {
                noun: Noun::$of,
                field: Field::$field,
                name: $name,
                aliases: &[$($alias),*],
                kind: $kind,
                summary: $summary,
                source: $source,
            }),*],)*
        }
    };
}

/// The fields of `noun`.
#[rustfmt::skip]
#[allow(clippy::too_many_lines)] // One table.
pub const fn fields(noun: Noun) -> &'static [FieldRow] { fields! { noun,
    Vm {
        Name "name" [] Kind::Text, "the machine's name", "the feed's row";
        Id "id" ["uuid"] Kind::Text, "the machine's uuid", "the feed's row";
        State "state" ["status"] Kind::State, "running, paused, off, …", "the feed's row";
        Hypervisor "hypervisor" ["host"] Kind::Text, "name or address of its hypervisor", "the address of the feed";
        Group "group" ["cluster"] Kind::Text, "a group of its hypervisor", "the operator's roster";
        Tag "tag" ["tags"] Kind::Tags, "a tag, such as web or infra/**", "the feed's row";
        Vcpus "vcpus" ["cpus"] COUNTED, "number of virtual processors", "the feed's row";
        Memory "memory" ["mem"] BYTES, "memory, such as 4GiB", "the feed's row";
        Cpu "cpu" ["load"] PERCENT, "processor load, such as 80%", "the feed's metrics";
        Managed "managed" [] Kind::Yes, "yes or no: whether the agent manages it", "the feed's row";
        Autostart "autostart" [] Kind::Yes, "yes or no: whether it starts with its host", "the feed's row";
        Protected "protected" [] Kind::Yes, "yes or no: whether the agent refuses to destroy it", "the feed's row";
        Uptime "uptime" ["up"] LASTING, "for how long it has been up, such as 2h", "the feed's metrics";
        Time "changed" [] Kind::Time, "when its state last changed", "the agent's events";
        Description "description" ["comment"] Kind::Text, "free text about it", "the definition's description";
        Organisation "organisation" ["org"] Kind::Text, "the organisation that it belongs to", "the feed's row";
        Unit "unit" [] Kind::Text, "the unit of the organisation", "the feed's row";
        Locality "locality" ["place"] Kind::Text, "where it is", "the feed's row";
        Owner "owner" [] Kind::Text, "whose it is, a mail address as a rule", "the feed's row";
        Categories "categories" [] Kind::Text, "free words on its card", "the feed's row";
        Text "text" ["any"] Kind::Text, "any of its texts", "all fields of text together";
    }
    Hypervisor {
        Name "name" [] Kind::Text, "the hypervisor's name", "the operator's roster";
        Id "id" ["jid"] Kind::Text, "the hypervisor's address", "the operator's roster";
        State "state" ["status"] ONLINE, "online or offline", "its presence";
        Group "group" ["cluster"] Kind::Text, "one of its groups", "the operator's roster";
        Vcpus "vcpus" ["cpus"] COUNTED, "number of processor threads", "the feed's host row";
        Memory "memory" ["mem"] BYTES, "memory, such as 64GiB", "the feed's host row";
        Cpu "cpu" ["load"] PERCENT, "processor load, such as 80%", "the feed's metrics";
        Machines "machines" ["vms"] COUNTED, "number of its machines", "counted over the feed";
        Uptime "uptime" ["up"] LASTING, "for how long the host has been up, such as 30d", "the feed's host row";
        Time "seen" [] Kind::Time, "when it was last heard", "the operator's clock";
        Driver "driver" [] Kind::Text, "libvirt's driver, such as QEMU", "the feed's host row";
        Version "version" [] Kind::Text, "version of the agent", "its disco#info (XEP-0030)";
        Text "text" ["any"] Kind::Text, "any of its texts", "all fields of text together";
    }
    Event {
        Id "id" ["number"] COUNTED, "its number in the log of the agent", "the agent's events";
        Time "time" ["at"] Kind::Time, "when it happened", "the agent's events";
        Sort "kind" ["type"] Kind::Text, "what sort, such as state or command", "the agent's events";
        Severity "severity" ["level"] SEVERITY, "info, warning or error; severity >= warning is both of these", "the agent's events";
        Vm "vm" ["machine"] Kind::Text, "name or uuid of its machine", "the record's reference";
        Hypervisor "hypervisor" ["host"] Kind::Text, "name or address of its hypervisor", "the address of the feed";
        Who "who" ["user" "usrname"] Kind::Text, "address of the person behind it", "the agent's events";
        Verb "verb" [] Kind::Text, "the verb, such as vm.start or start", "the agent's events";
        Result "result" [] RESULT, "done, failed or denied", "the agent's events";
        Description "message" ["description"] Kind::Text, "what it says to people", "the agent's events";
        Text "text" ["any"] Kind::Text, "any of its texts", "all fields of text together";
    }
    Task {
        Name "name" ["title"] Kind::Text, "its title", "the task in the feed";
        Id "id" [] Kind::Text, "its id", "the task in the feed";
        State "state" ["status"] TASK, "queued, running, done, failed, cancelled or interrupted", "the task in the feed";
        Verb "verb" [] Kind::Text, "id of the verb, such as vm.start", "the task in the feed";
        Who "who" ["user" "owner"] Kind::Text, "address of the person behind it", "the task in the feed";
        Vm "vm" ["machine"] Kind::Text, "name or uuid of its machine", "the record's reference";
        Hypervisor "hypervisor" ["host"] Kind::Text, "name or address of its hypervisor", "the address of the feed";
        Time "started" ["time"] Kind::Time, "when it began", "the task in the feed";
        Ended "ended" [] Kind::Time, "when it ended", "the task in the feed";
        Progress "progress" [] PERCENT, "how far it is, such as 61%", "the task in the feed";
        Text "text" ["any"] Kind::Text, "any of its texts", "all fields of text together";
    }
    Snapshot {
        Name "name" [] Kind::Text, "its name", "libvirt's `domainsnapshot` element: `name`";
        Description "description" [] Kind::Text, "free text about it", "libvirt's `domainsnapshot` element: `description`";
        State "state" ["status"] Kind::State, "the machine's state in it", "libvirt's `domainsnapshot` element: `state`";
        Time "created" ["time"] Kind::Time, "when it was taken", "libvirt's `domainsnapshot` element: `creationTime`";
        Current "current" [] Kind::Yes, "yes or no: whether the machine builds on it", "the answer to `current`";
        Vm "vm" ["machine"] Kind::Text, "name or uuid of its machine", "the record's reference";
        Hypervisor "hypervisor" ["host"] Kind::Text, "name or address of its hypervisor", "the address of the feed";
        Text "text" ["any"] Kind::Text, "any of its texts", "all fields of text together";
    }
    Network {
        Name "name" [] Kind::Text, "its name", "libvirt's `network` element: `name`";
        Id "id" ["uuid"] Kind::Text, "its uuid", "libvirt's `network` element: `uuid`";
        State "state" ["status"] ACTIVE, "active or inactive", "where the answer lists it";
        Bridge "bridge" [] Kind::Text, "the bridge on the host", "libvirt's `network` element: `bridge@name`";
        Autostart "autostart" [] Kind::Yes, "yes or no: whether it starts with its host", "libvirt's `network` element: `@autostart`";
        Hypervisor "hypervisor" ["host"] Kind::Text, "name or address of its hypervisor", "the address of the feed";
        Text "text" ["any"] Kind::Text, "any of its texts", "all fields of text together";
    }
    Pool {
        Name "name" [] Kind::Text, "its name", "libvirt's `pool` element: `name`";
        Id "id" ["uuid"] Kind::Text, "its uuid", "libvirt's `pool` element: `uuid`";
        State "state" ["status"] ACTIVE, "active or inactive", "libvirt's storage calls";
        Sort "kind" ["type"] Kind::Text, "what sort, such as dir or rbd", "libvirt's `pool` element: `@type`";
        Capacity "capacity" ["size"] BYTES, "how much fits, such as 2TiB", "libvirt's `pool` element: `capacity`";
        Used "used" [] BYTES, "how much is taken", "libvirt's `pool` element: `allocation`";
        Free "free" [] BYTES, "how much is left", "libvirt's `pool` element: `available`";
        Autostart "autostart" [] Kind::Yes, "yes or no: whether it starts with its host", "libvirt's storage calls";
        Hypervisor "hypervisor" ["host"] Kind::Text, "name or address of its hypervisor", "the address of the feed";
        Text "text" ["any"] Kind::Text, "any of its texts", "all fields of text together";
    }
    Volume {
        Name "name" [] Kind::Text, "its name", "libvirt's `volume` element: `name`";
        Id "id" ["path"] Kind::Text, "its key, mostly a path", "libvirt's `volume` element: `key`";
        Pool "pool" ["storage"] Kind::Text, "name of its pool", "the pool that lists it";
        Format "format" [] Kind::Text, "format of its data, such as qcow2", "libvirt's `volume` element: `format@type`";
        Capacity "capacity" ["size"] BYTES, "how much fits, such as 20GiB", "libvirt's `volume` element: `capacity`";
        Used "used" [] BYTES, "how much is taken on the disk", "libvirt's `volume` element: `allocation`";
        Hypervisor "hypervisor" ["host"] Kind::Text, "name or address of its hypervisor", "the address of the feed";
        Text "text" ["any"] Kind::Text, "any of its texts", "all fields of text together";
    }
    Appliance {
        Name "name" [] Kind::Text, "its name", "the VMCast";
        Id "id" ["uuid"] Kind::Text, "its uuid", "the VMCast";
        State "state" ["status"] APPLIANCE, "offered, downloading, installed or failed", "the answer to `get`";
        Description "description" [] Kind::Text, "free text about it", "the VMCast";
        Feed "feed" ["source"] Kind::Text, "name of the VMCast that offers it", "the VMCast";
        Capacity "size" ["capacity"] BYTES, "size of the download", "the VMCast";
        Time "published" ["time"] Kind::Time, "when it was published", "the VMCast";
        Hypervisor "hypervisor" ["host"] Kind::Text, "name or address of its hypervisor", "the address of the feed";
        Text "text" ["any"] Kind::Text, "any of its texts", "all fields of text together";
    }
    Job {
        Id "id" ["uid"] Kind::Text, "its id", "the answer to `jobs`";
        Verb "verb" ["action"] Kind::Text, "id of the verb, such as vm.start", "the answer to `jobs`";
        Time "due" ["time" "date"] Kind::Time, "when it is due", "the answer to `jobs`";
        Description "comment" ["description"] Kind::Text, "free text about it", "the answer to `jobs`";
        Vm "vm" ["machine"] Kind::Text, "name or uuid of its machine", "the record's reference";
        Hypervisor "hypervisor" ["host"] Kind::Text, "name or address of its hypervisor", "the address of the feed";
        Text "text" ["any"] Kind::Text, "any of its texts", "all fields of text together";
    }
    Person {
        Name "name" [] Kind::Text, "the person's name", "the operator's roster";
        Id "id" ["jid"] Kind::Text, "the person's bare address", "the operator's roster";
        State "state" ["status"] ONLINE, "online or offline", "presence";
        Group "group" [] Kind::Text, "one of the groups", "the operator's roster";
        Permission "permission" ["role"] Kind::Text, "a permission held on a hypervisor", "the answer to `permissions get`";
        Text "text" ["any"] Kind::Text, "any of its texts", "all fields of text together";
    }
} }

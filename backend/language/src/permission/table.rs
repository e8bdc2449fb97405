//! The one table of permissions.

use super::{Group, Meaning, Origin, Permission, Place};

macro_rules! origin {
    () => {
        Origin::Original { granted: false }
    };
    (granted) => {
        Origin::Original { granted: true }
    };
    (asked) => {
        Origin::AskedFor
    };
    (ours) => {
        Origin::Ours
    };
}

/// One line for each permission: its name, who answers for it, what it is for, where it comes from unless the original makes
/// and denies it, what its holder may do.
macro_rules! permissions {
    ($($name:literal $place:ident $group:ident $($origin:ident)?, $summary:literal;)*) => {
        &[$(Meaning {
            name: Permission($name),
            place: Place::$place,
            group: Group::$group,
            origin: origin!($($origin)?),
            summary: $summary,
        },)*]
    };
}

/// All permissions: those of the original, and ours. None is granted to strangers.
pub static PERMISSIONS: &[Meaning] = permissions! {
    "all" Both Rule, "everything";
    "presence" Both See, "see whether the entity is there";
    "message" Both See, "send it chat messages; each command needs its own permission as well";
    "permission_getown" Both See, "read one's own permissions";
    "permission_get" Both Review granted, "read anyone's permissions";
    "permission_list" Both Review, "list the permissions that there are";
    "permission_set" Both Rule, "change anyone's permissions";
    "permission_setown" Both Rule, "change one's own permissions: in effect everything";
    "subscription_add" Both Rule, "add a contact to its roster";
    "subscription_remove" Both Rule, "remove a contact from its roster";
    "settags" Both Change, "set its tags";
    "setavatar" Both Change, "set its picture";
    "getavatars" Both Look, "list the pictures that it may have";
    "rostervm" Hypervisor Look, "list a hypervisor's machines; watch its feed";
    "nodeinfo" Hypervisor Look, "read what the host is";
    "ip" Hypervisor Look, "read the host's address";
    "migrationinfo" Hypervisor Look, "ask in chat where its machines could migrate";
    "capabilities" Both Look, "read the hypervisor's capabilities";
    "health_info" Hypervisor Look, "read the host's load";
    "health_history" Hypervisor Look, "read the host's load of the past";
    "health_logs" Hypervisor Look, "read the agent's log";
    "alloc" Hypervisor Host, "create a machine";
    "clone" Hypervisor Host, "clone a machine";
    "manage" Hypervisor Host, "take a machine into the agent's care";
    "unmanage" Hypervisor Host, "release a machine from the agent's care";
    "setorginfo" Hypervisor Host, "set owner and place of the host";
    "free" Both Remove, "remove a machine with its disks";
    "info" Vm Use, "read a machine's state and figures";
    "create" Vm Use, "start a machine";
    "shutdown" Vm Use, "ask a guest to shut down";
    "reboot" Vm Use, "ask a guest to restart";
    "suspend" Vm Use, "pause a machine";
    "resume" Vm Use, "let a paused machine go on";
    "screenshot" Vm Use, "take a picture of the screen";
    "networkinfo" Vm Use, "read the figures of its interfaces";
    "vnc_display" Vm Use, "open the screen";
    "xmldesc" Vm Look, "read a machine's definition";
    "destroy" Vm Remove, "power a machine off";
    "undefine" Vm Remove, "remove its definition";
    "autostart" Vm Change, "set whether a machine starts with its host";
    "memory" Vm Change, "set its memory";
    "setvcpus" Vm Change, "set its processors";
    "define" Vm Change, "write its definition";
    "migrate" Vm Change, "move it to another hypervisor";
    "migrate_in" Hypervisor Host ours, "get a ticket by which one machine may move here";
    "snapshot_take" Vm Use, "take a snapshot";
    "snapshot_get" Vm Use, "list the snapshots";
    "snapshot_current" Vm Use, "read which snapshot it builds on";
    "snapshot_revert" Vm Use, "go back to a snapshot";
    "snapshot_delete" Vm Remove, "delete a snapshot with those that build on it";
    "drives_get" Vm Look, "list its disks";
    "drives_getiso" Vm Look, "list the media that it may use";
    "drives_getgolden" Vm Look asked, "list the images that disks may build on";
    "oom_getadjust" Vm Look, "read how soon the kernel would kill it";
    "drives_create" Vm Change, "create a disk";
    "drives_convert" Vm Change, "convert a disk";
    "drives_rename" Vm Change, "rename a disk";
    "drives_setgolden" Vm Change asked, "make a disk an image that others build on";
    "drives_create_golden" Vm Change, "nothing: the original makes this name and never asks for it";
    "oom_setadjust" Vm Change, "set how soon the kernel would kill it";
    "drives_delete" Vm Remove, "delete a disk";
    "network_getnames" Both Look, "list the networks by name";
    "network_bridges" Both Look, "list the bridges of the host";
    "network_getnics" Both Look, "list the interfaces of the host";
    "network_getnwfilters" Both Look, "list the network filters";
    "network_get" Hypervisor Look, "read the networks";
    "network_define" Hypervisor Host, "write a network";
    "network_undefine" Hypervisor Host, "remove a network";
    "network_create" Hypervisor Host, "start a network";
    "network_destroy" Hypervisor Host, "stop a network";
    "geolocalization_get" Hypervisor Look, "read where the host stands";
    "nuagenetwork_create" Hypervisor Host, "create a Nuage network";
    "nuagenetwork_update" Hypervisor Host, "change a Nuage network";
    "nuagenetwork_delete" Hypervisor Host, "delete a Nuage network";
    "nuagenetwork_get" Hypervisor Look, "read the Nuage networks";
    "nuagenetwork_getnames" Both Look, "list the Nuage networks by name";
    "scheduler_actions" Both Look, "list what can be scheduled";
    "scheduler_jobs" Both Look, "list what is scheduled";
    "scheduler_schedule" Both Change, "schedule an action";
    "scheduler_unschedule" Both Change, "take back what is scheduled";
    "vmcasting_get" Hypervisor Look, "read the VMCasts";
    "vmcasting_downloadqueue" Hypervisor Look, "read the running downloads";
    "vmcasting_getappliances" Hypervisor Look, "read an appliance";
    "vmcasting_getinstalledappliances" Hypervisor Look, "list the appliances on the host";
    "vmcasting_register" Hypervisor Host, "add a VMCast";
    "vmcasting_unregister" Hypervisor Host, "remove a VMCast";
    "vmcasting_downloadappliance" Hypervisor Host, "download an appliance";
    "vmcasting_deleteappliance" Hypervisor Host, "delete an appliance";
    "appliance_get" Vm Look, "list the appliances that it may be made from";
    "appliance_attach" Vm Change, "make it from an appliance";
    "appliance_detach" Vm Change, "undo the tie to its appliance";
    "appliance_package" Vm Change, "pack it as an appliance";
    "vmparking_list" Hypervisor Look, "list the parked machines";
    "vmparking_park" Both Host, "park a machine";
    "vmparking_unpark" Hypervisor Host, "bring a parked machine back";
    "vmparking_edit_definition" Hypervisor Host, "change a parked definition";
    "vmparking_updatexml" Hypervisor Host asked, "the same, by the name that the original's client asks for";
    "vmparking_create_parked" Hypervisor Host, "park a definition without a machine";
    "vmparking_delete" Hypervisor Remove, "delete a parked machine";
    "xmppserver_users_list" Both Review, "list the accounts of the bus";
    "xmppserver_users_filter" Both Review, "search the accounts of the bus";
    "xmppserver_users_number" Both Review, "count the accounts of the bus";
    "xmppserver_groups_list" Bus Review, "list the shared groups of the bus";
    "xmppserver_users_register" Bus Rule, "create accounts on the bus";
    "xmppserver_users_unregister" Bus Rule, "remove accounts from the bus";
    "xmppserver_users_changepassword" Bus Rule, "set passwords on the bus";
    "xmppserver_groups_create" Bus Rule, "create a shared group";
    "xmppserver_groups_delete" Bus Rule, "delete a shared group";
    "xmppserver_groups_addusers" Bus Rule, "add people to a shared group";
    "xmppserver_groups_deleteusers" Bus Rule, "remove people from a shared group";
    "roster" Both Rule asked, "read the roster of a machine in chat";
    "getroster" Both Rule asked, "read the roster";
    "sendfiles" Both Rule asked, "nothing: the original's file transfer is dead";
    "setavatars" Both Rule asked, "nothing: a slip of the original's client for `setavatar`";
};

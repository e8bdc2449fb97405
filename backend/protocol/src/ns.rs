//! Namespaces, each with the document that defines it.

/// Stanzas of a client stream (RFC 6120).
pub const CLIENT: &str = "jabber:client";
/// Conditions of stanza errors (RFC 6120, 8.3).
pub const STANZA_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";
/// The roster (RFC 6121).
pub const ROSTER: &str = "jabber:iq:roster";
/// Application-level ping (XEP-0199).
pub const PING: &str = "urn:xmpp:ping";
/// Service discovery (XEP-0030).
pub const DISCO_INFO: &str = "http://jabber.org/protocol/disco#info";
/// What belongs to an entity: service discovery (XEP-0030).
pub const DISCO_ITEMS: &str = "http://jabber.org/protocol/disco#items";
/// Entity capabilities (XEP-0115).
pub const CAPS: &str = "http://jabber.org/protocol/caps";
/// Entity time (XEP-0202).
pub const TIME: &str = "urn:xmpp:time";
/// Software version (XEP-0092).
pub const VERSION: &str = "jabber:iq:version";
/// The card in which an entity says what it is (XEP-0054).
pub const VCARD: &str = "vcard-temp";
/// Announces a changed card in presence (XEP-0153).
pub const VCARD_UPDATE: &str = "vcard-temp:x:update";
/// Publish-subscribe (XEP-0060).
pub const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
/// Notifications of publish-subscribe (XEP-0060).
pub const PUBSUB_EVENT: &str = "http://jabber.org/protocol/pubsub#event";
/// What the owner of a node sets (XEP-0060, 8).
pub const PUBSUB_NODE_CONFIG: &str = "http://jabber.org/protocol/pubsub#node_config";
/// Forms (XEP-0004).
pub const DATA_FORMS: &str = "jabber:x:data";

/// Commands that a hypervisor answers.
pub const HYPERVISOR_CONTROL: &str = "archipel:hypervisor:control";
/// Commands that a machine answers.
pub const VM_CONTROL: &str = "archipel:vm:control";
/// Load and history of a hypervisor.
pub const HEALTH: &str = "archipel:hypervisor:health";
/// Prefix of the namespaces of change notifications.
pub const PUSH_PREFIX: &str = "archipel:push:";
/// Permission denied.
pub const ERROR_PERMISSION: &str = "archipel:error:permission";
/// Any failure of the agent itself.
pub const ERROR_GENERIC: &str = "archipel:error:generic";
/// A failure reported by libvirt.
pub const ERROR_LIBVIRT: &str = "libvirt:error:generic";

/// The feed of a hypervisor's state: our own wire.
pub const FLEET: &str = "urn:archipel:fleet:1";
/// Operations and their results: our own wire.
pub const TASK: &str = "urn:archipel:task:1";

/// Definitions of machines.
pub const VM_DEFINITION: &str = "archipel:vm:definition";
/// Who may do what on an entity.
pub const PERMISSIONS: &str = "archipel:permissions";
/// Tags of an entity.
pub const TAGS: &str = "archipel:tags";
/// Pictures of an entity.
pub const AVATAR: &str = "archipel:avatar";
/// Who is on an entity's roster.
pub const SUBSCRIPTION: &str = "archipel:subscription";
/// The roster of a machine, which the original never fills in.
pub const ENTITY_ROSTER: &str = "archipel:roster";
/// Drives of a machine.
pub const STORAGE: &str = "archipel:vm:disk";
/// Snapshots of a machine.
pub const SNAPSHOTS: &str = "archipel:virtualmachine:snapshoting";
/// Virtual networks, bridges, interfaces and filters of a host.
pub const NETWORK: &str = "archipel:hypervisor:network";
/// Where the screen of a machine is.
pub const VNC: &str = "archipel:virtualmachine:vnc";
/// Planned jobs of an entity.
pub const SCHEDULER: &str = "archipel:entity:scheduler";
/// How the kernel treats a machine when memory runs out.
pub const OOM: &str = "archipel:vm:oom";
/// Where a hypervisor stands.
pub const GEOLOCATION: &str = "archipel:hypervisor:geolocalization";
/// Feeds of packaged machines, on a hypervisor.
pub const VMCASTING: &str = "archipel:hypervisor:vmcasting";
/// Packaged machines, on a machine.
pub const APPLIANCES: &str = "archipel:virtualmachine:vmcasting";
/// Machines without a hypervisor, asked of a hypervisor.
pub const PARKING: &str = "archipel:hypervisor:vmparking";
/// A machine leaves its hypervisor.
pub const VM_PARKING: &str = "archipel:vm:vmparking";
/// Accounts of the XMPP server.
pub const XMPP_USERS: &str = "archipel:xmppserver:users";
/// Shared roster groups of the XMPP server.
pub const XMPP_GROUPS: &str = "archipel:xmppserver:groups";
/// The original's central database.
pub const CENTRAL_AGENT: &str = "archipel:centralagent";
/// Where a new machine should go, asked of the central agent.
pub const CENTRAL_PLATFORM: &str = "archipel:centralagent:platform";
/// Where a new machine should go, as the original's client asks.
pub const PLATFORM: &str = "archipel:platform";
/// Networks of a commercial product, as templates.
pub const NUAGE: &str = "archipel:hypervisor:nuage:network";
/// The operator's settings in private storage.
pub const PREFERENCES: &str = "archipel:preferences";

/// A name that goes with a subscription request (XEP-0172).
pub const NICK: &str = "http://jabber.org/protocol/nick";
/// What the owner of a node asks (XEP-0060, 8).
pub const PUBSUB_OWNER: &str = "http://jabber.org/protocol/pubsub#owner";
/// Ad-hoc commands (XEP-0050).
pub const COMMANDS: &str = "http://jabber.org/protocol/commands";
/// Prefix of the nodes of service administration, and the type of its forms (XEP-0133).
pub const ADMIN: &str = "http://jabber.org/protocol/admin";
/// Private storage (XEP-0049).
pub const PRIVATE: &str = "jabber:iq:private";
/// What separates the parts of a nested group's name (XEP-0083).
pub const ROSTER_DELIMITER: &str = "roster:delimiter";
/// In-band registration (XEP-0077).
pub const REGISTER: &str = "jabber:iq:register";
/// Rooms (XEP-0045).
pub const MUC: &str = "http://jabber.org/protocol/muc";
/// What a room tells its occupants (XEP-0045).
pub const MUC_USER: &str = "http://jabber.org/protocol/muc#user";
/// What a room's administrators ask (XEP-0045, 9).
pub const MUC_ADMIN: &str = "http://jabber.org/protocol/muc#admin";
/// What a room's owners ask (XEP-0045, 10).
pub const MUC_OWNER: &str = "http://jabber.org/protocol/muc#owner";
/// Whether somebody is typing (XEP-0085).
pub const CHAT_STATES: &str = "http://jabber.org/protocol/chatstates";
/// How long somebody has been idle (XEP-0012).
pub const LAST: &str = "jabber:iq:last";
/// When a stanza was sent first (XEP-0203).
pub const DELAY: &str = "urn:xmpp:delay";

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

-- A private Prosody of the lab: loopback only, everything below its own folder.
run_as_root = true                 -- matters as root only: without it Prosody switches user or refuses
pidfile = "{{DIR}}/prosody.pid"
data_path = "{{DIR}}/data"
certificates = "{{DIR}}/certs"
log = { { levels = { min = "info" }, to = "file", filename = "{{DIR}}/prosody.log" } }

network_settings = { nagle = false; tcp_backlog = 1024 }   -- nagle costs 40 ms on the first of two small writes
interfaces = { "127.0.0.1" }
local_interfaces = { "127.0.0.1" }
c2s_ports = { {{PORT}} }
c2s_direct_tls_ports = { {{TLS_PORT}} }

admins = { "admin@{{DOMAIN}}" }
authentication = "internal_hashed"
storage = { default = "internal"; pubsub_data = "memory" }
allow_registration = {{REGISTRATION}}
registration_throttle_max = 100000; registration_throttle_period = 1
c2s_require_encryption = {{ENCRYPT}}
allow_unencrypted_plain_auth = {{CLEAR}}
disable_sasl_mechanisms = { {{REFUSED_MECHANISMS}} }
ssl = { key = "{{DIR}}/certs/server.key"; certificate = "{{DIR}}/certs/server.crt" }
smacks_hibernation_time = 60
groups_file = "{{DIR}}/groups.txt"
{{LIMITS}}

modules_enabled = {
  "disco"; "roster"; "saslauth"; "posix"; "ping"; "version"; "uptime"; "time";
  "pep"; "private"; "vcard_legacy"; "carbons"; "smacks"; "blocklist"; "offline"; "csi_simple";
  "user_account_management"; "groups"; "announce"; "lastactivity";
  -- no "mam": with this storage each archived message costs 10 ms of processor time
  {{MODULES}}
}
modules_disabled = { "s2s" }

VirtualHost "{{DOMAIN}}"
  disco_items = { { "pubsub.{{DOMAIN}}" }, { "conference.{{DOMAIN}}" } }

Component "pubsub.{{DOMAIN}}" "pubsub"
  admins = { "admin@{{DOMAIN}}" }
  pubsub_max_items = 10000
  expose_publisher = true
  autocreate_on_publish = false

Component "conference.{{DOMAIN}}" "muc"
  restrict_room_creation = false
  muc_room_locking = false

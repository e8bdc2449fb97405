-- A private Prosody of the lab with the shipped profile: this stands where the distribution's own file stands.
run_as_root = true                 -- matters as root only: without it Prosody switches user or refuses
pidfile = "{{DIR}}/prosody.pid"
data_path = "{{DIR}}/data"
certificates = "{{DIR}}/certs"
log = { { levels = { min = "info" }, to = "file", filename = "{{DIR}}/prosody.log" } }

-- What Debian's file loads and limits: the profile has to cope with it.
modules_enabled = {
  "disco"; "roster"; "saslauth"; "tls"; "blocklist"; "bookmarks"; "carbons"; "dialback"; "limits"; "pep"; "private"; "smacks";
  "vcard4"; "vcard_legacy"; "csi_simple"; "invites"; "invites_adhoc"; "invites_register"; "ping"; "register"; "time"; "uptime";
  "version"; "admin_adhoc"; "posix";
}
s2s_secure_auth = true
limits = { c2s = { rate = "10kb/s" }; s2sin = { rate = "30kb/s" } }
authentication = "internal_hashed"
archive_expires_after = "1w"

Include "archipel.cfg.lua"

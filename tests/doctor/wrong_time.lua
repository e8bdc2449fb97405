-- Seeded fault: a server whose clock is an hour behind tells its time (XEP-0202).
local st = require "util.stanza";

module:add_feature("urn:xmpp:time");

module:hook("iq-get/host/urn:xmpp:time:time", function(event)
	local behind = os.date("!%Y-%m-%dT%H:%M:%SZ", os.time() - 3600);
	event.origin.send(st.reply(event.stanza):tag("time", { xmlns = "urn:xmpp:time" })
		:tag("tzo"):text("+00:00"):up()
		:tag("utc"):text(behind));
	return true;
end);

-- Seeded fault: publish-subscribe takes new nodes and lets nobody delete one.
local st = require "util.stanza";

module:hook("iq/host/http://jabber.org/protocol/pubsub#owner:pubsub", function(event)
	if not event.stanza.tags[1]:get_child("delete") then return end
	event.origin.send(st.error_reply(event.stanza, "auth", "forbidden"));
	return true;
end, 10);

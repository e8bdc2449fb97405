-- Nodes of a fleet, for Prosody 0.12: an account may create pubsub nodes below /archipel/ITS-BARE-JID/ (its change notices, its
-- log). Prosody itself lets nobody but the component's admins create nodes, and has no setting for it.

local jid_bare = require "util.jid".bare;

local service = module:depends("pubsub").get_service();
local may = service.may;

function service:may(node, actor, action)
	if action == "create" and actor and actor ~= true and node then
		local own = "/archipel/"..jid_bare(actor).."/";
		if node:sub(1, #own) == own then
			return true;
		end
	end
	return may(self, node, actor, action);
end

function module.unload()
	service.may = nil; -- the class's own again
end

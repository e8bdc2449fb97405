-- Who sees whom in a fleet, for Prosody 0.12: the members of [Operators] have those of [Hypervisors] in their contact lists, and
-- see their presence. Hypervisors do not have each other (mod_groups would put everybody into everybody's list: a thousand hosts
-- that come back would send a million presences). The file is read anew when the module is reloaded:
--     prosodyctl shell "module:reload('archipel_groups', 'dc.example')"
--
--     [Operators]
--     admin@dc.example
--     [Hypervisors]
--     hv01@dc.example=hv01

local datamanager = require "util.datamanager";
local jid_prep = require "util.jid".prep;

local OPERATORS, HYPERVISORS = "Operators", "Hypervisors";
local host = module.host;
local groups = { [OPERATORS] = {}; [HYPERVISORS] = {} };

local function read(path)
	local group;
	for line in io.lines(path) do
		local heading = line:match("^%s*%[(.-)%]%s*$");
		local jid, name = line:match("^%s*([^#=%s]+)%s*=?%s*(.-)%s*$");
		if heading then
			group = groups[heading];
		elseif jid and group and jid_prep(jid) then
			group[jid_prep(jid)] = name ~= "" and name or jid:match("^[^@]+");
		elseif jid then
			module:log("warn", "%s: no use for %q", path, line);
		end
	end
end

-- What a person put into the list by hand is theirs: only the direction that the groups need is added to it.
local directions = {
	to = { none = "to"; to = "to"; from = "both"; both = "both" };
	from = { none = "from"; from = "from"; to = "both"; both = "both" };
};

local function add(roster, own, members, direction)
	for jid, name in pairs(members) do
		if jid ~= own then
			local item = roster[jid];
			if not item then
				item = { subscription = "none"; groups = {}; name = name; persist = false };
				roster[jid] = item;
			end
			item.subscription = directions[direction][item.subscription or "none"] or direction;
			if direction == "to" then
				item.groups[HYPERVISORS] = true;
			end
		end
	end
end

module:hook("roster-load", function (event)
	local own = event.username.."@"..event.host;
	if groups[OPERATORS][own] then
		add(event.roster, own, groups[HYPERVISORS], "to");
	end
	if groups[HYPERVISORS][own] then
		add(event.roster, own, groups[OPERATORS], "from");
	end
	if event.roster[false] then
		event.roster[false].version = true; -- the list is made here: a version kept by a client says nothing
	end
end);

local function without_members(username, from_host, store, data)
	if from_host ~= host or store ~= "roster" or not data then
		return username, from_host, store, data;
	end
	local kept = {};
	for jid, item in pairs(data) do
		if item.persist ~= false then
			kept[jid] = item;
		end
	end
	return username, from_host, store, kept;
end

function module.load()
	local path = module:get_option_path("archipel_groups_file", nil, "config");
	if path then
		read(path);
	end
	datamanager.add_callback(without_members);
end

function module.unload()
	datamanager.remove_callback(without_members);
end

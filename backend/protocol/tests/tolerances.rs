//! What the original's agent and clients do differently from the sound form, and is understood all the same. One test for each, named after it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use archipel_protocol::{
    Answer, Command, Document, Element, Failure, Iq, Reply, Request, Stanza, VmState, appliances,
    central_agent::Keepalive,
    failure::FailureKind,
    geolocation, health, hypervisor_control, migration, networks, oom, parking, permissions,
    presence::{self, HypervisorSaid, Standing},
    push, scheduler, storage, tags, vm_control, vmcasting, vnc, xmpp_users,
};

fn element(xml: &str) -> Element {
    xml.parse().unwrap()
}

fn request(namespace: &str, archipel: &str) -> Request {
    let query = element(&format!(
        "<query xmlns='archipel:{namespace}'>{archipel}</query>"
    ));
    Command::parse(&query)
        .unwrap_or_else(|why| panic!("{why}: {archipel}"))
        .request
}

/// The payload of an answer to `archipel`.
fn reply(namespace: &str, action: &str, payload: &str) -> Reply {
    let body = element(&format!(
        "<query xmlns='archipel:{namespace}'>{payload}</query>"
    ));
    let request = request(namespace, &format!("<archipel action='{action}'/>"));
    request
        .parse_reply(&body)
        .unwrap_or_else(|why| panic!("{why}: {payload}"))
}

fn iq(xml: &str) -> Iq {
    let Stanza::Iq(iq) = Stanza::parse(element(xml)).unwrap() else {
        panic!("no IQ")
    };
    iq
}

#[test]
fn tolerates_true_and_false_in_any_capitals() {
    for (text, managed) in [
        ("True", true),
        ("true", true),
        ("TRUE", true),
        ("False", false),
        ("no", false),
    ] {
        let payload = format!("<item managed='{text}' name='a'>u@d</item>");
        let Reply::HypervisorControl(hypervisor_control::Reply::Roster(items)) =
            reply("hypervisor:control", "rostervm", &payload)
        else {
            panic!("no roster")
        };
        assert_eq!(items[0].managed, managed, "{text}");
    }
}

#[test]
fn tolerates_changes_sent_as_get() {
    for kind in ["get", "set"] {
        let xml = format!(
            "<iq xmlns='jabber:client' type='{kind}' id='1'><query xmlns='archipel:vm:definition'><archipel action='undefine'/></query></iq>"
        );
        let command = Command::parse(iq(&xml).payload().unwrap()).unwrap();
        assert!(command.request.is_change());
    }
}

#[test]
fn tolerates_an_explicit_namespace_on_archipel() {
    let explicit = request(
        "vm:control",
        "<archipel xmlns='archipel:vm:control' action='suspend'/>",
    );
    assert_eq!(
        explicit,
        request("vm:control", "<archipel action='suspend'/>")
    );
}

#[test]
fn tolerates_the_type_ignore() {
    let iq = iq(
        "<iq xmlns='jabber:client' type='ignore' id='1'><query xmlns='archipel:vm:control'/></iq>",
    );
    let asked = Request::VmControl(vm_control::Action::Info);
    let answer = Answer::parse(&asked, &iq).unwrap();
    assert_eq!(
        answer,
        Answer::Done(Reply::VmControl(vm_control::Reply::Info(None)))
    );
}

#[test]
fn tolerates_errors_without_a_condition_and_with_negative_codes() {
    let kind = |error: &str| {
        let xml = format!(
            "<iq xmlns='jabber:client' type='error' id='1'><query xmlns='x'/><error {error}</error></iq>"
        );
        Failure::parse(&iq(&xml)).kind
    };
    let generic = "<archipel-error-generic xmlns='archipel:error:generic'/><text>no\n\na\nb</text>";
    assert_eq!(
        kind(&format!("code='-43' type='cancel'>{generic}")),
        FailureKind::Busy
    );
    assert_eq!(
        kind(&format!("code='-10000' type='cancel'>{generic}")),
        FailureKind::NotFound
    );
    assert_eq!(
        kind(&format!("code='-9001' type='cancel'>{generic}")),
        FailureKind::Other
    );
    assert_eq!(
        kind("code='-1'><archipel-error-permission xmlns='archipel:error:permission'/>"),
        FailureKind::Forbidden
    );
    assert_eq!(
        kind("code='55'><libvirt-error-generic xmlns='libvirt:error:generic'/>"),
        FailureKind::Libvirt { code: 55 }
    );
}

#[test]
fn tolerates_a_code_that_is_no_number() {
    let xml = "<iq xmlns='jabber:client' type='error' id='1'><error code='archipel:error:permission' type='cancel'><text>x</text></error></iq>";
    assert_eq!(Failure::parse(&iq(xml)).kind, FailureKind::Other);
}

#[test]
fn tolerates_missing_attributes_of_allocation() {
    let bare = request("hypervisor:control", "<archipel action='alloc'/>");
    let empty = request(
        "hypervisor:control",
        "<archipel action='alloc' name='' orgname='' orgunit='' locality='' userid='' categories=''/>",
    );
    assert_eq!(bare, empty);
}

#[test]
fn tolerates_the_artificial_namespace_on_documents() {
    let artificial = request(
        "vm:definition",
        "<archipel action='define'><domain xmlns='http://www.gajim.org/xmlns/undeclared'><name>a</name></domain></archipel>",
    );
    let inherited = request(
        "vm:definition",
        "<archipel action='define'><domain><name>a</name></domain></archipel>",
    );
    assert_eq!(artificial, inherited);
}

#[test]
fn tolerates_the_broken_node_information() {
    let answer = reply(
        "hypervisor:control",
        "nodeinfo",
        "nrThreadperCorenrCPUmodel",
    );
    assert_eq!(
        answer,
        Reply::HypervisorControl(hypervisor_control::Reply::NodeInfo(None))
    );
}

#[test]
fn tolerates_percentages_with_many_digits() {
    let payload = "<info state='2' maxMem='1' memory='1' nrVirtCpu='1' cpuPrct='0.249326054063' hypervisor='h@d/n' autostart='0'/>";
    let Reply::VmControl(vm_control::Reply::Info(Some(info))) =
        reply("vm:control", "info", payload)
    else {
        panic!("no figures")
    };
    assert_eq!(info.state, VmState::Running);
    assert!((info.cpu_percent - 0.249_326).abs() < 1e-6);
}

#[test]
fn tolerates_french_and_other_spellings_of_yes() {
    for (text, granted) in [
        ("1", true),
        ("true", true),
        ("Oui", true),
        ("o", true),
        ("YES", true),
        ("y", true),
        ("non", false),
        ("on", false),
        ("0", false),
        ("", false),
    ] {
        let archipel = format!(
            "<archipel action='set'><permission permission_type='user' permission_target='a@b' permission_name='info' permission_value='{text}'/></archipel>"
        );
        let Request::Permissions(permissions::Action::Set { grants }) =
            request("permissions", &archipel)
        else {
            panic!("no grants")
        };
        assert_eq!(grants[0].granted, granted, "{text}");
    }
}

#[test]
fn tolerates_permissions_without_a_type() {
    let archipel = "<archipel action='get' permission_target='bob@dc.example'/>";
    let Request::Permissions(permissions::Action::Get { of }) = request("permissions", archipel)
    else {
        panic!("no question")
    };
    assert_eq!(
        of,
        permissions::Subject::User("bob@dc.example".parse().unwrap())
    );
}

#[test]
fn tolerates_online_as_a_show_value() {
    let Stanza::Presence(said) = Stanza::parse(element(
        "<presence xmlns='jabber:client'><show>online</show></presence>",
    ))
    .unwrap() else {
        panic!("no presence")
    };
    assert_eq!(presence::vm_state(&said), VmState::Running);
}

#[test]
fn tolerates_the_mark_of_a_central_agent_in_a_status() {
    let Stanza::Presence(said) = Stanza::parse(element("<presence xmlns='jabber:client'><status>\u{26ad} Online (3) \u{2014} no VT</status></presence>")).unwrap() else { panic!("no presence") };
    let said = HypervisorSaid::of(&said).unwrap();
    assert_eq!(
        (
            said.standing,
            said.central_agent,
            said.hardware_virtualisation
        ),
        (Standing::Online(3), true, false)
    );
}

#[test]
fn tolerates_the_word_none_for_no_value() {
    let job = "<job action='create' uid='u1' date='x' comment='None'/>";
    let Reply::Scheduler(scheduler::Reply::Jobs(jobs)) = reply("entity:scheduler", "jobs", job)
    else {
        panic!("no jobs")
    };
    assert_eq!(jobs[0].comment, None);
    let parked = "<virtualmachine uuid='7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01' name='web' parker='None' date='None'><domain/></virtualmachine>";
    let Reply::Parking(parking::HostReply::Parked(machines)) =
        reply("hypervisor:vmparking", "list", parked)
    else {
        panic!("no machines")
    };
    assert_eq!((&machines[0].parker, &machines[0].date), (&None, &None));
}

#[test]
fn tolerates_an_adjustment_that_was_never_made() {
    let Reply::Oom(oom::Reply::Oom(oom)) =
        reply("vm:oom", "getadjust", "<oom adjust='' score='0'/>")
    else {
        panic!("no value")
    };
    assert_eq!(oom.adjust, None);
}

#[test]
fn tolerates_a_screen_without_port_and_a_machine_without_screen() {
    let display = |payload| match reply("virtualmachine:vnc", "display", payload) {
        Reply::Vnc(vnc::Reply::Display(display)) => display,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        display(
            "<display type='vnc' host='h' port='-1' proxy='-1' supportssl='False' onlyssl='False'/>"
        )
        .port,
        None
    );
    assert_eq!(display("<display/>").kind, None);
}

#[test]
fn tolerates_a_unit_where_a_size_belongs() {
    let payload =
        "<disk name='a' path='/vm//drives/a.qcow2' format='qcow2' virtualSize='GiB' diskSize='7'/>";
    let Reply::Storage(storage::Reply::Drives(drives)) = reply("vm:disk", "get", payload) else {
        panic!("no drives")
    };
    assert_eq!(
        (drives[0].virtual_size, drives[0].file_size),
        (None, Some(7))
    );
}

#[test]
fn tolerates_a_drive_named_by_its_path() {
    let archipel =
        "<archipel action='delete' name='/vm//drives/7d0c/system.qcow2' undefine='yes'/>";
    let expected = storage::Action::Delete {
        name: "/vm//drives/7d0c/system.qcow2".into(),
        undefine: Some(true),
    };
    assert_eq!(request("vm:disk", archipel), Request::Storage(expected));
}

#[test]
fn tolerates_the_clients_name_for_editing_a_parked_machine() {
    let inner = "identifier='7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01'><domain/></archipel>";
    let client = request(
        "hypervisor:vmparking",
        &format!("<archipel action='updatexml' {inner}"),
    );
    let agent = request(
        "hypervisor:vmparking",
        &format!("<archipel action='edit_definition' {inner}"),
    );
    assert_eq!(client, agent);
    assert_eq!(client.action(), "edit_definition");
}

#[test]
fn tolerates_both_dates_of_a_package() {
    let date = |attribute: &str| {
        let payload = format!(
            "<source name='s' description='' url='http://x/' uuid='0b5e1a60-4b7b-4d0a-8b90-0d0f6a4be0aa'><appliance name='a' uuid='542623dd-85e4-3bef-a2c7-f59bfe81dd80' status='1' {attribute}='today'/></source>"
        );
        let Reply::VmCasting(vmcasting::Reply::Sources(sources)) =
            reply("hypervisor:vmcasting", "get", &payload)
        else {
            panic!("no feeds")
        };
        sources[0].appliances[0].date.clone()
    };
    assert_eq!(
        (date("date"), date("pubDate")),
        ("today".into(), "today".into())
    );
}

#[test]
fn tolerates_a_place_that_is_not_known() {
    let payload = "<gelocalization xmlns='http://www.gajim.org/xmlns/undeclared'><Latitude>None</Latitude><Longitude>2.35</Longitude></gelocalization>";
    let Reply::Geolocation(geolocation::Reply::Place(place)) =
        reply("hypervisor:geolocalization", "get", payload)
    else {
        panic!("no place")
    };
    assert_eq!((place.latitude, place.longitude), (None, Some(2.35)));
}

#[test]
fn tolerates_accounts_of_unknown_kinds() {
    let Reply::XmppUsers(xmpp_users::Reply::Users(users)) =
        Request::XmppUsers(xmpp_users::Action::List {
            page: 0,
            humans_only: None,
        })
        .parse_reply(&element(
            "<query xmlns='x'><user jid='a@b' type='central-agent'/></query>",
        ))
        .unwrap()
    else {
        panic!("no accounts")
    };
    assert_eq!(users[0].kind, xmpp_users::Kind::User);
}

#[test]
fn tolerates_yes_for_compression() {
    let archipel = "<archipel action='package' name='a' gzip='yes'/>";
    let Request::Appliances(appliances::Action::Package {
        gzip, include_iso, ..
    }) = request("virtualmachine:vmcasting", archipel)
    else {
        panic!("no package")
    };
    assert_eq!((gzip, include_iso), (Some(true), None));
}

#[test]
fn tolerates_a_network_named_instead_of_numbered() {
    let expected = networks::Action::Create {
        network: "lab".into(),
    };
    assert_eq!(
        request(
            "hypervisor:network",
            "<archipel action='create' uuid='lab'/>"
        ),
        Request::Networks(expected)
    );
}

#[test]
fn tolerates_the_flag_inside_a_networks_definition() {
    let payload = "<activedNetworks><network xmlns='http://www.gajim.org/xmlns/undeclared' autostart='1'><name>lab</name></network></activedNetworks><unactivedNetworks/>";
    let Reply::Networks(networks::Reply::Networks(all)) =
        reply("hypervisor:network", "get", payload)
    else {
        panic!("no networks")
    };
    assert!(all.active[0].autostart);
    assert_eq!(
        all.active[0].document,
        Document::from_text("<network><name>lab</name></network>").unwrap()
    );
}

#[test]
fn tolerates_the_major_number_inside_the_minor_one() {
    let figures = "<memory total='2' free='1'/><cpu id='1'/><load one='0' five='0' fifteen='0'/><libvirt major='1' minor='1002' release='9'/>";
    let Reply::Health(health::Reply::Info(info)) = reply("hypervisor:health", "info", figures)
    else {
        panic!("no figures")
    };
    assert_eq!(info.libvirt_version, 1_002_009);
}

#[test]
fn tolerates_pushes_without_a_fraction_and_with_lists() {
    let push = push::Push::parse(&element("<push xmlns='archipel:push:permissions' date='2026-05-01 10:00:00' change=\"[u'a@b', u'c@d']\"/>")).unwrap();
    let Some(push::Known::Permissions(accounts)) = push::Known::of(&push) else {
        panic!("not known")
    };
    assert_eq!(
        (accounts.len(), push.date.as_str()),
        (2, "2026-05-01 10:00:00")
    );
}

#[test]
fn tolerates_signs_of_life_without_salt() {
    let keepalive = Keepalive::parse(&element(
        "<event xmlns='x' type='keepalive' jid='c@d/e' keepalive_interval='10'/>",
    ))
    .unwrap();
    assert_eq!(
        (keepalive.salt, keepalive.force_update, keepalive.timeout_s),
        (None, false, None)
    );
}

#[test]
fn tolerates_accounts_in_descriptions() {
    let account =
        migration::Account::parse(" 7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01@dc.example::::s3cret\n")
            .unwrap();
    assert_eq!(account.password.reveal(), "s3cret");
}

#[test]
fn tolerates_tags_with_empty_parts() {
    let Request::Tags(tags::Action::Set { tags }) =
        request("tags", "<archipel action='settags' tags=';;a;;;;b;;'/>")
    else {
        panic!("no tags")
    };
    assert_eq!(tags.iter().collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn tolerates_second_actions_and_noise_beside_the_first() {
    let noisy = request(
        "vm:control",
        "<noise/><archipel action='info' spare='1'><noise/></archipel><archipel action='destroy'/>",
    );
    assert_eq!(noisy, Request::VmControl(vm_control::Action::Info));
}

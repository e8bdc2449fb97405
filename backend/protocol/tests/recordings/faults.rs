//! Requests that were recorded because they are malformed, each with the word by which the typed error names the fault.

const FAULTS: &[(&str, &str)] = &[
    ("archipel-avatar__setavatar__missing-attribute", "`avatar`"),
    (
        "archipel-bogus__x__unknown-namespace",
        "`x` of `archipel:bogus` is not known",
    ),
    (
        "archipel-centralagent-platform__request__no-limit",
        "`limit`",
    ),
    ("archipel-centralagent__bogus__unknown-action", "`bogus`"),
    ("archipel-entity-scheduler__schedule__bad-field", "`year`"),
    ("archipel-entity-scheduler__schedule__invalid-job", "`job`"),
    (
        "archipel-entity-scheduler__schedule__missing-attributes",
        "`job`",
    ),
    (
        "archipel-hypervisor-control__bogus__permission-denied",
        "`bogus`",
    ),
    (
        "archipel-hypervisor-control__bogus__unknown-action",
        "`bogus`",
    ),
    ("archipel-hypervisor-control__clone__missing-jid", "`jid`"),
    ("archipel-hypervisor-control__free__missing-jid", "`jid`"),
    (
        "archipel-hypervisor-control__free__permission-denied",
        "`jid`",
    ),
    (
        "archipel-hypervisor-control__none__no-action-attribute",
        "`action`",
    ),
    (
        "archipel-hypervisor-control__none__no-archipel-element",
        "<archipel>",
    ),
    (
        "archipel-hypervisor-control__setorginfo__missing-target",
        "`target`",
    ),
    (
        "archipel-hypervisor-control__setorginfo__unknown-target",
        "`target`",
    ),
    (
        "archipel-hypervisor-control__soft_alloc__missing-domain",
        "<domain>",
    ),
    (
        "archipel-hypervisor-control__soft_alloc__no-permission-check",
        "<domain>",
    ),
    (
        "archipel-hypervisor-health__bogus__unknown-action",
        "`bogus`",
    ),
    (
        "archipel-hypervisor-health__history__limit-missing",
        "`limit`",
    ),
    ("archipel-hypervisor-health__logs__limit-missing", "`limit`"),
    (
        "archipel-hypervisor-network__create__missing-uuid",
        "`uuid`",
    ),
    (
        "archipel-hypervisor-network__define__no-network-element",
        "<network>",
    ),
    (
        "archipel-hypervisor-nuage-network__create__no-payload",
        "<nuage_network>",
    ),
    (
        "archipel-hypervisor-vmcasting__deleteappliance__unknown-uuid",
        "`uuid`",
    ),
    (
        "archipel-hypervisor-vmcasting__downloadappliance__unknown-uuid",
        "`uuid`",
    ),
    (
        "archipel-hypervisor-vmcasting__getappliances__unknown-uuid",
        "`uuid`",
    ),
    (
        "archipel-hypervisor-vmcasting__register__missing-url",
        "`url`",
    ),
    (
        "archipel-hypervisor-vmcasting__unregister__unknown-uuid",
        "`uuid`",
    ),
    (
        "archipel-hypervisor-vmparking__bogus__unknown-action",
        "`bogus`",
    ),
    (
        "archipel-hypervisor-vmparking__park__missing-uuid",
        "`uuid`",
    ),
    ("archipel-permissions__bogus__unknown-action", "`bogus`"),
    (
        "archipel-permissions__get__no-target",
        "`permission_target`",
    ),
    (
        "archipel-permissions__set__missing-attributes",
        "`permission_target`",
    ),
    ("archipel-subscription__add__missing-jid", "`jid`"),
    ("archipel-subscription__remove__missing-jid", "`jid`"),
    ("archipel-tags__settags__missing-tags", "`tags`"),
    (
        "archipel-virtualmachine-snapshoting__take__no-payload",
        "<domainsnapshot>",
    ),
    (
        "archipel-virtualmachine-vmcasting__attach__unknown-uuid",
        "`uuid`",
    ),
    (
        "archipel-virtualmachine-vmcasting__package__missing-name",
        "`name`",
    ),
    ("archipel-vm-control__autostart__bad-value", "`value`"),
    ("archipel-vm-control__autostart__missing-value", "`value`"),
    ("archipel-vm-control__bogus__unknown-action", "`bogus`"),
    ("archipel-vm-control__memory__missing-value", "`value`"),
    (
        "archipel-vm-control__migrate__missing-hypervisorjid",
        "`hypervisorjid`",
    ),
    (
        "archipel-vm-control__none__no-archipel-element",
        "<archipel>",
    ),
    ("archipel-vm-control__setvcpus__missing-value", "`value`"),
    ("archipel-vm-definition__bogus__unknown-action", "`bogus`"),
    ("archipel-vm-definition__define__no-domain", "<domain>"),
    (
        "archipel-vm-definition__define__permission-denied",
        "<domain>",
    ),
    ("archipel-vm-disk__create__bad-format", "`format`"),
    ("archipel-vm-disk__create__missing-attributes", "`name`"),
    ("archipel-vm-oom__setadjust__missing-value", "`adjust`"),
    (
        "archipel-xmppserver-users__list__central-missing-page",
        "`page`",
    ),
    (
        "archipel-xmppserver-users__list__via-hypervisor-missing-page-granted",
        "`page`",
    ),
    (
        "archipel-xmppserver-users__list__via-hypervisor-missing-page",
        "`page`",
    ),
    (
        "prosody__archipel-vm-control.bogus__unknown-action",
        "`bogus`",
    ),
];

/// How the error for this exchange names its fault; `None` for a sound request.
pub(crate) fn of(name: &str) -> Option<&'static str> {
    let mut faults = FAULTS.iter();
    faults
        .find(|(known, _)| *known == name)
        .map(|(_, fault)| *fault)
}

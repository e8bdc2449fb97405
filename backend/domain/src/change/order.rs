//! The order in which libvirt writes the children of an element.
//!
//! libvirt reads nearly all of them in any order; a document in its own order is one that reads like `virsh dumpxml`.

use std::str::SplitWhitespace;

use crate::Element;

/// The place of a child among its siblings; `None` where nothing is known about it.
pub(super) fn rank(parent: Element<'_>, child: &str) -> Option<usize> {
    children_of(parent)?.position(|name| name == child)
}

/// Whether libvirt has such a child there; `None` where the parent's children are not kept here.
pub(crate) fn is_known(parent: Element<'_>, child: &str) -> Option<bool> {
    Some(children_of(parent)?.any(|name| name == child))
}

fn children_of(parent: Element<'_>) -> Option<SplitWhitespace<'static>> {
    let within = parent.parent().map(|outer| outer.name());
    let fits = |(context, name, _): &&Row| {
        *name == parent.name() && context.is_none_or(|context| within == Some(context))
    };
    ORDER
        .iter()
        .find(fits)
        .map(|(_, _, children)| children.split_whitespace())
}

/// The element around the parent where that matters, the parent, its children in order.
type Row = (Option<&'static str>, &'static str, &'static str);

const DOMAIN: &str = "name uuid genid title description metadata hwuuid maxMemory memory currentMemory blkiotune memtune \
     memoryBacking vcpu vcpus iothreads iothreadids defaultiothread cputune numatune resource sysinfo \
     bootloader bootloader_args os idmap features cpu clock on_poweroff on_reboot on_crash on_lockfailure \
     pm perf devices seclabel keywrap launchSecurity";

const DEVICES: &str = "emulator disk controller lease filesystem interface smartcard serial parallel console channel input \
     tpm graphics sound audio video hostdev redirdev redirfilter hub watchdog memballoon rng nvram panic \
     shmem memory iommu vsock crypto";

const ORDER: &[Row] = &[
    (None, "devices", DEVICES),
    (
        None,
        "os",
        "type firmware init initarg initenv initdir inituser initgroup loader nvram kernel initrd cmdline dtb \
     acpi boot bootmenu bios smbios",
    ),
    (
        Some("domain"),
        "features",
        "acpi apic pae viridian hyperv privnet kvm xen hap pvspinlock pmu vmport gic smm tseg ioapic hpt \
     vmcoreinfo htm nested-hv ccf-assist capabilities cfpc sbbc ibs msrs ras tcg async-teardown",
    ),
    (
        None,
        "hyperv",
        "relaxed vapic spinlocks vpindex runtime synic stimer reset vendor_id frequencies reenlightenment \
     tlbflush ipi evmcs avic",
    ),
    (
        Some("domain"),
        "cpu",
        "model vendor topology cache maxphysaddr feature numa",
    ),
    (
        Some("domain"),
        "cputune",
        "shares global_period global_quota period quota emulator_period emulator_quota iothread_period \
     iothread_quota vcpupin emulatorpin iothreadpin vcpusched emulatorsched iothreadsched",
    ),
    (
        None,
        "memoryBacking",
        "hugepages nosharepages locked source access allocation discard",
    ),
    (None, "pm", "suspend-to-mem suspend-to-disk"),
    (
        None,
        "disk",
        "driver auth source backingStore backenddomain geometry blockio mirror target iotune readonly \
     shareable transient serial wwn vendor product encryption boot alias address",
    ),
    (
        None,
        "interface",
        "mac source virtualport ip route script backenddomain target guest vlan port bandwidth model driver \
     backend filterref boot tune link mtu coalesce rom acpi alias address",
    ),
    (
        None,
        "graphics",
        "listen channel image jpeg zlib playback streaming clipboard mouse filetransfer gl audio",
    ),
    (
        None,
        "filesystem",
        "driver binary source target readonly space_hard_limit space_soft_limit alias address",
    ),
    (None, "hostdev", "source boot teaming rom alias address"),
    (
        None,
        "controller",
        "driver model target pcihole64 alias address",
    ),
    (None, "memballoon", "stats alias driver address"),
    (
        None,
        "network",
        "name uuid metadata forward bridge mtu mac domain dns vlan bandwidth port virtualport ip route \
     portgroup",
    ),
    (
        None,
        "pool",
        "name uuid capacity allocation available features source target refresh",
    ),
    (Some("pool"), "target", "path permissions"),
    (
        None,
        "volume",
        "name key source capacity allocation physical target backingStore",
    ),
    (
        Some("volume"),
        "target",
        "path format permissions timestamps encryption compat nocow clusterSize features",
    ),
    (
        None,
        "domainsnapshot",
        "name description state parent creationTime memory disks domain inactiveDomain cookie",
    ),
    (None, "filter", "uuid filterref rule"),
    (None, "domain", DOMAIN),
];

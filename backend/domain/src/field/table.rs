//! The fields of a machine's definition.

use super::{Field, Shape};

const fn text(name: &'static str, path: &'static str, about: &'static str) -> Field {
    Field {
        name,
        path,
        shape: Shape::Text,
        about,
    }
}

const fn word(
    name: &'static str,
    path: &'static str,
    words: &'static [&'static str],
    about: &'static str,
) -> Field {
    Field {
        name,
        path,
        shape: Shape::Word(words),
        about,
    }
}

const fn flag(name: &'static str, path: &'static str, about: &'static str) -> Field {
    Field {
        name,
        path,
        shape: Shape::Flag,
        about,
    }
}

const fn of(name: &'static str, path: &'static str, shape: Shape, about: &'static str) -> Field {
    Field {
        name,
        path,
        shape,
        about,
    }
}

const YES_NO: &[&str] = &["yes", "no"];
const ON_OFF: &[&str] = &["on", "off"];
const AFTER: &[&str] = &["destroy", "restart", "preserve", "rename-restart"];
const AFTER_CRASH: &[&str] = &[
    "destroy",
    "restart",
    "preserve",
    "rename-restart",
    "coredump-destroy",
    "coredump-restart",
];

/// `<domain>`.
pub(super) const DOMAIN: &[Field] = &[
    word(
        "type",
        "@type",
        &[
            "kvm",
            "qemu",
            "xen",
            "lxc",
            "vbox",
            "vmware",
            "hyperv",
            "bhyve",
            "test",
            "hvf",
            "parallels",
            "vz",
        ],
        "the hypervisor that runs it",
    ),
    text("name", "name", "its name on its host"),
    text("uuid", "uuid", "its identity"),
    text("title", "title", "a short text for people"),
    text("description", "description", "a text for people"),
    of(
        "memory",
        "memory",
        Shape::Amount("KiB"),
        "the most memory at start",
    ),
    of(
        "current-memory",
        "currentMemory",
        Shape::Amount("KiB"),
        "memory that the balloon leaves it at start",
    ),
    of(
        "max-memory",
        "maxMemory",
        Shape::Amount("KiB"),
        "the most memory with what is plugged in while it runs",
    ),
    flag(
        "hugepages",
        "memoryBacking/hugepages",
        "memory from huge pages",
    ),
    flag(
        "locked-memory",
        "memoryBacking/locked",
        "memory that is never swapped out",
    ),
    of("vcpus", "vcpu", Shape::Vcpus, "processors at start"),
    of(
        "max-vcpus",
        "vcpu",
        Shape::Number(1, 65_535),
        "the most processors; at start, too, where `vcpus` says nothing else",
    ),
    of(
        "iothreads",
        "iothreads",
        Shape::Number(0, 65_535),
        "threads that serve its disks",
    ),
    of(
        "cpu-shares",
        "cputune/shares",
        Shape::Number(2, 262_144),
        "its weight against other machines, 1024 being usual",
    ),
    of(
        "topology",
        "cpu/topology",
        Shape::Topology,
        "how its processors are arranged",
    ),
    word(
        "cpu-mode",
        "cpu/@mode",
        &["custom", "host-model", "host-passthrough", "maximum"],
        "where the processor's model comes from",
    ),
    text("cpu-model", "cpu/model", "the processor's model"),
    word(
        "cpu-match",
        "cpu/@match",
        &["minimum", "exact", "strict"],
        "how near the host's processor must be",
    ),
    word(
        "os-type",
        "os/type",
        &["hvm", "xen", "linux", "exe", "xenpvh", "uml"],
        "how it boots",
    ),
    word(
        "arch",
        "os/type/@arch",
        &[
            "x86_64", "i686", "aarch64", "armv7l", "ppc64", "ppc64le", "riscv64", "s390x",
        ],
        "the processor's architecture",
    ),
    text("machine", "os/type/@machine", "the board that is emulated"),
    word(
        "firmware",
        "os/@firmware",
        &["bios", "efi"],
        "what runs first, chosen by libvirt",
    ),
    text("loader", "os/loader", "what runs first: a file on the host"),
    text(
        "nvram",
        "os/nvram",
        "where its firmware keeps variables: a file on the host",
    ),
    text(
        "kernel",
        "os/kernel",
        "a kernel to boot: a file on the host",
    ),
    text(
        "initrd",
        "os/initrd",
        "the kernel's first file system: a file on the host",
    ),
    text("cmdline", "os/cmdline", "what the kernel is told"),
    of(
        "boot",
        "os/boot/@dev",
        Shape::Words(&["hd", "cdrom", "network", "fd"]),
        "what is tried, in this order; not beside the devices' own order",
    ),
    word(
        "boot-menu",
        "os/bootmenu/@enable",
        YES_NO,
        "whether a person may choose",
    ),
    word(
        "smbios",
        "os/smbios/@mode",
        &["emulate", "host", "sysinfo"],
        "what it learns about its hardware",
    ),
    flag(
        "acpi",
        "features/acpi",
        "power management; without it no polite shutdown",
    ),
    flag("apic", "features/apic", "interrupts for several processors"),
    flag("pae", "features/pae", "more than 4 GiB for 32 bit guests"),
    word(
        "hap",
        "features/hap/@state",
        ON_OFF,
        "paging by the processor",
    ),
    word(
        "smm",
        "features/smm/@state",
        ON_OFF,
        "system management mode, for secure boot",
    ),
    word("pmu", "features/pmu/@state", ON_OFF, "performance counters"),
    word("vmport", "features/vmport/@state", ON_OFF, "VMware's port"),
    word(
        "hyperv-relaxed",
        "features/hyperv/relaxed/@state",
        ON_OFF,
        "Windows does not mind late timers",
    ),
    word(
        "hyperv-vapic",
        "features/hyperv/vapic/@state",
        ON_OFF,
        "Windows' interrupts made cheap",
    ),
    word(
        "kvm-hidden",
        "features/kvm/hidden/@state",
        ON_OFF,
        "whether KVM is kept from the guest",
    ),
    word(
        "clock",
        "clock/@offset",
        &["utc", "localtime", "timezone", "variable", "absolute"],
        "what its clock shows at start",
    ),
    text(
        "timezone",
        "clock/@timezone",
        "which time zone, for the clock `timezone`",
    ),
    word(
        "on-poweroff",
        "on_poweroff",
        AFTER,
        "what follows when the guest switches off",
    ),
    word(
        "on-reboot",
        "on_reboot",
        AFTER,
        "what follows when the guest reboots",
    ),
    word(
        "on-crash",
        "on_crash",
        AFTER_CRASH,
        "what follows when the guest crashes",
    ),
    word(
        "on-lockfailure",
        "on_lockfailure",
        &["poweroff", "restart", "pause", "ignore"],
        "what follows when a disk's lock is lost",
    ),
    word(
        "suspend-to-mem",
        "pm/suspend-to-mem/@enabled",
        YES_NO,
        "whether the guest may sleep",
    ),
    word(
        "suspend-to-disk",
        "pm/suspend-to-disk/@enabled",
        YES_NO,
        "whether the guest may hibernate",
    ),
    text(
        "emulator",
        "devices/emulator",
        "the program that runs it: a file on the host",
    ),
    word(
        "balloon",
        "devices/memballoon/@model",
        &[
            "virtio",
            "virtio-transitional",
            "virtio-non-transitional",
            "xen",
            "none",
        ],
        "how memory is taken back while it runs",
    ),
    of(
        "balloon-period",
        "devices/memballoon/stats/@period",
        Shape::Number(0, u64::MAX),
        "how often the guest reports its memory, seconds",
    ),
];

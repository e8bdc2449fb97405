//! Whoever may write definitions and has no further rights on the host reaches nothing of the host: on QEMU, in every way in which a
//! definition can be written.

use archipel_lab::{Driver, ServerKind, skip};
use archipel_protocol::chunks::{Chunk, Digest};

use crate::{
    row::{Ask, Combination, Of, Said, says},
    world::{World, lacking},
};

const TWO: Of = Of::Machine("two");
const DEFINITION: &str = "archipel:vm:definition";

/// Devices.
const DEVICES: &[&str] = &[
    // Files and disks of the host, however they are written.
    "<disk type='file'><driver name='qemu' type='raw'/><source file='/etc/shadow'/><target dev='vdb' bus='virtio'/></disk>",
    "<disk type='file'><source file='/etc/&#x73;hadow'/><target dev='vdb' bus='virtio'/></disk>",
    "<disk type='file'><source file='{images}/{two}/../../../etc/shadow'/><target dev='vdb' bus='virtio'/></disk>",
    "<disk type='file'><source file='{images}/{two}/out/shadow'/><target dev='vdb' bus='virtio'/></disk>",
    "<disk type='file'><source file='{images}/{two}x/disk'/><target dev='vdb' bus='virtio'/></disk>",
    "<disk type='file'><source file='{images}/guest01.qcow2'/><target dev='vdb' bus='virtio'/></disk>",
    "<disk type='file'><driver name='qemu' type='raw'/><source file='{images}//{two}/own.raw'/><target dev='vdb' bus='virtio'/></disk>",
    "<disk type='file'><driver name='qemu' type='qcow2'/><source file='{images}/{two}/a'/><backingStore type='file'><format type='qcow2'/><source file='{images}/{two}/own.raw'/></backingStore><target dev='vdb' bus='virtio'/></disk>",
    "<disk type='file' device='cdrom'><source file='/etc/passwd'/><target dev='hdc' bus='ide'/><readonly/></disk>",
    "<disk type='file'><source file='{images}/{two}/a'/><backingStore type='file'><format type='raw'/><source file='/etc/shadow'/></backingStore><target dev='vdb' bus='virtio'/></disk>",
    "<disk type='file'><source file='{images}/{two}/a'><dataStore type='file'><format type='raw'/><source file='/etc/shadow'/></dataStore></source><target dev='vdb' bus='virtio'/></disk>",
    "<disk type='block'><source dev='/dev/sda'/><target dev='vdb' bus='virtio'/></disk>",
    "<disk type='block' device='lun' sgio='unfiltered' rawio='yes'><source dev='/dev/sda'/><target dev='sda' bus='scsi'/></disk>",
    "<disk type='dir'><source dir='/etc'/><target dev='vdb' bus='virtio'/></disk>",
    "<disk type='network'><source protocol='nbd' name='x'><host transport='unix' socket='/run/x'/></source><target dev='vdb' bus='virtio'/></disk>",
    "<disk type='network'><source protocol='http' name='x'><host name='192.0.2.1'/></source><target dev='vdb' bus='virtio'/></disk>",
    "<disk type='volume'><source pool='default' volume='other'/><target dev='vdb' bus='virtio'/></disk>",
    "<disk type='nvme'><source type='pci' managed='yes' namespace='1'><address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source><target dev='vdb' bus='virtio'/></disk>",
    "<disk type='vhostuser'><source type='unix' path='/tmp/x'/><target dev='vdb' bus='virtio'/></disk>",
    "<filesystem type='mount' accessmode='passthrough'><source dir='/'/><target dir='root'/></filesystem>",
    "<filesystem type='mount'><driver type='virtiofs'/><binary path='/bin/sh'/><source dir='/'/><target dir='root'/></filesystem>",
    // Devices that are passed through.
    "<hostdev mode='subsystem' type='usb'><source><vendor id='0x1234'/><product id='0xbeef'/></source></hostdev>",
    "<hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x0000' bus='0x06' slot='0x02' function='0x0'/></source></hostdev>",
    "<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='c2177883-f1bb-47f0-914d-32a22e3a8804'/></source></hostdev>",
    "<hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_host0'/><address bus='0' target='0' unit='0'/></source></hostdev>",
    "<redirdev bus='usb' type='tcp'><source mode='connect' host='192.0.2.1' service='4000'/></redirdev>",
    "<smartcard mode='host'/>",
    "<smartcard mode='host-certificates'><certificate>a</certificate><certificate>b</certificate><certificate>c</certificate><database>/etc</database></smartcard>",
    "<tpm model='tpm-tis'><backend type='passthrough'><device path='/dev/tpm0'/></backend></tpm>",
    "<tpm model='tpm-tis'><backend type='external'><source type='unix' mode='connect' path='/run/x'/></backend></tpm>",
    "<input type='evdev'><source dev='/dev/input/event0'/></input>",
    "<input type='passthrough' bus='virtio'><source evdev='/dev/input/event0'/></input>",
    "<rng model='virtio'><backend model='random'>/dev/sda</backend></rng>",
    "<rng model='virtio'><backend model='egd' type='unix'><source mode='connect' path='/run/x'/></backend></rng>",
    "<shmem name='other'><model type='ivshmem-plain'/><size unit='M'>4</size></shmem>",
    "<vsock model='virtio'><cid auto='no' address='3'/></vsock>",
    "<memory model='nvdimm'><source><path>/etc/shadow</path></source><target><size unit='KiB'>524288</size><node>0</node></target></memory>",
    "<audio id='1' type='file' path='/etc/cron.d/x'/>",
    // Programs and scripts that the host would run.
    "<emulator>/bin/sh</emulator>",
    "<interface type='ethernet'><script path='/tmp/up'/></interface>",
    "<interface type='user'><script path='/tmp/up'/></interface>",
    "<interface type='user'><backend type='passt' logFile='/etc/cron.d/x'/></interface>",
    // The host's networks, open ports, lines into files.
    "<interface type='bridge'><source bridge='br0'/></interface>",
    "<interface type='direct'><source dev='eth0' mode='passthrough'/></interface>",
    "<interface type='hostdev' managed='yes'><source><address type='pci' domain='0x0' bus='0x0' slot='0x7' function='0x0'/></source></interface>",
    "<interface type='vhostuser'><source type='unix' path='/tmp/x' mode='server'/></interface>",
    "<interface type='server'><source address='0.0.0.0' port='5558'/></interface>",
    "<graphics type='vnc' port='-1' listen='0.0.0.0'/>",
    "<graphics type='vnc'><listen type='socket' socket='/etc/x'/></graphics>",
    "<graphics type='spice'><listen type='none'/><gl enable='yes' rendernode='/dev/dri/renderD128'/></graphics>",
    "<serial type='file'><source path='/etc/cron.d/x'/></serial>",
    "<serial type='pty'><log file='/etc/cron.d/x' append='on'/></serial>",
    "<serial type='dev'><source path='/dev/ttyS0'/></serial>",
    "<serial type='tcp'><source mode='bind' host='0.0.0.0' service='2445'/><protocol type='telnet'/></serial>",
    "<channel type='unix'><source mode='bind' path='/etc/x'/><target type='virtio' name='x'/></channel>",
    "<parallel type='pipe'><source path='/tmp/x'/></parallel>",
    // What this agent does not know, it does not let pass.
    "<hologram path='x'/>",
];

/// Beside the devices.
const BESIDE: &[&str] = &[
    "<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:arg value='-chardev'/><qemu:arg value='file,id=x,path=/etc/x'/></qemu:commandline>",
    "<q:commandline xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'><q:env name='LD_PRELOAD' value='/tmp/x.so'/></q:commandline>",
    "<qemu:override xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:device alias='x'/></qemu:override>",
    "<devices><hostdev mode='subsystem' type='usb'><source><vendor id='0x1234'/></source></hostdev></devices>",
    "<bootloader>/bin/sh</bootloader>",
    "<sysinfo type='fwcfg'><entry name='opt/x' file='/etc/shadow'/></sysinfo>",
    "<seclabel type='none'/>",
    "<seclabel type='static' model='dac' relabel='no'><label>root:root</label></seclabel>",
    "<resource><partition>/</partition></resource>",
    "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>",
    "<memoryBacking><locked/></memoryBacking>",
    "<idmap><uid start='0' target='0' count='10'/></idmap>",
];

/// Within what the definition has: what stands there, and in its place.
const WITHIN: &[(&str, &str)] = &[
    ("<os>", "<os><loader readonly='no'>/etc/passwd</loader>"),
    ("<os>", "<os><nvram template='/etc/shadow'>/tmp/x</nvram>"),
    ("<os>", "<os><dtb>/etc/shadow</dtb>"),
    (
        "<os>",
        "<os><acpi><table type='slic'>/etc/shadow</table></acpi>",
    ),
    ("<kernel>", "<kernel>/etc/shadow</kernel><kernel>"),
    ("<initrd>", "<initrd>/etc/../"),
    ("<features>", "<features><capabilities policy='allow'/>"),
    ("<source file='", "<source file='/"),
    ("type='qcow2'", "type='raw'"),
];

/// What is a machine's own.
const HARMLESS: &[&str] = &[
    "<disk type='file'><driver name='qemu' type='raw'/><source file='{images}/{two}/own.raw'/><target dev='vdb' bus='virtio'/></disk>",
    "<interface type='user'><model type='virtio'/></interface>",
    "<sound model='ich9'/>",
];

/// The machine's definition and somebody who may write it.
struct Attack {
    world: World,
    /// As libvirt has it, secrets and all.
    kept: String,
}

impl Attack {
    async fn prepare(on: Combination) -> Attack {
        let mut world = World::start(on).await.unwrap();
        for permission in ["define", "xmldesc", "alloc"] {
            world.learn("permission", permission.to_owned());
            let grant = "<permission permission_type='user' permission_target='olga@{dc}' permission_name='{permission}' permission_value='1'/>";
            let asks = says("").holding(grant);
            let grant = ask("admin", "archipel:permissions", "set", Of::Host, asks);
            let given = world.answer(&grant);
            assert_eq!(given.await.0, "result");
        }
        world.link_out("two");
        let kept = world
            .virsh("dumpxml --inactive --security-info {two}")
            .await;
        Attack {
            world,
            kept: kept.unwrap(),
        }
    }

    /// As the original's clients define, and as a text in pieces.
    async fn refused(&mut self, text: &str) {
        let text = self.world.fill(text);
        self.world.learn("hostile", text.clone());
        let define = ask(
            "olga",
            DEFINITION,
            "define",
            TWO,
            says("").holding("{hostile}"),
        );
        self.is_refused(&define, &text).await;
        self.stage(&text).await;
        let write = says("digest='{whole}' base='{base}'");
        self.is_refused(&ask("olga", DEFINITION, "write", TWO, write), &text)
            .await;
    }

    /// In a new machine.
    async fn alloc_refused(&mut self, device: &str) {
        let asks = self.new_machine(device);
        let alloc = ask(
            "olga",
            "archipel:hypervisor:control",
            "alloc",
            Of::Host,
            asks,
        );
        self.is_refused(&alloc, device).await;
    }

    fn new_machine(&mut self, devices: &str) -> Said {
        self.world.learn("hostile", devices.to_owned());
        says("name='new'").holding("{domain}{body}<devices>{hostile}</devices></domain>")
    }

    /// As a typed edit of one line.
    async fn edit_refused(&mut self, edit: &str) {
        let edit = self
            .world
            .fill(edit)
            .replace('&', "&amp;")
            .replace('<', "&lt;");
        self.world.learn("hostile", edit.clone());
        let asks = says("base='{base}'").holding("<edits>{hostile}</edits>");
        self.is_refused(&ask("olga", DEFINITION, "edit", TWO, asks), &edit)
            .await;
    }

    async fn is_refused(&self, ask: &Ask, text: &str) {
        let (outcome, why) = self.world.answer(ask).await;
        assert!(
            outcome == "forbidden" && why.contains("reaches"),
            "{}: {outcome}: {why}\n{text}",
            ask.action
        );
    }

    async fn stage(&mut self, text: &str) {
        let mut offset = 0;
        while offset < text.len() {
            let piece = Chunk::cut(text, offset).unwrap();
            offset += piece.text.len();
            self.world.learn("piece", String::from(&piece.to_element()));
            let asks = says("").holding("{piece}");
            let stage = ask("olga", DEFINITION, "stage", TWO, asks);
            let staged = self.world.answer(&stage);
            assert_eq!(staged.await.0, "result");
        }
        self.world.learn("whole", Digest::of(text).to_string());
    }

    /// The definition with something more in it.
    fn with(&self, mark: &str, new: &str) -> String {
        assert!(self.kept.contains(mark), "{mark}: {}", self.kept);
        self.kept.replacen(mark, new, 1)
    }

    async fn left_nothing(&self) {
        let now = self.world.virsh("dumpxml --inactive --security-info {two}");
        assert_eq!(now.await.unwrap(), self.kept);
        let names = self.world.virsh("list --all --name").await.unwrap();
        assert!(!names.contains("new"), "{names}");
    }

    /// So it was not refused for something else.
    async fn may_do_what_is_its_own(&mut self) {
        let own = HARMLESS.concat();
        let text = self.with("</devices>", &format!("{own}</devices>"));
        self.world.learn("whole", text);
        let define = ask(
            "olga",
            DEFINITION,
            "define",
            TWO,
            says("").holding("{whole}"),
        );
        let asks = self.new_machine("<sound model='ich9'/>");
        let alloc = ask(
            "olga",
            "archipel:hypervisor:control",
            "alloc",
            Of::Host,
            asks,
        );
        for request in [define, alloc] {
            let (outcome, why) = self.world.answer(&request).await;
            assert_eq!(outcome, "result", "{}: {why}", request.action);
        }
    }

    async fn learn_base(&mut self) {
        let asks = says("which='next' offset='0'");
        let read = ask("olga", DEFINITION, "read", TWO, asks);
        self.world.keep(&read, "base", "chunk", "digest").await;
    }
}

const fn ask(
    by: &'static str,
    namespace: &'static str,
    action: &'static str,
    of: Of,
    asks: Said,
) -> Ask {
    Ask {
        by,
        namespace,
        action,
        of,
        asks,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_define_reaches_nothing_of_the_host() {
    let on = Combination {
        server: ServerKind::Prosody,
        driver: Driver::Qemu,
    };
    if let Some(reason) = lacking(on) {
        return skip("hostile definitions", &reason);
    }
    let mut attack = Attack::prepare(on).await;
    attack.learn_base().await;
    for device in DEVICES {
        let text = attack.with("</devices>", &format!("{device}</devices>"));
        attack.refused(&text).await;
        attack.edit_refused(&format!("add /devices {device}")).await;
        attack.alloc_refused(device).await;
    }
    for element in BESIDE {
        let text = attack.with("</domain>", &format!("{element}</domain>"));
        attack.refused(&text).await;
    }
    for (mark, new) in WITHIN {
        let text = attack.with(mark, new);
        attack.refused(&text).await;
    }
    attack.left_nothing().await;
    attack.may_do_what_is_its_own().await;
}

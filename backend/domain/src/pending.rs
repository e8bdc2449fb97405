//! What a running machine will take from its definition only at its next start.

use crate::{Diff, Document, Edit, Element, Path};

/// Edits that are made at a time, under the limit of a list.
const AT_A_TIME: usize = 128;
/// Beginnings of names that libvirt gives to interfaces on the host.
const MADE_UP: [&str; 3] = ["vnet", "macvtap", "vif"];

impl Document {
    /// What leads from this definition, by which a machine runs, to the one from which it starts next: nothing where they say the
    /// same. What libvirt adds for a run and writes into no definition of its own accord is left out on both sides: aliases, labels,
    /// devices, ports and sockets of the host, what an image builds on, a processor that it found out by itself.
    pub fn pending(&self, next: &Document) -> Diff {
        let expands = is_expanded(self, next);
        self.at_rest(expands).diff(&next.at_rest(expands))
    }

    /// Without what only a run has.
    fn at_rest(&self, without_processor: bool) -> Document {
        let mut gone = of_a_run(self);
        if without_processor {
            gone.extend(self.root().child("cpu").map(|cpu| self.path_to(&cpu)));
        }
        // From the end on: a path counts what stands before it.
        let edits: Vec<Edit> = gone
            .into_iter()
            .rev()
            .map(|path| Edit::Remove { path })
            .collect();
        let mut document = self.clone();
        for some in edits.chunks(AT_A_TIME) {
            // What cannot be left out is shown.
            if let Ok(edited) = document.edited(some) {
                document = edited.document;
            }
        }
        Document::parse(closed(document.text())).unwrap_or(document)
    }
}

/// Whether the processor of the run is that of the next start, as libvirt writes it out for a run: with everything that the host's has,
/// or with the features that come with its model.
fn is_expanded(live: &Document, next: &Document) -> bool {
    let (Some(live), Some(next)) = (live.root().child("cpu"), next.root().child("cpu")) else {
        return false;
    };
    if [live, next]
        .iter()
        .any(|cpu| said(*cpu, "mode") == "host-model")
    {
        return true;
    }
    let model = |cpu: Element<'_>| cpu.child("model").map(|model| model.text());
    let has = |wanted: Element<'_>| {
        let same = |name| move |one: &Element<'_>| said(*one, name) == said(wanted, name);
        let mut features = live.all("feature").filter(same("name"));
        features.any(|one| same("policy")(&one))
    };
    said(live, "check") == "full" && model(live) == model(next) && next.all("feature").all(has)
}

/// The text with each element that has nothing in it closed in its own tag: one that was emptied reads as one that was empty.
fn closed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("</") {
        out.push_str(before);
        let (name, after) = after.split_once('>').unwrap_or((after, ""));
        let inside = out.trim_end();
        let tag = inside.rfind('<').map_or("", |at| &inside[at + 1..]);
        let opened = tag.strip_suffix('>').filter(|tag| !tag.ends_with('/'));
        let own = opened.and_then(|tag| tag.split_whitespace().next());
        if own == Some(name.trim()) {
            out.truncate(inside.len() - 1);
            out.push_str("/>");
        } else {
            out.push_str("</");
            out.push_str(name);
            out.push('>');
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The places of what only a run has, in the order of the text.
fn of_a_run(document: &Document) -> Vec<Path> {
    let mut places = Vec::new();
    for element in document.root().descendants() {
        if is_of_a_run(element) {
            places.push(document.path_to(&element));
            continue;
        }
        let names = element
            .attributes()
            .map(|attribute| attribute.name().to_owned());
        let own = names.filter(|name| is_attribute_of_a_run(element, name));
        let paths = own.map(|name| format!("{}/@{name}", document.path_to(&element)));
        places.extend(paths.filter_map(|path| path.trim_start_matches('/').parse().ok()));
    }
    if document.root().attribute("id").is_some() {
        places.extend("@id".parse::<Path>().ok());
    }
    places
}

fn said(element: Element<'_>, name: &str) -> String {
    element.attribute(name).unwrap_or_default()
}

fn is_of_a_run(element: Element<'_>) -> bool {
    let parent = element.parent().map_or("", |parent| parent.name());
    match (parent, element.name()) {
        (_, "alias") => !said(element, "name").starts_with("ua-"),
        ("domain", "seclabel") => said(element, "type") == "dynamic",
        ("domain", "resource") | ("disk", "backingStore" | "mirror") => true,
        ("interface", "target") => {
            let name = said(element, "dev");
            MADE_UP.iter().any(|prefix| name.starts_with(prefix))
        }
        ("console" | "serial" | "parallel", "source") => element
            .parent()
            .is_some_and(|device| said(device, "type") == "pty"),
        _ => false,
    }
}

fn is_attribute_of_a_run(element: Element<'_>, name: &str) -> bool {
    let parent = element.parent().map_or("", |parent| parent.name());
    match (parent, element.name(), name) {
        ("disk", "source", "index")
        | ("channel", "target", "state")
        | (_, "console" | "serial" | "parallel", "tty") => true,
        ("interface", "source", "portid" | "bridge") => element.attribute("network").is_some(),
        (_, "graphics", "port" | "tlsPort" | "websocket") => said(element, "autoport") == "yes",
        // In a folder that libvirt makes for the run.
        (_, "graphics", "socket") | ("graphics", "listen", "socket") => {
            said(element, "socket").contains("/domain-")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const NEXT: &str = "<domain type='kvm'>\n  <name>a</name>\n  <memory>1</memory>\n  <devices>\n    <disk type='file'>\n      <source file='/a'/>\n    </disk>\n    <interface type='network'>\n      <source network='default'/>\n    </interface>\n    <serial type='pty'>\n      <target port='0'/>\n    </serial>\n    <graphics type='vnc' port='-1' autoport='yes'/>\n  </devices>\n</domain>";
    const LIVE: &str = "<domain type='kvm' id='7'>\n  <name>a</name>\n  <memory>1</memory>\n  <resource>\n    <partition>/machine</partition>\n  </resource>\n  <devices>\n    <disk type='file'>\n      <source file='/a' index='2'/>\n      <backingStore/>\n      <alias name='virtio-disk0'/>\n    </disk>\n    <interface type='network'>\n      <source network='default' portid='x' bridge='virbr0'/>\n      <target dev='vnet0'/>\n      <alias name='net0'/>\n    </interface>\n    <serial type='pty'>\n      <source path='/dev/pts/3'/>\n      <target port='0'/>\n      <alias name='serial0'/>\n    </serial>\n    <graphics type='vnc' port='5900' autoport='yes'/>\n  </devices>\n  <seclabel type='dynamic' model='dac' relabel='yes'>\n    <label>+64055:+64055</label>\n  </seclabel>\n</domain>";

    fn document(text: &str) -> Document {
        Document::parse(text).unwrap()
    }

    #[test]
    fn what_only_a_run_has_is_no_difference() {
        let diff = document(LIVE).pending(&document(NEXT));
        assert!(diff.is_empty(), "{diff}");
    }

    #[test]
    fn what_waits_for_the_next_start_is_shown() {
        let next = NEXT
            .replace("<memory>1", "<memory>2")
            .replace("'/a'", "'/b'");
        let diff = document(LIVE).pending(&document(&next)).to_string();
        for line in [
            "-  <memory>1</memory>",
            "+  <memory>2</memory>",
            "+      <source file='/b'/>",
        ] {
            assert!(diff.contains(line), "{diff}");
        }
        assert!(!diff.contains("alias"), "{diff}");
    }

    /// As QEMU's driver writes them.
    #[test]
    fn what_libvirt_writes_out_for_a_run_is_no_difference() {
        let next = document(
            "<domain type='qemu'>\n  <cpu mode='custom' match='exact' check='none'>\n    <model fallback='allow'>qemu64</model>\n    <feature policy='disable' name='svm'/>\n  </cpu>\n  <devices>\n    <controller type='pci' index='0'/>\n    <graphics type='vnc'>\n      <listen type='socket'/>\n    </graphics>\n  </devices>\n</domain>",
        );
        let text = "<domain type='qemu' id='1'>\n  <cpu mode='custom' match='exact' check='full'>\n    <model fallback='forbid'>qemu64</model>\n    <feature policy='disable' name='svm'/>\n    <feature policy='require' name='lahf_lm'/>\n  </cpu>\n  <devices>\n    <controller type='pci' index='0'>\n      <alias name='pci.0'/>\n    </controller>\n    <graphics type='vnc' socket='/run/q/domain-1-a/vnc.sock'>\n      <listen type='socket' socket='/run/q/domain-1-a/vnc.sock'/>\n    </graphics>\n  </devices>\n</domain>";
        let live = document(text);
        let diff = live.pending(&next);
        assert!(diff.is_empty(), "{diff}");
        for (here, there) in [
            ("name='svm'", "name='vmx'"),
            ("policy='disable'", "policy='require'"),
            (">qemu64<", ">qemu32<"),
        ] {
            let other = document(&text.replacen(here, there, 1));
            assert!(!other.pending(&next).is_empty(), "{here} is {there}");
        }
    }

    #[test]
    fn only_elements_without_anything_are_closed() {
        for (text, wanted) in [
            ("<a b='1'>\n</a>", "<a b='1'/>"),
            ("<a><b>x</b> <c> </c></a>", "<a><b>x</b> <c/></a>"),
            ("<a><b/></a>", "<a><b/></a>"),
            ("<a><b/>\n</a>", "<a><b/>\n</a>"),
            ("<a", "<a"),
        ] {
            assert_eq!(closed(text), wanted);
        }
    }

    #[test]
    fn a_processor_that_libvirt_found_out_is_no_difference() {
        let with =
            |cpu: &str| document(&NEXT.replace("  <devices>", &format!("  {cpu}\n  <devices>")));
        let live = with("<cpu mode='custom'><model>EPYC</model></cpu>");
        assert!(live.pending(&with("<cpu mode='host-model'/>")).is_empty());
        assert!(
            !live
                .pending(&with("<cpu mode='custom'><model>Haswell</model></cpu>"))
                .is_empty()
        );
    }
}

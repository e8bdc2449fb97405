#!/bin/sh
# Installs what this purpose needs and this machine lacks; says so first, and does nothing when all is there.
#
#   packages.sh build    what compiles the workspace
#   packages.sh demo     build + a private Prosody and private libvirt daemons          (make demo)
#   packages.sh real     demo + QEMU and the parts of a tiny guest                      (make demo GUESTS=real)
#   packages.sh fuzz     build + a C++ compiler, for the fuzzer                          (make fuzz)
#   packages.sh test     real + ejabberd, what checks libvirt's documents, more shells   (make test)
#
# No service is enabled or started, no configuration of the system is changed: the lab starts its own daemons in
# folders of its own. Proven on Debian 12; the other tables are unproven, corrections are welcome.
set -eu

# Daemons live in sbin, which is not on an ordinary user's path everywhere.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

say() { printf 'packages: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# --- what a purpose needs ---------------------------------------------------------------------------------------

tools_for() {
    build="cc pkg-config libvirt.pc"
    demo="$build prosody libvirtd virsh"
    real="$demo qemu-system-x86_64 qemu-img busybox cpio"
    case $1 in
    build) echo "$build" ;;
    fuzz) echo "$build c++" ;;
    demo) echo "$demo" ;;
    real) echo "$real" ;;
    test) echo "$real ejabberdctl xmllint libvirt-pages zsh fish" ;;
    esac
}

is_there() {
    case $1 in
    libvirt.pc) pkg-config --exists 'libvirt >= 6.0' 2>/dev/null ;;
    # The guest's first program must run without any library beside it.
    busybox) have busybox && ! ldd "$(command -v busybox)" 2>/dev/null | grep -q '=>' ;;
    # libvirt's own documentation: its samples are test material.
    libvirt-pages) [ -d /usr/share/doc/libvirt-doc/html ] || [ -d /usr/share/doc/libvirt-docs/html ] ;;
    *) have "$1" ;;
    esac
}

missing_tools() {
    for tool in $(tools_for "$1"); do is_there "$tool" || printf '%s ' "$tool"; done
}

# --- which package holds a tool: one line per tool, one column per package manager -------------------------------

#           tool                apt-get             dnf                   pacman        zypper              apk
TABLE='
            cc                  gcc,libc6-dev       gcc                   gcc           gcc                 build-base
            c++                 g++                 gcc-c++               gcc           gcc-c++             build-base
            pkg-config          pkg-config          pkgconf-pkg-config    pkgconf       pkg-config          pkgconf
            libvirt.pc          libvirt-dev         libvirt-devel         libvirt       libvirt-devel       libvirt-dev
            prosody             prosody             prosody               prosody       prosody             prosody
            libvirtd            libvirt-daemon      libvirt-daemon        libvirt       libvirt-daemon      libvirt-daemon
            virsh               libvirt-clients     libvirt-client        libvirt       libvirt-client      libvirt-client
            qemu-system-x86_64  qemu-system-x86     qemu-system-x86-core  qemu-base     qemu-x86            qemu-system-x86_64
            qemu-img            qemu-utils          qemu-img              qemu-img      qemu-img            qemu-img
            busybox             busybox-static      busybox               busybox       busybox-static      busybox-static
            cpio                cpio                cpio                  cpio          cpio                cpio
            ejabberdctl         ejabberd            ejabberd              ejabberd      ejabberd            ejabberd
            xmllint             libxml2-utils       libxml2               libxml2       libxml2-tools       libxml2-utils
            libvirt-pages       libvirt-doc         libvirt-docs          libvirt       libvirt-doc         libvirt-doc
            zsh                 zsh                 zsh                   zsh           zsh                 zsh
            fish                fish                fish                  fish          fish                fish
'

column_of() {
    case $1 in apt-get) echo 2 ;; dnf) echo 3 ;; pacman) echo 4 ;; zypper) echo 5 ;; apk) echo 6 ;; esac
}

packages_for() { # manager tool...
    column=$(column_of "$1"); shift
    for tool in "$@"; do
        printf '%s\n' "$TABLE" | awk -v tool="$tool" -v column="$column" '$1 == tool { gsub(",", " ", $column); print $column }'
    done | tr ' ' '\n' | sort -u | tr '\n' ' '
}

find_manager() {
    for manager in apt-get dnf pacman zypper apk; do
        if have "$manager"; then echo "$manager"; return; fi
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif have sudo; then sudo "$@"
    elif have doas; then doas "$@"
    else die "installing needs root, and neither sudo nor doas is here; as root, run: $0 $PURPOSE"
    fi
}

# --- Debian and its family --------------------------------------------------------------------------------------

# Packages of daemons enable and start them when they are configured. The programs they do it with are looked up on
# dpkg's path, so stand-ins placed before them answer "was disabled" and ignore "start": nothing of the system's
# configuration is touched, not even for the moment of the installation. A daemon that runs already may be restarted.
make_stand_ins() {
    STAND_INS=$(mktemp -d)
    trap 'rm -rf "$STAND_INS"' EXIT
    chmod 755 "$STAND_INS"
    cat >"$STAND_INS/deb-systemd-helper" <<'HELPER'
#!/bin/sh
case " $* " in *" was-enabled "*) exit 1 ;; *" enable "*) exit 0 ;; esac
exec /usr/bin/deb-systemd-helper "$@"
HELPER
    cat >"$STAND_INS/update-rc.d" <<'LINKS'
#!/bin/sh
if [ "${2:-}" = defaults ]; then exec /usr/sbin/update-rc.d "$1" defaults-disabled; fi
exec /usr/sbin/update-rc.d "$@"
LINKS
    for starter in /usr/sbin/invoke-rc.d /usr/bin/deb-systemd-invoke; do
        printf '#!/bin/sh\ncase " $* " in *" start "*) exit 0 ;; esac\nexec %s "$@"\n' "$starter" >"$STAND_INS/${starter##*/}"
    done
    chmod 755 "$STAND_INS"/*
}

# What apt-get says is of interest when it fails.
apt() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 \
        -o "DPkg::Path=$STAND_INS:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" "$@" \
        >"$STAND_INS/said" 2>&1 || { cat "$STAND_INS/said" >&2; return 1; }
}

# Nothing installed may be removed to make room.
apt_install() { apt install -y --no-install-recommends --no-remove "$@"; }

install_with_apt() {
    make_stand_ins
    # Whoever may not, and whoever is asked for a password, is told so here.
    as_root true
    # First with the package lists as they are; they may be absent or too old.
    apt_install "$@" && return
    say "that did not work; again with fresh package lists"
    apt update || die "no package lists to be had; is there a network?"
    apt_install "$@" && return
    # A qemu-utils from elsewhere (backports) that is newer than the release's QEMU keeps QEMU out.
    case " $* " in *" qemu-system-x86 "*) ;; *) die "apt-get could not install: $*" ;; esac
    release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    [ -n "$release" ] || die "apt-get could not install: $*"
    say "QEMU does not fit the qemu-utils here; taking qemu-utils of $release with it (a downgrade)"
    apt_install --allow-downgrades "$@" "qemu-utils/$release" || die "apt-get could not install: $*"
}

# The guest's kernel is only downloaded and unpacked, never installed: the lists must know it.
refresh_lists_for_the_guest() {
    case $PURPOSE in real | test) ;; *) return 0 ;; esac
    have apt-cache || return 0
    if apt-cache show linux-image-cloud-amd64 >/dev/null 2>&1 || apt-cache show linux-image-virtual >/dev/null 2>&1; then return 0; fi
    say "fetching the package lists: the guest's kernel is downloaded from there"
    as_root apt-get -qq update >&2 || say "no package lists; a readable kernel under /boot will do instead"
}

# --- the act ----------------------------------------------------------------------------------------------------

install_with() {
    manager=$1; shift
    [ "$manager" = apt-get ] || say "unproven on this distribution: please report what was missing"
    case $manager in
    apt-get) install_with_apt "$@" ;;
    dnf) as_root dnf install -y --setopt=install_weak_deps=False "$@" ;;
    pacman) as_root pacman -S --needed --noconfirm "$@" ;;
    zypper) as_root zypper --non-interactive install --no-recommends "$@" ;;
    apk) as_root apk add "$@" ;;
    esac
}

install_missing() { # tool...
    manager=$(find_manager)
    [ -n "$manager" ] || die "no known package manager here; please install by hand: $*"
    wanted=$(packages_for "$manager" "$@")
    say "missing: $*"
    say "installing with $manager: $wanted(no service is enabled or started)"
    # shellcheck disable=SC2086 # a list of package names
    install_with "$manager" $wanted
    still=$(missing_tools "$PURPOSE")
    [ -z "$still" ] || die "still missing after the installation: $still; please install by hand"
}

need_rust() {
    have cargo || [ ! -x "$HOME/.cargo/bin/cargo" ] || PATH=$HOME/.cargo/bin:$PATH
    have cargo || die "no Rust toolchain here. Get one from https://rustup.rs, then open a new shell and try again"
}

PURPOSE=${1:-build}
case $PURPOSE in build | demo | fuzz | real | test) ;; *) die "unknown purpose '$PURPOSE'; one of: build demo fuzz real test" ;; esac
# First: it decides whether the rest is of any use.
need_rust
missing=$(missing_tools "$PURPOSE")
# shellcheck disable=SC2086 # a list of tool names
[ -z "$missing" ] || install_missing $missing
refresh_lists_for_the_guest

# Keeps a list of what lives ("group PID", "guests FOLDER", "path PATH"), told on standard input as "+ entry" and
# "- entry". At end of input the process that told it is gone, and so shall be what is still on the list.

forget() { # entry: removes it from the positional list through LEFT
    gone=$1; shift
    LEFT=
    for entry; do [ "$entry" = "$gone" ] || LEFT="$LEFT$entry
"; done
}

set --
while IFS= read -r line; do
    entry=${line#? }
    case $line in
    +*) set -- "$@" "$entry" ;;
    -*) forget "$entry" "$@"
        IFS='
'
        set -f; set -- $LEFT; set +f; unset IFS ;;
    esac
done

# QEMU left every group of ours. Known by libvirt's pid file, and believed only if it names the folder.
end_guests() {
    for file in "$1"/run/libvirt/qemu/run/*.pid; do
        read -r pid <"$file" || [ -n "$pid" ] || continue
        grep -q -a -F "$1" "/proc/$pid/cmdline" && kill -9 "$pid"
    done
}

signal_groups() {
    signal=$1; shift
    for entry; do case $entry in group\ *) kill "-$signal" "-${entry#* }" ;; esac; done
}

signal_groups TERM "$@"
sleep 1
signal_groups KILL "$@"
for entry; do case $entry in guests\ *) end_guests "${entry#* }" ;; esac; done
for entry; do case $entry in path\ *) rm -rf -- "${entry#* }" ;; esac; done

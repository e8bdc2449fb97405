# Runs `archipel bus init` as root on a copy of this machine's /etc, with a network and processes of its own (unshare(1)); says what
# each step printed. $1: prosody or ejabberd; $2: the program; $3: an empty folder.
set -u
kind=$1 archipel=$2 scratch=$3
cp -a /etc "$scratch/etc"
rm -rf "$scratch/etc/archipel"
mount --bind "$scratch/etc" /etc
mount -t tmpfs none /run
for folder in "/var/lib/$kind" "/var/log/$kind" "/run/$kind"; do
    fresh=$scratch$folder
    install -d -o "$kind" -g "$kind" -m 0750 "$fresh"
    mkdir -p "$folder"
    mount --bind "$fresh" "$folder"
done
ip link set lo up

init() {
    echo "== $1"
    shift
    "$archipel" bus init --server "$kind" --domain dc.example --yes --password-file "$scratch/password" "$@" </dev/null 2>&1
    echo "code $?"
}

start() {
    if [ "$kind" = prosody ]; then
        su -s /bin/sh -c 'exec prosody -F' prosody >"$scratch/output" 2>&1 &
    else
        su -s /bin/sh -c 'exec ejabberdctl foreground' ejabberd >"$scratch/output" 2>&1 &
    fi
    for _ in $(seq 120); do
        [ "$(ss -Hltn 'sport = :5222' | wc -l)" -gt 0 ] && [ -s "/run/$kind/$kind.pid" ] && break
        sleep 0.5
    done
    if [ "$kind" = ejabberd ]; then
        # Listeners come one after the other.
        for _ in $(seq 60); do [ -S /var/lib/ejabberd/archipel.sock ] && break; sleep 0.5; done
    fi
}

init bare
init replacing --replace
ls -l /etc/archipel/bus /etc/"$kind"/archipel /etc/prosody/certs 2>/dev/null
start
init furnish --replace
init again --replace
echo "== add"
"$archipel" bus add hv01 2>&1
"$archipel" bus add hv01@dc.example 2>&1
init renewed --replace --renew --restart
echo "# by hand" >>"$([ "$kind" = prosody ] && echo /etc/prosody/conf.d/archipel.cfg.lua || echo /etc/ejabberd/ejabberd.yml)"
init changed
echo "== secrets"
grep -rl -F -f "$scratch/password" /etc "/var/log/$kind" "/var/lib/$kind" "$scratch/output" 2>/dev/null
echo
echo "== end"

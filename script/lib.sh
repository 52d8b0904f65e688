# shellcheck shell=bash
# What the scripts share. Sourced, after which the working directory is the root of the repository.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
# shellcheck disable=SC2034 # for those who source this
ROOT=$PWD
OLDEST_POSTGRES=15

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "$(basename "$0"): $*"
    exit 1
}

# The directory of the PostgreSQL programs, found as the service finds them, or nothing.
pg_bin() {
    local dir
    if [ -n "${COMPTOIR_PG_BIN:-}" ]; then
        usable_pg_bin "$COMPTOIR_PG_BIN" && printf '%s\n' "$COMPTOIR_PG_BIN"
        return
    fi
    while IFS= read -r dir; do
        if usable_pg_bin "$dir"; then
            printf '%s\n' "$dir"
            return
        fi
    done < <(
        tr ':' '\n' <<<"$PATH"
        printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV
        printf '%s\n' /{opt/homebrew,usr/local,home/linuxbrew/.linuxbrew}/opt/postgresql@*/bin | sort -rV
        printf '%s\n' /usr/pgsql-*/bin | sort -rV
    )
    return 1
}

usable_pg_bin() {
    local version
    [ -x "$1/initdb" ] && [ -x "$1/postgres" ] || return 1
    version=$("$1/postgres" --version 2>/dev/null | sed -n 's/.*(PostgreSQL) \([0-9]*\).*/\1/p')
    [ "${version:-0}" -ge "$OLDEST_POSTGRES" ]
}

# A program of PostgreSQL: beside the server (also when that is a link), else on the PATH.
pg_program() {
    local bin program
    bin=$(pg_bin)
    for program in "$bin/$1" "$(dirname "$(readlink -f "$bin/postgres")")/$1"; do
        [ -x "$program" ] && printf '%s\n' "$program" && return
    done
    command -v "$1" || fail "$1 of PostgreSQL is missing; it comes with the client programs."
}

# Runs a command as root, if that needs no password.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null && { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; }
}

apt_install() {
    say "Installing $* …"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >&2
}

require_cargo() {
    command -v cargo >/dev/null || fail "Rust is missing. Install it with rustup (https://rustup.rs), then start again."
    cargo --version >/dev/null || fail "cargo does not run; rust-toolchain.toml names the version that is needed."
}

require_c_compiler() {
    command -v cc >/dev/null && return
    may_install || fail "A C compiler is missing. Install one (Debian and Ubuntu: apt-get install gcc libc6-dev)."
    as_root apt-get update -q >&2
    apt_install gcc libc6-dev
}

require_postgres() {
    pg_bin >/dev/null && return
    [ -z "${COMPTOIR_PG_BIN:-}" ] \
        || fail "COMPTOIR_PG_BIN=$COMPTOIR_PG_BIN has no initdb and postgres of version $OLDEST_POSTGRES or newer."
    may_install || fail "PostgreSQL $OLDEST_POSTGRES or newer is missing. Install its server programs" \
        "(Debian and Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server;" \
        "macOS: brew install postgresql@17), or set COMPTOIR_PG_BIN to the directory of initdb and postgres."
    as_root apt-get update -q >&2
    # The package would start a cluster of its own on port 5432; this must be said before the server comes.
    apt_install postgresql-common
    as_root sed -i '/^[# ]*create_main_cluster/d' /etc/postgresql-common/createcluster.conf
    echo 'create_main_cluster = false' | as_root tee -a /etc/postgresql-common/createcluster.conf >/dev/null
    apt_install postgresql
    pg_bin >/dev/null || fail "This system's PostgreSQL is older than $OLDEST_POSTGRES." \
        "Install a newer one and set COMPTOIR_PG_BIN to the directory of initdb and postgres."
}

# Node 20.19 or newer, which the console is built with.
usable_node() {
    command -v node >/dev/null && command -v npm >/dev/null \
        && node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)'
}

# Succeeds when the console can be built here; installs Node where it may and the system's is new enough.
find_node() {
    usable_node && return
    may_install || return 1
    as_root apt-get update -q >&2
    apt_install nodejs npm && usable_node
}

require_node() {
    find_node || fail "Node 20.19 or newer is missing. Install it (https://nodejs.org), then start again."
}

require_chromium() {
    [ -n "${COMPTOIR_CHROMIUM:-}" ] && return
    COMPTOIR_CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
        may_install || fail "Chromium is missing. Install it (Debian: apt-get install chromium), or set COMPTOIR_CHROMIUM to its program."
        as_root apt-get update -q >&2
        apt_install chromium
        COMPTOIR_CHROMIUM=$(command -v chromium) || fail "Chromium was installed and cannot be found."
    }
    export COMPTOIR_CHROMIUM
}

# Moves the clock of a service that runs, for the tests.
require_faketime() {
    compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null && return
    may_install || fail "libfaketime is missing. Install it (Debian and Ubuntu: apt-get install libfaketime)."
    as_root apt-get update -q >&2
    apt_install libfaketime
    compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null || fail "libfaketime was installed and cannot be found."
}

# The tests fill a disk of their own, which only root may mount.
require_mount() {
    local dir
    dir=$(mktemp -d)
    as_root mount -t tmpfs -o size=1m tmpfs "$dir" ||
        fail "The test of a full disk mounts a small one: it needs root, or sudo without a password, on a machine that lets root mount."
    as_root umount "$dir"
    rmdir "$dir"
}

# The packages of a directory as its lock file names them, unless they are there already.
install_packages() {
    cmp -s "$1/package-lock.json" "$1/node_modules/.installed-lock" && return
    say "Installing the packages of $1 …"
    npm ci --prefix "$1" --no-audit --no-fund --loglevel error >&2
    cp "$1/package-lock.json" "$1/node_modules/.installed-lock"
}

install_web() { install_packages web; }

# Builds the console, which the next cargo build embeds.
build_web() {
    install_web
    npm run --silent --prefix web build >&2
}

require_tools() {
    require_cargo
    require_c_compiler
    require_postgres
}

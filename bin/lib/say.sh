# shellcheck shell=bash disable=SC2154 # setup_log is setup.sh's
# How the set-up speaks: one line a step with its time, and a remedy whenever it stops.

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
else
    bold='' dim='' red='' green='' plain=''
fi

# stop MESSAGE REMEDY...: ends the command. Each remedy is a line of its own.
stop() {
    printf '\n%s✗ %s%s\n' "$red$bold" "$1" "$plain" >&2
    shift
    [ $# -eq 0 ] || printf '  → %s\n' "$@" >&2
    exit 1
}

seconds_since() {
    local now=${EPOCHREALTIME/[.,]/} then=${1/[.,]/}
    printf '%d.%d' $(((now - then) / 1000000)) $(((now - then) / 100000 % 10))
}

done_line() { printf '%s✓%s %-26s %s%6s s%s  %s\n' "$green" "$plain" "$1" "$dim" "$2" "$plain" "${3:-}"; }

# step NAME REMEDY COMMAND...: runs the command with its output kept in the log; when it fails, shows the end of it.
step() {
    local name=$1 remedy=$2 started=$EPOCHREALTIME here
    shift 2
    here=$(mktemp "${TMPDIR:-/tmp}/keelway-step.XXXXXX")
    if "$@" >"$here" 2>&1 </dev/null; then
        cat "$here" >>"$setup_log"
        rm -f "$here"
        done_line "$name" "$(seconds_since "$started")"
        return
    fi
    cat "$here" >>"$setup_log"
    printf '%s\n' "$(tail -n 20 "$here" | sed 's/^/    /')" >&2
    rm -f "$here"
    stop "$name: this failed: $*" "$remedy" "All of its output: $setup_log"
}

#!/bin/sh
# Scoped servers of the demo, from the shell:
#
#     conf/server.sh create    prints the address to paste; from the environment:
#         NAME         what for; the rest may be left out
#         METHODS      read, write, or list,get,create,update,delete,run
#         TAGS         queries,views,...: what its tools are about
#         DATASOURCES  ds_...,ds_...
#         WORKBOOKS    wb_...,wb_...
#         FILTERS      'region=EMEA;year=2026;code="0815"': rows that it sees, and no others
#         EXPIRES      2027-01-31, 2027-01-31T00:00:00Z, or 30d, 12h, 90m from now
#         AUTH_TOO=1   a Bearer token is wanted besides
#     conf/server.sh list
#     conf/server.sh revoke    ID=mcp_...
#
# PORT (8080) and RUN (build/run) as in demo.sh. For another server than the demo: URL, KEY_FILE and
# VIA, the address to connect to whatever the URL's name stands for, since snippets/lookout.conf lets
# in this machine alone:
#
#     sudo make servers URL=https://bi.example.com/servers VIA=127.0.0.1 \
#         KEY_FILE=/etc/nginx/lookout_admin.key

set -eu

cd "$(dirname "$0")/.."
url=${URL:-http://127.0.0.1:${PORT:-8080}/servers}
key_file=${KEY_FILE:-${RUN:-build/run}/admin.key}

die() {
    echo "server: $*" >&2
    exit 1
}

# $1 as a JSON string.
quote() {
    printf '%s' "$1" | LC_ALL=C tr -d '\000-\037' | sed -e 's/[\\"]/\\&/g' -e 's/^/"/' -e 's/$/"/'
    [ -n "$1" ] || printf '""'
}

# a,b,c as a JSON array of strings.
list() {
    rest=$1, out=
    while [ -n "$rest" ]; do
        out=$out${out:+,}$(quote "${rest%%,*}")
        rest=${rest#*,}
    done
    printf '[%s]' "$out"
}

# A filter's value as JSON: a number, true and false as they are, any other text as a string, and
# in double quotes always a string.
value() {
    case $1 in
        '"'*'"') v=${1#?}; quote "${v%?}" ;;
        true | false) printf '%s' "$1" ;;
        *)
            if printf '%s' "$1" | grep -Eqx -- '-?(0|[1-9][0-9]*)(\.[0-9]+)?'; then
                printf '%s' "$1"
            else
                quote "$1"
            fi
            ;;
    esac
}

# field=value;field=value as a JSON array of filters.
filters() {
    rest=$1\; out=
    while [ -n "$rest" ]; do
        one=${rest%%;*}
        rest=${rest#*;}
        case $one in
            ?*=*) ;;
            *) die "FILTERS wants field=value, and a semicolon between two (got \"$one\")" ;;
        esac
        out="$out${out:+,}{\"field\":$(quote "${one%%=*}"),\"op\":\"eq\",\"value\":$(value "${one#*=}")}"
    done
    printf '[%s]' "$out"
}

# A day, a time, or a span from now, as a time.
expiry() {
    case $1 in
        *[!0-9dhm]* | *[dhm]*[dhm]* | *[dhm][0-9]* | [dhm]*) ;;
        *d) date -u -d "+${1%d} days" +%FT%TZ; return ;;
        *h) date -u -d "+${1%h} hours" +%FT%TZ; return ;;
        *m) date -u -d "+${1%m} minutes" +%FT%TZ; return ;;
    esac
    case $1 in
        ????-??-??) echo "$1T00:00:00Z" ;;
        *) echo "$1" ;;
    esac
}

body() {
    config=
    add() { config=$config${config:+,}$1; }
    [ -z "${METHODS:-}" ] || add "\"methods\":$(list "$METHODS")"
    [ -z "${TAGS:-}" ] || add "\"tags\":$(list "$TAGS")"
    [ -z "${DATASOURCES:-}" ] || add "\"datasources\":$(list "$DATASOURCES")"
    [ -z "${WORKBOOKS:-}" ] || add "\"workbooks\":{\"ids\":$(list "$WORKBOOKS")}"
    if [ -n "${FILTERS:-}" ]; then
        filters=$(filters "$FILTERS") || exit 1
        add "\"filters\":$filters"
    fi
    printf '{"name":%s,"config":{%s}' "$(quote "$NAME")" "$config"
    [ -z "${EXPIRES:-}" ] || printf ',"expires_at":%s' "$(quote "$(expiry "$EXPIRES")")"
    case ${AUTH_TOO:-} in '' | 0 | no | off) ;; *) printf ',"require_api_token_auth":true' ;; esac
    printf '}'
}

# The answer to a request of the admin address; the key is in no command line. `status` is set.
call() { # METHOD PATH [BODY]
    [ ! -e "$key_file" ] || [ -r "$key_file" ] || die "$key_file is for root's eyes alone: try with sudo"
    [ -r "$key_file" ] || die "there is no key in $key_file: is the demo running? (make start)"
    answer=$(printf 'header = "Authorization: Bearer %s"\n' "$(cat "$key_file")" | curl -sS -K - \
        -X "$1" -H 'Content-Type: application/json' ${3:+--data-binary "$3"} -w '\n%{http_code}' \
        ${VIA:+--connect-to "::$VIA:"} "$url$2") \
        || die "nothing answers at $url: is the demo running? (make start)"
    status=${answer##*
}
    answer=${answer%
*}
    case $status in
        200 | 201) ;;
        *) complain ;;
    esac
}

# Texts of JSON without their escapes, one a line.
plain() {
    sed -e 's/\\"/"/g' -e 's/\\\\/\\/g'
}

# What was wrong, in words. The message names the first problem; where there are more, each with its
# place in the body.
complain() {
    message=$(printf '%s' "$answer" \
        | sed -n 's/^{"error":{"code":"[A-Z_]*","message":"\(\([^"\\]\|\\.\)*\)".*/\1/p' | plain)
    case $message,$status in
        ,403) die "$url answers 403: it lets in requests from its own machine alone. There, VIA=127.0.0.1 helps" ;;
        ,*) die "$url answers $status: is it the location of lookout_servers?" ;;
    esac
    printf 'server: %s\n' "$message" >&2
    problems=$(printf '%s\n' "$answer" | grep -o '"path":"[^"]*","message":"\([^"\\]\|\\.\)*"' \
        | sed 's/^"path":"\([^"]*\)","message":"\(.*\)"$/    \1  \2/' | plain)
    case $problems in
        *"
"*) printf '%s\n' "$problems" >&2 ;;
    esac
    exit 1
}

# One server a line: its id, until when, what it opens, its name.
table() {
    printf '%s\n' "$answer" | sed 's/{"id":"mcp_/\n&/g' | sed -n \
        's/^{"id":"\(mcp_[^"]*\)","name":"\(\([^"\\]\|\\.\)*\)","config":\(.*\),"expires_at":"\{0,1\}\([^",]*\)"\{0,1\},"require_api_token_auth":\([a-z]*\).*/\1  \5  \4  \2/p' \
        | sed 's/  null  /  never                 /' | plain
}

case ${1:-} in
    create)
        [ -n "${NAME:-}" ] || die "a server wants a name: make server NAME='Finance agent' METHODS=read"
        body=$(body) || exit 1
        call POST '' "$body"
        printf '%s\n' "$answer" | sed 's/.*"url":"\([^"]*\)".*/\1/' ;;
    list)
        cursor= rows=
        while :; do
            call GET "?limit=100$cursor"
            rows=$rows$(table)
            cursor=$(printf '%s' "$answer" | sed -n 's/.*"nextCursor":"\([^"]*\)".*/\&cursor=\1/p')
            [ -n "$cursor" ] || break
            rows=$rows'
'
        done
        echo "${rows:-There are no scoped servers. One is made by: make server NAME='Finance agent' METHODS=read}" ;;
    revoke)
        case ${ID:-} in
            *[!A-Za-z0-9_-]* | '') die "which one? make revoke ID=mcp_... (make servers lists them)" ;;
        esac
        call DELETE "/$ID"
        echo "Revoked: $ID. Its address opens nothing from now on." ;;
    *) echo "usage: conf/server.sh create|list|revoke" >&2; exit 2 ;;
esac

#!/bin/sh
# The demo server: starts and stops nginx with the module, on 127.0.0.1, all files in one folder.
#
#     conf/demo.sh run      in the foreground, with a token and lines to paste
#     conf/demo.sh start    in the background; returns when the server answers
#     conf/demo.sh stop
#
# From the environment: PORT (8080), WORKERS (auto), LIMITS=off and AUTH=off (for measuring on
# loopback), MODULE and DATA (where make puts them), RUN (build/run, the folder; with another one,
# a server of one's own beside the demo).

set -eu

cd "$(dirname "$0")/.."
top=$(pwd)
run=${RUN:-$top/build/run}
nginx=${NGINX_BIN:-/usr/sbin/nginx}
port=${PORT:-8080}
url=http://127.0.0.1:$port

case $port in
    *[!0-9]* | '') echo "demo: PORT must be a number (got \"$port\")" >&2; exit 2 ;;
esac

configure() {
    mkdir -p "$run/tmp"
    user=
    [ "$(id -u)" -ne 0 ] || user="user $(id -un) $(id -gn);"

    sed -e "s|modules/ngx_lookout_module.so|${MODULE:-$top/build/ngx_lookout_module.so}|" \
        conf/lookout_main.conf >"$run/lookout_main.conf"
    sed -e "s|/var/lib/lookout/catalog.db|${DATA:-$top/build/data}/catalog.db|" \
        -e "s|lookout_key_file .*|lookout_key_file $run/lookout.key;|" \
        -e "s|lookout_admin_key_file .*|lookout_admin_key_file $run/admin.key;|" \
        -e "s|/var/lib/lookout/state|$run/state|" \
        conf/lookout_http.conf >"$run/lookout_http.conf"

    if [ "${LIMITS:-on}" = off ]; then
        sed -e '/^ *limit_req /d' conf/lookout.conf >"$run/lookout.conf"
    else
        cp conf/lookout.conf "$run/lookout.conf"
    fi

    sed -e "s|@USER@|$user|" -e "s|@WORKERS@|${WORKERS:-auto}|" -e "s|@RUN@|$run|g" \
        -e "s|@PORT@|$port|g" -e "s|@AUTH@|${AUTH:-on}|" -e "s|@WWW@|$top/conf/www|" \
        -e "s|@ERROR_LEVEL@|${ERROR_LEVEL:-notice}|" conf/nginx.conf >"$run/nginx.conf"
}

running() {
    [ -s "$run/nginx.pid" ] && kill -0 "$(cat "$run/nginx.pid")" 2>/dev/null
}

answers() {
    curl -sf -o /dev/null "$url/manifest.json"
}

stop() {
    running || return 0
    pid=$(cat "$run/nginx.pid")
    kill -TERM "$pid"
    i=0
    while kill -0 "$pid" 2>/dev/null; do
        i=$((i + 1))
        [ $i -lt 100 ] || { echo "demo: nginx $pid does not stop" >&2; exit 1; }
        sleep 0.05
    done
}

start() {
    stop
    configure
    if answers || curl -s -o /dev/null "$url/"; then
        echo "demo: something else already listens on port $port; choose another: make start PORT=8081" >&2
        exit 1
    fi
    "$nginx" -e "$run/error.log" -p "$run" -c "$run/nginx.conf" "$@"
    i=0
    until answers; do
        i=$((i + 1))
        [ $i -lt 200 ] || { echo "demo: the server does not answer; see $run/error.log" >&2; exit 1; }
        sleep 0.02
    done
}

token() {
    curl -sf "$url/token" | sed 's/.*"token":"\([^"]*\)".*/\1/'
}

greet() {
    at=
    [ "$port" = 8080 ] || at=" PORT=$port"
    echo
    echo "  Lookout is running at $url  (page for people: $url/ )"
    if [ "${AUTH:-on}" = off ]; then
        auth=
        echo "  No token is asked for (AUTH=off)."
    else
        token=$(token)
        auth=" --header \"Authorization: Bearer $token\""
        echo "  A token, good for a day:"
        echo
        echo "    $token"
    fi
    echo
    echo "  Connect Claude Code:"
    echo
    echo "    claude mcp add --transport http lookout $url/mcp$auth"
    echo
    echo "  Or make an address that needs no header and opens a part of it:  make server NAME=Reader$at"
    echo
    echo "  Or ask from this shell which datasources there are:"
    echo
    echo "    curl -s $url/mcp$auth -H 'Content-Type: application/json' \\"
    echo "      -d '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"list_datasources\",\"arguments\":{}}}'"
    echo
}

case ${1:-} in
    start) start; greet; echo "  Stop it with: make stop"; echo ;;
    stop) stop ;;
    run)
        start
        greet
        echo "  Log: $run/access.log    Stop with Ctrl-C."
        echo
        tail -q -n 0 -F "$run/access.log" "$run/error.log" 2>/dev/null &
        tail=$!
        # Ctrl-C does not reach what a script starts with &.
        trap 'kill $tail 2>/dev/null || true; stop; exit 0' INT TERM
        while running; do sleep 0.5; done
        kill $tail 2>/dev/null || true
        echo "demo: nginx has stopped; see $run/error.log" >&2
        exit 1 ;;
    *) echo "usage: conf/demo.sh run|start|stop" >&2; exit 2 ;;
esac

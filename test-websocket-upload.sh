#!/usr/bin/env bash
# Uploads a file and a URL to a running service (npm start) and follows both on their sockets.
# Needs curl, Node and this folder's node_modules. Exit code 0: both ended as they should.
#
#   ./test-websocket-upload.sh [--base-url http://localhost:8811] [--user 1] [--key <API key>] [--file some.pdf]
set -euo pipefail
called_from=$PWD
cd "$(dirname "$0")"

base_url=http://localhost:8811
user=1
key=cap-dev-OPJC6oTQ-ebB7xRdd-7xydxD0C-oYVbyOYl # made for local use by npm start: it opens nothing else
file=
while [ $# -gt 0 ]; do
  case "$1" in
    --base-url | --user | --key | --file)
      [ $# -ge 2 ] || { echo "$1 needs a value." >&2; exit 2; }
      case "$1" in --base-url) base_url=${2%/} ;; --user) user=$2 ;; --key) key=$2 ;; --file) file=$2 ;; esac
      shift 2
      ;;
    --help) sed -n '2,5p' "$0" | sed 's/^# \{0,1\}//'; exit 0 ;;
    *) echo "Unknown option $1. Try --help." >&2; exit 2 ;;
  esac
done

PATH="$PWD/node_modules/.bin:$PATH"
command -v curl >/dev/null || { echo "This needs curl." >&2; exit 2; }
[ -d node_modules/ws ] || { echo "Run npm ci first." >&2; exit 2; }

work=$(mktemp -d)
server_pid=
cleanup() {
  if [ -n "$server_pid" ]; then kill "$server_pid" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap cleanup EXIT

if [ -z "$file" ]; then
  file=$work/sample.md
  printf '# A sample\n\nTwo sentences of text. They are counted and shown.\n' >"$file"
fi
case "$file" in /*) ;; *) file=$called_from/$file ;; esac
[ -r "$file" ] && [ ! -d "$file" ] || { echo "Cannot read $file." >&2; exit 2; }

uuid() { node -e 'console.log(crypto.randomUUID())'; }

post() { # path, then curl's options; prints the body, fails with it on any status but 200
  local path=$1 status
  shift
  status=$(curl -sS -o "$work/answer" -w '%{http_code}' -X POST "$base_url$path" \
    -H "X-User-ID: $user" -H "X-API-Key: $key" "$@") || {
    [ $? -ne 7 ] || echo "No service answers at $base_url. Run npm start first." >&2 # else curl has said what it is
    exit 1
  }
  if [ "$status" != 200 ]; then
    echo "POST $path was answered $status: $(cat "$work/answer")" >&2
    exit 1
  fi
  cat "$work/answer"
}

# Prints every message of a socket until the server closes it; gives up after 60 s.
cat >"$work/listen.mjs" <<'JS'
import { createRequire } from 'node:module';
const { WebSocket } = createRequire(`${process.argv[2]}/package.json`)('ws');
const socket = new WebSocket(process.argv[3]);
setTimeout(() => { console.error('Not closed after 60 s.'); process.exit(1); }, 60_000).unref();
socket.on('open', () => console.error('connected'));
socket.on('message', (data) => console.log(String(data)));
socket.on('error', (error) => { console.error(error.message); process.exit(1); });
socket.on('close', (code) => { console.error(`closed by the server (${code})`); process.exit(0); });
JS

upload() { # title, then the form's last field; leaves the last message in $last
  local title=$1 field=$2 ws_uuid source_uuid address
  ws_uuid=$(uuid)
  source_uuid=$(uuid)
  echo
  echo "== $title"
  post /public/sources/ws -H 'Content-Type: application/json' -d "{\"ws-uuid\": \"$ws_uuid\"}" >"$work/ws"
  address=$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1]))["ws-address"]' "$work/ws")
  echo "listening at $address"
  node "$work/listen.mjs" "$PWD" "$address" >"$work/messages" 2>"$work/socket" &
  local listener=$!
  post /public/sources/upload-source -F "ws-uuid=$ws_uuid" -F "source-uuid=$source_uuid" -F "$field"
  echo
  wait "$listener" || { cat "$work/messages" "$work/socket" >&2; echo "FAILED: the socket did not end well." >&2; exit 1; }
  cat "$work/messages"
  tail -n 1 "$work/socket"
  last=$(tail -n 1 "$work/messages")
  case "$last" in
    *"\"source-uuid\":\"$source_uuid\""*) ;;
    *) echo "FAILED: the last message is not this source's." >&2; exit 1 ;;
  esac
}

succeeded() {
  case "$last" in *'"status":"success"'*) ;; *) return 1 ;; esac
  echo "OK: it ended in success."
}

# In quotes, within which curl takes a backslash before a quote or another one: without them a comma or a semicolon ends the name.
quoted=${file//\\/\\\\}
quoted=${quoted//\"/\\\"}
upload "a file: $(basename "$file")" "file=@\"$quoted\""
succeeded || { echo "FAILED: expected success." >&2; exit 1; }

# A server of our own for the URL: on this machine, so the service fetches it only where it was told to.
cat >"$work/serve.mjs" <<'JS'
import { createServer } from 'node:http';
const server = createServer((_, response) => {
  response.setHeader('content-type', 'text/markdown');
  response.end('# Served here\n\nThis text came over HTTP.\n');
});
server.listen(0, '127.0.0.1', () => console.log(`${server.address().port}`)); // a number may have a colour
JS
node "$work/serve.mjs" >"$work/port" &
server_pid=$!
until [ -s "$work/port" ]; do sleep 0.1; done
url=http://127.0.0.1:$(cat "$work/port")/served.md

upload "a URL: $url" "content=$url"
if ! succeeded; then
  case "$last" in *'"code":"address-refused"'*) ;; *) echo "FAILED: expected success." >&2; exit 1 ;; esac
  echo "OK: it ended in failure, since a service does not fetch from this machine unless it is told to."
  echo "To see it fetched: npm start -- --allow-fetch-hosts 127.0.0.1"
fi
echo
echo "Both uploads ended as they should."

#!/bin/sh
# A question by curl, whole and as a stream. Needs a server: npm start, or dotline serve.
set -eu
url=${DOTLINE_URL:-http://127.0.0.1:8787}
key=${DOTLINE_KEY:-none}
model=${DOTLINE_MODEL:-dotline-starter}

ask() {
  curl --silent --show-error --fail-with-body --no-buffer "$url/v1/chat/completions" \
    -H "Authorization: Bearer $key" -H 'Content-Type: application/json' -d "$1"
}

curl --silent --show-error --fail-with-body "$url/v1/models" -H "Authorization: Bearer $key"
echo
ask '{"model":"'"$model"'","messages":[{"role":"user","content":"Who are you?"}]}'
echo
ask '{"model":"'"$model"'","messages":[{"role":"user","content":"你是谁？"}],"stream":true}'

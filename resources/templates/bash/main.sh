#!/usr/bin/env bash
# Reads the input, does the work, writes the result. Everything else is yours to change.
set -euo pipefail

# Bash cannot read JSON and jq may not be there, so this finds the string "text" in a flat object
# and undoes the simple escapes. Choose Python or Node.js for inputs that are more than that.
input=$(< /sandbox/input.json)
pattern='"text"[[:space:]]*:[[:space:]]*"(([^"\\]|\\.)*)"'
if [[ ! $input =~ $pattern ]]; then
    echo 'the input needs a string "text"' >&2
    exit 1
fi
text=${BASH_REMATCH[1]}
text=${text//\\n/ }
text=${text//\\t/ }
text=${text//\\\"/\"}

longest=''
read -r -a words <<< "$text"
for word in ${words[@]+"${words[@]}"}; do
    (( ${#word} > ${#longest} )) && longest=$word
done

# In JSON a backslash and a quote are written with a backslash before them.
escaped=${longest//\\/\\\\}
escaped=${escaped//\"/\\\"}
printf '{"words":%d,"longest":"%s"}' "${#words[@]}" "$escaped" > "$SANDBOX_OUTPUT"
echo "counted ${#words[@]} words" # the log

# Files written into the folder $SANDBOX_FILES_DIR are kept with the run.

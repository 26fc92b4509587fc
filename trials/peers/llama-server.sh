#!/bin/sh
# Builds llama.cpp's own server for this machine's processor into .peers/llama.cpp, which git ignores. Its sources come
# with PyPI's source package of llama-cpp-python; it needs Python, CMake and a C++ compiler, and about 20 minutes of one core.
# Stopped, it goes on where it was when it is called again. Afterwards .peers/llama.cpp/llama-server runs it.
set -eu
cd "$(dirname "$0")/../.."
version=0.3.36
home=$PWD/.peers/llama.cpp
archive=llama_cpp_python-$version.tar.gz
mkdir -p "$home"
cd "$home"
[ -e "$archive" ] || ${PYTHON:-python3} -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: \
  --dest . "llama-cpp-python==$version"
[ -d sources ] || {
  rm -rf unpacked
  mkdir unpacked
  tar -xzf "$archive" -C unpacked --strip-components 1
  mv unpacked sources
}
# Native code for this processor, as llama.cpp's own guide builds it; without its page, which no benchmark opens.
[ -e build/CMakeCache.txt ] || cmake -S sources/vendor/llama.cpp -B build -DCMAKE_BUILD_TYPE=Release -DGGML_NATIVE=ON \
  -DBUILD_SHARED_LIBS=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_WEBUI=OFF -DLLAMA_BUILD_UI=OFF \
  -DLLAMA_USE_PREBUILT_UI=OFF -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF >/dev/null
cmake --build build --target llama-server --parallel "${JOBS:-1}" >build.log || {
  tail -n 40 build.log >&2
  exit 1
}
cp build/bin/llama-server llama-server.new
mv llama-server.new llama-server
./llama-server --version

# shellcheck shell=bash disable=SC2034
# Sourced by demo.sh and test.sh: Debian packages that are missing, and the build tools' settings.

# have THING: a command on the path, or a header in one of the usual folders.
have() {
    case $1 in
    *.h | *.hpp)
        local folder
        for folder in /usr/include /usr/local/include "/usr/include/$(uname -m)-linux-gnu"; do
            [ -e "$folder/$1" ] && return 0
        done
        return 1
        ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

# install_missing PACKAGE:THING...: installs the Debian packages whose THING is not there, after listing them.
install_missing() {
    local entry missing=() as_root=()
    for entry in "$@"; do
        have "${entry#*:}" || missing+=("${entry%%:*}")
    done
    [ ${#missing[@]} -eq 0 ] && return 0

    echo "Missing packages: ${missing[*]}"
    if ! have apt-get; then
        echo "$0: this machine has no apt-get; install the packages above (Debian's names) by its own means, then run this again." >&2
        exit 2
    fi
    if [ "$(id -u)" -ne 0 ]; then
        if ! have sudo; then
            echo "$0: installing needs root and there is no sudo; as root run: apt-get install ${missing[*]}" >&2
            exit 2
        fi
        as_root=(sudo)
    fi
    echo "Installing them with ${as_root[*]:+sudo }apt-get ..."
    if ! { "${as_root[@]}" apt-get update -qq &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null; }; then
        echo "$0: apt-get could not install: ${missing[*]}; what it said is above." >&2
        exit 2
    fi
}

# What the library and its tools need: a compiler, CMake 3.25, something that builds.
build_tools=(g++:c++ cmake:cmake)
have make || build_tools+=(ninja-build:ninja)

# The headers of data/ and of the example programs.
data_headers=(zlib1g-dev:zlib.h nlohmann-json3-dev:nlohmann/json.hpp libstb-dev:stb/stb_image_write.h
    libcurl4-openssl-dev:curl/curl.h libssl-dev:openssl/evp.h libarchive-dev:archive.h)
example_headers=(libcli11-dev:CLI/CLI.hpp)

# choose_tools: ninja rather than make, ccache where there is one (which reads the compiler's list of headers rather than
# preprocess each source by itself), every core.
choose_tools() {
    export CCACHE_DEPEND=1
    have ninja && export CMAKE_GENERATOR=Ninja
    have ccache && export CMAKE_CXX_COMPILER_LAUNCHER=ccache CMAKE_CUDA_COMPILER_LAUNCHER=ccache
    export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
}

# can_fuzz: whether clang++ is there and has libFuzzer.
can_fuzz() {
    have clang++ && echo 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }' |
        clang++ -fsanitize=fuzzer,address,undefined -x c++ - -o /dev/null 2>/dev/null
}

# configure_clang [OPTION...]: build/clang, the library and its tests by clang++, without OpenMP.
configure_clang() {
    CXX=clang++ cmake -S . -B build/clang -DVITRINE_WERROR=ON -DVITRINE_OPENMP=OFF -DCMAKE_BUILD_TYPE=Debug \
        -DCMAKE_CXX_FLAGS_DEBUG=-O0 -DVITRINE_PCH=ON -DVITRINE_BUILD_EXAMPLES=OFF -DVITRINE_BUILD_BENCH=OFF "$@"
}

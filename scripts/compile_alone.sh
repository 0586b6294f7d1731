#!/bin/bash
# compile_alone.sh INCLUDE_FOLDER HEADER...: each header, included by nothing before it, must compile.
set -u
folder=$1 bad=0
shift
for header in "$@"; do
    echo "#include \"vitrine/$header\"" |
        c++ -std=c++20 -fsyntax-only -fopenmp -Wall -Wextra -I"$folder" -x c++ - || { echo "$header does not compile alone" && bad=1; }
done
exit $bad

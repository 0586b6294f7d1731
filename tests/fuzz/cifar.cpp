// CIFAR's records: the first byte says which of the two data sets.
#include "vitrine/data/cifar_records.h"

#include "fuzz.h"

void read(const Bytes& bytes) {
    if (bytes.empty()) return;
    vitrine::data::Pictures pictures;
    const Bytes file(bytes.begin() + 1, bytes.end());
    if (bytes[0] % 2)
        vitrine::data::append_cifar(file, {1, 0, 10}, "x", pictures);
    else
        vitrine::data::append_cifar(file, {2, 1, 100}, "x", pictures);
}

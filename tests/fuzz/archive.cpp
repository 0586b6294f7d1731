// tar, tar.gz and zip archives.
#include "vitrine/data/read_archive.h"

#include "fuzz.h"

void read(const Bytes& bytes) {
    const auto wanted = [](const std::string& name) { return name.size() % 2 == 0; };
    vitrine::data::read_archive(bytes, "x", wanted, {.bytes = 1 << 20, .files = 100});
}

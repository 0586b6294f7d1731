// Archives made by libarchive, good and hostile.
#include "vitrine/data/read_archive.h"

#include <doctest/doctest.h>

#include "pack_archive.h"
#include "vitrine/kernels/base/error.h"

using vitrine::IoError;
using namespace vitrine::data;
using vitrine::testing::Format;
using vitrine::testing::pack;

namespace {

bool all(const std::string&) { return true; }

/// What reading the archive says.
std::string refusal(const Bytes& archive, const ArchiveLimits& limits = {}) {
    try {
        read_archive(archive, "a.tar.gz", all, limits);
    } catch (const IoError& e) {
        return e.what();
    }
    return "read";
}

std::string text(const ArchiveFile& file) { return {file.bytes.begin(), file.bytes.end()}; }

}  // namespace

TEST_CASE("data/read_archive: the wanted files of a tar.gz and of a zip, in order") {
    for (const Format format : {Format::tar_gz, Format::zip}) {
        const Bytes archive =
            pack({{"d", "", AE_IFDIR}, {"d/a", "first"}, {"d/b", std::string(200000, 'b')}, {"c", ""}}, format);
        const auto files = read_archive(archive, "a", [](const std::string& name) { return name != "d/a"; });
        REQUIRE(files.size() == 2);
        CHECK(files[0].name == "d/b");
        CHECK(text(files[0]) == std::string(200000, 'b'));
        CHECK(files[1].name == "c");
        CHECK(text(read_archive(archive, "a", all)[0]) == "first");
    }
}

TEST_CASE("data/read_archive: names that lead elsewhere, links and devices are refused, wanted or not") {
    const std::string allowed = "\"; allowed are relative paths without \"..\"";
    CHECK(refusal(pack({{"../a", "x"}})) == "a.tar.gz: holds the name \"../a" + allowed);
    CHECK(refusal(pack({{"d/../../a", "x"}})) == "a.tar.gz: holds the name \"d/../../a" + allowed);
    CHECK(refusal(pack({{"d/..", "x"}})) == "a.tar.gz: holds the name \"d/.." + allowed);
    CHECK(refusal(pack({{"/etc/a", "x"}})) == "a.tar.gz: holds the name \"/etc/a" + allowed);
    CHECK(refusal(pack({{"..a/b..", "x"}})) == "read");
    const std::string refused = " is neither a file nor a folder; links and devices are refused";
    CHECK(refusal(pack({{"s", "", AE_IFLNK, "/etc/passwd"}})) == "a.tar.gz: s" + refused);
    CHECK(refusal(pack({{"a", "x"}, {"h", "", AE_IFREG, "a"}})) == "a.tar.gz: h" + refused);
    CHECK(refusal(pack({{"dev", "", AE_IFCHR}})) == "a.tar.gz: dev" + refused);
    CHECK(refusal(pack({{"p", "", AE_IFIFO}})) == "a.tar.gz: p" + refused);
    CHECK(refusal(pack({{"a", "x"}, {"a", "y"}})) == "a.tar.gz: holds a twice");
}

TEST_CASE("data/read_archive: bombs and damage are refused") {
    const Bytes archive = pack({{"a", std::string(100000, 'a')}, {"b", std::string(100000, 'b')}});
    CHECK(archive.size() < 1000);
    CHECK(refusal(archive, {.bytes = 200000}) == "read");
    CHECK(refusal(archive, {.bytes = 199999}) == "a.tar.gz: unpacks to more bytes than are allowed");
    CHECK(refusal(archive, {.files = 1}) == "a.tar.gz: holds more than 1 files");
    for (const std::size_t size : {std::size_t{1}, std::size_t{20}, archive.size() / 2, archive.size() - 20}) {
        const std::string said = refusal(Bytes(archive.begin(), archive.begin() + static_cast<std::ptrdiff_t>(size)));
        CHECK_MESSAGE(said != "read", size);
        CHECK(said.starts_with("a.tar.gz: "));
    }
    CHECK(refusal(Bytes(5000, 'x')).starts_with("a.tar.gz: cannot be unpacked: "));
    Bytes tar = unpack_gzip(archive, 1 << 20, "a");
    tar.resize(100000);
    CHECK(refusal(tar).starts_with("a.tar.gz: cannot be unpacked: "));
    Bytes flipped = pack({{"a", "some text that is not all alike, 0123456789"}});
    flipped[flipped.size() / 2] ^= 0x40;
    CHECK(refusal(flipped).starts_with("a.tar.gz: gzip data is damaged"));
}

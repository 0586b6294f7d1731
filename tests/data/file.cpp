// Reading: every damaged file is refused by name. Writing: the old file or the new one, whatever happens.
#include "vitrine/data/file.h"

#include <csignal>
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "full_disk.h"
#include "scratch_folder.h"
#include "vitrine/data/file_writer.h"

using vitrine::IoError;
using namespace vitrine::data;

namespace {

// 4096 zeros, packed by gzip -9.
const Bytes zeros_gz = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xed, 0xc1, 0x01,
                        0x0d, 0x00, 0x00, 0x00, 0xc2, 0xa0, 0xf7, 0x4f, 0x6d, 0x0f, 0x07, 0x14, 0x00,
                        0x00, 0x00, 0xf0, 0x6e, 0x11, 0x00, 0x1c, 0xc7, 0x00, 0x10, 0x00, 0x00};

std::string bytes(std::size_t n, char value) { return std::string(n, value); }

}  // namespace

TEST_CASE("data/file: a file is read whole, gzipped or not") {
    const ScratchFolder folder;
    CHECK(read_file(folder.put("plain", bytes(100000, 'a')), 100000) == Bytes(100000, 'a'));
    CHECK(read_file(folder.put("empty", std::string()), 0).empty());
    CHECK(read_maybe_gzipped(folder / "plain", 100000) == Bytes(100000, 'a'));
    CHECK(read_maybe_gzipped(folder.put("zeros.gz", zeros_gz), 4096) == Bytes(4096, 0));

    Bytes twice = zeros_gz;  // two members in a row, as `cat a.gz b.gz` makes them
    twice.insert(twice.end(), zeros_gz.begin(), zeros_gz.end());
    CHECK(unpack_gzip(twice, 1 << 20, "twice.gz") == Bytes(8192, 0));
}

TEST_CASE("data/file: what cannot be read is refused") {
    const ScratchFolder folder;
    const std::string missing = folder / "missing", large = folder.put("large", bytes(11, 'a'));
    CHECK_THROWS_WITH_AS(read_file(missing, 10), (missing + ": cannot be opened: No such file or directory").c_str(),
                         IoError);
    CHECK_THROWS_WITH_AS(read_file(folder.path(), 10), (folder.path() + ": is not a regular file").c_str(), IoError);
    CHECK_THROWS_WITH_AS(read_file("/dev/zero", 10), "/dev/zero: is not a regular file", IoError);
    CHECK_THROWS_WITH_AS(read_file(large, 10), (large + ": 11 bytes; allowed are at most 10").c_str(), IoError);

    const InputFile file(large);
    char buffer[8];
    CHECK_THROWS_WITH_AS(file.read(5, buffer, 8), (large + ": ends at byte 11; 2 more are needed").c_str(), IoError);
}

TEST_CASE("data/file: damaged gzip data is refused") {
    const auto unpack = [](const Bytes& packed, std::uint64_t most = 1 << 20) {
        return unpack_gzip(packed, most, "z.gz");
    };
    Bytes changed = zeros_gz;
    CHECK_THROWS_WITH_AS(unpack(zeros_gz, 4095), "z.gz: unpacks to more than the 4095 bytes that are allowed", IoError);
    CHECK_THROWS_WITH_AS(unpack(zeros_gz, 0), "z.gz: unpacks to more than the 0 bytes that are allowed", IoError);
    changed.back() = 0xff;  // the length that gzip notes is believed by nobody, but must be right
    CHECK_THROWS_WITH_AS(unpack(changed), "z.gz: gzip data is damaged at byte 38: incorrect length check", IoError);
    changed = zeros_gz;
    changed[30] ^= 1;
    CHECK_THROWS_WITH_AS(unpack(changed), "z.gz: gzip data is damaged at byte 34: incorrect data check", IoError);
    changed = zeros_gz;
    changed.push_back('x');
    CHECK_THROWS_WITH_AS(unpack(changed), "z.gz: 1 bytes follow the end of the gzip data", IoError);
    for (std::size_t length = 2; length < zeros_gz.size(); ++length) {
        const Bytes cut(zeros_gz.begin(), zeros_gz.begin() + static_cast<std::ptrdiff_t>(length));
        const std::string text = "z.gz: gzip data ends early, after " + std::to_string(length) + " bytes";
        CHECK_THROWS_WITH_AS(unpack(cut), text.c_str(), IoError);
    }
}

TEST_CASE("data/file: a file appears or is replaced in one step") {
    const ScratchFolder folder;
    write_file(folder / "a", "first");
    CHECK(folder.get("a") == "first");
    {
        FileWriter writer(folder / "a");
        writer.write("second");
        CHECK(folder.get("a") == "first");
        CHECK(folder.files() == 2);
        writer.commit();
    }
    CHECK(folder.get("a") == "second");
    { FileWriter abandoned(folder / "b"); }
    CHECK(folder.files() == 1);
}

TEST_CASE("data/file: what cannot be written is refused, and nothing is left") {
    const ScratchFolder folder;
    const std::string nowhere = folder / "no/such/file";
    CHECK_THROWS_WITH_AS(write_file(nowhere, "x"), (nowhere + ": cannot be written: No such file or directory").c_str(),
                         IoError);
    CHECK_THROWS_WITH_AS(write_file(folder.path(), "x"),
                         (folder.path() + ": cannot be written: it is not a regular file").c_str(), IoError);
    CHECK_THROWS_WITH_AS(write_file("/dev/full", "x"), "/dev/full: cannot be written: it is not a regular file",
                         IoError);
    struct stat info {};
    CHECK((stat("/dev/full", &info) != 0 || S_ISCHR(info.st_mode)));
    CHECK(folder.files() == 0);
}

TEST_CASE("data/file: a full disk leaves the old file") {
    const ScratchFolder folder;
    const std::string path = folder / "a";
    write_file(path, "old");
    {
        const FullDisk full(1000);
        CHECK_THROWS_WITH_AS(write_file(path, bytes(5000, 'n')), (path + ": cannot be written: File too large").c_str(),
                             IoError);
    }
    CHECK(folder.get("a") == "old");
    CHECK(folder.files() == 1);
}

TEST_CASE("data/file: a program that is killed while it writes leaves the old file") {
    const ScratchFolder folder;
    write_file(folder / "a", "old");
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        FileWriter writer(folder / "a");
        writer.write("half of the new");
        kill(getpid(), SIGKILL);
    }
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    CHECK(folder.get("a") == "old");
    write_file(folder / "a", "new");
    CHECK(folder.get("a") == "new");
}

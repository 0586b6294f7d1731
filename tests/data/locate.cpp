// Finding a data set: the user's folder, the cache, a download, and clear words when there is nothing.
#include "vitrine/data/locate.h"

#include <doctest/doctest.h>
#include <cstdlib>
#include <optional>

#include "http_server.h"
#include "scratch_folder.h"
#include "vitrine/data/sha256.h"

using vitrine::Error;
using vitrine::IoError;
using namespace vitrine::data;
using vitrine::testing::Does;
using vitrine::testing::HttpServer;

namespace {

constexpr vitrine::Site here{"user.cpp", 7};

/// A variable of the environment, another value while this lives.
class Variable {
public:
    Variable(const char* name, const std::string& value) : name_(name) {
        if (const char* before = std::getenv(name)) before_ = before;
        value.empty() ? unsetenv(name) : setenv(name, value.c_str(), 1);
    }
    ~Variable() { before_ ? setenv(name_, before_->c_str(), 1) : unsetenv(name_); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    const char* name_;
    std::optional<std::string> before_;
};

std::string hash_of(const std::string& bytes) {
    Sha256 hash;
    hash.add(bytes.data(), bytes.size());
    return hash.hex();
}

const std::string first = "the first file", second = "and the second";

DataSetFiles two_files(const HttpServer& one, const HttpServer& two) {
    return {
        "toys",
        {{"a.gz", hash_of(first), first.size(), {one.url()}}, {"b.txt", hash_of(second), second.size(), {two.url()}}},
        "data::Toys"};
}

DataSetFiles unreachable() {
    return {"toys", {{"a.gz", hash_of(first), first.size(), {"http://127.0.0.1:1/a"}}}, "data::Toys"};
}

std::string refusal(const DataSetFiles& set, const LocateOptions& options) {
    try {
        locate(set, options, here);
    } catch (const IoError& e) {
        return e.what();
    }
    return "";
}

const LocateOptions quick{.transfer = {.rounds = 2, .backoff_ms = 1}};

}  // namespace

TEST_CASE("data/locate: what the cache lacks is downloaded into it, once") {
    const ScratchFolder cache;
    const Variable data("VITRINE_DATA", cache.path()), proxy("no_proxy", "127.0.0.1");
    const HttpServer one(first, {Does::serve}), two(second, {Does::truncate, Does::serve});
    for (int times = 0; times < 2; ++times) {
        CHECK(locate(two_files(one, two), quick) == cache / "toys");
        CHECK(cache.get("toys/a.gz") == first);
        CHECK(cache.get("toys/b.txt") == second);
    }
    CHECK(one.ranges().size() == 1);
    CHECK(two.ranges().size() == 2);
}

TEST_CASE("data/locate: the user's folder is the only one that is looked into") {
    const ScratchFolder cache, folder;
    const Variable data("VITRINE_DATA", cache.path());
    const HttpServer one(first, {Does::serve}), two(second, {Does::serve});
    const DataSetFiles set = two_files(one, two);
    LocateOptions options = quick;
    options.folder = folder.path();
    CHECK(refusal(set, options) ==
          "locate: folder " + folder.path() +
              " has neither a nor a.gz; give a folder that has toys, or take built-in data: data::Toys (user.cpp:7)");
    folder.put("a", first);
    options.built_in = "--data toys";
    CHECK(refusal(set, options) ==
          "locate: folder " + folder.path() +
              " has no b.txt; give a folder that has toys, or take built-in data: --data toys (user.cpp:7)");
    folder.put("b.txt", second);
    CHECK(locate(set, options) == folder.path());
    CHECK(one.ranges().empty());
    CHECK(cache.files() == 0);
}

TEST_CASE("data/locate: offline the error names the places, the reasons and the built-in data") {
    const ScratchFolder cache;
    const Variable data("VITRINE_DATA", cache.path()), proxy("no_proxy", "127.0.0.1");
    LocateOptions options = quick;
    options.built_in = "--data toys";
    const std::string text = refusal(unreachable(), options);
    CHECK(text.starts_with(
        "locate: folder " + (cache / "toys") +
        " has neither a nor a.gz, and the download failed: a.gz could not be fetched: http://127.0.0.1:1/a "));
    CHECK(text.ends_with("; give a folder that has toys, or take built-in data: --data toys (user.cpp:7)"));
    options.download = false;
    CHECK(refusal(unreachable(), options) == "locate: folder " + (cache / "toys") +
                                                 " has neither a nor a.gz, and downloads are off; give a folder that "
                                                 "has toys, or take built-in data: --data toys (user.cpp:7)");
}

TEST_CASE("data/locate: the cache is VITRINE_DATA, else the user's cache folder") {
    const Variable none("VITRINE_DATA", ""), home("HOME", "/home/u");
    {
        const Variable xdg("XDG_CACHE_HOME", "/caches");
        CHECK(cache_folder() == "/caches/vitrine");
        const Variable data("VITRINE_DATA", "/data");
        CHECK(cache_folder() == "/data");
    }
    const Variable xdg("XDG_CACHE_HOME", "not/absolute");
    CHECK(cache_folder() == "/home/u/.cache/vitrine");
    const Variable nobody("HOME", "");
    CHECK(refusal(unreachable(), quick) ==
          "locate: no folder for data: none of VITRINE_DATA, XDG_CACHE_HOME and HOME is set (user.cpp:7)");
}

TEST_CASE("data/locate: the catalog") {
    for (const char* name : {"mnist", "fashion_mnist", "cifar10", "cifar100", "tinyshakespeare"}) {
        const DataSetFiles& set = catalog(name);
        CHECK(set.name == name);
        for (const RemoteFile& file : set.files) {
            CHECK(file.sha256.size() == 64);
            CHECK(file.sha256.find_first_not_of("0123456789abcdef") == std::string::npos);
            CHECK(file.urls.size() >= 2);
            for (const std::string& url : file.urls) CHECK(url.starts_with("http"));
        }
    }
    CHECK_THROWS_WITH_AS(locate("imagenet", {}, here),
                         "catalog: data set \"imagenet\"; known are mnist, fashion_mnist, cifar10, cifar100, "
                         "tinyshakespeare (user.cpp:7)",
                         Error);
    const ScratchFolder folder;
    CHECK_THROWS_WITH_AS(locate("cifar100", {.folder = folder.path()}, here),
                         ("locate: folder " + folder.path() +
                          " has neither train.bin, also in cifar-100-binary/, nor cifar-100-binary.tar.gz nor "
                          "train*.bin, plain or with .gz "
                          "behind; give a folder that has cifar100, or take built-in data: data::Shapes (user.cpp:7)")
                             .c_str(),
                         IoError);
}

TEST_CASE("data/locate_files: the files of VITRINE_DATA") {
    const char* data = std::getenv("VITRINE_DATA");
    if (!data || !std::filesystem::exists(std::string(data) + "/tinyshakespeare/input.txt")) {
        MESSAGE("SKIPPED: VITRINE_DATA is not set, or its folder has no tinyshakespeare/ inside");
        return;
    }
    const std::string text = locate("tinyshakespeare", {.download = false}) + "/input.txt";
    CHECK(sha256_of_file(text) == catalog("tinyshakespeare").files[0].sha256);
    CHECK(std::filesystem::file_size(text) == catalog("tinyshakespeare").files[0].bytes);
    CHECK(locate("mnist", {.download = false}) == std::string(data) + "/mnist");
}

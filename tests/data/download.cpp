// Downloads from servers on loopback, honest and not. Every test has its own server, port and folder.
#include "vitrine/data/download.h"

#include <doctest/doctest.h>
#include <sys/wait.h>

#include "full_disk.h"
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
const std::string failed = "download: data.bin could not be fetched: ";
const std::string curls_words;  // a reason that curl gives, in other words with another version
constexpr long none = -1;       // no Range was asked for
using Ranges = std::vector<long>;

/// 200,000 bytes that do not repeat soon.
std::string contents() {
    std::string bytes;
    for (std::uint32_t i = 0, x = 1; i < 200'000; ++i)
        bytes += static_cast<char>((x = x * 1664525u + 1013904223u) >> 24);
    return bytes;
}

std::string hash_of(const std::string& bytes) {
    Sha256 hash;
    hash.add(bytes.data(), bytes.size());
    return hash.hex();
}

RemoteFile remote(std::vector<std::string> urls) { return {"data.bin", hash_of(contents()), 200'000, std::move(urls)}; }

// No proxy of this machine's user between the test and loopback.
const int no_proxy = setenv("no_proxy", "127.0.0.1", 1);

DownloadOptions quick(std::int64_t rounds = 3) {
    return {.connect_timeout_ms = 2000, .stall_timeout_ms = 400, .rounds = rounds, .backoff_ms = 1};
}

/// What download() says, "" when the file came, with the folder left out.
std::string refusal(const RemoteFile& file, const ScratchFolder& folder, const DownloadOptions& options) {
    try {
        download(file, folder.path(), options, here);
    } catch (const IoError& e) {
        std::string text = e.what();
        for (std::size_t at; (at = text.find(folder.path())) != std::string::npos;)
            text.erase(at, folder.path().size());
        return text;
    }
    return "";
}

/// The file comes in the end although the server first does all this; these ranges were asked for.
void comes(std::vector<Does> answers, const Ranges& ranges) {
    const ScratchFolder folder;
    answers.push_back(Does::serve);
    const HttpServer server(contents(), answers);
    CHECK(refusal(remote({server.url()}), folder, quick(static_cast<std::int64_t>(answers.size()))) == "");
    CHECK(folder.get("data.bin") == contents());
    CHECK_FALSE(std::filesystem::exists(folder / "data.bin.part"));
    CHECK(server.ranges() == ranges);
}

/// The file never comes, for this reason; nothing that looks like it is left.
void fails(Does does, const std::string& reason, std::size_t requests) {
    const ScratchFolder folder;
    const HttpServer server(contents(), {does});
    const std::string text = refusal(remote({server.url()}), folder, quick(2)),
                      begin = failed + server.url() + " " + reason;
    CHECK(text.substr(0, begin.size()) == begin);
    if (reason != curls_words) CHECK(text == begin + " (user.cpp:7)");
    CHECK_FALSE(std::filesystem::exists(folder / "data.bin"));
    CHECK(server.ranges().size() == requests);
}

}  // namespace

TEST_CASE("data/download: a file is fetched once, into a folder that is made, with progress") {
    REQUIRE(no_proxy == 0);
    const ScratchFolder folder;
    const HttpServer server(contents(), {Does::serve});
    DownloadProgress last;
    DownloadOptions options = quick();
    options.progress = [&](const DownloadProgress& now) {
        CHECK(now.bytes >= last.bytes);
        last = now;
        return true;
    };
    const std::string path = download(remote({server.url()}), folder / "a/b", options);
    CHECK(path == folder / "a/b/data.bin");
    CHECK(folder.get("a/b/data.bin") == contents());
    CHECK(last.file == "data.bin");
    CHECK(last.url == server.url());
    CHECK(last.bytes == 200'000);
    CHECK(last.total == 200'000);
    CHECK(download(remote({server.url()}), folder / "a/b", options) == path);
    CHECK(server.ranges() == Ranges{none});
}

TEST_CASE("data/download: what was interrupted is continued") {
    comes({Does::truncate}, {none, 100'000});
    comes({Does::truncate, Does::truncate}, {none, 100'000, 150'000});
    comes({Does::stall}, {none, 100'000});
    comes({Does::truncate, Does::ignore_range}, {none, 100'000});
}

TEST_CASE("data/download: what cannot be continued begins anew") {
    comes({Does::truncate, Does::wrong_range}, {none, 100'000, none});
    comes({Does::truncate, Does::error_416}, {none, 100'000, none});
    comes({Does::truncate_silent}, {none, none});
    comes({Does::truncate, Does::wrong_bytes}, {none, 100'000, none});
}

TEST_CASE("data/download: servers that are busy, silent, reset or speak another language are tried again") {
    comes({Does::error_503, Does::error_503}, {none, none, none});
    const ScratchFolder folder;
    const HttpServer server(contents(), {Does::reset, Does::serve});  // how much arrived before the reset is not known
    CHECK(refusal(remote({server.url()}), folder, quick()) == "");
    CHECK(folder.get("data.bin") == contents());
}

TEST_CASE("data/download: redirections are followed, to http alone, and not for ever") {
    const ScratchFolder folder;
    const HttpServer server(contents(), {Does::redirect});
    CHECK(refusal(remote({server.url()}), folder, quick()) == "");
    CHECK(folder.get("data.bin") == contents());
    CHECK(server.ranges() == Ranges{none, none});
    fails(Does::redirect_loop, curls_words, 6);
    fails(Does::redirect_to_file, curls_words, 1);
}

TEST_CASE("data/download: a server that lies is not believed, and not asked again") {
    std::string other = contents();
    other[100'000] ^= 1;
    fails(Does::wrong_bytes, "contents have SHA-256 " + hash_of(other) + "; needed is " + hash_of(contents()), 1);
    fails(Does::promise_more, "has 200010 bytes; the file has 200000", 1);
    fails(Does::promise_less, "has 199990 bytes; the file has 200000", 1);
    fails(Does::endless, "sends more than the file's 200000 bytes", 1);
    fails(Does::error_404, "answers 404", 1);
    fails(Does::garbage, curls_words, 1);
}

TEST_CASE("data/download: a server that never gives all is given up after the last round") {
    fails(Does::stall_at_once, "sent nothing for 400 ms", 2);
    fails(Does::error_503, "answers 503", 2);
    fails(Does::truncate_silent, "ended after 100000 of 200000 bytes", 2);
}

TEST_CASE("data/download: mirrors take each other's place") {
    const ScratchFolder folder;
    const HttpServer broken(contents(), {Does::truncate}), lost(contents(), {Does::error_404}),
        good(contents(), {Does::serve});
    CHECK(refusal(remote({lost.url(), broken.url(), good.url()}), folder, quick()) == "");
    CHECK(folder.get("data.bin") == contents());
    CHECK(good.ranges() == Ranges{100'000});

    const ScratchFolder second;
    const std::string closed = "http://127.0.0.1:1/file";
    const std::string text = refusal(remote({closed, lost.url(), "gopher://127.0.0.1/"}), second, quick(2));
    CHECK(text.starts_with(failed + closed + " "));
    CHECK(text.find(", at 0 of 200000 bytes; " + lost.url() + " answers 404; gopher://127.0.0.1/ ") !=
          std::string::npos);
    CHECK(lost.ranges().size() == 2);  // one for each of the two downloads
}

TEST_CASE("data/download: what an earlier run left is continued, if it is of the same file") {
    const HttpServer server(contents(), {Does::serve});
    const ScratchFolder folder;
    folder.put("data.bin.part", contents().substr(0, 50'000));
    CHECK(refusal(remote({server.url()}), folder, quick()) == "");
    CHECK(server.ranges() == Ranges{50'000});

    const ScratchFolder other;
    other.put("data.bin.part", std::string(50'000, 'x'));
    CHECK(refusal(remote({server.url()}), other, quick()) == "");
    CHECK(other.get("data.bin") == contents());
    CHECK(server.ranges() == Ranges{50'000, 50'000, none});

    const ScratchFolder whole;
    whole.put("data.bin.part", contents());
    CHECK(refusal(remote({server.url()}), whole, quick()) == "");
    CHECK(server.ranges().size() == 3);

    const ScratchFolder longer;
    longer.put("data.bin.part", contents() + "more");
    CHECK(refusal(remote({server.url()}), longer, quick()) == "");
    CHECK(server.ranges().back() == none);
}

TEST_CASE("data/download: a full disk, a folder that cannot be, a progress function that gives up") {
    const HttpServer server(contents(), {Does::serve});
    const ScratchFolder folder;
    {
        const FullDisk full(100'000);
        CHECK(refusal(remote({server.url()}), folder, quick()) ==
              "download: /data.bin.part: cannot be written: File too large (user.cpp:7)");
    }
    CHECK_FALSE(std::filesystem::exists(folder / "data.bin"));
    CHECK(refusal(remote({server.url()}), folder, quick()) == "");  // the disk has room again
    CHECK(server.ranges() == Ranges{none, 100'000});

    folder.put("file", std::string("x"));
    CHECK_THROWS_WITH_AS(
        download(remote({server.url()}), folder / "file/sub", quick(), here),
        ("download: " + (folder / "file/sub") + ": cannot be made: Not a directory (user.cpp:7)").c_str(), IoError);
    const ScratchFolder second;
    const HttpServer slow(contents(), {Does::stall});
    DownloadOptions options = quick();
    options.progress = [](const DownloadProgress& now) { return now.bytes == 0; };
    CHECK(refusal(remote({slow.url()}), second, options).find("given up by the progress function at ") !=
          std::string::npos);
}

TEST_CASE("data/download: two processes at once fetch once; one that is killed leaves its part to the other") {
    const ScratchFolder folder;
    const HttpServer server(contents(), {Does::serve});
    const auto start = [&](const HttpServer& from, const ScratchFolder& into) {
        const pid_t child = fork();
        if (child == 0) _exit(refusal(remote({from.url()}), into, {}) == "" ? 0 : 1);
        return child;
    };
    const auto exit_of = [](pid_t child) {
        int status = 0;
        waitpid(child, &status, 0);
        return status;
    };
    const pid_t one = start(server, folder), two = start(server, folder);
    CHECK(exit_of(one) == 0);
    CHECK(exit_of(two) == 0);
    CHECK(folder.get("data.bin") == contents());
    CHECK(server.ranges() == Ranges{none});

    const ScratchFolder second;
    const HttpServer slow(contents(), {Does::stall, Does::serve});
    const pid_t victim = start(slow, second);
    for (int i = 0; i < 1000 && second.get("data.bin.part").size() < 100'000; ++i) usleep(2000);
    kill(victim, SIGKILL);
    CHECK(WIFSIGNALED(exit_of(victim)));
    CHECK(refusal(remote({slow.url()}), second, quick()) == "");
    CHECK(second.get("data.bin") == contents());
    CHECK(slow.ranges() == Ranges{none, 100'000});
}

TEST_CASE("data/download: options that make no sense") {
    const ScratchFolder folder;
    RemoteFile file = remote({});
    CHECK_THROWS_WITH_AS(download(file, folder.path(), {}, here),
                         "download: data.bin has no url; needed is one (user.cpp:7)", Error);
    file = remote({"http://127.0.0.1:1/"});
    CHECK_THROWS_WITH_AS(download(file, folder.path(), {.stall_timeout_ms = 0}, here),
                         "download: timeouts 10000 and 0 ms; allowed are numbers from 1 (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(download(file, folder.path(), {.rounds = 0}, here),
                         "download: rounds 0; allowed are numbers from 1 (user.cpp:7)", Error);
    for (const std::string& hash : {std::string(), std::string(64, 'A'), std::string(63, 'a')}) {
        RemoteFile other = file;
        other.sha256 = hash;
        const std::string text = "download: data.bin has SHA-256 \"" + hash +
                                 "\"; allowed are 64 lower-case hexadecimal digits (user.cpp:7)";
        CHECK_THROWS_WITH_AS(download(other, folder.path(), {}, here), text.c_str(), Error);
    }
    file.name = "..";
    CHECK_THROWS_AS(download(file, folder.path(), {}, here), Error);
    file.name = "../data.bin";
    CHECK_THROWS_WITH_AS(download(file, folder.path(), {}, here),
                         "download: file name \"../data.bin\"; allowed are names without a folder (user.cpp:7)", Error);
}

// VITRINE_PROFILE: a profile of the whole run.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "profile_record.h"
#include "vitrine/kernels/base/error.h"

namespace vitrine {

ProfileFile::ProfileFile(std::string path) : path_(std::move(path)), file_(std::fopen(path_.c_str(), "w")) {
    VITRINE_CHECK(file_, "profile: cannot write ", path_, ": ", std::strerror(errno));
}
ProfileFile::~ProfileFile() {
    if (file_) std::fclose(file_);
}

void ProfileFile::write(const std::string& text) {
    const bool written = std::fwrite(text.data(), 1, text.size(), file_) == text.size();
    const bool closed = std::fclose(std::exchange(file_, nullptr)) == 0;
    VITRINE_CHECK(written && closed, "profile: cannot write ", path_, ": ", std::strerror(errno));
}

namespace {

constexpr std::string_view trace_prefix = "trace:";

/// What the environment asks for.
struct Wanted {
    bool table = false;
    std::vector<std::unique_ptr<ProfileFile>> json, traces;
    std::shared_ptr<ProfileRecord> record;
};

void add(Wanted& wanted, std::string_view part, std::string_view whole) {
    if (part == "1") {
        wanted.table = true;
    } else if (part.starts_with(trace_prefix) && part.size() > trace_prefix.size()) {
        wanted.traces.push_back(std::make_unique<ProfileFile>(std::string(part.substr(trace_prefix.size()))));
    } else {
        VITRINE_CHECK(part.ends_with(".json"), "VITRINE_PROFILE is \"", whole,
                      "\"; allowed are 0, 1, FILE.json, trace:FILE, and several of these with commas between");
        wanted.json.push_back(std::make_unique<ProfileFile>(std::string(part)));
    }
}

Wanted* wanted_at_exit = nullptr;

void write_at_exit() {
    profile_stop(*wanted_at_exit->record);
    try {
        const ProfileRecord& record = *wanted_at_exit->record;
        const bool sums = wanted_at_exit->table || !wanted_at_exit->json.empty();
        const ProfileReport report = sums ? profile_report(record, true) : ProfileReport{};
        if (wanted_at_exit->table) std::fputs(profile_table(report).c_str(), stderr);
        for (const auto& file : wanted_at_exit->json) file->write(profile_json(report));
        for (const auto& file : wanted_at_exit->traces) file->write(profile_trace(record));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "VITRINE_PROFILE: %s\n", error.what());
    }
}

void start_as_asked() {
    const char* const value = std::getenv("VITRINE_PROFILE");
    const std::string_view text = value ? value : "";
    if (text.empty() || text == "0") return;
    auto wanted = std::make_unique<Wanted>();
    for (std::size_t begin = 0, end = 0; end != text.npos; begin = end + 1) {
        end = text.find(',', begin);
        add(*wanted, text.substr(begin, end == text.npos ? end : end - begin), text);
    }
    ProfileOptions options;
    options.trace = !wanted->traces.empty();
    wanted->record = std::make_shared<ProfileRecord>(options);
    wanted_at_exit = wanted.release();  // for the end of the program
    std::atexit(write_at_exit);
    profile_start(wanted_at_exit->record);
}

}  // namespace

void profile_environment() {
    static std::mutex asking;
    const std::lock_guard lock(asking);
    if (profiles_in_progress.load() >= 0) return;
    start_as_asked();
    int unasked = -1;
    profiles_in_progress.compare_exchange_strong(unasked, 0);
}

}  // namespace vitrine

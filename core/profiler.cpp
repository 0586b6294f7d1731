#include "profiler.h"

#include <cstdio>

#include "profile_record.h"
#include "vitrine/kernels/base/error.h"

namespace vitrine {

Profile::Profile(ProfileOptions options) {
    if (profiles_in_progress.load(std::memory_order_relaxed) < 0) profile_environment();
    record_ = std::make_shared<ProfileRecord>(options);
    profile_start(record_);
}

Profile::~Profile() { stop(); }

void Profile::stop() { profile_stop(*record_); }

ProfileReport Profile::report(bool with_peaks) const { return profile_report(*record_, with_peaks); }

std::string Profile::table() const { return profile_table(report()); }

std::string Profile::json() const { return profile_json(report()); }

std::string Profile::chrome_trace() const { return profile_trace(*record_); }

void Profile::chrome_trace(const std::filesystem::path& file) const {
    ProfileFile(file.string()).write(chrome_trace());
}

}  // namespace vitrine

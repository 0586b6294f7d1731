#include <charconv>
#include <cstdio>
#include <filesystem>

#include "callbacks.h"
#include "vitrine/core/operand.h"

namespace vitrine::models {
namespace {

constexpr std::string_view epoch_prefix = "epoch-", file_suffix = ".safetensors";

std::string epoch_file(std::int64_t epoch) {
    char number[24];
    std::snprintf(number, sizeof number, "%05lld", static_cast<long long>(epoch));
    return join(epoch_prefix, number, file_suffix);
}

// The number in a name that epoch_file() makes; -1 for another name.
std::int64_t epoch_of(const std::string& name) {
    if (!name.starts_with(epoch_prefix) || !name.ends_with(file_suffix)) return -1;
    std::int64_t epoch = -1;
    const char* const begin = name.data() + epoch_prefix.size();
    const char* const end = name.data() + name.size() - file_suffix.size();
    if (begin >= end || std::from_chars(begin, end, epoch).ptr != end) return -1;
    return name == epoch_file(epoch) ? epoch : -1;
}

}  // namespace

Checkpoints::Checkpoints(CheckpointsOptions options, Site site)
    : options_(std::move(options)), site_(site), best_(options_.best, options_.smaller_is_better) {
    const Call call("Checkpoints", site);
    call.check(!options_.folder.empty(), "no folder is named");
    call.check(options_.every_steps >= 0, "every_steps ", options_.every_steps, "; allowed are 0 and more");
    call.check(options_.keep >= 0, "keep ", options_.keep, "; allowed are 0 and more");
}

void Checkpoints::on_fit_begin(Trainer&) {
    std::error_code error;
    std::filesystem::create_directories(options_.folder, error);
    if (error) throw IoError(join("Checkpoints: ", options_.folder, ": cannot be made: ", error.message()));
}

void Checkpoints::on_step_done(Trainer& trainer) {
    if (options_.every_steps > 0 && trainer.steps() % options_.every_steps == 0)
        data::save_checkpoint(latest(), trainer.checkpoint(), site_);
}

// The latest comes last: a run that is killed in between does this epoch's files again.
void Checkpoints::on_epoch_done(Trainer& trainer) {
    const bool best = !options_.best.empty() && best_.improved(trainer);
    const data::Checkpoint now = trainer.checkpoint();
    const std::int64_t epoch = trainer.history().back().epoch;
    if (best) data::save_checkpoint(options_.folder + "/best.safetensors", now, site_);
    if (options_.keep > 0) data::save_checkpoint(options_.folder + "/" + epoch_file(epoch), now, site_);
    data::save_checkpoint(latest(), now, site_);
    if (options_.keep > 0) remove_old(epoch);
}

void Checkpoints::on_fit_end(Trainer& trainer) { data::save_checkpoint(latest(), trainer.checkpoint(), site_); }

void Checkpoints::remove_old(std::int64_t epoch) const {
    for (const auto& entry : std::filesystem::directory_iterator(options_.folder)) {
        const std::int64_t number = epoch_of(entry.path().filename().string());
        std::error_code gone_already;
        if (number >= 0 && number <= epoch - options_.keep) std::filesystem::remove(entry.path(), gone_already);
    }
}

void Checkpoints::save(data::Checkpoint& to) const {
    if (!options_.best.empty()) best_.save(to.notes, "checkpoints.best");
}

void Checkpoints::load(const data::Checkpoint& from, const std::string& file) {
    if (!options_.best.empty()) best_.load(from, "checkpoints.best", file);
}

}  // namespace vitrine::models

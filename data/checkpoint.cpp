#include "checkpoint.h"

#include <charconv>
#include <concepts>

#include "located.h"
#include "vitrine/core/operand.h"

namespace vitrine::data {
namespace {

constexpr std::string_view model_prefix = "model.", optimizer_prefix = "optimizer.", schedule_prefix = "schedule.",
                           extra_prefix = "extra.", notes_prefix = "notes.";

void append(NamedTensors& all, std::string_view prefix, const NamedTensors& tensors) {
    for (const auto& [name, tensor] : tensors) all.emplace(std::string(prefix) + name, tensor);
}

template <std::integral N>
void read_number(const Metadata& metadata, const std::string& key, N& number, const std::string& path) {
    const auto found = metadata.find(key);
    if (found == metadata.end())
        throw IoError(join(path, ": no \"", key, "\" in its metadata; needed is a checkpoint"));
    const std::string& text = found->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size())
        throw IoError(join(path, ": \"", key, "\" is \"", text.substr(0, 40), "\"; needed is a number"));
}

Checkpoint unpack(SafetensorsFile file, const std::string& path) {
    Checkpoint checkpoint;
    read_number(file.metadata, "generator.seed", checkpoint.generator.seed, path);
    read_number(file.metadata, "generator.offset", checkpoint.generator.offset, path);
    read_number(file.metadata, "loader.seed", checkpoint.loader.seed, path);
    read_number(file.metadata, "loader.epoch", checkpoint.loader.epoch, path);
    read_number(file.metadata, "loader.batches", checkpoint.loader.batches, path);
    for (auto& [name, tensor] : file.tensors) {
        if (name.starts_with(model_prefix)) checkpoint.model.emplace(name.substr(model_prefix.size()), tensor);
        else if (name.starts_with(optimizer_prefix))
            checkpoint.optimizer.emplace(name.substr(optimizer_prefix.size()), tensor);
        else if (name.starts_with(schedule_prefix))
            checkpoint.schedule.emplace(name.substr(schedule_prefix.size()), tensor);
        else if (name.starts_with(extra_prefix)) checkpoint.extra.emplace(name.substr(extra_prefix.size()), tensor);
        else
            throw IoError(join(path, ": tensor \"", name,
                               "\"; names in a checkpoint begin with model., optimizer., schedule. or extra."));
    }
    for (const auto& [key, text] : file.metadata)
        if (key.starts_with(notes_prefix)) checkpoint.notes[key.substr(notes_prefix.size())] = text;
    return checkpoint;
}

}  // namespace

void save_checkpoint(const std::string& path, const Checkpoint& checkpoint, Site site) {
    NamedTensors tensors;
    append(tensors, model_prefix, checkpoint.model);
    append(tensors, optimizer_prefix, checkpoint.optimizer);
    append(tensors, schedule_prefix, checkpoint.schedule);
    append(tensors, extra_prefix, checkpoint.extra);
    Metadata metadata = {{"generator.seed", std::to_string(checkpoint.generator.seed)},
                         {"generator.offset", std::to_string(checkpoint.generator.offset)},
                         {"loader.seed", std::to_string(checkpoint.loader.seed)},
                         {"loader.epoch", std::to_string(checkpoint.loader.epoch)},
                         {"loader.batches", std::to_string(checkpoint.loader.batches)}};
    for (const auto& [key, text] : checkpoint.notes) metadata[std::string(notes_prefix) + key] = text;
    save_safetensors(path, tensors, metadata, site);
}

Checkpoint load_checkpoint(const std::string& path, Site site) {
    SafetensorsFile file = load_safetensors(path, site);
    return located("load_checkpoint", site, [&] { return unpack(std::move(file), path); });
}

}  // namespace vitrine::data

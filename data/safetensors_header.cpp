#include "safetensors_header.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "vitrine/kernels/base/error.h"

namespace vitrine::data {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr const char* metadata_key = "__metadata__";

struct ElementType {
    std::string_view name;
    std::uint64_t bytes;
};
constexpr ElementType element_types[] = {{"F64", 8},     {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"F8_E4M3", 1},
                                         {"F8_E5M2", 1}, {"I64", 8}, {"I32", 4}, {"I16", 2},  {"I8", 1},
                                         {"U64", 8},     {"U32", 4}, {"U16", 2}, {"U8", 1},   {"BOOL", 1}};

std::string quoted(const std::string& name) {
    constexpr std::size_t longest = 80;  // a hostile name need not fill the screen
    return '"' + (name.size() > longest ? name.substr(0, longest) + "..." : name) + '"';
}

// JSON allows a key twice and keeps one of the two; here that would hide a tensor.
Json parse_without_repeats(std::string_view text, const std::string& path) {
    std::set<std::string> names;
    const auto look = [&](int depth, Json::parse_event_t event, Json& value) {
        if (depth == 1 && event == Json::parse_event_t::key && !names.insert(value.get<std::string>()).second)
            throw IoError(join(path, ": ", quoted(value.get<std::string>()), " stands twice in the header"));
        return true;
    };
    try {
        return Json::parse(text, look);
    } catch (const Json::exception& e) {
        throw IoError(join(path, ": the header is not JSON: ", std::string_view(e.what()).substr(0, 200)));
    }
}

std::uint64_t whole_number(const Json& value, const std::string& where, const char* what) {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most)
        throw IoError(join(where, ": ", what, " holds ", value.dump().substr(0, 80),
                           "; allowed are whole numbers of 0 and more"));
    return value.get<std::uint64_t>();
}

const Json& member(const Json& object, const char* key, Json::value_t type, const std::string& where) {
    const auto found = object.find(key);
    if (found == object.end() || found->type() != type)
        throw IoError(join(where, ": no ", Json(type).type_name(), " \"", key, "\" in its header entry"));
    return *found;
}

SafetensorsEntry parse_entry(const std::string& name, const Json& value, std::uint64_t data_bytes,
                             const std::string& path) {
    const std::string where = join(path, ": tensor ", quoted(name));
    if (!value.is_object()) throw IoError(join(where, ": its header entry is no object"));
    SafetensorsEntry entry;
    entry.name = name;
    entry.dtype = member(value, "dtype", Json::value_t::string, where).get<std::string>();
    for (const Json& size : member(value, "shape", Json::value_t::array, where))
        entry.shape.push_back(static_cast<std::int64_t>(whole_number(size, where, "shape")));
    const Json& offsets = member(value, "data_offsets", Json::value_t::array, where);
    if (offsets.size() != 2) throw IoError(join(where, ": ", offsets.size(), " data_offsets; needed are 2"));
    entry.begin = whole_number(offsets[0], where, "data_offsets");
    entry.end = whole_number(offsets[1], where, "data_offsets");
    if (entry.begin > entry.end || entry.end > data_bytes)
        throw IoError(join(where, ": bytes ", entry.begin, " to ", entry.end, "; the file holds 0 to ", data_bytes));
    const std::uint64_t needed = safetensors_bytes(entry.dtype, entry.shape, where);
    if (entry.end - entry.begin != needed)
        throw IoError(join(where, ": ", entry.end - entry.begin, " bytes; its shape and dtype take ", needed));
    return entry;
}

Metadata parse_metadata(const Json& object, const std::string& path) {
    if (!object.is_object()) throw IoError(join(path, ": ", metadata_key, " is no object"));
    Metadata metadata;
    for (const auto& [key, value] : object.items()) {
        if (!value.is_string()) throw IoError(join(path, ": metadata ", quoted(key), " is no text"));
        metadata[key] = value.get<std::string>();
    }
    return metadata;
}

// In order of their bytes, each tensor begins where the one before ended.
void check_coverage(const std::vector<SafetensorsEntry>& entries, std::uint64_t data_bytes, const std::string& path) {
    std::uint64_t end = 0;
    for (const SafetensorsEntry& entry : entries) {
        if (entry.begin != end)
            throw IoError(join(path, ": tensor ", quoted(entry.name), " begins at byte ", entry.begin,
                               "; the one before ends at ", end));
        end = entry.end;
    }
    if (end != data_bytes)
        throw IoError(join(path, ": the tensors end at byte ", end, "; the file holds ", data_bytes));
}

}  // namespace

std::uint64_t safetensors_bytes(const std::string& dtype, const std::vector<std::int64_t>& shape,
                                const std::string& where) {
    const auto type = std::ranges::find(element_types, dtype, &ElementType::name);
    if (type == std::end(element_types)) throw IoError(join(where, ": dtype ", quoted(dtype), " is unknown"));
    auto bytes = static_cast<std::int64_t>(type->bytes);
    for (const std::int64_t size : shape) {
        if (size < 0) throw IoError(join(where, ": size ", size, "; allowed are sizes of 0 and more"));
        if (__builtin_mul_overflow(bytes, size, &bytes))
            throw IoError(join(where, ": its sizes multiply to more than 63 bits hold"));
    }
    return static_cast<std::uint64_t>(bytes);
}

SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t data_bytes, const std::string& path) {
    const Json root = parse_without_repeats(json, path);
    if (!root.is_object()) throw IoError(join(path, ": the header is no JSON object"));
    SafetensorsHeader header;
    for (const auto& [name, value] : root.items()) {
        if (name == metadata_key) header.metadata = parse_metadata(value, path);
        else header.entries.push_back(parse_entry(name, value, data_bytes, path));
    }
    std::ranges::stable_sort(header.entries, {}, [](const SafetensorsEntry& e) { return std::pair(e.begin, e.end); });
    check_coverage(header.entries, data_bytes, path);
    return header;
}

std::string serialize_safetensors_header(const SafetensorsHeader& header) {
    OrderedJson root = OrderedJson::object();
    if (!header.metadata.empty()) root[metadata_key] = header.metadata;
    std::set<std::string_view> names;
    for (const SafetensorsEntry& entry : header.entries) {
        VITRINE_CHECK(entry.name != metadata_key, "safetensors: a tensor cannot be named \"", metadata_key, "\"");
        VITRINE_CHECK(names.insert(entry.name).second, "safetensors: two tensors are named ", quoted(entry.name));
        root[entry.name] = {{"dtype", entry.dtype}, {"shape", entry.shape}, {"data_offsets", {entry.begin, entry.end}}};
    }
    std::string text;
    try {
        text = root.dump();
    } catch (const OrderedJson::exception& e) {
        throw Error(join("safetensors: a name or a metadata text is not UTF-8: ", e.what()));
    }
    text.resize((text.size() + 7) / 8 * 8, ' ');
    VITRINE_CHECK(text.size() <= max_safetensors_header, "safetensors: a header of ", text.size(),
                  " bytes; allowed are at most ", max_safetensors_header);
    std::string file(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) file[i] = static_cast<char>(std::uint64_t{text.size()} >> (8 * i));
    return file + text;
}

}  // namespace vitrine::data

#include "torch_file.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>

#include "located.h"
#include "pickle.h"
#include "read_archive.h"
#include "vitrine/core/operand.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/tensor_impl.h"

namespace vitrine::data {
namespace {

static_assert(std::endian::native == std::endian::little, "the storages of torch files are little-endian");

using Kind = PickleValue::Kind;

struct NamedStorage {
    std::string_view name;
    DType dtype;
};
constexpr NamedStorage storages[] = {{"torch.FloatStorage", DType::f32}, {"torch.DoubleStorage", DType::f64},
                                     {"torch.HalfStorage", DType::f16},  {"torch.BFloat16Storage", DType::bf16},
                                     {"torch.LongStorage", DType::i64},  {"torch.IntStorage", DType::i32},
                                     {"torch.ByteStorage", DType::u8},   {"torch.BoolStorage", DType::boolean}};
constexpr std::string_view rebuild_tensor = "torch._utils._rebuild_tensor_v2",
                           rebuild_parameter = "torch._utils._rebuild_parameter";
constexpr std::string_view allowed_globals[] = {"collections.OrderedDict", rebuild_tensor,        rebuild_parameter,
                                                "torch.FloatStorage",      "torch.DoubleStorage", "torch.HalfStorage",
                                                "torch.BFloat16Storage",   "torch.LongStorage",   "torch.IntStorage",
                                                "torch.ByteStorage",       "torch.BoolStorage"};

/// The archive's files by their names without the folder that all of them lie in.
using Files = std::map<std::string, Bytes>;

Files open(const std::string& path) {
    constexpr std::uint64_t most = std::uint64_t{1} << 36, spare = 1 << 20;
    Files files;
    Bytes archive = read_file(path, most);
    const ArchiveLimits limits{.bytes = archive.size() + spare, .files = 1'000'000};  // PyTorch compresses nothing
    for (ArchiveFile& file : read_archive(
             std::move(archive), path, [](const std::string&) { return true; }, limits)) {
        const auto slash = file.name.find('/');
        if (slash != std::string::npos) files.emplace(file.name.substr(slash + 1), std::move(file.bytes));
    }
    return files;
}

/// Makes tensors of the values of a pickle.
class Tensors {
public:
    Tensors(const Files& files, const std::string& path) : files_(files), path_(path) {
        for (const auto& [name, contents] : files) stored_ += contents.size();
    }

    /// Adds the tensors inside `value` under names that begin with `name`.
    void collect(const PickleValue& value, const std::string& name, int depth = 0) {
        constexpr int most_levels = 100;
        constexpr std::int64_t most_values = 1'000'000;  // of a file that mentions the same ones again and again
        need(depth < most_levels && ++visited_ < most_values, name, "is nested too deeply");
        const auto below = [&](const std::string& key) { return name.empty() ? key : name + "." + key; };
        if (value.kind == Kind::dict)
            for (std::size_t i = 0; i + 1 < value.items.size(); i += 2)
                collect(*value.items[i + 1], below(key_of(*value.items[i])), depth + 1);
        else if (value.kind == Kind::list)
            for (std::size_t i = 0; i < value.items.size(); ++i)
                collect(*value.items[i], below(std::to_string(i)), depth + 1);
        else if (value.kind == Kind::call)
            need(found_.emplace(name, tensor(value, name)).second, name, "is there twice");
    }
    NamedTensors take() { return std::move(found_); }

private:
    void need(bool condition, const std::string& name, const std::string& text) const {
        if (!condition) throw IoError(join(path_, ": tensor \"", name, "\" ", text));
    }
    std::string key_of(const PickleValue& key) const {
        if (key.kind == Kind::integer) return std::to_string(key.integer);
        if (key.kind != Kind::text) throw IoError(path_ + ": a key of a dict is neither text nor a whole number");
        return key.text;
    }
    std::vector<std::int64_t> integers(const PickleValue& list, const std::string& name) const {
        std::vector<std::int64_t> numbers;
        need(list.kind == Kind::list, name, "has no size");
        for (const PickleValue* item : list.items) {
            need(item->kind == Kind::integer && item->integer >= 0, name, "has a size or stride that is no number");
            numbers.push_back(item->integer);
        }
        return numbers;
    }

    /// A storage's bytes and their type. ("storage", type, key, place, count)
    std::pair<const Bytes*, DType> storage(const PickleValue& value, const std::string& name) const {
        need(value.kind == Kind::persistent && value.items[0]->kind == Kind::list && value.items[0]->items.size() == 5,
             name, "has no storage");
        const auto& id = value.items[0]->items;
        need(id[1]->kind == Kind::global && id[2]->kind == Kind::text, name, "has no storage");
        const auto type = std::ranges::find(storages, id[1]->text, &NamedStorage::name);
        need(type != std::end(storages), name, "has a storage of no type");
        const auto file = files_.find("data/" + id[2]->text);
        need(file != files_.end(), name, "has a storage that is not in the file");
        return {&file->second, type->dtype};
    }

    Tensor tensor(const PickleValue& call, const std::string& name);

    const Files& files_;
    const std::string& path_;
    NamedTensors found_;
    std::int64_t visited_ = 0;
    std::uint64_t copied_ = 0, stored_ = 0;  // bytes of tensors, of files
};

// The elements at offset + sum of index x stride, in row-major order.
void gather(const std::uint8_t* from, std::uint8_t* to, std::size_t bytes, const std::vector<std::int64_t>& size,
            const std::vector<std::int64_t>& stride) {
    std::vector<std::int64_t> index(size.size());
    std::int64_t count = 1, at = 0;
    for (const std::int64_t s : size) count *= s;
    for (std::int64_t i = 0; i < count; ++i, to += bytes) {
        std::memcpy(to, from + at * static_cast<std::int64_t>(bytes), bytes);
        for (std::size_t d = size.size(); d-- > 0;) {
            at += stride[d];
            if (++index[d] < size[d]) break;
            at -= stride[d] * size[d];
            index[d] = 0;
        }
    }
}

// storage, offset, size, stride, requires_grad, hooks; or _rebuild_parameter of such a call.
Tensor Tensors::tensor(const PickleValue& value, const std::string& name) {
    const PickleValue* call = &value;
    if (call->items[0]->text == rebuild_parameter && call->items.size() >= 2) call = call->items[1];
    need(call->kind == Kind::call && call->items[0]->text == rebuild_tensor && call->items.size() >= 5, name,
         "is not made as tensors are");
    const auto [bytes, dtype] = storage(*call->items[1], name);
    const std::int64_t item = static_cast<std::int64_t>(element_size(dtype)),
                       held = static_cast<std::int64_t>(bytes->size()) / item;
    need(call->items[2]->kind == Kind::integer && call->items[2]->integer >= 0, name,
         "has an offset that is no number");
    const std::int64_t offset = call->items[2]->integer;
    const std::vector<std::int64_t> size = integers(*call->items[3], name), stride = integers(*call->items[4], name);
    need(size.size() == stride.size(), name, "has sizes and strides of different numbers");
    need(size.size() <= Shape::max_dims, name,
         join("has ", size.size(), " dimensions; allowed are at most ", Shape::max_dims));

    // Every bound with the quotient: a product could overflow.
    const bool empty_one = std::ranges::find(size, 0) != size.end();
    std::int64_t count = 1, last = offset;
    for (std::size_t d = 0; !empty_one && d < size.size(); ++d) {
        need(size[d] <= held / count, name, "has more elements than its storage");
        count *= size[d];
        need(stride[d] == 0 || size[d] - 1 <= (held - last) / stride[d], name, "reaches beyond its storage");
        last += (size[d] - 1) * stride[d];
        need(last <= held, name, "reaches beyond its storage");
    }
    need(empty_one || last < held, name, "reaches beyond its storage");

    constexpr std::uint64_t spare = std::uint64_t{1} << 16;
    copied_ += empty_one ? 0 : static_cast<std::uint64_t>(count * item);
    need(copied_ / 16 <= stored_ + spare, name, "and others before it show the same storage too often");

    const Tensor x = empty(Shape(size), {.dtype = dtype});
    if (empty_one) return x;
    auto* to = static_cast<std::uint8_t*>(x.impl()->data());
    gather(bytes->data() + offset * item, to, static_cast<std::size_t>(item), size, stride);
    const auto no_bool = [](std::uint8_t b) { return b > 1; };
    need(dtype != DType::boolean || std::none_of(to, to + count, no_bool), name, "holds bytes that are no bool");
    return x;
}

}  // namespace

NamedTensors tensors_of_torch_files(const std::map<std::string, Bytes>& files, const std::string& path) {
    if (!files.contains("data.pkl"))
        throw IoError(path + ": no data.pkl in it; needed is what torch.save of PyTorch 1.6 and later writes");
    constexpr std::size_t most_pickle = std::size_t{1} << 24;  // some 100,000 tensors
    if (files.at("data.pkl").size() > most_pickle)
        throw IoError(
            join(path, ": a data.pkl of ", files.at("data.pkl").size(), " bytes; allowed are at most ", most_pickle));
    if (const auto order = files.find("byteorder"); order != files.end())
        if (std::string(order->second.begin(), order->second.end()) != "little")
            throw IoError(path + ": its numbers are not little-endian");
    const Bytes& program = files.at("data.pkl");
    const Pickle pickle =
        read_pickle({reinterpret_cast<const char*>(program.data()), program.size()}, allowed_globals, path);
    Tensors tensors(files, path);
    tensors.collect(*pickle.root, "");
    return tensors.take();
}

NamedTensors load_torch_file(const std::string& path, Site site) {
    return located("load_torch_file", site, [&] { return tensors_of_torch_files(open(path), path); });
}

}  // namespace vitrine::data

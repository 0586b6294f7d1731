#include "node_case.h"

#include <cstdlib>
#include <sstream>

#include "vitrine/core/backward.h"
#include "vitrine/core/ops/copy.h"

namespace vitrine::data {
namespace {

struct Collect final : SavedVisitor {
    NamedTensors* into;
    void operator()(const char* name, Saved& saved) override {
        if (saved.peek().defined() && !saved.changed()) (*into)[name] = saved.peek().detach();
    }
};

/// Tensors of a file, with the strides of those that do not lie row by row.
struct Content {
    NamedTensors tensors;
    Metadata metadata;

    void add(const std::string& name, const Tensor& x) {
        tensors[name] = x;
        if (is_contiguous(x.shape(), x.strides()) || !is_dense(x.shape(), x.strides())) return;
        metadata["strides." + name] = NodeArgument("", x.strides()).text;
    }
    void add(const char* kind, const std::vector<Tensor>& list) {
        for (std::size_t i = 0; i < list.size(); ++i)
            if (list[i].defined()) add(join(kind, ".", i), list[i]);
    }
};

/// As it lay, if the file says so. What it says is compared, not believed: a dense order of x's own elements.
Tensor as_it_lay(const SafetensorsFile& file, const std::string& name, const Tensor& x) {
    const auto found = file.metadata.find("strides." + name);
    if (found == file.metadata.end()) return x;
    Strides strides;
    std::istringstream text(found->second);
    for (std::string number; strides.dims() < x.dim() && std::getline(text, number, ',');)
        strides.push_back(std::strtoll(number.c_str(), nullptr, 10));
    if (strides.dims() != x.dim() || !is_dense(x.shape(), strides)) return x;
    const NoGrad no_grad;
    return make_tensor(x.shape(), strides, x.dtype(), x.device()).copy_(x);
}

std::vector<Tensor> take(const SafetensorsFile& file, const char* kind, std::size_t count) {
    std::vector<Tensor> list(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::string name = join(kind, ".", i);
        if (const auto found = file.tensors.find(name); found != file.tensors.end())
            list[i] = as_it_lay(file, name, found->second);
    }
    return list;
}

/// A count in the metadata, no larger than a node can have.
std::size_t count_of(const SafetensorsFile& file, const std::string& path, const std::string& key) {
    const auto found = file.metadata.find(key);
    const std::string text = found == file.metadata.end() ? "" : found->second;
    const bool number = !text.empty() && text.size() <= 4 && text.find_first_not_of("0123456789") == std::string::npos;
    if (!number) throw IoError(join(path, ": it is no case of export_case(): its metadata has no ", key));
    return std::stoul(text);
}

/// What a case says of the places of maxima, where the derivative of max_pool2d_backward reads: they must be on the
/// image.
void check_places(const NodeCase& loaded, const std::string& path) {
    const auto index = loaded.saved.find("index");
    if (loaded.op != "max_pool2d_backward" || index == loaded.saved.end() || index->second.dtype() != DType::i32)
        return;
    if (loaded.outputs.empty() || !loaded.outputs[0].defined() || loaded.outputs[0].dim() != 4)
        return;  // the op refuses them
    const std::int64_t pixels = loaded.outputs[0].size(2) * loaded.outputs[0].size(3);
    for (const std::int32_t place : index->second.to_vector<std::int32_t>())
        if (place < -1 || place >= pixels)
            throw IoError(join(path, ": saved.index has ", place, " for an image of ", pixels, " pixels"));
}

NodeCall call_of(Node* node, Site site) {
    if (!node || !node->kept()) return replay(node, {}, site);
    NodeCall own = kept_call(node, site);
    if (!node->kept()->input_gradients.empty()) return own;
    NodeCall again = replay(node, {}, site);
    own.output_gradients = std::move(again.output_gradients), own.input_gradients = std::move(again.input_gradients);
    return own;
}

}  // namespace

NodeCase case_of(Node* node, Site site) {
    NodeCall own = call_of(node, site);
    NodeCase made{.op = own.op,
                  .site = join(own.site),
                  .inputs = std::move(own.inputs),
                  .outputs = std::move(own.outputs),
                  .output_gradients = std::move(own.output_gradients),
                  .input_gradients = std::move(own.input_gradients),
                  .trained = {},
                  .saved = {},
                  .arguments = {},
                  .factors = node->factors()};
    for (const Edge& edge : node->inputs()) made.trained.push_back(edge.defined());
    Collect collect;
    collect.into = &made.saved;
    node->saved(collect);
    for (const NodeArgument& argument : node->arguments()) made.arguments[argument.name] = argument.text;
    return made;
}

void export_case(Node* node, const std::string& path, Site site) {
    const NodeCase own = case_of(node, site);
    Content file;
    file.add("input", own.inputs), file.add("output", own.outputs);
    file.add("output_gradient", own.output_gradients), file.add("input_gradient", own.input_gradients);
    for (const auto& [name, tensor] : own.saved) file.add("saved." + name, tensor);
    for (const auto& [name, text] : own.arguments) file.metadata["argument." + name] = text;
    std::string trained;
    for (const bool asked : own.trained) trained += asked ? '1' : '0';
    file.metadata["op"] = own.op, file.metadata["site"] = own.site, file.metadata["trained"] = trained;
    file.metadata["inputs"] = join(own.inputs.size()), file.metadata["outputs"] = join(own.outputs.size());
    if (own.factors == DType::bf16) file.metadata["factors"] = "bf16";
    save_safetensors(path, file.tensors, file.metadata, site);
}

NodeCase load_case(const std::string& path, Site site) {
    const SafetensorsFile file = load_safetensors(path, site);
    const std::size_t inputs = count_of(file, path, "inputs"), outputs = count_of(file, path, "outputs");
    const auto said = [&](const char* key) { return file.metadata.contains(key) ? file.metadata.at(key) : ""; };
    NodeCase loaded{.op = said("op"),
                    .site = said("site"),
                    .inputs = take(file, "input", inputs),
                    .outputs = take(file, "output", outputs),
                    .output_gradients = take(file, "output_gradient", outputs),
                    .input_gradients = take(file, "input_gradient", inputs),
                    .trained = {},
                    .saved = {},
                    .arguments = {},
                    .factors = said("factors") == "bf16" ? DType::bf16 : DType::f32};
    const std::string trained = said("trained");
    for (std::size_t i = 0; i < inputs; ++i)
        loaded.trained.push_back(i < trained.size() && trained[i] == '1' && loaded.inputs[i].defined());
    for (const auto& [name, tensor] : file.tensors)
        if (name.starts_with("saved.")) loaded.saved[name.substr(6)] = as_it_lay(file, name, tensor);
    for (const auto& [name, text] : file.metadata)
        if (name.starts_with("argument.")) loaded.arguments[name.substr(9)] = text;
    check_places(loaded, path);
    return loaded;
}

NodeCall run_case(const NodeCase& node_case, Device device,
                  const std::function<std::vector<Tensor>(const std::vector<Tensor>&)>& op) {
    const GradMode recording(true);
    NodeCall made{.op = node_case.op.c_str()};
    std::vector<Tensor> asked, reached, dy;
    for (std::size_t i = 0; i < node_case.inputs.size(); ++i) {
        Tensor x = node_case.inputs[i].defined() ? node_case.inputs[i].to(device).detach() : Tensor();
        if (node_case.trained[i]) asked.push_back(x.requires_grad_());
        made.inputs.push_back(x);
    }
    const std::vector<Tensor> outputs = op(made.inputs);
    VITRINE_CHECK(outputs.size() == node_case.outputs.size(), "run_case: the op made ", outputs.size(),
                  " tensors; the case of ", node_case.op, " has ", node_case.outputs.size(), " outputs");
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const Tensor& given = node_case.output_gradients[i];
        made.output_gradients.push_back(given.defined() ? given.to(device) : given);
        if (given.defined()) reached.push_back(outputs[i]), dy.push_back(made.output_gradients.back());
        made.outputs.push_back(outputs[i].detach());
    }
    std::vector<Tensor> dx;
    if (!reached.empty() && !asked.empty()) dx = grad(reached, asked, {.grad_outputs = dy, .allow_unused = true});
    made.input_gradients.resize(made.inputs.size());
    for (std::size_t i = 0, next = 0; i < made.inputs.size(); ++i)
        if (node_case.trained[i] && !dx.empty()) made.input_gradients[i] = dx[next++];
    return made;
}

}  // namespace vitrine::data

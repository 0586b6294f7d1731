#include "node_case.h"

#include "vitrine/core/backward.h"
#include "vitrine/core/ops/copy.h"

namespace vitrine::data {
namespace {

struct Collect final : SavedVisitor {
    NamedTensors* into;
    void operator()(const char* name, Saved& saved) override {
        if (saved.peek().defined() && !saved.changed()) (*into)[join("saved.", name)] = saved.peek().detach();
    }
};

void add(NamedTensors& tensors, const char* kind, const std::vector<Tensor>& list) {
    for (std::size_t i = 0; i < list.size(); ++i)
        if (list[i].defined()) tensors[join(kind, ".", i)] = list[i];
}

std::vector<Tensor> take(const NamedTensors& tensors, const char* kind, std::size_t count) {
    std::vector<Tensor> list(count);
    for (std::size_t i = 0; i < count; ++i)
        if (const auto found = tensors.find(join(kind, ".", i)); found != tensors.end()) list[i] = found->second;
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

NodeCall call_of(Node* node, Site site) {
    if (!node || !node->kept()) return replay(node, {}, site);
    NodeCall own = kept_call(node, site);
    if (!node->kept()->input_gradients.empty()) return own;
    NodeCall again = replay(node, {}, site);
    own.output_gradients = std::move(again.output_gradients), own.input_gradients = std::move(again.input_gradients);
    return own;
}

}  // namespace

void export_case(Node* node, const std::string& path, Site site) {
    const NodeCall own = call_of(node, site);
    NamedTensors tensors;
    add(tensors, "input", own.inputs), add(tensors, "output", own.outputs);
    add(tensors, "output_gradient", own.output_gradients), add(tensors, "input_gradient", own.input_gradients);
    Collect collect;
    collect.into = &tensors;
    node->saved(collect);
    std::string trained;
    for (const Edge& edge : node->inputs()) trained += edge.defined() ? '1' : '0';
    save_safetensors(path, tensors,
                     {{"op", own.op}, {"site", join(own.site)}, {"inputs", join(own.inputs.size())},
                      {"outputs", join(own.outputs.size())}, {"trained", trained}},
                     site);
}

NodeCase load_case(const std::string& path, Site site) {
    const SafetensorsFile file = load_safetensors(path, site);
    const std::size_t inputs = count_of(file, path, "inputs"), outputs = count_of(file, path, "outputs");
    NodeCase loaded{.op = file.metadata.contains("op") ? file.metadata.at("op") : "",
                    .site = file.metadata.contains("site") ? file.metadata.at("site") : "",
                    .inputs = take(file.tensors, "input", inputs),
                    .outputs = take(file.tensors, "output", outputs),
                    .output_gradients = take(file.tensors, "output_gradient", outputs),
                    .input_gradients = take(file.tensors, "input_gradient", inputs),
                    .trained = {},
                    .saved = {}};
    const std::string trained = file.metadata.contains("trained") ? file.metadata.at("trained") : "";
    for (std::size_t i = 0; i < inputs; ++i)
        loaded.trained.push_back(i < trained.size() && trained[i] == '1' && loaded.inputs[i].defined());
    for (const auto& [name, tensor] : file.tensors)
        if (name.starts_with("saved.")) loaded.saved[name.substr(6)] = tensor;
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
    VITRINE_CHECK(outputs.size() == node_case.outputs.size(), "run_case: the op made ", outputs.size(), " tensors; the case of ",
                  node_case.op, " has ", node_case.outputs.size(), " outputs");
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

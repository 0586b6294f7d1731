// The table that summary() prints.
#include <algorithm>
#include <array>
#include <unordered_map>

#include "any_module.h"
#include "vitrine/kernels/base/error.h"

namespace vitrine::nn {
namespace {

using Row = std::array<std::string, 4>;  // layer, module, shape, parameters

// The innermost module around a tensor: the longest module name that the tensor's begins with.
const AnyModule* owner(const Members& members, const std::string& tensor) {
    const AnyModule* inner = members.modules()[0].module;
    std::size_t longest = 0;
    for (const auto& [name, module] : members.modules()) {
        if (name.size() <= longest || !tensor.starts_with(name + '.')) continue;
        longest = name.size();
        inner = module;
    }
    return inner;
}

std::string table(const std::vector<Row>& rows) {
    std::array<std::size_t, 4> width{};
    for (const Row& row : rows)
        for (std::size_t c = 0; c < 4; ++c) width[c] = std::max(width[c], row[c].size());
    std::string text;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        std::string line;
        for (std::size_t c = 0; c < 3; ++c) line += rows[r][c] + std::string(width[c] - rows[r][c].size() + 2, ' ');
        line += std::string(width[3] - rows[r][3].size(), ' ') + rows[r][3];  // numbers to the right
        text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
        if (r == 0) text += std::string(width[0] + width[1] + width[2] + width[3] + 6, '-') + '\n';
    }
    return text;
}

}  // namespace

std::string AnyModule::summary() const {
    const Members members(*this);
    std::unordered_map<const TensorImpl*, std::string> first_name;
    std::int64_t total = 0, trained = 0;
    std::vector<Row> rows{{"layer", "module", "shape", "parameters"}};
    for (const auto& [name, module] : members.modules()) {
        rows.push_back({name.empty() ? "." : name, module->describe(), "", ""});
        bool first = true;
        for (const auto& [tensor_name, tensor, is_buffer] : members.tensors()) {
            if (owner(members, tensor_name) != module) continue;
            if (!first) rows.push_back({});
            first = false;
            rows.back()[2] =
                vitrine::join(tensor_name.substr(name.empty() ? 0 : name.size() + 1), ' ', tensor->shape());
            const auto [known, fresh] = first_name.emplace(tensor->impl(), tensor_name);
            if (is_buffer)
                rows.back()[3] = "buffer";
            else if (!fresh)
                rows.back()[3] = "is " + known->second;
            else
                rows.back()[3] = std::to_string(tensor->numel());
            if (is_buffer || !fresh) continue;
            total += tensor->numel();
            if (tensor->requires_grad()) trained += tensor->numel();
        }
    }
    return table(rows) +
           vitrine::join(total, " parameters", trained == total ? "" : join(", ", trained, " of them trained"), '\n');
}

}  // namespace vitrine::nn

// The table that summary() prints.
#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "any_module.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine::nn {
namespace {

using Row = std::vector<std::string>;  // layer, module, [output,] shape, parameters

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
    const std::size_t columns = rows[0].size();
    std::vector<std::size_t> width(columns);
    for (const Row& row : rows)
        for (std::size_t c = 0; c < columns; ++c) width[c] = std::max(width[c], row[c].size());
    std::string text;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        std::string line;
        for (std::size_t c = 0; c + 1 < columns; ++c) line += rows[r][c] + std::string(width[c] - rows[r][c].size() + 2, ' ');
        line += std::string(width.back() - rows[r].back().size(), ' ') + rows[r].back();  // numbers to the right
        text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
        if (r == 0) text += std::string(std::accumulate(width.begin(), width.end(), 2 * (columns - 1)), '-') + '\n';
    }
    return text;
}

using Outputs = std::unordered_map<const AnyModule*, std::string>;

// outputs: null for a table without their shapes.
std::string describe_all(const AnyModule& all, const Outputs* outputs) {
    const Members members(all);
    std::unordered_map<const TensorImpl*, std::string> first_name;
    std::int64_t trainable = 0, frozen = 0;
    std::vector<Row> rows{{"layer", "module", "shape", "parameters"}};
    const auto add_output = [&](const std::string& text) {
        if (outputs) rows.back().insert(rows.back().begin() + 2, text);
    };
    add_output("output");
    for (const auto& [name, module] : members.modules()) {
        rows.push_back({name.empty() ? "." : name, module->describe(), "", ""});
        add_output(outputs && outputs->contains(module) ? outputs->at(module) : "-");
        bool first = true;
        for (const auto& [tensor_name, tensor, is_buffer] : members.tensors()) {
            if (owner(members, tensor_name) != module) continue;
            if (!first) rows.emplace_back(rows[0].size());
            first = false;
            std::string &shape = rows.back().end()[-2], &count = rows.back().back();
            shape = vitrine::join(tensor_name.substr(name.empty() ? 0 : name.size() + 1), ' ', tensor->shape());
            const auto [known, fresh] = first_name.emplace(tensor->impl(), tensor_name);
            if (!is_buffer && fresh) (tensor->requires_grad() ? trainable : frozen) += tensor->numel();
            count = is_buffer ? "buffer" : fresh ? std::to_string(tensor->numel()) : "is " + known->second;
        }
    }
    const std::string trained = frozen == 0 ? "" : join(", ", trainable, " of them trained");
    return table(rows) + vitrine::join(trainable + frozen, " parameters", trained, '\n');
}

// Around one call of a module in eval mode: notes what each module inside makes.
class Probe {
public:
    Probe(AnyModule& module, Outputs& outputs) {
        for (auto& [name, inside] : module.named_modules()) {
            modes_.emplace_back(inside, inside->is_training());
            handles_.push_back(inside->register_forward_hook([&](const AnyModule& m, const Tensor&, const Tensor& y) {
                outputs.emplace(&m, y.defined() ? join(y.shape()) : "?");
                return Tensor();
            }));
        }
        module.eval();
    }
    ~Probe() {
        for (HookHandle& handle : handles_) handle.remove();
        for (auto& [inside, training] : modes_) inside->set_mode(training);
    }
    Probe(const Probe&) = delete;
    Probe& operator=(const Probe&) = delete;

private:
    std::vector<std::pair<AnyModule*, bool>> modes_;
    std::vector<HookHandle> handles_;
};

}  // namespace

std::string AnyModule::summary() const { return describe_all(*this, nullptr); }

std::string AnyModule::summary(const Tensor& x, Site site) {
    Outputs outputs;
    {
        const NoGrad no_grad;
        const Probe probe(*this, outputs);
        (*this)(Operand(x, site));
    }
    return describe_all(*this, &outputs);
}

std::string AnyModule::summary(const Shape& input_shape, Site site) {
    const Members members(*this);
    const auto& tensors = members.tensors();
    const auto floating = [](const auto& entry) { return is_floating(entry.tensor->dtype()); };
    const auto found = std::find_if(tensors.begin(), tensors.end(), floating);
    const Tensor like = found == tensors.end() ? zeros({}) : *found->tensor;
    return summary(zeros(input_shape, {.dtype = like.dtype(), .device = like.device()}, site), site);
}

}  // namespace vitrine::nn

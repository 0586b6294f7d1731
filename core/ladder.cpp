#include "ladder.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <ostream>
#include <string>

#include "operand.h"

namespace vitrine {
namespace {

constexpr std::array ladder_names{"matmul", "softmax", "reduce", "layer_norm"};
constexpr std::array step_names{"automatic",      "naive",      "coalesced",   "tiled",
                                "register_tiled", "vectorised", "tensor_cores"};

using Steps = std::array<std::atomic<KernelStep>, ladder_names.size()>;

template <class Names>
int index_in(const Names& names, const std::string& name) {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (name == names[i]) return static_cast<int>(i);
    return -1;
}

bool has_step(Ladder ladder, KernelStep step) {
    return step != KernelStep::tensor_cores || ladder == Ladder::matmul;
}

std::string steps_of(Ladder ladder) {
    std::string text = "automatic";
    for (const KernelStep step : kernel_steps(ladder)) text += join(", ", step);
    return text;
}

// Sets "matmul=tiled" in `steps`; what is wrong with it, or "".
std::string set_choice(const std::string& choice, Steps& steps) {
    const auto equals = choice.find('=');
    if (equals == std::string::npos) return join(choice, "; it must be OP=STEP, several with commas between them");
    const int ladder = index_in(ladder_names, choice.substr(0, equals));
    if (ladder < 0) return join(choice, "; the ops with a ladder are matmul, softmax, reduce and layer_norm");
    const int step = index_in(step_names, choice.substr(equals + 1));
    if (step < 0 || !has_step(Ladder(ladder), KernelStep(step)))
        return join(choice, "; the steps of ", Ladder(ladder), " are ", steps_of(Ladder(ladder)));
    steps[static_cast<std::size_t>(ladder)] = KernelStep(step);
    return "";
}

std::string set_choices(const std::string& choices, Steps& steps) {
    std::string wrong;
    for (std::size_t begin = 0, end; wrong.empty() && begin < choices.size(); begin = end + 1) {
        end = std::min(choices.find(',', begin), choices.size());
        wrong = set_choice(choices.substr(begin, end - begin), steps);
    }
    return wrong;
}

struct Chosen {
    Steps steps{};

    Chosen() {
        const char* value = std::getenv("VITRINE_LADDER");
        const std::string wrong = set_choices(value ? value : "", steps);
        VITRINE_CHECK(wrong.empty(), "VITRINE_LADDER: ", wrong);
    }
};

Steps& all_chosen() {
    static Chosen all;
    return all.steps;
}
std::atomic<KernelStep>& chosen(Ladder ladder) { return all_chosen()[static_cast<std::size_t>(ladder)]; }

}  // namespace

std::vector<KernelStep> kernel_steps(Ladder ladder) {
    std::vector<KernelStep> steps;
    for (std::size_t i = 1; i < step_names.size(); ++i)
        if (has_step(ladder, KernelStep(i))) steps.push_back(KernelStep(i));
    return steps;
}

void set_kernel_step(Ladder ladder, KernelStep step, Site site) {
    Call("set_kernel_step", site)
        .check(has_step(ladder, step), ladder, " has no step ", step, "; allowed are ", steps_of(ladder));
    chosen(ladder) = step;
}

void set_kernel_steps(const std::string& choices, Site site) {
    const std::string wrong = set_choices(choices, all_chosen());
    Call("set_kernel_steps", site).check(wrong.empty(), wrong);
}

KernelStep kernel_step(Ladder ladder) { return chosen(ladder).load(std::memory_order_relaxed); }

KernelStepScope::KernelStepScope(Ladder ladder, KernelStep step, Site site)
    : ladder_(ladder), outer_(kernel_step(ladder)) {
    set_kernel_step(ladder, step, site);
}

KernelStepScope::~KernelStepScope() { chosen(ladder_) = outer_; }

std::ostream& operator<<(std::ostream& out, Ladder ladder) {
    return out << ladder_names[static_cast<std::size_t>(ladder)];
}

}  // namespace vitrine

namespace vitrine::kernels {

std::ostream& operator<<(std::ostream& out, KernelStep step) {
    return out << step_names[static_cast<std::size_t>(step)];
}

}  // namespace vitrine::kernels

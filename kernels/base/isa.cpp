#include "isa.h"

#include <cstdlib>
#include <string>

#include "error.h"
#include "vitrine/config.h"

namespace vitrine::kernels {
namespace {

Isa chosen_isa() {
    const char* value = std::getenv("VITRINE_ISA");
    const std::string word = value ? value : "";
    if (word.empty()) return VITRINE_NAIVE ? Isa::naive : processor_isa();
    constexpr const char* names[] = {"naive", "generic", "avx2", "avx512"};
    for (const Isa known : {Isa::naive, Isa::generic, Isa::avx2, Isa::avx512}) {
        if (word != names[static_cast<int>(known)]) continue;
        VITRINE_CHECK(known <= processor_isa(), "VITRINE_ISA=", word, ": this processor has no such instructions");
        return known;
    }
    throw Error("VITRINE_ISA=" + word + ": there are naive, generic, avx2 and avx512");
}

}  // namespace

Isa processor_isa() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw")) {
        return Isa::avx512;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return Isa::avx2;
#endif
    return Isa::generic;
}

Isa isa() {
    static const Isa chosen = chosen_isa();
    return chosen;
}

bool isa_has_bf16() {
#if defined(__x86_64__)
    return isa() == Isa::avx512 && __builtin_cpu_supports("avx512bf16");
#else
    return false;
#endif
}

}  // namespace vitrine::kernels

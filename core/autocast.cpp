#include "autocast.h"

#include "operand.h"

namespace vitrine {
namespace {
thread_local constinit DType factors_of_thread = DType::f32;
}

Autocast::Autocast(DType factors, Site site) : outer_(factors_of_thread) {
    if (factors != DType::bf16 && factors != DType::f32)
        Call("Autocast", site).fail(join("factors are ", factors, "; allowed are bf16 and f32"));
    factors_of_thread = factors;
}
Autocast::~Autocast() { factors_of_thread = outer_; }

DType autocast_dtype() { return factors_of_thread; }

}  // namespace vitrine

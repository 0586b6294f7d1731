#include "matmul_backend.h"

#include <atomic>

#include "vitrine/config.h"
#include "vitrine/core/device.h"
#include "vitrine/core/operand.h"

namespace vitrine {
namespace {

std::atomic<MatmulBackend> chosen = MatmulBackend::own;

}  // namespace

void matmul_backend(MatmulBackend backend, Site site) {
    Call("matmul_backend", site)
        .check(backend == MatmulBackend::own || is_available(Device::cuda), "cublas; it multiplies on device cuda, ",
               VITRINE_HAS_CUDA ? "and no NVIDIA GPU with a driver was found"
                                : "which is not in this build (configure it with -DVITRINE_CUDA=ON)");
    chosen = backend;
}

MatmulBackend matmul_backend() { return chosen; }

}  // namespace vitrine

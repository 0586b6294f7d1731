#include "grad_mode.h"

namespace vitrine {
namespace {
thread_local constinit bool enabled = true;
}

bool is_grad_enabled() { return enabled; }
void set_grad_enabled(bool value) { enabled = value; }

}  // namespace vitrine

// The name of a kernel for error messages: "softmax_forward_kernel<float>".
#pragma once

#include <string>

namespace vitrine::kernels {

/// What the compiler calls a function whose template argument is `kernel`; holds the kernel's name.
template <auto kernel>
constexpr const char* kernel_signature() {
    return __PRETTY_FUNCTION__;
}

/// The kernel's name out of kernel_signature(), without the namespaces that all our kernels share.
inline std::string kernel_name(const std::string& signature) {
    const std::string before = "kernel = ";
    std::size_t begin = signature.find(before) + before.size();
    if (signature[begin] == '&') ++begin;  // clang
    std::string name = signature.substr(begin, signature.find_first_of(";]", begin) - begin);
    for (const std::string common : {"vitrine::kernels::", "on_cuda::", "on_simt::"})
        for (auto at = name.find(common); at != std::string::npos; at = name.find(common))
            name.erase(at, common.size());
    return name;
}

}  // namespace vitrine::kernels

// CUDA's syntax as C++, word by word.
#include <doctest/doctest.h>

#include "vitrine/kernels/simt/cuda/command/rewrite.h"
#include "vitrine/kernels/simt/cuda/command/unsupported.h"

using namespace vitrine::kernels::simt::command;

namespace {

std::string rewritten(const std::string& source) {
    const auto tokens = tokens_of(source);
    Kernels kernels;
    kernels.add_from(tokens);
    return rewrite(source, tokens, kernels, [](std::string_view name) {
        return name == "\"own.cuh\"" ? "\"/folder/own.cuh\"" : "";
    });
}

const std::string launch = "::vitrine_cuda::launch(VITRINE_SIMT_KERNEL(",
                  deduced = "::vitrine_cuda::launch(VITRINE_SIMT_DEDUCED(";

}  // namespace

TEST_CASE("strangers/rewrite: launches") {
    CHECK(rewritten("k<<<1, 2>>>(x);") == launch + "k), 1, 2)(x);");
    CHECK(rewritten("a::b::k <<< g, b, n >> 2, s >>> (x, {1})") == launch + "a::b::k ),  g, b, n >> 2, s ) (x, {1})");
    CHECK(rewritten("return ::k<<<f(a >> (b>>>c)), 2>>>()") == "return " + launch + "::k), f(a >> (b>>>c)), 2)()");
    CHECK(rewritten("t.k<<<1,2>>>(), this->k<<<1,2>>>()") == launch + "t.k), 1,2)(), " + launch + "this->k), 1,2)()");
    CHECK(rewritten("ks[i + 1]<<<1,2>>>(x)") == launch + "ks[i + 1]), 1,2)(x)");
    CHECK(rewritten("(*k)<<<1,2>>>(x)") == launch + "(*k)), 1,2)(x)");
    CHECK(rewritten("k << <g, b >> >(x);") == launch + "k ), g, b )(x);");
    CHECK(rewritten("if (a < b) k<<<1,\n  2>>>(x);") == "if (a < b) " + launch + "k), 1,\n  2)(x);");
}

TEST_CASE("strangers/rewrite: launches of templates, with and without all arguments") {
    const std::string two = "template <class T, int N> __global__ void k(T* x);";
    CHECK(rewritten(two + "k<float, (a > b)><<<1, 2>>>(x);") == two + launch + "k<float, (a > b)>), 1, 2)(x);");
    CHECK(rewritten(two + "k<A<B<int>>, 3><<<1, 2>>>(x);") == two + launch + "k<A<B<int>>, 3>), 1, 2)(x);");
    CHECK(rewritten(two + "k<float><<<1, 2>>>(x);") == two + deduced + "k<float>), 1, 2)(x);");
    CHECK(rewritten(two + "k<<<1, 2>>>(x);") == two + deduced + "k), 1, 2)(x);");
    CHECK(rewritten("n::A<int>::template k<2><<<1, 2>>>(x);") == deduced + "n::A<int>::template k<2>), 1, 2)(x);");
    const std::string overloads = "__global__ void k(int*);__global__ void k(float*);";
    CHECK(rewritten(overloads + "k<<<1, 2>>>(x);") == overloads + deduced + "k), 1, 2)(x);");
    const std::string host = "__global__ void k(int*);\nvoid k(int* x, int n) { k<<<1, 2>>>(x); }";
    CHECK(rewritten(host).find("{ " + deduced + "k), 1, 2)(x); }") != std::string::npos);
    const std::string left_out = "__global__ void k(int* x, int n = 3);";
    CHECK(rewritten(left_out + "k<<<1, 2>>>(x);") == left_out + deduced + "k), 1, 2)(x);");
    const std::string pack = "template <class... T> __global__ void k(T... x);";
    CHECK(rewritten(pack + "k<int><<<1, 2>>>(x);") == pack + deduced + "k<int>), 1, 2)(x);");
    const std::string bounds = "__global__ void __launch_bounds__(256, 2) k(int n, P<int, 2>);\n__global__ void k(int, P<int, 2> p);\n";
    CHECK(rewritten(bounds + "k<<<1, 2>>>(3);") == bounds + launch + "k), 1, 2)(3);");
}

TEST_CASE("strangers/rewrite: launches in macros, one after the other, and what only looks like one") {
    CHECK(rewritten("#define RUN(k, ...) k<<<1, \\\n 2>>>(__VA_ARGS__)\n") ==
          "#define RUN(k, ...) " + deduced + "k), 1, \\\n 2)(__VA_ARGS__)\n");
    CHECK(rewritten("a<<<1,1>>>(); b<<<2,2>>>();") == launch + "a), 1,1)(); " + launch + "b), 2,2)();");
    for (const char* none : {"// k<<<1, 2>>>(x)", "/* k<<<1,\n2>>>(x) */", "\"k<<<1, 2>>>(x)\"", "R\"x(k<<<1,2>>>())\" )x\"",
                             "operator<<<T>(x)", "a << b >> c", "'<<<'", "1'000'000", "// \\\nk<<<1,2>>>(x)"})
        CHECK(rewritten(none) == none);
}

TEST_CASE("strangers/rewrite: dynamic shared memory") {
    CHECK(rewritten("__global__ void k() { extern __shared__ float s[]; }") ==
          "__global__ void k() {   float (*const s) = ::vitrine_cuda::shared_memory(); }");
    CHECK(rewritten("void k() {extern __shared__ __align__(16) float2 a[], b[][4];}") ==
          "void k() {   float2 (*const a) = ::vitrine_cuda::shared_memory(), (*const b)[4] = ::vitrine_cuda::shared_memory();}");
    CHECK(rewritten("void k() {extern volatile __shared__ struct S* s[];}") ==
          "void k() { volatile  struct S* (*const s) = ::vitrine_cuda::shared_memory();}");
    CHECK(rewritten("namespace a { extern __shared__ int s[]; }") ==
          "namespace a {   static constexpr ::vitrine_cuda::SharedMemory<int > s{}; }");
    CHECK(rewritten("void k() {__shared__ int s[4]; static __shared__ int t;}") ==
          "void k() {__shared__ int s[4];  __shared__ int t;}");
}

TEST_CASE("strangers/rewrite: includes of its own, casts of kernels, and no line moves") {
    CHECK(rewritten("#include \"own.cuh\"\n# include <own.cuh>\n#include \"other.h\"") ==
          "#include \"/folder/own.cuh\"\n# include <own.cuh>\n#include \"other.h\"");
    CHECK(rewritten("cudaLaunchKernel((const void *)k, g)") == "cudaLaunchKernel(VITRINE_SIMT_KERNEL(k), g)");
    CHECK(rewritten("cudaLaunchCooperativeKernel(reinterpret_cast<void*>(k), g)") == "cudaLaunchCooperativeKernel(VITRINE_SIMT_KERNEL((k)), g)");
    CHECK(rewritten("cudaLaunchKernel((f)(k), g)") == "cudaLaunchKernel(VITRINE_SIMT_KERNEL((f)(k)), g)");
    CHECK(rewritten("__noinline__ __attribute__((__noinline__)) int f();") ==
          "__attribute__((noinline)) __attribute__((__noinline__)) int f();");
    CHECK(rewritten("#if A\nvoid f() {\n#else\nvoid g() {\n#endif\n}\nextern __shared__ int s[];") ==
          "#if A\nvoid f() {\n#else\nvoid g() {\n#endif\n}\n  static constexpr ::vitrine_cuda::SharedMemory<int > s{};");
}

TEST_CASE("strangers/rewrite: tokens know their lines") {
    const std::string source = "a /* b\n */ \"c\\\nd\" R\"(\n)\"\n#define e \\\n f\n0x1p-3f 1e+5 .5 'g'";
    std::string seen;
    for (const Token& t : tokens_of(source)) seen += std::string(t.spelling) + "@" + std::to_string(t.line) + " ";
    CHECK(seen == "a@1 \"c\\\nd\"@2 R\"(\n)\"@3 define@5 e@5 f@6 0x1p-3f@7 1e+5@7 .5@7 'g'@7 ");
}

TEST_CASE("strangers/rewrite: what is not supported is named, construct by construct") {
    const auto named = [](const std::string& source) {
        std::string seen;
        for (const Unsupported& u : unsupported_in("f.cu", tokens_of(source))) seen += u.what + "; ";
        return seen;
    };
    CHECK(named("#include <curand.h>\n") == "the library cuRAND (<curand.h>); ");
    CHECK(named("#include <curand_kernel.h>\n") == "the library cuRAND (<curand_kernel.h>); ");
    CHECK(named("#include <cub/block/block_radix_sort.cuh>\n") == "other parts of CUB (<cub/block/block_radix_sort.cuh>); ");
    CHECK(named("#include <thrust/merge.h>\n") == "other parts of Thrust (<thrust/merge.h>); ");
    CHECK(named("#include <cuda/barrier>\n") == "cuda::barrier (<cuda/barrier>); ");
    CHECK(named("#include <cuda/pipeline>\n") == "cuda::pipeline (<cuda/pipeline>); ");
    CHECK(named("#include <cuda/std/array>\n") == "libcu++'s standard library (<cuda/std/array>); ");
    CHECK(named("__global__ void k(cudaTextureObject_t t) {}\n") == "texture objects (cudaTextureObject_t); ");
    CHECK(named("__global__ void k() { tex1Dfetch<float>(0, 1); }\n") == "textures (tex1Dfetch); ");
    CHECK(named("__global__ void k() { tex3D<float>(0, 1, 2, 3); }\n") == "textures (tex3D); ");
    CHECK(named("texture<float, 2> t;\n") == "texture and surface references; ");
    CHECK(named("__global__ void k() { surf2Dwrite(1.f, 0, 1, 2); }\n") == "surfaces (surf2Dwrite); ");
    CHECK(named("#include <cooperative_groups.h>\n#include <cuda/atomic>\n__global__ void k() {}\n").empty());
}

TEST_CASE("strangers/rewrite: unsupported constructs, each where it first stands") {
    const std::string source = "#include <thrust/merge.h>\n#include <cstdio>\nsurface<void, 2> s;\nint texture;\n"
                               "void f() { asm(\"rdtsc\"); k<<<1, 1>>>(); tex2D(t, 1); }\n"
                               "__device__ void g() {\n  if (x) { k<<<1, 1>>>(); }\n tex2D(t, 2); }\n";
    std::string seen;
    for (const Unsupported& u : unsupported_in("f.cu", tokens_of(source))) seen += std::to_string(u.line) + " " + u.what + "; ";
    CHECK(seen == "1 other parts of Thrust (<thrust/merge.h>); 3 texture and surface references; 5 textures (tex2D); "
                  "7 a launch from within a kernel (dynamic parallelism); ");
}

#include "unsupported.h"

#include <algorithm>
#include <array>

#include "kernels.h"
#include "rewrite.h"

namespace vitrine::kernels::simt::command {

namespace {

struct Entry {
    std::string_view name, what;  // a name that ends in '*' stands for all that begin so
};

constexpr std::array names{
    Entry{"cudaTextureObject_t", "texture objects"},
    Entry{"tex1D*", "textures"},
    Entry{"tex2D*", "textures"},
    Entry{"tex3D*", "textures"},
    Entry{"cudaBindTexture*", "textures"},
    Entry{"cudaSurfaceObject_t", "surface objects"},
    Entry{"surf1D*", "surfaces"},
    Entry{"surf2D*", "surfaces"},
    Entry{"surf3D*", "surfaces"},
    Entry{"cudaArray_t", "CUDA arrays"},
    Entry{"cudaArray", "CUDA arrays"},
    Entry{"cudaMallocArray", "CUDA arrays"},
    Entry{"cudaMalloc3D*", "three-dimensional allocations"},
    Entry{"cudaMemcpy3D*", "three-dimensional copies"},
    Entry{"cudaGraph*", "CUDA graphs"},
    Entry{"cudaStreamBeginCapture", "CUDA graphs"},
    Entry{"cudaIpc*", "memory shared between processes"},
    Entry{"cudaMemPool*", "memory pools"},
    Entry{"cudaLaunchKernelEx", "launch attributes and clusters"},
    Entry{"cudaLaunchKernelExC", "launch attributes and clusters"},
    Entry{"cudaLaunchCooperativeKernelMultiDevice", "launches on several devices"},
    Entry{"multi_grid_group", "launches on several devices"},
    Entry{"this_multi_grid", "launches on several devices"},
    Entry{"__cluster_dims__", "clusters of blocks"},
    Entry{"cluster_group", "clusters of blocks"},
    Entry{"this_cluster", "clusters of blocks"},
    Entry{"cublasLtMatmul*", "the library cuBLASLt"},
    Entry{"cublasLtMatrix*", "the library cuBLASLt"},
    Entry{"BlockExchange", "other parts of CUB"},
    Entry{"BlockLoad", "other parts of CUB"},
    Entry{"BlockStore", "other parts of CUB"},
    Entry{"BlockRadixSort", "other parts of CUB"},
    Entry{"BlockAdjacentDifference", "other parts of CUB"},
    Entry{"WarpExchange", "other parts of CUB"},
    Entry{"DeviceRadixSort", "other parts of CUB"},
    Entry{"DeviceSelect", "other parts of CUB"},
    Entry{"DeviceHistogram", "other parts of CUB"},
    Entry{"DeviceSegmented*", "other parts of CUB"},
    Entry{"DeviceRunLengthEncode", "other parts of CUB"},
    Entry{"DevicePartition", "other parts of CUB"},
    Entry{"cuInit", "the driver API"},
    Entry{"cuDeviceGet", "the driver API"},
    Entry{"cuModuleLoad*", "the driver API"},
    Entry{"cuLaunchKernel", "the driver API"},
    Entry{"cuMemAlloc*", "the driver API"},
    Entry{"CUcontext", "the driver API"},
    Entry{"CUresult", "the driver API"},
    Entry{"cudaAccessPolicyWindow", "attributes of streams"},
    Entry{"CUdeviceptr", "the driver API"},
};

constexpr std::array headers{
    Entry{"cub/block/block_exchange.cuh", "other parts of CUB"},
    Entry{"cub/block/block_load.cuh", "other parts of CUB"},
    Entry{"cub/block/block_store.cuh", "other parts of CUB"},
    Entry{"cub/block/block_radix*", "other parts of CUB"},
    Entry{"cub/device/device_radix_sort.cuh", "other parts of CUB"},
    Entry{"cub/device/device_select.cuh", "other parts of CUB"},
    Entry{"thrust/async/*", "other parts of Thrust"},
    Entry{"thrust/binary_search.h", "other parts of Thrust"},
    Entry{"thrust/iterator/zip_iterator.h", "other parts of Thrust"},
    Entry{"thrust/logical.h", "other parts of Thrust"},
    Entry{"thrust/merge.h", "other parts of Thrust"},
    Entry{"thrust/partition.h", "other parts of Thrust"},
    Entry{"thrust/set_operations.h", "other parts of Thrust"},
    Entry{"thrust/universal_vector.h", "other parts of Thrust"},
    Entry{"cuda/std/*", "libcu++'s standard library"},
    Entry{"cuda/pipeline", "cuda::pipeline"},
    Entry{"cuda/barrier", "cuda::barrier"},
    Entry{"cuda/annotated_ptr", "cuda::annotated_ptr"},
    Entry{"cublasXt.h", "the library cuBLASXt"},
    Entry{"cufft*", "the library cuFFT"},
    Entry{"cudnn*", "the library cuDNN"},
    Entry{"cusparse*", "the library cuSPARSE"},
    Entry{"cusolver*", "the library cuSOLVER"},
    Entry{"curand*", "the library cuRAND"},
    Entry{"cuda_fp8.h", "8-bit floats"},
    Entry{"nccl.h", "the library NCCL"},
    Entry{"nvrtc*", "compilation at run time (NVRTC)"},
    Entry{"npp*", "the library NPP"},
    Entry{"nvToolsExt*", "NVTX"},
    Entry{"nvtx3/*", "NVTX"},
    Entry{"cuda_gl_interop.h", "OpenGL"},
    Entry{"cuda_d3d*", "Direct3D"},
    Entry{"cutlass/*", "the library CUTLASS"},
    Entry{"cute/*", "the library CUTLASS"},
    Entry{"nvml.h", "the library NVML"},
    Entry{"cudla.h", "the library cuDLA"},
    Entry{"GL/*", "OpenGL"},
    Entry{"mpi.h", "MPI"},
};

template <class Table>
std::string_view look_up(const Table& table, std::string_view name) {
    for (const Entry& entry : table) {
        const bool prefix = entry.name.ends_with('*');
        const std::string_view wanted = entry.name.substr(0, entry.name.size() - prefix);
        if (prefix ? name.starts_with(wanted) : name == wanted) return entry.what;
    }
    return {};
}

/// "mov.u32", "ld.global.f32": instructions of PTX have a point, those of a CPU have none.
bool is_ptx(std::string_view text) {
    for (std::size_t i = 1; i + 1 < text.size(); ++i)
        if (text[i] == '.' && text[i - 1] >= 'a' && text[i - 1] <= 'z' && text[i + 1] >= 'a' &&
            text[i + 1] <= 'z')
            return true;
    return false;
}

class Finder {
public:
    Finder(const std::string& file, const std::vector<Token>& tokens)
        : file_(file), tokens_(tokens) {}

    std::vector<Unsupported> run() {
        for (std::size_t i = 0; i < tokens_.size(); ++i) look_at(i);
        return std::move(found_);
    }

private:
    void look_at(std::size_t i) {
        const Token& t = tokens_[i];
        const auto next_is = [&](std::string_view word) {
            return i + 1 < tokens_.size() && tokens_[i + 1].is(word);
        };
        if (t.kind == Token::include) {
            const std::string_view name = t.spelling.substr(1, t.spelling.size() - 2);
            add(t, look_up(headers, name), t.spelling);
        } else if (t.is("{")) {
            ++depth_;
            if (device_depth_ < 0 && begins_device_function(i)) device_depth_ = depth_;
        } else if (t.is("}")) {
            if (depth_-- == device_depth_) device_depth_ = -1;
        } else if (is_chevron(tokens_, i, "<", true) && device_depth_ >= 0) {
            add(t, "a launch from within a kernel (dynamic parallelism)", "");
        } else if ((t.is("texture") || t.is("surface")) && next_is("<")) {
            add(t, "texture and surface references", "");
        } else if (t.is("asm") || t.is("__asm__") || t.is("__asm")) {
            inline_assembly(i);
        } else if (t.kind == Token::name) {
            add(t, look_up(names, t.spelling), t.spelling);
        }
    }

    void inline_assembly(std::size_t at) {
        for (std::size_t i = at + 1; i < tokens_.size() && !tokens_[i].is(";"); ++i)
            if (tokens_[i].kind == Token::text && is_ptx(tokens_[i].spelling))
                return add(tokens_[at], "inline PTX assembly", tokens_[i].spelling);
    }

    bool begins_device_function(std::size_t brace) const {
        bool on_device = false;
        for (std::size_t i = statement_begin(tokens_, brace); i < brace; ++i)
            on_device = on_device || tokens_[i].is("__global__") || tokens_[i].is("__device__");
        return on_device;
    }

    void add(const Token& t, std::string_view what, std::string_view spelling) {
        if (what.empty()) return;
        const bool known = std::any_of(found_.begin(), found_.end(), [&](const Unsupported& u) {
            return std::string_view(u.what).starts_with(what);
        });
        if (known) return;
        std::string text(what);
        if (what.find(spelling) == what.npos) text += " (" + std::string(spelling) + ")";
        found_.push_back({file_, t.line, text});
    }

    const std::string& file_;
    const std::vector<Token>& tokens_;
    std::vector<Unsupported> found_;
    int depth_ = 0, device_depth_ = -1;
};

}  // namespace

std::vector<Unsupported> unsupported_in(const std::string& file, const std::vector<Token>& tokens) {
    return Finder(file, tokens).run();
}

}  // namespace vitrine::kernels::simt::command

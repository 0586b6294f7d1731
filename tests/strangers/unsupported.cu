// Nothing of this exists on the emulator: simt-check says so before the compiler's errors.
//
// unsupported textures (tex2D) @texture, inline PTX assembly @ptx, the library cuFFT @fft,
//             a launch from within a kernel @nested
#include <cufft.h>  // @fft

texture<float, 2> picture;

__global__ void child() {}
__global__ void parent(float* x) {
    x[0] = tex2D(picture, 1.0f, 2.0f);  // @texture
    unsigned lane;
    asm("mov.u32 %0, %%laneid;" : "=r"(lane));  // @ptx
    child<<<1, 1>>>();                          // @nested
}

int main() { return 0; }

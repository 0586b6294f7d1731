// Which instructions CPU kernels may use. A kernel with a file for each instruction set (NAME_cpu_avx512.cpp,
// NAME_cpu_avx2.cpp, NAME_cpu_generic.cpp) asks isa() once and keeps the function that it chose.
#pragma once

namespace vitrine::kernels {

/// From the plainest to the widest.
enum class Isa {
    naive,    ///< where a kernel has one: the loop of its formula, for reading and stepping
    generic,  ///< what the compiler was told to use
    avx2,     ///< AVX2 and FMA
    avx512,   ///< AVX-512 F, VL, DQ, BW
};

/// The widest that this processor can do: by its features, never by its name, since new ones come out every year.
Isa processor_isa();

/// What kernels use: the processor's, or what VITRINE_ISA in the environment says (naive, generic, avx2, avx512), or
/// naive in the preset learn; the same during the whole run. Throws Error for another word, and for an instruction set
/// that the processor lacks.
Isa isa();

/// Whether kernels may use the dot products of bfloat16 of AVX512_BF16.
bool isa_has_bf16();

}  // namespace vitrine::kernels

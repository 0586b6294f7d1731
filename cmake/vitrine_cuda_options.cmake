# vitrine_cuda_options(target): what the .cu files of a target need of nvcc. The standard is a plain option because
# CMake 3.25 does not know CUDA C++20 and drops CUDA_STANDARD 20 without a word.
function(vitrine_cuda_options target)
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CUDA>:-std=c++20;--expt-relaxed-constexpr>)
endfunction()

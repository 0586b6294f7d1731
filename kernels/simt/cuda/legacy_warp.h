// Votes and shuffles without a mask, as programs for devices before compute capability 7.0 have
// them: all lanes that come to the call take part.
#pragma once

#include "vitrine/kernels/simt/collectives.h"

inline namespace vitrine_simt {

template <class T>
T __shfl(T value, int source, int width = 32, VITRINE_SIMT_CALLER) {
    const unsigned mask = __activemask(caller_file, caller_line);
    return __shfl_sync(mask, value, source, width, caller_file, caller_line);
}
template <class T>
T __shfl_up(T value, unsigned distance, int width = 32, VITRINE_SIMT_CALLER) {
    const unsigned mask = __activemask(caller_file, caller_line);
    return __shfl_up_sync(mask, value, distance, width, caller_file, caller_line);
}
template <class T>
T __shfl_down(T value, unsigned distance, int width = 32, VITRINE_SIMT_CALLER) {
    const unsigned mask = __activemask(caller_file, caller_line);
    return __shfl_down_sync(mask, value, distance, width, caller_file, caller_line);
}
template <class T>
T __shfl_xor(T value, int bits, int width = 32, VITRINE_SIMT_CALLER) {
    const unsigned mask = __activemask(caller_file, caller_line);
    return __shfl_xor_sync(mask, value, bits, width, caller_file, caller_line);
}
inline unsigned __ballot(int vote, VITRINE_SIMT_CALLER) {
    const unsigned mask = __activemask(caller_file, caller_line);
    return __ballot_sync(mask, vote, caller_file, caller_line);
}
inline int __any(int vote, VITRINE_SIMT_CALLER) {
    const unsigned mask = __activemask(caller_file, caller_line);
    return __any_sync(mask, vote, caller_file, caller_line);
}
inline int __all(int vote, VITRINE_SIMT_CALLER) {
    const unsigned mask = __activemask(caller_file, caller_line);
    return __all_sync(mask, vote, caller_file, caller_line);
}

}  // namespace vitrine_simt

// What the source calls the places of a kernel's memory: "x[17]" for an address that is 68 bytes
// behind the kernel's parameter x, a float*. Part of the checker.
#pragma once

#include <string>

#include "vitrine/kernels/simt/runtime.h"

#include "arrays.h"

namespace vitrine::kernels::simt {

/// From now on names are those of this launch's parameters; nullptr: there is no launch.
void name_arrays_after(const KernelCall* call);

/// "x", "shared part", "dynamic shared memory". An allocation that no parameter points to is
/// "device memory".
std::string array_name(const Array& array);

/// "x[17]", "part[3]", "tile[2][5]", "byte 12 of dynamic shared memory". `address` need not be in
/// `array`.
std::string element_name(const Array& array, const void* address);

/// Whether a parameter, and not only a part of one, points into the array.
bool is_parameter_of_launch(const Array& array);

/// The parameter that holds exactly this pointer, or one into the same page of host memory; "" if
/// none does.
std::string pointer_parameter_near(const void* address);

}  // namespace vitrine::kernels::simt

// NumPy's .npy files.
#include "vitrine/data/npy.h"

#include "fuzz.h"

void read(const Bytes& bytes) { vitrine::data::parse_npy(bytes, "x"); }

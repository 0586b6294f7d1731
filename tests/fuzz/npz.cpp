// NumPy's .npz files.
#include "vitrine/data/npy.h"

#include "fuzz.h"

void read(const Bytes& bytes) { vitrine::data::parse_npz(bytes, "x"); }

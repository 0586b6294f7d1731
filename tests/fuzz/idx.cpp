// IDX files.
#include "vitrine/data/idx.h"

#include "fuzz.h"

void read(const Bytes& bytes) { vitrine::data::parse_idx(bytes, "x"); }

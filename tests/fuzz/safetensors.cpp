// safetensors files, and cases of export_case(), which are read as one first.
#include "vitrine/data/node_case.h"

#include "fuzz.h"

void read(const Bytes& bytes) { vitrine::data::load_case(FileInMemory(bytes).path()); }

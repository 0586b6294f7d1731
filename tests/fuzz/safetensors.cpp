// safetensors files.
#include "vitrine/data/safetensors.h"

#include "fuzz.h"

void read(const Bytes& bytes) { vitrine::data::load_safetensors(FileInMemory(bytes).path()); }

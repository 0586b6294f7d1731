// Checkpoints.
#include "vitrine/data/checkpoint.h"

#include "fuzz.h"

void read(const Bytes& bytes) { vitrine::data::load_checkpoint(FileInMemory(bytes).path()); }

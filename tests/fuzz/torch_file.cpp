// The pickle of torch.save and its tensors. The archive around them has a target of its own.
#include "vitrine/data/torch_file.h"

#include "fuzz.h"

void read(const Bytes& bytes) {
    const Bytes storage(64, 1);
    vitrine::data::tensors_of_torch_files({{"data.pkl", bytes}, {"data/0", storage}, {"data/1", storage}}, "x");
}

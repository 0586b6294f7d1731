// PNG and JPEG files.
#include "vitrine/data/read_image.h"

#include "fuzz.h"

void read(const Bytes& bytes) { vitrine::data::decode_image(bytes, "x", {.channels = 3, .max_pixels = 1 << 16}); }

#include "text_streams.h"

#include <algorithm>
#include <string>

namespace vt = vitrine;

TextStreams::TextStreams(const vt::Tensor& ids, std::int64_t batch, std::int64_t length, vt::Device device)
    : length_(length), steps_((ids.size(0) - 1) / batch) {
    if (steps_ < 1)
        throw vt::Error("the text has " + std::to_string(ids.size(0)) + " characters here; " + std::to_string(batch) +
                        " streams need " + std::to_string(batch + 1) + " or more (see --batch)");
    const auto streams = [&](std::int64_t first) {
        const vt::Tensor piece = ids.slice(0, first, first + steps_ * batch);
        return piece.reshape({batch, steps_}).transpose(0, 1).contiguous().to(device);
    };
    x_ = streams(0), y_ = streams(1);
}

TextWindow TextStreams::get(std::int64_t i) const {
    const std::int64_t begin = i * length_, end = std::min(begin + length_, steps_);
    return {x_.slice(0, begin, end), y_.slice(0, begin, end)};
}

// A text cut for truncated backpropagation through time.
#pragma once

#include <cstdint>
#include <span>

#include <vitrine/vitrine.h>

/// What goes in and what should come out: ids (T, B), and the same one character later.
struct TextWindow {
    vitrine::Tensor x, y;
};

/// A text of L + 1 characters as `batch` streams side by side, each a piece of L / batch characters. Windows of
/// `length` steps follow on each other in every stream, so that the state behind one is the state before the next:
///
///     stream 0   T h e   q u i | c k   b r o | w n ...
///     stream 1   f o x   j u m | p s   o v e | r   ...
///                window 0      | window 1    |
///
/// As a data set an example is a window; a DataLoader hands them out one by one. The last may be shorter, and fewer
/// than `batch` characters at the end of the text are left out.
class TextStreams {
public:
    /// ids (L + 1) i64. Throws Error when a stream would be empty.
    TextStreams(const vitrine::Tensor& ids, std::int64_t batch, std::int64_t length, vitrine::Device device);

    std::int64_t size() const { return (steps_ + length_ - 1) / length_; }
    TextWindow get(std::int64_t i) const;  ///< views
    TextWindow get_batch(std::span<const std::int64_t> one) const { return get(one[0]); }

private:
    std::int64_t length_, steps_;
    vitrine::Tensor x_, y_;  // (steps, batch)
};

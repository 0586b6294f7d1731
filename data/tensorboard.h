// Event files that TensorBoard shows: numbers over time, pictures, histograms, text.
//
// A file is a row of TFRecords (https://www.tensorflow.org/tutorials/load_data/tfrecord), each an Event message in
// protobuf's encoding (tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto):
//
//     8 bytes       N, little-endian
//     4 bytes       masked CRC-32C of those 8
//     N bytes       the Event
//     4 bytes       masked CRC-32C of those N
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "png.h"
#include "vitrine/core/tensor.h"

namespace vitrine::data {

/// CRC-32C (Castagnoli, RFC 3720) of the bytes.
std::uint32_t crc32c(std::string_view bytes);

struct TensorBoardOptions {
    /// >= 0: TensorBoard forgets what earlier files of the folder say of this step and later ones. For a run that goes
    /// on from a checkpoint.
    std::int64_t purge_step = -1;
};

/// Writes one new file `folder`/events.out.tfevents.TIME.HOST.PROCESS.N. Each call below appends one record with one
/// write: who reads the file sees whole records, and a killed program loses none that was written.
class TensorBoardWriter {
public:
    /// Makes the folder when it is missing. Throws IoError when that or the file cannot be made.
    explicit TensorBoardWriter(const std::string& folder, TensorBoardOptions options = {}, Site site = Site::here());
    ~TensorBoardWriter();
    TensorBoardWriter(const TensorBoardWriter&) = delete;
    TensorBoardWriter& operator=(const TensorBoardWriter&) = delete;

    /// Each throws Error for an empty tag, and IoError when the disk is full; the file then ends as it did before.
    void scalar(const std::string& tag, double value, std::int64_t step, Site site = Site::here());
    /// Throws Error as write_png does.
    void image(const std::string& tag, const Image& image, std::int64_t step, Site site = Site::here());
    /// How often the elements of x fall into each of `bins` intervals of one width between the smallest and the
    /// largest. Throws Error unless x has elements, all are finite, and 1 <= bins <= 10000.
    void histogram(const std::string& tag, const Tensor& x, std::int64_t step, std::int64_t bins = 30,
                   Site site = Site::here());
    /// Shown as Markdown.
    void text(const std::string& tag, std::string_view text, std::int64_t step, Site site = Site::here());

    const std::string& path() const { return path_; }

private:
    void summary(const char* function, std::string_view value, std::int64_t step, Site site);
    void append(std::string_view event);

    std::string path_;
    int descriptor_ = -1;
};

}  // namespace vitrine::data

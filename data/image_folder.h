// Pictures in folders: one folder for each class.
#pragma once

#include <string>
#include <vector>

#include "dataset.h"

namespace vitrine::data {

struct ImageFolderOptions {
    std::int64_t channels = 3;             ///< every picture becomes grey (1) or coloured (3)
    DType dtype = DType::f32;              ///< f32 in [0, 1], or u8 as it is
    std::int64_t max_pixels = 50'000'000;  ///< larger pictures are refused
};

/// FOLDER/CLASS/PICTURE.png, .jpg or .jpeg (in any case). Classes are numbered in the order of their names, pictures
/// follow each other in the order of their paths; other files, and names that begin with a dot, are passed over.
/// Example i is x (channels, height, width), read from its file when asked for, and y () i64, the number of its class.
/// A DataLoader wants pictures of one size.
class ImageFolder {
public:
    /// Lists the files and opens none. Throws IoError when the folder cannot be read, has no folders or no pictures;
    /// Error for channels that are neither 1 nor 3, a dtype that is neither f32 nor u8, and max_pixels below 1.
    explicit ImageFolder(const std::string& folder, ImageFolderOptions options = {}, Site site = Site::here());

    std::int64_t size() const { return static_cast<std::int64_t>(pictures_.size()); }
    const std::vector<std::string>& class_names() const { return classes_; }
    /// The path of picture i. Throws Error unless 0 <= i < size().
    const std::string& path(std::int64_t i, Site site = Site::here()) const;
    /// Throws Error unless 0 <= i < size(); IoError when the file is no picture, or a bomb.
    Example get(std::int64_t i, Site site = Site::here()) const;

private:
    struct Picture {
        std::string path;
        std::int64_t label;
    };
    ImageFolderOptions options_;
    std::vector<std::string> classes_;
    std::vector<Picture> pictures_;
};

}  // namespace vitrine::data

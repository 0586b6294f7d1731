#include "image_folder.h"

#include <algorithm>
#include <filesystem>

#include "located.h"
#include "read_image.h"
#include "vitrine/core/operand.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine::data {
namespace {

namespace fs = std::filesystem;

bool is_picture(const fs::path& path) {
    std::string ending = path.extension().string();
    for (char& c : ending) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return ending == ".png" || ending == ".jpg" || ending == ".jpeg";
}

/// What is in a folder, in the order of names, without what begins with a dot.
std::vector<fs::path> list(const fs::path& folder) {
    std::vector<fs::path> paths;
    std::error_code error;
    fs::directory_iterator at(folder, error);
    for (; !error && at != fs::directory_iterator(); at.increment(error))
        if (!at->path().filename().string().starts_with('.')) paths.push_back(at->path());
    if (error) throw IoError(join(folder.string(), ": cannot be read: ", error.message()));
    std::ranges::sort(paths);
    return paths;
}

}  // namespace

ImageFolder::ImageFolder(const std::string& folder, ImageFolderOptions options, Site site) : options_(options) {
    const Call call("ImageFolder", site);
    call.check(options.channels == 1 || options.channels == 3, "channels ", options.channels, "; allowed are 1 and 3");
    call.check(options.dtype == DType::f32 || options.dtype == DType::u8, "dtype ", options.dtype,
               "; allowed are f32 and u8");
    call.check(options.max_pixels >= 1, "max_pixels ", options.max_pixels, "; allowed are numbers from 1");
    located(call.op(), site, [&] {
        for (const fs::path& path : list(folder)) {
            if (!fs::is_directory(path)) continue;
            for (const fs::path& file : list(path))
                if (is_picture(file)) pictures_.push_back({file.string(), static_cast<std::int64_t>(classes_.size())});
            classes_.push_back(path.filename().string());
        }
        if (pictures_.empty())
            throw IoError(join(folder, ": no pictures; needed are FOLDER/CLASS/PICTURE.png, .jpg or .jpeg"));
    });
}

const std::string& ImageFolder::path(std::int64_t i, Site site) const {
    Call("ImageFolder", site)
        .check(i >= 0 && i < size(), "picture ", i, " of ", size(), "; allowed are 0 to ", size() - 1);
    return pictures_[static_cast<std::size_t>(i)].path;
}

Example ImageFolder::get(std::int64_t i, Site site) const {
    const std::string& file = path(i, site);
    const Image image = located("ImageFolder", site, [&] {
        constexpr std::uint64_t max_file_bytes = std::uint64_t{256} << 20;
        return decode_image(read_file(file, max_file_bytes), file, {options_.channels, options_.max_pixels});
    });
    const Example example{to_tensor(image, options_.dtype, site), empty({}, {.dtype = DType::i64}, site)};
    *example.y.data<std::int64_t>() = pictures_[static_cast<std::size_t>(i)].label;
    return example;
}

}  // namespace vitrine::data

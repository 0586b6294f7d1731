// Private to data: where in a folder CIFAR's records are.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "labelled_images.h"

namespace vitrine::data {

/// The official names of one of the two data sets.
struct CifarFiles {
    std::string_view archive, folder;               ///< the archive and the folder inside it
    std::span<const std::string_view> train, test;  ///< the files of each half
};

inline constexpr std::string_view cifar10_train[] = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                                     "data_batch_4.bin", "data_batch_5.bin"};
inline constexpr std::string_view cifar10_test[] = {"test_batch.bin"};
inline constexpr std::string_view cifar100_train[] = {"train.bin"}, cifar100_test[] = {"test.bin"};
inline constexpr CifarFiles cifar10_files{"cifar-10-binary.tar.gz", "cifar-10-batches-bin", cifar10_train,
                                          cifar10_test};
inline constexpr CifarFiles cifar100_files{"cifar-100-binary.tar.gz", "cifar-100-binary", cifar100_train,
                                           cifar100_test};

/// A file's path and contents, unpacked.
struct NamedBytes {
    std::string path;
    Bytes bytes;
};

/// The files of one half: those of the official names, which must be complete, in the folder, in the archive's folder
/// or in the archive; else the one file that is named train*.bin or test*.bin; all with .gz behind or not. Throws
/// IoError when there is none, or several.
std::vector<NamedBytes> read_cifar_files(const std::string& folder, const CifarFiles& files, Split split);

/// What read_cifar_files would not find for one of the halves; empty when all is there.
std::string missing_cifar_files(const std::string& folder, const CifarFiles& files);

}  // namespace vitrine::data

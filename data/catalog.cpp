#include "catalog.h"

#include <algorithm>
#include <span>

#include "cifar_files.h"
#include "vitrine/core/operand.h"

namespace vitrine::data {
namespace {

/// A file's name, size and SHA-256.
struct Facts {
    const char* name;
    std::uint64_t bytes;
    const char* sha256;
};

// The four files of MNIST, compressed as Y. LeCun's site had them.
constexpr Facts mnist_facts[] = {
    {"train-images-idx3-ubyte.gz", 9'912'422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
    {"train-labels-idx1-ubyte.gz", 28'881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
    {"t10k-images-idx3-ubyte.gz", 1'648'877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
    {"t10k-labels-idx1-ubyte.gz", 4'542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"},
};

constexpr Facts fashion_facts[] = {
    {"train-images-idx3-ubyte.gz", 26'421'880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"},
    {"train-labels-idx1-ubyte.gz", 29'515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"},
    {"t10k-images-idx3-ubyte.gz", 4'422'102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"},
    {"t10k-labels-idx1-ubyte.gz", 5'148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"},
};

/// Each file at each mirror under its own name.
std::vector<RemoteFile> files_at(std::span<const Facts> facts, const std::vector<std::string>& mirrors) {
    std::vector<RemoteFile> files;
    for (const Facts& file : facts) {
        std::vector<std::string> urls;
        for (const std::string& mirror : mirrors) urls.push_back(mirror + file.name);
        files.push_back({file.name, file.sha256, file.bytes, std::move(urls)});
    }
    return files;
}

DataSetFiles cifar(const char* name, const CifarFiles& names, const Facts& archive,
                   const std::vector<std::string>& mirrors) {
    return {name, files_at({&archive, 1}, mirrors), "data::Shapes",
            [names](const std::string& folder) { return missing_cifar_files(folder, names); }};
}

std::vector<DataSetFiles> all() {
    return {
        {"mnist",
         files_at(mnist_facts, {"https://ossci-datasets.s3.amazonaws.com/mnist/",
                                "https://storage.googleapis.com/cvdf-datasets/mnist/"}),
         "data::Digits"},
        {"fashion_mnist",
         files_at(fashion_facts,
                  {"https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
                   "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"}),
         "data::Digits"},
        cifar(
            "cifar10", cifar10_files,
            {"cifar-10-binary.tar.gz", 170'052'171, "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"},
            {"https://www.cs.toronto.edu/~kriz/",
             "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/",
             "https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/"}),
        cifar("cifar100", cifar100_files,
              {"cifar-100-binary.tar.gz", 168'513'733,
               "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec"},
              {"https://www.cs.toronto.edu/~kriz/",
               "https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/"}),
        {"tinyshakespeare",
         {{"input.txt",
           "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
           1'115'394,
           {"https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
            "https://storage.googleapis.com/download.tensorflow.org/data/shakespeare.txt"}}},
         "data::grammar_text"},
    };
}

}  // namespace

const DataSetFiles& catalog(std::string_view name, Site site) {
    static const std::vector<DataSetFiles> sets = all();
    const auto found = std::ranges::find(sets, name, &DataSetFiles::name);
    std::string known;
    for (const DataSetFiles& set : sets) known += (known.empty() ? "" : ", ") + set.name;
    Call("catalog", site).check(found != sets.end(), "data set \"", name, "\"; known are ", known);
    return *found;
}

}  // namespace vitrine::data

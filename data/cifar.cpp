#include "cifar.h"

#include "cifar_files.h"
#include "cifar_records.h"
#include "located.h"

namespace vitrine::data {
namespace {

using Names = std::string_view;

constexpr Names classes_of_10[] = {"airplane", "automobile", "bird",  "cat",  "deer",
                                   "dog",      "frog",       "horse", "ship", "truck"};

constexpr Names classes_of_100[] = {
    "apple",      "aquarium_fish", "baby",         "bear",       "beaver",      "bed",         "bee",
    "beetle",     "bicycle",       "bottle",       "bowl",       "boy",         "bridge",      "bus",
    "butterfly",  "camel",         "can",          "castle",     "caterpillar", "cattle",      "chair",
    "chimpanzee", "clock",         "cloud",        "cockroach",  "couch",       "crab",        "crocodile",
    "cup",        "dinosaur",      "dolphin",      "elephant",   "flatfish",    "forest",      "fox",
    "girl",       "hamster",       "house",        "kangaroo",   "keyboard",    "lamp",        "lawn_mower",
    "leopard",    "lion",          "lizard",       "lobster",    "man",         "maple_tree",  "motorcycle",
    "mountain",   "mouse",         "mushroom",     "oak_tree",   "orange",      "orchid",      "otter",
    "palm_tree",  "pear",          "pickup_truck", "pine_tree",  "plain",       "plate",       "poppy",
    "porcupine",  "possum",        "rabbit",       "raccoon",    "ray",         "road",        "rocket",
    "rose",       "sea",           "seal",         "shark",      "shrew",       "skunk",       "skyscraper",
    "snail",      "snake",         "spider",       "squirrel",   "streetcar",   "sunflower",   "sweet_pepper",
    "table",      "tank",          "telephone",    "television", "tiger",       "tractor",     "train",
    "trout",      "tulip",         "turtle",       "wardrobe",   "whale",       "willow_tree", "wolf",
    "woman",      "worm"};

constexpr Names coarse_classes[] = {"aquatic_mammals",
                                    "fish",
                                    "flowers",
                                    "food_containers",
                                    "fruit_and_vegetables",
                                    "household_electrical_devices",
                                    "household_furniture",
                                    "insects",
                                    "large_carnivores",
                                    "large_man-made_outdoor_things",
                                    "large_natural_outdoor_scenes",
                                    "large_omnivores_and_herbivores",
                                    "medium_mammals",
                                    "non-insect_invertebrates",
                                    "people",
                                    "reptiles",
                                    "small_mammals",
                                    "trees",
                                    "vehicles_1",
                                    "vehicles_2"};
static_assert(std::size(classes_of_100) == 100 && std::size(coarse_classes) == 20);

constexpr std::array mean_of_10{0.4914, 0.4822, 0.4465}, std_of_10{0.2470, 0.2435, 0.2616};
constexpr std::array mean_of_100{0.5071, 0.4865, 0.4409}, std_of_100{0.2673, 0.2564, 0.2762};

Pictures read_pictures(const std::string& folder, const CifarFiles& files, Split split, const CifarRecord& record) {
    Pictures pictures;
    for (const NamedBytes& file : read_cifar_files(folder, files, split))
        append_cifar(file.bytes, record, file.path, pictures);
    return pictures;
}

}  // namespace

Cifar10::Cifar10(const std::string& folder, Split split, PictureOptions options, Site site)
    : LabelledImages({"Cifar10", classes_of_10, mean_of_10, std_of_10},
                     located("Cifar10", site,
                             [&] {
                                 return read_pictures(folder, cifar10_files, split, {1, 0, 10});
                             }),
                     options, site) {}

Cifar100::Cifar100(const std::string& folder, Split split, Cifar100Options options, Site site)
    : LabelledImages(
          {"Cifar100", options.coarse ? std::span<const Names>(coarse_classes) : classes_of_100, mean_of_100,
           std_of_100},
          located("Cifar100", site,
                  [&] {
                      const CifarRecord record = options.coarse ? CifarRecord{2, 0, 20} : CifarRecord{2, 1, 100};
                      return read_pictures(folder, cifar100_files, split, record);
                  }),
          {.dtype = options.dtype, .normalise = options.normalise}, site) {}

}  // namespace vitrine::data

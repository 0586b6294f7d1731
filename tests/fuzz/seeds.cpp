// Writes a few good files for every fuzz target, for libFuzzer to begin with: `fuzz_seeds FOLDER` makes FOLDER/TARGET/.
#include <filesystem>
#include <fstream>
#include <iostream>

#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

#include "data/grey_jpeg.h"
#include "vitrine/core/generator.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/pool.h"
#include "vitrine/data/checkpoint.h"
#include "vitrine/data/node_case.h"
#include "vitrine/data/npy.h"
#include "vitrine/data/read_image.h"

namespace {

namespace vt = vitrine;
namespace fs = std::filesystem;

class Seeds {
public:
    explicit Seeds(fs::path folder) : folder_(std::move(folder)) {}

    std::string path(const std::string& target, const std::string& name) const {
        fs::create_directories(folder_ / target);
        return (folder_ / target / name).string();
    }
    void put(const std::string& target, const std::string& name, const std::string& contents) const {
        std::ofstream(path(target, name), std::ios::binary) << contents;
    }

private:
    fs::path folder_;
};

std::string gzipped(const std::string& text) {
    z_stream z{};
    deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string packed(deflateBound(&z, text.size()) + 32, '\0');
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    z.avail_in = static_cast<uInt>(text.size());
    z.next_out = reinterpret_cast<Bytef*>(packed.data());
    z.avail_out = static_cast<uInt>(packed.size());
    deflate(&z, Z_FINISH);
    packed.resize(z.total_out);
    deflateEnd(&z);
    return packed;
}

std::string archive_of(const std::string& contents, bool zip) {
    std::string bytes(1 << 16, '\0');
    std::size_t used = 0;
    archive* writer = archive_write_new();
    zip ? archive_write_set_format_zip(writer) : archive_write_set_format_pax_restricted(writer);
    archive_write_open_memory(writer, bytes.data(), bytes.size(), &used);
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, "folder/name");
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<std::int64_t>(contents.size()));
    archive_write_header(writer, entry);
    archive_write_data(writer, contents.data(), contents.size());
    archive_entry_free(entry);
    archive_write_close(writer);
    archive_write_free(writer);
    return bytes.substr(0, used);
}

void write_images(const Seeds& seeds) {
    const vt::data::Bytes pixels(3 * 5 * 3, 200);
    for (const char* target : {"image", "unchecked_image"}) {
        vt::data::write_png(seeds.path(target, "grey.png"), {5, 3, 1, {pixels.begin(), pixels.begin() + 15}});
        vt::data::write_png(seeds.path(target, "colour.png"), {5, 3, 3, pixels});
        seeds.put(target, "grey.jpeg", {grey_jpeg.begin(), grey_jpeg.end()});
    }
}

void write_tensors(const Seeds& seeds) {
    const vt::data::NamedTensors tensors{{"a", vt::arange(0, 6).reshape({2, 3})}, {"b.c", vt::zeros({0, 2})}};
    vt::data::save_npy(seeds.path("npy", "i64.npy"), tensors.at("a"));
    vt::data::save_npy(seeds.path("npy", "bool.npy"), vt::zeros({3}).to(vt::DType::boolean));
    vt::data::save_npz(seeds.path("npz", "two.npz"), tensors);
    vt::data::save_safetensors(seeds.path("safetensors", "two"), tensors, {{"key", "value"}});
    const vt::Tensor image = vt::ones({1, 2, 2, 2}, {.requires_grad = true});
    const vt::KeepValues keep;
    vt::data::export_case(max_pool2d(image, 2).node(), seeds.path("safetensors", "case"));
    vt::data::Checkpoint checkpoint;
    checkpoint.model = tensors;
    vt::data::save_checkpoint(seeds.path("checkpoint", "one"), checkpoint);
}

// {"w": a tensor (2, 3)}, as torch.save writes it.
std::string torch_pickle() {
    const auto text = [](const std::string& t) {
        return std::string("X") + static_cast<char>(t.size()) + std::string(3, '\0') + t;
    };
    const std::string storage = "(" + text("storage") + "ctorch\nFloatStorage\n" + text("0") + text("cpu") + "K\x10tQ";
    const std::string sizes = std::string("K\0K\x02K\x03\x86K\x03K\x01\x86\x89}", 13);
    return "\x80\x02}" + text("w") + "ctorch._utils\n_rebuild_tensor_v2\n(" + storage + sizes + "tRs.";
}

void write_all(const Seeds& seeds) {
    const std::string idx("\0\0\x08\x01\0\0\0\x02xy", 10);
    seeds.put("idx", "two", idx);
    seeds.put("gzip", "short", gzipped(idx));
    seeds.put("gzip", "twice", gzipped(idx) + gzipped(std::string(5000, 'x')));
    const std::string tar = archive_of("contents", false);
    seeds.put("archive", "tar", tar);
    seeds.put("archive", "tar.gz", gzipped(tar));
    seeds.put("archive", "zip", archive_of("contents", true));
    seeds.put("csv", "plain", std::string("\0a,b\n1,2.5\n-3e4,\"5\"\n", 20));
    seeds.put("csv", "tabs",
              "\x03"
              "1\t2\n3\t4\n");
    seeds.put("torch_file", "one", torch_pickle());
    seeds.put("cifar", "one", "\x01" + std::string(3073, '\x05'));
    seeds.put("cifar", "hundred", "\x02" + std::string(2 * 3074, '\x13'));
    seeds.put("tokenizer", "utf8", "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    write_images(seeds);
    write_tensors(seeds);
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::cerr << "usage: fuzz_seeds FOLDER\n";
        return 2;
    }
    write_all(Seeds(arguments[1]));
    return 0;
}

#include <exception>
#include <memory>

#include <archive.h>
#include <archive_entry.h>

#include "file_writer.h"
#include "located.h"
#include "npy.h"
#include "npy_header.h"
#include "read_archive.h"
#include "vitrine/core/operand.h"
#include "vitrine/core/tensor_impl.h"

namespace vitrine::data {
namespace {

constexpr std::uint64_t max_bytes = std::uint64_t{1} << 32;
constexpr std::string_view suffix = ".npy";

/// A zip that goes to a FileWriter.
class ZipWriter {
public:
    explicit ZipWriter(const std::string& path) : path_(path), file_(path) {
        archive_write_set_format_zip(zip_.get());
        archive_write_zip_set_compression_store(zip_.get());
        check(archive_write_open(zip_.get(), this, nullptr, &ZipWriter::write, nullptr));
    }
    /// A file of `bytes` bytes, which append() then gives.
    void begin(const std::string& name, std::uint64_t bytes) {
        const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(), archive_entry_free);
        archive_entry_set_pathname_utf8(entry.get(), name.c_str());
        archive_entry_set_filetype(entry.get(), AE_IFREG);
        archive_entry_set_perm(entry.get(), 0644);
        archive_entry_set_size(entry.get(), static_cast<std::int64_t>(bytes));
        archive_entry_set_mtime(entry.get(), 315532800, 0);  // 1980, zip's oldest: equal tensors give equal files
        check(archive_write_header(zip_.get(), entry.get()));
    }
    void append(const void* from, std::size_t bytes) {
        if (bytes > 0) check(archive_write_data(zip_.get(), from, bytes));
    }
    void commit() {
        check(archive_write_close(zip_.get()));
        file_.commit();
    }

private:
    static la_ssize_t write(archive*, void* self, const void* from, std::size_t bytes) {
        auto* zip = static_cast<ZipWriter*>(self);
        try {
            if (!zip->thrown_) zip->file_.write(from, bytes);
        } catch (...) {
            zip->thrown_ = std::current_exception();
        }
        return zip->thrown_ ? -1 : static_cast<la_ssize_t>(bytes);
    }
    void check(la_ssize_t status) {
        if (thrown_) std::rethrow_exception(thrown_);
        if (status < 0) throw IoError(join(path_, ": cannot be written: ", archive_error_string(zip_.get())));
    }

    std::string path_;
    std::exception_ptr thrown_;
    FileWriter file_;
    std::unique_ptr<archive, int (*)(archive*)> zip_{archive_write_new(), archive_write_free};
};

void check_names(const Call& call, const NamedTensors& tensors) {
    for (const auto& [name, x] : tensors) {
        call.check(is_safe_path(name), "the name \"", name, "\"; allowed are relative paths without \"..\"");
        call.check(x.defined(), "tensor \"", name, "\" is undefined");
        call.check(x.dtype() != DType::bf16, "tensor \"", name, "\" is bf16, which NumPy lacks; cast it to f32");
    }
}

}  // namespace

void save_npz(const std::string& path, const NamedTensors& tensors, Site site) {
    const Call call("save_npz", site);
    check_names(call, tensors);
    located(call.op(), site, [&] {
        ZipWriter zip(path);
        for (const auto& [name, x] : tensors) {
            const Tensor host = x.detach().to(Device::cpu).contiguous();
            const std::string header = serialize_npy_header(x.dtype(), {x.shape().begin(), x.shape().end()});
            const std::size_t bytes = static_cast<std::size_t>(host.numel()) * element_size(host.dtype());
            zip.begin(name + std::string(suffix), header.size() + bytes);
            zip.append(header.data(), header.size());
            zip.append(host.impl()->data(), bytes);
        }
        zip.commit();
    });
}

NamedTensors parse_npz(Bytes file, const std::string& path) {
    NamedTensors tensors;
    const auto wanted = [](const std::string&) { return true; };
    for (ArchiveFile& part : read_archive(std::move(file), path, wanted, {.bytes = max_bytes})) {
        const std::string where = join(path, ": ", part.name);
        if (!part.name.ends_with(suffix)) throw IoError(join(where, " is no npy file"));
        tensors.emplace(part.name.substr(0, part.name.size() - suffix.size()), parse_npy(part.bytes, where));
        part.bytes = {};
    }
    return tensors;
}

NamedTensors load_npz(const std::string& path, Site site) {
    return located("load_npz", site, [&] { return parse_npz(read_file(path, max_bytes), path); });
}

}  // namespace vitrine::data

#include "read_archive.h"

#include <algorithm>
#include <memory>
#include <set>

#include <archive.h>
#include <archive_entry.h>

#include "vitrine/kernels/base/error.h"

namespace vitrine::data {
namespace {

using Reader = std::unique_ptr<::archive, int (*)(::archive*)>;

[[noreturn]] void fail(::archive* reader, const std::string& path) {
    const char* text = archive_error_string(reader);
    throw IoError(join(path, ": cannot be unpacked: ", text ? text : "the archive is damaged"));
}

Reader open_archive(const Bytes& bytes, const std::string& path) {
    Reader reader(archive_read_new(), archive_read_free);
    if (!reader) throw IoError(join(path, ": libarchive could not start"));
    archive_read_support_format_tar(reader.get());
    archive_read_support_format_zip(reader.get());
    if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) fail(reader.get(), path);
    return reader;
}

/// Throws unless the entry is a file or a folder of a harmless name. Returns the name.
std::string checked_name(archive_entry* entry, const std::string& path) {
    const char* name = archive_entry_pathname_utf8(entry);
    if (!name) name = archive_entry_pathname(entry);  // another encoding: the bytes as they are
    if (!name) throw IoError(join(path, ": holds a name that cannot be read"));
    if (!is_safe_path(name))
        throw IoError(join(path, ": holds the name \"", name, "\"; allowed are relative paths without \"..\""));
    const auto type = archive_entry_filetype(entry);
    if (archive_entry_hardlink(entry) || archive_entry_symlink(entry) || (type != AE_IFREG && type != AE_IFDIR))
        throw IoError(join(path, ": ", name, " is neither a file nor a folder; links and devices are refused"));
    if (archive_entry_is_encrypted(entry)) throw IoError(join(path, ": ", name, " is encrypted"));
    return name;
}

/// Unpacks the entry that the reader stands at. `left` bytes are allowed and counted down. What the header says of the
/// size is not believed.
Bytes unpack(::archive* reader, bool keep, std::uint64_t& left, const std::string& path) {
    Bytes bytes;
    const void* block = nullptr;
    std::size_t size = 0;
    std::int64_t at = 0;
    for (int status; (status = archive_read_data_block(reader, &block, &size, &at)) != ARCHIVE_EOF;) {
        if (status != ARCHIVE_OK) fail(reader, path);
        if (size > left) throw IoError(join(path, ": unpacks to more bytes than are allowed"));
        left -= size;
        if (!keep) continue;
        if (static_cast<std::uint64_t>(at) != bytes.size()) throw IoError(join(path, ": holds a file with holes"));
        const auto* from = static_cast<const std::uint8_t*>(block);
        bytes.insert(bytes.end(), from, from + size);
    }
    return bytes;
}

}  // namespace

bool is_safe_path(const std::string& name) {
    if (name.empty() || name.front() == '/' || name.find('\\') != std::string::npos) return false;
    for (std::size_t begin = 0; begin <= name.size();) {
        const std::size_t end = std::min(name.find('/', begin), name.size());
        if (name.substr(begin, end - begin) == "..") return false;
        begin = end + 1;
    }
    return true;
}

std::vector<ArchiveFile> read_archive(Bytes archive, const std::string& path,
                                      const std::function<bool(const std::string&)>& wanted,
                                      const ArchiveLimits& limits) {
    // Not left to libarchive, which does not look at gzip's checksum.
    constexpr std::uint64_t header_bytes = 2048;
    if (begins_as_gzip(archive))
        archive =
            unpack_gzip(archive, limits.bytes + header_bytes * static_cast<std::uint64_t>(limits.files + 2), path);
    const Reader reader = open_archive(archive, path);
    std::vector<ArchiveFile> files;
    std::set<std::string> seen;
    std::uint64_t left = limits.bytes;
    std::int64_t count = 0;
    archive_entry* entry = nullptr;
    for (int status; (status = archive_read_next_header(reader.get(), &entry)) != ARCHIVE_EOF;) {
        if (status != ARCHIVE_OK) fail(reader.get(), path);
        if (++count > limits.files) throw IoError(join(path, ": holds more than ", limits.files, " files"));
        const std::string name = checked_name(entry, path);
        if (archive_entry_filetype(entry) == AE_IFDIR) continue;
        if (!seen.insert(name).second) throw IoError(join(path, ": holds ", name, " twice"));
        const bool keep = wanted(name);
        Bytes bytes = unpack(reader.get(), keep, left, path);
        if (keep) files.push_back({name, std::move(bytes)});
    }
    return files;
}

}  // namespace vitrine::data

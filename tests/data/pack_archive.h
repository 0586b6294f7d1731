// Archives made by libarchive, with whatever entries a test wants.
#pragma once

#include <string>
#include <vector>

#include <archive.h>
#include <archive_entry.h>

#include "vitrine/data/file.h"

namespace vitrine::testing {

enum class Format { tar_gz, zip };

/// An entry of an archive that is to be made.
struct Entry {
    std::string name, contents;
    unsigned type = AE_IFREG;
    std::string link{};
};

inline data::Bytes pack(const std::vector<Entry>& entries, Format format = Format::tar_gz) {
    data::Bytes bytes(1 << 20);
    std::size_t used = 0;
    archive* writer = archive_write_new();
    if (format == Format::zip) {
        archive_write_set_format_zip(writer);
    } else {
        archive_write_set_format_pax_restricted(writer);
        archive_write_add_filter_gzip(writer);
    }
    archive_write_open_memory(writer, bytes.data(), bytes.size(), &used);
    for (const Entry& e : entries) {
        archive_entry* entry = archive_entry_new();
        archive_entry_set_pathname(entry, e.name.c_str());
        archive_entry_set_filetype(entry, e.type);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, static_cast<std::int64_t>(e.contents.size()));
        if (e.type == AE_IFLNK)
            archive_entry_set_symlink(entry, e.link.c_str());
        else if (!e.link.empty())
            archive_entry_set_hardlink(entry, e.link.c_str());
        archive_write_header(writer, entry);
        archive_write_data(writer, e.contents.data(), e.contents.size());
        archive_entry_free(entry);
    }
    archive_write_close(writer);
    archive_write_free(writer);
    bytes.resize(used);
    return bytes;
}

}  // namespace vitrine::testing

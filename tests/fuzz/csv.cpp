// CSV tables: the first byte chooses the options.
#include "vitrine/data/csv.h"

#include "fuzz.h"

void read(const Bytes& bytes) {
    if (bytes.empty()) return;
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + 1, bytes.size() - 1);
    const auto table =
        vitrine::data::parse_csv(text, "x", {.header = bytes[0] % 2 == 0, .separator = bytes[0] % 4 < 2 ? ',' : '\t'});
    table.categories(table.columns()[0]);
    table.numbers(vitrine::DType::f64);
}

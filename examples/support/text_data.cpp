#include "text_data.h"

#include <vitrine/vitrine.h>

namespace vt = vitrine;

std::string open_text(const std::string& data, std::int64_t characters) {
    if (data == "grammar") return vt::data::grammar_text(characters);
    if (data == "tinyshakespeare") return vt::data::read_text(vt::data::locate(data, {.built_in = "--data grammar"}));
    return vt::data::read_text(data);
}

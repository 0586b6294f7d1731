// Text that is UTF-8, or is not.
#include "fuzz.h"
#include "vitrine/data/text.h"

void read(const Bytes& bytes) {
    const std::string text(bytes.begin(), bytes.end());
    try {
        const vitrine::data::CharTokenizer tokenizer(text);
        if (tokenizer.decode(tokenizer.encode(text)) != text) throw std::logic_error("the text does not come back");
    } catch (const vitrine::Error&) {
    }
}

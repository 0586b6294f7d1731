#include "pickle.h"

#include <algorithm>
#include <bit>
#include <unordered_map>

#include "vitrine/kernels/base/error.h"

namespace vitrine::data {
namespace {

using Kind = PickleValue::Kind;

// Opcodes, by pickletools' names.
enum Opcode : std::uint8_t {
    MARK = '(',
    STOP = '.',
    POP = '0',
    BINFLOAT = 'G',
    BININT = 'J',
    BININT1 = 'K',
    BININT2 = 'M',
    NONE = 'N',
    BINPERSID = 'Q',
    REDUCE = 'R',
    BINUNICODE = 'X',
    EMPTY_LIST = ']',
    APPEND = 'a',
    BUILD = 'b',
    GLOBAL = 'c',
    APPENDS = 'e',
    BINGET = 'h',
    LONG_BINGET = 'j',
    BINPUT = 'q',
    LONG_BINPUT = 'r',
    SETITEM = 's',
    TUPLE = 't',
    SETITEMS = 'u',
    EMPTY_DICT = '}',
    EMPTY_TUPLE = ')',
    PROTO = 0x80,
    TUPLE1 = 0x85,
    TUPLE2 = 0x86,
    TUPLE3 = 0x87,
    NEWTRUE = 0x88,
    NEWFALSE = 0x89,
    LONG1 = 0x8a,
    SHORT_BINUNICODE = 0x8c,
    STACK_GLOBAL = 0x93,
    MEMOIZE = 0x94,
    FRAME = 0x95,
};

class Machine {
public:
    Machine(std::string_view bytes, std::span<const std::string_view> globals, const std::string& path)
        : bytes_(bytes), globals_(globals), path_(path) {}

    Pickle run() {
        for (;;) {
            const auto opcode = static_cast<std::uint8_t>(take(1)[0]);
            if (opcode == STOP) break;
            step(opcode);
        }
        pickle_.root = pop();
        return std::move(pickle_);
    }

private:
    void step(std::uint8_t opcode);

    [[noreturn]] void fail(const std::string& text) const { throw IoError(join(path_, ": ", text)); }
    void need(bool condition, const char* text) const {
        if (!condition) fail(join("its pickle ", text));
    }

    // ---- reading
    std::string_view take(std::uint64_t count) {
        need(count <= bytes_.size() - at_, "ends early");
        at_ += count;
        return bytes_.substr(at_ - count, count);
    }
    std::uint64_t number(int count) {  // little-endian
        std::uint64_t value = 0;
        const std::string_view bytes = take(static_cast<std::uint64_t>(count));
        for (int i = count - 1; i >= 0; --i)
            value = value << 8 | static_cast<std::uint8_t>(bytes[static_cast<std::size_t>(i)]);
        return value;
    }
    std::string_view line() {
        const auto end = bytes_.find('\n', at_);
        need(end != std::string_view::npos, "ends early");
        const std::string_view text = take(end - at_);
        take(1);
        return text;
    }
    std::int64_t long1() {  // two's complement in as many bytes as it takes
        const auto count = static_cast<int>(number(1));
        if (count > 8) fail("its pickle has an integer beyond 64 bits");
        const std::uint64_t value = number(count);
        const bool negative = count > 0 && count < 8 && (value >> (8 * count - 1)) != 0;
        return static_cast<std::int64_t>(negative ? value | ~std::uint64_t{0} << 8 * count : value);
    }
    double big_endian_real() {
        std::uint64_t bits = 0;
        for (const char byte : take(8)) bits = bits << 8 | static_cast<std::uint8_t>(byte);
        return std::bit_cast<double>(bits);
    }

    // ---- the stack
    PickleValue& push(Kind kind) {
        pickle_.values.push_back({.kind = kind});
        stack_.push_back(&pickle_.values.back());
        return pickle_.values.back();
    }
    void push_integer(std::int64_t value) { push(Kind::integer).integer = value; }
    PickleValue* pop() {
        need(stack_.size() > (marks_.empty() ? 0 : marks_.back()), "takes more than it has");
        PickleValue* top = stack_.back();
        stack_.pop_back();
        return top;
    }
    std::vector<const PickleValue*> pop_to_mark() {
        need(!marks_.empty(), "has no mark");
        const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
        const std::vector<const PickleValue*> items(first, stack_.end());
        stack_.erase(first, stack_.end());
        marks_.pop_back();
        return items;
    }
    void append(const std::vector<const PickleValue*>& items, Kind kind) {
        PickleValue* to = pop();
        need(to->kind == kind, "adds to what is no container");
        need(kind != Kind::dict || items.size() % 2 == 0, "has a key without a value");
        to->items.insert(to->items.end(), items.begin(), items.end());
        stack_.push_back(to);
    }
    void tuple(std::size_t count) {
        std::vector<const PickleValue*> items(count);
        for (std::size_t i = count; i-- > 0;) items[i] = pop();
        push(Kind::list).items = std::move(items);
    }
    void remember(std::uint64_t index) {
        PickleValue* top = pop();
        memo_[index] = top;
        stack_.push_back(top);
    }
    void recall(std::uint64_t index) {
        const auto found = memo_.find(index);
        need(found != memo_.end(), "refers to what it has not stored");
        stack_.push_back(found->second);
    }

    // ---- what would run in Python
    void global(const std::string& name) {
        if (std::ranges::find(globals_, name) == globals_.end()) {
            std::string allowed;
            for (const std::string_view one : globals_) allowed += join(allowed.empty() ? "" : ", ", one);
            fail(join("its pickle uses ", name.substr(0, 100), "; allowed are ", allowed));
        }
        push(Kind::global).text = name;
    }
    void call() {
        const PickleValue* arguments = pop();
        const PickleValue* function = pop();
        need(function->kind == Kind::global && arguments->kind == Kind::list, "calls what is no function");
        if (function->text == "collections.OrderedDict" && arguments->items.empty()) {
            push(Kind::dict);
            return;
        }
        PickleValue& made = push(Kind::call);
        made.items = {function};
        made.items.insert(made.items.end(), arguments->items.begin(), arguments->items.end());
    }

    std::string_view bytes_;
    std::span<const std::string_view> globals_;
    const std::string& path_;
    std::size_t at_ = 0;
    Pickle pickle_;
    std::vector<PickleValue*> stack_;
    std::vector<std::size_t> marks_;  // sizes of the stack
    std::unordered_map<std::uint64_t, PickleValue*> memo_;
};

void Machine::step(std::uint8_t opcode) {
    switch (opcode) {
        case PROTO: need(number(1) <= 5, "has a protocol beyond 5"); break;
        case FRAME: number(8); break;
        case MARK: marks_.push_back(stack_.size()); break;
        case POP: pop(); break;
        case NONE: push(Kind::none); break;
        case NEWTRUE: push(Kind::boolean).integer = 1; break;
        case NEWFALSE: push(Kind::boolean); break;
        case BININT: push_integer(static_cast<std::int32_t>(number(4))); break;
        case BININT1: push_integer(static_cast<std::int64_t>(number(1))); break;
        case BININT2: push_integer(static_cast<std::int64_t>(number(2))); break;
        case LONG1: push_integer(long1()); break;
        case BINFLOAT: push(Kind::real).real = big_endian_real(); break;
        case BINUNICODE: push(Kind::text).text = take(number(4)); break;
        case SHORT_BINUNICODE: push(Kind::text).text = take(number(1)); break;
        case EMPTY_LIST:
        case EMPTY_TUPLE: push(Kind::list); break;
        case EMPTY_DICT: push(Kind::dict); break;
        case TUPLE1: tuple(1); break;
        case TUPLE2: tuple(2); break;
        case TUPLE3: tuple(3); break;
        case TUPLE: {
            auto items = pop_to_mark();
            push(Kind::list).items = std::move(items);
            break;
        }
        case APPEND: append({pop()}, Kind::list); break;
        case APPENDS: append(pop_to_mark(), Kind::list); break;
        case SETITEM: {
            const PickleValue* value = pop();
            append({pop(), value}, Kind::dict);
            break;
        }
        case SETITEMS: append(pop_to_mark(), Kind::dict); break;
        case BINPUT: remember(number(1)); break;
        case LONG_BINPUT: remember(number(4)); break;
        case MEMOIZE: remember(memo_.size()); break;
        case BINGET: recall(number(1)); break;
        case LONG_BINGET: recall(number(4)); break;
        case GLOBAL: {
            const std::string module(line());
            global(join(module, ".", line()));
            break;
        }
        case STACK_GLOBAL: {
            const PickleValue *name = pop(), *module = pop();
            need(name->kind == Kind::text && module->kind == Kind::text, "names a function by what is no text");
            global(join(module->text, ".", name->text));
            break;
        }
        case REDUCE: call(); break;
        case BUILD: pop(); break;  // attributes of the value below, such as a state dict's _metadata
        case BINPERSID: {
            const PickleValue* id = pop();
            push(Kind::persistent).items = {id};
            break;
        }
        default: {
            char text[8];
            std::snprintf(text, sizeof text, "0x%02x", opcode);
            fail(join("its pickle has the opcode ", text, ", which data does not need"));
        }
    }
}

}  // namespace

Pickle read_pickle(std::string_view bytes, std::span<const std::string_view> globals, const std::string& path) {
    return Machine(bytes, globals, path).run();
}

}  // namespace vitrine::data
